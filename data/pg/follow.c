#include "config.h"

#include "data/pg/follow.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/pg/quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_CAP 16384
#define ARRAY_CAP (TAIL_RANGES_MAX * 21 + 8)
#define AGAIN_MS 1000      /* after an error that may pass */
#define HOPELESS_MS 15000  /* not allowed, not there */
#define SETTLE_MS 1000     /* while gaps are open */

/* What tells one table from another of the same name. */
struct identity {
    char system[24]; /* of the server's data; "" not told */
    int64_t oid, sequence, last;
    int64_t cache; /* 0: not told */
};

struct pg_follow {
    uv_loop_t *loop;
    struct pg_follow_options o;
    char *schema, *table, *id;
    char name[200]; /* quoted */
    struct tail tail;
    struct tail_ask ask;
    struct pg_link *link;
    uv_timer_t timer;
    struct identity known, now;
    bool begun;  /* low is set */
    bool asking; /* a question of ours is on the link */
    bool rung, full, closing, caught_up, system_denied;
    int64_t max_id;
    int64_t asked_ms, checked_ms; /* loop time; 0 never */
    /* of the read under way */
    uint32_t rows, above_rows, gap_rows;
    int64_t last_gap;
    uint64_t xmin, xmax;
    int64_t sent_ms, replayed_ms; /* the latter of a standby */
    uint32_t resets;
    char *sql;
    int sql_version;
    bool sql_standby;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void plan_next(struct pg_follow *f, const struct error *err);

static int64_t now(struct pg_follow *f)
{
    uv_update_time(f->loop);
    return (int64_t)uv_now(f->loop);
}

static int64_t number(struct span v)
{
    char text[24];

    if (v.p == NULL || v.n >= sizeof text)
        return 0;
    memcpy(text, v.p, v.n);
    text[v.n] = '\0';
    return strtoll(text, NULL, 10);
}

/* ---- the read ------------------------------------------------------------ */

static void columns(struct pg_follow *f, struct buf *b, bool null)
{
    for (int i = 0; i < f->o.column_count; i++)
        buf_fmt(b, ", %s", null ? "NULL" : f->o.columns[i]);
}

static bool compose(struct pg_follow *f, int version, bool standby)
{
    const char *xmin = "pg_snapshot_xmin(pg_current_snapshot())",
               *xmax = "pg_snapshot_xmax(pg_current_snapshot())";
    struct buf b;

    if (f->sql != NULL && f->sql_version == version &&
        f->sql_standby == standby)
        return true;
    if (version < 130000) {
        xmin = "txid_snapshot_xmin(txid_current_snapshot())";
        xmax = "txid_snapshot_xmax(txid_current_snapshot())";
    }
    buf_init(&b, SQL_CAP);
    buf_str(&b, "(SELECT 0, e.");
    buf_str(&b, f->id);
    buf_str(&b, "::text");
    columns(f, &b, false);
    buf_fmt(&b,
            ", NULL::text, NULL::text, NULL::text FROM %s e WHERE e.%s > "
            "$1::bigint ORDER BY e.%s LIMIT %d) UNION ALL (SELECT 1, "
            "e.%s::text",
            f->name, f->id, f->id, PG_FOLLOW_LIMIT, f->id);
    columns(f, &b, false);
    buf_fmt(&b,
            ", NULL, NULL, NULL FROM unnest($2::bigint[], $3::bigint[]) AS "
            "g(lo, hi) CROSS JOIN LATERAL (SELECT * FROM %s i WHERE i.%s "
            "BETWEEN g.lo AND g.hi ORDER BY i.%s LIMIT %d) e ORDER BY e.%s LIMIT %d)"
            " UNION ALL SELECT 2, NULL",
            f->name, f->id, f->id, PG_FOLLOW_LIMIT, f->id, PG_FOLLOW_LIMIT);
    columns(f, &b, true);
    buf_fmt(&b, ", %s::text, %s::text, %s", xmin, xmax,
            standby ? "floor(extract(epoch from "
                      "pg_last_xact_replay_timestamp()) * 1000)::bigint::text"
                    : "NULL");
    free(f->sql);
    f->sql = b.over ? NULL : xstrdup(buf_text(&b));
    f->sql_version = version;
    f->sql_standby = standby;
    buf_finish(&b);
    return f->sql != NULL;
}

static void on_row(const struct span *v, int count, void *arg)
{
    struct pg_follow *f = arg;
    int64_t id;
    bool late;

    if (f->closing || count != f->o.column_count + 5)
        return;
    if (span_is(v[0], "2")) {
        f->xmin = (uint64_t)number(v[count - 3]);
        f->xmax = (uint64_t)number(v[count - 2]);
        f->replayed_ms = number(v[count - 1]);
        return;
    }
    id = number(v[1]);
    if (span_is(v[0], "0")) {
        f->above_rows++;
    } else {
        f->gap_rows++;
        f->last_gap = id;
    }
    if (!tail_row(&f->tail, id, &late))
        return;
    f->rows++;
    f->o.row(id, late, v + 2, f->o.column_count, f->o.arg);
}

/*
 * When the snapshot was taken, for the tail's grace. A standby stands where
 * its replay is, and that may be paused for longer than any grace: there the
 * clock is that of the last transaction it has replayed.
 */
static void end_read(struct pg_follow *f, bool cut)
{
    bool standby = f->sql_standby;

    tail_end(&f->tail,
             &(struct tail_end){.xmin = f->xmin,
                                .xmax = f->xmax,
                                .gaps_to = cut ? f->last_gap : INT64_MAX,
                                .sent_ms = standby ? f->replayed_ms
                                                   : f->sent_ms,
                                .got_ms = standby ? f->replayed_ms : now(f)});
}

static void on_read(const struct pg_done *d, void *arg)
{
    struct pg_follow *f = arg;
    struct error err = d->err;

    if (f->closing)
        return;
    f->asking = false;
    if (err.code == 0 && f->xmax == 0)
        error_set(&err, ERR_SERVER, "it told no snapshot");
    if (err.code == 0) {
        bool cut = f->gap_rows >= PG_FOLLOW_LIMIT;

        end_read(f, cut);
        f->full = cut || f->above_rows >= PG_FOLLOW_LIMIT;
        f->caught_up = !f->full && !f->rung;
    } else {
        tail_failed(&f->tail);
        f->full = false;
    }
    if (f->o.read != NULL)
        f->o.read(&err, f->rows, f->o.arg);
    if (!f->closing)
        plan_next(f, &err);
}

static void array(const int64_t *at, int n, char *ret)
{
    char *p = ret;

    *p++ = '{';
    for (int i = 0; i < n; i++)
        p += sprintf(p, "%s%" PRId64, i ? "," : "", at[i]);
    *p++ = '}';
    *p = '\0';
}

static void read_rows(struct pg_follow *f)
{
    static char lo[ARRAY_CAP], hi[ARRAY_CAP]; /* one thread */
    char above[24];
    const char *params[] = {above, lo, hi};
    struct pg_ask a = {.sql = f->sql,
                       .params = params,
                       .param_count = 3,
                       .row = on_row,
                       .done = on_read,
                       .arg = f,
                       .first = true};
    struct error err;

    tail_ask(&f->tail, &f->ask);
    snprintf(above, sizeof above, "%" PRId64, f->ask.above);
    array(f->ask.lo, f->ask.count, lo);
    array(f->ask.hi, f->ask.count, hi);
    f->rows = f->above_rows = f->gap_rows = 0;
    f->xmin = f->xmax = 0;
    f->replayed_ms = 0;
    f->rung = f->full = false;
    f->asked_ms = f->sent_ms = now(f);
    f->asking = true;
    if (pg_link_ask(f->link, &a, &err) != 0) {
        f->asking = false;
        tail_failed(&f->tail);
        plan_next(f, &err);
    }
}

/* ---- is it the same table? ----------------------------------------------- */

static void on_system(const struct span *v, int count, void *arg)
{
    struct pg_follow *f = arg;

    if (count == 1 && v[0].p != NULL)
        snprintf(f->now.system, sizeof f->now.system, "%.*s",
                 (int)(v[0].n < 23 ? v[0].n : 23), v[0].p);
}

static void on_identity(const struct span *v, int count, void *arg)
{
    struct pg_follow *f = arg;

    if (count != 5)
        return;
    f->now.oid = number(v[0]);
    f->now.sequence = number(v[1]);
    f->now.last = v[2].p != NULL ? number(v[2]) : -1;
    f->max_id = number(v[3]);
    f->now.cache = number(v[4]);
}

/*
 * A sequence may go back a little in a crash, to ids that nobody committed;
 * ids went back only if it is now below one that was seen. Being below one
 * is not enough either: rows may be inserted with ids of their own.
 */
static bool same(const struct identity *was, const struct identity *is,
                 int64_t high)
{
    if (was->system[0] != '\0' && is->system[0] != '\0' &&
        strcmp(was->system, is->system) != 0)
        return false;
    return was->oid == is->oid && was->sequence == is->sequence &&
           (was->last < 0 || is->last < 0 || is->last >= was->last ||
            is->last >= high);
}

static void begin(struct pg_follow *f)
{
    int64_t low = f->o.history < 0 ? 0 : f->max_id - f->o.history;

    if (low < 0)
        low = 0;
    if (f->begun) {
        tail_reset(&f->tail, low);
        f->resets++;
    } else {
        tail_init(&f->tail, low);
        f->begun = true;
    }
}

static void on_identified(const struct pg_done *d, void *arg)
{
    struct pg_follow *f = arg;
    struct error err = d->err;

    if (f->closing)
        return;
    f->asking = false;
    if (err.code == 0 && d->rows != 1)
        error_set(&err, ERR_SERVER, "it does not tell its tables");
    if (err.code == 0) {
        if (!f->begun || !same(&f->known, &f->now, f->tail.high))
            begin(f);
        f->known = f->now;
        f->checked_ms = now(f);
        f->full = true; /* read at once */
    } else if (f->o.read != NULL) {
        f->o.read(&err, 0, f->o.arg);
    }
    if (!f->closing)
        plan_next(f, &err);
}

static void on_system_known(const struct pg_done *d, void *arg)
{
    struct pg_follow *f = arg;

    /* not allowed to know it: the rest has to do */
    f->system_denied |= d->err.code == ERR_RIGHT || d->err.code == ERR_ABSENT;
}

static void identify(struct pg_follow *f)
{
    const char *params[] = {f->name, f->o.id};
    char sql[1000];
    struct pg_ask who = {.sql = "SELECT system_identifier FROM "
                                "pg_control_system()",
                         .row = on_system,
                         .done = on_system_known,
                         .arg = f};
    struct pg_ask a = {.sql = sql,
                       .params = params,
                       .param_count = 2,
                       .row = on_identity,
                       .done = on_identified,
                       .arg = f};
    struct error err;
    bool old = pg_link_info(f->link)->version < 100000;
    const char *cache = old ? "NULL"
                            : "(SELECT q.seqcache FROM pg_sequence q WHERE "
                              "q.seqrelid = s.seq::regclass)";
    const char *last = old ? "NULL"
                           : "CASE WHEN has_sequence_privilege(s.seq, "
                             "'SELECT, USAGE') THEN pg_sequence_last_value("
                             "s.seq::regclass) END";

    snprintf(sql, sizeof sql,
             "SELECT $1::text::regclass::oid, s.seq::regclass::oid, %s, "
             "(SELECT max(%s) FROM %s), %s FROM (SELECT "
             "pg_get_serial_sequence($1, $2) AS seq) s",
             last, f->id, f->name, cache);
    f->now = (struct identity){.last = -1};
    f->asking = true;
    f->asked_ms = now(f);
    /* a server does not change under a link; a refusal is in its log */
    if (f->checked_ms > 0 || f->system_denied)
        memcpy(f->now.system, f->known.system, sizeof f->now.system);
    else
        pg_link_ask(f->link, &who, &err);
    if (pg_link_ask(f->link, &a, &err) != 0) {
        f->asking = false;
        plan_next(f, &err);
    }
}

/* ---- when ---------------------------------------------------------------- */

static void on_timer(uv_timer_t *t)
{
    struct pg_follow *f = t->data;

    if (f->link == NULL || f->asking)
        return;
    if (f->checked_ms == 0 ||
        now(f) - f->checked_ms >= PG_FOLLOW_CHECK_MS)
        identify(f);
    else
        read_rows(f);
}

static void after(struct pg_follow *f, int64_t ms)
{
    int64_t least = f->asked_ms + PG_FOLLOW_GAP_MS - now(f);

    if (f->asked_ms > 0 && ms < least)
        ms = least;
    uv_timer_start(&f->timer, on_timer, (uint64_t)(ms > 0 ? ms : 0), 0);
}

static void plan_next(struct pg_follow *f, const struct error *err)
{
    if (f->link == NULL || !pg_link_up(f->link))
        return;
    if (err->code == ERR_RIGHT || err->code == ERR_ABSENT)
        after(f, HOPELESS_MS);
    else if (err->code != 0)
        after(f, AGAIN_MS);
    else if (f->full || f->rung)
        after(f, 0);
    else if (!tail_settled(&f->tail) && f->o.poll_ms > SETTLE_MS)
        after(f, SETTLE_MS);
    else
        after(f, f->o.poll_ms);
}

void pg_follow_ring(struct pg_follow *f)
{
    f->rung = true;
    f->caught_up = false;
    if (f->link != NULL && !f->asking && f->checked_ms > 0)
        after(f, 0);
}

void pg_follow_attach(struct pg_follow *f, struct pg_link *l)
{
    struct error err;

    f->link = l;
    f->asking = false;
    f->checked_ms = f->asked_ms = 0;
    if (pg_link_info(l)->version < 90400)
        error_set(&err, ERR_SERVER,
                  "PostgreSQL %s cannot tell its snapshots: 9.4 is needed",
                  pg_link_info(l)->version_text);
    else if (!compose(f, pg_link_info(l)->version,
                      pg_link_info(l)->standby))
        error_set(&err, ERR_LIMIT, "too many columns");
    else
        err.code = 0;
    if (err.code != 0) {
        f->link = NULL;
        if (f->o.read != NULL)
            f->o.read(&err, 0, f->o.arg);
        return;
    }
    after(f, 0);
}

void pg_follow_detach(struct pg_follow *f)
{
    f->link = NULL;
    if (f->asking)
        tail_failed(&f->tail);
    f->asking = f->caught_up = false;
    uv_timer_stop(&f->timer);
}

void pg_follow_poll(struct pg_follow *f, int poll_ms)
{
    f->o.poll_ms = poll_ms;
}

struct pg_follow *pg_follow_create(uv_loop_t *loop,
                                   const struct pg_follow_options *o,
                                   struct error *err)
{
    struct pg_follow *f = xcalloc(1, sizeof *f);
    char id[140];

    f->loop = loop;
    f->o = *o;
    if (!pg_quote(o->schema, o->table, f->name, sizeof f->name) ||
        !pg_quote("x", o->id, id, sizeof id)) {
        error_set(err, ERR_CONFIG, "a name is too long: '%.60s.%.60s'",
                  o->schema, o->table);
        free(f);
        return NULL;
    }
    f->schema = xstrdup(o->schema);
    f->table = xstrdup(o->table);
    f->id = xstrdup(id + strlen("\"x\"."));
    f->o.schema = f->schema;
    f->o.table = f->table;
    f->o.id = xstrdup(o->id);
    uv_timer_init(loop, &f->timer);
    f->timer.data = f;
    return f;
}

static void on_closed(uv_handle_t *h)
{
    struct pg_follow *f = h->data;

    tail_finish(&f->tail);
    if (f->closed != NULL)
        f->closed(f->closed_arg);
    free((char *)(uintptr_t)f->o.id);
    free(f->schema);
    free(f->table);
    free(f->id);
    free(f->sql);
    free(f);
}

void pg_follow_close(struct pg_follow *f, void (*closed)(void *arg),
                     void *arg)
{
    f->closing = true;
    f->link = NULL;
    f->closed = closed;
    f->closed_arg = arg;
    uv_close((uv_handle_t *)&f->timer, on_closed);
}

const struct tail *pg_follow_tail(const struct pg_follow *f)
{
    return &f->tail;
}

uint32_t pg_follow_resets(const struct pg_follow *f)
{
    return f->resets;
}

int64_t pg_follow_cache(const struct pg_follow *f)
{
    return f->known.cache;
}

bool pg_follow_caught_up(const struct pg_follow *f)
{
    return f->caught_up;
}
