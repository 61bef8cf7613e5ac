#include "config.h"

#include "data/rights.h"

#include <stdio.h>

#include "tests/support/cm.h"

static struct rights r;

static int setup(void **state)
{
    (void)state;
    rights_forget(&r);
    return 0;
}

static void test_unknown_is_not_denied(void **state)
{
    (void)state;
    assert_false(rights_denied(NULL, "a", ACT_APPROVE));
    assert_false(rights_denied(&r, "a", ACT_APPROVE));
    assert_false(rights_known(&r, "a", ACT_APPROVE));
}

static void test_by_namespace_and_act(void **state)
{
    (void)state;
    assert_true(rights_set(&r, "a", ACT_APPROVE, false));
    assert_true(rights_set(&r, "b", ACT_APPROVE, true));
    assert_true(rights_denied(&r, "a", ACT_APPROVE));
    assert_false(rights_denied(&r, "b", ACT_APPROVE));
    assert_true(rights_known(&r, "b", ACT_APPROVE));
    assert_false(rights_known(&r, "a", ACT_REJECT));
    assert_true(rights_set(&r, "a", ACT_APPROVE, true)); /* granted later */
    assert_false(rights_denied(&r, "a", ACT_APPROVE));
    rights_forget(&r);
    assert_false(rights_known(&r, "b", ACT_APPROVE));
}

static void test_bounded(void **state)
{
    char ns[20];

    (void)state;
    for (int i = 0; i < RIGHTS_MAX; i++) {
        snprintf(ns, sizeof ns, "n%d", i);
        assert_true(rights_set(&r, ns, ACT_REJECT, false));
    }
    assert_false(rights_set(&r, "one more", ACT_REJECT, false));
    assert_true(rights_set(&r, "n3", ACT_REJECT, true));
    assert_false(rights_denied(&r, "n3", ACT_REJECT));
    assert_true(rights_denied(&r, "n4", ACT_REJECT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_unknown_is_not_denied, setup),
        cmocka_unit_test_setup(test_by_namespace_and_act, setup),
        cmocka_unit_test_setup(test_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
