/*
 * Frames: which rows changed, what surrounds them, and the bytes on their
 * way to the terminal.
 */
#include "config.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "tui/term_priv.h"

#define KEEP_BYTES    65536 /* of the frame's buffer between frames */
#define TITLE_COLUMNS 120

/* --- bytes out --- */

void frame_watch(struct term *t)
{
    if (t->lost || t->finished || t->lent)
        uv_poll_stop(&t->poll);
    else
        uv_poll_start(&t->poll, UV_READABLE | (term_busy(t) ? UV_WRITABLE : 0),
                      term_on_poll);
}

void frame_drop(struct term *t)
{
    buf_shrink(&t->out, KEEP_BYTES);
    t->sent = 0;
}

void frame_send(struct term *t)
{
    size_t before = t->sent;
    bool ok = tty_write(&t->tty, &t->out, &t->sent);

    t->bytes += t->sent - before;
    if (!ok) {
        term_lose(t);
        return;
    }
    if (t->sent == t->out.len)
        frame_drop(t);
    frame_watch(t);
}

bool term_busy(const struct term *t)
{
    return t->lent || t->sent < t->out.len;
}

void term_bell(struct term *t)
{
    if (t->lost || t->finished || !t->entered)
        return;
    buf_char(&t->out, '\a');
    frame_send(t);
}

static bool private_modes(const struct term *t)
{
    return t->kind.family != FAMILY_OTHER && t->kind.family != FAMILY_LINUX;
}

static bool has_title(const struct term *t)
{
    return private_modes(t) && t->kind.family != FAMILY_SCREEN;
}

enum glyph_set term_glyphs(const struct term *t)
{
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return GLYPHS_ASCII;
    return private_modes(t) ? GLYPHS_FULL : GLYPHS_PLAIN;
}

static void add_enter(struct term *t)
{
    if (t->entered)
        return;
    t->entered = true;
    if (has_title(t))
        buf_str(&t->out, "\033[22;2t");
    if (private_modes(t))
        buf_str(&t->out, "\033[?2004h");
}

/* What undoes add_enter and a frame that was cut anywhere. */
static void add_undo(const struct term *t, struct buf *out)
{
    buf_str(out, "\033\\");
    if (!private_modes(t))
        return;
    buf_str(out, "\033[?2026l\033[?2004l");
    if (has_title(t))
        buf_str(out, "\033[23;2t");
}

void frame_leave(struct term *t)
{
    bool cut = t->sent > 0 && term_busy(t);

    if (t->lost)
        return;
    frame_drop(t);
    if (t->entered || cut)
        add_undo(t, &t->out);
    painter_leave(t->painter, &t->out);
    t->entered = false;
    t->fresh = true;
    free(t->title);
    t->title = NULL;
    frame_send(t);
}

void frame_guard(const struct term *t)
{
    struct buf undo;
    char last[TTY_LEAVE_MAX];

    buf_init(&undo, TTY_LEAVE_MAX);
    add_undo(t, &undo);
    buf_add(&undo, last, painter_leave_bytes(last, sizeof last - undo.len));
    tty_guard(&t->tty, buf_text(&undo), undo.len);
    buf_finish(&undo);
}

/* --- frames --- */

/* Only what tui/text passes; in a locale without UTF-8 only ASCII. */
static void add_title(struct term *t, const char *title)
{
    bool ascii = term_glyphs(t) == GLYPHS_ASCII;
    size_t len = strlen(title), n;
    struct glyph g;
    int w = 0;

    buf_str(&t->out, "\033]2;");
    for (; (n = text_next(title, len, &g)) > 0; title += n, len -= n) {
        char utf8[4];

        w += g.width;
        if (w > TITLE_COLUMNS)
            break;
        if (g.mark || (ascii && g.base >= 0x80))
            g.base = '?';
        buf_add(&t->out, utf8, (size_t)text_encode(g.base, utf8));
    }
    buf_str(&t->out, "\033\\");
}

static bool title_differs(const struct term *t, const char *title)
{
    return title != NULL && has_title(t) &&
           (t->title == NULL || strcmp(t->title, title) != 0);
}

static void set_title(struct term *t, const char *title)
{
    add_title(t, title);
    free(t->title);
    t->title = xstrdup(title);
}

/* Hands changed rows to the painter; false if there were none. */
static bool take_rows(struct term *t, const struct canvas *c)
{
    bool all = t->fresh || t->cells_w != c->w || t->cells_h != c->h;
    size_t row = sizeof *c->cells * (size_t)c->w;
    bool changed = all;
    uint64_t hash;

    if (all) {
        t->rows = xrealloc(t->rows, (size_t)c->h, sizeof *t->rows);
        t->cells_w = c->w;
        t->cells_h = c->h;
    }
    for (int y = 0; y < t->h; y++) {
        if (y >= c->h) {
            if (all)
                painter_row(t->painter, y, NULL, 0);
            continue;
        }
        hash = hash_more(1, (const char *)canvas_at(c, 0, y), row);
        if (!all && t->rows[y] == hash)
            continue;
        t->rows[y] = hash;
        painter_row(t->painter, y, canvas_at(c, 0, y), c->w);
        changed = true;
    }
    t->fresh = false;
    return changed;
}

/*
 * The frame's bytes, between marks that let the terminal show it at once
 * (those that do not know them pass over them). False: given up.
 */
static bool add_frame(struct term *t)
{
    bool marks = private_modes(t), ok;
    size_t before;

    if (marks)
        buf_str(&t->out, "\033[?2026h");
    before = t->out.len;
    ok = painter_flush(t->painter, &t->out);
    if (marks && t->out.len == before) {
        buf_drop(&t->out, t->out.len);
        return ok;
    }
    if (marks)
        ok = buf_str(&t->out, "\033[?2026l") && ok;
    return ok;
}

bool term_draw(struct term *t, const struct canvas *c, const char *title)
{
    bool changed, named;

    if (t->lost || t->closing)
        return false;
    if (term_busy(t)) {
        t->skipped++;
        return false;
    }
    changed = take_rows(t, c);
    named = title_differs(t, title);
    if (!changed && !named)
        return true;
    frame_drop(t);
    if (changed && !add_frame(t)) {
        frame_drop(t);
        term_redraw(t);
        return false;
    }
    add_enter(t);
    if (named)
        set_title(t, title);
    if (t->out.len > 0)
        t->frames++;
    frame_send(t);
    return true;
}

void term_redraw(struct term *t)
{
    t->fresh = true;
    painter_again(t->painter);
}

void term_set_theme(struct term *t, const struct theme *theme)
{
    painter_theme(t->painter, theme);
    t->fresh = true;
}
