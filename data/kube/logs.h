/*
 * Follows the logs of the agents that are looked at.
 *
 * For each agent in focus its running pods' main containers are followed, at
 * most KUBE_LOGS_MAX streams in all; a stream stops when its agent leaves
 * the focus, and its place (time of the last line and the lines at that
 * time) is kept for KUBE_LOGS_PLACES containers, so that it goes on later
 * without a repeat. The first look takes the last KUBE_LOGS_TAIL lines.
 *
 * A container that ended badly has its last KUBE_LOGS_LAST lines fetched from
 * its previous run, once for each restart seen, KUBE_LOGS_PREVIOUS at a time;
 * they are thoughts of kind error.
 *
 * The server cuts sinceTime to whole seconds: lines that were seen are
 * dropped by timestamp, and by content within the same timestamp. Lines
 * longer than KUBE_LOGS_LINE bytes are cut. 403 is told once, and not asked
 * again for a minute.
 */
#ifndef DATA_KUBE_LOGS_H
#define DATA_KUBE_LOGS_H

#include "data/kube/client.h"
#include "data/source.h"

#define KUBE_LOGS_MAX 32
#define KUBE_LOGS_TAIL 20
#define KUBE_LOGS_LAST 5
#define KUBE_LOGS_PREVIOUS 4
#define KUBE_LOGS_LINE (16u << 10)
#define KUBE_LOGS_PLACES 512

struct kube_logs;

struct kube_logs *kube_logs_create(uv_loop_t *loop, struct kube_client *client,
                                   struct store *store);
void kube_logs_focus(struct kube_logs *l, const struct focus *agents,
                     int count);
void kube_logs_close(struct kube_logs *l, void (*cb)(void *arg), void *arg);

/* Streams open now; lines taken and lines dropped as repeats since start. */
int kube_logs_open(const struct kube_logs *l);
void kube_logs_counts(const struct kube_logs *l, uint64_t *lines,
                      uint64_t *repeats);

#endif
