/* Prints the fake fleet as JSON, for tests/unit/schema.py. */

#include "config.h"

#include "data/dump.h"
#include "tests/support/fleet.h"

#include <stdio.h>

int main(void)
{
    const struct dump_want want = {
        .context = "lab", .now_ms = FLEET_NOW, .pretty = true};
    struct store *st = store_create();
    struct buf out;
    bool ok;

    fake_fleet(st);
    buf_init(&out, 16u << 20);
    ok = dump_json(st, &want, &out) &&
         fwrite(out.ptr, 1, out.len, stdout) == out.len;
    buf_finish(&out);
    store_destroy(st);
    return ok && fflush(stdout) == 0 ? 0 : 1;
}
