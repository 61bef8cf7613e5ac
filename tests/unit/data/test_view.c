/* Views against a rebuild from nothing, after any history. */

#include "config.h"

#include "data/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fleet.h"
#include "tests/support/cm.h"

#define NAMES 40
#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct store *st;
static int64_t now;
static uint32_t seed;

static int setup(void **state)
{
    (void)state;
    st = store_create();
    now = FLEET_NOW;
    seed = 0x7e44a;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_destroy(st);
    return 0;
}

static uint32_t rnd(uint32_t n)
{
    return cm_random(&seed) % n;
}

static const char *pick(const char *const *list, uint32_t n)
{
    return list[rnd(n)];
}

/* An object's own times never change. */
static int64_t made(const char *name)
{
    return FLEET_NOW - atoi(name + 1) * 97 % 41 * 180000LL;
}

static struct meta_facts meta(const char *name)
{
    return (struct meta_facts){.ns = span_of(rnd(9) ? "one" : "two"),
                               .name = span_of(name),
                               .created_ms = made(name)};
}

static struct origin origin(void)
{
    return (struct origin){.stream = 1, .now_ms = now, .initial = rnd(2) > 0};
}

static void put_agent(const char *name)
{
    static const char *const phases[] = {"Running", "Pending", "Failed",
                                         "Degraded"};
    static const char *const genera[] = {"A", "B", NULL};
    struct origin o = origin();
    struct agent_facts f = {.meta = meta(name),
                            .genus = span_of(pick(genera, 3)),
                            .phase = span_of(pick(phases, 4)),
                            .deployment = span_of(name),
                            .replicas = rnd(3),
                            .ready = FACT_NONE,
                            .generation = 1,
                            .observed = 1};

    if (rnd(12) == 0)
        f.meta.deleted_ms = now - rnd(100) * 1000LL;
    store_put_agent(st, &f, &o);
}

static void put_workload(const char *name)
{
    struct origin o = origin();
    struct workload_facts f = {.meta = meta(name),
                               .kind = KIND_DEPLOYMENT,
                               .desired = rnd(3),
                               .ready = rnd(3)};

    if (rnd(6) == 0)
        f.reason = span_of("ReplicaFailure");
    store_put_workload(st, &f, &o);
}

static void put_proposal(const char *name, const char *by)
{
    static const char *const phases[] = {NULL,       "Pending",  "Reviewing",
                                         "Approved", "Rejected", "Merged",
                                         "Odd"};
    static const char *const changes[] = {"CODE_PATCH", "CONFIG_UPDATE",
                                          "RENAME"};
    struct origin o = origin();
    struct proposal_facts f = {
        .meta = meta(name),
        .change = span_of(pick(changes, 3)),
        .proposer = span_of(by),
        .target_kind = span_of("Agent"),
        .target_name = span_of(by),
        .phase = span_of(pick(phases, 7)),
        .lines_added = rnd(500),
        .files = rnd(20),
        .ttl_s = rnd(3) ? (int64_t)rnd(20000) : FACT_NONE,
        .risk = {NAN, NAN, NAN, NAN, rnd(2) ? NAN : rnd(100) / 100.0,
                 {NULL, 0}, 0},
        .decided_ms = made(name) + 600000};

    store_put_proposal(st, &f, &o);
}

static void say(const char *name)
{
    static const char *const texts[] = {"weaves", "waits", "tries 1", "sings"};
    const char *text = pick(texts, 4);
    struct thought_facts f = {.ns = span_of("one"),
                              .agent = span_of(name),
                              .text = span_of(text),
                              .at_ms = now - rnd(300) * 1000LL,
                              .kind = THOUGHT_SAID,
                              .tokens = rnd(300),
                              .cost = NAN,
                              .weight = 1 + rnd(3),
                              .own = rnd(2) > 0};

    store_thought(st, &f);
}

static void gone(enum kind kind, const char *name)
{
    store_gone(st, kind, span_of(rnd(9) ? "one" : "two"), span_of(name));
}

static void anything(void)
{
    char name[16], other[16];

    snprintf(name, sizeof name, "n%u", rnd(NAMES));
    snprintf(other, sizeof other, "n%u", rnd(NAMES));
    switch (rnd(10)) {
    case 0:
    case 1:
        put_agent(name);
        break;
    case 2:
        put_workload(name);
        break;
    case 3:
    case 4:
        put_proposal(name, other);
        break;
    case 5:
        gone(KIND_AGENT, name);
        break;
    case 6:
        gone(rnd(3) ? KIND_PROPOSAL : KIND_DEPLOYMENT, name);
        break;
    default:
        say(name);
        break;
    }
}

static struct filter *filter(enum kind kind, const char *text)
{
    struct error err = {0};
    struct filter *f;

    if (text == NULL)
        return NULL;
    f = filter_create(kind, text, strlen(text), &err);
    if (f == NULL)
        fail_msg("%s: %s", text, err.msg);
    return f;
}

static const char *const agent_filters[] = {
    NULL,        "activity>0.5", "state:work", "tokens>100 !state=failed",
    "age>30m n", "last<5m",      "~n[1-3]",    "trouble=1"};
static const char *const proposal_filters[] = {
    NULL,           "deadline<2h", "risk>0.4 open:yes", "age>1h by:n1",
    "change:patch", "~^n[0-9]$",   "!open=yes",         "blocks>0"};

struct watched {
    enum kind kind;
    struct view *v;
    const char *filter;
};

static void compare(const struct watched *w)
{
    struct view *fresh = view_create(st, w->kind, view_sort(w->v));
    uint32_t slot = view_at(w->v, 0);

    view_set_filter(fresh, filter(w->kind, w->filter));
    view_settle(fresh, now, false);
    assert_int_equal(view_pending(w->v), 0);
    assert_int_equal(view_count(w->v), view_count(fresh));
    for (uint32_t i = 0; i < view_count(fresh); i++) {
        if (view_at(w->v, i) != view_at(fresh, i))
            fail_msg("rank %u: slot %u, rebuilt %u; by %s, filter %s", i,
                     view_at(w->v, i), view_at(fresh, i),
                     view_sort_name(view_sort(w->v)),
                     w->filter ? w->filter : "none");
        assert_int_equal(view_rank(w->v, view_at(fresh, i)), i);
        assert_int_equal(slot, view_at(fresh, i));
        slot = view_next(w->v, slot);
    }
    assert_int_equal(slot, SLOT_NONE);
    assert_int_equal(view_at(w->v, view_count(w->v)), SLOT_NONE);
    view_destroy(fresh);
}

static bool alive(enum kind kind, uint32_t slot)
{
    return kind == KIND_AGENT ? store_agent(st, slot) != NULL
                              : store_proposal(st, slot) != NULL;
}

/* Held: no dead row, each once, and none of the live ones missing. */
static void compare_held(const struct watched *w)
{
    uint32_t n = view_count(w->v);

    for (uint32_t i = 0; i < n; i++) {
        assert_true(alive(w->kind, view_at(w->v, i)));
        assert_int_equal(view_rank(w->v, view_at(w->v, i)), i);
    }
    if (w->filter == NULL)
        assert_int_equal(n, store_count(st, w->kind));
}

static void change_view(struct watched *w)
{
    if (rnd(2)) {
        w->filter = w->kind == KIND_AGENT
                        ? pick(agent_filters, COUNT(agent_filters))
                        : pick(proposal_filters, COUNT(proposal_filters));
        view_set_filter(w->v, filter(w->kind, w->filter));
    } else {
        view_set_sort(w->v, view_next_sort(w->v));
    }
}

/* A clock filter is applied to all rows once a second, not more often. */
static void move_clock(void)
{
    if (rnd(3) == 0)
        now += 1000 + rnd(20) * rnd(60) * 1000LL + rnd(1000);
}

static void test_random(void **state)
{
    struct watched w[8];

    (void)state;
    for (size_t i = 0; i < COUNT(w); i++) {
        w[i].kind = i % 2 ? KIND_PROPOSAL : KIND_AGENT;
        w[i].filter = NULL;
        w[i].v = view_create(st, w[i].kind,
                             i % 2 ? SORT_COST : SORT_ACTIVITY);
        for (size_t k = 0; k < i / 2; k++)
            view_set_sort(w[i].v, view_next_sort(w[i].v));
    }
    for (int round = 0; round < 1500; round++) {
        for (uint32_t n = rnd(12); n > 0; n--)
            anything();
        move_clock();
        store_settle(st, now);
        for (size_t i = 0; i < COUNT(w); i++) {
            bool hold = rnd(4) == 0;

            if (rnd(30) == 0)
                change_view(&w[i]);
            view_settle(w[i].v, now, hold);
            if (hold)
                compare_held(&w[i]);
            else
                compare(&w[i]);
        }
    }
    for (size_t i = 0; i < COUNT(w); i++)
        view_destroy(w[i].v);
}

static void test_empty(void **state)
{
    struct view *v = view_create(st, KIND_AGENT, SORT_NAME);

    (void)state;
    assert_true(view_settle(v, now, false));
    assert_false(view_settle(v, now, false));
    assert_int_equal(view_count(v), 0);
    assert_int_equal(view_at(v, 0), SLOT_NONE);
    assert_int_equal(view_rank(v, 0), SLOT_NONE);
    assert_int_equal(view_next(v, 0), SLOT_NONE);
    view_destroy(v);
    view_destroy(NULL);
}

static void test_sorts(void **state)
{
    struct view *a = view_create(st, KIND_AGENT, SORT_ACTIVITY);
    struct view *p = view_create(st, KIND_PROPOSAL, SORT_COST);

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_true(strlen(view_sort_name(view_sort(a))) > 0);
        view_set_sort(a, view_next_sort(a));
    }
    assert_int_equal(view_sort(a), SORT_ACTIVITY);
    for (int i = 0; i < 4; i++)
        view_set_sort(p, view_next_sort(p));
    assert_int_equal(view_sort(p), SORT_COST);
    view_destroy(a);
    view_destroy(p);
}

static const char *agent_at(const struct view *v, uint32_t rank)
{
    return store_agent(st, view_at(v, rank))->name;
}

static void test_fleet(void **state)
{
    struct view *a = view_create(st, KIND_AGENT, SORT_STATE);
    struct view *p = view_create(st, KIND_PROPOSAL, SORT_RISK);

    (void)state;
    fake_fleet(st);
    view_settle(a, FLEET_NOW, false);
    view_settle(p, FLEET_NOW, false);
    assert_int_equal(view_count(a), FLEET_AGENTS);
    assert_int_equal(view_count(p), FLEET_PROPOSALS);
    assert_string_equal(agent_at(a, 0), "crasher");
    assert_string_equal(agent_at(a, 1), "echo");
    assert_string_equal(agent_at(a, 2), "mason");
    assert_string_equal(store_proposal(st, view_at(p, 0))->name, "drop-db");
    assert_string_equal(store_proposal(st, view_at(p, 1))->name, "prompt-9");
    /* decided ones last, however risky */
    assert_string_equal(store_proposal(st, view_at(p, 4))->name, "purge-1");
    view_destroy(a);
    view_destroy(p);
}

/* What moved waits while held; what died does not. */
static void test_hold(void **state)
{
    struct view *v = view_create(st, KIND_AGENT, SORT_NAME);
    uint32_t first;

    (void)state;
    fake_fleet(st);
    view_settle(v, FLEET_NOW, false);
    view_set_sort(v, SORT_ACTIVITY);
    view_settle(v, FLEET_NOW, false);
    first = view_at(v, 0);
    for (int i = 0; i < 50; i++) {
        struct thought_facts f = {.ns = span_of(FLEET_NS),
                                  .agent = span_of("idler"),
                                  .text = span_of("up"),
                                  .at_ms = FLEET_NOW,
                                  .cost = NAN,
                                  .weight = 1};

        store_thought(st, &f);
    }
    store_settle(st, FLEET_NOW);
    assert_false(view_settle(v, FLEET_NOW, true));
    assert_int_equal(view_at(v, 0), first);
    assert_int_equal(view_pending(v), 1);
    store_gone(st, KIND_AGENT, span_of(FLEET_NS), span_of("echo"));
    store_settle(st, FLEET_NOW);
    assert_true(view_settle(v, FLEET_NOW, true));
    assert_int_equal(view_count(v), FLEET_AGENTS - 1);
    assert_int_not_equal(view_at(v, 0), first);
    assert_true(view_settle(v, FLEET_NOW, false));
    assert_string_equal(agent_at(v, 0), "idler");
    assert_int_equal(view_pending(v), 0);
    view_destroy(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sorts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fleet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
