/*
 * The log of one agent's main container, line by line, for the page of logs.
 *
 * Begins KUBE_TAIL_LINES before the end and follows: when the container ends,
 * the connection is cut or the pod goes, it goes on with what runs then,
 * without a repeat (lines carry the node's time). Or the run before, once.
 *
 * Bounds  a line KUBE_TAIL_LINE bytes, longer ones are cut
 * Calls   none before the open function returns, none after kube_tail_close
 */
#ifndef DATA_KUBE_TAIL_H
#define DATA_KUBE_TAIL_H

#include "data/kube/reach.h"

#define KUBE_TAIL_LINES 1000
#define KUBE_TAIL_LINE  (16u << 10)
#define KUBE_TAIL_RETRY_MS 2000

struct kube_tail;

struct kube_tail_calls {
    /* at_ms: when it was written, 0 not known. Any bytes but a line's end. */
    void (*line)(int64_t at_ms, const char *p, size_t n, void *arg);
    /* How it stands: "follows POD", "the container ended", an error. */
    void (*told)(const char *text, bool bad, void *arg);
    void *arg;
};

/* NULL with err: no pod of it runs, … */
struct kube_tail *kube_tail_open(struct kube_reach *r, const char *ns,
                                 const char *agent, bool previous,
                                 const struct kube_tail_calls *calls,
                                 struct error *err);
/* NULL passes. */
void kube_tail_close(struct kube_tail *t);

#endif
