/*
 * The habitat's state in SQLite: one connection, one open transaction at a
 * time that many requests share.
 *
 * A write opens the transaction; db_commit ends it and only then may anybody
 * be told. WAL, synchronous=FULL: what is committed survives a crash of the
 * machine. After any failed write the whole transaction is rolled back
 * (db_failed tells), so that nothing is half done.
 *
 * Binding: db_run and friends take a format of one letter for each ?,
 *   t  const char *, NULL binds NULL     s  struct span
 *   i  int64_t                           d  double, NAN binds NULL
 *
 * Lock    flock on the database file: one daemon per user
 * Errors  ERR_BUSY another daemon has it · ERR_LIMIT the disk is full ·
 *         ERR_CONFIG cannot be opened, or made by a newer version
 */
#ifndef HABITAT_DB_H
#define HABITAT_DB_H

#include "base/error.h"
#include "base/span.h"

#include <sqlite3.h>
#include <stdint.h>

#define DB_SCHEMA 2 /* PRAGMA user_version */

struct db {
    sqlite3 *sql;
    int lock; /* descriptor */
    bool open_write; /* a transaction is open */
    struct error failed; /* code 0: the open transaction is whole */
    struct {
        const char *text;
        sqlite3_stmt *stmt;
    } cache[64];
};

int db_open(struct db *db, const char *path, struct error *err);
void db_close(struct db *db);
/* PRAGMA quick_check: "ok", or what was found first. */
void db_check(struct db *db, char *ret, size_t size);

/* One writing statement inside the open transaction. Rows changed, or -1. */
int db_run(struct db *db, const char *sql, const char *format, ...);
/* The rowid of the last insert. */
int64_t db_last(const struct db *db);
/* Nothing open: 0 at once. On failure the transaction is rolled back. */
int db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db);

/*
 * A reading statement, bound; step with db_row until false. Only one walk
 * over the same text at a time.
 */
sqlite3_stmt *db_read(struct db *db, const char *sql, const char *format, ...);
bool db_row(struct db *db, sqlite3_stmt *s);
/* For those who stop before the end. */
void db_done(sqlite3_stmt *s);

/* Columns; text is valid until the next step. */
const char *db_text(sqlite3_stmt *s, int column); /* NULL for NULL */
struct span db_span(sqlite3_stmt *s, int column);
int64_t db_int(sqlite3_stmt *s, int column);
double db_double(sqlite3_stmt *s, int column); /* NAN for NULL */

#endif
