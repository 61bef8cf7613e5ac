/*
 * How a link comes up: connected, its session asked back, and only then used.
 */
#include "config.h"

#include "data/pg/link_priv.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    int64_t now = clock_wall_ms();

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
        link_down(l, &d->err);
    } else {
        struct error err;

        error_set(&err, ERR_SERVER, "it is no PostgreSQL server");
        link_down(l, &err);
    }
}

static void on_connected(PGconn *conn, const struct error *err, void *arg)
{
    struct pg_link *l = arg;
    struct pg_ask a = {
        .sql = info_sql, .row = on_info_row, .done = on_info_done, .arg = l};
    struct error why;
    int r;

    pg_connect_close(l->connecting, link_part_closed, l);
    l->connecting = NULL;
    if (conn == NULL) {
        link_down(l, err);
        return;
    }
    l->conn = conn;
    r = uv_poll_init_socket(l->loop, &l->poll, PQsocket(conn));
    if (r != 0) {
        error_set(&why, r, "its socket cannot be watched: %s",
                  uv_strerror(r));
        link_down(l, &why);
        return;
    }
    l->poll.data = l;
    l->polls = true;
    l->handles++;
    l->began_ns = uv_hrtime();
    l->began_wall = clock_wall_ms();
    link_ask(l, &a, &why);
    link_send(l);
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
