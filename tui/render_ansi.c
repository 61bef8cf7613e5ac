#include "config.h"

#include "tui/paint.h"
#include "tui/render.h"

static void add_colour(struct buf *out, int32_t colour, int base,
                       enum term_colours colours)
{
    if (colour == PAINT_DEFAULT)
        return;
    if (colours == TERM_TRUE)
        buf_fmt(out, ";%d;2;%d;%d;%d", base + 8, colour >> 16 & 0xff,
                colour >> 8 & 0xff, colour & 0xff);
    else if (colours == TERM_256)
        buf_fmt(out, ";%d;5;%d", base + 8, colour);
    else
        buf_fmt(out, ";%d", colour < 8 ? base + colour : base + 52 + colour);
}

static void add_paint(struct buf *out, const struct paint *p,
                      enum term_colours colours)
{
    buf_str(out, "\033[0");
    if (p->attrs & STYLE_BOLD)
        buf_str(out, ";1");
    if (p->attrs & STYLE_DIM)
        buf_str(out, ";2");
    if (p->attrs & STYLE_UNDERLINE)
        buf_str(out, ";4");
    if (p->attrs & STYLE_REVERSE)
        buf_str(out, ";7");
    add_colour(out, p->fg, 30, colours);
    add_colour(out, p->bg, 40, colours);
    buf_char(out, 'm');
}

static bool same(const struct paint *a, const struct paint *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->attrs == b->attrs;
}

static void add_row(const struct canvas *c, int y, const struct palette *p,
                    struct buf *out)
{
    struct paint now = {PAINT_DEFAULT, PAINT_DEFAULT, 0};

    for (int x = 0; x < c->w; x++) {
        const struct cell *cell = canvas_at(c, x, y);
        struct paint want = palette_paint(p, (enum role)cell->role,
                                          (enum role)cell->back, cell->attrs);

        if (cell->width == 0)
            continue;
        if (!same(&want, &now))
            add_paint(out, &want, p->colours);
        now = want;
        render_cell_text(cell, out);
    }
    buf_str(out, "\033[0m\n");
}

void render_ansi(const struct canvas *c, const struct theme *theme,
                 enum term_colours colours, struct buf *out)
{
    struct palette p;

    palette_init(&p, theme, colours);
    for (int y = 0; y < c->h; y++)
        add_row(c, y, &p, out);
}
