#include "config.h"

#include "data/pg/quote.h"

static bool quote_one(const char *s, char **at, char *end)
{
    if (*at >= end)
        return false;
    *(*at)++ = '"';
    for (; *s != '\0'; s++) {
        if (end - *at < 3)
            return false;
        if (*s == '"')
            *(*at)++ = '"';
        *(*at)++ = *s;
    }
    if (end - *at < 2)
        return false;
    *(*at)++ = '"';
    return true;
}

bool pg_quote(const char *schema, const char *name, char *ret, size_t size)
{
    char *at = ret, *end = ret + size;

    if (!quote_one(schema, &at, end) || end - at < 2)
        return false;
    *at++ = '.';
    if (!quote_one(name, &at, end) || at >= end)
        return false;
    *at = '\0';
    return true;
}
