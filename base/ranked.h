/*
 * Ordered list of row slots with ranks: insert, remove and "the n-th" in
 * O(log n).
 *
 * A treap whose node number is the row's slot number, so a row is in the
 * list at most once and finding its node is free. Removal goes by structure,
 * not by key: a row may have changed its key before it is taken out.
 *
 * Rows whose keys changed and were not yet moved keep their old place; a
 * correct order is restored by removing all of them before inserting any.
 *
 * Memory  24 bytes per slot up to the highest slot ever used
 */
#ifndef BASE_RANKED_H
#define BASE_RANKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranked_node {
    uint32_t left, right, up; /* slot + 1; 0 = none */
    uint32_t size;            /* of the subtree; 0 = not in the list */
    uint32_t priority;
};

/* <0, 0, >0; ties are broken by slot. */
typedef int (*ranked_cmp_fn)(const void *ctx, uint32_t a, uint32_t b);

struct ranked {
    struct ranked_node *nodes;
    uint32_t room;
    uint32_t root; /* slot + 1 */
    uint32_t seed;
    ranked_cmp_fn cmp;
    const void *ctx;
};

void ranked_init(struct ranked *r, ranked_cmp_fn cmp, const void *ctx);
void ranked_finish(struct ranked *r);
void ranked_clear(struct ranked *r);
/* The slot must not be in the list. */
void ranked_insert(struct ranked *r, uint32_t slot);
/* False if it was not in the list. */
bool ranked_remove(struct ranked *r, uint32_t slot);
bool ranked_has(const struct ranked *r, uint32_t slot);
uint32_t ranked_count(const struct ranked *r);
/* n from 0; SLOT_NONE beyond the end. */
uint32_t ranked_at(const struct ranked *r, uint32_t n);
/* Place from 0; SLOT_NONE if not in the list. */
uint32_t ranked_rank(const struct ranked *r, uint32_t slot);
/* Next in order; SLOT_NONE at the end. */
uint32_t ranked_next(const struct ranked *r, uint32_t slot);
/* Fills an empty list from slots already in order, O(n). */
void ranked_build(struct ranked *r, const uint32_t *slots, uint32_t n);

#endif
