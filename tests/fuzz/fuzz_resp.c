/* Answers of a Redis, in two pieces: the first byte says where they part. */

#include "config.h"

#include "data/net/resp.h"

static void drain(struct resp_reader *d, struct error *err)
{
    while (resp_reader_next(d, err) != NULL)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct resp_reader *d;
    struct error err = {0};
    size_t at;

    if (size < 1)
        return 0;
    at = data[0] % size;
    d = resp_reader_create();
    if (resp_reader_feed(d, (const char *)data + 1, at, &err)) {
        drain(d, &err);
        if (err.code == 0 &&
            resp_reader_feed(d, (const char *)data + 1 + at, size - 1 - at,
                             &err))
            drain(d, &err);
    }
    resp_reader_destroy(d);
    return 0;
}
