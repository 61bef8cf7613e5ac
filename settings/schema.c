#include "config.h"

#include "settings/schema.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 40

static const struct schema_row rows[KEYS] = {
#define SCHEMA_ROW(id, section, key, type, choices, types, help)               \
    {SECTION_##section, key, SETTING_##type, choices, types, help},
    SCHEMA_MAP(SCHEMA_ROW)
#undef SCHEMA_ROW
};

static const char *const types[SOURCE_TYPES] = {
#define TYPE_NAME(id, name, help) name,
    SOURCE_TYPE_MAP(TYPE_NAME)
#undef TYPE_NAME
};

const char *source_type_name(enum source_type t)
{
    return types[t];
}

const struct schema_row *schema_row(enum schema_key k)
{
    return &rows[k];
}

enum schema_key schema_find(enum section s, const char *key)
{
    for (int k = 0; k < KEYS; k++)
        if (rows[k].section == s && strcmp(rows[k].key, key) == 0)
            return (enum schema_key)k;
    return KEYS;
}

void schema_names(enum section s, enum source_type t, char *ret, size_t size)
{
    size_t len = 0;

    ret[0] = '\0';
    for (int k = 0; k < KEYS; k++) {
        if (rows[k].section != s ||
            (s == SECTION_SOURCE && t != SOURCE_TYPES &&
             !(rows[k].sources & 1u << t)))
            continue;
        if (len + strlen(rows[k].key) + 2 > size)
            return;
        len += (size_t)snprintf(ret + len, size - len, "%s%s",
                                len > 0 ? " " : "", rows[k].key);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits from a to b: insert, delete, replace, exchange of neighbours. */
static size_t edits(const char *a, size_t an, const char *b, size_t bn)
{
    size_t d[WORD_MAX + 1][WORD_MAX + 1];

    for (size_t i = 0; i <= an; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= bn; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= an; i++) {
        for (size_t j = 1; j <= bn; j++) {
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                            d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[an][bn];
}

bool schema_nearest(const char *word, const char *names, char *ret,
                    size_t size)
{
    size_t n = strlen(word), best = n / 3 + 1;
    bool found = false;

    if (n > WORD_MAX)
        return false;
    for (const char *p = names; *p != '\0';) {
        size_t len = strcspn(p, " "), d;

        if (len <= WORD_MAX && len < size &&
            (d = edits(word, n, p, len)) < best) {
            best = d;
            snprintf(ret, size, "%.*s", (int)len, p);
            found = true;
        }
        p += len;
        p += strspn(p, " ");
    }
    return found;
}
