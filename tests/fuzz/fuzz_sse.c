/*
 * A stream of any bytes: however it is cut, the events are the same.
 *
 * The first byte says how long the pieces are.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/net/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_event(const struct sse_event *e, void *arg)
{
    struct buf *told = arg;

    if (e->data.p == NULL || memchr(e->id.p, '\0', e->id.n) != NULL)
        abort();
    buf_add(told, e->id.p, e->id.n);
    buf_char(told, '|');
    buf_add(told, e->event.p, e->event.n);
    buf_char(told, '|');
    buf_add(told, e->data.p, e->data.n);
    buf_char(told, '\n');
}

static void run(const uint8_t *data, size_t size, size_t piece,
                struct buf *told)
{
    struct sse s;

    buf_init(told, 64u << 20);
    sse_init(&s, on_event, told);
    for (size_t i = 0; i < size; i += piece) {
        size_t n = size - i < piece ? size - i : piece;
        char *copy = malloc(n); /* so that one byte too far is seen */

        if (copy == NULL)
            abort();
        memcpy(copy, data + i, n);
        sse_feed(&s, copy, n);
        free(copy);
    }
    sse_finish(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, cut;

    if (size == 0)
        return 0;
    run(data + 1, size - 1, size, &whole);
    run(data + 1, size - 1, 1u + data[0] % 17, &cut);
    if (whole.len != cut.len ||
        memcmp(buf_text(&whole), buf_text(&cut), cut.len) != 0)
        abort();
    buf_finish(&whole);
    buf_finish(&cut);
    return 0;
}
