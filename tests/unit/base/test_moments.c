#include "config.h"

#include "base/moments.h"

#include <stdlib.h>

#include "tests/support/cm.h"

static void test_empty(void **state)
{
    struct moments m;
    struct moment due;

    (void)state;
    moments_init(&m);
    assert_int_equal(moments_next(&m), MOMENT_NEVER);
    assert_false(moments_due(&m, INT64_MAX, &due));
    moments_add(&m, MOMENT_NEVER, 1, 1);
    assert_int_equal(moments_next(&m), MOMENT_NEVER);
    moments_finish(&m);
}

static void test_due(void **state)
{
    struct moments m;
    struct moment due;

    (void)state;
    moments_init(&m);
    moments_add(&m, 200, 2, 20);
    moments_add(&m, 100, 1, 10);
    moments_add(&m, -5, 3, 30);
    assert_int_equal(moments_next(&m), -5);
    assert_false(moments_due(&m, -6, &due));
    assert_true(moments_due(&m, 100, &due));
    assert_int_equal(due.at_ms, -5);
    assert_int_equal(due.slot, 30);
    assert_int_equal(due.kind, 3);
    assert_true(moments_due(&m, 100, &due));
    assert_int_equal(due.slot, 10);
    assert_false(moments_due(&m, 199, &due));
    assert_int_equal(moments_next(&m), 200);
    assert_true(moments_due(&m, 200, &due));
    assert_int_equal(due.kind, 2);
    assert_int_equal(moments_next(&m), MOMENT_NEVER);
    moments_finish(&m);
}

/* What comes out is in order and is exactly what went in. */
static void test_order(void **state)
{
    enum { MANY = 5000 };
    struct moments m;
    struct moment due;
    uint32_t seed = 4;
    int *times = calloc(MANY, sizeof *times), out = 0;
    int64_t last = -1, now = 0;

    (void)state;
    moments_init(&m);
    for (uint32_t i = 0; i < MANY; i++) {
        times[i] = (int)now + (int)(cm_random(&seed) % 1000);
        moments_add(&m, times[i], i % 3, i);
        now += i % 2;
        while (i % 7 == 0 && moments_due(&m, now, &due)) {
            assert_true(due.at_ms <= now);
            assert_int_equal(due.at_ms, times[due.slot]);
            assert_int_equal(due.kind, due.slot % 3);
            times[due.slot] = -1;
            out++;
        }
    }
    while (moments_due(&m, INT64_MAX - 1, &due)) {
        assert_true(due.at_ms >= last);
        last = due.at_ms;
        assert_int_equal(due.at_ms, times[due.slot]);
        times[due.slot] = -1;
        out++;
    }
    assert_int_equal(out, MANY);
    free(times);
    moments_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
