#include "config.h"

#include "base/when.h"

#include <stdlib.h>
#include <time.h>

#include "tests/support/cm.h"

#define UNTOUCHED (-777)

static int64_t parsed(const char *s)
{
    int64_t ms = UNTOUCHED;

    if (!when_parse(s, strlen(s), &ms))
        assert_int_equal(ms, UNTOUCHED);
    return ms;
}

static void test_parse(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parsed("2026-11-21T10:31:34Z"), 1795257094000);
    assert_int_equal(parsed("2026-11-21t10:31:34z"), 1795257094000);
    assert_int_equal(parsed("2026-11-21 10:31:34Z"), 1795257094000);
    assert_int_equal(parsed("2026-11-21T10:31:34.5+00:00"), 1795257094500);
    assert_int_equal(parsed("2026-11-21T10:34:17.797893+00:00"),
                     1795257257797);
    assert_int_equal(parsed("2026-11-21T12:31:34+02:00"), 1795257094000);
    assert_int_equal(parsed("2026-11-21T05:01:34-05:30"), 1795257094000);
    assert_int_equal(parsed("2026-11-21T10:31:34.1234567891234Z"),
                     1795257094123);
    assert_int_equal(parsed("2000-02-29T00:00:00Z"), 951782400000);
    assert_int_equal(parsed("2024-03-01T00:00:00Z") -
                         parsed("2024-02-28T00:00:00Z"),
                     2 * 86400000);
    assert_int_equal(parsed("2100-03-01T00:00:00Z") -
                         parsed("2100-02-28T00:00:00Z"),
                     86400000);
    assert_int_equal(parsed("2016-12-31T23:59:60Z"), 1483228800000);
    assert_true(parsed("9999-12-31T23:59:59Z") > 9e12);
}

static void test_parse_refuses(void **state)
{
    static const char *const bad[] = {
        "",
        "now",
        "2026-11-21",
        "2026-11-21T10:31:34",
        "2026-11-21T10:31:34.",
        "2026-11-21T10:31:34.Z",
        "2026-11-21T10:31:34.5",
        "2026-11-21T10:31:34X",
        "2026-11-21T10:31:34Z ",
        " 2026-11-21T10:31:34Z",
        "2026-11-21T10:31:34+0000",
        "2026-11-21T10:31:34+00",
        "2026-11-21T10:31:34+24:00",
        "2026-11-21T10:31:34+00:60",
        "2026-13-21T10:31:34Z",
        "2026-00-21T10:31:34Z",
        "2026-11-31T10:31:34Z",
        "2026-11-00T10:31:34Z",
        "2026-02-29T10:31:34Z",
        "2100-02-29T10:31:34Z",
        "2026-11-21T24:31:34Z",
        "2026-11-21T10:60:34Z",
        "2026-11-21T10:31:61Z",
        "1969-12-31T23:59:59Z",
        "2026-11-21T10-31-34Z",
        "2026-1a-21T10:31:34Z",
        "+026-11-21T10:31:34Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (parsed(bad[i]) != UNTOUCHED)
            fail_msg("taken: \"%s\"", bad[i]);
}

/* Every head of a good text, without a byte behind it. */
static void test_parse_heads(void **state)
{
    static const char good[] = "2026-11-21T10:31:34.123456789+02:00";
    size_t full = sizeof good - 1;

    (void)state;
    for (size_t n = 0; n < full; n++) {
        char *head = malloc(n + 1);
        int64_t ms = UNTOUCHED;

        memcpy(head, good, n);
        head = realloc(head, n > 0 ? n : 1);
        assert_false(when_parse(head, n, &ms));
        assert_int_equal(ms, UNTOUCHED);
        free(head);
    }
}

static void test_parse_ns(void **state)
{
    static const char line[] = "2026-11-21T10:31:34.123456789Z hello";
    int64_t ns = 0;
    size_t used = 0;

    (void)state;
    assert_true(when_parse_ns(line, strlen(line), &ns, &used));
    assert_int_equal(ns, 1795257094123456789);
    assert_int_equal(used, 30);
    assert_true(when_parse_ns("2026-11-21T10:31:34Z", 20, &ns, NULL));
    assert_int_equal(ns, 1795257094000000000);
    /* beyond the end of 64 bits: kept there, not wrapped */
    assert_true(when_parse_ns("9999-01-01T00:00:00Z", 20, &ns, NULL));
    assert_true(ns > 9000000000000000000);
}

static void test_http(void **state)
{
    static const char good[] = "Sat, 21 Nov 2026 10:38:43 GMT";
    int64_t ms = UNTOUCHED;

    (void)state;
    assert_true(when_parse_http(good, sizeof good - 1, &ms));
    assert_int_equal(ms, 1795257523000);
    ms = UNTOUCHED;
    for (size_t n = 0; n < sizeof good - 1; n++)
        assert_false(when_parse_http(good, n, &ms));
    assert_false(when_parse_http("Sat, 21 Nox 2026 10:38:43 GMT", 29, &ms));
    assert_false(when_parse_http("Sat, 21 Nov 2026 10:38:43 CET", 29, &ms));
    assert_false(when_parse_http("Sat, 32 Nov 2026 10:38:43 GMT", 29, &ms));
    assert_false(when_parse_http("Sat, 2x Nov 2026 10:38:43 GMT", 29, &ms));
    assert_int_equal(ms, UNTOUCHED);
}

static void test_format(void **state)
{
    char s[24];
    int64_t back;

    (void)state;
    when_format(1795257094999, s);
    assert_string_equal(s, "2026-11-21T10:31:34Z");
    assert_true(when_parse(s, strlen(s), &back));
    assert_int_equal(back, 1795257094000);
    when_format(0, s);
    assert_string_equal(s, "1970-01-01T00:00:00Z");
    when_format(INT64_MAX, s);
    assert_true(strlen(s) < 24);
}

static void test_age(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0s"},           {-5000, "0s"},         {999, "0s"},
        {59999, "59s"},      {60000, "1m"},         {3599999, "59m"},
        {3600000, "1h"},     {86399999, "23h"},     {86400000, "1d"},
        {99 * 86400000LL, "99d"}, {999 * 86400000LL, "999d"},
        {1000 * 86400000LL, "2y"}, {INT64_MIN, "0s"},
    };
    char s[16];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        when_age(cases[i].ms, s, sizeof s);
        assert_string_equal(s, cases[i].text);
    }
    when_age(INT64_MAX, s, sizeof s);
    assert_true(strlen(s) <= 5);
}

static void test_span(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"90s", 90000},   {"10m", 600000}, {"1.5h", 5400000},
        {"2d", 172800000}, {"250ms", 250},  {"5", 5000},
        {"0", 0},         {".5s", 500},    {"-1s", UNTOUCHED},
        {"", UNTOUCHED},  {"s", UNTOUCHED}, {"1x", UNTOUCHED},
        {"1s ", UNTOUCHED}, {" 1s", UNTOUCHED}, {"nan", UNTOUCHED},
        {"inf", UNTOUCHED}, {"1e300d", UNTOUCHED}, {".", UNTOUCHED},
        {"1111111111111111111111111s", UNTOUCHED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = UNTOUCHED;

        assert_int_equal(
            when_parse_span(cases[i].text, strlen(cases[i].text), &ms),
            cases[i].ms != UNTOUCHED);
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_clock(void **state)
{
    char s[9];

    (void)state;
    when_clock(1795257094000, s);
    assert_string_equal(s, "10:31:34");
    setenv("TZ", "UTC-3", 1);
    tzset();
    when_clock(1795257094000, s);
    assert_string_equal(s, "13:31:34");
    when_clock(INT64_MIN, s);
    assert_int_equal(strlen(s), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),       cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_parse_heads), cmocka_unit_test(test_parse_ns),
        cmocka_unit_test(test_http),        cmocka_unit_test(test_format),
        cmocka_unit_test(test_age),         cmocka_unit_test(test_span),
        cmocka_unit_test(test_clock),
    };

    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
