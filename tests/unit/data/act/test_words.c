#include "config.h"

#include "data/act/plan.h"

#include <stdio.h>

#include "tests/support/cm.h"

static struct words w;
static struct error err;

static void same(const char *line, const char *const *want)
{
    int n = 0;

    if (words_split(line, &w, &err) != 0)
        fail_msg("%s: %s", line, err.msg);
    for (; want[n] != NULL; n++) {
        assert_in_range(n, 0, w.count - 1);
        assert_string_equal(w.at[n], want[n]);
    }
    assert_int_equal(w.count, n);
    words_finish(&w);
    assert_int_equal(w.count, 0);
}

#define SAME(line, ...) same(line, (const char *const[]){__VA_ARGS__, NULL})

static void test_words(void **state)
{
    (void)state;
    same("", (const char *const[]){NULL});
    same(" \t ", (const char *const[]){NULL});
    SAME("  a\tb  c ", "a", "b", "c");
    SAME("a'b c'd", "ab cd");
    SAME("'' \"\" x", "", "", "x");
    SAME("'a\\b' \"a\\\"b\" a\\ b", "a\\b", "a\"b", "a b");
    SAME("sh -c 'a | b; $c'", "sh", "-c", "a | b; $c");
    SAME("\"$x `y` * ?\" \\$x", "$x `y` * ?", "$x");
    SAME("end\\", "end\\");
    SAME("caf\xc3\xa9 \"it's\"", "caf\xc3\xa9", "it's");
}

static void test_refused(void **state)
{
    static const char *const lines[] = {
        "a | b", "a;b", "a && b", "a > b", "a < b", "(a)", "a $b", "a `b`",
        "ls *", "ls ?", "'open", "a \"open"};
    char many[3 * WORDS_MAX], longest[2000];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (words_split(lines[i], &w, &err) != ERR_SYNTAX)
            fail_msg("%s was taken", lines[i]);
        assert_int_equal(w.count, 0);
    }
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = i % 2 ? ' ' : 'a';
    many[sizeof many - 1] = '\0';
    assert_int_equal(words_split(many, &w, &err), ERR_SYNTAX);
    many[2 * WORDS_MAX] = '\0';
    assert_int_equal(words_split(many, &w, &err), 0);
    assert_int_equal(w.count, WORDS_MAX);
    words_finish(&w);
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(words_split(longest, &w, &err), ERR_SYNTAX);
}

/* Any words, quoted, come back as they were. */
static void test_property_round(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char words[5][8], line[200] = "";
        size_t n = 0;
        int count = (int)(cm_random(&seed) % 6);

        for (int i = 0; i < count; i++) {
            size_t len = cm_random(&seed) % 7;

            for (size_t k = 0; k < len; k++)
                words[i][k] = " '\"\\|$ab*\t"[cm_random(&seed) % 10];
            words[i][len] = '\0';
            line[n++] = ' ';
            line[n++] = '\'';
            for (size_t k = 0; k < len; k++) {
                if (words[i][k] == '\'')
                    n += (size_t)sprintf(line + n, "'\\'");
                line[n++] = words[i][k];
            }
            line[n++] = '\'';
            line[n] = '\0';
        }
        assert_int_equal(words_split(line, &w, &err), 0);
        assert_int_equal(w.count, count);
        for (int i = 0; i < count; i++)
            assert_string_equal(w.at[i], words[i]);
        words_finish(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_property_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
