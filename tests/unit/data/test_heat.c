/* The map of the fake fleet's pheromones, and against a sum by hand. */

#include "config.h"

#include "data/heat.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/decay.h"
#include "tests/support/fleet.h"
#include "tests/support/cm.h"

static struct store *st;
static struct heat heat; /* large */

static int setup(void **state)
{
    (void)state;
    st = store_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    heat_clear(st, &heat);
    store_destroy(st);
    return 0;
}

static const struct heat_row *row(const char *name)
{
    for (int i = 0; i < heat.count; i++)
        if (strcmp(heat.rows[i].name, name) == 0)
            return &heat.rows[i];
    fail_msg("no row '%s'", name);
    return NULL;
}

static void test_empty(void **state)
{
    uint32_t slots[3];

    (void)state;
    for (int by = HEAT_BY_AGENT; by <= HEAT_BY_NAMESPACE; by++) {
        heat_compute(st, (enum heat_by)by, FLEET_NOW, &heat);
        assert_int_equal(heat.count, 0);
        assert_int_equal(heat.live + heat.ended + heat.hidden, 0);
        assert_int_equal(heat_signals(st, (enum heat_by)by, "x", SIGNAL_COUNT,
                                      FLEET_NOW, slots, 3),
                         0);
        assert_true(strlen(heat_by_name((enum heat_by)by)) > 0);
    }
}

/* What the map shows may be gone from the store. */
static void test_outlives(void **state)
{
    char name[64];

    (void)state;
    fake_fleet(st);
    heat_compute(st, HEAT_BY_AGENT, FLEET_NOW, &heat);
    assert_true(heat.count > 0);
    snprintf(name, sizeof name, "%s", heat.rows[0].name);
    for (int s = 0; s < 256; s++)
        store_drop_stream(st, KIND_PHEROMONE, (uint8_t)s);
    assert_string_equal(heat.rows[0].name, name);
    heat_compute(st, HEAT_BY_AGENT, FLEET_NOW, &heat);
    assert_int_equal(heat.count, 0);
}

static void test_fleet(void **state)
{
    uint32_t live = 0;
    double sum = 0;

    (void)state;
    fake_fleet(st);
    heat_compute(st, HEAT_BY_AGENT, FLEET_NOW, &heat);
    for (uint32_t i = 0; i < st->pheromones.used; i++) {
        double v = decay_now(store_pheromone(st, i), FLEET_NOW);

        live += v >= DECAY_FLOOR;
        sum += v >= DECAY_FLOOR ? v : 0;
    }
    assert_int_equal(heat.live, live);
    assert_int_equal(heat.live + heat.ended, FLEET_PHEROMONES);
    assert_near(heat.sum, sum, 1e-3);
    assert_true(heat.present[SIGNAL_OTHER]);
    assert_near((double)row("crasher")->cells[SIGNAL_WARNING].value,
                exp2(-.2), 1e-4);
    assert_int_equal(row("crasher")->cells[SIGNAL_WARNING].count, 1);
    assert_true(row("librarian")->cells[SIGNAL_CAPABILITY].constant ||
                row("mason")->cells[SIGNAL_CAPABILITY].constant);
    /* dreams live twice as long */
    assert_near((double)row("poet")->cells[SIGNAL_DREAM].value, exp2(-.5),
                1e-4);
    assert_near((double)row("")->cells[SIGNAL_WARNING].value,
                .3 * exp2(-.3), 1e-4);
    for (int i = 1; i < heat.count; i++)
        assert_true(heat.rows[i - 1].sum >= heat.rows[i].sum);
}

static void test_groups(void **state)
{
    (void)state;
    fake_fleet(st);
    heat_compute(st, HEAT_BY_NAMESPACE, FLEET_NOW, &heat);
    assert_int_equal(heat.count, 1);
    assert_string_equal(heat.rows[0].name, FLEET_NS);
    heat_compute(st, HEAT_BY_TARGET, FLEET_NOW, &heat);
    assert_int_equal(row("broker")->cells[SIGNAL_WARNING].count, 1);
    assert_int_equal(row("weaver")->cells[SIGNAL_TEST].count, 1);
}

static void test_signals(void **state)
{
    uint32_t slots[40];
    int n;

    (void)state;
    fake_fleet(st);
    n = heat_signals(st, HEAT_BY_AGENT, "broker", SIGNAL_COUNT, FLEET_NOW,
                     slots, 40);
    assert_int_equal(n, 5);
    for (int i = 1; i < n; i++)
        assert_true(decay_now(store_pheromone(st, slots[i - 1]), FLEET_NOW) >=
                    decay_now(store_pheromone(st, slots[i]), FLEET_NOW));
    assert_int_equal(heat_signals(st, HEAT_BY_AGENT, "broker", SIGNAL_INTENT,
                                  FLEET_NOW, slots, 40),
                     1);
    /* no room: the strongest are kept */
    n = heat_signals(st, HEAT_BY_NAMESPACE, FLEET_NS, SIGNAL_COUNT, FLEET_NOW,
                     slots, 2);
    assert_int_equal(n, 2);
    assert_string_equal(store_pheromone(st, slots[0])->name, "ph-14");
    assert_string_equal(store_pheromone(st, slots[1])->name, "ph-20");
    assert_int_equal(heat_signals(st, HEAT_BY_NAMESPACE, FLEET_NS,
                                  SIGNAL_COUNT, FLEET_NOW, slots, 0),
                     0);
}

static void put_many(int count)
{
    struct origin o = {.stream = 1, .now_ms = FLEET_NOW, .initial = true};

    for (int i = 0; i < count; i++) {
        char name[16], source[16];
        struct pheromone_facts f;

        snprintf(name, sizeof name, "p%d", i);
        snprintf(source, sizeof source, "s%d", i % 700);
        f = (struct pheromone_facts){
            .meta = {.ns = span_of("n"), .name = span_of(name)},
            .type = span_of(signal_name((enum signal)(i % SIGNAL_COUNT))),
            .source = span_of(source),
            .constant = (i * 37 % 100 + 2) / 102.0,
            .initial = NAN,
            .half_life_min = NAN,
            .decay_rate = NAN,
            .current = NAN,
            .ttl_s = FACT_NONE};
        store_put_pheromone(st, &f, &o);
    }
}

static void test_overfull(void **state)
{
    double sum = 0;
    int count = 0;

    (void)state;
    put_many(5000);
    heat_compute(st, HEAT_BY_AGENT, FLEET_NOW, &heat);
    assert_int_equal(heat.count, HEAT_ROWS);
    assert_int_equal(heat.hidden, 700 - HEAT_ROWS);
    assert_int_equal(heat.live + heat.ended, 5000);
    heat_compute(st, HEAT_BY_NAMESPACE, FLEET_NOW, &heat);
    assert_int_equal(heat.count, 1);
    for (int s = 0; s < SIGNAL_COUNT; s++) {
        sum += (double)heat.rows[0].cells[s].value;
        count += heat.rows[0].cells[s].count;
    }
    assert_near(sum, (double)heat.rows[0].sum, 1e-3);
    assert_int_equal(count, heat.live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outlives, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fleet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(test_signals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overfull, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
