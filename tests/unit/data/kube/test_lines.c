#include "config.h"

#include "data/kube/lines.h"

#include <stdio.h>

#include "tests/support/cm.h"

#define CAP 16

static char got[400];
static int left; /* lines that are wanted yet; -1: all */

static bool keep(const char *s, size_t n, void *arg)
{
    size_t len = strlen(got);

    assert_ptr_equal(arg, got);
    snprintf(got + len, sizeof got - len, "<%.*s>", (int)n, s);
    return left < 0 || --left > 0;
}

static void cut(const char *s, size_t piece, const char *want)
{
    struct kube_lines l;
    size_t n = strlen(s);

    kube_lines_init(&l, CAP);
    got[0] = '\0';
    left = -1;
    for (size_t i = 0; i < n; i += piece)
        assert_true(kube_lines_add(&l, s + i, n - i < piece ? n - i : piece,
                                   keep, got));
    kube_lines_end(&l, keep, got);
    assert_string_equal(got, want);
    kube_lines_end(&l, keep, got);
    assert_string_equal(got, want);
    kube_lines_finish(&l);
}

static void in_any_pieces_the_same_lines(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 40; piece++) {
        cut("", piece, "");
        cut("\n", piece, "<>");
        cut("a\nbc\r\n\nlast", piece, "<a><bc><><last>");
        cut("a\rb\r\n\r\n", piece, "<a\rb><>");
    }
}

static void what_is_too_long_is_cut(void **state)
{
    (void)state;
    /* in small pieces the whole of the cap is used, and never more of it */
    for (size_t piece = 1; piece < 40; piece++) {
        cut("0123456789abcdef\nb\n", piece, "<0123456789abcdef><b>");
        cut("0123456789abcdefgh\nb\n", piece, "<0123456789abcdef><b>");
        cut("0123456789abcdefghijklmnopqrstuvwxyz", piece,
            "<0123456789abcdef>");
    }
}

static void no_more_is_handed_out_than_is_wanted(void **state)
{
    struct kube_lines l;

    (void)state;
    kube_lines_init(&l, CAP);
    got[0] = '\0';
    left = 2;
    assert_false(kube_lines_add(&l, "a\nb\nc\n", 6, keep, got));
    assert_string_equal(got, "<a><b>");
    assert_true(kube_lines_add(&l, "begun", 5, keep, got));
    kube_lines_clear(&l);
    kube_lines_end(&l, keep, got);
    assert_string_equal(got, "<a><b>");
    kube_lines_finish(&l);
}

static void the_time_is_before_the_text(void **state)
{
    const char *line = "1970-01-01T00:00:01.5Z hello";
    int64_t ns = -1;

    (void)state;
    assert_int_equal(kube_line_time(line, strlen(line), &ns), 23);
    assert_int_equal(ns, 1500000000);
    assert_int_equal(kube_line_time(line, 23, &ns), 23); /* an empty text */
    ns = -1;
    assert_int_equal(kube_line_time(line, 22, &ns), 0);
    assert_int_equal(kube_line_time("no such container", 17, &ns), 0);
    assert_int_equal(kube_line_time("", 0, &ns), 0);
    assert_int_equal(ns, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_any_pieces_the_same_lines),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(no_more_is_handed_out_than_is_wanted),
        cmocka_unit_test(the_time_is_before_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
