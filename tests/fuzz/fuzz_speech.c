/*
 * Lines of any bytes as an agent's speech: what is read of the second must
 * not depend on the first, but for what an agent's memory is for.
 *
 * Each newline ends a line.
 */
#include "config.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "habitat/speech.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum; /* so that every byte is read */

static void check(const struct speech *s, int n)
{
    if (n < 0 || n > SPEECH_MAX)
        abort();
    for (int i = 0; i < n; i++) {
        if ((s[i].kind == NULL) != (s[i].text.n == 0))
            abort();
        if ((s[i].kind == NULL) != (s[i].action == NULL))
            abort();
        if (s[i].tokens < 0 || (!isnan(s[i].cost) && !(s[i].cost >= 0)))
            abort();
        for (size_t k = 0; k < s[i].text.n; k++)
            sum += (unsigned char)s[i].text.p[k];
        for (size_t k = 0; k < s[i].tool.n; k++)
            sum += (unsigned char)s[i].tool.p[k];
    }
}

static bool same(const struct speech *a, const struct speech *b)
{
    return span_same(a->text, b->text) && span_same(a->tool, b->tool) &&
           a->kind == b->kind && a->tokens == b->tokens &&
           a->error == b->error && a->report == b->report;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct speech_reader *used = speech_create(), *fresh;
    struct speech_memory memory, other;
    struct speech a[SPEECH_MAX], b[SPEECH_MAX];

    speech_memory_init(&memory);
    while (size > 0) {
        const uint8_t *nl = memchr(data, '\n', size);
        size_t n = nl != NULL ? (size_t)(nl - data) : size;
        char *line = xrealloc(NULL, n + 1, 1);
        struct span text = {line, n};
        int count;

        memcpy(line, data, n);
        count = speech_read(used, &memory, text, a);
        check(a, count);
        if (memory.said.len == 0 && nl == NULL) {
            fresh = speech_create();
            speech_memory_init(&other);
            count = speech_read(used, &memory, text, a);
            if (memory.said.len == 0 &&
                count != speech_read(fresh, &other, text, b))
                abort();
            for (int i = 0; memory.said.len == 0 && i < count; i++)
                if (!same(&a[i], &b[i]))
                    abort();
            speech_memory_finish(&other);
            speech_destroy(fresh);
        }
        free(line);
        data += n + (nl != NULL);
        size -= n + (nl != NULL);
    }
    check(a, speech_end(used, &memory, a));
    speech_memory_finish(&memory);
    speech_destroy(used);
    return 0;
}
