#include "config.h"

#include "data/health.h"

#include <stdlib.h>

#include "base/moments.h"
#include "data/facts.h"
#include "tests/support/cm.h"

#define T0 1795257094000
#define MIN 60000LL

/* A kgents agent of which nothing but its object is known. */
static struct agent bare(void)
{
    struct agent a = {
        .ns = "kgents-agents",
        .name = "broker",
        .phase = "Pending",
        .replicas = 1,
        .ready = FACT_NONE,
        .created_ms = T0,
        .origin = AGENT_ORIGIN_KGENTS,
        .load = {.desired = FACT_NONE, .ready = FACT_NONE, .pods = FACT_NONE},
        .live = true,
    };

    activity_init(&a.act);
    return a;
}

/* The same with a Deployment whose pod is ready. */
static struct agent running(void)
{
    struct agent a = bare();

    a.load = (struct agent_workload){.desired = 1,
                                     .ready = 1,
                                     .pods = 1,
                                     .kind = "Deployment",
                                     .main_ready = true};
    return a;
}

static struct verdict judge(const struct agent *a, int64_t now)
{
    struct testimony told[HEALTH_TESTIMONIES + 1];
    struct verdict v;
    int n;

    health_judge(a, now, &v);
    assert_true(v.flips_ms > now);
    memset(told, 0, sizeof told);
    n = health_explain(a, now, told);
    assert_in_range(n, 1, HEALTH_TESTIMONIES);
    for (int i = 0; i < n; i++) {
        assert_non_null(told[i].source);
    }
    assert_null(told[n].source);
    return v;
}

#define assert_state(v, s) assert_int_equal((v).state, AGENT_##s)
#define assert_why(v, text)                                                    \
    do {                                                                       \
        if (strstr((v).why, text) == NULL)                                     \
            fail_msg("why is \"%s\"", (v).why);                                \
    } while (0)

static void test_1_deleted(void **state)
{
    struct agent a = running();
    struct verdict v;

    (void)state;
    a.deleted_ms = T0;
    a.finalizer = "kopf.zalando.org/KopfFinalizerMarker";
    a.load.failed = true; /* outranked */
    v = judge(&a, T0 + 5000);
    assert_state(v, ENDING);
    assert_false(v.trouble);
    assert_why(v, "held by kopf");
    assert_int_equal(v.flips_ms, T0 + HEALTH_ENDING_MS);
    v = judge(&a, v.flips_ms);
    assert_true(v.trouble);
    assert_true(v.flips_ms == MOMENT_NEVER);
}

static void test_2_job_failed(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.load = (struct agent_workload){.kind = "Job", .failed = true};
    v = judge(&a, T0);
    assert_state(v, FAILED);
    assert_true(v.trouble);
    assert_why(v, "its job failed");
    a.load.reason = "BackoffLimitExceeded";
    a.load.last_reason = "OOMKilled";
    a.load.done = true; /* outranked */
    v = judge(&a, T0);
    assert_state(v, FAILED);
    assert_why(v, "BackoffLimitExceeded · OOMKilled");
}

static void test_3_bad_news(void **state)
{
    struct agent a = running();
    struct verdict v;

    (void)state;
    a.load.reason = "CrashLoopBackOff";
    a.load.container = "logic";
    a.load.restarts = 7;
    a.load.last_reason = "OOMKilled";
    a.waiting = 1; /* outranked */
    v = judge(&a, T0);
    assert_state(v, FAILED);
    assert_true(v.trouble);
    assert_why(v, "CrashLoopBackOff ×7 · OOMKilled");
}

/* The d-gent sidecar of real operators crashes; the agent works. */
static void test_3_not_of_a_sidecar(void **state)
{
    struct agent a = running();
    struct verdict v;

    (void)state;
    a.load.reason = "CrashLoopBackOff";
    a.load.container = "d-gent";
    a.load.restarts = 12;
    a.load.partial = true;
    v = judge(&a, T0);
    assert_state(v, IDLE);
    assert_true(v.degraded);
    assert_false(v.trouble);
    assert_why(v, "d-gent: CrashLoopBackOff ×12");
}

static void test_4_quota(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.load = (struct agent_workload){.desired = 3, .pods = FACT_NONE};
    a.quota_hit = 1;
    v = judge(&a, T0);
    assert_state(v, FAILED);
    assert_why(v, "quota");
}

static void test_5_gone(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.deployment = "b-gent";
    a.load.gone = true;
    v = judge(&a, T0);
    assert_state(v, FAILED);
    assert_true(v.trouble);
    assert_why(v, "b-gent is gone");
}

static void test_6_phase_failed(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.phase = "Failed";
    v = judge(&a, T0);
    assert_state(v, FAILED);
    assert_why(v, "phase Failed");
    a.cond = (struct condition){"Ready", "False", "DeployError", "no image", 1};
    v = judge(&a, T0);
    assert_why(v, "DeployError: no image");
    /* what runs outranks what is written */
    a.load = running().load;
    v = judge(&a, T0);
    assert_state(v, IDLE);
    assert_true(v.degraded);
}

static void test_7_done(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.load = (struct agent_workload){
        .kind = "Job", .done = true, .main_ready = true, .desired = 1};
    a.waiting = 1;
    v = judge(&a, T0);
    assert_state(v, DONE);
    assert_false(v.trouble);
    assert_string_equal(v.why, "");
}

static void test_8_paused(void **state)
{
    struct agent a = running();

    (void)state;
    a.replicas = 0;
    a.waiting = 1;
    assert_state(judge(&a, T0), PAUSED);
}

static void test_9_dry_run(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.deploy_mode = "DRY_RUN";
    a.waiting = 1;
    v = judge(&a, T0);
    assert_state(v, IDLE);
    assert_why(v, "dry run");
}

static void test_10_waiting(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.load = (struct agent_workload){.desired = 1}; /* still starting */
    a.waiting = 1;
    a.waiting_since_ms = T0;
    v = judge(&a, T0 + 3 * MIN);
    assert_state(v, WAITING);
    assert_false(v.trouble);
    assert_why(v, "waits for you 3m");
    a.waiting = 4;
    v = judge(&a, T0 + 3 * MIN);
    assert_why(v, "4 proposals");
}

static void test_11_starting(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    a.load = (struct agent_workload){.desired = 2, .pods = 1};
    activity_event(&a.act, T0 + 1, 1); /* outranked */
    v = judge(&a, T0 + 2 * MIN);
    assert_state(v, STARTING);
    assert_false(v.trouble);
    assert_why(v, "0 of 2 ready after 2m");
    assert_int_equal(v.flips_ms, T0 + HEALTH_STARTING_MS);
    v = judge(&a, v.flips_ms);
    assert_state(v, STARTING);
    assert_true(v.trouble);
    a.created_ms = a.state_ms = 0; /* age unknown: no trouble guessed */
    assert_false(judge(&a, T0).trouble);
}

static void test_12_looping(void **state)
{
    struct agent a = running();
    struct verdict v;

    (void)state;
    for (int i = 0; i < ACTIVITY_LOOP_MIN; i++) {
        assert_int_not_equal(judge(&a, T0 + i * 1000).state, AGENT_LOOPING);
        activity_event(&a.act, T0 + i * 1000, 1);
        activity_step(&a.act, T0 + i * 1000, THOUGHT_CALL, "try again", 9);
    }
    v = judge(&a, T0 + 10000);
    assert_state(v, LOOPING);
    assert_true(v.trouble);
    assert_why(v, "same step ×5 in 4s");
    /* an hour after its last word it loops no more, and the flip says when */
    for (int i = 0; v.state == AGENT_LOOPING; i++) {
        assert_true(i < 5);
        assert_true(v.flips_ms != MOMENT_NEVER);
        v = judge(&a, v.flips_ms);
    }
    assert_state(v, IDLE);
    assert_false(v.trouble);
    activity_finish(&a.act);
}

static struct agent with_habit(int gap_ms)
{
    struct agent a = running();

    for (int i = 0; i < 40; i++)
        activity_event(&a.act, T0 + i * gap_ms, 1);
    return a;
}

static void test_13_quiet(void **state)
{
    struct agent a = with_habit(30011);
    struct verdict v;
    int64_t last = a.act.last_ms, flip;

    (void)state;
    v = judge(&a, last + 1000);
    assert_state(v, WORKING);
    /* following the flips one meets working, idle, quiet, idle */
    v = judge(&a, v.flips_ms);
    assert_state(v, IDLE);
    assert_near((double)(v.flips_ms - last), 6 * 30011, 100);
    v = judge(&a, v.flips_ms);
    assert_state(v, QUIET);
    assert_why(v, "silent 6×");
    assert_false(v.trouble);
    flip = v.flips_ms;
    assert_int_equal(flip, last + ACTIVITY_QUIET_MAX_MS);
    assert_state(judge(&a, flip - 1), QUIET);
    assert_state(judge(&a, flip), IDLE);
    /* someone who talks all the time is quiet after a minute, not before */
    a = with_habit(500);
    last = a.act.last_ms;
    assert_state(judge(&a, last + 59999), WORKING);
    assert_state(judge(&a, last + 60000), QUIET);
    /* without a habit nobody is quiet */
    a = running();
    activity_event(&a.act, T0, 1);
    assert_state(judge(&a, T0 + 20 * MIN), IDLE);
}

/* For any habit: the state changes at the flips and nowhere else. */
static void test_flips(void **state)
{
    uint32_t seed = 8;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct agent a = with_habit(300 + (int)(cm_random(&seed) % 200000));
        struct verdict v = judge(&a, a.act.last_ms);
        int64_t now = a.act.last_ms;

        while (v.flips_ms != MOMENT_NEVER) {
            int64_t flip = v.flips_ms;

            for (int i = 0; i < 20; i++) {
                int64_t t = now + (int64_t)(cm_random(&seed) %
                                            (uint32_t)(flip - now));

                assert_int_equal(judge(&a, t).state, v.state);
            }
            assert_int_equal(judge(&a, flip - 1).state, v.state);
            v = judge(&a, flip);
            now = flip;
        }
        assert_state(v, IDLE);
        assert_state(judge(&a, now + 100 * 3600000LL), IDLE);
    }
}

static void test_14_working(void **state)
{
    struct agent a = bare();
    struct verdict v;

    (void)state;
    activity_event(&a.act, T0, 1);
    v = judge(&a, T0 + 1000);
    assert_state(v, WORKING);
    assert_state(judge(&a, T0 + ACTIVITY_WORK_MS - 1), WORKING);
    assert_state(judge(&a, T0 + ACTIVITY_WORK_MS), IDLE);
}

/* Pending for ever is what real operators write of a ready agent. */
static void test_15_idle(void **state)
{
    struct agent a = running();
    struct verdict v = judge(&a, T0);

    (void)state;
    assert_state(v, IDLE);
    assert_false(v.trouble);
    assert_false(v.degraded);
    assert_string_equal(v.why, "");
    assert_true(v.flips_ms == MOMENT_NEVER);
    a = bare();
    a.phase = "Running";
    assert_state(judge(&a, T0), IDLE);
}

static void test_16_unknown(void **state)
{
    struct agent a = bare();
    struct verdict v = judge(&a, T0);

    (void)state;
    assert_state(v, UNKNOWN);
    assert_why(v, "phase Pending, no workload seen");
    a.phase = NULL;
    assert_why(judge(&a, T0), "no phase");
}

static void test_degraded(void **state)
{
    struct agent a = running();
    struct verdict v;

    (void)state;
    a.load.desired = 3;
    v = judge(&a, T0);
    assert_state(v, IDLE);
    assert_true(v.degraded);
    assert_why(v, "1 of 3 ready");
    a = running();
    a.phase = "Degraded";
    a.cond.message = "Connection failed";
    v = judge(&a, T0);
    assert_true(v.degraded);
    assert_why(v, "Connection failed");
    a = running();
    a.cognitive = "UNRESPONSIVE";
    assert_true(judge(&a, T0).degraded);
    a.cognitive = "UNKNOWN";
    assert_false(judge(&a, T0).degraded);
}

/* Texts of any length from a cluster stay in their bounds. */
static void test_long_texts(void **state)
{
    struct agent a = running();
    char *text = malloc(5000);
    struct testimony told[HEALTH_TESTIMONIES];

    (void)state;
    memset(text, 'w', 4999);
    text[4999] = '\0';
    a.phase = a.cognitive = a.deploy_mode = a.deployment = a.finalizer =
        a.load.reason = a.load.message = a.load.container =
            a.load.last_reason = text;
    a.cond = (struct condition){text, text, text, text, T0};
    a.load.restarts = INT32_MAX;
    a.load.exit_code = INT32_MIN;
    a.waiting = UINT32_MAX;
    activity_event(&a.act, T0, 1);
    for (int i = 0; i < 2; i++) {
        struct verdict v = judge(&a, T0 + 1);
        int n = health_explain(&a, T0 + 1, told);

        assert_true(strlen(v.why) < sizeof v.why);
        assert_in_range(n, 5, HEALTH_TESTIMONIES);
        /* all that can be said at once */
        a.deleted_ms = T0;
        a.replicas = 0;
    }
    free(text);
}

static void test_explain_marks_the_source(void **state)
{
    struct testimony told[HEALTH_TESTIMONIES];
    struct agent a = running();
    bool seen = false;
    int n;

    (void)state;
    n = health_explain(&a, T0, told);
    for (int i = 0; i < n; i++)
        if (strcmp(told[i].source, "phase") == 0)
            assert_non_null(strstr(told[i].said, "never writes Running"));
    a.load.reason = "CrashLoopBackOff";
    a.load.container = "logic";
    n = health_explain(&a, T0, told);
    for (int i = 0; i < n; i++)
        if (strcmp(told[i].source, "container") == 0) {
            seen = told[i].decided;
            assert_string_equal(told[i].said, "logic: CrashLoopBackOff");
        }
    assert_true(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_deleted),
        cmocka_unit_test(test_2_job_failed),
        cmocka_unit_test(test_3_bad_news),
        cmocka_unit_test(test_3_not_of_a_sidecar),
        cmocka_unit_test(test_4_quota),
        cmocka_unit_test(test_5_gone),
        cmocka_unit_test(test_6_phase_failed),
        cmocka_unit_test(test_7_done),
        cmocka_unit_test(test_8_paused),
        cmocka_unit_test(test_9_dry_run),
        cmocka_unit_test(test_10_waiting),
        cmocka_unit_test(test_11_starting),
        cmocka_unit_test(test_12_looping),
        cmocka_unit_test(test_13_quiet),
        cmocka_unit_test(test_14_working),
        cmocka_unit_test(test_15_idle),
        cmocka_unit_test(test_16_unknown),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_degraded),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_explain_marks_the_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
