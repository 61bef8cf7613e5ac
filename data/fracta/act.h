/* Plans for a control plane of fracta's shape. */
#ifndef DATA_FRACTA_ACT_H
#define DATA_FRACTA_ACT_H

#include "data/act/plan.h"
#include "data/store.h"

/* Fills p from p->want and the rows. */
int fracta_plan(const struct store *st, struct plan *p, struct error *err);

#endif
