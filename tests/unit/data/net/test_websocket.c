#include "config.h"

#include "data/net/websocket.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A server in the same loop. `answer` is what it says to the handshake
 * ("%s" in it is the right accept value); `more` follows in the same write.
 */
struct world {
    uv_loop_t loop;
    uv_tcp_t server, peer;
    uv_timer_t timer;
    struct http *http;
    struct websocket *ws;
    const char *answer;
    struct buf more;
    size_t later_at;   /* so many bytes after the request … */
    struct buf later;  /* … the peer says this too */
    struct buf in;     /* what the peer got */
    size_t head;       /* of it, the request */
    bool cut;          /* after the answer */
    bool deaf;         /* the peer stops reading after the request */
    bool has_peer, over;
    void (*on_open)(struct world *w);
    struct buf got;    /* messages, each followed by '|' */
    int messages, drained;
    char protocol[64];
    int status;
    char body[400];
    struct error err;
    char base[64];
    uint64_t pushed;
};

static const char yes[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
    "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n";

static void close_server(struct world *w)
{
    if (w->over)
        return;
    w->over = true;
    uv_close((uv_handle_t *)&w->server, NULL);
    uv_close((uv_handle_t *)&w->timer, NULL);
    if (w->has_peer && !uv_is_closing((uv_handle_t *)&w->peer))
        uv_close((uv_handle_t *)&w->peer, NULL);
    http_close(w->http, NULL, NULL);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[65536];

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

struct put {
    uv_write_t req;
    char *bytes;
    bool cut;
};

static void on_put(uv_write_t *req, int status)
{
    struct put *p = (struct put *)req;

    (void)status;
    if (p->cut && !uv_is_closing((uv_handle_t *)req->handle))
        uv_close((uv_handle_t *)req->handle, NULL);
    free(p->bytes);
    free(p);
}

static void put(struct world *w, const char *bytes, size_t n, bool cut)
{
    struct put *p = xcalloc(1, sizeof *p);
    uv_buf_t b;

    p->bytes = xcalloc(1, n + 1);
    memcpy(p->bytes, bytes, n);
    p->cut = cut;
    b = uv_buf_init(p->bytes, (unsigned)n);
    if (uv_write(&p->req, (uv_stream_t *)&w->peer, &b, 1, on_put) != 0) {
        free(p->bytes);
        free(p);
    }
}

static void answer(struct world *w)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = strstr(w->in.ptr, "Sec-WebSocket-Key: ");
    unsigned char digest[64], accept[64];
    char text[128];
    struct buf b;
    unsigned n;

    assert_non_null(key);
    snprintf(text, sizeof text, "%.24s%s", key + 19, guid);
    EVP_Digest(text, strlen(text), digest, &n, EVP_sha1(), NULL);
    EVP_EncodeBlock(accept, digest, (int)n);
    buf_init(&b, 4 << 20);
    if (strstr(w->answer, "%s") != NULL) {
        const char *at = strstr(w->answer, "%s");

        buf_add(&b, w->answer, (size_t)(at - w->answer));
        buf_str(&b, (char *)accept);
        buf_str(&b, at + 2);
    } else {
        buf_str(&b, w->answer);
    }
    buf_add(&b, buf_text(&w->more), w->more.len);
    put(w, b.ptr, b.len, w->cut);
    buf_finish(&b);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct world *w = s->data;
    const char *end;

    if (n < 0) {
        if (!uv_is_closing((uv_handle_t *)s))
            uv_close((uv_handle_t *)s, NULL);
        return;
    }
    w->pushed += (uint64_t)n;
    buf_add(&w->in, b->base, (size_t)n);
    if (w->head == 0 && (end = strstr(w->in.ptr, "\r\n\r\n")) != NULL) {
        w->head = (size_t)(end - w->in.ptr) + 4;
        answer(w);
        if (w->deaf)
            uv_read_stop(s);
    }
    if (w->later.len > 0 && w->in.len >= w->head + w->later_at) {
        put(w, w->later.ptr, w->later.len, false);
        w->later.len = 0;
    }
}

static void on_connection(uv_stream_t *s, int status)
{
    struct world *w = s->data;

    assert_int_equal(status, 0);
    uv_tcp_init(&w->loop, &w->peer);
    w->peer.data = w;
    w->has_peer = true;
    uv_accept(s, (uv_stream_t *)&w->peer);
    uv_read_start((uv_stream_t *)&w->peer, on_alloc, on_read);
}

static void on_open(const char *protocol, void *arg)
{
    struct world *w = arg;

    snprintf(w->protocol, sizeof w->protocol, "%s", protocol);
    if (w->on_open != NULL)
        w->on_open(w);
}

static void on_message(const char *p, size_t n, void *arg)
{
    struct world *w = arg;

    w->messages++;
    buf_add(&w->got, p, n);
    buf_char(&w->got, '|');
    if (n == 4 && memcmp(p, "quit", 4) == 0)
        websocket_close(w->ws);
}

static void on_drained(void *arg)
{
    ((struct world *)arg)->drained++;
}

/* The peer has read what was on its way. */
static void on_end(uv_timer_t *t)
{
    close_server(t->data);
}

static void on_closed(const struct http_answer *a, const struct error *err,
                      void *arg)
{
    struct world *w = arg;

    w->status = a->status;
    snprintf(w->body, sizeof w->body, "%.*s", (int)a->body.n,
             a->body.p ? a->body.p : "");
    w->err = *err;
    w->ws = NULL;
    uv_timer_start(&w->timer, on_end, 30, 0);
}

static const struct websocket_calls calls = {
    .open = on_open, .message = on_message, .drained = on_drained,
    .closed = on_closed};

static void on_late(uv_timer_t *t)
{
    (void)t;
    fail_msg("it did not end");
}

static void begin(struct world *w, const char *says)
{
    struct sockaddr_in at;
    int len = sizeof at;

    memset(w, 0, sizeof *w);
    uv_loop_init(&w->loop);
    w->http = http_create(&w->loop, "test/1");
    http_allow_writes(w->http, true);
    w->answer = says;
    buf_init(&w->in, 8 << 20);
    buf_init(&w->got, 8 << 20);
    buf_init(&w->more, 8 << 20);
    buf_init(&w->later, 1 << 20);
    uv_tcp_init(&w->loop, &w->server);
    uv_timer_init(&w->loop, &w->timer);
    uv_timer_start(&w->timer, on_late, 10000, 0);
    w->server.data = w->timer.data = w;
    uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(uv_tcp_bind(&w->server, (struct sockaddr *)&at, 0), 0);
    uv_tcp_getsockname(&w->server, (struct sockaddr *)&at, &len);
    assert_int_equal(uv_listen((uv_stream_t *)&w->server, 4, on_connection),
                     0);
    snprintf(w->base, sizeof w->base, "http://127.0.0.1:%d/prefix",
             ntohs(at.sin_port));
}

static void run(struct world *w)
{
    const char *const headers[] = {"Authorization: Bearer t0k", NULL};
    struct http_target target = {.base = w->base};
    struct websocket_calls own = calls;
    struct error err;

    own.arg = w;
    w->ws = websocket_open(w->http, &target, "/api/v1/x?y=1",
                           "v5.channel.k8s.io, v4.channel.k8s.io", headers,
                           &own, &err);
    assert_non_null(w->ws);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static void finish(struct world *w)
{
    buf_finish(&w->in);
    buf_finish(&w->got);
    buf_finish(&w->more);
    buf_finish(&w->later);
}

/* A frame as a server sends it: not masked. */
static void frame(struct buf *b, int first, const char *p, size_t n)
{
    buf_char(b, (char)first);
    if (n < 126) {
        buf_char(b, (char)n);
    } else if (n < 65536) {
        buf_char(b, 126);
        buf_char(b, (char)(n >> 8));
        buf_char(b, (char)n);
    } else {
        buf_char(b, 127);
        for (int i = 7; i >= 0; i--)
            buf_char(b, (char)((uint64_t)n >> (8 * i)));
    }
    buf_add(b, p, n);
}

/* The next frame the peer got, unmasked in place; its first byte. */
static int next_frame(struct world *w, size_t *at, char **p, size_t *n)
{
    unsigned char *b = (unsigned char *)w->in.ptr + *at;
    size_t head = 2;

    if (*at + 6 > w->in.len)
        return -1;
    assert_true(b[1] & 0x80); /* masked */
    *n = b[1] & 0x7f;
    if (*n == 126) {
        *n = ((size_t)b[2] << 8) | b[3];
        head = 4;
    }
    assert_true(*n < 65536 && *at + head + 4 + *n <= w->in.len);
    *p = (char *)b + head + 4;
    for (size_t i = 0; i < *n; i++)
        (*p)[i] = (char)((*p)[i] ^ b[head + i % 4]);
    *at += head + 4 + *n;
    return b[0];
}

static void say_hello(struct world *w)
{
    assert_true(websocket_send(w->ws, "\0", 1, "hello", 5));
}

static void test_open_and_talk(void **state)
{
    struct world w;
    char *p;
    size_t n, at;

    (void)state;
    begin(&w, yes);
    frame(&w.more, 0x82, "one", 3);  /* behind the 101 */
    frame(&w.more, 0x89, "ping", 4);
    frame(&w.more, 0x02, "t", 1);    /* in two fragments, a ping between */
    frame(&w.more, 0x89, "", 0);
    frame(&w.more, 0x80, "wo", 2);
    frame(&w.later, 0x82, "quit", 4);
    w.later_at = 12 + 10 + 6; /* what was said, two pongs */
    w.on_open = say_hello;
    run(&w);
    assert_string_equal(w.protocol, "v4.channel.k8s.io");
    assert_string_equal(w.got.ptr, "one|two|quit|");
    assert_int_equal(w.err.code, 0);
    assert_non_null(strstr(w.in.ptr, "GET /prefix/api/v1/x?y=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(w.in.ptr, "Authorization: Bearer t0k\r\n"));
    assert_non_null(strstr(w.in.ptr, "Host: 127.0.0.1:"));
    at = w.head;
    assert_int_equal(next_frame(&w, &at, &p, &n), 0x82);
    assert_int_equal(n, 6);
    assert_memory_equal(p, "\0hello", 6);
    assert_int_equal(next_frame(&w, &at, &p, &n), 0x8a);
    assert_int_equal(n, 4);
    assert_memory_equal(p, "ping", 4);
    assert_int_equal(next_frame(&w, &at, &p, &n), 0x8a);
    assert_int_equal(next_frame(&w, &at, &p, &n), 0x88);
    finish(&w);
}

static void refusal(const char *says, int status, const char *body)
{
    struct world w;

    begin(&w, says);
    run(&w);
    assert_int_equal(w.status, status);
    assert_string_equal(w.body, body);
    assert_int_equal(w.err.code, 0);
    assert_string_equal(w.protocol, "");
    finish(&w);
}

static void test_refusals(void **state)
{
    (void)state;
    refusal("HTTP/1.1 403 Forbidden\r\nContent-Length: 14\r\n\r\n"
            "{\"kind\":\"no\"}\ntoo much",
            403, "{\"kind\":\"no\"}\n");
    refusal("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5;x=y\r\nfirst\r\n1\r\n \r\nA\r\nand second\r\n0\r\n\r\n",
            500, "first and second");
    refusal("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\n"
            "Content-Length: 0\r\n\r\n",
            400, "");
}

static void broken(const char *says, bool cut, int code)
{
    struct world w;

    begin(&w, says);
    w.cut = cut;
    run(&w);
    assert_int_equal(w.err.code, code);
    finish(&w);
}

static void test_bad_handshakes(void **state)
{
    (void)state;
    broken("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
           "Sec-WebSocket-Accept: AAAA\r\n\r\n",
           false, ERR_SYNTAX);
    broken("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
           "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: evil\r\n\r\n",
           false, ERR_SYNTAX);
    broken("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
           "Sec-WebSocket-Accept: %s\r\n"
           "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
           false, ERR_SYNTAX);
    broken("SSH-2.0-OpenSSH_9.2\r\n\r\n", false, ERR_SYNTAX);
    broken("HTTP/1.1 101 Swi", true, ERR_CUT);
}

static void framing(int first, size_t n, bool cut, int code)
{
    struct world w;
    char *bytes = xcalloc(1, n + 1);

    begin(&w, yes);
    frame(&w.more, first, bytes, n);
    if (cut)
        w.more.len--;
    w.cut = cut;
    run(&w);
    assert_int_equal(w.err.code, code);
    assert_int_equal(w.messages, 0);
    finish(&w);
    free(bytes);
}

static void test_bad_frames(void **state)
{
    struct world w;

    (void)state;
    framing(0x82, WEBSOCKET_MESSAGE + 1, false, ERR_LIMIT);
    framing(0xc2, 3, false, ERR_SYNTAX);  /* a reserved bit */
    framing(0x83, 3, false, ERR_SYNTAX);  /* no such kind */
    framing(0x80, 3, false, ERR_SYNTAX);  /* the middle of nothing */
    framing(0x82, 300, true, ERR_CUT);
    begin(&w, yes);
    frame(&w.more, 0x88, "\x03\xf3reason", 8); /* 1011 */
    run(&w);
    assert_int_equal(w.err.code, ERR_SERVER);
    finish(&w);
    begin(&w, yes);
    frame(&w.more, 0x88, "\x03\xe8", 2);
    run(&w);
    assert_int_equal(w.err.code, 0);
    finish(&w);
}

static void on_hear(uv_timer_t *t)
{
    struct world *w = t->data;

    if (w->drained > 0) {
        websocket_close(w->ws);
        return;
    }
    uv_read_start((uv_stream_t *)&w->peer, on_alloc, on_read);
    uv_timer_start(t, on_hear, 20, 0);
}

static void fill(struct world *w)
{
    char bytes[30000] = {0};
    int sent = 0;

    while (websocket_send(w->ws, bytes, sizeof bytes, NULL, 0) && sent < 4000)
        sent++;
    assert_in_range(sent, 1, 3999); /* the queue is bounded */
    assert_false(websocket_send(w->ws, bytes, WEBSOCKET_SEND, "x", 1));
    uv_timer_start(&w->timer, on_hear, 50, 0);
}

static void test_queue_is_bounded_and_drains(void **state)
{
    struct world w;
    char *p;
    size_t n, at, frames = 0;

    (void)state;
    begin(&w, yes);
    w.deaf = true;
    w.on_open = fill;
    run(&w);
    assert_int_equal(w.drained, 1);
    at = w.head;
    while (at < w.in.len && next_frame(&w, &at, &p, &n) == 0x82) {
        assert_int_equal(n, 30000);
        frames++;
    }
    assert_true(frames > 0);
    finish(&w);
}

static void on_go_on(uv_timer_t *t)
{
    struct world *w = t->data;

    /* what stood in wslay's own buffer may have come */
    assert_true(w->messages < 40);
    websocket_pause(w->ws, false);
    uv_timer_start(t, on_late, 10000, 0);
}

static void pause_it(struct world *w)
{
    websocket_pause(w->ws, true);
    uv_timer_start(&w->timer, on_go_on, 100, 0);
}

static void test_pause_holds_the_server_back(void **state)
{
    struct world w;
    char bytes[50000] = {0};

    (void)state;
    begin(&w, yes);
    for (int i = 0; i < 50; i++)
        frame(&w.more, 0x82, bytes, sizeof bytes);
    frame(&w.more, 0x82, "quit", 4);
    w.on_open = pause_it;
    run(&w);
    assert_int_equal(w.messages, 51);
    assert_int_equal(w.got.len, 50 * 50001 + 5);
    finish(&w);
}

static void test_read_only_builds_no_channel(void **state)
{
    static const char *const paths[] = {
        "/api/v1/namespaces/a/pods/b/exec?command=sh",
        "/api/v1/namespaces/a/pods/b/attach?stdin=true",
        "/api/v1/namespaces/a/pods/b/portforward?ports=1",
        "/api/v1/namespaces/a/pods/b/proxy/x",
        "/api/v1/namespaces/a/services/b/proxy"};
    const struct http_target target = {.base = "http://127.0.0.1:9"};
    struct error err;
    uv_loop_t loop;
    struct http *h;

    (void)state;
    uv_loop_init(&loop);
    h = http_create(&loop, "test/1");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        error_clear(&err);
        assert_null(websocket_open(h, &target, paths[i], NULL, NULL, &calls,
                                   &err));
        assert_int_equal(err.code, ERR_REFUSED);
    }
    http_close(h, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void test_nobody_there_and_closed_early(void **state)
{
    struct world w;
    const struct http_target target = {.base = w.base};
    struct websocket_calls own = calls;
    struct error err;

    (void)state;
    begin(&w, yes);
    own.arg = &w;
    snprintf(w.base, sizeof w.base, "http://127.0.0.1:1");
    run(&w);
    assert_int_equal(w.err.code, ERR_CONNECT);
    finish(&w);

    begin(&w, yes);
    w.ws = websocket_open(w.http, &target, "/", NULL, NULL, &own, &err);
    websocket_close(w.ws); /* before anything */
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    assert_int_equal(w.err.code, 0);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_and_talk),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_bad_handshakes),
        cmocka_unit_test(test_bad_frames),
        cmocka_unit_test(test_queue_is_bounded_and_drains),
        cmocka_unit_test(test_pause_holds_the_server_back),
        cmocka_unit_test(test_read_only_builds_no_channel),
        cmocka_unit_test(test_nobody_there_and_closed_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
