#include "config.h"

#include "data/kube/forward.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/kube/client_priv.h"
#include "data/kube/service.h"
#include "data/kube/socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * forward   two listeners, a timer, and `pipe`s: a local connection, and the
 *           WebSocket it is joined to. A pipe is freed when its two handles
 *           and its socket are closed; the forward, when it is closed and
 *           has no pipe any more.
 */

#define PROTOCOL "v4.channel.k8s.io"
#define RETRY_MS 250
#define CHUNK (WEBSOCKET_SEND - 1)

/* Our end: TCP on the loopback, or a Unix socket. */
union near {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t local;
};

struct pipe {
    struct kube_forward *f;
    struct pipe *next;
    union near near;
    uv_timer_t timer; /* tries again; or lingers */
    struct kube_socket *socket;
    char pod[ACT_NAME];   /* it is joined to, or was tried */
    char avoid[ACT_NAME]; /* a pod that is gone */
    char *kept; /* a chunk the queue did not take */
    size_t kept_len;
    int64_t begun_ms;
    int handles;
    bool open, closing, paused, eof, done;
    bool port_seen[2]; /* the server's first message on each channel */
    bool reset; /* it was cut */
};

struct kube_forward {
    struct kube_reach *reach;
    struct kube_forward_calls calls;
    struct kube_forward_state state;
    char *ns, *agent;
    union near at[2]; /* 127.0.0.1 and ::1; or the Unix socket */
    struct kube_service *service; /* it leads to; NULL: to an agent */
    char *socket;                 /* path of the Unix socket; NULL: TCP */
    bool bound[2], waiting[2]; /* waiting: somebody is not accepted yet */
    uv_timer_t begin;
    struct opening *opening;
    struct pipe *pipes;
    struct error error;
    int handles; /* listeners, timer */
    bool writing, closing, gone, full_told;
};

static void finish(struct kube_forward *f)
{
    struct kube_reach *reach = f->reach;

    if (f->handles > 0 || f->pipes != NULL || f->writing)
        return;
    f->calls.closed(&f->error, f->calls.arg);
    opening_end(f->opening);
    kube_service_destroy(f->service);
    free(f->ns);
    free(f->agent);
    free(f->socket);
    free(f);
    kube_reach_leave(reach);
}

static void tell(struct kube_forward *f, const char *line)
{
    if (!f->closing && f->calls.told != NULL)
        f->calls.told(line, f->calls.arg);
}

static void changed(struct kube_forward *f)
{
    if (!f->closing && f->calls.changed != NULL)
        f->calls.changed(f->calls.arg);
}

static void accept_waiting(struct kube_forward *f);

static void free_pipe(struct pipe *p)
{
    struct kube_forward *f = p->f;
    struct pipe **link = &f->pipes;

    if (p->handles > 0 || p->socket != NULL)
        return;
    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
    f->state.connections--;
    free(p->kept);
    free(p);
    changed(f);
    if (f->closing)
        finish(f);
    else
        accept_waiting(f);
}

static void on_pipe_closed(uv_handle_t *h)
{
    struct pipe *p = h->data;

    p->handles--;
    free_pipe(p);
}

static void close_pipe(struct pipe *p)
{
    if (p->closing)
        return;
    p->closing = true;
    if (!p->reset || p->f->socket != NULL ||
        uv_tcp_close_reset(&p->near.tcp, on_pipe_closed) != 0)
        uv_close(&p->near.handle, on_pipe_closed);
    uv_close((uv_handle_t *)&p->timer, on_pipe_closed);
    if (p->socket != NULL)
        kube_socket_close(p->socket);
}

/* It failed: the client sees a reset, people a line. */
static void fail_pipe(struct pipe *p, const char *why)
{
    struct kube_forward *f = p->f;
    char line[400];

    if (p->closing)
        return;
    snprintf(f->state.note, sizeof f->state.note, "%.239s", why);
    snprintf(line, sizeof line, "a connection to %.100s: %s", f->agent,
             f->state.note);
    /* the runtime dials at once, and says so when nobody listens */
    f->state.refused = !p->open || strstr(why, "refused") != NULL;
    p->reset = true;
    close_pipe(p);
    tell(f, line);
}

static void try_pod(struct pipe *p);

static void on_try(uv_timer_t *timer)
{
    try_pod(timer->data);
}

static void try_later(struct pipe *p, const char *why)
{
    int64_t now = (int64_t)uv_now(p->f->reach->loop);

    if (now - p->begun_ms >= KUBE_FORWARD_WAIT_MS)
        fail_pipe(p, why);
    else
        uv_timer_start(&p->timer, on_try, RETRY_MS, 0);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[CHUNK]; /* one loop, one read at a time */

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_linger(uv_timer_t *timer)
{
    close_pipe(timer->data);
}

static void linger(struct pipe *p)
{
    uv_timer_start(&p->timer, on_linger, KUBE_FORWARD_LINGER_MS, 0);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct pipe *p = s->data;

    if (n == 0 || p->closing)
        return;
    if (n == UV_EOF) {
        uv_read_stop(s);
        p->eof = true;
        linger(p);
        return;
    }
    if (n < 0) { /* the client is gone */
        close_pipe(p);
        return;
    }
    p->f->state.up += (uint64_t)n;
    if (kube_socket_send(p->socket, 0, b->base, (size_t)n))
        return;
    p->kept = xcalloc(1, (size_t)n);
    memcpy(p->kept, b->base, (size_t)n);
    p->kept_len = (size_t)n;
    uv_read_stop(s);
}

static void on_drained(void *arg)
{
    struct pipe *p = arg;

    if (p->closing || p->kept == NULL ||
        !kube_socket_send(p->socket, 0, p->kept, p->kept_len))
        return;
    free(p->kept);
    p->kept = NULL;
    uv_read_start(&p->near.stream, on_alloc, on_read);
}

static void on_open(const char *protocol, void *arg)
{
    struct pipe *p = arg;
    struct kube_forward *f = p->f;
    char line[ACT_NAME + 120];

    (void)protocol;
    if (p->closing)
        return;
    p->open = true;
    if (strcmp(f->state.pod, p->pod) != 0) {
        if (f->state.pod[0] != '\0') {
            snprintf(line, sizeof line, "%.60s is gone or not ready: now to %s",
                     f->state.pod, p->pod);
            tell(f, line);
        }
        snprintf(f->state.pod, sizeof f->state.pod, "%s", p->pod);
    }
    f->state.note[0] = '\0';
    changed(f);
    uv_read_start(&p->near.stream, on_alloc, on_read);
}

struct write {
    uv_write_t req;
    char bytes[];
};

static void on_written(uv_write_t *req, int status)
{
    struct pipe *p = req->handle->data;

    free(req);
    if (p->closing)
        return;
    if (status < 0) {
        close_pipe(p);
        return;
    }
    if (p->done && uv_stream_get_write_queue_size(&p->near.stream) == 0)
        close_pipe(p);
    else if (p->paused && uv_stream_get_write_queue_size(
                              &p->near.stream) <= KUBE_FORWARD_HELD / 4) {
        p->paused = false;
        kube_socket_pause(p->socket, false);
    }
}

static void pass_on(struct pipe *p, const char *bytes, size_t n)
{
    struct write *w;
    uv_buf_t b = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)n);
    int taken = uv_try_write(&p->near.stream, &b, 1);

    p->f->state.down += n;
    if (p->eof)
        linger(p);
    if (taken < 0)
        taken = 0;
    if ((size_t)taken == n)
        return;
    bytes += taken;
    n -= (size_t)taken;
    w = xcalloc(1, sizeof *w + n);
    memcpy(w->bytes, bytes, n);
    b = uv_buf_init(w->bytes, (unsigned)n);
    if (uv_write(&w->req, &p->near.stream, &b, 1, on_written) != 0) {
        free(w);
        close_pipe(p);
        return;
    }
    if (!p->paused && uv_stream_get_write_queue_size(
                          &p->near.stream) > KUBE_FORWARD_HELD) {
        p->paused = true;
        kube_socket_pause(p->socket, true);
    }
}

static void on_message(const char *m, size_t n, void *arg)
{
    struct pipe *p = arg;
    char why[200];
    size_t line = 0;

    if (p->closing || n < 2 || (unsigned char)*m > 1)
        return;
    if (!p->port_seen[(int)*m]) { /* the port comes first, on each channel */
        p->port_seen[(int)*m] = true;
        if (n == 3)
            return;
    }
    m++;
    n--;
    if (m[-1] == 0) {
        pass_on(p, m, n);
        return;
    }
    while (line < n && line < 160 && m[line] != '\n')
        line++;
    snprintf(why, sizeof why, "port %u: %.*s", p->f->state.remote, (int)line,
             m);
    fail_pipe(p, why);
}

static void on_closed(const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    struct pipe *p = arg;
    struct error why;

    p->socket = NULL;
    if (p->closing) {
        free_pipe(p);
        return;
    }
    if (p->open && err->code == 0) { /* the pod closed it */
        p->done = true;
        uv_read_stop(&p->near.stream);
        if (uv_stream_get_write_queue_size(&p->near.stream) == 0)
            close_pipe(p);
        return;
    }
    kube_reach_explain(answer, err, p->f->ns, &why);
    if (!p->open && (why.code == ERR_ABSENT || answer->status >= 500)) {
        snprintf(p->avoid, sizeof p->avoid, "%s", p->pod);
        try_later(p, why.msg);
    } else {
        fail_pipe(p, why.msg);
    }
}

/* One that is ready, and the port it is spoken to at. */
static int find_pod(struct kube_forward *f, const char *avoid,
                    struct kube_pod *ret, uint16_t *port, struct error *err)
{
    struct kube_service_pod behind;

    *port = f->state.remote;
    if (f->service == NULL)
        return kube_pod_of(f->reach->store, f->ns, f->agent, avoid, ret, err);
    if (kube_service_find(f->service, avoid, &behind, err) != 0)
        return err->code;
    *ret = (struct kube_pod){.ready = true};
    snprintf(ret->ns, sizeof ret->ns, "%s", f->ns);
    snprintf(ret->name, sizeof ret->name, "%s", behind.name);
    *port = behind.port;
    return 0;
}

static void try_pod(struct pipe *p)
{
    const struct websocket_calls calls = {on_open, on_message, on_drained,
                                          on_closed, p};
    struct kube_forward *f = p->f;
    struct kube_pod pod;
    struct error err;
    uint16_t port;
    char *path;

    if (p->closing)
        return;
    if (find_pod(f, p->avoid[0] ? p->avoid : NULL, &pod, &port, &err) != 0) {
        p->avoid[0] = '\0'; /* it may have been a passing trouble */
        try_later(p, err.msg);
        return;
    }
    snprintf(p->pod, sizeof p->pod, "%s", pod.name);
    path = xasprintf("/api/v1/namespaces/%s/pods/%s/portforward?ports=%u",
                     pod.ns, pod.name, port);
    if (f->service != NULL)
        http_allow_transport(kube_client_http(f->reach->client), path);
    p->socket = kube_socket_open(f->reach->client, path, PROTOCOL, &calls);
    free(path);
}

static void accept_one(struct kube_forward *f, int i)
{
    struct pipe *p;

    if (f->state.connections >= KUBE_FORWARD_MAX) {
        f->waiting[i] = true;
        if (!f->full_told)
            tell(f, "as many connections as there may be: more have to wait");
        f->full_told = true;
        return;
    }
    f->waiting[i] = false;
    p = xcalloc(1, sizeof *p);
    p->f = f;
    p->next = f->pipes;
    f->pipes = p;
    p->handles = 2;
    p->begun_ms = (int64_t)uv_now(f->reach->loop);
    if (f->socket != NULL)
        uv_pipe_init(f->reach->loop, &p->near.local, 0);
    else
        uv_tcp_init(f->reach->loop, &p->near.tcp);
    uv_timer_init(f->reach->loop, &p->timer);
    p->near.handle.data = p->timer.data = p;
    f->state.connections++;
    f->state.total++;
    if (uv_accept(&f->at[i].stream, &p->near.stream) != 0) {
        close_pipe(p);
        return;
    }
    if (f->socket == NULL)
        uv_tcp_nodelay(&p->near.tcp, 1);
    changed(f);
    try_pod(p);
}

static void accept_waiting(struct kube_forward *f)
{
    for (int i = 0; i < 2; i++)
        if (f->waiting[i])
            accept_one(f, i);
}

static void on_connection(uv_stream_t *s, int status)
{
    struct kube_forward *f = s->data;

    if (status == 0 && !f->closing)
        accept_one(f, s == &f->at[1].stream);
}

static void on_handle_closed(uv_handle_t *h)
{
    struct kube_forward *f = h->data;

    f->handles--;
    finish(f);
}

static void end(struct kube_forward *f)
{
    char note[120];

    if (f->closing)
        return;
    f->closing = true;
    if (f->opening != NULL) {
        snprintf(note, sizeof note, "%llu connections, %llu bytes up, %llu "
                                    "down",
                 (unsigned long long)f->state.total,
                 (unsigned long long)f->state.up,
                 (unsigned long long)f->state.down);
        opening_step(f->opening, "ended",
                     f->error.code ? f->error.msg : note);
    }
    for (int i = 0; i < 2; i++)
        if (f->bound[i])
            uv_close(&f->at[i].handle, on_handle_closed);
    uv_close((uv_handle_t *)&f->begin, on_handle_closed);
    for (struct pipe *p = f->pipes; p != NULL; p = p->next) {
        p->reset = true;
        close_pipe(p);
    }
}

static void fail(struct kube_forward *f, const struct error *err)
{
    f->error = *err;
    end(f);
}

/* The intent is durable. */
static void on_intent(const struct error *err, void *arg)
{
    struct kube_forward *f = arg;
    struct error e;
    int r;

    f->writing = false;
    if (f->closing) {
        finish(f);
        return;
    }
    if (err->code != 0) {
        fail(f, err);
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (!f->bound[i])
            continue;
        r = uv_listen(&f->at[i].stream, 128, on_connection);
        if (r == 0)
            continue;
        error_set(&e, ERR_CONNECT, "port %u: %s", f->state.local,
                  uv_strerror(r));
        fail(f, &e);
        return;
    }
    f->state.listens = true;
    if (f->opening != NULL)
        opening_step(f->opening, "opened", NULL);
    f->calls.listening(f->calls.arg);
}

static void on_begin(uv_timer_t *timer)
{
    struct kube_forward *f = timer->data;
    struct opening *opening;
    char title[ACT_NAME + 80], path[700];

    if (f->service != NULL) { /* a source's way, nobody's act */
        on_intent(&(struct error){0}, f);
        return;
    }
    snprintf(title, sizeof title, "127.0.0.1:%u -> %s:%u", f->state.local,
             f->agent, f->state.remote);
    snprintf(path, sizeof path,
             "/api/v1/namespaces/%s/pods/…/portforward?ports=%u", f->ns,
             f->state.remote);
    f->writing = true;
    opening = opening_begin(f->reach->journal,
                            &(struct opening_want){.act = "port-forward",
                                                   .ns = f->ns,
                                                   .name = f->agent,
                                                   .uid = kube_reach_uid(
                                                       f->reach, f->ns,
                                                       f->agent),
                                                   .title = title,
                                                   .who = f->reach->who,
                                                   .path = path},
                            on_intent, f);
    if (f->closing)
        opening_end(opening);
    else
        f->opening = opening;
}

/* Binds one of the two; the port it got. 0 or libuv's error. */
static int bind_one(struct kube_forward *f, int i, uint16_t *port)
{
    struct sockaddr_storage at;
    int len = sizeof at, r;

    if (i == 0)
        uv_ip4_addr("127.0.0.1", *port, (struct sockaddr_in *)&at);
    else
        uv_ip6_addr("::1", *port, (struct sockaddr_in6 *)&at);
    uv_tcp_init(f->reach->loop, &f->at[i].tcp);
    f->at[i].handle.data = f;
    f->bound[i] = true;
    f->handles++;
    r = uv_tcp_bind(&f->at[i].tcp, (struct sockaddr *)&at,
                    i == 1 ? UV_TCP_IPV6ONLY : 0);
    if (r == 0)
        /* an address in use is told here, or only by listen */
        r = uv_tcp_getsockname(&f->at[i].tcp, (struct sockaddr *)&at, &len);
    if (r == 0)
        *port = ntohs(i == 0 ? ((struct sockaddr_in *)&at)->sin_port
                             : ((struct sockaddr_in6 *)&at)->sin6_port);
    return r;
}

static void silent(const struct error *err, void *arg)
{
    (void)err;
    (void)arg;
}

/* A socket that only this user can open; what a dead one left goes. */
static int bind_socket(struct kube_forward *f)
{
    int r;

    unlink(f->socket);
    uv_pipe_init(f->reach->loop, &f->at[0].local, 0);
    f->at[0].handle.data = f;
    f->bound[0] = true;
    f->handles++;
    r = uv_pipe_bind(&f->at[0].local, f->socket);
    return r == 0 && chmod(f->socket, 0600) != 0 ? UV_EACCES : r;
}

static int bind_ports(struct kube_forward *f, uint16_t local)
{
    uint16_t port = local;
    int bad = bind_one(f, 0, &port);

    f->state.local = port;
    if (bad != 0)
        return bad;
    bad = bind_one(f, 1, &port);
    if (bad == UV_EADDRNOTAVAIL || bad == UV_EAFNOSUPPORT) {
        f->bound[1] = false; /* no IPv6 on this machine */
        uv_close(&f->at[1].handle, on_handle_closed);
        bad = 0;
    }
    return bad;
}

static struct kube_forward *begin(struct kube_reach *r, const char *ns,
                                  const char *name, uint16_t remote,
                                  const struct kube_forward_calls *calls)
{
    struct kube_forward *f = xcalloc(1, sizeof *f);

    f->reach = r;
    f->calls = *calls;
    f->ns = xstrdup(ns);
    f->agent = xstrdup(name);
    f->state.remote = remote;
    f->handles = 1;
    uv_timer_init(r->loop, &f->begin);
    f->begin.data = f;
    kube_reach_take(r);
    return f;
}

/* It is bound, or it never was. */
static struct kube_forward *go_on(struct kube_forward *f, int bad,
                                  struct error *err)
{
    if (bad == 0) {
        uv_timer_start(&f->begin, on_begin, 0, 0);
        return f;
    }
    if (f->socket != NULL)
        error_set(err, ERR_CONNECT, "%.150s: %s", f->socket,
                  uv_strerror(bad));
    else
        error_set(err, ERR_CONNECT, "port %u: %s", f->state.local,
                  uv_strerror(bad));
    f->calls.closed = silent;
    end(f);
    return NULL;
}

struct kube_forward *kube_forward_open(struct kube_reach *r,
                                       const struct kube_forward_want *want,
                                       const struct kube_forward_calls *calls,
                                       struct error *err)
{
    struct kube_forward *f;

    if (!kube_reach_may(r, err))
        return NULL;
    if (store_find(r->store, KIND_AGENT, span_of(want->ns),
                   span_of(want->agent)) == SLOT_NONE) {
        error_set(err, ERR_ABSENT, "there is no agent '%.100s'", want->agent);
        return NULL;
    }
    f = begin(r, want->ns, want->agent, want->remote, calls);
    return go_on(f, bind_ports(f, want->local), err);
}

struct kube_forward *kube_forward_service(
    struct kube_reach *r, const struct kube_forward_service_want *want,
    const struct kube_forward_calls *calls, struct error *err)
{
    struct kube_service *service =
        kube_service_create(r->client, want->ns, want->service, want->port,
                            err);
    struct kube_forward *f;

    if (service == NULL)
        return NULL;
    f = begin(r, want->ns, want->service, want->port, calls);
    f->service = service;
    if (want->socket == NULL)
        return go_on(f, bind_ports(f, 0), err);
    f->socket = xstrdup(want->socket);
    return go_on(f, bind_socket(f), err);
}

void kube_forward_state(const struct kube_forward *f,
                        struct kube_forward_state *ret)
{
    *ret = f->state;
}

void kube_forward_close(struct kube_forward *f)
{
    error_clear(&f->error);
    end(f);
}
