/*
 * A row of the lesser kinds: memories, umwelts, agent servers, gateways,
 * quotas; missions and objectives of a control plane, which have more to say.
 * Enough to show them on an agent's page and in lists.
 */
#ifndef DATA_OBJECT_H
#define DATA_OBJECT_H

#include "data/agent.h"

/* A queued piece of work. Numbers FACT_NONE, times 0: not said. */
struct mission {
    const char *objective, *claimed_by, *error, *proposed_by, *dedupe_key,
        *runtime, *model;
    int64_t parent, depth, priority;
    int64_t claimed_ms, completed_ms;
    int64_t lease_ms; /* when its claim ends, if nobody renews it */
};

/* What missions are for, and what they may cost. */
struct objective {
    const char *description, *outcome, *created_by;
    int64_t missions, max_missions, findings, max_depth, max_branching;
    int64_t max_runtime_ms, tokens, max_tokens, writes, max_writes;
    int64_t updated_ms;
};

struct object {
    enum kind kind;
    const char *ns, *name;
    const char *owner; /* the agent it belongs to; who runs a mission */
    const char *phase, *note;
    int64_t number; /* FACT_NONE: not said */
    double share;   /* quotas: used of hard; NAN otherwise */
    struct condition cond;
    int64_t created_ms, deleted_ms;
    union { /* owned; by kind, NULL for the others */
        struct mission *mission;
        struct objective *objective;
    };
    uint32_t epoch;
    uint8_t stream;
    bool live;
};

#endif
