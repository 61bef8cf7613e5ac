/*
 * An answer to a handshake of any bytes: however it is cut, it ends the same,
 * and never counts as a WebSocket (nobody guesses the key).
 *
 * The first byte says how long the pieces are.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/net/upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct end {
    enum upgrade_step step;
    int status;
    size_t body;
};

static struct end run(const uint8_t *data, size_t size, size_t piece)
{
    struct upgrade u;
    struct error err;
    struct buf out;
    struct end end = {UPGRADE_MORE, 0, 0};
    size_t used;

    buf_init(&out, 65536);
    if (!upgrade_begin(&u, "https://h:1/x", "v5.channel.k8s.io, a", NULL, "f",
                       &out))
        abort();
    for (size_t i = 0; i < size && end.step == UPGRADE_MORE; i += piece) {
        size_t n = size - i < piece ? size - i : piece;
        char *copy = malloc(n); /* so that one byte too far is seen */

        if (copy == NULL)
            abort();
        memcpy(copy, data + i, n);
        end.step = upgrade_take(&u, copy, n, &used, &err);
        if (used > n)
            abort();
        free(copy);
    }
    if (end.step == UPGRADE_MORE)
        end.step = upgrade_end(&u, &err);
    if (end.step == UPGRADE_OPEN || end.step == UPGRADE_MORE)
        abort();
    if (end.step == UPGRADE_REFUSED) {
        end.status = u.answer.status;
        end.body = u.answer.body.n;
        for (size_t i = 0; i < end.body; i++) /* all of it can be read */
            end.status += u.answer.body.p[i] & 0;
    }
    upgrade_finish(&u);
    buf_finish(&out);
    return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct end whole, cut;

    if (size == 0 || size > 65536)
        return 0;
    whole = run(data + 1, size - 1, size);
    cut = run(data + 1, size - 1, 1u + data[0] % 17);
    if (whole.step != cut.step || whole.status != cut.status)
        abort();
    return 0;
}
