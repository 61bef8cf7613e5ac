#include "config.h"

#include "data/json/cut.h"

#include <inttypes.h>
#include <string.h>

/* Bytes that matter outside strings. */
enum { PLAIN, SPACE, OPEN, CLOSE, QUOTE, COMMA, COLON, BAD };

static const unsigned char class_of[256] = {
    [0 ... 8] = BAD, [9] = SPACE, [10] = SPACE, [11] = BAD, [12] = BAD,
    [13] = SPACE, [14 ... 31] = BAD, [' '] = SPACE, ['"'] = QUOTE,
    [','] = COMMA, [':'] = COLON, ['{'] = OPEN, ['['] = OPEN,
    ['}'] = CLOSE, [']'] = CLOSE,
};

void cut_init(struct cut *c, enum cut_mode mode, cut_cb cb, void *arg)
{
    memset(c, 0, sizeof *c);
    c->cb = cb;
    c->arg = arg;
    c->list = "items";
    buf_init(&c->part, CUT_OBJECT_MAX);
    cut_reset(c, mode);
}

void cut_finish(struct cut *c)
{
    buf_finish(&c->part);
}

void cut_reset(struct cut *c, enum cut_mode mode)
{
    buf_shrink(&c->part, 64 << 10);
    c->mode = mode;
    c->pos = 0;
    c->objects = 0;
    c->depth = 0;
    c->capture = -1;
    c->in_string = c->escape = c->failed = c->done = c->in_items = false;
    c->key_next = false;
    c->key_len = 0;
}

static int fail(struct cut *c, struct error *err, int code, uint64_t at,
                const char *what)
{
    c->failed = true;
    return error_set(err, code, "%s at byte %" PRIu64, what, at);
}

/* Does an object that opens here get captured? */
static bool wanted(struct cut *c, char open)
{
    if (c->capture >= 0)
        return false;
    if (c->mode == CUT_DOCS) {
        c->what = CUT_ITEM;
        return c->depth == 0;
    }
    if (c->depth == 1 && open == '{' && c->key_len == 8 &&
        memcmp(c->key, "metadata", 8) == 0) {
        c->what = CUT_METADATA;
        return true;
    }
    if (c->depth == 2 && open == '{' && c->in_items) {
        c->what = CUT_ITEM;
        return true;
    }
    return false;
}

static void key_byte(struct cut *c, char byte)
{
    if (c->key_len < sizeof c->key)
        c->key[c->key_len] = byte;
    c->key_len++;
}

/* A captured object ends right before `end`; it began at `from`. */
static int emit(struct cut *c, const char *from, const char *end,
                struct error *err, uint64_t at)
{
    const char *text = from;
    size_t len = (size_t)(end - from);

    if (c->part.len > 0) {
        if (!buf_add(&c->part, from, len))
            return fail(c, err, ERR_LIMIT, at, "object too large, ends");
        text = c->part.ptr;
        len = c->part.len;
    }
    c->capture = -1;
    c->objects++;
    if (!c->cb(c->what, text, len, c->arg)) {
        c->failed = true;
        return error_set(err, ERR_OTHER, "stopped by the reader");
    }
    if (c->part.len > 0)
        buf_clear(&c->part);
    return 0;
}

/* Passes over the inside of a string; returns where to go on. */
static const char *in_string(struct cut *c, const char *p, const char *end)
{
    bool key = c->key_next && c->depth == 1;

    while (!key && !c->escape && p < end && *p != '"' && *p != '\\')
        p++;
    while (p < end) {
        char byte = *p++;

        if (c->escape) {
            c->escape = false;
        } else if (byte == '\\') {
            c->escape = true;
        } else if (byte == '"') {
            c->in_string = false;
            if (key)
                c->key_next = false;
            break;
        }
        if (key)
            key_byte(c, byte);
    }
    return p;
}

static int opened(struct cut *c, const char *p, const char **from,
                  struct error *err, uint64_t at)
{
    if (c->depth == CUT_DEPTH_MAX)
        return fail(c, err, ERR_LIMIT, at, "nested too deep");
    if (c->mode == CUT_LIST && c->depth == 0 && (*p != '{' || c->done))
        return fail(c, err, ERR_SYNTAX, at, "expected one object");
    if (wanted(c, *p)) {
        c->capture = c->depth;
        *from = p;
    }
    if (c->mode == CUT_LIST && c->depth == 1 && *p == '[')
        c->in_items = c->key_len == strlen(c->list) &&
                      memcmp(c->key, c->list, c->key_len) == 0;
    if (*p == '{')
        c->braces[c->depth / 8] |= (uint8_t)(1u << c->depth % 8);
    else
        c->braces[c->depth / 8] &= (uint8_t)~(1u << c->depth % 8);
    c->depth++;
    if (c->depth == 1) {
        c->key_next = true;
        c->key_len = 0;
    }
    return 0;
}

/* What would close the innermost level. */
static char closer(const struct cut *c)
{
    int level = c->depth - 1;

    return c->braces[level / 8] >> level % 8 & 1 ? '}' : ']';
}

static int closed(struct cut *c, const char *p, const char *from,
                  struct error *err, uint64_t at)
{
    if (c->depth == 0 || closer(c) != *p)
        return fail(c, err, ERR_SYNTAX, at, "unexpected closing bracket");
    c->depth--;
    if (c->depth == 1)
        c->in_items = false;
    if (c->depth == 0)
        c->done = true;
    if (c->capture == c->depth)
        return emit(c, from, p + 1, err, at);
    return 0;
}

int cut_feed(struct cut *c, const char *p, size_t n, struct error *err)
{
    const char *start = p, *end = p + n, *from = p;
    int r = 0;

    if (c->failed)
        return error_set(err, ERR_SYNTAX, "stream already broken");
    while (p < end) {
        unsigned char cls;

        if (c->in_string) {
            p = in_string(c, p, end);
            continue;
        }
        cls = class_of[(unsigned char)*p];
        if (cls == PLAIN || cls == SPACE || cls == COLON) {
            if (c->depth == 0 && cls != SPACE) {
                r = fail(c, err, ERR_SYNTAX,
                         c->pos + (uint64_t)(p - start), "expected an object");
                break;
            }
            do
                p++;
            while (c->depth > 0 && p < end &&
                   class_of[(unsigned char)*p] == PLAIN);
            continue;
        }
        if (cls == QUOTE) {
            if (c->depth == 0)
                cls = BAD;
            c->in_string = true;
            if (c->key_next && c->depth == 1)
                c->key_len = 0;
        } else if (cls == COMMA) {
            if (c->depth == 1)
                c->key_next = true;
            else if (c->depth == 0)
                cls = BAD;
        } else if (cls == OPEN) {
            r = opened(c, p, &from, err, c->pos + (uint64_t)(p - start));
        } else if (cls == CLOSE) {
            r = closed(c, p, from, err, c->pos + (uint64_t)(p - start));
        }
        if (cls == BAD)
            r = fail(c, err, ERR_SYNTAX, c->pos + (uint64_t)(p - start),
                     "unexpected byte");
        if (r != 0)
            break;
        p++;
    }
    if (r == 0 && c->capture >= 0 &&
        !buf_add(&c->part, from, (size_t)(end - from)))
        r = fail(c, err, ERR_LIMIT, c->pos + n, "object too large");
    c->pos += n;
    return r;
}

int cut_end(struct cut *c, struct error *err)
{
    if (c->failed)
        return error_set(err, ERR_SYNTAX, "stream already broken");
    if (c->depth != 0 || (c->mode == CUT_LIST && !c->done))
        return fail(c, err, ERR_CUT, c->pos, "stream ended inside an object");
    return 0;
}
