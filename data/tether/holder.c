#include "config.h"

#include "data/tether/holder.h"

#include "base/buf.h"
#include "base/frames.h"
#include "base/xalloc.h"
#include "data/tether/tether_impl.h"

#include <stdlib.h>
#include <string.h>

struct holder_tether {
    struct tether base;
    uv_pipe_t pipe;
    uv_connect_t connect;
    struct buf in;
    struct error error;
    bool open, closing;
};

struct write {
    uv_write_t req;
    char bytes[];
};

static void on_written(uv_write_t *req, int status)
{
    (void)status;
    free(req);
}

static void send_frame(struct holder_tether *t, enum wire_type type, const void *p,
                       size_t n)
{
    struct wire_head head = {.type = (uint8_t)type, .len = (uint32_t)n};
    struct write *w;
    uv_buf_t b;

    if (!t->open || t->closing || n > WIRE_FRAME_MAX)
        return;
    w = xcalloc(1, sizeof *w + sizeof head + n);
    memcpy(w->bytes, &head, sizeof head);
    if (n > 0)
        memcpy(w->bytes + sizeof head, p, n);
    b = uv_buf_init(w->bytes, (unsigned)(sizeof head + n));
    if (uv_write(&w->req, (uv_stream_t *)&t->pipe, &b, 1, on_written) != 0)
        free(w);
}

static void on_closed(uv_handle_t *h)
{
    struct holder_tether *t = h->data;

    buf_finish(&t->in);
    t->base.calls.closed(&t->error, t->base.calls.arg);
    free(t);
}

static void end(struct holder_tether *t)
{
    if (t->closing)
        return;
    t->closing = true;
    uv_close((uv_handle_t *)&t->pipe, on_closed);
}

static bool take(uint8_t type, const char *p, size_t n, void *arg)
{
    struct holder_tether *t = arg;
    const struct wire_attach want = {WIRE_VERSION, 0, 0};
    const uint8_t quietly = 0;
    struct wire_hello hello;
    struct wire_size size;
    struct wire_typist typist;
    struct wire_exit e;
    struct tether_end end_of;

    switch (type) {
    case WIRE_HELLO:
        if (n < sizeof hello)
            break;
        memcpy(&hello, p, sizeof hello);
        t->base.calls.size(hello.size, t->base.calls.arg);
        send_frame(t, WIRE_ATTACH, &want, sizeof want);
        send_frame(t, WIRE_TYPE, &quietly, 1);
        break;
    case WIRE_OUTPUT:
        if (n > sizeof(uint64_t))
            t->base.calls.output(p + sizeof(uint64_t), n - sizeof(uint64_t),
                            t->base.calls.arg);
        break;
    case WIRE_SIZE:
        if (n < sizeof size)
            break;
        memcpy(&size, p, sizeof size);
        t->base.calls.size(size, t->base.calls.arg);
        break;
    case WIRE_TYPIST:
        if (n < sizeof typist)
            break;
        memcpy(&typist, p, sizeof typist);
        t->base.calls.typist(typist.you != 0, typist.some ? typist.pid : 0,
                        t->base.calls.arg);
        break;
    case WIRE_EXIT:
        if (n < sizeof e)
            break;
        memcpy(&e, p, sizeof e);
        end_of = (struct tether_end){
            e.signal != 0 ? TETHER_SIGNALLED : TETHER_EXITED,
            e.signal != 0 ? e.signal : e.code, ""};
        t->base.calls.ended(&end_of, t->base.calls.arg);
        break;
    default:
        break;
    }
    return !t->closing;
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[65536]; /* one loop, one read at a time */

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
    struct holder_tether *t = stream->data;

    if (n < 0) {
        error_set(&t->error, ERR_CUT, "its terminal is gone");
        end(t);
    } else if (!frames_add(&t->in, b->base, (size_t)n, take, t)) {
        error_set(&t->error, ERR_SYNTAX, "its holder speaks nonsense");
        end(t);
    }
}

static void on_connect(uv_connect_t *req, int status)
{
    struct holder_tether *t = req->data;

    if (status != 0) {
        error_set(&t->error, ERR_CONNECT, "its terminal does not answer: %s",
                  uv_strerror(status));
        end(t);
        return;
    }
    t->open = true;
    uv_read_start((uv_stream_t *)&t->pipe, on_alloc, on_read);
}

static struct holder_tether *of(struct tether *t)
{
    return (struct holder_tether *)t;
}

static void input(struct tether *t, const char *p, size_t n)
{
    while (n > 0) {
        size_t some = n < WIRE_FRAME_MAX ? n : WIRE_FRAME_MAX;

        send_frame(of(t), WIRE_INPUT, p, some);
        p += some;
        n -= some;
    }
}

static void resize(struct tether *t, struct wire_size size)
{
    send_frame(of(t), WIRE_RESIZE, &size, sizeof size);
}

static void type(struct tether *t, bool anyway)
{
    const uint8_t take_over = anyway;

    send_frame(of(t), WIRE_TYPE, &take_over, 1);
}

static void close_it(struct tether *t)
{
    error_clear(&of(t)->error);
    end(of(t));
}

static const struct tether_impl impl = {.input = input,
                                        .resize = resize,
                                        .type = type,
                                        .close = close_it};

struct tether *holder_tether_open(uv_loop_t *loop, const char *socket,
                                  const struct tether_calls *calls)
{
    struct holder_tether *t = xcalloc(1, sizeof *t);

    t->base.impl = &impl;
    t->base.calls = *calls;
    buf_init(&t->in, 1u << 20);
    uv_pipe_init(loop, &t->pipe, 0);
    t->pipe.data = t->connect.data = t;
    uv_pipe_connect(&t->connect, &t->pipe, socket, on_connect);
    return &t->base;
}
