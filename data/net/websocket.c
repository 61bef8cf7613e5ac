#include "config.h"

#include "data/net/websocket.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/net/connection.h"
#include "data/net/easy.h"
#include "data/net/upgrade.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

/*
 * Out: wslay's queue → `out` → connection. TLS wants a write that could not
 * be done repeated from the same place, so what is handed to the connection
 * stands in `out` until it is gone.
 * In: connection → `early` (what came behind the 101) → wslay.
 */

#define OUT_SIZE 32768
#define ANSWERS_MAX 256 /* frames queued while the server does not read */

struct websocket {
    struct connection *line;
    struct websocket_calls calls;
    struct upgrade upgrade;
    struct buf request, early;
    wslay_event_context_ptr ws; /* NULL: not open yet */
    uv_timer_t timer;
    uv_loop_t *loop;
    struct error error;
    char out[OUT_SIZE];
    size_t out_at, out_len;
    size_t early_at, turn; /* turn: bytes read in this one */
    int64_t last_ms;
    int open_parts; /* connection, timer */
    bool paused, full, closing, broken, refused, ended;
};

static void finish(struct websocket *w)
{
    if (--w->open_parts > 0)
        return;
    w->calls.closed(&w->upgrade.answer, &w->error, w->calls.arg);
    if (w->ws != NULL)
        wslay_event_context_free(w->ws);
    upgrade_finish(&w->upgrade);
    buf_finish(&w->request);
    buf_finish(&w->early);
    free(w);
}

static void on_closed(void *arg)
{
    finish(arg);
}

static void on_timer_closed(uv_handle_t *h)
{
    finish(h->data);
}

static void end(struct websocket *w)
{
    if (w->closing)
        return;
    w->closing = true;
    connection_close(w->line);
    uv_close((uv_handle_t *)&w->timer, on_timer_closed);
}

static void fail(struct websocket *w, const struct error *err)
{
    if (w->closing)
        return;
    w->error = *err;
    end(w);
}

/* What stands in `out`; false: it is not all gone. */
static bool flush(struct websocket *w)
{
    struct error err;

    while (w->out_at < w->out_len && !w->broken) {
        ssize_t n = connection_write(w->line, w->out + w->out_at,
                                     w->out_len - w->out_at, &err);

        if (n < 0) {
            /* the server's last words may still be there to be read */
            w->broken = true;
            return false;
        }
        if (n == 0)
            return false;
        w->out_at += (size_t)n;
    }
    w->out_at = w->out_len = 0;
    return true;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *p, size_t n,
                       int flags, void *arg)
{
    struct websocket *w = arg;
    size_t room;

    (void)flags;
    if (w->broken) {
        wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    if (w->out_len == sizeof w->out)
        flush(w);
    room = sizeof w->out - w->out_len;
    if (room == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    n = n < room ? n : room;
    memcpy(w->out + w->out_len, p, n);
    w->out_len += n;
    return (ssize_t)n;
}

static bool flooded(const struct websocket *w)
{
    return w->ws != NULL &&
           wslay_event_get_queued_msg_count(w->ws) > ANSWERS_MAX;
}

static bool reads(const struct websocket *w)
{
    return !w->paused && !w->ended && !flooded(w);
}

static void want(struct websocket *w)
{
    bool more = w->out_at < w->out_len;

    if (w->closing)
        return;
    if (w->ws != NULL)
        more |= wslay_event_want_write(w->ws) != 0;
    else
        more |= w->request.len > 0;
    connection_want(w->line, reads(w), more && !w->broken);
}

static void push(struct websocket *w)
{
    bool was_full = w->full;

    if (w->closing || w->ws == NULL)
        return;
    do {
        if (wslay_event_send(w->ws) != 0)
            break;
    } while (flush(w) && wslay_event_want_write(w->ws) && !w->broken);
    if (was_full &&
        wslay_event_get_queued_msg_length(w->ws) <= WEBSOCKET_QUEUE / 2) {
        w->full = false;
        if (w->calls.drained != NULL)
            w->calls.drained(w->calls.arg);
    }
    want(w);
}

static ssize_t on_receive(wslay_event_context_ptr ctx, uint8_t *p, size_t n,
                          int flags, void *arg)
{
    struct websocket *w = arg;
    size_t early = w->early.len - w->early_at;
    ssize_t got;
    struct error err;

    (void)flags;
    if (!reads(w) || w->closing || w->turn >= WEBSOCKET_TURN) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (early > 0) {
        n = n < early ? n : early;
        memcpy(p, w->early.ptr + w->early_at, n);
        w->early_at += n;
        return (ssize_t)n;
    }
    got = connection_read(w->line, p, n, &err);
    if (got > 0) {
        w->last_ms = (int64_t)uv_now(w->loop);
        w->turn += (size_t)got;
        return got;
    }
    if (got < 0) {
        w->ended = true;
        w->error = err;
    }
    wslay_event_set_error(ctx, got < 0 ? WSLAY_ERR_CALLBACK_FAILURE
                                       : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *p, size_t n,
                   void *arg)
{
    (void)arg;
    if (RAND_bytes(p, (int)n) == 1)
        return 0;
    wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_message(wslay_event_context_ptr ctx,
                       const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
    struct websocket *w = arg;

    (void)ctx;
    if (!w->closing && !wslay_is_ctrl_frame(m->opcode))
        w->calls.message((const char *)m->msg, m->msg_length, w->calls.arg);
}

/* After reading: is it over, and how? */
static void judge(struct websocket *w, int result)
{
    struct error err;
    int code;

    if (w->closing)
        return;
    if (wslay_event_get_close_received(w->ws)) {
        code = wslay_event_get_status_code_received(w->ws);
        error_clear(&err);
        if (code != WSLAY_CODE_NORMAL_CLOSURE &&
            code != WSLAY_CODE_NO_STATUS_RCVD &&
            code != WSLAY_CODE_GOING_AWAY)
            error_set(&err, ERR_SERVER, "the server closed it with code %d",
                      code);
        push(w); /* the answer to it, if it fits */
        fail(w, &err);
    } else if (w->ended) {
        err = w->error;
        if (err.code == 0)
            error_set(&err, ERR_CUT, "the connection was cut");
        fail(w, &err);
    } else if (result != 0 || !wslay_event_get_read_enabled(w->ws)) {
        code = wslay_event_get_status_code_sent(w->ws);
        push(w);
        if (wslay_event_get_status_code_sent(w->ws) ==
            WSLAY_CODE_MESSAGE_TOO_BIG)
            error_set(&err, ERR_LIMIT, "a message larger than %u bytes",
                      WEBSOCKET_MESSAGE);
        else
            error_set(&err, ERR_SYNTAX, "the server's frames are not right");
        fail(w, &err);
    }
}

static void pull(struct websocket *w)
{
    int r;

    w->turn = 0;
    r = wslay_event_recv(w->ws);
    if (w->early.len > 0 && w->early_at == w->early.len)
        buf_shrink(&w->early, 0);
    if (w->early.len == 0)
        w->early_at = 0;
    judge(w, r);
    push(w);
}

static void opened(struct websocket *w, const char *p, size_t n)
{
    static const struct wslay_event_callbacks calls = {
        on_receive, on_send, on_mask, NULL, NULL, NULL, on_message};

    if (wslay_event_context_client_init(&w->ws, &calls, w) != 0) {
        w->ws = NULL;
        error_set(&w->error, ERR_OTHER, "no memory for a WebSocket");
        end(w);
        return;
    }
    wslay_event_config_set_max_recv_msg_length(w->ws, WEBSOCKET_MESSAGE);
    buf_add(&w->early, p, n);
    w->last_ms = (int64_t)uv_now(w->loop);
    w->calls.open(w->upgrade.protocol, w->calls.arg);
}

/* The answer to the handshake. */
static void shake(struct websocket *w)
{
    char bytes[4096];
    struct error err;
    size_t used = 0;
    enum upgrade_step step;
    ssize_t n = connection_read(w->line, bytes, sizeof bytes, &err);

    if (n == 0)
        return;
    if (n < 0 && err.code != 0 && w->upgrade.head == 0) {
        fail(w, &err);
        return;
    }
    step = n < 0 ? upgrade_end(&w->upgrade, &err)
                 : upgrade_take(&w->upgrade, bytes, (size_t)n, &used, &err);
    if (step == UPGRADE_MORE)
        return;
    if (step == UPGRADE_OPEN)
        opened(w, bytes + used, (size_t)n - used);
    else if (step == UPGRADE_BROKEN)
        fail(w, &err);
    else
        end(w);
}

static void on_readable(void *arg)
{
    struct websocket *w = arg;

    if (w->closing)
        return;
    if (w->ws == NULL)
        shake(w);
    if (w->ws != NULL && !w->closing)
        pull(w);
}

static void on_writable(void *arg)
{
    struct websocket *w = arg;
    struct error err;

    if (w->ws != NULL) {
        flush(w);
        push(w);
        return;
    }
    while (w->request.len > 0 && !w->closing) {
        ssize_t n = connection_write(w->line, w->request.ptr + w->out_at,
                                     w->request.len - w->out_at, &err);

        if (n < 0)
            fail(w, &err);
        if (n <= 0)
            break;
        w->out_at += (size_t)n;
        if (w->out_at == w->request.len) {
            explicit_bzero(w->request.ptr, w->request.len); /* a token */
            buf_shrink(&w->request, 0);
            w->out_at = 0;
        }
    }
    want(w);
}

static void on_timer(uv_timer_t *timer)
{
    struct websocket *w = timer->data;
    const struct wslay_event_msg ping = {WSLAY_PING, NULL, 0};
    int64_t now = (int64_t)uv_now(w->loop);
    struct error err;

    if (w->ws == NULL) {
        if (now - w->last_ms < WEBSOCKET_ANSWER_MS)
            return;
        error_set(&err, ERR_SILENT, "accepts, but does not answer");
        fail(w, &err);
        return;
    }
    if (w->paused)
        w->last_ms = now;
    if (now - w->last_ms >= WEBSOCKET_SILENT_MS) {
        error_set(&err, ERR_SILENT, "silent for too long");
        fail(w, &err);
        return;
    }
    if (!flooded(w))
        wslay_event_queue_msg(w->ws, &ping);
    push(w);
}

static void on_open(void *arg)
{
    struct websocket *w = arg;

    w->last_ms = (int64_t)uv_now(w->loop);
    want(w);
    on_writable(w);
}

static void on_failed(const struct error *err, void *arg)
{
    fail(arg, err);
}

struct websocket *websocket_open(struct http *h,
                                 const struct http_target *target,
                                 const char *path, const char *protocols,
                                 const char *const *headers,
                                 const struct websocket_calls *calls,
                                 struct error *err)
{
    const struct connection_calls lines = {.open = on_open,
                                           .readable = on_readable,
                                           .writable = on_writable,
                                           .failed = on_failed,
                                           .closed = on_closed};
    struct connection_calls own = lines;
    struct easy_address address;
    struct websocket *w;
    bool fits;

    if (!http_may(h, "GET", path, err))
        return NULL;
    w = xcalloc(1, sizeof *w);
    w->loop = http_loop(h);
    w->calls = *calls;
    buf_init(&w->request, 128u << 10);
    buf_init(&w->early, 8192);
    easy_find_address(target, path, &address);
    fits = upgrade_begin(&w->upgrade, address.url, protocols, headers,
                         http_user_agent(h), &w->request);
    easy_address_finish(&address);
    if (!fits) {
        error_set(err, ERR_LIMIT, "the request is too long");
        upgrade_finish(&w->upgrade);
        buf_finish(&w->request);
        free(w);
        return NULL;
    }
    own.arg = w;
    w->open_parts = 2;
    w->last_ms = (int64_t)uv_now(w->loop);
    uv_timer_init(w->loop, &w->timer);
    w->timer.data = w;
    uv_timer_start(&w->timer, on_timer, WEBSOCKET_PING_MS, WEBSOCKET_PING_MS);
    w->line = connection_open(w->loop, target, &own);
    return w;
}

bool websocket_send(struct websocket *w, const void *a, size_t a_len,
                    const void *b, size_t b_len)
{
    char bytes[WEBSOCKET_SEND];
    const struct wslay_event_msg m = {WSLAY_BINARY_FRAME, (uint8_t *)bytes,
                                      a_len + b_len};

    if (w->ws == NULL || w->closing || a_len + b_len > sizeof bytes)
        return false;
    if (wslay_event_get_queued_msg_length(w->ws) + a_len + b_len >
        WEBSOCKET_QUEUE) {
        w->full = true;
        return false;
    }
    if (a_len > 0)
        memcpy(bytes, a, a_len);
    if (b_len > 0)
        memcpy(bytes + a_len, b, b_len);
    if (wslay_event_queue_msg(w->ws, &m) != 0)
        return false;
    push(w);
    return true;
}

void websocket_pause(struct websocket *w, bool on)
{
    if (w->paused == on || w->closing)
        return;
    w->paused = on;
    want(w);
    if (!on)
        connection_again(w->line); /* wslay may hold some */
}

void websocket_close(struct websocket *w)
{
    if (w->closing)
        return;
    if (w->ws != NULL && !w->broken) {
        wslay_event_queue_close(w->ws, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
        wslay_event_send(w->ws);
        flush(w);
    }
    error_clear(&w->error);
    end(w);
}
