#include "config.h"

#include "data/thoughts.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/cm.h"

struct fixture {
    struct intern *pool;
    struct thoughts t;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->pool = intern_create();
    thoughts_init(&f->t, f->pool);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    thoughts_finish(&f->t);
    assert_int_equal(intern_count(f->pool), 0);
    intern_destroy(f->pool);
    free(f);
    return 0;
}

static const struct thought *add(struct fixture *f, int64_t at,
                                 const char *text)
{
    return thoughts_add(&f->t, at, span_of("ns"), span_of("a"), THOUGHT_SAID,
                        span_of(text), 3);
}

static void test_empty(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(thoughts_count(&f->t), 0);
    assert_null(thoughts_at(&f->t, 0));
    thoughts_mark_picture(&f->t);
    thoughts_drop_picture(&f->t);
}

static void test_add(void **state)
{
    struct fixture *f = *state;
    const struct thought *e;

    e = thoughts_add(&f->t, 100, span_of("ns"), (struct span){0}, THOUGHT_DREAM,
                     span_of("text \r\n"), 7);
    assert_string_equal(e->text, "text");
    assert_int_equal(e->len, 4);
    assert_null(e->agent);
    assert_string_equal(e->ns, "ns");
    assert_int_equal(e->kind, THOUGHT_DREAM);
    assert_int_equal(e->tokens, 7);
    assert_int_equal(e->seq, 1);
    assert_false(e->late);
    e = thoughts_add(&f->t, 100, span_of("ns"), span_of("a"), THOUGHT_SAID,
                     (struct span){0}, 0);
    assert_string_equal(e->text, "");
    assert_int_equal(thoughts_count(&f->t), 2);
}

static void test_late(void **state)
{
    struct fixture *f = *state;

    add(f, 100, "one");
    add(f, 300, "three");
    assert_true(add(f, 200, "two")->late);
    assert_false(add(f, 300, "also three")->late);
    assert_string_equal(thoughts_at(&f->t, 0)->text, "one");
    assert_string_equal(thoughts_at(&f->t, 1)->text, "two");
    assert_string_equal(thoughts_at(&f->t, 2)->text, "three");
    assert_string_equal(thoughts_at(&f->t, 3)->text, "also three");
    assert_null(thoughts_at(&f->t, 4));
}

static void test_count_bound(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < THOUGHTS_MAX + 10; i++)
        assert_non_null(add(f, 1000 + i, "x"));
    assert_int_equal(thoughts_count(&f->t), THOUGHTS_MAX);
    assert_int_equal(f->t.dropped, 10);
    assert_int_equal(thoughts_at(&f->t, 0)->at_ms, 1010);
    /* older than all: only counted */
    assert_null(add(f, 5, "old"));
    assert_int_equal(f->t.dropped, 11);
    assert_int_equal(thoughts_count(&f->t), THOUGHTS_MAX);
    /* late, but in its place */
    assert_non_null(add(f, 1500, "late"));
    assert_int_equal(thoughts_count(&f->t), THOUGHTS_MAX);
    assert_int_equal(thoughts_at(&f->t, 0)->at_ms, 1011);
}

static void test_byte_bound(void **state)
{
    struct fixture *f = *state;
    char *big = malloc(THOUGHT_MAX + 1000);
    struct span s = {big, THOUGHT_MAX + 1000};
    const struct thought *oldest;
    uint32_t count;

    memset(big, 'y', s.n);
    for (int i = 0; i < 1000; i++) {
        const struct thought *e = thoughts_add(
            &f->t, 1000 + i, span_of("n"), span_of("a"), THOUGHT_SAID, s, 0);

        assert_int_equal(e->len, THOUGHT_MAX);
        assert_true(f->t.bytes <= THOUGHTS_BYTES);
    }
    count = thoughts_count(&f->t);
    assert_int_equal(count, THOUGHTS_BYTES / THOUGHT_MAX);
    assert_int_equal(f->t.dropped, 1000 - count);
    /* full by bytes: one older than all must not push a newer one out */
    oldest = thoughts_at(&f->t, 0);
    assert_null(thoughts_add(&f->t, 1, span_of("n"), span_of("a"),
                             THOUGHT_SAID, s, 0));
    assert_ptr_equal(thoughts_at(&f->t, 0), oldest);
    assert_int_equal(thoughts_count(&f->t), count);
    free(big);
}

static void test_cut_on_border(void **state)
{
    struct fixture *f = *state;
    char text[THOUGHT_MAX + 8];

    for (int before = 0; before <= 4; before++) {
        const struct thought *e;

        memset(text, 'x', sizeof text);
        memcpy(text + THOUGHT_MAX - before, "\xf0\x9f\x8c\xb1", 4);
        e = thoughts_add(&f->t, 1, span_of("n"), span_of("a"), THOUGHT_SAID,
                         (struct span){text, sizeof text}, 0);
        assert_int_equal(e->len,
                         THOUGHT_MAX - (before < 4 ? before : 0));
    }
}

static void test_picture(void **state)
{
    struct fixture *f = *state;

    add(f, 100, "old 1");
    add(f, 200, "old 2");
    thoughts_mark_picture(&f->t);
    add(f, 150, "new");
    thoughts_drop_picture(&f->t);
    assert_int_equal(thoughts_count(&f->t), 1);
    assert_string_equal(thoughts_at(&f->t, 0)->text, "new");
    assert_int_equal(f->t.bytes, 3);
    assert_int_equal(intern_count(f->pool), 2);
}

/* Random times: always in order of time, then of arrival; sums agree. */
static void test_order(void **state)
{
    struct fixture *f = *state;
    uint32_t seed = 21;
    char text[16];

    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "%u", cm_random(&seed) % 100000);
        add(f, (int64_t)(cm_random(&seed) % 2000) + i, text);
        if (i % 500 == 0) {
            size_t bytes = 0;

            for (uint32_t n = 0; n < thoughts_count(&f->t); n++) {
                const struct thought *e = thoughts_at(&f->t, n);

                bytes += e->len;
                if (n > 0) {
                    const struct thought *b = thoughts_at(&f->t, n - 1);

                    assert_true(b->at_ms < e->at_ms ||
                                (b->at_ms == e->at_ms && b->seq < e->seq));
                }
            }
            assert_int_equal(bytes, f->t.bytes);
        }
    }
    assert_int_equal(thoughts_count(&f->t), THOUGHTS_MAX);
    assert_int_equal(f->t.dropped, 10000 - THOUGHTS_MAX);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct thought_event loop = {
    .kind = KIND_POD, .about = {"pod-1", 5}, .teller = {"e", 1}, .times = 1};

static const struct thought *told(struct fixture *f, const char *text)
{
    return thoughts_told(&f->t, span_of("ns"), span_of("a"), THOUGHT_SAID,
                         span_of(text), &loop);
}

static void test_events(void **state)
{
    struct fixture *f = *state;
    struct thought_event of = loop;

    thoughts_about(&f->t, add(f, 100, "crashed"), &of);
    add(f, 200, "crashed"); /* said, not told of anything */
    assert_int_equal(told(f, "crashed \n")->at_ms, 100);
    assert_null(told(f, "crashe"));
    of.about = span_of("pod-2");
    assert_null(thoughts_told(&f->t, span_of("ns"), span_of("a"),
                              THOUGHT_SAID, span_of("crashed"), &of));
    of = loop;
    of.times = 4;
    assert_true(thoughts_again(&f->t, told(f, "crashed"), 150, &of));
    assert_int_equal(thoughts_at(&f->t, 0)->at_ms, 150);
    assert_true(thoughts_at(&f->t, 0)->late);
    of.times = 5;
    assert_true(thoughts_again(&f->t, told(f, "crashed"), 300, &of));
    assert_int_equal(thoughts_at(&f->t, 1)->at_ms, 300);
    assert_int_equal(thoughts_at(&f->t, 1)->times, 5);
    assert_false(thoughts_at(&f->t, 1)->late);
    assert_false(thoughts_again(&f->t, told(f, "crashed"), 300, &of));
    assert_int_equal(thoughts_count(&f->t), 2);
}

/* Some of a few events again and again, among words: each is found as long as
   it is there, the order holds, and nothing is left at the end. */
static void test_many_events(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 7;
    char text[24];

    for (int i = 0; i < 40000; i++) {
        struct thought_event of = loop;
        const struct thought *e;
        int64_t at = 1000 + i / 3;
        int which;

        seed = seed * 1103515245 + 12345;
        which = (int)(seed >> 16) % 4000;
        snprintf(text, sizeof text, "event %d", which);
        of.times = (uint32_t)i + 1;
        if (which % 4 == 0) {
            add(f, at, text);
        } else if ((e = told(f, text)) != NULL) {
            assert_true(thoughts_again(&f->t, e, at, &of));
        } else if ((e = add(f, at, text)) != NULL) {
            thoughts_about(&f->t, e, &of);
        }
    }
    assert_int_equal(thoughts_count(&f->t), THOUGHTS_MAX);
    for (uint32_t i = 1; i < THOUGHTS_MAX; i++)
        assert_true(thoughts_at(&f->t, i - 1)->at_ms <=
                    thoughts_at(&f->t, i)->at_ms);
    for (uint32_t i = 0; i < THOUGHTS_MAX; i++) {
        const struct thought *e = thoughts_at(&f->t, i);

        if (e->about != NULL)
            assert_ptr_equal(told(f, e->text), e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty),       TEST(test_add),           TEST(test_late),
        TEST(test_count_bound), TEST(test_byte_bound),
        TEST(test_cut_on_border), TEST(test_picture),     TEST(test_order),
        TEST(test_events),      TEST(test_many_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
