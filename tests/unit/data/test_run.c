#include "config.h"

#include <math.h>

#include "data/health.h"
#include "data/store.h"
#include "tests/support/cm.h"

#define T0 1795271527000

static struct store *st;
static const struct plane plane = {.name = "habitat", .state = PLANE_LIVE};
static const struct origin origin = {
    .plane = &plane, .stream = 3, .epoch = 1, .now_ms = T0};

static int setup(void **state)
{
    (void)state;
    st = store_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_destroy(st);
    return 0;
}

static struct run_facts facts(const char *status)
{
    return (struct run_facts){.name = {"coder", 5},
                              .status = span_of(status),
                              .mode = {"pty", 3},
                              .command = {"agent -x", 8},
                              .started_ms = T0 - 60000,
                              .created_ms = T0 - 60000,
                              .tokens = FACT_NONE,
                              .processes = FACT_NONE,
                              .rss = FACT_NONE,
                              .exit_code = FACT_NONE,
                              .cpu = (double)NAN,
                              .cost = (double)NAN};
}

static const struct agent *put(const struct run_facts *f)
{
    store_put_run(st, f, &origin);
    store_settle(st, T0);
    return store_agent(
        st, store_find(st, KIND_AGENT, span_of(""), span_of("coder")));
}

static void test_states(void **state)
{
    struct run_facts f = facts("Running");

    (void)state;
    assert_int_equal(put(&f)->state, AGENT_IDLE); /* up, said nothing */
    f.paused = true;
    assert_int_equal(put(&f)->state, AGENT_PAUSED);
    f.paused = false;
    assert_int_equal(put(&f)->state, AGENT_IDLE);
    f = facts("Failed");
    f.reason = span_of("exit 3");
    f.exit_code = 3;
    assert_int_equal(put(&f)->state, AGENT_FAILED);
    assert_true(put(&f)->trouble);
    assert_non_null(strstr(put(&f)->why, "exit 3"));
    f = facts("Completed");
    assert_int_equal(put(&f)->state, AGENT_DONE);
    assert_false(put(&f)->trouble);
    f = facts("Stopped");
    assert_int_equal(put(&f)->state, AGENT_DONE);
}

static void test_reports(void **state)
{
    struct run_facts f = facts("Running");
    const struct agent *a;

    (void)state;
    f.report_ms = T0 - 5000;
    f.report_by = span_of("hook");
    f.report = span_of("working");
    assert_int_equal(put(&f)->state, AGENT_WORKING);
    f.report = span_of("idle");
    assert_int_equal(put(&f)->state, AGENT_IDLE);
    f.report = span_of("done");
    assert_int_equal(put(&f)->state, AGENT_IDLE);
    f.report = span_of("blocked");
    f.report_text = span_of("may I push?");
    a = put(&f);
    assert_int_equal(a->state, AGENT_WAITING);
    assert_non_null(strstr(a->why, "may I push?"));
    assert_non_null(strstr(a->why, "terminal"));
    f.report = span_of("error");
    f.report_text = span_of("no key");
    a = put(&f);
    assert_int_equal(a->state, AGENT_FAILED);
    assert_true(a->trouble);
    assert_non_null(strstr(a->why, "no key"));
    f.report = span_of("dancing"); /* unknown words say nothing */
    assert_int_equal(put(&f)->run->report, REPORT_NONE);
    assert_int_equal(put(&f)->state, AGENT_IDLE);
    /* that it ended outranks what it said */
    f = facts("Completed");
    f.report = span_of("blocked");
    assert_int_equal(put(&f)->state, AGENT_DONE);
    /* and that it is paused too */
    f = facts("Running");
    f.report = span_of("blocked");
    f.paused = true;
    assert_int_equal(put(&f)->state, AGENT_PAUSED);
}

static void test_testimonies(void **state)
{
    struct run_facts f = facts("Running");
    struct testimony told[HEALTH_TESTIMONIES];
    bool process = false, report = false;
    int n;

    (void)state;
    f.report = span_of("blocked");
    f.report_by = span_of("hook");
    f.report_ms = T0;
    n = health_explain(put(&f), T0, told);
    for (int i = 0; i < n; i++) {
        process |= strcmp(told[i].source, "habitat") == 0;
        if (strcmp(told[i].source, "report") == 0) {
            report = true;
            assert_true(told[i].decided);
            assert_non_null(strstr(told[i].said, "hook"));
        }
    }
    assert_true(process && report);
}

static void test_unchanged_marks_nothing(void **state)
{
    struct run_facts f = facts("Running");
    uint64_t gen;

    (void)state;
    f.tokens = 10;
    f.cost = 0.5;
    put(&f);
    gen = st->gen[KIND_AGENT];
    put(&f);
    assert_int_equal(st->gen[KIND_AGENT], gen);
    f.tokens = 11;
    assert_int_equal(put(&f)->act.tokens, 11);
    assert_true(st->gen[KIND_AGENT] > gen);
    /* "not said" takes nothing back */
    f.tokens = FACT_NONE;
    f.cost = (double)NAN;
    assert_int_equal(put(&f)->act.tokens, 11);
}

static void test_gone_and_swept(void **state)
{
    struct run_facts f = facts("Running");

    (void)state;
    put(&f);
    store_sweep(st, KIND_AGENT, 3, 1);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    store_sweep(st, KIND_AGENT, 3, 2);
    store_settle(st, T0);
    assert_int_equal(store_count(st, KIND_AGENT), 0);
    put(&f);
    store_run_gone(st, &plane, span_of(""), span_of("coder"));
    store_settle(st, T0);
    assert_int_equal(store_count(st, KIND_AGENT), 0);
}

static struct proposal_facts asks(const struct asked_facts *asked)
{
    const double none = (double)NAN;

    return (struct proposal_facts){.meta = {.name = {"p1", 2},
                                            .created_ms = T0 - 1000},
                                   .proposer = {"coder", 5},
                                   .description = {"push to main", 12},
                                   .phase = {"Pending", 7},
                                   .required = 1,
                                   .ttl_s = 600,
                                   .risk = {none, none, none, none, none},
                                   .asked = asked};
}

static const struct proposal *put_asks(const struct proposal_facts *f)
{
    store_put_proposal(st, f, &origin);
    store_settle(st, T0);
    return store_proposal(
        st, store_find(st, KIND_PROPOSAL, span_of(""), span_of("p1")));
}

static void test_asked(void **state)
{
    struct asked_facts asked = {.digest = {"d1", 2},
                                .diff = {"+a", 2},
                                .tool = {"Bash", 4},
                                .risk = 0.45,
                                .count = 1,
                                .factors = {{"command", "publishes", 0.45}}};
    struct proposal_facts f = asks(&asked);
    struct run_facts run = facts("Running");
    const struct proposal *p;

    (void)state;
    put(&run);
    p = put_asks(&f);
    assert_true(proposal_open(p));
    assert_string_equal(p->asked->diff, "+a");
    assert_string_equal(p->asked->factors[0].why, "publishes");
    assert_true(p->asked->known);
    assert_near((double)p->risk.total, 0.45, 1e-6);
    assert_int_equal(proposal_deadline(p), T0 - 1000 + 600000);
    assert_int_equal(put(&run)->state, AGENT_WAITING);
    /* the same digest: what was read stays */
    asked.diff = span_of("+other");
    p = put_asks(&f);
    assert_string_equal(p->asked->diff, "+a");
    /* another: it is read anew */
    asked.digest = span_of("d2");
    p = put_asks(&f);
    assert_string_equal(p->asked->digest, "d2");
    assert_string_equal(p->asked->diff, "+other");
    f.phase = span_of("Approved");
    f.approvals = 1;
    p = put_asks(&f);
    assert_false(proposal_open(p));
    assert_int_equal(put(&run)->state, AGENT_IDLE);
}

static void test_asked_without_risk(void **state)
{
    struct asked_facts asked = {.digest = {"d1", 2}, .risk = (double)NAN};
    struct proposal_facts f = asks(&asked);
    const struct proposal *p;

    (void)state;
    p = put_asks(&f);
    assert_false(p->asked->known);
    assert_near((double)p->risk.total, 0, 0);
    store_gone(st, KIND_PROPOSAL, span_of(""), span_of("p1"));
    store_settle(st, T0);
    assert_int_equal(store_count(st, KIND_PROPOSAL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_states),
        T(test_reports),
        T(test_testimonies),
        T(test_unchanged_marks_nothing),
        T(test_gone_and_swept),
        T(test_asked),
        T(test_asked_without_risk),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
