#include "config.h"

#include "data/fields.h"

#include "data/decay.h"
#include "data/delay.h"

#include <math.h>
#include <string.h>

/* The first fields of each table are where plain words are looked for. */
enum {
    A_NAME, A_NS, A_GENUS, A_STATE, A_WHY, A_STEP, A_PHASE, A_PLAIN,
    A_IMAGE = A_PLAIN, A_MODE, A_REASON, A_TOKENS, A_COST, A_AGE, A_LAST,
    A_READY, A_RESTARTS, A_ACTIVITY, A_WAITING, A_TROUBLE, A_COUNT
};
static const char *const agent_names[] = {
    "name", "ns", "genus", "state", "why", "step", "phase", "image", "mode",
    "reason", "tokens", "cost", "age", "last", "ready", "restarts",
    "activity", "waiting", "trouble", NULL};

enum {
    S_TYPE, S_SOURCE, S_TARGET, S_PAYLOAD, S_NAME, S_NS, S_PLAIN,
    S_INTENSITY = S_PLAIN, S_HALF, S_AGE, S_TTL, S_COUNT
};
static const char *const signal_names[] = {
    "type", "source", "target", "payload", "name", "ns", "intensity",
    "half-life", "age", "ttl", NULL};

enum {
    P_TITLE, P_NAME, P_NS, P_BY, P_TARGET, P_CHANGE, P_PHASE, P_PLAIN,
    P_RISK = P_PLAIN, P_LEVEL, P_AGE, P_DEADLINE, P_BLOCKS, P_TGENT,
    P_APPROVALS, P_DECIDER, P_OPEN, P_COUNT
};
static const char *const proposal_names[] = {
    "title", "name", "ns", "by", "target", "change", "phase", "risk",
    "level", "age", "deadline", "blocks", "tgent", "approvals", "decider",
    "open", NULL};

const char *const *field_names(enum kind kind)
{
    static const char *const none[] = {NULL};

    return kind == KIND_AGENT       ? agent_names
           : kind == KIND_PHEROMONE ? signal_names
           : kind == KIND_PROPOSAL  ? proposal_names
                                    : none;
}

int field_plain(enum kind kind)
{
    return kind == KIND_AGENT       ? A_PLAIN
           : kind == KIND_PHEROMONE ? S_PLAIN
           : kind == KIND_PROPOSAL  ? P_PLAIN
                                    : 0;
}

int field_find(enum kind kind, struct span name)
{
    const char *const *names = field_names(kind);
    int found = -1;

    if (name.n == 0)
        return -1;
    for (int i = 0; names[i] != NULL; i++) {
        if (span_is(name, names[i]))
            return i;
        if (strncmp(names[i], name.p, name.n) == 0)
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
}
