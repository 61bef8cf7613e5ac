/*
 * Hash index from a key to a row's slot number.
 *
 * Keys live in the rows; the index keeps only hash and slot and asks the
 * owner to compare. 8 bytes per entry, load at most 0.7.
 */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLOT_NONE UINT32_MAX

struct index_entry {
    uint32_t hash;
    uint32_t slot; /* SLOT_NONE empty, SLOT_NONE - 1 tomb */
};

struct index {
    struct index_entry *at;
    uint32_t mask;
    uint32_t used, filled;
};

/* True if the row in `slot` has the key. */
typedef bool (*index_same_fn)(const void *ctx, uint32_t slot, const void *key);

void index_init(struct index *ix);
void index_finish(struct index *ix);
/* The slot, or SLOT_NONE. */
uint32_t index_find(const struct index *ix, uint32_t hash, const void *key,
                    index_same_fn same, const void *ctx);
/* The key must not be there yet. */
void index_add(struct index *ix, uint32_t hash, uint32_t slot);
/* The pair must be there. */
void index_remove(struct index *ix, uint32_t hash, uint32_t slot);
size_t index_bytes(const struct index *ix);

#endif
