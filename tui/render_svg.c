/*
 * Backgrounds first, one rectangle per run; then blocks and lines as shapes,
 * so that they meet whatever the font; then ASCII in runs stretched to their
 * cells and every other glyph in a text of its own.
 */
#include "config.h"

#include "tui/paint.h"
#include "tui/render.h"

#define CW       9
#define CH       19
#define PLAIN_FG 0xd0d0d0u /* for a theme's `default` */
#define PLAIN_BG 0x101010u

struct svg {
    const struct canvas *c;
    struct palette palette;
    struct buf *out;
};

struct ink {
    uint32_t fg, bg;
    uint8_t attrs;
};

static struct ink ink_at(const struct svg *s, int x, int y)
{
    const struct cell *cell = canvas_at(s->c, x, y);
    struct paint p = palette_paint(&s->palette, (enum role)cell->role,
                                   (enum role)cell->back, cell->attrs);
    uint32_t fg = p.fg == PAINT_DEFAULT ? PLAIN_FG : (uint32_t)p.fg;
    uint32_t bg = p.bg == PAINT_DEFAULT ? PLAIN_BG : (uint32_t)p.bg;
    uint8_t attrs = (uint8_t)(p.attrs & ~STYLE_REVERSE);

    if (p.attrs & STYLE_REVERSE)
        return (struct ink){bg, fg, attrs};
    return (struct ink){fg, bg, attrs};
}

static bool same_ink(struct ink a, struct ink b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

/* Not by printf: a locale may write a comma. All numbers here are ≥ 0. */
static void add_number(struct buf *out, const char *name, double v)
{
    int thousandths = (int)(v * 1000 + 0.5);

    buf_fmt(out, " %s=\"%d.%03d\"", name, thousandths / 1000,
            thousandths % 1000);
}

static void add_rect(struct svg *s, double x, double y, double w, double h,
                     uint32_t rgb)
{
    buf_str(s->out, "<rect");
    add_number(s->out, "x", x);
    add_number(s->out, "y", y);
    add_number(s->out, "width", w);
    add_number(s->out, "height", h);
    buf_fmt(s->out, " fill=\"#%06x\"/>\n", (unsigned)rgb);
}

static void add_backs(struct svg *s, int y, uint32_t plain)
{
    for (int x = 0, end; x < s->c->w; x = end) {
        uint32_t bg = ink_at(s, x, y).bg;

        end = x + 1;
        while (end < s->c->w && ink_at(s, end, y).bg == bg)
            end++;
        if (bg != plain)
            add_rect(s, x * CW, y * CH, (end - x) * CW, CH, bg);
    }
}

/* A glyph that is a shape; false if it is for the font. */
static bool add_shape(struct svg *s, uint32_t cp, int x, int y, uint32_t fg)
{
    double left = x * CW, top = y * CH;

    if (cp >= 0x2581 && cp <= 0x2588) {
        double h = CH * (double)(cp - 0x2580) / 8;

        add_rect(s, left, top + CH - h, CW, h, fg);
    } else if (cp >= 0x2589 && cp <= 0x258f) {
        add_rect(s, left, top, CW * (double)(0x2590 - cp) / 8, CH, fg);
    } else if (cp == 0x2501) {
        add_rect(s, left, top + 7, CW, 5, fg);
    } else if (cp == 0x2578) {
        add_rect(s, left, top + 7, CW / 2.0, 5, fg);
    } else if (cp == 0x2500) {
        add_rect(s, left, top + 9, CW, 1, fg);
    } else if (cp == 0x2502) {
        add_rect(s, left + 4, top, 1, CH, fg);
    } else {
        return false;
    }
    return true;
}

static void add_escaped(struct buf *out, char c)
{
    if (c == '&')
        buf_str(out, "&amp;");
    else if (c == '<')
        buf_str(out, "&lt;");
    else if (c == '>')
        buf_str(out, "&gt;");
    else
        buf_char(out, c);
}

static void open_text(struct svg *s, int x, int y, int columns, struct ink ink)
{
    buf_fmt(s->out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"",
            x * CW, y * CH + 14, columns * CW, (unsigned)ink.fg);
    if (ink.attrs & STYLE_BOLD)
        buf_str(s->out, " font-weight=\"bold\"");
    if (ink.attrs & STYLE_DIM)
        buf_str(s->out, " opacity=\"0.6\"");
    if (ink.attrs & STYLE_UNDERLINE)
        buf_str(s->out, " text-decoration=\"underline\"");
    buf_char(s->out, '>');
}

static bool plain(const struct cell *cell)
{
    return cell->cp > ' ' && cell->cp < 0x7f && cell->combining[0] == 0;
}

/* Words of one ink; returns the column after. */
static int add_word(struct svg *s, int x, int y, struct ink ink)
{
    int end = x + 1;

    while (end < s->c->w && plain(canvas_at(s->c, end, y)) &&
           same_ink(ink, ink_at(s, end, y)))
        end++;
    open_text(s, x, y, end - x, ink);
    for (int i = x; i < end; i++)
        add_escaped(s->out, (char)canvas_at(s->c, i, y)->cp);
    buf_str(s->out, "</text>\n");
    return end;
}

static void add_glyphs(struct svg *s, int y)
{
    for (int x = 0; x < s->c->w;) {
        const struct cell *cell = canvas_at(s->c, x, y);
        struct ink ink = ink_at(s, x, y);

        if (plain(cell)) {
            x = add_word(s, x, y, ink);
            continue;
        }
        if (cell->width > 0 && (cell->cp != ' ' || cell->combining[0] != 0) &&
            !add_shape(s, cell->cp, x, y, ink.fg)) {
            open_text(s, x, y, cell->width, ink);
            render_cell_text(cell, s->out);
            buf_str(s->out, "</text>\n");
        }
        x++;
    }
}

void render_svg(const struct canvas *c, const struct theme *theme,
                struct buf *out)
{
    struct svg s = {.c = c, .out = out};
    uint32_t back = theme->styles[ROLE_BACK].rgb;

    if (back == THEME_DEFAULT)
        back = PLAIN_BG;
    palette_init(&s.palette, theme, TERM_TRUE);
    buf_fmt(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
            "height=\"%d\" font-family=\"DejaVu Sans Mono,monospace\" "
            "font-size=\"14.2\" lengthAdjust=\"spacingAndGlyphs\">\n",
            c->w * CW, c->h * CH);
    add_rect(&s, 0, 0, c->w * CW, c->h * CH, back);
    for (int y = 0; y < c->h; y++)
        add_backs(&s, y, back);
    for (int y = 0; y < c->h; y++)
        add_glyphs(&s, y);
    buf_str(out, "</svg>\n");
}
