#include "config.h"

#include "habitat/stream.h"

#include "base/xalloc.h"
#include "habitat/agent.h"
#include "habitat/limits.h"
#include "habitat/pheromone.h"
#include "habitat/proposal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_DEFAULT 500
#define FRAME_MAX (2u << 20)

struct reader {
    struct reader *next;
    struct streams *streams;
    struct request *request;
    char agent[65]; /* "" all */
    int64_t seq;    /* told up to here */
};

struct streams {
    struct habitat *hb;
    struct reader *first;
    int count;
    uv_timer_t pulse;
    struct buf later; /* frames that are true with the next commit */
};

/* Field names and ids of ours never hold an end of line; an action may. */
static void put_event_name(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n && i < 64; i++) {
        char c = s.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';

        buf_char(out, ok ? c : '_');
    }
}

struct frames {
    struct reader *reader;
    struct buf *out;
};

static void put_event(const struct event *e, void *arg)
{
    struct frames *f = arg;
    struct json j;

    if (f->reader->agent[0] != '\0') {
        buf_str(f->out, "id: ");
        put_event_name(f->out, e->id);
        buf_char(f->out, '\n');
    } else {
        buf_fmt(f->out, "id: %lld\n", (long long)e->seq);
    }
    buf_str(f->out, "event: ");
    put_event_name(f->out, e->action);
    buf_str(f->out, "\ndata: ");
    json_begin(&j, f->out);
    event_json(&j, NULL, e, EVENT_PASCAL);
    json_end(&j);
    buf_str(f->out, "\n\n");
    f->reader->seq = e->seq;
}

static void put_row(struct buf *out, const char *event, const struct buf *row)
{
    buf_fmt(out, "event: %s\ndata: ", event);
    buf_add(out, buf_text(row), row->len);
    buf_str(out, "\n\n");
}

static void leave(struct request *request)
{
    struct reader *r = request_data(request), **at = &r->streams->first;

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    if (--r->streams->count == 0)
        uv_timer_stop(&r->streams->pulse);
    free(r);
}

static void push(struct reader *r, const struct buf *out)
{
    if (out->len > 0)
        request_push(r->request, out);
}

static void on_pulse(uv_timer_t *t)
{
    struct streams *ss = t->data;
    struct buf alive;

    agents_sample(ss->hb);
    buf_init(&alive, 64);
    buf_str(&alive, ": alive\n\n");
    for (struct reader *r = ss->first, *next; r != NULL; r = next) {
        next = r->next;
        push(r, &alive);
    }
    buf_finish(&alive);
    server_turn(ss->hb->server);
}

struct streams *streams_open(struct habitat *hb)
{
    struct streams *ss = xcalloc(1, sizeof *ss);

    ss->hb = hb;
    buf_init(&ss->later, 64u << 20);
    uv_timer_init(&hb->loop, &ss->pulse);
    ss->pulse.data = ss;
    return ss;
}

static void free_streams(uv_handle_t *h)
{
    free(h->data);
}

void streams_close(struct streams *ss)
{
    buf_finish(&ss->later);
    uv_close((uv_handle_t *)&ss->pulse, free_streams);
}

bool streams_any(const struct habitat *hb)
{
    return hb->streams->count > 0;
}

static void put_hello(struct habitat *hb, struct buf *out)
{
    struct json j;

    buf_str(out, "event: hello\ndata: ");
    json_begin(&j, out);
    json_map(&j, NULL);
    json_int(&j, "protocol", HABITAT_PROTOCOL);
    json_text(&j, "version", PACKAGE_VERSION);
    json_bool(&j, "practice", hb->practice);
    json_int(&j, "seq", event_last_seq(hb));
    json_map_end(&j);
    json_end(&j);
    buf_str(out, "\n\n");
}

static void put_agent(struct buf *out, const struct agent *a)
{
    struct buf row;
    struct json j;

    buf_init(&row, FRAME_MAX);
    json_begin(&j, &row);
    agent_json(&j, NULL, a);
    json_end(&j);
    put_row(out, a->deleted ? "agent.gone" : "agent", &row);
    buf_finish(&row);
}

static void put_rows(struct habitat *hb, struct buf *out)
{
    for (struct agent *a = agents_first(hb->agents); a != NULL; a = a->next)
        if (!a->deleted)
            put_agent(out, a);
    proposals_put(hb, out);
    pheromones_put(hb, out);
}

void stream_row(struct buf *out, const char *event, const struct buf *row)
{
    put_row(out, event, row);
}

static int64_t cursor(struct request *r, struct habitat *hb, bool *given)
{
    const char *since = request_query(r, "since");
    int64_t seq;

    if (since == NULL)
        since = request_header(r, "Last-Event-ID");
    *given = since != NULL && since[0] != '\0';
    if (!*given)
        return 0;
    seq = event_seq(hb, since);
    return seq < 0 ? event_last_seq(hb) : seq;
}

static int64_t last_wanted(struct request *r)
{
    const char *text = request_query(r, "last");
    int64_t n = text != NULL ? atoi(text) : LAST_DEFAULT;

    return n < 0 ? 0 : n > LIMIT_CATCH_UP ? LIMIT_CATCH_UP : n;
}

void stream_open(struct request *request, const char *agent)
{
    struct habitat *hb = request_habitat(request);
    struct streams *ss = hb->streams;
    struct frames f;
    struct reader *r;
    struct buf out;
    bool given;

    if (ss->count >= LIMIT_STREAMS) {
        request_fail(request, 429, "%d streams are read already",
                     LIMIT_STREAMS);
        return;
    }
    r = xcalloc(1, sizeof *r);
    r->streams = ss;
    r->request = request;
    snprintf(r->agent, sizeof r->agent, "%s", agent ? agent : "");
    r->seq = cursor(request, hb, &given);
    buf_init(&out, 64u << 20);
    f = (struct frames){r, &out};
    if (agent == NULL) { /* rows first: events count for agents one knows */
        put_hello(hb, &out);
        put_rows(hb, &out);
    }
    if (given)
        event_walk(hb, agent, r->seq, LIMIT_CATCH_UP, false, put_event, &f);
    else if (agent == NULL)
        event_walk(hb, agent, 0, last_wanted(request), true, put_event, &f);
    if (!given)
        r->seq = event_last_seq(hb);
    if (agent == NULL)
        buf_str(&out, "event: ready\ndata: {}\n\n");
    r->next = ss->first;
    ss->first = r;
    if (ss->count++ == 0)
        uv_timer_start(&ss->pulse, on_pulse, PULSE_MS, PULSE_MS);
    request_hold(request, leave, r);
    request_stream(request, &out);
    buf_finish(&out);
}

void stream_tell(struct habitat *hb, const char *event, const struct buf *row)
{
    struct buf out;

    if (!streams_any(hb))
        return;
    buf_init(&out, FRAME_MAX);
    put_row(&out, event, row);
    for (struct reader *r = hb->streams->first, *next; r != NULL; r = next) {
        next = r->next;
        if (r->agent[0] == '\0')
            push(r, &out);
    }
    buf_finish(&out);
}

void stream_tell_later(struct habitat *hb, const char *event,
                       const struct buf *row)
{
    if (streams_any(hb))
        put_row(&hb->streams->later, event, row);
    habitat_commit_later(hb);
}

void streams_forget(struct habitat *hb)
{
    buf_clear(&hb->streams->later);
}

void stream_tell_agent(struct habitat *hb, const struct agent *a)
{
    struct buf row;
    struct json j;

    if (!streams_any(hb))
        return;
    buf_init(&row, FRAME_MAX);
    json_begin(&j, &row);
    agent_json(&j, NULL, a);
    json_end(&j);
    stream_tell(hb, a->deleted ? "agent.gone" : "agent", &row);
    buf_finish(&row);
}

void streams_committed(struct habitat *hb)
{
    struct buf *later = &hb->streams->later, out;

    for (struct reader *r = hb->streams->first, *next; r != NULL; r = next) {
        struct frames f = {r, &out};

        next = r->next;
        buf_init(&out, 64u << 20);
        event_walk(hb, r->agent[0] ? r->agent : NULL, r->seq, LIMIT_CATCH_UP,
                   false, put_event, &f);
        if (r->agent[0] == '\0')
            buf_add(&out, buf_text(later), later->len);
        push(r, &out);
        buf_finish(&out);
    }
    buf_clear(later);
    buf_shrink(later, 4096);
}
