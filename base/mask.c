#include "config.h"

#include "base/mask.h"

#include <stdio.h>
#include <strings.h>

#define MASK "***"

static bool ends_in(struct span s, const char *word)
{
    size_t n = strlen(word);

    return s.n >= n && strncasecmp(s.p + s.n - n, word, n) == 0;
}

bool mask_is_secret(struct span s)
{
    static const char *const words[] = {"token",  "secret", "passw",
                                        "key",    "auth",   "credential",
                                        "bearer", "cookie", "%"};

    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t n = strlen(words[w]);

        for (size_t i = 0; i + n <= s.n; i++)
            if (strncasecmp(s.p + i, words[w], n) == 0)
                return true;
    }
    return ends_in(s, "pat") || ends_in(s, "pwd") || ends_in(s, "pass");
}

struct out {
    char *at;
    size_t room; /* with the NUL */
};

static void put(struct out *o, const char *s, size_t n)
{
    if (o->room == 0)
        return;
    if (n >= o->room)
        n = o->room - 1;
    memcpy(o->at, s, n);
    o->at += n;
    o->room -= n;
    *o->at = '\0';
}

/* "user:password@", of the authority that ends there. */
static const char *put_user(struct out *o, const char *p, const char *end,
                            bool whole)
{
    const char *at = NULL, *colon;

    for (const char *q = p; q < end; q++)
        if (*q == '@')
            at = q;
    if (at == NULL)
        return p;
    colon = memchr(p, ':', (size_t)(at - p));
    if (!whole)
        put(o, p, (size_t)((colon != NULL ? colon + 1 : at) - p));
    if (whole || colon != NULL)
        put(o, MASK, strlen(MASK));
    return at;
}

void mask_url(const char *url, char *ret, size_t size)
{
    struct out o = {ret, size};
    const char *p = strstr(url, "://"), *end = url + strlen(url);

    if (size > 0)
        *ret = '\0';
    if (p == NULL) {
        put(&o, url, strlen(url));
        return;
    }
    p += 3;
    put(&o, url, (size_t)(p - url));
    p = put_user(&o, p, p + strcspn(p, "/?#"),
                 strncasecmp(url, "http", 4) == 0);
    put(&o, p, strcspn(p, "?"));
    p += strcspn(p, "?");
    while (p < end) { /* at '?' or '&' */
        size_t n = 1 + strcspn(p + 1, "&"), name = strcspn(p, "=");

        if (name < n && mask_is_secret((struct span){p + 1, name - 1})) {
            put(&o, p, name + 1);
            put(&o, MASK, strlen(MASK));
        } else {
            put(&o, p, n);
        }
        p += n;
    }
}
