/*
 * A hook's input, any bytes: what is read of it lies in the text or in the
 * reader's memory, and can be titled and shown.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "front/hook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum; /* so that every byte is read */

static void use(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        sum += (unsigned char)s.p[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xrealloc(NULL, size + 1, 1);
    struct hook_input h;
    struct buf diff;
    char title[500];

    memcpy(text, data, size);
    if (hook_read(&h, text, size)) {
        if (h.raw.p != NULL &&
            (h.raw.p < text || h.raw.p + h.raw.n > text + size))
            abort();
        if (h.edits < 0 || h.edits > HOOK_EDITS_MAX)
            abort();
        hook_title(&h, title, sizeof title);
        use(span_of(title));
        use(hook_what(&h));
        h.path.n = h.path.n > 0 ? 1 : 0; /* no file of this machine */
        buf_init(&diff, 4u << 20);
        hook_diff(&h, &diff);
        if (diff.over || diff.len > HOOK_TEXT_MAX + 100)
            abort();
        buf_finish(&diff);
    }
    hook_finish(&h);
    free(text);
    return 0;
}
