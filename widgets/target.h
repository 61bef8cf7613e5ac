/*
 * A row by its names: it may go, or come again, while it is looked at.
 */
#ifndef WIDGETS_TARGET_H
#define WIDGETS_TARGET_H

#include "data/store.h"

struct target {
    enum kind kind;
    char ns[256], name[256];
    uint8_t uid[16]; /* of the object that was opened, where it is known */
};

/* False, and ret untouched, if there is no such row. */
bool target_set(struct target *ret, const struct store *st, enum kind kind,
                uint32_t slot);
bool target_is(const struct target *t, const struct store *st, enum kind kind,
               uint32_t slot);
/* SLOT_NONE when it has gone. */
uint32_t target_slot(const struct target *t, const struct store *st);

#endif
