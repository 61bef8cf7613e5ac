#include "config.h"

#include "widgets/scroll.h"

uint32_t scroll_to(uint32_t top, uint32_t at, uint32_t count, int rows)
{
    uint32_t room = rows > 0 ? (uint32_t)rows : 1;

    if (at < top)
        top = at;
    if (at >= top + room)
        top = at - room + 1;
    if (count <= room)
        top = 0;
    else if (top > count - room)
        top = count - room;
    return top;
}

void scroll_mark(struct canvas *c, struct rect r, uint32_t top,
                 uint32_t count, int rows)
{
    int track = r.h - 2, size, at;

    if (rows <= 0 || track < 2 || count <= (uint32_t)rows)
        return;
    size = (int)((uint64_t)track * (uint64_t)rows / count);
    size = size < 1 ? 1 : size;
    at = (int)((uint64_t)(track - size) * top / (count - (uint32_t)rows));
    for (int i = 0; i < size; i++)
        canvas_glyph(c, r.x + r.w - 1, r.y + 1 + at + i, GLYPH_V, ROLE_KEY,
                     CELL_BOLD);
}
