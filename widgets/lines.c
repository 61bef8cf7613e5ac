#include "config.h"

#include "widgets/lines.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lines_init(struct lines *l)
{
    *l = (struct lines){.selected = -1};
    buf_init(&l->text, LINES_BYTES);
}

void lines_finish(struct lines *l)
{
    free(l->at);
    free(l->links);
    buf_finish(&l->text);
    *l = (struct lines){0};
}

void lines_next(struct lines *l)
{
    if (l->count == LINES_MAX) {
        l->cut++;
        return;
    }
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 64;
        l->at = xrealloc(l->at, (size_t)l->room, sizeof *l->at);
    }
    l->at[l->count++].count = 0;
}

static struct line_span *span_for(struct lines *l)
{
    struct line *at;

    if (l->count == 0)
        lines_next(l);
    at = &l->at[l->count - 1];
    if (l->cut > 0 || at->count == LINE_SPANS)
        return NULL;
    return &at->spans[at->count++];
}

/* NULL: there is no room for it. */
static struct line_span *add(struct lines *l, int x, int max, enum role role,
                             unsigned attrs, const char *s, size_t len)
{
    struct line_span *p = span_for(l);
    uint32_t from = (uint32_t)l->text.len;

    if (p == NULL)
        return NULL;
    if (!buf_add(&l->text, s, len))
        len = 0;
    *p = (struct line_span){from,          (uint32_t)len, (int16_t)x,
                            (int16_t)max,  (uint8_t)role, (uint8_t)attrs,
                            -1, -1, false};
    return p;
}

void lines_add(struct lines *l, int x, int max, enum role role,
               unsigned attrs, const char *s, size_t len)
{
    add(l, x, max, role, attrs, s, len);
}

void lines_name(struct lines *l, int x, int max, enum role role,
                const char *name)
{
    struct line_span *p = add(l, x, max, role, 0, name, strlen(name));

    if (p != NULL)
        p->name = true;
}

void lines_fmt(struct lines *l, int x, int max, enum role role,
               unsigned attrs, const char *fmt, ...)
{
    char text[1200];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof text)
        n = (int)sizeof text - 1;
    lines_add(l, x, max, role, attrs, text, (size_t)n);
}

static void add_link(struct lines *l, struct line_link link)
{
    if (l->count == 0 || l->cut > 0)
        return;
    if (l->link_count == l->link_room) {
        l->link_room = l->link_room ? l->link_room * 2 : 32;
        l->links = xrealloc(l->links, (size_t)l->link_room, sizeof *l->links);
    }
    link.line = l->count - 1;
    l->links[l->link_count++] = link;
}

void lines_link(struct lines *l, enum kind kind, uint32_t slot)
{
    add_link(l, (struct line_link){.kind = kind, .slot = slot});
}

void lines_link_node(struct lines *l, int64_t node)
{
    add_link(l, (struct line_link){.kind = KIND_COUNT, .node = node});
}

static void add_meter(struct lines *l, int x, int w, double v, double mark,
                      enum role role)
{
    struct line_span *p = span_for(l);

    if (p != NULL)
        *p = (struct line_span){0, 0, (int16_t)x, (int16_t)w, (uint8_t)role,
                                0, v < 0 ? 0 : v, mark, false};
}

void lines_meter(struct lines *l, int x, int w, double v, enum role role)
{
    add_meter(l, x, w, v, -1, role);
}

void lines_bar(struct lines *l, int x, int w, double v, double mark,
               enum role role)
{
    add_meter(l, x, w, v, mark, role);
}

/* Where to break: the last space that fits, else what fits. */
static size_t break_at(const char *s, size_t len, int width)
{
    const char *nl = memchr(s, '\n', len);
    size_t line = nl != NULL ? (size_t)(nl - s) : len;
    size_t fit = text_fit(s, line, width, NULL), cut = fit;

    if (fit >= line)
        return line;
    while (cut > 0 && s[cut] != ' ')
        cut--;
    return cut > 0 ? cut : fit > 0 ? fit : 1;
}

void lines_wrap(struct lines *l, int x, int width, enum role role,
                const char *s, size_t len)
{
    width = width < 8 ? 8 : width;
    while (len > 0) {
        size_t n = break_at(s, len, width);

        lines_next(l);
        lines_add(l, x, width, role, 0, s, n);
        if (n < len && (s[n] == '\n' || s[n] == ' '))
            n++;
        s += n;
        len -= n;
    }
}

int lines_draw(struct canvas *c, struct rect r, const struct lines *l, int top)
{
    int last = l->count > r.h ? l->count - r.h : 0;

    top = top > last ? last : top < 0 ? 0 : top;
    for (int y = 0; y < r.h && top + y < l->count; y++) {
        const struct line *line = &l->at[top + y];

        if (top + y == l->selected) {
            canvas_fill(c, (struct rect){r.x - 2, r.y + y, r.w + 2, 1},
                        ROLE_SELECT);
            canvas_glyph(c, r.x - 2, r.y + y, GLYPH_CURSOR, ROLE_FOCUS, 0);
        }
        for (int i = 0; i < line->count; i++) {
            const struct line_span *p = &line->spans[i];
            int room = r.w - p->x;

            if (p->meter >= 0 && p->mark >= 0) {
                canvas_bar(c, r.x + p->x, r.y + y, p->max, p->meter,
                           (enum role)p->role);
                canvas_glyph(c, r.x + p->x + (int)(p->mark * p->max), r.y + y,
                             GLYPH_V, ROLE_TITLE, 0);
            } else if (p->meter >= 0)
                canvas_meter(c, r.x + p->x, r.y + y, p->max, p->meter,
                             (enum role)p->role);
            else
                (p->name ? canvas_name : canvas_text)(
                    c, r.x + p->x, r.y + y,
                    p->max > 0 && p->max < room ? p->max : room,
                    buf_text(&l->text) + p->from, p->len,
                    (enum role)p->role, p->attrs);
        }
    }
    return top;
}
