/* Two texts, parted by the first NUL: their diff, applied to the first, gives
   the second. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span line_of(struct span *s)
{
    const char *nl = s->n > 0 ? memchr(s->p, '\n', s->n) : NULL;
    size_t n = nl != NULL ? (size_t)(nl - s->p) + 1 : s->n;
    struct span ret = {s->p, n};

    s->p += n;
    s->n -= n;
    return ret;
}

static bool no_newline(struct span diff)
{
    return diff.n > 0 && diff.p[0] == '\\';
}

/* Applies the hunks; aborts where they do not fit. */
static void apply(struct span before, struct span diff, struct buf *out)
{
    size_t at = 1; /* the line of before that comes next */

    line_of(&diff);
    line_of(&diff);
    while (diff.n > 0) {
        struct span l = line_of(&diff), was;
        size_t from, count, n;

        if (l.p[0] == '@') {
            if (sscanf(l.p, "@@ -%zu,%zu", &from, &count) != 2)
                abort();
            for (from += count == 0; at < from; at++) {
                was = line_of(&before);
                buf_add(out, was.p, was.n);
            }
            continue;
        }
        n = l.n - 1 - no_newline(diff); /* without mark, and an end not there */
        if (l.p[0] != '+') {
            was = line_of(&before);
            at++;
            if (was.n != n || memcmp(was.p, l.p + 1, n) != 0)
                abort();
        }
        if (l.p[0] != '-')
            buf_add(out, l.p + 1, n);
        if (no_newline(diff))
            line_of(&diff);
    }
    buf_add(out, before.p, before.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;
    size_t n = nul != NULL ? (size_t)(nul - text) : size;
    struct span before = {text, n},
                after = {nul != NULL ? nul + 1 : "", nul ? size - n - 1 : 0};
    struct buf diff, got;

    if (size == 0)
        return 0;
    buf_init(&diff, 64u << 20);
    buf_init(&got, 64u << 20);
    diff_unified(&diff, span_of("x"), before, after);
    apply(before, (struct span){buf_text(&diff), diff.len}, &got);
    if (got.len != after.n || memcmp(buf_text(&got), after.p, after.n) != 0)
        abort();
    buf_finish(&diff);
    buf_finish(&got);
    return 0;
}
