#include "config.h"

#include "base/when.h"
#include "data/decay.h"
#include "data/delay.h"
#include "data/health.h"
#include "widgets/work.h"
#include "widgets/keymap.h"
#include "widgets/look.h"
#include "widgets/page.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

/* The smaller pages: signals behind a cell, explanation, help. */

static struct rect centred(struct rect r, int w, int h)
{
    if (w > r.w)
        w = r.w;
    if (h > r.h)
        h = r.h;
    return (struct rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
}

static void show(struct canvas *c, struct rect r, struct rect k,
                 struct ui *u, const char *title, const char *note,
                 struct lines *l)
{
    struct rect in = rect_inset(k, 3, 1);

    canvas_dim(c, r);
    canvas_fill(c, k, ROLE_BACK);
    canvas_box(c, k, 0, title, note, true);
    page_show(c, in, u, l);
}

static void signal_lines(struct lines *l, const struct store *st,
                         uint32_t slot, int64_t now_ms)
{
    const struct pheromone *p = store_pheromone(st, slot);
    double v = decay_now(p, now_ms), half = decay_half_life_ms(p);
    int64_t end = decay_ends(p);
    char age[12], halves[12], left[12] = "";

    when_age((int64_t)half, halves, sizeof halves);
    if (end != MOMENT_NEVER)
        when_age(end > now_ms ? end - now_ms : 0, left, sizeof left);
    lines_next(l);
    lines_link(l, KIND_PHEROMONE, slot);
    lines_meter(l, 0, 10, v, role_heat(0.3 + v * 0.7));
    lines_fmt(l, 12, 5, ROLE_TEXT, CELL_BOLD, "%.2f", v);
    lines_fmt(l, 18, 13, ROLE_DIM, 0, "%s",
              p->other_type ? p->other_type
                            : signal_name((enum signal)p->type));
    lines_fmt(l, 32, 0, ROLE_TEXT, 0, "%s → %s", p->source ? p->source : "?",
              p->target ? p->target : "all");
    lines_next(l);
    if (half > 0)
        lines_fmt(l, 12, 0, ROLE_DIM, 0,
                  "laid %s ago at %.2f, halves every %s, %s%s",
                  look_age(p->emitted_ms, now_ms, age), (double)p->initial,
                  halves, left[0] ? "gone in " : "stays", left);
    else
        lines_fmt(l, 12, 0, ROLE_WAIT, 0, "does not fade: %s%s%s",
                  p->old_schema    ? "object of the first schema"
                  : p->emitted_bad ? "its emittedAt is no date"
                                   : "no emittedAt was given",
                  left[0] ? "; ends by its ttl in " : "", left);
    if (p->payload != NULL) {
        lines_next(l);
        lines_add(l, 12, 0, ROLE_TEXT, 0, p->payload, strlen(p->payload));
    }
}

void signals_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms)
{
    enum signal type;
    const struct heat_row *row = ui_heat_at(u, &type);
    uint32_t slots[64];
    struct lines l;
    char note[80];
    int n, tall;

    lines_init(&l);
    n = row ? heat_signals(u->st, u->heat_by, row->name, type, now_ms, slots,
                           64)
            : 0;
    for (int i = 0; i < n; i++)
        signal_lines(&l, u->st, slots[i], now_ms);
    if (n == 0)
        lines_fmt(&l, 0, 0, ROLE_DIM, 0, "no signal stands behind this cell");
    snprintf(note, sizeof note, "%s · %d signal%s",
             type < SIGNAL_COUNT ? signal_name(type) : "all", n,
             n == 1 ? "" : "s");
    tall = l.count + 3 < 8 ? 8 : l.count + 3;
    show(c, r, centred(r, 96, tall > r.h - 4 ? r.h - 4 : tall), u,
         row && row->name[0] ? row->name : "signals", note, &l);
}

void budgets_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms)
{
    struct lines l;

    lines_init(&l);
    budgets_lines(&l, u->st, now_ms);
    show(c, r, r, u, "budgets", "what may be spent, and what was", &l);
}

static void explain_agent(struct lines *l, const struct ui *u, int64_t now_ms)
{
    const struct agent *a = store_agent(u->st, u->agent_list.slot);
    struct testimony t[HEALTH_TESTIMONIES];
    struct verdict v;
    char age[12];
    int n;

    if (a == NULL)
        return;
    health_judge(a, now_ms, &v);
    n = health_explain(a, now_ms, t);
    lines_fmt(l, 0, 0, look_state(v.state).role, CELL_BOLD, "%s is %s",
              a->name, agent_state_name(v.state));
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TEXT, 0, "%s", v.why);
    lines_next(l);
    for (int i = 0; i < n; i++) {
        lines_next(l);
        lines_fmt(l, 0, 1, ROLE_FOCUS, CELL_BOLD, "%s",
                  t[i].decided ? "›" : " ");
        lines_fmt(l, 2, 11, ROLE_DIM, 0, "%s", t[i].source);
        lines_fmt(l, 14, 0, t[i].decided ? ROLE_TEXT : ROLE_DIM, 0,
                  t[i].at_ms ? "%s (%s ago)" : "%s", t[i].said,
                  look_age(t[i].at_ms, now_ms, age));
    }
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_DIM, 0,
              "what runs outranks what is written, what it says outranks "
              "that it runs");
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_DIM, 0,
              "activity %.2f: each event counts 1 and halves every minute",
              activity_now(&a->act, now_ms));
}

static void explain_proposal(struct lines *l, const struct ui *u,
                             int64_t now_ms)
{
    const struct proposal *p = store_proposal(u->st, u->proposal_list.slot);
    const char *obstacle;

    if (p == NULL)
        return;
    obstacle = proposal_obstacle(p);
    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "%s", p->title);
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TEXT, 0,
              "cost of delay %.2f = 8 × urgency + 2 × blocked (%u) + 3 × risk "
              "(%.2f) + age",
              delay_cost(p, now_ms), p->blocked, (double)p->risk.total);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_DIM, 0,
              "urgency by its deadline: 3 within 5m, 2 within 30m, 1 within 2h");
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_DIM, 0, "blocked: its proposer and the agent it "
                                    "is about, where they are known");
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TEXT, 0,
              "risk %.2f = %.2f × %.2f × %.2f × %.2f, %s", (double)p->risk.total,
              (double)p->risk.base, 1 + (double)p->risk.velocity,
              (double)p->risk.magnitude, (double)p->risk.tests,
              p->risk.by_operator ? "by the operator"
                                  : "computed here: the operator has not (~)");
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, obstacle ? ROLE_WAIT : ROLE_GOOD, 0, "%s",
              obstacle ? obstacle : "one approval is enough");
}

static void explain_cell(struct lines *l, const struct ui *u, int64_t now_ms)
{
    enum signal type;
    const struct heat_row *row = ui_heat_at(u, &type);
    const struct heat_cell *cell;
    uint32_t slot;

    if (row == NULL || type == SIGNAL_COUNT)
        return;
    cell = &row->cells[type];
    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "%s × %s: %.2f", row->name,
              signal_name(type), (double)cell->value);
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TEXT, 0,
              "the strongest of %u signal%s now; Σ counts each one",
              cell->count, cell->count == 1 ? "" : "s");
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_DIM, 0,
              "intensity = initial × 0.5^(age / half-life); DREAM lives twice "
              "as long; below 0.01 it is gone");
    if (heat_signals(u->st, u->heat_by, row->name, type, now_ms, &slot, 1) ==
        1) {
        lines_next(l);
        signal_lines(l, u->st, slot, now_ms);
    }
}

static void explain(struct lines *l, const struct ui *u, int64_t now_ms)
{
    if (u->focus == PANE_PROPOSALS)
        explain_proposal(l, u, now_ms);
    else if (u->focus == PANE_HEAT)
        explain_cell(l, u, now_ms);
    else
        explain_agent(l, u, now_ms);
}

void explain_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms)
{
    struct lines l;

    lines_init(&l);
    explain(&l, u, now_ms);
    show(c, r, centred(r, 100, l.count + 2 < 8 ? 8 : l.count + 2), u,
         "why is it so", "e closes", &l);
}

void help_draw(struct canvas *c, struct rect r, struct ui *u)
{
    enum page page = u->page;
    struct lines l;
    char why[200];
    bool denied;

    lines_init(&l);
    /* what would be live behind this page */
    u->page = u->trail_count > 0 ? u->trail[u->trail_count - 1].page
                                 : PAGE_NONE;
    for (int a = 1; a < ACTION_COUNT; a++) {
        const struct action_row *row = action_row((enum action)a);
        bool live = action_live(u, (enum action)a);

        lines_next(&l);
        lines_fmt(&l, 0, 11, live ? ROLE_KEY : ROLE_FAINT, CELL_BOLD, "%s",
                  row->keys);
        denied = keymap_denied(u, (enum action)a, why, sizeof why);
        lines_fmt(&l, 12, 0, live ? ROLE_TEXT : ROLE_FAINT, 0, "%s%s%s",
                  row->help, denied ? ": " : "", denied ? why : "");
    }
    u->page = page;
    lines_next(&l);
    lines_next(&l);
    lines_fmt(&l, 0, 0, ROLE_DIM, 0,
              u->acts && !u->read_only
                  ? "grey keys do nothing here and now"
                  : "grey keys do nothing here and now; this console only "
                    "reads");
    show(c, r, centred(r, 104, ACTION_COUNT + 4), u, "keys", "? closes", &l);
}
