/*
 * Reads single objects again, for plans whose answer was lost or refused.
 *
 * The object is what the plan's path names, a subresource left out; for a
 * create, the name that was wanted. What the server says goes to the list
 * and watch of its kind, unless that has seen more already.
 */
#ifndef DATA_KUBE_REREAD_H
#define DATA_KUBE_REREAD_H

#include "data/kube/client.h"
#include "data/source.h"

#define KUBE_REREAD_MAX (2u << 20)

struct kube_reread;

/* put: the object's text, of that path ("/apis/…/agents/a"). */
struct kube_reread *kube_reread_create(
    struct kube_client *client,
    void (*put)(const char *path, const char *text, size_t len, void *arg),
    void *arg);
/* What is under way is dropped: no cb. */
void kube_reread_close(struct kube_reread *r);
bool kube_reread_start(struct kube_reread *r, const struct plan *p,
                       source_reread_cb cb, void *arg);
/* The path of the object of a plan; false: it names none. */
bool kube_reread_path(const struct plan *p, char *ret, size_t size);

#endif
