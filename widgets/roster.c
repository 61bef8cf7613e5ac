#include "config.h"

#include "widgets/roster.h"

#include "base/xalloc.h"
#include "widgets/work.h"

#include <stdlib.h>
#include <string.h>

#define MANY 4000

const enum kind roster_kinds[] = {
    KIND_MEMORY, KIND_UMWELT, KIND_AGENTSERVER, KIND_MORPHEUS, KIND_QUOTA,
    KIND_OBJECTIVE, KIND_MISSION, KIND_DEPLOYMENT, KIND_JOB, KIND_POD,
    KIND_COUNT};

void roster_finish(struct roster *r)
{
    free(r->rows);
    filter_destroy(r->filter);
    *r = (struct roster){0};
}

struct named {
    const char *ns, *name;
    const struct object *object; /* of a mission; else NULL */
    struct roster_row row;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int c = strcmp(x->ns, y->ns);

    return c != 0 ? c : strcmp(x->name, y->name);
}

static int by_queue(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int c = mission_order(x->object, y->object);

    return c != 0 ? c : by_name(a, b);
}

static void add_kind(struct roster *r, const struct store *st, enum kind kind,
                     int64_t now_ms)
{
    uint32_t used = kind_runs(kind) ? st->workloads.used : st->objects.used;
    struct named *found = xcalloc(used + 1, sizeof *found);
    uint32_t n = 0;

    for (uint32_t i = 0; i < used; i++) {
        struct named *to = &found[n];

        if (!store_names(st, kind, i, &to->ns, &to->name) ||
            (kind_runs(kind) && !store_workload(st, i)->known))
            continue;
        r->all++;
        to->row = (struct roster_row){kind, i};
        to->object = kind == KIND_MISSION ? store_object(st, i) : NULL;
        n += r->filter == NULL ||
             filter_match_row(r->filter, st, kind, i, now_ms);
    }
    qsort(found, n, sizeof *found,
          kind == KIND_MISSION ? by_queue : by_name);
    if (r->count + n > r->room) {
        r->room = r->count + n + 64;
        r->rows = xrealloc(r->rows, r->room, sizeof *r->rows);
    }
    for (uint32_t i = 0; i < n; i++)
        r->rows[r->count++] = found[i].row;
    free(found);
}

static void choose(struct roster *r, const struct store *st, uint32_t rank)
{
    r->rank = rank;
    if (rank < r->count)
        target_set(&r->at, st, r->rows[rank].kind, r->rows[rank].slot);
}

/* The selection stays on its row, and on its place when the row has gone. */
static void follow(struct roster *r, const struct store *st)
{
    uint32_t slot = r->at.name[0] ? target_slot(&r->at, st) : SLOT_NONE;

    for (uint32_t i = 0; slot != SLOT_NONE && i < r->count; i++) {
        if (r->rows[i].slot == slot && r->rows[i].kind == r->at.kind) {
            r->rank = i;
            return;
        }
    }
    choose(r, st,
           r->rank < r->count ? r->rank : r->count > 0 ? r->count - 1 : 0);
}

void roster_settle(struct roster *r, const struct store *st, int64_t now_ms)
{
    bool clock = r->filter != NULL && filter_clock(r->filter);
    int64_t age = now_ms - r->made_ms;
    uint64_t gen = 0;

    for (const enum kind *k = roster_kinds; *k != KIND_COUNT; k++)
        gen += st->gen[*k];
    if (r->made_ms != 0 && age >= 0 &&
        ((gen == r->gen && (!clock || age < 1000)) ||
         (r->all > MANY && age < 1000)))
        return;
    r->gen = gen;
    r->made_ms = now_ms;
    r->count = r->all = 0;
    for (const enum kind *k = roster_kinds; *k != KIND_COUNT; k++)
        if (r->only == 0 || r->only == (1u << *k))
            add_kind(r, st, *k, now_ms);
    follow(r, st);
}

void roster_move(struct roster *r, const struct store *st, int by)
{
    int64_t rank = (int64_t)r->rank + by, last = (int64_t)r->count - 1;

    rank = rank > last ? last : rank;
    choose(r, st, (uint32_t)(rank < 0 ? 0 : rank));
}

void roster_show(struct roster *r, unsigned only)
{
    if (r->only != only)
        r->made_ms = 0;
    r->only = only;
}

void roster_set_filter(struct roster *r, struct filter *f)
{
    filter_destroy(r->filter);
    r->filter = f;
    r->made_ms = 0;
}

const struct roster_row *roster_at(const struct roster *r)
{
    return r->rank < r->count ? &r->rows[r->rank] : NULL;
}
