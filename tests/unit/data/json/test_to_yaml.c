#include "config.h"

#include "data/json/to_yaml.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/xalloc.h"
#include "tests/support/cm.h"

static int run(const char *s, size_t n, const char *skip, struct buf *out,
               struct error *err)
{
    char *exact = xrealloc(NULL, n > 0 ? n : 1, 1);
    int r;

    memcpy(exact, s, n);
    error_clear(err);
    r = json_to_yaml(exact, n, skip, out, err);
    free(exact);
    return r;
}

static void check(const char *json, const char *yaml)
{
    struct error err;
    struct buf out;

    buf_init(&out, 1 << 20);
    if (run(json, strlen(json), "managedFields", &out, &err) != 0)
        fail_msg("%s: %s", json, err.msg);
    assert_string_equal(buf_text(&out), yaml);
    buf_finish(&out);
}

static void test_shapes(void **state)
{
    (void)state;
    check("{\"kind\":\"Agent\",\"spec\":{\"replicas\":2,\"on\":true},"
          "\"list\":[1,{\"a\":null},[]],\"empty\":{}}",
          "kind: Agent\n"
          "spec:\n"
          "  replicas: 2\n"
          "  \"on\": true\n"
          "list:\n"
          "- 1\n"
          "- a: null\n"
          "- []\n"
          "empty: {}\n");
    check("[]", "[]\n");
    check("{}", "{}\n");
    check(" {\"z\":1,\"a\":2} \n", "z: 1\na: 2\n");
}

/* A text that would read as something else stands in quotes. */
static void test_ambiguous_texts(void **state)
{
    static const char *const words[] = {
        "true", "False", "null", "Null", "yes", "No", "on",  "OFF", "n",
        "y",    "~",     "1",    "1.5",  "-1",  "",   "0x1", ".inf", "1e3",
        "2026-11-21",
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *json = xasprintf("{\"k\":\"%s\"}", words[i]);
        char *yaml = xasprintf("k: \"%s\"\n", words[i]);

        check(json, yaml);
        free(json);
        free(yaml);
    }
    check("{\"k\":\"tester\"}", "k: tester\n");
    check("{\"k\":\"on the way\"}", "k: on the way\n");
    check("{\"k\":\"kgents\"}", "k: kgents\n");
    check("{\"k\":\"a: b\"}", "k: 'a: b'\n");
    check("{\"k\":\"# no comment\"}", "k: '# no comment'\n");
    check("{\"k\":true}", "k: true\n");
}

static void test_lines(void **state)
{
    (void)state;
    check("{\"k\":\"one\\ntwo\\n\",\"m\":1}", "k: |\n  one\n  two\nm: 1\n");
    check("{\"k\":\"one\\ntwo\"}", "k: |-\n  one\n  two\n");
    /* long text is not folded */
    check("{\"k\":\"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee "
          "fffffffff ggggggggg hhhhhhhhh iiiiiiiii\"}",
          "k: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff "
          "ggggggggg hhhhhhhhh iiiiiiiii\n");
}

static void test_skip(void **state)
{
    struct error err;
    struct buf out;

    (void)state;
    check("{\"a\":1,\"managedFields\":[{\"x\":{\"y\":[1]}}],\"b\":2}",
          "a: 1\nb: 2\n");
    check("{\"a\":{\"managedFields\":\"s\"},\"managedFields\":{},\"c\":3}",
          "a: {}\nc: 3\n");
    check("{\"managedFields\":{\"managedFields\":1,\"a\":2},\"d\":4}",
          "d: 4\n");
    /* a value of that text stays */
    check("{\"a\":\"managedFields\"}", "a: managedFields\n");
    buf_init(&out, 1000);
    assert_int_equal(run("{\"managedFields\":1}", 19, NULL, &out, &err), 0);
    assert_string_equal(buf_text(&out), "managedFields: 1\n");
    buf_finish(&out);
}

/* What comes out is one YAML document whose first value is the text. */
static void test_reads_back(void **state)
{
    static const struct {
        const char *json, *text;
        size_t n;
    } cases[] = {
        {"[\"a\\u0007b\"]", "a\x07" "b", 3},
        {"[\"\\u001b[31m\"]", "\x1b[31m", 5},
        {"[\" lead\\nline \"]", " lead\nline ", 11},
        {"[\"\\n\\n\"]", "\n\n", 2},
        {"[\"tab\\there\"]", "tab\there", 8},
        {"[\"\\u00e9\\ud83c\\udf31\"]", "\xc3\xa9\xf0\x9f\x8c\xb1", 6},
        {"[\"- x\"]", "- x", 3},
        {"[\"{a}\"]", "{a}", 3},
        {"[\"\\\"\"]", "\"", 1},
        {"[\"'\"]", "'", 1},
        {"[\"---\"]", "---", 3},
        {"[\"a\\u0000b\"]", "a\0b", 3},
        {"[\"a\\r\\nb\"]", "a\r\nb", 4},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        yaml_parser_t parser;
        yaml_document_t doc;
        yaml_node_t *root, *item;
        struct buf out;

        buf_init(&out, 1000);
        assert_int_equal(
            run(cases[i].json, strlen(cases[i].json), NULL, &out, &err), 0);
        assert_true(yaml_parser_initialize(&parser));
        yaml_parser_set_input_string(&parser, (unsigned char *)out.ptr,
                                     out.len);
        if (!yaml_parser_load(&parser, &doc))
            fail_msg("%s gave no YAML: %s", cases[i].json, out.ptr);
        root = yaml_document_get_root_node(&doc);
        assert_int_equal(root->type, YAML_SEQUENCE_NODE);
        item = yaml_document_get_node(&doc, root->data.sequence.items.start[0]);
        assert_int_equal(item->data.scalar.length, cases[i].n);
        assert_memory_equal(item->data.scalar.value, cases[i].text,
                            cases[i].n);
        yaml_document_delete(&doc);
        yaml_parser_delete(&parser);
        buf_finish(&out);
    }
}

static void test_bad_utf8_is_marked(void **state)
{
    (void)state;
    check("{\"a\":\"x\xff\",\"b\":1}", "a: (not valid UTF-8)\nb: 1\n");
    check("{\"a\":\"x\\udfeff\"}", "a: (not valid UTF-8)\n");
    check("{\"a\":\"\xed\x9f\xbf\"}", "a: \xed\x9f\xbf\n");
}

static void test_errors(void **state)
{
    static const char *const bad[] = {
        "", "{", "x", "{\"a\":1", "{}{}", "{\"a\":1}]", "[1,]", "<html>"};
    char deep[204];
    struct error err;
    struct buf out;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buf_init(&out, 1000);
        if (run(bad[i], strlen(bad[i]), NULL, &out, &err) != ERR_SYNTAX)
            fail_msg("%s: %s", bad[i], err.msg);
        buf_finish(&out);
    }
    memset(deep, '[', sizeof deep);
    memset(deep + 100, ']', 100);
    buf_init(&out, 1 << 20);
    assert_int_equal(run(deep, 200, NULL, &out, &err), 0);
    buf_clear(&out);
    memset(deep, '[', sizeof deep);
    assert_int_equal(run(deep, 101, NULL, &out, &err), ERR_LIMIT);
    buf_finish(&out);
    buf_init(&out, 20);
    assert_int_equal(run("{\"a\":\"0123456789012345678901234567890\"}", 39,
                         NULL, &out, &err),
                     ERR_LIMIT);
    assert_true(out.len <= 20);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_ambiguous_texts),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_reads_back),
        cmocka_unit_test(test_bad_utf8_is_marked),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
