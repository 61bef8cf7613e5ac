#include "config.h"

#include "data/pg/link.h"

#include "base/xalloc.h"
#include "data/pg/connect.h"
#include "data/pg/explain.h"
#include "data/pg/policy.h"
#include "data/pg/received.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct question {
    struct question *next;
    char *sql;
    char **params;
    int param_count;
    int timeout_ms;
    uint32_t max_rows;
    uint64_t max_bytes;
    pg_row_cb row;
    pg_done_cb done;
    void *arg;
    struct pg_done end;
    uint64_t received; /* of the socket when it was sent */
    bool cancelled;
};

struct pg_link {
    uv_loop_t *loop;
    struct pg_link_calls calls;
    struct pg_connect *connecting;
    PGconn *conn;
    uv_poll_t poll;
    uv_timer_t limit, more;
    struct question *first, **last;
    int waiting;
    bool sent; /* the first one is under way */
    bool polls, resting, up, is_down, closing, writes;
    int statement_ms;
    int handles;
    uint64_t began_ns;
    int64_t began_wall;
    struct pg_info info;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void pump(struct pg_link *l);
static void send_next(struct pg_link *l);

static int64_t wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void question_free(struct question *q)
{
    for (int i = 0; i < q->param_count; i++)
        free(q->params[i]);
    free(q->params);
    free(q->sql);
    free(q);
}

static struct question *take_first(struct pg_link *l)
{
    struct question *q = l->first;

    l->first = q->next;
    if (l->first == NULL)
        l->last = &l->first;
    l->waiting--;
    l->sent = false;
    return q;
}

/* ---- the end of a link ---------------------------------------------------- */

static void go_down(struct pg_link *l, const struct error *err)
{
    struct error why = *err;

    if (l->is_down || l->closing)
        return;
    l->is_down = true;
    l->up = false;
    uv_timer_stop(&l->limit);
    uv_timer_stop(&l->more);
    if (l->polls)
        uv_poll_stop(&l->poll);
    while (l->first != NULL) {
        struct question *q = take_first(l);

        q->end.err = why;
        if (!l->closing)
            q->done(&q->end, q->arg);
        question_free(q);
    }
    if (!l->closing)
        l->calls.down(&why, l->calls.arg);
}

static void broke(struct pg_link *l)
{
    char line[200];
    struct error err;

    pg_explain_line(PQerrorMessage(l->conn), line, sizeof line);
    error_set(&err, ERR_CONNECT, "%s",
              line[0] ? line : "the connection broke");
    go_down(l, &err);
}

/* ---- cancelling ----------------------------------------------------------- */

static void *cancel_work(void *arg)
{
    char why[128];

    PQcancel(arg, why, sizeof why);
    PQfreeCancel(arg);
    return NULL;
}

/* PQcancel connects and waits, so it has a thread; nobody waits for it. */
static void cancel(struct pg_link *l)
{
    PGcancel *c = PQgetCancel(l->conn);
    pthread_t thread;
    sigset_t all, was;
    int r;

    if (c == NULL)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was);
    r = pthread_create(&thread, NULL, cancel_work, c);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    if (r != 0)
        PQfreeCancel(c);
    else
        pthread_detach(thread);
}

static void on_limit(uv_timer_t *t)
{
    struct pg_link *l = t->data;
    struct question *q = l->first;
    struct error err;

    if (q == NULL || !l->sent)
        return;
    error_set(&err, ERR_SILENT, "no answer within %d s",
              (q->timeout_ms + 999) / 1000);
    if (q->cancelled) {
        go_down(l, &err);
        return;
    }
    q->cancelled = true;
    q->end.err = err;
    cancel(l);
    uv_timer_start(t, on_limit, PG_CANCEL_MS, 0);
}

/* ---- what comes ----------------------------------------------------------- */

/*
 * Bytes that arrived on this connection; 0 on a Unix socket. libpq holds a whole row before anything is seen of it, so
 * rows alone cannot tell that somebody pours.
 */
static uint64_t received(const struct pg_link *l)
{
    return pg_received(PQsocket(l->conn));
}

static void take_row(struct pg_link *l, struct question *q,
                     const PGresult *res, int row)
{
    struct span values[PG_COLUMNS_MAX];
    int n = PQnfields(res);

    if (n > PG_COLUMNS_MAX)
        n = PG_COLUMNS_MAX;
    for (int i = 0; i < n; i++) {
        values[i] = (struct span){NULL, 0};
        if (!PQgetisnull(res, row, i)) {
            values[i].p = PQgetvalue(res, row, i);
            values[i].n = (size_t)PQgetlength(res, row, i);
            q->end.bytes += values[i].n;
        }
    }
    q->end.rows++;
    if (q->end.rows > q->max_rows || q->end.bytes > q->max_bytes) {
        if (q->end.err.code == 0) {
            error_set(&q->end.err, ERR_LIMIT, "more than %u rows or %u MB",
                      q->max_rows, (unsigned)(q->max_bytes >> 20));
            q->cancelled = true;
            cancel(l);
        }
        return;
    }
    if (q->row != NULL && q->end.err.code == 0)
        q->row(values, n, q->arg);
}

static void take_result(struct pg_link *l, struct question *q,
                        const PGresult *res)
{
    const char *state, *text;

    switch (PQresultStatus(res)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        for (int i = 0, n = PQntuples(res); i < n && !l->closing; i++)
            take_row(l, q, res, i);
        return;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        return;
    default:
        break;
    }
    if (q->end.err.code != 0)
        return; /* what was cancelled says so */
    state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL) {
        char line[200];

        pg_explain_line(PQresultErrorMessage(res), line, sizeof line);
        error_set(&q->end.err, ERR_CONNECT, "%s", line);
        return;
    }
    snprintf(q->end.state, sizeof q->end.state, "%s", state);
    error_set(&q->end.err, pg_explain_state(state), "%.220s",
              text ? text : state);
}

static void end_question(struct pg_link *l)
{
    struct question *q = take_first(l);

    uv_timer_stop(&l->limit);
    q->done(&q->end, q->arg);
    question_free(q);
}

static void watch(struct pg_link *l);

static void on_more(uv_timer_t *t)
{
    struct pg_link *l = t->data;

    l->resting = false;
    send_next(l);
    if (!l->closing && !l->is_down)
        pump(l);
}

/* Rows until there are none, or the turn is over. */
static void pump(struct pg_link *l)
{
    uint64_t until = uv_hrtime() + PG_TURN_MS * 1000000ull;

    while (!l->closing && !l->is_down && l->sent && !PQisBusy(l->conn)) {
        PGresult *res = PQgetResult(l->conn);

        if (res != NULL) {
            take_result(l, l->first, res);
            PQclear(res);
        } else if (PQstatus(l->conn) == CONNECTION_BAD) {
            broke(l);
        } else {
            end_question(l);
            if (!l->closing)
                send_next(l);
        }
        if (uv_hrtime() > until) {
            l->resting = !l->closing && !l->is_down;
            break;
        }
    }
    if (l->closing || l->is_down)
        return;
    if (l->resting)
        uv_timer_start(&l->more, on_more, 0, 0);
    watch(l);
}

static void take_bells(struct pg_link *l)
{
    PGnotify *n;

    while (!l->closing && !l->is_down && (n = PQnotifies(l->conn)) != NULL) {
        if (l->calls.bell != NULL && l->up)
            l->calls.bell(n->relname, n->extra, l->calls.arg);
        PQfreemem(n);
    }
}

/* True, and the link is down, if more came than could be an answer. */
static bool pours(struct pg_link *l)
{
    const struct question *q = l->first;
    struct error err;

    if (!l->sent || received(l) <= q->received + 2 * q->max_bytes)
        return false;
    error_set(&err, ERR_LIMIT, "an answer larger than %u MB",
              (unsigned)(q->max_bytes >> 20));
    go_down(l, &err);
    return true;
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct pg_link *l = h->data;

    if (status < 0 || (events & UV_READABLE) != 0) {
        bool ok = PQconsumeInput(l->conn) == 1;

        /* what TLS has unpacked and libpq not taken makes no event */
        if (ok && PQsslInUse(l->conn))
            ok = PQconsumeInput(l->conn) == 1;
        take_bells(l);
        if (!l->closing && !l->is_down)
            pump(l); /* what came before the end counts */
        if (l->closing || l->is_down)
            return;
        if (!ok) {
            broke(l);
            return;
        }
        if (pours(l))
            return;
    }
    watch(l);
}

/* What the socket is watched for; sends what is left to be sent. */
static void watch(struct pg_link *l)
{
    int events = l->resting ? 0 : UV_READABLE;
    int r = PQflush(l->conn);

    if (r < 0) {
        broke(l);
        return;
    }
    if (r > 0)
        events |= UV_WRITABLE;
    if (events == 0)
        uv_poll_stop(&l->poll);
    else
        uv_poll_start(&l->poll, events, on_poll);
}

static void send_next(struct pg_link *l)
{
    struct question *q = l->first;

    if (q == NULL || l->sent || l->is_down || l->closing)
        return;
    if (!PQsendQueryParams(l->conn, q->sql, q->param_count, NULL,
                           (const char *const *)q->params, NULL, NULL, 0)) {
        broke(l);
        return;
    }
    PQsetSingleRowMode(l->conn);
    l->sent = true;
    q->received = received(l);
    uv_update_time(l->loop);
    uv_timer_start(&l->limit, on_limit, (uint64_t)q->timeout_ms, 0);
    watch(l);
}

static int ask(struct pg_link *l, const struct pg_ask *a, struct error *err)
{
    struct question *q;

    if (!l->writes && !pg_policy_allows_reading(a->sql))
        return error_set(err, ERR_REFUSED,
                         "read-only: this statement is not sent");
    if (l->waiting >= PG_QUEUE_MAX)
        return error_set(err, ERR_BUSY, "%d questions wait already",
                         PG_QUEUE_MAX);
    q = xcalloc(1, sizeof *q);
    *q = (struct question){
        .sql = xstrdup(a->sql),
        .params = xcalloc((size_t)a->param_count + 1, sizeof *q->params),
        .param_count = a->param_count,
        .timeout_ms = a->timeout_ms ? a->timeout_ms : l->statement_ms * 3 / 2,
        .max_rows = a->max_rows ? a->max_rows : PG_ROWS_MAX,
        .max_bytes = a->max_bytes ? a->max_bytes : PG_BYTES_MAX,
        .row = a->row,
        .done = a->done,
        .arg = a->arg};
    for (int i = 0; i < a->param_count; i++)
        if (a->params[i] != NULL)
            q->params[i] = xstrdup(a->params[i]);
    if (a->first && l->first != NULL) {
        struct question **at = l->sent ? &l->first->next : &l->first;

        q->next = *at;
        *at = q;
        if (q->next == NULL)
            l->last = &q->next;
    } else {
        *l->last = q;
        l->last = &q->next;
    }
    l->waiting++;
    return 0;
}

int pg_link_ask(struct pg_link *l, const struct pg_ask *a, struct error *err)
{
    int r;

    if (!l->up)
        return error_set(err, ERR_CONNECT, "not connected");
    r = ask(l, a, err);
    /* not sent from here: a failure would call back before we return */
    if (r == 0 && !l->sent)
        uv_timer_start(&l->more, on_more, 0, 0);
    return r;
}

/* ---- the beginning -------------------------------------------------------- */

enum {
    SET_READ_ONLY,
    IS_READ_ONLY,
    SET_STATEMENT,
    SET_LOCK,
    CLOCK,
    VERSION_NUM,
    VERSION_TEXT,
    PID,
    USER,
    DATABASE,
    STANDBY,
    INFO_COLUMNS
};

static const char info_sql[] =
    "SELECT current_setting('default_transaction_read_only'), "
    "current_setting('transaction_read_only'), "
    "current_setting('statement_timeout'), current_setting('lock_timeout'), "
    "floor(extract(epoch from clock_timestamp()) * 1000)::bigint, "
    "current_setting('server_version_num'), "
    "current_setting('server_version'), pg_backend_pid(), current_user, "
    "current_database(), pg_is_in_recovery()";

static void text_of(struct span v, char *ret, size_t size)
{
    snprintf(ret, size, "%.*s", (int)(v.n < size ? v.n : size - 1),
             v.p ? v.p : "");
}

static int64_t number_of(struct span v)
{
    char text[24];

    text_of(v, text, sizeof text);
    return strtoll(text, NULL, 10);
}

/* On this machine, or with a certificate that was checked. */
static bool is_open(PGconn *conn)
{
    const char *host = PQhost(conn), *addr = PQhostaddr(conn);
    PQconninfoOption *all;
    bool checked = false;

    if ((host != NULL && host[0] == '/') ||
        (addr != NULL &&
         (strncmp(addr, "127.", 4) == 0 || strcmp(addr, "::1") == 0)))
        return false;
    all = PQconninfo(conn);
    for (PQconninfoOption *o = all; o != NULL && o->keyword != NULL; o++) {
        if (o->val == NULL)
            continue;
        checked |= strcmp(o->keyword, "sslmode") == 0 &&
                   strncmp(o->val, "verify", 6) == 0;
        if (strstr(o->keyword, "password") != NULL)
            explicit_bzero(o->val, strlen(o->val));
    }
    PQconninfoFree(all);
    return !checked || !PQsslInUse(conn);
}

static void on_info_row(const struct span *v, int count, void *arg)
{
    struct pg_link *l = arg;
    struct question *q = l->first;
    struct pg_info *i = &l->info;
    int64_t now = wall();

    if (count != INFO_COLUMNS)
        return;
    i->version = (int)number_of(v[VERSION_NUM]);
    text_of(v[VERSION_TEXT], i->version_text, sizeof i->version_text);
    i->version_text[strcspn(i->version_text, " ")] = '\0';
    i->offset_ms = number_of(v[CLOCK]) - (l->began_wall + now) / 2;
    i->latency_ms = (int32_t)((uv_hrtime() - l->began_ns) / 1000000);
    i->pid = (int32_t)number_of(v[PID]);
    i->standby = span_is(v[STANDBY], "t");
    i->tls = PQsslInUse(l->conn);
    i->open = is_open(l->conn);
    text_of(v[USER], i->user, sizeof i->user);
    text_of(v[DATABASE], i->database, sizeof i->database);
    if (!l->writes && (!span_is(v[SET_READ_ONLY], "on") ||
                       !span_is(v[IS_READ_ONLY], "on")))
        error_set(&q->end.err, ERR_REFUSED,
                  "the session is not read-only: something between here and "
                  "the server drops start-up options");
    else if (span_is(v[SET_STATEMENT], "0") || span_is(v[SET_LOCK], "0"))
        error_set(&q->end.err, ERR_REFUSED,
                  "the session has no time-outs: something between here and "
                  "the server drops start-up options");
}

static void on_info_done(const struct pg_done *d, void *arg)
{
    struct pg_link *l = arg;

    if (l->is_down)
        return; /* it is being told */
    if (d->err.code == 0 && d->rows == 1) {
        l->up = true;
        l->calls.up(&l->info, l->calls.arg);
        return;
    }
    if (d->err.code != 0) {
        go_down(l, &d->err);
    } else {
        struct error err;

        error_set(&err, ERR_SERVER, "it is no PostgreSQL server");
        go_down(l, &err);
    }
}

static void on_connecting_closed(void *arg);

static void on_connected(PGconn *conn, const struct error *err, void *arg)
{
    struct pg_link *l = arg;
    struct pg_ask a = {
        .sql = info_sql, .row = on_info_row, .done = on_info_done, .arg = l};
    struct error why;
    int r;

    pg_connect_close(l->connecting, on_connecting_closed, l);
    l->connecting = NULL;
    if (conn == NULL) {
        go_down(l, err);
        return;
    }
    l->conn = conn;
    r = uv_poll_init_socket(l->loop, &l->poll, PQsocket(conn));
    if (r != 0) {
        error_set(&why, r, "its socket cannot be watched: %s",
                  uv_strerror(r));
        go_down(l, &why);
        return;
    }
    l->poll.data = l;
    l->polls = true;
    l->handles++;
    l->began_ns = uv_hrtime();
    l->began_wall = wall();
    ask(l, &a, &why);
    send_next(l);
}

int pg_link_open(uv_loop_t *loop, const struct pg_target *t,
                 const struct pg_link_calls *calls, struct pg_link **ret,
                 struct error *err)
{
    struct pg_link *l = xcalloc(1, sizeof *l);
    int r;

    *ret = NULL;
    *l = (struct pg_link){.loop = loop,
                          .calls = *calls,
                          .writes = t->writes,
                          .statement_ms = t->statement_ms
                                              ? t->statement_ms
                                              : PG_STATEMENT_MS};
    l->last = &l->first;
    r = pg_connect_start(loop, t, on_connected, l, &l->connecting, err);
    if (r != 0) {
        free(l);
        return r;
    }
    uv_timer_init(loop, &l->limit);
    uv_timer_init(loop, &l->more);
    l->limit.data = l->more.data = l;
    l->handles = 3; /* the timers and the connecting */
    *ret = l;
    return 0;
}

static void handle_closed(struct pg_link *l)
{
    if (--l->handles > 0 || !l->closing)
        return;
    while (l->first != NULL)
        question_free(take_first(l));
    if (l->conn != NULL)
        PQfinish(l->conn);
    if (l->closed != NULL)
        l->closed(l->closed_arg);
    free(l);
}

static void on_connecting_closed(void *arg)
{
    handle_closed(arg);
}

static void on_closed(uv_handle_t *h)
{
    handle_closed(h->data);
}

void pg_link_close(struct pg_link *l, void (*closed)(void *arg), void *arg)
{
    l->closing = true;
    l->up = false;
    l->closed = closed;
    l->closed_arg = arg;
    if (l->connecting != NULL)
        pg_connect_close(l->connecting, on_connecting_closed, l);
    l->connecting = NULL;
    if (l->polls)
        uv_close((uv_handle_t *)&l->poll, on_closed);
    uv_close((uv_handle_t *)&l->limit, on_closed);
    uv_close((uv_handle_t *)&l->more, on_closed);
}

const struct pg_info *pg_link_info(const struct pg_link *l)
{
    return &l->info;
}

bool pg_link_up(const struct pg_link *l)
{
    return l->up;
}

int pg_link_waiting(const struct pg_link *l)
{
    return l->waiting;
}

static bool quote_one(const char *s, char **at, char *end)
{
    if (*at >= end)
        return false;
    *(*at)++ = '"';
    for (; *s != '\0'; s++) {
        if (end - *at < 3)
            return false;
        if (*s == '"')
            *(*at)++ = '"';
        *(*at)++ = *s;
    }
    if (end - *at < 2)
        return false;
    *(*at)++ = '"';
    return true;
}

bool pg_quote(const char *schema, const char *name, char *ret, size_t size)
{
    char *at = ret, *end = ret + size;

    if (!quote_one(schema, &at, end) || end - at < 2)
        return false;
    *at++ = '.';
    if (!quote_one(name, &at, end) || at >= end)
        return false;
    *at = '\0';
    return true;
}
