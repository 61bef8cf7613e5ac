/*
 * Kubernetes as a source.
 *
 * Streams (list_watch.h): the kgents kinds that discovery finds; pods,
 * deployments and jobs that carry the labels of kgents or fracta; resource
 * quotas; events, once it is known what runs.
 *
 * Discovery asks /apis/kgents.io/v1 at start and every 30 s, so kinds that
 * appear or vanish are picked up. Proof of life: any byte from the server;
 * after KUBE_SILENCE_MS without one GET /version, and when that is not
 * answered within KUBE_PROBE_MS all streams are connected anew.
 *
 * Scope: one namespace, or all. Where all is refused (403) it goes on with
 * the context's namespace and says so.
 */
#ifndef DATA_KUBE_SOURCE_H
#define DATA_KUBE_SOURCE_H

#include "data/kube/kubeconfig.h"
#include "data/kube/reach.h"
#include "data/source.h"

#define KUBE_SILENCE_MS 15000
#define KUBE_PROBE_MS 4000
#define KUBE_DISCOVERY_MS 30000

struct kube_options {
    const char *ns; /* -n; NULL = the context's, else all */
    bool all;       /* -A */
    const char *user_agent;
    bool writes; /* actions may be built */
    const char *journal; /* where ways into pods are written down; NULL: no
                            place, and none is opened */
};

/* Takes the config; NULL options = defaults. Never fails: what goes wrong
   is in the plane. */
struct source *kube_source_create(uv_loop_t *loop, struct store *store,
                                  struct kube_config *config,
                                  const struct kube_options *options);

/* What ways into pods want (tether.h, forward.h, tail.h); NULL: s is no
   cluster. */
struct kube_reach *kube_source_reach(struct source *s);
/* The namespace in use; "" = all. */
const char *kube_source_namespace(const struct source *s);
uint64_t kube_source_received(const struct source *s);

#endif
