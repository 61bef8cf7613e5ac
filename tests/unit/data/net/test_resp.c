#include "config.h"

#include "data/net/resp.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/*
 * A server in the same loop: what comes is kept, and each command gets the
 * next of `answers` ("" = none, NULL = the connection ends).
 */
struct world {
    uv_loop_t loop;
    uv_tcp_t server, peer;
    uv_timer_t giving_up;
    struct resp *resp;
    const char *const *answers;
    int answer, cut; /* cut: bytes at a time; 0 all at once */
    struct buf in;
    size_t seen;
    bool has_peer, over, ready, failed, closed;
    struct error err;   /* of `failed` */
    struct buf got;     /* answers as text, each followed by '|' */
    struct error last;  /* of the last refused command */
    void (*on_ready)(struct world *w);
    int refused;
};

static void end(struct world *w)
{
    if (w->over)
        return;
    w->over = true;
    resp_close(w->resp);
    uv_close((uv_handle_t *)&w->server, NULL);
    uv_close((uv_handle_t *)&w->giving_up, NULL);
    if (w->has_peer && !uv_is_closing((uv_handle_t *)&w->peer))
        uv_close((uv_handle_t *)&w->peer, NULL);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[65536];

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void say(struct world *w, const char *p, size_t n)
{
    size_t step = w->cut > 0 ? (size_t)w->cut : n;
    int fd;

    uv_fileno((uv_handle_t *)&w->peer, &fd);
    while (n > 0) {
        size_t part = step < n ? step : n;

        if (send(fd, p, part, MSG_NOSIGNAL) < (ssize_t)part)
            break; /* the other side has left */
        p += part;
        n -= part;
        if (w->cut > 0)
            uv_sleep(1);
    }
}

/* Commands that are whole, by their '*'. */
static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct world *w = s->data;

    if (n < 0) {
        uv_close((uv_handle_t *)s, NULL);
        return;
    }
    buf_add(&w->in, b->base, (size_t)n);
    for (; w->seen < w->in.len; w->seen++) {
        const char *answer;

        if (w->in.ptr[w->seen] != '*')
            continue;
        answer = w->answers[w->answer];
        if (answer == NULL) {
            uv_close((uv_handle_t *)s, NULL);
            return;
        }
        w->answer++;
        say(w, answer, strlen(answer));
    }
}

static void on_peer(uv_stream_t *s, int status)
{
    struct world *w = s->data;

    assert_int_equal(status, 0);
    uv_tcp_init(&w->loop, &w->peer);
    w->peer.data = w;
    w->has_peer = true;
    uv_accept(s, (uv_stream_t *)&w->peer);
    uv_tcp_nodelay(&w->peer, 1);
    uv_read_start((uv_stream_t *)&w->peer, on_alloc, on_read);
}

static void write_value(struct buf *b, const struct resp_value *v)
{
    switch (v->type) {
    case RESP_NIL:
        buf_str(b, "nil");
        break;
    case RESP_INTEGER:
        buf_fmt(b, "%lld", (long long)v->number);
        break;
    case RESP_ARRAY:
        buf_char(b, '[');
        for (uint32_t i = 0; i < v->count; i++) {
            if (i > 0)
                buf_char(b, ' ');
            write_value(b, &v->items[i]);
        }
        buf_char(b, ']');
        break;
    default:
        buf_add(b, v->text.p, v->text.n);
        break;
    }
}

static void on_answer(const struct resp_value *v, const struct error *err,
                      void *arg)
{
    struct world *w = arg;

    if (v != NULL) {
        write_value(&w->got, v);
    } else {
        w->last = *err;
        buf_fmt(&w->got, "(%s)", err->msg);
    }
    buf_char(&w->got, '|');
    if (resp_pending(w->resp) == 0)
        end(w);
}

static void ask(struct world *w, const char *a, const char *b, const char *c)
{
    const struct span words[] = {span_of(a), span_of(b), span_of(c)};
    struct error err = {0};
    int n = b == NULL ? 1 : c == NULL ? 2 : 3;

    if (resp_ask(w->resp, words, n, 300, on_answer, w, &err) != 0) {
        assert_true(err.code == ERR_REFUSED || err.code == ERR_LIMIT);
        w->refused++;
    }
}

static void ask_ping(struct world *w)
{
    ask(w, "PING", NULL, NULL);
}

static void on_ready(void *arg)
{
    struct world *w = arg;

    w->ready = true;
    w->on_ready(w);
}

static void on_failed(const struct error *err, void *arg)
{
    struct world *w = arg;

    assert_false(w->failed);
    w->failed = true;
    w->err = *err;
    end(w);
}

static void on_closed(void *arg)
{
    ((struct world *)arg)->closed = true;
}

static void on_giving_up(uv_timer_t *t)
{
    fail_msg("nothing happens any more");
    (void)t;
}

static void run(struct world *w, const char *user, const char *password,
                const char *const *answers, void (*ready)(struct world *))
{
    const struct resp_calls calls = {on_ready, on_failed, on_closed, w};
    struct http_target target = {0};
    struct sockaddr_in at;
    char base[64];
    int len = sizeof at;

    w->answers = answers;
    w->on_ready = ready;
    buf_init(&w->in, 4 << 20);
    buf_init(&w->got, 4 << 20);
    uv_loop_init(&w->loop);
    uv_tcp_init(&w->loop, &w->server);
    w->server.data = w;
    uv_ip4_addr("127.0.0.1", 0, &at);
    uv_tcp_bind(&w->server, (struct sockaddr *)&at, 0);
    uv_listen((uv_stream_t *)&w->server, 8, on_peer);
    uv_tcp_getsockname(&w->server, (struct sockaddr *)&at, &len);
    snprintf(base, sizeof base, "http://127.0.0.1:%d", ntohs(at.sin_port));
    target.base = base;
    uv_timer_init(&w->loop, &w->giving_up);
    uv_timer_start(&w->giving_up, on_giving_up, 20000, 0);
    w->resp = resp_open(&w->loop, &target, user, password, &calls);
    assert_false(w->ready);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_true(w->closed);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static void done(struct world *w)
{
    buf_finish(&w->in);
    buf_finish(&w->got);
}

#define OK "+OK\r\n"

static void test_asks(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, NULL, NULL, (const char *[]){OK, "+PONG\r\n", NULL}, ask_ping);
    assert_true(w.ready);
    assert_string_equal(w.got.ptr, "PONG|");
    assert_string_equal(w.in.ptr,
                        "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$9\r\n"
                        "terrarium\r\n*1\r\n$4\r\nPING\r\n");
    done(&w);
}

static void ask_three(struct world *w)
{
    ask(w, "TIME", NULL, NULL);
    ask(w, "GRAPH.LIST", NULL, NULL);
    ask(w, "GRAPH.RO_QUERY", "g", "RETURN 1");
}

static const char *const three[] = {
    OK, "*2\r\n$2\r\n17\r\n$1\r\n5\r\n", "*0\r\n",
    "*3\r\n*1\r\n$1\r\na\r\n*2\r\n*1\r\n:-7\r\n*1\r\n$-1\r\n*1\r\n$0\r\n\r\n",
    NULL};
static const char three_got[] = "[17 5]|[]|[[a] [[-7] [nil]] []]|";

/* One at a time: the second is not sent before the first was answered. */
static void test_in_order(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, NULL, NULL, three, ask_three);
    assert_string_equal(w.got.ptr, three_got);
    done(&w);
}

static void test_byte_by_byte(void **state)
{
    struct world w = {.cut = 1};

    (void)state;
    run(&w, NULL, NULL, three, ask_three);
    assert_string_equal(w.got.ptr, three_got);
    done(&w);
}

static void test_password(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, "reader", "s3cret", (const char *[]){OK, OK, "+PONG\r\n", NULL},
        ask_ping);
    assert_non_null(strstr(
        w.in.ptr, "*3\r\n$4\r\nAUTH\r\n$6\r\nreader\r\n$6\r\ns3cret\r\n"));
    assert_string_equal(w.got.ptr, "PONG|");
    done(&w);

    w = (struct world){0};
    run(&w, NULL, "s3cret", (const char *[]){OK, OK, "+PONG\r\n", NULL},
        ask_ping);
    assert_non_null(
        strstr(w.in.ptr, "*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n"));
    done(&w);
}

static void refused_at_once(const char *user, const char *first,
                            const char *second, int code)
{
    struct world w = {0};

    run(&w, user, user != NULL ? "s3cret" : NULL,
        (const char *[]){first, second, second, NULL}, ask_ping);
    assert_true(w.failed);
    assert_false(w.ready);
    assert_int_equal(w.err.code, code);
    assert_null(strstr(w.err.msg, "s3cret"));
    done(&w);
}

static void test_refused(void **state)
{
    (void)state;
    refused_at_once("u", "-WRONGPASS invalid username-password pair\r\n", OK,
                    ERR_AUTH);
    refused_at_once("u", "-NOPERM User u has no permissions\r\n", OK,
                    ERR_RIGHT);
    refused_at_once(NULL, "-NOAUTH Authentication required.\r\n", OK,
                    ERR_AUTH);
    refused_at_once(NULL, "-LOADING Redis is loading\r\n", OK, ERR_BUSY);
}

/* Names forbidden, a password where none is wanted: that is no reason. */
static void test_goes_on(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, NULL, "p",
        (const char *[]){"-ERR AUTH <password> called without any password "
                         "configured for the default user.\r\n",
                         "-NOPERM no permissions to run 'client'\r\n",
                         "-NOPERM no permissions to run 'ping'\r\n", NULL},
        ask_ping);
    assert_true(w.ready);
    assert_false(w.failed);
    assert_int_equal(w.last.code, ERR_RIGHT);
    done(&w);
}

static void ask_forbidden(struct world *w)
{
    static const char *const words[][3] = {
        {"GRAPH.QUERY", "g", "RETURN 1"},
        {"GRAPH.DELETE", "g"},
        {"GRAPH.RO_QUERY", "g"},
        {"graph.ro_query", "g", "RETURN 1"},
        {"SET", "a", "b"},
        {"GET", "a"},
        {"FLUSHALL"},
        {"SHUTDOWN"},
        {"CONFIG", "GET", "requirepass"},
        {"CLIENT", "SETNAME", "other"},
        {"CLIENT", "KILL", "terrarium"},
        {"EVAL", "return 1", "0"},
        {"MONITOR"},
        {"SUBSCRIBE", "a"},
        {"PING", "a"},
        {"PING\r\nFLUSHALL"},
        {""},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ask(w, words[i][0], words[i][1], words[i][2]);
    assert_int_equal(w->refused, sizeof words / sizeof *words);
    ask_ping(w);
}

/* What is not in the list is not sent: no byte of it. */
static void test_only_reads(void **state)
{
    const struct span timed[] = {
        span_of("GRAPH.RO_QUERY"), span_of("g"), span_of("RETURN 1"),
        span_of("TIMEOUT"), span_of("5000")};
    struct span odd[5];
    struct world w = {0};

    (void)state;
    run(&w, NULL, NULL, (const char *[]){OK, "+PONG\r\n", NULL},
        ask_forbidden);
    assert_string_equal(w.in.ptr,
                        "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$9\r\n"
                        "terrarium\r\n*1\r\n$4\r\nPING\r\n");
    done(&w);
    assert_true(resp_allows(timed, 5));
    memcpy(odd, timed, sizeof odd);
    odd[4] = span_of("5x");
    assert_false(resp_allows(odd, 5));
    odd[4] = timed[4];
    odd[3] = span_of("--compact");
    assert_false(resp_allows(odd, 5));
    assert_false(resp_allows(timed, 4));
    assert_false(resp_allows(timed, 0));
}

static void ask_many(struct world *w)
{
    for (int i = 0; i < RESP_QUEUE_MAX + 3; i++)
        ask_ping(w);
    assert_int_equal(resp_pending(w->resp), RESP_QUEUE_MAX);
    assert_int_equal(w->refused, 3);
    end(w);
}

static void test_queue(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, NULL, NULL, (const char *[]){OK, "", NULL}, ask_many);
    assert_false(w.failed);
    done(&w);
}

/* The answer to PING is `bytes`, and the conversation fails so. */
static void broken(const char *bytes, int code)
{
    struct world w = {0};

    run(&w, NULL, NULL, (const char *[]){OK, bytes, "", NULL}, ask_ping);
    if (!w.failed || w.err.code != code)
        fail_msg("%.40s: %d (%s), not %d", bytes, w.err.code, w.err.msg,
                 code);
    assert_string_equal(buf_text(&w.got), "");
    done(&w);
}

static void test_broken(void **state)
{
    struct buf deep;

    (void)state;
    broken("HTTP/1.1 400 Bad Request\r\n\r\n", ERR_SYNTAX);
    broken("\x16\x03\x01\x02", ERR_SYNTAX);
    broken(">2\r\n$7\r\nmessage\r\n", ERR_SYNTAX); /* a push, of RESP3 */
    broken("%1\r\n+a\r\n+b\r\n", ERR_SYNTAX);
    broken("$1073741824\r\n", ERR_LIMIT);
    broken("$99999999999999999999999\r\n", ERR_SYNTAX);
    broken("*1\r\n*2\r\n$1073741824\r\n", ERR_LIMIT);
    broken("*1000000000\r\n", ERR_LIMIT);
    broken("*200000\r\n*200000\r\n", ERR_LIMIT);
    broken("$-5\r\n", ERR_SYNTAX);
    broken("*-9\r\n", ERR_SYNTAX);
    buf_init(&deep, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_str(&deep, "*1\r\n");
    broken(deep.ptr, ERR_SYNTAX);
    buf_finish(&deep);
}

static void test_silence(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, NULL, NULL, (const char *[]){OK, "*2\r\n:1\r\n", NULL},
        ask_ping);
    assert_int_equal(w.err.code, ERR_SILENT);
    done(&w);
}

static void test_end(void **state)
{
    struct world w = {0};

    (void)state;
    run(&w, NULL, NULL, (const char *[]){OK, NULL}, ask_ping);
    assert_true(w.failed);
    assert_int_equal(w.err.code, ERR_CUT);
    done(&w);
}

/* Larger than its bound though no length was announced. */
static void test_too_large(void **state)
{
    struct resp_reader *d = resp_reader_create();
    static char text[60000];
    struct error err = {0};
    size_t fed = 0;

    (void)state;
    memset(text, 'a', sizeof text);
    assert_true(resp_reader_feed(d, "*1000\r\n", 7, &err));
    while (err.code == 0 && fed < (40u << 20)) {
        if (!resp_reader_feed(d, "$60000\r\n", 8, &err) ||
            !resp_reader_feed(d, text, sizeof text, &err) ||
            !resp_reader_feed(d, "\r\n", 2, &err))
            break;
        fed += sizeof text;
        assert_null(resp_reader_next(d, &err));
    }
    assert_int_equal(err.code, ERR_LIMIT);
    assert_true(fed < RESP_BYTES_MAX);
    resp_reader_destroy(d);

    /* a line without an end */
    d = resp_reader_create();
    assert_true(resp_reader_feed(d, "+", 1, &err));
    for (fed = 0; fed < 4; fed++) {
        assert_true(resp_reader_feed(d, text, sizeof text, &err));
        assert_null(resp_reader_next(d, &err));
        if (err.code != 0)
            break;
    }
    assert_int_equal(err.code, ERR_LIMIT);
    resp_reader_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks),      cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_password),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_goes_on),   cmocka_unit_test(test_only_reads),
        cmocka_unit_test(test_queue),     cmocka_unit_test(test_broken),
        cmocka_unit_test(test_silence),   cmocka_unit_test(test_end),
        cmocka_unit_test(test_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
