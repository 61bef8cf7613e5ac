#include "data/fracta/overlap.h"

#include "tests/support/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct overlap o;
static char said[1 << 20];
static size_t used;

static void on_line(const char *p, size_t n, void *arg)
{
    (void)arg;
    used += (size_t)snprintf(said + used, sizeof said - used, "%s%.*s",
                             used > 0 ? " " : "", p != NULL ? (int)n : 1,
                             p != NULL ? p : "~");
}

/* What of the text is new. */
static const char *take(const char *text)
{
    said[0] = '\0';
    used = 0;
    overlap_take(&o, text, strlen(text), on_line, NULL);
    return said;
}

static int begin(void **state)
{
    (void)state;
    overlap_init(&o);
    return 0;
}

static int end(void **state)
{
    (void)state;
    overlap_finish(&o);
    return 0;
}

static void test_grows(void **state)
{
    (void)state;
    assert_string_equal(take(""), "");
    assert_string_equal(take("a\nb\n"), "a b");
    assert_string_equal(take("a\nb\n"), "");
    assert_string_equal(take("a\nb\nc\n"), "c");
    assert_string_equal(take("a\nb\nc\nd\n\ne\n"), "d  e");
}

static void test_slides(void **state)
{
    (void)state;
    assert_string_equal(take("a\nb\nc\n"), "a b c");
    assert_string_equal(take("b\nc\nd\n"), "d");
    assert_string_equal(take("d\ne\nf\n"), "e f");
    assert_string_equal(take("x\ny\n"), "~ x y"); /* a gap */
    assert_string_equal(take("y\n"), "");
}

static void test_the_same_lines(void **state)
{
    (void)state;
    assert_string_equal(take("t\nt\nt\n"), "t t t");
    assert_string_equal(take("t\nt\nt\n"), "");
    assert_string_equal(take("t\nt\nt\nt\n"), "t");
    assert_string_equal(take("t\nt\nu\nt\n"), "u t");
    assert_string_equal(take("t\nu\nt\nt\nu\nt\n"), "t u t");
}

static void test_first_line_is_cut(void **state)
{
    (void)state;
    assert_string_equal(take("one\ntwo\nthree\n"), "one two three");
    assert_string_equal(take("wo\nthree\nfour\n"), "four");
    assert_string_equal(take("ee\nfour\nfive\nsix\n"), "five six");
}

static void test_no_end(void **state)
{
    (void)state;
    assert_string_equal(take("a\nb"), "a");
    assert_string_equal(take("a\nb"), "b"); /* it stands */
    assert_string_equal(take("a\nb"), "");
    assert_string_equal(take("a\nb\nc"), ""); /* only its end came */
    assert_string_equal(take("a\nb\nc"), "c");
    assert_string_equal(take("a\nb\nccc\n"), "cc"); /* it grew */
    assert_string_equal(take("a\nb\nccc\nd"), "");
    assert_string_equal(take("a\nb\nccc\ndd"), "");
    assert_string_equal(take("a\nb\nccc\ndd"), "dd");
    assert_string_equal(take("a\nb\nccc\ndd\n"), "");
    assert_string_equal(take("a\nb\nccc\ndd\ne\n"), "e");
}

/* A text that stands for itself, of the same length as the one before. */
static void test_only_a_line_without_end(void **state)
{
    (void)state;
    assert_string_equal(take("reading"), "");
    assert_string_equal(take("reading"), "reading");
    assert_string_equal(take("writing"), "");
    assert_string_equal(take("writing"), "writing");
    assert_string_equal(take("writing"), "");
}

static void test_cleared(void **state)
{
    (void)state;
    take("a\nb\n");
    overlap_clear(&o);
    assert_string_equal(take("a\nb\n"), "a b");
}

/* More lines than are kept: the last of them, and no one twice. */
static void test_many(void **state)
{
    const int all = OVERLAP_LINES * 2;
    char *text = malloc((size_t)all * 8), *p = text;

    (void)state;
    for (int i = 0; i < all; i++)
        p += sprintf(p, "%d\n", i);
    take(text);
    assert_int_equal(atoi(said), all - OVERLAP_LINES);
    sprintf(p, "last\n");
    assert_string_equal(take(text), "last");
    free(text);
}

/* Against the plain way: what a log printed comes once, in its order. */
static void test_any_window(void **state)
{
    (void)state;
    srand(7);
    for (int run = 0; run < 200; run++) {
        char text[4000] = "", *window, *p = text;
        int next = 0, lines[200], n = 0, from = 0;

        overlap_clear(&o);
        for (int round = 0; round < 12; round++) {
            int more = rand() % 5, had = n;
            char want[2000] = "", *w = want;

            for (int i = 0; i < more && n < 200; i++)
                lines[n++] = next++;
            /* it slides, but never beyond what was shown */
            from += had > from ? rand() % (had - from) : 0;
            window = p = text;
            for (int i = from; i < n; i++)
                p += sprintf(p, "line %d\n", lines[i]);
            for (int i = had; i < n; i++)
                w += sprintf(w, "%sline %d", w > want ? " " : "", lines[i]);
            *p = '\0';
            assert_string_equal(take(window), want);
        }
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_grows),
        T(test_slides),
        T(test_the_same_lines),
        T(test_first_line_is_cut),
        T(test_no_end),
        T(test_only_a_line_without_end),
        T(test_cleared),
        T(test_many),
        T(test_any_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
