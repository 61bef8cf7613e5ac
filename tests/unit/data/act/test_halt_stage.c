/* Who is stopped first. */
#include "config.h"

#include "data/act/halt_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cm.h"
#include "tests/support/stored.h"

#define T0 1795257094000

static struct store *st;

static void put(enum kind kind, const char *text)
{
    stored(st, kind, text, T0);
}

static void agent(const char *name, const char *genus)
{
    char text[300];

    snprintf(text, sizeof text,
             "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"team\"},"
             "\"spec\":{\"genus\":\"%s\"}}",
             name, genus);
    put(KIND_AGENT, text);
}

static void proposal(const char *name, const char *by, const char *type)
{
    char text[400];

    snprintf(text, sizeof text,
             "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"team\"},"
             "\"spec\":{\"changeType\":\"%s\",\"proposer\":\"%s\"}}",
             name, type, by);
    put(KIND_PROPOSAL, text);
}

static int stage(const char *name)
{
    uint8_t *all = halt_stages(st);
    uint32_t slot = store_find(st, KIND_AGENT, span_of("team"), span_of(name));
    int s;

    assert_int_not_equal(slot, SLOT_NONE);
    s = all[slot];
    free(all);
    return s;
}

static int setup(void **state)
{
    (void)state;
    st = store_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_destroy(st);
    return 0;
}

static void test_by_genus(void **state)
{
    static const struct {
        const char *genus;
        int stage;
    } table[] = {{"OMEGA", 0}, {"F", 0}, {"D", 1}, {"M", 1},
                 {"U", 1},     {"R", 1}, {"Q", 2}, {"B", 2}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        agent(table[i].genus, table[i].genus);
        assert_int_equal(stage(table[i].genus), table[i].stage);
    }
}

static void test_by_what_it_proposed(void **state)
{
    (void)state;
    agent("quiet", "Q");
    agent("writer", "Q");
    agent("maker", "Q");
    agent("both", "B");
    proposal("p1", "writer", "CODE_PATCH");
    proposal("p2", "maker", "AGENT_DEPLOY");
    proposal("p3", "both", "MEMORY_COMPACT");
    proposal("p4", "both", "AGENT_SCALE");
    assert_int_equal(stage("quiet"), 2);
    assert_int_equal(stage("writer"), 1);
    assert_int_equal(stage("maker"), 0);
    assert_int_equal(stage("both"), 0);
}

static void test_another_namespace_is_another(void **state)
{
    (void)state;
    agent("writer", "Q");
    put(KIND_PROPOSAL, "{\"metadata\":{\"name\":\"p\",\"namespace\":\"else\"},"
                       "\"spec\":{\"changeType\":\"AGENT_DEPLOY\","
                       "\"proposer\":\"nobody\"}}");
    assert_int_equal(stage("writer"), 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_by_genus),
        T(test_by_what_it_proposed),
        T(test_another_namespace_is_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
