/*
 * Reads objects of one kind out of a list or a watch, into the store.
 *
 * A reader belongs to one stream (kind, selector, namespace). It takes the
 * text of one list item or one watch event, picks the fields that rows hold
 * (managedFields and all the rest are passed over) and puts them.
 */
#ifndef DATA_KUBE_READER_H
#define DATA_KUBE_READER_H

#include "data/store.h"

struct reader;

enum read_what {
    READ_PUT,
    READ_DELETED,
    READ_BOOKMARK,
    READ_ERROR, /* a Status: code, reason, message */
};

/* What an event was. Spans point into the text, until the next read. */
struct read_event {
    enum read_what what;
    char version[64]; /* resourceVersion; "" if none */
    bool initial_end; /* bookmark that ends the initial events */
    int code;
    struct span reason, message;
    int64_t retry_after_s; /* FACT_NONE */
};

struct reader *reader_create(enum kind kind, struct store *store);
void reader_destroy(struct reader *r);

/* One element of a list's items. 0, or an error: the object is skipped. */
int reader_item(struct reader *r, const char *text, size_t len,
                const struct origin *o, struct error *err);
/* One event of a watch. 0 and *ret, or an error: the event is skipped. */
int reader_event(struct reader *r, const char *text, size_t len,
                 const struct origin *o, struct read_event *ret,
                 struct error *err);

/* Facts only, without a store: for tests and fuzzing. The last object. */
struct reader_facts {
    union { /* by the reader's kind */
        struct agent_facts agent;
        struct pheromone_facts pheromone;
        struct proposal_facts proposal;
        struct workload_facts workload;
        struct event_facts event;
        struct quota_facts quota;
        struct object_facts object;
    };
};
const struct reader_facts *reader_facts(const struct reader *r);

#endif
