/*
 * Follows one table by its id: each row is delivered exactly once, in
 * whatever order transactions commit. data/pg/tail.h has the logic; this
 * asks its questions over a link, over one link after the other.
 *
 * What it knows outlives a link: attach it to the next one and it goes on
 * where it was - after it has seen that it is the same table of the same
 * server and that ids did not go back. Otherwise it starts anew, counted.
 *
 * A read is asked when it is rung for, when the one before was full, and
 * every poll_ms; two reads begin at least PG_FOLLOW_GAP_MS apart.
 *
 * Thread  loop thread only
 */
#ifndef DATA_PG_FOLLOW_H
#define DATA_PG_FOLLOW_H

#include "data/pg/link.h"
#include "data/pg/tail.h"

#define PG_FOLLOW_GAP_MS 10
#define PG_FOLLOW_LIMIT 2000
#define PG_FOLLOW_COLUMNS_MAX 24
#define PG_FOLLOW_CHECK_MS 30000 /* is it still the same table? */

struct pg_follow;

/* late: a row with a higher id was delivered before. values as in link.h. */
typedef void (*pg_follow_row_cb)(int64_t id, bool late,
                                 const struct span *values, int count,
                                 void *arg);
/* A read ended; err->code 0: well. rows: new ones. */
typedef void (*pg_follow_read_cb)(const struct error *err, uint32_t rows,
                                  void *arg);

struct pg_follow_options {
    const char *schema, *table, *id; /* names as they are, unquoted */
    /* SQL over the row `e`: "e.task"; each becomes a value. Borrowed. */
    const char *const *columns;
    int column_count;
    int64_t history; /* begin with the last so many ids; -1: with all */
    int poll_ms;
    pg_follow_row_cb row;
    pg_follow_read_cb read; /* may be NULL */
    void *arg;
};

/* NULL with err: names that cannot be quoted. */
struct pg_follow *pg_follow_create(uv_loop_t *loop,
                                   const struct pg_follow_options *o,
                                   struct error *err);
/* Silent at once. Its link is closed already, or in the same turn. */
void pg_follow_close(struct pg_follow *f, void (*closed)(void *arg),
                     void *arg);

/* The link is up; it is borrowed until detach, which must come before the
 * link is closed or when it went down. */
void pg_follow_attach(struct pg_follow *f, struct pg_link *l);
void pg_follow_detach(struct pg_follow *f);

/* There may be something new. */
void pg_follow_ring(struct pg_follow *f);
void pg_follow_poll(struct pg_follow *f, int poll_ms);

const struct tail *pg_follow_tail(const struct pg_follow *f);
/* How often it had to start anew. */
uint32_t pg_follow_resets(const struct pg_follow *f);
/* Ids a session takes at once (CACHE of the sequence); above 1 a row may come
 * long after its id and not be seen. 0: not known. */
int64_t pg_follow_cache(const struct pg_follow *f);
/* The last read came to an end, and with nothing left behind it. */
bool pg_follow_caught_up(const struct pg_follow *f);

#endif
