/* The store as JSON, and back. */

#include "config.h"

#include "data/dump.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_tree.h>

#include "base/when.h"
#include "data/decay.h"
#include "tests/support/fleet.h"
#include "tests/support/cm.h"

static struct store *st;
static struct buf json;

static void write_json(struct buf *out, const struct store *from,
                       uint32_t most, bool pretty)
{
    const struct dump_want want = {"lab", NULL, FLEET_NOW, most, pretty};

    buf_init(out, 16u << 20);
    assert_true(dump_json(from, &want, out));
}

static int setup(void **state)
{
    (void)state;
    st = store_create();
    fake_fleet(st);
    write_json(&json, st, 0, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_destroy(st);
    buf_finish(&json);
    return 0;
}

static yajl_val parse(const struct buf *b)
{
    char msg[200];
    yajl_val v = yajl_tree_parse(buf_text(b), msg, sizeof msg);

    if (v == NULL)
        fail_msg("not JSON: %s", msg);
    return v;
}

static size_t length(yajl_val v, const char *key)
{
    const char *path[] = {key, NULL};
    yajl_val list = yajl_tree_get(v, path, yajl_t_array);

    if (list == NULL || !YAJL_IS_ARRAY(list)) {
        fail_msg("no list '%s'", key);
        return 0;
    }
    return list->u.array.len;
}

static const char *string(yajl_val v, const char *key)
{
    const char *path[] = {key, NULL};
    yajl_val s = yajl_tree_get(v, path, yajl_t_string);

    return s != NULL ? s->u.string : NULL;
}

static void test_json(void **state)
{
    yajl_val v = parse(&json);

    (void)state;
    assert_string_equal(string(v, "schema"), "terrarium.snapshot/1");
    assert_string_equal(string(v, "taken"), "2026-11-21T14:32:07Z");
    assert_string_equal(string(v, "context"), "lab");
    assert_null(string(v, "namespace"));
    assert_int_equal(length(v, "agents"), FLEET_AGENTS);
    assert_int_equal(length(v, "pheromones"), FLEET_PHEROMONES);
    assert_int_equal(length(v, "proposals"), FLEET_PROPOSALS);
    assert_int_equal(length(v, "sources"), 1);
    assert_int_equal(length(v, "streams"), KIND_COUNT);
    assert_int_equal(length(v, "thoughts"), thoughts_count(&st->thoughts));
    yajl_tree_free(v);
    assert_int_equal(json.ptr[json.len - 1], '\n');
}

/* What is known of each kind: how it is, how old, how many, why. */
static void test_streams(void **state)
{
    struct store *s = store_create();
    struct buf b;

    (void)state;
    store_settle(s, FLEET_NOW - 5000);
    store_stream(s, NULL, KIND_POD, STREAM_LIVE, NULL);
    store_stream(s, NULL, KIND_JOB, STREAM_DENIED, "403: jobs is \"forbidden\"");
    write_json(&b, s, 0, false);
    assert_non_null(strstr(buf_text(&b),
                           "{\"kind\":\"pods\",\"state\":\"live\","
                           "\"age_s\":0,\"rows\":0,\"error\":null}"));
    assert_non_null(strstr(
        buf_text(&b), "{\"kind\":\"jobs\",\"state\":\"denied\","
                      "\"age_s\":null,\"rows\":0,"
                      "\"error\":\"403: jobs is \\\"forbidden\\\"\"}"));
    assert_non_null(strstr(buf_text(&b),
                           "{\"kind\":\"events\",\"state\":\"none\","
                           "\"age_s\":null,\"rows\":null,"));
    buf_finish(&b);
    store_stream(s, NULL, KIND_POD, STREAM_STALE, "connection refused");
    store_settle(s, FLEET_NOW);
    write_json(&b, s, 0, false);
    assert_non_null(strstr(buf_text(&b), "{\"kind\":\"pods\",\"state\":"
                                         "\"stale\",\"age_s\":5,"));
    buf_finish(&b);
    store_destroy(s);
}

static void test_same_bytes(void **state)
{
    struct store *other = store_create();
    struct buf again, pretty;

    (void)state;
    write_json(&again, st, 0, false);
    assert_string_equal(buf_text(&json), buf_text(&again));
    buf_finish(&again);
    /* the same facts in another store */
    fake_fleet(other);
    write_json(&again, other, 0, false);
    assert_string_equal(buf_text(&json), buf_text(&again));
    buf_finish(&again);
    store_destroy(other);
    write_json(&pretty, st, 0, true);
    yajl_tree_free(parse(&pretty));
    buf_finish(&pretty);
}

static void test_empty(void **state)
{
    struct store *none = store_create();
    struct buf b;
    yajl_val v;

    (void)state;
    write_json(&b, none, 0, false);
    v = parse(&b);
    assert_int_equal(length(v, "agents"), 0);
    assert_int_equal(length(v, "thoughts"), 0);
    yajl_tree_free(v);
    buf_finish(&b);
    store_destroy(none);
}

/* With a limit, what matters is kept. */
static void test_limit(void **state)
{
    struct buf b;
    yajl_val v;

    (void)state;
    write_json(&b, st, 4, false);
    v = parse(&b);
    assert_int_equal(length(v, "agents"), 4);
    assert_int_equal(length(v, "pheromones"), 4);
    assert_int_equal(length(v, "proposals"), 4);
    assert_int_equal(length(v, "thoughts"), 4);
    assert_null(strstr(buf_text(&b), "\"name\":\"idler\""));
    assert_non_null(strstr(buf_text(&b), "\"name\":\"drop-db\""));
    assert_null(strstr(buf_text(&b), "\"name\":\"gate-3\""));
    yajl_tree_free(v);
    buf_finish(&b);
}

static void test_full(void **state)
{
    const struct dump_want want = {.now_ms = FLEET_NOW};
    struct buf b;

    (void)state;
    buf_init(&b, 4000);
    assert_false(dump_json(st, &want, &b));
    assert_true(b.len <= 4000);
    buf_finish(&b);
}

static void same_agents(const struct store *back)
{
    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i), *b;

        if (a == NULL)
            continue;
        b = store_agent(back, store_find(back, KIND_AGENT, span_of(a->ns),
                                         span_of(a->name)));
        assert_non_null(b);
        assert_true(b->pictured);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->trouble, b->trouble);
        assert_int_equal(a->degraded, b->degraded);
        assert_string_equal(a->why ? a->why : "", b->why ? b->why : "");
        assert_int_equal(a->act.tokens, b->act.tokens);
        if (a->act.last_ms > 0 && activity_now(&a->act, FLEET_NOW) > 1e-4)
            assert_near(a->act.score, b->act.score, 1e-3);
    }
}

static void same_signals(const struct store *back)
{
    for (uint32_t i = 0; i < st->pheromones.used; i++) {
        const struct pheromone *a = store_pheromone(st, i), *b;

        if (a == NULL)
            continue;
        b = store_pheromone(back,
                            store_find(back, KIND_PHEROMONE, span_of(a->ns),
                                       span_of(a->name)));
        assert_non_null(b);
        assert_int_equal(a->type, b->type);
        assert_near(decay_now(a, FLEET_NOW), decay_now(b, FLEET_NOW), 1e-4);
        assert_near(decay_now(a, FLEET_NOW + 600000),
                    decay_now(b, FLEET_NOW + 600000), 1e-4);
    }
}

static void same_proposals(const struct store *back)
{
    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *a = store_proposal(st, i), *b;

        if (a == NULL)
            continue;
        b = store_proposal(back, store_find(back, KIND_PROPOSAL,
                                            span_of(a->ns), span_of(a->name)));
        assert_non_null(b);
        assert_string_equal(a->title, b->title);
        assert_int_equal(a->phase, b->phase);
        assert_int_equal(a->tgent, b->tgent);
        assert_int_equal(a->created_ms, b->created_ms);
        assert_string_equal(a->description ? a->description : "-",
                            b->description ? b->description : "-");
        assert_int_equal(proposal_deadline(a), proposal_deadline(b));
        assert_int_equal(a->approvals, b->approvals);
        assert_int_equal(a->required, b->required);
        assert_int_equal(a->rejections, b->rejections);
        if (proposal_obstacle(a) == NULL)
            assert_null(proposal_obstacle(b));
        else
            assert_string_equal(proposal_obstacle(a), proposal_obstacle(b));
        assert_near((double)a->risk.total, (double)b->risk.total, 1e-5);
    }
}

static void test_picture(void **state)
{
    struct store *back = store_create();
    struct picture seen;

    (void)state;
    picture_read(back, json.ptr, json.len, &seen);
    assert_int_equal(seen.taken_ms, FLEET_NOW);
    assert_string_equal(seen.context, "lab");
    assert_string_equal(seen.ns, "");
    store_settle(back, FLEET_NOW);
    assert_int_equal(back->picture_ms, FLEET_NOW);
    assert_int_equal(back->trouble, st->trouble);
    assert_int_equal(back->degraded, st->degraded);
    assert_int_equal(back->open_proposals, st->open_proposals);
    assert_memory_equal(back->states, st->states, sizeof st->states);
    assert_int_equal(thoughts_count(&back->thoughts),
                     thoughts_count(&st->thoughts));
    same_agents(back);
    same_signals(back);
    same_proposals(back);
    /* what was true then stays so, whatever the hour */
    store_settle(back, FLEET_NOW + 86400000);
    assert_memory_equal(back->states, st->states, sizeof st->states);
    store_drop_picture(back, KIND_AGENT);
    store_drop_picture(back, KIND_PHEROMONE);
    store_drop_picture(back, KIND_PROPOSAL);
    store_drop_picture(back, KIND_EVENT);
    for (int k = 0; k < KIND_COUNT; k++)
        assert_int_equal(store_count(back, (enum kind)k), 0);
    assert_int_equal(thoughts_count(&back->thoughts), 0);
    assert_int_equal(back->open_proposals, 0);
    assert_int_equal(back->trouble, 0);
    store_destroy(back);
}

/* A picture of a picture is the picture. */
static void test_again(void **state)
{
    struct store *a = store_create(), *b = store_create();
    struct picture seen;
    struct buf once, twice;

    (void)state;
    picture_read(a, json.ptr, json.len, &seen);
    store_settle(a, FLEET_NOW);
    write_json(&once, a, 0, false);
    picture_read(b, once.ptr, once.len, &seen);
    store_settle(b, FLEET_NOW);
    write_json(&twice, b, 0, false);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    buf_finish(&once);
    buf_finish(&twice);
    store_destroy(a);
    store_destroy(b);
}

/* A signal of the first generation says its intensity and does not fade. */
static void test_old_signal(void **state)
{
    struct store *a = store_create(), *b = store_create();
    struct origin o = {.stream = 1, .now_ms = FLEET_NOW, .initial = true};
    struct pheromone_facts f = {
        .meta = {.ns = span_of("n"),
                 .name = span_of("old"),
                 .created_ms = FLEET_NOW - 3600000},
        .type = span_of("WARNING"),
        .emitted_given = true,
        .emitted_ms = FLEET_NOW - 3600000,
        .initial = NAN,
        .half_life_min = NAN,
        .constant = NAN,
        .decay_rate = NAN,
        .current = .6,
        .ttl_s = FACT_NONE};
    struct picture seen;
    struct buf text;

    (void)state;
    store_put_pheromone(a, &f, &o);
    write_json(&text, a, 0, false);
    picture_read(b, text.ptr, text.len, &seen);
    assert_int_equal(store_count(b, KIND_PHEROMONE), 1);
    assert_near(decay_now(store_pheromone(b, 0), FLEET_NOW), .6, 1e-6);
    buf_finish(&text);
    store_destroy(a);
    store_destroy(b);
}

static void read_and_draw(const char *text, size_t len)
{
    struct store *back = store_create();
    struct picture seen;
    struct buf b;

    picture_read(back, text, len, &seen);
    store_settle(back, FLEET_NOW);
    write_json(&b, back, 0, false);
    buf_finish(&b);
    for (int k = 0; k < KIND_COUNT; k++)
        store_drop_picture(back, (enum kind)k);
    assert_int_equal(store_count(back, KIND_AGENT), 0);
    assert_int_equal(back->trouble, 0);
    store_destroy(back);
}

static void test_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < json.len; n += 97)
        read_and_draw(json.ptr, n);
}

static void test_garbage(void **state)
{
    static const char *const texts[] = {
        "", "null", "[]", "{}", "\xff\xfe", "{\"schema\":1}",
        "{\"schema\":\"terrarium.snapshot/2\",\"taken\":"
        "\"2026-11-21T14:32:07Z\",\"agents\":[{\"name\":\"a\"}]}",
        "{\"schema\":\"terrarium.snapshot/1\",\"agents\":[{\"name\":\"a\"}]}",
        "{\"schema\":\"terrarium.snapshot/1\",\"taken\":"
        "\"2026-11-21T14:32:07Z\",\"agents\":[{\"name\":7},{\"name\":\"\"},{}"
        ",3,null,[]],\"pheromones\":[{\"name\":\"p\",\"half_life_s\":-1,"
        "\"initial\":1e300}],\"proposals\":[{\"name\":\"q\",\"risk\":7}],"
        "\"thoughts\":[{\"at\":\"never\"},{\"at\":\"2026-11-21T14:32:07Z\"}]}"};
    static const char bytes[] = "\"{}[],:0\\\xff-e\n";
    uint32_t seed = 9;
    char *text = malloc(json.len);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        read_and_draw(texts[i], strlen(texts[i]));
    assert_non_null(text);
    for (size_t at = 0; at < json.len; at += 97) {
        memcpy(text, json.ptr, json.len);
        text[at] = bytes[cm_random(&seed) % (sizeof bytes - 1)];
        read_and_draw(text, json.len);
    }
    free(text);
}

/* Bytes that are no UTF-8 are marked; the document stays JSON. */
static void test_bytes(void **state)
{
    struct store *s = store_create();
    uint32_t seed = 3;
    struct buf b;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        char text[12];
        struct thought_facts f = {.ns = span_of("n"),
                                  .text = {text, sizeof text},
                                  .at_ms = FLEET_NOW,
                                  .cost = NAN};

        for (size_t k = 0; k < sizeof text; k++)
            text[k] = (char)(cm_random(&seed) >> 3 | (k & 1 ? 0x80 : 0));
        store_thought(s, &f);
    }
    write_json(&b, s, 0, false);
    yajl_tree_free(parse(&b));
    assert_null(strstr(buf_text(&b), "\"text\":null"));
    buf_finish(&b);
    store_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),       cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_empty),      cmocka_unit_test(test_limit),
        cmocka_unit_test(test_full),       cmocka_unit_test(test_picture),
        cmocka_unit_test(test_again),      cmocka_unit_test(test_old_signal),
        cmocka_unit_test(test_cut),        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_streams),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
