/*
 * Which of the last EVENT_IDS_MAX ids were there already: events that several
 * sources tell are taken once.
 *
 * Ids are kept as 64-bit hashes in order of arrival, the oldest gives way; a
 * false "already there" has a chance of EVENT_IDS_MAX / 2^64. Memory is taken with
 * the first id.
 */
#ifndef DATA_EVENT_IDS_H
#define DATA_EVENT_IDS_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define EVENT_IDS_MAX 16384 /* a power of two */

struct event_ids {
    uint64_t *ring;  /* by arrival */
    uint32_t *table; /* 2 × EVENT_IDS_MAX places: index into ring + 1; 0 free */
    uint32_t next;   /* in the ring */
    uint64_t doubles;
};

void event_ids_finish(struct event_ids *s);
/* True: it is new, and now it is there. */
bool event_ids_add(struct event_ids *s, struct span id);

#endif
