#include "config.h"

#include "data/risk.h"

#include "tests/support/cm.h"

#define T0 1795257094000
#define HOUR 3600000

/* kgents.md 2.4, values from a run of the operator. */
static void test_checked_values(void **state)
{
    static const struct {
        const char *change;
        struct risk_input in;
        double velocity, base, magnitude, tests, total;
        enum risk_level level;
    } rows[] = {
        {"CODE_PATCH", {0, 0, 0, 0, 0}, 0, 0.1, 1, 1, 0.1, RISK_LOW},
        {"CODE_PATCH", {10, 0, 0, 0, 0}, 0, 0.1, 1.345943, 1, 0.134594,
         RISK_LOW},
        {"CODE_PATCH", {5, 5, 1, 0, 0}, 0.1, 0.1, 1.439232, 1, 0.158315,
         RISK_LOW},
        {"CODE_FEATURE", {120, 30, 4, 3, 0}, 0.1, 0.3, 1.757743, 0.9,
         0.522050, RISK_HIGH},
        {"CODE_REFACTOR", {800, 600, 25, 0, 0}, 0.25, 0.4, 2.068912, 1, 1,
         RISK_CRITICAL},
        {"CODE_DELETE", {0, 2000, 12, 0, 8}, 0.1, 0.5, 2.105053, 1.316993, 1,
         RISK_CRITICAL},
        {"CONFIG_SECRET", {1, 1, 1, 0, 0}, 0.1, 0.6, 1.370044, 1, 0.904229,
         RISK_CRITICAL},
        {"AGENT_SCALE", {0, 0, 0, 0, 0}, 0.1, 0.1, 1, 1, 0.11, RISK_LOW},
        {"AGENT_DELETE", {0, 0, 0, 0, 0}, 0.1, 0.7, 1, 1, 0.77, RISK_HIGH},
        {"CONFIG_UPDATE", {0, 0, 0, 0, 0}, 0, 0.2, 1, 1, 0.2, RISK_LOW},
        {"CODE_PATCH", {0, 0, 0, 2000, 0}, 0, 0.1, 1, 0.5, 0.05, RISK_LOW},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct risk r;

        risk_compute(span_of(rows[i].change), &rows[i].in, rows[i].velocity,
                     &r);
        assert_near(r.base, rows[i].base, 1e-6);
        assert_near(r.velocity, rows[i].velocity, 1e-6);
        assert_near(r.magnitude, rows[i].magnitude, 1e-6);
        assert_near(r.tests, rows[i].tests, 1e-6);
        assert_near(r.total, rows[i].total, 1e-6);
        assert_false(r.by_operator);
        /* as a row holds it, in single precision */
        assert_int_equal(risk_level((double)r.total), rows[i].level);
    }
}

static void test_bases(void **state)
{
    (void)state;
    assert_near(risk_base(span_of("MEMORY_DELETE")), 0.8, 0);
    assert_near(risk_base(span_of("RISK_OVERRIDE")), 0.9, 0);
    assert_near(risk_base(span_of("MEMORY_COMPACT")), 0.3, 0);
    assert_near(risk_base(span_of("code_patch")), 0.5, 0);
    assert_near(risk_base(span_of("CODE_PATCHES")), 0.5, 0);
    assert_near(risk_base((struct span){0}), 0.5, 0);
}

static void test_extremes(void **state)
{
    struct risk_input in = {INT32_MAX, INT32_MAX, INT32_MAX, 0, INT32_MAX};
    struct risk r;

    (void)state;
    risk_compute(span_of("CODE_PATCH"), &in, 1e6, &r);
    assert_near(r.total, 1, 0);
    assert_near(r.tests, 1.5, 1e-6);
    in = (struct risk_input){INT32_MIN, -5, -1, INT32_MAX, INT32_MIN};
    risk_compute(span_of("CODE_PATCH"), &in, 0, &r);
    assert_near(r.magnitude, 1, 0);
    assert_near(r.tests, 0.5, 0);
    assert_near(r.total, 0.05, 1e-6);
}

static void test_levels(void **state)
{
    (void)state;
    for (int i = RISK_LOW; i < RISK_CRITICAL; i++) {
        double top = risk_level_top((enum risk_level)i);

        assert_int_equal(risk_level(top), i);
        assert_int_equal(risk_level((double)(float)top), i);
        assert_int_equal(risk_level(top + 0.001), i + 1);
    }
    assert_int_equal(risk_level(0), RISK_LOW);
    assert_int_equal(risk_level(1), RISK_CRITICAL);
    assert_string_equal(risk_level_name(RISK_CRITICAL), "critical");
}

static void test_velocity(void **state)
{
    struct velocity v = {0};

    (void)state;
    assert_near(velocity_at(&v, T0), 0, 0);
    velocity_add(&v, T0);
    assert_near(velocity_at(&v, T0), 0.1, 1e-12); /* it counts itself */
    assert_near(velocity_at(&v, T0 + HOUR / 2), 0.05, 1e-12);
    assert_near(velocity_at(&v, T0 + HOUR), 0, 0);
    assert_near(velocity_at(&v, T0 - 1), 0, 0);
    velocity_add(&v, T0 - HOUR / 4);
    velocity_add(&v, T0 + 1000);
    assert_near(velocity_at(&v, T0), 0.175, 1e-12);
    velocity_remove(&v, T0);
    assert_near(velocity_at(&v, T0), 0.075, 1e-12);
    velocity_remove(&v, T0); /* not there: nothing happens */
    assert_int_equal(v.count, 2);
    velocity_finish(&v);
    assert_int_equal(v.count, 0);
}

static void test_velocity_against_sum(void **state)
{
    int64_t at[300];
    uint8_t in[300] = {0};
    struct velocity v = {0};
    uint32_t seed = 11;

    (void)state;
    for (int i = 0; i < 300; i++)
        at[i] = T0 + (int64_t)(cm_random(&seed) % (3 * HOUR) / 1000) * 1000;
    for (int round = 0; round < 3000; round++) {
        uint32_t n = cm_random(&seed) % 300;
        int64_t now = T0 + cm_random(&seed) % (4 * HOUR);
        double sum = 0;

        if (in[n])
            velocity_remove(&v, at[n]);
        else
            velocity_add(&v, at[n]);
        in[n] ^= 1;
        for (int i = 0; i < 300; i++)
            if (in[i] && at[i] <= now && now - at[i] < HOUR)
                sum += 0.1 * (1 - (double)(now - at[i]) / HOUR);
        assert_near(velocity_at(&v, now), sum, 1e-9);
        for (uint32_t i = 1; i < v.count; i++)
            assert_true(v.at_ms[i - 1] <= v.at_ms[i]);
    }
    velocity_finish(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checked_values),
        cmocka_unit_test(test_bases),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_velocity),
        cmocka_unit_test(test_velocity_against_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
