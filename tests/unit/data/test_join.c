/* Several sources, one row for each agent. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/health.h"
#include "data/identity.h"
#include "data/store.h"
#include "tests/support/cm.h"

#define T0 1795271527000
#define NS "fracta"

static struct store *st;
static struct plane *cluster, *control, *tables;
static int64_t now;

static int setup(void **state)
{
    (void)state;
    st = store_create();
    cluster = store_plane(st, "kubernetes");
    control = store_plane(st, "control plane");
    tables = store_plane(st, "postgres");
    control->rank = RANK_CONTROL;
    tables->rank = RANK_TABLES;
    cluster->state = control->state = tables->state = PLANE_LIVE;
    now = T0;
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
    return (struct run_facts){.ns = span_of(NS),
                              .name = span_of("crawl"),
                              .status = span_of(status),
                              RUN_FACTS_NONE};
}

static void put_run(const struct plane *by, const struct run_facts *f)
{
    const struct origin o = {.plane = by,
                             .stream = store_stream_of(st, by),
                             .epoch = 1,
                             .now_ms = now};

    store_put_run(st, f, &o);
}

static void say(const struct plane *by, const char *status)
{
    struct run_facts f = facts(status);

    put_run(by, &f);
}

static struct workload_facts job(const char *name, const char *label)
{
    return (struct workload_facts){.meta = {.ns = span_of(NS),
                                            .name = span_of(name),
                                            .fracta_id = span_of(label),
                                            .created_ms = T0 - 1000},
                                   .kind = KIND_JOB,
                                   .desired = FACT_NONE,
                                   .ready = FACT_NONE};
}

static void put_workload(const struct workload_facts *f)
{
    const struct origin o = {
        .plane = cluster, .stream = 4, .epoch = 1, .now_ms = now};

    store_put_workload(st, f, &o);
}

/* Its job, and a pod of it that is up. */
static void run_pod(bool up)
{
    struct workload_facts f = job("fracta-agent-crawl", "crawl");

    f.active = 1;
    put_workload(&f);
    f = job("fracta-agent-crawl-x1", "crawl");
    f.kind = KIND_POD;
    f.phase = span_of("Running");
    f.main_ready = up;
    put_workload(&f);
}

static const struct agent *agent(void)
{
    store_settle(st, now);
    return store_agent(
        st, store_find(st, KIND_AGENT, span_of(NS), span_of("crawl")));
}

static void tell(const char *id)
{
    const struct thought_facts t = {.ns = span_of(NS),
                                    .agent = span_of("crawl"),
                                    .text = span_of("hello"),
                                    .at_ms = now,
                                    .kind = THOUGHT_SAID,
                                    .tokens = 5,
                                    .cost = (double)NAN,
                                    .weight = 1,
                                    .own = true,
                                    .id = span_of(id)};

    store_thought(st, &t);
}

static bool known(const void *ctx, struct span ns, struct span name)
{
    (void)ns;
    return span_is(name, ctx);
}

static void test_identity(void **state)
{
    static const struct {
        struct workload_facts f;
        enum identity rule;
        enum kind kind;
        const char *name;
    } cases[] = {
#define S(text) {text, sizeof text - 1}
        {{.kind = KIND_JOB, .meta = {.fracta_id = S("crawl")}},
         IDENTITY_FRACTA_LABEL, KIND_AGENT, "crawl"},
        {{.kind = KIND_POD, .meta = {.fracta_id = S("crawl-say")}},
         IDENTITY_FRACTA_LABEL, KIND_AGENT, "crawl"},
        /* nobody knows "map", so it may well be called that */
        {{.kind = KIND_POD, .meta = {.fracta_id = S("map-say")}},
         IDENTITY_FRACTA_LABEL, KIND_AGENT, "map-say"},
        {{.kind = KIND_POD, .meta = {.fracta_id = S("-say")}},
         IDENTITY_FRACTA_LABEL, KIND_AGENT, "-say"},
        /* the label outranks the owner */
        {{.kind = KIND_POD,
          .meta = {.fracta_id = S("crawl"), .owner_kind = S("ReplicaSet"),
                   .owner_name = S("b-gent-7d9f8")}},
         IDENTITY_FRACTA_LABEL, KIND_AGENT, "crawl"},
        {{.kind = KIND_JOB,
          .meta = {.kgents_agent = S("q"), .name = S("q-1")}},
         IDENTITY_KGENTS_LABEL, KIND_AGENT, "q-1"},
        {{.kind = KIND_POD,
          .meta = {.kgents_agent = S("q"), .name = S("q-1-x"),
                   .job_name = S("q-1")}},
         IDENTITY_KGENTS_LABEL, KIND_AGENT, "q-1"},
        {{.kind = KIND_POD,
          .meta = {.kgents_agent = S("q"), .name = S("q-1-x"),
                   .owner_kind = S("Job"), .owner_name = S("q-1")}},
         IDENTITY_KGENTS_LABEL, KIND_AGENT, "q-1"},
        {{.kind = KIND_POD,
          .meta = {.owner_kind = S("ReplicaSet"),
                   .owner_name = S("b-gent-7d9f8"), .app_name = S("other")}},
         IDENTITY_OWNER, KIND_DEPLOYMENT, "b-gent"},
        {{.kind = KIND_POD, .meta = {.app_name = S("b-gent")}},
         IDENTITY_APP_LABEL, KIND_DEPLOYMENT, "b-gent"},
        {{.kind = KIND_POD, .meta = {.app = S("kgents-operator")}},
         IDENTITY_OPERATOR, KIND_DEPLOYMENT, "kgents-operator"},
        {{.kind = KIND_POD, .meta = {.name = S("nginx")}}, IDENTITY_NONE,
         KIND_AGENT, NULL},
        {{.kind = KIND_JOB, .meta = {.app_name = S("b-gent")}}, IDENTITY_NONE,
         KIND_AGENT, NULL},
        {{.kind = KIND_DEPLOYMENT, .meta = {.app_name = S("b-gent")}},
         IDENTITY_NONE, KIND_AGENT, NULL},
#undef S
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct belonging b =
            identity_of_workload(&cases[i].f, known, "crawl");

        if (b.rule != cases[i].rule)
            fail_msg("case %zu: by %s", i, identity_name(b.rule));
        if (b.rule == IDENTITY_NONE)
            continue;
        assert_int_equal(b.kind, cases[i].kind);
        assert_true(span_is(b.name, cases[i].name));
    }
}

static void test_one_row_in_any_order(void **state)
{
    (void)state;
    store_destroy(st);
    for (int order = 0; order < 6; order++) {
        setup(NULL);
        for (int i = 0; i < 3; i++) {
            static const char orders[6][4] = {"cpk", "ckp", "pck",
                                              "pkc", "kcp", "kpc"};

            if (orders[order][i] == 'c')
                say(control, "Running");
            else if (orders[order][i] == 'p')
                say(tables, "Running");
            else
                run_pod(true);
            assert_non_null(agent());
            assert_int_equal(store_count(st, KIND_AGENT), 1);
        }
        assert_int_equal(agent()->origin, AGENT_ORIGIN_FRACTA);
        assert_true(agent()->load.cluster);
        assert_int_equal(agent()->load.pods, 1);
        assert_string_equal(agent()->run->status, "Running");
        assert_false(agent()->conflict);
        store_destroy(st);
    }
    setup(NULL);
}

/* What one source takes away, the others keep. */
static void test_leaving(void **state)
{
    (void)state;
    say(control, "Running");
    say(tables, "Running");
    run_pod(true);
    store_run_gone(st, control, span_of(NS), span_of("crawl"));
    assert_string_equal(agent()->run->status, "Running");
    store_gone(st, KIND_POD, span_of(NS), span_of("fracta-agent-crawl-x1"));
    store_gone(st, KIND_JOB, span_of(NS), span_of("fracta-agent-crawl"));
    assert_non_null(agent());
    assert_int_equal(agent()->origin, AGENT_ORIGIN_RUN);
    assert_false(agent()->load.cluster);
    assert_true(agent()->load.main_ready);
    store_sweep(st, KIND_AGENT, store_stream_of(st, tables), 1);
    assert_non_null(agent());
    store_sweep(st, KIND_AGENT, store_stream_of(st, tables), 2);
    assert_null(agent());
    assert_int_equal(store_count(st, KIND_AGENT), 0);
    /* the other way round: the run goes, the pods stay */
    run_pod(true);
    say(control, "Running");
    store_run_gone(st, control, span_of(NS), span_of("crawl"));
    assert_non_null(agent());
    assert_null(agent()->run);
    assert_int_equal(agent()->load.pods, 1);
}

/* An object of the same name is the same agent: it has the task's name. */
static void test_object_of_the_name(void **state)
{
    const struct origin o = {
        .plane = cluster, .stream = 1, .epoch = 1, .now_ms = now};
    struct agent_facts f = {.meta = {.ns = span_of(NS),
                                     .name = span_of("crawl"),
                                     .uid = span_of("0f8fad5b-d9cb-469f-a165-"
                                                    "70867728950e")},
                            .genus = span_of("B"),
                            .replicas = 1};

    (void)state;
    say(control, "Running");
    tell("");
    store_put_agent(st, &f, &o);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    assert_int_equal(agent()->origin, AGENT_ORIGIN_KGENTS);
    assert_int_equal(agent()->act.events, 1); /* its past is its own */
    assert_int_equal(agent()->replicas, 1);
    store_gone(st, KIND_AGENT, span_of(NS), span_of("crawl"));
    assert_int_equal(agent()->origin, AGENT_ORIGIN_RUN);
    assert_null(agent()->deployment);
    assert_int_equal(agent()->state, AGENT_WORKING); /* it spoke */
}

/* Each field from the most believed that says it. */
static void test_fields(void **state)
{
    struct run_facts c = facts("Idle"), p = facts("Running");

    (void)state;
    c.tool = span_of("Read");
    c.reason = (struct span){NULL, 0};
    c.beat_ms = T0 - 1000;
    p.runtime = span_of("claude");
    p.base = span_of("main");
    p.mission = 7;
    p.reason = span_of("old news");
    put_run(tables, &p);
    put_run(control, &c);
    assert_string_equal(agent()->run->status, "Idle");
    assert_null(agent()->run->reason); /* it belongs to the status */
    assert_string_equal(agent()->run->tool, "Read");
    assert_string_equal(agent()->run->runtime, "claude");
    assert_string_equal(agent()->run->base, "main");
    assert_int_equal(agent()->run->mission, 7);
    assert_int_equal(agent()->run->beat_ms, T0 - 1000);
    /* one that is cut off is believed less */
    control->state = PLANE_STALE;
    store_plane_turned(st, control);
    assert_string_equal(agent()->run->status, "Running");
    assert_string_equal(agent()->run->tool, "Read");
    control->state = PLANE_LIVE;
    store_plane_turned(st, control);
    assert_string_equal(agent()->run->status, "Idle");
}

static void test_conflict(void **state)
{
    struct run_facts f = facts("Running");

    (void)state;
    f.started_ms = now;
    put_run(control, &f);
    run_pod(true);
    assert_int_equal(agent()->state, AGENT_IDLE);
    /* the later word holds at once, the quarrel is told after a while */
    now += 60000;
    f = facts("Failed");
    f.ended_ms = now;
    f.reason = span_of("no such branch");
    put_run(control, &f);
    assert_int_equal(agent()->state, AGENT_FAILED);
    assert_false(agent()->conflict);
    assert_non_null(strstr(agent()->why, "no such branch"));
    now += HEALTH_AGREE_MS;
    assert_true(agent()->conflict);
    assert_int_equal(agent()->state, AGENT_FAILED);
    assert_true(agent()->trouble);
    assert_non_null(strstr(agent()->why, "control plane: Failed"));
    assert_non_null(strstr(agent()->why, "cluster: running, older (1m"));
    /* the pod ends: both say so now */
    run_pod(false);
    assert_false(agent()->conflict);
}

/* The job failed, and the control plane has not noticed. */
static void test_conflict_of_the_cluster(void **state)
{
    struct workload_facts f = job("fracta-agent-crawl", "crawl");
    struct testimony told[HEALTH_TESTIMONIES];
    bool job_told = false, plane_told = false;
    int n;

    (void)state;
    say(control, "Running");
    run_pod(true);
    agent();
    now += 5000;
    run_pod(false);
    f.failed = 1;
    put_workload(&f);
    assert_int_equal(agent()->state, AGENT_FAILED);
    assert_false(agent()->conflict);
    now += HEALTH_AGREE_MS;
    assert_true(agent()->conflict);
    assert_int_equal(agent()->state, AGENT_FAILED);
    assert_non_null(strstr(agent()->why, "cluster: failed"));
    assert_non_null(strstr(agent()->why, "control plane: Running, older"));
    n = health_explain(agent(), now, told);
    for (int i = 0; i < n; i++) {
        job_told |= strcmp(told[i].source, "workload") == 0 &&
                    told[i].decided;
        plane_told |= strcmp(told[i].source, "control plane") == 0 &&
                      !told[i].decided;
    }
    assert_true(job_told && plane_told);
}

/* The process ended well, and what it printed was no answer. */
static void test_work_failed(void **state)
{
    struct workload_facts f = job("fracta-agent-crawl", "crawl");
    struct run_facts r = facts("Failed");

    (void)state;
    f.succeeded = 1;
    put_workload(&f);
    r.reason = span_of("no JSON");
    put_run(control, &r);
    now += HEALTH_AGREE_MS;
    assert_int_equal(agent()->state, AGENT_FAILED);
    assert_false(agent()->conflict);
    assert_non_null(strstr(agent()->why, "no JSON"));
}

static void test_queued_and_beats(void **state)
{
    struct run_facts f = facts("Queued");

    (void)state;
    put_run(control, &f);
    now += 3 * HEALTH_STARTING_MS;
    assert_int_equal(agent()->state, AGENT_STARTING);
    assert_false(agent()->trouble);
    assert_non_null(strstr(agent()->why, "queued 30m"));
    f = facts("Running");
    f.beat_ms = now;
    put_run(control, &f);
    assert_int_equal(agent()->state, AGENT_IDLE);
    now += HEALTH_BEAT_MS;
    assert_int_equal(agent()->state, AGENT_QUIET);
    assert_true(agent()->trouble);
    f.beat_ms = now;
    put_run(control, &f);
    assert_int_equal(agent()->state, AGENT_IDLE);
}

static void test_events_once(void **state)
{
    (void)state;
    say(control, "Running");
    tell("8f14e45f-ceea-467f-a0e6-1c0b8b1e2d3c");
    tell("8f14e45f-ceea-467f-a0e6-1c0b8b1e2d3c");
    tell("");
    tell("");
    assert_int_equal(thoughts_count(&st->thoughts), 3);
    assert_int_equal(agent()->act.tokens, 15);
    assert_int_equal(st->event_ids.doubles, 1);
}

/* Beside a plain list of the last EVENT_IDS_MAX. */
static void test_event_ids(void **state)
{
    struct event_ids ids = {0};
    static int at[3 * EVENT_IDS_MAX]; /* arrival + 1 of each id; 0 not */
    int arrivals = 0;

    (void)state;
    srand(7);
    for (int i = 0; i < 12 * EVENT_IDS_MAX; i++) {
        int n = rand() % (3 * EVENT_IDS_MAX);
        bool is_new = at[n] == 0 || arrivals - at[n] >= EVENT_IDS_MAX;
        char text[16];

        snprintf(text, sizeof text, "id-%d", n);
        if (event_ids_add(&ids, span_of(text)) != is_new)
            fail_msg("turn %d, id %d: %s", i, n, is_new ? "new" : "old");
        if (is_new)
            at[n] = ++arrivals;
    }
    event_ids_finish(&ids);
}

static const struct object *object(enum kind kind, const char *name)
{
    return store_object(st, store_find(st, kind, span_of(NS), span_of(name)));
}

static void test_work(void **state)
{
    struct origin o = {.plane = tables, .stream = 9, .epoch = 1, .now_ms = T0};
    struct objective_facts v = {
        .meta = {.ns = span_of(NS), .name = span_of("o1"), .created_ms = T0},
        .status = span_of("open"),
        .description = span_of("find the leak"),
        .missions = 3,
        .max_missions = 100,
        .findings = FACT_NONE,
        .max_depth = FACT_NONE,
        .max_branching = FACT_NONE,
        .max_runtime_ms = 4 * 3600000,
        .tokens = FACT_NONE,
        .max_tokens = FACT_NONE,
        .writes = FACT_NONE,
        .max_writes = FACT_NONE};
    struct mission_facts m = {
        .meta = {.ns = span_of(NS), .name = span_of("12")},
        .status = span_of("claimed"),
        .task = span_of("crawl"),
        .claimed_by = span_of("worker-1"),
        .parent = FACT_NONE,
        .depth = 1,
        .priority = 5,
        .claimed_ms = T0,
        .lease_ms = T0 + 1800000};
    uint64_t gen;

    (void)state;
    store_put_objective(st, &v, &o);
    store_put_mission(st, &m, &o);
    assert_string_equal(object(KIND_OBJECTIVE, "o1")->phase, "open");
    assert_int_equal(object(KIND_OBJECTIVE, "o1")->objective->missions, 3);
    assert_int_equal(object(KIND_OBJECTIVE, "o1")->objective->findings,
                     FACT_NONE);
    assert_string_equal(object(KIND_MISSION, "12")->owner, "crawl");
    assert_int_equal(object(KIND_MISSION, "12")->mission->priority, 5);
    gen = st->gen[KIND_OBJECTIVE];
    store_put_objective(st, &v, &o);
    assert_int_equal(st->gen[KIND_OBJECTIVE], gen);
    /* another source knows less, and something else */
    v.max_runtime_ms = FACT_NONE;
    v.findings = 2;
    v.description = (struct span){NULL, 0};
    store_put_objective(st, &v, &o);
    assert_int_equal(object(KIND_OBJECTIVE, "o1")->objective->max_runtime_ms,
                     4 * 3600000);
    assert_int_equal(object(KIND_OBJECTIVE, "o1")->objective->findings, 2);
    assert_string_equal(object(KIND_OBJECTIVE, "o1")->note, "find the leak");
    /* its lease ran out: it waits again */
    m.status = span_of("pending");
    m.claimed_ms = m.lease_ms = 0;
    store_put_mission(st, &m, &o);
    assert_int_equal(object(KIND_MISSION, "12")->mission->lease_ms, 0);
    store_sweep(st, KIND_MISSION, 9, 2);
    assert_null(object(KIND_MISSION, "12"));
    assert_non_null(object(KIND_OBJECTIVE, "o1"));
}

/* A kind is as the best of those who bring it. */
static void test_streams(void **state)
{
    (void)state;
    store_stream(st, cluster, KIND_AGENT, STREAM_LOADING, NULL);
    assert_int_equal(st->streams[KIND_AGENT].state, STREAM_LOADING);
    store_stream(st, control, KIND_AGENT, STREAM_LIVE, NULL);
    assert_int_equal(st->streams[KIND_AGENT].state, STREAM_LIVE);
    store_stream(st, cluster, KIND_AGENT, STREAM_DENIED, "no right");
    assert_int_equal(st->streams[KIND_AGENT].state, STREAM_LIVE);
    store_stream(st, control, KIND_AGENT, STREAM_STALE, "cut");
    assert_int_equal(st->streams[KIND_AGENT].state, STREAM_STALE);
    assert_string_equal(st->streams[KIND_AGENT].note, "cut");
    store_stream(st, control, KIND_AGENT, STREAM_NONE, NULL);
    assert_int_equal(st->streams[KIND_AGENT].state, STREAM_DENIED);
}

/* The picture's rows stay until nobody is left who may bring them. */
static void test_picture(void **state)
{
    const struct origin o = {.stream = STREAM_PICTURE, .now_ms = T0};
    struct agent_facts f = {
        .meta = {.ns = span_of("other"), .name = span_of("b")}};

    (void)state;
    store_put_agent(st, &f, &o);
    cluster->state = PLANE_CONNECTING;
    store_stream(st, control, KIND_AGENT, STREAM_LIVE, NULL);
    store_drop_picture(st, KIND_AGENT);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    store_stream(st, cluster, KIND_AGENT, STREAM_LIVE, NULL);
    cluster->answered = true;
    store_drop_picture(st, KIND_AGENT);
    assert_int_equal(store_count(st, KIND_AGENT), 0);
}

static void test_clocks(void **state)
{
    (void)state;
    cluster->offset_ms = 1000;
    tables->offset_ms = -500;
    assert_int_equal(store_time(st, tables, T0), T0 + 1500);
    assert_int_equal(store_time(st, cluster, T0), T0);
    assert_int_equal(store_time(st, tables, 0), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        T(test_one_row_in_any_order),
        T(test_leaving),
        T(test_object_of_the_name),
        T(test_fields),
        T(test_conflict),
        T(test_conflict_of_the_cluster),
        T(test_work_failed),
        T(test_queued_and_beats),
        T(test_events_once),
        cmocka_unit_test(test_event_ids),
        T(test_work),
        T(test_streams),
        T(test_picture),
        T(test_clocks),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
