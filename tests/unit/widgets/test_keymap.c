/* The table of keys. */

#include "config.h"

#include "widgets/keymap.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fleet.h"
#include "tui/keys.h"
#include "widgets/control.h"
#include "tests/support/cm.h"

/* "k, Up" as the keys it names; returns how many. */
static int keys_of(const char *text, uint32_t *ret)
{
    static const struct {
        const char *name;
        uint32_t key;
    } names[] = {{"Enter", TERM_KEY_ENTER},       {"Esc", TERM_KEY_ESCAPE},
                 {"Tab", TERM_KEY_TAB},           {"Up", TERM_KEY_UP},
                 {"Shift-Tab", TERM_KEY_BACKTAB}, {"Down", TERM_KEY_DOWN},
                 {"Left", TERM_KEY_LEFT},         {"Right", TERM_KEY_RIGHT},
                 {"PgUp", TERM_KEY_PAGE_UP},      {"PgDn", TERM_KEY_PAGE_DOWN},
                 {"Home", TERM_KEY_HOME},         {"End", TERM_KEY_END},
                 {"Space", ' '}};
    int n = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, ",");

        ret[n] = 0;
        if (len == 1)
            ret[n] = (unsigned char)text[0];
        else if (len == 2 && text[0] == '^')
            ret[n] = (unsigned char)text[1] & 0x1f;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (strlen(names[i].name) == len &&
                strncmp(names[i].name, text, len) == 0)
                ret[n] = names[i].key;
        if (ret[n] == 0)
            fail_msg("what key is '%s'?", text);
        n++;
        text += len;
        text += strspn(text, ", ");
    }
    return n;
}

static void test_table(void **state)
{
    uint32_t keys[4];

    (void)state;
    for (int a = 1; a < ACTION_COUNT; a++) {
        const struct action_row *row = action_row((enum action)a);
        /* the one key that does another thing on a page of its own */
        const struct ui u = {.page = a == ACTION_FURTHER ? PAGE_GRAPH
                                                         : PAGE_NONE};
        int n;

        assert_non_null(row->keys);
        assert_true(strlen(row->help) > 1);
        /* the footer has room for short words only, with short keys */
        assert_true(strlen(row->word) <= 7);
        n = keys_of(row->keys, keys);
        assert_true(n > 0);
        for (int i = 0; i < n; i++)
            assert_int_equal(keymap_on(&u, keys[i]), a);
    }
    assert_int_equal(keymap_find(TERM_KEY_BACKSPACE), ACTION_BACK);
    assert_int_equal(keymap_find('w'), ACTION_NONE);
    assert_int_equal(keymap_find(0), ACTION_NONE);
}

struct snap {
    enum pane focus;
    enum page page;
    bool zoom, prompt, frozen;
    enum view_sort a, p;
    enum heat_by by;
};

static struct snap snap(const struct ui *u)
{
    struct snap s;

    memset(&s, 0, sizeof s);
    s.focus = u->focus;
    s.page = u->page;
    s.zoom = u->zoom;
    s.prompt = u->prompt;
    s.frozen = u->frozen;
    s.a = view_sort(u->agents);
    s.p = view_sort(u->proposals);
    s.by = u->heat_by;
    return s;
}

static void begin(struct ui *u, struct store *st, int place)
{
    static const char *const ways[] = {"1", "2", "3", "4", "1\r", "2\r",
                                       "3\r", "?", "1+", "2e"};

    ui_init(u, st);
    ui_settle(u, FLEET_NOW, false);
    for (const char *k = ways[place]; *k != '\0'; k++) {
        control_key(u, *k == '\r' ? (uint32_t)TERM_KEY_ENTER
                                  : (unsigned char)*k,
                    false, FLEET_NOW);
        ui_settle(u, FLEET_NOW, false);
    }
}

/* What is said to be dead does nothing, wherever one is. */
static void test_dead_keys(void **state)
{
    static const enum action seen[] = {
        ACTION_OPEN,   ACTION_BACK,   ACTION_NEXT, ACTION_PREVIOUS,
        ACTION_PANE_1, ACTION_PANE_4, ACTION_ZOOM, ACTION_FILTER,
        ACTION_SORT,   ACTION_GROUP,  ACTION_YAML};
    struct store *st[2] = {store_create(), store_create()};
    struct ui u;

    (void)state;
    fake_fleet(st[1]);
    for (int place = 0; place < 20; place++) {
        for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
            uint32_t keys[4];
            struct snap before, after;
            enum effect effect;

            begin(&u, st[place / 10], place % 10);
            keys_of(action_row(seen[i])->keys, keys);
            before = snap(&u);
            if (!action_live(&u, seen[i])) {
                effect = control_key(&u, keys[0], false, FLEET_NOW);
                after = snap(&u);
                if (effect != EFFECT_NONE ||
                    memcmp(&before, &after, sizeof before) != 0)
                    fail_msg("place %d: '%s' acts", place,
                             action_row(seen[i])->keys);
            }
            ui_finish(&u);
        }
    }
    store_destroy(st[0]);
    store_destroy(st[1]);
}

static void test_live(void **state)
{
    struct store *st = store_create();
    struct ui u;

    (void)state;
    begin(&u, st, 0);
    assert_false(action_live(&u, ACTION_NONE));
    assert_false(action_live(&u, ACTION_COUNT));
    assert_false(action_live(&u, ACTION_OPEN)); /* nothing there */
    assert_false(action_live(&u, ACTION_EXPLAIN));
    assert_true(action_live(&u, ACTION_QUIT));
    ui_finish(&u);
    fake_fleet(st);
    begin(&u, st, 0);
    assert_true(action_live(&u, ACTION_OPEN));
    assert_true(action_live(&u, ACTION_SORT));
    assert_false(action_live(&u, ACTION_GROUP));
    assert_false(action_live(&u, ACTION_YAML));
    ui_finish(&u);
    begin(&u, st, 1);
    assert_true(action_live(&u, ACTION_GROUP));
    assert_true(action_live(&u, ACTION_LEFT));
    assert_false(action_live(&u, ACTION_SORT));
    assert_false(action_live(&u, ACTION_FILTER));
    ui_finish(&u);
    begin(&u, st, 4);
    assert_true(action_live(&u, ACTION_YAML));
    assert_true(action_live(&u, ACTION_BACK));
    assert_false(action_live(&u, ACTION_NEXT));
    ui_finish(&u);
    store_destroy(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_live),
        cmocka_unit_test(test_dead_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
