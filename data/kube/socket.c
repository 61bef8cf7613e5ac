#include "config.h"

#include "data/kube/socket.h"

#include "base/xalloc.h"
#include "data/kube/client_priv.h"

#include <stdlib.h>

struct kube_socket {
    struct kube_client *c;
    struct websocket *ws; /* NULL: not open yet, or gone */
    struct websocket_calls calls;
    char *path, *protocols;
    uv_timer_t later; /* fails, or ends, but not within the caller's call */
    struct error early;
    uint64_t serial;
    bool repeated, closing, told;
};

static void ask(struct kube_socket *s);

static void on_later_closed(uv_handle_t *h)
{
    struct kube_socket *s = h->data;

    free(s->path);
    free(s->protocols);
    free(s);
}

/* The last word. */
static void tell(struct kube_socket *s, const struct http_answer *answer,
                 const struct error *err)
{
    if (s->told)
        return;
    s->told = s->closing = true;
    kube_auth_forget(kube_client_auth(s->c), s);
    s->calls.closed(answer, err, s->calls.arg);
    uv_close((uv_handle_t *)&s->later, on_later_closed);
}

static void on_later(uv_timer_t *timer)
{
    const struct http_answer none = {.retry_after_ms = -1};
    struct kube_socket *s = timer->data;

    tell(s, &none, &s->early);
}

static void fail_later(struct kube_socket *s, const struct error *err)
{
    s->early = *err;
    uv_timer_start(&s->later, on_later, 0, 0);
}

static void on_open(const char *protocol, void *arg)
{
    struct kube_socket *s = arg;

    s->calls.open(protocol, s->calls.arg);
}

static void on_message(const char *p, size_t n, void *arg)
{
    struct kube_socket *s = arg;

    s->calls.message(p, n, s->calls.arg);
}

static void on_drained(void *arg)
{
    struct kube_socket *s = arg;

    if (s->calls.drained != NULL)
        s->calls.drained(s->calls.arg);
}

static void on_closed(const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    struct kube_socket *s = arg;

    s->ws = NULL;
    if (answer->status == 401 && !s->repeated && !s->closing) {
        s->repeated = true;
        kube_auth_reject(kube_client_auth(s->c), s->serial);
        ask(s);
        return;
    }
    tell(s, answer, err);
}

static void on_credentials(const struct kube_credentials *creds,
                           const struct error *err, void *arg)
{
    struct kube_socket *s = arg;
    const struct websocket_calls calls = {on_open, on_message, on_drained,
                                          on_closed, s};
    const char *headers[KUBE_HEADERS_MAX];
    struct http_target target;
    struct error e = {0};

    if (s->closing)
        return;
    if (err != NULL) {
        fail_later(s, err);
        return;
    }
    s->serial = creds->serial;
    kube_client_dress(s->c, creds, &target, headers);
    s->ws = websocket_open(kube_client_http(s->c), &target, s->path,
                           s->protocols, headers, &calls, &e);
    if (s->ws == NULL)
        fail_later(s, &e);
}

static void ask(struct kube_socket *s)
{
    kube_auth_get(kube_client_auth(s->c), on_credentials, s);
}

struct kube_socket *kube_socket_open(struct kube_client *c, const char *path,
                                     const char *protocols,
                                     const struct websocket_calls *calls)
{
    struct kube_socket *s = xcalloc(1, sizeof *s);

    s->c = c;
    s->calls = *calls;
    s->path = xstrdup(path);
    s->protocols = xstrdup_or_null(protocols);
    uv_timer_init(http_loop(kube_client_http(c)), &s->later);
    s->later.data = s;
    ask(s);
    return s;
}

bool kube_socket_send(struct kube_socket *s, char channel, const void *p,
                      size_t n)
{
    return s->ws != NULL && !s->closing &&
           websocket_send(s->ws, &channel, 1, p, n);
}

void kube_socket_pause(struct kube_socket *s, bool on)
{
    if (s->ws != NULL && !s->closing)
        websocket_pause(s->ws, on);
}

void kube_socket_close(struct kube_socket *s)
{
    const struct error none = {0};

    if (s->closing)
        return;
    s->closing = true;
    if (s->ws != NULL)
        websocket_close(s->ws);
    else
        fail_later(s, &none);
}
