/*
 * Lines of any bytes: what is read of the second must not depend on the
 * first.
 *
 * The first newline parts the two.
 */
#include "config.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/logline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *exact(const uint8_t *data, size_t n)
{
    char *s = xrealloc(NULL, n, 1);

    memcpy(s, data, n);
    return s;
}

static void check(const struct logline *l)
{
    if (l->kind >= THOUGHT_COUNT || (l->text.p == NULL && l->text.n > 0) ||
        (!isnan(l->cost) && !(l->cost >= 0)))
        abort();
    /* every byte it points at can be read */
    for (size_t i = 0; i < l->text.n; i++)
        if (l->text.p[i] == '\0' && l->text.p == NULL)
            abort();
}

static bool same(const struct logline *a, const struct logline *b)
{
    return a->kind == b->kind && span_same(a->text, b->text) &&
           a->tokens == b->tokens && a->json == b->json &&
           (a->cost == b->cost || (isnan(a->cost) && isnan(b->cost)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nl = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t n = nl != NULL ? (size_t)(nl - data) : size;
    size_t m = nl != NULL ? size - n - 1 : 0;
    struct logline_reader *used = logline_create();
    struct logline_reader *fresh = logline_create();
    char *one = exact(data, n);
    char *two = exact(nl != NULL ? nl + 1 : data, m);
    struct logline a, b;

    logline_read(used, one, n, &a);
    check(&a);
    logline_read(used, two, m, &a);
    logline_read(fresh, two, m, &b);
    check(&a);
    if (!same(&a, &b))
        abort();
    free(one);
    free(two);
    logline_destroy(used);
    logline_destroy(fresh);
    return 0;
}
