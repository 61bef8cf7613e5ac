/*
 * Asks the server what one may do, namespace by namespace.
 *
 * A SelfSubjectRulesReview tells a whole namespace; where the server says
 * that it is incomplete (authorizers that cannot list their rules) what it
 * did not allow is asked one by one (SelfSubjectAccessReview). The answers go
 * into the store's rights; they age: after RIGHTS_AGE_MS a namespace that is
 * wanted is asked again. One question is under way at a time.
 */
#ifndef DATA_KUBE_RIGHTS_REVIEW_H
#define DATA_KUBE_RIGHTS_REVIEW_H

#include "data/kube/client.h"
#include "data/store.h"

#define RIGHTS_AGE_MS 300000
#define RIGHTS_QUEUE 16 /* namespaces that wait; more wait for the next look */

struct kube_rights;

struct kube_rights *kube_rights_create(uv_loop_t *loop,
                                       struct kube_client *client,
                                       struct store *store);
void kube_rights_close(struct kube_rights *r);
/* Somebody looks at this namespace. Cheap: call it as often as you like. */
void kube_rights_want(struct kube_rights *r, const char *ns);
/* The server refused: what was known of it is asked anew. */
void kube_rights_doubt(struct kube_rights *r, const char *ns);

#endif
