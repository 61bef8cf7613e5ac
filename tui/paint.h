/*
 * What a cell looks like with so many colours: a theme, reduced.
 *
 * Where two different colours fall together (faint text on a dark
 * background, 16 colours) the text's one is moved, so that nothing becomes
 * unreadable; the selection stays apart from the plain background.
 * Without colours the built-in mono theme is used, whatever the theme.
 */
#ifndef TUI_PAINT_H
#define TUI_PAINT_H

#include "tui/term.h"
#include "tui/theme.h"

#define PAINT_DEFAULT (-1)

struct paint {
    int32_t fg, bg; /* PAINT_DEFAULT, 0xRRGGBB, 0…255 or 0…15 */
    uint8_t attrs;  /* STYLE_* */
};

/* A theme's colours looked up once. */
struct palette {
    enum term_colours colours;
    struct theme theme;
    int32_t reduced[ROLE_COUNT];
};

void palette_init(struct palette *p, const struct theme *theme,
                  enum term_colours colours);
struct paint palette_paint(const struct palette *p, enum role role,
                           enum role back, unsigned attrs);

#endif
