/*
 * An ordered, filtered list of one kind's rows, kept by what changed.
 *
 * A view hears of changed rows from the store and moves only those: O(log n)
 * each. view_settle does the work, once per frame. While `hold` is given,
 * rows keep their places (fields change in place, new rows appear, dead ones
 * go); what should move waits.
 *
 * Property: after view_settle without hold the list equals a full rebuild.
 */
#ifndef DATA_VIEW_H
#define DATA_VIEW_H

#include "data/filter.h"

enum view_sort {
    SORT_ACTIVITY, /* agents */
    SORT_STATE,    /* agents: worst first */
    SORT_TOKENS,   /* agents */
    SORT_COST,     /* proposals: cost of delay; decided ones last */
    SORT_RISK,     /* proposals */
    SORT_AGE,
    SORT_NAME,
};

struct view;

struct view *view_create(struct store *st, enum kind kind,
                         enum view_sort sort);
void view_destroy(struct view *v);

/* Takes the filter; NULL = all rows. Rebuilds. */
void view_set_filter(struct view *v, struct filter *f);
void view_set_sort(struct view *v, enum view_sort sort);
enum view_sort view_sort(const struct view *v);
/* The next sort order that makes sense for the kind. */
enum view_sort view_next_sort(const struct view *v);
const char *view_sort_name(enum view_sort sort);

/* True if the order or the set changed. */
bool view_settle(struct view *v, int64_t now_ms, bool hold);

uint32_t view_count(const struct view *v);
/* SLOT_NONE beyond the end. */
uint32_t view_at(const struct view *v, uint32_t rank);
uint32_t view_rank(const struct view *v, uint32_t slot);
uint32_t view_next(const struct view *v, uint32_t slot);
/* Rows whose move waits for a settle without hold. */
uint32_t view_pending(const struct view *v);

#endif
