/*
 * What a control plane of fracta's shape says, read into facts: agents,
 * proposals, pheromones, events. Tolerant: three spellings of an event, zero
 * times, null arrays, fields that are not known.
 *
 * Spans of the facts point into the reader's memory: valid until its next
 * call.
 */
#ifndef DATA_FRACTA_READ_H
#define DATA_FRACTA_READ_H

#include "base/error.h"
#include "data/store.h"

struct fracta_reader;

struct fracta_reader *fracta_reader_create(void);
void fracta_reader_destroy(struct fracta_reader *r);

/* One AgentInfo. 0, or ERR_SYNTAX: no JSON, or without a name. */
int fracta_read_agent(struct fracta_reader *r, struct span json,
                      struct run_facts *ret, struct error *err);
int fracta_read_proposal(struct fracta_reader *r, struct span json,
                         struct proposal_facts *ret,
                         struct asked_facts *asked, struct error *err);
int fracta_read_pheromone(struct fracta_reader *r, struct span json,
                          struct pheromone_facts *ret, struct error *err);

int fracta_read_objective(struct fracta_reader *r, struct span json,
                          struct objective_facts *ret, struct error *err);

struct fracta_event {
    struct span id, agent, component, category, action, severity, detail,
        text, tool, kind;
    int64_t at_ms;
    int64_t tokens; /* of this event; 0 not said */
    double cost;    /* NAN not said */
};
int fracta_read_event(struct fracta_reader *r, struct span json,
                      struct fracta_event *ret, struct error *err);
/* What the event is as a thought; false: nothing worth a line. */
bool fracta_thought(const struct fracta_event *e, struct thought_facts *ret);

#endif
