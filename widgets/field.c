#include "config.h"

#include "widgets/field.h"

#include "tui/keys.h"
#include "tui/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CONTROL(c) ((c) & 0x1f)

void field_set(struct field *f, const char *text)
{
    size_t n = strlen(text);

    if (n >= f->room) /* whole code points only */
        for (n = f->room - 1; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
            n--;
    memmove(f->text, text, n);
    f->text[n] = '\0';
    f->at = n;
}

void field_init(struct field *f, const struct form_field *of,
                const char *text, const char *must)
{
    *f = (struct field){.of = of, .room = want_room(of->key)};
    field_set(f, text);
    snprintf(f->must, sizeof f->must, "%s", must);
    f->proposed = text[0] != '\0';
}

void field_enter(struct field *f)
{
    f->fresh = f->proposed && !f->touched;
    f->at = strlen(f->text);
}

static size_t before(const struct field *f)
{
    size_t n = f->at;

    while (n > 0 && ((unsigned char)f->text[n - 1] & 0xc0) == 0x80)
        n--;
    return n > 0 ? n - 1 : 0;
}

static size_t after(const struct field *f)
{
    size_t n = f->at;

    if (f->text[n] != '\0')
        n++;
    while (((unsigned char)f->text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static bool cut(struct field *f, size_t from, size_t to)
{
    if (from == to)
        return false;
    memmove(f->text + from, f->text + to, strlen(f->text + to) + 1);
    f->at = from;
    return true;
}

static bool cut_word(struct field *f)
{
    size_t from = f->at;

    while (from > 0 && f->text[from - 1] == ' ')
        from--;
    while (from > 0 && f->text[from - 1] != ' ')
        from--;
    return cut(f, from, f->at);
}

static bool type(struct field *f, uint32_t key)
{
    size_t n = strlen(f->text);
    char utf8[4];
    int len;

    if (key < ' ' || (key >= 0x7f && key < 0xa0) ||
        (key >= 0xd800 && key < 0xe000) || key >= 0x110000)
        return false;
    len = text_encode(key, utf8);
    if (len <= 0)
        return false;
    if (f->fresh) {
        f->fresh = false;
        f->text[f->at = n = 0] = '\0';
    }
    if (n + (size_t)len >= f->room)
        return false;
    memmove(f->text + f->at + len, f->text + f->at, n - f->at + 1);
    memcpy(f->text + f->at, utf8, (size_t)len);
    f->at += (size_t)len;
    return true;
}

/* The choice after or before the one that stands there. */
static bool cycle(struct field *f, int by)
{
    const char *const *c = f->of->choices;
    int count = 0, here = -1;

    for (; c[count] != NULL; count++)
        if (strcasecmp(c[count], f->text) == 0)
            here = count;
    here = here < 0 ? (by > 0 ? 0 : count - 1) : (here + by + count) % count;
    field_set(f, c[here]);
    f->proposed = f->fresh = true; /* a letter begins anew */
    return true;
}

static bool edit(struct field *f, uint32_t key)
{
    switch (key) {
    case TERM_KEY_LEFT:
    case TERM_KEY_RIGHT:
        if (f->of->choices != NULL)
            return cycle(f, key == TERM_KEY_LEFT ? -1 : 1);
        f->at = key == TERM_KEY_LEFT ? before(f) : after(f);
        return false;
    case TERM_KEY_HOME:
        f->at = 0;
        return false;
    case TERM_KEY_END:
        f->at = strlen(f->text);
        return false;
    case TERM_KEY_BACKSPACE:
        return f->fresh && f->of->choices != NULL
                   ? cut(f, 0, strlen(f->text))
                   : cut(f, before(f), f->at);
    case TERM_KEY_DELETE:
        return cut(f, f->at, after(f));
    case CONTROL('u'):
        return cut(f, 0, strlen(f->text));
    case CONTROL('w'):
        return cut_word(f);
    default:
        return false;
    }
}

bool field_key(struct field *f, uint32_t key, bool pasted)
{
    bool fresh = f->fresh, changed = false;

    if (!pasted && (key >= TERM_KEY_BASE || key < ' ')) {
        changed = edit(f, key);
        if (f->of->choices == NULL || (changed && key != TERM_KEY_LEFT &&
                                       key != TERM_KEY_RIGHT))
            f->fresh = false; /* a cursor in a text edits that text */
    } else {
        changed = type(f, key);
        if (!changed)
            f->fresh = fresh;
    }
    f->touched |= changed;
    return changed;
}
