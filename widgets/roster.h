/*
 * The objects beside agents, signals and proposals, by kind and name.
 *
 * Made anew when one of their kinds changed, at most once a second when there
 * are many; a row may be gone by then.
 */
#ifndef WIDGETS_ROSTER_H
#define WIDGETS_ROSTER_H

#include "data/filter.h"
#include "widgets/target.h"

struct roster_row {
    enum kind kind;
    uint32_t slot;
};

struct roster {
    struct roster_row *rows;
    uint32_t count, room, all; /* all: without the filter */
    uint32_t top, rank;        /* rank: the selected row */
    struct target at;          /* what it is */
    struct filter *filter;     /* NULL: all */
    unsigned only;             /* 1 << kind; 0: all kinds */
    uint64_t gen;
    int64_t made_ms; /* 0: not made yet */
};

void roster_finish(struct roster *r);
void roster_settle(struct roster *r, const struct store *st, int64_t now_ms);
void roster_move(struct roster *r, const struct store *st, int by);
/* Takes the filter. */
/* Rows of this kind only (1 << kind); 0: of all. */
void roster_show(struct roster *r, unsigned only);
void roster_set_filter(struct roster *r, struct filter *f);
/* The selected row; NULL when there is none. */
const struct roster_row *roster_at(const struct roster *r);

/* The kinds it shows, in its order; KIND_COUNT ends. */
extern const enum kind roster_kinds[];

#endif
