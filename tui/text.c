#include "config.h"

#include "tui/text.h"

#include <string.h>
#include <utf8proc.h>

/* Marks for what is not shown as it is. */
#define MARK_CONTROL 0x2400 /* + the byte: ␀ … ␟ */
#define MARK_DELETE 0x2421
#define MARK_INVALID 0xfffd
#define MARK_HIDDEN 0x00b7 /* · for invisible and bidi characters */

static bool hidden(uint32_t cp)
{
    return (cp >= 0x80 && cp <= 0x9f) ||       /* C1 controls */
           cp == 0xad || cp == 0x61c ||        /* soft hyphen, ALM */
           (cp >= 0x200b && cp <= 0x200f) ||   /* zero width, LRM, RLM */
           (cp >= 0x2028 && cp <= 0x202e) ||   /* separators, bidi */
           (cp >= 0x2060 && cp <= 0x206f) ||   /* joiners, isolates */
           cp == 0xfeff || cp == 0x034f || cp == 0x115f || cp == 0x1160 ||
           cp == 0x3164 || cp == 0x17b4 || cp == 0x17b5 || cp == 0x180e ||
           (cp >= 0xfff0 && cp <= 0xfffb) ||   /* specials */
           (cp >= 0xe0000 && cp <= 0xe0fff) || /* tags */
           (cp >= 0xfdd0 && cp <= 0xfdef) || (cp & 0xfffe) == 0xfffe;
}

static bool private_use(uint32_t cp)
{
    return (cp >= 0xe000 && cp <= 0xf8ff) || cp >= 0xf0000;
}

static bool combining(uint32_t cp)
{
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);

    return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME;
}

static void set_mark(struct glyph *g, uint32_t cp)
{
    *g = (struct glyph){.base = cp, .width = 1, .mark = true};
}

/* One code point as a glyph of its own. */
static void set_base(struct glyph *g, uint32_t cp)
{
    int w;

    *g = (struct glyph){.base = cp, .width = 1};
    if (cp < 0x20 || cp == 0x7f) {
        if (cp == '\t')
            g->base = ' ';
        else
            set_mark(g, cp == 0x7f ? MARK_DELETE : MARK_CONTROL + cp);
        return;
    }
    if (cp < 0x7f)
        return;
    if (hidden(cp) || private_use(cp)) {
        set_mark(g, MARK_HIDDEN);
        return;
    }
    if (combining(cp)) { /* nothing to stand on */
        set_mark(g, MARK_HIDDEN);
        return;
    }
    w = utf8proc_charwidth((utf8proc_int32_t)cp);
    if (utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_CN ||
        w <= 0) {
        set_mark(g, MARK_INVALID);
        return;
    }
    g->width = w > 1 ? 2 : 1;
}

size_t text_next(const char *s, size_t len, struct glyph *ret)
{
    const utf8proc_uint8_t *u = (const utf8proc_uint8_t *)s;
    utf8proc_int32_t cp, next, state = 0;
    utf8proc_ssize_t n;
    size_t used;
    int marks = 0;

    if (len == 0)
        return 0;
    if (u[0] < 0x80) {
        set_base(ret, u[0]);
        used = 1;
        cp = u[0];
        if (len == 1 || u[1] < 0x80) /* the common case */
            return 1;
    } else {
        n = utf8proc_iterate(u, (utf8proc_ssize_t)len, &cp);
        if (n <= 0) {
            set_mark(ret, MARK_INVALID);
            return 1;
        }
        set_base(ret, (uint32_t)cp);
        used = (size_t)n;
    }
    if (ret->mark)
        return used;
    /* the rest of the cluster */
    while (used < len && u[used] >= 0x80) {
        n = utf8proc_iterate(u + used, (utf8proc_ssize_t)(len - used), &next);
        if (n <= 0 || utf8proc_grapheme_break_stateful(cp, next, &state))
            break;
        /* bidi and other hidden ones stay visible, joiners go */
        if (hidden((uint32_t)next) && next != 0x200d && next != 0x200c)
            break;
        if (combining((uint32_t)next) && !(next >= 0xfe00 && next <= 0xfe0f) &&
            marks < TEXT_COMBINING)
            ret->combining[marks++] = (uint32_t)next;
        used += (size_t)n;
        cp = next;
    }
    return used;
}

int text_width(const char *s, size_t len)
{
    struct glyph g;
    int w = 0;

    for (size_t n; (n = text_next(s, len, &g)) > 0; s += n, len -= n)
        w += g.width;
    return w;
}

size_t text_fit(const char *s, size_t len, int columns, int *ret_width)
{
    struct glyph g;
    size_t used = 0;
    int w = 0;

    for (size_t n; (n = text_next(s + used, len - used, &g)) > 0; used += n) {
        if (w + g.width > columns)
            break;
        w += g.width;
    }
    if (ret_width != NULL)
        *ret_width = w;
    return used;
}

int text_encode(uint32_t cp, char ret[4])
{
    return (int)utf8proc_encode_char((utf8proc_int32_t)cp,
                                     (utf8proc_uint8_t *)ret);
}

bool text_clean(const char *s, size_t len)
{
    struct glyph g;

    for (size_t n; (n = text_next(s, len, &g)) > 0; s += n, len -= n)
        if (g.mark)
            return false;
    return true;
}

void text_print(FILE *out, const char *s)
{
    size_t len = strlen(s), n;
    struct glyph g;
    char utf8[4];

    for (; (n = text_next(s, len, &g)) > 0; s += n, len -= n)
        fwrite(utf8, 1, (size_t)text_encode(g.base, utf8), out);
}

bool text_type(char *line, size_t size, uint32_t key)
{
    size_t n = strlen(line);
    char utf8[4];
    int len;

    if (key < ' ' || (key >= 0x7f && key < 0xa0) ||
        (key >= 0xd800 && key < 0xe000) || key >= 0x110000)
        return false;
    len = text_encode(key, utf8);
    if (len <= 0 || n + (size_t)len >= size)
        return false;
    memcpy(line + n, utf8, (size_t)len);
    line[n + (size_t)len] = '\0';
    return true;
}

void text_erase(char *line)
{
    size_t n = strlen(line);

    while (n > 0 && ((unsigned char)line[n - 1] & 0xc0) == 0x80)
        n--;
    line[n > 0 ? n - 1 : 0] = '\0';
}
