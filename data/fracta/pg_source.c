#include "config.h"

#include "data/fracta/pg_source.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/fracta/pg_source_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 100
#define RETRY_MAX_MS 3000
#define RETRY_REFUSED_MS 30000

/* Tables whose triggers ring, and the one bell fracta has itself. */
static const struct {
    const char *channel;
    int poll, feed; /* -1: none */
} bells[] = {
    {"terrarium_agent_events", -1, PG_FEED_EVENTS},
    {"terrarium_messages", PG_UNREAD, PG_FEED_MESSAGES},
    {"terrarium_agents", PG_AGENTS, -1},
    {"terrarium_missions", PG_MISSIONS, -1},
    {"terrarium_objectives", PG_OBJECTIVES, -1},
    {"terrarium_proposals", PG_PROPOSALS, -1},
    {"missions_ready", PG_MISSIONS, -1},
};
#define BELLS (sizeof bells / sizeof *bells)

static void open_link(struct pg_source *s);

struct origin pg_origin(const struct pg_source *s, uint32_t epoch,
                        bool initial)
{
    return (struct origin){
        .plane = s->base.plane,
        .stream = store_stream_of(s->base.store, s->base.plane),
        .epoch = epoch,
        .now_ms = pg_moment(s, 0),
        .initial = initial};
}

int64_t pg_moment(const struct pg_source *s, int64_t server_ms)
{
    if (server_ms == 0)
        server_ms = clock_wall_ms() + s->base.plane->offset_ms;
    return store_time(s->base.store, s->base.plane, server_ms);
}

void pg_proof(struct pg_source *s)
{
    s->base.plane->proof_ms = clock_wall_ms();
    s->base.plane->retry_ms = 0;
}

static void streams_are(struct pg_source *s, enum stream_state state)
{
    static const enum kind all[] = {KIND_AGENT, KIND_MISSION, KIND_OBJECTIVE,
                                    KIND_PROPOSAL, KIND_EVENT};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        store_stream(s->base.store, s->base.plane, all[i], state, "");
}

void pg_stream(struct pg_source *s, enum kind kind, const char *table,
               const struct error *err)
{
    enum stream_state state = STREAM_LIVE;
    char note[200] = "";

    if (err->code == ERR_CONNECT || !pg_link_up(s->link))
        return;
    if (err->code == ERR_RIGHT) {
        state = STREAM_DENIED;
        snprintf(note, sizeof note, "%s: no right to read %.60s.%s",
                 s->base.plane->name, s->schema, table);
    } else if (err->code == ERR_ABSENT) {
        state = STREAM_ABSENT;
        snprintf(note, sizeof note, "%s: %.120s", s->base.plane->name,
                 err->msg);
    } else if (err->code != 0) {
        state = STREAM_FAILED;
        snprintf(note, sizeof note, "%s: %s: %.120s", s->base.plane->name,
                 table, err->msg);
    }
    if (s->base.plane->streams[kind] != state || note[0] != '\0')
        store_stream(s->base.store, s->base.plane, kind, state, note);
}

/* "3 pending, oldest 2m", or what is missing. */
static void tell(struct pg_source *s)
{
    struct plane *p = s->base.plane;
    char detail[sizeof p->detail] = "", age[16];
    size_t n = 0;

    for (int i = 0; i < PG_TABLES; i++)
        if (s->polls[i].error.code == ERR_RIGHT ||
            s->polls[i].error.code == ERR_ABSENT)
            n += (size_t)snprintf(
                detail + n, n < sizeof detail ? sizeof detail - n : 0,
                "%s%s %s", n > 0 ? ", " : "",
                s->polls[i].error.code == ERR_RIGHT ? "no right to"
                                                    : "there is no",
                pg_table_name((enum pg_table)i));
    if (n == 0 && s->pending > 0) {
        when_age(clock_wall_ms() + p->offset_ms - s->oldest_ms, age,
                 sizeof age);
        snprintf(detail, sizeof detail, "%u pending, oldest %s", s->pending,
                 age);
    }
    if (strcmp(detail, p->detail) != 0) {
        memcpy(p->detail, detail, sizeof detail);
        store_plane_changed(s->base.store);
    }
}

void pg_answered(struct pg_source *s)
{
    tell(s);
    if (s->live)
        return;
    for (int i = 0; i < PG_POLLS; i++)
        if (!s->polls[i].answered)
            return;
    for (int i = 0; i < PG_FEEDS; i++)
        if (!s->feeds[i].answered)
            return;
    s->live = true;
    s->delay_ms = 0;
    s->base.plane->answered = true;
    error_clear(&s->base.plane->error);
    source_set_state(&s->base, PLANE_LIVE);
    store_plane_changed(s->base.store);
}

/* ---- the link ------------------------------------------------------------ */

static void on_listened(const struct pg_done *d, void *arg)
{
    (void)d; /* a standby cannot: then it is only polled */
    (void)arg;
}

static void on_up(const struct pg_info *info, void *arg)
{
    struct pg_source *s = arg;
    struct plane *p = s->base.plane;
    char sql[80];
    struct pg_ask a = {.sql = sql, .done = on_listened, .arg = s};
    struct error err;

    snprintf(p->version, sizeof p->version, "%s", info->version_text);
    p->offset_ms = info->offset_ms;
    p->latency_ms = info->latency_ms;
    p->insecure = info->open;
    pg_proof(s);
    /* bells first: what rings after a read must be heard */
    for (size_t i = 0; i < BELLS && !info->standby; i++) {
        snprintf(sql, sizeof sql, "LISTEN %s", bells[i].channel);
        pg_link_ask(s->link, &a, &err);
    }
    pg_feeds_begin(s);
    pg_polls_begin(s);
    store_plane_changed(s->base.store);
}

static void on_bell(const char *channel, const char *payload, void *arg)
{
    struct pg_source *s = arg;

    (void)payload;
    for (size_t i = 0; i < BELLS; i++) {
        if (strcmp(channel, bells[i].channel) != 0)
            continue;
        if (bells[i].feed >= 0)
            pg_follow_ring(s->feeds[bells[i].feed].follow);
        if (bells[i].poll >= 0)
            pg_poll_ring(s, bells[i].poll);
    }
}

static void on_again(uv_timer_t *t)
{
    open_link(t->data);
}

static bool refused(int code)
{
    return code == ERR_AUTH || code == ERR_RIGHT || code == ERR_TLS ||
           code == ERR_CONFIG || code == ERR_REFUSED || code == ERR_ABSENT;
}

static void lost(struct pg_source *s, const struct error *err)
{
    struct plane *p = s->base.plane;
    int64_t most = refused(err->code) ? RETRY_REFUSED_MS : RETRY_MAX_MS;
    int64_t delay = s->delay_ms > 0 ? s->delay_ms * 2 : RETRY_FIRST_MS;

    p->error = *err;
    p->answered = true;
    p->detail[0] = '\0';
    if (s->live)
        streams_are(s, STREAM_STALE);
    s->live = false;
    source_set_state(&s->base, refused(err->code) ? PLANE_REFUSED
                               : p->proof_ms > 0  ? PLANE_STALE
                                                  : PLANE_CONNECTING);
    store_plane_changed(s->base.store);
    if (delay > most)
        delay = most;
    s->delay_ms = delay;
    delay += delay * (rand() % 25) / 100;
    if (delay > most)
        delay = most - rand() % (most / 8);
    p->retry_ms = clock_wall_ms() + delay;
    uv_timer_start(&s->again, on_again, (uint64_t)delay, 0);
}

static void handle_closed(void *arg)
{
    struct pg_source *s = arg;

    if (--s->handles > 0)
        return;
    source_finish(&s->base);
    pg_polls_finish(s);
    pg_marks_finish(&s->marks);
    for (size_t i = 0; i < sizeof s->texts / sizeof *s->texts; i++)
        if (s->texts[i] != NULL) {
            explicit_bzero(s->texts[i], strlen(s->texts[i]));
            free(s->texts[i]);
        }
    free(s);
}

static void close_link(struct pg_source *s)
{
    if (s->link == NULL)
        return;
    s->handles++;
    pg_link_close(s->link, handle_closed, s);
    s->link = NULL;
}

static void on_down(const struct error *err, void *arg)
{
    struct pg_source *s = arg;

    pg_feeds_end(s);
    pg_polls_end(s);
    close_link(s);
    lost(s, err);
}

static void open_link(struct pg_source *s)
{
    const struct pg_link_calls calls = {
        .up = on_up, .down = on_down, .bell = on_bell, .arg = s};
    struct error err;

    if (s->base.plane->state == PLANE_OFF)
        source_set_state(&s->base, PLANE_CONNECTING);
    if (pg_link_open(s->base.loop, &s->at, &calls, &s->link, &err) != 0)
        lost(s, &err);
}

/* ---- the source ---------------------------------------------------------- */

static void start(struct source *base)
{
    struct pg_source *s = (struct pg_source *)base;
    struct error err;

    if (pg_feeds_init(s, &err) != 0) {
        lost(s, &err);
        uv_timer_stop(&s->again); /* a name that cannot be: for good */
        return;
    }
    streams_are(s, STREAM_LOADING);
    source_set_state(&s->base, PLANE_CONNECTING);
    open_link(s);
}

static void refresh(struct source *base)
{
    struct pg_source *s = (struct pg_source *)base;

    s->delay_ms = 0;
    if (s->link == NULL && uv_is_active((uv_handle_t *)&s->again)) {
        uv_timer_stop(&s->again);
        open_link(s);
        return;
    }
    if (s->link == NULL || !pg_link_up(s->link))
        return;
    pg_polls_refresh(s);
    for (int i = 0; i < PG_FEEDS; i++)
        pg_follow_ring(s->feeds[i].follow);
}

static void on_handle_closed(uv_handle_t *h)
{
    handle_closed(h->data);
}

static void close_source(struct source *base)
{
    struct pg_source *s = (struct pg_source *)base;

    s->closing = true;
    close_link(s);
    pg_feeds_close(s, handle_closed);
    uv_close((uv_handle_t *)&s->again, on_handle_closed);
    uv_close((uv_handle_t *)&s->next, on_handle_closed);
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    const struct pg_source *s = (const struct pg_source *)base;
    const struct plane *p = s->base.plane;
    char text[200];

    if (s->link == NULL || !pg_link_up(s->link)) {
        fn(FINDING_BAD, p->name, p->error.code ? p->error.msg : "connecting",
           NULL, arg);
        return;
    }
    snprintf(text, sizeof text, "PostgreSQL %s as %s, %s, session read-only",
             p->version, pg_link_info(s->link)->user,
             pg_link_info(s->link)->tls ? "TLS" : "no TLS");
    fn(FINDING_OK, p->name, text, NULL, arg);
    for (int i = 0; i < PG_TABLES; i++)
        if (s->polls[i].error.code != 0)
            fn(FINDING_WARN, pg_table_name((enum pg_table)i),
               s->polls[i].error.msg,
               s->polls[i].error.code == ERR_RIGHT
                   ? "docs/postgres.md has the GRANT lines"
                   : NULL,
               arg);
    for (int i = 0; i < PG_FEEDS; i++) {
        const struct tail *t = pg_follow_tail(s->feeds[i].follow);

        snprintf(text, sizeof text,
                 "%" PRIu64 " rows, %" PRIu64 " late, %" PRIu64
                 " ids waited for, %" PRIu64 " given up, %s",
                 t->delivered, t->late, tail_gaps(t), t->given_up,
                 s->feeds[i].rings ? "rung for" : "polled: no trigger rings");
        fn(s->feeds[i].error.code != 0 || t->given_up > 0 ? FINDING_WARN
                                                          : FINDING_OK,
           i == PG_FEED_EVENTS ? "agent_events" : "messages",
           s->feeds[i].error.code != 0 ? s->feeds[i].error.msg : text,
           s->feeds[i].rings || s->feeds[i].error.code != 0
               ? NULL
               : "terrarium postgres install-notify",
           arg);
        if (pg_follow_cache(s->feeds[i].follow) > 1)
            fn(FINDING_WARN, "its sequence",
               "hands out several ids at once: rows may be missed",
               "ALTER SEQUENCE … CACHE 1", arg);
    }
}

static const struct source_impl impl = {.name = "postgres",
                                        .start = start,
                                        .refresh = refresh,
                                        .close = close_source,
                                        .doctor = doctor};

/* The target's texts are the caller's: ours are copies. */
static void copy_target(struct pg_source *s, const struct pg_target *from)
{
    const char **texts[] = {&s->at.conninfo, &s->at.service, &s->at.user,
                            &s->at.password, &s->at.sslmode, &s->at.ca,
                            &s->at.host,     &s->at.hostaddr, &s->at.port,
                            &s->at.ask_what};

    s->at = *from;
    s->at.writes = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i] != NULL)
            *texts[i] = s->texts[i] = xstrdup(*texts[i]);
}

struct source *pg_source_create(uv_loop_t *loop, struct store *store,
                                const struct pg_options *o)
{
    struct pg_source *s = xcalloc(1, sizeof *s);

    source_init(&s->base, &impl, loop, store);
    if (o->name != NULL)
        snprintf(s->base.plane->name, sizeof s->base.plane->name, "%s",
                 o->name);
    s->base.plane->rank = RANK_TABLES;
    s->base.plane->latency_ms = -1;
    copy_target(s, &o->at);
    snprintf(s->schema, sizeof s->schema, "%s",
             o->schema ? o->schema : "public");
    snprintf(s->ns, sizeof s->ns, "%s", o->ns ? o->ns : "fracta");
    pg_marks_init(&s->marks);
    pg_polls_init(s);
    uv_timer_init(loop, &s->again);
    uv_timer_init(loop, &s->next);
    s->again.data = s->next.data = s;
    s->handles = 2;
    return &s->base;
}
