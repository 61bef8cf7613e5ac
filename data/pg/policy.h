/*
 * Which statements may be sent at all while writing is switched off.
 *
 * An allow-list of beginnings: SELECT, SHOW, LISTEN, UNLISTEN; one statement
 * (no ';'), no INTO, no FOR UPDATE or SHARE, and none of the functions that
 * act though they are called in a SELECT: those of settings, locks,
 * notifications, large objects, other sessions and files. Words in quotes
 * are names or texts and count for nothing; a statement whose quotes do not
 * close, or that has a comment or a dollar quote in it, is refused as such:
 * it might be read otherwise than here.
 *
 * The server holds to the same by default_transaction_read_only; this is so
 * that nothing depends on the server.
 */
#ifndef DATA_PG_POLICY_H
#define DATA_PG_POLICY_H

#include <stdbool.h>

bool pg_policy_allows_reading(const char *sql);

#endif
