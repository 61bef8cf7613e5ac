#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include "data/filter.h"

#include "base/when.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <math.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MATCH_LIMIT 20000

enum term_op { OP_HAS, OP_IS, OP_MORE, OP_LESS, OP_REGEX };

struct term {
    bool not;
    int field; /* -1: any main field */
    enum term_op op;
    char *text;
    size_t len;
    double number;
    pcre2_code *regex;
};

struct filter {
    enum kind kind;
    struct term terms[FILTER_TERMS];
    int count;
    bool clock;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

void filter_destroy(struct filter *f)
{
    if (f == NULL)
        return;
    for (int i = 0; i < f->count; i++) {
        free(f->terms[i].text);
        pcre2_code_free(f->terms[i].regex);
    }
    pcre2_match_data_free(f->match);
    pcre2_match_context_free(f->limits);
    free(f);
}

/*
 * One term: up to a space outside quotes, which are taken off. What comes
 * after the first quote is text, whatever it looks like.
 */
struct bytes {
    char s[FILTER_MAX + 1];
    size_t len;
    size_t plain; /* bytes before the first quote */
    bool closed;
};

static size_t next_term(const char *s, size_t len, struct bytes *ret)
{
    size_t i = 0;
    bool quoted = false, any = false;

    *ret = (struct bytes){.len = 0};
    for (; i < len && (quoted || s[i] != ' '); i++) {
        if (s[i] == '"') {
            quoted = !quoted;
            any = true;
            continue;
        }
        ret->plain += !any;
        ret->s[ret->len++] = s[i];
    }
    ret->closed = !quoted;
    return i;
}

static int compile(struct filter *f, struct term *t, const char *regex,
                   size_t len, size_t at, struct error *err)
{
    int code;
    PCRE2_SIZE where;
    PCRE2_UCHAR msg[120];

    t->op = OP_REGEX;
    t->regex = pcre2_compile((PCRE2_SPTR)regex, len,
                             PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &code,
                             &where, NULL);
    if (t->regex == NULL) {
        pcre2_get_error_message(code, msg, sizeof msg);
        return error_set(err, ERR_SYNTAX, "at %zu: bad regex: %s", at + where,
                         (char *)msg);
    }
    if (f->match == NULL) {
        f->match = pcre2_match_data_create(1, NULL);
        f->limits = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(f->limits, MATCH_LIMIT);
        pcre2_set_depth_limit(f->limits, 1000);
    }
    return 0;
}

static int read_value(struct filter *f, struct term *t, const char *s,
                      size_t len, bool plain, size_t at, struct error *err)
{
    int64_t ms;
    char *end;

    if (t->op == OP_MORE || t->op == OP_LESS) {
        t->number = strtod(s, &end);
        if (end == s || *end != '\0' ||
            field_rows(f->kind)[t->field].unit == FIELD_SPAN) {
            if (!when_parse_span(s, len, &ms))
                return error_set(err, ERR_SYNTAX,
                                 "at %zu: expected a number or a time like "
                                 "10m, not '%.40s'",
                                 at, s);
            t->number = (double)ms;
        }
        return 0;
    }
    if (len > 1 && s[0] == '~' && plain && t->op == OP_HAS)
        return compile(f, t, s + 1, len - 1, at + 1, err);
    t->text = xstrndup(s, len);
    t->len = len;
    return 0;
}

static int read_term(struct filter *f, const struct bytes *b, size_t at,
                     struct error *err)
{
    const char *s = b->s;
    size_t len = b->len, plain = b->plain, i;
    struct term *t;

    if (f->count == FILTER_TERMS)
        return error_set(err, ERR_LIMIT, "more than %d terms", FILTER_TERMS);
    t = &f->terms[f->count];
    *t = (struct term){.field = -1, .op = OP_HAS};
    if (len > 1 && plain > 0 && s[0] == '!') {
        t->not = true;
        s++;
        len--;
        plain--;
        at++;
    }
    f->count++;
    for (i = 0; i < len && (islower((unsigned char)s[i]) || s[i] == '-'); i++)
        ;
    if (i > 0 && i < plain && strchr(":=<>", s[i]) != NULL) {
        t->field = field_find(f->kind, (struct span){s, i});
        if (t->field < 0)
            return error_set(err, ERR_SYNTAX,
                             "at %zu: no field '%.*s' here", at, (int)i, s);
        t->op = s[i] == ':'   ? OP_HAS
                : s[i] == '=' ? OP_IS
                : s[i] == '>' ? OP_MORE
                              : OP_LESS;
        f->clock |= field_rows(f->kind)[t->field].clock;
        i++;
    } else {
        i = 0;
    }
    return read_value(f, t, s + i, len - i, i < plain, at + i, err);
}

struct filter *filter_create(enum kind kind, const char *text, size_t len,
                             struct error *err)
{
    struct filter *f = xcalloc(1, sizeof *f);
    struct bytes term;
    size_t at = 0, used;
    int code = 0;

    f->kind = kind;
    if (len > FILTER_MAX)
        code = error_set(err, ERR_LIMIT, "filter longer than %d bytes",
                         FILTER_MAX);
    while (code == 0 && at < len) {
        if (text[at] == ' ') {
            at++;
            continue;
        }
        used = next_term(text + at, len - at, &term);
        if (!term.closed)
            code = error_set(err, ERR_SYNTAX, "at %zu: quote not closed", at);
        else if (term.len > 0)
            code = read_term(f, &term, at, err);
        at += used;
    }
    if (code == 0)
        return f;
    filter_destroy(f);
    return NULL;
}

static bool has(struct span s, const struct term *t)
{
    if (s.p == NULL || t->text == NULL || t->len > s.n)
        return false; /* a comparison of numbers has no text */
    for (size_t i = 0; i + t->len <= s.n; i++)
        if (strncasecmp(s.p + i, t->text, t->len) == 0)
            return true;
    return false;
}

static bool matches(const struct filter *f, const struct term *t,
                    struct span s)
{
    if (t->op == OP_REGEX)
        return s.p != NULL &&
               pcre2_match(t->regex, (PCRE2_SPTR)s.p, s.n, 0, 0, f->match,
                           f->limits) >= 0;
    if (t->op == OP_IS)
        return s.p != NULL && s.n == t->len &&
               strncasecmp(s.p, t->text, t->len) == 0;
    return has(s, t);
}

static bool term_match(const struct filter *f, const struct term *t,
                       const struct store *st, enum kind kind, uint32_t slot,
                       int64_t now_ms)
{
    struct field_value v;
    char num[32];

    if (t->field < 0) {
        for (int i = 0; i < field_plain(kind); i++) {
            field_get(st, kind, slot, i, now_ms, &v);
            if (matches(f, t, v.text))
                return true;
        }
        return false;
    }
    field_get(st, kind, slot, t->field, now_ms, &v);
    if (t->op == OP_MORE)
        return v.number > t->number;
    if (t->op == OP_LESS)
        return v.number < t->number;
    if (v.text.p == NULL && !isnan(v.number)) {
        snprintf(num, sizeof num, "%g", v.number);
        v.text = span_of(num);
    }
    return matches(f, t, v.text);
}

bool filter_match_row(const struct filter *f, const struct store *st,
                      enum kind kind, uint32_t slot, int64_t now_ms)
{
    for (int i = 0; i < f->count; i++)
        if (term_match(f, &f->terms[i], st, kind, slot, now_ms) ==
            f->terms[i].not)
            return false;
    return true;
}

bool filter_match(const struct filter *f, const struct store *st,
                  uint32_t slot, int64_t now_ms)
{
    return filter_match_row(f, st, f->kind, slot, now_ms);
}

bool filter_match_text(const struct filter *f, const struct span *texts,
                       int count)
{
    for (int i = 0; i < f->count; i++) {
        const struct term *t = &f->terms[i];
        bool hit = false;

        for (int k = 0; k < count && !hit; k++)
            hit = matches(f, t, texts[k]);
        if (hit == t->not)
            return false;
    }
    return true;
}

bool filter_clock(const struct filter *f)
{
    return f->clock;
}
