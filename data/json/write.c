#include "config.h"

#include "data/json/write.h"

#include "base/when.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>

static void print(void *arg, const char *s, size_t n)
{
    buf_add(arg, s, n);
}

void json_begin(struct json *j, struct buf *out)
{
    j->out = out;
    j->gen = yajl_gen_alloc(NULL);
    yajl_gen_config(j->gen, yajl_gen_print_callback, print, out);
    yajl_gen_config(j->gen, yajl_gen_validate_utf8, 1);
}

void json_pretty(struct json *j)
{
    yajl_gen_config(j->gen, yajl_gen_beautify, 1);
    yajl_gen_config(j->gen, yajl_gen_indent_string, " ");
}

bool json_end(struct json *j)
{
    yajl_gen_free(j->gen);
    j->gen = NULL;
    return !j->out->over;
}

static void put_key(struct json *j, const char *key)
{
    if (key != NULL)
        yajl_gen_string(j->gen, (const unsigned char *)key, strlen(key));
}

/* Bytes of the valid sequence that starts here, 0 if there is none. */
static size_t sequence(const unsigned char *s, size_t n)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

    if (len == 1)
        return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

static void put_mended(struct json *j, const char *s, size_t n)
{
    struct buf b;

    buf_init(&b, 3 * n + 4);
    while (n > 0) {
        size_t len = sequence((const unsigned char *)s, n);

        if (len == 0)
            buf_add(&b, "\xef\xbf\xbd", 3);
        else
            buf_add(&b, s, len);
        len = len ? len : 1;
        s += len;
        n -= len;
    }
    yajl_gen_string(j->gen, (const unsigned char *)buf_text(&b), b.len);
    buf_finish(&b);
}

void json_span(struct json *j, const char *key, struct span s)
{
    put_key(j, key);
    if (s.p == NULL)
        yajl_gen_null(j->gen);
    else if (yajl_gen_string(j->gen, (const unsigned char *)s.p, s.n) !=
             yajl_gen_status_ok)
        put_mended(j, s.p, s.n);
}

void json_text(struct json *j, const char *key, const char *s)
{
    json_span(j, key, span_of(s));
}

void json_map(struct json *j, const char *key)
{
    put_key(j, key);
    yajl_gen_map_open(j->gen);
}

void json_map_end(struct json *j)
{
    yajl_gen_map_close(j->gen);
}

void json_array(struct json *j, const char *key)
{
    put_key(j, key);
    yajl_gen_array_open(j->gen);
}

void json_array_end(struct json *j)
{
    yajl_gen_array_close(j->gen);
}

void json_int(struct json *j, const char *key, int64_t v)
{
    put_key(j, key);
    yajl_gen_integer(j->gen, v);
}

void json_double(struct json *j, const char *key, double v)
{
    char text[40];

    put_key(j, key);
    if (!isfinite(v)) {
        yajl_gen_null(j->gen);
        return;
    }
    snprintf(text, sizeof text, "%.9g", v);
    yajl_gen_number(j->gen, text, strlen(text));
}

void json_bool(struct json *j, const char *key, bool v)
{
    put_key(j, key);
    yajl_gen_bool(j->gen, v);
}

void json_null(struct json *j, const char *key)
{
    put_key(j, key);
    yajl_gen_null(j->gen);
}

void json_when(struct json *j, const char *key, int64_t ms)
{
    char text[24], fine[40];

    if (ms == 0) {
        json_null(j, key);
        return;
    }
    when_format(ms, text);
    snprintf(fine, sizeof fine, "%.19s.%03dZ", text,
             (int)((ms % 1000 + 1000) % 1000));
    json_text(j, key, fine);
}

void json_raw(struct json *j, const char *key, const char *s, size_t n)
{
    put_key(j, key);
    yajl_gen_number(j->gen, s, n);
}
