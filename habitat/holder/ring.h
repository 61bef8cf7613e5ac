/*
 * The last bytes of an output, addressed by their offset from its start.
 *
 * room  grows by doubling up to WIRE_RING as it is needed: a silent agent
 *       costs 4 KiB
 */
#ifndef HABITAT_HOLDER_RING_H
#define HABITAT_HOLDER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    char *at;
    size_t room;          /* a power of two */
    uint64_t first, next; /* offsets held: [first, next) */
};

void ring_finish(struct ring *r);
/* The oldest give way. False without memory: nothing is kept. */
bool ring_add(struct ring *r, const char *p, size_t n);
/* Bytes at `from` that lie in one piece; 0 at the end. from >= first. */
size_t ring_peek(const struct ring *r, uint64_t from, const char **ret);

#endif
