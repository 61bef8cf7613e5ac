#include "config.h"

#include "habitat/lines.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT, ESCAPE, CSI, OSC, OSC_ESCAPE, STRING, STRING_ESCAPE, CHARSET };

void lines_init(struct lines *l, const struct lines_calls *calls)
{
    *l = (struct lines){.calls = *calls};
    buf_init(&l->text, LINES_MAX);
    buf_init(&l->osc, LINES_OSC_MAX);
}

void lines_finish(struct lines *l)
{
    buf_finish(&l->text);
    buf_finish(&l->osc);
}

static void give(struct lines *l)
{
    l->calls.line((struct span){buf_text(&l->text), l->text.len},
                  l->calls.arg);
    buf_clear(&l->text);
    l->text.over = false;
    l->text.cap = LINES_MAX;
    l->at = 0;
    buf_shrink(&l->text, 1024);
}

struct span lines_rest(const struct lines *l)
{
    return (struct span){buf_text(&l->text), l->text.len};
}

void lines_flush(struct lines *l)
{
    if (l->text.len > 0)
        give(l);
}

/* Bytes of the character that begins with c. */
static size_t length(unsigned char c)
{
    return c < 0xc0 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
}

/* A character takes another's place: as much room as it needs, no more. */
static void make_way(struct lines *l, unsigned char c)
{
    static const char blanks[] = "   ";
    unsigned char *at = (unsigned char *)l->text.ptr + l->at;
    size_t rest = l->text.len - l->at, want = length(c), is = 1;

    while (is < length(*at) && is < rest && (at[is] & 0xc0) == 0x80)
        is++;
    if (is == want)
        return;
    if (want > is && !buf_add(&l->text, blanks, want - is))
        return;
    at = (unsigned char *)l->text.ptr + l->at;
    memmove(at + want, at + is, rest - is);
    memset(at, ' ', want);
    l->text.len = l->at + want + rest - is;
    l->text.ptr[l->text.len] = '\0';
}

static void put(struct lines *l, char c)
{
    if (l->at < l->text.len) {
        if (((unsigned char)c & 0xc0) != 0x80)
            make_way(l, (unsigned char)c);
        l->text.ptr[l->at++] = c;
        return;
    }
    if (l->text.len + 1 >= LINES_MAX && l->text.ptr[0] == '{')
        l->text.cap = LINES_JSON_MAX;
    if (!buf_char(&l->text, c)) {
        give(l);
        buf_char(&l->text, c);
    }
    l->at = l->text.len;
}

static void control(struct lines *l, unsigned char c)
{
    switch (c) {
    case '\n':
        give(l);
        break;
    case '\r':
        l->at = 0;
        break;
    case '\b':
        /* one character back, not one byte */
        while (l->at > 0 &&
               ((unsigned char)l->text.ptr[--l->at] & 0xc0) == 0x80)
            ;
        break;
    case '\t':
        put(l, '\t');
        break;
    case '\a':
        l->calls.bell(l->calls.arg);
        break;
    case 0x1b:
        l->state = ESCAPE;
        break;
    default: /* other controls print nothing */
        break;
    }
}

static void text(struct lines *l, unsigned char c)
{
    if (l->screen && c != 0x1b && c != '\a')
        return;
    if (c >= 0x20 && c != 0x7f)
        put(l, (char)c);
    else
        control(l, c);
}

/* What a program that prints lines may still use. */
static bool harmless(struct lines *l, char final)
{
    int n;

    l->csi[l->csi_len] = '\0';
    switch (final) {
    case 'm': /* colours */
    case 't': /* window operations */
    case 'q': /* the cursor's shape */
        return l->csi[0] != '>';
    case 'h':
    case 'l': /* modes: those that mean a screen are */
        if (l->csi[0] != '?')
            return true;
        n = atoi(l->csi + 1);
        return n != 1049 && n != 47 && n != 1047 && n != 2026;
    case 'K': /* erase in line, as progress bars do */
        n = atoi(l->csi);
        if (n == 0) {
            l->text.len = l->at < l->text.len ? l->at : l->text.len;
            if (l->text.ptr != NULL)
                l->text.ptr[l->text.len] = '\0';
        } else if (n == 2) {
            buf_clear(&l->text);
            l->at = 0;
        }
        return true;
    default:
        return false;
    }
}

static void osc_end(struct lines *l)
{
    const char *s = buf_text(&l->osc), *semicolon = strchr(s, ';');
    char *end;
    long number = strtol(s, &end, 10);

    l->state = TEXT;
    if (semicolon != NULL && end == semicolon && end > s && !l->osc.over &&
        number >= 0 && number < 100000)
        l->calls.osc((int)number,
                     (struct span){semicolon + 1,
                                   l->osc.len - (size_t)(semicolon + 1 - s)},
                     l->calls.arg);
    buf_clear(&l->osc);
    l->osc.over = false;
    buf_shrink(&l->osc, 0);
}

static void escape(struct lines *l, unsigned char c)
{
    l->state = TEXT;
    if (c == '[') {
        l->state = CSI;
        l->csi_len = 0;
    } else if (c == ']') {
        l->state = OSC;
    } else if (c == 'P' || c == '_' || c == '^' || c == 'X') {
        l->state = STRING;
    } else if (c == '(' || c == ')' || c == '*' || c == '+' || c == '%' ||
               c == '#') {
        l->state = CHARSET;
    }
}

/* False: the program turned to the screen with this byte. */
static bool step(struct lines *l, unsigned char c)
{
    switch (l->state) {
    case TEXT:
        text(l, c);
        break;
    case ESCAPE:
        escape(l, c);
        break;
    case CSI:
        if (c >= 0x40 && c <= 0x7e) {
            l->state = TEXT;
            return l->screen || harmless(l, (char)c);
        }
        if (c >= 0x20 && l->csi_len < sizeof l->csi - 1)
            l->csi[l->csi_len++] = (char)c;
        else if (c < 0x20 && !l->screen)
            control(l, c);
        break;
    case OSC:
        if (c == '\a')
            osc_end(l);
        else if (c == 0x1b)
            l->state = OSC_ESCAPE;
        else
            buf_char(&l->osc, (char)c);
        break;
    case OSC_ESCAPE:
        osc_end(l);
        if (c != '\\')
            escape(l, c);
        break;
    case STRING:
        if (c == 0x1b)
            l->state = STRING_ESCAPE;
        break;
    case STRING_ESCAPE:
        l->state = c == '\\' ? TEXT : STRING;
        break;
    default:
        l->state = TEXT;
    }
    return true;
}

size_t lines_feed(struct lines *l, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (step(l, (unsigned char)p[i]))
            continue;
        l->screen = true;
        lines_flush(l);
        l->calls.screen(l->calls.arg);
        return i;
    }
    return n;
}
