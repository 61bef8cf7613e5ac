/*
 * The tables that are read again and again. Each has its own gap: the least
 * when its rows changed, growing while they do not, never shorter than ten
 * times what the server took, and long when a trigger rings.
 */
#include "config.h"

#include "data/fracta/pg_source_priv.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP_MIN_MS 1000
#define GAP_MAX_MS 5000
#define RUNG_GAP_MS 250    /* between two reads in a storm of bells */
#define RUNG_MAX_MS 30000  /* a trigger rings: this is for nothing lost */
#define RINGS_MS 30000
#define CLOCK_MS 30000
#define AGAIN_MS 2000
#define HOPELESS_MS 15000
#define FORGET_MS (10 * 60000)

#define TRIGGER "terrarium_ring"

static const char rings_sql[] =
    "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
    "t.tgname = '" TRIGGER "' AND t.tgenabled <> 'D'";
static const char clock_sql[] = "SELECT extract(epoch from clock_timestamp())";

static const enum kind kinds[PG_TABLES] = {
    [PG_AGENTS] = KIND_AGENT,         [PG_MISSIONS] = KIND_MISSION,
    [PG_OBJECTIVES] = KIND_OBJECTIVE, [PG_PROPOSALS] = KIND_PROPOSAL,
    [PG_UNREAD] = KIND_COUNT};

static void schedule(struct pg_source *s);

static int64_t loop_now(struct pg_source *s)
{
    uv_update_time(s->base.loop);
    return (int64_t)uv_now(s->base.loop);
}

/* ---- rows ---------------------------------------------------------------- */

static void take_agent(struct pg_poll *p, const struct span *v, int count)
{
    struct pg_source *s = p->source;
    struct origin o = pg_origin(s, p->epoch, !s->live);
    uint32_t mail = s->polls[PG_UNREAD].good;
    struct run_facts f;
    struct pg_mark *k;

    if (!pg_read_agent(v, count, &f))
        return;
    f.ns = span_of(s->ns);
    if (f.started_ms > 0)
        f.started_ms = pg_moment(s, f.started_ms);
    k = pg_marks_find(&s->marks, f.name);
    if (k != NULL) {
        k->epoch = p->epoch;
        f.beat_ms = k->beat_ms;
        f.event_ms = k->event_ms;
        if (k->phase[0] != '\0')
            f.phase = span_of(k->phase);
        if (k->mail_epoch >= mail)
            f.unread = k->unread;
    }
    /* who is not in the list of mailboxes has nothing in it */
    if (mail == 0)
        f.unread = FACT_NONE;
    else if (f.unread == FACT_NONE)
        f.unread = 0;
    store_put_run(s->base.store, &f, &o);
}

static void take_mission(struct pg_poll *p, const struct span *v, int count)
{
    struct pg_source *s = p->source;
    struct origin o = pg_origin(s, p->epoch, !s->live);
    struct mission_facts f;

    if (!pg_read_mission(v, count, &f))
        return;
    if (span_is(f.status, "pending")) {
        s->pending_now++;
        if (s->oldest_now_ms == 0 || f.meta.created_ms < s->oldest_now_ms)
            s->oldest_now_ms = f.meta.created_ms;
    }
    f.meta.ns = span_of(s->ns);
    if (f.meta.created_ms > 0)
        f.meta.created_ms = pg_moment(s, f.meta.created_ms);
    if (f.claimed_ms > 0)
        f.claimed_ms = pg_moment(s, f.claimed_ms);
    if (f.completed_ms > 0)
        f.completed_ms = pg_moment(s, f.completed_ms);
    if (f.lease_ms > 0)
        f.lease_ms = pg_moment(s, f.lease_ms);
    store_put_mission(s->base.store, &f, &o);
}

static void take_objective(struct pg_poll *p, const struct span *v, int count)
{
    struct pg_source *s = p->source;
    struct origin o = pg_origin(s, p->epoch, !s->live);
    struct objective_facts f;

    if (!pg_read_objective(v, count, &f))
        return;
    f.meta.ns = span_of(s->ns);
    if (f.meta.created_ms > 0)
        f.meta.created_ms = pg_moment(s, f.meta.created_ms);
    if (f.updated_ms > 0)
        f.updated_ms = pg_moment(s, f.updated_ms);
    store_put_objective(s->base.store, &f, &o);
}

static void take_proposal(struct pg_poll *p, const struct span *v, int count)
{
    struct pg_source *s = p->source;
    struct origin o = pg_origin(s, p->epoch, !s->live);
    struct asked_facts asked;
    struct proposal_facts f;

    if (!pg_read_proposal(v, count, &f, &asked))
        return;
    f.meta.ns = span_of(s->ns);
    if (f.meta.created_ms > 0)
        f.meta.created_ms = pg_moment(s, f.meta.created_ms);
    if (f.decided_ms > 0)
        f.decided_ms = pg_moment(s, f.decided_ms);
    store_put_proposal(s->base.store, &f, &o);
}

static void take_unread(struct pg_poll *p, const struct span *v, int count)
{
    struct pg_mark *k;
    struct span task;
    int64_t unread;

    if (!pg_read_unread(v, count, &task, &unread))
        return;
    k = pg_marks_make(&p->source->marks, task);
    k->unread = unread;
    k->mail_epoch = p->epoch;
}

static void take_ring(struct pg_source *s, const struct span *v, int count)
{
    if (count != 1)
        return;
    for (int i = 0; i < PG_TABLES; i++)
        if (span_is(v[0], pg_table_name((enum pg_table)i)))
            s->polls[i].rings = true;
    if (span_is(v[0], "agent_events"))
        pg_feed_rings(s, PG_FEED_EVENTS, true);
    if (span_is(v[0], "messages"))
        pg_feed_rings(s, PG_FEED_MESSAGES, true);
}

static void take_clock(struct pg_poll *p, const struct span *v)
{
    struct pg_source *s = p->source;
    int64_t took = loop_now(s) - p->asked_ms, at = pg_read_time(v[0]);

    if (at == 0)
        return;
    s->base.plane->offset_ms = at - (clock_wall_ms() - took / 2);
    s->base.plane->latency_ms = (int32_t)took;
}

static void on_row(const struct span *v, int count, void *arg)
{
    struct pg_poll *p = arg;

    p->rows++;
    for (int i = 0; i < count; i++)
        p->digest = hash_more(p->digest, v[i].p ? v[i].p : "\1", v[i].n);
    switch (p->id) {
    case PG_AGENTS:
        take_agent(p, v, count);
        break;
    case PG_MISSIONS:
        take_mission(p, v, count);
        break;
    case PG_OBJECTIVES:
        take_objective(p, v, count);
        break;
    case PG_PROPOSALS:
        take_proposal(p, v, count);
        break;
    case PG_UNREAD:
        take_unread(p, v, count);
        break;
    case PG_POLL_RINGS:
        take_ring(p->source, v, count);
        break;
    default:
        take_clock(p, v);
    }
}

/* ---- the end of one ------------------------------------------------------ */

static void sweep(struct pg_poll *p)
{
    struct pg_source *s = p->source;
    struct plane *plane = s->base.plane;

    if (p->id < PG_TABLES && kinds[p->id] != KIND_COUNT) {
        store_sweep(s->base.store, kinds[p->id],
                    store_stream_of(s->base.store, plane), p->epoch);
        store_drop_picture(s->base.store, kinds[p->id]);
    }
    if (p->id == PG_AGENTS)
        pg_marks_sweep(&s->marks, p->epoch,
                       pg_moment(s, 0) - FORGET_MS);
    if (p->id == PG_MISSIONS) {
        s->pending = s->pending_now;
        s->oldest_ms = s->oldest_now_ms;
    }
}

static int64_t gap_of(struct pg_poll *p)
{
    bool changed = p->digest != p->last_digest;
    int64_t gap, took = p->took_ms;

    if (p->id == PG_POLL_RINGS)
        return RINGS_MS;
    if (p->id == PG_POLL_CLOCK)
        return CLOCK_MS;
    if (p->error.code == ERR_RIGHT || p->error.code == ERR_ABSENT)
        return HOPELESS_MS;
    if (p->error.code != 0)
        return AGAIN_MS;
    if (p->rings)
        return RUNG_MAX_MS;
    gap = changed || p->gap_ms < GAP_MIN_MS ? GAP_MIN_MS : p->gap_ms * 5 / 4;
    if (gap > GAP_MAX_MS)
        gap = GAP_MAX_MS;
    return gap < took * 10 ? took * 10 : gap;
}

/* When one that is rung for may be read again. */
static int64_t soon(const struct pg_poll *p)
{
    int64_t gap = p->took_ms * 10;

    return p->asked_ms + p->took_ms + (gap > RUNG_GAP_MS ? gap : RUNG_GAP_MS);
}

static void on_done(const struct pg_done *d, void *arg)
{
    struct pg_poll *p = arg;
    struct pg_source *s = p->source;

    if (s->closing)
        return;
    p->asking = false;
    p->error = d->err;
    if (!pg_link_up(s->link))
        return; /* it is down: that will be told */
    p->took_ms = loop_now(s) - p->asked_ms;
    if (d->err.code == 0) {
        pg_proof(s);
        sweep(p);
        p->good = p->epoch;
    }
    p->gap_ms = gap_of(p);
    p->due_ms = p->rung && d->err.code == 0 ? soon(p)
                                            : loop_now(s) + p->gap_ms;
    if (p->error.code == 0)
        p->last_digest = p->digest;
    p->answered = true;
    if (p->id < PG_TABLES && kinds[p->id] != KIND_COUNT)
        pg_stream(s, kinds[p->id], pg_table_name((enum pg_table)p->id),
                  &d->err);
    pg_answered(s);
    schedule(s);
}

/* ---- when ---------------------------------------------------------------- */

static void ask(struct pg_poll *p)
{
    struct pg_source *s = p->source;
    const char *params[] = {s->schema};
    struct pg_ask a = {.sql = p->sql,
                       .row = on_row,
                       .done = on_done,
                       .arg = p};
    struct error err;

    if (p->id == PG_POLL_RINGS) {
        a.params = params;
        a.param_count = 1;
        for (int i = 0; i < PG_TABLES; i++)
            s->polls[i].rings = false;
        for (int i = 0; i < PG_FEEDS; i++)
            pg_feed_rings(s, i, false);
    }
    if (p->id == PG_MISSIONS) {
        s->pending_now = 0;
        s->oldest_now_ms = 0;
    }
    p->asking = true;
    p->rung = false;
    p->rows = 0;
    p->digest = 0;
    p->epoch++;
    p->asked_ms = loop_now(s);
    if (pg_link_ask(s->link, &a, &err) != 0) {
        p->asking = false;
        p->due_ms = p->asked_ms + AGAIN_MS;
    }
}

static void on_next(uv_timer_t *t)
{
    struct pg_source *s = t->data;
    int64_t now = loop_now(s);

    if (s->link == NULL || !pg_link_up(s->link))
        return;
    for (int i = 0; i < PG_POLLS; i++)
        if (!s->polls[i].asking && s->polls[i].due_ms <= now)
            ask(&s->polls[i]);
    schedule(s);
}

/* One timer, for the one that is due first. */
static void schedule(struct pg_source *s)
{
    int64_t first = INT64_MAX, now = loop_now(s);

    if (s->link == NULL || !pg_link_up(s->link))
        return;
    for (int i = 0; i < PG_POLLS; i++)
        if (!s->polls[i].asking && s->polls[i].due_ms < first)
            first = s->polls[i].due_ms;
    if (first != INT64_MAX)
        uv_timer_start(&s->next, on_next,
                       (uint64_t)(first > now ? first - now : 0), 0);
}

void pg_polls_refresh(struct pg_source *s)
{
    for (int i = 0; i < PG_POLLS; i++)
        s->polls[i].due_ms = 0;
    schedule(s);
}

void pg_poll_ring(struct pg_source *s, int id)
{
    struct pg_poll *p = &s->polls[id];

    if (p->asking) {
        p->rung = true;
        return;
    }
    if (!p->answered || p->error.code != 0 || p->due_ms <= soon(p))
        return;
    p->due_ms = soon(p);
    schedule(s);
}

void pg_poll_within(struct pg_source *s, int id, int64_t ms)
{
    struct pg_poll *p = &s->polls[id];
    int64_t at = p->asked_ms + ms;

    if (p->asking || !p->answered || p->error.code != 0 || p->due_ms <= at)
        return;
    p->due_ms = at > soon(p) ? at : soon(p);
    schedule(s);
}

void pg_polls_init(struct pg_source *s)
{
    for (int i = 0; i < PG_POLLS; i++) {
        struct pg_poll *p = &s->polls[i];

        p->source = s;
        p->id = i;
        p->sql = i < PG_TABLES ? pg_read_sql((enum pg_table)i, s->schema)
                 : i == PG_POLL_RINGS ? strdup(rings_sql)
                                      : strdup(clock_sql);
    }
}

void pg_polls_finish(struct pg_source *s)
{
    for (int i = 0; i < PG_POLLS; i++)
        free(s->polls[i].sql);
}

void pg_polls_begin(struct pg_source *s)
{
    for (int i = 0; i < PG_POLLS; i++) {
        s->polls[i].asking = s->polls[i].answered = false;
        s->polls[i].due_ms = s->polls[i].gap_ms = 0;
        s->polls[i].last_digest = 0;
    }
    /* what the link told already */
    s->polls[PG_POLL_CLOCK].due_ms = loop_now(s) + CLOCK_MS;
    s->polls[PG_POLL_CLOCK].answered = true;
    schedule(s);
}

void pg_polls_end(struct pg_source *s)
{
    for (int i = 0; i < PG_POLLS; i++)
        s->polls[i].asking = s->polls[i].answered = false;
    uv_timer_stop(&s->next);
}
