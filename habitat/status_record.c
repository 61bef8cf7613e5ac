#include "config.h"

#include "habitat/status_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[] = {"idle",    "working", "done",
                                     "blocked", "error",   "clear"};

const char *status_record_state(struct span s)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (span_is(s, states[i]))
            return states[i];
    return NULL;
}

static int base64_digit(char c)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(set, c) : NULL;

    return at != NULL ? (int)(at - set) : -1;
}

/* False if it is no base64 or too long. */
static bool decode(struct span s, char *ret, size_t size)
{
    unsigned bits = 0, have = 0;
    size_t n = 0;

    while (s.n > 0 && s.p[s.n - 1] == '=')
        s.n--;
    for (size_t i = 0; i < s.n; i++) {
        int d = base64_digit(s.p[i]);

        if (d < 0)
            return false;
        bits = bits << 6 | (unsigned)d;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (n + 1 >= size)
            return false;
        ret[n++] = (char)(bits >> have);
    }
    ret[n] = '\0';
    return true;
}

static bool field(struct span key, struct span value,
                  struct status_record *ret)
{
    char number[8];

    if (span_is(key, "state"))
        ret->state = value;
    else if (span_is(key, "kind"))
        ret->kind = value;
    else if (span_is(key, "app"))
        ret->app = value;
    else if (span_is(key, "msg"))
        return decode(value, ret->msg, sizeof ret->msg);
    else if (span_is(key, "title"))
        return decode(value, ret->title, sizeof ret->title);
    else if (span_is(key, "progress") && value.n < sizeof number) {
        snprintf(number, sizeof number, "%.*s", (int)value.n, value.p);
        ret->progress = atoi(number);
    }
    return true; /* unknown keys are passed over */
}

bool status_record_parse(struct span text, struct status_record *ret)
{
    *ret = (struct status_record){.progress = -1};
    while (text.n > 0) {
        const char *colon = memchr(text.p, ':', text.n);
        size_t n = colon ? (size_t)(colon - text.p) : text.n;
        const char *is = memchr(text.p, '=', n);

        if (is == NULL ||
            !field((struct span){text.p, (size_t)(is - text.p)},
                   (struct span){is + 1, n - (size_t)(is + 1 - text.p)}, ret))
            return false;
        text.p += colon ? n + 1 : n;
        text.n -= colon ? n + 1 : n;
    }
    return status_record_state(ret->state) != NULL;
}
