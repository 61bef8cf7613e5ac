/*
 * Which pod stands behind a Service, and at which of its ports.
 *
 * Asked when somebody wants it: the Service, for its selector and its port's
 * target, then the pods of that selector; both answers hold for
 * SERVICE_HOLDS_MS. A pod is taken that is ready, not being deleted, and not
 * the one to be avoided. A target port that is a name is looked up among the
 * pod's containers.
 *
 * Only GETs are built: this is part of a source, not of an act.
 */
#ifndef DATA_KUBE_SERVICE_H
#define DATA_KUBE_SERVICE_H

#include "data/act/plan.h"
#include "data/kube/client.h"

#define SERVICE_HOLDS_MS 10000
#define SERVICE_BODY_MAX (8u << 20)

struct kube_service;

struct kube_service_pod {
    char name[ACT_NAME];
    uint16_t port; /* of the pod */
};

/* NULL with err: a name that cannot be one. The client outlives it. */
struct kube_service *kube_service_create(struct kube_client *c, const char *ns,
                                         const char *name, uint16_t port,
                                         struct error *err);
void kube_service_destroy(struct kube_service *s);
/*
 * 0, and a pod; else why there is none, and that is looked into: ask again in
 * a while. ERR_BUSY: the servers have not answered yet.
 */
int kube_service_find(struct kube_service *s, const char *avoid,
                      struct kube_service_pod *ret, struct error *err);

#endif
