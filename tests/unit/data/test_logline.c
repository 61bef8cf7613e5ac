#include "config.h"

#include "data/logline.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "tests/support/cm.h"

static struct logline_reader *reader;

static int setup(void **state)
{
    (void)state;
    reader = logline_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    logline_destroy(reader);
    logline_destroy(NULL);
    return 0;
}

static struct logline line;

static void check(const char *s, enum thought_kind kind, const char *text)
{
    logline_read(reader, s, strlen(s), &line);
    if (line.kind != kind)
        fail_msg("%s: %s, expected %s", s, thought_kind_name(line.kind),
                 thought_kind_name(kind));
    if (!span_is(line.text, text))
        fail_msg("%s: \"%.*s\"", s, (int)line.text.n, line.text.p);
}

static void test_plain(void **state)
{
    (void)state;
    check("hello", THOUGHT_SAID, "hello");
    assert_false(line.json);
    assert_true(isnan(line.cost));
    assert_int_equal(line.tokens, 0);
    check("", THOUGHT_SAID, "");
    check("{", THOUGHT_SAID, "{");
    check("{not json", THOUGHT_SAID, "{not json");
    check("2026 ERROR it broke", THOUGHT_ERROR, "2026 ERROR it broke");
    check("Traceback (most recent call last):", THOUGHT_ERROR,
          "Traceback (most recent call last):");
    check("panic: runtime error", THOUGHT_ERROR, "panic: runtime error");
    check("this line tells only far behind its beginning of an ERROR",
          THOUGHT_SAID,
          "this line tells only far behind its beginning of an ERROR");
    check("[\"msg\"]", THOUGHT_SAID, "[\"msg\"]");
}

/* A date and a harmless level at the head are told elsewhere already. */
static void test_head(void **state)
{
    (void)state;
    check("2026-11-21T14:18:22.064Z INFO step 3 done", THOUGHT_SAID,
          "step 3 done");
    check("2026-11-21T14:18:22+01:00 the tide is out", THOUGHT_SAID,
          "the tide is out");
    check("DEBUG cache warm", THOUGHT_SAID, "cache warm");
    check("2026-11-21T14:18:22Z ERROR it broke", THOUGHT_ERROR,
          "ERROR it broke");
    /* what would leave nothing stays */
    check("2026-11-21T14:18:22Z", THOUGHT_SAID, "2026-11-21T14:18:22Z");
    check("2026-11-21T14:18:22Z ", THOUGHT_SAID, "2026-11-21T14:18:22Z ");
    check("INFO ", THOUGHT_SAID, "INFO ");
    check("INFORMATION is not a level", THOUGHT_SAID,
          "INFORMATION is not a level");
}

static void test_json_message(void **state)
{
    (void)state;
    check("{\"msg\":\"a\"}", THOUGHT_SAID, "a");
    assert_true(line.json);
    check("{\"level\":\"info\",\"message\":\"b\"}", THOUGHT_SAID, "b");
    check("{\"event\":\"c\",\"msg\":\"d\"}", THOUGHT_SAID, "c");
    check("{\"severity\":\"ERROR\",\"text\":\"e\"}", THOUGHT_ERROR, "e");
    check("{\"lvl\":\"Fatal\",\"msg\":\"f\"}", THOUGHT_ERROR, "f");
    check("{\"level\":\"errors\",\"msg\":\"f\"}", THOUGHT_SAID, "f");
    check("{\"level\":50,\"msg\":\"g\"}", THOUGHT_SAID, "g");
    check("{\"error\":\"h\"}", THOUGHT_ERROR, "h");
    check("{\"msg\":\"i\",\"err\":\"h\"}", THOUGHT_SAID, "i");
    check("{\"msg\":\"two\\nlines \\u00e9\"}", THOUGHT_SAID,
          "two\nlines \xc3\xa9");
    check("{\"a\":1}", THOUGHT_SAID, "{\"a\":1}");
    assert_true(line.json);
    check("{}", THOUGHT_SAID, "{}");
    check("{\"msg\":\"x\"} trailing", THOUGHT_SAID, "{\"msg\":\"x\"} trailing");
    assert_false(line.json);
}

static void test_types(void **state)
{
    (void)state;
    check("{\"type\":\"tool_call\",\"msg\":\"ls\"}", THOUGHT_CALL, "ls");
    check("{\"type\":\"tool_result\",\"text\":\"ok\"}", THOUGHT_RESULT, "ok");
    check("{\"type\":\"thinking\",\"text\":\"hm\"}", THOUGHT_THOUGHT, "hm");
    check("{\"type\":\"result\",\"result\":\"done\"}", THOUGHT_RESULT, "done");
    check("{\"type\":\"result\",\"level\":\"error\",\"msg\":\"no\"}",
          THOUGHT_ERROR, "no");
}

/* The stream format of coding agents. */
static void test_blocks(void **state)
{
    (void)state;
    check("{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":"
          "\"text\",\"text\":\"I will look\"}],\"usage\":{\"input_tokens\":10,"
          "\"output_tokens\":5}}}",
          THOUGHT_SAID, "I will look");
    assert_int_equal(line.tokens, 15);
    check("{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":"
          "\"thinking\",\"thinking\":\"perhaps\"}]}}",
          THOUGHT_THOUGHT, "perhaps");
    check("{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":"
          "\"tool_use\",\"name\":\"Bash\",\"input\":{\"command\":\"make\"}}]}}",
          THOUGHT_CALL, "Bash make");
    check("{\"type\":\"user\",\"message\":{\"content\":[{\"type\":"
          "\"tool_result\",\"content\":\"3 files\"}]}}",
          THOUGHT_RESULT, "3 files");
    check("{\"message\":{\"content\":[{\"type\":\"tool_use\"}]}}",
          THOUGHT_CALL, " ");
    /* a name of any length is cut, not spilled */
    {
        char *name = xcalloc(1, 5000);
        char *s;

        memset(name, 'n', 4999);
        s = xasprintf("{\"message\":{\"content\":[{\"type\":\"tool_use\","
                      "\"name\":\"%s\",\"input\":{\"path\":\"%s\"}}]}}",
                      name, name);
        logline_read(reader, s, strlen(s), &line);
        assert_int_equal(line.kind, THOUGHT_CALL);
        assert_in_range(line.text.n, 200, 239);
        free(s);
        free(name);
    }
}

static void test_tokens_and_cost(void **state)
{
    (void)state;
    check("{\"msg\":\"a\",\"usage\":{\"prompt_tokens\":7,"
          "\"completion_tokens\":3,\"total_tokens\":10}}",
          THOUGHT_SAID, "a");
    assert_int_equal(line.tokens, 10);
    check("{\"msg\":\"a\",\"usage\":{\"total_tokens\":12}}", THOUGHT_SAID,
          "a");
    assert_int_equal(line.tokens, 12);
    check("{\"msg\":\"a\",\"tokens\":4,\"cost_usd\":0.25}", THOUGHT_SAID, "a");
    assert_int_equal(line.tokens, 4);
    assert_near(line.cost, 0.25, 0);
    /* the closing sum must not count again */
    check("{\"type\":\"result\",\"result\":\"end\",\"total_cost_usd\":1.5,"
          "\"usage\":{\"input_tokens\":1000}}",
          THOUGHT_RESULT, "end");
    assert_int_equal(line.tokens, 0);
    assert_near(line.cost, 1.5, 0);
    check("{\"msg\":\"a\",\"tokens\":-4,\"cost_usd\":-1}", THOUGHT_SAID, "a");
    assert_int_equal(line.tokens, 0);
    assert_true(isnan(line.cost));
    check("{\"msg\":\"a\",\"tokens\":\"many\",\"cost_usd\":1e300}",
          THOUGHT_SAID, "a");
    assert_int_equal(line.tokens, 0);
    assert_true(isnan(line.cost));
    /* more than fits is the most that fits, not what is left over */
    check("{\"msg\":\"a\",\"usage\":{\"input_tokens\":4294967295,"
          "\"output_tokens\":4294967295}}",
          THOUGHT_SAID, "a");
    assert_int_equal(line.tokens, UINT32_MAX);
}

/* No line, however broken, changes how the next one reads. */
static void test_no_memory_between_lines(void **state)
{
    static const char *const odd[] = {
        "{\"msg\":\"a\"}\"open",  "{\"msg\":\"a\"} tru", "{\"msg\":\"a\"}12",
        "{\"msg\":\"a\"}{\"b\":", "{\"msg\":\"a",        "{\"msg\":[[[[",
        "{}{}",                   "{\"msg\":\"a\",\"tokens\":5}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        logline_read(reader, odd[i], strlen(odd[i]), &line);
        check("{\"text\":\"next\"}", THOUGHT_SAID, "next");
        assert_true(line.json);
        assert_int_equal(line.tokens, 0);
    }
}

/* Lines lie in memory of exactly their size; NUL and high bytes pass. */
static void test_raw(void **state)
{
    static const char bytes[] = "{\"msg\":\"a\\u0000\xff\"}";
    static const char nul[] = "a\0b";

    (void)state;
    for (size_t n = 0; n < sizeof bytes; n++) {
        char *exact = malloc(n > 0 ? n : 1);

        memcpy(exact, bytes, n);
        logline_read(reader, exact, n, &line);
        assert_true(line.text.n <= n);
        free(exact);
    }
    logline_read(reader, bytes, sizeof bytes - 1, &line);
    assert_int_equal(line.text.n, 3);
    assert_memory_equal(line.text.p, "a\0\xff", 3);
    logline_read(reader, nul, 3, &line);
    assert_int_equal(line.text.n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),  cmocka_unit_test(test_json_message),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_types),  cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_tokens_and_cost),
        cmocka_unit_test(test_no_memory_between_lines),
        cmocka_unit_test(test_raw),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
