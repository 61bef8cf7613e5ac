#include "config.h"

#include "data/fracta/overlap.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct line {
    const char *p;
    size_t n;
    uint64_t hash;
};

void overlap_init(struct overlap *o)
{
    *o = (struct overlap){0};
}

void overlap_finish(struct overlap *o)
{
    free(o->shown);
    *o = (struct overlap){0};
}

void overlap_clear(struct overlap *o)
{
    overlap_finish(o);
}

static uint64_t hash(const char *p, size_t n)
{
    return hash_more(0x9ae16a3b2f90404fu, p, n);
}

/* Lines with an end, the last OVERLAP_LINES of them; what stands behind. */
static uint32_t split(const char *text, size_t n, struct line **ret,
                      struct line *ret_open)
{
    const char *p = text + n, *end;
    uint32_t count = 0;
    struct line *all = xcalloc(OVERLAP_LINES, sizeof *all);

    while (p > text && p[-1] != '\n')
        p--;
    *ret_open = (struct line){p, (size_t)(text + n - p), 0};
    /* from the end, so that of too many the last are taken */
    while (p > text && count < OVERLAP_LINES) {
        end = --p;
        while (p > text && p[-1] != '\n')
            p--;
        all[OVERLAP_LINES - ++count] =
            (struct line){p, (size_t)(end - p), hash(p, (size_t)(end - p))};
    }
    memmove(all, all + OVERLAP_LINES - count, count * sizeof *all);
    *ret = all;
    return count;
}

/* The longest beginning of `lines` that `shown` ends with. */
static uint32_t longest(const struct overlap *o, const struct line *lines,
                        uint32_t count)
{
    uint32_t *back = xcalloc((size_t)count + 1, sizeof *back), k = 0;

    for (uint32_t i = 1; i < count; i++) {
        while (k > 0 && lines[i].hash != lines[k].hash)
            k = back[k - 1];
        k += lines[i].hash == lines[k].hash;
        back[i] = k;
    }
    k = 0;
    for (uint32_t i = 0; count > 0 && i < o->count; i++) {
        if (k == count)
            k = back[k - 1];
        while (k > 0 && o->shown[i] != lines[k].hash)
            k = back[k - 1];
        k += o->shown[i] == lines[k].hash;
    }
    free(back);
    return k;
}

/* How many of the lines were handed out. */
static uint32_t known(const struct overlap *o, const struct line *lines,
                      uint32_t count)
{
    uint32_t k = longest(o, lines, count);

    if (k > 0 || count < 2)
        return k;
    k = longest(o, lines + 1, count - 1); /* the first one was cut */
    return k > 0 ? k + 1 : 0;
}

/* The rest of what was handed out without its end; false: it is not that. */
static bool grown(const struct overlap *o, const struct line *l,
                  size_t *ret_from)
{
    if (o->open_len == 0 || l->n < o->open_len ||
        hash(l->p, o->open_len) != o->open)
        return false;
    *ret_from = o->open_len;
    return true;
}

bool overlap_take(struct overlap *o, const char *text, size_t n,
                  overlap_line_fn fn, void *arg)
{
    struct line *lines, open;
    uint64_t sum = hash(text, n);
    bool before = o->count > 0 || o->open_len > 0, same = sum == o->sum,
         any = false;
    uint32_t count = split(text, n, &lines, &open), from;
    size_t rest = 0;

    from = known(o, lines, count);
    if (before && count > 0 && from == 0 && !grown(o, &lines[0], &rest))
        fn(NULL, 0, arg);
    for (uint32_t i = from; i < count; i++) {
        rest = 0;
        if (i == from && grown(o, &lines[i], &rest) && rest == lines[i].n)
            continue; /* only its end came */
        fn(lines[i].p + rest, lines[i].n - rest, arg);
        any = true;
    }
    if (from < count)
        o->open_len = 0;
    if (open.n > 0 && same) {
        rest = 0;
        if (!grown(o, &open, &rest) || rest < open.n) {
            fn(open.p + rest, open.n - rest, arg);
            any = true;
        }
        o->open_len = open.n;
        o->open = hash(open.p, open.n);
    }
    o->sum = sum;
    o->shown = xrealloc(o->shown, (size_t)count + 1, sizeof *o->shown);
    for (uint32_t i = 0; i < count; i++)
        o->shown[i] = lines[i].hash;
    o->count = count;
    free(lines);
    return any;
}
