/*
 * Sends plans to the API server, and knows who one is there.
 *
 * The user's name comes from a SelfSubjectReview, asked once the server
 * answers; until then, or where that is refused, the kubeconfig's.
 */
#ifndef DATA_KUBE_SENDER_H
#define DATA_KUBE_SENDER_H

#include "data/kube/client.h"
#include "data/kube/rights_review.h"
#include "data/source.h"

struct kube_sender;

/* rights: told when the server refuses; it outlives the sender. */
struct kube_sender *kube_sender_create(struct kube_client *client,
                                       struct kube_rights *rights,
                                       const char *fallback);
/* What is under way is answered with "lost". */
void kube_sender_close(struct kube_sender *s);
/* Asks who one is, if that is not known. */
void kube_sender_learn(struct kube_sender *s);
const char *kube_sender_user(const struct kube_sender *s);
void kube_sender_send(struct kube_sender *s, const struct plan *p,
                      source_sent_cb cb, void *arg);

#endif
