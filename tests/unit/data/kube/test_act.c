/* Plans that act on agents: the exact requests, who is named, what is not. */
#include "config.h"

#include "data/kube/act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/act/observed.h"
#include "tests/support/cm.h"
#include "tests/support/stored.h"

#define T0 1795257094000 /* 2026-11-21T10:31:34Z */
#define UID(n) "00000000-0000-0000-0000-0000000000" #n
#define SCALE "/apis/apps/v1/namespaces/team/deployments/b-gent/scale"

static struct store *st;
static struct plan p;
static struct error err;

static void put(enum kind kind, const char *text)
{
    stored(st, kind, text, T0);
}

static void agent(const char *name, const char *uid, const char *genus,
                  const char *more)
{
    char text[900];

    snprintf(text, sizeof text,
             "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"team\",\"uid\":"
             "\"%s\"%s},\"spec\":{\"genus\":\"%s\",\"replicas\":2},"
             "\"status\":{\"phase\":\"Running\",\"deployment\":\"b-gent\"}}",
             name, uid, more, genus);
    put(KIND_AGENT, text);
}

static void deployment(int replicas)
{
    char text[900];

    snprintf(text, sizeof text,
             "{\"metadata\":{\"name\":\"b-gent\",\"namespace\":\"team\","
             "\"uid\":\"" UID(d1) "\",\"labels\":{"
             "\"app.kubernetes.io/part-of\":\"kgents\","
             "\"app.kubernetes.io/name\":\"b-gent\"},\"ownerReferences\":[{"
             "\"kind\":\"Agent\",\"name\":\"alpha\",\"uid\":\"" UID(a1) "\","
             "\"controller\":true}]},\"spec\":{\"replicas\":%d},"
             "\"status\":{\"readyReplicas\":%d}}",
             replicas, replicas);
    put(KIND_DEPLOYMENT, text);
}

static int setup(void **state)
{
    (void)state;
    st = store_create();
    agent("alpha", UID(a1), "B", "");
    deployment(2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plan_finish(&p);
    store_destroy(st);
    return 0;
}

static int plan_with(enum act act, const char *key, const char *text)
{
    plan_finish(&p);
    p = (struct plan){.want = {.act = act,
                               .kind = KIND_AGENT,
                               .ns = "team",
                               .name = "alpha"}};
    p.want.uid[15] = 0xa1;
    if (key != NULL)
        assert_true(want_put(&p.want, key, text));
    error_clear(&err);
    return kube_plan(st, "alice", T0, &p, &err);
}

static int plan(enum act act)
{
    return plan_with(act, NULL, NULL);
}

static void assert_line(const char *part)
{
    for (int i = 0; i < p.line_count; i++)
        if (strstr(p.lines[i], part) != NULL)
            return;
    for (int i = 0; i < p.line_count; i++)
        print_message("  %s\n", p.lines[i]);
    fail_msg("no line has '%s'", part);
}

static void assert_refused(int code, const char *part)
{
    assert_int_equal(err.code, code);
    if (strstr(err.msg, part) == NULL)
        fail_msg("'%s' does not say '%s'", err.msg, part);
}

static void test_pause(void **state)
{
    (void)state;
    assert_int_equal(plan(ACT_PAUSE), 0);
    assert_string_equal(p.method, "PATCH");
    assert_string_equal(p.content, "application/json-patch+json");
    assert_string_equal(p.path, SCALE);
    assert_string_equal(
        p.body, "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":"
                "\"" UID(d1) "\"},{\"op\":\"test\",\"path\":"
                "\"/spec/replicas\",\"value\":2},{\"op\":\"add\",\"path\":"
                "\"/spec/replicas\",\"value\":0}]");
    assert_int_equal(p.before, 2);
    assert_int_equal(p.friction, RISK_MEDIUM);
    assert_line("the Agent goes on wanting 2");
    assert_line("as alice");
    deployment(0);
    assert_int_not_equal(plan(ACT_PAUSE), 0);
    assert_refused(ERR_ABSENT, "paused already");
}

static void test_resume(void **state)
{
    (void)state;
    assert_int_not_equal(plan(ACT_RESUME), 0);
    assert_refused(ERR_ABSENT, "not paused");
    deployment(0);
    assert_int_equal(plan_with(ACT_RESUME, "before", "3"), 0);
    assert_line("0 pods to 3, as many as there were");
    /* a Scale leaves its 0 out */
    assert_string_equal(
        p.body, "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":"
                "\"" UID(d1) "\"},{\"op\":\"test\",\"path\":"
                "\"/spec/replicas\",\"value\":null},{\"op\":\"add\",\"path\":"
                "\"/spec/replicas\",\"value\":3}]");
    assert_int_equal(plan(ACT_RESUME), 0);
    assert_line("0 pods to 2, as the Agent wants");
}

static void test_who_shares_is_named(void **state)
{
    static const enum act acts[] = {ACT_PAUSE, ACT_RESTART, ACT_KILL};
    static const char *const words[] = {"stops another agent too: beta",
                                        "restarts another agent too: beta",
                                        "beta loses their pods"};

    (void)state;
    agent("beta", UID(a2), "B", "");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(plan(acts[i]), 0);
        assert_line(words[i]);
        assert_int_equal(p.friction, RISK_HIGH);
        assert_string_equal(p.type, "alpha");
    }
    agent("gamma", UID(a3), "B", "");
    agent("delta", UID(a4), "B", "");
    agent("eps", UID(a5), "B", "");
    assert_int_equal(plan(ACT_PAUSE), 0);
    assert_line("stops other agents too:");
    assert_line(", …");
}

static void test_scale(void **state)
{
    (void)state;
    assert_int_equal(plan_with(ACT_SCALE, "replicas", "5"), 0);
    assert_string_equal(p.path,
                        "/apis/kgents.io/v1/namespaces/team/agents/alpha");
    assert_string_equal(
        p.body, "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":"
                "\"" UID(a1) "\"},{\"op\":\"test\",\"path\":"
                "\"/spec/replicas\",\"value\":2},{\"op\":\"add\",\"path\":"
                "\"/spec/replicas\",\"value\":5}]");
    assert_int_not_equal(plan_with(ACT_SCALE, "replicas", "0"), 0);
    assert_refused(ERR_SYNTAX, "the operator makes 1 of 0");
    assert_int_not_equal(plan_with(ACT_SCALE, "replicas", "2"), 0);
    assert_refused(ERR_SYNTAX, "it is 2 already");
    for (int i = 0; i < 4; i++) {
        assert_int_not_equal(
            plan_with(ACT_SCALE, "replicas",
                      (const char *[]){"", "x", "-1", "101"}[i]), 0);
        assert_refused(ERR_SYNTAX, "from 1 to 100");
    }
}

static void test_restart(void **state)
{
    (void)state;
    assert_int_equal(plan(ACT_RESTART), 0);
    assert_string_equal(p.content, "application/merge-patch+json");
    assert_string_equal(
        p.body, "{\"metadata\":{\"uid\":\"" UID(d1) "\"},\"spec\":{"
                "\"template\":{\"metadata\":{\"annotations\":{"
                "\"kubectl.kubernetes.io/restartedAt\":"
                "\"2026-11-21T10:31:34Z\"}}}}}");
    deployment(0);
    assert_int_not_equal(plan(ACT_RESTART), 0);
    assert_refused(ERR_ABSENT, "resume it instead");
}

static void test_delete(void **state)
{
    (void)state;
    agent("alpha", UID(a1), "B",
          ",\"finalizers\":[\"kopf.zalando.org/KopfFinalizerMarker\"]");
    assert_int_equal(plan(ACT_KILL), 0);
    assert_string_equal(p.method, "DELETE");
    assert_string_equal(
        p.body, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
                "\"propagationPolicy\":\"Background\",\"preconditions\":{"
                "\"uid\":\"" UID(a1) "\"}}");
    assert_int_equal(p.friction, RISK_HIGH);
    assert_line("with it goes Deployment b-gent and its 2 pods");
    assert_line("held by kopf.zalando.org/KopfFinalizerMarker");
    agent("alpha", UID(a1), "B",
          ",\"finalizers\":[\"kopf.zalando.org/KopfFinalizerMarker\"],"
          "\"deletionTimestamp\":\"2026-11-21T10:31:00Z\"");
    assert_int_not_equal(plan(ACT_KILL), 0);
    assert_refused(ERR_EXPIRED, "the operator must let go of it");
    assert_int_not_equal(plan(ACT_PAUSE), 0);
    assert_refused(ERR_EXPIRED, "being deleted");
}

/* What is not the same gets another digest; what was not shown does not. */
static void test_digest(void **state)
{
    char first[sizeof p.digest];

    (void)state;
    assert_int_equal(plan(ACT_PAUSE), 0);
    strcpy(first, p.digest);
    assert_int_equal(plan(ACT_PAUSE), 0);
    assert_string_equal(p.digest, first);
    agent("alpha", UID(a1), "B", ",\"labels\":{\"x\":\"y\"}");
    assert_int_equal(plan(ACT_PAUSE), 0);
    assert_string_equal(p.digest, first);
    agent("beta", UID(a2), "B", "");
    assert_int_equal(plan(ACT_PAUSE), 0);
    assert_string_not_equal(p.digest, first);
    agent("alpha", UID(a9), "B", "");
    assert_int_not_equal(plan(ACT_PAUSE), 0);
    assert_refused(ERR_EXPIRED, "another agent has its name now");
}

static void test_names_that_are_no_path(void **state)
{
    (void)state;
    agent("a/../b", UID(b1), "B", "");
    plan_finish(&p);
    p = (struct plan){.want = {.act = ACT_PAUSE,
                               .kind = KIND_AGENT,
                               .ns = "team",
                               .name = "a/../b"}};
    p.want.uid[15] = 0xb1;
    error_clear(&err);
    assert_int_not_equal(kube_plan(st, "alice", T0, &p, &err), 0);
    assert_refused(ERR_SYNTAX, "cannot be in a path");
    assert_null(p.body);
}

static void pod(bool ready)
{
    char text[900];

    snprintf(text, sizeof text,
             "{\"metadata\":{\"name\":\"b-gent-5b98b9b49-cxzkq\",\"namespace\":\"team\","
             "\"uid\":\"" UID(c2) "\",\"labels\":{"
             "\"app.kubernetes.io/part-of\":\"kgents\","
             "\"app.kubernetes.io/name\":\"b-gent\"},\"ownerReferences\":[{"
             "\"kind\":\"ReplicaSet\",\"name\":\"b-gent-5b98b9b49\",\"uid\":"
             "\"" UID(c1) "\",\"controller\":true}]},\"spec\":{\"containers\":"
             "[{\"name\":\"logic\"}]},\"status\":{\"phase\":\"%s\","
             "\"containerStatuses\":[{\"name\":\"logic\",\"ready\":%s,"
             "\"state\":{\"running\":{}}}]}}",
             ready ? "Running" : "Pending", ready ? "true" : "false");
    put(KIND_POD, text);
}

static void test_say(void **state)
{
    (void)state;
    assert_int_not_equal(plan_with(ACT_SAY, "reason", "hello"), 0);
    assert_refused(ERR_ABSENT, "it has no pod");
    pod(true);
    assert_int_equal(plan_with(ACT_SAY, "reason", "a \"b\"\n"), 0);
    assert_string_equal(p.method, "POST");
    assert_string_equal(p.path, "/invoke");
    assert_string_equal(p.body, "{\"message\":\"a \\\"b\\\"\\n\"}");
    agent("alpha", UID(a1), "U", "");
    assert_int_equal(plan_with(ACT_SAY, "reason", "hello"), 0);
    assert_string_equal(p.path, "/execute");
    assert_string_equal(p.body, "{\"prompt\":\"hello\"}");
}

/* ---- what the rows say of them afterwards --------------------------------- */

static bool observed(char progress[120])
{
    const struct observing o = {
        .st = st, .plan = &p, .begun_ms = T0, .sent_ms = T0};

    return act_observed(&o, progress, 120);
}

static void test_observed(void **state)
{
    char progress[120];

    (void)state;
    assert_int_equal(plan(ACT_PAUSE), 0);
    assert_false(observed(progress));
    assert_string_equal(progress, "2 pods are still wanted");
    deployment(0);
    assert_true(observed(progress));

    assert_int_equal(plan_with(ACT_RESUME, "before", "2"), 0);
    assert_false(observed(progress));
    deployment(2);
    assert_true(observed(progress));

    assert_int_equal(plan_with(ACT_SCALE, "replicas", "5"), 0);
    assert_false(observed(progress));

    assert_int_equal(plan(ACT_KILL), 0);
    agent("alpha", UID(a1), "B",
          ",\"finalizers\":[\"x/y\"],"
          "\"deletionTimestamp\":\"2026-11-21T10:31:00Z\"");
    assert_false(observed(progress));
    assert_string_equal(progress, "being deleted, held by x/y");
    agent("alpha", UID(a7), "B", ""); /* another one of its name */
    assert_true(observed(progress));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_pause),
        T(test_resume),
        T(test_who_shares_is_named),
        T(test_scale),
        T(test_restart),
        T(test_delete),
        T(test_digest),
        T(test_names_that_are_no_path),
        T(test_say),
        T(test_observed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
