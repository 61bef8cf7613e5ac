#include "config.h"

#include "data/pg/tail.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4096

void tail_init(struct tail *t, int64_t low)
{
    *t = (struct tail){.low = low, .high = low, .swept = low};
}

void tail_finish(struct tail *t)
{
    free(t->seen);
    t->seen = NULL;
    t->room = 0;
}

void tail_reset(struct tail *t, int64_t low)
{
    struct tail was = *t;

    tail_finish(t);
    tail_init(t, low);
    t->delivered = was.delivered;
    t->late = was.late;
    t->again = was.again;
    t->given_up = was.given_up;
    t->below = was.below;
}

static uint64_t bit_at(const struct tail *t, int64_t id)
{
    return (uint64_t)id & (t->room - 1);
}

static bool is_seen(const struct tail *t, int64_t id)
{
    uint64_t b = bit_at(t, id);

    return (t->seen[b / 64] >> (b % 64)) & 1;
}

static void clear_bit(struct tail *t, int64_t id)
{
    uint64_t b = bit_at(t, id);

    t->seen[b / 64] &= ~(1ull << (b % 64));
}

/* low moves up to `to`; what lies behind leaves the ring. */
static void move_low(struct tail *t, int64_t to)
{
    while (t->low < to) {
        int64_t id = t->low + 1;
        uint64_t b = bit_at(t, id);

        if (b % 64 == 0 && to - id >= 63) {
            t->seen_count -= (uint64_t)__builtin_popcountll(t->seen[b / 64]);
            t->seen[b / 64] = 0;
            t->low += 64;
        } else {
            t->seen_count -= is_seen(t, id);
            clear_bit(t, id);
            t->low = id;
        }
    }
    if (t->swept < t->low)
        t->swept = t->low;
}

static void drop_points(struct tail *t)
{
    int n = 0;

    while (n < t->point_count && t->points[n].high <= t->low)
        n++;
    t->point_count -= n;
    memmove(t->points, t->points + n,
            (size_t)t->point_count * sizeof *t->points);
}

/* The lowest ids go, so that `high` fits. */
static void give_up(struct tail *t, int64_t high)
{
    int64_t to = high - TAIL_WINDOW_MAX;
    uint64_t before = t->seen_count;
    int64_t kept = to < t->high ? to : t->high;

    if (to <= t->low)
        return;
    if (kept > t->low) {
        uint64_t span = (uint64_t)(kept - t->low);

        move_low(t, kept);
        t->given_up += span - (before - t->seen_count);
    }
    if (to > t->low) { /* ids between that nobody has seen */
        t->given_up += (uint64_t)(to - t->low);
        t->low = t->high = t->swept = to;
    }
    drop_points(t);
    if (t->target <= t->low)
        t->target = 0;
}

static void make_room(struct tail *t, int64_t high)
{
    uint64_t need = (uint64_t)(high - t->low), room = t->room;
    uint64_t *was = t->seen, was_room = t->room;

    if (room == 0)
        room = ROOM_FIRST;
    while (room < need)
        room *= 2;
    if (room == t->room)
        return;
    t->seen = xcalloc(room / 64, sizeof *t->seen);
    t->room = room;
    for (int64_t id = t->low + 1; was_room > 0 && id <= t->high; id++) {
        uint64_t b = (uint64_t)id & (was_room - 1), to = bit_at(t, id);

        if ((was[b / 64] >> (b % 64)) & 1)
            t->seen[to / 64] |= 1ull << (to % 64);
    }
    free(was);
}

bool tail_row(struct tail *t, int64_t id, bool *late)
{
    uint64_t b;

    *late = false;
    if (id <= t->low || id > TAIL_ID_MAX) {
        t->below++; /* was not asked for */
        return false;
    }
    if (id > t->high) {
        give_up(t, id);
        make_room(t, id);
        t->high = id;
    } else if (is_seen(t, id)) {
        t->again++;
        return false;
    } else {
        *late = true;
        t->late++;
    }
    b = bit_at(t, id);
    t->seen[b / 64] |= 1ull << (b % 64);
    t->seen_count++;
    t->delivered++;
    return true;
}

/* The first id from `from` on, at most `to`, that was (not) seen; to + 1. */
static int64_t next_id(const struct tail *t, int64_t from, int64_t to,
                       bool seen)
{
    while (from <= to) {
        uint64_t b = bit_at(t, from);
        uint64_t word = t->seen[b / 64];

        if (!seen)
            word = ~word;
        word >>= b % 64;
        if (word != 0) {
            from += __builtin_ctzll(word);
            return from <= to ? from : to + 1;
        }
        from += (int64_t)(64 - b % 64);
    }
    return to + 1;
}

/* Ranges of ids not seen in from … to; *end: where the last one ends. */
static int ranges(const struct tail *t, int64_t from, int64_t to, int room,
                  int64_t *lo, int64_t *hi, int64_t *end)
{
    int n = 0;

    *end = to;
    while (n < room) {
        int64_t a = next_id(t, from, to, false);

        if (a > to)
            return n;
        hi[n] = next_id(t, a, to, true) - 1;
        lo[n] = a;
        from = hi[n++] + 1;
    }
    if (from <= to)
        *end = from - 1;
    return n;
}

/* The id above which there are at most about TAIL_FRESH_MAX ranges. */
static int64_t fresh_from(const struct tail *t, int64_t behind)
{
    int64_t at = t->high;
    int n = 0;

    /* at most a thousand words are looked at: a long whole run is no gap */
    for (int words = 0; at > behind && n < TAIL_FRESH_MAX / 2 && words < 1024;
         words++) {
        uint64_t b = bit_at(t, at), word = t->seen[b / 64];
        uint64_t edges = word & ~(word << 1);

        n += __builtin_popcountll(edges);
        at -= (int64_t)(b % 64) + 1;
    }
    return at > behind ? at : behind;
}

void tail_ask(struct tail *t, struct tail_ask *ret)
{
    int64_t end;
    int sweep = TAIL_RANGES_MAX - TAIL_FRESH_MAX;

    ret->above = t->high;
    ret->count = 0;
    if (t->swept < t->low)
        t->swept = t->low;
    if (t->swept == t->low) { /* a sweep begins: what may it settle? */
        t->target = 0;
        for (int i = 0; i < t->point_count && t->points[i].ripe; i++)
            t->target = t->points[i].high;
    }
    t->asked_to = t->asked_high = t->high;
    if (t->high == t->low)
        return;
    ret->count = ranges(t, t->swept + 1, t->high, sweep, ret->lo, ret->hi,
                        &t->asked_to);
    if (t->asked_to < t->high)
        ret->count += ranges(t, fresh_from(t, t->asked_to) + 1, t->high,
                             TAIL_RANGES_MAX - ret->count,
                             ret->lo + ret->count, ret->hi + ret->count,
                             &end);
}

static void add_point(struct tail *t, int64_t now)
{
    struct tail_point *p =
        t->point_count > 0 ? &t->points[t->point_count - 1] : NULL;

    if (t->high == (p != NULL ? p->high : t->low))
        return;
    if (p != NULL && ((p->xmax == 0 && now - p->first_ms < TAIL_POINT_MS) ||
                      t->point_count == TAIL_POINTS_MAX)) {
        /* the later of both: it waits for what either waits for */
        p->high = t->high;
        p->last_ms = now;
        p->xmax = 0;
        p->ripe = false;
        return;
    }
    t->points[t->point_count++] = (struct tail_point){
        .high = t->high, .first_ms = now, .last_ms = now};
}

void tail_end(struct tail *t, const struct tail_end *e)
{
    int64_t reached = t->asked_to < e->gaps_to ? t->asked_to : e->gaps_to;

    if (reached > t->swept)
        t->swept = reached;
    if (t->target > t->low && t->swept >= t->target) {
        move_low(t, t->target);
        drop_points(t);
        t->target = 0;
    }
    if (t->swept >= t->asked_high)
        t->swept = t->low; /* all had their turn: the next one begins */
    /* in this order: one snapshot is not both xmax and the later xmin */
    for (int i = 0; i < t->point_count; i++)
        if (t->points[i].xmax != 0 && e->xmin >= t->points[i].xmax)
            t->points[i].ripe = true;
    for (int i = 0; i < t->point_count; i++)
        if (t->points[i].xmax == 0 &&
            e->sent_ms - t->points[i].last_ms >= TAIL_GRACE_MS)
            t->points[i].xmax = e->xmax;
    add_point(t, e->got_ms);
}

void tail_failed(struct tail *t)
{
    t->asked_to = t->swept;
}

uint64_t tail_gaps(const struct tail *t)
{
    return (uint64_t)(t->high - t->low) - t->seen_count;
}

bool tail_settled(const struct tail *t)
{
    return t->low == t->high;
}
