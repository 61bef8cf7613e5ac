/*
 * The wall clock. Whatever can be told the time is told it; this is for those
 * who begin something.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970 UTC. It may jump. */
int64_t clock_wall_ms(void);

#endif
