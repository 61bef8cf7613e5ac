#include "config.h"

#include "base/when.h"
#include "data/dump.h"
#include "data/facts.h"
#include "data/json/pick.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Reads what dump_json wrote, as rows that are only pictured. */

enum {
    SCHEMA,
    TAKEN,
    CONTEXT,
    NAMESPACE, PRACTICE,
    AGENT,
    A_NS, A_NAME, A_STATE, A_TROUBLE, A_DEGRADED, A_WHY, A_GENUS, A_STEP,
    A_STEP_KIND, A_ACTIVITY, A_TOKENS, A_LAST, A_CREATED, A_REPLICAS,
    SIGNAL,
    S_NS, S_NAME, S_TYPE, S_SOURCE, S_TARGET, S_PAYLOAD, S_INITIAL, S_HALF,
    S_EMITTED, S_CREATED, S_TTL,
    PROPOSAL,
    P_NS, P_NAME, P_DESCRIPTION, P_RATIONALE, P_CHANGE, P_TARGET_KIND, P_TARGET,
    P_PROPOSER, P_PHASE, P_RISK, P_TGENT, P_CREATED, P_DECIDER, P_TEXT,
    P_DECIDED, P_DEADLINE, P_APPROVALS, P_REQUIRED, P_REJECTIONS,
    THOUGHT,
    T_AT, T_NS, T_AGENT, T_KIND, T_TEXT, T_TIMES,
};

static const struct pick_rule rules[] = {
    {"schema", SCHEMA},
    {"taken", TAKEN},
    {"context", CONTEXT},
    {"namespace", NAMESPACE},
    {"practice", PRACTICE},
    {"agents[]", AGENT},
    {"agents[].namespace", A_NS},
    {"agents[].name", A_NAME},
    {"agents[].state", A_STATE},
    {"agents[].trouble", A_TROUBLE},
    {"agents[].degraded", A_DEGRADED},
    {"agents[].why", A_WHY},
    {"agents[].genus", A_GENUS},
    {"agents[].step", A_STEP},
    {"agents[].step_kind", A_STEP_KIND},
    {"agents[].activity", A_ACTIVITY},
    {"agents[].tokens", A_TOKENS},
    {"agents[].last_event", A_LAST},
    {"agents[].created", A_CREATED},
    {"agents[].replicas_wanted", A_REPLICAS},
    {"pheromones[]", SIGNAL},
    {"pheromones[].namespace", S_NS},
    {"pheromones[].name", S_NAME},
    {"pheromones[].type", S_TYPE},
    {"pheromones[].source", S_SOURCE},
    {"pheromones[].target", S_TARGET},
    {"pheromones[].payload", S_PAYLOAD},
    {"pheromones[].initial", S_INITIAL},
    {"pheromones[].half_life_s", S_HALF},
    {"pheromones[].emitted", S_EMITTED},
    {"pheromones[].created", S_CREATED},
    {"pheromones[].ttl_s", S_TTL},
    {"proposals[]", PROPOSAL},
    {"proposals[].namespace", P_NS},
    {"proposals[].name", P_NAME},
    {"proposals[].description", P_DESCRIPTION},
    {"proposals[].rationale", P_RATIONALE},
    {"proposals[].change", P_CHANGE},
    {"proposals[].target_kind", P_TARGET_KIND},
    {"proposals[].target", P_TARGET},
    {"proposals[].proposer", P_PROPOSER},
    {"proposals[].phase", P_PHASE},
    {"proposals[].risk.total", P_RISK},
    {"proposals[].tgent", P_TGENT},
    {"proposals[].created", P_CREATED},
    {"proposals[].decider", P_DECIDER},
    {"proposals[].decider_text", P_TEXT},
    {"proposals[].decided", P_DECIDED},
    {"proposals[].deadline", P_DEADLINE},
    {"proposals[].approvals", P_APPROVALS},
    {"proposals[].required", P_REQUIRED},
    {"proposals[].rejections", P_REJECTIONS},
    {"thoughts[]", THOUGHT},
    {"thoughts[].at", T_AT},
    {"thoughts[].namespace", T_NS},
    {"thoughts[].agent", T_AGENT},
    {"thoughts[].kind", T_KIND},
    {"thoughts[].text", T_TEXT},
    {"thoughts[].times", T_TIMES},
    {NULL, 0},
};

struct reading {
    struct store *st;
    struct picture *ret;
    bool ours;
    struct agent_facts agent;
    enum agent_state state;
    bool trouble, degraded;
    struct span why, step, step_kind;
    double activity;
    int64_t tokens, last_ms;
    struct pheromone_facts signal;
    struct proposal_facts proposal;
    int64_t deadline_ms;
    struct thought_facts thought;
};

static struct span str(const struct pick_value *v)
{
    return v->type == PICK_STRING ? v->text : (struct span){NULL, 0};
}

static int64_t date(const struct pick_value *v)
{
    int64_t ms = 0;

    if (v->type == PICK_STRING)
        when_parse(v->text.p, v->text.n, &ms);
    return ms;
}

static double real(const struct pick_value *v)
{
    double d = NAN;

    pick_double(v, -1e15, 1e15, &d);
    return d;
}

static struct origin origin(const struct reading *r)
{
    return (struct origin){.stream = STREAM_PICTURE,
                           .now_ms = r->ret->taken_ms,
                           .initial = true};
}

/* A row that is only pictured; NULL: there was no room. */
static struct agent *picture_row(struct store *st, const struct agent_facts *f,
                                 const struct origin *o,
                                 const struct pictured *p, bool degraded)
{
    struct agent *a;
    uint32_t slot;

    store_put_agent(st, f, o);
    slot = agent_find(st, f->meta.ns, f->meta.name);
    if (slot == SLOT_NONE)
        return NULL;
    a = table_row(&st->agents, slot);
    agent_attach(st, slot, SLOT_NONE);
    a->origin = AGENT_ORIGIN_PICTURE;
    a->pictured = true;
    st->states[a->state]--;
    a->state = p->state;
    st->states[a->state]++;
    st->trouble += (uint32_t)p->trouble - a->trouble;
    st->degraded += (uint32_t)degraded - a->degraded;
    a->trouble = p->trouble;
    a->degraded = degraded;
    if (set_text(st, &a->why, p->why))
        store_mark(st, KIND_AGENT, slot);
    return a;
}

static void put_agent(struct reading *r)
{
    const struct pictured p = {
        .state = r->state, .trouble = r->trouble, .why = r->why};
    struct origin o = origin(r);
    struct agent *a;

    if (r->agent.meta.name.n == 0)
        return;
    a = picture_row(r->st, &r->agent, &o, &p, r->degraded);
    if (a == NULL)
        return;
    if (r->last_ms > 0)
        activity_event(&a->act, r->last_ms, 1);
    if (r->activity > 0)
        a->act.score =
            log2(r->activity) + (double)r->ret->taken_ms / ACTIVITY_HALF_LIFE_MS;
    if (r->step.n > 0)
        activity_step(&a->act, r->last_ms, thought_kind_of(r->step_kind),
                      r->step.p, r->step.n);
    a->act.tokens = r->tokens > 0 ? (uint64_t)r->tokens : 0;
}

bool picture_agent(struct store *st, const struct pictured *p, int64_t now_ms)
{
    const struct origin o = {
        .stream = STREAM_PICTURE, .now_ms = now_ms, .initial = true};
    const struct agent_facts f = {.meta = {.ns = p->ns, .name = p->name},
                                  .genus = p->genus,
                                  .phase = p->phase,
                                  .replicas = 1,
                                  .ready = FACT_NONE,
                                  .generation = FACT_NONE,
                                  .observed = FACT_NONE};
    uint32_t slot = agent_find(st, p->ns, p->name);
    struct agent *a;

    if (p->name.n == 0 ||
        (slot != SLOT_NONE &&
         !((struct agent *)table_row(&st->agents, slot))->pictured))
        return false;
    a = picture_row(st, &f, &o, p, false);
    if (a != NULL && a->act.last_ms < p->seen_ms)
        activity_event(&a->act, p->seen_ms, 1);
    return a != NULL;
}

void picture_agent_gone(struct store *st, struct span ns, struct span name)
{
    uint32_t slot = agent_find(st, ns, name);

    if (slot != SLOT_NONE &&
        ((struct agent *)table_row(&st->agents, slot))->pictured)
        store_gone(st, KIND_AGENT, ns, name);
}

static void agent_value(struct reading *r, int field,
                        const struct pick_value *v)
{
    switch (field) {
    case AGENT:
        if (v->type == PICK_END) {
            put_agent(r);
            break;
        }
        r->agent = (struct agent_facts){.replicas = 1,
                                        .ready = FACT_NONE,
                                        .generation = FACT_NONE,
                                        .observed = FACT_NONE};
        r->state = AGENT_UNKNOWN;
        r->trouble = r->degraded = false;
        r->why = r->step = r->step_kind = (struct span){NULL, 0};
        r->activity = 0;
        r->tokens = r->last_ms = 0;
        break;
    case A_NS:
        r->agent.meta.ns = str(v);
        break;
    case A_NAME:
        r->agent.meta.name = str(v);
        break;
    case A_STATE:
        r->state = agent_state_of(str(v));
        break;
    case A_TROUBLE:
        r->trouble = pick_true(v);
        break;
    case A_DEGRADED:
        r->degraded = pick_true(v);
        break;
    case A_WHY:
        r->why = str(v);
        break;
    case A_GENUS:
        r->agent.genus = str(v);
        break;
    case A_STEP:
        r->step = str(v);
        break;
    case A_STEP_KIND:
        r->step_kind = str(v);
        break;
    case A_ACTIVITY:
        r->activity = real(v);
        break;
    case A_TOKENS:
        pick_int(v, 0, INT64_MAX / 4, &r->tokens);
        break;
    case A_LAST:
        r->last_ms = date(v);
        break;
    case A_CREATED:
        r->agent.meta.created_ms = date(v);
        break;
    default:
        pick_int(v, 0, 1000000, &r->agent.replicas);
        break;
    }
}

static void put_signal(struct reading *r)
{
    struct origin o = origin(r);

    if (isnan(r->signal.half_life_min)) /* constant, whenever it was laid */
        r->signal.emitted_given = false;
    if (r->signal.meta.name.n > 0)
        store_put_pheromone(r->st, &r->signal, &o);
}

static void signal_value(struct reading *r, int field,
                         const struct pick_value *v)
{
    struct pheromone_facts *p = &r->signal;

    switch (field) {
    case SIGNAL:
        if (v->type == PICK_END) {
            put_signal(r);
            break;
        }
        *p = (struct pheromone_facts){.initial = NAN,
                                      .half_life_min = NAN,
                                      .constant = NAN,
                                      .decay_rate = NAN,
                                      .current = NAN,
                                      .ttl_s = FACT_NONE};
        break;
    case S_NS:
        p->meta.ns = str(v);
        break;
    case S_NAME:
        p->meta.name = str(v);
        break;
    case S_TYPE:
        p->type = str(v);
        break;
    case S_SOURCE:
        p->source = str(v);
        break;
    case S_TARGET:
        p->target = str(v);
        break;
    case S_PAYLOAD:
        p->payload = str(v);
        break;
    case S_INITIAL:
        p->initial = real(v);
        p->constant = p->initial;
        break;
    case S_HALF:
        /* written with the DREAM factor, which the reader applies again */
        p->half_life_min = real(v) / 60 / (span_is(p->type, "DREAM") ? 2 : 1);
        break;
    case S_EMITTED:
        p->emitted_ms = date(v);
        p->emitted_given = p->emitted_ms > 0;
        break;
    case S_CREATED:
        p->meta.created_ms = date(v);
        break;
    default:
        pick_int(v, 0, INT32_MAX, &p->ttl_s);
        break;
    }
}

static void put_proposal(struct reading *r)
{
    struct origin o = origin(r);
    int64_t created = r->proposal.meta.created_ms;

    if (created > 0 && r->deadline_ms > created &&
        r->deadline_ms - created <= INT32_MAX * 1000LL)
        r->proposal.ttl_s = (r->deadline_ms - created) / 1000;
    if (r->proposal.meta.name.n > 0)
        store_put_proposal(r->st, &r->proposal, &o);
}

static void proposal_value(struct reading *r, int field,
                           const struct pick_value *v)
{
    struct proposal_facts *p = &r->proposal;
    int64_t n;

    switch (field) {
    case PROPOSAL:
        if (v->type == PICK_END) {
            put_proposal(r);
            break;
        }
        *p = (struct proposal_facts){.ttl_s = FACT_NONE};
        r->deadline_ms = 0;
        p->risk = (struct risk_facts){NAN, NAN, NAN, NAN, NAN, {NULL, 0}, 0};
        break;
    case P_NS:
        p->meta.ns = str(v);
        break;
    case P_NAME:
        p->meta.name = str(v);
        break;
    case P_DESCRIPTION:
        p->description = str(v);
        break;
    case P_RATIONALE:
        p->rationale = str(v);
        break;
    case P_CHANGE:
        p->change = str(v);
        break;
    case P_TARGET_KIND:
        p->target_kind = str(v);
        break;
    case P_TARGET:
        p->target_name = str(v);
        break;
    case P_PROPOSER:
        p->proposer = str(v);
        break;
    case P_PHASE:
        p->phase = span_is(str(v), "New") ? (struct span){NULL, 0} : str(v);
        break;
    case P_RISK:
        p->risk.total = real(v);
        break;
    case P_TGENT:
        p->tgent_result = str(v);
        break;
    case P_CREATED:
        p->meta.created_ms = date(v);
        break;
    case P_DECIDER:
        p->decider = str(v);
        break;
    case P_TEXT:
        p->decider_text = str(v);
        break;
    case P_DECIDED:
        p->decided_ms = date(v);
        break;
    case P_DEADLINE:
        r->deadline_ms = date(v);
        break;
    case P_REQUIRED:
        pick_int(v, 0, INT32_MAX, &p->required);
        break;
    default:
        n = 0;
        pick_int(v, 0, 1000000, &n);
        if (field == P_APPROVALS)
            p->approvals = (int)n;
        else
            p->rejections = (int)n;
        break;
    }
}

static void thought_value(struct reading *r, int field,
                          const struct pick_value *v)
{
    struct thought_facts *t = &r->thought;
    const struct thought *e = NULL;
    int64_t n;

    switch (field) {
    case THOUGHT:
        if (v->type == PICK_END && t->at_ms > 0)
            e = thoughts_add(&r->st->thoughts, t->at_ms, t->ns, t->agent,
                             t->kind, t->text, 0);
        if (e != NULL && t->times > 1)
            thoughts_set_times(&r->st->thoughts, e, (uint32_t)t->times);
        *t = (struct thought_facts){0};
        break;
    case T_AT:
        t->at_ms = date(v);
        break;
    case T_NS:
        t->ns = str(v);
        break;
    case T_AGENT:
        t->agent = str(v);
        break;
    case T_KIND:
        t->kind = thought_kind_of(str(v));
        break;
    case T_TIMES:
        if (pick_int(v, 1, INT32_MAX, &n))
            t->times = n;
        break;
    default:
        t->text = str(v);
        break;
    }
}

static void copy(char *to, size_t size, struct span s)
{
    snprintf(to, size, "%.*s", (int)(s.n < size ? s.n : size), s.p ? s.p : "");
}

/* Until the source says what it is. */
static void mark_practice(struct store *st, bool practice)
{
    for (uint32_t i = 0; i < st->plane_count; i++)
        st->planes[i].practice |= practice;
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reading *r = arg;

    if (field == SCHEMA)
        r->ours = span_is(str(v), "terrarium.snapshot/1");
    else if (!r->ours)
        return;
    else if (field == TAKEN)
        r->ret->taken_ms = date(v);
    else if (field == CONTEXT)
        copy(r->ret->context, sizeof r->ret->context, str(v));
    else if (field == NAMESPACE)
        copy(r->ret->ns, sizeof r->ret->ns, str(v));
    else if (field == PRACTICE)
        mark_practice(r->st, pick_true(v));
    else if (r->ret->taken_ms == 0)
        return;
    else if (field < SIGNAL)
        agent_value(r, field, v);
    else if (field < PROPOSAL)
        signal_value(r, field, v);
    else if (field < THOUGHT)
        proposal_value(r, field, v);
    else
        thought_value(r, field, v);
}

void picture_read(struct store *st, const char *text, size_t len,
                  struct picture *ret)
{
    struct reading r = {.st = st, .ret = ret};
    struct pick *p = pick_create(rules);

    *ret = (struct picture){0};
    pick_run(p, text, len, on_value, &r, NULL);
    pick_destroy(p);
    thoughts_mark_picture(&st->thoughts);
    st->picture_ms = ret->taken_ms;
    st->gen_thoughts++;
}
