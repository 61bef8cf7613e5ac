/*
 * A control plane as a source: the habitat of this machine.
 *
 * One stream of everything (/api/v1/events/stream): events, then all rows,
 * then what changes. It is resumed with the last event's number; rows are
 * told anew each time, so what is gone is swept away. Proof of life is any
 * byte; the habitat says something every 10 s.
 *
 * Actions go out by source_act (see data/source.h).
 */
#ifndef DATA_FRACTA_SOURCE_H
#define DATA_FRACTA_SOURCE_H

#include "data/source.h"

#define FRACTA_PROTOCOL 1 /* what it understands; habitat/protocol.h */
#define FRACTA_SILENCE_MS 25000

struct fracta_options {
    const char *socket; /* path; copied */
    const char *user_agent;
    /* Nobody listens: start one. NULL: leave it. May be called again. */
    bool (*launch)(void *arg, struct error *err);
    void *launch_arg;
    bool writes; /* actions may be built */
    bool practice; /* known to be a practice fleet before it says so */
};

struct source *fracta_source_create(uv_loop_t *loop, struct store *store,
                                    const struct fracta_options *options);

#endif
