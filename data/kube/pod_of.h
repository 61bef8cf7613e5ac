/*
 * Which pod of an agent is spoken to: of those it has, one whose main
 * container is ready, else one that runs; not one that is being deleted.
 */
#ifndef DATA_KUBE_POD_OF_H
#define DATA_KUBE_POD_OF_H

#include "data/store.h"

/* Copies: rows come and go. */
struct kube_pod {
    char ns[ACT_NAME], name[ACT_NAME], container[ACT_NAME]; /* the main one */
    int32_t restarts;
    bool ready;
};

/* avoid: a pod that was found gone, NULL none. 0, or ERR_ABSENT in words. */
int kube_pod_of(const struct store *st, const char *ns, const char *agent,
                const char *avoid, struct kube_pod *ret, struct error *err);
/* The same for reading: one that ended, or waits to be started again, will do
   where none runs. */
int kube_pod_with_log(const struct store *st, const char *ns,
                      const char *agent, struct kube_pod *ret,
                      struct error *err);

#endif
