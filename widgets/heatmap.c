#include "config.h"

#include "widgets/empty.h"
#include "widgets/look.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"

#include <stdio.h>
#include <string.h>

/* Short heads, one for each signal; the second for narrow columns. */
static const struct {
    const char *head, *tight;
} heads[SIGNAL_COUNT] = {
    [SIGNAL_WARNING] = {"WARN", "WA"},   [SIGNAL_OPPORTUNITY] = {"OPP", "OP"},
    [SIGNAL_SCARCITY] = {"SCAR", "SC"},  [SIGNAL_DREAM] = {"DREA", "DR"},
    [SIGNAL_INTENT] = {"INTE", "IN"},    [SIGNAL_STATE] = {"STAT", "ST"},
    [SIGNAL_TEST] = {"TEST", "TE"},      [SIGNAL_MEMORY] = {"MEM", "ME"},
    [SIGNAL_CHAOS] = {"CHAO", "CH"},     [SIGNAL_METAPHOR] = {"META", "MT"},
    [SIGNAL_NARRATIVE] = {"NARR", "NA"}, [SIGNAL_CAPABILITY] = {"CAPA", "CA"},
    [SIGNAL_OTHER] = {"ELSE", "??"},
};

struct grid {
    int name_w, left, cell_w, count;
    enum signal columns[SIGNAL_COUNT];
};

static struct grid grid_for(struct rect r, const struct heat *h)
{
    struct grid g = {.name_w = 7};
    int widest = 0, room;

    for (int i = 0; i < h->count; i++) {
        int w = text_width(h->rows[i].name, strlen(h->rows[i].name));

        widest = w > widest ? w : widest;
    }
    g.name_w = widest < 7 ? 7 : widest > r.w / 5 ? r.w / 5 : widest;
    g.left = r.x + 2 + g.name_w + 1;
    for (int s = 0; s < SIGNAL_COUNT; s++)
        if (h->present[s])
            g.columns[g.count++] = (enum signal)s;
    room = r.x + r.w - 2 - g.left;
    g.cell_w = g.count > 0 ? room / g.count : 5;
    if (g.cell_w < 3) { /* the last types are left out; the page has them */
        g.cell_w = 3;
        g.count = room / 3;
    }
    if (g.cell_w > 6)
        g.cell_w = 6;
    return g;
}

static void centre(struct canvas *c, int x, int y, int w, const char *s,
                   enum role role, unsigned attrs)
{
    int len = text_width(s, strlen(s));

    canvas_text(c, x + (w - len) / 2, y, w, s, strlen(s), role, attrs);
}

static void draw_heads(struct canvas *c, const struct grid *g, int y)
{
    for (int i = 0; i < g->count; i++)
        centre(c, g->left + i * g->cell_w, y, g->cell_w,
               g->cell_w >= 5 ? heads[g->columns[i]].head
                              : heads[g->columns[i]].tight,
               ROLE_DIM, 0);
}

/* With a gap the last column stays free; two are left for ".5" then. */
static void draw_cell(struct canvas *c, int x, int y, int w, bool gap,
                      const struct heat_cell *cell, bool cursor)
{
    double v = (double)cell->value;
    char text[8] = "";

    w -= gap;
    canvas_fill(c, (struct rect){x, y, w, 1}, role_heat(v));
    if (v >= 0.08 && w < 3)
        snprintf(text, sizeof text, v >= 0.95 ? "1." : ".%d",
                 (int)(v * 10 + 0.5));
    else if (v >= 0.08)
        look_fraction(v, text);
    else if (v > 0)
        snprintf(text, sizeof text, "·");
    centre(c, x, y, w, text,
           v >= 0.5    ? ROLE_INK
           : v >= 0.08 ? ROLE_TEXT
                       : ROLE_DIM,
           v >= 0.8 ? CELL_BOLD : 0);
    if (!cursor)
        return;
    if (gap) { /* a hot cell is reversed already */
        canvas_glyph(c, x - 1, y, GLYPH_CURSOR, ROLE_FOCUS, CELL_BOLD);
        return;
    }
    for (int i = 0; i < w; i++) {
        struct cell *at = &c->cells[y * c->w + x + i];

        at->attrs |= CELL_REVERSE;
    }
}

static void draw_hour(struct canvas *c, struct rect r, const struct ui *u,
                      int left, int y)
{
    const struct store *st = u->st;
    int w = r.x + r.w - 12 - left;
    double most = 1;

    canvas_str(c, r.x + 2, y, "1 h", ROLE_DIM, 0);
    w = w > STORE_HOUR ? STORE_HOUR : w;
    for (int i = 0; i < STORE_HOUR; i++)
        if ((double)st->hour[i] > most)
            most = (double)st->hour[i];
    for (int i = 0; i < w; i++) {
        /* each column stands for the strongest of its minutes */
        int from = i * STORE_HOUR / w, to = (i + 1) * STORE_HOUR / w;
        double v = 0;

        for (int k = from; k < to; k++) {
            double s = k == STORE_HOUR - 1 ? u->heat.sum : (double)st->hour[k];

            v = s / most > v ? s / most : v;
        }
        v = v > 1 ? 1 : v;
        canvas_spark(c, left + i, y, v, role_heat(v * 0.9 + 0.1));
    }
    if (w > 0) {
        int x = canvas_glyph(c, r.x + r.w - 10, y, GLYPH_SUM, ROLE_TEXT, 0);

        canvas_fmt(c, x, y, 8, ROLE_TEXT, 0, " %.2f", u->heat.sum);
    }
}

static void draw_scale(struct canvas *c, struct rect r, int left, int y)
{
    static const char note[] = "fades by its own half-life";

    canvas_str(c, r.x + 2, y, "scale", ROLE_DIM, 0);
    for (int i = 0; i < ROLE_RAMPS; i++)
        canvas_fill(c, (struct rect){left + i * 2, y, 2, 1},
                    (enum role)(ROLE_RAMP_0 + i));
    if (left + 20 + 2 + (int)sizeof note < r.x + r.w)
        canvas_str(c, left + 21, y, note, ROLE_DIM, 0);
}

static void draw_empty(struct canvas *c, struct rect r, const struct ui *u)
{
    static const struct empty words = {
        NULL, "pheromones are not installed on this cluster",
        "no signal is present"};

    empty_draw(c, r.x + 2, r.y + 1, r.w - 4, u, KIND_PHEROMONE, &words);
}

void heatmap_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms)
{
    const struct heat *h = &u->heat;
    bool focus = u->focus == PANE_HEAT, scale = r.w >= 56 && r.h >= 9;
    struct grid g = grid_for(r, h);
    int rows = r.h - (scale ? 5 : 4), y;
    char note[80];

    (void)now_ms;
    if (r.w >= 50)
        snprintf(note, sizeof note, "%s · %u live",
                 u->heat_by == HEAT_BY_AGENT ? "intensity now"
                                             : heat_by_name(u->heat_by),
                 h->live);
    else
        snprintf(note, sizeof note, "%u live", h->live);
    canvas_box(c, r, PANE_HEAT, "pheromones", note, focus);
    if (h->count == 0) {
        draw_empty(c, r, u);
        return;
    }
    rows = rows < 1 ? 1 : rows;
    u->heat_top = (int)scroll_to((uint32_t)u->heat_top, (uint32_t)u->heat_row,
                                 (uint32_t)h->count, rows);
    draw_heads(c, &g, r.y + 1);
    for (int i = 0; i < rows && u->heat_top + i < h->count; i++) {
        const struct heat_row *row = &h->rows[u->heat_top + i];
        const char *name = row->name[0] ? row->name : "(nobody)";
        bool at = focus && u->heat_top + i == u->heat_row;

        y = r.y + 2 + i;
        canvas_name(c, r.x + 2, y, g.name_w, name, strlen(name),
                    look_hue(row->name), at ? CELL_BOLD : 0);
        for (int k = 0; k < g.count; k++)
            draw_cell(c, g.left + k * g.cell_w, y, g.cell_w, u->heat_gap,
                      &row->cells[g.columns[k]], at && k == u->heat_col);
    }
    if (r.h >= 6)
        draw_hour(c, r, u, g.left, r.y + r.h - (scale ? 3 : 2));
    if (scale)
        draw_scale(c, r, g.left, r.y + r.h - 2);
    scroll_mark(c, r, (uint32_t)u->heat_top, (uint32_t)h->count, rows);
}
