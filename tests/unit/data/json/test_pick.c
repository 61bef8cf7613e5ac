#include "config.h"

#include "data/json/pick.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

enum { NAME, LABEL, GENUS, COND, COND_TYPE, DEEP, ROOT };

static const struct pick_rule rules[] = {
    {"metadata.name", NAME},
    {"metadata.labels.*", LABEL},
    {"metadata.labels.kgents\\.io/genus", GENUS},
    {"status.conditions[]", COND},
    {"status.conditions[].type", COND_TYPE},
    {"a[].b[].c", DEEP},
    {NULL, 0},
};

/* Each value as "field:type[key]=text;". */
static void on_value(void *arg, int field, const struct pick_value *v)
{
    static const char types[] = "0bns<>";
    struct buf *b = arg;

    buf_fmt(b, "%d:%c", field, types[v->type]);
    if (field == LABEL)
        buf_fmt(b, "[%.*s]", (int)v->key.n, v->key.p);
    buf_char(b, '=');
    buf_add(b, v->text.p, v->text.n);
    buf_char(b, ';');
}

static int run(struct pick *p, const char *text, size_t len, struct buf *out,
               struct error *err)
{
    char *exact = xstrndup(text, len);
    int r;

    exact = xrealloc(exact, len > 0 ? len : 1, 1);
    buf_init(out, 1 << 20);
    error_clear(err);
    r = pick_run(p, exact, len, on_value, out, err);
    free(exact);
    return r;
}

static void check(const char *text, const char *expected)
{
    struct pick *p = pick_create(rules);
    struct error err;
    struct buf out;

    if (run(p, text, strlen(text), &out, &err) != 0)
        fail_msg("%s: %s", text, err.msg);
    assert_string_equal(buf_text(&out), expected);
    buf_finish(&out);
    pick_destroy(p);
}

static void test_values(void **state)
{
    (void)state;
    check("{}", "");
    check("{\"metadata\":{\"name\":\"x\",\"other\":\"y\"},\"name\":\"z\"}",
          "0:s=x;");
    check("{\"metadata\":{\"name\":null}}", "0:0=;");
    check("{\"metadata\":{\"name\":true}}", "0:b=true;");
    check("{\"metadata\":{\"name\":-1.50e3}}", "0:n=-1.50e3;");
    check("{\"metadata\":{\"name\":{\"name\":1}}}", "0:<=;0:>=;");
    check("{\"metadata\":{\"name\":[\"a\",{\"b\":1}]}}", "0:<=;0:>=;");
    check("{\"metadata\":\"flat\",\"status\":[1]}", "");
    check(" \n{\"metadata\":{\"name\":\"\"}}\n ", "0:s=;");
}

static void test_escapes(void **state)
{
    (void)state;
    check("{\"metadata\":{\"name\":\"a\\\"\\\\\\n\\u00e9\"}}",
          "0:s=a\"\\\n\xc3\xa9;");
    /* a key with an escape is the same key */
    check("{\"meta\\u0064ata\":{\"n\\u0061me\":\"x\"}}", "0:s=x;");
    check("{\"metadata\":{\"labels\":{\"k\\\"1\":\"v\\\\1\",\"k2\":\"v2\"}}}",
          "1:s[k\"1]=v\\1;1:s[k2]=v2;");
}

/* NUL and bytes that are no UTF-8 come through as they are. */
static void test_raw_bytes(void **state)
{
    static const char s[] = "{\"metadata\":{\"name\":\"a\\u0000b\xff\"}}";
    struct pick *p = pick_create(rules);
    struct error err;
    struct buf out;

    (void)state;
    assert_int_equal(run(p, s, sizeof s - 1, &out, &err), 0);
    assert_int_equal(out.len, 9);
    assert_memory_equal(out.ptr, "0:s=a\0b\xff;", 9);
    buf_finish(&out);
    pick_destroy(p);
}

static void test_wildcard(void **state)
{
    (void)state;
    /* the exact rule goes before the wildcard */
    check("{\"metadata\":{\"labels\":{\"x\":\"1\",\"kgents.io/genus\":\"B\","
          "\"y\":{\"z\":1}}}}",
          "1:s[x]=1;2:s=B;1:<[y]=;1:>[]=;");
}

static void test_arrays(void **state)
{
    (void)state;
    check("{\"status\":{\"conditions\":[{\"type\":\"A\",\"x\":{\"type\":1}},"
          "{\"y\":[{\"type\":2}],\"type\":\"B\"}]}}",
          "3:<=;4:s=A;3:>=;3:<=;4:s=B;3:>=;");
    check("{\"status\":{\"conditions\":[1,\"s\",null]}}",
          "3:n=1;3:s=s;3:0=;");
    check("{\"status\":{\"conditions\":{\"type\":\"A\"}}}", "");
    check("{\"a\":[{\"b\":[{\"c\":1},{\"c\":2}]},[{\"c\":9}],{\"b\":{\"c\":8}},"
          "{\"b\":[{\"c\":3}]}]}",
          "5:n=1;5:n=2;5:n=3;");
}

static void test_under(void **state)
{
    static const struct pick_rule more[] = {{"type", DEEP},
                                            {"object.code", ROOT},
                                            {NULL, 0}};
    struct pick *p = pick_create_under(rules, "object.", more);
    static const char s[] = "{\"type\":\"ADDED\",\"metadata\":{\"name\":\"no\"},"
                            "\"object\":{\"metadata\":{\"name\":\"x\"},"
                            "\"code\":410}}";
    static const char s2[] = "{\"type\":\"no\",\"metadata\":{\"name\":\"x\"},"
                             "\"code\":410}";
    struct error err;
    struct buf out;

    (void)state;
    assert_int_equal(run(p, s, sizeof s - 1, &out, &err), 0);
    assert_string_equal(buf_text(&out), "5:s=ADDED;0:s=x;6:n=410;");
    buf_clear(&out);
    /* what stands under the prefix, by itself; and the whole again */
    assert_int_equal(pick_run_inner(p, s2, sizeof s2 - 1, on_value, &out, &err),
                     0);
    assert_string_equal(buf_text(&out), "0:s=x;6:n=410;");
    buf_finish(&out);
    assert_int_equal(run(p, s, sizeof s - 1, &out, &err), 0);
    assert_string_equal(buf_text(&out), "5:s=ADDED;0:s=x;6:n=410;");
    buf_finish(&out);
    pick_destroy(p);
    pick_destroy(NULL);
}

static void test_bad(void **state)
{
    static const char *const bad[] = {
        "",        "  ",        "{",          "}",       "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{\"a\":01}", "{'a':1}", "{\"a\":nul}",
        "[1,2",    "{\"a\":1]", "x",          "\"x",     "{\"a\":\"\\x\"}",
        "{}{}",    "{} {\"metadata\":{}}", "{}x", "{}\"", "{} 1", "{},",
        "12",      "\"s\"",     "tru",
    };
    struct pick *p = pick_create(rules);
    static const char good[] = "{\"metadata\":{\"name\":\"x\"}}";
    struct error err;
    struct buf out;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (run(p, bad[i], strlen(bad[i]), &out, &err) != ERR_SYNTAX)
            fail_msg("taken: %s", bad[i]);
        assert_non_null(strstr(err.msg, "at byte"));
        buf_finish(&out);
        /* whatever it was, the next document is read as if alone */
        if (run(p, good, sizeof good - 1, &out, &err) != 0)
            fail_msg("after %s: %s", bad[i], err.msg);
        assert_string_equal(buf_text(&out), "0:s=x;");
        buf_finish(&out);
    }
    pick_destroy(p);
}

static void test_deep(void **state)
{
    char s[2 * PICK_DEPTH_MAX + 8];
    struct pick *p = pick_create(rules);
    struct error err;
    struct buf out;

    (void)state;
    memset(s, '[', PICK_DEPTH_MAX + 1);
    memset(s + PICK_DEPTH_MAX, ']', PICK_DEPTH_MAX);
    assert_int_equal(run(p, s, 2 * PICK_DEPTH_MAX, &out, &err), 0);
    buf_finish(&out);
    memset(s, '[', PICK_DEPTH_MAX + 1);
    assert_int_equal(run(p, s, PICK_DEPTH_MAX + 1, &out, &err), ERR_LIMIT);
    buf_finish(&out);
    pick_destroy(p);
}

/* Decoded strings stay valid through the whole document. */
struct kept {
    struct span at[2000];
    int count;
};

static void keep(void *arg, int field, const struct pick_value *v)
{
    struct kept *k = arg;

    (void)field;
    if (k->count < 2000)
        k->at[k->count++] = v->text;
}

static void test_strings_stay(void **state)
{
    struct pick *p = pick_create(rules);
    struct kept *k = calloc(1, sizeof *k);
    struct buf doc;

    (void)state;
    buf_init(&doc, 1 << 20);
    buf_str(&doc, "{\"metadata\":{\"labels\":{");
    for (int i = 0; i < 2000; i++)
        buf_fmt(&doc, "%s\"k%d\":\"v\\n%d\"", i ? "," : "", i, i);
    buf_str(&doc, "}}}");
    assert_int_equal(pick_run(p, doc.ptr, doc.len, keep, k, NULL), 0);
    assert_int_equal(k->count, 2000);
    for (int i = 0; i < 2000; i++) {
        char expected[32];

        snprintf(expected, sizeof expected, "v\n%d", i);
        assert_true(span_is(k->at[i], expected));
    }
    buf_finish(&doc);
    free(k);
    pick_destroy(p);
}

static struct pick_value number(const char *s)
{
    return (struct pick_value){PICK_NUMBER, span_of(s), {NULL, 0}};
}

static void test_numbers(void **state)
{
    struct pick_value v;
    int64_t n = 5;
    double d = 5;

    (void)state;
    v = number("42");
    assert_true(pick_int(&v, 0, 100, &n));
    assert_int_equal(n, 42);
    v = number("1e2");
    assert_true(pick_int(&v, 0, 100, &n));
    assert_int_equal(n, 100);
    n = 5;
    v = number("101");
    assert_false(pick_int(&v, 0, 100, &n));
    v = number("-1");
    assert_false(pick_int(&v, 0, 100, &n));
    v = number("1e400");
    assert_false(pick_int(&v, 0, INT64_MAX, &n));
    v = number("99999999999999999999");
    assert_false(pick_int(&v, 0, INT64_MAX, &n));
    v = number("1111111111111111111111111111111111111111111111111111111111"
               "111111111111111");
    assert_false(pick_int(&v, 0, INT64_MAX, &n));
    v = (struct pick_value){PICK_STRING, span_of("42"), {NULL, 0}};
    assert_false(pick_int(&v, 0, 100, &n));
    assert_false(pick_double(&v, 0, 100, &d));
    v.type = PICK_NUMBER;
    v.text = (struct span){"", 0};
    assert_false(pick_double(&v, 0, 100, &d));
    assert_int_equal(n, 5);
    assert_near(d, 5, 0);
    v = number("0.25");
    assert_true(pick_double(&v, 0, 1, &d));
    assert_near(d, 0.25, 0);
    v = (struct pick_value){PICK_BOOL, span_of("true"), {NULL, 0}};
    assert_true(pick_true(&v));
    v.text = span_of("false");
    assert_false(pick_true(&v));
    v = (struct pick_value){PICK_STRING, span_of("true"), {NULL, 0}};
    assert_false(pick_true(&v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),    cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_raw_bytes), cmocka_unit_test(test_wildcard),
        cmocka_unit_test(test_arrays),    cmocka_unit_test(test_under),
        cmocka_unit_test(test_bad),       cmocka_unit_test(test_deep),
        cmocka_unit_test(test_strings_stay),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
