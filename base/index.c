#include "config.h"

#include "base/index.h"

#include "base/xalloc.h"

#include <assert.h>
#include <stdlib.h>

#define TOMB (SLOT_NONE - 1)

static void fresh(struct index *ix, uint32_t mask)
{
    ix->at = xcalloc((size_t)mask + 1, sizeof *ix->at);
    ix->mask = mask;
    for (uint32_t i = 0; i <= mask; i++)
        ix->at[i].slot = SLOT_NONE;
}

void index_init(struct index *ix)
{
    *ix = (struct index){0};
    fresh(ix, 63);
}

void index_finish(struct index *ix)
{
    free(ix->at);
    *ix = (struct index){0};
}

uint32_t index_find(const struct index *ix, uint32_t hash, const void *key,
                    index_same_fn same, const void *ctx)
{
    for (uint32_t i = hash & ix->mask;; i = (i + 1) & ix->mask) {
        const struct index_entry *e = &ix->at[i];

        if (e->slot == SLOT_NONE)
            return SLOT_NONE;
        if (e->slot != TOMB && e->hash == hash && same(ctx, e->slot, key))
            return e->slot;
    }
}

static void put(struct index *ix, uint32_t hash, uint32_t slot)
{
    uint32_t i = hash & ix->mask;

    while (ix->at[i].slot != SLOT_NONE)
        i = (i + 1) & ix->mask;
    ix->at[i] = (struct index_entry){hash, slot};
}

void index_add(struct index *ix, uint32_t hash, uint32_t slot)
{
    assert(slot < TOMB);
    if ((uint64_t)(ix->filled + 1) * 10 > ((uint64_t)ix->mask + 1) * 7) {
        struct index_entry *old = ix->at;
        uint32_t n = ix->mask;

        fresh(ix, ix->used * 2 > ix->mask ? ix->mask * 2 + 1 : ix->mask);
        for (uint32_t i = 0; i <= n; i++)
            if (old[i].slot < TOMB)
                put(ix, old[i].hash, old[i].slot);
        ix->filled = ix->used;
        free(old);
    }
    put(ix, hash, slot);
    ix->used++;
    ix->filled++;
}

void index_remove(struct index *ix, uint32_t hash, uint32_t slot)
{
    uint32_t i = hash & ix->mask;

    while (ix->at[i].slot != slot) {
        assert(ix->at[i].slot != SLOT_NONE);
        i = (i + 1) & ix->mask;
    }
    ix->at[i].slot = TOMB;
    ix->used--;
}

size_t index_bytes(const struct index *ix)
{
    return ((size_t)ix->mask + 1) * sizeof *ix->at;
}
