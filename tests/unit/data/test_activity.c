#include "config.h"

#include "data/activity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/moments.h"
#include "tests/support/cm.h"

#define T0 1795257094000

static void step(struct activity *a, int64_t at, const char *text)
{
    activity_step(a, at, THOUGHT_SAID, text, strlen(text));
}

static void test_none(void **state)
{
    struct activity a;

    (void)state;
    activity_init(&a);
    assert_near(activity_now(&a, T0), 0, 0);
    assert_near(activity_meter(&a, T0), 0, 0);
    assert_near(activity_spark(&a, T0, 0), 0, 0);
    assert_near(activity_silence(&a, T0), 0, 0);
    assert_true(activity_flips(&a, T0) == MOMENT_NEVER);
    activity_finish(&a);
}

static void test_decays(void **state)
{
    struct activity a, b;
    double score;

    (void)state;
    activity_init(&a);
    activity_event(&a, T0, 1);
    assert_near(activity_now(&a, T0), 1, 1e-4);
    assert_near(activity_now(&a, T0 + 60000), 0.5, 1e-4);
    assert_near(activity_now(&a, T0 + 600000), 1.0 / 1024, 1e-6);
    assert_near(activity_meter(&a, T0), 0.2, 1e-4);
    score = a.score;
    activity_now(&a, T0 + 1000000);
    assert_near(a.score, score, 0);
    activity_event(&a, T0 + 60000, 1);
    assert_near(activity_now(&a, T0 + 60000), 1.5, 1e-4);
    activity_event(&a, T0 + 60000, 0.5);
    assert_near(activity_now(&a, T0 + 60000), 2, 1e-4);
    /* a late event counts for what is left of it */
    activity_init(&b);
    activity_event(&b, T0 + 60000, 0.5);
    activity_event(&b, T0, 1);
    activity_event(&b, T0 + 60000, 1);
    assert_near(a.score, b.score, 1e-9);
    assert_int_equal(b.last_ms, T0 + 60000);
    /* after a long pause the old is as if nothing */
    activity_event(&a, T0 + 86400000, 1);
    assert_near(activity_now(&a, T0 + 86400000), 1, 1e-4);
    activity_finish(&a);
    activity_finish(&b);
}

static void test_spark(void **state)
{
    int64_t minute = T0 / 60000 * 60000;
    struct activity a;

    (void)state;
    activity_init(&a);
    activity_event(&a, minute, 1);
    activity_event(&a, minute + 59999, 0.5);
    activity_event(&a, minute + 2 * 60000, 1);
    assert_near(activity_spark(&a, minute + 2 * 60000, 0), 1, 1e-9);
    assert_near(activity_spark(&a, minute + 2 * 60000, 1), 0, 1e-9);
    assert_near(activity_spark(&a, minute + 2 * 60000, 2), 1.5, 1e-9);
    /* as time goes on without an event the cells move back */
    assert_near(activity_spark(&a, minute + 5 * 60000, 5), 1.5, 1e-9);
    assert_near(activity_spark(&a, minute + 5 * 60000, 0), 0, 1e-9);
    assert_near(activity_spark(&a, minute + 60 * 60000, 0), 0, 1e-9);
    assert_near(activity_spark(&a, minute, -1), 0, 1e-9);
    assert_near(activity_spark(&a, minute + 2 * 60000, 100), 0, 1e-9);
    /* a late one goes into its own minute, one too old into none */
    activity_event(&a, minute + 60000, 1);
    assert_near(activity_spark(&a, minute + 2 * 60000, 1), 1, 1e-9);
    activity_event(&a, minute - 20 * 60000, 1);
    assert_near(activity_spark(&a, minute + 2 * 60000, 2), 1.5, 1e-9);
    activity_event(&a, minute + 30 * 60000, 1);
    assert_near(activity_spark(&a, minute + 30 * 60000, 0), 1, 1e-9);
    for (int back = 1; back < ACTIVITY_SPARK; back++)
        assert_near(activity_spark(&a, minute + 30 * 60000, back), 0, 1e-9);
    activity_finish(&a);
}

static void test_habit_and_silence(void **state)
{
    struct activity a;

    (void)state;
    activity_init(&a);
    for (int i = 0; i < ACTIVITY_HABIT_MIN - 1; i++)
        activity_event(&a, T0 + i * 10000, 1);
    assert_near(activity_silence(&a, T0 + 1000000), 0, 0);
    for (int i = ACTIVITY_HABIT_MIN - 1; i < 60; i++)
        activity_event(&a, T0 + i * 10000, 1);
    assert_near(a.gap_ms, 10000, 100);
    assert_near(activity_silence(&a, a.last_ms), 0, 0);
    assert_near(activity_silence(&a, a.last_ms + 60000), 6, 0.1);
    activity_finish(&a);
}

/* At the moment it names, silence has crossed, for any habit. */
static void test_flips(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (int round = 0; round < 300; round++) {
        int64_t at = T0, flip;
        int gap = 11000 + (int)(cm_random(&seed) % 90000);
        struct activity a;

        activity_init(&a);
        for (int i = 0; i < 20; i++) {
            activity_event(&a, at, 1);
            at += gap + (int)(cm_random(&seed) % 777);
        }
        flip = activity_flips(&a, a.last_ms);
        while (flip != MOMENT_NEVER && flip < a.last_ms + 3600000) {
            bool work_ends = flip == a.last_ms + ACTIVITY_WORK_MS;

            if (!work_ends) {
                assert_true(activity_silence(&a, flip) >=
                            ACTIVITY_QUIET_FACTOR);
                assert_true(activity_silence(&a, flip - 2) <
                            ACTIVITY_QUIET_FACTOR);
            }
            flip = activity_flips(&a, flip);
        }
        assert_int_equal(flip, a.last_ms + ACTIVITY_QUIET_MAX_MS);
        assert_true(activity_flips(&a, flip) == MOMENT_NEVER);
        activity_finish(&a);
    }
}

static void test_loops(void **state)
{
    struct activity a;
    char text[32];

    (void)state;
    activity_init(&a);
    for (int i = 1; i <= 7; i++) {
        snprintf(text, sizeof text, "try %d of 100", i * 7);
        step(&a, T0 + i, text);
        assert_int_equal(a.repeats, i);
        assert_string_equal(a.step, text);
    }
    assert_int_equal(a.repeat_ms, T0 + 1);
    step(&a, T0 + 20, "something else");
    assert_int_equal(a.repeats, 1);
    assert_int_equal(a.repeat_ms, T0 + 20);
    activity_finish(&a);
}

static void test_alternating_loop(void **state)
{
    struct activity a;

    (void)state;
    activity_init(&a);
    for (int i = 0; i < 10; i++)
        step(&a, T0 + i, i % 2 ? "call tool" : "tool failed");
    assert_int_equal(a.repeats, 9);
    step(&a, T0 + 20, "a third step");
    assert_int_equal(a.repeats, 1);
    /* three in a round are no loop in this sense */
    for (int i = 0; i < 30; i++)
        step(&a, T0 + 30 + i, i % 3 == 0 ? "A" : i % 3 == 1 ? "B" : "C");
    assert_true(a.repeats < ACTIVITY_LOOP_MIN);
    activity_finish(&a);
}

/* Steps are cut on a character's border and read nothing behind them. */
static void test_step_is_cut(void **state)
{
    struct activity a;

    (void)state;
    activity_init(&a);
    for (int before = 0; before <= 4; before++)
        for (size_t n = ACTIVITY_STEP - 1; n <= ACTIVITY_STEP + 8; n++) {
            char *text = malloc(n);

            memset(text, 'x', n);
            if ((size_t)(ACTIVITY_STEP - before + 4) <= n)
                memcpy(text + ACTIVITY_STEP - before, "\xf0\x9f\x8c\xb1", 4);
            activity_step(&a, T0, THOUGHT_SAID, text, n);
            assert_true(strlen(a.step) <= ACTIVITY_STEP);
            assert_true(strlen(a.step) >= ACTIVITY_STEP - 4);
            if ((size_t)(ACTIVITY_STEP - before + 4) <= n && before < 4)
                assert_int_equal(strlen(a.step), ACTIVITY_STEP - before);
            free(text);
        }
    step(&a, T0, "");
    assert_string_equal(a.step, "");
    activity_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_decays),
        cmocka_unit_test(test_spark),
        cmocka_unit_test(test_habit_and_silence),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_alternating_loop),
        cmocka_unit_test(test_step_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
