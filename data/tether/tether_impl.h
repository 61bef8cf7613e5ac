/* For those who make tethers: embed `struct tether` first. */
#ifndef DATA_TETHER_TETHER_IMPL_H
#define DATA_TETHER_TETHER_IMPL_H

#include "data/tether/tether.h"

struct tether_impl {
    void (*input)(struct tether *t, const char *p, size_t n);
    void (*resize)(struct tether *t, struct wire_size size);
    void (*type)(struct tether *t, bool anyway); /* optional */
    void (*close)(struct tether *t); /* ends in calls.closed, later */
};

struct tether {
    const struct tether_impl *impl;
    struct tether_calls calls;
};

#endif
