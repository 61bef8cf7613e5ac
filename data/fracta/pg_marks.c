#include "config.h"

#include "data/fracta/pg_marks.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static bool same(const void *ctx, uint32_t slot, const void *key)
{
    const struct pg_marks *m = ctx;
    const struct span *name = key;

    return m->at[slot].len == name->n &&
           memcmp(m->at[slot].name, name->p, name->n) == 0;
}

static uint32_t hash(struct span s)
{
    return hash_bytes(s.p, s.n);
}

void pg_marks_init(struct pg_marks *m)
{
    *m = (struct pg_marks){0};
    index_init(&m->names);
}

void pg_marks_finish(struct pg_marks *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        free(m->at[i].name);
    free(m->at);
    index_finish(&m->names);
}

struct pg_mark *pg_marks_find(const struct pg_marks *m, struct span name)
{
    uint32_t slot;

    if (name.n == 0)
        return NULL;
    slot = index_find(&m->names, hash(name), &name, same, m);
    return slot == SLOT_NONE ? NULL : &m->at[slot];
}

static void drop(struct pg_marks *m, uint32_t slot)
{
    struct pg_mark *gone = &m->at[slot], *last = &m->at[--m->count];

    index_remove(&m->names, hash((struct span){gone->name, gone->len}), slot);
    free(gone->name);
    if (gone == last)
        return;
    index_remove(&m->names, hash((struct span){last->name, last->len}),
                 m->count);
    *gone = *last;
    index_add(&m->names, hash((struct span){gone->name, gone->len}), slot);
}

struct pg_mark *pg_marks_make(struct pg_marks *m, struct span name)
{
    struct pg_mark *k = pg_marks_find(m, name);

    if (k != NULL)
        return k;
    if (m->count == PG_MARKS_MAX) {
        pg_marks_finish(m);
        pg_marks_init(m);
    }
    if (m->count == m->room) {
        m->room = m->room ? m->room * 2 : 64;
        m->at = xrealloc(m->at, m->room, sizeof *m->at);
    }
    k = &m->at[m->count];
    *k = (struct pg_mark){.name = xstrndup(name.p, name.n),
                          .len = (uint32_t)name.n};
    index_add(&m->names, hash(name), m->count++);
    return k;
}

void pg_marks_sweep(struct pg_marks *m, uint32_t epoch, int64_t before_ms)
{
    for (uint32_t i = m->count; i-- > 0;)
        if (m->at[i].epoch != epoch && m->at[i].event_ms < before_ms)
            drop(m, i);
}
