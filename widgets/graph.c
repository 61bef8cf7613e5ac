#include "config.h"

#include "widgets/graph.h"

#include "widgets/look.h"

#include <stdio.h>
#include <string.h>

/*
 * Each edge is one row of one of two sides. The rows of a side hang on a bus,
 * a line down the canvas, which the node in the middle is joined to; rows of
 * the second depth hang on a short bus of their own, two columns further out.
 *
 *      it beacons ─INVOLVES→╮ ╭──────────╮ ╭─TARGETS─→ 10.0.0.1
 *         another ─INVOLVES→┼─│ hunt-1   │─┤ ╰─IN──→ some system
 *                             ╰──────────╯ ╰─USES────→ 10.0.0.2
 *
 * A side is drawn from its bus outwards; `dir` is 1 to the right, -1 to the
 * left, and everything else is the same.
 */

#define SIDES_MIN 76 /* columns: below that it is a tree */
#define TYPE_MAX 20

struct branch {
    int dot; /* at the other end */
    int line;
    bool away; /* the arrow points outwards */
    bool last; /* of those that hang on the same row */
    int depth; /* 1, 2 */
};

struct side {
    struct branch rows[GRAPH_LINES_MAX];
    int count, type_w;
};

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static void joint(struct canvas *c, int x, int y, int mask)
{
    static const enum glyph_name glyphs[16] = {
        [0] = GLYPH_H,
        [UP] = GLYPH_V,
        [DOWN] = GLYPH_V,
        [UP | DOWN] = GLYPH_V,
        [LEFT] = GLYPH_H,
        [RIGHT] = GLYPH_H,
        [LEFT | RIGHT] = GLYPH_H,
        [UP | RIGHT] = GLYPH_BOTTOM_LEFT,
        [UP | LEFT] = GLYPH_BOTTOM_RIGHT,
        [DOWN | RIGHT] = GLYPH_TOP_LEFT,
        [DOWN | LEFT] = GLYPH_TOP_RIGHT,
        [UP | DOWN | RIGHT] = GLYPH_TEE_RIGHT,
        [UP | DOWN | LEFT] = GLYPH_TEE_LEFT,
        [DOWN | LEFT | RIGHT] = GLYPH_TEE_DOWN,
        [UP | LEFT | RIGHT] = GLYPH_TEE_UP,
        [UP | DOWN | LEFT | RIGHT] = GLYPH_CROSS,
    };

    canvas_glyph(c, x, y, glyphs[mask], ROLE_FAINT, 0);
}

static int width_of(const char *s)
{
    return text_width(s, strlen(s));
}

/* ---- which row each edge is ------------------------------------------------ */

static void add(struct side *s, const struct graph_look *l, int line, int dot,
                bool away, int depth)
{
    int w = width_of(l->lines[line].type);

    s->rows[s->count++] = (struct branch){dot, line, away, true, depth};
    if (w > s->type_w)
        s->type_w = w < TYPE_MAX ? w : TYPE_MAX;
}

/* Edges beyond the first step, each once, below one of its ends. */
static void add_further(struct side *s, const struct graph_look *l, int dot,
                        bool *placed)
{
    int before = -1;

    for (int i = 0; i < l->line_count; i++) {
        const struct graph_line *e = &l->lines[i];

        if (placed[i] || (e->from != dot && e->to != dot))
            continue;
        placed[i] = true;
        if (before >= 0)
            s->rows[before].last = false;
        before = s->count;
        add(s, l, i, e->from == dot ? e->to : e->from, e->from == dot, 2);
    }
}

/* Into left and right, or all into right where they are the same. */
static void sort_out(const struct graph_look *l, struct side *left,
                     struct side *right)
{
    bool placed[GRAPH_LINES_MAX] = {false};

    for (int i = 0; i < l->line_count; i++)
        placed[i] = l->lines[i].from == 0 || l->lines[i].to == 0;
    for (int i = 0; i < l->line_count; i++) {
        const struct graph_line *e = &l->lines[i];
        bool away = e->from == 0;
        struct side *s = away ? right : left;
        int dot = away ? e->to : e->from;

        if (!away && e->to != 0)
            continue;
        add(s, l, i, dot, away, 1);
        if (dot != 0)
            add_further(s, l, dot, placed);
    }
}

/* ---- drawing ------------------------------------------------------------------ */

static void draw_name(struct canvas *c, int x, int y, int w, int dir,
                      const struct graph_dot *d, bool itself)
{
    const char *title = itself          ? "itself"
                        : d->title[0] != '\0' ? d->title
                                              : "–";
    int title_w = width_of(title), label_w = width_of(d->label), x0 = x;

    if (w < 3)
        return;
    if (dir < 0) {
        int all = title_w + (label_w > 0 && title_w + label_w + 2 <= w
                                 ? label_w + 2 : 0);

        x0 = all < w ? x - all + 1 : x - w + 1;
    }
    if (label_w > 0 && title_w + label_w + 2 <= w) {
        if (dir < 0) {
            canvas_text(c, x0, y, label_w, d->label, strlen(d->label),
                        ROLE_DIM, 0);
            canvas_text(c, x0 + label_w + 2, y, title_w, title,
                        strlen(title), look_hue(d->label), 0);
        } else {
            canvas_text(c, x0, y, title_w, title, strlen(title),
                        look_hue(d->label), 0);
            canvas_text(c, x0 + title_w + 2, y, label_w, d->label,
                        strlen(d->label), ROLE_DIM, 0);
        }
    } else {
        canvas_text(c, x0, y, w, title, strlen(title), look_hue(d->label), 0);
    }
}

/* From its bus at x outwards, over w columns. */
static void draw_branch(struct canvas *c, int x, int y, int w, int dir,
                        const struct graph_look *l, const struct branch *b,
                        int type_w)
{
    const char *type = l->lines[b->line].type;
    int n = width_of(type), at;

    if (n > type_w)
        n = type_w;
    /* ─TYPE───→ and back: the arrow at the end it points to */
    for (int i = 1; i <= type_w + 2; i++)
        canvas_glyph(c, x + dir * i, y, GLYPH_H, ROLE_FAINT, 0);
    at = dir > 0 ? x + 2 : x - 1 - n;
    canvas_text(c, at, y, n, type, strlen(type), ROLE_DIM, 0);
    if (b->away)
        canvas_glyph(c, x + dir * (type_w + 2), y,
                     dir > 0 ? GLYPH_TO : GLYPH_FROM, ROLE_INFO, 0);
    else
        canvas_glyph(c, x + dir, y, dir > 0 ? GLYPH_FROM : GLYPH_TO,
                     ROLE_INFO, 0);
    draw_name(c, x + dir * (type_w + 4), y, w - type_w - 4, dir,
              &l->dots[b->dot], b->dot == 0);
}

/*
 * A side's rows from y on, `room` of them; join is the row where the node in
 * the middle is joined to the bus, or the row above all when it is a tree.
 */
static void draw_side(struct canvas *c, const struct graph_look *l,
                      const struct side *s, int bus, int y, int room, int w,
                      int dir, int join)
{
    int out = dir > 0 ? RIGHT : LEFT, in = dir > 0 ? LEFT : RIGHT;
    int shown = s->count <= room ? s->count : room - 1;
    int first = join, end = join, type_w = s->type_w;

    if (s->count == 0 || room < 1)
        return;
    if (type_w > w / 3)
        type_w = w / 3 > 1 ? w / 3 : 1;
    for (int i = 0; i < shown; i++) {
        if (s->rows[i].depth == 1) {
            first = y + i < first ? y + i : first;
            end = y + i > end ? y + i : end;
        }
    }
    for (int i = first; i <= end; i++) {
        int k = i - y;
        bool branch = k >= 0 && k < shown && s->rows[k].depth == 1;
        bool tree = join < y;

        if (tree && i == join)
            continue; /* the node itself stands there */
        joint(c, bus, i,
              (i > first ? UP : 0) | (i < end ? DOWN : 0) |
                  (branch ? out : 0) | (i == join && !tree ? in : 0));
    }
    for (int i = 0; i < shown; i++) {
        const struct branch *b = &s->rows[i];

        if (b->depth == 1) {
            draw_branch(c, bus, y + i, w, dir, l, b, type_w);
        } else {
            joint(c, bus + 2 * dir, y + i, UP | out | (b->last ? 0 : DOWN));
            draw_branch(c, bus + 2 * dir, y + i, w - 2, dir, l, b, type_w);
        }
    }
    if (shown < s->count && shown >= 0) {
        char text[32];

        snprintf(text, sizeof text, "… %d more", s->count - shown);
        if (dir > 0)
            canvas_text(c, bus + 2, y + shown, w - 2, text, strlen(text),
                        ROLE_WAIT, 0);
        else
            canvas_right(c, bus - 1, y + shown, text, ROLE_WAIT, 0);
    }
}

static void draw_tree(struct canvas *c, struct rect r,
                      const struct graph_look *l, const struct side *s)
{
    canvas_glyph(c, r.x, r.y, GLYPH_WORKING, look_hue(l->dots[0].label), 0);
    draw_name(c, r.x + 2, r.y, r.w - 2, 1, &l->dots[0], false);
    draw_side(c, l, s, r.x, r.y + 1, r.h - 1, r.w - 1, 1, r.y);
}

static void draw_centre(struct canvas *c, struct rect r, const char *title,
                        const struct graph_dot *d)
{
    canvas_box(c, r, 0, d->label[0] != '\0' ? d->label : "node", "", true);
    canvas_text(c, r.x + 2, r.y + 1, r.w - 4, title, strlen(title),
                look_hue(d->label), CELL_BOLD);
}

static void draw_sides(struct canvas *c, struct rect r,
                       const struct graph_look *l, const struct side *left,
                       const struct side *right)
{
    const struct graph_dot *d = &l->dots[0];
    const char *title = d->title[0] != '\0' ? d->title : "–";
    int w = width_of(title), label = width_of(d->label) + 4;
    int mid = r.y + (r.h - 1) / 2, x, beside, y;

    w = (w > label ? w : label) + 4;
    if (w > r.w / 4)
        w = r.w / 4;
    /* in the middle, unless one side has nothing to say */
    x = left->count == 0    ? r.x
        : right->count == 0 ? r.x + r.w - w
                            : r.x + (r.w - w) / 2;
    draw_centre(c, (struct rect){x, mid - 1, w, 3}, title, d);
    if (left->count > 0) {
        y = r.y + (left->count < r.h ? (r.h - left->count) / 2 : 0);
        beside = x - 2 - r.x;
        canvas_glyph(c, x - 1, mid, GLYPH_H, ROLE_FAINT, 0);
        draw_side(c, l, left, x - 2, y, r.y + r.h - y, beside, -1, mid);
    }
    if (right->count > 0) {
        y = r.y + (right->count < r.h ? (r.h - right->count) / 2 : 0);
        beside = r.x + r.w - (x + w + 2);
        canvas_glyph(c, x + w, mid, GLYPH_H, ROLE_FAINT, 0);
        draw_side(c, l, right, x + w + 1, y, r.y + r.h - y, beside, 1, mid);
    }
}

void graph_draw(struct canvas *c, struct rect r, const struct graph_look *l)
{
    struct side left = {.count = 0}, right = {.count = 0};

    if (l->state != GRAPH_LOOK_THERE || l->dot_count == 0 || r.w < 8 ||
        r.h < 1)
        return;
    if (r.w < SIDES_MIN || r.h < 3) {
        sort_out(l, &right, &right);
        draw_tree(c, r, l, &right);
    } else {
        sort_out(l, &left, &right);
        draw_sides(c, r, l, &left, &right);
    }
}
