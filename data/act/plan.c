#include "config.h"

#include "data/act/plan.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *act_name(enum act a)
{
#define ACT_NAME_OF(id, name) name,
    static const char *const names[] = {ACT_MAP(ACT_NAME_OF)};
#undef ACT_NAME_OF

    return names[a];
}

bool want_is(const struct act_want *w, const uint8_t uid[16])
{
    static const uint8_t none[16];

    return memcmp(w->uid, none, 16) == 0 || memcmp(w->uid, uid, 16) == 0;
}

const char *want_more(const struct act_want *w, const char *key)
{
    for (int i = 0; i < ACT_MORE && w->more[i].key[0] != '\0'; i++)
        if (strcmp(w->more[i].key, key) == 0)
            return w->more[i].text;
    return "";
}

bool want_set(struct act_want *w, const char *key, const char *text)
{
    for (int i = 0; i < ACT_MORE; i++) {
        struct act_more *m = &w->more[i];

        if (m->key[0] != '\0' && strcmp(m->key, key) != 0)
            continue;
        snprintf(m->key, sizeof m->key, "%s", key);
        snprintf(m->text, sizeof m->text, "%s", text);
        return true;
    }
    return false;
}

static const struct {
    const char *key;
    size_t at, size;
} own[] = {
    {"name", offsetof(struct act_want, name), ACT_NAME},
    {"ns", offsetof(struct act_want, ns), ACT_NAME},
    {"reason", offsetof(struct act_want, reason), ACT_TEXT},
    {"command", offsetof(struct act_want, command), ACT_TEXT},
    {"dir", offsetof(struct act_want, dir), ACT_TEXT},
};
#define OWN (sizeof own / sizeof *own)

const char *want_get(const struct act_want *w, const char *key)
{
    for (size_t i = 0; i < OWN; i++)
        if (strcmp(own[i].key, key) == 0)
            return (const char *)w + own[i].at;
    return want_more(w, key);
}

bool want_put(struct act_want *w, const char *key, const char *text)
{
    for (size_t i = 0; i < OWN; i++)
        if (strcmp(own[i].key, key) == 0) {
            snprintf((char *)w + own[i].at, own[i].size, "%s", text);
            return true;
        }
    return want_set(w, key, text);
}

size_t want_room(const char *key)
{
    for (size_t i = 0; i < OWN; i++)
        if (strcmp(own[i].key, key) == 0)
            return own[i].size;
    return sizeof ((struct act_more *)NULL)->text;
}

void plan_finish(struct plan *p)
{
    free(p->body);
    p->body = NULL;
}

void plan_line(struct plan *p, const char *fmt, ...)
{
    va_list ap;

    if (p->line_count == PLAN_LINES)
        return;
    va_start(ap, fmt);
    vsnprintf(p->lines[p->line_count++], sizeof p->lines[0], fmt, ap);
    va_end(ap);
}

void words_finish(struct words *w)
{
    for (int i = 0; i < w->count; i++)
        free(w->at[i]);
    w->count = 0;
}

static int fail(struct words *w, struct error *err, const char *what)
{
    words_finish(w);
    return error_set(err, ERR_SYNTAX, "%s", what);
}

int words_split(const char *line, struct words *ret, struct error *err)
{
    char word[ACT_NAME * 4];
    size_t n = 0;
    char quote = '\0';
    bool open = false;

    ret->count = 0;
    for (const char *p = line;; p++) {
        bool end = *p == '\0' || (quote == '\0' && (*p == ' ' || *p == '\t'));

        if (end && open) {
            if (ret->count == WORDS_MAX)
                return fail(ret, err, "more than 256 words");
            ret->at[ret->count++] = xstrndup(word, n);
            n = 0;
            open = false;
        }
        if (*p == '\0')
            break;
        if (end)
            continue;
        open = true;
        if (quote == '\0' && (*p == '\'' || *p == '"')) {
            quote = *p;
            continue;
        }
        if (quote != '\0' && *p == quote) {
            quote = '\0';
            continue;
        }
        if (*p == '\\' && quote != '\'' && p[1] != '\0')
            p++;
        else if (quote == '\0' && strchr("|&;<>()$`*?", *p) != NULL)
            return fail(ret, err,
                        "no shell is run here: quote | & ; < > ( ) $ ` * ?, "
                        "or say sh -c '...'");
        if (n + 1 >= sizeof word)
            return fail(ret, err, "a word is too long");
        word[n++] = *p;
    }
    if (quote != '\0')
        return fail(ret, err, "a quote is not closed");
    return 0;
}
