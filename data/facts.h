/*
 * What a source read about one object, before the store takes it.
 *
 * One struct per kind, filled by a reader and borrowed by the store for one
 * call: every span points into the reader's document. A span with p == NULL,
 * a time of 0, a number equal to its FACT_NONE is "not said".
 */
#ifndef DATA_FACTS_H
#define DATA_FACTS_H

#include "base/span.h"
#include "data/asked.h"
#include "data/kinds.h"

#include <math.h>
#include <stdint.h>

#define FACT_NONE (-1)

struct meta_facts {
    struct span ns, name, uid, version;
    struct span finalizer; /* the first one */
    struct span owner_kind, owner_name; /* the controlling owner */
    int64_t created_ms, deleted_ms;
    /* labels that matter here */
    struct span genus, app_name, part_of, fracta_id, stream_pod, kgents_agent,
        kgents_owner, kgents_mode, component, job_name, app;
};

struct condition_facts {
    struct span type, status, reason, message;
    int64_t at_ms;
};

struct agent_facts {
    struct meta_facts meta;
    struct span genus, image, deploy_mode, phase, cognitive, deployment,
        memory, umwelt;
    struct condition_facts cond; /* the one that says most: Ready, else the
                                    last */
    int64_t replicas; /* wanted */
    int64_t ready;    /* as the status says */
    int64_t generation, observed;
    bool old_schema;
};

struct pheromone_facts {
    struct meta_facts meta;
    struct span type, source, target, payload, phase;
    int64_t emitted_ms;
    bool emitted_given, emitted_bad;
    double initial, half_life_min, constant, decay_rate, current; /* NAN */
    int64_t ttl_s;
};

struct risk_facts {
    double base, velocity, magnitude, tests, total; /* NAN = not said */
    struct span level;
    int64_t at_ms;
};

struct proposal_facts {
    struct meta_facts meta;
    struct span change, target_kind, target_name, target_ns, proposer,
        description, rationale, phase;
    struct span objective; /* it is for */
    int64_t lines_added, lines_removed, files, tests_added, tests_removed;
    int64_t required; /* approvers */
    bool auto_merge, tgent_wanted;
    int64_t ttl_s;
    struct risk_facts risk;
    struct span tgent_result, tgent_report;
    int64_t tests_passed, tests_failed;
    int approvals, rejections;
    struct span decider, decider_text; /* of the last approval or rejection */
    struct span deciders; /* of all, each with a line's end; cut when long */
    int64_t decided_ms;
    struct condition_facts cond;
    bool executed, execution_ok;
    const struct asked_facts *asked; /* NULL: a kgents object */
};

/* Deployment, pod or job, told in one shape. */
struct workload_facts {
    struct meta_facts meta;
    enum kind kind;
    struct span phase; /* pods */
    struct span node;
    int64_t desired, ready, failed, succeeded, active;
    int64_t restarts; /* of all containers */
    struct span container; /* the one the reason is about */
    struct span reason, message; /* bad news only */
    bool main_ready; /* "logic" or "agent" or the only container runs */
    bool suspended;   /* a Job that is paused */
    bool sidecar_bad; /* the bad news is of a side container */
    int64_t exit_code;
    struct span last_reason; /* of the previous container's end */
    struct condition_facts cond; /* one that is not as it should be */
    struct span first_container; /* for logs */
    struct span image;           /* of the first container */
};

struct event_facts {
    struct meta_facts meta;
    struct span type, reason, message, component;
    struct span on_kind, on_ns, on_name;
    int64_t at_ms, count;
};

struct quota_facts {
    struct meta_facts meta;
    struct span resource; /* the tightest: used/hard highest */
    struct span used, hard;
    double share; /* 0…; NAN unknown */
};

/* memories, umwelts, agent servers, morpheus gateways */
struct object_facts {
    struct meta_facts meta;
    enum kind kind;
    struct span owner, phase, note;
    int64_t number; /* token budget, ready replicas, … by kind */
    struct condition_facts cond;
};

struct mission_facts {
    struct meta_facts meta; /* name: its number as text */
    struct span status, task, objective, claimed_by, error, proposed_by,
        dedupe_key, runtime, model;
    int64_t parent, depth, priority; /* FACT_NONE */
    int64_t claimed_ms, completed_ms, lease_ms;
};

struct objective_facts {
    struct meta_facts meta; /* name: its id */
    struct span status, description, outcome, created_by;
    int64_t missions, max_missions, findings, max_depth, max_branching;
    int64_t max_runtime_ms, tokens, max_tokens, writes, max_writes;
    int64_t updated_ms;
};

#endif
