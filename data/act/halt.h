/*
 * Stops many agents in stages (halt_stage.h), and gives back what was taken.
 *
 * Every step is an action of the gate: planned, in the journal, sent, and
 * verified by the rows: no pods wanted and none there, or a process that
 * stands. A stage begins when each step of the one before is verified or has
 * failed; a step that is not verified HALT_PATIENCE_MS after the server's yes
 * counts as failed, with what is still there, and the next stage goes on.
 * Agents that share a Deployment are one step.
 *
 * Going back does the stages from the last to the first, for what the journal
 * knows to have been taken (before.h), where it is still as it was left.
 *
 * Bounds  HALT_FLIGHT actions under way, HALT_MAX steps
 */
#ifndef DATA_ACT_HALT_H
#define DATA_ACT_HALT_H

#include "data/act/gate.h"
#include "data/act/halt_stage.h"

#define HALT_FLIGHT 64
#define HALT_MAX 20000
/* A pod may take its 30 s to end, and the API a while to tell. */
#define HALT_PATIENCE_MS 60000

enum halt_scope { HALT_MARKED, HALT_NAMESPACE, HALT_FLEET, HALT_BACK };

struct halt_count {
    int all, under_way, done, failed, left;
};

enum halt_state {
    HALT_NONE,     /* nothing was gathered */
    HALT_GATHERED, /* what it would do is known */
    HALT_RUNS,
    HALT_OVER, /* also after it was stopped midway */
};

struct halt;

struct halt *halt_create(struct store *st, struct gate *g);
void halt_destroy(struct halt *h);

/* Agents one by one, for HALT_MARKED. */
struct halt_name {
    const char *ns, *name;
};
/* What would be done; not while one runs. How many steps. */
int halt_gather(struct halt *h, enum halt_scope scope, const char *ns,
                const struct halt_name *marked, int count);
/* The gathered one in words, friction and all; not a request by itself. */
int halt_plan(struct halt *h, struct plan *p, struct error *err);
void halt_begin(struct halt *h, const char *reason);
/* What is under way is finished, nothing more begins. */
void halt_stop(struct halt *h);
/* One that is over is done with: another may be gathered. */
void halt_clear(struct halt *h);
/* After gate_look: goes on. True if something is another. */
bool halt_look(struct halt *h);

enum halt_state halt_state(const struct halt *h);
enum halt_scope halt_scope(const struct halt *h);
/* The stage that runs, 0…HALT_STAGES-1. */
int halt_stage(const struct halt *h);
struct halt_count halt_count(const struct halt *h, int stage);
/* Agents in the scope that cannot be stopped from here, and why one cannot. */
int halt_beyond(const struct halt *h, const char **why);
/* The n-th step that failed: its agent and why; false beyond the end. */
bool halt_failure(const struct halt *h, int n, const char **name,
                  const char **why);
int64_t halt_begun_ms(const struct halt *h);
int64_t halt_ended_ms(const struct halt *h); /* 0 not yet */

#endif
