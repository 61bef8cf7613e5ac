#include "config.h"

#include "data/net/connection.h"

#include "base/xalloc.h"
#include "data/net/easy.h"

#include <stdlib.h>

/*
 * While it connects curl names the sockets it waits for (`socks`; there may
 * be several: two addresses are tried side by side, the name look-up has its
 * own). When it has connected these are gone, and the one descriptor that is
 * left is polled by `poll`. The easy handle stays in the multi handle to the
 * end: taken out, curl would close its connection.
 */

struct sock {
    uv_poll_t poll;
    struct connection *c;
    struct sock *next;
    curl_socket_t fd;
};

struct connection {
    uv_loop_t *loop;
    CURLM *multi;
    CURL *easy;
    struct easy_address address;
    char errors[CURL_ERROR_SIZE];
    struct connection_calls calls;
    uv_timer_t wake; /* curl's own; when open: readable again */
    struct sock *socks;
    struct sock *line; /* the connection, when open */
    int handles;
    bool open, closing, failed;
    bool read, write; /* wanted */
    bool drained;     /* the last read brought nothing */
};

static void act(struct connection *c, curl_socket_t fd, int what);

static void finish(struct connection *c)
{
    if (--c->handles > 0)
        return;
    c->calls.closed(c->calls.arg);
    easy_address_finish(&c->address);
    free(c);
}

static void on_sock_closed(uv_handle_t *h)
{
    struct sock *s = h->data;
    struct connection *c = s->c;

    free(s);
    finish(c);
}

static void on_wake_closed(uv_handle_t *h)
{
    finish(h->data);
}

static struct sock *add_sock(struct connection *c, curl_socket_t fd)
{
    struct sock *s = xcalloc(1, sizeof *s);

    s->c = c;
    s->fd = fd;
    if (uv_poll_init_socket(c->loop, &s->poll, fd) != 0) {
        free(s);
        return NULL;
    }
    s->poll.data = s;
    c->handles++;
    return s;
}

static void drop_sock(struct sock *s)
{
    uv_poll_stop(&s->poll);
    uv_close((uv_handle_t *)&s->poll, on_sock_closed);
}

static void drop_socks(struct connection *c)
{
    while (c->socks != NULL) {
        struct sock *s = c->socks;

        c->socks = s->next;
        drop_sock(s);
    }
}

static void fail(struct connection *c, const struct error *err)
{
    if (c->failed || c->closing)
        return;
    c->failed = true;
    c->calls.failed(err, c->calls.arg);
}

static void on_wake(uv_timer_t *timer)
{
    struct connection *c = timer->data;

    if (!c->open)
        act(c, CURL_SOCKET_TIMEOUT, 0);
    else if (c->read && !c->closing)
        c->calls.readable(c->calls.arg);
    if (c->open && c->read && !c->drained)
        connection_again(c);
}

static void on_line(uv_poll_t *poll, int status, int events)
{
    struct connection *c = ((struct sock *)poll->data)->c;

    if (c->closing)
        return;
    /* an error is found by the one who reads */
    if (c->read && (status < 0 || (events & UV_READABLE))) {
        c->drained = false;
        c->calls.readable(c->calls.arg);
    }
    if (!c->closing && c->write && (status < 0 || (events & UV_WRITABLE)))
        c->calls.writable(c->calls.arg);
    if (c->read && !c->drained)
        connection_again(c);
    if (status < 0 && !c->closing)
        uv_poll_stop(poll);
}

static void poll_line(struct connection *c)
{
    int events = (c->read ? UV_READABLE : 0) | (c->write ? UV_WRITABLE : 0);

    if (c->closing || c->line == NULL)
        return;
    if (events == 0)
        uv_poll_stop(&c->line->poll);
    else
        uv_poll_start(&c->line->poll, events, on_line);
}

static void connected(struct connection *c)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    struct error err;

    drop_socks(c);
    uv_timer_stop(&c->wake);
    curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &fd);
    c->line = fd != CURL_SOCKET_BAD ? add_sock(c, fd) : NULL;
    if (c->line == NULL) {
        error_set(&err, ERR_CONNECT, "the connection is gone at once");
        fail(c, &err);
        return;
    }
    c->open = true;
    poll_line(c);
    c->calls.open(c->calls.arg);
}

static void act(struct connection *c, curl_socket_t fd, int what)
{
    CURLMsg *msg;
    struct error err;
    int left;

    curl_multi_socket_action(c->multi, fd, what, &left);
    while (!c->closing &&
           (msg = curl_multi_info_read(c->multi, &left)) != NULL) {
        if (msg->msg != CURLMSG_DONE)
            continue;
        if (msg->data.result == CURLE_OK) {
            connected(c);
        } else {
            easy_explain(msg->data.result, c->errors, &err);
            fail(c, &err);
        }
        return;
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct sock *s = poll->data;
    int what = status < 0 ? CURL_CSELECT_ERR : 0;

    if (events & UV_READABLE)
        what |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        what |= CURL_CSELECT_OUT;
    act(s->c, s->fd, what);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
                     void *sock)
{
    struct connection *c = arg;
    struct sock *s = sock, **link;
    int events = 0;

    (void)easy;
    if (c->open || c->closing)
        return 0;
    if (what == CURL_POLL_REMOVE) {
        for (link = &c->socks; *link != NULL && *link != s;)
            link = &(*link)->next;
        if (s == NULL || *link == NULL)
            return 0;
        *link = s->next;
        curl_multi_assign(c->multi, fd, NULL);
        drop_sock(s);
        return 0;
    }
    if (s == NULL) {
        s = add_sock(c, fd);
        if (s == NULL)
            return -1;
        s->next = c->socks;
        c->socks = s;
        curl_multi_assign(c->multi, fd, s);
    }
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    uv_poll_start(&s->poll, events, on_poll);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct connection *c = arg;

    (void)multi;
    if (c->open || c->closing)
        return 0;
    if (ms < 0)
        uv_timer_stop(&c->wake);
    else
        uv_timer_start(&c->wake, on_wake, ms > 0 ? (uint64_t)ms : 1, 0);
    return 0;
}

struct connection *connection_open(uv_loop_t *loop,
                                   const struct http_target *target,
                                   const struct connection_calls *calls)
{
    struct connection *c = xcalloc(1, sizeof *c);
    CURL *e;

    c->loop = loop;
    c->calls = *calls;
    c->read = true;
    uv_timer_init(loop, &c->wake);
    c->wake.data = c;
    c->handles = 1;
    c->multi = curl_multi_init();
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    c->easy = e = curl_easy_init();
    easy_set_target(e, target, "/", &c->address);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->errors);
    curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* no wait for a look-up */
#endif
    curl_multi_add_handle(c->multi, e);
    return c;
}

ssize_t connection_read(struct connection *c, void *p, size_t n,
                        struct error *err)
{
    size_t got = 0;
    CURLcode r;

    error_clear(err);
    if (c->closing || !c->open)
        return 0;
    r = curl_easy_recv(c->easy, p, n, &got);
    if (r == CURLE_AGAIN) {
        c->drained = true;
        return 0;
    }
    c->drained = r != CURLE_OK || got == 0;
    if (r == CURLE_OK && got > 0)
        return (ssize_t)got;
    c->read = false; /* an end is told once */
    poll_line(c);
    easy_explain(r, c->errors, err);
    return -1;
}

ssize_t connection_write(struct connection *c, const void *p, size_t n,
                         struct error *err)
{
    size_t taken = 0;
    CURLcode r;

    error_clear(err);
    if (c->closing || !c->open || n == 0)
        return 0;
    r = curl_easy_send(c->easy, p, n, &taken);
    if (r == CURLE_AGAIN)
        return 0;
    if (r == CURLE_OK)
        return (ssize_t)taken;
    easy_explain(r, c->errors, err);
    return -1;
}

void connection_again(struct connection *c)
{
    /* not 0: older libuv runs a timer that is due within its own turn, and
       nothing else would ever be looked at */
    if (c->open && !c->closing)
        uv_timer_start(&c->wake, on_wake, 1, 0);
}

void connection_want(struct connection *c, bool read, bool write)
{
    bool more = read && !c->read;

    if (c->read == read && c->write == write)
        return;
    c->read = read;
    c->write = write;
    poll_line(c);
    if (more) /* TLS may hold bytes that no poll tells of */
        connection_again(c);
}

void connection_close(struct connection *c)
{
    if (c->closing)
        return;
    c->closing = true;
    drop_socks(c);
    if (c->line != NULL)
        drop_sock(c->line);
    curl_multi_remove_handle(c->multi, c->easy);
    curl_easy_cleanup(c->easy);
    curl_multi_cleanup(c->multi);
    uv_close((uv_handle_t *)&c->wake, on_wake_closed);
}
