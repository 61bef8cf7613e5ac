#include "config.h"

#include "tui/glyphs.h"

#define GLYPH_ROW(name, full, plain, ascii) {full, plain, ascii},

static const uint32_t glyphs[GLYPH_COUNT][3] = {GLYPH_MAP(GLYPH_ROW)};

uint32_t glyph_of(enum glyph_set set, enum glyph_name g)
{
    return glyphs[g][set];
}

uint32_t glyph_plain(enum glyph_set set, uint32_t cp)
{
    if (set != GLYPHS_ASCII || cp < 0x80)
        return cp;
    for (int i = 0; i < GLYPH_COUNT; i++)
        if (glyphs[i][GLYPHS_FULL] == cp)
            return glyphs[i][GLYPHS_ASCII];
    switch (cp) {
    case 0x201c:
    case 0x201d:
        return '"';
    case 0x2018:
    case 0x2019:
        return '\'';
    case 0x2014:
    case 0x2212:
        return '-';
    case 0x2264:
        return '<';
    case 0x2265:
        return '>';
    case 0x2190:
        return '<';
    default:
        return '?';
    }
}
