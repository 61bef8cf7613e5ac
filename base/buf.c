#include "config.h"

#include "base/buf.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t cap)
{
    *b = (struct buf){.cap = cap};
}

void buf_finish(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){.cap = b->cap};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->over = false;
    if (b->ptr != NULL)
        b->ptr[0] = '\0';
}

void buf_shrink(struct buf *b, size_t keep)
{
    buf_clear(b);
    if (b->room > keep) {
        free(b->ptr);
        b->ptr = NULL;
        b->room = 0;
    }
}

static bool reserve(struct buf *b, size_t more)
{
    size_t want, room;

    if (more > b->cap || b->len > b->cap - more) {
        b->over = true;
        return false;
    }
    want = b->len + more + 1;
    if (want <= b->room)
        return true;
    room = b->room ? b->room : 64;
    while (room < want)
        room += room / 2 + 16;
    b->ptr = xrealloc(b->ptr, room, 1);
    b->room = room;
    return true;
}

bool buf_add(struct buf *b, const char *s, size_t len)
{
    if (!reserve(b, len))
        return false;
    if (len > 0)
        memcpy(b->ptr + b->len, s, len);
    b->len += len;
    b->ptr[b->len] = '\0';
    return true;
}

bool buf_str(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_fmt(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    int n;
    bool ok;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n < 0)
        return false;
    if ((size_t)n < sizeof small)
        return buf_add(b, small, (size_t)n);
    ok = reserve(b, (size_t)n);
    if (ok) {
        va_start(ap, fmt);
        vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
        va_end(ap);
        b->len += (size_t)n;
    }
    return ok;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n >= b->len) {
        buf_clear(b);
        return;
    }
    memmove(b->ptr, b->ptr + n, b->len - n + 1);
    b->len -= n;
}

const char *buf_text(const struct buf *b)
{
    return b->ptr != NULL ? b->ptr : "";
}
