/*
 * What ways into pods have in common: logs, tethers and port-forwards.
 *
 * The source makes one and lends it to each; it counts them (`users`) and
 * closes client and journal only when the last has gone.
 */
#ifndef DATA_KUBE_REACH_H
#define DATA_KUBE_REACH_H

#include "data/act/opening.h"
#include "data/kube/client.h"
#include "data/kube/pod_of.h"

struct kube_reach {
    uv_loop_t *loop;
    struct kube_client *client;
    const struct store *store;
    struct journal *journal; /* NULL: no place for it */
    const char *who;         /* on the server */
    bool opens;              /* else it only reads: logs and no more */
    int users;
    void (*idle)(void *arg); /* no user is left; NULL: nobody asks */
    void *arg;
};

/* False with ERR_REFUSED: read-only, no channel is opened. */
bool kube_reach_may(const struct kube_reach *r, struct error *err);
/* The identity of an agent; NULL: there is none of that name. */
const uint8_t *kube_reach_uid(const struct kube_reach *r, const char *ns,
                              const char *agent);
void kube_reach_take(struct kube_reach *r);
void kube_reach_leave(struct kube_reach *r);
/*
 * Why it was not opened, or ended: kube_explain, where a 403 names the right
 * that is missing.
 */
int kube_reach_explain(const struct http_answer *answer,
                       const struct error *from, const char *ns,
                       struct error *ret);

#endif
