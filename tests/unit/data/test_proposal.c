#include "config.h"

#include "data/proposal.h"

#include "base/moments.h"
#include "data/facts.h"
#include "tests/support/cm.h"

#define T0 1795257094000

static void test_open(void **state)
{
    struct proposal p = {.ttl_s = FACT_NONE};

    (void)state;
    for (int i = 0; i < PROPOSAL_PHASE_COUNT; i++) {
        p.phase = (enum proposal_phase)i;
        p.deleted_ms = 0;
        assert_int_equal(proposal_open(&p), i == PROPOSAL_NEW ||
                                                i == PROPOSAL_PENDING ||
                                                i == PROPOSAL_REVIEWING);
        p.deleted_ms = T0;
        assert_false(proposal_open(&p));
    }
}

static void test_deadline(void **state)
{
    struct proposal p = {.phase = PROPOSAL_REVIEWING,
                         .created_ms = T0,
                         .ttl_s = 86400};

    (void)state;
    assert_int_equal(proposal_deadline(&p), T0 + 86400000);
    p.ttl_s = INT32_MAX;
    assert_int_equal(proposal_deadline(&p), T0 + INT32_MAX * 1000LL);
    p.ttl_s = FACT_NONE;
    assert_true(proposal_deadline(&p) == MOMENT_NEVER);
    p.ttl_s = 60;
    p.created_ms = 0;
    assert_true(proposal_deadline(&p) == MOMENT_NEVER);
    p.created_ms = T0;
    p.phase = PROPOSAL_MERGED;
    assert_true(proposal_deadline(&p) == MOMENT_NEVER);
}

/* kgents.md 2.4.1: when would an approval not make the operator act? */
static void test_obstacle(void **state)
{
    struct proposal p = {.phase = PROPOSAL_REVIEWING,
                         .tgent = TGENT_SKIPPED,
                         .ttl_s = FACT_NONE};

    (void)state;
    assert_null(proposal_obstacle(&p));
    p.tgent = TGENT_PASSED;
    assert_null(proposal_obstacle(&p));
    p.tgent = TGENT_NONE;
    assert_null(proposal_obstacle(&p));
    p.tgent = TGENT_PENDING;
    assert_non_null(strstr(proposal_obstacle(&p), "not answered"));
    p.tgent = TGENT_FAILED;
    assert_non_null(strstr(proposal_obstacle(&p), "failed"));
    p.tgent = TGENT_SKIPPED;
    p.required = 1;
    assert_null(proposal_obstacle(&p));
    p.required = 2;
    assert_non_null(strstr(proposal_obstacle(&p), "more approvers"));
    p.approvals = 1;
    assert_null(proposal_obstacle(&p));
    p.approvals = 5;
    assert_null(proposal_obstacle(&p));
    p.phase = PROPOSAL_NEW;
    assert_non_null(strstr(proposal_obstacle(&p), "not seen it"));
    p.phase = PROPOSAL_APPROVED;
    assert_non_null(strstr(proposal_obstacle(&p), "decided"));
    p.phase = PROPOSAL_REVIEWING;
    p.deleted_ms = T0;
    assert_non_null(strstr(proposal_obstacle(&p), "deleted"));
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(proposal_phase_of((struct span){0}), PROPOSAL_NEW);
    assert_int_equal(proposal_phase_of(span_of("Reviewing")),
                     PROPOSAL_REVIEWING);
    assert_int_equal(proposal_phase_of(span_of("reviewing")), PROPOSAL_OTHER);
    assert_int_equal(tgent_of(span_of("PENDING")), TGENT_PENDING);
    assert_int_equal(tgent_of(span_of("?")), TGENT_NONE);
    for (int i = 0; i < PROPOSAL_PHASE_COUNT; i++)
        assert_int_equal(proposal_phase_of(span_of(proposal_phase_name(
                             (enum proposal_phase)i))),
                         i);
    for (int i = 0; i < AGENT_STATE_COUNT; i++)
        assert_int_equal(agent_state_of(span_of(agent_state_name(
                             (enum agent_state)i))),
                         i);
}

static void test_whose_entries(void **state)
{
    struct proposal p = {.approvals = 2, .rejections = 1,
                         .deciders = "alice\nbob\nalice\n"};

    (void)state;
    assert_int_equal(proposal_entries_of(&p, "alice"), 2);
    assert_int_equal(proposal_entries_of(&p, "bob"), 1);
    assert_int_equal(proposal_entries_of(&p, "ali"), 0);
    assert_int_equal(proposal_entries_of(&p, ""), 0);
    p.approvals = 40; /* more than names were kept of */
    assert_int_equal(proposal_entries_of(&p, "alice"), -1);
    p = (struct proposal){0};
    assert_int_equal(proposal_entries_of(&p, "alice"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_obstacle),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_whose_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
