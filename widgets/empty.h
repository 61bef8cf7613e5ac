/*
 * What a pane says that has no rows: why, and what to do about it.
 */
#ifndef WIDGETS_EMPTY_H
#define WIDGETS_EMPTY_H

#include "tui/canvas.h"
#include "widgets/ui.h"

struct empty {
    const char *filtered; /* a filter lets nothing through; NULL: no filter */
    const char *absent;   /* the kind is not served there */
    const char *none;     /* all was read, there is nothing */
};

/* From (x, y) on, two lines at most. */
void empty_draw(struct canvas *c, int x, int y, int w, const struct ui *u,
                enum kind kind, const struct empty *words);

#endif
