/* The configuration: what is taken, and what is told where. */
#include "config.h"

#include "app/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cm.h"

static struct settings s;
static struct error err;

static int parse(const char *text)
{
    return settings_parse(text, strlen(text), "config.yaml", &s, &err);
}

static int teardown(void **state)
{
    (void)state;
    settings_finish(&s);
    return 0;
}

static void test_read_only(void **state)
{
    (void)state;
    assert_int_equal(parse("contexts:\n  prod:\n    read-only: true\n"
                           "  lab: {read-only: false}\n  other:\n"), 0);
    assert_true(settings_read_only(&s, "prod"));
    assert_false(settings_read_only(&s, "lab"));
    assert_false(settings_read_only(&s, "other"));
    assert_false(settings_read_only(&s, "unknown"));
    assert_false(settings_read_only(NULL, "prod"));
}

static void test_nothing(void **state)
{
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(parse("# nothing\n"), 0);
    assert_int_equal(parse("contexts:\n"), 0);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *text, *said;
    } table[] = {
        {"context:\n  prod: {}\n", "config.yaml:2: context: there is no such "
                                   "setting, expected contexts"},
        {"contexts:\n  prod:\n    readonly: true\n",
         "config.yaml:3: contexts.prod.readonly: there is no such setting, "
         "expected read-only"},
        {"contexts:\n  prod:\n    read-only: yes please\n",
         "config.yaml:3: contexts.prod.read-only: "},
        {"contexts: [prod]\n", "config.yaml:1: contexts: "},
        {"contexts:\n  prod: true\n", "config.yaml:2: contexts.prod: "},
        {"contexts: {\n", "config.yaml:"},
        {"- a\n", "config.yaml:1: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (parse(table[i].text) == 0)
            fail_msg("taken: %s", table[i].text);
        if (strncmp(err.msg, table[i].said, strlen(table[i].said)) != 0)
            fail_msg("%s\n  and not %s", err.msg, table[i].said);
        assert_false(settings_read_only(&s, "prod"));
        settings_finish(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_read_only, teardown),
        cmocka_unit_test_teardown(test_nothing, teardown),
        cmocka_unit_test_teardown(test_mistakes, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
