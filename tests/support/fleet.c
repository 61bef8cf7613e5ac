#include "config.h"

#include "tests/support/fleet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct origin list = {
    .stream = 1, .epoch = 1, .now_ms = FLEET_NOW, .initial = true};

static struct meta_facts meta(const char *name, int64_t age_ms)
{
    return (struct meta_facts){
        .ns = span_of(FLEET_NS),
        .name = span_of(name),
        .uid = span_of("0f8fad5b-d9cb-469f-a165-70867728950e"),
        .created_ms = FLEET_NOW - age_ms};
}

/* Agents and what runs them. */

struct fake_agent {
    const char *name, *genus, *deployment, *mode, *phase;
    int replicas;
    int64_t age_ms, deleted_ago_ms;
};

static const struct fake_agent agents[] = {
    {"broker", "B", "b-gent", "FULL", "Pending", 1, 26 * HOUR, 0},
    {"weaver", "W", "w-gent", "FULL", "Running", 2, 9 * HOUR, 0},
    {"librarian", "L", "l-gent", "FULL", "Running", 1, 31 * HOUR, 0},
    {"mason", "M", "m-gent", "FULL", "Running", 1, 5 * HOUR, 0},
    {"echo", "E", "e-gent", "FULL", "Running", 1, 3 * HOUR, 0},
    {"hermit", "H", "h-gent", "FULL", "Running", 1, 40 * HOUR, 0},
    {"crasher", "C", "c-gent", "FULL", "Pending", 1, 2 * HOUR, 0},
    {"twin", "T", "t-gent", "FULL", "Running", 1, 12 * HOUR, 0},
    {"idler", "I", "i-gent", "FULL", "Running", 1, 300 * HOUR, 0},
    {"sleeper", "S", "s-gent", "FULL", "Running", 0, 80 * HOUR, 0},
    {"dry", "D", NULL, "DRY_RUN", "Pending", 1, 7 * HOUR, 0},
    {"newborn", "N", "n-gent", "FULL", "Pending", 1, 3 * MINUTE, 0},
    {"goner", "G", "g-gent", "FULL", "Running", 1, 6 * HOUR, 20 * SECOND},
    {"夜警-night-watch", "X", "x-gent", "FULL", "Running", 1, HOUR, 0},
};

static void put_agent(struct store *st, const struct fake_agent *a)
{
    struct agent_facts f = {.meta = meta(a->name, a->age_ms),
                            .genus = span_of(a->genus),
                            .image = span_of("ghcr.io/kgents/logic:1.4"),
                            .deploy_mode = span_of(a->mode),
                            .phase = span_of(a->phase),
                            .deployment = span_of(a->deployment),
                            .replicas = a->replicas,
                            .ready = FACT_NONE,
                            .generation = 1,
                            .observed = 1};

    if (a->deleted_ago_ms > 0) {
        f.meta.deleted_ms = FLEET_NOW - a->deleted_ago_ms;
        f.meta.finalizer = span_of("kgents.io/agent");
    }
    if (strcmp(a->name, "broker") == 0)
        f.cond = (struct condition_facts){
            span_of("Ready"), span_of("True"), span_of("DeploymentReady"),
            span_of("1 of 1"), FLEET_NOW - HOUR};
    store_put_agent(st, &f, &list);
}

static void put_deployment(struct store *st, const struct fake_agent *a,
                           int ready)
{
    struct workload_facts f = {.meta = meta(a->deployment, a->age_ms),
                               .kind = KIND_DEPLOYMENT,
                               .desired = a->replicas,
                               .ready = ready};

    store_put_workload(st, &f, &list);
}

static void put_pod(struct store *st, const struct fake_agent *a, int number)
{
    char name[80], set[80];
    struct workload_facts f;

    snprintf(name, sizeof name, "%s-7d9f8-%d", a->deployment, number);
    snprintf(set, sizeof set, "%s-7d9f8", a->deployment);
    f = (struct workload_facts){.meta = meta(name, a->age_ms),
                                .kind = KIND_POD,
                                .phase = span_of("Running"),
                                .node = span_of("node-1"),
                                .ready = 1,
                                .main_ready = true,
                                .first_container = span_of("logic")};
    f.meta.owner_kind = span_of("ReplicaSet");
    f.meta.owner_name = span_of(set);
    if (strcmp(a->name, "crasher") == 0) {
        f.ready = 0;
        f.main_ready = false;
        f.restarts = 5;
        f.container = span_of("logic");
        f.reason = span_of("CrashLoopBackOff");
        f.message = span_of("back-off 2m40s restarting failed container");
        f.last_reason = span_of("OOMKilled");
        f.exit_code = 137;
    } else if (strcmp(a->name, "twin") == 0) {
        f.restarts = 2;
        f.sidecar_bad = true;
        f.container = span_of("memory-sync");
        f.reason = span_of("ImagePullBackOff");
    } else if (strcmp(a->name, "newborn") == 0) {
        f.phase = span_of("Pending");
        f.ready = 0;
        f.main_ready = false;
    }
    store_put_workload(st, &f, &list);
}

static void put_kgents(struct store *st)
{
    for (size_t i = 0; i < COUNT(agents); i++) {
        const struct fake_agent *a = &agents[i];
        bool down = strcmp(a->name, "crasher") == 0 ||
                    strcmp(a->name, "newborn") == 0;

        put_agent(st, a);
        if (a->deployment == NULL)
            continue;
        put_deployment(st, a, down ? 0 : a->replicas);
        for (int n = 0; n < a->replicas; n++)
            put_pod(st, a, n);
    }
}

static void put_others(struct store *st)
{
    struct workload_facts job = {.meta = meta("q-run-17", 20 * MINUTE),
                                 .kind = KIND_JOB,
                                 .desired = 1,
                                 .succeeded = 1};
    struct workload_facts pod = {.meta = meta("fracta-7f2", 50 * MINUTE),
                                 .kind = KIND_POD,
                                 .phase = span_of("Running"),
                                 .ready = 1,
                                 .main_ready = true,
                                 .first_container = span_of("agent")};

    job.meta.kgents_agent = span_of("qgent");
    store_put_workload(st, &job, &list);
    pod.meta.fracta_id = span_of("poet");
    store_put_workload(st, &pod, &list);
}

static void put_objects(struct store *st)
{
    static const struct {
        enum kind kind;
        const char *name, *owner, *phase, *note;
        int64_t number;
    } objects[] = {
        {KIND_MEMORY, "weaver-memory", "weaver", "Bound", "BICAMERAL",
         FACT_NONE},
        {KIND_UMWELT, "weaver-umwelt", "weaver", NULL, NULL, 20000},
        {KIND_AGENTSERVER, "garden", NULL, "Running",
         "http://garden-terrarium:80", 1},
        {KIND_MORPHEUS, "morpheus", NULL, "Ready", "http://morpheus:8080", 2},
    };
    struct quota_facts quota = {.meta = meta("fleet", 26 * HOUR),
                                .resource = span_of("requests.memory"),
                                .used = span_of("31Gi"),
                                .hard = span_of("32Gi"),
                                .share = 31.0 / 32};

    for (size_t i = 0; i < COUNT(objects); i++) {
        struct object_facts f = {.meta = meta(objects[i].name, 26 * HOUR),
                                 .kind = objects[i].kind,
                                 .owner = span_of(objects[i].owner),
                                 .phase = span_of(objects[i].phase),
                                 .note = span_of(objects[i].note),
                                 .number = objects[i].number};

        if (objects[i].kind == KIND_MEMORY)
            f.cond = (struct condition_facts){
                span_of("Ready"), span_of("True"), span_of("PVCBound"),
                span_of("1Gi"), FLEET_NOW - HOUR};
        store_put_object(st, &f, &list);
    }
    store_put_quota(st, &quota, &list);
}

/* Events: of a pod, and of a memory. */
static void put_events(struct store *st)
{
    struct event_facts f = {.meta = meta("e-1", 3 * MINUTE),
                            .type = span_of("Warning"),
                            .reason = span_of("FailedMount"),
                            .message = span_of("volume memory is not there"),
                            .on_kind = span_of("Pod"),
                            .on_ns = span_of(FLEET_NS),
                            .on_name = span_of("c-gent-7d9f8-0"),
                            .at_ms = FLEET_NOW - 3 * MINUTE,
                            .count = 1};

    store_put_event(st, &f, &list);
    f.type = span_of("Normal");
    f.reason = span_of("Provisioned");
    f.message = span_of("claim weaver-memory is bound");
    f.on_kind = span_of("Memory");
    f.on_name = span_of("weaver-memory");
    f.at_ms = FLEET_NOW - 26 * MINUTE;
    store_put_event(st, &f, &list);
}

/* Thoughts. */

static void think(struct store *st, const char *agent, int64_t ago_ms,
                  enum thought_kind kind, const char *text, uint32_t tokens)
{
    bool own = kind == THOUGHT_SAID || kind == THOUGHT_THOUGHT ||
               kind == THOUGHT_CALL || kind == THOUGHT_RESULT;
    struct thought_facts f = {.ns = span_of(FLEET_NS),
                              .agent = span_of(agent),
                              .text = span_of(text),
                              .at_ms = FLEET_NOW - ago_ms,
                              .kind = kind,
                              .tokens = tokens,
                              .cost = tokens > 0 ? tokens * 0.00001 : NAN,
                              .weight = own ? 1 : 0.5,
                              .own = own};

    store_thought(st, &f);
}

static void think_at_length(struct store *st)
{
    char text[1501];

    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 9 == 8 ? ' ' : (char)('a' + i % 26);
    text[sizeof text - 1] = '\0';
    think(st, "weaver", 71 * SECOND, THOUGHT_SAID, text, 0);
}

static void put_thoughts(struct store *st)
{
    static const char *const habits[] = {"counting leaves",
                                         "watching the door", "sweeping"};

    think(st, NULL, 14 * MINUTE, THOUGHT_CHANGE, "a thought of nobody", 0);
    for (int i = 0; i < 10; i++)
        think(st, "hermit", 4 * MINUTE + (10 - i) * 5 * SECOND,
              THOUGHT_THOUGHT, habits[i % 3], 20);
    think(st, "idler", 30 * MINUTE, THOUGHT_SAID, "nothing to do", 12);
    think(st, "goner", 25 * SECOND, THOUGHT_CHANGE, "Killing: stopping", 0);
    think(st, "crasher", 95 * SECOND, THOUGHT_ERROR,
          "BackOff: back-off restarting failed container logic", 0);
    think(st, "librarian", 90 * SECOND, THOUGHT_RESULT,
          "found 12 papers on stigmergy", 640);
    think(st, "broker", 85 * SECOND, THOUGHT_CALL,
          "search(query=\"pheromone decay\", limit=20)", 1800);
    think(st, "broker", 80 * SECOND, THOUGHT_RESULT, "20 rows", 300);
    think(st, "poet", 75 * SECOND, THOUGHT_DREAM,
          "a river of signals under the glass", 90);
    think_at_length(st);
    think(st, "weaver", 66 * SECOND, THOUGHT_SAID,
          "\x1b[31mred\x1b[0m \x1b]0;owned\x07 \xe2\x80\xaetxt.exe\xe2\x80\xac"
          " \xff\xfe\xc0\xaf \x9b" "2J end",
          0);
    think(st, "夜警-night-watch", 60 * SECOND, THOUGHT_SAID,
          "巡回中：異常なし。次は東門へ向かいます 👁 e\xcc\x81", 210);
    for (int i = 0; i < 7; i++) {
        char text[40];

        snprintf(text, sizeof text, "retry %d: GET /health", i + 1);
        think(st, "echo", (50 - i * 4) * SECOND, THOUGHT_CALL, text, 150);
    }
    think(st, "twin", 42 * SECOND, THOUGHT_SIGNAL, "SCARCITY 0.40: memory", 0);
    think(st, "mason", 40 * SECOND, THOUGHT_DECISION,
          "lays the next stone on approval", 0);
    think(st, "weaver", 15 * SECOND, THOUGHT_THOUGHT,
          "the warp holds, the weft is thin", 4200);
    think(st, "broker", 9 * SECOND, THOUGHT_SAID,
          "matched 3 of 5 offers\nthe rest waits", 2600);
    think(st, "broker", 2 * SECOND, THOUGHT_CALL, "settle(offer=3)", 900);
}

/* Pheromones. */

struct fake_signal {
    const char *type, *source, *target, *payload;
    int64_t ago_ms;
    double initial, half_min; /* half 0: no date, constant */
};

static const struct fake_signal signals[FLEET_PHEROMONES] = {
    {"WARNING", "crasher", "broker", "out of memory", 2 * MINUTE, 1, 10},
    {"WARNING", "echo", NULL, "no answer", 5 * MINUTE, .8, 10},
    {"WARNING", "broker", "weaver", "offers thin", 20 * MINUTE, .9, 10},
    {"OPPORTUNITY", "broker", "mason", "cheap lime", 3 * MINUTE, .7, 20},
    {"OPPORTUNITY", "librarian", NULL, "new corpus", 30 * MINUTE, 1, 30},
    {"SCARCITY", "twin", NULL, "memory", 6 * MINUTE, .4, 15},
    {"SCARCITY", "crasher", "twin", "tokens", 8 * MINUTE, .6, 10},
    {"DREAM", "poet", NULL, "a river of signals", 10 * MINUTE, 1, 10},
    {"DREAM", "librarian", "poet", "shelves", 40 * MINUTE, .9, 20},
    {"DREAM", "weaver", NULL, "patterns", 90 * MINUTE, 1, 30},
    {"INTENT", "weaver", "librarian", "will ask", MINUTE, .5, 10},
    {"INTENT", "mason", NULL, "will build", 4 * MINUTE, .95, 10},
    {"INTENT", "broker", NULL, "will trade", 12 * MINUTE, .6, 10},
    {"STATE", "broker", NULL, "open", 0, .33, 0},
    {"STATE", "weaver", NULL, "weaving", 0, 1, 0},
    {"STATE", "idler", NULL, "idle", 0, .1, 0},
    {"TEST", "mason", "weaver", "wall holds", 7 * MINUTE, .85, 10},
    {"TEST", "echo", NULL, "ping", 50 * MINUTE, 1, 5},
    {"MEMORY", "librarian", NULL, "indexed", 15 * MINUTE, .75, 60},
    {"MEMORY", "夜警-night-watch", NULL, "東門", 11 * MINUTE, .65, 10},
    {"CHAOS", "echo", "broker", "noise", 30 * SECOND, 1, 10},
    {"METAPHOR", "poet", NULL, "glass", 18 * MINUTE, .5, 30},
    {"NARRATIVE", "poet", "weaver", "the loom", 22 * MINUTE, .8, 30},
    {"CAPABILITY", "librarian", NULL, "search", 0, .9, 0},
    {"CAPABILITY", "mason", NULL, "build", 0, .6, 0},
    {"PERFUME", "broker", NULL, "of no known type", 5 * MINUTE, .5, 10},
    {"WARNING", "hermit", NULL, "gone long ago", 400 * MINUTE, 1, 10},
    {"INTENT", "hermit", NULL, "gone too", 300 * MINUTE, .2, 10},
    {"OPPORTUNITY", "weaver", NULL, NULL, 9 * MINUTE, .45, 10},
    {"WARNING", NULL, NULL, "of nobody", 3 * MINUTE, .3, 10},
};

static void put_signals(struct store *st)
{
    for (size_t i = 0; i < COUNT(signals); i++) {
        const struct fake_signal *s = &signals[i];
        char name[24];
        struct pheromone_facts f;

        snprintf(name, sizeof name, "ph-%02zu", i);
        f = (struct pheromone_facts){
            .meta = meta(name, s->ago_ms ? s->ago_ms : 2 * HOUR),
            .type = span_of(s->type),
            .source = span_of(s->source),
            .target = span_of(s->target),
            .payload = span_of(s->payload),
            .emitted_given = s->half_min > 0,
            .emitted_ms = FLEET_NOW - s->ago_ms,
            .initial = s->half_min > 0 ? s->initial : NAN,
            .half_life_min = s->half_min > 0 ? s->half_min : NAN,
            .constant = s->half_min > 0 ? NAN : s->initial,
            .decay_rate = NAN,
            .current = NAN,
            .ttl_s = i % 10 == 3 ? 7200 : FACT_NONE};
        store_put_pheromone(st, &f, &list);
    }
}

/* Proposals. */

struct fake_proposal {
    const char *name, *proposer, *change, *phase, *tgent, *decider, *text;
    int64_t age_ms, ttl_s, decided_ago_ms;
    double risk; /* NAN: not assessed yet */
    int lines, files, required;
    const char *description;
};

static const struct fake_proposal proposals[FLEET_PROPOSALS] = {
    {"wall-7", "mason", "CODE_PATCH", NULL, NULL, NULL, NULL, 40 * SECOND,
     86400, 0, NAN, 340, 12, 1,
     "Raise the east wall by one course\nLime is cheap now."},
    {"sluice-2", "mason", "CONFIG_UPDATE", "Reviewing", "PENDING", NULL, NULL,
     12 * MINUTE, 14400, 0, .42, 20, 2, 1, "Open the sluice at dusk"},
    {"drop-db", "mason", "SCHEMA_CHANGE", "Reviewing", "FAILED", NULL, NULL,
     95 * MINUTE, 7200, 0, .91, 900, 41, 2,
     "Drop the old ledger table\nNobody reads it since spring."},
    {"prompt-9", "crasher", "PROMPT_CHANGE", "Reviewing", "PASSED", NULL, NULL,
     28 * HOUR, 172800, 0, .63, 44, 1, 1,
     "更新：夜警のプロンプト wide glyphs in a title that is long enough to be "
     "cut off somewhere near its end"},
    {"gate-3", "weaver", "CODE_PATCH", "Approved", "PASSED", "ada",
     "looks right", 3 * HOUR, 86400, 30 * MINUTE, .18, 30, 2, 1,
     "Widen the gate"},
    {"purge-1", "echo", "INFRASTRUCTURE", "Rejected", "SKIPPED", "grace",
     "too much at once", 5 * HOUR, 86400, 2 * HOUR, .77, 600, 20, 1,
     "Purge all caches"},
    {"index-4", "librarian", "CONFIG_UPDATE", "Merged", "PASSED", "ada", NULL,
     9 * HOUR, 86400, 8 * HOUR, .08, 12, 1, 1, "Rebuild the index at night"},
    {"stale-0", "hermit", "CODE_PATCH", "Expired", NULL, NULL, NULL, 30 * HOUR,
     86400, 6 * HOUR, .3, 50, 3, 1, "Plant a hedge"},
    {"odd-5", "poet", "RENAME", "Dreaming", NULL, NULL, NULL, 2 * HOUR,
     FACT_NONE, 0, .5, 1, 1, 1, NULL},
};

static void put_proposals(struct store *st)
{
    for (size_t i = 0; i < COUNT(proposals); i++) {
        const struct fake_proposal *p = &proposals[i];
        struct proposal_facts f = {
            .meta = meta(p->name, p->age_ms),
            .change = span_of(p->change),
            .target_kind = span_of("Agent"),
            .target_name = span_of("weaver"),
            .proposer = span_of(p->proposer),
            .description = span_of(p->description),
            .rationale = span_of("It was asked for at the last gathering."),
            .phase = span_of(p->phase),
            .lines_added = p->lines,
            .lines_removed = p->lines / 4,
            .files = p->files,
            .tests_added = p->files / 2,
            .required = p->required,
            .tgent_wanted = p->tgent != NULL,
            .ttl_s = p->ttl_s,
            .risk = {.base = isnan(p->risk) ? NAN : .3,
                     .velocity = isnan(p->risk) ? NAN : .05,
                     .magnitude = isnan(p->risk) ? NAN : .1,
                     .tests = isnan(p->risk) ? NAN : .02,
                     .total = p->risk},
            .tgent_result = span_of(p->tgent),
            .approvals = p->decider != NULL && p->text != NULL,
            .decider = span_of(p->decider),
            .decider_text = span_of(p->text),
            .decided_ms =
                p->decided_ago_ms ? FLEET_NOW - p->decided_ago_ms : 0};

        if (p->tgent != NULL && strcmp(p->tgent, "FAILED") == 0) {
            f.tgent_report = span_of("2 of 41 checks fail:\nledger_test: "
                                     "table is still read by broker");
            f.tests_passed = 39;
            f.tests_failed = 2;
        }
        store_put_proposal(st, &f, &list);
    }
}

void fake_source(struct store *st, bool stale)
{
    struct plane *p = st->plane_count > 0 ? &st->planes[0]
                                          : store_plane(st, "kubernetes");

    p->state = stale ? PLANE_STALE : PLANE_LIVE;
    p->answered = true;
    p->latency_ms = 12;
    snprintf(p->version, sizeof p->version, "v1.31.0");
    p->proof_ms = FLEET_NOW - (stale ? 3 * MINUTE : 400);
    p->since_ms = FLEET_NOW - (stale ? 3 * MINUTE : 2 * HOUR);
    p->retry_ms = stale ? FLEET_NOW + 8 * SECOND : 0;
    if (stale)
        error_set(&p->error, ERR_CONNECT, "could not connect to 10.0.0.1:6443");
    else
        error_clear(&p->error);
    store_plane_changed(st);
}

void fake_fleet(struct store *st)
{
    put_kgents(st);
    put_others(st);
    put_objects(st);
    store_settle(st, FLEET_NOW - 20 * MINUTE);
    put_thoughts(st);
    put_events(st);
    put_signals(st);
    put_proposals(st);
    for (enum kind k = KIND_AGENT; k < KIND_COUNT; k++)
        store_stream(st, NULL, k, STREAM_LIVE, NULL);
    fake_source(st, false);
    store_settle(st, FLEET_NOW);
}

static void put_mission(struct store *st, int number, const char *status,
                        const char *agent, const char *objective,
                        int64_t age_ms)
{
    bool claimed = strcmp(status, "claimed") == 0;
    char name[12];
    struct mission_facts f = {.status = span_of(status),
                              .task = span_of(agent),
                              .objective = span_of(objective),
                              .parent = number > 2 ? 1 + number % 2 : FACT_NONE,
                              .depth = number % 4,
                              .priority = number % 3};

    snprintf(name, sizeof name, "%d", number);
    f.meta = meta(name, age_ms);
    if (claimed || strcmp(status, "completed") == 0)
        f.claimed_by = span_of("worker-2");
    if (claimed) {
        f.claimed_ms = FLEET_NOW - age_ms / 2;
        f.lease_ms = FLEET_NOW + (number % 2 ? 1 : -1) * 12 * MINUTE;
    } else if (strcmp(status, "pending") != 0) {
        f.completed_ms = FLEET_NOW - age_ms / 3;
    }
    if (strcmp(status, "failed") == 0)
        f.error = span_of("exit status 1: \x1b[31mno such branch\x1b[0m "
                          "feature/the-ninth-thread-of-the-western-loom");
    store_put_mission(st, &f, &list);
}

static void put_objective(struct store *st, const char *name,
                          const char *status, const char *description,
                          const char *outcome, int64_t missions)
{
    struct objective_facts f = {.meta = meta(name, 2 * HOUR),
                                .status = span_of(status),
                                .description = span_of(description),
                                .outcome = span_of(outcome),
                                .created_by = span_of("ops"),
                                .missions = missions,
                                .max_missions = 12,
                                .findings = missions / 3,
                                .max_depth = 5,
                                .max_branching = 5,
                                .max_runtime_ms = 4 * HOUR,
                                .tokens = 0,
                                .max_tokens = FACT_NONE,
                                .writes = FACT_NONE,
                                .max_writes = 500,
                                .updated_ms = FLEET_NOW - 14 * MINUTE};

    store_put_objective(st, &f, &list);
}

static void put_asked(struct store *st, const char *name, const char *phase,
                      const char *what)
{
    const struct asked_facts asked = {.risk = (double)NAN};
    struct proposal_facts f = {.meta = meta(name, 9 * MINUTE),
                               .change = span_of("MISSION"),
                               .proposer = span_of("weaver"),
                               .objective = span_of("obj-loom"),
                               .description = span_of(what),
                               .phase = span_of(phase),
                               .lines_added = FACT_NONE,
                               .lines_removed = FACT_NONE,
                               .files = FACT_NONE,
                               .tests_added = FACT_NONE,
                               .tests_removed = FACT_NONE,
                               .tests_passed = FACT_NONE,
                               .tests_failed = FACT_NONE,
                               .required = FACT_NONE,
                               .ttl_s = FACT_NONE,
                               .auto_merge = true,
                               .asked = &asked};

    f.risk.total = f.risk.base = f.risk.velocity = (double)NAN;
    f.risk.magnitude = f.risk.tests = (double)NAN;
    store_put_proposal(st, &f, &list);
}

void fake_work(struct store *st)
{
    static const char *const status[] = {
        "pending", "completed", "claimed", "failed", "claimed", "cancelled"};
    static const char *const who[] = {"weaver", "broker", "mason", NULL};

    put_objective(st, "obj-loom", "open",
                  "Find out why the loom drops every ninth thread, and "
                  "whether \xe2\x80\xaethe western one does so too; what was "
                  "tried last winter stands in the notes of the harvest, which "
                  "are to be read first", NULL, 9);
    put_objective(st, "obj-frost", "frozen",
                  "Is the frost of last week in any notes?", NULL, 11);
    put_objective(st, "obj-river", "answered", "Which of the two rivers?",
                  "the left one", 5);
    put_objective(st, "an-objective-with-a-long-name", "budget_exhausted",
                  "Halve what the nightly run costs", NULL, 12);
    put_objective(st, "obj-moss", "disproven",
                  "Moss grows on the north side only", NULL, FACT_NONE);
    for (int i = 0; i < 17; i++)
        put_mission(st, i + 1, status[i % 6], who[i % 4],
                    i % 7 == 6 ? "obj-frost" : "obj-loom",
                    (i + 1) * 7 * MINUTE);
    put_asked(st, "obj-7", "Pending", "count the threads of shed 3");
    put_asked(st, "obj-8", "Rejected", "burn shed 4");
    store_settle(st, FLEET_NOW);
}
