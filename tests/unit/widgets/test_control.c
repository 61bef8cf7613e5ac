/* What keys do, on the fake fleet. */

#include "config.h"

#include "widgets/control.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "tests/support/fleet.h"
#include "tests/support/graph.h"
#include "widgets/command.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "widgets/panes.h"
#include "tests/support/cm.h"

static struct store *st;
static struct ui u;

static int setup(void **state)
{
    (void)state;
    st = store_create();
    fake_fleet(st);
    ui_init(&u, st);
    ui_settle(&u, FLEET_NOW, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ui_finish(&u);
    store_destroy(st);
    return 0;
}

static enum effect key(uint32_t k)
{
    enum effect e = control_key(&u, k, false, FLEET_NOW);

    ui_settle(&u, FLEET_NOW, false);
    return e;
}

static void typed(const char *s)
{
    for (; *s != '\0'; s++)
        assert_int_equal(key((unsigned char)*s), EFFECT_NONE);
}

static void draw(void)
{
    struct canvas c;

    canvas_init(&c, 80, 24, GLYPHS_FULL);
    frame_draw(&c, &u, FLEET_NOW);
    canvas_finish(&c);
}

static void test_focus(void **state)
{
    (void)state;
    assert_int_equal(u.focus, PANE_AGENTS);
    for (int i = 0; i < 4; i++)
        key(TERM_KEY_TAB);
    assert_int_equal(u.focus, PANE_AGENTS);
    key(TERM_KEY_BACKTAB);
    assert_int_equal(u.focus, PANE_THOUGHTS);
    typed("2");
    assert_int_equal(u.focus, PANE_HEAT);
    typed("3+");
    assert_true(u.zoom);
    typed("1"); /* the zoom goes with the focus */
    assert_true(u.zoom);
    assert_int_equal(u.focus, PANE_AGENTS);
    key(TERM_KEY_ESCAPE);
    assert_false(u.zoom);
    typed("++");
    assert_false(u.zoom);
}

static void test_move(void **state)
{
    uint32_t first = u.agent_list.slot;

    (void)state;
    typed("k");
    assert_int_equal(u.agent_list.slot, first);
    typed("j");
    assert_int_equal(u.agent_list.rank, 1);
    typed("G");
    assert_int_equal(u.agent_list.rank, FLEET_AGENTS - 1);
    typed("j");
    assert_int_equal(u.agent_list.rank, FLEET_AGENTS - 1);
    key(TERM_KEY_PAGE_UP);
    assert_int_equal(u.agent_list.rank, FLEET_AGENTS - 11);
    typed("g");
    assert_int_equal(u.agent_list.slot, first);
}

/* The selection stays on its row, and on its place when the row goes. */
static void test_follow(void **state)
{
    uint32_t slot;

    (void)state;
    typed("jj");
    slot = u.agent_list.slot;
    typed("o");
    assert_int_equal(u.agent_list.slot, slot);
    store_gone(st, KIND_AGENT, span_of(store_agent(st, slot)->ns),
               span_of(store_agent(st, slot)->name));
    ui_settle(&u, FLEET_NOW, false);
    assert_int_not_equal(u.agent_list.slot, slot);
    assert_non_null(store_agent(st, u.agent_list.slot));
    while (view_count(u.agents) > 0) {
        const struct agent *a = store_agent(st, u.agent_list.slot);

        store_gone(st, KIND_AGENT, span_of(a->ns), span_of(a->name));
        if (a->live) /* lives by its workload */
            break;
        ui_settle(&u, FLEET_NOW, false);
        draw();
    }
}

static void test_pages(void **state)
{
    (void)state;
    key(TERM_KEY_ENTER);
    assert_int_equal(u.page, PAGE_DETAIL);
    assert_string_equal(u.target.name, "echo");
    assert_ptr_equal(ui_target_agent(&u), store_agent(st, u.agent_list.slot));
    typed("2+/o"); /* none of these acts under a page */
    assert_int_equal(u.page, PAGE_DETAIL);
    assert_int_equal(u.focus, PANE_AGENTS);
    assert_false(u.zoom);
    assert_false(u.prompt);
    draw();
    key(TERM_KEY_PAGE_DOWN);
    assert_true(u.page_top > 0);
    typed("G");
    assert_int_equal(u.page_top, u.page_lines - u.page_room);
    typed("g");
    assert_int_equal(u.page_top, 0);
    assert_int_equal(key('y'), EFFECT_FETCH);
    assert_true(u.yaml_waits);
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.page, PAGE_NONE);
    assert_int_equal(key('y'), EFFECT_NONE);
    typed("3");
    key(TERM_KEY_ENTER);
    assert_int_equal(u.page, PAGE_DECISION);
    assert_string_equal(ui_target_proposal(&u)->name, "drop-db");
    key(TERM_KEY_BACKSPACE);
    assert_int_equal(u.page, PAGE_NONE);
    typed("2");
    key(TERM_KEY_ENTER);
    assert_int_equal(u.page, PAGE_SIGNALS);
    typed("?");
    assert_int_equal(u.page, PAGE_HELP);
    typed("?"); /* the page behind it is there again */
    assert_int_equal(u.page, PAGE_SIGNALS);
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.page, PAGE_NONE);
    typed("e");
    assert_int_equal(u.page, PAGE_EXPLAIN);
    typed("e");
    assert_int_equal(u.page, PAGE_NONE);
    typed("4e");
    assert_int_equal(u.page, PAGE_NONE);
}

/* A page's object may go while one looks at it. */
static void test_gone(void **state)
{
    static const char *const ways[] = {"1", "3"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        typed(ways[i]);
        key(TERM_KEY_ENTER);
        store_gone(st, i ? KIND_PROPOSAL : KIND_AGENT, span_of(u.target.ns),
                   span_of(u.target.name));
        ui_settle(&u, FLEET_NOW, false);
        draw();
        if (i)
            assert_null(ui_target_proposal(&u));
        key(TERM_KEY_ESCAPE);
    }
}

/* From object to object, and back the same way. */
static void test_links(void **state)
{
    uint32_t slot = store_find(st, KIND_AGENT, span_of(FLEET_NS),
                               span_of("crasher"));

    (void)state;
    ui_move(&u, (int)view_rank(u.agents, slot));
    key(TERM_KEY_ENTER);
    assert_int_equal(u.link_at, -1);
    assert_false(action_live(&u, ACTION_OPEN)); /* nothing is selected */
    assert_int_equal(key(TERM_KEY_ENTER), EFFECT_NONE);
    assert_string_equal(u.target.name, "crasher");
    draw();
    key(TERM_KEY_TAB);
    assert_string_equal(u.link.name, "c-gent");
    key(TERM_KEY_TAB);
    assert_int_equal(u.link.kind, KIND_POD);
    key(TERM_KEY_BACKTAB);
    assert_int_equal(u.link.kind, KIND_DEPLOYMENT);
    key(TERM_KEY_BACKTAB); /* round, to the last */
    assert_int_equal(u.link_at, u.link_count - 1);
    key(TERM_KEY_TAB);
    key(TERM_KEY_TAB);
    draw();
    assert_int_equal(u.link.kind, KIND_POD);
    key(TERM_KEY_ENTER);
    assert_int_equal(u.page, PAGE_DETAIL);
    assert_int_equal(u.target.kind, KIND_POD);
    assert_int_equal(key('y'), EFFECT_FETCH);
    assert_null(ui_target_agent(&u));
    for (int i = 0; i < 99; i++)
        buf_add(&u.yaml, "a: b\n", 5);
    draw();
    key(TERM_KEY_TAB);
    assert_string_equal(u.link.name, "crasher");
    draw();
    assert_true(action_live(&u, ACTION_OPEN));
    typed("g"); /* what is not on screen does not open */
    assert_false(action_live(&u, ACTION_OPEN));
    assert_int_equal(key(TERM_KEY_ENTER), EFFECT_NONE);
    assert_int_equal(u.target.kind, KIND_POD);
    key(TERM_KEY_BACKTAB);
    key(TERM_KEY_TAB);
    assert_true(action_live(&u, ACTION_OPEN));
    for (int i = 0; i < 3 * TRAIL_MAX; i++) { /* round and round */
        key(TERM_KEY_ENTER);
        draw();
        key(TERM_KEY_TAB);
        draw();
    }
    for (int i = 0; i < TRAIL_MAX; i++) {
        assert_int_not_equal(u.page, PAGE_NONE);
        key(TERM_KEY_ESCAPE);
    }
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.page, PAGE_NONE);
}

static void test_links_of_cards(void **state)
{
    (void)state;
    typed("3");
    key(TERM_KEY_ENTER);
    draw();
    key(TERM_KEY_TAB);
    draw();
    assert_int_equal(u.link.kind, KIND_PROPOSAL);
    key(TERM_KEY_ENTER);
    assert_int_equal(u.page, PAGE_DETAIL);
    assert_string_equal(ui_target_proposal(&u)->name, "drop-db");
    draw();
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.page, PAGE_DECISION);
    assert_int_equal(u.link.kind, KIND_PROPOSAL); /* where it was left */
    key(TERM_KEY_ESCAPE);
    typed("2");
    key(TERM_KEY_ENTER);
    draw();
    assert_int_equal(u.link_at, 0); /* a list has a selection at once */
    key(TERM_KEY_ENTER);
    assert_int_equal(u.target.kind, KIND_PHEROMONE);
    draw();
    assert_int_equal(key('y'), EFFECT_FETCH);
    store_gone(st, KIND_PHEROMONE, span_of(u.target.ns),
               span_of(u.target.name));
    ui_settle(&u, FLEET_NOW, false);
    draw();
    assert_int_equal(ui_target_slot(&u), SLOT_NONE);
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.page, PAGE_SIGNALS);
}

/* An agent that is only a pod has no object but that. */
static void test_object_of_fracta(void **state)
{
    struct target of;

    (void)state;
    ui_open(&u, KIND_AGENT, store_find(st, KIND_AGENT, span_of(FLEET_NS),
                                       span_of("poet")));
    ui_object(&u, &of);
    assert_int_equal(of.kind, KIND_POD);
    assert_string_equal(of.name, "fracta-7f2");
    ui_open(&u, KIND_AGENT, store_find(st, KIND_AGENT, span_of(FLEET_NS),
                                       span_of("broker")));
    ui_object(&u, &of);
    assert_int_equal(of.kind, KIND_AGENT);
    store_gone(st, KIND_AGENT, span_of(of.ns), span_of(of.name));
    ui_object(&u, &of);
    assert_string_equal(of.name, "broker");
}

static void test_objects(void **state)
{
    const struct roster_row *row;

    (void)state;
    typed("i");
    assert_int_equal(u.page, PAGE_OBJECTS);
    assert_int_equal(u.roster.count, FLEET_OBJECTS);
    draw();
    row = roster_at(&u.roster);
    assert_int_equal(row->kind, KIND_MEMORY);
    typed("G");
    assert_int_equal(u.roster.rank, FLEET_OBJECTS - 1);
    typed("/kind:pod");
    assert_true(u.roster.count > 0 && u.roster.count < FLEET_OBJECTS);
    typed(" restarts>4");
    assert_int_equal(u.roster.count, 1);
    key(TERM_KEY_ENTER);
    assert_string_equal(u.filter_text[PANE_AGENTS], "");
    key(TERM_KEY_ENTER);
    assert_int_equal(u.target.kind, KIND_POD);
    draw();
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.page, PAGE_OBJECTS);
    assert_int_equal(u.roster.count, 1);
    store_gone(st, KIND_POD, span_of(u.roster.at.ns),
               span_of(u.roster.at.name));
    draw(); /* the row is gone, the list not made anew yet */
    ui_settle(&u, FLEET_NOW, false);
    assert_int_equal(u.roster.count, 0);
    assert_false(action_live(&u, ACTION_OPEN));
    key(TERM_KEY_ESCAPE); /* first the filter goes, then the page */
    assert_int_equal(u.roster.count, FLEET_OBJECTS - 1);
    typed("i");
    assert_int_equal(u.page, PAGE_NONE);
}

static void test_filter(void **state)
{
    (void)state;
    typed("/");
    assert_true(u.prompt);
    typed("bro");
    assert_string_equal(u.prompt_text, "bro");
    assert_int_equal(view_count(u.agents), 1);
    typed(" qzRe?+1o/"); /* letters only type */
    assert_string_equal(u.prompt_text, "bro qzRe?+1o/");
    assert_int_equal(u.page, PAGE_NONE);
    assert_false(u.frozen);
    key('u' & 0x1f);
    assert_string_equal(u.prompt_text, "");
    assert_int_equal(view_count(u.agents), FLEET_AGENTS);
    key(0x591c); /* 夜 */
    key(0xe9);
    assert_string_equal(u.prompt_text, "夜é");
    key(TERM_KEY_BACKSPACE);
    assert_string_equal(u.prompt_text, "夜");
    assert_int_equal(view_count(u.agents), 1);
    key(TERM_KEY_ENTER);
    assert_false(u.prompt);
    assert_string_equal(u.filter_text[PANE_AGENTS], "夜");
    typed("/"); /* goes on from what is there */
    assert_string_equal(u.prompt_text, "夜");
    key(TERM_KEY_BACKSPACE);
    assert_string_equal(u.prompt_text, "");
    assert_true(u.prompt);
    key(TERM_KEY_BACKSPACE);
    assert_false(u.prompt);
    assert_int_equal(view_count(u.agents), FLEET_AGENTS);
}

static void test_filter_ends(void **state)
{
    (void)state;
    typed("/bro");
    key(TERM_KEY_ENTER);
    assert_int_equal(view_count(u.agents), 1);
    key(TERM_KEY_ESCAPE); /* nothing else is open */
    assert_int_equal(view_count(u.agents), FLEET_AGENTS);
    assert_string_equal(u.filter_text[PANE_AGENTS], "");
    typed("/bro");
    key(TERM_KEY_ESCAPE);
    assert_false(u.prompt);
    assert_int_equal(view_count(u.agents), FLEET_AGENTS);
    typed("/age>");
    assert_int_not_equal(u.prompt_error.code, 0);
    key(TERM_KEY_ENTER); /* a bad one is not kept */
    assert_true(u.prompt);
    key(TERM_KEY_ESCAPE);
    assert_int_equal(u.prompt_error.code, 0);
    typed("2/"); /* the heatmap has none */
    assert_false(u.prompt);
    typed("3/drop");
    assert_int_equal(view_count(u.proposals), 1);
    key(TERM_KEY_ENTER);
    typed("4/retry");
    key(TERM_KEY_ENTER);
    assert_non_null(u.thought_filter);
    draw();
    assert_int_equal(view_count(u.agents), FLEET_AGENTS);
}

static void test_filter_is_full(void **state)
{
    (void)state;
    typed("/");
    for (int i = 0; i < FILTER_MAX + 50; i++)
        key(i % 2 ? 'x' : 0x591c);
    assert_true(strlen(u.prompt_text) <= FILTER_MAX);
    assert_int_equal(u.prompt_error.code, 0);
    draw();
    for (int i = 0; i < FILTER_MAX; i++)
        key(TERM_KEY_BACKSPACE);
    assert_int_equal(view_count(u.agents), FLEET_AGENTS);
}

static void test_keys_of_a_prompt(void **state)
{
    (void)state;
    typed("/e");
    key(TERM_KEY_DOWN);
    assert_int_equal(u.agent_list.rank, 1);
    key(TERM_KEY_UP);
    key(TERM_KEY_LEFT);
    key(TERM_KEY_F1);
    key(0x1b);
    key(0x7f);
    key(0xd800); /* half a pair is no letter */
    key(0x110000);
    assert_string_equal(u.prompt_text, "e");
    assert_int_equal(key('c' & 0x1f), EFFECT_QUIT);
}

/* Pasted text never acts. */
static void test_paste(void **state)
{
    static const uint32_t keys[] = {'q', 'j', '3', '?', '/', 'z', 'R', '+',
                                    'c' & 0x1f, TERM_KEY_ENTER,
                                    TERM_KEY_ESCAPE, TERM_KEY_TAB};
    const struct ui before = u;

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(control_key(&u, keys[i], true, FLEET_NOW),
                         EFFECT_NONE);
    assert_int_equal(u.focus, before.focus);
    assert_int_equal(u.page, before.page);
    assert_int_equal(u.agent_list.rank, before.agent_list.rank);
    assert_false(u.prompt);
    assert_false(u.frozen);
    typed("/");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(control_key(&u, keys[i], true, FLEET_NOW),
                         EFFECT_NONE);
    assert_true(u.prompt);
    assert_string_equal(u.prompt_text, "qj3?/zR+");
    u.wall = true;
    u.prompt = false;
    assert_int_equal(control_key(&u, 'j', true, FLEET_NOW), EFFECT_NONE);
}

static void test_sort(void **state)
{
    (void)state;
    typed("o");
    assert_int_equal(view_sort(u.agents), SORT_STATE);
    assert_string_equal(store_agent(st, view_at(u.agents, 0))->name,
                        "crasher");
    typed("3o");
    assert_int_equal(view_sort(u.proposals), SORT_RISK);
    typed("2o4o");
    assert_int_equal(view_sort(u.agents), SORT_STATE);
    assert_int_equal(view_sort(u.proposals), SORT_RISK);
}

static void test_freeze(void **state)
{
    (void)state;
    typed("z");
    assert_true(u.frozen);
    assert_int_equal(u.frozen_ms, FLEET_NOW);
    assert_int_equal(frame_flips(&u, FLEET_NOW), MOMENT_NEVER);
    typed("z");
    assert_false(u.frozen);
    assert_int_equal(frame_flips(&u, FLEET_NOW), FLEET_NOW + 1000);
}

static void test_heat(void **state)
{
    const struct heat_row *row;
    enum signal type;

    (void)state;
    row = ui_heat_at(&u, &type); /* it begins where something is */
    assert_int_equal(u.heat_row, 0);
    assert_true(row->cells[type].count > 0);
    typed("2");
    assert_true(action_live(&u, ACTION_OPEN));
    for (int i = 0; i < 12; i++)
        typed("h");
    assert_int_equal(u.heat_col, 0); /* where it is put it stays */
    typed("ll");
    assert_int_equal(u.heat_col, 2);
    for (int i = 0; i < 30; i++)
        typed("l");
    assert_int_equal(u.heat_col, 12); /* as many types as there are */
    typed("h");
    assert_int_equal(u.heat_col, 11);
    typed("jjj");
    assert_int_equal(u.heat_row, 3);
    typed("G");
    assert_int_equal(u.heat_row, u.heat.count - 1);
    typed("g");
    assert_int_equal(u.heat_row, 0);
    typed("b");
    assert_int_equal(u.heat_by, HEAT_BY_TARGET);
    typed("bG");
    assert_int_equal(u.heat_by, HEAT_BY_NAMESPACE);
    assert_int_equal(u.heat.count, 1);
    assert_int_equal(u.heat_row, 0);
    draw();
    typed("b");
    assert_int_equal(u.heat_by, HEAT_BY_AGENT);
}

/* Keys of the heatmap do nothing in other panes. */
static void test_heat_keys_elsewhere(void **state)
{
    int column = u.heat_col;

    (void)state;
    typed("1lll");
    assert_int_equal(u.heat_col, column);
    typed("3b");
    assert_int_equal(u.heat_by, HEAT_BY_AGENT);
}

static void test_thoughts(void **state)
{
    struct thought_facts f = {.ns = span_of(FLEET_NS),
                              .agent = span_of("broker"),
                              .text = span_of("more"),
                              .at_ms = FLEET_NOW,
                              .cost = NAN};

    (void)state;
    typed("4");
    assert_true(u.thoughts_follow);
    typed("j");
    assert_true(u.thoughts_follow);
    typed("kk");
    assert_false(u.thoughts_follow);
    assert_int_equal(u.thoughts_back, 2);
    store_thought(st, &f);
    ui_settle(&u, FLEET_NOW, false);
    assert_int_equal(st->thoughts.seq - u.thoughts_seen, 1);
    draw();
    typed("g");
    assert_false(u.thoughts_follow);
    typed("G");
    assert_true(u.thoughts_follow);
    assert_int_equal(u.thoughts_back, 0);
}

static void test_effects(void **state)
{
    (void)state;
    assert_int_equal(key('R'), EFFECT_RETRY);
    assert_int_equal(key('l' & 0x1f), EFFECT_REDRAW);
    assert_int_equal(key('z' & 0x1f), EFFECT_SUSPEND);
    assert_int_equal(key('q'), EFFECT_QUIT);
    assert_int_equal(key('c' & 0x1f), EFFECT_QUIT);
    assert_int_equal(key('x'), EFFECT_NONE);
    key(TERM_KEY_ENTER);
    assert_int_equal(key('q'), EFFECT_QUIT);
}

static void test_wall(void **state)
{
    (void)state;
    u.wall = true;
    for (uint32_t k = 0; k < 0x180; k++)
        assert_int_equal(control_key(&u, k, false, FLEET_NOW),
                         k == 'q' || k == ('c' & 0x1f) ? EFFECT_QUIT
                                                       : EFFECT_NONE);
    for (uint32_t k = TERM_KEY_BASE; k <= TERM_KEY_F12; k++)
        assert_int_equal(control_key(&u, k, false, FLEET_NOW), EFFECT_NONE);
    assert_false(u.prompt);
    assert_int_equal(u.page, PAGE_NONE);
}

/* Any keys, with the fleet changing below: the frame is always drawn. */
static void test_random(void **state)
{
    static const uint32_t special[] = {
        TERM_KEY_ENTER, TERM_KEY_ESCAPE, TERM_KEY_TAB,  TERM_KEY_UP,
        TERM_KEY_DOWN,  TERM_KEY_END,    TERM_KEY_HOME, TERM_KEY_BACKSPACE};
    uint32_t seed = 41;
    struct canvas c;

    (void)state;
    canvas_init(&c, 90, 30, GLYPHS_FULL);
    for (int i = 0; i < 4000; i++) {
        uint32_t r = cm_random(&seed);
        uint32_t k = r % 3 ? ' ' + (r >> 8) % 95 : special[(r >> 8) % 8];

        control_key(&u, k, (r >> 4) % 20 == 0, FLEET_NOW);
        if (r % 50 == 0 && u.agent_list.slot != SLOT_NONE) {
            const struct agent *a = store_agent(st, u.agent_list.slot);

            store_gone(st, KIND_AGENT, span_of(a->ns), span_of(a->name));
        }
        ui_settle(&u, FLEET_NOW + i * 10, r % 3 == 0);
        if (i % 5 == 0)
            frame_draw(&c, &u, FLEET_NOW + i * 10);
    }
    canvas_finish(&c);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static void command(const char *line)
{
    typed(line);
    key(TERM_KEY_ENTER);
}

static enum graph_topic topic(const char *about)
{
    const char *is;
    enum graph_topic t = ui_graph_topic(&u, &is);

    if (t != GRAPH_TOPIC_NONE)
        assert_string_equal(is, about);
    return t;
}

/* What the graph is asked hangs on the page that is open, and on nothing. */
static void test_graph_topic(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);

    (void)state;
    fake_work(st);
    fake_graph(v);
    command(":objective obj-loom");
    assert_int_equal(u.page, PAGE_DETAIL);
    assert_int_equal(topic(""), GRAPH_TOPIC_NONE); /* there is none */
    u.graph = v;
    assert_int_equal(topic("obj-loom"), GRAPH_TOPIC_EVIDENCE);
    key('?');
    assert_int_equal(topic(""), GRAPH_TOPIC_NONE);
    key(TERM_KEY_ESCAPE);
    assert_int_equal(topic("obj-loom"), GRAPH_TOPIC_EVIDENCE);
    key(TERM_KEY_ESCAPE); /* to the list of them */
    assert_int_equal(u.page, PAGE_OBJECTS);
    assert_int_equal(topic(""), GRAPH_TOPIC_NONE);
    key(TERM_KEY_ENTER);
    assert_int_equal(topic(u.target.name), GRAPH_TOPIC_EVIDENCE);
    command(":agents");
    key(TERM_KEY_ENTER);
    assert_int_equal(topic(u.target.name), GRAPH_TOPIC_WRITTEN);
    snprintf(v->ns, sizeof v->ns, "elsewhere"); /* not its fleet */
    assert_int_equal(topic(""), GRAPH_TOPIC_NONE);
    free(v);
}

static void test_objective_command(void **state)
{
    char line[FILTER_MAX + 1] = "objective obj-f", offers[200];

    (void)state;
    fake_work(st);
    assert_true(command_complete(&u, line, sizeof line, offers,
                                 sizeof offers));
    assert_string_equal(line, "objective obj-frost ");
    command(":objective obj-none");
    assert_int_equal(u.page, PAGE_NONE);
    assert_string_equal(u.notice, "there is no such objective");
    command(":objective obj-frost");
    assert_int_equal(u.target.kind, KIND_OBJECTIVE);
    assert_string_equal(u.target.name, "obj-frost");
}

static void test_graph_depth(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);

    (void)state;
    assert_int_equal(key('-'), EFFECT_NONE); /* of the page of a graph only */
    u.graph = v;
    fake_graph(v);
    command(":graph");
    assert_int_equal(key('-'), EFFECT_NONE);
    assert_int_equal(u.graph_depth, 1);
    for (int depth = 2; depth <= GRAPH_DEPTH_MAX; depth++) {
        assert_int_equal(key('+'), EFFECT_DEPTH);
        assert_int_equal(u.graph_depth, depth);
    }
    assert_int_equal(key('+'), EFFECT_NONE);
    assert_int_equal(u.graph_depth, GRAPH_DEPTH_MAX);
    assert_int_equal(key('-'), EFFECT_DEPTH);
    assert_int_equal(u.graph_depth, GRAPH_DEPTH_MAX - 1);
    assert_false(u.zoom);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_focus),          T(test_move),
        T(test_follow),         T(test_pages),
        T(test_gone),           T(test_links),
        T(test_links_of_cards), T(test_objects),
        T(test_object_of_fracta),
        T(test_filter),
        T(test_filter_ends),    T(test_filter_is_full),
        T(test_keys_of_a_prompt), T(test_paste),
        T(test_sort),           T(test_freeze),
        T(test_heat),           T(test_heat_keys_elsewhere),
        T(test_thoughts),       T(test_effects),
        T(test_wall),           T(test_random),
        T(test_graph_topic),    T(test_graph_depth),
        T(test_objective_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
