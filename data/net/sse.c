#include "config.h"

#include "data/net/sse.h"

#include <string.h>

#define NAME_MAX_BYTES 256

void sse_init(struct sse *s, sse_cb cb, void *arg)
{
    *s = (struct sse){.cb = cb, .arg = arg};
    buf_init(&s->line, SSE_LINE_MAX);
    buf_init(&s->id, NAME_MAX_BYTES);
    buf_init(&s->event, NAME_MAX_BYTES);
    buf_init(&s->data, SSE_DATA_MAX);
}

void sse_finish(struct sse *s)
{
    buf_finish(&s->line);
    buf_finish(&s->id);
    buf_finish(&s->event);
    buf_finish(&s->data);
}

static void clear(struct buf *b)
{
    buf_clear(b);
    b->over = false;
}

static void next_event(struct sse *s)
{
    clear(&s->event);
    clear(&s->data);
    buf_shrink(&s->data, 64u << 10);
    s->has_data = s->broken = false;
}

void sse_reset(struct sse *s)
{
    clear(&s->line);
    next_event(s);
    s->after_cr = false;
}

static struct span whole(const struct buf *b)
{
    return (struct span){buf_text(b), b->len};
}

static void dispatch(struct sse *s)
{
    const struct sse_event e = {whole(&s->id), whole(&s->event),
                                whole(&s->data)};

    if (s->broken) {
        s->dropped++;
    } else if (s->has_data) {
        s->events++;
        s->cb(&e, s->arg);
    }
    next_event(s);
}

static void set(struct buf *b, struct span value)
{
    clear(b);
    buf_add(b, value.p, value.n);
}

static void take_line(struct sse *s)
{
    struct span line = whole(&s->line), value;
    const char *colon = memchr(line.p, ':', line.n);
    struct span name = {line.p, colon ? (size_t)(colon - line.p) : line.n};

    if (line.n == 0) {
        dispatch(s);
        return;
    }
    if (colon == line.p) {
        s->comments++;
        return;
    }
    value = colon ? (struct span){colon + 1, line.n - name.n - 1}
                  : (struct span){"", 0};
    if (value.n > 0 && value.p[0] == ' ') {
        value.p++;
        value.n--;
    }
    if (span_is(name, "data")) {
        if (s->has_data && !buf_char(&s->data, '\n'))
            s->broken = true;
        if (!buf_add(&s->data, value.p, value.n))
            s->broken = true;
        s->has_data = true;
    } else if (span_is(name, "event")) {
        set(&s->event, value);
    } else if (span_is(name, "id") && value.n < NAME_MAX_BYTES &&
               memchr(value.p, '\0', value.n) == NULL) {
        set(&s->id, value);
    }
}

static void end_line(struct sse *s)
{
    if (s->line.over)
        s->broken = true;
    else
        take_line(s);
    clear(&s->line);
    buf_shrink(&s->line, 64u << 10);
}

void sse_feed(struct sse *s, const char *p, size_t n)
{
    size_t from = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\n' && p[i] != '\r') {
            s->after_cr = false;
            continue;
        }
        if (i > from)
            buf_add(&s->line, p + from, i - from);
        from = i + 1;
        if (p[i] == '\n' && s->after_cr) {
            s->after_cr = false;
            continue; /* the second half of CR LF */
        }
        s->after_cr = p[i] == '\r';
        end_line(s);
    }
    if (n > from)
        buf_add(&s->line, p + from, n - from);
}
