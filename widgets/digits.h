/* Numbers five rows high, for the wall: 0–9 and the point. */
#ifndef WIDGETS_DIGITS_H
#define WIDGETS_DIGITS_H

#include "tui/canvas.h"

void digits_draw(struct canvas *c, int x, int y, const char *s,
                 enum role role);

#endif
