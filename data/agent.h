/*
 * One agent: what each source said of it, and what follows.
 *
 * Strings are interned in the store's pool, NULL = not said. Times are wall
 * milliseconds of the server's clock (see plane.offset_ms), 0 = unknown.
 */
#ifndef DATA_AGENT_H
#define DATA_AGENT_H

#include "data/activity.h"
#include "data/kinds.h"
#include "data/run.h"

#include <stdint.h>

enum agent_origin {
    AGENT_ORIGIN_PICTURE, /* only from the last saved picture */
    AGENT_ORIGIN_KGENTS,  /* a kgents Agent object */
    AGENT_ORIGIN_FRACTA,  /* pods or a job with the label fracta-agent-id */
    AGENT_ORIGIN_QGENT,   /* a job of kgents' disposable kind */
    AGENT_ORIGIN_RUN,     /* only control planes say so: see run */
};

struct condition {
    const char *type, *status, *reason, *message;
    int64_t at_ms;
};

/* What the workload objects of an agent say together. */
struct agent_workload {
    int32_t desired, ready, pods; /* FACT_NONE: no such object known */
    int32_t restarts;
    const char *kind;      /* "Deployment", "Job", "Pod" */
    const char *reason;    /* the worst bad news, e.g. CrashLoopBackOff */
    const char *message;
    const char *container;
    const char *last_reason; /* how the previous container ended */
    int32_t exit_code;
    bool main_ready, failed, done, gone;
    bool partial; /* the bad news is not of all: a main container is up, or
                     only a side container is down */
    bool cluster; /* of objects of a cluster, not of what a run says */
    int64_t since_ms; /* when the bad news was first seen here */
    int64_t stand_ms; /* since when it has been up, done or failed, as seen */
};

struct agent {
    const char *ns, *name;
    uint8_t uid[16];
    uint64_t version; /* its resourceVersion; 0 not known */
    const char *genus, *image, *deploy_mode, *phase, *cognitive, *deployment,
        *memory, *umwelt, *finalizer;
    struct condition cond;
    int32_t replicas, ready;
    int32_t generation, observed;
    int64_t created_ms, deleted_ms;
    int64_t cr_seen_ms, workload_seen_ms;
    bool old_schema;
    enum agent_origin origin;
    struct agent_workload load;
    struct run *run;  /* joined from `runs`; NULL: nobody spoke of one */
    struct run *runs; /* owned, one from each source; run is the only one of
                         them, or one of its own */
    struct activity act;

    /* proposals by this agent that wait, maintained by the store */
    uint32_t waiting;
    int64_t waiting_since_ms;
    uint32_t quota_hit; /* a FailedCreate with "exceeded quota" stands */

    /* what follows from all that (health.h) */
    enum agent_state state;
    bool trouble;
    bool degraded;    /* works, yet something of it does not */
    bool conflict;    /* cluster and control plane contradict each other */
    const char *why;  /* in words; NULL when there is nothing to say */
    int64_t state_ms; /* since when it is in this state, as seen here */

    uint32_t root;         /* workload slot, SLOT_NONE: none */
    uint32_t next_on_root; /* next agent that shares it */
    bool deployment_given; /* by its status, not guessed from the genus */

    int64_t flip_ms; /* moment it waits for in the store's heap; 0 none */
    uint32_t epoch; /* of the list that last held it */
    uint8_t stream;
    bool pictured; /* all that is known is from the saved picture */
    bool live;      /* the slot is in use */
};

/* A process of this machine's habitat: it can be paused and typed at. */
bool agent_local(const struct agent *a);
/* What this plane said of the agent's run; NULL: nothing. */
const struct run *agent_run_by(const struct agent *a,
                               const struct plane *plane);

#endif
