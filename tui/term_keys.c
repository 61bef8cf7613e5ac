/*
 * Bytes to keys.
 *
 * Nothing here waits: curses' own reader would sleep through the moment that
 * tells a lone Esc from a sequence, and gives an unknown sequence as an Esc
 * and its letters. So sequences are cut out here, by the shape all terminals
 * share (ECMA-48), and curses is asked what each one means: terminfo's keys
 * and those defined in term_curses.c.
 *
 * A complete sequence that nothing knows is dropped. Esc and another
 * character within one read (Alt, or a slow line) are two keys.
 */
#include "config.h"

#include <string.h>

#include "tui/term_priv.h"

#define ESC '\033'

/*
 * Length of the sequence at s: 0 if it is not complete, 1 if the Esc stands
 * for itself.
 */
static size_t sequence_length(const char *s, size_t len)
{
    size_t i = 2;

    if (len < 2)
        return 0;
    if (s[1] != '[' && s[1] != 'O')
        return 1;
    while (i < len && s[i] >= 0x20 && s[i] <= 0x3f)
        i++; /* parameters */
    if (i == len)
        return 0;
    if (s[i] < 0x40 || s[i] > 0x7e)
        return i; /* broken off by a control byte */
    return i + 1;
}

static int lookup(const char *s, size_t len)
{
    char seq[KEYS_HELD];

    if (len >= sizeof seq)
        return SEQ_NONE;
    memcpy(seq, s, len);
    seq[len] = '\0';
    return painter_key(seq);
}

/* With Shift, Alt, Ctrl: "[1;5A" is "[A", "[5;5~" is "[5~". */
static int lookup_modified(const char *s, size_t len)
{
    const char *semicolon = memchr(s, ';', len);
    char seq[KEYS_HELD];
    size_t n;

    if (semicolon == NULL || len >= sizeof seq || s[1] != '[')
        return SEQ_NONE;
    n = (size_t)(semicolon - s);
    if (n == 3 && s[2] == '1' && s[len - 1] != '~')
        n = 2;
    memcpy(seq, s, n);
    seq[n++] = s[len - 1];
    if (n == 3 && strchr("PQRS", seq[2]) != NULL)
        seq[1] = 'O'; /* F1…F4 */
    return lookup(seq, n);
}

static void emit(struct keys *k, uint32_t key)
{
    k->key(key, k->paste, k->arg);
}

static void take_sequence(struct keys *k, const char *s, size_t len)
{
    int code = lookup(s, len);

    if (code <= 0)
        code = lookup_modified(s, len);
    if (code == SEQ_PASTE || code == SEQ_PASTE_END)
        k->paste = code == SEQ_PASTE;
    else if (code > 0 && !k->paste)
        emit(k, (uint32_t)code);
}

/* ESC …; how many bytes it was, 0 = more are needed. */
static size_t take_escape(struct keys *k, const char *s, size_t len)
{
    size_t n = sequence_length(s, len);

    if (n == 0 && len < KEYS_HELD)
        return 0;
    if (n == 0)
        return len; /* longer than any key */
    if (n == 1) {
        if (!k->paste)
            emit(k, TERM_KEY_ESCAPE);
        return 1;
    }
    if (lookup(s, n) == SEQ_PREFIX) { /* the Linux console's "[[A" */
        if (n == len)
            return 0;
        n++;
    }
    take_sequence(k, s, n);
    return n;
}

static void take_control(struct keys *k, unsigned char c)
{
    if (c == '\r' || c == '\n')
        emit(k, TERM_KEY_ENTER);
    else if (c == '\t')
        emit(k, TERM_KEY_TAB);
    else if (k->paste || c == 0)
        return;
    else if (c == 0x7f || c == 0x08)
        emit(k, TERM_KEY_BACKSPACE);
    else
        emit(k, c);
}

/* How long the character beginning with c is; 0 = no beginning. */
static size_t utf8_length(unsigned char c)
{
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if ((c & 0xf0) == 0xe0)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

static size_t take_utf8(struct keys *k, const char *s, size_t len)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)s[0];
    size_t n = utf8_length(c), i = 1;
    uint32_t cp = c & (n == 2 ? 0x1fu : n == 3 ? 0x0fu : 0x07u);

    for (; i < n && i < len && ((unsigned char)s[i] & 0xc0) == 0x80; i++)
        cp = cp << 6 | ((unsigned char)s[i] & 0x3fu);
    if (i < n && i == len)
        return 0;
    if (n == 0 || i < n)
        return i; /* not UTF-8: dropped */
    if (cp >= least[n] && cp >= 0xa0 && cp <= 0x10ffff &&
        !(cp >= 0xd800 && cp <= 0xdfff))
        emit(k, cp);
    return n;
}

static size_t take(struct keys *k, const char *s, size_t len)
{
    unsigned char c = (unsigned char)s[0];

    if (c == ESC)
        return take_escape(k, s, len);
    if (c >= 0x80)
        return take_utf8(k, s, len);
    if (c < 0x20 || c == 0x7f)
        take_control(k, c);
    else
        emit(k, c);
    return 1;
}

/* As many as are complete; returns the bytes used. */
static size_t take_all(struct keys *k, const char *s, size_t len)
{
    size_t used = 0, n;

    while (used < len && (n = take(k, s + used, len - used)) > 0)
        used += n;
    return used;
}

void keys_feed(struct keys *k, const char *s, size_t len)
{
    while (len > 0) {
        size_t n = sizeof k->held - k->len, used;

        n = n > len ? len : n;
        memcpy(k->held + k->len, s, n);
        k->len += n;
        s += n;
        len -= n;
        used = take_all(k, k->held, k->len);
        k->len -= used;
        memmove(k->held, k->held + used, k->len);
    }
}

unsigned keys_wait_ms(const struct keys *k)
{
    return k->len == 0 ? 0 : k->len == 1 ? KEYS_ESC_MS : KEYS_REST_MS;
}

void keys_flush(struct keys *k)
{
    /* in a paste an Esc may yet become its end */
    if (k->len == 0 || (k->paste && k->held[0] == ESC))
        return;
    if (k->len == 1 && k->held[0] == ESC)
        emit(k, TERM_KEY_ESCAPE);
    k->len = 0;
}
