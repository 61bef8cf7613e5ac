#include "config.h"

#include "widgets/log_view.h"

#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log_view *log_view_create(const char *name, bool previous)
{
    struct log_view *v = xcalloc(1, sizeof *v);

    snprintf(v->name, sizeof v->name, "%s", name);
    v->previous = previous;
    v->lines = xcalloc(LOG_VIEW_LINES, sizeof *v->lines);
    return v;
}

static void drop_first(struct log_view *v)
{
    struct log_line *l = &v->lines[v->first];

    v->bytes -= l->len;
    free(l->text);
    *l = (struct log_line){0};
    v->first = (v->first + 1) % LOG_VIEW_LINES;
    v->count--;
    v->gone++;
}

void log_view_destroy(struct log_view *v)
{
    if (v == NULL)
        return;
    while (v->count > 0)
        drop_first(v);
    free(v->lines);
    free(v);
}

void log_view_add(struct log_view *v, int64_t at_ms, const char *p, size_t n)
{
    struct log_line *l;

    while (v->count == LOG_VIEW_LINES ||
           (v->count > 0 && v->bytes + n > LOG_VIEW_BYTES))
        drop_first(v);
    l = &v->lines[(v->first + v->count++) % LOG_VIEW_LINES];
    l->at_ms = at_ms;
    l->len = (uint32_t)n;
    l->text = xcalloc(1, n + 1);
    memcpy(l->text, p, n);
    v->bytes += n;
    if (v->back > 0) /* what is looked at stays */
        v->back++;
    if (v->back >= v->count)
        v->back = v->count - 1;
}

const struct log_line *log_view_at(const struct log_view *v, uint32_t i)
{
    return i < v->count ? &v->lines[(v->first + i) % LOG_VIEW_LINES] : NULL;
}

void log_view_scroll(struct log_view *v, int by)
{
    int64_t back = (int64_t)v->back - by;

    v->back = (uint32_t)(back < 0                  ? 0
                         : v->count == 0           ? 0
                         : back > v->count - 1     ? v->count - 1
                                                   : back);
}
