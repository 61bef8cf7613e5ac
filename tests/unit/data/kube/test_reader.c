#include "config.h"

#include "data/kube/reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

#define T0 1795257094000 /* 2026-11-21T10:31:34Z */
#define META(name)                                                             \
    "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"kgents-agents\","     \
    "\"uid\":\"0f8fad5b-d9cb-469f-a165-70867728950e\","                        \
    "\"resourceVersion\":\"812\",\"generation\":2,"                            \
    "\"creationTimestamp\":\"2026-11-21T10:31:34Z\","                          \
    "\"managedFields\":[{\"manager\":\"kopf\",\"fieldsV1\":{\"f:status\":{}}}]"
#define READY_FALSE                                                            \
    "\"conditions\":[{\"lastTransitionTime\":"                                 \
    "\"2026-11-21T10:34:17.797893+00:00\",\"message\":"                        \
    "\"Rolling update in progress\",\"reason\":\"DeploymentUpdating\","        \
    "\"status\":\"False\",\"type\":\"Ready\"}]"

static const struct origin origin = {.stream = 1, .epoch = 1, .now_ms = T0};
static struct reader *reader;
static struct store *st;
static char *last;

/* Reads from memory of exactly the text's size. */
static int item(enum kind kind, const char *text, size_t len)
{
    char *exact = xrealloc(NULL, len, 1);
    struct error err = {.code = 0};
    int r;

    memcpy(exact, text, len);
    reader_destroy(reader);
    reader = reader_create(kind, st);
    r = reader_item(reader, exact, len, &origin, &err);
    assert_int_equal(r, err.code);
    if (st != NULL)
        store_settle(st, T0);
    free(last); /* the facts point into the text: kept until the next */
    last = exact;
    return r;
}

static const struct reader_facts *facts(enum kind kind, const char *text)
{
    assert_int_equal(item(kind, text, strlen(text)), 0);
    return reader_facts(reader);
}

#define assert_span(s, text)                                                   \
    do {                                                                       \
        struct span cm_s = (s);                                                \
                                                                               \
        if (!span_is(cm_s, text))                                              \
            fail_msg("%s is \"%.*s\"", #s, (int)cm_s.n,                        \
                     cm_s.p != NULL ? cm_s.p : "");                            \
    } while (0)

static void test_agent(void **state)
{
    const struct agent_facts *a;

    (void)state;
    a = &facts(KIND_AGENT,
               "{" META("keeper")
               ",\"finalizers\":[\"kopf.zalando.org/KopfFinalizerMarker\","
               "\"other\"]},\"spec\":{\"deployMode\":\"PLACEHOLDER\",\"genus\":"
               "\"M\",\"image\":\"python:3.12-slim\",\"replicas\":0,"
               "\"umwelt\":\"keeper-world\"},\"status\":{\"cognitiveHealth\":"
               "\"UNKNOWN\"," READY_FALSE ",\"deployment\":\"m-gent\","
               "\"memory\":\"keeper-memory\",\"observedGeneration\":2,"
               "\"phase\":\"Pending\",\"readyReplicas\":3}}")
             ->agent;
    assert_span(a->meta.name, "keeper");
    assert_span(a->meta.ns, "kgents-agents");
    assert_span(a->meta.version, "812");
    assert_span(a->meta.finalizer, "kopf.zalando.org/KopfFinalizerMarker");
    assert_int_equal(a->meta.created_ms, T0);
    assert_int_equal(a->meta.deleted_ms, 0);
    assert_span(a->genus, "M");
    assert_span(a->image, "python:3.12-slim");
    assert_span(a->deploy_mode, "PLACEHOLDER");
    assert_span(a->phase, "Pending");
    assert_span(a->cognitive, "UNKNOWN");
    assert_span(a->deployment, "m-gent");
    assert_span(a->memory, "keeper-memory");
    assert_span(a->umwelt, "keeper-world");
    assert_span(a->cond.reason, "DeploymentUpdating");
    assert_int_equal(a->cond.at_ms, 1795257257797);
    assert_int_equal(a->replicas, 0);
    assert_int_equal(a->ready, 3);
    assert_int_equal(a->generation, 2);
    assert_int_equal(a->observed, 2);
    assert_false(a->old_schema);
}

/* Ready tells most, wherever it stands; what is not said stays so. */
static void test_agent_little(void **state)
{
    const struct agent_facts *a;

    (void)state;
    a = &facts(KIND_AGENT, "{" META("x") "},\"status\":{\"conditions\":["
               "{\"type\":\"Ready\",\"reason\":\"A\"},"
               "{\"type\":\"Other\",\"reason\":\"B\"}]}}")
             ->agent;
    assert_span(a->cond.reason, "A");
    assert_int_equal(a->replicas, 1);
    assert_int_equal(a->ready, FACT_NONE);
    assert_int_equal(a->observed, FACT_NONE);
    assert_null(a->phase.p);
    a = &facts(KIND_AGENT, "{\"metadata\":{\"name\":\"y\"}}")->agent;
    assert_null(a->cond.type.p);
    assert_null(a->meta.ns.p);
    assert_int_equal(a->generation, FACT_NONE);
}

static void test_agent_old_schema(void **state)
{
    (void)state;
    assert_true(facts(KIND_AGENT,
                      "{" META("old") "},\"spec\":{\"genus\":\"B\","
                      "\"image\":\"i\",\"sidecar\":{\"enabled\":true}}}")
                    ->agent.old_schema);
}

static void test_pheromone(void **state)
{
    const struct pheromone_facts *p;

    (void)state;
    p = &facts(KIND_PHEROMONE,
               "{" META("review-x") "},\"spec\":{\"decay_rate\":0.05,"
               "\"halfLifeMinutes\":10,\"initialIntensity\":1,\"intensity\":"
               "0.41,\"payload\":\"{\\\"risk\\\": 1.0}\",\"source\":"
               "\"proposal-operator\",\"ttl_seconds\":3600,\"type\":"
               "\"INTENT\"},\"status\":{\"phase\":\"ACTIVE\",\"sensed_by\":[]}}")
             ->pheromone;
    assert_span(p->payload, "{\"risk\": 1.0}");
    assert_span(p->type, "INTENT");
    assert_false(p->emitted_given);
    assert_near(p->constant, 0.41, 1e-12);
    assert_near(p->half_life_min, 10, 0);
    assert_int_equal(p->ttl_s, 3600);
    assert_true(isnan(p->current));
    p = &facts(KIND_PHEROMONE,
               "{" META("d") "},\"spec\":{\"emittedAt\":\"2026-11-21T10:31:34Z"
               "\",\"halfLifeMinutes\":240,\"initialIntensity\":0.3,"
               "\"source\":\"lab\",\"type\":\"DREAM\"}}")
             ->pheromone;
    assert_int_equal(p->emitted_ms, T0);
    assert_true(p->emitted_given);
    assert_false(p->emitted_bad);
    assert_int_equal(p->ttl_s, FACT_NONE);
    p = &facts(KIND_PHEROMONE,
               "{" META("b") "},\"spec\":{\"emittedAt\":\"yesterday\"},"
               "\"status\":{\"current_intensity\":0.5}}")
             ->pheromone;
    assert_true(p->emitted_bad);
    assert_near(p->current, 0.5, 0);
    p = &facts(KIND_PHEROMONE, "{" META("b") "},\"spec\":{\"emittedAt\":5}}")
             ->pheromone;
    assert_false(p->emitted_given);
}

static void test_proposal(void **state)
{
    const struct proposal_facts *p;

    (void)state;
    p = &facts(KIND_PROPOSAL,
               "{" META("fix") "},\"spec\":{\"changeType\":\"CODE_PATCH\","
               "\"description\":\"Fix\\nit\",\"proposer\":\"broker\","
               "\"target\":{\"kind\":\"Agent\",\"name\":\"keeper\","
               "\"namespace\":\"other\"},\"magnitude\":{\"linesAdded\":5,"
               "\"linesRemoved\":6,\"filesChanged\":1,\"testsAdded\":2,"
               "\"testsRemoved\":3},\"reviewRequirements\":{\"autoMerge\":"
               "false,\"requiredApprovers\":2,\"tGentValidation\":false},"
               "\"ttlSeconds\":600},\"status\":{\"phase\":\"Reviewing\","
               "\"riskAssessment\":{\"baseRisk\":0.1,\"velocityPenalty\":0.1,"
               "\"magnitudeFactor\":1.43,\"testCoverage\":1,"
               "\"cumulativeRisk\":0.158,\"riskLevel\":\"LOW\","
               "\"calculatedAt\":\"2026-11-21T10:31:34Z\"},"
               "\"approvals\":[{\"approver\":\"alice\",\"approvedAt\":"
               "\"2026-11-21T10:40:00Z\",\"comment\":\"ok\"},{\"approver\":"
               "\"bob\",\"approvedAt\":\"2026-11-21T10:35:00Z\"}],"
               "\"rejections\":[{\"rejector\":\"eve\",\"rejectedAt\":"
               "\"2026-11-21T10:36:00Z\",\"reason\":\"no\"}],"
               "\"tGentValidation\":{\"result\":\"FAILED\",\"testsPassed\":7,"
               "\"testsFailed\":1,\"report\":\"r\"},\"executionResult\":"
               "{\"success\":false},\"conditions\":[{\"type\":\"Ready\","
               "\"status\":\"False\",\"reason\":\"AwaitingReview\"}]}}")
             ->proposal;
    assert_span(p->change, "CODE_PATCH");
    assert_span(p->description, "Fix\nit");
    assert_span(p->target_ns, "other");
    assert_int_equal(p->lines_added, 5);
    assert_int_equal(p->lines_removed, 6);
    assert_int_equal(p->files, 1);
    assert_int_equal(p->tests_added, 2);
    assert_int_equal(p->tests_removed, 3);
    assert_int_equal(p->required, 2);
    assert_false(p->auto_merge);
    assert_false(p->tgent_wanted);
    assert_int_equal(p->ttl_s, 600);
    assert_span(p->phase, "Reviewing");
    assert_near(p->risk.total, 0.158, 1e-12);
    assert_span(p->risk.level, "LOW");
    assert_int_equal(p->risk.at_ms, T0);
    assert_int_equal(p->approvals, 2);
    assert_int_equal(p->rejections, 1);
    assert_span(p->decider, "alice"); /* the latest, not the last */
    assert_span(p->decider_text, "ok");
    assert_span(p->tgent_result, "FAILED");
    assert_int_equal(p->tests_failed, 1);
    assert_true(p->executed);
    assert_false(p->execution_ok);
    assert_span(p->cond.reason, "AwaitingReview");
    p = &facts(KIND_PROPOSAL, "{" META("new") "}}")->proposal;
    assert_null(p->phase.p);
    assert_true(isnan(p->risk.total));
    assert_true(p->tgent_wanted); /* the schema's default */
    assert_int_equal(p->ttl_s, 86400);
}

static void test_objects(void **state)
{
    const struct object_facts *o;

    (void)state;
    o = &facts(KIND_MEMORY,
               "{" META("keeper-memory") ",\"labels\":{\"kgents.io/owner\":"
               "\"keeper\",\"kgents.io/genus\":\"M\"},\"ownerReferences\":[{"
               "\"kind\":\"Agent\",\"name\":\"keeper\",\"controller\":true}]},"
               "\"spec\":{\"owner\":\"M-gent\",\"type\":\"VECTOR\"}}")
             ->object;
    assert_span(o->owner, "keeper"); /* the label, not the genus */
    assert_span(o->note, "VECTOR");
    assert_span(o->meta.owner_kind, "Agent");
    o = &facts(KIND_UMWELT, "{" META("w") "},\"spec\":{\"agent\":\"keeper\","
               "\"constraints\":{\"token_budget\":20000}}}")
             ->object;
    assert_span(o->owner, "keeper");
    assert_int_equal(o->number, 20000);
    o = &facts(KIND_MORPHEUS, "{" META("m") "},\"status\":{\"endpoint\":\"e\","
               "\"providersReady\":2,\"phase\":\"Ready\"," READY_FALSE "}}")
             ->object;
    assert_span(o->note, "e");
    assert_int_equal(o->number, 2);
    assert_span(o->cond.type, "Ready");
    o = &facts(KIND_AGENTSERVER, "{" META("m") "},\"status\":{\"readyReplicas\""
               ":1}}")
             ->object;
    assert_int_equal(o->number, 1);
    assert_int_equal(o->kind, KIND_AGENTSERVER);
}

static void test_deployment(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_DEPLOYMENT,
               "{" META("b-gent") ",\"labels\":{\"app.kubernetes.io/name\":"
               "\"b-gent\"}},\"spec\":{\"replicas\":3},\"status\":{"
               "\"readyReplicas\":1,\"conditions\":[{\"type\":\"Available\","
               "\"status\":\"False\",\"reason\":\"MinimumReplicasUnavailable\""
               "}]}}")
             ->workload;
    assert_int_equal(w->desired, 3);
    assert_int_equal(w->ready, 1);
    assert_null(w->reason.p);
    w = &facts(KIND_DEPLOYMENT,
               "{" META("b-gent") "},\"spec\":{},\"status\":{\"conditions\":[{"
               "\"type\":\"ReplicaFailure\",\"status\":\"True\",\"reason\":"
               "\"FailedCreate\",\"message\":\"exceeded quota\"}]}}")
             ->workload;
    assert_int_equal(w->desired, 1);
    assert_int_equal(w->ready, 0);
    assert_span(w->reason, "FailedCreate");
    assert_span(w->message, "exceeded quota");
}

static void test_job(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_JOB, "{" META("j") ",\"labels\":{\"fracta-agent-id\":"
               "\"task\"}},\"status\":{\"active\":1,\"ready\":1}}")
             ->workload;
    assert_span(w->meta.fracta_id, "task");
    assert_int_equal(w->active, 1);
    assert_int_equal(w->failed + w->succeeded, 0);
    w = &facts(KIND_JOB, "{" META("j") "},\"status\":{\"conditions\":[{"
               "\"type\":\"Complete\",\"status\":\"True\"}]}}")
             ->workload;
    assert_int_equal(w->succeeded, 1);
    w = &facts(KIND_JOB, "{" META("j") "},\"status\":{\"conditions\":[{"
               "\"type\":\"Complete\",\"status\":\"False\"},{\"type\":"
               "\"Failed\",\"status\":\"True\",\"reason\":"
               "\"BackoffLimitExceeded\"}]}}")
             ->workload;
    assert_int_equal(w->succeeded, 0);
    assert_int_equal(w->failed, 1);
    assert_span(w->reason, "BackoffLimitExceeded");
}

#define POD(status)                                                            \
    "{" META("b-gent-1-x") ",\"ownerReferences\":[{\"kind\":\"ReplicaSet\","   \
    "\"name\":\"b-gent-1\",\"controller\":true}]},\"spec\":{\"nodeName\":"     \
    "\"n1\",\"containers\":[{\"name\":\"logic\"},{\"name\":\"d-gent\"}]},"     \
    "\"status\":{" status "}}"
#define RUNS(name, ready, restarts)                                            \
    "{\"name\":\"" name "\",\"ready\":" ready ",\"restartCount\":" restarts    \
    ",\"state\":{\"running\":{\"startedAt\":\"2026-11-21T10:31:40Z\"}}}"
#define WAITS(name, reason, restarts)                                          \
    "{\"name\":\"" name "\",\"ready\":false,\"restartCount\":" restarts        \
    ",\"state\":{\"waiting\":{\"reason\":\"" reason "\",\"message\":\"m\"}},"  \
    "\"lastState\":{\"terminated\":{\"reason\":\"Error\",\"exitCode\":2}}}"

static void test_pod_ready(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_POD, POD("\"phase\":\"Running\",\"containerStatuses\":["
                             RUNS("d-gent", "true", "0") "," RUNS(
                                 "logic", "true", "1") "]"))
             ->workload;
    assert_true(w->main_ready);
    assert_int_equal(w->ready, 1);
    assert_int_equal(w->restarts, 1);
    assert_null(w->reason.p);
    assert_span(w->phase, "Running");
    assert_span(w->node, "n1");
    assert_span(w->first_container, "logic");
    assert_span(w->meta.owner_kind, "ReplicaSet");
    assert_span(w->meta.owner_name, "b-gent-1");
}

/* What real operators make: the sidecar crashes for ever, logic runs. */
static void test_pod_sidecar_crashes(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_POD, POD("\"phase\":\"Running\",\"containerStatuses\":["
                             WAITS("d-gent", "CrashLoopBackOff", "7") "," RUNS(
                                 "logic", "true", "0") "]"))
             ->workload;
    assert_true(w->main_ready);
    assert_true(w->sidecar_bad);
    assert_span(w->reason, "CrashLoopBackOff");
    assert_span(w->container, "d-gent");
    assert_span(w->last_reason, "Error");
    assert_int_equal(w->exit_code, 2);
    assert_int_equal(w->restarts, 7);
    /* the main container's news outrank the sidecar's, in any order */
    w = &facts(KIND_POD, POD("\"containerStatuses\":[" WAITS(
                             "d-gent", "CrashLoopBackOff", "7") "," WAITS(
                             "logic", "ImagePullBackOff", "1") "]"))
             ->workload;
    assert_span(w->reason, "ImagePullBackOff");
    assert_false(w->sidecar_bad);
    assert_false(w->main_ready);
    w = &facts(KIND_POD, POD("\"containerStatuses\":[" WAITS(
                             "logic", "ImagePullBackOff", "1") "," WAITS(
                             "d-gent", "CrashLoopBackOff", "7") "]"))
             ->workload;
    assert_span(w->reason, "ImagePullBackOff");
    assert_span(w->container, "logic");
    assert_false(w->sidecar_bad);
    assert_int_equal(w->restarts, 8);
}

static void test_pod_oom(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_POD,
               POD("\"containerStatuses\":[{\"name\":\"logic\",\"ready\":true,"
                   "\"restartCount\":3,\"state\":{\"running\":{}},"
                   "\"lastState\":{\"terminated\":{\"reason\":\"OOMKilled\","
                   "\"exitCode\":137}}}]"))
             ->workload;
    assert_true(w->main_ready);
    assert_null(w->reason.p);
    assert_span(w->last_reason, "OOMKilled");
    assert_int_equal(w->exit_code, 137);
}

static void test_pod_not_started(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_POD,
               POD("\"phase\":\"Pending\",\"conditions\":[{\"type\":"
                   "\"PodScheduled\",\"status\":\"False\",\"reason\":"
                   "\"Unschedulable\",\"message\":\"0/3 nodes\"}]"))
             ->workload;
    assert_span(w->reason, "Unschedulable");
    assert_span(w->message, "0/3 nodes");
    assert_false(w->sidecar_bad);
    w = &facts(KIND_POD, POD("\"containerStatuses\":[" WAITS(
                             "logic", "ContainerCreating", "0") "]"))
             ->workload;
    assert_null(w->reason.p);
    w = &facts(KIND_POD, POD("\"initContainerStatuses\":[" WAITS(
                             "prepare", "ErrImagePull", "0") "],"
                             "\"containerStatuses\":[" WAITS(
                                 "logic", "PodInitializing", "0") "]"))
             ->workload;
    assert_span(w->reason, "ErrImagePull");
    assert_span(w->container, "prepare");
    assert_false(w->sidecar_bad);
    assert_span(w->first_container, "logic");
}

static void test_pod_ends(void **state)
{
    const struct workload_facts *w;

    (void)state;
    w = &facts(KIND_POD,
               POD("\"phase\":\"Succeeded\",\"containerStatuses\":[{\"name\":"
                   "\"logic\",\"state\":{\"terminated\":{\"reason\":\"Error\","
                   "\"exitCode\":1}}}]"))
             ->workload;
    assert_null(w->reason.p);
    w = &facts(KIND_POD,
               POD("\"phase\":\"Failed\",\"containerStatuses\":[{\"name\":"
                   "\"logic\",\"state\":{\"terminated\":{\"reason\":\"Error\","
                   "\"exitCode\":9}}}]"))
             ->workload;
    assert_span(w->reason, "Error");
    assert_int_equal(w->exit_code, 9);
    w = &facts(KIND_POD, POD("\"phase\":\"Failed\",\"reason\":\"Evicted\","
                             "\"message\":\"low on memory\""))
             ->workload;
    assert_span(w->reason, "Evicted");
    assert_span(w->message, "low on memory");
    w = &facts(KIND_POD, "{" META("x") ",\"deletionTimestamp\":"
               "\"2026-11-21T10:39:07Z\"},\"status\":{\"reason\":\"NodeLost\"}}")
             ->workload;
    assert_null(w->reason.p);
    assert_true(w->meta.deleted_ms > 0);
}

static void test_quota(void **state)
{
    const struct quota_facts *q;

    (void)state;
    q = &facts(KIND_QUOTA,
               "{" META("q") "},\"status\":{\"hard\":{\"pods\":\"10\","
               "\"requests.memory\":\"2Gi\",\"limits.cpu\":\"2\"},\"used\":{"
               "\"pods\":\"3\",\"requests.memory\":\"1945Mi\",\"limits.cpu\":"
               "\"500m\",\"unknown\":\"7\"}}}")
             ->quota;
    assert_span(q->resource, "requests.memory");
    assert_span(q->used, "1945Mi");
    assert_span(q->hard, "2Gi");
    assert_near(q->share, 1945.0 / 2048, 1e-9);
    q = &facts(KIND_QUOTA, "{" META("q") "},\"status\":{\"hard\":{\"a\":\"0\","
               "\"b\":\"x\",\"c\":5,\"d\":{}},\"used\":{\"a\":\"1\",\"b\":"
               "\"1\",\"c\":1,\"d\":{}}}}")
             ->quota;
    assert_true(isnan(q->share));
    assert_null(q->resource.p);
}

static int watched(enum kind kind, const char *text, struct read_event *ret,
                   struct error *err)
{
    reader_destroy(reader);
    reader = reader_create(kind, st);
    error_clear(err);
    return reader_event(reader, text, strlen(text), &origin, ret, err);
}

#define EVENT                                                                  \
    META("b-gent.1") "},\"type\":\"Warning\",\"reason\":\"FailedCreate\","     \
    "\"message\":\"pods is forbidden: exceeded quota\",\"source\":{"           \
    "\"component\":\"replicaset-controller\"},\"involvedObject\":{\"kind\":"   \
    "\"ReplicaSet\",\"namespace\":\"kgents-agents\",\"name\":\"b-gent-1\"},"   \
    "\"firstTimestamp\":\"2026-11-21T10:00:00Z\",\"lastTimestamp\":"           \
    "\"2026-11-21T10:31:34Z\",\"eventTime\":null,\"count\":4"

static void check_event(const struct event_facts *e)
{
    assert_span(e->type, "Warning");
    assert_span(e->reason, "FailedCreate");
    assert_span(e->message, "pods is forbidden: exceeded quota");
    assert_span(e->component, "replicaset-controller");
    assert_span(e->on_kind, "ReplicaSet");
    assert_span(e->on_name, "b-gent-1");
    assert_int_equal(e->at_ms, T0);
    assert_int_equal(e->count, 4);
}

/* An Event's reason has the path of a Status's; both ways must find it. */
static void test_event(void **state)
{
    struct read_event ev;
    struct error err;

    (void)state;
    check_event(&facts(KIND_EVENT, "{" EVENT "}")->event);
    assert_int_equal(watched(KIND_EVENT,
                             "{\"type\":\"ADDED\",\"object\":{" EVENT "}}",
                             &ev, &err),
                     0);
    check_event(&reader_facts(reader)->event);
    assert_int_equal(ev.what, READ_PUT);
}

static void test_watch(void **state)
{
    struct read_event ev;
    struct error err;

    (void)state;
    assert_int_equal(watched(KIND_AGENT,
                             "{\"type\":\"ADDED\",\"object\":{" META("a") "},"
                             "\"spec\":{\"genus\":\"B\"}}}",
                             &ev, &err),
                     0);
    assert_int_equal(ev.what, READ_PUT);
    assert_string_equal(ev.version, "812");
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    assert_span(reader_facts(reader)->agent.genus, "B");
    /* the type may come last, and the kind's own "type" is not it */
    assert_int_equal(watched(KIND_PHEROMONE,
                             "{\"object\":{" META("p") "},\"spec\":{\"type\":"
                             "\"STATE\"}},\"type\":\"MODIFIED\"}",
                             &ev, &err),
                     0);
    assert_int_equal(store_count(st, KIND_PHEROMONE), 1);
    assert_int_equal(watched(KIND_AGENT,
                             "{\"type\":\"DELETED\",\"object\":{" META("a")
                             "}}}",
                             &ev, &err),
                     0);
    assert_int_equal(ev.what, READ_DELETED);
    assert_int_equal(store_count(st, KIND_AGENT), 0);
    assert_int_equal(watched(KIND_AGENT,
                             "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{"
                             "\"resourceVersion\":\"900\",\"annotations\":{"
                             "\"k8s.io/initial-events-end\":\"true\"}}}}",
                             &ev, &err),
                     0);
    assert_int_equal(ev.what, READ_BOOKMARK);
    assert_true(ev.initial_end);
    assert_string_equal(ev.version, "900");
    assert_int_equal(watched(KIND_AGENT,
                             "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{"
                             "\"resourceVersion\":\"901\"}}}",
                             &ev, &err),
                     0);
    assert_false(ev.initial_end);
    assert_int_equal(store_count(st, KIND_AGENT), 0);
    for (int k = 0; k < KIND_CLUSTER; k++) {
        assert_int_equal(
            watched((enum kind)k,
                    "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\","
                    "\"metadata\":{},\"code\":410,\"reason\":\"Expired\","
                    "\"message\":\"too old\",\"details\":{"
                    "\"retryAfterSeconds\":5}}}",
                    &ev, &err),
            0);
        assert_int_equal(ev.what, READ_ERROR);
        assert_int_equal(ev.code, 410);
        assert_span(ev.reason, "Expired");
        assert_span(ev.message, "too old");
        assert_int_equal(ev.retry_after_s, 5);
        assert_string_equal(ev.version, "");
    }
}

static void test_watch_refuses(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"type\":\"ADDED\"}",
        "{\"type\":\"ADDED\",\"object\":{}}",
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\"}}}",
        "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":5}}}",
        "{\"type\":\"added\",\"object\":{" META("a") "}}}",
        "{\"type\":null,\"object\":{" META("a") "}}}",
        "{\"type\":\"ADDED\",\"object\":{" META("a") "}}",
        "[]",
        "",
    };
    struct read_event ev;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (watched(KIND_AGENT, bad[i], &ev, &err) == 0)
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(err.code, ERR_SYNTAX);
        assert_true(err.msg[0] != '\0');
    }
    assert_int_equal(store_count(st, KIND_AGENT), 0);
}

/* The same reader for many objects: nothing of one is left in the next. */
static void test_no_rest_of_the_last(void **state)
{
    static const char full[] = "{" META("a") ",\"labels\":{\"fracta-agent-id\":"
                               "\"t\"}},\"spec\":{\"genus\":\"B\"},\"status\":{"
                               "\"phase\":\"Running\"," READY_FALSE "}}";
    static const char bare[] = "{\"metadata\":{\"name\":\"b\"}}";
    struct reader *r = reader_create(KIND_AGENT, NULL);
    const struct agent_facts *a = &reader_facts(r)->agent;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(reader_item(r, full, sizeof full - 1, &origin, NULL),
                         0);
        assert_span(a->genus, "B");
        /* a broken one between them */
        assert_int_not_equal(
            reader_item(r, full, sizeof full / 2, &origin, NULL), 0);
        assert_int_equal(reader_item(r, bare, sizeof bare - 1, &origin, NULL),
                         0);
        assert_null(a->genus.p);
        assert_null(a->phase.p);
        assert_null(a->cond.type.p);
        assert_null(a->meta.fracta_id.p);
        assert_int_equal(a->meta.created_ms, 0);
    }
    reader_destroy(r);
    reader_destroy(NULL);
}

#define ODD_ITEMS                                                              \
    "[{\"type\":1,\"status\":[],\"lastTransitionTime\":{},\"name\":{},"         \
    "\"state\":[],\"restartCount\":\"x\",\"ready\":3,\"kind\":7}]"

/* Every field of every kind with each wrong type; the store takes it all. */
static void test_wrong_types(void **state)
{
    static const char *const wrong[] = {
        "null", "true", "-1", "1e999", "99999999999999999999", "0.5",
        "\"\"", "\"\\u0000\\u0001\"", "\"\\ud800\"", "[]", "{}",
        "[[],{},null,1,\"x\",[{}]]", "{\"type\":{},\"name\":[],\"\":1}",
        ODD_ITEMS,
        "\"9999-12-31T23:59:59Z\"",
    };
    static const char *const places[] = {
        "{\"metadata\":{\"name\":\"n\",\"namespace\":%s,\"uid\":%s,"
        "\"creationTimestamp\":%s,\"deletionTimestamp\":%s,\"generation\":%s,"
        "\"finalizers\":%s,\"ownerReferences\":%s,\"labels\":%s,"
        "\"annotations\":%s,\"resourceVersion\":%s}}",
        "{\"metadata\":{\"name\":\"n\"},\"spec\":%s,\"status\":%s,\"type\":%s,"
        "\"reason\":%s,\"message\":%s,\"involvedObject\":%s,\"count\":%s,"
        "\"eventTime\":%s,\"source\":%s,\"series\":%s}",
        "{\"metadata\":{\"name\":\"n\",\"labels\":{\"fracta-agent-id\":%s,"
        "\"kgents.io/agent\":%s,\"job-name\":%s}},\"spec\":{\"replicas\":%s,"
        "\"containers\":%s},\"status\":{\"conditions\":%s,"
        "\"containerStatuses\":%s,\"initContainerStatuses\":%s,\"hard\":%s,"
        "\"used\":%s}}",
        "{\"metadata\":{\"name\":\"n\"},\"spec\":{\"genus\":%s,\"type\":%s,"
        "\"emittedAt\":%s,\"initialIntensity\":%s,\"halfLifeMinutes\":%s,"
        "\"ttl_seconds\":%s,\"payload\":%s,\"proposer\":%s,\"magnitude\":%s,"
        "\"reviewRequirements\":%s}}",
        "{\"metadata\":{\"name\":\"n\"},\"status\":{\"phase\":%s,"
        "\"riskAssessment\":%s,\"approvals\":%s,\"rejections\":%s,"
        "\"tGentValidation\":%s,\"executionResult\":%s,\"deployment\":%s,"
        "\"readyReplicas\":%s,\"active\":%s,\"observedGeneration\":%s}}",
    };

    (void)state;
    for (int kind = 0; kind < KIND_CLUSTER; kind++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++)
            for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                struct buf text;

                buf_init(&text, 1 << 16);
                for (const char *s = places[p]; *s != '\0'; s++)
                    if (*s == '%')
                        buf_str(&text, wrong[i]), s++;
                    else
                        buf_char(&text, *s);
                if (item((enum kind)kind, text.ptr, text.len) != 0)
                    fail_msg("%s: %s", kind_name((enum kind)kind), text.ptr);
                buf_finish(&text);
            }
    for (int i = 0; i < STORE_HOUR; i++)
        assert_true(isfinite(st->hour[i]));
}

static void test_huge(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 8 << 20);
    buf_str(&text, "{" META("big") "},\"status\":{\"conditions\":[");
    for (int i = 0; i < 10000; i++)
        buf_fmt(&text,
                "%s{\"type\":\"T%d\",\"status\":\"True\",\"reason\":\"R\\n%d\","
                "\"message\":\"%s\"}",
                i ? "," : "", i, i, "a long message that says little");
    buf_str(&text, "],\"containerStatuses\":[");
    for (int i = 0; i < 1000; i++)
        buf_fmt(&text, "%s" WAITS("c", "CrashLoopBackOff", "1"), i ? "," : "");
    buf_str(&text, "],\"approvals\":[");
    for (int i = 0; i < 1000; i++)
        buf_fmt(&text, "%s{\"approver\":\"a\\t%d\"}", i ? "," : "", i);
    buf_str(&text, "],\"hard\":{");
    for (int i = 0; i < 1000; i++)
        buf_fmt(&text, "%s\"k\\n%d\":\"1\"", i ? "," : "", i);
    buf_str(&text, "}}}");
    assert_false(text.over);
    for (int kind = 0; kind < KIND_CLUSTER; kind++)
        assert_int_equal(item((enum kind)kind, text.ptr, text.len), 0);
    item(KIND_AGENT, text.ptr, text.len);
    assert_span(reader_facts(reader)->agent.cond.reason, "R\n9999");
    item(KIND_PROPOSAL, text.ptr, text.len);
    assert_int_equal(reader_facts(reader)->proposal.approvals, 1000);
    assert_span(reader_facts(reader)->proposal.decider, "a\t999");
    buf_finish(&text);
}

/* A real object cut at every byte is refused, and the store is unharmed. */
static void test_truncated(void **state)
{
    static const char s[] = POD("\"containerStatuses\":[" WAITS(
        "d-gent", "CrashLoopBackOff", "7") "]");

    (void)state;
    for (size_t n = 0; n < sizeof s - 1; n++)
        assert_int_equal(item(KIND_POD, s, n), ERR_SYNTAX);
    assert_int_equal(store_count(st, KIND_POD), 0);
    assert_int_equal(item(KIND_POD, s, sizeof s - 1), 0);
    assert_int_equal(store_count(st, KIND_POD), 1);
}

static void test_names_with_nul(void **state)
{
    static const char s[] = "{\"metadata\":{\"name\":\"a\\u0000b\","
                            "\"namespace\":\"\\u0000\",\"labels\":{"
                            "\"fracta-agent-id\":\"x\\u0000y\"}},"
                            "\"spec\":{\"proposer\":\"\\u0000\"}}";
    struct span name = {"a\0b", 3}, ns = {"\0", 1};

    (void)state;
    for (int kind = 0; kind < KIND_CLUSTER; kind++) {
        assert_int_equal(item((enum kind)kind, s, sizeof s - 1), 0);
        assert_int_equal(item((enum kind)kind, s, sizeof s - 1), 0);
        store_gone(st, (enum kind)kind, ns, name);
        if (kind != KIND_EVENT)
            assert_int_equal(store_find(st, (enum kind)kind, ns, name),
                             SLOT_NONE);
    }
    assert_int_equal(store_count(st, KIND_AGENT), 0);
}

static int setup(void **state)
{
    (void)state;
    st = store_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    reader_destroy(reader);
    reader = NULL;
    free(last);
    last = NULL;
    store_destroy(st);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_agent),         TEST(test_agent_little),
        TEST(test_agent_old_schema), TEST(test_pheromone),
        TEST(test_proposal),      TEST(test_objects),
        TEST(test_deployment),    TEST(test_job),
        TEST(test_pod_ready),     TEST(test_pod_sidecar_crashes),
        TEST(test_pod_oom),       TEST(test_pod_not_started),
        TEST(test_pod_ends),      TEST(test_quota),
        TEST(test_event),         TEST(test_watch),
        TEST(test_watch_refuses), TEST(test_no_rest_of_the_last),
        TEST(test_wrong_types),   TEST(test_huge),
        TEST(test_truncated),     TEST(test_names_with_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
