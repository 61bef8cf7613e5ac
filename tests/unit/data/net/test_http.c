/* A write and a connection that is reset: never sent twice, never lost
   without need. */
#include "config.h"

#include "data/net/http.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* libcurl sends so much only when it was asked to go on, or after a second. */
#define LARGE (1100u << 10)
#define PEERS 4

/* libcurl's calls come here: the one that brings this to 0 finds its
   connection reset. 0: none does. */
static int breaks_at;

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    if (breaks_at > 0 && --breaks_at == 0) {
        errno = EPIPE;
        return -1;
    }
    return sendto(fd, p, n, flags, NULL, 0);
}

/* What the server does with each request, in turn. */
enum does {
    ANSWERS,
    RESETS,            /* when the head is there */
    SAYS_AND_RESETS,   /* an interim answer goes before */
    REFUSES_AND_RESETS,
    TAKES_AND_RESETS,  /* the whole body was read */
    TAKES_AND_CLOSES,
    STREAMS,           /* a head, and what follows never ends */
    STREAMS_LATE,      /* the same, in a while */
    HANGS_UP,          /* whatever it hears */
};
#define LATE_MS 100

struct world;

struct peer {
    uv_tcp_t tcp;
    struct world *w;
    struct buf in;
    int request; /* that it is at; -1: none yet */
    size_t head, body;
};

/* A server in the same loop. */
struct world {
    uv_loop_t loop;
    uv_tcp_t server;
    uv_timer_t limit, late;
    struct peer peers[PEERS];
    int connections, requests;
    size_t took; /* bytes of bodies */
    const enum does *script;
    struct http *http;
    char base[64];
    int done, heads, status;
    struct error err;
};

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[65536];

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void say(struct peer *p, const char *text)
{
    uv_buf_t b = uv_buf_init((char *)(uintptr_t)text, (unsigned)strlen(text));

    assert_int_equal(uv_try_write((uv_stream_t *)&p->tcp, &b, 1),
                     strlen(text));
}

#define STREAM "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void on_late(uv_timer_t *t)
{
    say(t->data, STREAM);
}

static void next(struct peer *p)
{
    struct world *w = p->w;
    const char *text = buf_text(&p->in), *end = strstr(text, "\r\n\r\n");
    const char *length;

    if (p->request < 0 && w->script[w->requests] == HANGS_UP) {
        w->requests++;
        uv_close((uv_handle_t *)&p->tcp, NULL);
        return;
    }
    if (p->request < 0) {
        if (end == NULL)
            return;
        p->request = w->requests++;
        p->head = (size_t)(end - text) + 4;
        length = strstr(text, "Content-Length: ");
        p->body = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
        if (w->script[p->request] == SAYS_AND_RESETS)
            say(p, "HTTP/1.1 102 Processing\r\n\r\n");
        if (w->script[p->request] == REFUSES_AND_RESETS)
            say(p, "HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n");
        if (w->script[p->request] <= REFUSES_AND_RESETS &&
            w->script[p->request] >= RESETS) {
            w->took += p->in.len - p->head;
            uv_tcp_close_reset(&p->tcp, NULL);
            return;
        }
        if (strstr(text, "Expect: 100-continue") != NULL)
            say(p, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (p->in.len < p->head + p->body)
        return;
    w->took += p->body;
    switch (w->script[p->request]) {
    case TAKES_AND_RESETS:
        uv_tcp_close_reset(&p->tcp, NULL);
        return;
    case TAKES_AND_CLOSES:
        uv_close((uv_handle_t *)&p->tcp, NULL);
        return;
    case STREAMS:
        say(p, STREAM);
        return;
    case STREAMS_LATE:
        w->late.data = p;
        uv_timer_start(&w->late, on_late, LATE_MS, 0);
        return;
    default:
        say(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        break;
    }
    buf_clear(&p->in);
    p->request = -1;
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct peer *p = s->data;

    if (uv_is_closing((uv_handle_t *)s))
        return;
    if (n < 0) {
        uv_close((uv_handle_t *)s, NULL);
        return;
    }
    buf_add(&p->in, b->base, (size_t)n);
    next(p);
}

static void on_connection(uv_stream_t *s, int status)
{
    struct world *w = s->data;
    struct peer *p = &w->peers[w->connections++];

    assert_int_equal(status, 0);
    assert_in_range(w->connections, 1, PEERS);
    p->w = w;
    p->request = -1;
    p->tcp.data = p;
    buf_init(&p->in, 2 * LARGE);
    uv_tcp_init(&w->loop, &p->tcp);
    assert_int_equal(uv_accept(s, (uv_stream_t *)&p->tcp), 0);
    uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
}

static void on_limit(uv_timer_t *t)
{
    (void)t;
    fail_msg("it did not end");
}

static void begin(struct world *w, const enum does *script)
{
    struct sockaddr_in at;
    int len = sizeof at;

    memset(w, 0, sizeof *w);
    w->script = script;
    uv_loop_init(&w->loop);
    w->http = http_create(&w->loop, "test/1");
    http_allow_writes(w->http, true);
    uv_tcp_init(&w->loop, &w->server);
    uv_timer_init(&w->loop, &w->late);
    uv_timer_init(&w->loop, &w->limit);
    uv_timer_start(&w->limit, on_limit, 10000, 0);
    w->server.data = w;
    uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(uv_tcp_bind(&w->server, (struct sockaddr *)&at, 0), 0);
    uv_tcp_getsockname(&w->server, (struct sockaddr *)&at, &len);
    assert_int_equal(uv_listen((uv_stream_t *)&w->server, 4, on_connection),
                     0);
    snprintf(w->base, sizeof w->base, "http://127.0.0.1:%d",
             ntohs(at.sin_port));
}

static void on_done(const struct http_answer *a, const struct error *err,
                    void *arg)
{
    struct world *w = arg;

    w->done++;
    w->status = a->status;
    w->err = *err;
    uv_stop(&w->loop);
}

/* One request from its begin to its end. */
static void ask(struct world *w, const char *method, const char *body)
{
    const struct http_target target = {.base = w->base};
    const struct http_want want = {.method = method, .path = "/x",
                                   .body = body};
    const struct http_calls calls = {.done = on_done, .arg = w};
    struct error err;
    int before = w->done;

    assert_non_null(http_start(w->http, &target, &want, &calls, &err));
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(w->done, before + 1);
}

static void end(struct world *w)
{
    int done = w->done;

    for (int i = 0; i < w->connections; i++)
        if (!uv_is_closing((uv_handle_t *)&w->peers[i].tcp))
            uv_close((uv_handle_t *)&w->peers[i].tcp, NULL);
    uv_close((uv_handle_t *)&w->server, NULL);
    uv_close((uv_handle_t *)&w->limit, NULL);
    uv_close((uv_handle_t *)&w->late, NULL);
    http_close(w->http, NULL, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    assert_int_equal(w->done, done);
    for (int i = 0; i < w->connections; i++)
        buf_finish(&w->peers[i].in);
}

static char *large(void)
{
    char *body = xcalloc(1, LARGE + 1);

    memset(body, 'x', LARGE);
    return body;
}

/* A connection that one request was answered on already. */
static void open_one(struct world *w, const enum does *script)
{
    begin(w, script);
    ask(w, "GET", NULL);
    assert_int_equal(w->status, 200);
    assert_int_equal(w->connections, 1);
}

static void what_never_left_is_sent(void **state)
{
    static const enum does script[] = {ANSWERS, RESETS, ANSWERS, ANSWERS};
    char *body = large();
    struct world w;

    (void)state;
    open_one(&w, script);
    ask(&w, "POST", body);
    assert_int_equal(w.err.code, 0);
    assert_int_equal(w.status, 200);
    assert_int_equal(w.took, LARGE); /* once */
    assert_int_equal(w.connections, 2);
    assert_int_equal(w.requests, 3);
    ask(&w, "PATCH", "{}"); /* and what comes then is as ever */
    assert_int_equal(w.status, 200);
    assert_int_equal(w.connections, 2);
    end(&w);
    free(body);
}

/* The head goes before the body: either may find the connection reset, and
   curl has taken the body by then. */
static void what_the_system_did_not_take_is_sent(void **state)
{
    static const enum does script[] = {ANSWERS, ANSWERS, ANSWERS};
    struct world w;

    (void)state;
    for (int call = 1; call <= 2; call++) {
        open_one(&w, script);
        breaks_at = call;
        ask(&w, "PATCH", "{}");
        assert_int_equal(breaks_at, 0);
        assert_int_equal(w.err.code, 0);
        assert_int_equal(w.status, 200);
        assert_int_equal(w.took, 2); /* once */
        assert_int_equal(w.connections, 2);
        assert_int_equal(w.requests, call + 1); /* heads that came */
        end(&w);
    }
}

/* Told as lost after so many requests, of whose bodies so much was read. */
static void lost(const enum does *script, bool kept, const char *body,
                 int requests, size_t took)
{
    struct world w;

    if (kept)
        open_one(&w, script);
    else
        begin(&w, script);
    ask(&w, "PATCH", body);
    assert_int_equal(w.err.code, ERR_CUT);
    assert_int_equal(w.status, 0);
    assert_int_equal(w.requests, requests);
    assert_int_equal(w.took, took);
    end(&w);
}

static void only_once_more(void **state)
{
    static const enum does script[] = {ANSWERS, RESETS, RESETS, ANSWERS};
    char *body = large();

    (void)state;
    lost(script, true, body, 3, 0);
    free(body);
}

static void a_new_connection_may_be_reset_too(void **state)
{
    static const enum does once[] = {RESETS, ANSWERS},
                           twice[] = {RESETS, RESETS, ANSWERS};
    char *body = large();
    struct world w;

    (void)state;
    begin(&w, once);
    ask(&w, "PATCH", body);
    assert_int_equal(w.status, 200);
    assert_int_equal(w.took, LARGE); /* once */
    assert_int_equal(w.connections, 2);
    end(&w);
    lost(twice, false, body, 2, 0);
    free(body);
}

static void what_was_heard_of_is_not_sent_again(void **state)
{
    static const enum does script[] = {ANSWERS, SAYS_AND_RESETS, ANSWERS};
    char *body = large();

    (void)state;
    lost(script, true, body, 2, 0);
    free(body);
}

/* The server may have done it: nobody else may. */
static void a_body_that_left_is_not_sent_again(void **state)
{
    static const enum does resets[] = {ANSWERS, TAKES_AND_RESETS, ANSWERS},
                           closes[] = {ANSWERS, TAKES_AND_CLOSES, ANSWERS};
    char *body = large();

    (void)state;
    lost(resets, true, "{}", 2, 2);
    lost(closes, true, "{}", 2, 2);
    lost(resets, true, body, 2, LARGE);
    lost(closes, true, body, 2, LARGE);
    free(body);
}

/* Without a body the head alone is the whole request. */
static void without_a_body_it_may_have_left(void **state)
{
    static const enum does script[] = {ANSWERS, RESETS, ANSWERS};

    (void)state;
    lost(script, true, "", 2, 0);
}

/* A refusal without reading the body, and a reset behind it. */
static void an_answer_before_a_reset_is_read(void **state)
{
    static const enum does script[] = {ANSWERS, REFUSES_AND_RESETS, ANSWERS};
    char *body = large();
    struct world w;

    (void)state;
    open_one(&w, script);
    ask(&w, "POST", body);
    assert_int_equal(w.err.code, 0);
    assert_int_equal(w.status, 413);
    assert_int_equal(w.requests, 2);
    end(&w);
    free(body);
}

/* Nobody refused a certificate: it may be well the next time. */
static void a_handshake_that_is_broken_off_is_no_refusal(void **state)
{
    static const enum does script[] = {HANGS_UP, ANSWERS};
    struct world w;

    (void)state;
    begin(&w, script);
    memmove(w.base + 5, w.base + 4, strlen(w.base + 4) + 1);
    w.base[4] = 's';
    ask(&w, "GET", NULL);
    assert_int_equal(w.err.code, ERR_CUT);
    assert_int_equal(w.requests, 1);
    end(&w);
}

static void on_head(const struct http_answer *a, void *arg)
{
    struct world *w = arg;

    assert_int_equal(a->status, 200);
    if (++w->heads == PEERS)
        uv_stop(&w->loop);
}

/* Streams that begin at once do not wait for the first one's end. */
static void streams_begin_side_by_side(void **state)
{
    static const enum does script[] = {STREAMS_LATE, STREAMS, STREAMS,
                                       STREAMS};
    struct http_request *requests[PEERS];
    struct error err;
    struct world w;

    (void)state;
    begin(&w, script);
    for (int i = 0; i < PEERS; i++) {
        const struct http_target target = {.base = w.base};
        const struct http_want want = {.path = "/x", .trickle = true};
        const struct http_calls calls = {.headers = on_head,
                                         .done = on_done,
                                         .arg = &w};

        requests[i] = http_start(w.http, &target, &want, &calls, &err);
    }
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.heads, PEERS);
    assert_int_equal(w.done, 0);
    for (int i = 0; i < PEERS; i++)
        http_cancel(requests[i]);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_never_left_is_sent),
        cmocka_unit_test(what_the_system_did_not_take_is_sent),
        cmocka_unit_test(streams_begin_side_by_side),
        cmocka_unit_test(a_handshake_that_is_broken_off_is_no_refusal),
        cmocka_unit_test(only_once_more),
        cmocka_unit_test(a_new_connection_may_be_reset_too),
        cmocka_unit_test(what_was_heard_of_is_not_sent_again),
        cmocka_unit_test(a_body_that_left_is_not_sent_again),
        cmocka_unit_test(without_a_body_it_may_have_left),
        cmocka_unit_test(an_answer_before_a_reset_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
