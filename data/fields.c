#include "config.h"

#include "data/fields.h"

#include "data/decay.h"
#include "data/delay.h"

#include <math.h>
#include <string.h>

#define ROW(name, unit, clock) {name, unit, clock, 0}
#define TEXT(name) ROW(name, FIELD_TEXT, false)
#define COUNT(name) ROW(name, FIELD_COUNT, false)
#define FRACTION(name) ROW(name, FIELD_FRACTION, false)
#define LIVE(name) ROW(name, FIELD_FRACTION, true) /* fades by itself */
#define SPAN(name) ROW(name, FIELD_SPAN, false)
#define AGO(name) ROW(name, FIELD_SPAN, true)

/* The first fields of each table are where plain words are looked for. */
enum {
    A_NAME, A_NS, A_GENUS, A_STATE, A_WHY, A_STEP, A_PHASE, A_PLAIN,
    A_IMAGE = A_PLAIN, A_MODE, A_REASON, A_TOKENS, A_COST, A_AGE, A_LAST,
    A_READY, A_RESTARTS, A_ACTIVITY, A_WAITING, A_TROUBLE
};
static const struct field_row agent_rows[] = {
    TEXT("name"), TEXT("ns"), TEXT("genus"), TEXT("state"), TEXT("why"),
    TEXT("step"), TEXT("phase"), TEXT("image"), TEXT("mode"), TEXT("reason"),
    COUNT("tokens"), FRACTION("cost"), AGO("age"), AGO("last"), COUNT("ready"),
    COUNT("restarts"), LIVE("activity"), COUNT("waiting"), COUNT("trouble"),
    TEXT(NULL)};

enum {
    S_TYPE, S_SOURCE, S_TARGET, S_PAYLOAD, S_NAME, S_NS, S_PLAIN,
    S_INTENSITY = S_PLAIN, S_INITIAL, S_HALF, S_AGE, S_TTL
};
static const struct field_row signal_rows[] = {
    TEXT("type"), TEXT("source"), TEXT("target"), TEXT("payload"), TEXT("name"),
    TEXT("ns"), LIVE("intensity"), FRACTION("initial"), SPAN("half-life"),
    AGO("age"), SPAN("ttl"), TEXT(NULL)};

enum {
    P_TITLE, P_NAME, P_NS, P_BY, P_TARGET, P_CHANGE, P_PHASE, P_PLAIN,
    P_RISK = P_PLAIN, P_LEVEL, P_AGE, P_DEADLINE, P_BLOCKS, P_TGENT,
    P_APPROVALS, P_DECIDER, P_OPEN
};
static const struct field_row proposal_rows[] = {
    TEXT("title"), TEXT("name"), TEXT("ns"), TEXT("by"), TEXT("target"),
    TEXT("change"), TEXT("phase"), FRACTION("risk"), TEXT("level"), AGO("age"),
    AGO("deadline"), COUNT("blocks"), TEXT("tgent"), COUNT("approvals"),
    TEXT("decider"), TEXT("open"), TEXT(NULL)};

/* One table for all the lesser kinds, so that one filter serves their list. */
#define K(kind) (1u << KIND_##kind)
#define RUNS (K(DEPLOYMENT) | K(POD) | K(JOB))
#define PHASED                                                                 \
    (K(POD) | K(MEMORY) | K(AGENTSERVER) | K(MORPHEUS) | K(MISSION) |          \
     K(OBJECTIVE))
enum {
    O_KIND, O_NAME, O_NS, O_OWNER, O_PHASE, O_REASON, O_MESSAGE, O_TYPE,
    O_ENDPOINT, O_OBJECTIVE, O_WORKER, O_ERROR, O_DESCRIPTION, O_OUTCOME,
    O_PROPOSER, O_RUNTIME, O_PLAIN,
    O_NODE = O_PLAIN, O_CONTAINER, O_IMAGE, O_READY, O_WANTED, O_ACTIVE, O_RESTARTS,
    O_EXIT, O_BUDGET, O_PROVIDERS, O_TIGHTEST, O_USED,
    O_PRIORITY, O_DEPTH, O_PARENT, O_CLAIMED, O_LEASE, O_ENDED, O_MISSIONS,
    O_MAX_MISSIONS, O_FINDINGS, O_MAX_DEPTH, O_MAX_BRANCHING, O_MAX_RUNTIME,
    O_TOKENS, O_MAX_TOKENS, O_AGE
};
static const struct field_row object_rows[] = {
    TEXT("kind"), TEXT("name"), TEXT("ns"),
    {"owner", FIELD_TEXT, false, RUNS | K(MEMORY) | K(UMWELT) | K(MISSION)},
    {"phase", FIELD_TEXT, false, PHASED},
    {"reason", FIELD_TEXT, false, RUNS},
    {"message", FIELD_TEXT, false, RUNS},
    {"type", FIELD_TEXT, false, K(MEMORY)},
    {"endpoint", FIELD_TEXT, false, K(AGENTSERVER) | K(MORPHEUS)},
    {"objective", FIELD_TEXT, false, K(MISSION)},
    {"worker", FIELD_TEXT, false, K(MISSION)},
    {"error", FIELD_TEXT, false, K(MISSION)},
    {"description", FIELD_TEXT, false, K(OBJECTIVE)},
    {"outcome", FIELD_TEXT, false, K(OBJECTIVE)},
    {"proposed-by", FIELD_TEXT, false, K(MISSION) | K(OBJECTIVE)},
    {"runtime", FIELD_TEXT, false, K(MISSION)},
    {"node", FIELD_TEXT, false, K(POD)},
    {"container", FIELD_TEXT, false, K(POD)},
    {"image", FIELD_TEXT, false, K(POD)},
    {"ready", FIELD_COUNT, false, RUNS | K(AGENTSERVER)},
    {"wanted", FIELD_COUNT, false, K(DEPLOYMENT)},
    {"active", FIELD_COUNT, false, K(JOB)},
    {"restarts", FIELD_COUNT, false, K(POD)},
    {"exit", FIELD_COUNT, false, K(POD)},
    {"budget", FIELD_COUNT, false, K(UMWELT)},
    {"providers", FIELD_COUNT, false, K(MORPHEUS)},
    {"tightest", FIELD_TEXT, false, K(QUOTA)},
    {"used", FIELD_PERCENT, false, K(QUOTA)},
    {"priority", FIELD_COUNT, false, K(MISSION)},
    {"depth", FIELD_COUNT, false, K(MISSION)},
    {"parent", FIELD_COUNT, false, K(MISSION)},
    {"claimed", FIELD_SPAN, true, K(MISSION)},
    {"lease", FIELD_SPAN, true, K(MISSION)}, /* left of it */
    {"ended", FIELD_SPAN, true, K(MISSION)},
    {"missions", FIELD_COUNT, false, K(OBJECTIVE)},
    {"max-missions", FIELD_COUNT, false, K(OBJECTIVE)},
    {"findings", FIELD_COUNT, false, K(OBJECTIVE)},
    {"max-depth", FIELD_COUNT, false, K(OBJECTIVE)},
    {"max-branching", FIELD_COUNT, false, K(OBJECTIVE)},
    {"max-runtime", FIELD_SPAN, false, K(OBJECTIVE)},
    {"tokens", FIELD_COUNT, false, K(OBJECTIVE)},
    {"max-tokens", FIELD_COUNT, false, K(OBJECTIVE)},
    AGO("age"),
    TEXT(NULL)};
#undef K

static const struct field_row *const tables[KIND_COUNT] = {
    [KIND_AGENT] = agent_rows,      [KIND_PHEROMONE] = signal_rows,
    [KIND_PROPOSAL] = proposal_rows, [KIND_MEMORY] = object_rows,
    [KIND_UMWELT] = object_rows,    [KIND_AGENTSERVER] = object_rows,
    [KIND_MORPHEUS] = object_rows,  [KIND_DEPLOYMENT] = object_rows,
    [KIND_POD] = object_rows,       [KIND_JOB] = object_rows,
    [KIND_QUOTA] = object_rows,     [KIND_MISSION] = object_rows,
    [KIND_OBJECTIVE] = object_rows,
};

const struct field_row *field_rows(enum kind kind)
{
    static const struct field_row none = TEXT(NULL);

    return tables[kind] != NULL ? tables[kind] : &none;
}

bool field_applies(enum kind kind, int field)
{
    unsigned kinds = field_rows(kind)[field].kinds;

    return kinds == 0 || (kinds & 1u << kind) != 0;
}

int field_plain(enum kind kind)
{
    return kind == KIND_AGENT                   ? A_PLAIN
           : kind == KIND_PHEROMONE             ? S_PLAIN
           : kind == KIND_PROPOSAL              ? P_PLAIN
           : field_rows(kind) == object_rows    ? O_PLAIN
                                                : 0;
}

int field_find(enum kind kind, struct span name)
{
    const struct field_row *rows = field_rows(kind);
    int found = -1;

    if (name.n == 0)
        return -1;
    for (int i = 0; rows[i].name != NULL; i++) {
        if (span_is(name, rows[i].name))
            return i;
        if (strncmp(rows[i].name, name.p, name.n) == 0)
            found = found == -1 ? i : -2;
    }
    return found >= 0 ? found : -1;
}

static void number(struct field_value *v, double n)
{
    v->number = n;
}

static void text(struct field_value *v, const char *s)
{
    v->text = span_of(s);
}

static void since(struct field_value *v, int64_t from_ms, int64_t now_ms)
{
    v->clock = true;
    if (from_ms > 0)
        v->number = (double)(now_ms - from_ms);
}

static void get_agent(const struct agent *a, int field, int64_t now_ms,
                      struct field_value *v)
{
    switch (field) {
    case A_NAME:
        text(v, a->name);
        break;
    case A_NS:
        text(v, a->ns);
        break;
    case A_GENUS:
        text(v, a->genus);
        break;
    case A_STATE:
        text(v, agent_state_name(a->state));
        number(v, a->state);
        break;
    case A_WHY:
        text(v, a->why);
        break;
    case A_STEP:
        text(v, a->act.step);
        break;
    case A_PHASE:
        text(v, a->phase);
        break;
    case A_IMAGE:
        text(v, a->image);
        break;
    case A_MODE:
        text(v, a->deploy_mode);
        break;
    case A_REASON:
        text(v, a->load.reason);
        break;
    case A_TOKENS:
        number(v, a->act.tokens > 0 ? (double)a->act.tokens : NAN);
        break;
    case A_COST:
        number(v, a->act.cost);
        break;
    case A_AGE:
        since(v, a->created_ms, now_ms);
        break;
    case A_LAST:
        since(v, a->act.last_ms, now_ms);
        break;
    case A_READY:
        number(v, a->load.ready < 0 ? NAN : a->load.ready);
        break;
    case A_RESTARTS:
        number(v, a->load.restarts);
        break;
    case A_ACTIVITY:
        number(v, activity_now(&a->act, now_ms));
        v->clock = true;
        break;
    case A_WAITING:
        number(v, a->waiting);
        break;
    case A_TROUBLE:
        number(v, a->trouble);
        break;
    default:
        break;
    }
}

static void get_signal(const struct pheromone *p, int field, int64_t now_ms,
                       struct field_value *v)
{
    switch (field) {
    case S_TYPE:
        text(v, p->other_type ? p->other_type
                              : signal_name((enum signal)p->type));
        break;
    case S_SOURCE:
        text(v, p->source);
        break;
    case S_TARGET:
        text(v, p->target);
        break;
    case S_PAYLOAD:
        text(v, p->payload);
        break;
    case S_NAME:
        text(v, p->name);
        break;
    case S_NS:
        text(v, p->ns);
        break;
    case S_INTENSITY:
        number(v, decay_now(p, now_ms));
        v->clock = true;
        break;
    case S_INITIAL:
        number(v, (double)p->initial);
        break;
    case S_HALF:
        number(v, decay_half_life_ms(p));
        break;
    case S_AGE:
        since(v, p->emitted_ms ? p->emitted_ms : p->created_ms, now_ms);
        break;
    case S_TTL:
        number(v, p->ttl_s == FACT_NONE ? NAN : p->ttl_s * 1000.0);
        break;
    default:
        break;
    }
}

static void get_proposal(const struct proposal *p, int field, int64_t now_ms,
                         struct field_value *v)
{
    int64_t end;

    switch (field) {
    case P_TITLE:
        text(v, p->title);
        break;
    case P_NAME:
        text(v, p->name);
        break;
    case P_NS:
        text(v, p->ns);
        break;
    case P_BY:
        text(v, p->proposer);
        break;
    case P_TARGET:
        text(v, p->target_name);
        break;
    case P_CHANGE:
        text(v, p->change);
        break;
    case P_PHASE:
        text(v, p->phase == PROPOSAL_OTHER ? p->phase_text
                                           : proposal_phase_name(p->phase));
        break;
    case P_RISK:
        number(v, (double)p->risk.total);
        break;
    case P_LEVEL:
        text(v, risk_level_name(risk_level((double)p->risk.total)));
        break;
    case P_AGE:
        since(v, p->created_ms, now_ms);
        break;
    case P_DEADLINE:
        end = proposal_deadline(p);
        v->clock = true;
        if (end != MOMENT_NEVER)
            number(v, (double)(end - now_ms));
        break;
    case P_BLOCKS:
        number(v, p->blocked);
        break;
    case P_TGENT:
        text(v, tgent_name(p->tgent));
        break;
    case P_APPROVALS:
        number(v, p->approvals);
        break;
    case P_DECIDER:
        text(v, p->decider);
        break;
    case P_OPEN:
        text(v, proposal_open(p) ? "yes" : "no");
        number(v, proposal_open(p));
        break;
    default:
        break;
    }
}

/* FACT_NONE is unknown. */
static void known(struct field_value *v, int64_t n)
{
    if (n != FACT_NONE)
        v->number = (double)n;
}

static void get_workload(const struct store *st, const struct workload *w,
                         int field, int64_t now_ms, struct field_value *v)
{
    const struct workload *root =
        w->root != SLOT_NONE ? store_workload(st, w->root) : w;
    const struct agent *a = store_agent(st, root->agents);

    switch (field) {
    case O_NAME:
        text(v, w->name);
        break;
    case O_NS:
        text(v, w->ns);
        break;
    case O_OWNER:
        text(v, a != NULL ? a->name : NULL);
        break;
    case O_PHASE:
        text(v, w->phase);
        break;
    case O_REASON:
        text(v, w->reason);
        break;
    case O_MESSAGE:
        text(v, w->message);
        break;
    case O_NODE:
        text(v, w->node);
        break;
    case O_CONTAINER:
        text(v, w->container ? w->container : w->first_container);
        break;
    case O_IMAGE:
        text(v, w->image);
        break;
    case O_READY:
        known(v, w->ready);
        break;
    case O_WANTED:
        known(v, w->desired);
        break;
    case O_ACTIVE:
        number(v, w->active);
        break;
    case O_RESTARTS:
        number(v, w->restarts);
        break;
    case O_EXIT:
        number(v, w->last_reason || w->reason ? w->exit_code : NAN);
        break;
    case O_AGE:
        since(v, w->created_ms, now_ms);
        break;
    default:
        break;
    }
}

static void get_mission(const struct mission *m, int field, int64_t now_ms,
                        struct field_value *v)
{
    switch (field) {
    case O_OBJECTIVE:
        text(v, m->objective);
        break;
    case O_WORKER:
        text(v, m->claimed_by);
        break;
    case O_ERROR:
        text(v, m->error);
        break;
    case O_PROPOSER:
        text(v, m->proposed_by);
        break;
    case O_RUNTIME:
        text(v, m->runtime);
        break;
    case O_PRIORITY:
        known(v, m->priority);
        break;
    case O_DEPTH:
        known(v, m->depth);
        break;
    case O_PARENT:
        known(v, m->parent);
        break;
    case O_CLAIMED:
        since(v, m->claimed_ms, now_ms);
        break;
    case O_LEASE:
        v->clock = true;
        if (m->lease_ms > 0)
            number(v, (double)(m->lease_ms - now_ms));
        break;
    case O_ENDED:
        since(v, m->completed_ms, now_ms);
        break;
    default:
        break;
    }
}

static void get_objective(const struct objective *o, int field,
                          struct field_value *v)
{
    switch (field) {
    case O_DESCRIPTION:
        text(v, o->description);
        break;
    case O_OUTCOME:
        text(v, o->outcome);
        break;
    case O_PROPOSER:
        text(v, o->created_by);
        break;
    case O_MISSIONS:
        known(v, o->missions);
        break;
    case O_MAX_MISSIONS:
        known(v, o->max_missions);
        break;
    case O_FINDINGS:
        known(v, o->findings);
        break;
    case O_MAX_DEPTH:
        known(v, o->max_depth);
        break;
    case O_MAX_BRANCHING:
        known(v, o->max_branching);
        break;
    case O_MAX_RUNTIME:
        known(v, o->max_runtime_ms);
        break;
    case O_TOKENS:
        known(v, o->tokens);
        break;
    case O_MAX_TOKENS:
        known(v, o->max_tokens);
        break;
    default:
        break;
    }
}

static void get_object(const struct object *b, int field, int64_t now_ms,
                       struct field_value *v)
{
    if (b->kind == KIND_MISSION && b->mission != NULL)
        get_mission(b->mission, field, now_ms, v);
    else if (b->kind == KIND_OBJECTIVE && b->objective != NULL)
        get_objective(b->objective, field, v);
    switch (field) {
    case O_NAME:
        text(v, b->name);
        break;
    case O_NS:
        text(v, b->ns);
        break;
    case O_OWNER:
        text(v, b->owner);
        break;
    case O_PHASE:
        text(v, b->phase);
        break;
    case O_TYPE:
    case O_ENDPOINT:
    case O_TIGHTEST:
        text(v, field_applies(b->kind, field) ? b->note : NULL);
        break;
    case O_READY:
    case O_BUDGET:
    case O_PROVIDERS:
        if (field_applies(b->kind, field))
            known(v, b->number);
        break;
    case O_USED:
        number(v, b->share * 100);
        break;
    case O_AGE:
        since(v, b->created_ms, now_ms);
        break;
    default:
        break;
    }
}

void field_get(const struct store *st, enum kind kind, uint32_t slot,
               int field, int64_t now_ms, struct field_value *ret)
{
    *ret = (struct field_value){.number = NAN};
    if (kind == KIND_AGENT && store_agent(st, slot) != NULL)
        get_agent(store_agent(st, slot), field, now_ms, ret);
    else if (kind == KIND_PHEROMONE && store_pheromone(st, slot) != NULL)
        get_signal(store_pheromone(st, slot), field, now_ms, ret);
    else if (kind == KIND_PROPOSAL && store_proposal(st, slot) != NULL)
        get_proposal(store_proposal(st, slot), field, now_ms, ret);
    else if (field_rows(kind) == object_rows && field == O_KIND)
        text(ret, kind_name(kind));
    else if (kind_runs(kind) && store_workload(st, slot) != NULL)
        get_workload(st, store_workload(st, slot), field, now_ms, ret);
    else if (field_rows(kind) == object_rows && !kind_runs(kind) &&
             store_object(st, slot) != NULL)
        get_object(store_object(st, slot), field, now_ms, ret);
}
