/*
 * Asks the API server whether it would take a plan: the same request with
 * dryRun=All. Validation, admission and quota all speak; nothing is stored.
 *
 * One at a time: a new one ends the one before. A refusal's causes are told
 * by the keys of the form (kube_create_key).
 */
#ifndef DATA_KUBE_DRY_RUN_H
#define DATA_KUBE_DRY_RUN_H

#include "data/kube/client.h"
#include "data/source.h"

struct kube_dry_run;

struct kube_dry_run *kube_dry_run_create(struct kube_client *client);
void kube_dry_run_start(struct kube_dry_run *d, const struct plan *p,
                        source_tried_cb cb, void *arg);
void kube_dry_run_cancel(struct kube_dry_run *d);
void kube_dry_run_close(struct kube_dry_run *d);

/* What an answer says; the reader of it, for tests. */
void kube_dry_run_read(const struct act_want *want,
                       const struct http_answer *answer,
                       const struct error *err, struct tried *ret);

#endif
