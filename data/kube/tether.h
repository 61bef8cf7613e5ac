/*
 * The tether of an agent in a cluster: exec into the main container of one of
 * its pods, or attach to what runs there. v5 and v4 channels (exec_status.h).
 *
 * Exec starts a shell, bash where there is one. Attach asks first whether the
 * container has a terminal and reads: without a terminal its lines get the
 * carriage returns they lack, and without input one only looks.
 *
 * Its intent is in the journal before it is opened. Refusals are in words.
 */
#ifndef DATA_KUBE_TETHER_H
#define DATA_KUBE_TETHER_H

#include "data/kube/reach.h"
#include "data/tether/tether.h"

#define KUBE_TETHER_TYPED (1u << 20) /* typed and not yet sent; more is lost */

struct kube_tether_want {
    bool attach; /* else exec */
    const char *ns, *agent;
    struct wire_size size;
};

/* NULL with err when there is no pod to speak to. */
struct tether *kube_tether_open(struct kube_reach *r,
                                const struct kube_tether_want *want,
                                const struct tether_calls *calls,
                                struct error *err);

#endif
