#include "config.h"

#include "data/net/resp.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/net/connection.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_TURN (256u << 10) /* at most so much in one turn */

struct command {
    struct buf bytes;
    int64_t timeout_ms;
    resp_cb cb;
    void *arg;
};

struct resp {
    uv_loop_t *loop;
    struct connection *connection;
    struct resp_reader *reader;
    struct resp_calls calls;
    struct command queue[RESP_QUEUE_MAX]; /* a ring; the first is under way */
    int first, count;
    size_t sent; /* bytes of the first one that have left */
    bool under_way, open, ready, failed, closing;
    uv_timer_t timer;
    uint64_t sent_at;
    int64_t latency_ms;
    int handles;
};

static bool is_number(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= 9;
}

bool resp_allows(const struct span *w, int count)
{
    if (count < 1)
        return false;
    if (span_is(w[0], "PING") || span_is(w[0], "TIME") ||
        span_is(w[0], "GRAPH.LIST"))
        return count == 1;
    if (span_is(w[0], "INFO"))
        return count <= 2;
    if (span_is(w[0], "AUTH"))
        return count == 2 || count == 3;
    if (span_is(w[0], "CLIENT"))
        return count == 3 && span_is(w[1], "SETNAME") &&
               span_is(w[2], "terrarium");
    if (span_is(w[0], "GRAPH.RO_QUERY"))
        return count == 3 || (count == 5 && span_is(w[3], "TIMEOUT") &&
                              is_number(w[4]));
    return false;
}

int resp_explain(struct span line, struct error *ret)
{
    static const struct {
        const char *word;
        int code;
    } known[] = {
        {"NOAUTH", ERR_AUTH},   {"WRONGPASS", ERR_AUTH},
        {"NOPERM", ERR_RIGHT},  {"LOADING", ERR_BUSY},
        {"BUSY", ERR_BUSY},     {"MASTERDOWN", ERR_BUSY},
        {"TRYAGAIN", ERR_BUSY}, {"CLUSTERDOWN", ERR_BUSY},
    };
    int code = ERR_SERVER;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].word);

        if (line.n >= n && memcmp(line.p, known[i].word, n) == 0 &&
            (line.n == n || line.p[n] == ' '))
            code = known[i].code;
    }
    return error_set(ret, code, "%.*s", (int)(line.n < 200 ? line.n : 200),
                     line.p);
}

static void wipe(struct buf *b)
{
    volatile char *p = b->ptr;

    for (size_t i = 0; p != NULL && i < b->len; i++)
        p[i] = '\0';
    buf_finish(b);
}

static struct command *under_way(struct resp *r)
{
    return &r->queue[r->first];
}

static void fail(struct resp *r, const struct error *err)
{
    if (r->failed || r->closing)
        return;
    r->failed = true;
    uv_timer_stop(&r->timer);
    connection_want(r->connection, false, false);
    r->calls.failed(err, r->calls.arg);
}

static void on_timer(uv_timer_t *t)
{
    struct resp *r = t->data;
    struct error err;

    error_set(&err, ERR_SILENT, "no answer for %lld s",
              (long long)(under_way(r)->timeout_ms + 999) / 1000);
    fail(r, &err);
}

static void push(struct resp *r)
{
    struct command *c = under_way(r);
    struct error err;

    if (!r->open || r->failed || r->closing || r->count == 0)
        return;
    if (!r->under_way) {
        r->under_way = true;
        r->sent = 0;
        r->sent_at = uv_now(r->loop);
        uv_timer_start(&r->timer, on_timer, (uint64_t)c->timeout_ms, 0);
    }
    while (r->sent < c->bytes.len) {
        ssize_t n = connection_write(r->connection, c->bytes.ptr + r->sent,
                                     c->bytes.len - r->sent, &err);

        if (n < 0) {
            fail(r, &err);
            return;
        }
        if (n == 0)
            break;
        r->sent += (size_t)n;
    }
    connection_want(r->connection, true, r->sent < c->bytes.len);
}

static void answered(struct resp *r, const struct resp_value *v)
{
    struct command c = *under_way(r);
    struct error err;

    *under_way(r) = (struct command){0};
    r->first = (r->first + 1) % RESP_QUEUE_MAX;
    r->count--;
    r->under_way = false;
    r->latency_ms = (int64_t)(uv_now(r->loop) - r->sent_at);
    uv_timer_stop(&r->timer);
    wipe(&c.bytes);
    error_clear(&err);
    if (v->type == RESP_ERROR)
        resp_explain(v->text, &err);
    c.cb(err.code == 0 ? v : NULL, err.code == 0 ? NULL : &err, c.arg);
    push(r);
}

/* Everything that is whole; false: this turn is over. */
static bool hand_out(struct resp *r)
{
    const struct resp_value *v;
    struct error err;

    while ((v = resp_reader_next(r->reader, &err)) != NULL) {
        if (!r->under_way || r->sent < under_way(r)->bytes.len) {
            error_set(&err, ERR_SYNTAX, "an answer that nobody asked for");
            break;
        }
        answered(r, v);
        if (r->failed || r->closing)
            return false;
    }
    if (err.code == 0)
        return true;
    fail(r, &err);
    return false;
}

static void on_readable(void *arg)
{
    struct resp *r = arg;
    char bytes[16384];
    struct error err;
    size_t all = 0;

    while (all < READ_TURN && !r->failed && !r->closing) {
        ssize_t n =
            connection_read(r->connection, bytes, sizeof bytes, &err);

        if (n == 0)
            return;
        if (n < 0) {
            if (err.code == 0)
                error_set(&err, r->count > 0 ? ERR_CUT : ERR_CONNECT,
                          "the server ended the connection");
            fail(r, &err);
            return;
        }
        all += (size_t)n;
        if (!resp_reader_feed(r->reader, bytes, (size_t)n, &err)) {
            fail(r, &err);
            return;
        }
        if (!hand_out(r))
            return;
    }
}

static void on_writable(void *arg)
{
    push(arg);
}

static void on_open(void *arg)
{
    struct resp *r = arg;

    r->open = true;
    push(r);
}

static void on_connection_failed(const struct error *err, void *arg)
{
    fail(arg, err);
}

static void finish(struct resp *r)
{
    if (--r->handles > 0)
        return;
    r->calls.closed(r->calls.arg);
    for (int i = 0; i < RESP_QUEUE_MAX; i++)
        wipe(&r->queue[i].bytes);
    resp_reader_destroy(r->reader);
    free(r);
}

static void on_timer_closed(uv_handle_t *h)
{
    finish(h->data);
}

static void on_connection_closed(void *arg)
{
    finish(arg);
}

void resp_close(struct resp *r)
{
    if (r->closing)
        return;
    r->closing = true;
    connection_close(r->connection);
    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
}

/* hiredis's own text of a command. */
static int compose(const struct span *words, int count, struct buf *ret,
                   struct error *err)
{
    const char *texts[5];
    size_t lengths[5], all = 0;
    char *bytes = NULL;
    int n;

    for (int i = 0; i < count; i++) {
        texts[i] = words[i].p != NULL ? words[i].p : "";
        lengths[i] = words[i].n;
        if (words[i].n > RESP_COMMAND_MAX)
            all = RESP_COMMAND_MAX;
        all += lengths[i];
    }
    if (all > RESP_COMMAND_MAX)
        return error_set(err, ERR_LIMIT, "the query is too long");
    n = redisFormatCommandArgv(&bytes, count, texts, lengths);
    if (n < 0)
        abort(); /* no memory */
    buf_init(ret, RESP_COMMAND_MAX * 2);
    buf_add(ret, bytes, (size_t)n);
    for (volatile char *p = bytes; n > 0; n--)
        *p++ = '\0'; /* it may be a password */
    redisFreeCommand(bytes);
    return 0;
}

static int queue(struct resp *r, const struct span *words, int count,
                 int64_t timeout_ms, resp_cb cb, void *arg,
                 struct error *err)
{
    struct command *c;

    if (!resp_allows(words, count))
        return error_set(err, ERR_REFUSED,
                         "only what reads may be asked of it: not '%.*s'",
                         count > 0 && words[0].n < 40 ? (int)words[0].n : 0,
                         count > 0 && words[0].p != NULL ? words[0].p : "");
    if (r->count == RESP_QUEUE_MAX)
        return error_set(err, ERR_LIMIT, "%d commands wait already",
                         r->count);
    c = &r->queue[(r->first + r->count) % RESP_QUEUE_MAX];
    if (compose(words, count, &c->bytes, err) != 0)
        return err != NULL ? err->code : ERR_LIMIT;
    c->timeout_ms = timeout_ms > 0 ? timeout_ms : RESP_HELLO_MS;
    c->cb = cb;
    c->arg = arg;
    r->count++;
    return 0;
}

int resp_ask(struct resp *r, const struct span *words, int count,
             int64_t timeout_ms, resp_cb cb, void *arg, struct error *err)
{
    int code = queue(r, words, count, timeout_ms, cb, arg, err);

    if (code == 0 && r->ready)
        push(r);
    return code;
}

/* A server may forbid names; nothing hangs on it. */
static void on_named(const struct resp_value *v, const struct error *err,
                     void *arg)
{
    struct resp *r = arg;

    (void)v;
    if (err != NULL && (err->code == ERR_AUTH || err->code == ERR_BUSY)) {
        fail(r, err);
        return;
    }
    r->ready = true;
    r->calls.ready(r->calls.arg);
}

static void on_auth(const struct resp_value *v, const struct error *err,
                    void *arg)
{
    struct resp *r = arg;

    (void)v;
    /* a password where none is wanted opens nothing that was not open */
    if (err != NULL && err->code == ERR_SERVER &&
        (strstr(err->msg, "no password is set") != NULL ||
         strstr(err->msg, "without any password configured") != NULL))
        return;
    if (err != NULL)
        fail(r, err);
}

struct resp *resp_open(uv_loop_t *loop, const struct http_target *target,
                       const char *user, const char *password,
                       const struct resp_calls *calls)
{
    const struct connection_calls to = {.open = on_open,
                                        .readable = on_readable,
                                        .writable = on_writable,
                                        .failed = on_connection_failed,
                                        .closed = on_connection_closed};
    const struct span name[] = {span_of("CLIENT"), span_of("SETNAME"),
                                span_of("terrarium")};
    struct span auth[3] = {span_of("AUTH")};
    struct connection_calls mine = to;
    struct http_target where = *target;
    struct resp *r = xcalloc(1, sizeof *r);
    struct error err;
    int n = 1;

    r->loop = loop;
    r->calls = *calls;
    r->latency_ms = -1;
    r->handles = 2;
    r->reader = resp_reader_create();
    uv_timer_init(loop, &r->timer);
    r->timer.data = r;
    mine.arg = r;
    if (where.proxy == NULL)
        where.proxy = ""; /* what the environment says is for HTTP */
    r->connection = connection_open(loop, &where, &mine);
    if (password != NULL) {
        if (user != NULL && *user != '\0')
            auth[n++] = span_of(user);
        auth[n++] = span_of(password);
        queue(r, auth, n, RESP_HELLO_MS, on_auth, r, &err);
    }
    queue(r, name, 3, RESP_HELLO_MS, on_named, r, &err);
    return r;
}

int resp_pending(const struct resp *r)
{
    return r->count;
}

int64_t resp_latency_ms(const struct resp *r)
{
    return r->latency_ms;
}
