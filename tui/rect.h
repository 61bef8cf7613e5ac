/* A rectangle of cells; w and h are never negative. */
#ifndef TUI_RECT_H
#define TUI_RECT_H

struct rect {
    int x, y, w, h;
};

static inline struct rect rect_inset(struct rect r, int dx, int dy)
{
    r.x += dx;
    r.y += dy;
    r.w = r.w > 2 * dx ? r.w - 2 * dx : 0;
    r.h = r.h > 2 * dy ? r.h - 2 * dy : 0;
    return r;
}

#endif
