/*
 * What the rows say of an action that was sent: is it done, or how far.
 *
 *   approve   our entry is there · reject  the same, and Rejected
 *   override  the same, and Approved or the T-gent SKIPPED
 *   pause     a process stands; a Deployment wants no pods and has none
 *   resume    it runs again; as many pods are ready as are wanted
 *   scale     the Agent wants as many, and so many pods are ready
 *   restart   every pod is younger than the request, and all are ready
 *   kill      the row has gone or ended, or another has its name
 *   spawn     the row is there, and what it runs on is ready
 *   deposit, propose, wipe   data/act/created.h
 *
 * Times of rows are the server's clock: offset_ms turns ours into it.
 */
#ifndef DATA_ACT_OBSERVED_H
#define DATA_ACT_OBSERVED_H

#include "data/act/plan.h"
#include "data/store.h"

struct observing {
    const struct store *st;
    const struct plan *plan;
    int64_t begun_ms, sent_ms; /* our clock */
    int64_t offset_ms;         /* the server's minus ours */
};

/* progress: how far it is, in words; "" when there is nothing to say. */
bool act_observed(const struct observing *o, char *progress, size_t size);

/* The rows show that the request was taken, whatever is waited for still: for
   an answer that was lost, or a server that says "not any more". */
bool act_taken(const struct observing *o);

#endif
