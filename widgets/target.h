/*
 * A row by its names: it may go, or come again, while it is looked at. Or a
 * node of the knowledge graph, by its id; that is no row.
 */
#ifndef WIDGETS_TARGET_H
#define WIDGETS_TARGET_H

#include "data/store.h"

struct target {
    enum kind kind; /* KIND_COUNT: a node */
    char ns[256], name[256];
    uint8_t uid[16]; /* of the object that was opened, where it is known */
    int64_t node;
};

/* False, and ret untouched, if there is no such row. */
bool target_set(struct target *ret, const struct store *st, enum kind kind,
                uint32_t slot);
bool target_is(const struct target *t, const struct store *st, enum kind kind,
               uint32_t slot);
struct target target_node(int64_t id);
bool target_is_node(const struct target *t);
/* SLOT_NONE when it has gone, and of a node. */
uint32_t target_slot(const struct target *t, const struct store *st);

#endif
