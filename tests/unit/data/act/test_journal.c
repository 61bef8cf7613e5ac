/* Lines of the journal: in order, once, also when a callback writes. */
#include "config.h"

#include "data/act/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cm.h"

#define FIRST 40

static uv_loop_t loop;
static struct journal *j;
static char path[64];
static int written, closed;

static void on_closed(void *arg)
{
    (void)arg;
    closed++;
}

static int setup(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    strcpy(path, "/tmp/test_journal.XXXXXX");
    close(mkstemp(path));
    j = journal_create(&loop, path);
    written = closed = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    journal_close(j, on_closed, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(closed, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
    unlink(path);
    return 0;
}

static void line(const char *text, int n, journal_cb cb)
{
    struct buf b;
    char s[64];

    snprintf(s, sizeof s, "%s %d", text, n);
    buf_init(&b, 100);
    buf_add(&b, s, strlen(s));
    journal_write(j, &b, cb, NULL);
    buf_finish(&b);
}

/* Each intent that is durable writes a step at once. */
static void on_intent(const struct error *err, void *arg)
{
    (void)arg;
    assert_int_equal(err->code, 0);
    line("step", written++, NULL);
}

static void test_callbacks_that_write(void **state)
{
    char text[80], want[80];
    int intents = 0, steps = 0;
    FILE *f;

    (void)state;
    for (int i = 0; i < FIRST; i++)
        line("intent", i, on_intent);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(written, FIRST);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(text, sizeof text, f) != NULL) {
        if (text[0] == 'i')
            snprintf(want, sizeof want, "intent %d\n", intents++);
        else
            snprintf(want, sizeof want, "step %d\n", steps++);
        assert_string_equal(text, want);
    }
    fclose(f);
    assert_int_equal(intents, FIRST);
    assert_int_equal(steps, FIRST);
}

static void test_closed_with_lines_waiting(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        line("last", i, on_intent); /* not called back any more */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_callbacks_that_write),
        T(test_closed_with_lines_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
