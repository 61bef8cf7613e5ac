#include "config.h"

#include "widgets/control.h"

#include "data/act/halt.h"
#include "widgets/halt.h"
#include "tui/keys.h"
#include "tui/text.h"
#include "widgets/want.h"
#include "widgets/command.h"
#include "widgets/log_view.h"

#include <stdio.h>
#include <string.h>

static void close_prompt(struct ui *u)
{
    u->prompt = false;
    error_clear(&u->prompt_error);
}

static void type(struct ui *u, uint32_t key)
{
    if (text_type(u->prompt_text, sizeof u->prompt_text, key))
        ui_filter(u);
}

static void erase(struct ui *u)
{
    text_erase(u->prompt_text);
    ui_filter(u);
}

static void scroll_page(struct ui *u, int by)
{
    int last = u->page_lines > u->page_room ? u->page_lines - u->page_room : 0;
    int64_t top = (int64_t)u->page_top + by;

    u->page_top = (int)(top < 0 ? 0 : top > last ? last : top);
}

static void move(struct ui *u, int by)
{
    if (u->page == PAGE_NONE)
        ui_move(u, by);
    else if (u->page == PAGE_OBJECTS)
        roster_move(&u->roster, u->st, by);
    else if (u->page == PAGE_GRAPH && u->graph != NULL)
        graph_move(u->graph, &u->graph_at, by);
    else if (u->page == PAGE_LOGS && u->logs != NULL)
        log_view_scroll(u->logs, by);
    else if (u->page == PAGE_SIGNALS)
        ui_step_link(u, by, false);
    else
        scroll_page(u, by);
}

/* While a filter is typed, letters only type. */
static void prompt_key(struct ui *u, uint32_t key, bool pasted)
{
    if (!pasted && key == TERM_KEY_ESCAPE) {
        u->prompt_text[0] = '\0';
        ui_filter(u);
        close_prompt(u);
    } else if (!pasted && key == TERM_KEY_ENTER) {
        if (u->prompt_error.code == 0)
            close_prompt(u);
    } else if (!pasted && key == TERM_KEY_BACKSPACE) {
        if (u->prompt_text[0] == '\0')
            close_prompt(u);
        else
            erase(u);
    } else if (!pasted && key == ('u' & 0x1f)) {
        u->prompt_text[0] = '\0';
        ui_filter(u);
    } else if (!pasted && (key == TERM_KEY_UP || key == TERM_KEY_DOWN)) {
        move(u, key == TERM_KEY_UP ? -1 : 1);
    } else {
        type(u, key);
    }
}

static int page_size(const struct ui *u)
{
    if (u->page == PAGE_SIGNALS)
        return 4; /* of several lines each */
    return u->page != PAGE_NONE && u->page_room > 2 ? u->page_room - 1 : 10;
}

/* Its surroundings, on the page of the graph. */
static enum effect open_node(struct ui *u, int64_t id)
{
    if (u->graph == NULL)
        return EFFECT_NONE;
    graph_seek(u->graph, &u->graph_at, id);
    u->graph_node = id;
    ui_open_page(u, PAGE_GRAPH);
    return EFFECT_LOOK;
}

static enum effect open_selected(struct ui *u)
{
    const struct roster_row *row;

    if (!action_live(u, ACTION_OPEN))
        return EFFECT_NONE;
    if (u->page == PAGE_GRAPH) {
        return EFFECT_LOOK;
    } else if (u->page == PAGE_OBJECTS) {
        row = roster_at(&u->roster);
        ui_open(u, row->kind, row->slot);
    } else if (u->page != PAGE_NONE && target_is_node(&u->link)) {
        return open_node(u, u->link.node);
    } else if (u->page != PAGE_NONE) {
        ui_open(u, u->link.kind, target_slot(&u->link, u->st));
    } else if (u->focus == PANE_AGENTS) {
        ui_open(u, KIND_AGENT, u->agent_list.slot);
    } else if (u->focus == PANE_PROPOSALS) {
        ui_open(u, KIND_PROPOSAL, u->proposal_list.slot);
    } else {
        ui_open_page(u, PAGE_SIGNALS);
    }
    return EFFECT_NONE;
}

static void back(struct ui *u)
{
    if (u->page == PAGE_OBJECTS && u->filter_text[PANE_OBJECTS][0] != '\0') {
        u->prompt_text[0] = '\0';
        ui_filter(u);
    } else if (u->page != PAGE_NONE) {
        ui_close_page(u);
    } else if (u->zoom) {
        u->zoom = false;
    } else if (u->filter_text[u->focus][0] != '\0') {
        u->prompt_text[0] = '\0';
        ui_filter(u);
    }
}

static void focus(struct ui *u, int pane)
{
    if (u->page == PAGE_NONE)
        u->focus = (enum pane)(pane < PANE_AGENTS     ? PANE_THOUGHTS
                               : pane > PANE_THOUGHTS ? PANE_AGENTS
                                                      : pane);
}

static void begin_filter(struct ui *u)
{
    if (!action_live(u, ACTION_FILTER))
        return;
    memcpy(u->prompt_text, u->filter_text[ui_filtered(u)],
           sizeof u->prompt_text);
    u->prompt = true;
}

static void sort(struct ui *u)
{
    struct view *v = u->focus == PANE_AGENTS      ? u->agents
                     : u->focus == PANE_PROPOSALS ? u->proposals
                                                  : NULL;

    if (v != NULL && u->page == PAGE_NONE)
        view_set_sort(v, view_next_sort(v));
}

static void freeze(struct ui *u, int64_t now_ms)
{
    u->frozen = !u->frozen;
    u->frozen_ms = now_ms;
}

static void toggle(struct ui *u, enum page page)
{
    if (u->page == page)
        ui_close_page(u);
    else
        ui_open_page(u, page);
}

static void next(struct ui *u, int by)
{
    if (u->page == PAGE_NONE)
        focus(u, (int)u->focus + by);
    else if (u->page != PAGE_OBJECTS)
        ui_step_link(u, by, true);
}

static void heat_key(struct ui *u, enum action a)
{
    if (!action_live(u, a))
        return;
    if (a == ACTION_LEFT) {
        u->heat_col -= u->heat_col > 0;
        u->heat_moved = true;
    } else if (a == ACTION_RIGHT) {
        u->heat_col++;
        u->heat_moved = true;
    } else {
        u->heat_by = (enum heat_by)((u->heat_by + 1) % 3);
        u->heat_ms = 0;
        u->heat_moved = false;
    }
}

static void want_row(struct ui *u, enum kind kind, const struct target *t,
                     enum act act)
{
    struct act_want *w = &u->dialog.wants[u->dialog.count++];

    *w = (struct act_want){.act = act, .kind = kind};
    snprintf(w->ns, sizeof w->ns, "%s", t->ns);
    snprintf(w->name, sizeof w->name, "%s", t->name);
    memcpy(w->uid, t->uid, sizeof w->uid);
}

/* The marked rows if they are of this kind and in sight, else the row. */
static bool want_rows(struct ui *u, enum kind kind, enum act act)
{
    struct target t;

    u->dialog.count = 0;
    if (u->page == PAGE_NONE && u->mark_count > 0 && u->marks[0].kind == kind) {
        for (int i = 0; i < u->mark_count; i++)
            if (target_slot(&u->marks[i], u->st) != SLOT_NONE)
                want_row(u, kind, &u->marks[i], act);
    } else if (target_set(&t, u->st, kind, keymap_subject(u, kind))) {
        /* what was opened is what is meant, whatever has its name now */
        if (u->page != PAGE_NONE)
            memcpy(t.uid, u->target.uid, sizeof t.uid);
        want_row(u, kind, &t, act);
    }
    return u->dialog.count > 0;
}

static bool want_new(struct ui *u, enum act act)
{
    want_create(u, act, &u->dialog.wants[0]);
    u->dialog.count = 1;
    return true;
}

/* The pheromone that is looked at. */
static bool want_wipe(struct ui *u)
{
    struct target t;

    if (!target_set(&t, u->st, KIND_PHEROMONE, want_signal(u)))
        return false;
    if (u->page == PAGE_DETAIL)
        memcpy(t.uid, u->target.uid, sizeof t.uid);
    u->dialog.count = 0;
    want_row(u, KIND_PHEROMONE, &t, ACT_WIPE);
    return true;
}

static bool want_spawn(struct ui *u)
{
    struct act_want *w = &u->dialog.wants[0];
    const struct agent *a = store_agent(u->st, u->agent_list.slot);

    *w = (struct act_want){.act = ACT_SPAWN, .kind = KIND_AGENT};
    snprintf(w->dir, sizeof w->dir, "%s", u->here);
    if (a != NULL && a->run != NULL && a->run->command != NULL &&
        a->run->dir != NULL) { /* like the one that is selected */
        snprintf(w->command, sizeof w->command, "%s", a->run->command);
        snprintf(w->dir, sizeof w->dir, "%s", a->run->dir);
    }
    u->dialog.count = 1;
    return true;
}

/* An agent of the control plane that has the selected one. */
static bool want_plane_spawn(struct ui *u)
{
    struct act_want *w = &u->dialog.wants[0];
    const struct agent *a = store_agent(u->st, u->agent_list.slot);

    *w = (struct act_want){.act = ACT_SPAWN, .kind = KIND_AGENT};
    snprintf(w->ns, sizeof w->ns, "%s", a != NULL ? a->ns : "fracta");
    want_set(w, "by", want_plane(u)->name);
    if (a != NULL && a->run != NULL && a->run->runtime != NULL)
        want_set(w, "host_type", a->run->runtime);
    u->dialog.count = 1;
    return true;
}

static bool want_objective(struct ui *u)
{
    u->dialog.wants[0] =
        (struct act_want){.act = ACT_OBJECTIVE, .kind = KIND_OBJECTIVE};
    u->dialog.count = 1;
    return true;
}

/* A right is missing: says which. */
static bool denied(struct ui *u, enum action a, int64_t now_ms)
{
    if (!keymap_denied(u, a, u->notice, sizeof u->notice))
        return false;
    u->notice_until_ms = now_ms + 5000;
    return true;
}

static enum effect begin_act(struct ui *u, enum action a, int64_t now_ms)
{
    enum act act = keymap_act(u, a);
    bool any;

    if (denied(u, a, now_ms) || !action_live(u, a))
        return EFFECT_NONE;
    if (a == ACTION_UNDO)
        return EFFECT_CANCEL;
    u->dialog.plane = want_plane(u) != NULL;
    if (a == ACTION_SPAWN && u->dialog.plane) {
        any = want_plane_spawn(u);
    } else if (a == ACTION_SPAWN) {
        any = u->local ? want_spawn(u) : want_new(u, ACT_SPAWN);
    } else if (a == ACTION_OBJECTIVE) {
        u->dialog.plane = any = want_objective(u);
    } else if (a == ACTION_UNFREEZE) {
        struct target t;

        u->dialog.count = 0;
        any = target_set(&t, u->st, KIND_OBJECTIVE, want_frozen(u));
        if (any)
            want_row(u, KIND_OBJECTIVE, &t, act);
    } else if (a == ACTION_DEPOSIT || a == ACTION_PROPOSE) {
        any = want_new(u, act);
    } else if (act == ACT_WIPE) {
        any = want_wipe(u);
    } else {
        any = want_rows(u,
                        act == ACT_APPROVE || act == ACT_REJECT ||
                                act == ACT_OVERRIDE
                            ? KIND_PROPOSAL
                            : KIND_AGENT,
                        act);
    }
    if (!any)
        return EFFECT_NONE;
    u->dialog.cluster = !u->local || u->dialog.plane;
    dialog_open(&u->dialog);
    return EFFECT_PLAN;
}

static bool halting(const struct ui *u)
{
    return u->halt != NULL && (halt_state(u->halt) == HALT_RUNS ||
                               halt_state(u->halt) == HALT_OVER);
}

/* The page of halting: first a choice, then what becomes of it. */
static enum effect halt_key(struct ui *u, uint32_t key)
{
    bool runs = halt_state(u->halt) == HALT_RUNS;

    switch (key) {
    case TERM_KEY_UP:
    case 'k':
        halt_choose(u, -1);
        return EFFECT_NONE;
    case TERM_KEY_DOWN:
    case 'j':
        halt_choose(u, 1);
        return EFFECT_NONE;
    case TERM_KEY_ENTER:
        if (halting(u)) { /* what became of it was seen: another choice */
            halt_clear(u->halt);
            halt_choose(u, 0);
            return EFFECT_NONE;
        }
        memset(&u->dialog.wants[0], 0, sizeof u->dialog.wants[0]);
        u->dialog.wants[0].act = ACT_HALT;
        u->dialog.wants[0].kind = KIND_AGENT;
        u->dialog.count = 1;
        dialog_open(&u->dialog);
        return EFFECT_HALT;
    case 'S':
        return runs ? EFFECT_HALT_STOP : EFFECT_NONE;
    case TERM_KEY_ESCAPE:
    case TERM_KEY_BACKSPACE:
    case 'q':
    case 'H':
        ui_close_page(u);
        return EFFECT_NONE;
    case 'c' & 0x1f:
        return EFFECT_QUIT;
    default:
        return EFFECT_NONE;
    }
}

static void mark(struct ui *u)
{
    enum kind kind = u->focus == PANE_AGENTS ? KIND_AGENT : KIND_PROPOSAL;

    if (!action_live(u, ACTION_MARK))
        return;
    ui_mark(u, kind, keymap_subject(u, kind));
    ui_move(u, 1);
}

static void mark_all(struct ui *u, int64_t now_ms)
{
    enum kind kind = u->focus == PANE_AGENTS ? KIND_AGENT : KIND_PROPOSAL;

    if (!action_live(u, ACTION_MARK_ALL) || ui_mark_all(u, kind))
        return;
    snprintf(u->notice, sizeof u->notice,
             "the first %d are marked: no plan takes more", DIALOG_MANY);
    u->notice_until_ms = now_ms + 5000;
}

/* The n-th earlier command: presets first, then those of agents. */
static void recall(struct ui *u, int n)
{
    int at = u->preset_count;

    if (n < 0)
        return;
    if (n < u->preset_count) {
        dialog_recall(&u->dialog, u->presets[n].command, u->presets[n].name,
                      "");
        u->dialog.recall = n;
        return;
    }
    for (uint32_t i = 0; i < u->st->agents.used; i++) {
        const struct agent *a = store_agent(u->st, i);

        if (a == NULL || a->run == NULL || a->run->command == NULL ||
            at++ != n)
            continue;
        dialog_recall(&u->dialog, a->run->command, "",
                      a->run->dir ? a->run->dir : "");
        u->dialog.recall = n;
        return;
    }
}

static enum effect dialog_effect(struct ui *u, uint32_t key, bool pasted,
                                 int64_t now_ms)
{
    switch (dialog_key(&u->dialog, key, pasted, now_ms)) {
    case DIALOG_BEFORE:
        recall(u, u->dialog.recall + 1);
        return EFFECT_PLAN;
    case DIALOG_AFTER:
        recall(u, u->dialog.recall - 1);
        return EFFECT_PLAN;
    case DIALOG_REPLAN:
        return EFFECT_PLAN;
    case DIALOG_EDIT:
        return EFFECT_EDIT;
    case DIALOG_UNTRY:
        u->dialog.trying = false;
        return EFFECT_UNTRY;
    case DIALOG_CONFIRM:
        return EFFECT_CONFIRM;
    case DIALOG_CANCEL:
        dialog_close(&u->dialog);
        return EFFECT_NONE;
    default:
        return EFFECT_NONE;
    }
}

/* All keys are the agent's, but the chord; who only looks has a few. */
static enum effect tether_key(struct ui *u, uint32_t key, bool pasted)
{
    if (key == TETHER_CHORD && !pasted)
        return EFFECT_DETACH;
    if (u->tether.you && !u->tether.ended) {
        u->tether.key = key;
        return EFFECT_TYPED;
    }
    if (pasted)
        return EFFECT_NONE;
    if (key == 'T' && !u->tether.ended)
        return EFFECT_TAKE;
    return key == 'q' || key == TERM_KEY_ESCAPE ? EFFECT_DETACH : EFFECT_NONE;
}

/* A process has one terminal, an agent elsewhere several ways. */
static enum effect tether(struct ui *u)
{
    const struct agent *a = store_agent(u->st, keymap_subject(u, KIND_AGENT));

    if (!action_live(u, ACTION_TETHER))
        return EFFECT_NONE;
    if (!u->cluster && agent_local(a))
        return EFFECT_TETHER;
    reach_open(&u->reach, a->ns, a->name, u->read_only || !u->acts);
    ui_open_page(u, PAGE_REACH);
    return EFFECT_NONE;
}

static enum effect reach_effect(struct ui *u, uint32_t key, bool pasted)
{
    if (key == ('c' & 0x1f) && !pasted)
        return EFFECT_QUIT;
    switch (reach_key(&u->reach, u->st, key, pasted)) {
    case REACH_GO:
        return EFFECT_REACH;
    case REACH_END:
        return EFFECT_UNREACH;
    case REACH_LEAVE:
        ui_close_page(u);
        return EFFECT_NONE;
    default:
        return EFFECT_NONE;
    }
}

static enum effect other(struct ui *u, enum action a, int64_t now_ms)
{
    switch (a) {
    case ACTION_ZOOM:
        u->zoom = !u->zoom && u->page == PAGE_NONE;
        break;
    case ACTION_SORT:
        sort(u);
        break;
    case ACTION_GROUP:
    case ACTION_LEFT:
    case ACTION_RIGHT:
        heat_key(u, a);
        break;
    case ACTION_EXPLAIN:
        if (u->page == PAGE_EXPLAIN || action_live(u, ACTION_EXPLAIN))
            toggle(u, PAGE_EXPLAIN);
        break;
    case ACTION_COMMAND:
        u->commanding = true;
        break;
    case ACTION_OBJECTS:
        roster_show(&u->roster, 0);
        if (u->page == PAGE_OBJECTS || action_live(u, ACTION_OBJECTS))
            toggle(u, PAGE_OBJECTS);
        break;
    case ACTION_HELP:
        toggle(u, PAGE_HELP);
        break;
    case ACTION_FREEZE:
        freeze(u, now_ms);
        break;
    case ACTION_APPROVE:
    case ACTION_REJECT:
    case ACTION_OVERRIDE:
    case ACTION_PROPOSE:
    case ACTION_SPAWN:
    case ACTION_DEPOSIT:
    case ACTION_SCALE:
    case ACTION_RESTART:
    case ACTION_PAUSE:
    case ACTION_SAY:
    case ACTION_KILL:
    case ACTION_MERGE:
    case ACTION_OBJECTIVE:
    case ACTION_UNFREEZE:
    case ACTION_UNDO:
        return begin_act(u, a, now_ms);
    case ACTION_TETHER:
        return tether(u);
    case ACTION_MARK:
        mark(u);
        break;
    case ACTION_MARK_ALL:
        mark_all(u, now_ms);
        break;
    case ACTION_RECEIPTS:
        if (action_live(u, a))
            toggle(u, PAGE_RECEIPTS);
        break;
    case ACTION_HALT:
        if (denied(u, a, now_ms) || !action_live(u, a))
            break;
        ui_open_page(u, PAGE_HALT);
        halt_choose(u, 0);
        break;
    case ACTION_YAML:
        if (!action_live(u, ACTION_YAML))
            break;
        u->yaml_wanted = u->yaml_waits = true;
        u->page_top = 0;
        error_clear(&u->yaml_error);
        return EFFECT_FETCH;
    case ACTION_RETRY:
        return EFFECT_RETRY;
    case ACTION_REDRAW:
        return EFFECT_REDRAW;
    case ACTION_SUSPEND:
        return EFFECT_SUSPEND;
    case ACTION_QUIT:
        return EFFECT_QUIT;
    default:
        break;
    }
    return EFFECT_NONE;
}

static enum effect act(struct ui *u, enum action a, int64_t now_ms)
{
    switch (a) {
    case ACTION_UP:
        move(u, -1);
        break;
    case ACTION_DOWN:
        move(u, 1);
        break;
    case ACTION_PAGE_UP:
        move(u, -page_size(u));
        break;
    case ACTION_PAGE_DOWN:
        move(u, page_size(u));
        break;
    case ACTION_FIRST:
        move(u, -INT32_MAX);
        break;
    case ACTION_LAST:
        move(u, INT32_MAX);
        break;
    case ACTION_OPEN:
        return open_selected(u);
    case ACTION_BACK:
        back(u);
        break;
    case ACTION_NEXT:
    case ACTION_PREVIOUS:
        if (u->page == PAGE_GRAPH) {
            u->graph_at = (struct graph_cursor){.writes = !u->graph_at.writes};
            return EFFECT_LOOK;
        }
        next(u, a == ACTION_NEXT ? 1 : -1);
        break;
    case ACTION_FURTHER:
    case ACTION_NEARER:
        if (!action_live(u, a))
            break;
        u->graph_depth += a == ACTION_FURTHER ? 1 : -1;
        return EFFECT_DEPTH;
    case ACTION_PANE_1:
    case ACTION_PANE_2:
    case ACTION_PANE_3:
    case ACTION_PANE_4:
        focus(u, PANE_AGENTS + (int)(a - ACTION_PANE_1));
        break;
    case ACTION_FILTER:
        begin_filter(u);
        break;
    default:
        return other(u, a, now_ms);
    }
    return EFFECT_NONE;
}

enum effect control_key(struct ui *u, uint32_t key, bool pasted,
                        int64_t now_ms)
{
    if (u->wall) /* the wall has no keys but the ones that end it */
        return key == 'q' || key == ('c' & 0x1f) ? EFFECT_QUIT : EFFECT_NONE;
    if (u->page == PAGE_TETHER)
        return tether_key(u, key, pasted);
    if (u->page == PAGE_REACH && !u->dialog.open)
        return reach_effect(u, key, pasted);
    if (u->dialog.open)
        return dialog_effect(u, key, pasted, now_ms);
    if (u->commanding) {
        if (!pasted && key == ('c' & 0x1f))
            return EFFECT_QUIT;
        return command_key(u, key, pasted, now_ms);
    }
    if (u->prompt) {
        if (!pasted && key == ('c' & 0x1f))
            return EFFECT_QUIT;
        prompt_key(u, key, pasted);
        return EFFECT_NONE;
    }
    if (pasted)
        return EFFECT_NONE;
    if (u->page == PAGE_HALT)
        return halt_key(u, key);
    if (key == TERM_KEY_ENTER && u->gate != NULL && gate_held(u->gate) > 0)
        return EFFECT_RELEASE;
    return act(u, keymap_on(u, key), now_ms);
}
