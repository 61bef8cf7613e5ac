#include "config.h"

#include "tui/canvas.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cell blank = {
    .cp = ' ', .width = 1, .role = ROLE_TEXT, .back = ROLE_BACK};

void canvas_init(struct canvas *c, int w, int h, enum glyph_set glyphs)
{
    *c = (struct canvas){.glyphs = glyphs};
    canvas_resize(c, w, h);
}

void canvas_finish(struct canvas *c)
{
    free(c->cells);
    c->cells = NULL;
    c->w = c->h = 0;
}

void canvas_resize(struct canvas *c, int w, int h)
{
    w = w < 1 ? 1 : w > CANVAS_W_MAX ? CANVAS_W_MAX : w;
    h = h < 1 ? 1 : h > CANVAS_H_MAX ? CANVAS_H_MAX : h;
    if (w != c->w || h != c->h) {
        c->cells = xrealloc(c->cells, (size_t)w * (size_t)h, sizeof *c->cells);
        c->w = w;
        c->h = h;
    }
    canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
    for (int i = 0; i < c->w * c->h; i++)
        c->cells[i] = blank;
    canvas_unclip(c);
}

void canvas_clip(struct canvas *c, struct rect r)
{
    int right = r.x + r.w, bottom = r.y + r.h;

    r.x = r.x < 0 ? 0 : r.x;
    r.y = r.y < 0 ? 0 : r.y;
    right = right > c->w ? c->w : right;
    bottom = bottom > c->h ? c->h : bottom;
    r.w = right > r.x ? right - r.x : 0;
    r.h = bottom > r.y ? bottom - r.y : 0;
    c->clip = r;
}

void canvas_unclip(struct canvas *c)
{
    c->clip = (struct rect){0, 0, c->w, c->h};
}

static struct cell *cell(struct canvas *c, int x, int y)
{
    return &c->cells[y * c->w + x];
}

const struct cell *canvas_at(const struct canvas *c, int x, int y)
{
    return &c->cells[y * c->w + x];
}

static bool inside(const struct canvas *c, int x, int y)
{
    return x >= c->clip.x && x < c->clip.x + c->clip.w && y >= c->clip.y &&
           y < c->clip.y + c->clip.h;
}

static void empty_half(struct cell *half)
{
    half->cp = ' ';
    half->width = 1;
    memset(half->combining, 0, sizeof half->combining);
}

/* A half of a wide glyph must not be left behind. */
static void mend(struct canvas *c, int x, int y)
{
    if (cell(c, x, y)->width == 0 && x > 0)
        empty_half(cell(c, x - 1, y));
    if (cell(c, x, y)->width == 2 && x + 1 < c->w)
        empty_half(cell(c, x + 1, y));
}

static void put(struct canvas *c, int x, int y, const struct glyph *g,
                enum role role, unsigned attrs)
{
    struct cell *at;

    if (!inside(c, x, y))
        return;
    mend(c, x, y);
    at = cell(c, x, y);
    if (g->width == 2 && !inside(c, x + 1, y)) {
        *at = (struct cell){' ', {0, 0}, 1, (uint8_t)role, at->back,
                            (uint8_t)attrs};
        return;
    }
    at->cp = g->base;
    memcpy(at->combining, g->combining, sizeof at->combining);
    at->width = g->width;
    at->role = (uint8_t)(g->mark ? ROLE_MARK : role);
    at->attrs = (uint8_t)attrs;
    if (g->width == 2) {
        mend(c, x + 1, y);
        at = cell(c, x + 1, y);
        at->cp = ' ';
        at->combining[0] = 0;
        at->width = 0;
        at->role = (uint8_t)role;
        at->attrs = (uint8_t)attrs;
    }
}

/*
 * On terminals without wide sets everything outside ASCII needs a stand-in;
 * what has none is a '?', and wide glyphs become two of them.
 */
static void reduce(const struct canvas *c, struct glyph *g)
{
    if (c->glyphs != GLYPHS_ASCII)
        return;
    g->combining[0] = g->combining[1] = 0;
    if (g->base < 0x80)
        return;
    g->base = glyph_plain(c->glyphs, g->base);
    g->width = 1;
}

/* The next glyph as it is drawn here; the bytes it took, 0 at the end. */
static size_t next_drawn(const struct canvas *c, const char *s, size_t len,
                         struct glyph *ret)
{
    size_t n = text_next(s, len, ret);

    if (n > 0)
        reduce(c, ret);
    return n;
}

/* In the last column, over what is there: more would follow. */
static int put_cut(struct canvas *c, int end, int y, enum role role,
                   unsigned attrs)
{
    struct glyph g = {.base = glyph_of(c->glyphs, GLYPH_CUT), .width = 1};

    put(c, end - 1, y, &g, role, attrs);
    return end;
}

int canvas_text(struct canvas *c, int x, int y, int columns, const char *s,
                size_t len, enum role role, unsigned attrs)
{
    struct glyph g;
    int end = x + columns;

    for (size_t n; (n = next_drawn(c, s, len, &g)) > 0; s += n, len -= n) {
        if (x + g.width > end)
            return columns > 0 ? put_cut(c, end, y, role, attrs) : x;
        if (g.width > 0)
            put(c, x, y, &g, role, attrs);
        x += g.width;
    }
    return x;
}

int canvas_name(struct canvas *c, int x, int y, int columns, const char *s,
                size_t len, enum role role, unsigned attrs)
{
    int width = 0, tail = columns * 2 / 5;
    struct glyph g;
    size_t n;

    for (size_t at = 0; (n = next_drawn(c, s + at, len - at, &g)) > 0; at += n)
        width += g.width;
    if (width <= columns || columns < CANVAS_NAME_MIN)
        return canvas_text(c, x, y, columns, s, len, role, attrs);
    /* text that is too long, by the tail at least, marks where it was cut */
    canvas_text(c, x, y, columns - tail, s, len, role, attrs);
    for (; width > tail; width -= g.width) {
        n = next_drawn(c, s, len, &g);
        s += n;
        len -= n;
    }
    return canvas_text(c, x + columns - tail, y, tail, s, len, role, attrs);
}

int canvas_str(struct canvas *c, int x, int y, const char *s, enum role role,
               unsigned attrs)
{
    return canvas_text(c, x, y, CANVAS_W_MAX, s, strlen(s), role, attrs);
}

int canvas_fmt(struct canvas *c, int x, int y, int columns, enum role role,
               unsigned attrs, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return x;
    if ((size_t)n >= sizeof text)
        n = (int)sizeof text - 1;
    return canvas_text(c, x, y, columns, text, (size_t)n, role, attrs);
}

int canvas_right(struct canvas *c, int right, int y, const char *s,
                 enum role role, unsigned attrs)
{
    int x = right - text_width(s, strlen(s));

    canvas_str(c, x, y, s, role, attrs);
    return x;
}

int canvas_glyph(struct canvas *c, int x, int y, enum glyph_name name,
                 enum role role, unsigned attrs)
{
    struct glyph g = {.base = glyph_of(c->glyphs, name), .width = 1};

    put(c, x, y, &g, role, attrs);
    return x + 1;
}

void canvas_fill(struct canvas *c, struct rect r, enum role back)
{
    for (int y = r.y; y < r.y + r.h; y++) {
        for (int x = r.x; x < r.x + r.w; x++) {
            if (!inside(c, x, y))
                continue;
            mend(c, x, y);
            *cell(c, x, y) = blank;
            cell(c, x, y)->back = (uint8_t)back;
        }
    }
}

void canvas_dim(struct canvas *c, struct rect r)
{
    for (int y = r.y; y < r.y + r.h; y++) {
        for (int x = r.x; x < r.x + r.w; x++) {
            if (!inside(c, x, y))
                continue;
            cell(c, x, y)->role = ROLE_FAINT;
            cell(c, x, y)->back = ROLE_BACK;
            cell(c, x, y)->attrs = 0;
        }
    }
}

static void rule(struct canvas *c, int x, int y, int w, enum role role)
{
    for (int i = 0; i < w; i++)
        canvas_glyph(c, x + i, y, GLYPH_H, role, 0);
}

void canvas_box(struct canvas *c, struct rect r, int number, const char *title,
                const char *note, bool focus)
{
    enum role line = focus ? ROLE_FOCUS : ROLE_FAINT;
    int right = r.x + r.w - 1, bottom = r.y + r.h - 1, x, note_w, room;

    if (r.w < 2 || r.h < 2)
        return;
    rule(c, r.x + 1, r.y, r.w - 2, line);
    rule(c, r.x + 1, bottom, r.w - 2, line);
    for (int y = r.y + 1; y < bottom; y++) {
        canvas_glyph(c, r.x, y, GLYPH_V, line, 0);
        canvas_glyph(c, right, y, GLYPH_V, line, 0);
    }
    canvas_glyph(c, r.x, r.y, GLYPH_TOP_LEFT, line, 0);
    canvas_glyph(c, right, r.y, GLYPH_TOP_RIGHT, line, 0);
    canvas_glyph(c, r.x, bottom, GLYPH_BOTTOM_LEFT, line, 0);
    canvas_glyph(c, right, bottom, GLYPH_BOTTOM_RIGHT, line, 0);
    x = r.x + 2;
    canvas_str(c, x++, r.y, " ", ROLE_DIM, 0);
    if (number > 0) {
        x = canvas_fmt(c, x, r.y, 3, focus ? ROLE_FOCUS : ROLE_DIM, 0, "%d ",
                       number);
    }
    x = canvas_text(c, x, r.y, right - 2 - x, title, strlen(title), ROLE_TITLE,
                    CELL_BOLD);
    canvas_str(c, x++, r.y, " ", ROLE_DIM, 0);
    note_w = text_width(note, strlen(note));
    room = right - 1 - x - 3;
    if (note_w > 0 && note_w <= room) {
        x = right - 2 - note_w;
        canvas_str(c, x, r.y, " ", ROLE_DIM, 0);
        x = canvas_str(c, x + 1, r.y, note, ROLE_DIM, 0);
        canvas_str(c, x, r.y, " ", ROLE_DIM, 0);
    }
}

void canvas_meter(struct canvas *c, int x, int y, int w, double v,
                  enum role role)
{
    int halves = (int)(v * w * 2 + 0.5);

    halves = halves < 0 ? 0 : halves > w * 2 ? w * 2 : halves;
    for (int i = 0; i < w; i++) {
        if (i < halves / 2)
            canvas_glyph(c, x + i, y, GLYPH_METER, role, 0);
        else if (i == halves / 2 && halves % 2 == 1)
            canvas_glyph(c, x + i, y, GLYPH_METER_HALF, role, 0);
        else
            canvas_glyph(c, x + i, y, GLYPH_METER_EMPTY, ROLE_TRACK, 0);
    }
}

void canvas_bar(struct canvas *c, int x, int y, int w, double v, enum role role)
{
    int halves = (int)(v * w * 2 + 0.5);

    halves = halves < 0 ? 0 : halves > w * 2 ? w * 2 : halves;
    for (int i = 0; i < w; i++) {
        if (i < halves / 2)
            canvas_glyph(c, x + i, y, GLYPH_BLOCK, role, 0);
        else if (i == halves / 2 && halves % 2 == 1)
            canvas_glyph(c, x + i, y, GLYPH_HALF_BLOCK, role, 0);
        else
            canvas_fill(c, (struct rect){x + i, y, 1, 1}, ROLE_BAR);
    }
}

void canvas_spark(struct canvas *c, int x, int y, double v, enum role role)
{
    int step = (int)(v * 7.99);

    step = step < 0 ? 0 : step > 7 ? 7 : step;
    canvas_glyph(c, x, y, (enum glyph_name)(GLYPH_SPARK_1 + step), role, 0);
}
