/*
 * What runs an agent: a deployment, a job, a pod.
 *
 * Rows form trees of one level: a root (a Deployment; or a group without an
 * object, for agents that are known only by their label) and the pods and
 * jobs below it. A root may be known only by name, before its object came.
 * Several agents may share one root.
 */
#ifndef DATA_WORKLOAD_H
#define DATA_WORKLOAD_H

#include "data/agent.h"

struct workload {
    enum kind kind; /* KIND_AGENT: a group */
    const char *ns, *name;
    uint8_t uid[16];
    uint64_t version; /* its resourceVersion; 0 not known */
    const char *owner; /* the Agent that controls a Deployment */
    const char *phase, *node, *reason, *message, *container, *last_reason;
    const char *first_container, *image;
    struct condition cond;
    int32_t desired, ready, failed, succeeded, active, restarts, exit_code;
    bool main_ready, sidecar_bad;
    bool suspended; /* a Job that is paused */
    bool known; /* its object was seen */
    bool operator; /* a pod of the kgents operator */
    int64_t created_ms, deleted_ms, seen_ms, bad_since_ms;
    uint32_t root;           /* slot of its root, SLOT_NONE if it is one */
    uint32_t child, sibling; /* slots, SLOT_NONE ends */
    uint32_t agents;         /* first agent on this root */
    uint32_t epoch;
    uint8_t stream;
    bool live;
};

#endif
