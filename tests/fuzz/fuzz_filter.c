#include "config.h"

#include "data/check.h"
#include "data/filter.h"

#include <stdlib.h>
#include <string.h>

/* The filter language and the conditions of --check, on any bytes. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum kind kinds[] = {KIND_AGENT, KIND_PHEROMONE,
                                      KIND_PROPOSAL, KIND_EVENT};
    static const char row[] = "b-gent-7 waits for you 12m, retry 14 of 20";
    const struct span texts[] = {{row, sizeof row - 1}, {"", 0}};
    struct error err = {0};
    struct filter *f;
    char *expr;

    if (size == 0)
        return 0;
    f = filter_create(kinds[data[0] % 4], (const char *)data + 1, size - 1,
                      &err);
    if (f != NULL) {
        filter_match_text(f, texts, 2);
        filter_destroy(f);
    } else if (err.code == 0 || err.msg[0] == '\0') {
        abort(); /* refused without a word */
    }
    expr = calloc(size, 1);
    memcpy(expr, data + 1, size - 1);
    error_clear(&err);
    if (check_parse(expr, &err) != 0 && err.msg[0] == '\0')
        abort();
    free(expr);
    return 0;
}
