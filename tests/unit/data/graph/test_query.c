#include "config.h"

#include "data/graph/query.h"
#include "data/graph/rows.h"

#include "tests/support/cm.h"

#include <math.h>

static const char *composed(struct buf *b, struct span text)
{
    const struct graph_param p = {.name = "v", .text = text};
    struct error err;

    assert_int_equal(graph_query(&p, 1, "RETURN $v", b, &err), 0);
    return b->ptr;
}

static void test_plain(void **state)
{
    struct buf b;
    struct error err;

    (void)state;
    buf_init(&b, RESP_COMMAND_MAX);
    assert_int_equal(graph_query(NULL, 0, "RETURN 1", &b, &err), 0);
    assert_string_equal(b.ptr, "RETURN 1");
    buf_finish(&b);
}

static void test_kinds(void **state)
{
    const int64_t ids[] = {3, -1, INT64_MAX};
    const struct graph_param p[] = {
        {.name = "s", .text = {"a b", 3}},
        {.name = "n", .number = INT64_MIN},
        {.name = "ids", .ids = ids, .count = 3},
        {.name = "none", .ids = ids, .count = 0},
        {.name = "empty", .text = {"", 0}},
    };
    struct buf b;
    struct error err;

    (void)state;
    buf_init(&b, RESP_COMMAND_MAX);
    assert_int_equal(graph_query(p, 5, "RETURN 1", &b, &err), 0);
    assert_string_equal(b.ptr, "CYPHER s='a b' n=-9223372036854775808 "
                               "ids=[3,-1,9223372036854775807] none=[] "
                               "empty='' RETURN 1");
    buf_finish(&b);
}

/* Nothing that is given as a text ends it. */
static void test_injection(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, RESP_COMMAND_MAX);
    assert_string_equal(composed(&b, span_of("it's")),
                        "CYPHER v='it\\'s' RETURN $v");
    assert_string_equal(composed(&b, span_of("\\")),
                        "CYPHER v='\\\\' RETURN $v");
    assert_string_equal(composed(&b, span_of("\\' MATCH (n) DELETE n //")),
                        "CYPHER v='\\\\\\' MATCH (n) DELETE n //' RETURN $v");
    assert_string_equal(composed(&b, span_of("x' w='y")),
                        "CYPHER v='x\\' w=\\'y' RETURN $v");
    assert_string_equal(composed(&b, span_of("\"\n`$v`;")),
                        "CYPHER v='\"\n`$v`;' RETURN $v");
    buf_finish(&b);
}

/* Whatever the bytes, the text ends where it should: read it back. */
static void test_any_bytes(void **state)
{
    uint32_t seed = 7;
    struct buf b;

    (void)state;
    buf_init(&b, RESP_COMMAND_MAX);
    for (int round = 0; round < 2000; round++) {
        char text[24], back[64];
        size_t n = cm_random(&seed) % sizeof text, k = 0, i;

        for (i = 0; i < n; i++)
            text[i] = "ab'\\\"\n\xff$"[cm_random(&seed) % 8];
        composed(&b, (struct span){text, n});
        for (i = 10; b.ptr[i] != '\''; i++) {
            if (b.ptr[i] == '\\')
                i++;
            back[k++] = b.ptr[i];
        }
        assert_int_equal(k, n);
        assert_memory_equal(back, text, n);
        assert_string_equal(b.ptr + i, "' RETURN $v");
    }
    buf_finish(&b);
}

static void test_refused(void **state)
{
    static char big[GRAPH_PARAM_MAX + 1];
    static int64_t ids[GRAPH_IDS_MAX + 1];
    struct graph_param p = {.name = "v", .text = {"a\0b", 3}};
    struct error err;
    struct buf b;

    (void)state;
    buf_init(&b, RESP_COMMAND_MAX);
    assert_int_equal(graph_query(&p, 1, "RETURN 1", &b, &err), ERR_SYNTAX);
    assert_int_equal(b.len, 0);
    memset(big, 'x', sizeof big);
    p.text = (struct span){big, sizeof big};
    assert_int_equal(graph_query(&p, 1, "RETURN 1", &b, &err), ERR_LIMIT);
    p = (struct graph_param){
        .name = "v", .ids = ids, .count = GRAPH_IDS_MAX + 1};
    assert_int_equal(graph_query(&p, 1, "RETURN 1", &b, &err), ERR_LIMIT);
    assert_int_equal(b.len, 0);
    buf_finish(&b);
}

static struct resp_reader *reader;

static const struct resp_value *answer(const char *bytes)
{
    struct error err;

    assert_true(resp_reader_feed(reader, bytes, strlen(bytes), &err));
    return resp_reader_next(reader, &err);
}

static int make_reader(void **state)
{
    (void)state;
    reader = resp_reader_create();
    return 0;
}

static int drop_reader(void **state)
{
    (void)state;
    resp_reader_destroy(reader);
    return 0;
}

#define STATISTICS "*1\r\n$19\r\nCached execution: 0\r\n"
/* as FalkorDB 4.16 said them */
#define NODE                                                                   \
    "*3\r\n*2\r\n$2\r\nid\r\n:7\r\n*2\r\n$6\r\nlabels\r\n*1\r\n$7\r\n"         \
    "Finding\r\n*2\r\n$10\r\nproperties\r\n*2\r\n*2\r\n$7\r\nsummary\r\n"      \
    "$3\r\na b\r\n*2\r\n$10\r\nconfidence\r\n$4\r\n0.93\r\n"
#define EDGE                                                                   \
    "*5\r\n*2\r\n$2\r\nid\r\n:0\r\n*2\r\n$4\r\ntype\r\n$11\r\nPRODUCED_BY"     \
    "\r\n*2\r\n$8\r\nsrc_node\r\n:7\r\n*2\r\n$9\r\ndest_node\r\n:1\r\n"        \
    "*2\r\n$10\r\nproperties\r\n*0\r\n"

static void test_rows(void **state)
{
    struct graph_rows r;
    struct graph_node n;
    struct graph_edge e;
    struct error err;
    int64_t number = 5;

    (void)state;
    assert_int_equal(
        graph_rows(answer("*3\r\n*4\r\n$1\r\nf\r\n$1\r\np\r\n$1\r\nc\r\n"
                          "$1\r\nz\r\n*2\r\n*4\r\n" NODE EDGE
                          "$4\r\n0.93\r\n$-1\r\n*1\r\n:1\r\n" STATISTICS),
                   4, &r, &err),
        0);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.bad, 1);
    assert_true(graph_node(graph_cell(&r, 0, 0), &n));
    assert_int_equal(n.id, 7);
    assert_true(span_is(n.labels->items[0].text, "Finding"));
    assert_true(span_is(graph_property(n.properties, "summary")->text,
                        "a b"));
    assert_near(graph_double(graph_property(n.properties, "confidence")),
                0.93, 1e-9);
    assert_null(graph_property(n.properties, "none"));
    assert_false(graph_edge(graph_cell(&r, 0, 0), &e));
    assert_true(graph_edge(graph_cell(&r, 0, 1), &e));
    assert_int_equal(e.from, 7);
    assert_int_equal(e.to, 1);
    assert_true(span_is(e.type, "PRODUCED_BY"));
    assert_false(graph_node(graph_cell(&r, 0, 1), &n));
    assert_near(graph_double(graph_cell(&r, 0, 2)), 0.93, 1e-9);
    assert_true(isnan(graph_double(graph_cell(&r, 0, 3))));
    assert_false(graph_number(graph_cell(&r, 0, 3), &number));
    assert_false(graph_number(graph_cell(&r, 0, 2), &number));
    assert_int_equal(number, 5);
    /* the bad row, and beyond the end */
    assert_int_equal(graph_cell(&r, 1, 0)->type, RESP_NIL);
    assert_int_equal(graph_cell(&r, 2, 0)->type, RESP_NIL);
    assert_int_equal(graph_cell(&r, 0, 4)->type, RESP_NIL);
}

static void test_other_shapes(void **state)
{
    static const char *const answers[] = {
        ":1\r\n", "$2\r\nOK\r\n", "*0\r\n", ("*1\r\n" STATISTICS),
        "*3\r\n:1\r\n*0\r\n*0\r\n", "*3\r\n*1\r\n:1\r\n$-1\r\n*0\r\n",
        "*3\r\n*2\r\n:1\r\n:1\r\n*0\r\n*0\r\n", "*-1\r\n"};
    static const char *const cells[] = {
        ":1\r\n", "*0\r\n", "*1\r\n*0\r\n", "*2\r\n*1\r\n:1\r\n:2\r\n",
        "*1\r\n*2\r\n$2\r\nid\r\n$1\r\nx\r\n",
        "*2\r\n*2\r\n$2\r\nid\r\n:1\r\n*2\r\n$4\r\ntype\r\n:1\r\n"};
    struct graph_rows r;
    struct graph_node n;
    struct graph_edge e;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(graph_rows(answer(answers[i]), 1, &r, &err),
                         ERR_SYNTAX);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const struct resp_value *v = answer(cells[i]);

        assert_false(graph_node(v, &n));
        assert_false(graph_edge(v, &e));
    }
    /* a node whose parts are of other kinds is one without them */
    assert_true(graph_node(answer("*2\r\n*2\r\n$2\r\nid\r\n:1\r\n*2\r\n"
                                  "$6\r\nlabels\r\n:1\r\n"),
                           &n));
    assert_null(n.labels);
    assert_null(graph_property(n.properties, "a"));
}

static void test_trouble(void **state)
{
    static const struct {
        const char *line;
        enum graph_trouble is;
    } lines[] = {
        {"ERR Invalid graph operation on empty key", GRAPH_TROUBLE_EMPTY},
        {"Query timed out", GRAPH_TROUBLE_SLOW},
        {"The query TIMEOUT parameter value cannot exceed the TIMEOUT_MAX "
         "configuration parameter value", GRAPH_TROUBLE_TIMEOUT},
        {"ERR unknown command 'GRAPH.RO_QUERY', with args beginning with: ",
         GRAPH_TROUBLE_NO_MODULE},
        {"WRONGTYPE Operation against a key holding the wrong kind of value",
         GRAPH_TROUBLE_NO_GRAPH},
        {"NOPERM Query timed out", GRAPH_TROUBLE_OTHER},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        resp_explain(span_of(lines[i].line), &err);
        assert_int_equal(graph_trouble(&err), lines[i].is);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_injection), cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_rows),
        cmocka_unit_test(test_other_shapes),
        cmocka_unit_test(test_trouble),
    };

    return cmocka_run_group_tests(tests, make_reader, drop_reader);
}
