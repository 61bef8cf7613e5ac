#include "config.h"

#include "widgets/ui.h"

#include "widgets/log_view.h"

#include "base/xalloc.h"

#include "widgets/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAT_EVERY_MS 1000

void ui_init(struct ui *u, struct store *st)
{
    memset(u, 0, sizeof *u);
    u->st = st;
    u->agents = view_create(st, KIND_AGENT, SORT_ACTIVITY);
    u->proposals = view_create(st, KIND_PROPOSAL, SORT_COST);
    u->focus = PANE_AGENTS;
    u->agent_list.slot = u->proposal_list.slot = SLOT_NONE;
    u->thoughts_follow = true;
    u->link_at = -1;
    u->graph_depth = 1;
    u->graph_node = -1;
    buf_init(&u->yaml, 16u << 20);
    /* large and seldom used: not touched before they are */
    dialog_init(&u->dialog);
    u->marks = xcalloc(DIALOG_MANY, sizeof *u->marks);
    u->presets = xcalloc(PRESETS_MAX, sizeof *u->presets);
}

void ui_finish(struct ui *u)
{
    log_view_destroy(u->logs);
    dialog_finish(&u->dialog);
    free(u->marks);
    free(u->presets);
    heat_clear(u->st, &u->heat);
    view_destroy(u->agents);
    view_destroy(u->proposals);
    filter_destroy(u->thought_filter);
    buf_finish(&u->yaml);
    free(u->links);
    roster_finish(&u->roster);
}

static bool list_alive(const struct ui *u, enum kind kind, uint32_t slot)
{
    return kind == KIND_AGENT ? store_agent(u->st, slot) != NULL
                              : store_proposal(u->st, slot) != NULL;
}

/* Follows the selected row; when it has gone, what took its place. */
static void follow(struct ui *u, struct list_state *l, struct view *v,
                   enum kind kind)
{
    uint32_t n = view_count(v), rank = SLOT_NONE;

    if (!l->moved)
        l->slot = view_at(v, 0);
    if (l->slot != SLOT_NONE && list_alive(u, kind, l->slot))
        rank = view_rank(v, l->slot);
    if (rank == SLOT_NONE) {
        rank = l->rank < n ? l->rank : n > 0 ? n - 1 : 0;
        l->slot = view_at(v, rank);
    }
    l->rank = rank;
}

static void find_oldest(struct ui *u, int64_t now_ms)
{
    int64_t oldest = 0;

    if (u->oldest_gen == u->st->gen[KIND_PROPOSAL] ||
        (now_ms - u->oldest_at_ms < 1000 && u->oldest_at_ms <= now_ms &&
         u->oldest_at_ms != 0 && u->st->proposals.live > 200))
        return;
    for (uint32_t i = 0; i < u->st->proposals.used; i++) {
        const struct proposal *p = store_proposal(u->st, i);

        if (p != NULL && proposal_open(p) && p->created_ms > 0 &&
            (oldest == 0 || p->created_ms < oldest))
            oldest = p->created_ms;
    }
    u->oldest_open_ms = oldest;
    u->oldest_gen = u->st->gen[KIND_PROPOSAL];
    u->oldest_at_ms = now_ms;
}

int64_t ui_heat_due(const struct ui *u)
{
    int64_t least = u->st->pheromones.live;

    if (u->heat_gen == u->st->gen[KIND_PHEROMONE])
        return INT64_MAX;
    return u->heat_ms + (least < HEAT_EVERY_MS ? least : HEAT_EVERY_MS);
}

/*
 * The map is computed anew each second, since signals decay; before that only
 * if one came or went, and not sooner than a millisecond for each signal.
 */
static void compute_heat(struct ui *u, int64_t now_ms)
{
    bool news = u->heat_gen != u->st->gen[KIND_PHEROMONE];
    int64_t due = news ? ui_heat_due(u) : u->heat_ms + HEAT_EVERY_MS;

    if (u->heat_ms != 0 && now_ms >= u->heat_ms && now_ms < due)
        return;
    heat_compute(u->st, u->heat_by, now_ms, &u->heat);
    u->heat_ms = now_ms;
    u->heat_gen = u->st->gen[KIND_PHEROMONE];
}

const struct heat_row *ui_heat_at(const struct ui *u, enum signal *type)
{
    int n = 0;

    *type = SIGNAL_COUNT;
    for (int s = 0; s < SIGNAL_COUNT; s++)
        if (u->heat.present[s] && n++ == u->heat_col)
            *type = (enum signal)s;
    return u->heat_row < u->heat.count ? &u->heat.rows[u->heat_row] : NULL;
}

/* The strongest cell of the strongest row, until the user moves. */
static void begin_heat_cursor(struct ui *u)
{
    float best = 0;
    int column = 0;

    u->heat_row = u->heat_col = 0;
    for (int s = 0; s < SIGNAL_COUNT && u->heat.count > 0; s++) {
        if (!u->heat.present[s])
            continue;
        if (u->heat.rows[0].cells[s].value > best) {
            best = u->heat.rows[0].cells[s].value;
            u->heat_col = column;
        }
        column++;
    }
}

static void fit_heat_cursor(struct ui *u)
{
    int columns = 0;
    enum signal type;
    const struct heat_row *row = ui_heat_at(u, &type);
    bool empty = row == NULL || type == SIGNAL_COUNT ||
                 row->cells[type].count == 0;

    /* once looked at it stays, unless there is nothing */
    if (!u->heat_moved && (u->focus != PANE_HEAT || empty))
        begin_heat_cursor(u);

    for (int s = 0; s < SIGNAL_COUNT; s++)
        columns += u->heat.present[s];
    if (u->heat_row >= u->heat.count)
        u->heat_row = u->heat.count > 0 ? u->heat.count - 1 : 0;
    if (u->heat_col >= columns)
        u->heat_col = columns > 0 ? columns - 1 : 0;
}

void ui_settle(struct ui *u, int64_t now_ms, bool hold)
{
    store_settle(u->st, now_ms);
    view_settle(u->agents, now_ms, hold);
    view_settle(u->proposals, now_ms, hold || u->page == PAGE_DECISION);
    follow(u, &u->agent_list, u->agents, KIND_AGENT);
    follow(u, &u->proposal_list, u->proposals, KIND_PROPOSAL);
    compute_heat(u, now_ms);
    fit_heat_cursor(u);
    find_oldest(u, now_ms);
    if (u->page == PAGE_OBJECTS)
        roster_settle(&u->roster, u->st, now_ms);
}

static void move_list(struct list_state *l, struct view *v, int by)
{
    int64_t rank = (int64_t)l->rank + by, last = (int64_t)view_count(v) - 1;

    rank = rank > last ? last : rank;
    rank = rank < 0 ? 0 : rank;
    l->moved = rank > 0;
    l->rank = (uint32_t)rank;
    l->slot = view_at(v, l->rank);
}

static void move_thoughts(struct ui *u, int by)
{
    int64_t back = (int64_t)u->thoughts_back - by;
    int64_t most = (int64_t)thoughts_count(&u->st->thoughts);

    back = back > most ? most : back < 0 ? 0 : back;
    if (back > 0 && u->thoughts_follow) {
        u->thoughts_follow = false;
        u->thoughts_seen = u->st->thoughts.seq;
    }
    u->thoughts_back = (uint32_t)back;
    if (back == 0)
        u->thoughts_follow = true;
}

void ui_move(struct ui *u, int by)
{
    switch (u->focus) {
    case PANE_AGENTS:
        move_list(&u->agent_list, u->agents, by);
        break;
    case PANE_PROPOSALS:
        move_list(&u->proposal_list, u->proposals, by);
        break;
    case PANE_HEAT:
        by = by > HEAT_ROWS ? HEAT_ROWS : by < -HEAT_ROWS ? -HEAT_ROWS : by;
        u->heat_row = u->heat_row + by < 0 ? 0 : u->heat_row + by;
        u->heat_moved = true;
        fit_heat_cursor(u);
        break;
    case PANE_THOUGHTS:
        move_thoughts(u, by);
        break;
    default:
        break;
    }
}

enum pane ui_filtered(const struct ui *u)
{
    return u->page == PAGE_OBJECTS ? PANE_OBJECTS : u->focus;
}

bool ui_filter(struct ui *u)
{
    enum pane pane = ui_filtered(u);
    enum kind kind = pane == PANE_PROPOSALS  ? KIND_PROPOSAL
                     : pane == PANE_THOUGHTS ? KIND_EVENT
                     : pane == PANE_OBJECTS  ? KIND_POD
                                             : KIND_AGENT;
    struct filter *f;

    error_clear(&u->prompt_error);
    f = filter_create(kind, u->prompt_text, strlen(u->prompt_text),
                      &u->prompt_error);
    if (f == NULL)
        return false;
    if (u->prompt_text[0] == '\0') {
        filter_destroy(f);
        f = NULL;
    }
    memcpy(u->filter_text[pane], u->prompt_text, sizeof u->prompt_text);
    switch (pane) {
    case PANE_AGENTS:
        view_set_filter(u->agents, f);
        break;
    case PANE_PROPOSALS:
        view_set_filter(u->proposals, f);
        break;
    case PANE_THOUGHTS:
        filter_destroy(u->thought_filter);
        u->thought_filter = f;
        break;
    case PANE_OBJECTS:
        roster_set_filter(&u->roster, f);
        break;
    default:
        filter_destroy(f);
        break;
    }
    return true;
}

uint32_t ui_open_count(const struct ui *u)
{
    uint32_t lo = 0, hi = view_count(u->proposals);

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct proposal *p =
            store_proposal(u->st, view_at(u->proposals, mid));

        if (p != NULL && proposal_open(p))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

uint32_t ui_target_slot(const struct ui *u)
{
    return target_slot(&u->target, u->st);
}

void ui_object(const struct ui *u, struct target *ret)
{
    const struct agent *a = ui_target_agent(u);
    const struct workload *root, *w;

    *ret = u->target;
    if (a == NULL || (a->origin != AGENT_ORIGIN_FRACTA &&
                      a->origin != AGENT_ORIGIN_QGENT))
        return;
    root = store_workload(u->st, a->root);
    w = root != NULL ? store_workload(u->st, root->child) : NULL;
    if (w != NULL)
        target_set(ret, u->st, w->kind, root->child);
}

enum graph_topic ui_graph_topic(const struct ui *u, const char **ret_about)
{
    const struct target *of = &u->target;
    enum page page = u->page;

    if (page == PAGE_GRAPH && u->trail_count > 0) {
        of = &u->trail[u->trail_count - 1].target;
        page = u->trail[u->trail_count - 1].page;
    }
    *ret_about = of->name;
    if (page != PAGE_DETAIL || u->graph == NULL)
        return GRAPH_TOPIC_NONE;
    if (of->kind == KIND_OBJECTIVE)
        return GRAPH_TOPIC_EVIDENCE;
    return of->kind == KIND_AGENT && strcmp(of->ns, u->graph->ns) == 0
               ? GRAPH_TOPIC_WRITTEN
               : GRAPH_TOPIC_NONE;
}

const struct agent *ui_target_agent(const struct ui *u)
{
    return u->target.kind == KIND_AGENT
               ? store_agent(u->st, ui_target_slot(u))
               : NULL;
}

const struct proposal *ui_target_proposal(const struct ui *u)
{
    return u->target.kind == KIND_PROPOSAL
               ? store_proposal(u->st, ui_target_slot(u))
               : NULL;
}

static void forget_yaml(struct ui *u)
{
    buf_shrink(&u->yaml, 0);
    error_clear(&u->yaml_error);
    u->yaml_wanted = u->yaml_waits = false;
}

/* The page that is left can be come back to; the oldest is forgotten. */
void ui_open_page(struct ui *u, enum page page)
{
    if (u->page != PAGE_NONE) {
        if (u->trail_count == TRAIL_MAX)
            memmove(u->trail, u->trail + 1,
                    --u->trail_count * sizeof *u->trail);
        u->trail[u->trail_count++] = (struct crumb){
            u->page, u->target, u->link, u->page_top, u->link_at};
    }
    u->page = page;
    u->page_top = 0;
    u->link_at = -1;
    u->link_count = 0;
    forget_yaml(u);
}

void ui_open(struct ui *u, enum kind kind, uint32_t slot)
{
    struct target target;

    if (!target_set(&target, u->st, kind, slot))
        return;
    ui_open_page(u, kind == KIND_PROPOSAL && u->page != PAGE_DECISION
                        ? PAGE_DECISION
                        : PAGE_DETAIL);
    u->target = target;
}

void ui_close_page(struct ui *u)
{
    forget_yaml(u);
    u->page = PAGE_NONE;
    u->link_at = -1;
    u->link_count = 0;
    if (u->trail_count > 0) {
        const struct crumb *c = &u->trail[--u->trail_count];

        u->page = c->page;
        u->target = c->target;
        u->link = c->link;
        u->link_at = c->link_at;
        u->page_top = c->top;
    }
}

static void choose_link(struct ui *u, int at)
{
    const struct line_link *l = &u->links[at];

    if (l->kind == KIND_COUNT)
        u->link = target_node(l->node);
    else if (!target_set(&u->link, u->st, l->kind, l->slot))
        return;
    u->link_at = at;
}

static bool link_is(const struct ui *u, int at)
{
    const struct line_link *l = &u->links[at];

    if (l->kind == KIND_COUNT)
        return target_is_node(&u->link) && u->link.node == l->node;
    return target_is(&u->link, u->st, l->kind, l->slot);
}

void ui_take_links(struct ui *u, struct lines *l)
{
    int n = l->link_count, at = u->link_at < n ? u->link_at : n - 1;

    free(u->links);
    u->links = l->links;
    u->link_count = n;
    l->links = NULL;
    l->link_count = l->link_room = 0;
    u->link_at = -1;
    if (at < 0) { /* nothing to do but to choose: the first */
        if (n > 0 && u->page == PAGE_SIGNALS)
            choose_link(u, 0);
        return;
    }
    for (int i = 0; i < n && !link_is(u, at); i++) {
        if (link_is(u, i)) {
            at = i;
            break;
        }
    }
    choose_link(u, at);
}

bool ui_link_seen(const struct ui *u)
{
    int line;

    if (u->link_at < 0 || u->link_at >= u->link_count)
        return false;
    line = u->links[u->link_at].line;
    return line >= u->page_top && line < u->page_top + u->page_room;
}

/* The one to begin with: what is on screen. */
static int first_link(const struct ui *u, int by)
{
    int at = by > 0 ? 0 : u->link_count - 1;

    while (by > 0 && at < u->link_count - 1 &&
           u->links[at].line < u->page_top)
        at++;
    while (by < 0 && at > 0 &&
           u->links[at].line >= u->page_top + u->page_room)
        at--;
    return at;
}

void ui_step_link(struct ui *u, int by, bool round)
{
    int64_t at = (int64_t)u->link_at + by;
    int n = u->link_count, line;

    if (n == 0)
        return;
    if (u->link_at < 0)
        at = first_link(u, by);
    else if (round)
        at = (at + n) % n;
    choose_link(u, (int)(at < 0 ? 0 : at >= n ? n - 1 : at));
    line = u->links[u->link_at < 0 ? 0 : u->link_at].line;
    if (line < u->page_top)
        u->page_top = line;
    else if (line + 2 >= u->page_top + u->page_room) /* and what it says */
        u->page_top = line + 3 - u->page_room;
}

int ui_visible_agents(const struct ui *u, uint32_t *slots, int max)
{
    uint32_t slot;
    int n = 0;

    if (u->page == PAGE_DETAIL)
        n = page_agents(u->st, u->target.kind, ui_target_slot(u), slots, max);
    if (u->agent_list.slot != SLOT_NONE && n < max)
        slots[n++] = u->agent_list.slot;
    if (max > n + u->agents_shown)
        max = n + u->agents_shown;
    slot = view_at(u->agents, u->agent_list.top);
    for (; slot != SLOT_NONE && n < max; slot = view_next(u->agents, slot))
        if (slot != u->agent_list.slot)
            slots[n++] = slot;
    return n;
}

static int mark_at(const struct ui *u, enum kind kind, uint32_t slot)
{
    for (int i = 0; i < u->mark_count; i++)
        if (target_is(&u->marks[i], u->st, kind, slot))
            return i;
    return -1;
}

bool ui_marked(const struct ui *u, enum kind kind, uint32_t slot)
{
    return mark_at(u, kind, slot) >= 0;
}

bool ui_mark(struct ui *u, enum kind kind, uint32_t slot)
{
    int i = mark_at(u, kind, slot);

    if (i >= 0) {
        u->marks[i] = u->marks[--u->mark_count];
        return true;
    }
    /* one bulk plan is about rows of one kind */
    if (u->mark_count > 0 && u->marks[0].kind != kind)
        u->mark_count = 0;
    if (u->mark_count == DIALOG_MANY)
        return false;
    if (target_set(&u->marks[u->mark_count], u->st, kind, slot))
        u->mark_count++;
    return true;
}

bool ui_mark_all(struct ui *u, enum kind kind)
{
    struct view *v = kind == KIND_AGENT ? u->agents : u->proposals;
    int had = u->mark_count;
    bool fit = true;

    if (had > 0 && u->marks[0].kind != kind)
        u->mark_count = had = 0;
    for (uint32_t i = 0; i < view_count(v) && fit; i++) {
        uint32_t slot = view_at(v, i);

        if (kind == KIND_PROPOSAL &&
            !proposal_open(store_proposal(u->st, slot)))
            continue;
        if (!ui_marked(u, kind, slot))
            fit = ui_mark(u, kind, slot);
    }
    if (fit && u->mark_count == had) /* all were */
        u->mark_count = 0;
    return fit;
}
