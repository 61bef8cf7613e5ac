/*
 * A fracta control plane's tables in PostgreSQL as a source.
 *
 * agents, missions, objectives and proposals are read again and again, as
 * often as they change (1 to 5 s; at once when triggers ring); agent_events
 * and messages are followed so that each row comes once (data/pg/follow.h).
 * One connection, one question at a time, a read-only session.
 *
 * What the role may not read, or is not there, is said for that kind; the
 * others go on. Refused or unreachable: tried again within 3 s, what is
 * refused for good (password, certificate) within 30 s.
 *
 * Nothing is ever written: it has no plans. Columns that hold credentials
 * (resume_token, payload but for its harmless keys) are not read.
 */
#ifndef DATA_FRACTA_PG_SOURCE_H
#define DATA_FRACTA_PG_SOURCE_H

#include "data/pg/target.h"
#include "data/source.h"

#define PG_HISTORY 500 /* events to begin with */

struct pg_options {
    const char *name;     /* of the plane; NULL: "postgres" */
    struct pg_target at;  /* `writes` is not looked at; copied */
    const char *schema;   /* NULL: "public" */
    const char *ns;       /* where its agents run; NULL: "fracta" */
};

struct source *pg_source_create(uv_loop_t *loop, struct store *store,
                                const struct pg_options *options);

#endif
