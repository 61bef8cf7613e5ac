#include "config.h"

#include "data/decay.h"

#include <math.h>

#include "base/moments.h"
#include "tests/support/cm.h"

#define T0 1795257094000
#define MIN 60000.0

static struct pheromone_facts none(void)
{
    return (struct pheromone_facts){
        .initial = NAN,
        .half_life_min = NAN,
        .constant = NAN,
        .decay_rate = NAN,
        .current = NAN,
        .ttl_s = FACT_NONE,
    };
}

static struct pheromone read_one(struct pheromone_facts f, enum signal type)
{
    struct pheromone p = {.type = (uint8_t)type, .created_ms = T0};

    decay_read(&f, &p);
    return p;
}

/* kgents.md 2.3, values from a run of the operator. */
static void test_checked_values(void **state)
{
    static const struct {
        enum signal type;
        double initial, half_life, age_min, intensity;
        bool removed;
    } rows[] = {
        {SIGNAL_WARNING, 1.0, 10, 0, 1.000000, false},
        {SIGNAL_WARNING, 1.0, 10, 10, 0.500000, false},
        {SIGNAL_WARNING, 0.8, 10, 25, 0.141421, false},
        {SIGNAL_DREAM, 1.0, 10, 20, 0.500000, false},
        {SIGNAL_DREAM, 1.0, 10, 66.43856, 0.100000, false}, /* "66.44" */
        {SIGNAL_WARNING, 1.0, 0.1, 1, 0.000977, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pheromone_facts f = none();
        struct pheromone p;
        int64_t now = T0 + (int64_t)(rows[i].age_min * MIN);

        f.initial = rows[i].initial;
        f.half_life_min = rows[i].half_life;
        f.emitted_given = true;
        f.emitted_ms = T0;
        p = read_one(f, rows[i].type);
        assert_near(decay_now(&p, now), rows[i].intensity, 1e-6);
        assert_int_equal(decay_now(&p, now) < DECAY_FLOOR, rows[i].removed);
        assert_int_equal(decay_ends(&p) <= now, rows[i].removed);
    }
}

/* "time from 1.0 to removal: 66.4 min at the default, 132.9 for DREAM" */
static void test_time_to_removal(void **state)
{
    struct pheromone_facts f = none();
    struct pheromone p;

    (void)state;
    f.emitted_given = true;
    f.emitted_ms = T0;
    p = read_one(f, SIGNAL_STATE);
    assert_near((double)(decay_ends(&p) - T0) / MIN, 66.4, 0.05);
    assert_true(decay_now(&p, decay_ends(&p) + 2) < DECAY_FLOOR);
    assert_true(decay_now(&p, decay_ends(&p) - 2) > DECAY_FLOOR);
    p = read_one(f, SIGNAL_DREAM);
    assert_near((double)(decay_ends(&p) - T0) / MIN, 132.9, 0.05);
    assert_near(decay_half_life_ms(&p), 20 * MIN, 1e-6);
}

/* INTENT, intensity 0.41, decay 0.05, no emittedAt: constant until its ttl. */
static void test_undated(void **state)
{
    struct pheromone_facts f = none();
    struct pheromone p;

    (void)state;
    f.constant = 0.41;
    f.decay_rate = 0.05;
    f.initial = 1;
    f.half_life_min = 10;
    f.ttl_s = 3600;
    p = read_one(f, SIGNAL_INTENT);
    assert_near(decay_now(&p, T0), 0.41, 1e-6);
    assert_near(decay_now(&p, T0 + 3599999), 0.41, 1e-6);
    assert_near(decay_now(&p, T0 + 3600000), 0, 0);
    assert_int_equal(decay_ends(&p), T0 + 3600000);
    assert_near(decay_half_life_ms(&p), 0, 0);
    f.ttl_s = FACT_NONE;
    p = read_one(f, SIGNAL_INTENT);
    assert_near(decay_now(&p, T0 + 86400000000), 0.41, 1e-6);
    assert_true(decay_ends(&p) == MOMENT_NEVER);
    f.constant = NAN;
    f.initial = 0.7;
    p = read_one(f, SIGNAL_INTENT);
    assert_near(decay_now(&p, T0), 0.7, 1e-6);
    p = read_one(none(), SIGNAL_INTENT);
    assert_near(decay_now(&p, T0), 1, 0);
}

static void test_bad_date(void **state)
{
    struct pheromone_facts f = none();
    struct pheromone p;

    (void)state;
    f.emitted_given = f.emitted_bad = true;
    f.constant = 0.2;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_now(&p, T0 + 3600000), 1, 0); /* not the constant */
    assert_true(p.emitted_bad);
    f.initial = 0.6;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_now(&p, T0 + 3600000), 0.6, 1e-6);
    assert_true(decay_ends(&p) == MOMENT_NEVER);
}

static void test_defaults(void **state)
{
    struct pheromone_facts f = none();
    struct pheromone p;

    (void)state;
    f.emitted_given = true;
    f.emitted_ms = T0;
    f.constant = 0.5;
    f.decay_rate = 0.0693;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_half_life_ms(&p), 10 * MIN, 1);
    assert_near(decay_now(&p, T0 + (int64_t)(10 * MIN)), 0.25, 1e-6);
    /* a half-life makes the rate dead */
    f.half_life_min = 20;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_half_life_ms(&p), 20 * MIN, 1);
    f.half_life_min = f.decay_rate = 0; /* neither says anything */
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_half_life_ms(&p), 10 * MIN, 1);
    /* initialIntensity goes before intensity */
    f.initial = 0.8;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_now(&p, T0), 0.8, 1e-6);
}

static void test_bounds(void **state)
{
    struct pheromone_facts f = none();
    struct pheromone p;

    (void)state;
    f.emitted_given = true;
    f.emitted_ms = T0 + 500000;
    f.initial = 7;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_now(&p, T0), 1, 0); /* the future counts as now */
    f.initial = 0;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_now(&p, T0), 0, 0);
    assert_int_equal(decay_ends(&p), p.emitted_ms);
    f.initial = 1;
    f.half_life_min = 1e9;
    p = read_one(f, SIGNAL_DREAM);
    assert_true(decay_ends(&p) > T0);
    assert_near(decay_now(&p, T0 + 3600000), 1, 1e-6);
    f.half_life_min = 1e-300;
    p = read_one(f, SIGNAL_WARNING);
    assert_true(isfinite(decay_now(&p, T0 + 3600000)));
    f = none();
    f.ttl_s = 0;
    p = read_one(f, SIGNAL_WARNING);
    assert_near(decay_now(&p, T0), 0, 0);
    f.ttl_s = (int64_t)INT32_MAX + 1;
    p = read_one(f, SIGNAL_WARNING);
    assert_int_equal(p.ttl_s, FACT_NONE);
}

static void test_first_generation(void **state)
{
    struct pheromone_facts f = none();
    struct pheromone p;

    (void)state;
    f.constant = 0.9;
    f.decay_rate = 0.1;
    f.current = 0.35;
    p = read_one(f, SIGNAL_WARNING);
    assert_true(p.old_schema);
    assert_near(decay_now(&p, T0 + 3600000), 0.35, 1e-6);
    f.initial = 1;
    p = read_one(f, SIGNAL_WARNING);
    assert_false(p.old_schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checked_values),
        cmocka_unit_test(test_time_to_removal),
        cmocka_unit_test(test_undated),
        cmocka_unit_test(test_bad_date),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_first_generation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
