/* OSC 7501's fields, any bytes: what is taken stays within its bounds. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "habitat/status_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span s, const char *text, size_t n)
{
    if (s.p != NULL && (s.p < text || s.p + s.n > text + n))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xrealloc(NULL, size + 1, 1);
    struct status_record r;

    memcpy(text, data, size);
    if (status_record_parse((struct span){text, size}, &r)) {
        if (r.state.n == 0)
            abort();
        inside(r.state, text, size);
        inside(r.kind, text, size);
        inside(r.app, text, size);
        if (strlen(r.msg) >= sizeof r.msg || strlen(r.title) >= sizeof r.title)
            abort();
    }
    free(text);
    return 0;
}
