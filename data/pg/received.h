/*
 * Bytes that ever arrived on a TCP socket; 0 for others. Its own file, since
 * the kernel's header that knows this and the C library's exclude each other.
 */
#ifndef DATA_PG_RECEIVED_H
#define DATA_PG_RECEIVED_H

#include <stdint.h>

uint64_t pg_received(int fd);

#endif
