/*
 * One connection to a PostgreSQL server on the loop.
 *
 * Made connecting (on a thread, data/pg/connect.h); `up` says that it stands
 * and that its session is what it has to be: read-only (or not, when the
 * target's `writes` is set), with time-outs. `down` says that it does not, or
 * no longer; once, and then only pg_link_close is left to do. Another
 * connection is another link: waiting and trying again is the owner's.
 *
 * Questions are queued and sent one at a time; rows are handed out as they
 * arrive. A turn of the loop gives rows at most PG_TURN_MS. What does not
 * end within its time is cancelled, and PG_CANCEL_MS later the link is down.
 *
 * Errors  classes of data/pg/explain.h; no secret is in any
 * Bounds  PG_QUEUE_MAX questions; rows and bytes of each question, beyond
 *         which it ends with ERR_LIMIT (bytes: and the link is down)
 * Thread  loop thread only
 */
#ifndef DATA_PG_LINK_H
#define DATA_PG_LINK_H

#include "base/error.h"
#include "base/span.h"
#include "data/pg/target.h"

#include <stdint.h>
#include <uv.h>

#define PG_QUEUE_MAX 64
#define PG_COLUMNS_MAX 32
#define PG_TURN_MS 2
#define PG_CANCEL_MS 2000
#define PG_ROWS_MAX 100000
#define PG_BYTES_MAX (64u << 20)

struct pg_link;

/* What is known of a link that is up. */
struct pg_info {
    int version;         /* 150018 */
    char version_text[32];
    int64_t offset_ms;   /* the server's clock minus ours */
    int32_t latency_ms;  /* of the first question */
    int32_t pid;         /* of its process there */
    bool standby, tls;
    bool open; /* others may read along, or be the server: no certificate is
                  checked, and it is not this machine */
    char user[64], database[64];
};

struct pg_link_calls {
    void (*up)(const struct pg_info *info, void *arg);
    void (*down)(const struct error *err, void *arg);
    /* A notification; `own` when this session sent it. May be NULL. */
    void (*bell)(const char *channel, const char *payload, void *arg);
    void *arg;
};

/* 0, or ERR_CONFIG and the like: then *ret is NULL, nothing is called. */
int pg_link_open(uv_loop_t *loop, const struct pg_target *t,
                 const struct pg_link_calls *calls, struct pg_link **ret,
                 struct error *err);

/* Silent at once; no `done` either. closed: its memory is gone. */
void pg_link_close(struct pg_link *l, void (*closed)(void *arg), void *arg);

/* Valid while the link is up. */
const struct pg_info *pg_link_info(const struct pg_link *l);
bool pg_link_up(const struct pg_link *l);
/* Questions queued or under way. */
int pg_link_waiting(const struct pg_link *l);

/* How a question ended. */
struct pg_done {
    struct error err;  /* code 0: well */
    char state[6];     /* the server's SQLSTATE, "" if it said none */
    uint32_t rows;
    uint64_t bytes;    /* of values */
};

/*
 * values[i].p is NULL for NULL; valid for the call. A row callback may ask
 * or close, and so may done.
 */
typedef void (*pg_row_cb)(const struct span *values, int count, void *arg);
typedef void (*pg_done_cb)(const struct pg_done *d, void *arg);

struct pg_ask {
    const char *sql;
    const char *const *params; /* texts; NULL is NULL */
    int param_count;
    int timeout_ms; /* 0: the target's statement_ms and a half */
    uint32_t max_rows; /* 0: PG_ROWS_MAX */
    uint64_t max_bytes; /* 0: PG_BYTES_MAX */
    pg_row_cb row;  /* may be NULL */
    pg_done_cb done;
    void *arg;
    bool first; /* ahead of what waits */
};

/*
 * 0, and then done is called, never before this returns. ERR_REFUSED: the
 * policy does not let it out; ERR_BUSY: too much waits; ERR_CONNECT: not up.
 * Everything is copied.
 */
int pg_link_ask(struct pg_link *l, const struct pg_ask *ask,
                struct error *err);

#endif
