#include "config.h"

#include "data/net/http.h"

#include "base/buf.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/net/easy.h"
#include "data/net/policy.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/*
 * curl tells which sockets it waits for (on_socket) and when it wants to be
 * woken (on_timer); uv_poll and uv_timer handles do that. Two lists hold the
 * requests: `live` until they are done, nothing afterwards.
 *
 * Inside a curl call no easy handle may be added or removed: a request
 * started there is added, one cancelled there is freed by `reap` after the
 * outermost call; until then its write callback refuses the next bytes.
 */

struct sock;

struct http {
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t wake;     /* curl's own */
    uv_timer_t deadline; /* silent requests */
    uv_timer_t gather;   /* sockets that are held */
    struct sock *socks;
    int64_t acted_ms;    /* uv_now of the last call into curl for a socket */
    uint64_t acted_bytes; /* that it brought */
    bool again;          /* curl wants to be called at once */
    char *agent;
    struct http_request *live;
    int eager;   /* live requests that are, and one for a hurry */
    bool hurried;
    int inside;  /* requests must not be freed now */
    int in_curl; /* curl must not be called now */
    int handles; /* open uv handles */
    bool writes, closing;
    char *transports[HTTP_TRANSPORTS]; /* paths that are let through */
    int next_transport;
    bool todo; /* a request is to be added, or was cancelled or timed out */
    uint64_t received, longest_ns; /* longest_ns: a turn's share */
    void (*closed)(void *arg);
    void *closed_arg;
};

struct http_request {
    struct http *h;
    struct http_request *next;
    CURL *easy;
    struct curl_slist *headers;
    struct easy_address address;
    struct http_calls calls;
    struct http_answer answer;
    struct buf refused;
    char *body; /* sent once; owned */
    size_t body_len, body_sent;
    char errors[CURL_ERROR_SIZE];
    int64_t last_ms, first_byte_ms, silence_ms;
    bool told, cancelled, finished, stopped, timed_out;
    bool added; /* curl has it */
    bool heard; /* a byte of an answer came */
    bool again; /* it was begun a second time */
    bool eager; /* no long trickle: somebody waits for the answer */
    bool http1; /* for sure */
    CURLcode result;
};

struct sock {
    uv_poll_t poll;
    curl_socket_t fd;
    struct http *h;
    struct sock *next;
    int events; /* what curl waits for */
    bool held;  /* not polled: looked at only when `gather` fires */
    bool due;   /* now */
};

/*
 * A call into curl costs work for every request on the connection, and
 * watches bring many small events. So small reads are gathered: after one,
 * the socket is looked at again every GATHER_MS, without being polled, until
 * such a look brings nothing; while much comes, or an answer is waited for,
 * at once.
 */
#define GATHER_MS 90
#define GATHER_BYTES 65536
#define AGAIN_MAX 8 /* calls that curl asks for, without another turn */
#define TURN_NS 1000000 /* after so long keys are looked at first */

static void reap(struct http *h);

static void handle_closed(struct http *h)
{
    if (--h->handles > 0 || !h->closing)
        return;
    for (int i = 0; i < HTTP_TRANSPORTS; i++)
        free(h->transports[i]);
    free(h->agent);
    if (h->closed != NULL)
        h->closed(h->closed_arg);
    free(h);
}

static void on_sock_closed(uv_handle_t *handle)
{
    struct sock *s = handle->data;
    struct http *h = s->h;

    free(s);
    handle_closed(h);
}

static void act(struct http *h, curl_socket_t fd, int what)
{
    int running;

    h->inside++;
    h->in_curl++;
    curl_multi_socket_action(h->multi, fd, what, &running);
    h->in_curl--;
    h->inside--;
    reap(h);
}

/*
 * One request of a connection reads for all; those that something came for
 * ask to be called again at once, and only then does it count as received.
 */
static void act_on_socket(struct http *h, curl_socket_t fd, int what)
{
    uint64_t before = h->received, from = uv_hrtime(), took;

    h->acted_ms = (int64_t)uv_now(h->loop);
    act(h, fd, what);
    for (int i = 0; h->again && i < AGAIN_MAX && uv_hrtime() - from < TURN_NS;
         i++) {
        h->again = false;
        uv_timer_stop(&h->wake);
        act(h, CURL_SOCKET_TIMEOUT, 0);
    }
    h->acted_bytes = h->received - before;
    took = uv_hrtime() - from;
    if (took > h->longest_ns)
        h->longest_ns = took;
}

static void on_gather(uv_timer_t *timer);
static void on_poll(uv_poll_t *poll, int status, int events);

/* After a call into curl: is this one still there? */
static bool stays(const struct http *h, const struct sock *s)
{
    const struct sock *at = h->socks;

    while (at != NULL && at != s)
        at = at->next;
    return at != NULL;
}

/* True if the socket's next bytes can wait a little. */
static bool hold(struct sock *s)
{
    struct http *h = s->h;
    int64_t since = (int64_t)uv_now(h->loop) - h->acted_ms;

    if (since >= GATHER_MS || h->acted_bytes == 0 || h->eager > 0 ||
        h->acted_bytes > GATHER_BYTES)
        return false;
    s->held = true;
    uv_poll_stop(&s->poll);
    if (!uv_is_active((uv_handle_t *)&h->gather))
        uv_timer_start(&h->gather, on_gather, (uint64_t)(GATHER_MS - since),
                       0);
    return true;
}

static void let_go(struct sock *s)
{
    if (!s->held)
        return;
    s->held = false;
    uv_poll_start(&s->poll, s->events, on_poll);
}

static int unread(curl_socket_t fd)
{
    int n = 0;

    return ioctl(fd, FIONREAD, &n) == 0 ? n : 0;
}

/*
 * The connection was reset. What came before is read first: curl, told of the
 * error, would look at none of it.
 */
static void on_reset(struct sock *s)
{
    struct http *h = s->h;
    int n = unread(s->fd);

    if (n > 0) {
        act_on_socket(h, s->fd, CURL_CSELECT_IN);
        if (!stays(h, s))
            return;
    }
    if (unread(s->fd) < n)
        uv_poll_start(&s->poll, s->events, on_poll); /* libuv stopped it */
    else
        act_on_socket(h, s->fd, CURL_CSELECT_ERR);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct sock *s = poll->data;
    int what = 0;

    if (status < 0) {
        on_reset(s);
        return;
    }
    if (events == UV_READABLE && hold(s))
        return;
    if (events & UV_READABLE)
        what |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        what |= CURL_CSELECT_OUT;
    act_on_socket(s->h, s->fd, what);
}

static void on_gather(uv_timer_t *timer)
{
    struct http *h = timer->data;
    struct sock *s;

    for (s = h->socks; s != NULL; s = s->next)
        s->due = s->held;
    /* a call may open and close sockets: begin anew after each */
    for (s = h->socks; s != NULL;) {
        if (!s->due) {
            s = s->next;
            continue;
        }
        s->due = false;
        act_on_socket(h, s->fd, CURL_CSELECT_IN);
        if (stays(h, s) && s->held && !hold(s))
            let_go(s);
        s = h->socks;
    }
}

static void unlink_sock(struct http *h, struct sock *s)
{
    struct sock **link = &h->socks;

    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
                     void *sock)
{
    struct http *h = arg;
    struct sock *s = sock;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s != NULL) {
            curl_multi_assign(h->multi, fd, NULL);
            unlink_sock(h, s);
            uv_poll_stop(&s->poll);
            uv_close((uv_handle_t *)&s->poll, on_sock_closed);
        }
        return 0;
    }
    if (s == NULL) {
        s = xcalloc(1, sizeof *s);
        s->h = h;
        s->fd = fd;
        if (uv_poll_init_socket(h->loop, &s->poll, fd) != 0) {
            free(s);
            return -1;
        }
        s->poll.data = s;
        s->next = h->socks;
        h->socks = s;
        h->handles++;
        curl_multi_assign(h->multi, fd, s);
    }
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    s->events = events;
    if (!s->held || (events & UV_WRITABLE)) {
        s->held = false;
        uv_poll_start(&s->poll, events, on_poll);
    }
    return 0;
}

static void on_wake(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct http *h = arg;

    (void)multi;
    if (h->closing)
        return 0;
    h->again = ms == 0;
    if (ms < 0)
        uv_timer_stop(&h->wake);
    else
        uv_timer_start(&h->wake, on_wake, ms > 0 ? (uint64_t)ms : 1, 0);
    return 0;
}

static void free_request(struct http_request *r)
{
    curl_slist_free_all(r->headers);
    curl_easy_cleanup(r->easy);
    easy_address_finish(&r->address);
    buf_finish(&r->refused);
    free(r->body);
    free(r);
}

static void unlink_request(struct http *h, struct http_request *r)
{
    struct http_request **link = &h->live;

    h->eager -= r->eager;

    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
}

static void explain(const struct http_request *r, struct error *err)
{
    error_clear(err);
    if (r->timed_out)
        error_set(err, ERR_SILENT, r->told ? "silent for too long"
                                           : "accepts, but does not answer");
    else if (r->stopped)
        error_set(err, ERR_OTHER, "stopped by the reader");
    else
        easy_explain(r->result, r->errors, err);
}

static void finish(struct http_request *r)
{
    struct error err;

    explain(r, &err);
    r->answer.body = (struct span){buf_text(&r->refused), r->refused.len};
    r->calls.done(&r->answer, &err, r->calls.arg);
}

static void add(struct http_request *r)
{
    r->added = true;
    curl_multi_add_handle(r->h->multi, r->easy);
}

/*
 * Nothing of its body can have left. HTTP/1.1: the system took none, whatever
 * curl took of ours. A connection of many streams may have sent what it does
 * not count yet when another one's bytes fail: curl took none.
 */
static bool body_is_here(const struct http_request *r)
{
    curl_off_t left = 1;

    if (!r->http1)
        return r->body_sent == 0;
    return curl_easy_getinfo(r->easy, CURLINFO_SIZE_UPLOAD_T, &left) ==
               CURLE_OK &&
           left == 0;
}

/*
 * What failed never left, a body that the server must have to act, and nothing
 * was answered: the connection was closed or reset before this use of it was
 * noticed. Begun once more, with a connection of its own.
 */
static bool begin_again(struct http_request *r)
{
    if (r->result != CURLE_SEND_ERROR && r->result != CURLE_RECV_ERROR)
        return false;
    if (r->body_len == 0 || r->heard || r->again || r->cancelled ||
        r->timed_out || !body_is_here(r))
        return false;
    r->again = true;
    r->body_sent = 0;
    curl_multi_remove_handle(r->h->multi, r->easy);
    curl_easy_setopt(r->easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(r->easy, CURLOPT_PIPEWAIT, 0L);
    r->errors[0] = '\0';
    add(r);
    return true;
}

/* Takes finished and cancelled requests out; only at the outermost level. */
static void reap(struct http *h)
{
    CURLMsg *msg;
    int left;

    if (h->inside > 0)
        return;
    for (struct http_request *r = h->live; h->todo && r != NULL; r = r->next)
        if (!r->added)
            add(r);
    h->inside++; /* callbacks below may cancel */
    while ((msg = curl_multi_info_read(h->multi, &left)) != NULL) {
        struct http_request *r;
        void *p;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &p);
        r = p;
        r->result = msg->data.result;
        if (begin_again(r))
            continue;
        r->finished = true;
        h->todo = true;
    }
    for (bool again = h->todo; again;) {
        again = false;
        for (struct http_request *r = h->live; r != NULL; r = r->next) {
            if (!r->finished && !r->cancelled && !r->timed_out)
                continue;
            unlink_request(h, r);
            if (r->added)
                curl_multi_remove_handle(h->multi, r->easy);
            if (!r->cancelled)
                finish(r);
            free_request(r);
            again = true;
            break;
        }
    }
    h->todo = false;
    h->inside--;
}

static int64_t limit_of(const struct http_request *r)
{
    if (!r->told)
        return r->first_byte_ms;
    return r->silence_ms > 0 ? r->silence_ms : INT64_MAX / 2;
}

static void on_deadline(uv_timer_t *timer);

/* One timer for all: set to the earliest that could fall silent. */
static void arm_deadline(struct http *h)
{
    int64_t next = INT64_MAX, now = (int64_t)uv_now(h->loop);

    if (h->closing)
        return;
    for (struct http_request *r = h->live; r != NULL; r = r->next)
        if (r->last_ms + limit_of(r) < next)
            next = r->last_ms + limit_of(r);
    if (next > INT64_MAX / 4)
        uv_timer_stop(&h->deadline);
    else
        uv_timer_start(&h->deadline, on_deadline,
                       next > now ? (uint64_t)(next - now) : 1, 0);
}

static void on_deadline(uv_timer_t *timer)
{
    struct http *h = timer->data;
    int64_t now = (int64_t)uv_now(h->loop);

    for (struct http_request *r = h->live; r != NULL; r = r->next)
        if (!r->finished && now - r->last_ms >= limit_of(r))
            r->timed_out = h->todo = true;
    reap(h);
    arm_deadline(h);
}

static void tell_headers(struct http_request *r)
{
    long status = 0;

    if (r->told)
        return;
    r->told = true;
    curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
    r->answer.status = (int)status;
    r->answer.headers_ms = (int64_t)uv_now(r->h->loop);
    if (r->calls.headers != NULL && !r->cancelled)
        r->calls.headers(&r->answer, r->calls.arg);
}

static size_t on_data(char *p, size_t size, size_t n, void *arg)
{
    struct http_request *r = arg;

    n *= size;
    r->heard = true;
    r->last_ms = (int64_t)uv_now(r->h->loop);
    r->h->received += n;
    tell_headers(r);
    if (r->cancelled)
        return 0;
    if (r->answer.status < 200 || r->answer.status > 299) {
        size_t room = HTTP_ERROR_BODY - r->refused.len;

        buf_add(&r->refused, p, n < room ? n : room);
        return n;
    }
    if (r->calls.data != NULL && !r->calls.data(p, n, r->calls.arg)) {
        r->stopped = true;
        return 0;
    }
    return r->cancelled ? 0 : n;
}

/* If the line is this header, its value without surrounding space. */
static bool header(const char *line, size_t n, const char *name,
                   struct span *ret)
{
    size_t len = strlen(name);

    if (n <= len || line[len] != ':' || strncasecmp(line, name, len) != 0)
        return false;
    line += len + 1;
    n -= len + 1;
    while (n > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        n--;
    }
    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
        n--;
    *ret = (struct span){line, n};
    return true;
}

static void copy(char *to, size_t size, struct span s)
{
    size_t n = s.n < size ? s.n : size - 1;

    memcpy(to, s.p, n);
    to[n] = '\0';
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
    struct http_request *r = arg;
    struct http_answer *a = &r->answer;
    struct span v;

    n *= size;
    r->heard = true;
    r->last_ms = (int64_t)uv_now(r->h->loop);
    if (n > 5 && memcmp(p, "HTTP/", 5) == 0) {
        /* headers of an earlier, interim answer do not count */
        a->date_ms = 0;
        a->retry_after_ms = -1;
        a->warning[0] = '\0';
    } else if (header(p, n, "date", &v)) {
        when_parse_http(v.p, v.n, &a->date_ms);
    } else if (header(p, n, "retry-after", &v)) {
        if (v.n > 0 && v.n < 8 && v.p[0] >= '0' && v.p[0] <= '9')
            a->retry_after_ms = strtol(v.p, NULL, 10) * 1000;
    } else if (header(p, n, "content-type", &v)) {
        copy(a->type, sizeof a->type, v);
    } else if (header(p, n, "etag", &v)) {
        copy(a->etag, sizeof a->etag, v);
    } else if (header(p, n, "warning", &v)) {
        size_t at = strlen(a->warning);

        if (at > 0 && at + 2 < sizeof a->warning)
            a->warning[at++] = '\n';
        copy(a->warning + at, sizeof a->warning - at, v);
    } else if (n <= 2) {
        long status = 0;

        curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200)
            tell_headers(r);
    }
    return r->cancelled ? 0 : n;
}

struct http *http_create(uv_loop_t *loop, const char *user_agent)
{
    struct http *h = xcalloc(1, sizeof *h);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    h->loop = loop;
    h->agent = xstrdup(user_agent);
    h->multi = curl_multi_init();
    uv_timer_init(loop, &h->wake);
    uv_timer_init(loop, &h->deadline);
    uv_timer_init(loop, &h->gather);
    h->wake.data = h->deadline.data = h->gather.data = h;
    h->handles = 3;
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 100L);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 8L);
    return h;
}

void http_allow_writes(struct http *h, bool on)
{
    h->writes = on;
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

void http_close(struct http *h, void (*cb)(void *arg), void *arg)
{
    while (h->live != NULL) {
        struct http_request *r = h->live;

        h->live = r->next;
        if (r->added)
            curl_multi_remove_handle(h->multi, r->easy);
        free_request(r);
    }
    h->closing = true;
    h->closed = cb;
    h->closed_arg = arg;
    curl_multi_cleanup(h->multi);
    uv_close((uv_handle_t *)&h->wake, on_timer_closed);
    uv_close((uv_handle_t *)&h->deadline, on_timer_closed);
    uv_close((uv_handle_t *)&h->gather, on_timer_closed);
}

static size_t on_read(char *p, size_t size, size_t n, void *arg)
{
    struct http_request *r = arg;
    size_t left = r->body_len - r->body_sent;

    n *= size;
    n = n < left ? n : left;
    memcpy(p, r->body + r->body_sent, n);
    r->body_sent += n;
    return n;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
    (void)arg;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

/*
 * A body that cannot be had again: where a connection dies under a request
 * libcurl would send it once more by itself, and a write is sent once. What
 * became of it is then for the caller to find out.
 */
static void set_body(struct http_request *r, const char *body)
{
    r->body = xstrdup(body);
    r->body_len = strlen(body);
    curl_easy_setopt(r->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)r->body_len);
    curl_easy_setopt(r->easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(r->easy, CURLOPT_READDATA, r);
    curl_easy_setopt(r->easy, CURLOPT_SEEKFUNCTION, on_seek);
}

static void set_easy(struct http_request *r, const struct http_target *t,
                     const struct http_want *w)
{
    CURL *e = r->easy;

    r->http1 = w->http1 || strncmp(t->base, "http://", 7) == 0;
    easy_set_target(e, t, w->path, &r->address);
    curl_easy_setopt(e, CURLOPT_PRIVATE, r);
    curl_easy_setopt(e, CURLOPT_USERAGENT, r->h->agent);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->errors);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, r->headers);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
                     (long)(r->http1 ? CURL_HTTP_VERSION_1_1
                                     : CURL_HTTP_VERSION_2TLS));
    if (w->http1 || w->fresh) {
        curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(e, CURLOPT_FORBID_REUSE, w->http1 ? 1L : 0L);
    } else if (!r->http1) {
        /* Nothing to wait for in plain HTTP: libcurl 7.88 would wait for the
           first answer, and wake nobody if that is a stream without end. */
        curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
    }
    if (w->trickle) /* smaller, and libcurl 7.88 misses a stream's end */
        curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 4096L);
    if (t->compress)
        curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
    if (w->method != NULL && strcmp(w->method, "GET") != 0)
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, w->method);
    if (w->body != NULL)
        set_body(r, w->body);
}

void http_allow_transport(struct http *h, const char *path)
{
    char **to;

    for (int i = 0; i < HTTP_TRANSPORTS; i++)
        if (h->transports[i] != NULL && strcmp(h->transports[i], path) == 0)
            return;
    to = &h->transports[h->next_transport++ % HTTP_TRANSPORTS];
    free(*to);
    *to = xstrdup(path);
}

static bool is_transport(const struct http *h, const char *method,
                         const char *path)
{
    for (int i = 0; strcmp(method, "GET") == 0 && i < HTTP_TRANSPORTS; i++)
        if (h->transports[i] != NULL && strcmp(h->transports[i], path) == 0)
            return true;
    return false;
}

bool http_may(const struct http *h, const char *method, const char *path,
              struct error *err)
{
    if (!h->closing && (h->writes || policy_allows_reading(method, path) ||
                        is_transport(h, method, path)))
        return true;
    error_set(err, ERR_REFUSED, "read-only: %s %.120s is not built", method,
              path);
    return false;
}

uv_loop_t *http_loop(const struct http *h)
{
    return h->loop;
}

const char *http_user_agent(const struct http *h)
{
    return h->agent;
}

struct http_request *http_start(struct http *h,
                                const struct http_target *target,
                                const struct http_want *want,
                                const struct http_calls *calls,
                                struct error *err)
{
    const char *method = want->method ? want->method : "GET";
    struct http_request *r;

    if (!http_may(h, method, want->path, err))
        return NULL;
    r = xcalloc(1, sizeof *r);
    r->h = h;
    r->calls = *calls;
    r->answer.retry_after_ms = -1;
    r->answer.started_ms = r->last_ms = (int64_t)uv_now(h->loop);
    r->first_byte_ms = want->first_byte_ms ? want->first_byte_ms : 15000;
    r->silence_ms = want->silence_ms;
    r->eager = !want->trickle;
    h->eager += r->eager;
    for (struct sock *s = h->socks; r->eager && s != NULL; s = s->next)
        let_go(s);
    buf_init(&r->refused, HTTP_ERROR_BODY);
    r->easy = curl_easy_init();
    for (int i = 0; want->headers != NULL && want->headers[i] != NULL; i++)
        r->headers = curl_slist_append(r->headers, want->headers[i]);
    set_easy(r, target, want);
    r->next = h->live;
    h->live = r;
    if (h->in_curl == 0)
        add(r);
    else
        h->todo = true;
    arm_deadline(h);
    return r;
}

void http_cancel(struct http_request *r)
{
    struct http *h;

    if (r == NULL)
        return;
    h = r->h;
    r->cancelled = h->todo = true;
    if (h->inside == 0)
        reap(h);
}

void http_forget_connections(struct http *h)
{
    /* shrinking the cache closes what is idle */
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 1L);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 8L);
}

void http_hurry(struct http *h, bool on)
{
    if (h->hurried == on)
        return;
    h->hurried = on;
    h->eager += on ? 1 : -1;
    for (struct sock *s = h->socks; on && s != NULL; s = s->next)
        let_go(s);
}

uint64_t http_longest_us(const struct http *h)
{
    return h->longest_ns / 1000;
}

uint64_t http_received(const struct http *h)
{
    return h->received;
}
