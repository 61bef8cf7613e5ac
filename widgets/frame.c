#include "config.h"

#include "base/moments.h"
#include "base/when.h"
#include "widgets/keymap.h"
#include "widgets/look.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

/*
 * The frame as a whole: header, sources, four panes, footer, and a page over
 * the panes. Two layouts: side by side from WIDE columns on, stacked below.
 */

#define WIDE 110
#define HELP_CAP 9 /* columns of its key and word, with the gap */

struct layout {
    struct rect header, sources, body, footer;
    struct rect panes[PANES];
    bool compact;
};

static void lay_wide(struct layout *k)
{
    struct rect b = k->body;
    int left = b.w * 4 / 7, top = (b.h * 2 + 2) / 5;

    k->panes[PANE_AGENTS] = (struct rect){b.x, b.y, left, top};
    k->panes[PANE_HEAT] = (struct rect){b.x + left, b.y, b.w - left, top};
    k->panes[PANE_PROPOSALS] =
        (struct rect){b.x, b.y + top, left, b.h - top};
    k->panes[PANE_THOUGHTS] =
        (struct rect){b.x + left, b.y + top, b.w - left, b.h - top};
}

static void lay_stacked(struct layout *k)
{
    struct rect b = k->body;
    int top = b.h * 9 / 22, mid = b.h * 8 / 22, left = b.w * 11 / 20;

    k->panes[PANE_AGENTS] = (struct rect){b.x, b.y, b.w, top};
    k->panes[PANE_HEAT] = (struct rect){b.x, b.y + top, left, mid};
    k->panes[PANE_PROPOSALS] =
        (struct rect){b.x + left, b.y + top, b.w - left, mid};
    k->panes[PANE_THOUGHTS] =
        (struct rect){b.x, b.y + top + mid, b.w, b.h - top - mid};
}

static struct layout lay(const struct canvas *c, const struct ui *u)
{
    struct layout k = {.compact = c->w < WIDE};
    bool sources = c->h >= 30 || !sources_all_well(u);
    int y = 1 + sources;

    k.header = (struct rect){0, 0, c->w, 1};
    k.sources = (struct rect){0, 1, c->w, sources};
    k.body = (struct rect){0, y, c->w, c->h - y - 1};
    k.footer = (struct rect){0, c->h - 1, c->w, 1};
    if (k.compact)
        lay_stacked(&k);
    else
        lay_wide(&k);
    if (u->zoom)
        k.panes[u->focus] = k.body;
    return k;
}

/* Receipts have this machine's clock, rows the server's. */
static int64_t here(const struct ui *u, int64_t now_ms)
{
    return now_ms - (u->st->plane_count ? u->st->planes[0].offset_ms : 0);
}

static void pane_draw(struct canvas *c, const struct layout *k, struct ui *u,
                      enum pane p, int64_t now_ms)
{
    struct rect r = k->panes[p];

    canvas_clip(c, r);
    switch (p) {
    case PANE_AGENTS:
        agents_draw(c, r, u, now_ms, k->compact);
        break;
    case PANE_HEAT:
        heatmap_draw(c, r, u, now_ms);
        break;
    case PANE_PROPOSALS:
        proposals_draw(c, r, u, now_ms);
        break;
    default:
        thoughts_draw(c, r, u, now_ms);
        break;
    }
    canvas_unclip(c);
}

static void page_draw(struct canvas *c, const struct layout *k, struct ui *u,
                      int64_t now_ms)
{
    canvas_clip(c, k->body);
    switch (u->page) {
    case PAGE_DECISION:
        decision_draw(c, k->body, u, now_ms);
        break;
    case PAGE_DETAIL:
        detail_draw(c, k->body, u, now_ms);
        break;
    case PAGE_OBJECTS:
        objects_draw(c, k->body, u, now_ms);
        break;
    case PAGE_GRAPH:
        if (u->graph != NULL)
            graph_page_draw(c, k->body, u->graph, &u->graph_at, now_ms);
        break;
    case PAGE_BUDGETS:
        budgets_draw(c, k->body, u, now_ms);
        break;
    case PAGE_SIGNALS:
        signals_draw(c, k->body, u, now_ms);
        break;
    case PAGE_EXPLAIN:
        explain_draw(c, k->body, u, now_ms);
        break;
    case PAGE_TETHER:
        tether_draw(c, k->body, u);
        break;
    case PAGE_REACH:
        reach_draw(c, k->body, u);
        break;
    case PAGE_LOGS:
        logs_draw(c, k->body, u);
        break;
    case PAGE_RECEIPTS:
        receipts_draw(c, k->body, u, here(u, now_ms));
        break;
    case PAGE_HALT:
        halt_draw(c, k->body, u, here(u, now_ms));
        break;
    case PAGE_HELP:
        help_draw(c, k->body, u);
        break;
    default:
        break;
    }
    canvas_unclip(c);
}

/* Too small for panes: the counts, and why there is nothing else. */
static void tiny_draw(struct canvas *c, struct ui *u, int64_t now_ms)
{
    struct rect top = {0, 0, c->w, 1};

    header_draw(c, top, u, now_ms);
    if (c->h < 3)
        return;
    canvas_fmt(c, 1, 1, c->w - 2, ROLE_TEXT, 0,
               "%u agents, %u wait, %u in trouble", u->st->agents.live,
               u->st->open_proposals, u->st->trouble);
    canvas_fmt(c, 1, 2, c->w - 2, ROLE_DIM, 0, "needs %d×%d, has %d×%d",
               FRAME_W_MIN, FRAME_H_MIN, c->w, c->h);
}

void frame_draw(struct canvas *c, struct ui *u, int64_t now_ms)
{
    struct layout k;

    if (u->wall) {
        wall_draw(c, u, now_ms);
        return;
    }
    canvas_clear(c);
    if (c->w < FRAME_W_MIN || c->h < FRAME_H_MIN) {
        tiny_draw(c, u, now_ms);
        return;
    }
    k = lay(c, u);
    header_draw(c, k.header, u, now_ms);
    if (k.sources.h > 0)
        sources_draw(c, k.sources, u, now_ms);
    u->agents_shown = 0; /* until their pane is drawn */
    if (u->page != PAGE_DETAIL && u->page != PAGE_OBJECTS &&
        u->page != PAGE_TETHER && u->page != PAGE_LOGS) {
        for (int p = PANE_AGENTS; p < PANES; p++)
            if (!u->zoom || u->focus == (enum pane)p)
                pane_draw(c, &k, u, (enum pane)p, now_ms);
    }
    page_draw(c, &k, u, now_ms);
    if (u->dialog.open)
        dialog_draw(c, k.body, u);
    footer_draw(c, k.footer, u, now_ms);
}

static void prompt_draw(struct canvas *c, struct rect r, const struct ui *u)
{
    int x = canvas_str(c, r.x + 1, r.y, "/", ROLE_KEY, CELL_BOLD);

    x = canvas_text(c, x + 1, r.y, r.w - 4 - x, u->prompt_text,
                    strlen(u->prompt_text), ROLE_TITLE, CELL_BOLD);
    x = canvas_glyph(c, x, r.y, GLYPH_CARET, ROLE_FOCUS, 0);
    if (u->prompt_error.code != 0)
        canvas_fmt(c, x + 2, r.y, r.x + r.w - x - 3, ROLE_BAD, 0, "%s",
                   u->prompt_error.msg);
    else
        canvas_fmt(c, x + 2, r.y, r.x + r.w - x - 3, ROLE_DIM, 0,
                   "words  !not  field:value  age>10m  ~regex    Enter keeps, "
                   "Esc clears");
}

static void command_draw(struct canvas *c, struct rect r, const struct ui *u)
{
    int x = canvas_str(c, r.x + 1, r.y, ":", ROLE_KEY, CELL_BOLD), left;

    x = canvas_text(c, x + 1, r.y, r.w - 4 - x, u->command,
                    strlen(u->command), ROLE_TITLE, CELL_BOLD);
    x = canvas_glyph(c, x, r.y, GLYPH_CARET, ROLE_FOCUS, 0);
    left = r.x + r.w - x - 3;
    if (u->command_error.code != 0)
        canvas_fmt(c, x + 2, r.y, left, ROLE_BAD, 0, "%s",
                   u->command_error.msg);
    else
        canvas_fmt(c, x + 2, r.y, left, ROLE_DIM, 0, "%s",
                   u->command_offers[0] ? u->command_offers
                                        : "Tab completes    Enter runs it, "
                                          "Esc leaves");
}

/* Single key caps for the footer: the first of an action's keys. */
static const char *cap(const struct action_row *row, char ret[12])
{
    size_t n = strcspn(row->keys, ",");

    snprintf(ret, 12, "%.*s", (int)n, row->keys);
    if (strcmp(ret, "Enter") == 0)
        snprintf(ret, 12, "⏎");
    return ret;
}

static void tether_footer(struct canvas *c, struct rect r, const struct ui *u)
{
    int x = r.x + 1;

    if (!u->tether.you && !u->tether.ended) {
        x = canvas_str(c, x, r.y, "T", ROLE_KEY, CELL_BOLD);
        x = canvas_str(c, x + 1, r.y, "type here instead", ROLE_DIM, 0) + 3;
    }
    x = canvas_str(c, x, r.y, "^]", ROLE_KEY, CELL_BOLD);
    canvas_str(c, x + 1, r.y,
               u->tether.ended    ? "back"
               : u->tether.leaves ? "leave, the shell ends"
                                  : "detach, it goes on",
               ROLE_DIM, 0);
    if (u->tether.you)
        canvas_right(c, r.x + r.w - 1, r.y, "all other keys are the agent's",
                     ROLE_DIM, 0);
}

void footer_draw(struct canvas *c, struct rect r, const struct ui *u,
                 int64_t now_ms)
{
    int x = r.x + 1, end = r.x + r.w - 1;
    char key[12];

    canvas_fill(c, r, ROLE_BAR);
    if (u->commanding) {
        command_draw(c, r, u);
        return;
    }
    if (u->prompt) {
        prompt_draw(c, r, u);
        return;
    }
    if (u->notice[0] != '\0' && now_ms < u->notice_until_ms) {
        canvas_text(c, x, r.y, end - x, u->notice, strlen(u->notice),
                    ROLE_WAIT, 0);
        return;
    }
    if (u->page == PAGE_TETHER) {
        tether_footer(c, r, u);
        return;
    }
    if (u->page == PAGE_REACH) { /* its keys stand in it */
        x = canvas_str(c, x, r.y, "esc", ROLE_KEY, CELL_BOLD);
        canvas_str(c, x + 1, r.y, "back", ROLE_DIM, 0);
        return;
    }
    if (u->gate != NULL && strip_shows(u, here(u, now_ms))) {
        strip_draw(c, r, u, here(u, now_ms));
        return;
    }
    if (u->page != PAGE_NONE) {
        x = canvas_str(c, x, r.y, "esc", ROLE_KEY, CELL_BOLD);
        x = canvas_str(c, x + 1, r.y, "back", ROLE_DIM, 0) + 3;
        if (action_live(u, ACTION_NEXT)) {
            x = canvas_str(c, x, r.y, "tab", ROLE_KEY, CELL_BOLD);
            x = canvas_str(c, x + 1, r.y, "select", ROLE_DIM, 0) + 3;
        }
        if (u->page == PAGE_HALT)
            return; /* it has keys of its own */
    }
    for (int a = 1; a < ACTION_COUNT; a++) {
        const struct action_row *row = action_row((enum action)a);
        int w;

        if (row->word[0] == '\0' || !action_live(u, (enum action)a))
            continue;
        cap(row, key);
        w = text_width(key, strlen(key)) + 1 + (int)strlen(row->word);
        /* the way to all other keys keeps its room */
        if (x + w + (a < ACTION_HELP ? HELP_CAP : 0) > end)
            continue;
        x = canvas_str(c, x, r.y, key, ROLE_KEY, CELL_BOLD);
        x = canvas_str(c, x + 1, r.y, row->word, ROLE_DIM, 0) + 3;
    }
    if (x + 12 < end)
        canvas_right(c, end, r.y,
                     u->read_only ? "read-only"
                     : u->acts    ? ""
                                  : "reads only",
                     ROLE_DIM, 0);
}

int64_t frame_flips(const struct ui *u, int64_t now_ms)
{
    if (u->frozen)
        return MOMENT_NEVER;
    if (u->no_clock)
        return ui_heat_due(u);
    return (now_ms / 1000 + 1) * 1000;
}
