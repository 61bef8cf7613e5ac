#include "config.h"

#include "habitat/db.h"

#include "habitat/schema.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BUSY_MS 2000

static int fail(struct db *db, struct error *err)
{
    int code = sqlite3_errcode(db->sql);

    if (code == SQLITE_FULL || code == SQLITE_IOERR)
        return error_set(err, ERR_LIMIT, "the habitat's disk is full: %s",
                         sqlite3_errmsg(db->sql));
    return error_set(err, ERR_SERVER, "the habitat's database: %s",
                     sqlite3_errmsg(db->sql));
}

static int take_lock(struct db *db, const char *path, struct error *err)
{
    db->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (db->lock < 0)
        return error_set(err, ERR_CONFIG, "cannot open '%s': %s", path,
                         strerror(errno));
    if (flock(db->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    close(db->lock);
    db->lock = -1;
    return error_set(err, ERR_BUSY, "another habitat has '%s'", path);
}

static int version(struct db *db)
{
    sqlite3_stmt *s = NULL;
    int v = -1;

    if (sqlite3_prepare_v2(db->sql, "PRAGMA user_version", -1, &s, NULL) ==
            SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return v;
}

static int migrate(struct db *db, const char *path, struct error *err)
{
    int have = version(db);

    if (have < 0)
        return error_set(err, ERR_CONFIG, "'%s' is no database: %s", path,
                         sqlite3_errmsg(db->sql));
    if (have > DB_SCHEMA)
        return error_set(err, ERR_CONFIG,
                         "'%s' was made by a newer terrarium (schema %d, this "
                         "one knows %d): use that one, or move the file away",
                         path, have, DB_SCHEMA);
    for (; have < DB_SCHEMA; have++) {
        char sql[64];

        snprintf(sql, sizeof sql, "PRAGMA user_version=%d; COMMIT", have + 1);
        if (sqlite3_exec(db->sql, "BEGIN IMMEDIATE", NULL, NULL, NULL) ||
            sqlite3_exec(db->sql, schema_steps[have], NULL, NULL, NULL) ||
            sqlite3_exec(db->sql, sql, NULL, NULL, NULL)) {
            fail(db, err);
            sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
            return err->code;
        }
    }
    return 0;
}

int db_open(struct db *db, const char *path, struct error *err)
{
    *db = (struct db){.lock = -1};
    if (take_lock(db, path, err) != 0)
        return err->code;
    if (sqlite3_open_v2(path, &db->sql,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        error_set(err, ERR_CONFIG, "cannot open '%s': %s", path,
                  sqlite3_errmsg(db->sql));
        db_close(db);
        return err->code;
    }
    sqlite3_busy_timeout(db->sql, BUSY_MS);
    if (sqlite3_exec(db->sql,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY",
                     NULL, NULL, NULL) != SQLITE_OK)
        error_set(err, ERR_CONFIG, "'%s': %s", path, sqlite3_errmsg(db->sql));
    else
        error_clear(err);
    if (err->code != 0 || migrate(db, path, err) != 0) {
        db_close(db);
        return err->code;
    }
    return 0;
}

void db_close(struct db *db)
{
    for (size_t i = 0; i < sizeof db->cache / sizeof *db->cache; i++)
        sqlite3_finalize(db->cache[i].stmt);
    sqlite3_close(db->sql);
    if (db->lock >= 0)
        close(db->lock);
    *db = (struct db){.lock = -1};
}

void db_check(struct db *db, char *ret, size_t size)
{
    sqlite3_stmt *s = db_read(db, "PRAGMA quick_check(1)", "");

    snprintf(ret, size, "%s",
             db_row(db, s) ? db_text(s, 0) : sqlite3_errmsg(db->sql));
    db_done(s);
}

/* Statements are the program's own literals: their addresses are keys. */
static sqlite3_stmt *prepared(struct db *db, const char *text)
{
    size_t i = 0;

    while (db->cache[i].text != NULL && db->cache[i].text != text) {
        i++;
        assert(i < sizeof db->cache / sizeof *db->cache);
    }
    if (db->cache[i].text == NULL) {
        if (sqlite3_prepare_v3(db->sql, text, -1, SQLITE_PREPARE_PERSISTENT,
                               &db->cache[i].stmt, NULL) != SQLITE_OK) {
            fprintf(stderr, "habitat: %s in: %s\n", sqlite3_errmsg(db->sql),
                    text);
            assert(!"a statement of ours does not compile");
            return NULL;
        }
        db->cache[i].text = text;
    }
    sqlite3_reset(db->cache[i].stmt);
    return db->cache[i].stmt;
}

static void bind(sqlite3_stmt *s, const char *format, va_list ap)
{
    for (int i = 1; *format != '\0'; format++, i++) {
        const char *text;
        struct span span;
        double d;

        switch (*format) {
        case 't':
            text = va_arg(ap, const char *);
            sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
            break;
        case 's':
            span = va_arg(ap, struct span);
            sqlite3_bind_text(s, i, span.p, (int)span.n, SQLITE_TRANSIENT);
            break;
        case 'i':
            sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
            break;
        default:
            d = va_arg(ap, double);
            if (isnan(d))
                sqlite3_bind_null(s, i);
            else
                sqlite3_bind_double(s, i, d);
        }
    }
}

int db_run(struct db *db, const char *sql, const char *format, ...)
{
    sqlite3_stmt *s;
    va_list ap;

    if (db->failed.code != 0)
        return -1;
    if (!db->open_write) {
        if (sqlite3_exec(db->sql, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
            fail(db, &db->failed);
            return -1;
        }
        db->open_write = true;
    }
    s = prepared(db, sql);
    va_start(ap, format);
    bind(s, format, ap);
    va_end(ap);
    if (sqlite3_step(s) == SQLITE_DONE) {
        sqlite3_reset(s);
        return sqlite3_changes(db->sql);
    }
    fail(db, &db->failed);
    sqlite3_reset(s);
    return -1;
}

int64_t db_last(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->sql);
}

void db_rollback(struct db *db)
{
    if (db->open_write && !sqlite3_get_autocommit(db->sql))
        sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
    db->open_write = false;
    db->failed.code = 0;
}

int db_commit(struct db *db, struct error *err)
{
    if (!db->open_write && db->failed.code == 0)
        return 0;
    if (db->failed.code == 0 &&
        sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        fail(db, &db->failed);
    if (db->failed.code == 0) {
        db->open_write = false;
        return 0;
    }
    *err = db->failed;
    db_rollback(db);
    return err->code;
}

sqlite3_stmt *db_read(struct db *db, const char *sql, const char *format, ...)
{
    sqlite3_stmt *s = prepared(db, sql);
    va_list ap;

    va_start(ap, format);
    bind(s, format, ap);
    va_end(ap);
    return s;
}

bool db_row(struct db *db, sqlite3_stmt *s)
{
    int r = sqlite3_step(s);

    if (r == SQLITE_ROW)
        return true;
    if (r != SQLITE_DONE)
        fprintf(stderr, "habitat: %s\n", sqlite3_errmsg(db->sql));
    sqlite3_reset(s);
    return false;
}

void db_done(sqlite3_stmt *s)
{
    sqlite3_reset(s);
}

const char *db_text(sqlite3_stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s, column);
}

struct span db_span(sqlite3_stmt *s, int column)
{
    const char *text = db_text(s, column);

    return (struct span){text, (size_t)sqlite3_column_bytes(s, column)};
}

int64_t db_int(sqlite3_stmt *s, int column)
{
    return sqlite3_column_int64(s, column);
}

double db_double(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(s, column);
}
