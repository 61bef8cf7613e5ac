/*
 * Says something to an agent that listens over HTTP: a port-forward of its
 * own, one request through it, and its answer in words.
 *
 * Told by the source_sent_cb: a status of the agent's own server. With 2xx
 * err->msg is what it answered (SAY_REPLY bytes at most), else why not.
 * Nothing listened: status 0, ERR_CONNECT. Cut after it may have been heard:
 * status 0, ERR_CUT.
 */
#ifndef DATA_KUBE_SAY_H
#define DATA_KUBE_SAY_H

#include "data/kube/reach.h"
#include "data/net/http.h"
#include "data/source.h"

#define SAY_REPLY     4096
#define SAY_ANSWER_MS 120000 /* an agent thinks before it answers */

struct kube_says;

struct kube_says *kube_says_create(struct kube_reach *r, struct http *h);
/* What is under way is answered with "lost"; forwards end by themselves, and
   the reach counts them until then. */
void kube_says_close(struct kube_says *s);
/* plan: of act_say.h. 0, or why nothing is said: no cb then. */
int kube_say(struct kube_says *s, const struct plan *p, source_sent_cb cb,
             void *arg, struct error *err);

#endif
