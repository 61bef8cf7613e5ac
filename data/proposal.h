/*
 * One proposal: what is asked, how risky, what was decided.
 */
#ifndef DATA_PROPOSAL_H
#define DATA_PROPOSAL_H

#include "data/agent.h"
#include "data/risk.h"

struct proposal {
    const char *ns, *name;
    uint8_t uid[16];
    uint64_t version; /* its resourceVersion; 0 not known */
    const char *change, *target_kind, *target_name, *target_ns, *proposer;
    const char *objective; /* it is for; NULL: none */
    const char *title; /* first line of the description, else the name */
    const char *description, *rationale;
    const char *phase_text;
    enum proposal_phase phase;
    struct risk_input size; /* what the risk is computed from */
    struct risk risk;
    int32_t required, approvals, rejections;
    bool auto_merge, tgent_wanted, executed, execution_ok;
    int32_t ttl_s;
    enum tgent tgent;
    const char *tgent_report;
    int32_t tests_passed, tests_failed;
    const char *decider, *decider_text;
    const char *deciders; /* of all approvals and rejections, a line each */
    int64_t decided_ms;
    struct condition cond;
    const char *finalizer;
    int64_t created_ms, deleted_ms, seen_ms;
    struct asked *asked; /* owned; NULL: a kgents object */
    uint32_t blocked; /* agents known to wait for it */
    uint8_t delay_class; /* see delay.h */
    bool live;
    int64_t flip_ms; /* moment it waits for in the store's heap; 0 none */
    uint32_t epoch;
    uint8_t stream;
};

/* Still to be decided: New, Pending or Reviewing, and not being deleted. */
bool proposal_open(const struct proposal *p);
/* When it expires; MOMENT_NEVER without a ttl or once decided. */
int64_t proposal_deadline(const struct proposal *p);
/*
 * Why an approval would not be enough now, in words, or NULL: the operator
 * has not seen it, the T-gent has not answered or failed, more approvers are
 * needed, it is being deleted.
 */
const char *proposal_obstacle(const struct proposal *p);

/*
 * How many approvals and rejections of it are this user's. -1: not known,
 * there are too many to keep their names.
 */
int proposal_entries_of(const struct proposal *p, const char *user);

/*
 * What was shown, as 32 hex digits: a plan is bound to it. A control plane
 * names its own; of a kgents object it is a hash of what is asked, of its
 * risk and of how far it is.
 */
void proposal_digest(const struct proposal *p, char ret[80]);

#endif
