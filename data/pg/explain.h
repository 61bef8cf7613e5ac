/*
 * What libpq and a server say went wrong, as one line and a class.
 *
 *   ERR_CONNECT  not reached, or the connection broke
 *   ERR_SILENT   no answer in time, the statement's time is up
 *   ERR_TLS      handshake, certificate
 *   ERR_AUTH     who we are is refused: password, pg_hba.conf, role
 *   ERR_RIGHT    42501: not allowed to read this
 *   ERR_ABSENT   database, schema, table, column or function is not there
 *   ERR_BUSY     starting, shutting down, too many connections, a lock
 *   ERR_REFUSED  25006: a write in a read-only session
 *   ERR_LIMIT    ours: more than was asked for
 *   ERR_SERVER   anything else the server said
 */
#ifndef DATA_PG_EXPLAIN_H
#define DATA_PG_EXPLAIN_H

#include "base/error.h"

#include <stddef.h>

/* The class of a SQLSTATE; ERR_SERVER for what is not known, and NULL. */
int pg_explain_state(const char *sqlstate);

/*
 * A failed connect, from PQerrorMessage with PQERRORS_VERBOSE; its first
 * line. `secrets`, NULL-terminated, are taken out wherever they stand.
 */
int pg_explain_connect(const char *message, const char *const *secrets,
                       struct error *err);

/* One line from text of outside, without its end; at most size - 1 bytes. */
void pg_explain_line(const char *text, char *ret, size_t size);

#endif
