#include "config.h"

#include "widgets/keymap.h"

#include "tui/keys.h"

#define CONTROL(c) ((c) & 0x1f)

#define ACTION_ROW(id, keys, word, help) [ACTION_##id] = {keys, word, help},

static const struct action_row rows[ACTION_COUNT] = {ACTION_MAP(ACTION_ROW)};

static const struct {
    uint32_t key;
    enum action action;
} keys[] = {
    {TERM_KEY_ENTER, ACTION_OPEN},
    {TERM_KEY_ESCAPE, ACTION_BACK},
    {TERM_KEY_BACKSPACE, ACTION_BACK},
    {TERM_KEY_TAB, ACTION_NEXT},
    {TERM_KEY_BACKTAB, ACTION_PREVIOUS},
    {'1', ACTION_PANE_1},
    {'2', ACTION_PANE_2},
    {'3', ACTION_PANE_3},
    {'4', ACTION_PANE_4},
    {'+', ACTION_ZOOM},
    {'k', ACTION_UP},
    {TERM_KEY_UP, ACTION_UP},
    {'j', ACTION_DOWN},
    {TERM_KEY_DOWN, ACTION_DOWN},
    {'h', ACTION_LEFT},
    {TERM_KEY_LEFT, ACTION_LEFT},
    {'l', ACTION_RIGHT},
    {TERM_KEY_RIGHT, ACTION_RIGHT},
    {TERM_KEY_PAGE_UP, ACTION_PAGE_UP},
    {CONTROL('b'), ACTION_PAGE_UP},
    {TERM_KEY_PAGE_DOWN, ACTION_PAGE_DOWN},
    {CONTROL('f'), ACTION_PAGE_DOWN},
    {'g', ACTION_FIRST},
    {TERM_KEY_HOME, ACTION_FIRST},
    {'G', ACTION_LAST},
    {TERM_KEY_END, ACTION_LAST},
    {'/', ACTION_FILTER},
    {'o', ACTION_SORT},
    {'b', ACTION_GROUP},
    {'e', ACTION_EXPLAIN},
    {'i', ACTION_OBJECTS},
    {'y', ACTION_YAML},
    {'z', ACTION_FREEZE},
    {'R', ACTION_RETRY},
    {CONTROL('l'), ACTION_REDRAW},
    {CONTROL('z'), ACTION_SUSPEND},
    {'?', ACTION_HELP},
    {'q', ACTION_QUIT},
    {CONTROL('c'), ACTION_QUIT},
};

const struct action_row *action_row(enum action a)
{
    return &rows[a];
}

enum action keymap_find(uint32_t key)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].key == key)
            return keys[i].action;
    return ACTION_NONE;
}

static bool open_live(const struct ui *u)
{
    if (u->page == PAGE_OBJECTS)
        return roster_at(&u->roster) != NULL;
    if (u->page != PAGE_NONE)
        return ui_link_seen(u);
    switch (u->focus) {
    case PANE_AGENTS:
        return store_agent(u->st, u->agent_list.slot) != NULL;
    case PANE_PROPOSALS:
        return store_proposal(u->st, u->proposal_list.slot) != NULL;
    case PANE_HEAT:
        return u->heat.count > 0;
    default:
        return false;
    }
}

bool action_live(const struct ui *u, enum action a)
{
    bool list = u->focus == PANE_AGENTS || u->focus == PANE_PROPOSALS;

    switch (a) {
    case ACTION_OPEN:
        return open_live(u);
    case ACTION_BACK:
        return u->page != PAGE_NONE || u->zoom ||
               u->filter_text[u->focus][0] != '\0';
    case ACTION_LEFT:
    case ACTION_RIGHT:
    case ACTION_GROUP:
        return u->page == PAGE_NONE && u->focus == PANE_HEAT;
    case ACTION_FILTER:
        return u->page == PAGE_OBJECTS ||
               (u->page == PAGE_NONE && u->focus != PANE_HEAT);
    case ACTION_SORT:
        return u->page == PAGE_NONE && list;
    case ACTION_YAML:
        return u->page == PAGE_DETAIL || u->page == PAGE_DECISION;
    case ACTION_NEXT:
    case ACTION_PREVIOUS:
        return u->page == PAGE_NONE ||
               (u->page != PAGE_OBJECTS && u->link_count > 0);
    case ACTION_OBJECTS:
    case ACTION_PANE_1:
    case ACTION_PANE_2:
    case ACTION_PANE_3:
    case ACTION_PANE_4:
    case ACTION_ZOOM:
        return u->page == PAGE_NONE;
    case ACTION_EXPLAIN:
        return u->page == PAGE_NONE && u->focus != PANE_THOUGHTS &&
               open_live(u);
    case ACTION_NONE:
    case ACTION_COUNT:
        return false;
    default:
        return true;
    }
}
