#include "config.h"

#include "data/tether/tether_impl.h"

void tether_input(struct tether *t, const char *p, size_t n)
{
    t->impl->input(t, p, n);
}

void tether_resize(struct tether *t, struct wire_size size)
{
    t->impl->resize(t, size);
}

void tether_type(struct tether *t, bool anyway)
{
    if (t->impl->type != NULL)
        t->impl->type(t, anyway);
}

void tether_close(struct tether *t)
{
    t->impl->close(t);
}
