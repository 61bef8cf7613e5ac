/* Objects as a server sends them, into a store. */
#ifndef TESTS_SUPPORT_STORED_H
#define TESTS_SUPPORT_STORED_H

#include "data/kube/reader.h"
#include "tests/support/cm.h"

/* One object of this kind, as JSON; settled at now_ms. */
static inline void stored(struct store *st, enum kind kind, const char *text,
                          int64_t now_ms)
{
    const struct origin origin = {.stream = 1, .epoch = 1, .now_ms = now_ms};
    struct reader *r = reader_create(kind, st);
    struct error e = {0};

    assert_int_equal(reader_item(r, text, strlen(text), &origin, &e), 0);
    store_settle(st, now_ms);
    reader_destroy(r);
}

#endif
