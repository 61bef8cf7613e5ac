#include "config.h"

#include "data/delay.h"

#include "base/moments.h"
#include "data/facts.h"
#include "tests/support/cm.h"

#define T0 1795257094000
#define MIN 60000LL
#define HOUR (60 * MIN)

static struct proposal open_one(void)
{
    return (struct proposal){
        .phase = PROPOSAL_REVIEWING, .created_ms = T0, .ttl_s = FACT_NONE};
}

static void test_age(void **state)
{
    struct proposal p = open_one();

    (void)state;
    assert_near(delay_cost(&p, T0), 0, 0);
    assert_near(delay_cost(&p, T0 - HOUR), 0, 0);
    assert_near(delay_cost(&p, T0 + 10 * MIN - 1), 0, 0);
    assert_near(delay_cost(&p, T0 + 10 * MIN), 1, 0);
    assert_near(delay_cost(&p, T0 + HOUR), 1.5, 0);
    assert_near(delay_cost(&p, T0 + 24 * HOUR), 2, 0);
}

static void test_deadline(void **state)
{
    struct proposal p = open_one();
    int64_t end = T0 + 600 * MIN;

    (void)state;
    p.ttl_s = 36000;
    p.created_ms = T0;
    assert_near(delay_cost(&p, end - 120 * MIN - 1), 1.5, 0);
    assert_near(delay_cost(&p, end - 120 * MIN), 8 + 1.5, 0);
    assert_near(delay_cost(&p, end - 30 * MIN), 16 + 1.5, 0);
    assert_near(delay_cost(&p, end - 5 * MIN), 24 + 1.5, 0);
    assert_near(delay_cost(&p, end - 1), 24 + 1.5, 0);
    assert_near(delay_cost(&p, end), 1.5, 0); /* past: not urgent any more */
}

static void test_blocked_and_risk(void **state)
{
    struct proposal p = open_one();

    (void)state;
    p.blocked = 1;
    assert_near(delay_cost(&p, T0), 2, 0);
    p.blocked = 8;
    assert_near(delay_cost(&p, T0), 16, 0);
    p.blocked = 1000;
    assert_near(delay_cost(&p, T0), 16, 0);
    p.blocked = 0;
    p.risk.total = 1;
    assert_near(delay_cost(&p, T0), 3, 0);
}

static void test_decided_costs_nothing(void **state)
{
    struct proposal p = open_one();

    (void)state;
    p.blocked = 3;
    p.ttl_s = 60;
    for (int phase = 0; phase < PROPOSAL_PHASE_COUNT; phase++) {
        p.phase = (enum proposal_phase)phase;
        assert_int_equal(delay_cost(&p, T0) > 0, proposal_open(&p));
        assert_int_equal(delay_flips(&p, T0) < MOMENT_NEVER,
                         proposal_open(&p));
    }
    p = open_one();
    p.blocked = 3;
    p.deleted_ms = T0;
    assert_near(delay_cost(&p, T0), 0, 0);
    assert_true(delay_flips(&p, T0) == MOMENT_NEVER);
}

/* Between two flips the cost does not change; at a flip it does. */
static void test_flips_are_the_changes(void **state)
{
    static const int ttls[] = {FACT_NONE, 60, 400, 1500, 7300, 86400, 200000};

    (void)state;
    for (size_t i = 0; i < sizeof ttls / sizeof *ttls; i++) {
        struct proposal p = open_one();
        int64_t now = T0 - 1, flip;
        int rounds = 0;

        p.ttl_s = ttls[i];
        while ((flip = delay_flips(&p, now)) != MOMENT_NEVER) {
            double cost = delay_cost(&p, now);

            assert_true(flip > now);
            for (int64_t t = now; t < flip; t += (flip - now) / 50 + 1)
                assert_near(delay_cost(&p, t), cost, 0);
            assert_near(delay_cost(&p, flip - 1), cost, 0);
            if (delay_cost(&p, flip) == cost && flip != T0 + 10 * MIN)
                fail_msg("ttl %d: no change after %lld", ttls[i],
                         (long long)(flip - T0));
            now = flip;
            assert_true(++rounds < 10);
        }
        assert_near(delay_cost(&p, now), delay_cost(&p, now + 100 * 24 * HOUR),
                    0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_age),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_blocked_and_risk),
        cmocka_unit_test(test_decided_costs_nothing),
        cmocka_unit_test(test_flips_are_the_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
