#include "config.h"

#include "widgets/ui.h"

#include <stdio.h>
#include <string.h>

#define MANY_SIGNALS 4000

void ui_init(struct ui *u, struct store *st)
{
    memset(u, 0, sizeof *u);
    u->st = st;
    u->agents = view_create(st, KIND_AGENT, SORT_ACTIVITY);
    u->proposals = view_create(st, KIND_PROPOSAL, SORT_COST);
    u->focus = PANE_AGENTS;
    u->agent_list.slot = u->proposal_list.slot = SLOT_NONE;
    u->thoughts_follow = true;
    buf_init(&u->yaml, 16u << 20);
}

void ui_finish(struct ui *u)
{
    view_destroy(u->agents);
    view_destroy(u->proposals);
    filter_destroy(u->thought_filter);
    buf_finish(&u->yaml);
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

/* With many signals the map is computed anew at most once a second. */
static void compute_heat(struct ui *u, int64_t now_ms)
{
    bool many = u->st->pheromones.live > MANY_SIGNALS;
    int64_t age = now_ms - u->heat_ms;

    if (u->heat_ms != 0 && many && age >= 0 && age < 1000)
        return;
    if (u->heat_ms != 0 && !many && age >= 0 && age < 1000 &&
        u->heat_gen == u->st->gen[KIND_PHEROMONE])
        return;
    heat_compute(u->st, u->heat_by, now_ms, &u->heat);
    u->heat_ms = now_ms;
    u->heat_gen = u->st->gen[KIND_PHEROMONE];
}

static void fit_heat_cursor(struct ui *u)
{
    int columns = 0;

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
        fit_heat_cursor(u);
        break;
    case PANE_THOUGHTS:
        move_thoughts(u, by);
        break;
    default:
        break;
    }
}

bool ui_filter(struct ui *u)
{
    enum kind kind = u->focus == PANE_PROPOSALS ? KIND_PROPOSAL
                     : u->focus == PANE_THOUGHTS ? KIND_EVENT
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
    memcpy(u->filter_text[u->focus], u->prompt_text, sizeof u->prompt_text);
    switch (u->focus) {
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

const struct agent *ui_target_agent(const struct ui *u)
{
    return store_agent(u->st, store_find(u->st, KIND_AGENT,
                                         span_of(u->target.ns),
                                         span_of(u->target.name)));
}

const struct proposal *ui_target_proposal(const struct ui *u)
{
    return store_proposal(u->st, store_find(u->st, KIND_PROPOSAL,
                                            span_of(u->target.ns),
                                            span_of(u->target.name)));
}

static void open_page(struct ui *u, enum page page, enum kind kind,
                      const char *ns, const char *name)
{
    u->page = page;
    u->page_top = 0;
    u->target.kind = kind;
    snprintf(u->target.ns, sizeof u->target.ns, "%s", ns);
    snprintf(u->target.name, sizeof u->target.name, "%s", name);
    buf_clear(&u->yaml);
    error_clear(&u->yaml_error);
    u->yaml_wanted = u->yaml_waits = false;
}

void ui_open_agent(struct ui *u, uint32_t slot)
{
    const struct agent *a = store_agent(u->st, slot);

    if (a == NULL)
        return;
    open_page(u, PAGE_DETAIL, KIND_AGENT, a->ns, a->name);
    memcpy(u->target.uid, a->uid, 16);
}

void ui_open_proposal(struct ui *u, uint32_t slot)
{
    const struct proposal *p = store_proposal(u->st, slot);

    if (p == NULL)
        return;
    open_page(u, PAGE_DECISION, KIND_PROPOSAL, p->ns, p->name);
    memcpy(u->target.uid, p->uid, 16);
}

void ui_close_page(struct ui *u)
{
    u->page = PAGE_NONE;
    buf_shrink(&u->yaml, 0);
    u->yaml_wanted = u->yaml_waits = false;
}

int ui_visible_agents(const struct ui *u, uint32_t *slots, int max)
{
    uint32_t slot;
    int n = 0;

    if (u->page == PAGE_DETAIL && u->target.kind == KIND_AGENT) {
        slot = store_find(u->st, KIND_AGENT, span_of(u->target.ns),
                          span_of(u->target.name));
        if (slot != SLOT_NONE && n < max)
            slots[n++] = slot;
    }
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
