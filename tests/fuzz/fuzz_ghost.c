/* A file of a ghost cache; the first byte says which. */

#include "config.h"

#include "base/xalloc.h"
#include "data/ghost/read.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_line(int64_t at_ms, struct span source, struct span text,
                    void *arg)
{
    uint32_t *sum = arg;

    *sum += (uint32_t)at_ms;
    for (size_t i = 0; i < source.n; i++)
        *sum += (unsigned char)source.p[i];
    for (size_t i = 0; i < text.n; i++)
        *sum += (unsigned char)text.p[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ghost_file f = {.path = "agents/a/status.json",
                           .mtime_ns = 1795271527000000000};
    struct ghost_page p;
    struct error err;
    uint32_t sum = 0;

    if (size == 0)
        return 0;
    f.role = data[0] % (GHOST_CLUSTER + 1);
    f.len = size - 1;
    f.text = xcalloc(1, size); /* with the zero byte that a scan adds */
    memcpy(f.text, data + 1, f.len);
    if (ghost_read(&f, &p, on_line, &sum, &err) == 0) {
        for (int i = 0; i < p.count; i++)
            if (p.items[i].name[0] == '\0' ||
                memchr(p.items[i].text, '\0', sizeof p.items[i].text) == NULL)
                abort();
        ghost_page_finish(&p);
    }
    free(f.text);
    return 0;
}
