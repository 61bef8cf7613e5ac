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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cursor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
