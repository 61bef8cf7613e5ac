/*
 * What a terminal program prints, any bytes: lines stay within their bounds,
 * and how the bytes were cut into reads changes nothing.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "habitat/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t hash;
    int count;
};

static void note(struct seen *s, int what, struct span text)
{
    s->hash = hash_more(s->hash + (uint64_t)what, text.p, text.n);
    s->count++;
}

static void on_line(struct span text, void *arg)
{
    if (text.n > (text.n > 0 && text.p[0] == '{' ? LINES_JSON_MAX : LINES_MAX))
        abort();
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 && text.p[i] != '\t')
            abort();
    note(arg, 1, text);
}

static void on_osc(int number, struct span text, void *arg)
{
    if (number < 0 || text.n > LINES_OSC_MAX)
        abort();
    note(arg, 2 + number, text);
}

static void on_bell(void *arg)
{
    note(arg, 0, span_of("bell"));
}

static void on_screen(void *arg)
{
    note(arg, 0, span_of("screen"));
}

/* As agent_output.c feeds it. */
static void feed(struct lines *l, const char *p, size_t n)
{
    size_t taken = lines_feed(l, p, n);

    if (taken < n)
        lines_feed(l, p + taken + 1, n - taken - 1);
}

static struct seen play(const uint8_t *data, size_t size, size_t step)
{
    struct seen s = {1, 0};
    const struct lines_calls calls = {on_line, on_osc, on_bell, on_screen, &s};
    struct lines l;

    lines_init(&l, &calls);
    for (size_t at = 0; at < size; at += step)
        feed(&l, (const char *)data + at,
             size - at < step ? size - at : step);
    lines_flush(&l);
    lines_finish(&l);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = play(data, size, size + 1), one = play(data, size, 1);

    if (whole.hash != one.hash || whole.count != one.count)
        abort();
    return 0;
}
