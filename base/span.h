/* Borrowed bytes with a length; p == NULL means absent, n == 0 empty. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *p;
    size_t n;
};

static inline struct span span_of(const char *s)
{
    return (struct span){s, s != NULL ? strlen(s) : 0};
}

static inline bool span_is(struct span s, const char *text)
{
    size_t n = strlen(text);

    return s.p != NULL && s.n == n && memcmp(s.p, text, n) == 0;
}

static inline bool span_same(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#endif
