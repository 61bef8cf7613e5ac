#include "config.h"

#include "data/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "data/store_priv.h"
#include "tests/support/cm.h"

#define T0 1795257094000
#define MIN 60000LL
#define NS "kgents-agents"

static struct store *st;
static struct origin at;

static int setup(void **state)
{
    (void)state;
    st = store_create();
    at = (struct origin){.stream = 1, .epoch = 1, .now_ms = T0};
    return 0;
}

static uint32_t waiting_sum(struct span ns, struct span name, int64_t *since)
{
    uint32_t n = 0;

    *since = 0;
    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);

        if (p == NULL || !proposal_open(p) || p->proposer == NULL ||
            !span_is(ns, p->ns) || !span_is(name, p->proposer))
            continue;
        n++;
        if (*since == 0 || p->created_ms < *since)
            *since = p->created_ms;
    }
    return n;
}

/* Everything the store counts, counted anew from its rows. */
static void recount(void)
{
    uint32_t states[AGENT_STATE_COUNT] = {0}, trouble = 0, degraded = 0;
    uint32_t live = 0, open = 0;

    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);
        int64_t since;

        if (a == NULL)
            continue;
        live++;
        states[a->state]++;
        trouble += a->trouble;
        degraded += a->degraded;
        assert_int_equal(
            a->waiting, waiting_sum(span_of(a->ns), span_of(a->name), &since));
        if (a->waiting > 0)
            assert_int_equal(a->waiting_since_ms, since);
        assert_int_equal(
            store_find(st, KIND_AGENT, span_of(a->ns), span_of(a->name)), i);
        if (a->root != SLOT_NONE) {
            uint32_t on = store_workload(st, a->root)->agents;

            while (on != i) {
                assert_int_not_equal(on, SLOT_NONE);
                on = store_agent(st, on)->next_on_root;
            }
        }
    }
    assert_int_equal(st->agents.live, live);
    for (int i = 0; i < AGENT_STATE_COUNT; i++)
        assert_int_equal(st->states[i], states[i]);
    assert_int_equal(st->trouble, trouble);
    assert_int_equal(st->degraded, degraded);
    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);

        open += p != NULL && proposal_open(p);
    }
    assert_int_equal(st->open_proposals, open);
    for (uint32_t i = 0; i < st->workloads.used; i++) {
        const struct workload *w = store_workload(st, i);

        if (w == NULL)
            continue;
        /* a row nobody knows and nobody needs is a leak */
        assert_true(w->known || w->child != SLOT_NONE ||
                    w->agents != SLOT_NONE);
        assert_int_equal(
            workload_find(st, w->kind, span_of(w->ns), span_of(w->name)), i);
        for (uint32_t c = w->child; c != SLOT_NONE;
             c = store_workload(st, c)->sibling)
            assert_int_equal(store_workload(st, c)->root, i);
    }
}

static void settle(int64_t now)
{
    store_settle(st, now);
    recount();
}

static void remove_all(void)
{
    recount();
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (int stream = 0; stream < 256; stream++)
            store_drop_stream(st, (enum kind)kind, (uint8_t)stream);
    store_drop_picture(st, KIND_AGENT);
    settle(st->now_ms);
    thoughts_mark_picture(&st->thoughts);
    store_drop_picture(st, KIND_EVENT);
    assert_int_equal(st->agents.live, 0);
    assert_int_equal(st->pheromones.live, 0);
    assert_int_equal(st->proposals.live, 0);
    assert_int_equal(st->workloads.live, 0);
    assert_int_equal(st->objects.live, 0);
    assert_int_equal(st->waits.live, 0);
    assert_int_equal(st->open_proposals, 0);
    assert_int_equal(intern_count(st->pool), 0);
}

static int teardown(void **state)
{
    (void)state;
    remove_all();
    store_destroy(st);
    st = NULL;
    return 0;
}

/* Facts, as short as a test wants them. */

static struct meta_facts meta(const char *name)
{
    return (struct meta_facts){.ns = span_of(NS),
                               .name = span_of(name),
                               .uid = span_of("0f8fad5b-d9cb-469f-a165-"
                                              "70867728950e"),
                               .created_ms = T0 - 3600000};
}

static struct agent_facts agent(const char *name, const char *genus,
                                const char *deployment)
{
    return (struct agent_facts){.meta = meta(name),
                                .genus = span_of(genus),
                                .phase = span_of("Pending"),
                                .deployment = span_of(deployment),
                                .replicas = 1,
                                .ready = FACT_NONE,
                                .generation = 1,
                                .observed = 1};
}

static void put_agent(const char *name, const char *genus,
                      const char *deployment)
{
    struct agent_facts f = agent(name, genus, deployment);

    store_put_agent(st, &f, &at);
}

static void put_deployment(const char *name, int desired, int ready)
{
    struct workload_facts f = {.meta = meta(name),
                               .kind = KIND_DEPLOYMENT,
                               .desired = desired,
                               .ready = ready};

    store_put_workload(st, &f, &at);
}

static struct workload_facts pod(const char *name, const char *set, bool ready)
{
    struct workload_facts f = {.meta = meta(name),
                               .kind = KIND_POD,
                               .phase = span_of("Running"),
                               .ready = ready,
                               .main_ready = ready,
                               .first_container = span_of("logic")};

    if (set != NULL) {
        f.meta.owner_kind = span_of("ReplicaSet");
        f.meta.owner_name = span_of(set);
    }
    return f;
}

static void put_pod(const char *name, const char *set, bool ready)
{
    struct workload_facts f = pod(name, set, ready);

    store_put_workload(st, &f, &at);
}

static void put_fracta(enum kind kind, const char *name, const char *id,
                       bool ready)
{
    struct workload_facts f = pod(name, NULL, ready);

    f.kind = kind;
    f.meta.fracta_id = span_of(id);
    store_put_workload(st, &f, &at);
}

static struct proposal_facts proposal(const char *name, const char *proposer,
                                      const char *phase)
{
    return (struct proposal_facts){
        .meta = meta(name),
        .change = span_of("CODE_PATCH"),
        .proposer = span_of(proposer),
        .description = span_of("fix it\nin detail"),
        .phase = span_of(phase),
        .ttl_s = 86400,
        .risk = {.base = NAN,
                 .velocity = NAN,
                 .magnitude = NAN,
                 .tests = NAN,
                 .total = NAN},
    };
}

static void put_proposal(const char *name, const char *proposer,
                         const char *phase, int64_t created_ms)
{
    struct proposal_facts f = proposal(name, proposer, phase);

    f.meta.created_ms = created_ms;
    store_put_proposal(st, &f, &at);
}

static struct pheromone_facts pheromone(const char *name)
{
    return (struct pheromone_facts){.meta = meta(name),
                                    .type = span_of("WARNING"),
                                    .source = span_of("lab"),
                                    .payload = span_of("smoke"),
                                    .emitted_given = true,
                                    .emitted_ms = T0,
                                    .initial = 1,
                                    .half_life_min = 10,
                                    .constant = NAN,
                                    .decay_rate = NAN,
                                    .current = NAN,
                                    .ttl_s = FACT_NONE};
}

static uint32_t slot_of(enum kind kind, const char *name)
{
    return store_find(st, kind, span_of(NS), span_of(name));
}

static const struct agent *agent_of(const char *name)
{
    return store_agent(st, slot_of(KIND_AGENT, name));
}

static void gone(enum kind kind, const char *name)
{
    store_gone(st, kind, span_of(NS), span_of(name));
}

static void test_empty(void **state)
{
    (void)state;
    assert_int_equal(store_settle(st, T0), MOMENT_NEVER);
    assert_null(store_agent(st, 0));
    assert_null(store_agent(st, SLOT_NONE));
    assert_int_equal(slot_of(KIND_AGENT, "x"), SLOT_NONE);
    for (int k = 0; k < KIND_COUNT; k++) {
        gone((enum kind)k, "x");
        assert_int_equal(store_count(st, (enum kind)k), 0);
    }
    assert_true(store_bytes(st) > 0);
    store_destroy(NULL);
}

static void test_agent(void **state)
{
    struct agent_facts f = agent("broker", "B", NULL);
    uint64_t gen;

    (void)state;
    f.cond = (struct condition_facts){span_of("Ready"), span_of("False"),
                                      span_of("DeploymentUpdating"),
                                      span_of("Rolling update"), T0};
    store_put_agent(st, &f, &at);
    settle(T0);
    assert_string_equal(agent_of("broker")->genus, "B");
    assert_string_equal(agent_of("broker")->cond.reason,
                        "DeploymentUpdating");
    /* before the status says so, the genus tells the Deployment */
    assert_string_equal(agent_of("broker")->deployment, "b-gent");
    assert_false(agent_of("broker")->deployment_given);
    assert_int_equal(agent_of("broker")->uid[0], 0x0f);
    assert_int_equal(agent_of("broker")->uid[15], 0x0e);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    /* the same again is no change */
    gen = st->gen[KIND_AGENT];
    store_put_agent(st, &f, &at);
    settle(T0);
    assert_int_equal(st->gen[KIND_AGENT], gen);
    f.phase = span_of("Running");
    store_put_agent(st, &f, &at);
    settle(T0);
    assert_true(st->gen[KIND_AGENT] > gen);
    assert_int_equal(thoughts_count(&st->thoughts), 1);
    assert_string_equal(thoughts_at(&st->thoughts, 0)->text,
                        "phase Pending → Running");
    gone(KIND_AGENT, "broker");
    settle(T0);
    assert_null(agent_of("broker"));
}

/* Another object under the same name begins anew. */
static void test_agent_made_again(void **state)
{
    struct agent_facts f = agent("broker", "B", "b-gent");
    struct thought_facts said = {.ns = span_of(NS),
                                 .agent = span_of("broker"),
                                 .text = span_of("again"),
                                 .at_ms = T0,
                                 .cost = NAN,
                                 .weight = 1,
                                 .own = true};

    (void)state;
    store_put_agent(st, &f, &at);
    for (int i = 0; i < ACTIVITY_LOOP_MIN; i++)
        store_thought(st, &said);
    settle(T0);
    assert_int_equal(agent_of("broker")->state, AGENT_LOOPING);
    assert_int_equal(st->trouble, 1);
    f.meta.uid = span_of("11111111-d9cb-469f-a165-70867728950e");
    store_put_agent(st, &f, &at);
    settle(T0);
    assert_int_not_equal(agent_of("broker")->state, AGENT_LOOPING);
    assert_int_equal(st->trouble, 0);
}

/* The picture of an agent with its Deployment and pod, in any order. */
static void test_join_in_any_order(void **state)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    (void)state;
    for (int given = 0; given < 2; given++)
        for (int i = 0; i < 6; i++) {
            const struct agent *a;

            for (int k = 0; k < 3; k++) {
                if (orders[i][k] == 0)
                    put_agent("broker", "B", given ? "b-gent" : NULL);
                else if (orders[i][k] == 1)
                    put_deployment("b-gent", 2, 1);
                else
                    put_pod("b-gent-7d9f8-abcde", "b-gent-7d9f8", true);
                if (i % 2)
                    settle(T0);
            }
            settle(T0);
            a = agent_of("broker");
            assert_string_equal(a->load.kind, "Deployment");
            assert_int_equal(a->load.desired, 2);
            assert_int_equal(a->load.ready, 1);
            assert_int_equal(a->load.pods, 1);
            assert_true(a->load.main_ready);
            assert_int_equal(a->state, AGENT_IDLE);
            assert_true(a->degraded);
            assert_int_equal(store_root(st, slot_of(KIND_AGENT, "broker")),
                             slot_of(KIND_DEPLOYMENT, "b-gent"));
            assert_int_equal(store_count(st, KIND_POD), 1);
            for (int k = 2; k >= 0; k--) {
                gone(orders[i][k] == 0   ? KIND_AGENT
                     : orders[i][k] == 1 ? KIND_DEPLOYMENT
                                         : KIND_POD,
                     orders[i][k] == 0   ? "broker"
                     : orders[i][k] == 1 ? "b-gent"
                                         : "b-gent-7d9f8-abcde");
                settle(T0);
            }
            assert_int_equal(st->workloads.live, 0);
        }
}

/* Two Agents of one genus share a Deployment (kgents.md 13.9). */
static void test_shared_deployment(void **state)
{
    (void)state;
    put_agent("broker", "B", "b-gent");
    put_deployment("b-gent", 1, 1);
    put_agent("broker-two", "B", "b-gent");
    put_pod("b-gent-1-x", "b-gent-1", true);
    store_stream(st, NULL, KIND_DEPLOYMENT, STREAM_LIVE, NULL);
    settle(T0);
    assert_int_equal(agent_of("broker")->load.ready, 1);
    assert_int_equal(agent_of("broker-two")->load.ready, 1);
    /* the first goes and takes the Deployment along */
    gone(KIND_AGENT, "broker");
    gone(KIND_POD, "b-gent-1-x");
    gone(KIND_DEPLOYMENT, "b-gent");
    settle(T0);
    assert_true(agent_of("broker-two")->load.gone);
    assert_int_equal(agent_of("broker-two")->state, AGENT_FAILED);
    assert_int_equal(st->trouble, 1);
    put_deployment("b-gent", 1, 1);
    settle(T0);
    assert_int_equal(agent_of("broker-two")->state, AGENT_IDLE);
    assert_int_equal(st->trouble, 0);
}

/* Whether a Deployment is gone is known only once their list is. */
static void test_gone_needs_a_list(void **state)
{
    (void)state;
    put_agent("broker", "B", "b-gent");
    settle(T0);
    assert_int_equal(agent_of("broker")->state, AGENT_UNKNOWN);
    store_stream(st, NULL, KIND_DEPLOYMENT, STREAM_LOADING, NULL);
    settle(T0);
    assert_false(agent_of("broker")->load.gone);
    store_stream(st, NULL, KIND_DEPLOYMENT, STREAM_LIVE, NULL);
    settle(T0);
    assert_true(agent_of("broker")->load.gone);
    /* only guessed by its genus, it may never have been made */
    put_agent("guess", "M", NULL);
    settle(T0);
    assert_false(agent_of("guess")->load.gone);
}

/* An agent that loses its Deployment's name keeps nothing of its load. */
static void test_detached(void **state)
{
    (void)state;
    put_deployment("b-gent", 1, 1);
    put_agent("broker", "B", "b-gent");
    settle(T0);
    assert_int_equal(agent_of("broker")->load.ready, 1);
    put_agent("broker", NULL, NULL);
    settle(T0);
    assert_int_equal(store_root(st, slot_of(KIND_AGENT, "broker")),
                     SLOT_NONE);
    assert_int_equal(agent_of("broker")->load.desired, FACT_NONE);
    assert_int_equal(agent_of("broker")->state, AGENT_UNKNOWN);
}

static void test_fracta_job_and_pod(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct workload_facts f;

        put_fracta(order ? KIND_POD : KIND_JOB, order ? "p-1" : "j-1", "task",
                   true);
        put_fracta(order ? KIND_JOB : KIND_POD, order ? "j-1" : "p-1", "task",
                   true);
        settle(T0);
        assert_int_equal(store_count(st, KIND_AGENT), 1);
        assert_int_equal(agent_of("task")->origin, AGENT_ORIGIN_FRACTA);
        assert_int_equal(agent_of("task")->created_ms, T0 - 3600000);
        assert_string_equal(agent_of("task")->load.kind, "Job");
        assert_int_equal(agent_of("task")->load.pods, 1);
        assert_int_equal(agent_of("task")->state, AGENT_IDLE);
        f = pod("j-1", NULL, false);
        f.kind = KIND_JOB;
        f.meta.fracta_id = span_of("task");
        f.succeeded = 1;
        store_put_workload(st, &f, &at);
        settle(T0);
        assert_int_equal(agent_of("task")->state, AGENT_DONE);
        gone(KIND_POD, "p-1");
        settle(T0);
        assert_int_equal(agent_of("task")->state, AGENT_DONE);
        /* it exists only through its workload and ends with it */
        gone(KIND_JOB, "j-1");
        settle(T0);
        assert_null(agent_of("task"));
        assert_int_equal(st->workloads.live, 0);
    }
}

/* fracta.md: a "-say" run belongs to the agent of the shorter name. */
static void test_fracta_say(void **state)
{
    (void)state;
    put_fracta(KIND_POD, "p-1", "task", true);
    put_fracta(KIND_POD, "p-2", "task-say", true);
    settle(T0);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    assert_int_equal(agent_of("task")->load.pods, 2);
    gone(KIND_POD, "p-1");
    settle(T0);
    assert_int_equal(agent_of("task")->load.pods, 1);
    gone(KIND_POD, "p-2");
    settle(T0);
    assert_null(agent_of("task"));
    /* the run is seen first */
    put_fracta(KIND_JOB, "j-2", "task-say", true);
    put_fracta(KIND_POD, "p-2", "task-say", true);
    settle(T0);
    assert_non_null(agent_of("task-say"));
    put_fracta(KIND_POD, "p-1", "task", true);
    settle(T0);
    assert_null(agent_of("task-say"));
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    assert_int_equal(agent_of("task")->load.pods, 2);
    put_fracta(KIND_POD, "p-2", "task-say", false);
    settle(T0);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    gone(KIND_POD, "p-2");
    gone(KIND_JOB, "j-2");
    gone(KIND_POD, "p-1");
    settle(T0);
    assert_int_equal(st->workloads.live, 0);
    assert_int_equal(st->agents.live, 0);
}

/* A pod whose label moves takes its agent along; none is left behind. */
static void test_label_moves(void **state)
{
    (void)state;
    put_fracta(KIND_POD, "p-1", "one", true);
    settle(T0);
    put_fracta(KIND_POD, "p-1", "two", true);
    settle(T0);
    assert_null(agent_of("one"));
    assert_non_null(agent_of("two"));
    assert_int_equal(st->workloads.live, 2);
}

static void test_qgent(void **state)
{
    struct workload_facts f = pod("q-1", NULL, false);

    (void)state;
    f.kind = KIND_JOB;
    f.meta.kgents_agent = span_of("Q");
    store_put_workload(st, &f, &at);
    f = pod("q-1-xyz", NULL, true);
    f.meta.kgents_agent = span_of("Q");
    f.meta.job_name = span_of("q-1");
    store_put_workload(st, &f, &at);
    settle(T0);
    assert_int_equal(store_count(st, KIND_AGENT), 1);
    assert_int_equal(agent_of("q-1")->origin, AGENT_ORIGIN_QGENT);
    assert_string_equal(agent_of("q-1")->genus, "Q");
    assert_int_equal(agent_of("q-1")->load.pods, 1);
    f.meta.job_name = (struct span){NULL, 0};
    f.meta.owner_kind = span_of("Job");
    f.meta.owner_name = span_of("q-1");
    store_put_workload(st, &f, &at);
    settle(T0);
    assert_int_equal(agent_of("q-1")->load.pods, 1);
}

static void test_unrelated_pods(void **state)
{
    (void)state;
    put_pod("lonely", NULL, true);
    settle(T0);
    assert_int_equal(st->workloads.live, 0);
    assert_int_equal(store_count(st, KIND_POD), 0);
}

static void test_bad_news(void **state)
{
    struct workload_facts f = pod("b-gent-1-x", "b-gent-1", true);

    (void)state;
    put_agent("broker", "B", "b-gent");
    put_deployment("b-gent", 1, 1);
    f.reason = span_of("CrashLoopBackOff");
    f.container = span_of("d-gent");
    f.sidecar_bad = true;
    f.restarts = 9;
    store_put_workload(st, &f, &at);
    settle(T0);
    assert_int_not_equal(agent_of("broker")->state, AGENT_FAILED);
    assert_true(agent_of("broker")->degraded);
    assert_int_equal(st->degraded, 1);
    assert_string_equal(thoughts_at(&st->thoughts, 0)->text,
                        "CrashLoopBackOff in d-gent");
    assert_int_equal(thoughts_at(&st->thoughts, 0)->kind, THOUGHT_ERROR);
    /* another pod's main container is worse than nine sidecar restarts */
    f = pod("b-gent-1-y", "b-gent-1", false);
    f.reason = span_of("ImagePullBackOff");
    f.container = span_of("logic");
    f.restarts = 0;
    store_put_workload(st, &f, &at);
    settle(T0);
    assert_string_equal(agent_of("broker")->load.reason, "ImagePullBackOff");
    assert_int_equal(agent_of("broker")->load.restarts, 9);
    /* yet the first pod's main container is up: half of it works */
    assert_int_not_equal(agent_of("broker")->state, AGENT_FAILED);
    assert_true(agent_of("broker")->degraded);
    assert_int_equal(agent_of("broker")->load.since_ms, T0);
    f = pod("b-gent-1-x", "b-gent-1", false);
    store_put_workload(st, &f, &at);
    settle(T0);
    assert_int_equal(agent_of("broker")->state, AGENT_FAILED);
    gone(KIND_POD, "b-gent-1-y");
    gone(KIND_POD, "b-gent-1-x");
    settle(T0);
    assert_null(agent_of("broker")->load.reason);
    assert_int_not_equal(agent_of("broker")->state, AGENT_FAILED);
    assert_int_equal(st->trouble, 0);
    assert_int_equal(st->degraded, 0);
}

static void test_waiting(void **state)
{
    (void)state;
    put_proposal("early", "broker", "Reviewing", T0 - 60 * MIN);
    put_agent("broker", "B", "b-gent");
    settle(T0);
    assert_int_equal(agent_of("broker")->waiting, 1);
    assert_int_equal(agent_of("broker")->state, AGENT_WAITING);
    put_proposal("other", "broker", NULL, T0 - 90 * MIN);
    put_proposal("third", "someone", "Reviewing", T0);
    settle(T0);
    assert_int_equal(agent_of("broker")->waiting, 2);
    assert_int_equal(agent_of("broker")->waiting_since_ms, T0 - 90 * MIN);
    assert_int_equal(st->open_proposals, 3);
    put_proposal("other", "broker", "Approved", T0 - 90 * MIN);
    settle(T0);
    assert_int_equal(agent_of("broker")->waiting, 1);
    assert_int_equal(agent_of("broker")->waiting_since_ms, T0 - 60 * MIN);
    /* the agent goes and comes: it still waits */
    gone(KIND_AGENT, "broker");
    put_agent("broker", "B", "b-gent");
    settle(T0);
    assert_int_equal(agent_of("broker")->waiting, 1);
    /* made anew under the same name, later */
    put_proposal("early", "broker", "Reviewing", T0 - 5 * MIN);
    settle(T0);
    assert_int_equal(agent_of("broker")->waiting_since_ms, T0 - 5 * MIN);
    gone(KIND_PROPOSAL, "early");
    settle(T0);
    assert_int_equal(agent_of("broker")->waiting, 0);
    assert_int_not_equal(agent_of("broker")->state, AGENT_WAITING);
}

static void test_proposer_changes(void **state)
{
    (void)state;
    put_agent("a", "A", NULL);
    put_agent("b", "B", NULL);
    put_proposal("p", "a", "Reviewing", T0 - 10 * MIN);
    put_proposal("q", "a", "Reviewing", T0 - 5 * MIN);
    settle(T0);
    put_proposal("p", "b", "Reviewing", T0 - 10 * MIN);
    settle(T0);
    assert_int_equal(agent_of("a")->waiting, 1);
    assert_int_equal(agent_of("a")->waiting_since_ms, T0 - 5 * MIN);
    assert_int_equal(agent_of("b")->waiting, 1);
    assert_int_equal(st->open_proposals, 2);
}

/* Without a proposer a proposal is open all the same, and counted once. */
static void test_no_proposer(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct proposal_facts f = proposal("p", NULL, "Reviewing");

        f.approvals = i;
        store_put_proposal(st, &f, &at);
        settle(T0);
        assert_int_equal(st->open_proposals, 1);
    }
    put_proposal("p", "", "Reviewing", T0);
    settle(T0);
    put_proposal("p", "a", "Reviewing", T0);
    settle(T0);
    put_proposal("p", NULL, "Reviewing", T0);
    settle(T0);
    assert_int_equal(st->open_proposals, 1);
    gone(KIND_PROPOSAL, "p");
    assert_int_equal(st->open_proposals, 0);
}

static void test_proposal_texts_and_news(void **state)
{
    struct proposal_facts f = proposal("p", "a", "Reviewing");
    const struct proposal *p;

    (void)state;
    f.meta.created_ms = T0;
    store_put_proposal(st, &f, &at);
    p = store_proposal(st, slot_of(KIND_PROPOSAL, "p"));
    assert_string_equal(p->title, "fix it");
    assert_string_equal(p->description, "fix it\nin detail");
    assert_string_equal(thoughts_at(&st->thoughts, 0)->text,
                        "proposes: fix it");
    f.phase = span_of("Rejected");
    f.decider = span_of("alice");
    store_put_proposal(st, &f, &at);
    assert_string_equal(thoughts_at(&st->thoughts, 1)->text,
                        "fix it: Reviewing → Rejected by alice");
    assert_int_equal(thoughts_count(&st->thoughts), 2);
    store_put_proposal(st, &f, &at);
    assert_int_equal(thoughts_count(&st->thoughts), 2);
}

static void test_velocity(void **state)
{
    struct proposal_facts f = proposal("p3", "a", "Reviewing");
    const struct proposal *p;

    (void)state;
    /* a list brings them in any order */
    put_proposal("p2", "a", NULL, T0);
    put_proposal("p1", "a", NULL, T0 - 30 * MIN);
    put_proposal("p0", "a", NULL, T0 - 60 * MIN);
    settle(T0);
    p = store_proposal(st, slot_of(KIND_PROPOSAL, "p2"));
    assert_near(p->risk.velocity, 0.15, 1e-6);
    assert_false(p->risk.by_operator);
    p = store_proposal(st, slot_of(KIND_PROPOSAL, "p1"));
    assert_near(p->risk.velocity, 0.15, 1e-6);
    p = store_proposal(st, slot_of(KIND_PROPOSAL, "p0"));
    assert_near(p->risk.velocity, 0.1, 1e-6);
    /* the operator's own numbers stand */
    f.risk = (struct risk_facts){.base = 0.3,
                                 .velocity = 0.2,
                                 .magnitude = 1.1,
                                 .tests = 0.9,
                                 .total = 0.61};
    store_put_proposal(st, &f, &at);
    settle(T0);
    p = store_proposal(st, slot_of(KIND_PROPOSAL, "p3"));
    assert_true(p->risk.by_operator);
    assert_near(p->risk.total, 0.61, 1e-6);
    assert_near(p->risk.velocity, 0.2, 1e-6);
    for (int i = 0; i < 4; i++) {
        char name[16];

        snprintf(name, sizeof name, "p%d", i);
        gone(KIND_PROPOSAL, name);
    }
    assert_int_equal(st->velocity_count, 0);
}

static void test_blocked(void **state)
{
    struct proposal_facts f = proposal("p", "a", "Reviewing");

    (void)state;
    put_agent("a", "A", NULL);
    put_agent("b", "B", NULL);
    f.target_kind = span_of("Agent");
    f.target_name = span_of("b");
    store_put_proposal(st, &f, &at);
    settle(T0);
    assert_int_equal(
        store_proposal(st, slot_of(KIND_PROPOSAL, "p"))->blocked, 2);
    f.target_name = span_of("a");
    store_put_proposal(st, &f, &at);
    settle(T0);
    assert_int_equal(
        store_proposal(st, slot_of(KIND_PROPOSAL, "p"))->blocked, 1);
}

static void test_pheromones(void **state)
{
    struct pheromone_facts f = pheromone("w");
    const struct pheromone *p;
    uint64_t gen;

    (void)state;
    settle(T0);
    f.target = span_of("broker");
    store_put_pheromone(st, &f, &at);
    p = store_pheromone(st, slot_of(KIND_PHEROMONE, "w"));
    assert_int_equal(p->type, SIGNAL_WARNING);
    assert_null(p->other_type);
    assert_string_equal(thoughts_at(&st->thoughts, 0)->text,
                        "WARNING 1.00 → broker: smoke");
    gen = st->gen[KIND_PHEROMONE];
    store_put_pheromone(st, &f, &at);
    assert_int_equal(st->gen[KIND_PHEROMONE], gen);
    f.type = span_of("NEWKIND");
    store_put_pheromone(st, &f, &at);
    p = store_pheromone(st, slot_of(KIND_PHEROMONE, "w"));
    assert_int_equal(p->type, SIGNAL_OTHER);
    assert_string_equal(p->other_type, "NEWKIND");
    assert_true(st->gen[KIND_PHEROMONE] > gen);
}

/* The hour behind a signal is what it was; never a number that is none. */
static void test_hour(void **state)
{
    struct pheromone_facts f = pheromone("w");

    (void)state;
    settle(T0);
    f.emitted_ms = T0 / 60000 * 60000 - 20 * MIN;
    f.meta.created_ms = f.emitted_ms;
    store_put_pheromone(st, &f, &at);
    assert_near(st->hour[STORE_HOUR - 1 - 20], 1, 1e-5);
    assert_near(st->hour[STORE_HOUR - 1 - 10], 0.5, 1e-5);
    assert_near(st->hour[STORE_HOUR - 1 - 21], 0, 0);
    for (int e = -320; e < 10; e += 3) {
        char name[16];

        snprintf(name, sizeof name, "h%d", e);
        f.meta.name = span_of(name);
        f.half_life_min = pow(10, e);
        f.emitted_ms = T0 - 70 * MIN;
        store_put_pheromone(st, &f, &at);
    }
    settle(T0 + 5 * MIN);
    for (int i = 0; i < STORE_HOUR; i++)
        assert_true(st->hour[i] >= 0 && st->hour[i] < 200);
}

static void test_objects_and_quota(void **state)
{
    struct object_facts f = {.meta = meta("keeper-memory"),
                             .kind = KIND_MEMORY,
                             .owner = span_of("keeper"),
                             .note = span_of("VECTOR"),
                             .number = FACT_NONE};
    struct quota_facts q = {.meta = meta("keeper-memory"),
                            .resource = span_of("pods"),
                            .used = span_of("9"),
                            .hard = span_of("10"),
                            .share = 0.9};
    const struct object *b;

    (void)state;
    store_put_object(st, &f, &at);
    store_put_quota(st, &q, &at); /* the same name, another kind */
    assert_int_equal(store_count(st, KIND_MEMORY), 1);
    assert_int_equal(store_count(st, KIND_QUOTA), 1);
    b = store_object(st, slot_of(KIND_QUOTA, "keeper-memory"));
    assert_string_equal(b->note, "pods 9 of 10");
    assert_near(b->share, 0.9, 1e-9);
    b = store_object(st, slot_of(KIND_MEMORY, "keeper-memory"));
    assert_string_equal(b->owner, "keeper");
    assert_true(isnan(b->share));
    gone(KIND_MEMORY, "keeper-memory");
    assert_int_equal(store_count(st, KIND_QUOTA), 1);
    /* nothing said at all */
    q = (struct quota_facts){.meta = meta("bare"), .share = NAN};
    store_put_quota(st, &q, &at);
}

static struct event_facts event(const char *kind, const char *name,
                                const char *message)
{
    return (struct event_facts){.meta = meta("e"),
                                .type = span_of("Warning"),
                                .reason = span_of("FailedCreate"),
                                .message = span_of(message),
                                .on_kind = span_of(kind),
                                .on_ns = span_of(NS),
                                .on_name = span_of(name),
                                .at_ms = T0,
                                .count = 1};
}

static void test_events(void **state)
{
    struct event_facts f;

    (void)state;
    put_agent("broker", "B", "b-gent");
    put_deployment("b-gent", 3, 0);
    f = event("ReplicaSet", "b-gent-7d9f8", "pods is forbidden: exceeded quota");
    store_put_event(st, &f, &at);
    settle(T0);
    assert_int_equal(agent_of("broker")->state, AGENT_FAILED);
    assert_non_null(strstr(agent_of("broker")->why, "quota"));
    assert_int_equal(thoughts_count(&st->thoughts), 1);
    assert_int_equal(thoughts_at(&st->thoughts, 0)->kind, THOUGHT_ERROR);
    /* all pods came: it is over */
    put_deployment("b-gent", 3, 3);
    settle(T0);
    assert_int_equal(agent_of("broker")->state, AGENT_WORKING);
    /* an old event of that kind is history */
    put_deployment("b-gent", 3, 1);
    f.at_ms = T0 - 11 * MIN;
    f.reason = span_of("FailedBefore");
    store_put_event(st, &f, &at);
    settle(T0);
    assert_int_not_equal(agent_of("broker")->state, AGENT_FAILED);
    /* the operator's own log lines, and strangers */
    f = event("Agent", "broker", "Handler succeeded");
    f.component = span_of("kopf");
    f.reason = span_of("Logging");
    store_put_event(st, &f, &at);
    f = event("Pod", "stranger", "x");
    store_put_event(st, &f, &at);
    f = event("Agent", "stranger", "x");
    store_put_event(st, &f, &at);
    f = event(NULL, NULL, NULL);
    store_put_event(st, &f, &at);
    assert_int_equal(thoughts_count(&st->thoughts), 2);
    f = event("Agent", "broker", "hello");
    f.at_ms = T0 + 100 * MIN; /* clocks differ: never in the future */
    store_put_event(st, &f, &at);
    assert_int_equal(thoughts_count(&st->thoughts), 3);
    assert_int_equal(thoughts_at(&st->thoughts, 2)->at_ms, T0);
}

/* Told again, an event is the thought it was: how often, and when last. */
static void test_event_again(void **state)
{
    struct event_facts f = event("Agent", "broker", "back-off");
    const struct thought *t;
    uint64_t gen;

    (void)state;
    put_agent("broker", "B", NULL);
    put_agent("weaver", "W", NULL);
    f.at_ms = T0 - 10 * MIN;
    store_put_event(st, &f, &at);
    store_note(st, NS, "broker", T0 - 5 * MIN, THOUGHT_SAID, 1, "a word");
    for (f.count = 2; f.count <= 14; f.count++) {
        f.at_ms += 20000;
        store_put_event(st, &f, &at);
    }
    f.count = 14;
    f.at_ms = T0 - MIN;
    store_put_event(st, &f, &at); /* another time, though nobody counted */
    assert_int_equal(thoughts_count(&st->thoughts), 2);
    t = thoughts_at(&st->thoughts, 1);
    assert_string_equal(t->text, "FailedCreate: back-off");
    assert_int_equal(t->times, 15);
    assert_int_equal(t->at_ms, T0 - MIN);
    assert_int_equal(thoughts_at(&st->thoughts, 0)->times, 1);
    /* the list is read again: nothing has happened */
    gen = st->gen_thoughts;
    store_put_event(st, &f, &at);
    f.at_ms = T0 - 2 * MIN;
    store_put_event(st, &f, &at);
    assert_int_equal(st->gen_thoughts, gen);
    assert_int_equal(thoughts_at(&st->thoughts, 1)->times, 15);
    /* another object of the same event tells it once more */
    f.meta.name = span_of("e-2");
    f.count = 3;
    f.at_ms = T0;
    store_put_event(st, &f, &at);
    assert_int_equal(thoughts_at(&st->thoughts, 1)->times, 16);
    assert_int_equal(thoughts_count(&st->thoughts), 2);
    /* other words, another object, another agent: other thoughts */
    f.message = span_of("out of memory");
    store_put_event(st, &f, &at);
    f = event("Agent", "weaver", "back-off");
    f.count = 7;
    store_put_event(st, &f, &at);
    assert_int_equal(thoughts_count(&st->thoughts), 4);
    assert_int_equal(thoughts_at(&st->thoughts, 3)->times, 7);
}

static void test_sweep(void **state)
{
    (void)state;
    put_agent("a", "A", NULL);
    put_agent("b", "B", NULL);
    put_proposal("p", "a", "Reviewing", T0);
    put_deployment("a-gent", 1, 1);
    put_fracta(KIND_POD, "pod", "task", true);
    at.stream = 2;
    put_agent("other", "C", NULL);
    at.stream = 1;
    at.epoch = 2;
    put_agent("b", "B", NULL);
    store_sweep(st, KIND_AGENT, 1, 2);
    settle(T0);
    assert_null(agent_of("a"));
    assert_non_null(agent_of("b"));
    assert_non_null(agent_of("other")); /* another stream's */
    assert_non_null(agent_of("task"));  /* no Agent object at all */
    store_sweep(st, KIND_DEPLOYMENT, 1, 2);
    settle(T0);
    assert_int_equal(store_count(st, KIND_DEPLOYMENT), 0);
    assert_int_equal(store_count(st, KIND_POD), 1);
    store_sweep(st, KIND_POD, 1, 2);
    settle(T0);
    assert_null(agent_of("task"));
    store_drop_stream(st, KIND_PROPOSAL, 2);
    assert_int_equal(store_count(st, KIND_PROPOSAL), 1);
    store_drop_stream(st, KIND_PROPOSAL, 1);
    assert_int_equal(store_count(st, KIND_PROPOSAL), 0);
}

/* Rows of the saved picture go when the list came, those it held stay. */
static void test_picture(void **state)
{
    struct pheromone_facts f = pheromone("w"), g = pheromone("gone");

    (void)state;
    at.stream = STREAM_PICTURE;
    put_agent("a", "A", "a-gent");
    put_agent("b", "B", "b-gent");
    put_proposal("p", "a", "Reviewing", T0);
    put_proposal("q", "a", "Reviewing", T0);
    store_put_pheromone(st, &f, &at);
    store_put_pheromone(st, &g, &at);
    settle(T0);
    assert_int_equal(agent_of("a")->origin, AGENT_ORIGIN_PICTURE);
    assert_int_equal(agent_of("a")->waiting, 2);
    assert_int_equal(thoughts_count(&st->thoughts), 0);
    at.stream = 1;
    at.initial = true;
    put_agent("a", "A", "a-gent");
    put_proposal("p", "a", "Reviewing", T0);
    store_put_pheromone(st, &f, &at);
    store_drop_picture(st, KIND_AGENT);
    store_drop_picture(st, KIND_PROPOSAL);
    store_drop_picture(st, KIND_PHEROMONE);
    settle(T0);
    assert_int_equal(agent_of("a")->origin, AGENT_ORIGIN_KGENTS);
    assert_null(agent_of("b"));
    assert_int_equal(agent_of("a")->waiting, 1);
    assert_int_equal(store_count(st, KIND_PROPOSAL), 1);
    assert_int_equal(store_count(st, KIND_PHEROMONE), 1);
    assert_int_equal(st->open_proposals, 1);
}

static void test_flips_without_writes(void **state)
{
    int64_t next;

    (void)state;
    put_agent("a", "A", "a-gent");
    put_deployment("a-gent", 1, 0);
    next = store_settle(st, T0 - 3600000);
    assert_int_equal(agent_of("a")->state, AGENT_STARTING);
    assert_int_equal(st->trouble, 0);
    assert_int_equal(next, T0 - 3600000 + 600000);
    settle(next - 1);
    assert_int_equal(st->trouble, 0);
    settle(next);
    assert_int_equal(st->trouble, 1);
    assert_int_equal(st->trouble_hour[STORE_HOUR - 1], 1);
}

static void test_burn(void **state)
{
    struct thought_facts f = {.ns = span_of(NS),
                              .agent = span_of("a"),
                              .text = span_of("x"),
                              .at_ms = T0,
                              .tokens = 100,
                              .cost = NAN,
                              .weight = 1,
                              .own = true};
    double cost;

    (void)state;
    settle(T0);
    put_agent("a", "A", NULL);
    assert_int_equal(store_burn(st, &cost), 0);
    assert_true(isnan(cost));
    store_thought(st, &f);
    f.cost = 0.5;
    f.at_ms = T0 - 30 * MIN;
    store_thought(st, &f);
    f.at_ms = T0 - 3 * 3600000; /* not of this hour */
    store_thought(st, &f);
    assert_int_equal(store_burn(st, &cost), 200);
    assert_near(cost, 0.5, 1e-9);
    settle(T0 + 31 * MIN);
    assert_int_equal(store_burn(st, &cost), 100);
    settle(T0 + 120 * MIN);
    assert_int_equal(store_burn(st, &cost), 0);
    assert_int_equal(agent_of("a")->act.tokens, 300);
    assert_near(agent_of("a")->act.cost, 1, 1e-9);
}

static void count_calls(void *arg, enum kind kind, uint32_t slot)
{
    int *calls = arg;

    (void)slot;
    calls[kind]++;
}

static void test_watchers(void **state)
{
    int calls[KIND_COUNT] = {0};

    (void)state;
    for (int i = 0; i < STORE_WATCHERS_MAX; i++)
        assert_true(store_watch(st, count_calls, &calls));
    assert_false(store_watch(st, count_calls, &calls));
    for (int i = 1; i < STORE_WATCHERS_MAX; i++)
        store_unwatch(st, count_calls, &calls);
    store_unwatch(st, count_calls, calls + 1);
    put_agent("a", "A", NULL);
    assert_true(store_watch(st, count_calls, calls));
    assert_int_equal(calls[KIND_AGENT], 0);
    gone(KIND_AGENT, "a");
    assert_int_equal(calls[KIND_AGENT], 1);
    store_unwatch(st, count_calls, calls);
}

static void test_planes(void **state)
{
    (void)state;
    for (int i = 0; i < STORE_PLANES_MAX; i++)
        assert_non_null(store_plane(st, "a name longer than its place, much"));
    assert_null(store_plane(st, "x"));
    assert_int_equal(strlen(st->planes[0].name), sizeof st->planes[0].name - 1);
}

/* Names no API server would allow must be found and removed all the same. */
static void test_hostile_names(void **state)
{
    static const char nul[] = "ab\0cd";
    char *big = xcalloc(1, 3000);
    struct span names[] = {{nul, 5}, {big, 2999}, {nul + 2, 2}, {nul, 3}};

    (void)state;
    memset(big, 'n', 2999);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct agent_facts a = agent("", "B", "b");
        struct proposal_facts p = proposal("", "b", "Reviewing");
        struct pheromone_facts s = pheromone("");
        struct object_facts o = {.kind = KIND_MEMORY, .meta = meta("")};
        struct workload_facts w = pod("", NULL, true);

        for (int round = 0; round < 2; round++) {
            a.meta.name = a.meta.ns = a.phase = names[i];
            a.deployment = p.proposer = p.rationale = names[i];
            p.meta.name = p.meta.ns = s.meta.name = s.source = names[i];
            o.meta.name = o.owner = w.meta.name = w.reason = names[i];
            w.meta.ns = w.meta.fracta_id = names[i];
            p.approvals = round;
            store_put_agent(st, &a, &at);
            store_put_proposal(st, &p, &at);
            store_put_pheromone(st, &s, &at);
            store_put_object(st, &o, &at);
            store_put_workload(st, &w, &at);
            settle(T0);
        }
        assert_int_not_equal(
            store_find(st, KIND_AGENT, names[i], names[i]), SLOT_NONE);
        assert_int_equal(
            store_agent(st, store_find(st, KIND_AGENT, names[i], names[i]))
                ->waiting,
            1);
        store_gone(st, KIND_AGENT, names[i], names[i]);
        store_gone(st, KIND_PROPOSAL, names[i], names[i]);
        store_gone(st, KIND_PHEROMONE, span_of(NS), names[i]);
        store_gone(st, KIND_MEMORY, span_of(NS), names[i]);
        store_gone(st, KIND_POD, names[i], names[i]);
        settle(T0);
        assert_int_equal(st->agents.live, 0);
        assert_int_equal(st->proposals.live, 0);
        assert_int_equal(st->pheromones.live, 0);
        assert_int_equal(st->objects.live, 0);
        assert_int_equal(st->workloads.live, 0);
    }
    thoughts_mark_picture(&st->thoughts);
    store_drop_picture(st, KIND_EVENT);
    free(big);
}

/* The property: whatever happens, counters equal a recount, nothing leaks. */

static uint32_t seed;

static uint32_t roll(uint32_t n)
{
    return cm_random(&seed) % n;
}

static const char *pick_name(const char *const *names, uint32_t n)
{
    uint32_t i = roll(n);

    return names[i];
}

static void random_workload(void)
{
    static const char *const ids[] = {"x", "y", "x-say", "y-say", "a"};
    static const char *const reasons[] = {NULL, "CrashLoopBackOff", "Error"};
    static const char *const sets[] = {"a-gent-1", "b-gent-2", "c-gent-3",
                                       NULL};
    static const enum kind kinds[] = {KIND_POD, KIND_JOB, KIND_DEPLOYMENT};
    struct workload_facts f;
    char name[16];

    snprintf(name, sizeof name, "w%u", roll(12));
    f = pod(name, pick_name(sets, 4), roll(2));
    f.kind = kinds[roll(3)];
    if (f.kind == KIND_DEPLOYMENT) {
        snprintf(name, sizeof name, "%c-gent", 'a' + (int)roll(3));
        f.meta.name = span_of(name);
        f.desired = (int64_t)roll(3);
        f.ready = (int64_t)roll(3);
    } else if (roll(2)) {
        f.meta.fracta_id = span_of(pick_name(ids, 5));
    } else if (roll(4) == 0) {
        f.meta.kgents_agent = span_of("Q");
    }
    f.reason = span_of(pick_name(reasons, 3));
    f.sidecar_bad = roll(2);
    f.failed = roll(8) == 0;
    f.succeeded = roll(8) == 0;
    f.restarts = (int64_t)roll(5);
    if (roll(4) == 0)
        store_gone(st, f.kind, f.meta.ns, f.meta.name);
    else
        store_put_workload(st, &f, &at);
}

static void random_agent(void)
{
    static const char *const names[] = {"a", "b", "c", "x", "y-say"};
    static const char *const genera[] = {"A", "B", "C", NULL};
    static const char *const deployments[] = {"a-gent", "b-gent", NULL, NULL};
    static const char *const phases[] = {"Pending", "Failed", "Running", NULL};
    struct agent_facts f = agent(pick_name(names, 5), pick_name(genera, 4),
                                 pick_name(deployments, 4));

    f.phase = span_of(pick_name(phases, 4));
    f.replicas = (int64_t)roll(3);
    f.meta.deleted_ms = roll(8) == 0 ? at.now_ms : 0;
    if (roll(10) == 0)
        f.meta.uid = span_of("22222222");
    if (roll(4) == 0)
        store_gone(st, KIND_AGENT, f.meta.ns, f.meta.name);
    else
        store_put_agent(st, &f, &at);
}

static void random_proposal(void)
{
    static const char *const proposers[] = {"a", "b", "x", NULL, "", "nobody"};
    static const char *const phases[] = {NULL, "Reviewing", "Approved",
                                         "Odd", "Expired"};
    char name[16];
    struct proposal_facts f;

    snprintf(name, sizeof name, "p%u", roll(10));
    f = proposal(name, pick_name(proposers, 6), pick_name(phases, 5));
    f.meta.created_ms = T0 - (int64_t)roll(4) * 20 * MIN;
    f.meta.deleted_ms = roll(8) == 0 ? at.now_ms : 0;
    f.approvals = (int)roll(3);
    f.lines_added = roll(2000);
    if (roll(4) == 0)
        f.risk.total = roll(100) / 100.0;
    if (roll(4) == 0)
        store_gone(st, KIND_PROPOSAL, f.meta.ns, f.meta.name);
    else
        store_put_proposal(st, &f, &at);
}

static void random_rest(void)
{
    char name[16];
    struct pheromone_facts s;
    struct event_facts e = event("ReplicaSet", "a-gent-1", "exceeded quota");
    struct thought_facts t = {.ns = span_of(NS),
                              .agent = span_of("a"),
                              .text = span_of("step"),
                              .at_ms = at.now_ms - (int64_t)roll(100000),
                              .cost = NAN,
                              .tokens = roll(100),
                              .weight = 1,
                              .own = true};

    snprintf(name, sizeof name, "s%u", roll(6));
    s = pheromone(name);
    switch (roll(5)) {
    case 0:
        store_put_pheromone(st, &s, &at);
        break;
    case 1:
        gone(KIND_PHEROMONE, name);
        break;
    case 2:
        e.at_ms = at.now_ms;
        store_put_event(st, &e, &at);
        break;
    case 3:
        store_thought(st, &t);
        break;
    default:
        at.epoch++;
        store_sweep(st, (enum kind)roll(KIND_COUNT), (uint8_t)(1 + roll(2)),
                    at.epoch - roll(40));
        break;
    }
}

static void test_random(void **state)
{
    (void)state;
    seed = 20261121;
    at.epoch = 100;
    store_stream(st, NULL, KIND_DEPLOYMENT, STREAM_LIVE, NULL);
    for (int i = 0; i < 20000; i++) {
        at.stream = roll(20) == 0 ? STREAM_PICTURE : (uint8_t)(1 + roll(2));
        at.initial = roll(3) == 0;
        switch (roll(8)) {
        case 0:
        case 1:
        case 2:
            random_workload();
            break;
        case 3:
        case 4:
            random_agent();
            break;
        case 5:
        case 6:
            random_proposal();
            break;
        default:
            random_rest();
            break;
        }
        if (roll(3) == 0) {
            at.now_ms += (int64_t)roll(30000);
            store_settle(st, at.now_ms);
        }
        if (roll(5) == 0)
            recount();
        if (roll(2000) == 0)
            remove_all();
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static void put_operator(const char *name, const char *image, bool ready,
                         int restarts)
{
    struct workload_facts f = pod(name, NULL, ready);

    f.meta.app = span_of("kgents-operator");
    f.image = span_of(image);
    f.restarts = restarts;
    if (!ready) {
        f.reason = span_of("CrashLoopBackOff");
        f.message = span_of("No module named 'httpx'");
    }
    store_put_workload(st, &f, &at);
    store_settle(st, T0);
}

/* The operator's pods are a plane while there are any. */
static void test_operator(void **state)
{
    const struct plane *p;

    (void)state;
    put_deployment("kgents-operator", 1, 1); /* as such it is none */
    store_settle(st, T0);
    assert_int_equal(st->plane_count, 0);
    put_operator("op-1", "host:5000/kgents/operator:1.4@sha256:ab", true, 0);
    assert_int_equal(st->plane_count, 1);
    p = &st->planes[0];
    assert_string_equal(p->name, "operator");
    assert_int_equal(p->state, PLANE_LIVE);
    assert_string_equal(p->version, "1.4");
    assert_string_equal(p->detail, "1 of 1 ready · 1.4");
    assert_true(p->part);
    put_operator("op-2", "host:5000/kgents/operator", false, 3);
    assert_int_equal(p->state, PLANE_STALE);
    assert_string_equal(p->detail, "1 of 2 ready · 3 restarts · 1.4");
    assert_string_equal(p->error.msg,
                        "CrashLoopBackOff: No module named 'httpx'");
    store_gone(st, KIND_POD, span_of(NS), span_of("op-1"));
    store_settle(st, T0);
    assert_int_equal(p->state, PLANE_DOWN);
    assert_string_equal(p->version, ""); /* the port of a host is no tag */
    store_gone(st, KIND_POD, span_of(NS), span_of("op-2"));
    store_settle(st, T0);
    assert_int_equal(st->plane_count, 0);
    put_operator("op-3", NULL, true, 0);
    assert_int_equal(st->plane_count, 1);
    store_plane(st, "later");
    at.epoch++;
    store_sweep(st, KIND_POD, at.stream, at.epoch);
    store_settle(st, T0);
    assert_int_equal(st->planes[0].state, PLANE_OFF);
    assert_int_equal(st->agents.live, 0);
}

/* A dream is what it does, until it says something itself. */
static void test_only_dreams(void **state)
{
    struct thought_facts f = {.ns = span_of(NS),
                              .agent = span_of("poet"),
                              .text = span_of("a river"),
                              .at_ms = T0,
                              .kind = THOUGHT_DREAM,
                              .weight = 1,
                              .cost = NAN};
    const struct agent *a;

    (void)state;
    put_agent("poet", NULL, NULL);
    store_thought(st, &f);
    a = store_agent(st, 0);
    assert_string_equal(a->act.step, "a river");
    assert_int_equal(a->act.step_kind, THOUGHT_DREAM);
    f.kind = THOUGHT_SAID;
    f.own = true;
    f.text = span_of("awake");
    store_thought(st, &f);
    f.kind = THOUGHT_DREAM;
    f.own = false;
    f.text = span_of("a lake");
    store_thought(st, &f);
    assert_string_equal(a->act.step, "awake");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty),
        TEST(test_operator),
        TEST(test_only_dreams),
        TEST(test_agent),
        TEST(test_agent_made_again),
        TEST(test_join_in_any_order),
        TEST(test_shared_deployment),
        TEST(test_gone_needs_a_list),
        TEST(test_detached),
        TEST(test_fracta_job_and_pod),
        TEST(test_fracta_say),
        TEST(test_label_moves),
        TEST(test_qgent),
        TEST(test_unrelated_pods),
        TEST(test_bad_news),
        TEST(test_waiting),
        TEST(test_proposer_changes),
        TEST(test_no_proposer),
        TEST(test_proposal_texts_and_news),
        TEST(test_velocity),
        TEST(test_blocked),
        TEST(test_pheromones),
        TEST(test_hour),
        TEST(test_objects_and_quota),
        TEST(test_events),          TEST(test_event_again),
        TEST(test_sweep),
        TEST(test_picture),
        TEST(test_flips_without_writes),
        TEST(test_burn),
        TEST(test_watchers),
        TEST(test_planes),
        TEST(test_hostile_names),
        TEST(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
