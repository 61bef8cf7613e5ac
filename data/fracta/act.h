/* Plans for the habitat. */
#ifndef DATA_FRACTA_ACT_H
#define DATA_FRACTA_ACT_H

#include "data/act/plan.h"
#include "data/store.h"

/*
 * Fills p from p->want and the rows. ERR_ABSENT: it knows of no such row, or
 * this plane does not.
 */
int fracta_plan(const struct store *st, const struct plane *plane,
                struct plan *p, struct error *err);

#endif
