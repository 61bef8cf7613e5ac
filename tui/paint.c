#include "tui/paint.h"

#include "config.h"

#include "tui/canvas.h"

_Static_assert((int)CELL_BOLD == (int)STYLE_BOLD, "a cell's are a style's");
_Static_assert((int)CELL_REVERSE == (int)STYLE_REVERSE,
               "a cell's are a style's");

#define BLACK  0
#define SILVER 7
#define GREY   8

static int32_t reduce(uint32_t rgb, enum term_colours colours)
{
    if (rgb == THEME_DEFAULT || colours == TERM_MONO)
        return PAINT_DEFAULT;
    if (colours == TERM_TRUE)
        return (int32_t)rgb;
    return colours == TERM_256 ? theme_256(rgb) : theme_16(rgb);
}

void palette_init(struct palette *p, const struct theme *theme,
                  enum term_colours colours)
{
    p->colours = colours;
    p->theme = colours == TERM_MONO ? *theme_mono() : *theme;
    for (int i = 0; i < ROLE_COUNT; i++)
        p->reduced[i] = reduce(p->theme.styles[i].rgb, colours);
    if (colours == TERM_16 && p->reduced[ROLE_SELECT] == BLACK &&
        p->reduced[ROLE_BACK] == BLACK)
        p->reduced[ROLE_SELECT] = GREY;
}

/* A text colour that can be read on bg. */
static int32_t apart(const struct palette *p, int32_t bg)
{
    if (p->colours == TERM_16)
        return bg == BLACK ? GREY : bg == GREY ? SILVER : BLACK;
    if (bg >= 232) /* greys: four steps to the lighter, or darker */
        return bg + 4 <= 255 ? bg + 4 : bg - 4;
    return bg == 16 ? 236 : 16;
}

struct paint palette_paint(const struct palette *p, enum role role,
                           enum role back, unsigned attrs)
{
    struct look look = theme_look(&p->theme, role, back, attrs);
    struct paint ret = {p->reduced[role], p->reduced[back], look.attrs};

    if (p->colours != TERM_TRUE && ret.fg == ret.bg && look.fg != look.bg &&
        ret.fg != PAINT_DEFAULT)
        ret.fg = apart(p, ret.bg);
    return ret;
}
