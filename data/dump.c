#include "config.h"

#include "data/dump.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/decay.h"
#include "data/delay.h"
#include "data/health.h"
#include "data/json/write.h"
#include "data/kube/reader.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_STATE_NAME(id, name) name,

struct writer {
    struct json j;
    int64_t now_ms;
};

static void text(struct writer *w, const char *key, const char *s)
{
    json_text(&w->j, key, s);
}

static void integer(struct writer *w, const char *key, int64_t v)
{
    json_int(&w->j, key, v);
}

/* FACT_NONE is null. */
static void known(struct writer *w, const char *key, int64_t v)
{
    if (v == FACT_NONE)
        json_null(&w->j, key);
    else
        json_int(&w->j, key, v);
}

/* Six digits: the same rows make the same bytes on every machine. */
static void number(struct writer *w, const char *key, double v)
{
    char num[40];

    if (isnan(v) || isinf(v)) {
        json_null(&w->j, key);
        return;
    }
    snprintf(num, sizeof num, "%.6g", v);
    json_raw(&w->j, key, num, strlen(num));
}

static void boolean(struct writer *w, const char *key, bool v)
{
    json_bool(&w->j, key, v);
}

static void moment(struct writer *w, const char *key, int64_t ms)
{
    char stamp[24];

    if (ms <= 0 || ms == MOMENT_NEVER) {
        json_null(&w->j, key);
        return;
    }
    when_format(ms, stamp);
    json_text(&w->j, key, stamp);
}

static void condition(struct writer *w, const struct condition *c)
{
    if (c->type == NULL) {
        json_null(&w->j, "condition");
        return;
    }
    json_map(&w->j, "condition");
    text(w, "type", c->type);
    text(w, "status", c->status);
    text(w, "reason", c->reason);
    text(w, "message", c->message);
    moment(w, "at", c->at_ms);
    json_map_end(&w->j);
}

static void dump_agent(struct writer *w, const struct agent *a)
{
    static const char *const origins[] = {"picture", "kgents", "fracta",
                                          "qgent", "habitat"};
    struct verdict v;

    health_judge(a, w->now_ms, &v);
    json_map(&w->j, NULL);
    text(w, "namespace", a->ns);
    text(w, "name", a->name);
    text(w, "origin",
         origins[a->origin == AGENT_ORIGIN_RUN && !agent_local(a)
                     ? AGENT_ORIGIN_FRACTA
                     : a->origin]);
    text(w, "state", agent_state_name(v.state));
    boolean(w, "trouble", v.trouble);
    boolean(w, "degraded", v.degraded);
    boolean(w, "conflict", v.conflict);
    text(w, "why", v.why[0] ? v.why : NULL);
    text(w, "genus", a->genus);
    text(w, "image", a->image);
    text(w, "deploy_mode", a->deploy_mode);
    text(w, "phase", a->phase);
    text(w, "cognitive_health", a->cognitive);
    condition(w, &a->cond);
    known(w, "replicas_wanted", a->replicas);
    known(w, "ready", a->load.ready);
    known(w, "desired", a->load.desired);
    integer(w, "restarts", a->load.restarts);
    text(w, "reason", a->load.reason);
    text(w, "step", a->act.step);
    text(w, "step_kind", a->act.step ? thought_kind_name(
                                           (enum thought_kind)a->act.step_kind)
                                     : NULL);
    number(w, "activity",
           a->act.last_ms ? activity_now(&a->act, w->now_ms) : 0);
    integer(w, "events", a->act.events);
    known(w, "tokens", a->act.tokens > 0 ? (int64_t)a->act.tokens : FACT_NONE);
    number(w, "cost_usd", a->act.cost);
    integer(w, "waiting", a->waiting);
    moment(w, "waiting_since", a->waiting_since_ms);
    moment(w, "last_event", a->act.last_ms);
    moment(w, "created", a->created_ms);
    moment(w, "deleting_since", a->deleted_ms);
    text(w, "runtime", a->run ? a->run->runtime : NULL);
    text(w, "objective", a->run ? a->run->objective : NULL);
    json_array(&w->j, "runs");
    for (const struct run *r = a->runs; r != NULL; r = r->next) {
        json_map(&w->j, NULL);
        text(w, "source", r->plane->name);
        text(w, "status", r->status);
        moment(w, "since", r->status_ms);
        moment(w, "seen", r->seen_ms);
        json_map_end(&w->j);
    }
    json_array_end(&w->j);
    json_map_end(&w->j);
}

static void dump_pheromone(struct writer *w, const struct pheromone *p)
{
    double half = decay_half_life_ms(p);

    json_map(&w->j, NULL);
    text(w, "namespace", p->ns);
    text(w, "name", p->name);
    text(w, "type",
         p->other_type ? p->other_type : signal_name((enum signal)p->type));
    text(w, "source", p->source);
    text(w, "target", p->target);
    text(w, "payload", p->payload);
    number(w, "intensity", decay_now(p, w->now_ms));
    number(w, "initial", (double)p->initial);
    number(w, "half_life_s", half > 0 ? half / 1000 : NAN);
    known(w, "ttl_s", p->ttl_s);
    moment(w, "emitted", p->emitted_ms);
    moment(w, "created", p->created_ms);
    moment(w, "ends", decay_ends(p));
    json_map_end(&w->j);
}

static void dump_risk(struct writer *w, const struct risk *r)
{
    json_map(&w->j, "risk");
    number(w, "total", (double)r->total);
    text(w, "level", risk_level_name(risk_level((double)r->total)));
    number(w, "base", (double)r->base);
    number(w, "velocity", (double)r->velocity);
    number(w, "magnitude", (double)r->magnitude);
    number(w, "tests", (double)r->tests);
    text(w, "by", r->by_operator ? "operator" : "terrarium");
    json_map_end(&w->j);
}

static void dump_proposal(struct writer *w, const struct proposal *p)
{
    json_map(&w->j, NULL);
    text(w, "namespace", p->ns);
    text(w, "name", p->name);
    text(w, "title", p->title);
    text(w, "description", p->description);
    text(w, "rationale", p->rationale);
    text(w, "change", p->change);
    text(w, "target_kind", p->target_kind);
    text(w, "target", p->target_name);
    text(w, "proposer", p->proposer);
    text(w, "phase",
         p->phase == PROPOSAL_OTHER ? p->phase_text
                                    : proposal_phase_name(p->phase));
    boolean(w, "open", proposal_open(p));
    dump_risk(w, &p->risk);
    number(w, "cost_of_delay", delay_cost(p, w->now_ms));
    integer(w, "blocks", p->blocked);
    text(w, "tgent", tgent_name(p->tgent));
    integer(w, "approvals", p->approvals);
    integer(w, "required", p->required);
    integer(w, "rejections", p->rejections);
    text(w, "decider", p->decider);
    text(w, "decider_text", p->decider_text);
    moment(w, "decided", p->decided_ms);
    moment(w, "created", p->created_ms);
    moment(w, "deadline", proposal_deadline(p));
    text(w, "obstacle", proposal_obstacle(p));
    json_map_end(&w->j);
}

static void dump_mission(struct writer *w, const struct object *b)
{
    const struct mission *m = b->mission;

    json_map(&w->j, NULL);
    text(w, "namespace", b->ns);
    text(w, "name", b->name);
    text(w, "status", b->phase);
    text(w, "agent", b->owner);
    text(w, "objective", m->objective);
    text(w, "claimed_by", m->claimed_by);
    text(w, "error", m->error);
    known(w, "priority", m->priority);
    moment(w, "created", b->created_ms);
    moment(w, "claimed", m->claimed_ms);
    moment(w, "lease_ends", m->lease_ms);
    moment(w, "completed", m->completed_ms);
    json_map_end(&w->j);
}

static void dump_objective(struct writer *w, const struct object *b)
{
    const struct objective *v = b->objective;

    json_map(&w->j, NULL);
    text(w, "namespace", b->ns);
    text(w, "name", b->name);
    text(w, "status", b->phase);
    text(w, "description", v->description);
    text(w, "outcome", v->outcome);
    known(w, "missions", v->missions);
    known(w, "max_missions", v->max_missions);
    known(w, "findings", v->findings);
    known(w, "tokens", v->tokens);
    known(w, "max_tokens", v->max_tokens);
    moment(w, "created", b->created_ms);
    moment(w, "ends", b->created_ms > 0 && v->max_runtime_ms > 0
                          ? b->created_ms + v->max_runtime_ms
                          : 0);
    json_map_end(&w->j);
}

/* Missions or objectives: in the order they came, at most `most` (0: all). */
static void work(struct writer *w, const struct store *st, enum kind kind,
                 uint32_t most)
{
    uint32_t done = 0;

    for (uint32_t i = 0; i < st->objects.used && (most == 0 || done < most);
         i++) {
        const struct object *b = store_object(st, i);

        if (b == NULL || b->kind != kind)
            continue;
        if (kind == KIND_MISSION)
            dump_mission(w, b);
        else
            dump_objective(w, b);
        done++;
    }
}

static void dump_thought(struct writer *w, const struct thought *t)
{
    char stamp[40];
    int64_t ms = t->at_ms;

    when_format(ms, stamp);
    snprintf(stamp + 19, sizeof stamp - 19, ".%03dZ", (int)(ms % 1000));
    json_map(&w->j, NULL);
    text(w, "at", stamp);
    text(w, "namespace", t->ns);
    text(w, "agent", t->agent);
    text(w, "kind", thought_kind_name((enum thought_kind)t->kind));
    json_span(&w->j, "text", (struct span){t->text, t->len});
    integer(w, "tokens", t->tokens);
    integer(w, "times", t->times);
    json_map_end(&w->j);
}

static void dump_source(struct writer *w, const struct plane *p)
{
    json_map(&w->j, NULL);
    text(w, "name", p->name);
    text(w, "state", plane_state_name(p->state));
    boolean(w, "answered", p->answered);
    text(w, "error", plane_why(p));
    text(w, "version", p->version[0] ? p->version : NULL);
    text(w, "detail", p->detail[0] ? p->detail : NULL);
    moment(w, "proof_of_life", p->proof_ms);
    known(w, "latency_ms", p->latency_ms);
    integer(w, "clock_offset_ms", p->offset_ms);
    boolean(w, "insecure", p->insecure);
    json_map_end(&w->j);
}

/* How old a kind's rows are: null when there never were any. */
static void stream_age(struct writer *w, const struct store *st,
                       const struct stream *s)
{
    int64_t at = s->live_ms > 0 ? s->live_ms : st->picture_ms;
    double age = s->state == STREAM_LIVE ? 0
                 : at > 0                ? (double)(w->now_ms - at) / 1000
                                         : NAN;

    number(w, "age_s", age < 0 ? 0 : age);
}

static void dump_stream(struct writer *w, const struct store *st,
                        enum kind kind)
{
    static const char *const states[] = {STREAM_STATE_MAP(STREAM_STATE_NAME)};
    const struct stream *s = &st->streams[kind];

    json_map(&w->j, NULL);
    text(w, "kind", kind_name(kind));
    text(w, "state", states[s->state]);
    stream_age(w, st, s);
    /* events are not rows: they become thoughts */
    known(w, "rows",
          kind == KIND_EVENT ? FACT_NONE : (int64_t)store_count(st, kind));
    text(w, "error", s->note[0] ? s->note : NULL);
    json_map_end(&w->j);
}

/* Slots of a table in order of namespace and name. */
struct sorted {
    const char *ns, *name;
    uint32_t slot;
};

static int by_names(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int c = strcmp(x->ns, y->ns);

    return c != 0 ? c : strcmp(x->name, y->name);
}

#define SORTED(fn, type, table)                                                \
    static struct sorted *fn(const struct store *st, uint32_t *n)              \
    {                                                                          \
        struct sorted *s = xcalloc(st->table.live + 1, sizeof *s);             \
                                                                               \
        *n = 0;                                                                \
        for (uint32_t i = 0; i < st->table.used; i++) {                        \
            const struct type *r = table_row(&st->table, i);                   \
                                                                               \
            if (r->live)                                                       \
                s[(*n)++] = (struct sorted){r->ns, r->name, i};                \
        }                                                                      \
        qsort(s, *n, sizeof *s, by_names);                                     \
        return s;                                                              \
    }
SORTED(sorted_agents, agent, agents)
SORTED(sorted_pheromones, pheromone, pheromones)
SORTED(sorted_proposals, proposal, proposals)

/*
 * With a limit the rows that matter come first in the picture: those in
 * trouble, waiting or active; open proposals.
 */
static bool matters(const struct store *st, enum kind kind, uint32_t slot)
{
    if (kind == KIND_AGENT) {
        const struct agent *a = store_agent(st, slot);

        return a->trouble || a->waiting > 0 || a->state == AGENT_WORKING;
    }
    return kind != KIND_PROPOSAL || proposal_open(store_proposal(st, slot));
}

static void rows(struct writer *w, const struct store *st, enum kind kind,
                 struct sorted *s, uint32_t n, uint32_t most)
{
    uint32_t done = 0;

    for (int pass = most > 0 && n > most ? 0 : 2; pass < 3; pass++) {
        for (uint32_t i = 0; i < n && (most == 0 || done < most); i++) {
            if (pass < 2 && matters(st, kind, s[i].slot) != (pass == 0))
                continue;
            if (kind == KIND_AGENT)
                dump_agent(w, store_agent(st, s[i].slot));
            else if (kind == KIND_PHEROMONE)
                dump_pheromone(w, store_pheromone(st, s[i].slot));
            else
                dump_proposal(w, store_proposal(st, s[i].slot));
            done++;
        }
        if (pass == 1)
            break;
    }
    free(s);
}

static void totals(struct writer *w, const struct store *st)
{
    double cost;
    uint64_t tokens = store_burn(st, &cost);

    json_map(&w->j, "totals");
    integer(w, "agents", st->agents.live);
    for (int s = 0; s < AGENT_STATE_COUNT; s++)
        integer(w, agent_state_name((enum agent_state)s), st->states[s]);
    integer(w, "trouble", st->trouble);
    integer(w, "degraded", st->degraded);
    integer(w, "pheromones", st->pheromones.live);
    integer(w, "proposals", st->proposals.live);
    integer(w, "open_proposals", st->open_proposals);
    known(w, "tokens_last_hour", st->tokens_seen ? (int64_t)tokens : FACT_NONE);
    number(w, "cost_usd_last_hour", cost);
    integer(w, "thoughts_dropped", (int64_t)st->thoughts.dropped);
    json_map_end(&w->j);
}

/* Nothing of it is real. */
static bool practice(const struct store *st)
{
    bool any = false;

    for (uint32_t i = 0; i < st->plane_count; i++)
        any |= st->planes[i].practice;
    return any;
}

bool dump_json(const struct store *st, const struct dump_want *want,
               struct buf *out)
{
    struct writer w = {.now_ms = want->now_ms};
    uint32_t n, first = 0, count = thoughts_count(&st->thoughts);
    struct sorted *s;

    json_begin(&w.j, out);
    if (want->pretty)
        json_pretty(&w.j);
    json_map(&w.j, NULL);
    text(&w, "schema", "terrarium.snapshot/1");
    moment(&w, "taken", want->now_ms);
    text(&w, "context", want->context);
    text(&w, "namespace", want->ns);
    boolean(&w, "practice", practice(st));
    totals(&w, st);
    json_array(&w.j, "sources");
    for (uint32_t i = 0; i < st->plane_count; i++)
        dump_source(&w, &st->planes[i]);
    json_array_end(&w.j);
    json_array(&w.j, "streams");
    for (int k = 0; k < KIND_COUNT; k++)
        dump_stream(&w, st, (enum kind)k);
    json_array_end(&w.j);
    json_array(&w.j, "agents");
    s = sorted_agents(st, &n);
    rows(&w, st, KIND_AGENT, s, n, want->most);
    json_array_end(&w.j);
    json_array(&w.j, "pheromones");
    s = sorted_pheromones(st, &n);
    rows(&w, st, KIND_PHEROMONE, s, n, want->most);
    json_array_end(&w.j);
    json_array(&w.j, "proposals");
    s = sorted_proposals(st, &n);
    rows(&w, st, KIND_PROPOSAL, s, n, want->most);
    json_array_end(&w.j);
    json_array(&w.j, "missions");
    work(&w, st, KIND_MISSION, want->most);
    json_array_end(&w.j);
    json_array(&w.j, "objectives");
    work(&w, st, KIND_OBJECTIVE, want->most);
    json_array_end(&w.j);
    json_array(&w.j, "thoughts");
    if (want->most > 0 && count > want->most)
        first = count - want->most;
    for (uint32_t i = first; i < count; i++)
        dump_thought(&w, thoughts_at(&st->thoughts, i));
    json_array_end(&w.j);
    json_map_end(&w.j);
    json_end(&w.j);
    if (!want->pretty)
        buf_char(out, '\n');
    return !out->over;
}
