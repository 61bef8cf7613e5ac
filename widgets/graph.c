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
 * Where a side has more rows than room, the first ring goes before the second,
 * whose rows are shared out among those of the first: each says behind its
 * label how many more edges its node has ("+3").
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
    int64_t cut; /* edges of the first ring that have no row */
};

/* What is drawn of each node's edges; on both sides together. */
struct drawn {
    const struct graph_look *l;
    int edges[GRAPH_DOTS_MAX];
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

/* ---- which have room --------------------------------------------------------- */

/* How many rows of the second ring each of the first keeps. */
static void share_out(const struct side *s, int room, int *keep)
{
    int want[GRAPH_LINES_MAX] = {0}, at = -1, left = 0;

    for (int i = 0; i < s->count; i++) {
        if (s->rows[i].depth == 1)
            keep[at = i] = 0;
        else
            want[at]++;
    }
    do {
        left = room;
        for (int i = 0; i < s->count && room > 0; i++) {
            if (s->rows[i].depth != 1 || keep[i] == want[i])
                continue;
            keep[i]++;
            room--;
        }
    } while (room > 0 && room < left);
}

/* Into so many rows; the last of them is for what has none. */
static void fit(struct side *s, int room)
{
    int keep[GRAPH_LINES_MAX] = {0}, first = 0, n = 0, taken = 0, at = -1;

    for (int i = 0; i < s->count; i++)
        first += s->rows[i].depth == 1;
    if (s->count + (s->cut > 0) <= room)
        return;
    if (first + (s->cut > 0) > room) {
        s->cut += first - (room > 0 ? room - 1 : 0);
        first = room > 0 ? room - 1 : 0;
    }
    share_out(s, room - first - (s->cut > 0), keep);
    for (int i = 0; i < s->count; i++) {
        if (s->rows[i].depth == 1) {
            if (taken++ == first)
                break;
            at = i;
        } else if (keep[at]-- <= 0) {
            continue;
        }
        s->rows[n++] = s->rows[i];
    }
    s->count = n;
    for (int i = 0; i < n; i++)
        s->rows[i].last = i + 1 == n || s->rows[i + 1].depth == 1;
}

static void count_drawn(struct drawn *d, const struct side *s)
{
    for (int i = 0; i < s->count; i++) {
        const struct graph_line *e = &d->l->lines[s->rows[i].line];

        d->edges[e->from]++;
        d->edges[e->to]++;
    }
}

/* Edges of the node that are not drawn; where nobody counted them, those
   that are here. */
static int64_t hidden(const struct drawn *d, int dot)
{
    int64_t all = d->l->dots[dot].degree;

    if (all < 0) {
        all = 0;
        for (int i = 0; i < d->l->line_count; i++)
            all += (d->l->lines[i].from == dot) + (d->l->lines[i].to == dot);
    }
    return all > d->edges[dot] ? all - d->edges[dot] : 0;
}

/* Edges of the node in the middle that were not read. */
static int64_t unread(const struct graph_look *l)
{
    int64_t n = l->dots[0].degree;

    for (int i = 0; i < l->line_count && n > 0; i++)
        n -= (l->lines[i].from == 0) + (l->lines[i].to == 0);
    return n > 0 ? n : 0;
}

/* ---- drawing ------------------------------------------------------------------ */

/* Up to three words beside each other, from x on to the right or the left. */
static void draw_name(struct canvas *c, int x, int y, int w, int dir,
                      const struct graph_dot *d, bool itself, int64_t more)
{
    char count[24] = "";
    struct {
        const char *text;
        enum role role;
        int w;
    } words[] = {{itself                ? "itself"
                  : d->title[0] != '\0' ? d->title
                                        : "–",
                  look_hue(d->label), 0},
                 {d->label, ROLE_DIM, 0},
                 {count, ROLE_WAIT, 0}};

    if (w < 3)
        return;
    if (more > 0 && !itself)
        snprintf(count, sizeof count, "+%lld", (long long)more);
    for (int i = 2; i >= 0; i--) {
        int need = width_of(words[i].text);

        /* the last is short and counts: it goes before the label */
        if (i > 0 && need > 0 && need + 2 + (i == 2 ? 8 : 0) > w)
            need = 0;
        words[i].w = need < w || i > 0 ? need : w;
        w -= i > 0 && need > 0 ? need + 2 : 0;
    }
    if (words[1].w > 0 && width_of(words[0].text) > words[0].w) {
        words[0].w += words[1].w + 2; /* rather than a cut name */
        words[1].w = 0;
    }
    for (int i = 0; i < 3; i++) {
        int room = words[i].w, is = width_of(words[i].text);

        if (room == 0)
            continue;
        if (is < room)
            room = is;
        canvas_text(c, dir > 0 ? x : x - room + 1, y, room, words[i].text,
                    strlen(words[i].text), words[i].role, 0);
        x += dir * (room + 2);
    }
}

/* From its bus at x outwards, over w columns. */
static void draw_branch(struct canvas *c, int x, int y, int w, int dir,
                        const struct drawn *k, const struct branch *b,
                        int type_w)
{
    const struct graph_look *l = k->l;
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
              &l->dots[b->dot], b->dot == 0, hidden(k, b->dot));
}

/*
 * A side's rows from y on; join is the row where the node in the middle is
 * joined to the bus, or the row above all when it is a tree.
 */
static void draw_side(struct canvas *c, const struct drawn *k,
                      const struct side *s, int bus, int y, int w, int dir,
                      int join)
{
    int out = dir > 0 ? RIGHT : LEFT, in = dir > 0 ? LEFT : RIGHT;
    int first = join, end = join, type_w = s->type_w;

    if (type_w > w / 3)
        type_w = w / 3 > 1 ? w / 3 : 1;
    for (int i = 0; i < s->count; i++) {
        if (s->rows[i].depth == 1) {
            first = y + i < first ? y + i : first;
            end = y + i > end ? y + i : end;
        }
    }
    for (int i = first; i <= end; i++) {
        int n = i - y;
        bool branch = n >= 0 && n < s->count && s->rows[n].depth == 1;
        bool tree = join < y;

        if (tree && i == join)
            continue; /* the node itself stands there */
        joint(c, bus, i,
              (i > first ? UP : 0) | (i < end ? DOWN : 0) |
                  (branch ? out : 0) | (i == join && !tree ? in : 0));
    }
    for (int i = 0; i < s->count; i++) {
        const struct branch *b = &s->rows[i];

        if (b->depth == 1) {
            draw_branch(c, bus, y + i, w, dir, k, b, type_w);
        } else {
            joint(c, bus + 2 * dir, y + i, UP | out | (b->last ? 0 : DOWN));
            draw_branch(c, bus + 2 * dir, y + i, w - 2, dir, k, b, type_w);
        }
    }
    if (s->cut > 0) {
        char text[40];

        snprintf(text, sizeof text, "+%lld more", (long long)s->cut);
        if (dir > 0)
            canvas_text(c, bus + 2, y + s->count, w - 2, text, strlen(text),
                        ROLE_WAIT, 0);
        else
            canvas_right(c, bus - 1, y + s->count, text, ROLE_WAIT, 0);
    }
}

static void draw_tree(struct canvas *c, struct rect r, struct drawn *k,
                      struct side *s)
{
    fit(s, r.h - 1);
    count_drawn(k, s);
    canvas_glyph(c, r.x, r.y, GLYPH_WORKING, look_hue(k->l->dots[0].label),
                 0);
    draw_name(c, r.x + 2, r.y, r.w - 2, 1, &k->l->dots[0], false, 0);
    draw_side(c, k, s, r.x, r.y + 1, r.w - 1, 1, r.y);
}

static void draw_centre(struct canvas *c, struct rect r, const char *title,
                        const struct graph_dot *d)
{
    canvas_box(c, r, 0, d->label[0] != '\0' ? d->label : "node", "", true);
    canvas_text(c, r.x + 2, r.y + 1, r.w - 4, title, strlen(title),
                look_hue(d->label), CELL_BOLD);
}

static int rows_of(const struct side *s)
{
    return s->count + (s->cut > 0);
}

static void draw_sides(struct canvas *c, struct rect r, struct drawn *k,
                       struct side *left, struct side *right)
{
    const struct graph_dot *d = &k->l->dots[0];
    const char *title = d->title[0] != '\0' ? d->title : "–";
    int w = width_of(title), label = width_of(d->label) + 4;
    int mid = r.y + (r.h - 1) / 2, x;

    fit(left, r.h);
    fit(right, r.h);
    count_drawn(k, left);
    count_drawn(k, right);
    w = (w > label ? w : label) + 4;
    if (w > r.w / 4)
        w = r.w / 4;
    /* in the middle, unless one side has nothing to say */
    x = left->count == 0    ? r.x
        : right->count == 0 ? r.x + r.w - w
                            : r.x + (r.w - w) / 2;
    draw_centre(c, (struct rect){x, mid - 1, w, 3}, title, d);
    if (left->count > 0) {
        canvas_glyph(c, x - 1, mid, GLYPH_H, ROLE_FAINT, 0);
        draw_side(c, k, left, x - 2, r.y + (r.h - rows_of(left)) / 2,
                  x - 2 - r.x, -1, mid);
    }
    if (right->count > 0) {
        canvas_glyph(c, x + w, mid, GLYPH_H, ROLE_FAINT, 0);
        draw_side(c, k, right, x + w + 1, r.y + (r.h - rows_of(right)) / 2,
                  r.x + r.w - (x + w + 2), 1, mid);
    }
}

void graph_draw(struct canvas *c, struct rect r, const struct graph_look *l)
{
    struct side left = {.count = 0}, right = {.count = 0};
    struct drawn k = {.l = l};

    if (l->state != GRAPH_LOOK_THERE || l->dot_count == 0 || r.w < 8 ||
        r.h < 1)
        return;
    if (r.w < SIDES_MIN || r.h < 3) {
        sort_out(l, &right, &right);
        right.cut = unread(l);
        draw_tree(c, r, &k, &right);
    } else {
        sort_out(l, &left, &right);
        (left.count > right.count ? &left : &right)->cut = unread(l);
        draw_sides(c, r, &k, &left, &right);
    }
}
