/*
 * Plans for kgents objects on a Kubernetes API server.
 *
 * Deciding is a JSON Patch of proposals/status: it tests the uid and the
 * phase that were shown and appends, so that nobody's entry is lost. The
 * operator acts on an approval only in the phase Reviewing and when the
 * T-gent passed; a rejection nothing reacts to, so its result is written
 * whole.
 */
#ifndef DATA_KUBE_ACT_H
#define DATA_KUBE_ACT_H

#include "data/act/plan.h"
#include "data/store.h"

/* user: who decides, as the server knows them. Fills p from p->want. */
int kube_plan(const struct store *st, const char *user, int64_t now_ms,
              struct plan *p, struct error *err);

#endif
