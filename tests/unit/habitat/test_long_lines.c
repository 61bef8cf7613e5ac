#include "config.h"

#include "habitat/lines.h"

#include <stdlib.h>

#include "tests/support/cm.h"

static struct lines lines;
static char last[256];
static size_t longest;
static int count, screens;

static void on_line(struct span text, void *arg)
{
    size_t n = text.n < sizeof last ? text.n : sizeof last - 1;

    (void)arg;
    memcpy(last, text.p, n);
    last[n] = '\0';
    longest = text.n > longest ? text.n : longest;
    count++;
}

static void on_osc(int number, struct span text, void *arg)
{
    (void)number;
    (void)text;
    (void)arg;
}

static void on_bell(void *arg)
{
    (void)arg;
}

static void on_screen(void *arg)
{
    (void)arg;
    screens++;
}

static int setup(void **state)
{
    const struct lines_calls calls = {on_line, on_osc, on_bell, on_screen,
                                      NULL};

    (void)state;
    lines_init(&lines, &calls);
    longest = 0;
    count = screens = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lines_finish(&lines);
    return 0;
}

static void feed(const char *s)
{
    lines_feed(&lines, s, strlen(s));
}

static void fill(char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lines_feed(&lines, &c, 1);
}

static void test_long(void **state)
{
    (void)state;
    fill('a', 3 * LINES_MAX);
    feed("\n");
    assert_int_equal(longest, LINES_MAX);
    assert_int_equal(count, 3);
    count = 0;
    feed("{");
    fill('a', 200000);
    feed("}\n");
    assert_int_equal(count, 1);
    assert_int_equal(longest, 200002);
    longest = 0;
    fill('a', 2 * LINES_MAX);
    feed("\n{");
    assert_int_equal(longest, LINES_MAX);
    fill('b', 2 * LINES_JSON_MAX);
    assert_int_equal(longest, LINES_JSON_MAX);
}

static void test_screen(void **state)
{
    (void)state;
    assert_int_equal(lines_feed(&lines, "a\033[2Jb", 6), 4);
    assert_int_equal(screens, 1);
    assert_string_equal(last, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_long, setup, teardown),
        cmocka_unit_test_setup_teardown(test_screen, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
