/* Conditions on the fake fleet. */

#include "config.h"

#include "data/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fleet.h"
#include "tests/support/cm.h"

static struct store *st;

static int setup(void **state)
{
    (void)state;
    st = store_create();
    fake_fleet(st);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_destroy(st);
    return 0;
}

static void holds(const char *expr, bool expected)
{
    struct error err = {0};
    bool v = !expected;

    if (check_parse(expr, &err) != 0 ||
        check_eval(st, FLEET_NOW, expr, &v, &err) != 0)
        fail_msg("'%s': %s", expr, err.msg);
    if (v != expected)
        fail_msg("'%s' is %d", expr, v);
}

static void test_values(void **state)
{
    (void)state;
    holds("agents==16", true);
    holds("agents!=16", false);
    holds("working>=6 && working<=6", true);
    holds("waiting==4", true); /* proposals, not agents */
    holds("waiting<3", false);
    holds("oldest>1d && oldest<2d", true);
    holds("trouble==2", true);
    holds("degraded==1", true);
    holds("failed==1", true);
    holds("looping==1", true);
    holds("quiet==1", true);
    holds("starting==1", true);
    holds("paused==1", true);
    holds("proposals==9", true);
    holds("risk>0.9 && risk<0.92", true);
    holds("pheromones==30", true);
    holds("heat>10", true);
    holds("tokens>10000", true);
    holds("cost>0", true);
    holds("sources==1 && live==1 && stale==0", true);
}

static void test_stale(void **state)
{
    (void)state;
    fake_source(st, true);
    holds("live==0", true);
    holds("stale>2m && stale<4m", true);
    st->planes[0].proof_ms = 0;
    holds("stale>1000d", true);
    fake_source(st, false);
}

static void test_operators(void **state)
{
    (void)state;
    holds("agents>1 || agents<0", true);
    holds("agents<0 || agents<1", false);
    holds("!agents<0", true);
    holds("!(agents>1 && trouble>0)", false);
    holds("!!agents>1", true);
    /* && binds tighter */
    holds("agents>1 || agents>1 && agents<0", true);
    holds("(agents>1 || agents>1) && agents<0", false);
    holds("  agents > 1\t", true);
    holds("agents>=16&&agents<=16", true);
    holds("((((agents>1))))", true);
}

/* What nobody said compares false with everything. */
static void test_unknown(void **state)
{
    struct store *empty = store_create();
    static const char *const none[] = {"tokens<1", "tokens>=0", "tokens==0",
                                       "tokens!=0", "cost<1", "cost!=1"};
    bool v;

    (void)state;
    store_settle(empty, FLEET_NOW);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        v = true;
        assert_int_equal(check_eval(empty, FLEET_NOW, none[i], &v, NULL), 0);
        assert_false(v);
    }
    assert_int_equal(check_eval(empty, FLEET_NOW,
                                "agents==0 && waiting==0 && oldest==0", &v,
                                NULL),
                     0);
    assert_true(v);
    store_destroy(empty);
}

static void wrong(const char *expr, const char *msg)
{
    struct error err = {0};
    bool v = true;

    if (check_parse(expr, &err) == 0)
        fail_msg("'%s' is taken", expr);
    if (strstr(err.msg, msg) == NULL)
        fail_msg("'%s': '%s' without '%s'", expr, err.msg, msg);
    assert_int_not_equal(check_eval(st, FLEET_NOW, expr, &v, NULL), 0);
    assert_true(v); /* untouched */
}

static void test_errors(void **state)
{
    char deep[60], longer[CHECK_MAX + 2];

    (void)state;
    wrong("", "at 0: expected a name like waiting, found 'the end'");
    wrong("nosuch<1", "at 0: no such name, found 'nosuch<1'");
    wrong("agents", "at 6: expected < <= > >= == or !=");
    wrong("agents=1", "at 6: expected < <=");
    wrong("agents<", "at 7: expected a number or a time like 10m");
    wrong("agents<x", "at 7: expected a number");
    wrong("agents<1x", "expected && or || or the end, found 'x'");
    wrong("agents<1 &", "at 9: expected && or || or the end");
    wrong("agents<1 &&", "at 11: expected a name");
    wrong("(agents<1", "at 9: expected )");
    wrong("agents<1)", "at 8: expected && or ||");
    wrong("agents<1..2", "expected a number");
    wrong("agents<10mm", "expected a number");
    wrong("agents<-1", "at 7: expected a number");
    memset(deep, '(', 30);
    strcpy(deep + 30, "agents<1");
    wrong(deep, "nested too deep");
    memset(deep, '!', 30);
    wrong(deep, "nested too deep");
    memset(longer, ' ', sizeof longer);
    longer[CHECK_MAX + 1] = '\0';
    wrong(longer, "longer than 1000 bytes");
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; check_names()[i] != NULL; i++) {
        char expr[60];

        snprintf(expr, sizeof expr, "%s>=0 || %s<0", check_names()[i],
                 check_names()[i]);
        holds(expr, true);
    }
}

static void test_random(void **state)
{
    static const char *const parts[] = {"agents", "<", ">", "=", "!",  "(",
                                        ")",      "&&", "|", "1", "0m", " ",
                                        "risk",   ".",  "9", "\xff"};
    uint32_t seed = 5;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char expr[120] = "";
        bool v;

        for (uint32_t n = cm_random(&seed) % 14; n > 0; n--)
            strcat(expr, parts[cm_random(&seed) % 16]);
        assert_int_equal(check_parse(expr, NULL),
                         check_eval(st, FLEET_NOW, expr, &v, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),    cmocka_unit_test(test_stale),
        cmocka_unit_test(test_operators), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_errors),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
