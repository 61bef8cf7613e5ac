#include "config.h"

#include "widgets/graph.h"

#include "base/xalloc.h"
#include "tests/support/cm.h"
#include "tests/support/graph.h"

#include <stdlib.h>

static void test_cursor(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct graph_cursor at = {0};

    (void)state;
    assert_null(graph_selected(v, &at));
    graph_move(v, &at, 5);
    assert_int_equal(at.rank, 0);
    fake_graph(v);
    graph_move(v, &at, 100);
    assert_int_equal(at.rank, 17);
    assert_int_equal(graph_selected(v, &at)->id, 117);
    graph_move(v, &at, -3);
    assert_int_equal(at.rank, 14);
    at.writes = true;
    graph_move(v, &at, 0);
    assert_string_equal(graph_selected(v, &at)->title, "soil");
    free(v);
}

static void test_seek(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct graph_cursor at = {.rank = 3};

    (void)state;
    assert_false(graph_seek(v, &at, 117));
    fake_graph(v);
    v->written[v->written_count - 1].id = 5000;
    assert_true(graph_seek(v, &at, 117));
    assert_int_equal(graph_selected(v, &at)->id, 117);
    assert_false(graph_seek(v, &at, 999999));
    assert_int_equal(graph_selected(v, &at)->id, 117); /* it stays */
    assert_true(graph_seek(v, &at, 5000)); /* it is on the other list */
    assert_true(at.writes);
    assert_string_equal(graph_selected(v, &at)->title, "soil");
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_seek),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
