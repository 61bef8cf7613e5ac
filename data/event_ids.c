#include "config.h"

#include "data/event_ids.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <stdlib.h>

#define PLACES (2u * EVENT_IDS_MAX)

void event_ids_finish(struct event_ids *s)
{
    free(s->ring);
    free(s->table);
    *s = (struct event_ids){0};
}

/* Where it is, or the free place where it would be. */
static uint32_t place_of(const struct event_ids *s, uint64_t id)
{
    uint32_t at = (uint32_t)id & (PLACES - 1);

    while (s->table[at] != 0 && s->ring[s->table[at] - 1] != id)
        at = (at + 1) & (PLACES - 1);
    return at;
}

/* Takes one out and closes the gap, so that probing still finds the rest. */
static void forget(struct event_ids *s, uint64_t id)
{
    uint32_t hole = place_of(s, id);

    for (uint32_t at = hole;;) {
        uint32_t home;

        at = (at + 1) & (PLACES - 1);
        if (s->table[at] == 0)
            break;
        home = (uint32_t)s->ring[s->table[at] - 1] & (PLACES - 1);
        /* it may move to the hole if its home is not behind it */
        if (((at - home) & (PLACES - 1)) >= ((at - hole) & (PLACES - 1))) {
            s->table[hole] = s->table[at];
            hole = at;
        }
    }
    s->table[hole] = 0;
}

bool event_ids_add(struct event_ids *s, struct span id)
{
    uint64_t h = hash_more(1, id.p, id.n);
    uint32_t at;

    h += h == 0; /* 0 is an empty place of the ring */
    if (s->ring == NULL) {
        s->ring = xcalloc(EVENT_IDS_MAX, sizeof *s->ring);
        s->table = xcalloc(PLACES, sizeof *s->table);
    }
    at = place_of(s, h);
    if (s->table[at] != 0) {
        s->doubles++;
        return false;
    }
    if (s->ring[s->next] != 0) {
        forget(s, s->ring[s->next]);
        at = place_of(s, h);
    }
    s->ring[s->next] = h;
    s->table[at] = s->next + 1;
    s->next = (s->next + 1) & (EVENT_IDS_MAX - 1);
    return true;
}
