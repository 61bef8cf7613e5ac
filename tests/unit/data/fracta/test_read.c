#include "config.h"

#include "data/fracta/read.h"

#include <math.h>
#include <stdio.h>

#include "data/facts.h"
#include "tests/support/cm.h"

static struct fracta_reader *r;
static struct error err;

static int setup(void **state)
{
    (void)state;
    r = fracta_reader_create();
    error_clear(&err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fracta_reader_destroy(r);
    return 0;
}

#define assert_span(s, text)                                                   \
    do {                                                                       \
        struct span cm_s = (s);                                                \
        if (!span_is(cm_s, text))                                              \
            fail_msg("%s is \"%.*s\"", #s, (int)cm_s.n, cm_s.p);               \
    } while (0)

static void test_agent(void **state)
{
    struct run_facts f;

    (void)state;
    assert_int_equal(
        fracta_read_agent(
            r,
            span_of("{\"name\":\"a\",\"genus\":\"T\",\"status\":\"Running\","
                    "\"mode\":\"pty\",\"argv\":[\"sh\",\"-c\",\"it's $x\",\"\"],"
                    "\"reported\":{\"state\":\"blocked\",\"kind\":\"ask\","
                    "\"text\":\"may I\",\"by\":\"hook\","
                    "\"at\":\"2026-11-21T14:32:07.5Z\"},"
                    "\"start_time\":\"2026-11-21T14:32:07Z\","
                    "\"process\":{\"pid\":7,\"cpu\":0.5,\"rss\":4096,"
                    "\"processes\":2,\"runs\":3,\"exit_code\":1},"
                    "\"paused\":true,\"tokens\":12,\"cost\":0.25,"
                    "\"budget\":100,\"of_tomorrow\":{\"x\":[1,2]}}"),
            &f, &err),
        0);
    assert_span(f.name, "a");
    assert_span(f.command, "sh -c 'it'\\''s $x' ''");
    assert_span(f.report, "blocked");
    assert_span(f.report_text, "may I");
    assert_int_equal(f.report_ms, 1795271527500);
    assert_int_equal(f.started_ms, 1795271527000);
    assert_int_equal(f.created_ms, 1795271527000); /* not said: the start */
    assert_int_equal(f.pid, 7);
    assert_int_equal(f.exit_code, 1);
    assert_int_equal(f.tokens, 12);
    assert_true(f.paused);
    assert_near(f.cpu, 0.5, 1e-9);
}

static void test_agent_with_little(void **state)
{
    struct run_facts f;

    (void)state;
    assert_int_equal(
        fracta_read_agent(r,
                          span_of("{\"name\":\"a\",\"argv\":null,"
                                  "\"start_time\":\"0001-01-01T00:00:00Z\","
                                  "\"reported\":null,\"process\":null,"
                                  "\"cost\":null}"),
                          &f, &err),
        0);
    assert_int_equal(f.started_ms, 0);
    assert_int_equal(f.tokens, FACT_NONE);
    assert_int_equal(f.exit_code, FACT_NONE);
    assert_true(isnan(f.cost));
    assert_null(f.command.p);
    assert_int_not_equal(fracta_read_agent(r, span_of("{}"), &f, &err), 0);
    assert_int_not_equal(fracta_read_agent(r, span_of(""), &f, &err), 0);
    assert_int_not_equal(fracta_read_agent(r, span_of("{\"name\":"), &f, &err),
                         0);
}

static void test_wrong_types(void **state)
{
    struct fracta_event e;
    struct run_facts f;

    (void)state;
    assert_int_equal(
        fracta_read_agent(r,
                          span_of("{\"name\":\"a\",\"genus\":5,\"argv\":\"x\","
                                  "\"status\":[],\"process\":7,\"tokens\":\"9\","
                                  "\"reported\":{\"at\":12,\"state\":{}},"
                                  "\"budget\":-4,\"cost\":\"0.1\","
                                  "\"paused\":\"yes\"}"),
                          &f, &err),
        0);
    assert_null(f.genus.p);
    assert_null(f.report.p);
    assert_int_equal(f.tokens, FACT_NONE);
    assert_int_equal(f.budget, FACT_NONE);
    assert_false(f.paused);
    assert_int_equal(
        fracta_read_event(r,
                          span_of("{\"ID\":7,\"Time\":7,\"Attrs\":\"x\","
                                  "\"Detail\":{\"a\":1}}"),
                          &e, &err),
        0);
    assert_null(e.id.p);
    assert_null(e.detail.p);
}

static void check_event(const char *json)
{
    struct fracta_event e;
    struct thought_facts t;

    assert_int_equal(fracta_read_event(r, span_of(json), &e, &err), 0);
    assert_span(e.id, "i");
    assert_span(e.agent, "a");
    assert_span(e.action, "tool.started");
    assert_span(e.detail, "reads");
    assert_int_equal(e.at_ms, 1795271527000);
    assert_true(fracta_thought(&e, &t));
    assert_int_equal(t.kind, THOUGHT_CALL);
    assert_span(t.text, "reads");
    assert_span(t.agent, "a");
    assert_true(t.own);
}

static void test_three_spellings(void **state)
{
    (void)state;
    check_event("{\"ID\":\"i\",\"Time\":\"2026-11-21T14:32:07Z\","
                "\"Task\":\"a\",\"Action\":\"tool.started\","
                "\"Detail\":\"reads\",\"Attrs\":{\"tool_name\":\"Read\"}}");
    check_event("{\"id\":\"i\",\"time\":\"2026-11-21T14:32:07Z\","
                "\"task\":\"a\",\"action\":\"tool.started\","
                "\"detail\":\"reads\",\"attrs\":null}");
    check_event("{\"event_id\":\"i\",\"time\":\"2026-11-21T14:32:07Z\","
                "\"task\":\"a\",\"action\":\"tool.started\","
                "\"detail\":\"reads\"}");
}

static enum thought_kind kind_of(const char *json)
{
    struct fracta_event e;
    struct thought_facts t;

    assert_int_equal(fracta_read_event(r, span_of(json), &e, &err), 0);
    assert_true(fracta_thought(&e, &t));
    return t.kind;
}

static void test_thoughts(void **state)
{
    struct fracta_event e;
    struct thought_facts t;

    (void)state;
    assert_int_equal(kind_of("{\"Action\":\"x\",\"Severity\":\"error\"}"),
                     THOUGHT_ERROR);
    assert_int_equal(kind_of("{\"Action\":\"lifecycle.failed.x\"}"),
                     THOUGHT_ERROR);
    assert_int_equal(kind_of("{\"Action\":\"tool.completed\"}"),
                     THOUGHT_RESULT);
    assert_int_equal(kind_of("{\"Action\":\"message.delta\"}"),
                     THOUGHT_THOUGHT);
    assert_int_equal(kind_of("{\"Action\":\"message.completed\"}"),
                     THOUGHT_SAID);
    assert_int_equal(kind_of("{\"Action\":\"other\"}"), THOUGHT_CHANGE);
    assert_int_equal(kind_of("{\"Action\":\"other\",\"Attrs\":"
                             "{\"kind\":\"decision\"}}"),
                     THOUGHT_DECISION);
    assert_int_equal(fracta_read_event(r, span_of("{}"), &e, &err), 0);
    assert_false(fracta_thought(&e, &t));
    assert_int_equal(
        fracta_read_event(r, span_of("{\"Action\":\"heartbeat\","
                                     "\"Detail\":\"x\"}"),
                          &e, &err),
        0);
    assert_false(fracta_thought(&e, &t));
    /* more tokens than a counter holds are not few */
    assert_int_equal(
        fracta_read_event(r, span_of("{\"Detail\":\"x\",\"Attrs\":"
                                     "{\"tokens\":4294967297}}"),
                          &e, &err),
        0);
    assert_true(fracta_thought(&e, &t));
    assert_int_equal(t.tokens, UINT32_MAX);
}

static void test_proposal(void **state)
{
    struct proposal_facts p;
    struct asked_facts a;
    char many[2048];
    int n;

    (void)state;
    assert_int_equal(
        fracta_read_proposal(
            r,
            span_of("{\"id\":\"p\",\"agent\":\"a\",\"title\":\"push\","
                    "\"status\":\"pending\",\"digest\":\"d\",\"risk\":0.5,"
                    "\"risk_given\":false,\"factors\":[{\"name\":\"command\","
                    "\"score\":0.45,\"why\":\"publishes\"},{\"score\":7},3],"
                    "\"created_at\":\"2026-11-21T14:32:07Z\","
                    "\"deadline_at\":\"2026-11-21T14:42:07Z\","
                    "\"tool\":\"Bash\",\"diff\":null}"),
            &p, &a, &err),
        0);
    assert_span(p.meta.name, "p");
    assert_span(p.phase, "Pending");
    assert_span(p.change, "Bash"); /* not said: the tool */
    assert_int_equal(p.ttl_s, 600);
    assert_span(a.digest, "d");
    assert_int_equal(a.count >= 2, 1);
    assert_string_equal(a.factors[0].why, "publishes");
    assert_near(a.factors[0].score, 0.45, 1e-9);
    assert_near(a.factors[1].score, 0, 0); /* out of range */
    assert_null(a.diff.p);

    assert_int_equal(fracta_read_proposal(
                         r, span_of("{\"id\":\"p\",\"digest\":\"d\"}"), &p, &a,
                         &err),
                     0);
    assert_true(isnan(a.risk));
    assert_near(p.risk.total, 0, 0);
    assert_int_equal(p.ttl_s, FACT_NONE);
    assert_int_not_equal(
        fracta_read_proposal(r, span_of("{\"id\":\"p\"}"), &p, &a, &err), 0);
    /* no more factors than there is room for, words cut */
    n = snprintf(many, sizeof many, "{\"id\":\"p\",\"digest\":\"d\","
                                    "\"factors\":[");
    for (int i = 0; i < 20; i++)
        n += snprintf(many + n, sizeof many - (size_t)n,
                      "%s{\"name\":\"a name that is longer than its room\"}",
                      i ? "," : "");
    snprintf(many + n, sizeof many - (size_t)n, "]}");
    assert_int_equal(fracta_read_proposal(r, span_of(many), &p, &a, &err), 0);
    assert_int_equal(a.count, ASKED_FACTORS_MAX);
    assert_int_equal(strlen(a.factors[0].name), 23);
}

static void test_pheromone(void **state)
{
    struct pheromone_facts f;

    (void)state;
    assert_int_equal(
        fracta_read_pheromone(r,
                              span_of("{\"id\":\"x\",\"type\":\"WARNING\","
                                      "\"intensity\":0.9,\"half_life_s\":120,"
                                      "\"emitted_at\":"
                                      "\"2026-11-21T14:32:07Z\"}"),
                              &f, &err),
        0);
    assert_near(f.half_life_min, 2, 1e-9);
    assert_true(f.emitted_given);
    assert_int_equal(f.ttl_s, FACT_NONE);
    assert_int_not_equal(
        fracta_read_pheromone(r, span_of("{\"type\":\"X\"}"), &f, &err), 0);
}

/* Nothing that can arrive is more than an error. */
static void test_property_hostile(void **state)
{
    static const char seed_text[] =
        "{\"name\":\"a\",\"id\":\"p\",\"digest\":\"d\",\"argv\":[\"x\",\"y\"],"
        "\"factors\":[{\"name\":\"n\",\"score\":0.5}],\"Attrs\":{\"kind\":"
        "\"said\",\"tokens\":5},\"reported\":{\"at\":"
        "\"2026-11-21T14:32:07Z\"}}";
    uint32_t seed = 11;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof seed_text];
        struct run_facts run;
        struct proposal_facts p;
        struct asked_facts a;
        struct pheromone_facts f;
        struct fracta_event e;
        struct thought_facts t;
        size_t n = sizeof seed_text - 1;
        struct span json = {text, n};

        memcpy(text, seed_text, sizeof text);
        for (uint32_t k = cm_random(&seed) % 4; k > 0; k--) {
            char c = "{}[]\",:0-e\\"[cm_random(&seed) % 11];

            if (cm_random(&seed) % 3 == 0)
                c = (char)cm_random(&seed);
            text[cm_random(&seed) % n] = c;
        }
        if (round % 3 == 0)
            json.n = cm_random(&seed) % n;
        fracta_read_agent(r, json, &run, &err);
        fracta_read_proposal(r, json, &p, &a, &err);
        fracta_read_pheromone(r, json, &f, &err);
        if (fracta_read_event(r, json, &e, &err) == 0)
            fracta_thought(&e, &t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_agent),           T(test_agent_with_little),
        T(test_wrong_types),     T(test_three_spellings),
        T(test_thoughts),        T(test_proposal),
        T(test_pheromone),       T(test_property_hostile),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
