#include "config.h"

#include "data/json/cut.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "tests/support/cm.h"

/* What a stream gave, as one text: "M{…}\nI{…}\n". */
struct got {
    struct buf text;
    int stop_after; /* the callback says no at this object; 0 never */
    int count;
};

static bool on_object(enum cut_what what, const char *text, size_t len,
                      void *arg)
{
    struct got *g = arg;

    buf_char(&g->text, what == CUT_METADATA ? 'M' : 'I');
    buf_add(&g->text, text, len);
    buf_char(&g->text, '\n');
    return ++g->count != g->stop_after;
}

/* Feeds the pieces; each lies in memory of exactly its size. */
static int feed(struct cut *c, const char *s, size_t n, struct error *err)
{
    char *exact = malloc(n > 0 ? n : 1);
    int r;

    memcpy(exact, s, n);
    r = cut_feed(c, exact, n, err);
    free(exact);
    return r;
}

static int run_split(enum cut_mode mode, const char *s, size_t n, size_t at,
                     size_t at2, struct got *g, struct error *err)
{
    struct cut c;
    int r;

    error_clear(err);
    cut_init(&c, mode, on_object, g);
    r = feed(&c, s, at, err);
    if (r == 0)
        r = feed(&c, s + at, at2 - at, err);
    if (r == 0)
        r = feed(&c, s + at2, n - at2, err);
    if (r == 0)
        r = cut_end(&c, err);
    if (r == 0)
        assert_int_equal(c.objects, g->count);
    cut_finish(&c);
    return r;
}

static void check(enum cut_mode mode, const char *s, size_t n,
                  const char *expected)
{
    struct error err;

    for (size_t at = 0; at <= n; at++) {
        for (size_t at2 = at; at2 <= n; at2 += 1 + (n - at) / 16) {
            struct got g = {0};

            buf_init(&g.text, 1 << 20);
            if (run_split(mode, s, n, at, at2, &g, &err) != 0)
                fail_msg("split %zu, %zu: %s", at, at2, err.msg);
            assert_string_equal(buf_text(&g.text), expected);
            buf_finish(&g.text);
        }
    }
}

static void test_list(void **state)
{
    static const char s[] =
        " {\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"7\"},"
        "\"items\":[{\"a\":1},{\"b\":[{\"c\":{}}]} , {}]}\n";

    (void)state;
    check(CUT_LIST, s, sizeof s - 1,
          "M{\"resourceVersion\":\"7\"}\nI{\"a\":1}\n"
          "I{\"b\":[{\"c\":{}}]}\nI{}\n");
}

/* Some servers write the metadata last. */
static void test_list_metadata_after(void **state)
{
    static const char s[] =
        "{\"items\":[{\"metadata\":{\"name\":\"x\"}}],"
        "\"other\":{\"metadata\":{},\"items\":[{}]},"
        "\"arr\":[{\"no\":1}],\"metadata\":{\"continue\":\"c\"},\"end\":\"items\"}";

    (void)state;
    check(CUT_LIST, s, sizeof s - 1,
          "I{\"metadata\":{\"name\":\"x\"}}\nM{\"continue\":\"c\"}\n");
}

static void test_list_odd_shapes(void **state)
{
    (void)state;
    check(CUT_LIST, "{}", 2, "");
    check(CUT_LIST, "{\"items\":null}", 14, "");
    check(CUT_LIST, "{\"items\":[]}", 12, "");
    check(CUT_LIST, "{\"items\":{\"a\":{}}}", 18, "");
    check(CUT_LIST, "{\"items\":[1,\"{\",[{}],{\"a\":2}]}", 30, "I{\"a\":2}\n");
    check(CUT_LIST, "{\"metadata\":[{}]}", 17, "");
    /* a value that reads like a key is none */
    check(CUT_LIST, "{\"kind\":\"items\",\"x\":[{}]}", 25, "");
    check(CUT_LIST, "{\"kind\":\"metadata\",\"x\":{}}", 26, "");
    /* longer than what is kept of a key, with the same beginning */
    check(CUT_LIST, "{\"itemsitemsitems\":[{}]}", 24, "");
    check(CUT_LIST, "{\"metadata2\":{}}", 16, "");
}

static void test_strings(void **state)
{
    static const char s[] =
        "{\"metadata\":{\"x\":\"a\\\"}{][\\\\\"},\"items\":[{\"s\":\"\\\\\\\"}\"},"
        "{\"u\":\"\\u007d \xc3\xa9 \xff\"}],\"q\":\"\\\"items\\\":[{}]\"}";

    (void)state;
    check(CUT_LIST, s, sizeof s - 1,
          "M{\"x\":\"a\\\"}{][\\\\\"}\nI{\"s\":\"\\\\\\\"}\"}\n"
          "I{\"u\":\"\\u007d \xc3\xa9 \xff\"}\n");
}

static void test_docs(void **state)
{
    static const char s[] =
        "{\"type\":\"ADDED\",\"object\":{\"items\":[{}],\"metadata\":{}}}\n"
        "\r\n\t {\"type\":\"}\"}{\"c\":[]}[1]";

    (void)state;
    check(CUT_DOCS, s, sizeof s - 1,
          "I{\"type\":\"ADDED\",\"object\":{\"items\":[{}],\"metadata\":{}}}\n"
          "I{\"type\":\"}\"}\nI{\"c\":[]}\nI[1]\n");
    check(CUT_DOCS, "", 0, "");
    check(CUT_DOCS, " \n", 2, "");
}

static int whole(enum cut_mode mode, const char *s, size_t n,
                 struct error *err)
{
    struct got g = {0};
    int r;

    buf_init(&g.text, 1 << 20);
    r = run_split(mode, s, n, n, n, &g, err);
    buf_finish(&g.text);
    return r;
}

static void test_garbage(void **state)
{
    static const struct {
        enum cut_mode mode;
        const char *text;
    } bad[] = {
        {CUT_LIST, "<html>"},      {CUT_LIST, "[]"},
        {CUT_LIST, "{}{}"},        {CUT_LIST, "{} x"},
        {CUT_LIST, "{]"},          {CUT_LIST, "{\"items\":[}"},
        {CUT_LIST, "}"},           {CUT_LIST, "\"x\""},
        {CUT_LIST, "{\"a\":\x01}"}, {CUT_LIST, ","},
        {CUT_LIST, "null"},        {CUT_DOCS, "{}}"},
        {CUT_DOCS, "{},{}"},       {CUT_DOCS, "{}:"},
        {CUT_DOCS, "\"{}\""},      {CUT_DOCS, "{}garbage"},
        {CUT_DOCS, "[}"},          {CUT_DOCS, "\x7f"},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int r = whole(bad[i].mode, bad[i].text, strlen(bad[i].text), &err);

        if (r != ERR_SYNTAX)
            fail_msg("%s: %d %s", bad[i].text, r, err.msg);
        assert_non_null(strstr(err.msg, "at byte "));
    }
    assert_int_equal(whole(CUT_DOCS, "{}\0", 3, &err), ERR_SYNTAX);
}

static void test_position(void **state)
{
    struct cut c;
    struct error err;
    struct got g = {0};

    (void)state;
    buf_init(&g.text, 1000);
    cut_init(&c, CUT_DOCS, on_object, &g);
    assert_int_equal(cut_feed(&c, "{\"a\":1}\n", 8, &err), 0);
    assert_int_equal(cut_feed(&c, "  ]", 3, &err), ERR_SYNTAX);
    assert_non_null(strstr(err.msg, "at byte 10"));
    /* broken is broken, until a reset */
    assert_int_equal(cut_feed(&c, "{}", 2, &err), ERR_SYNTAX);
    assert_int_equal(cut_end(&c, &err), ERR_SYNTAX);
    cut_reset(&c, CUT_LIST);
    assert_int_equal(cut_feed(&c, "{\"items\":[{}]}", 14, &err), 0);
    assert_int_equal(cut_end(&c, &err), 0);
    assert_string_equal(buf_text(&g.text), "I{\"a\":1}\nI{}\n");
    cut_finish(&c);
    buf_finish(&g.text);
}

/* Cut anywhere, a list is not whole; documents are whole between them. */
static void test_truncated(void **state)
{
    static const char list[] = "{\"metadata\":{},\"items\":[{\"a\":\"b\"}]}";
    static const char docs[] = "{\"a\":\"b\"}";
    struct error err;

    (void)state;
    for (size_t n = 0; n < sizeof list - 1; n++)
        assert_int_equal(whole(CUT_LIST, list, n, &err), ERR_CUT);
    for (size_t n = 1; n < sizeof docs - 1; n++)
        assert_int_equal(whole(CUT_DOCS, docs, n, &err), ERR_CUT);
    assert_int_equal(whole(CUT_DOCS, docs, 0, &err), 0);
}

static void test_deep(void **state)
{
    char s[2 * CUT_DEPTH_MAX + 8];
    struct error err;

    (void)state;
    memset(s, '[', CUT_DEPTH_MAX);
    memset(s + CUT_DEPTH_MAX, ']', CUT_DEPTH_MAX);
    assert_int_equal(whole(CUT_DOCS, s, 2 * CUT_DEPTH_MAX, &err), 0);
    memset(s, '[', CUT_DEPTH_MAX + 1);
    assert_int_equal(whole(CUT_DOCS, s, CUT_DEPTH_MAX + 1, &err), ERR_LIMIT);
    memset(s, '{', CUT_DEPTH_MAX + 1);
    assert_int_equal(whole(CUT_LIST, s, CUT_DEPTH_MAX + 1, &err), ERR_LIMIT);
}

/* An object over the limit that comes in pieces ends the stream. */
static void test_too_large(void **state)
{
    enum { PIECE = 1 << 20 };
    char *piece = malloc(PIECE);
    struct cut c;
    struct error err;
    struct got g = {0};
    int r = 0, fed = 0;

    (void)state;
    buf_init(&g.text, 100);
    memset(piece, 'x', PIECE);
    cut_init(&c, CUT_DOCS, on_object, &g);
    assert_int_equal(cut_feed(&c, "{\"a\":\"", 6, &err), 0);
    for (; r == 0 && fed < 20; fed++)
        r = cut_feed(&c, piece, PIECE, &err);
    assert_int_equal(r, ERR_LIMIT);
    assert_int_equal(fed, CUT_OBJECT_MAX / PIECE);
    assert_int_equal(g.count, 0);
    /* the buffer is given back */
    cut_reset(&c, CUT_DOCS);
    assert_true(c.part.room <= 64 << 10);
    assert_int_equal(cut_feed(&c, "{}", 2, &err), 0);
    assert_int_equal(g.count, 1);
    cut_finish(&c);
    free(piece);
    buf_finish(&g.text);
}

static void test_reader_stops(void **state)
{
    struct cut c;
    struct error err;
    struct got g = {.stop_after = 2};

    (void)state;
    buf_init(&g.text, 100);
    cut_init(&c, CUT_DOCS, on_object, &g);
    assert_int_equal(cut_feed(&c, "{}{}{}", 6, &err), ERR_OTHER);
    assert_int_equal(g.count, 2);
    assert_int_not_equal(cut_feed(&c, "{}", 2, &err), 0);
    assert_int_equal(g.count, 2);
    cut_finish(&c);
    buf_finish(&g.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_list_metadata_after),
        cmocka_unit_test(test_list_odd_shapes),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_position),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_reader_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
