/*
 * Following a table by an id that counts up, so that every row is delivered
 * exactly once though transactions commit in another order than they took
 * their ids. Logic only: the questions are asked by data/pg/follow.h.
 *
 * The window is (low, high]: all up to `low` is settled and never asked for
 * again; `high` is the highest id seen; a bitmap says which ids between were
 * seen. Those that were not are gaps: a row whose transaction is still open,
 * or one that never comes (rolled back, deleted, an id skipped).
 *
 * Each read asks, in one statement and so in one snapshot, for rows above
 * `high`, for rows inside some of the gaps, and for the snapshot's xmin and
 * xmax. All gaps get their turn by sweeps from low to high; the newest ones
 * are asked for in every read besides, since they are filled soonest.
 *
 * When may low pass an id k? When nobody can still commit a row with it:
 *
 *   1. k ≤ the high of some read at time t: k was handed out before t, since
 *      a sequence counts up.
 *   2. nextval() gives k out before the row's transaction has an xid (that
 *      comes with the insert, a moment later). A snapshot taken at t knows
 *      nothing of such a transaction: its xid may be at or above the
 *      snapshot's xmax, and once older ones have ended xmin passes that xmax
 *      while it still runs. So xmax is taken from a snapshot at or after
 *      t + TAIL_GRACE_MS: by then whoever held k has its xid, below that
 *      xmax - or has ended.
 *   3. A later snapshot with xmin ≥ that xmax: they have all ended.
 *   4. The gaps up to there were asked for in that snapshot or a later one,
 *      and answered whole: what was committed was seen.
 *
 * Points (high, t, xmax) wait in a queue; points close to each other are
 * joined into the later one, which only makes it wait longer.
 *
 * What this does not cover: ids taken long before the insert (nextval() by a
 * client, a sequence with CACHE above 1) may come below low. Such rows are
 * not asked for.
 *
 * Bounds  the bitmap holds TAIL_WINDOW_MAX ids (2 MiB), grown as needed; when
 *         the window is wider (a transaction open for an hour under load)
 *         the lowest ids are given up and the gaps among them counted.
 *         TAIL_POINTS_MAX points, TAIL_RANGES_MAX ranges in a read
 * Time    milliseconds that do not jump back, passed in: they need to tell
 *         how long ago an id was seen where transactions get their xids
 * Owner   the caller's struct; tail_finish frees the bitmap
 */
#ifndef DATA_PG_TAIL_H
#define DATA_PG_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#define TAIL_WINDOW_MAX (16 << 20)
#define TAIL_POINTS_MAX 256
#define TAIL_POINT_MS 250
#define TAIL_GRACE_MS 3000
#define TAIL_RANGES_MAX 256
#define TAIL_FRESH_MAX 64 /* of them, the newest */
#define TAIL_ID_MAX (INT64_C(1) << 62) /* ids beyond are not followed */

struct tail_point {
    int64_t high;
    int64_t first_ms, last_ms; /* first and last joined into it */
    uint64_t xmax; /* 0: not taken yet */
    bool ripe;     /* a later xmin reached it */
};

struct tail {
    int64_t low, high;
    uint64_t *seen;  /* a ring of bits by id */
    uint64_t room;   /* ids it holds: a power of two */
    uint64_t seen_count; /* in the window */
    struct tail_point points[TAIL_POINTS_MAX];
    int point_count;
    /* the sweep: ids up to `swept` were asked for since it began */
    int64_t swept;
    int64_t target; /* low gets there when the sweep has passed; 0 none */
    int64_t asked_to, asked_high; /* of the read under way: where its sweep
                                     ends, and what high was */
    /* counted for ever */
    uint64_t delivered, late, again, given_up, below;
};

/* Rows up to `low` are not of interest: 0 for all. */
void tail_init(struct tail *t, int64_t low);
void tail_finish(struct tail *t);
/* Another table under the same name, or ids went back: starts anew. */
void tail_reset(struct tail *t, int64_t low);

/* What the next read asks for: ids above `above`, and in lo[i]…hi[i]. */
struct tail_ask {
    int64_t above;
    int count;
    int64_t lo[TAIL_RANGES_MAX], hi[TAIL_RANGES_MAX]; /* ascending */
};
void tail_ask(struct tail *t, struct tail_ask *ret);

/*
 * A row came. True: it is new, deliver it; *late: its id is below one that
 * was delivered before this read.
 */
bool tail_row(struct tail *t, int64_t id, bool *late);

/*
 * The read ended well. gaps_to: rows inside the gaps are known to be whole
 * up to this id (the last one when a limit cut them; INT64_MAX else).
 */
struct tail_end {
    uint64_t xmin, xmax;
    int64_t gaps_to;
    int64_t sent_ms, got_ms; /* the snapshot was taken in between */
};
void tail_end(struct tail *t, const struct tail_end *e);
/* The read failed: rows that came have come, nothing else is known. */
void tail_failed(struct tail *t);

/* Ids in the window that were not seen. */
uint64_t tail_gaps(const struct tail *t);
/* True: low has reached high, nothing is waited for. */
bool tail_settled(const struct tail *t);

#endif
