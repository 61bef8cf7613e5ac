#include "config.h"

#include "habitat/db.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/cm.h"

static struct db db;
static char dir[40], path[60];
static struct error err;

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/test_db.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/h.db", dir);
    error_clear(&err);
    return 0;
}

static int teardown(void **state)
{
    char other[80];

    (void)state;
    db_close(&db);
    unlink(path);
    snprintf(other, sizeof other, "%s-wal", path);
    unlink(other);
    snprintf(other, sizeof other, "%s-shm", path);
    unlink(other);
    rmdir(dir);
    return 0;
}

static void opened(void)
{
    if (db_open(&db, path, &err) != 0)
        fail_msg("%s", err.msg);
}

static int add(const char *id)
{
    return db_run(&db,
                  "INSERT INTO objectives VALUES (?,?,'active',?,0,0,0,0,?)",
                  "ttid", id, "text", (int64_t)5, (double)NAN);
}

static int64_t count(void)
{
    sqlite3_stmt *s = db_read(&db, "SELECT count(*) FROM objectives", "");
    int64_t n = db_row(&db, s) ? db_int(s, 0) : -1;

    db_done(s);
    return n;
}

static int64_t user_version(void)
{
    sqlite3_stmt *s = db_read(&db, "PRAGMA user_version", "");
    int64_t n = db_row(&db, s) ? db_int(s, 0) : -1;

    db_done(s);
    return n;
}

static void test_from_nothing(void **state)
{
    char found[100] = "";
    sqlite3_stmt *s;

    (void)state;
    opened();
    assert_int_equal(user_version(), DB_SCHEMA);
    assert_int_equal(add("a"), 1);
    assert_int_equal(db_commit(&db, &err), 0);
    assert_int_equal(db_commit(&db, &err), 0); /* nothing open */
    db_close(&db);
    opened(); /* again, as it was */
    s = db_read(&db, "SELECT id, outcome, created FROM objectives WHERE id=?",
                "s", (struct span){"abc", 1});
    assert_true(db_row(&db, s));
    assert_string_equal(db_text(s, 0), "a");
    assert_int_equal(db_span(s, 0).n, 1);
    assert_null(db_text(s, 1));
    assert_true(isnan(db_double(s, 1)));
    assert_int_equal(db_int(s, 2), 5);
    assert_false(db_row(&db, s));
    db_check(&db, found, sizeof found);
    assert_string_equal(found, "ok");
    db_close(&db);
}

static void test_newer_is_refused(void **state)
{
    sqlite3 *sql;

    (void)state;
    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    sqlite3_exec(sql, "PRAGMA user_version=99", NULL, NULL, NULL);
    sqlite3_close(sql);
    assert_int_equal(db_open(&db, path, &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, "newer"));
    assert_non_null(strstr(err.msg, path));
    assert_int_equal(db.lock, -1);
}

static void test_no_database(void **state)
{
    FILE *f = fopen(path, "we");

    (void)state;
    for (int i = 0; i < 1000; i++)
        fputs("this is no database at all\n", f);
    fclose(f);
    assert_int_equal(db_open(&db, path, &err), ERR_CONFIG);
    assert_int_equal(db_open(&db, "/none/at/all", &err), ERR_CONFIG);
}

static void test_one_at_a_time(void **state)
{
    struct db other;

    (void)state;
    opened();
    assert_int_equal(db_open(&other, path, &err), ERR_BUSY);
    db_close(&db);
    opened();
}

static void test_failure_takes_all_back(void **state)
{
    (void)state;
    opened();
    assert_int_equal(add("a"), 1);
    assert_int_equal(db_commit(&db, &err), 0);
    assert_int_equal(add("b"), 1);
    assert_int_equal(add("a"), -1); /* there already */
    assert_int_equal(add("c"), -1); /* nothing more goes in */
    assert_int_not_equal(db_commit(&db, &err), 0);
    assert_int_equal(err.code, ERR_SERVER);
    assert_int_equal(count(), 1);
    assert_int_equal(add("d"), 1); /* and it goes on */
    assert_int_equal(db_commit(&db, &err), 0);
    assert_int_equal(count(), 2);
    assert_int_equal(add("e"), 1);
    db_rollback(&db);
    assert_int_equal(count(), 2);
}

/* As a full disk: no page more. */
static void test_full(void **state)
{
    char id[20], sql[60];
    sqlite3_stmt *s;
    int64_t pages;
    int i;

    (void)state;
    opened();
    s = db_read(&db, "PRAGMA page_count", "");
    assert_true(db_row(&db, s));
    pages = db_int(s, 0);
    db_done(s);
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld",
             (long long)pages + 2);
    assert_int_equal(sqlite3_exec(db.sql, sql, NULL, NULL, NULL), SQLITE_OK);
    for (i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "id-%d", i);
        if (add(id) != 1)
            break;
    }
    assert_in_range(i, 1, 1999);
    assert_int_equal(db_commit(&db, &err), ERR_LIMIT);
    assert_int_equal(count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_from_nothing),
        T(test_newer_is_refused),
        T(test_no_database),
        T(test_one_at_a_time),
        T(test_failure_takes_all_back),
        T(test_full),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
