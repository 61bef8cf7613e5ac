#include "config.h"

#include "widgets/digits.h"

/* Five rows of three, the highest bit of a row at the left. */
static const unsigned char shapes[][5] = {
    {7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 7, 1, 7},
    {5, 5, 7, 1, 1}, {7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 1, 1, 1},
    {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7}, {0, 0, 0, 0, 2},
};

void digits_draw(struct canvas *c, int x, int y, const char *s, enum role role)
{
    for (; *s != '\0'; s++, x += 8) {
        const unsigned char *shape = shapes[*s >= '0' && *s <= '9' ? *s - '0'
                                                                   : 10];

        for (int row = 0; row < 5; row++)
            for (int bit = 0; bit < 3; bit++)
                if (shape[row] & (4 >> bit)) {
                    canvas_glyph(c, x + bit * 2, y + row, GLYPH_BLOCK, role,
                                 0);
                    canvas_glyph(c, x + bit * 2 + 1, y + row, GLYPH_BLOCK,
                                 role, 0);
                }
    }
}
