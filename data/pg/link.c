#include "config.h"

#include "data/pg/link_priv.h"

#include "base/xalloc.h"
#include "data/pg/explain.h"
#include "data/pg/policy.h"
#include "data/pg/received.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void pump(struct pg_link *l);

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

/* ---- the end of a link --------------------------------------------------- */

void link_down(struct pg_link *l, const struct error *err)
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
    link_down(l, &err);
}

/* ---- cancelling ---------------------------------------------------------- */

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
        link_down(l, &err);
        return;
    }
    q->cancelled = true;
    q->end.err = err;
    cancel(l);
    uv_timer_start(t, on_limit, PG_CANCEL_MS, 0);
}

/* ---- what comes ---------------------------------------------------------- */

/*
 * Bytes that arrived on this connection; 0 on a Unix socket. libpq holds a
 * whole row before anything is seen of it, so rows alone cannot tell that
 * somebody pours.
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
    link_send(l);
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
                link_send(l);
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
    link_down(l, &err);
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

void link_send(struct pg_link *l)
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

int link_ask(struct pg_link *l, const struct pg_ask *a, struct error *err)
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
    r = link_ask(l, a, err);
    /* not sent from here: a failure would call back before we return */
    if (r == 0 && !l->sent)
        uv_timer_start(&l->more, on_more, 0, 0);
    return r;
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

void link_part_closed(void *arg)
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
        pg_connect_close(l->connecting, link_part_closed, l);
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
