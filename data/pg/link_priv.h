/* Shared by link.c and link_begin.c. */
#ifndef DATA_PG_LINK_PRIV_H
#define DATA_PG_LINK_PRIV_H

#include "data/pg/connect.h"
#include "data/pg/link.h"

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

/* A question is queued, whether the link counts as up or not; not sent. */
int link_ask(struct pg_link *l, const struct pg_ask *a, struct error *err);
void link_send(struct pg_link *l);
/* Once: all questions end with err, then the owner is told. */
void link_down(struct pg_link *l, const struct error *err);
/* The connecting is gone; of a link that closes it may be the last part. */
void link_part_closed(void *arg);

#endif
