/*
 * What is said to an agent of a cluster: a POST to the port its Service
 * names, in the form its genus understands. Agents that have no such route
 * say 404, placeholders listen to nothing.
 */
#ifndef DATA_KUBE_ACT_SAY_H
#define DATA_KUBE_ACT_SAY_H

#include "data/kube/act_priv.h"

#define ACT_SAY_PORT 8080

/* The plan's method, path and body are of the pod, not of the API server. */
int act_plan_say(const struct plan_from *from, struct plan *p,
                 struct error *err);

#endif
