/* What was taken away, as the journal keeps it for the next console. */
#include "config.h"

#include "data/act/before.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cm.h"

static uv_loop_t loop;
static struct before *b;
static char path[64];

static int setup(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    strcpy(path, "/tmp/test_before.XXXXXX");
    close(mkstemp(path));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    before_close(b, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0); /* nothing is left */
    unlink(path);
    return 0;
}

static void journal(const char *text)
{
    FILE *f = fopen(path, "a");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void start(void)
{
    b = before_create(&loop, path);
    uv_run(&loop, UV_RUN_DEFAULT);
}

static struct act_want want(const char *name, int uid)
{
    struct act_want w = {.act = ACT_RESUME, .kind = KIND_AGENT, .ns = "team"};

    snprintf(w.name, sizeof w.name, "%s", name);
    w.uid[15] = (uint8_t)uid;
    return w;
}

#define LINE(step, act, name, uid, more)                                       \
    "{\"at\":\"2026-11-21T10:00:00Z\",\"id\":\"x\",\"step\":\"" step           \
    "\",\"act\":\"" act "\",\"kind\":\"agents\",\"ns\":\"team\",\"name\":\""   \
    name "\",\"object\":\"000000000000000000000000000000" uid "\"" more "}\n"

static void test_another_console(void **state)
{
    struct act_want a = want("alpha", 1), o = want("alpha", 2),
                    c = want("beta", 3);
    struct before_row row;

    (void)state;
    journal(LINE("intent", "pause", "alpha", "01", ",\"before\":4")
            LINE("observed", "pause", "alpha", "01", "")
            "{\"broken\n\n"
            LINE("intent", "pause", "beta", "03", ",\"before\":1"));
    start();
    assert_int_equal(before_find(b, &a), 4);
    assert_int_equal(before_find(b, &o), 0); /* another one of that name */
    assert_int_equal(before_find(b, &c), 1);
    assert_true(before_at(b, 0, &row));
    assert_true(before_at(b, 1, &row));
    assert_false(before_at(b, 2, &row));
    before_drop(b, &a);
    assert_int_equal(before_find(b, &a), 0);
    assert_true(before_at(b, 0, &row));
    assert_string_equal(row.name, "beta");
    assert_int_equal(row.replicas, 1);
}

static void test_given_back(void **state)
{
    struct act_want a = want("alpha", 1);

    (void)state;
    journal(LINE("intent", "pause", "alpha", "01", ",\"before\":4")
            LINE("intent", "resume", "alpha", "01", ""));
    start();
    assert_int_equal(before_find(b, &a), 4); /* meant, and not seen yet */
    before_close(b, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    journal(LINE("observed", "resume", "alpha", "01", ""));
    start();
    assert_int_equal(before_find(b, &a), 0);
}

static void test_that_came_to_nothing(void **state)
{
    static const char *const ends[] = {
        LINE("refused", "pause", "alpha", "01", ""),
        LINE("superseded", "pause", "alpha", "01", ""),
        LINE("not done", "pause", "alpha", "01", ""),
        LINE("cancelled", "pause", "alpha", "01", "")};
    struct act_want a = want("alpha", 1);

    (void)state;
    for (int i = 0; i < 4; i++) {
        journal(LINE("intent", "pause", "alpha", "01", ",\"before\":4"));
        journal(ends[i]);
    }
    start();
    assert_int_equal(before_find(b, &a), 0);
    before_close(b, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    /* two at once, and one of them was too late */
    journal(LINE("intent", "pause", "beta", "02", ",\"before\":3")
            LINE("intent", "pause", "beta", "02", ",\"before\":3")
            LINE("observed", "pause", "beta", "02", "")
            LINE("superseded", "pause", "beta", "02", "")
            LINE("intent", "pause", "alpha", "01", ",\"before\":4")
            LINE("unknown, looking", "pause", "alpha", "01", ""));
    start();
    assert_int_equal(before_find(b, &a), 4); /* it may have been done */
    a = want("beta", 2);
    assert_int_equal(before_find(b, &a), 3);
    before_put(b, &a, 3);
    before_undo(b, &a);
    assert_int_equal(before_find(b, &a), 3);
    before_undo(b, &a);
    assert_int_equal(before_find(b, &a), 0);
}

/* What is done before the file was read counts more than the file. */
static void test_news_while_it_is_read(void **state)
{
    struct act_want a = want("alpha", 1);

    (void)state;
    journal(LINE("intent", "pause", "alpha", "01", ",\"before\":4"));
    b = before_create(&loop, path);
    before_put(b, &a, 7);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(before_find(b, &a), 7);
}

static void test_no_file(void **state)
{
    struct act_want a = want("alpha", 1);

    (void)state;
    unlink(path);
    start();
    assert_int_equal(before_find(b, &a), 0);
    before_close(b, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    b = before_create(&loop, NULL);
    before_put(b, &a, 2);
    assert_int_equal(before_find(b, &a), 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_another_console),
        T(test_given_back),
        T(test_that_came_to_nothing),
        T(test_news_while_it_is_read),
        T(test_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
