/*
 * A stream of any bytes, cut at once and byte by byte or in pieces: the same
 * objects, the same end.
 *
 * Byte 0  bit 0: list or documents; the rest: length of the pieces
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "data/json/cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t hash;
    uint64_t count;
};

static bool on_object(enum cut_what what, const char *text, size_t len,
                      void *arg)
{
    struct seen *s = arg;

    if (len < 2 || (text[0] != '{' && text[0] != '[') ||
        (text[len - 1] != '}' && text[len - 1] != ']'))
        abort();
    s->hash = hash_more(s->hash + (uint64_t)what, text, len);
    s->count++;
    return true;
}

static int run(enum cut_mode mode, const char *s, size_t n, size_t piece,
               struct seen *seen)
{
    struct error err = {.code = 0};
    struct cut c;
    int r = 0;

    *seen = (struct seen){0};
    cut_init(&c, mode, on_object, seen);
    for (size_t at = 0; at < n && r == 0; at += piece) {
        size_t part = n - at < piece ? n - at : piece;
        char *exact = malloc(part);

        if (exact == NULL)
            abort();
        memcpy(exact, s + at, part);
        r = cut_feed(&c, exact, part, &err);
        free(exact);
    }
    if (r == 0)
        r = cut_end(&c, &err);
    if ((r != 0) != (err.code != 0) || c.objects != seen->count)
        abort();
    cut_finish(&c);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum cut_mode mode;
    struct seen whole, pieces;
    int a, b;

    if (size < 1)
        return 0;
    mode = data[0] & 1 ? CUT_LIST : CUT_DOCS;
    a = run(mode, (const char *)data + 1, size - 1, size, &whole);
    b = run(mode, (const char *)data + 1, size - 1, 1 + (data[0] >> 1),
            &pieces);
    if (a != b || whole.hash != pieces.hash || whole.count != pieces.count)
        abort();
    return 0;
}
