/*
 * How an agent is: one rule over all that is known of it.
 *
 * Real operators leave `phase: Pending` for ever while the pods are ready,
 * and a ready pod may hold an agent that does nothing. So what runs outranks
 * what is written about it, and what it says outranks that it runs. The
 * first line that holds decides:
 *
 *    1  deletionTimestamp set                ending; trouble after 60 s
 *   1b  cluster and control plane differ     the later word; after 10 s both
 *                                            are shown, and it is trouble
 *    2  its job failed                       failed
 *    3  bad news, and no main container up   failed (CrashLoopBackOff, …)
 *    4  a quota refuses its pods             failed
 *    5  its Deployment is named but gone     failed
 *    6  phase Failed, and no pod is ready    failed, with the condition
 *    7  its job completed                    done
 *    8  replicas 0                           paused
 *    9  DRY_RUN                              idle, nothing is created
 *   10  a proposal of it waits               waiting
 *  10b  it says it is blocked                waiting: asks at its terminal
 *  10c  queued, and no pod is there yet      starting, no trouble
 *   11  pods wanted, main container not up   starting; trouble after 10 min
 *  11b  no heartbeat for 45 s, once it beat  quiet, trouble
 *   12  same step again and again            looping, trouble
 *   13  silent ≥ 6 × its habit (≥ 60 s)      quiet, until an hour of silence
 *  13b  it says error / working / idle       failed / working / idle
 *   14  an event within 2 min                working
 *   15  up, or any event ever                idle
 *   16  else                                 unknown
 *
 * Beside the state: `degraded` when something of it does not work although
 * it does (a side container, one pod of several, fewer replicas than wanted,
 * phase Degraded or Failed although pods are ready, an unresponsive probe).
 */
#ifndef DATA_HEALTH_H
#define DATA_HEALTH_H

#include "data/agent.h"

#include <stddef.h>

#define HEALTH_ENDING_MS 60000
#define HEALTH_STARTING_MS 600000
#define HEALTH_AGREE_MS 10000 /* so long two sources may differ */
#define HEALTH_BEAT_MS 45000  /* three heartbeats of a control plane */

struct verdict {
    enum agent_state state;
    bool trouble, degraded, conflict;
    char why[200];    /* "" = nothing to say; bytes from outside inside */
    int64_t flips_ms; /* look again then; MOMENT_NEVER */
};

void health_judge(const struct agent *a, int64_t now_ms, struct verdict *ret);

/* What one source said, for the card. */
struct testimony {
    const char *source; /* "phase", "condition", "workload", … */
    char said[220];
    int64_t at_ms; /* when it said so; 0 unknown */
    bool decided;  /* this one gave the state */
};
#define HEALTH_TESTIMONIES 16

/* Fills at most HEALTH_TESTIMONIES; returns how many. */
int health_explain(const struct agent *a, int64_t now_ms,
                   struct testimony *ret);

#endif
