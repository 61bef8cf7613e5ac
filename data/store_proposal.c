#include "config.h"

#include "base/xalloc.h"
#include "data/delay.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct velocity *velocity_of(struct store *st, const char *ns)
{
    for (uint32_t i = 0; i < st->velocity_count; i++)
        if (st->velocities[i].ns == ns)
            return &st->velocities[i].v;
    st->velocities = xrealloc(st->velocities, st->velocity_count + 1,
                              sizeof *st->velocities);
    st->velocities[st->velocity_count] =
        (struct ns_velocity){.ns = intern_ref(st->pool, ns)};
    return &st->velocities[st->velocity_count++].v;
}

/* A namespace without proposals needs none. */
static void drop_velocity(struct store *st, const char *ns)
{
    for (uint32_t i = 0; i < st->velocity_count; i++) {
        struct ns_velocity *n = &st->velocities[i];

        if (n->ns != ns || n->v.count > 0)
            continue;
        velocity_finish(&n->v);
        intern_put(st->pool, n->ns);
        *n = st->velocities[--st->velocity_count];
        return;
    }
}

/* The proposer and the agent it is about must be judged again. */
static void touch_agents(struct store *st, const struct proposal *p)
{
    uint32_t slot;

    if (p->proposer == NULL)
        return;
    slot = agent_find(st, span_of(p->ns), span_of(p->proposer));
    if (slot != SLOT_NONE)
        store_judge_later(st, slot);
}

/* The oldest open proposal's creation among those of one proposer. */
static int64_t oldest_open(const struct store *st, const struct wait *w)
{
    int64_t since = 0;

    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = table_row(&st->proposals, i);

        if (p->live && p->proposer == w->name && p->ns == w->ns &&
            proposal_open(p) && (since == 0 || p->created_ms < since))
            since = p->created_ms;
    }
    return since;
}

/* Counts open proposals by proposer, and at its agent. */
static void count_wait(struct store *st, const struct proposal *p, bool open)
{
    struct wait *w;
    struct agent *a;
    uint32_t slot;

    if (p->proposer == NULL)
        return;
    w = wait_get(st, span_of(p->ns), span_of(p->proposer));
    if (w == NULL)
        return;
    if (open) {
        w->count++;
        if (w->count == 1 || p->created_ms < w->since_ms)
            w->since_ms = p->created_ms;
    } else if (w->count > 0 && --w->count > 0 &&
               p->created_ms == w->since_ms) {
        w->since_ms = oldest_open(st, w);
    }
    slot = agent_find(st, span_of(p->ns), span_of(p->proposer));
    if (slot != SLOT_NONE) {
        a = table_row(&st->agents, slot);
        a->waiting = w->count;
        a->waiting_since_ms = w->since_ms;
        store_mark(st, KIND_AGENT, slot);
        store_judge_later(st, slot);
    }
    if (w->count == 0)
        wait_drop(st, w);
}

static struct span first_line(struct span text)
{
    const char *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

    if (end != NULL)
        text.n = (size_t)(end - text.p);
    return text;
}

static bool read_texts(struct store *st, struct proposal *p,
                       const struct proposal_facts *f)
{
    struct span title = first_line(f->description);
    bool changed = set_text(st, &p->change, f->change);

    changed |= set_text(st, &p->target_kind, f->target_kind);
    changed |= set_text(st, &p->target_name, f->target_name);
    changed |= set_text(st, &p->target_ns, f->target_ns);
    changed |= set_text(st, &p->proposer, f->proposer);
    changed |= set_text(st, &p->objective, f->objective);
    changed |= set_text(st, &p->title, title.n > 0 ? title : f->meta.name);
    changed |= set_text(st, &p->description, f->description);
    changed |= set_text(st, &p->rationale, f->rationale);
    changed |= set_text(st, &p->phase_text, f->phase);
    changed |= set_text(st, &p->tgent_report, f->tgent_report);
    changed |= set_text(st, &p->decider, f->decider);
    changed |= set_text(st, &p->decider_text, f->decider_text);
    changed |= set_text(st, &p->deciders, f->deciders);
    changed |= set_text(st, &p->finalizer, f->meta.finalizer);
    return changed | set_condition(st, &p->cond, &f->cond);
}

static int32_t clip(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

static void read_risk(struct store *st, struct proposal *p,
                      const struct proposal_facts *f)
{
    const struct risk_facts *r = &f->risk;

    p->size = (struct risk_input){
        .lines_added = clip(f->lines_added),
        .lines_removed = clip(f->lines_removed),
        .files = clip(f->files),
        .tests_added = clip(f->tests_added),
        .tests_removed = clip(f->tests_removed),
    };
    if (isnan(r->total)) {
        risk_compute(f->change, &p->size,
                     velocity_at(velocity_of(st, p->ns), p->created_ms),
                     &p->risk);
        return;
    }
    risk_compute(f->change, &p->size, 0, &p->risk);
    if (!isnan(r->base))
        p->risk.base = (float)r->base;
    if (!isnan(r->velocity))
        p->risk.velocity = (float)r->velocity;
    if (!isnan(r->magnitude))
        p->risk.magnitude = (float)r->magnitude;
    if (!isnan(r->tests))
        p->risk.tests = (float)r->tests;
    p->risk.total = (float)r->total;
    p->risk.by_operator = true;
}

static bool read_numbers(struct store *st, struct proposal *p,
                         const struct proposal_facts *f,
                         const struct origin *o)
{
    struct proposal was = *p;

    p->phase = proposal_phase_of(f->phase);
    p->required = clip(f->required);
    p->approvals = f->approvals;
    p->rejections = f->rejections;
    p->auto_merge = f->auto_merge;
    p->tgent_wanted = f->tgent_wanted;
    p->executed = f->executed;
    p->execution_ok = f->execution_ok;
    p->ttl_s = f->ttl_s == FACT_NONE ? FACT_NONE : clip(f->ttl_s);
    p->tgent = tgent_of(f->tgent_result);
    p->tests_passed = clip(f->tests_passed);
    p->tests_failed = clip(f->tests_failed);
    p->decided_ms = f->decided_ms ? f->decided_ms : f->cond.at_ms;
    p->created_ms = f->meta.created_ms;
    p->deleted_ms = f->meta.deleted_ms;
    uid_read(f->meta.uid, p->uid);
    p->version = version_read(f->meta.version);
    p->seen_ms = o->now_ms;
    p->epoch = o->epoch;
    p->stream = o->stream;
    read_risk(st, p, f);
    return was.created_ms != p->created_ms ||
           was.decided_ms != p->decided_ms || was.phase != p->phase ||
           was.required != p->required ||
           was.approvals != p->approvals || was.rejections != p->rejections ||
           was.tgent != p->tgent || was.deleted_ms != p->deleted_ms ||
           was.ttl_s != p->ttl_s || was.executed != p->executed ||
           memcmp(&was.risk, &p->risk, sizeof p->risk) != 0 ||
           memcmp(&was.size, &p->size, sizeof p->size) != 0;
}

void proposal_drop_asked(struct proposal *p)
{
    if (p->asked == NULL)
        return;
    free(p->asked->digest);
    free(p->asked->diff);
    free(p->asked->tool);
    free(p->asked->input);
    free(p->asked->text);
    free(p->asked);
    p->asked = NULL;
}

static char *own(struct span s)
{
    return s.p != NULL ? xstrndup(s.p, s.n) : NULL;
}

/* What was asked never changes under one id: it is read once. */
static bool read_asked(struct proposal *p, const struct asked_facts *f)
{
    struct asked *a;

    if (f == NULL)
        return false;
    p->risk = (struct risk){.total = isnan(f->risk) ? 0 : (float)f->risk,
                            .by_operator = true};
    if (p->asked != NULL && p->asked->digest != NULL &&
        span_is(f->digest, p->asked->digest))
        return false;
    proposal_drop_asked(p);
    a = p->asked = xcalloc(1, sizeof *a);
    a->digest = own(f->digest);
    a->diff = own(f->diff);
    a->tool = own(f->tool);
    a->input = own(f->input);
    a->text = own(f->text);
    a->count = f->count;
    memcpy(a->factors, f->factors, sizeof a->factors);
    a->given = f->given;
    a->known = !isnan(f->risk);
    a->deadline_ms = f->deadline_ms;
    return true;
}

static void note_news(struct store *st, const struct proposal *p,
                      const struct proposal *was, bool fresh,
                      const struct origin *o)
{
    if (fresh) {
        if (proposal_open(p) && o->now_ms - p->created_ms < 15 * 60000)
            store_note(st, p->ns, p->proposer,
                       p->created_ms < o->now_ms ? p->created_ms : o->now_ms,
                       THOUGHT_DECISION, 1, "proposes: %s", p->title);
        return;
    }
    if (was->phase != p->phase)
        store_note(st, p->ns, p->proposer, o->now_ms, THOUGHT_DECISION, 0.5,
                   "%s: %s → %s%s%s", p->title,
                   proposal_phase_name(was->phase),
                   p->phase == PROPOSAL_OTHER ? p->phase_text
                                              : proposal_phase_name(p->phase),
                   p->decider ? " by " : "", p->decider ? p->decider : "");
    else if (was->approvals != p->approvals)
        store_note(st, p->ns, p->proposer, o->now_ms, THOUGHT_DECISION, 0.5,
                   "%s: %d of %d approvals%s%s", p->title, (int)p->approvals,
                   (int)(p->required > 0 ? p->required : 1),
                   p->decider ? ", last by " : "",
                   p->decider ? p->decider : "");
    else if (was->tgent != p->tgent)
        store_note(st, p->ns, p->proposer, o->now_ms, THOUGHT_RESULT, 0.5,
                   "%s: t-gent %s", p->title, tgent_name(p->tgent));
}

void store_put_proposal(struct store *st, const struct proposal_facts *f,
                        const struct origin *o)
{
    uint32_t slot = store_find(st, KIND_PROPOSAL, f->meta.ns, f->meta.name);
    struct key k = {f->meta.ns, f->meta.name, KIND_PROPOSAL};
    struct proposal *p, was;
    bool fresh = slot == SLOT_NONE, made = fresh, changed, moved, open_before;

    st->now_ms = o->now_ms;
    if (fresh) {
        slot = table_take(&st->proposals);
        if (slot == SLOT_NONE)
            return;
        p = table_row(&st->proposals, slot);
        p->ns = intern_get(st->pool, k.ns.p ? k.ns.p : "", k.ns.n);
        p->name = intern_get(st->pool, k.name.p, k.name.n);
        p->live = true;
        index_add(&st->proposals.names, key_hash(&k), slot);
        velocity_add(velocity_of(st, p->ns), f->meta.created_ms);
    }
    p = table_row(&st->proposals, slot);
    fresh |= p->stream == STREAM_PICTURE;
    was = *p;
    open_before = !made && proposal_open(&was);
    if (was.created_ms != f->meta.created_ms && !made) {
        velocity_remove(velocity_of(st, p->ns), was.created_ms);
        velocity_add(velocity_of(st, p->ns), f->meta.created_ms);
    }
    /* who waits, or since when, is another: count it anew */
    moved = open_before && (was.created_ms != f->meta.created_ms ||
                            (was.proposer == NULL) != (f->proposer.p == NULL) ||
                            !span_same(span_of(was.proposer), f->proposer));
    if (moved) {
        p->live = false;
        count_wait(st, p, false);
        p->live = true;
        st->open_proposals--;
        open_before = false;
    }
    changed = moved;
    changed |= read_texts(st, p, f);
    changed |= read_numbers(st, p, f, o);
    changed |= read_asked(p, f->asked);
    if (!changed && !fresh)
        return;
    if (o->stream != STREAM_PICTURE && f->asked == NULL)
        note_news(st, p, &was, fresh, o);
    if (proposal_open(p) != open_before) {
        st->open_proposals += proposal_open(p) ? 1 : -1u;
        count_wait(st, p, proposal_open(p));
    }
    touch_agents(st, p);
    slots_add(&st->dirty_proposals, slot);
    store_mark(st, KIND_PROPOSAL, slot);
}

void proposal_remove(struct store *st, uint32_t slot)
{
    struct proposal *p = table_row(&st->proposals, slot);
    struct key k = {span_of(p->ns), span_of(p->name), KIND_PROPOSAL};
    const char **texts[] = {&p->change,      &p->target_kind, &p->target_name,
                            &p->target_ns,   &p->title,       &p->description,
                            &p->rationale,   &p->phase_text,  &p->tgent_report,
                            &p->decider,     &p->decider_text, &p->deciders,
                            &p->finalizer,   &p->objective};
    bool open = proposal_open(p);

    index_remove(&st->proposals.names, key_hash(&k), slot);
    velocity_remove(velocity_of(st, p->ns), p->created_ms);
    drop_velocity(st, p->ns);
    p->live = false;
    if (open) {
        st->open_proposals--;
        count_wait(st, p, false);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        set_text(st, texts[i], (struct span){0});
    proposal_drop_asked(p);
    set_text(st, &p->proposer, (struct span){0});
    drop_condition(st, &p->cond);
    intern_put(st->pool, p->ns);
    intern_put(st->pool, p->name);
    memset(p, 0, sizeof *p);
    table_give(&st->proposals, slot);
    store_mark(st, KIND_PROPOSAL, slot);
}

/*
 * Prices a proposal: who is blocked, and, where the operator has not, the
 * risk with the velocity as of its creation (a list brings the proposals of
 * an hour in any order, so it is computed when the row is looked at last).
 */
void proposal_settle(struct store *st, uint32_t slot, int64_t now_ms)
{
    struct proposal *p = table_row(&st->proposals, slot);
    uint32_t by, on;

    if (!p->live)
        return;
    by = p->proposer != NULL
             ? agent_find(st, span_of(p->ns), span_of(p->proposer))
             : SLOT_NONE;
    on = p->target_name != NULL && p->target_kind != NULL &&
                 strcmp(p->target_kind, "Agent") == 0
             ? agent_find(st, span_of(p->target_ns ? p->target_ns : p->ns),
                          span_of(p->target_name))
             : SLOT_NONE;
    p->blocked = (by != SLOT_NONE) + (on != SLOT_NONE && on != by);
    if (!p->risk.by_operator)
        risk_compute(span_of(p->change), &p->size,
                     velocity_at(velocity_of(st, p->ns), p->created_ms),
                     &p->risk);
    store_flip_at(st, KIND_PROPOSAL, slot, delay_flips(p, now_ms),
                  &p->flip_ms);
    store_mark(st, KIND_PROPOSAL, slot);
}
