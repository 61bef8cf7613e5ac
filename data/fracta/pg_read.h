/*
 * Rows of a fracta control plane's tables, read into facts.
 *
 * For each table: which columns are asked for, and what a row of them says.
 * Tolerant: NULL anywhere, times at infinity, words that are not known.
 * Spans point into the row's values: valid for the row's callback. Texts are
 * cut by the server. Times are the server's clock; 0 is "not said".
 */
#ifndef DATA_FRACTA_PG_READ_H
#define DATA_FRACTA_PG_READ_H

#include "base/span.h"
#include "data/fracta/read.h"
#include "data/run.h"
#include "data/store.h"

#define PG_LEASE_MS (30 * 60000) /* of a claimed mission, fracta's default */
#define PG_AGENTS_MAX 100000
#define PG_WORK_MAX 5000    /* pending, and claimed */
#define PG_ENDED_MAX 1000   /* the last ones that ended */

/*
 * The statements, with %s for the schema, quoted, wherever a table is named;
 * ends with NULL. Composed by pg_read_sql.
 */
enum pg_table {
    PG_AGENTS,
    PG_MISSIONS,
    PG_OBJECTIVES,
    PG_PROPOSALS,
    PG_UNREAD,
    PG_TABLES
};
/* The name of the table it reads; for words. */
const char *pg_table_name(enum pg_table t);
/* To be freed. NULL: the schema's name is too long. */
char *pg_read_sql(enum pg_table t, const char *schema);

/* False: no row one can do anything with (no name). */
bool pg_read_agent(const struct span *v, int count, struct run_facts *ret);
bool pg_read_mission(const struct span *v, int count,
                     struct mission_facts *ret);
bool pg_read_objective(const struct span *v, int count,
                       struct objective_facts *ret);
bool pg_read_proposal(const struct span *v, int count,
                      struct proposal_facts *ret, struct asked_facts *asked);
bool pg_read_unread(const struct span *v, int count, struct span *ret_task,
                    int64_t *ret_unread);

/* agent_events: the columns for data/pg/follow.h and what a row says. */
extern const char *const pg_event_columns[];
extern const int pg_event_column_count;
struct pg_event {
    struct fracta_event event; /* agent: of task, else of resource */
    struct span phase;         /* of a heartbeat */
    bool debug;                /* proof of life, no thought */
    bool beat;                 /* a heartbeat */
};
bool pg_read_event(const struct span *v, int count, struct pg_event *ret);

extern const char *const pg_message_columns[];
extern const int pg_message_column_count;
/* text: "to NAME: words" is written into room. */
bool pg_read_message(const struct span *v, int count,
                     struct thought_facts *ret, char *room, size_t size);

/* Seconds since 1970 as the server's extract(epoch …) says them; 0 else. */
int64_t pg_read_time(struct span v);
/* FACT_NONE when it is none. */
int64_t pg_read_int(struct span v);

#endif
