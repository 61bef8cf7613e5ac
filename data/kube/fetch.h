/*
 * Fetches one object on demand and turns it into YAML.
 *
 * One at a time: a new fetch ends the one before it. The body is at most
 * KUBE_FETCH_MAX bytes. managedFields are left out; the values of Secrets
 * and of anything named like a credential are never asked for here.
 */
#ifndef DATA_KUBE_FETCH_H
#define DATA_KUBE_FETCH_H

#include "data/kube/client.h"
#include "data/source.h"

#define KUBE_FETCH_MAX (4u << 20)

struct kube_fetch;

struct kube_fetch *kube_fetch_create(struct kube_client *client);
/* api: "/apis/kgents.io/v1". False if the name cannot be in a path. */
bool kube_fetch_start(struct kube_fetch *f, const char *api, enum kind kind,
                      const char *ns, const char *name, source_fetch_cb cb,
                      void *arg);
void kube_fetch_close(struct kube_fetch *f);

#endif
