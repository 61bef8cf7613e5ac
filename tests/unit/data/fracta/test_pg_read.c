#include "config.h"

#include "data/fracta/pg_marks.h"
#include "data/fracta/pg_read.h"
#include "data/pg/policy.h"
#include "tests/support/cm.h"

#include <stdio.h>
#include <stdlib.h>

#define S(text) {text, sizeof text - 1}
#define NONE {NULL, 0}

static void test_statements(void **state)
{
    (void)state;
    for (int i = 0; i < PG_TABLES; i++) {
        char *sql = pg_read_sql((enum pg_table)i, "od\"d");

        assert_non_null(sql);
        assert_true(pg_policy_allows_reading(sql));
        assert_non_null(strstr(sql, "\"od\"\"d\".\""));
        assert_null(strstr(sql, "%s"));
        assert_null(strstr(sql, "resume_token"));
        free(sql);
    }
    assert_null(pg_read_sql(PG_AGENTS,
                            "a-name-that-is-far-too-long-for-the-room-there-"
                            "is-a-name-that-is-far-too-long-for-the-room-"
                            "there-is-a-name-that-is-far-too-long-for-the-"
                            "room-there-is-and-more-than-two-hundred-bytes-"
                            "of-it-are-needed-for-that"));
}

static void test_times(void **state)
{
    (void)state;
    assert_int_equal(pg_read_time((struct span)S("1795271527.5")),
                     1795271527500);
    assert_int_equal(pg_read_time((struct span)S("Infinity")), 0);
    assert_int_equal(pg_read_time((struct span)S("-Infinity")), 0);
    assert_int_equal(pg_read_time((struct span)S("NaN")), 0);
    assert_int_equal(pg_read_time((struct span)S("-62135596800")), 0);
    assert_int_equal(pg_read_time((struct span)S("1e300")), 0);
    assert_int_equal(pg_read_time((struct span)NONE), 0);
    assert_int_equal(pg_read_time((struct span)S("")), 0);
    assert_int_equal(pg_read_int((struct span)S("12")), 12);
    assert_int_equal(pg_read_int((struct span)S("12x")), FACT_NONE);
    assert_int_equal(pg_read_int((struct span)S("-3")), FACT_NONE);
    assert_int_equal(pg_read_int((struct span)S("99999999999999999999")),
                     FACT_NONE);
    assert_int_equal(pg_read_int((struct span)NONE), FACT_NONE);
}

static void test_agent(void **state)
{
    struct span v[11] = {S("loom"),   S("claude"), S(""),   S("main"),
                         S("Failed"), S("no\nx"),  NONE,    S("queued"),
                         S(""),       S("0"),      S("obj")};
    struct run_facts f;

    (void)state;
    assert_true(pg_read_agent(v, 11, &f));
    assert_true(span_is(f.name, "loom"));
    assert_true(span_is(f.reason, "no"));
    assert_true(span_is(f.base, "main"));
    assert_null(f.branch.p);
    assert_null(f.intent.p);
    assert_int_equal(f.mission, FACT_NONE);
    assert_int_equal(f.started_ms, 0);
    v[4] = (struct span)S("Dreaming");
    v[9] = (struct span)S("7");
    assert_true(pg_read_agent(v, 11, &f));
    assert_null(f.reason.p);
    assert_int_equal(f.mission, 7);
    assert_false(pg_read_agent(v, 10, &f));
    v[0] = (struct span)S("");
    assert_false(pg_read_agent(v, 11, &f));
}

static void test_mission(void **state)
{
    struct span v[17] = {S("4"), S("claimed"), NONE, S("worker-1"),
                         S("1000.25"), S("900"), NONE, S(""), S("3"), NONE,
                         NONE, S("0"), S(""), S(""), S("by-payload"), NONE,
                         S("sonnet")};
    struct mission_facts f;

    (void)state;
    assert_true(pg_read_mission(v, 17, &f));
    assert_true(span_is(f.task, "by-payload"));
    assert_int_equal(f.claimed_ms, 1000250);
    assert_int_equal(f.lease_ms, 1000250 + PG_LEASE_MS);
    assert_int_equal(f.parent, FACT_NONE);
    assert_int_equal(f.depth, 0);
    v[1] = (struct span)S("pending");
    v[2] = (struct span)S("own");
    assert_true(pg_read_mission(v, 17, &f));
    assert_true(span_is(f.task, "own"));
    assert_int_equal(f.lease_ms, 0);
}

static void test_objective(void **state)
{
    struct span v[15] = {S("o"), S("why"), S("open"), S("1"), S("2"), S(""),
                         S("100"), S("5"), S("14400000000000"), S("5"),
                         S("0"), S("0"), S("3"), S("0"), S("")};
    struct objective_facts f;

    (void)state;
    assert_true(pg_read_objective(v, 15, &f));
    assert_int_equal(f.max_runtime_ms, 14400000);
    assert_int_equal(f.max_tokens, FACT_NONE);
    assert_int_equal(f.tokens, FACT_NONE);
    assert_int_equal(f.missions, 3);
    assert_int_equal(f.findings, 0);
}

static void test_proposal(void **state)
{
    struct span v[12] = {S("9"), S("o"), S("1"), S("loom"), S("count"),
                         S("count it"), S("2"), S("why"), S("dedupe_hit"),
                         S("5"), NONE, S("")};
    struct proposal_facts f;
    struct asked_facts asked;

    (void)state;
    assert_true(pg_read_proposal(v, 12, &f, &asked));
    assert_true(span_is(f.phase, "Superseded"));
    assert_true(isnan(f.asked->risk));
    assert_int_equal(f.decided_ms, 0);
    v[8] = (struct span)S("pending"); /* nobody is asked */
    assert_true(pg_read_proposal(v, 12, &f, &asked));
    assert_int_equal(proposal_phase_of(f.phase), PROPOSAL_OTHER);
    v[8] = (struct span)S("dreamt");
    assert_true(pg_read_proposal(v, 12, &f, &asked));
    assert_true(span_is(f.phase, "dreamt"));
}

static void test_event(void **state)
{
    struct span v[15] = {S(""), S("k8s_job_created"), NONE, S("7"), S("id"),
                         S("runtime.k8s"), S("agent"), S("task:loom"), NONE,
                         S("debug"), NONE, NONE, S("executing"), S("100"),
                         S("-5")};
    struct pg_event e;
    struct thought_facts t;

    (void)state;
    assert_int_equal(pg_event_column_count, 15);
    assert_true(pg_read_event(v, 15, &e));
    assert_true(span_is(e.event.agent, "loom"));
    assert_true(span_is(e.event.action, "k8s_job_created"));
    assert_true(e.debug);
    assert_false(e.beat);
    assert_int_equal(e.event.tokens, 100);
    assert_true(fracta_thought(&e.event, &t));
    v[7] = (struct span)S("task:");
    v[8] = (struct span)S("heartbeat");
    assert_true(pg_read_event(v, 15, &e));
    assert_int_equal(e.event.agent.n, 0);
    assert_true(e.beat);
    assert_false(fracta_thought(&e.event, &t));
}

static void test_message(void **state)
{
    const struct span v[4] = {S("a"), S("b"), S("hello"), NONE};
    struct thought_facts t;
    char room[12];

    (void)state;
    assert_true(pg_read_message(v, 4, &t, room, sizeof room));
    assert_true(span_is(t.text, "to b: hello"));
    assert_true(pg_read_message(v, 4, &t, room, 8));
    assert_true(span_is(t.text, "to b: h"));
}

static void test_marks(void **state)
{
    struct pg_marks m;
    char name[16];

    (void)state;
    pg_marks_init(&m);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "a%d", i);
        pg_marks_make(&m, span_of(name))->event_ms = i;
    }
    assert_int_equal(m.count, 500);
    pg_marks_find(&m, (struct span)S("a7"))->epoch = 3;
    pg_marks_sweep(&m, 3, 400); /* 7 is named, 400… have spoken since */
    assert_int_equal(m.count, 101);
    assert_int_equal(pg_marks_find(&m, (struct span)S("a450"))->event_ms,
                     450);
    assert_int_equal(pg_marks_find(&m, (struct span)S("a7"))->event_ms, 7);
    assert_null(pg_marks_find(&m, (struct span)S("a8")));
    assert_null(pg_marks_find(&m, (struct span)NONE));
    for (int i = 0; i < PG_MARKS_MAX + 5; i++) {
        snprintf(name, sizeof name, "b%d", i);
        pg_marks_make(&m, span_of(name));
    }
    assert_true(m.count <= PG_MARKS_MAX);
    pg_marks_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements), cmocka_unit_test(test_times),
        cmocka_unit_test(test_agent),      cmocka_unit_test(test_mission),
        cmocka_unit_test(test_objective),  cmocka_unit_test(test_proposal),
        cmocka_unit_test(test_event),      cmocka_unit_test(test_message),
        cmocka_unit_test(test_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
