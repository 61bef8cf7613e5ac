#include "config.h"

#include "data/act/halt.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum step_state { STEP_WAITS, STEP_UNDER_WAY, STEP_DONE, STEP_FAILED,
                  STEP_LEFT };

struct step {
    char *ns, *name;
    char *root;       /* the Deployment it stops; NULL: it is none */
    uint8_t uid[16];
    uint8_t stage, state;
    uint32_t receipt; /* while under way */
    char *why;        /* it failed; owned */
};

struct halt {
    struct store *st;
    struct gate *gate;
    enum halt_scope scope;
    enum halt_state state;
    char ns[ACT_NAME], reason[ACT_TEXT];
    struct step *steps;
    int count, room, stage, agents;
    int besides; /* who was not chosen, and stops all the same */
    char besides_names[160];
    int flying[HALT_FLIGHT], fly_count; /* indexes of steps under way */
    int next;                           /* no step before it waits */
    struct halt_count counts[HALT_STAGES];
    int beyond;
    const char *beyond_why;
    int64_t begun_ms, ended_ms;
};

static void forget(struct halt *h)
{
    for (int i = 0; i < h->count; i++) {
        free(h->steps[i].ns);
        free(h->steps[i].name);
        free(h->steps[i].root);
        free(h->steps[i].why);
    }
    free(h->steps);
    *h = (struct halt){.st = h->st, .gate = h->gate};
}

struct halt *halt_create(struct store *st, struct gate *g)
{
    struct halt *h = xcalloc(1, sizeof *h);

    h->st = st;
    h->gate = g;
    return h;
}

void halt_destroy(struct halt *h)
{
    if (h == NULL)
        return;
    forget(h);
    free(h);
}

static bool stands(const struct agent *a)
{
    if (agent_local(a))
        return a->run->paused || a->run->pid <= 0;
    return a->load.desired <= 0 && a->load.ready <= 0 && a->load.pods <= 0;
}

/* NULL: it can be stopped; "": it stands already; else why it cannot. */
static const char *obstacle(const struct halt *h, const struct agent *a)
{
    const struct workload *root =
        a->root != SLOT_NONE ? store_workload(h->st, a->root) : NULL;

    if (a->origin == AGENT_ORIGIN_PICTURE)
        return "known from the last picture only";
    if (agent_local(a)) {
        if (stands(a))
            return "";
        return a->run->mode != NULL && strcmp(a->run->mode, "external") == 0
                   ? "not started here"
                   : NULL;
    }
    if (a->run != NULL && root == NULL)
        return a->load.done || a->load.failed
                   ? ""
                   : "its control plane pauses nothing: kill it instead";
    if (root == NULL || a->load.desired == FACT_NONE)
        return "nothing that runs it is known";
    if (root->kind == KIND_DEPLOYMENT)
        return !root->known ? "its Deployment is gone"
               : root->desired > 0 ? NULL
                                   : "";
    if (a->load.kind != NULL && strcmp(a->load.kind, "Pod") == 0)
        return "a pod of its own: delete it instead";
    return a->load.done || a->load.failed ? "" : NULL;
}

static void add(struct halt *h, const struct agent *a, int stage)
{
    const struct workload *root;
    struct step *s;

    if (h->count == HALT_MAX)
        return;
    if (h->count == h->room) {
        h->room = h->room ? 2 * h->room : 64;
        h->steps = xrealloc(h->steps, (size_t)h->room, sizeof *h->steps);
    }
    s = &h->steps[h->count++];
    *s = (struct step){.ns = xstrdup(a->ns),
                       .name = xstrdup(a->name),
                       .stage = (uint8_t)stage};
    root = a->root != SLOT_NONE ? store_workload(h->st, a->root) : NULL;
    if (root != NULL && root->kind == KIND_DEPLOYMENT)
        s->root = xstrdup(root->name);
    memcpy(s->uid, a->uid, 16);
    h->counts[stage].all++;
}

/* What is known while it is gathered. */
struct gathering {
    uint8_t *stages; /* by agent slot */
    uint8_t *picked; /* by agent slot: it was chosen */
    uint8_t *seen;   /* by workload slot: this root has its step already */
};

static void consider(struct halt *h, uint32_t slot, struct gathering *g)
{
    const struct agent *a = store_agent(h->st, slot);
    const char *why = obstacle(h, a);

    if (why != NULL) {
        h->beyond += why[0] != '\0';
        if (why[0] != '\0' && h->beyond_why == NULL)
            h->beyond_why = why;
        return;
    }
    h->agents++;
    g->picked[slot] = 1;
    if (a->root != SLOT_NONE) {
        if (g->seen[a->root])
            return;
        g->seen[a->root] = 1;
    }
    add(h, a, g->stages[slot]);
}

/* Who shares a Deployment is stopped with the earliest of them. */
static void lower_stages(const struct store *st, uint8_t *stages)
{
    for (uint32_t i = 0; i < st->workloads.used; i++) {
        const struct workload *root = store_workload(st, i);
        uint8_t least = HALT_STAGES - 1;

        if (root == NULL || root->agents == SLOT_NONE)
            continue;
        for (uint32_t k = root->agents; k != SLOT_NONE;
             k = store_agent(st, k)->next_on_root)
            least = stages[k] < least ? stages[k] : least;
        for (uint32_t k = root->agents; k != SLOT_NONE;
             k = store_agent(st, k)->next_on_root)
            stages[k] = least;
    }
}

/* Who was not chosen, and stops all the same: on a Deployment that is. */
static void hit_besides(struct halt *h, const struct gathering *g)
{
    const struct store *st = h->st;
    uint8_t *chosen = xcalloc(st->workloads.used + 1, 1);
    char *names = h->besides_names;

    for (int i = 0; i < h->count; i++) {
        const struct agent *a = store_agent(
            st, store_find(st, KIND_AGENT, span_of(h->steps[i].ns),
                           span_of(h->steps[i].name)));

        if (a != NULL && a->root != SLOT_NONE && h->steps[i].root != NULL)
            chosen[a->root] = 1;
    }
    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);
        size_t len = strlen(names);

        if (a == NULL || a->root == SLOT_NONE || !chosen[a->root] ||
            g->picked[i])
            continue;
        if (h->besides++ < 4)
            snprintf(names + len, sizeof h->besides_names - len, "%s%.28s",
                     h->besides > 1 ? ", " : "", a->name);
    }
    free(chosen);
}

static bool in_scope(const struct halt *h, const struct agent *a)
{
    return a != NULL && a->deleted_ms == 0 &&
           (h->scope != HALT_NAMESPACE || strcmp(a->ns, h->ns) == 0);
}

static void gather_back(struct halt *h, struct gathering *g)
{
    struct before_row row;

    for (int i = 0; gate_taken(h->gate, i, &row); i++) {
        uint32_t slot = store_find(h->st, KIND_AGENT, span_of(row.ns),
                                   span_of(row.name));
        const struct agent *a = store_agent(h->st, slot);

        if (a == NULL || memcmp(a->uid, row.uid, 16) != 0)
            continue;
        if (agent_local(a) ? a->run->paused : a->load.desired <= 0) {
            h->agents++;
            g->picked[slot] = 1;
            add(h, a, HALT_STAGES - 1 - g->stages[slot]);
        }
    }
}

/* Stage by stage, else as they were. */
static void sort_stages(struct halt *h)
{
    struct step *sorted = xcalloc((size_t)h->count + 1, sizeof *sorted);
    int n = 0;

    for (int stage = 0; stage < HALT_STAGES; stage++)
        for (int i = 0; i < h->count; i++)
            if (h->steps[i].stage == stage)
                sorted[n++] = h->steps[i];
    free(h->steps);
    h->steps = sorted;
    h->room = h->count + 1;
}

int halt_gather(struct halt *h, enum halt_scope scope, const char *ns,
                const struct halt_name *marked, int count)
{
    struct gathering g;

    if (h->state == HALT_RUNS)
        return 0;
    forget(h);
    h->scope = scope;
    snprintf(h->ns, sizeof h->ns, "%s", ns ? ns : "");
    g.stages = halt_stages(h->st);
    g.picked = xcalloc(h->st->agents.used + 1, 1);
    g.seen = xcalloc(h->st->workloads.used + 1, 1);
    lower_stages(h->st, g.stages);
    if (scope == HALT_BACK) {
        gather_back(h, &g);
    } else if (scope == HALT_MARKED) {
        for (int i = 0; i < count; i++) {
            uint32_t slot = store_find(h->st, KIND_AGENT,
                                       span_of(marked[i].ns),
                                       span_of(marked[i].name));

            if (store_agent(h->st, slot) != NULL)
                consider(h, slot, &g);
        }
    } else {
        for (uint32_t i = 0; i < h->st->agents.used; i++)
            if (in_scope(h, store_agent(h->st, i)))
                consider(h, i, &g);
    }
    hit_besides(h, &g);
    free(g.stages);
    free(g.picked);
    free(g.seen);
    sort_stages(h);
    h->state = HALT_GATHERED;
    return h->count;
}

static void name_stage(const struct halt *h, struct plan *p, int stage)
{
    char names[120] = "";
    int named = 0;

    if (h->counts[stage].all == 0)
        return;
    for (int i = 0; i < h->count && named < 4; i++) {
        size_t n = strlen(names);

        if (h->steps[i].stage != stage)
            continue;
        snprintf(names + n, sizeof names - n, "%s%.28s",
                 named > 0 ? ", " : "", h->steps[i].name);
        named++;
    }
    plan_line(p, "%d. %s: %d (%s%s)", stage + 1,
              halt_stage_name(h->scope == HALT_BACK ? HALT_STAGES - 1 - stage
                                                    : stage),
              h->counts[stage].all, names,
              named < h->counts[stage].all ? ", …" : "");
}

int halt_plan(struct halt *h, struct plan *p, struct error *err)
{
    static const char *const scopes[] = {"marked agents", "", "the fleet",
                                         "what was halted"};
    const char *scope = h->scope == HALT_NAMESPACE ? h->ns : scopes[h->scope];
    bool back = h->scope == HALT_BACK;

    *p = (struct plan){.want = p->want};
    if (h->count == 0)
        return error_set(err, ERR_ABSENT, "%s: there is nothing to %s", scope,
                         back ? "resume" : "halt");
    snprintf(p->title, sizeof p->title, "%s %.120s: %d agents",
             back ? "resume" : "halt", scope, h->agents);
    for (int i = 0; i < HALT_STAGES; i++)
        name_stage(h, p, i);
    if (!back)
        plan_line(p, "a stage begins when all of the one before stand still");
    if (h->count < h->agents)
        plan_line(p, "%d agents share a Deployment with another of them",
                  h->agents - h->count);
    if (h->besides > 0)
        plan_line(p, "%s %d others too, who share a Deployment: %s%s",
                  back ? "starts" : "stops", h->besides, h->besides_names,
                  h->besides > 4 ? ", …" : "");
    if (h->beyond > 0)
        plan_line(p, "%d cannot be halted from here: %s", h->beyond,
                  h->beyond_why);
    p->friction = back || h->scope == HALT_MARKED ? RISK_HIGH : RISK_CRITICAL;
    if (h->scope == HALT_NAMESPACE)
        snprintf(p->type, sizeof p->type, "%.100s", h->ns);
    else if (h->scope == HALT_FLEET)
        snprintf(p->type, sizeof p->type, "fleet");
    else
        snprintf(p->type, sizeof p->type, "%d", h->agents);
    snprintf(p->method, sizeof p->method, "PATCH");
    snprintf(p->path, sizeof p->path, "%d requests, %d at a time", h->count,
             HALT_FLIGHT);
    return 0;
}

void halt_begin(struct halt *h, const char *reason)
{
    if (h->state != HALT_GATHERED)
        return;
    snprintf(h->reason, sizeof h->reason, "%s", reason);
    h->state = HALT_RUNS;
    h->begun_ms = clock_wall_ms();
    halt_look(h);
}

static void settle(struct halt *h, struct step *s, enum step_state state,
                   const char *why)
{
    struct halt_count *c = &h->counts[s->stage];

    c->under_way -= s->state == STEP_UNDER_WAY;
    s->state = (uint8_t)state;
    c->under_way += state == STEP_UNDER_WAY;
    c->done += state == STEP_DONE;
    c->failed += state == STEP_FAILED;
    c->left += state == STEP_LEFT;
    if (why != NULL)
        s->why = xstrdup(why);
}

/* It is as it should be already. Of an agent that has gone the Deployment
   tells, which may be another's. */
static bool is_so(const struct halt *h, const struct step *s)
{
    const struct agent *a = store_agent(
        h->st, store_find(h->st, KIND_AGENT, span_of(s->ns), span_of(s->name)));
    const struct workload *root =
        s->root == NULL
            ? NULL
            : store_workload(h->st,
                             store_find(h->st, KIND_DEPLOYMENT, span_of(s->ns),
                                        span_of(s->root)));

    if (a == NULL || memcmp(a->uid, s->uid, 16) != 0)
        return h->scope != HALT_BACK && (root == NULL || !root->known ||
                                         root->desired <= 0);
    if (h->scope != HALT_BACK)
        return stands(a);
    return agent_local(a) ? !a->run->paused : a->load.desired > 0;
}

static void start(struct halt *h, int i)
{
    struct step *s = &h->steps[i];
    struct act_want want = {.act = h->scope == HALT_BACK ? ACT_RESUME
                                                         : ACT_PAUSE,
                            .kind = KIND_AGENT};
    struct error err;
    struct plan plan;

    snprintf(want.ns, sizeof want.ns, "%s", s->ns);
    snprintf(want.name, sizeof want.name, "%s", s->name);
    snprintf(want.reason, sizeof want.reason, "%s", h->reason);
    memcpy(want.uid, s->uid, 16);
    if (is_so(h, s)) {
        settle(h, s, STEP_DONE, NULL);
        return;
    }
    error_clear(&err);
    if (gate_plan(h->gate, &want, &plan, &err) != 0) {
        settle(h, s, STEP_FAILED, err.msg);
    } else {
        s->receipt = gate_commit(h->gate, &plan, false);
        if (s->receipt == 0)
            return; /* others are under way: the next time */
        settle(h, s, STEP_UNDER_WAY, NULL);
        h->flying[h->fly_count++] = i;
    }
    plan_finish(&plan);
}

/* True when the step at this place of `flying` is under way no more. */
static bool landed(struct halt *h, int at)
{
    struct step *s = &h->steps[h->flying[at]];
    const struct action_receipt *a = gate_find(h->gate, s->receipt);

    if (a == NULL) { /* gave way: it was over */
        settle(h, s, is_so(h, s) ? STEP_DONE : STEP_FAILED, "its outcome is "
                                                            "not known");
        return true;
    }
    switch (a->state) {
    case ACTION_OBSERVED:
        settle(h, s, STEP_DONE, NULL);
        return true;
    case ACTION_ACCEPTED:
        if (clock_wall_ms() - a->accepted_ms < HALT_PATIENCE_MS)
            return false;
        settle(h, s, STEP_FAILED,
               a->progress[0] ? a->progress : "accepted, but not seen");
        return true;
    case ACTION_CANCELLED:
    case ACTION_REFUSED:
    case ACTION_SUPERSEDED:
    case ACTION_LOST:
        if (is_so(h, s))
            settle(h, s, STEP_DONE, NULL);
        else
            settle(h, s, STEP_FAILED, a->error.msg);
        return true;
    default: /* sent, or its answer was lost */
        if (clock_wall_ms() - a->begun_ms < 2 * HALT_PATIENCE_MS)
            return false;
        settle(h, s, STEP_FAILED, "nobody knows what became of it");
        return true;
    }
}

static bool stage_over(const struct halt *h)
{
    const struct halt_count *c = &h->counts[h->stage];

    return c->done + c->failed + c->left == c->all;
}

bool halt_look(struct halt *h)
{
    bool changed = false;

    if (h->state != HALT_RUNS)
        return false;
    for (int i = 0; i < h->fly_count;) {
        if (!landed(h, i)) {
            i++;
            continue;
        }
        h->flying[i] = h->flying[--h->fly_count];
        changed = true;
    }
    for (;;) {
        while (h->next < h->count && h->fly_count < HALT_FLIGHT &&
               h->steps[h->next].stage == h->stage) {
            if (h->steps[h->next].state == STEP_WAITS)
                start(h, h->next);
            if (h->steps[h->next].state == STEP_WAITS)
                break; /* the gate is full */
            h->next++;
            changed = true;
        }
        if (!stage_over(h))
            return changed;
        if (++h->stage == HALT_STAGES)
            break;
    }
    h->stage = HALT_STAGES - 1;
    h->state = HALT_OVER;
    h->ended_ms = clock_wall_ms();
    return true;
}

void halt_stop(struct halt *h)
{
    if (h->state != HALT_RUNS)
        return;
    for (int i = 0; i < h->count; i++)
        if (h->steps[i].state == STEP_WAITS)
            settle(h, &h->steps[i], STEP_LEFT, NULL);
    halt_look(h);
}

void halt_clear(struct halt *h)
{
    if (h->state == HALT_OVER)
        forget(h);
}

enum halt_state halt_state(const struct halt *h)
{
    return h->state;
}

enum halt_scope halt_scope(const struct halt *h)
{
    return h->scope;
}

int halt_stage(const struct halt *h)
{
    return h->stage;
}

struct halt_count halt_count(const struct halt *h, int stage)
{
    return h->counts[stage];
}

int halt_beyond(const struct halt *h, const char **why)
{
    *why = h->beyond_why;
    return h->beyond;
}

bool halt_failure(const struct halt *h, int n, const char **name,
                  const char **why)
{
    for (int i = 0; i < h->count; i++)
        if (h->steps[i].state == STEP_FAILED && n-- == 0) {
            *name = h->steps[i].name;
            *why = h->steps[i].why ? h->steps[i].why : "";
            return true;
        }
    return false;
}

int64_t halt_begun_ms(const struct halt *h)
{
    return h->begun_ms;
}

int64_t halt_ended_ms(const struct halt *h)
{
    return h->ended_ms;
}
