#include "config.h"

#include "widgets/keymap.h"

#include "data/act/gate.h"
#include "data/rights.h"
#include "tui/keys.h"
#include "widgets/want.h"

#include <stdio.h>
#include <string.h>

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
    {'-', ACTION_NEARER},
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
    {':', ACTION_COMMAND},
    {'o', ACTION_SORT},
    {'b', ACTION_GROUP},
    {'e', ACTION_EXPLAIN},
    {'i', ACTION_OBJECTS},
    {'y', ACTION_YAML},
    {'a', ACTION_APPROVE},
    {'r', ACTION_REJECT},
    {'A', ACTION_OVERRIDE},
    {'P', ACTION_PROPOSE},
    {'s', ACTION_SPAWN},
    {'d', ACTION_DEPOSIT},
    {'c', ACTION_SCALE},
    {'x', ACTION_RESTART},
    {'H', ACTION_HALT},
    {'p', ACTION_PAUSE},
    {'t', ACTION_TETHER},
    {'m', ACTION_SAY},
    {'K', ACTION_KILL},
    {'M', ACTION_MERGE},
    {'O', ACTION_OBJECTIVE},
    {'U', ACTION_UNFREEZE},
    {' ', ACTION_MARK},
    {'*', ACTION_MARK_ALL},
    {'u', ACTION_UNDO},
    {'J', ACTION_RECEIPTS},
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

enum action keymap_on(const struct ui *u, uint32_t key)
{
    return key == '+' && u->page == PAGE_GRAPH ? ACTION_FURTHER
                                               : keymap_find(key);
}

static bool open_live(const struct ui *u)
{
    if (u->page == PAGE_OBJECTS)
        return roster_at(&u->roster) != NULL;
    if (u->page == PAGE_GRAPH)
        return u->graph != NULL &&
               graph_selected(u->graph, &u->graph_at) != NULL;
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

uint32_t keymap_subject(const struct ui *u, enum kind kind)
{
    enum pane pane = kind == KIND_AGENT ? PANE_AGENTS : PANE_PROPOSALS;
    uint32_t slot;

    if (u->page == PAGE_DECISION || u->page == PAGE_DETAIL)
        slot = u->target.kind == kind ? ui_target_slot(u) : SLOT_NONE;
    else if (u->page != PAGE_NONE || u->focus != pane)
        slot = SLOT_NONE;
    else
        slot = kind == KIND_AGENT ? u->agent_list.slot : u->proposal_list.slot;
    if (kind == KIND_AGENT)
        return store_agent(u->st, slot) != NULL ? slot : SLOT_NONE;
    return store_proposal(u->st, slot) != NULL ? slot : SLOT_NONE;
}

static const struct proposal *open_proposal(const struct ui *u)
{
    uint32_t slot = keymap_subject(u, KIND_PROPOSAL);
    const struct proposal *p = store_proposal(u->st, slot);

    return p != NULL && proposal_open(p) ? p : NULL;
}

static bool paused(const struct agent *ag)
{
    return agent_local(ag) ? ag->run->paused : ag->load.desired == 0;
}

enum act keymap_act(const struct ui *u, enum action a)
{
    const struct agent *ag;

    switch (a) {
    case ACTION_APPROVE:
        return ACT_APPROVE;
    case ACTION_REJECT:
        return ACT_REJECT;
    case ACTION_OVERRIDE:
        return ACT_OVERRIDE;
    case ACTION_PROPOSE:
        return ACT_PROPOSE;
    case ACTION_SPAWN:
        return ACT_SPAWN;
    case ACTION_DEPOSIT:
        return ACT_DEPOSIT;
    case ACTION_SCALE:
        return ACT_SCALE;
    case ACTION_RESTART:
        return ACT_RESTART;
    case ACTION_SAY:
        return ACT_SAY;
    case ACTION_KILL:
        return want_signal(u) != SLOT_NONE ? ACT_WIPE : ACT_KILL;
    case ACTION_MERGE:
        return ACT_MERGE;
    case ACTION_OBJECTIVE:
        return ACT_OBJECTIVE;
    case ACTION_UNFREEZE:
        return ACT_UNFREEZE;
    case ACTION_HALT:
        return ACT_PAUSE; /* of many */
    case ACTION_PAUSE:
        ag = store_agent(u->st, keymap_subject(u, KIND_AGENT));
        return ag != NULL && paused(ag) ? ACT_RESUME : ACT_PAUSE;
    default:
        return ACT_COUNT;
    }
}

/* The namespace an act would be in; NULL: none. */
static const char *where(const struct ui *u, enum act act)
{
    const struct proposal *p;
    const struct agent *ag;

    if (act == ACT_APPROVE || act == ACT_REJECT || act == ACT_OVERRIDE) {
        p = open_proposal(u);
        return p != NULL ? p->ns : NULL;
    }
    if (act == ACT_WIPE)
        return store_pheromone(u->st, want_signal(u))->ns;
    if (act == ACT_SPAWN || act == ACT_DEPOSIT || act == ACT_PROPOSE)
        return want_place(u);
    ag = store_agent(u->st, keymap_subject(u, KIND_AGENT));
    if (ag != NULL)
        return ag->ns;
    return u->ns[0] != '\0' ? u->ns : NULL;
}

/* An agent that is a Job or a pod: the rights to those were not asked for,
   the server will say. */
static bool by_itself(const struct ui *u, enum act act)
{
    const struct agent *ag = store_agent(u->st, keymap_subject(u, KIND_AGENT));

    return (act == ACT_PAUSE || act == ACT_RESUME || act == ACT_KILL) &&
           ag != NULL && ag->load.kind != NULL &&
           ag->origin != AGENT_ORIGIN_KGENTS &&
           strcmp(ag->load.kind, "Deployment") != 0;
}

/* What a control plane does for the row; a cluster's rights are not its. */
static bool by_plane(const struct ui *u, enum act act)
{
    const struct agent *ag = store_agent(u->st, keymap_subject(u, KIND_AGENT));

    if (act == ACT_MERGE || act == ACT_OBJECTIVE || act == ACT_UNFREEZE)
        return true;
    if (act == ACT_SPAWN)
        return want_plane(u) != NULL;
    return (act == ACT_SAY || act == ACT_KILL) && ag != NULL &&
           want_plane_of(ag) != NULL;
}

bool keymap_denied(const struct ui *u, enum action a, char *why, size_t size)
{
    enum act act = keymap_act(u, a);
    const char *ns;
    char right[80];

    if (act == ACT_COUNT || !u->acts || u->read_only || u->local)
        return false;
    if (by_plane(u, act))
        return false; /* it asks nobody who one is */
    ns = where(u, act);
    if (by_itself(u, act))
        return false;
    if (ns == NULL || !rights_denied(u->st->rights, ns, act))
        return false;
    right_name(act, right, sizeof right);
    snprintf(why, size, "the right to %s in %.80s is missing", right, ns);
    return true;
}

/* An agent on a cluster: not one of which only a picture is left. */
static bool cluster_live(const struct ui *u, const struct agent *ag,
                         enum action a)
{
    bool deployed = ag->load.desired != FACT_NONE;

    (void)u;
    if (ag->origin == AGENT_ORIGIN_PICTURE || ag->deleted_ms > 0)
        return false;
    switch (a) {
    case ACTION_PAUSE:
    case ACTION_RESTART:
        return deployed;
    case ACTION_SAY:
        return ag->origin == AGENT_ORIGIN_KGENTS && ag->load.main_ready;
    case ACTION_SCALE:
        return deployed || ag->origin == AGENT_ORIGIN_KGENTS;
    case ACTION_KILL:
        return true;
    default:
        return false;
    }
}

/* An agent that a control plane tells of: what that one can do. */
static bool plane_live(const struct agent *ag, enum action a)
{
    const struct run *r = ag->run;

    switch (a) {
    case ACTION_SAY:
        return run_stand(r) != RUN_QUEUED &&
               (r->status == NULL || strcmp(r->status, "Running") != 0 ||
                (r->mode != NULL && strcmp(r->mode, RUN_TERMINAL) == 0));
    case ACTION_MERGE:
        return r->branch != NULL;
    default:
        return a == ACTION_KILL;
    }
}

static bool agent_live(const struct ui *u, enum action a)
{
    const struct agent *ag = store_agent(u->st, keymap_subject(u, KIND_AGENT));

    if (ag == NULL)
        return false;
    if (!agent_local(ag))
        return (want_plane_of(ag) != NULL && plane_live(ag, a)) ||
               (ag->origin != AGENT_ORIGIN_RUN && cluster_live(u, ag, a));
    switch (a) {
    case ACTION_TETHER:
        return ag->run->socket != NULL && ag->run->pid > 0;
    case ACTION_PAUSE:
    case ACTION_SAY:
        return ag->load.main_ready && ag->run->pid > 0;
    default:
        return a == ACTION_KILL;
    }
}

/* Nothing is open that a form would hide. */
static bool create_page(const struct ui *u)
{
    return u->page == PAGE_NONE || u->page == PAGE_DETAIL ||
           u->page == PAGE_DECISION || u->page == PAGE_SIGNALS;
}

/* Something new can be asked for. */
static bool create_live(const struct ui *u)
{
    return !u->local && create_page(u) &&
           (u->cluster || want_control(u->st) == NULL);
}

static bool act_live(const struct ui *u, enum action a)
{
    const struct proposal *p;
    char why[200];

    if (!u->acts || u->read_only || u->gate == NULL ||
        keymap_denied(u, a, why, sizeof why))
        return false;
    switch (a) {
    case ACTION_SPAWN:
        return u->local && want_plane(u) == NULL ? u->page == PAGE_NONE
                                                 : create_page(u);
    case ACTION_PROPOSE:
    case ACTION_DEPOSIT:
        return create_live(u);
    case ACTION_OBJECTIVE:
        return want_control(u->st) != NULL && create_page(u);
    case ACTION_UNFREEZE:
        return want_frozen(u) != SLOT_NONE;
    case ACTION_HALT:
        return u->halt != NULL && u->page != PAGE_HALT;
    case ACTION_UNDO:
        return gate_held(u->gate) > 0;
    case ACTION_APPROVE:
    case ACTION_REJECT:
        return open_proposal(u) != NULL;
    case ACTION_OVERRIDE:
        p = open_proposal(u);
        return p != NULL && (p->tgent == TGENT_PENDING ||
                             p->tgent == TGENT_FAILED);
    default:
        return (a == ACTION_KILL && want_signal(u) != SLOT_NONE) ||
               agent_live(u, a);
    }
}

/* Ways lead into it, to look at least: a cluster's, or a control plane's. */
static bool reachable(const struct ui *u)
{
    const struct agent *ag = store_agent(u->st, keymap_subject(u, KIND_AGENT));

    return ag != NULL &&
           (u->cluster || (!agent_local(ag) && want_plane_of(ag)));
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
        return u->page == PAGE_NONE || u->page == PAGE_GRAPH ||
               (u->page != PAGE_OBJECTS && u->link_count > 0);
    case ACTION_FURTHER:
        return u->page == PAGE_GRAPH && u->graph_depth < GRAPH_DEPTH_MAX;
    case ACTION_NEARER:
        return u->page == PAGE_GRAPH && u->graph_depth > 1;
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
    case ACTION_APPROVE:
    case ACTION_REJECT:
    case ACTION_OVERRIDE:
    case ACTION_PROPOSE:
    case ACTION_SPAWN:
    case ACTION_DEPOSIT:
    case ACTION_SCALE:
    case ACTION_RESTART:
    case ACTION_HALT:
    case ACTION_PAUSE:
    case ACTION_SAY:
    case ACTION_KILL:
    case ACTION_MERGE:
    case ACTION_OBJECTIVE:
    case ACTION_UNFREEZE:
    case ACTION_UNDO:
        return act_live(u, a);
    case ACTION_TETHER:
        return act_live(u, a) || reachable(u);
    case ACTION_MARK:
    case ACTION_MARK_ALL:
        return u->acts && !u->read_only && u->page == PAGE_NONE && list;
    case ACTION_RECEIPTS:
        return u->gate != NULL;
    case ACTION_NONE:
    case ACTION_COUNT:
        return false;
    default:
        return true;
    }
}
