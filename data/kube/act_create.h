/*
 * Plans that create kgents objects, and the one that wipes a pheromone.
 *
 * What the form says (widgets/form.h) and, where it names one, a YAML file
 * become one object; the request names us as its field manager and wants
 * unknown fields refused. Every such plan can be tried first (plan.tries).
 * Names that are not given are made here: unique, so that the row which
 * shows the object is no other's.
 *
 * ERR with plan.field: the form's field that is at fault. Of a proposal that
 * is not complete plan.body holds what there is so far, for an editor.
 */
#ifndef DATA_KUBE_ACT_CREATE_H
#define DATA_KUBE_ACT_CREATE_H

#include "data/act/plan.h"
#include "data/store.h"

/* user, now_ms: as the server knows them. */
int kube_plan_create(const struct store *st, const char *user, int64_t now_ms,
                     struct plan *p, struct error *err);
/* The form's key of an object's field ("spec.replicas"); "" if none. */
const char *kube_create_key(enum act a, const char *path);
/* The line of the want's file that says it, if no field says otherwise; 0. */
unsigned kube_create_line(const struct act_want *w, const char *path);

#endif
