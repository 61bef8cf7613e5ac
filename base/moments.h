/*
 * When single rows must be looked at again: a heap of (moment, row).
 *
 * What reads the clock (quiet, deadlines, ages in filters) returns the
 * moment of its next flip; the row waits here until then. An entry cannot be
 * taken back: the owner notes in the row which moment it waits for, adds only
 * an earlier one, and passes over entries that are not the noted one.
 */
#ifndef BASE_MOMENTS_H
#define BASE_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

#define MOMENT_NEVER INT64_MAX

struct moment {
    int64_t at_ms;
    uint32_t slot;
    uint32_t kind;
};

struct moments {
    struct moment *heap;
    uint32_t count, room;
};

void moments_init(struct moments *m);
void moments_finish(struct moments *m);
void moments_add(struct moments *m, int64_t at_ms, uint32_t kind,
                 uint32_t slot);
/* Takes the earliest out if it is due at now_ms. */
bool moments_due(struct moments *m, int64_t now_ms, struct moment *ret);
/* The earliest moment, MOMENT_NEVER if none. */
int64_t moments_next(const struct moments *m);

#endif
