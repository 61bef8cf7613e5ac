/*
 * The tail against a made-up server: transactions take ids, later xids, and
 * commit or roll back in any order, at any time; the server crashes. Every
 * committed row is delivered once.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/pg/tail.h"
#include "tests/support/cm.h"

/* ---- single steps -------------------------------------------------------- */

static struct tail t;
static struct tail_ask asked;

static void end(uint64_t xmin, uint64_t xmax, int64_t now)
{
    const struct tail_end e = {.xmin = xmin,
                               .xmax = xmax,
                               .gaps_to = INT64_MAX,
                               .sent_ms = now,
                               .got_ms = now};

    tail_end(&t, &e);
}

static bool row(int64_t id)
{
    bool late;

    return tail_row(&t, id, &late);
}

static void test_gap_is_asked_for(void **state)
{
    bool late;

    (void)state;
    tail_init(&t, 0);
    tail_ask(&t, &asked);
    assert_int_equal(asked.above, 0);
    assert_int_equal(asked.count, 0);
    assert_true(row(1));
    assert_true(row(2));
    assert_true(row(5));
    end(10, 20, 0);
    tail_ask(&t, &asked);
    assert_int_equal(asked.above, 5);
    assert_int_equal(asked.count, 1);
    assert_int_equal(asked.lo[0], 3);
    assert_int_equal(asked.hi[0], 4);
    assert_true(tail_row(&t, 4, &late));
    assert_true(late);
    assert_false(row(4));
    assert_int_equal(t.again, 1);
    end(10, 20, 100);
    tail_ask(&t, &asked);
    assert_int_equal(asked.count, 1);
    assert_int_equal(asked.lo[0], 3);
    assert_int_equal(asked.hi[0], 3);
    tail_finish(&t);
}

/* A read whose snapshot says xmin and xmax; nothing comes. */
static void nothing(uint64_t xmin, uint64_t xmax, int64_t now)
{
    tail_ask(&t, &asked);
    end(xmin, xmax, now);
}

static void test_settles(void **state)
{
    (void)state;
    tail_init(&t, 0);
    tail_ask(&t, &asked);
    row(1);
    row(3);
    end(10, 12, 0);
    nothing(12, 12, 100); /* xmin is past that xmax; the grace is not over */
    nothing(12, 12, TAIL_GRACE_MS - 1);
    assert_int_equal(t.low, 0);
    /* now xmax is taken: whoever held 2 has an xid below 15 */
    nothing(13, 15, TAIL_GRACE_MS + 100);
    nothing(14, 16, TAIL_GRACE_MS + 200);
    nothing(14, 16, TAIL_GRACE_MS + 300);
    assert_int_equal(t.low, 0); /* 14 still runs */
    nothing(15, 17, TAIL_GRACE_MS + 400);
    assert_int_equal(t.low, 0); /* its gaps were not asked for since */
    tail_ask(&t, &asked);
    assert_int_equal(asked.count, 1);
    assert_true(row(2));
    end(15, 17, TAIL_GRACE_MS + 500);
    assert_int_equal(t.low, 3);
    assert_true(tail_settled(&t));
    assert_false(row(2));
    assert_int_equal(t.below, 1);
    tail_finish(&t);
}

/*
 * What the grace is for: an id was handed out, its transaction got its xid
 * only after the snapshot, and runs for an hour.
 */
static void test_id_before_xid(void **state)
{
    (void)state;
    tail_init(&t, 0);
    tail_ask(&t, &asked);
    row(2); /* 1 is held, without an xid */
    end(10, 10, 0);
    /* it gets xid 10 */
    for (int i = 1; i < 100; i++)
        nothing(10, (uint64_t)(11 + i), i * 1000);
    assert_int_equal(t.low, 0);
    tail_ask(&t, &asked);
    assert_true(row(1)); /* it commits */
    end(111, 111, 100000);
    tail_finish(&t);
}

static void test_cut_gaps(void **state)
{
    (void)state;
    tail_init(&t, 0);
    tail_ask(&t, &asked);
    row(100);
    end(10, 10, 0);
    nothing(20, 20, TAIL_GRACE_MS);
    nothing(21, 21, TAIL_GRACE_MS + 10); /* ripe */
    tail_ask(&t, &asked);
    row(1); /* a limit of two: what is behind 2 was not told */
    row(2);
    tail_end(&t, &(struct tail_end){.xmin = 21,
                                    .xmax = 21,
                                    .gaps_to = 2,
                                    .sent_ms = 5000,
                                    .got_ms = 5000});
    assert_int_equal(t.low, 0);
    tail_ask(&t, &asked);
    assert_int_equal(asked.lo[0], 3);
    row(3);
    end(21, 21, 5010);
    assert_int_equal(t.low, 100);
    tail_finish(&t);
}

static void test_overflow(void **state)
{
    const int64_t far = (int64_t)TAIL_WINDOW_MAX + 10;

    (void)state;
    tail_init(&t, 0);
    tail_ask(&t, &asked);
    assert_true(row(1));
    assert_true(row(5));
    assert_true(row(far));
    assert_int_equal(t.low, 10);
    assert_int_equal(t.given_up, 8); /* 2 3 4, 6 … 10 */
    assert_true(row(11));
    assert_false(row(5));
    assert_true(row(far * 3));
    assert_int_equal(t.high, far * 3);
    assert_int_equal(tail_gaps(&t), TAIL_WINDOW_MAX - 1);
    assert_int_equal(t.delivered, 5);
    /* 8, and all that was never seen up to the new low */
    assert_int_equal(t.given_up, far * 3 - TAIL_WINDOW_MAX - 4);
    assert_false(row(INT64_MAX));
    assert_false(row(-1));
    tail_ask(&t, &asked);
    assert_int_equal(asked.count, 1);
    tail_finish(&t);
}

static void test_reset(void **state)
{
    (void)state;
    tail_init(&t, 0);
    row(7);
    tail_reset(&t, 2);
    assert_false(row(2));
    assert_true(row(7));
    assert_int_equal(t.delivered, 2);
    tail_finish(&t);
}

/* Every other id is missing: all gaps get their turn, the newest always. */
static void test_turns(void **state)
{
    static uint8_t turns[4001];

    (void)state;
    tail_init(&t, 0);
    memset(turns, 0, sizeof turns);
    for (int64_t id = 2; id <= 4000; id += 2)
        row(id);
    for (int i = 0; i < 11; i++) {
        tail_ask(&t, &asked);
        assert_true(asked.count <= TAIL_RANGES_MAX);
        for (int k = 0; k < asked.count; k++) {
            assert_true(k == 0 || asked.lo[k] > asked.hi[k - 1]);
            turns[asked.lo[k]]++;
        }
        end(1, 2, i);
    }
    for (int64_t id = 1; id < 4000; id += 2)
        if (turns[id] == 0)
            fail_msg("%d was never asked for", (int)id);
    assert_true(turns[3999] == 11);
    tail_finish(&t);
}

/* ---- a server ------------------------------------------------------------ */

#define IDS_MAX 60000
#define OPEN_MAX 24

struct transaction {
    int64_t ids[8];
    int count;
    uint64_t xid; /* 0: none yet */
    int64_t xid_at, end_at; /* when it gets its xid, when it ends */
    bool rolls_back, used;
};

static struct {
    int64_t sequence, now;
    uint64_t next_xid;
    struct transaction open[OPEN_MAX];
    uint8_t committed[IDS_MAX], got[IDS_MAX];
} sv;

static void begin_transaction(struct transaction *x, uint32_t *seed)
{
    uint32_t kind = cm_random(seed) % 100;

    *x = (struct transaction){.used = true,
                              .count = 1 + (int)(cm_random(seed) % 8),
                              .rolls_back = cm_random(seed) % 5 == 0};
    for (int i = 0; i < x->count; i++)
        x->ids[i] = ++sv.sequence;
    /* the xid comes within the grace; most at once */
    x->xid_at = sv.now + (kind < 70 ? 0 : (int64_t)(cm_random(seed) % 2500));
    x->end_at = x->xid_at + (int64_t)(kind < 60   ? cm_random(seed) % 20
                                      : kind < 98 ? cm_random(seed) % 2000
                                                  : cm_random(seed) % 60000);
}

static void step(uint32_t *seed)
{
    for (int i = 0; i < OPEN_MAX; i++) {
        struct transaction *x = &sv.open[i];

        if (!x->used) {
            if (cm_random(seed) % 4 == 0 && sv.sequence + 8 < IDS_MAX)
                begin_transaction(x, seed);
            continue;
        }
        if (x->xid == 0 && sv.now >= x->xid_at)
            x->xid = sv.next_xid++;
        if (x->xid != 0 && sv.now >= x->end_at) {
            for (int k = 0; k < x->count && !x->rolls_back; k++)
                sv.committed[x->ids[k]] = 1;
            x->used = false;
        }
    }
}

/* Open ones are gone; what nobody committed may be handed out again. */
static void crash(uint32_t *seed)
{
    int64_t top = 0;

    for (int64_t id = sv.sequence; id > 0 && top == 0; id--)
        if (sv.committed[id])
            top = id;
    memset(sv.open, 0, sizeof sv.open);
    if (cm_random(seed) % 2)
        sv.sequence = top;
    else if (sv.sequence + 40 < IDS_MAX)
        sv.sequence += cm_random(seed) % 33;
}

static void deliver(int64_t id)
{
    bool late;

    if (!tail_row(&t, id, &late))
        return;
    assert_true(sv.committed[id]);
    sv.got[id]++;
}

static void read_once(uint32_t *seed, int limit)
{
    uint64_t xmin = sv.next_xid;
    int64_t gaps_to = INT64_MAX;
    int n = 0;
    bool fails = cm_random(seed) % 12 == 0;

    for (int i = 0; i < OPEN_MAX; i++)
        if (sv.open[i].used && sv.open[i].xid != 0 &&
            sv.open[i].xid < xmin)
            xmin = sv.open[i].xid;
    tail_ask(&t, &asked);
    for (int64_t id = asked.above + 1; id <= sv.sequence && n < limit; id++)
        if (sv.committed[id]) {
            deliver(id);
            if (fails && ++n > limit / 2) {
                tail_failed(&t);
                return;
            }
            n += !fails;
        }
    n = 0;
    for (int k = 0; k < asked.count; k++)
        for (int64_t id = asked.lo[k]; id <= asked.hi[k]; id++)
            if (sv.committed[id] && n < limit) {
                n++;
                deliver(id);
                gaps_to = id;
            }
    if (fails) {
        tail_failed(&t);
        return;
    }
    tail_end(&t, &(struct tail_end){
                     .xmin = xmin,
                     .xmax = sv.next_xid,
                     .gaps_to = n == limit ? gaps_to : INT64_MAX,
                     .sent_ms = sv.now - (int64_t)(cm_random(seed) % 3),
                     .got_ms = sv.now + (int64_t)(cm_random(seed) % 3)});
}

static void run(uint32_t seed, bool crashes)
{
    int limit = 5 + (int)(cm_random(&seed) % 300);

    memset(&sv, 0, sizeof sv);
    sv.next_xid = 100;
    tail_init(&t, 0);
    while (sv.sequence + 48 < IDS_MAX) {
        sv.now += 1 + cm_random(&seed) % 10;
        step(&seed);
        if (crashes && cm_random(&seed) % 4000 == 0)
            crash(&seed);
        if (cm_random(&seed) % 3 == 0)
            read_once(&seed, limit);
    }
    /* all end; then it settles */
    for (int i = 0; i < 20000 && (i < 8000 || !tail_settled(&t)); i++) {
        sv.now += 10;
        for (int k = 0; k < OPEN_MAX; k++) {
            struct transaction *x = &sv.open[k];

            if (!x->used)
                continue;
            if (x->xid == 0 && sv.now >= x->xid_at)
                x->xid = sv.next_xid++;
            if (x->xid != 0 && sv.now >= x->end_at) {
                for (int m = 0; m < x->count && !x->rolls_back; m++)
                    sv.committed[x->ids[m]] = 1;
                x->used = false;
            }
        }
        read_once(&seed, limit);
    }
    for (int64_t id = 1; id < IDS_MAX; id++)
        if (sv.got[id] != sv.committed[id])
            fail_msg("id %d: committed %d, delivered %d times", (int)id,
                     sv.committed[id], sv.got[id]);
    assert_true(tail_settled(&t));
    assert_true(t.late > 0);
    assert_int_equal(t.given_up, 0);
    tail_finish(&t);
}

static void test_every_row_once(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++)
        run(seed * 2654435761u, false);
}

static void test_every_row_once_with_crashes(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++)
        run(seed * 2246822519u, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap_is_asked_for),
        cmocka_unit_test(test_settles),
        cmocka_unit_test(test_id_before_xid),
        cmocka_unit_test(test_cut_gaps),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_every_row_once),
        cmocka_unit_test(test_every_row_once_with_crashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
