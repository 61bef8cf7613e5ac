#include "config.h"

#include "data/delay.h"
#include "widgets/empty.h"
#include "widgets/look.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"

#include <stdio.h>
#include <string.h>

/*
 * Rows on screen: the open ones, a blank and a head, the decided ones. A
 * line's number is that of this virtual list.
 */
struct rows {
    uint32_t open, all, lines;
};

static struct rows count_rows(const struct ui *u)
{
    struct rows n = {ui_open_count(u), view_count(u->proposals), 0};

    n.lines = n.all + (n.all > n.open ? (n.open > 0 ? 2 : 1) : 0);
    return n;
}

static uint32_t gap(const struct rows *n)
{
    return n->open > 0 ? 2 : 1;
}

static uint32_t line_of(const struct rows *n, uint32_t rank)
{
    return rank < n->open ? rank : rank + gap(n);
}

static void draw_tgent(struct canvas *c, int x, int y, const struct proposal *p)
{
    switch (p->tgent) {
    case TGENT_PASSED:
        canvas_glyph(c, x, y, GLYPH_CHECK, ROLE_GOOD, 0);
        canvas_str(c, x + 2, y, "pass", ROLE_GOOD, 0);
        break;
    case TGENT_FAILED:
        canvas_glyph(c, x, y, GLYPH_FAILED, ROLE_BAD, 0);
        canvas_str(c, x + 2, y, "fail", ROLE_BAD, 0);
        break;
    case TGENT_PENDING:
        canvas_glyph(c, x, y, GLYPH_THOUGHT, ROLE_WAIT, 0);
        canvas_str(c, x + 2, y, "asked", ROLE_WAIT, 0);
        break;
    case TGENT_SKIPPED:
        canvas_str(c, x, y, "– skip", ROLE_DIM, 0);
        break;
    default:
        canvas_str(c, x, y, "– none", ROLE_BAD, 0);
        break;
    }
}

static int column_by(struct rect r)
{
    int x = r.x + r.w - 34;

    return x > r.x + 60 ? r.x + r.w - 42 : x;
}

static void draw_open_wide(struct canvas *c, struct rect r, int y,
                           const struct proposal *p, int64_t now_ms, bool sel)
{
    double risk = (double)p->risk.total;
    enum role role = look_risk(risk);
    int by = column_by(r), right = r.x + r.w;
    char age[12];
    int64_t waited = now_ms - p->created_ms;

    canvas_fmt(c, r.x + 3, y, 4, role, CELL_BOLD, "%.2f", risk);
    if (!p->risk.by_operator)
        canvas_str(c, r.x + 7, y, "~", ROLE_DIM, 0);
    canvas_meter(c, r.x + 8, y, 10, risk, role);
    canvas_text(c, r.x + 20, y, by - r.x - 21, p->title, strlen(p->title),
                ROLE_TEXT, sel || risk > 0.7 ? CELL_BOLD : 0);
    if (p->proposer != NULL)
        canvas_name(c, by, y, right - 26 - by, p->proposer,
                    strlen(p->proposer), look_hue(p->proposer), 0);
    canvas_right(c, right - 21, y, look_age(p->created_ms, now_ms, age),
                 waited > 5 * 60000 ? ROLE_WAIT : ROLE_DIM, 0);
    canvas_fmt(c, right - 20, y, 6, p->blocked ? ROLE_TEXT : ROLE_DIM, 0,
               "%5u", p->blocked);
    draw_tgent(c, right - 11, y, p);
}

static void draw_open_small(struct canvas *c, struct rect r, int y,
                            const struct proposal *p, int64_t now_ms, bool sel)
{
    double risk = (double)p->risk.total;
    enum role role = look_risk(risk);
    char age[12];

    canvas_fmt(c, r.x + 2, y, 4, role, CELL_BOLD, "%.2f", risk);
    canvas_meter(c, r.x + 7, y, 4, risk, role);
    canvas_text(c, r.x + 12, y, r.w - 18, p->title, strlen(p->title),
                ROLE_TEXT, sel ? CELL_BOLD : 0);
    canvas_right(c, r.x + r.w - 2, y, look_age(p->created_ms, now_ms, age),
                 ROLE_DIM, 0);
}

/* By whom, when, and what they said of it. */
static void decided_words(const struct proposal *p, int64_t now_ms, char *ret,
                          size_t size)
{
    char age[12];
    const char *phase =
        p->phase == PROPOSAL_OTHER ? p->phase_text : look_phase(p->phase).word;

    look_age(p->decided_ms, now_ms, age);
    if (p->deleted_ms > 0)
        snprintf(ret, size, "being deleted%s%s",
                 p->finalizer ? ", held by " : "",
                 p->finalizer ? p->finalizer : "");
    else if (p->decider != NULL)
        snprintf(ret, size, "%s by %s %s ago%s%s", phase, p->decider, age,
                 p->decider_text ? " · " : "",
                 p->decider_text ? p->decider_text : "");
    else
        snprintf(ret, size, "%s%s%s%s%s%s", phase,
                 p->decided_ms > 0 ? " " : "", p->decided_ms > 0 ? age : "",
                 p->decided_ms > 0 ? " ago" : "",
                 p->cond.message ? " · " : "",
                 p->cond.message ? p->cond.message : ", nobody decided");
}

static void draw_decided(struct canvas *c, struct rect r, int y,
                         const struct proposal *p, int64_t now_ms, bool sel)
{
    struct look look = look_phase(p->phase);
    char words[300], risk[8];
    int title_w = r.w >= 100 ? 36 : r.w >= 60 ? 22 : r.w - 12;
    int x = r.x + 9 + title_w + 1;

    canvas_glyph(c, r.x + 3, y, look.glyph, look.role, 0);
    canvas_str(c, r.x + 5, y, look_fraction((double)p->risk.total, risk),
               ROLE_DIM, 0);
    canvas_text(c, r.x + 9, y, title_w, p->title, strlen(p->title),
                sel ? ROLE_TEXT : ROLE_DIM, 0);
    if (r.w < 60)
        return;
    if (p->proposer != NULL)
        canvas_text(c, x, y, 9, p->proposer, strlen(p->proposer), ROLE_DIM, 0);
    decided_words(p, now_ms, words, sizeof words);
    canvas_text(c, x + 10, y, r.x + r.w - 2 - x - 10, words, strlen(words),
                ROLE_DIM, 0);
}

static void draw_line(struct canvas *c, struct rect r, int y, struct ui *u,
                      const struct rows *n, uint32_t line, int64_t now_ms)
{
    uint32_t rank = line < n->open ? line : line - gap(n);
    const struct proposal *p;
    bool sel;

    if (line >= n->open && line < n->open + gap(n)) {
        if (line + 1 == n->open + gap(n))
            canvas_str(c, r.x + 3, y, "decided", ROLE_DIM, 0);
        return;
    }
    p = store_proposal(u->st, view_at(u->proposals, rank));
    if (p == NULL)
        return;
    sel = view_at(u->proposals, rank) == u->proposal_list.slot;
    if (sel && (u->focus == PANE_PROPOSALS || u->page == PAGE_DECISION)) {
        canvas_fill(c, (struct rect){r.x + 1, y, r.w - 2, 1}, ROLE_SELECT);
        canvas_glyph(c, r.x + 1, y, GLYPH_CURSOR, ROLE_FOCUS, 0);
    } else {
        sel = false;
    }
    if (u->mark_count > 0 &&
        ui_marked(u, KIND_PROPOSAL, view_at(u->proposals, rank)))
        canvas_glyph(c, r.x + 1, y, GLYPH_CHECK, ROLE_FOCUS, CELL_BOLD);
    if (!proposal_open(p))
        draw_decided(c, r, y, p, now_ms, sel);
    else if (r.w >= 70)
        draw_open_wide(c, r, y, p, now_ms, sel);
    else
        draw_open_small(c, r, y, p, now_ms, sel);
}

static void draw_empty(struct canvas *c, struct rect r, const struct ui *u)
{
    const struct empty words = {
        u->filter_text[PANE_PROPOSALS][0] ? "no proposal matches" : NULL,
        "proposals are not installed on this cluster", "nothing is proposed"};

    empty_draw(c, r.x + 3, r.y + 1, r.w - 5, u, KIND_PROPOSAL, &words);
}

static void heads(struct canvas *c, struct rect r)
{
    int right = r.x + r.w;

    canvas_str(c, r.x + 3, r.y + 1, "risk", ROLE_DIM, 0);
    canvas_str(c, r.x + 20, r.y + 1, "proposal", ROLE_DIM, 0);
    canvas_str(c, column_by(r), r.y + 1, "by", ROLE_DIM, 0);
    canvas_str(c, right - 26, r.y + 1, "waits blocks  t-gent", ROLE_DIM, 0);
}

void proposals_draw(struct canvas *c, struct rect r, struct ui *u,
                    int64_t now_ms)
{
    struct rows n = count_rows(u);
    int top = r.w >= 70 && r.h >= 6 ? 2 : 1, rows = r.h - 1 - top;
    char note[FILTER_MAX + 80];

    if (u->filter_text[PANE_PROPOSALS][0] != '\0')
        snprintf(note, sizeof note, "%u of %u · /%.40s", n.all,
                 u->st->proposals.live, u->filter_text[PANE_PROPOSALS]);
    else if (r.w >= 60)
        snprintf(note, sizeof note, "%u wait for you · by %s",
                 u->st->open_proposals,
                 view_sort_name(view_sort(u->proposals)));
    else
        snprintf(note, sizeof note, "%u wait", u->st->open_proposals);
    canvas_box(c, r, PANE_PROPOSALS, "proposals", note,
               u->focus == PANE_PROPOSALS);
    if (n.all == 0) {
        draw_empty(c, r, u);
        return;
    }
    if (top == 2)
        heads(c, r);
    u->proposal_list.top =
        scroll_to(u->proposal_list.top,
                  line_of(&n, u->proposal_list.rank), n.lines, rows);
    for (int i = 0; i < rows; i++)
        if (u->proposal_list.top + (uint32_t)i < n.lines)
            draw_line(c, r, r.y + top + i, u, &n,
                      u->proposal_list.top + (uint32_t)i, now_ms);
    scroll_mark(c, r, u->proposal_list.top, n.lines, rows);
}
