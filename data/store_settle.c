#include "config.h"

#include "data/decay.h"
#include "data/health.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

uint32_t object_get(struct store *st, enum kind kind, struct span ns,
                    struct span name)
{
    uint32_t slot = store_find(st, kind, ns, name);
    struct key k = {ns, name, kind};
    struct object *b;

    if (slot != SLOT_NONE)
        return slot;
    slot = table_take(&st->objects);
    if (slot == SLOT_NONE)
        return SLOT_NONE;
    b = table_row(&st->objects, slot);
    b->kind = kind;
    b->ns = intern_get(st->pool, ns.p ? ns.p : "", ns.n);
    b->name = intern_get(st->pool, name.p, name.n);
    b->share = NAN;
    b->live = true;
    index_add(&st->objects.names, key_hash(&k), slot);
    return slot;
}

void store_put_object(struct store *st, const struct object_facts *f,
                      const struct origin *o)
{
    uint32_t slot = object_get(st, f->kind, f->meta.ns, f->meta.name);
    struct object *b;

    st->now_ms = o->now_ms;
    if (slot == SLOT_NONE)
        return;
    b = table_row(&st->objects, slot);
    set_text(st, &b->owner, f->owner);
    set_text(st, &b->phase, f->phase);
    set_text(st, &b->note, f->note);
    set_condition(st, &b->cond, &f->cond);
    b->number = f->number;
    b->created_ms = f->meta.created_ms;
    b->deleted_ms = f->meta.deleted_ms;
    b->epoch = o->epoch;
    b->stream = o->stream;
    st->gen[f->kind]++;
}

void store_put_quota(struct store *st, const struct quota_facts *f,
                     const struct origin *o)
{
    struct object_facts b = {
        .meta = f->meta, .kind = KIND_QUOTA, .number = FACT_NONE};
    char note[160];
    uint32_t slot;

    snprintf(note, sizeof note, "%.*s %.*s of %.*s", (int)f->resource.n,
             f->resource.p ? f->resource.p : "", (int)f->used.n,
             f->used.p ? f->used.p : "", (int)f->hard.n,
             f->hard.p ? f->hard.p : "");
    b.note = span_of(note);
    store_put_object(st, &b, o);
    slot = store_find(st, KIND_QUOTA, f->meta.ns, f->meta.name);
    if (slot != SLOT_NONE)
        ((struct object *)table_row(&st->objects, slot))->share = f->share;
}

void object_remove(struct store *st, uint32_t slot)
{
    struct object *b = table_row(&st->objects, slot);
    struct key k = {span_of(b->ns), span_of(b->name), b->kind};

    index_remove(&st->objects.names, key_hash(&k), slot);
    work_drop(st, b);
    set_text(st, &b->owner, (struct span){0});
    set_text(st, &b->phase, (struct span){0});
    set_text(st, &b->note, (struct span){0});
    drop_condition(st, &b->cond);
    st->gen[b->kind]++;
    intern_put(st->pool, b->ns);
    intern_put(st->pool, b->name);
    memset(b, 0, sizeof *b);
    table_give(&st->objects, slot);
}

/* What an event is told of: a ReplicaSet's stands for its Deployment. */
struct about {
    enum kind kind;
    struct span ns, name;
};

static struct about event_about(const struct event_facts *f)
{
    struct about a = {kind_of_object(f->on_kind), f->on_ns, f->on_name};

    if (!span_is(f->on_kind, "ReplicaSet"))
        return a;
    a.kind = KIND_DEPLOYMENT;
    while (a.name.n > 0 && a.name.p[a.name.n - 1] != '-')
        a.name.n--;
    if (a.name.n > 0)
        a.name.n--;
    return a;
}

static bool operator_noise(const struct event_facts *f)
{
    return span_is(f->component, "kopf") && span_is(f->reason, "Logging");
}

static bool contains(struct span s, const char *text)
{
    return s.n > 0 && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

static void note_event(struct store *st, const struct event_facts *f,
                       const struct about *a, const char *agent, int64_t at,
                       enum thought_kind kind, double weight)
{
    char text[THOUGHT_MAX];
    struct thought_facts t = {.ns = a->ns,
                              .agent = span_of(agent),
                              .at_ms = at,
                              .kind = kind,
                              .cost = NAN,
                              .weight = weight,
                              .about_kind = a->kind,
                              .about = a->name,
                              .teller = f->meta.name,
                              .times = f->count > 0 ? f->count : 1};
    int n = snprintf(text, sizeof text, "%.*s: %.*s", (int)f->reason.n,
                     f->reason.p ? f->reason.p : "", (int)f->message.n,
                     f->message.p ? f->message.p : "");

    if (n < 0)
        return;
    t.text = (struct span){text, (size_t)n < sizeof text ? (size_t)n
                                                         : sizeof text - 1};
    store_thought(st, &t);
}

/* Of a workload: news of every agent it runs. */
static void note_workload(struct store *st, const struct event_facts *f,
                          const struct about *about, int64_t at,
                          enum thought_kind kind)
{
    uint32_t root = workload_find(st, about->kind, about->ns, about->name);

    if (root == SLOT_NONE)
        return;
    if (store_workload(st, root)->root != SLOT_NONE)
        root = store_workload(st, root)->root;
    for (uint32_t i = store_workload(st, root)->agents; i != SLOT_NONE;) {
        struct agent *a = table_row(&st->agents, i);
        uint32_t next = a->next_on_root;

        if (contains(f->message, "exceeded quota") &&
            st->now_ms - at < 10 * 60000 &&
            !(a->load.ready >= a->load.desired && a->load.desired > 0)) {
            a->quota_hit = 1;
            store_judge_later(st, i);
        }
        note_event(st, f, about, a->name, at, kind, 0.25);
        i = next;
    }
}

void store_put_event(struct store *st, const struct event_facts *f,
                     const struct origin *o)
{
    enum thought_kind kind =
        span_is(f->type, "Warning") ? THOUGHT_ERROR : THOUGHT_CHANGE;
    struct about about = event_about(f);
    int64_t at = f->at_ms ? f->at_ms : f->meta.created_ms;
    uint32_t slot;

    st->now_ms = o->now_ms;
    if (operator_noise(f) || about.kind == KIND_COUNT)
        return;
    if (at > o->now_ms)
        at = o->now_ms;
    if (kind_runs(about.kind)) {
        note_workload(st, f, &about, at, kind);
        return;
    }
    slot = store_find(st, about.kind, about.ns, about.name);
    if (slot == SLOT_NONE)
        return;
    if (about.kind == KIND_AGENT)
        note_event(st, f, &about, store_agent(st, slot)->name, at, kind, 0.5);
    else if (about.kind == KIND_PROPOSAL)
        note_event(st, f, &about, store_proposal(st, slot)->proposer, at,
                   THOUGHT_DECISION, 0);
    else if (about.kind == KIND_PHEROMONE)
        note_event(st, f, &about, store_pheromone(st, slot)->source, at, kind,
                   0);
    else
        note_event(st, f, &about, store_object(st, slot)->owner, at, kind, 0);
}

void store_roll(struct store *st, int64_t now_ms)
{
    int64_t minute = now_ms / 60000, by = minute - st->hour_minute;

    if (st->hour_minute == 0) {
        st->hour_minute = st->burn_minute = minute;
        return;
    }
    if (by <= 0)
        return;
    if (by > STORE_HOUR)
        by = STORE_HOUR;
    memmove(st->hour, st->hour + by,
            (size_t)(STORE_HOUR - by) * sizeof *st->hour);
    memmove(st->trouble_hour, st->trouble_hour + by,
            (size_t)(STORE_HOUR - by));
    memmove(st->minute_tokens, st->minute_tokens + by,
            (size_t)(STORE_HOUR - by) * sizeof *st->minute_tokens);
    memmove(st->minute_cost, st->minute_cost + by,
            (size_t)(STORE_HOUR - by) * sizeof *st->minute_cost);
    for (int64_t i = STORE_HOUR - by; i < STORE_HOUR; i++) {
        double sum = 0;

        if (i == STORE_HOUR - by)
            for (uint32_t s = 0; s < st->pheromones.used; s++) {
                const struct pheromone *p = store_pheromone(st, s);

                if (p != NULL)
                    sum += decay_now(p, now_ms);
            }
        else
            sum = (double)st->hour[i - 1];
        st->hour[i] = (float)sum;
        st->trouble_hour[i] = 0;
        st->minute_tokens[i] = 0;
        st->minute_cost[i] = 0;
    }
    st->hour_minute = st->burn_minute = minute;
}

void store_note(struct store *st, const char *ns, const char *agent,
                int64_t at_ms, enum thought_kind kind, double weight,
                const char *fmt, ...)
{
    char text[THOUGHT_MAX];
    struct thought_facts f;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof text)
        n = (int)sizeof text - 1;
    f = (struct thought_facts){
        .ns = span_of(ns),
        .agent = span_of(agent),
        .text = {text, (size_t)n},
        .at_ms = at_ms,
        .kind = kind,
        .cost = NAN,
        .weight = weight,
    };
    store_thought(st, &f);
}

static void burn(struct store *st, const struct thought_facts *f)
{
    int64_t cell = STORE_HOUR - 1 - (st->burn_minute - f->at_ms / 60000);

    if (cell < 0 || cell >= STORE_HOUR)
        return;
    st->minute_tokens[cell] += f->tokens;
    st->tokens_seen |= f->tokens > 0;
    if (!isnan(f->cost)) {
        st->minute_cost[cell] += f->cost;
        st->cost_seen = true;
    }
}

static enum thought_kind tell_agent(struct store *st, uint32_t slot,
                                    const struct thought_facts *f)
{
    struct agent *a = table_row(&st->agents, slot);
    enum thought_kind kind = f->kind;
    bool cluster_word = kind == THOUGHT_CHANGE || kind == THOUGHT_ERROR ||
                        kind == THOUGHT_DECISION || kind == THOUGHT_SIGNAL ||
                        kind == THOUGHT_DREAM;
    bool no_step = a->act.step == NULL || a->act.step_kind == THOUGHT_CHANGE ||
                   a->act.step_kind == THOUGHT_DREAM;

    if (f->weight > 0)
        activity_event(&a->act, f->at_ms, f->weight);
    if (f->own) {
        activity_step(&a->act, f->at_ms, kind, f->text.p, f->text.n);
        if (a->act.repeats >= ACTIVITY_LOOP_MIN && kind != THOUGHT_ERROR)
            kind = THOUGHT_LOOP;
    } else if (cluster_word && f->at_ms >= a->act.last_ms && no_step) {
        uint32_t repeats = a->act.repeats;

        /* news about it is its step until it speaks itself; no loop */
        activity_step(&a->act, f->at_ms,
                      kind == THOUGHT_DREAM ? kind : THOUGHT_CHANGE,
                      f->text.p, f->text.n);
        a->act.repeats = repeats;
    }
    a->act.tokens += f->tokens;
    if (!isnan(f->cost))
        a->act.cost = (isnan(a->act.cost) ? 0 : a->act.cost) + f->cost;
    store_judge_later(st, slot);
    store_mark(st, KIND_AGENT, slot);
    return kind;
}

void store_thought(struct store *st, const struct thought_facts *f)
{
    const struct thought_event event = {
        f->about_kind, f->about, f->teller,
        (uint32_t)(f->times < INT32_MAX ? f->times : INT32_MAX)};
    enum thought_kind kind = f->kind;
    const struct thought *t, *before = NULL;
    uint32_t slot = f->agent.n > 0 ? agent_find(st, f->ns, f->agent)
                                   : SLOT_NONE;

    if (f->id.n > 0 && !event_ids_add(&st->event_ids, f->id))
        return;
    if (f->about.n > 0 && f->times > 0)
        before = thoughts_told(&st->thoughts, f->ns, f->agent, kind, f->text,
                               &event);
    if (before != NULL &&
        !thoughts_again(&st->thoughts, before, f->at_ms, &event))
        return;
    store_roll(st, f->at_ms > st->now_ms ? f->at_ms : st->now_ms);
    if (slot != SLOT_NONE)
        kind = tell_agent(st, slot, f);
    burn(st, f);
    st->gen_thoughts++;
    if (before != NULL)
        return;
    t = thoughts_add(&st->thoughts, f->at_ms, f->ns, f->agent, kind, f->text,
                     f->tokens);
    if (t != NULL && f->late)
        thoughts_mark_late(&st->thoughts, t);
    if (t != NULL && f->about.n > 0)
        thoughts_about(&st->thoughts, t, &event);
}

static void judge_agent(struct store *st, uint32_t slot, int64_t now_ms)
{
    struct agent *a = table_row(&st->agents, slot);
    struct verdict v;
    bool changed;

    if (!a->live)
        return;
    health_judge(a, now_ms, &v);
    changed = a->state != v.state || a->trouble != v.trouble ||
              a->degraded != v.degraded || a->conflict != v.conflict;
    if (a->state != v.state || a->state_ms == 0) {
        st->states[a->state]--;
        st->states[v.state]++;
        a->state = v.state;
        a->state_ms = now_ms;
    }
    st->trouble += (uint32_t)v.trouble - a->trouble;
    st->degraded += (uint32_t)v.degraded - a->degraded;
    a->trouble = v.trouble;
    a->degraded = v.degraded;
    a->conflict = v.conflict;
    changed |= set_text(st, &a->why,
                        v.why[0] ? span_of(v.why) : (struct span){NULL, 0});
    store_flip_at(st, KIND_AGENT, slot, v.flips_ms, &a->flip_ms);
    if (changed)
        store_mark(st, KIND_AGENT, slot);
}

static void settle_roots(struct store *st)
{
    uint32_t root;

    while ((root = slots_take(&st->dirty_roots)) != SLOT_NONE) {
        const struct workload *w = table_row(&st->workloads, root);

        if (!w->live)
            continue;
        for (uint32_t i = w->agents; i != SLOT_NONE;) {
            agent_read_load(st, i);
            store_judge_later(st, i);
            store_mark(st, KIND_AGENT, i);
            i = ((struct agent *)table_row(&st->agents, i))->next_on_root;
        }
    }
}

/* A moment has come: is it the one the row waits for? */
static void look_again(struct store *st, const struct moment *due)
{
    if (due->kind == KIND_AGENT) {
        struct agent *a = table_row(&st->agents, due->slot);

        if (a->live && a->flip_ms == due->at_ms) {
            a->flip_ms = 0;
            slots_add(&st->dirty_agents, due->slot);
        }
    } else {
        struct proposal *p = table_row(&st->proposals, due->slot);

        if (p->live && p->flip_ms == due->at_ms) {
            p->flip_ms = 0;
            slots_add(&st->dirty_proposals, due->slot);
        }
    }
}

int64_t store_settle(struct store *st, int64_t now_ms)
{
    struct moment due;
    uint32_t slot;

    st->now_ms = now_ms;
    store_roll(st, now_ms);
    while (moments_due(&st->moments, now_ms, &due))
        look_again(st, &due);
    settle_roots(st);
    if (st->operator_dirty)
        operator_settle(st);
    while ((slot = slots_take(&st->dirty_agents)) != SLOT_NONE)
        judge_agent(st, slot, now_ms);
    while ((slot = slots_take(&st->dirty_proposals)) != SLOT_NONE)
        proposal_settle(st, slot, now_ms);
    if (st->trouble > st->trouble_hour[STORE_HOUR - 1])
        st->trouble_hour[STORE_HOUR - 1] =
            (uint8_t)(st->trouble > 255 ? 255 : st->trouble);
    return moments_next(&st->moments);
}

uint32_t store_agent_named(const struct store *st, struct span ns,
                           struct span name)
{
    return agent_find(st, ns, name);
}

uint64_t store_burn(const struct store *st, double *cost)
{
    uint64_t tokens = 0;
    double sum = 0;

    for (int i = 0; i < STORE_HOUR; i++) {
        tokens += st->minute_tokens[i];
        sum += st->minute_cost[i];
    }
    *cost = st->cost_seen ? sum : NAN;
    return tokens;
}
