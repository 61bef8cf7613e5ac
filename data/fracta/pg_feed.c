/* agent_events and messages, row by row as they come. */
#include "config.h"

#include "data/fracta/pg_source_priv.h"

#include <stdio.h>
#include <string.h>

#define POLL_MS 500       /* nobody rings */
#define RUNG_POLL_MS 15000 /* somebody does */
#define AHEAD_MS 60000 /* of the clock: a time that was made up */
#define MARKS_MS 5000
#define MESSAGE_ROOM 2048

static void mark(struct pg_source *s, const struct pg_event *e, int64_t at)
{
    struct pg_mark *k;
    const char *phase = NULL;

    if (e->event.agent.n == 0)
        return;
    k = pg_marks_make(&s->marks, e->event.agent);
    if (at > k->event_ms)
        k->event_ms = at;
    /* who never beats cannot fall silent; of who does all is a beat */
    if ((e->beat || k->beat_ms > 0) && at > k->beat_ms)
        k->beat_ms = at;
    if (e->phase.n > 0)
        snprintf(k->phase, sizeof k->phase, "%.*s", (int)e->phase.n,
                 e->phase.p);
    else if (span_is(e->event.action, "turn.started"))
        phase = "thinking";
    else if (span_is(e->event.action, "tool.started"))
        phase = "tool_use";
    else if (span_is(e->event.action, "lifecycle.started"))
        phase = "executing";
    if (phase != NULL)
        snprintf(k->phase, sizeof k->phase, "%s", phase);
    /* it is told with the agent's row, which itself may not change */
    pg_poll_within(s, PG_AGENTS, MARKS_MS);
}

/* A moment far ahead would stand below all that comes for ever. */
static int64_t moment(const struct pg_source *s, int64_t server_ms)
{
    int64_t at = pg_moment(s, server_ms), now = pg_moment(s, 0);

    return at > now + AHEAD_MS ? now : at;
}

static void on_event(int64_t id, bool late, const struct span *v, int count,
                     void *arg)
{
    struct pg_feed *f = arg;
    struct pg_source *s = f->source;
    struct thought_facts t;
    struct pg_event e;
    int64_t at;

    (void)id;
    f->rows++;
    if (!pg_read_event(v, count, &e))
        return;
    at = moment(s, e.event.at_ms);
    mark(s, &e, at);
    if (e.debug || !fracta_thought(&e.event, &t))
        return;
    t.ns = span_of(s->ns);
    t.at_ms = at;
    t.id = e.event.id;
    t.late = late;
    store_thought(s->base.store, &t);
}

static void on_message(int64_t id, bool late, const struct span *v,
                       int count, void *arg)
{
    struct pg_feed *f = arg;
    struct pg_source *s = f->source;
    char room[MESSAGE_ROOM];
    struct thought_facts t;

    (void)id;
    f->rows++;
    if (!pg_read_message(v, count, &t, room, sizeof room))
        return;
    t.ns = span_of(s->ns);
    t.at_ms = moment(s, t.at_ms);
    t.late = late;
    store_thought(s->base.store, &t);
    pg_poll_ring(s, PG_UNREAD);
}

static void on_read(const struct error *err, uint32_t rows, void *arg)
{
    struct pg_feed *f = arg;
    struct pg_source *s = f->source;
    bool events = f == &s->feeds[PG_FEED_EVENTS];

    (void)rows;
    if (err->code == 0)
        pg_proof(s);
    if (f->answered && f->error.code == err->code)
        return;
    f->error = *err;
    if (events)
        pg_stream(s, KIND_EVENT, "agent_events", err);
    if (err->code != ERR_CONNECT && err->code != ERR_SILENT) {
        f->answered = true;
        pg_answered(s);
    }
}

int pg_feeds_init(struct pg_source *s, struct error *err)
{
    struct pg_follow_options o = {.schema = s->schema,
                                  .table = "agent_events",
                                  .id = "id",
                                  .columns = pg_event_columns,
                                  .column_count = pg_event_column_count,
                                  .history = PG_HISTORY,
                                  .poll_ms = POLL_MS,
                                  .row = on_event,
                                  .read = on_read,
                                  .arg = &s->feeds[PG_FEED_EVENTS]};

    for (int i = 0; i < PG_FEEDS; i++)
        s->feeds[i].source = s;
    s->feeds[PG_FEED_EVENTS].follow =
        pg_follow_create(s->base.loop, &o, err);
    if (s->feeds[PG_FEED_EVENTS].follow == NULL)
        return err->code;
    o.table = "messages";
    o.columns = pg_message_columns;
    o.column_count = pg_message_column_count;
    o.history = 100;
    o.poll_ms = POLL_MS * 2;
    o.row = on_message;
    o.arg = &s->feeds[PG_FEED_MESSAGES];
    s->feeds[PG_FEED_MESSAGES].follow =
        pg_follow_create(s->base.loop, &o, err);
    return s->feeds[PG_FEED_MESSAGES].follow == NULL ? err->code : 0;
}

void pg_feeds_close(struct pg_source *s, void (*closed)(void *arg))
{
    for (int i = 0; i < PG_FEEDS; i++) {
        if (s->feeds[i].follow == NULL)
            continue;
        s->handles++;
        pg_follow_close(s->feeds[i].follow, closed, s);
        s->feeds[i].follow = NULL;
    }
}

void pg_feeds_begin(struct pg_source *s)
{
    for (int i = 0; i < PG_FEEDS; i++) {
        s->feeds[i].answered = false;
        if (s->feeds[i].follow != NULL)
            pg_follow_attach(s->feeds[i].follow, s->link);
    }
}

void pg_feeds_end(struct pg_source *s)
{
    for (int i = 0; i < PG_FEEDS; i++) {
        s->feeds[i].answered = false;
        if (s->feeds[i].follow != NULL)
            pg_follow_detach(s->feeds[i].follow);
    }
}

void pg_feed_rings(struct pg_source *s, int feed, bool rings)
{
    struct pg_feed *f = &s->feeds[feed];

    f->rings = rings;
    if (f->follow != NULL)
        pg_follow_poll(f->follow, rings ? RUNG_POLL_MS
                                  : feed == PG_FEED_EVENTS ? POLL_MS
                                                           : 2 * POLL_MS);
}
