/* The filter language, on the fake fleet. */

#include "config.h"

#include "data/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static struct filter *make(enum kind kind, const char *text)
{
    struct error err = {0};
    struct filter *f = filter_create(kind, text, strlen(text), &err);

    if (f == NULL)
        fail_msg("'%s': %s", text, err.msg);
    return f;
}

/* How many rows of the kind match. */
static int count(enum kind kind, const char *text)
{
    struct filter *f = make(kind, text);
    uint32_t used = kind == KIND_AGENT       ? st->agents.used
                    : kind == KIND_PHEROMONE ? st->pheromones.used
                                             : st->proposals.used;
    int n = 0;

    for (uint32_t i = 0; i < used; i++)
        n += (kind == KIND_AGENT       ? store_agent(st, i) != NULL
              : kind == KIND_PHEROMONE ? store_pheromone(st, i) != NULL
                                       : store_proposal(st, i) != NULL) &&
             filter_match(f, st, i, FLEET_NOW);
    filter_destroy(f);
    return n;
}

static bool agent_is(const char *name, const char *text)
{
    struct filter *f = make(KIND_AGENT, text);
    bool hit = filter_match(
        f, st, store_find(st, KIND_AGENT, span_of(FLEET_NS), span_of(name)),
        FLEET_NOW);

    filter_destroy(f);
    return hit;
}

static void test_words(void **state)
{
    (void)state;
    assert_int_equal(count(KIND_AGENT, ""), FLEET_AGENTS);
    assert_int_equal(count(KIND_AGENT, "   "), FLEET_AGENTS);
    assert_int_equal(count(KIND_AGENT, "\"\""), FLEET_AGENTS);
    assert_true(agent_is("broker", "BROK"));
    assert_true(agent_is("broker", "brok settle"));
    assert_false(agent_is("broker", "brok weaver"));
    assert_true(agent_is("broker", "!weaver"));
    assert_false(agent_is("broker", "!brok"));
    assert_true(agent_is("broker", "!\"no such words\" brok"));
    assert_true(agent_is("dry", "\"dry run\""));
    /* what is quoted is text, whatever it looks like */
    assert_int_equal(count(KIND_AGENT, "\"nofield:x\""), 0);
    assert_int_equal(count(KIND_AGENT, "\"a:b\""), 0);
    assert_int_equal(count(KIND_AGENT, "!\"a:b\""), FLEET_AGENTS);
    assert_int_equal(count(KIND_AGENT, "\"name:broker\""), 0);
    assert_int_equal(count(KIND_AGENT, "\"!broker\""), 0);
    assert_int_equal(count(KIND_AGENT, "name:\"~bro\""), 0);
    assert_int_equal(count(KIND_AGENT, "\"age>1\""), 0);
    assert_int_equal(count(KIND_AGENT, "na\"me:broker\""), 0);
    assert_int_equal(count(KIND_AGENT, "name:\"broker\""), 1);
    assert_int_equal(count(KIND_AGENT, "step:\"settle(offer=3)\""), 1);
    assert_int_equal(count(KIND_AGENT, "\"dry run: nothing\""), 1);
    assert_false(agent_is("dry", "\"run dry\""));
    assert_true(agent_is("夜警-night-watch", "夜警"));
    assert_false(agent_is("broker", "!"));
    assert_false(agent_is("broker", "~"));
}

static void test_fields(void **state)
{
    (void)state;
    assert_int_equal(count(KIND_AGENT, "state:waiting"), 1);
    assert_int_equal(count(KIND_AGENT, "state=wait"), 0);
    assert_int_equal(count(KIND_AGENT, "state=WAITING"), 1);
    assert_int_equal(count(KIND_AGENT, "sta=failed"), 1);
    assert_int_equal(count(KIND_AGENT, "restarts>4"), 1);
    assert_int_equal(count(KIND_AGENT, "restarts=5"), 1);
    assert_int_equal(count(KIND_AGENT, "waiting>2"), 1);
    assert_int_equal(count(KIND_AGENT, "trouble=1"), 2);
    assert_int_equal(count(KIND_AGENT, "!name:e name:o"), 1);
    assert_int_equal(count(KIND_AGENT, "why:\"dry run\""), 1);
    assert_int_equal(count(KIND_PROPOSAL, "open:yes"), 4);
    assert_int_equal(count(KIND_PROPOSAL, "open=yes risk>0.4"), 3);
    assert_int_equal(count(KIND_PROPOSAL, "level=critical"), 1);
    assert_int_equal(count(KIND_PROPOSAL, "tgent=passed"), 3);
    assert_int_equal(count(KIND_PROPOSAL, "by:mason phase:review"), 2);
    assert_int_equal(count(KIND_PROPOSAL, "decider=ada"), 2);
    assert_int_equal(count(KIND_PHEROMONE, "type=PERFUME"), 1);
    assert_int_equal(count(KIND_PHEROMONE, "intensity>0.99"), 1);
}

/* What nobody said is neither more nor less, and holds no text. */
static void test_unknown_values(void **state)
{
    (void)state;
    assert_false(agent_is("mason", "tokens>0"));
    assert_false(agent_is("mason", "tokens<1"));
    assert_false(agent_is("mason", "tokens:"));
    assert_true(agent_is("mason", "!tokens>0"));
    assert_false(agent_is("broker", "why:x"));
}

static void test_spans(void **state)
{
    (void)state;
    assert_int_equal(count(KIND_AGENT, "age<10m"), 1);
    assert_int_equal(count(KIND_AGENT, "age>1d"), 5);
    assert_int_equal(count(KIND_AGENT, "last<30s"), 4);
    assert_int_equal(count(KIND_PROPOSAL, "deadline<30m"), 1);
    assert_int_equal(count(KIND_PROPOSAL, "age>1.5h open=yes"), 2);
    assert_int_equal(count(KIND_PHEROMONE, "half-life>45m"), 2);
}

static void test_regex(void **state)
{
    (void)state;
    assert_int_equal(count(KIND_AGENT, "~^(broker|weaver)$"), 2);
    assert_int_equal(count(KIND_AGENT, "name:~^W"), 1);
    assert_int_equal(count(KIND_AGENT, "!name:~r$"), 10);
    assert_int_equal(count(KIND_AGENT, "name=~x"), 0);
    assert_int_equal(count(KIND_AGENT, "~\"dry run\""), 1);
    assert_int_equal(count(KIND_AGENT, "\"~dry\""), 0);
}

static void expect(enum kind kind, const char *text, int code, const char *msg)
{
    struct error err = {0};
    struct filter *f = filter_create(kind, text, strlen(text), &err);

    if (f != NULL)
        fail_msg("'%s' is taken", text);
    assert_int_equal(err.code, code);
    if (strstr(err.msg, msg) == NULL)
        fail_msg("'%s': '%s' without '%s'", text, err.msg, msg);
    /* nowhere to put the error is no crash */
    assert_null(filter_create(kind, text, strlen(text), NULL));
}

static void test_errors(void **state)
{
    char text[FILTER_MAX + 2];

    (void)state;
    expect(KIND_AGENT, "ab nofield:x", ERR_SYNTAX,
           "at 3: no field 'nofield' here");
    expect(KIND_AGENT, "!a:x", ERR_SYNTAX, "at 1: no field 'a' here");
    expect(KIND_PROPOSAL, "genus:B", ERR_SYNTAX, "at 0: no field 'genus'");
    expect(KIND_EVENT, "name:B", ERR_SYNTAX, "at 0: no field 'name'");
    expect(KIND_AGENT, "ab \"cd", ERR_SYNTAX, "at 3: quote not closed");
    expect(KIND_AGENT, "age>soon", ERR_SYNTAX,
           "at 4: expected a number or a time like 10m, not 'soon'");
    expect(KIND_AGENT, "age>", ERR_SYNTAX, "at 4: expected a number");
    expect(KIND_AGENT, "ab ~x(", ERR_SYNTAX, "at 6: bad regex");
    expect(KIND_AGENT, "name:~[", ERR_SYNTAX, "at 7: bad regex");
    expect(KIND_AGENT, "~\\C", ERR_SYNTAX, "bad regex");
    expect(KIND_AGENT, "a b c d e f g h i j k l m n o p q", ERR_LIMIT,
           "more than 16 terms");
    memset(text, 'a', sizeof text);
    text[FILTER_MAX + 1] = '\0';
    expect(KIND_AGENT, text, ERR_LIMIT, "longer than 400 bytes");
    text[FILTER_MAX] = '\0';
    filter_destroy(make(KIND_AGENT, text));
    filter_destroy(make(KIND_AGENT, "a b c d e f g h i j k l m n o p"));
    filter_destroy(NULL);
}

/* A regex that would take for ever gives up, in no time, as no match. */
static void test_catastrophe(void **state)
{
    static const char *const bad[] = {"~(a+)+$", "~(a|aa)+$", "~(.*)*x",
                                      "~((a*)*)*b", "~(?:(?:a?){20}){20}z"};
    char text[2048];
    struct span s = {text, sizeof text};
    clock_t from = clock();

    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct filter *f = make(KIND_EVENT, bad[i]);

        assert_false(filter_match_text(f, &s, 1));
        filter_destroy(f);
    }
    assert_true((double)(clock() - from) / CLOCKS_PER_SEC < 5);
}

static void test_texts(void **state)
{
    const struct span texts[] = {span_of("broker"), span_of("Settle it"),
                                 {NULL, 0}};
    static const struct {
        const char *filter;
        bool hit;
    } cases[] = {{"settle", true},        {"broker settle", true},
                 {"!weaver settle", true}, {"weaver", false},
                 {"!settle", false},      {"~^settle", true},
                 {"~^it", false},         {"\"settle it\"", true},
                 {"", true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter *f = make(KIND_EVENT, cases[i].filter);

        if (filter_match_text(f, texts, 3) != cases[i].hit)
            fail_msg("'%s'", cases[i].filter);
        filter_destroy(f);
    }
}

static void test_clock(void **state)
{
    static const char *const moving[] = {"age>1m", "last<1h", "activity>1"};
    static const char *const still[] = {"broker", "tokens>1", "state:x", ""};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct filter *f = make(KIND_AGENT, moving[i]);

        assert_true(filter_clock(f));
        filter_destroy(f);
    }
    for (size_t i = 0; i < 4; i++) {
        struct filter *f = make(KIND_AGENT, still[i]);

        assert_false(filter_clock(f));
        filter_destroy(f);
    }
}

/* The clock said of a field's value is the clock said of its filter. */
static void test_all_fields(void **state)
{
    static const enum kind kinds[] = {KIND_AGENT, KIND_PHEROMONE,
                                      KIND_PROPOSAL, KIND_POD, KIND_QUOTA};

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct field_row *rows = field_rows(kinds[k]);

        for (int i = 0; rows[i].name != NULL; i++) {
            struct field_value v;
            struct filter *f;
            char text[40];

            assert_int_equal(field_find(kinds[k], span_of(rows[i].name)), i);
            field_get(st, kinds[k], 0, i, FLEET_NOW, &v);
            snprintf(text, sizeof text, "%s:x", rows[i].name);
            f = make(kinds[k], text);
            /* rows that are not there say nothing of the clock */
            if (kinds[k] <= KIND_PROPOSAL || v.clock)
                assert_int_equal(filter_clock(f), v.clock);
            filter_destroy(f);
            field_get(st, kinds[k], SLOT_NONE, i, FLEET_NOW, &v);
            assert_true(v.text.p == NULL || kinds[k] > KIND_PROPOSAL);
        }
        assert_true(field_plain(kinds[k]) > 0);
        assert_int_equal(field_find(kinds[k], span_of("")), -1);
        assert_int_equal(field_find(kinds[k], span_of("nothing")), -1);
    }
    assert_int_equal(field_find(KIND_AGENT, span_of("st")), -1);
    assert_null(field_rows(KIND_EVENT)[0].name);
}

/* Any bytes: an error or a filter, never a crash. */
static void test_random(void **state)
{
    static const char bytes[] = "ab:=<>~!\"() *+[]{}\\.-|^$?0123hdsm\xff\x80\t";
    uint32_t seed = 77;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[40];
        size_t n = cm_random(&seed) % sizeof text;
        struct filter *f;

        for (size_t k = 0; k < n; k++)
            text[k] = bytes[cm_random(&seed) % (sizeof bytes - 1)];
        f = filter_create(KIND_AGENT, text, n, NULL);
        if (f != NULL)
            filter_match(f, st, 0, FLEET_NOW);
        filter_destroy(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),      cmocka_unit_test(test_fields),
        cmocka_unit_test(test_unknown_values),
        cmocka_unit_test(test_spans),      cmocka_unit_test(test_regex),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_catastrophe),
        cmocka_unit_test(test_texts),      cmocka_unit_test(test_clock),
        cmocka_unit_test(test_all_fields), cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
