/*
 * What a kind brings to the common reader: its rules and three functions.
 * One table per kind, in the file of that kind.
 */
#ifndef DATA_KUBE_READER_PRIV_H
#define DATA_KUBE_READER_PRIV_H

#include "data/json/pick.h"
#include "data/kube/reader.h"

/* Fields of the common part take numbers below this. */
#define READER_OWN 100
#define READER_CONTAINERS 8

struct container_state {
    struct span name, waiting, message, ended, last_ended;
    int64_t restarts, exit_code, last_exit;
    bool ready, running, init;
};

/* What is gathered on the way, beside the facts. */
struct scratch {
    struct condition_facts cond; /* the one being read */
    struct container_state containers[READER_CONTAINERS];
    struct container_state *now; /* the one being read, NULL none */
    int count;
    struct span first, image; /* of the pod's spec */
    struct span decided_by, decided_text;
    char deciders[1000]; /* names that have ended, a line each */
    size_t deciders_len;
    int64_t decided_ms;
    struct span quota_key, quota_hard[16], quota_names[16];
    int quotas;
    struct span owner_kind, owner_name;
    bool owner_controls;
    struct span unschedulable;
};

struct kind_reader {
    const struct pick_rule *rules;
    void (*begin)(struct reader_facts *f);
    void (*value)(struct reader_facts *f, struct scratch *s, int field,
                  const struct pick_value *v);
    /* after the last value; then put */
    void (*end)(struct reader_facts *f, struct scratch *s);
    void (*put)(struct store *st, const struct reader_facts *f,
                const struct origin *o);
    struct meta_facts *(*meta)(struct reader_facts *f);
};

/* Fields of a condition, for kinds with status.conditions[]. */
enum {
    COND = READER_OWN,
    COND_TYPE,
    COND_STATUS,
    COND_REASON,
    COND_MESSAGE,
    COND_AT,
    READER_KIND,
};

#define CONDITION_RULES(path)                                                  \
    {path, COND}, {path ".type", COND_TYPE}, {path ".status", COND_STATUS},    \
        {path ".reason", COND_REASON}, {path ".message", COND_MESSAGE},        \
        {path ".lastTransitionTime", COND_AT}

/* True if the field was one of a condition; `done` when one is complete. */
bool read_condition(struct scratch *s, int field, const struct pick_value *v,
                    bool *done);
int64_t read_time(const struct pick_value *v);
struct span read_text(const struct pick_value *v);
/* The number, or `other` when it is none or outside min…max. */
int64_t read_int(const struct pick_value *v, int64_t min, int64_t max,
                 int64_t other);
double read_double(const struct pick_value *v, double min, double max);

extern const struct kind_reader agent_reader, pheromone_reader,
    proposal_reader, memory_reader, umwelt_reader, agentserver_reader,
    morpheus_reader, deployment_reader, pod_reader, job_reader, event_reader,
    quota_reader;

#endif
