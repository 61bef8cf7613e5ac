/*
 * Fewer colours: the nearest one in OKLab, where equal distances look about
 * equally different (plain RGB distance turns dark greens into greys).
 */
#include "config.h"

#include <math.h>

#include "tui/theme.h"

struct lab {
    double l, a, b;
};

/* xterm's defaults */
static const uint32_t first_16[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00,
                                      0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
                                      0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                      0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

static uint32_t xterm_rgb(int i)
{
    static const uint8_t level[6] = {0, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    uint32_t grey;

    if (i < 16)
        return first_16[i];
    if (i >= 232) {
        grey = 8 + 10 * (uint32_t)(i - 232);
        return grey << 16 | grey << 8 | grey;
    }
    i -= 16;
    return (uint32_t)level[i / 36] << 16 | (uint32_t)level[i / 6 % 6] << 8 |
           level[i % 6];
}

static double linear(uint32_t byte)
{
    double v = (double)(byte & 0xff) / 255;

    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static struct lab lab_of(uint32_t rgb)
{
    double r = linear(rgb >> 16), g = linear(rgb >> 8), b = linear(rgb);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

    return (struct lab){0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

/* All 256, made with the first look. */
static const struct lab *lab_table(void)
{
    static struct lab table[256];
    static bool made;

    for (int i = 0; i < 256 && !made; i++)
        table[i] = lab_of(xterm_rgb(i));
    made = true;
    return table;
}

static double distance(struct lab p, struct lab q)
{
    double dl = p.l - q.l, da = p.a - q.a, db = p.b - q.b;

    return dl * dl + da * da + db * db;
}

/*
 * For so few colours the hue is what tells them apart: a colour counts as
 * fully coloured or as grey, or a soft green would become cyan or grey.
 */
static struct lab hue_of(struct lab c)
{
    double chroma = hypot(c.a, c.b);
    double k = chroma < 0.06 ? 0 : 0.15 / chroma;

    return (struct lab){c.l, c.a * k, c.b * k};
}

int theme_256(uint32_t rgb)
{
    struct lab want = lab_of(rgb);
    double best = INFINITY;
    int ret = 16;

    for (int i = 16; i < 256; i++) {
        double d = distance(want, lab_table()[i]);

        if (d < best) {
            best = d;
            ret = i;
        }
    }
    return ret;
}

int theme_16(uint32_t rgb)
{
    struct lab want = hue_of(lab_of(rgb));
    double best = INFINITY;
    int ret = 0;

    for (int i = 0; i < 16; i++) {
        double d = distance(want, hue_of(lab_table()[i]));

        if (d < best) {
            best = d;
            ret = i;
        }
    }
    return ret;
}
