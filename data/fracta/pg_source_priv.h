/* Shared by the files of the Postgres source: pg_source.c, pg_poll.c,
 * pg_feed.c. */
#ifndef DATA_FRACTA_PG_SOURCE_PRIV_H
#define DATA_FRACTA_PG_SOURCE_PRIV_H

#include "base/clock.h"
#include "data/fracta/pg_marks.h"
#include "data/fracta/pg_read.h"
#include "data/fracta/pg_source.h"
#include "data/pg/follow.h"
#include "data/source_impl.h"

/* What is asked again and again: the tables, and two small questions. */
enum pg_poll_id {
    PG_POLL_RINGS = PG_TABLES, /* which tables have our triggers */
    PG_POLL_CLOCK,             /* proof of life, its clock */
    PG_POLLS
};

struct pg_source;

struct pg_poll {
    struct pg_source *source;
    int id; /* enum pg_table, enum pg_poll_id */
    char *sql;
    int64_t due_ms, asked_ms; /* loop time */
    int64_t gap_ms;           /* until the next one */
    int64_t took_ms; /* of the last one */
    uint64_t digest, last_digest;
    uint32_t epoch, rows;
    uint32_t good; /* epoch of the last that came whole; 0 none */
    bool asking, rung, rings; /* rings: a trigger tells of changes */
    bool answered; /* on this link, well or not */
    struct error error;
};

struct pg_feed { /* a table that is followed */
    struct pg_source *source;
    struct pg_follow *follow;
    bool rings, answered;
    uint64_t rows;
    struct error error;
};
enum { PG_FEED_EVENTS, PG_FEED_MESSAGES, PG_FEEDS };

struct pg_source {
    struct source base;
    struct pg_target at;
    char *texts[10]; /* what `at` points to */
    char *password;
    char schema[64], ns[64];
    struct pg_link *link;
    uv_timer_t again, next;
    struct pg_poll polls[PG_POLLS];
    struct pg_feed feeds[PG_FEEDS];
    struct pg_marks marks;
    int64_t delay_ms;
    int handles;
    bool closing, live;
    /* the queue of missions, of the last list */
    uint32_t pending, pending_now;
    int64_t oldest_ms, oldest_now_ms;
};

/* pg_source.c */
struct origin pg_origin(const struct pg_source *s, uint32_t epoch,
                        bool initial);
/* A moment of the server's on the store's clock; now if it told none. */
int64_t pg_moment(const struct pg_source *s, int64_t server_ms);
void pg_proof(struct pg_source *s);
/* One of its questions was answered: is all known now? */
void pg_answered(struct pg_source *s);
/* How it stands with a kind, after a question about it. */
void pg_stream(struct pg_source *s, enum kind kind, const char *table,
               const struct error *err);

/* pg_poll.c */
void pg_polls_init(struct pg_source *s);
void pg_polls_finish(struct pg_source *s);
void pg_polls_begin(struct pg_source *s); /* the link is up */
void pg_polls_end(struct pg_source *s);   /* it is down */
void pg_polls_refresh(struct pg_source *s);
void pg_poll_ring(struct pg_source *s, int id);
/* Not later than ms after the last one. */
void pg_poll_within(struct pg_source *s, int id, int64_t ms);

/* pg_feed.c */
int pg_feeds_init(struct pg_source *s, struct error *err);
void pg_feeds_close(struct pg_source *s, void (*closed)(void *arg));
void pg_feeds_begin(struct pg_source *s);
void pg_feeds_end(struct pg_source *s);
void pg_feed_rings(struct pg_source *s, int feed, bool rings);

#endif
