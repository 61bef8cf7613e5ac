#include "config.h"

#include "data/json/write.h"

#include <math.h>

#include "data/json/pick.h"
#include "tests/support/cm.h"

static struct buf out;

static int setup(void **state)
{
    (void)state;
    buf_init(&out, 4096);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_finish(&out);
    return 0;
}

static void test_shapes(void **state)
{
    struct json j;

    (void)state;
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_text(&j, "t", "a\"\\\n");
    json_text(&j, "none", NULL);
    json_int(&j, "i", INT64_MIN);
    json_bool(&j, "b", true);
    json_null(&j, "n");
    json_array(&j, "a");
    json_int(&j, NULL, 1);
    json_map(&j, NULL);
    json_map_end(&j);
    json_array_end(&j);
    json_raw(&j, "raw", "[1,{}]", 6);
    json_map_end(&j);
    assert_true(json_end(&j));
    assert_string_equal(buf_text(&out),
                        "{\"t\":\"a\\\"\\\\\\n\",\"none\":null,"
                        "\"i\":-9223372036854775808,\"b\":true,\"n\":null,"
                        "\"a\":[1,{}],\"raw\":[1,{}]}");
}

static const char *one_span(const char *p, size_t n)
{
    struct json j;

    buf_clear(&out);
    out.over = false;
    json_begin(&j, &out);
    json_array(&j, NULL);
    json_span(&j, NULL, (struct span){p, n});
    json_array_end(&j);
    assert_true(json_end(&j));
    return buf_text(&out);
}

#define BAD "\xef\xbf\xbd"

static void test_any_bytes(void **state)
{
    (void)state;
    assert_string_equal(one_span("", 0), "[\"\"]");
    assert_string_equal(one_span("\0", 1), "[\"\\u0000\"]");
    assert_string_equal(one_span("\x1b[m", 3), "[\"\\u001B[m\"]");
    assert_string_equal(one_span("\xc3\xa9\xf0\x9f\x8c\xb1", 6),
                        "[\"\xc3\xa9\xf0\x9f\x8c\xb1\"]");
    assert_string_equal(one_span("a\xff""b", 3), "[\"a" BAD "b\"]");
    /* cut, overlong, a surrogate, beyond the last code point */
    assert_string_equal(one_span("\xe2\x82", 2), "[\"" BAD BAD "\"]");
    assert_string_equal(one_span("\xc0\x80\xff", 3), "[\"" BAD BAD BAD "\"]");
    assert_string_equal(one_span("\xed\xa0\x80\xff", 4),
                        "[\"" BAD BAD BAD BAD "\"]");
    assert_string_equal(one_span("\xf4\x90\x80\x80\xff", 5),
                        "[\"" BAD BAD BAD BAD BAD "\"]");
}

static void nothing(void *arg, int field, const struct pick_value *v)
{
    (void)arg;
    (void)field;
    (void)v;
}

/* Whatever goes in, what comes out is JSON. */
static void test_property_valid(void **state)
{
    static const struct pick_rule rules[] = {{"x", 0}, {NULL, 0}};
    struct pick *p = pick_create(rules);
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char bytes[24];
        size_t n = cm_random(&seed) % sizeof bytes;
        const char *text;
        struct error err;

        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(cm_random(&seed) >> 5);
        text = one_span(bytes, n);
        if (pick_run(p, text, out.len, nothing, NULL, &err) != 0)
            fail_msg("round %d: %s in %s", round, err.msg, text);
    }
    pick_destroy(p);
}

static void test_numbers_and_times(void **state)
{
    struct json j;

    (void)state;
    json_begin(&j, &out);
    json_array(&j, NULL);
    json_double(&j, NULL, (double)NAN);
    json_double(&j, NULL, (double)INFINITY);
    json_double(&j, NULL, -(double)INFINITY);
    json_double(&j, NULL, 0.25);
    json_double(&j, NULL, 1e300);
    json_when(&j, NULL, 0);
    json_when(&j, NULL, 1795271527007);
    json_when(&j, NULL, 999);
    json_array_end(&j);
    assert_true(json_end(&j));
    assert_string_equal(buf_text(&out),
                        "[null,null,null,0.25,1e+300,null,"
                        "\"2026-11-21T14:32:07.007Z\","
                        "\"1970-01-01T00:00:00.999Z\"]");
}

static void test_too_small(void **state)
{
    struct buf small;
    struct json j;

    (void)state;
    buf_init(&small, 8);
    json_begin(&j, &small);
    json_map(&j, NULL);
    json_text(&j, "key", "a text that is longer than that");
    json_map_end(&j);
    assert_false(json_end(&j));
    buf_finish(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_any_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_property_valid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers_and_times, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_too_small, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
