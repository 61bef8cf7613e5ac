/*
 * One pheromone, as its object tells it. The present intensity is never
 * stored: decay.h computes it when read.
 */
#ifndef DATA_PHEROMONE_H
#define DATA_PHEROMONE_H

#include "data/kinds.h"

#include <stdbool.h>
#include <stdint.h>

struct pheromone {
    const char *ns, *name, *source, *target, *payload;
    uint8_t uid[16];
    const char *other_type; /* its text when the type is not known */
    int64_t emitted_ms;     /* 0: none given, it does not decay */
    int64_t created_ms, deleted_ms;
    float initial;          /* 0…1, by the rule of decay.h */
    float half_life_min;    /* before the DREAM factor; 0: constant */
    int32_t ttl_s;          /* FACT_NONE: none */
    uint8_t type;           /* enum signal */
    bool emitted_bad;       /* given, but no date */
    bool old_schema;        /* first generation: intensity from its status */
    bool live;
    uint32_t epoch;
    uint8_t stream;
};

#endif
