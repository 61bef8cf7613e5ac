#include "config.h"

#include "data/view.h"

#include "base/ranked.h"
#include "base/xalloc.h"
#include "data/delay.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct view {
    struct store *st;
    enum kind kind;
    enum view_sort sort;
    struct filter *filter;
    struct ranked list;
    struct slots changed;
    int64_t now_ms;
    int64_t clock_ms; /* when a clock filter was last applied to all */
    bool rebuild;
};

static int by_number(double a, double b)
{
    return a < b ? -1 : a > b;
}

static int by_name(const char *ns_a, const char *a, const char *ns_b,
                   const char *b)
{
    int c = strcmp(a, b);

    return c != 0 ? c : strcmp(ns_a, ns_b);
}

static int compare_agents(const struct view *v, const struct agent *a,
                          const struct agent *b)
{
    int c = 0;

    switch (v->sort) {
    case SORT_ACTIVITY:
        c = by_number(b->act.score, a->act.score);
        break;
    case SORT_STATE:
        c = by_number(b->state, a->state);
        if (c == 0)
            c = by_number(b->act.score, a->act.score);
        break;
    case SORT_TOKENS:
        c = by_number((double)b->act.tokens, (double)a->act.tokens);
        break;
    case SORT_AGE:
        c = by_number((double)a->created_ms, (double)b->created_ms);
        break;
    default:
        break;
    }
    return c != 0 ? c : by_name(a->ns, a->name, b->ns, b->name);
}

static int compare_proposals(const struct view *v, const struct proposal *a,
                             const struct proposal *b)
{
    bool open_a = proposal_open(a), open_b = proposal_open(b);
    int c = 0;

    if (open_a != open_b)
        return open_a ? -1 : 1;
    if (!open_a && v->sort == SORT_COST)
        c = by_number((double)b->decided_ms, (double)a->decided_ms);
    else if (v->sort == SORT_COST)
        c = by_number(delay_cost(b, v->now_ms), delay_cost(a, v->now_ms));
    else if (v->sort == SORT_RISK)
        c = by_number((double)b->risk.total, (double)a->risk.total);
    if (c == 0 && v->sort != SORT_NAME)
        c = by_number((double)a->created_ms, (double)b->created_ms);
    return c != 0 ? c : by_name(a->ns, a->name, b->ns, b->name);
}

static int compare(const void *ctx, uint32_t x, uint32_t y)
{
    const struct view *v = ctx;

    if (v->kind == KIND_AGENT) {
        const struct agent *a = store_agent(v->st, x);
        const struct agent *b = store_agent(v->st, y);

        if (a == NULL || b == NULL)
            return (a == NULL) - (b == NULL);
        return compare_agents(v, a, b);
    }
    if (v->kind == KIND_PROPOSAL) {
        const struct proposal *a = store_proposal(v->st, x);
        const struct proposal *b = store_proposal(v->st, y);

        if (a == NULL || b == NULL)
            return (a == NULL) - (b == NULL);
        return compare_proposals(v, a, b);
    }
    return 0;
}

static bool alive(const struct view *v, uint32_t slot)
{
    return v->kind == KIND_AGENT ? store_agent(v->st, slot) != NULL
                                 : store_proposal(v->st, slot) != NULL;
}

static bool shown(const struct view *v, uint32_t slot)
{
    return alive(v, slot) &&
           (v->filter == NULL ||
            filter_match(v->filter, v->st, slot, v->now_ms));
}

static void on_change(void *arg, enum kind kind, uint32_t slot)
{
    struct view *v = arg;

    if (kind == v->kind)
        slots_add(&v->changed, slot);
}

struct view *view_create(struct store *st, enum kind kind,
                         enum view_sort sort)
{
    struct view *v = xcalloc(1, sizeof *v);

    v->st = st;
    v->kind = kind;
    v->sort = sort;
    v->rebuild = true;
    ranked_init(&v->list, compare, v);
    store_watch(st, on_change, v);
    return v;
}

void view_destroy(struct view *v)
{
    if (v == NULL)
        return;
    store_unwatch(v->st, on_change, v);
    filter_destroy(v->filter);
    ranked_finish(&v->list);
    free(v->changed.at);
    free(v->changed.in);
    free(v);
}

void view_set_filter(struct view *v, struct filter *f)
{
    filter_destroy(v->filter);
    v->filter = f;
    v->rebuild = true;
}

void view_set_sort(struct view *v, enum view_sort sort)
{
    v->sort = sort;
    v->rebuild = true;
}

enum view_sort view_sort(const struct view *v)
{
    return v->sort;
}

enum view_sort view_next_sort(const struct view *v)
{
    static const enum view_sort agents[] = {SORT_ACTIVITY, SORT_STATE,
                                            SORT_TOKENS, SORT_AGE, SORT_NAME};
    static const enum view_sort proposals[] = {SORT_COST, SORT_RISK, SORT_AGE,
                                               SORT_NAME};
    const enum view_sort *order = v->kind == KIND_AGENT ? agents : proposals;
    int n = v->kind == KIND_AGENT ? 5 : 4;

    for (int i = 0; i < n; i++)
        if (order[i] == v->sort)
            return order[(i + 1) % n];
    return order[0];
}

const char *view_sort_name(enum view_sort sort)
{
    static const char *const names[] = {
        "activity", "trouble", "tokens", "cost of delay",
        "risk",     "age",     "name"};

    return names[sort];
}

static const struct view *sorting; /* qsort has no context */

static int compare_slots(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = compare(sorting, x, y);

    return c != 0 ? c : x < y ? -1 : x > y;
}

static void rebuild(struct view *v)
{
    uint32_t used = v->kind == KIND_AGENT ? v->st->agents.used
                                          : v->st->proposals.used;
    uint32_t *slots = xcalloc(used + 1, sizeof *slots), n = 0;

    for (uint32_t i = 0; i < used; i++)
        if (shown(v, i))
            slots[n++] = i;
    sorting = v;
    qsort(slots, n, sizeof *slots, compare_slots);
    ranked_build(&v->list, slots, n);
    free(slots);
    while (slots_take(&v->changed) != SLOT_NONE)
        ;
    v->rebuild = false;
    v->clock_ms = v->now_ms;
}

/* All that changed leaves its place first, then finds its new one. */
static bool move_changed(struct view *v)
{
    uint32_t n = v->changed.count;
    bool any = false;

    for (uint32_t i = 0; i < n; i++)
        any |= ranked_remove(&v->list, v->changed.at[i]);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = v->changed.at[i];

        v->changed.in[slot] = 0;
        if (shown(v, slot)) {
            ranked_insert(&v->list, slot);
            any = true;
        }
    }
    v->changed.count = 0;
    return any;
}

/* Only what came or went; the rest stays noted. */
static bool hold_places(struct view *v)
{
    bool any = false;

    for (uint32_t i = 0; i < v->changed.count; i++) {
        uint32_t slot = v->changed.at[i];

        if (!alive(v, slot)) {
            any |= ranked_remove(&v->list, slot);
        } else if (!ranked_has(&v->list, slot) && shown(v, slot)) {
            ranked_insert(&v->list, slot);
            any = true;
        }
    }
    return any;
}

bool view_settle(struct view *v, int64_t now_ms, bool hold)
{
    v->now_ms = now_ms;
    if (v->filter != NULL && filter_clock(v->filter) && !hold &&
        now_ms - v->clock_ms >= 1000)
        v->rebuild = true;
    if (v->rebuild) {
        rebuild(v);
        return true;
    }
    if (v->changed.count == 0)
        return false;
    return hold ? hold_places(v) : move_changed(v);
}

uint32_t view_count(const struct view *v)
{
    return ranked_count(&v->list);
}

uint32_t view_at(const struct view *v, uint32_t rank)
{
    return ranked_at(&v->list, rank);
}

uint32_t view_rank(const struct view *v, uint32_t slot)
{
    return ranked_rank(&v->list, slot);
}

uint32_t view_next(const struct view *v, uint32_t slot)
{
    return ranked_next(&v->list, slot);
}

uint32_t view_pending(const struct view *v)
{
    return v->changed.count;
}
