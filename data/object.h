/*
 * A row of the lesser kinds: memories, umwelts, agent servers, gateways,
 * quotas. Enough to show them on an agent's page and in lists.
 */
#ifndef DATA_OBJECT_H
#define DATA_OBJECT_H

#include "data/agent.h"

struct object {
    enum kind kind;
    const char *ns, *name;
    const char *owner; /* the agent it belongs to */
    const char *phase, *note;
    int64_t number; /* FACT_NONE: not said */
    double share;   /* quotas: used of hard; NAN otherwise */
    struct condition cond;
    int64_t created_ms, deleted_ms;
    uint32_t epoch;
    uint8_t stream;
    bool live;
};

#endif
