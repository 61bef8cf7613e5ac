#include "config.h"

#include "habitat/server.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "data/json/write.h"
#include "habitat/holder/tree.h"
#include "habitat/limits.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS_MAX 900
#define KEPT_MAX 4096 /* of an answer kept for a repeated request */
#define STREAM_BLOCK 16384
#define STREAM_DROP (4u << 20)

struct kept {
    struct kept *next;
    _Alignas(16) char bytes[];
};

/* A watch on a suspended connection's socket: has its peer left? */
struct hangup {
    uv_poll_t poll;
    struct request *request; /* NULL: closing */
};

struct request {
    struct server *server;
    struct MHD_Connection *connection;
    struct request *prev, *next; /* of those suspended */
    char *method, *path, *key;
    struct buf body;
    bool too_large, handed, answered, stream, suspended, sent, dropped;
    int status;
    struct buf answer; /* or what a stream has not sent yet */
    size_t taken;      /* of a stream's bytes, sent already */
    size_t first_left; /* of a stream's first bytes */
    struct kept *kept;
    void (*gone)(struct request *r);
    void *data;
    struct hangup *hangup;
};

struct server {
    struct habitat *hb;
    struct MHD_Daemon *daemon;
    uv_poll_t *poll;  /* on MHD's epoll descriptor */
    uv_timer_t timer; /* MHD's own time-outs */
    struct request *suspended;
    bool resumed, closing;
};

const char *request_method(const struct request *r)
{
    return r->method;
}

const char *request_path(const struct request *r)
{
    return r->path;
}

const char *request_query(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND,
                                       name);
}

const char *request_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

struct span request_body(const struct request *r)
{
    return (struct span){buf_text(&r->body), r->body.len};
}

struct habitat *request_habitat(const struct request *r)
{
    return r->server->hb;
}

static int socket_of(const struct request *r)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info != NULL ? info->connect_fd : -1;
}

struct peer request_peer(const struct request *r)
{
    struct ucred cred = {.uid = (uid_t)-1};
    socklen_t len = sizeof cred;

    getsockopt(socket_of(r), SOL_SOCKET, SO_PEERCRED, &cred, &len);
    return (struct peer){cred.uid, cred.pid};
}

bool request_inside_agent(const struct request *r)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const uint64_t *since = info != NULL ? info->socket_context : NULL;

    return since == NULL || tree_of_peer(socket_of(r), *since);
}

/* When it was accepted: its peer must have started before. */
static void on_connection(void *cls, struct MHD_Connection *connection,
                          void **context, enum MHD_ConnectionNotificationCode c)
{
    (void)cls;
    (void)connection;
    if (c == MHD_CONNECTION_NOTIFY_STARTED) {
        uint64_t *since = xcalloc(1, sizeof *since);

        *since = tree_ticks();
        *context = since;
    } else {
        free(*context);
        *context = NULL;
    }
}

void *request_keep(struct request *r, size_t size)
{
    struct kept *k = xcalloc(1, sizeof *k + size);

    k->next = r->kept;
    r->kept = k;
    return k->bytes;
}

void request_hold(struct request *r, void (*gone)(struct request *r),
                  void *data)
{
    r->gone = gone;
    r->data = data;
}

void *request_data(const struct request *r)
{
    return r->data;
}

static void resume(struct request *r)
{
    struct server *s = r->server;

    if (!r->suspended)
        return;
    r->suspended = false;
    if (r->prev != NULL)
        r->prev->next = r->next;
    else
        s->suspended = r->next;
    if (r->next != NULL)
        r->next->prev = r->prev;
    MHD_resume_connection(r->connection);
    s->resumed = true; /* MHD wants to be run: server_turn */
}

static void on_hangup(uv_poll_t *poll, int status, int events)
{
    struct hangup *hup = poll->data;

    if (hup->request == NULL || (status == 0 && !(events & UV_DISCONNECT)))
        return;
    uv_poll_stop(poll);
    hup->request->dropped = true;
    resume(hup->request); /* MHD sees the end and completes it */
}

static void watch_hangup(struct request *r)
{
    if (r->hangup != NULL)
        return;
    r->hangup = xcalloc(1, sizeof *r->hangup);
    r->hangup->request = r;
    r->hangup->poll.data = r->hangup;
    if (uv_poll_init(&r->server->hb->loop, &r->hangup->poll, socket_of(r)) !=
        0) {
        free(r->hangup);
        r->hangup = NULL;
        return;
    }
    uv_poll_start(&r->hangup->poll, UV_DISCONNECT, on_hangup);
}

static void free_hangup(uv_handle_t *h)
{
    free(h->data);
}

static void suspend(struct request *r)
{
    struct server *s = r->server;

    r->suspended = true;
    r->prev = NULL;
    r->next = s->suspended;
    if (s->suspended != NULL)
        s->suspended->prev = r;
    s->suspended = r;
    MHD_suspend_connection(r->connection);
}

static bool ready(const struct request *r)
{
    return r->answered && !r->server->hb->db.open_write &&
           r->server->hb->db.failed.code == 0;
}

void request_remember(struct request *r, const char *key)
{
    free(r->key);
    r->key = xstrdup(key);
}

void request_reply(struct request *r, int status, const struct buf *body)
{
    if (r->answered)
        return;
    if (r->key != NULL && status >= 200 && status < 300 &&
        body->len <= KEPT_MAX)
        db_run(&r->server->hb->db,
               "INSERT OR IGNORE INTO requests(id, at, status, body) "
               "VALUES(?,?,?,?)",
               "tiis", r->key, clock_wall_ms(), (int64_t)status,
               (struct span){buf_text(body), body->len});
    r->answered = true;
    r->gone = NULL;
    r->status = status;
    buf_clear(&r->answer);
    buf_add(&r->answer, buf_text(body), body->len);
    buf_char(&r->answer, '\n');
    if (ready(r))
        resume(r);
    else
        habitat_commit_now(r->server->hb);
}

static void fail_text(struct request *r, int status, const char *text)
{
    struct json j;
    struct buf b;

    buf_init(&b, 8192);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "error", text);
    json_int(&j, "code", status);
    json_map_end(&j);
    json_end(&j);
    request_reply(r, status, &b);
    buf_finish(&b);
}

void request_fail(struct request *r, int status, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fail_text(r, status, text);
}

void request_stream(struct request *r, const struct buf *first)
{
    r->answered = r->stream = true;
    r->status = MHD_HTTP_OK;
    buf_clear(&r->answer);
    buf_add(&r->answer, buf_text(first), first->len);
    r->first_left = first->len;
    if (!r->server->hb->db.open_write)
        resume(r);
    else
        habitat_commit_now(r->server->hb);
}

bool request_push(struct request *r, const struct buf *bytes)
{
    if (r->dropped ||
        r->answer.len - r->taken + bytes->len >
            LIMIT_STREAM_QUEUE + r->first_left) {
        r->dropped = true;
        resume(r);
        return false;
    }
    buf_add(&r->answer, buf_text(bytes), bytes->len);
    if (r->sent)
        resume(r);
    return true;
}

static ssize_t read_stream(void *cls, uint64_t pos, char *out, size_t max)
{
    struct request *r = cls;

    (void)pos;
    if (r->dropped) /* the connection ends with it */
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (r->server->closing)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (r->answer.len == r->taken) {
        buf_shrink(&r->answer, 4096);
        buf_clear(&r->answer);
        r->taken = 0;
        if (!r->suspended) {
            suspend(r);
            watch_hangup(r);
        }
        return 0;
    }
    if (max > r->answer.len - r->taken)
        max = r->answer.len - r->taken;
    memcpy(out, buf_text(&r->answer) + r->taken, max);
    r->taken += max;
    if (r->taken > STREAM_DROP) { /* seldom: it moves what is left */
        buf_drop(&r->answer, r->taken);
        r->taken = 0;
    }
    r->first_left -= max < r->first_left ? max : r->first_left;
    return (ssize_t)max;
}

static enum MHD_Result send_answer(struct request *r)
{
    struct MHD_Response *m;
    enum MHD_Result ret;

    r->sent = true;
    if (r->stream) {
        m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
                                              read_stream, r, NULL);
        MHD_add_response_header(m, "Content-Type", "text/event-stream");
        MHD_add_response_header(m, "Cache-Control", "no-cache");
    } else {
        m = MHD_create_response_from_buffer(
            r->answer.len, (void *)(uintptr_t)buf_text(&r->answer),
            MHD_RESPMEM_MUST_COPY);
        MHD_add_response_header(m, "Content-Type", "application/json");
    }
    ret = MHD_queue_response(r->connection, (unsigned)r->status, m);
    MHD_destroy_response(m);
    return ret;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection,
                                 const char *url, const char *method,
                                 const char *version, const char *data,
                                 size_t *size, void **con)
{
    struct server *s = cls;
    struct request *r = *con;

    (void)version;
    if (r == NULL) {
        r = xcalloc(1, sizeof *r);
        r->server = s;
        r->connection = connection;
        r->method = xstrdup(method);
        r->path = xstrdup(url);
        buf_init(&r->body, LIMIT_BODY);
        buf_init(&r->answer, 64u << 20);
        *con = r;
        return MHD_YES;
    }
    if (*size > 0) {
        if (!buf_add(&r->body, data, *size))
            r->too_large = true;
        *size = 0;
        return MHD_YES;
    }
    if (!r->handed) {
        r->handed = true;
        if (request_peer(r).uid != getuid())
            request_fail(r, MHD_HTTP_FORBIDDEN, "this habitat is of uid %d",
                         (int)getuid());
        else if (r->too_large)
            request_fail(r, MHD_HTTP_CONTENT_TOO_LARGE,
                         "the body is larger than %u bytes", LIMIT_BODY);
        else
            route(r);
    }
    if (ready(r))
        return send_answer(r);
    if (r->dropped && !r->answered)
        return MHD_NO;
    suspend(r);
    if (!r->answered)
        watch_hangup(r);
    return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *connection,
                         void **con, enum MHD_RequestTerminationCode why)
{
    struct request *r = *con;

    (void)cls;
    (void)connection;
    (void)why;
    if (r == NULL)
        return;
    if (r->gone != NULL)
        r->gone(r);
    if (r->hangup != NULL) {
        r->hangup->request = NULL;
        uv_close((uv_handle_t *)&r->hangup->poll, free_hangup);
    }
    while (r->kept != NULL) {
        struct kept *k = r->kept;

        r->kept = k->next;
        free(k);
    }
    buf_finish(&r->body);
    buf_finish(&r->answer);
    free(r->method);
    free(r->path);
    free(r->key);
    free(r);
    *con = NULL;
}

void server_committed(struct server *s, const struct error *err)
{
    struct request *next;

    for (struct request *r = s->suspended; r != NULL; r = next) {
        next = r->next;
        if (!r->answered || r->sent)
            continue;
        if (err->code != 0 && !r->stream) {
            r->answered = false;
            fail_text(r, err->code == ERR_LIMIT ? 507 : 500, err->msg);
        } else {
            resume(r);
        }
    }
}

static void on_timer(uv_timer_t *t);

static void run(struct server *s)
{
    MHD_UNSIGNED_LONG_LONG ms;

    do {
        s->resumed = false;
        MHD_run(s->daemon);
    } while (s->resumed && !s->closing);
    if (MHD_get_timeout(s->daemon, &ms) == MHD_YES)
        uv_timer_start(&s->timer, on_timer, ms, 0);
    else
        uv_timer_stop(&s->timer);
}

static void on_timer(uv_timer_t *t)
{
    run(t->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

bool server_turn(struct server *s)
{
    if (!s->resumed)
        return false;
    run(s);
    return true;
}

static int listen_at(const char *path, struct error *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t old;

    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    unlink(path); /* the database's lock says that nobody listens there */
    old = umask(0177);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(fd, 128) != 0) {
        error_set(err, ERR_CONFIG, "cannot listen at '%s': %s", path,
                  strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    umask(old);
    return fd;
}

static int open_daemon(struct server *s, struct error *err)
{
    const union MHD_DaemonInfo *info;
    int fd = listen_at(s->hb->paths.socket, err);

    if (fd < 0)
        return err->code;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access, s,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, s, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, s, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)(32 << 10), MHD_OPTION_END);
    if (s->daemon == NULL) {
        close(fd);
        return error_set(err, ERR_CONFIG, "cannot start the HTTP server");
    }
    info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    s->poll = xcalloc(1, sizeof *s->poll);
    uv_poll_init(&s->hb->loop, s->poll, info->epoll_fd);
    s->poll->data = s;
    uv_poll_start(s->poll, UV_READABLE, on_poll);
    return 0;
}

struct server *server_create(struct habitat *hb, struct error *err)
{
    struct server *s = xcalloc(1, sizeof *s);

    s->hb = hb;
    if (open_daemon(s, err) != 0) {
        free(s);
        return NULL;
    }
    uv_timer_init(&hb->loop, &s->timer);
    s->timer.data = s;
    return s;
}

static void free_handle(uv_handle_t *h)
{
    free(h);
}

static void end_connections(struct server *s)
{
    s->closing = true;
    while (s->suspended != NULL) {
        s->suspended->dropped = true;
        resume(s->suspended);
    }
    MHD_run(s->daemon);
    uv_poll_stop(s->poll);
    uv_close((uv_handle_t *)s->poll, free_handle);
    MHD_stop_daemon(s->daemon);
    s->closing = false;
}

void server_look(struct server *s)
{
    struct error err;
    struct stat st;

    if (stat(s->hb->paths.socket, &st) == 0 ||
        habitat_paths_make(&s->hb->paths, &err) != 0)
        return;
    /* connections that are open go with the old socket; readers resume */
    end_connections(s);
    if (open_daemon(s, &err) != 0) {
        fprintf(stderr, "habitat: %s\n", err.msg);
        habitat_stop(s->hb);
    }
}

static void free_server(uv_handle_t *h)
{
    free(h->data);
}

void server_destroy(struct server *s)
{
    end_connections(s);
    unlink(s->hb->paths.socket);
    uv_close((uv_handle_t *)&s->timer, free_server);
}
