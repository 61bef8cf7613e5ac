/* Scrolling of lists: where to begin, and a mark of where one is. */
#ifndef WIDGETS_SCROLL_H
#define WIDGETS_SCROLL_H

#include "tui/canvas.h"

/* The first row to show so that `at` is seen, near the present `top`. */
uint32_t scroll_to(uint32_t top, uint32_t at, uint32_t count, int rows);

/* On the right border: nothing when all rows are seen. */
void scroll_mark(struct canvas *c, struct rect r, uint32_t top,
                 uint32_t count, int rows);

#endif
