/*
 * Enumerations the whole program shares, with their names.
 *
 * Each list macro makes the enum and the text table; names are the field's.
 */
#ifndef DATA_KINDS_H
#define DATA_KINDS_H

#include "base/span.h"

#include <stdbool.h>

/*
 * What can be listed and watched, with its object name; kgents kinds first,
 * then a cluster's own, then a control plane's.
 */
#define KIND_MAP(X)                                                            \
    X(AGENT, "agents", "Agent")                                                \
    X(PHEROMONE, "pheromones", "Pheromone")                                    \
    X(PROPOSAL, "proposals", "Proposal")                                       \
    X(MEMORY, "memories", "Memory")                                            \
    X(UMWELT, "umwelts", "Umwelt")                                             \
    X(AGENTSERVER, "agentservers", "AgentServer")                              \
    X(MORPHEUS, "morpheusgateways", "MorpheusGateway")                         \
    X(DEPLOYMENT, "deployments", "Deployment")                                 \
    X(POD, "pods", "Pod")                                                      \
    X(JOB, "jobs", "Job")                                                      \
    X(EVENT, "events", "Event")                                                \
    X(QUOTA, "resourcequotas", "ResourceQuota")                                \
    X(MISSION, "missions", "Mission")                                          \
    X(OBJECTIVE, "objectives", "Objective")

/* How an agent is; the order is the order of trouble, worst last. */
#define AGENT_STATE_MAP(X)                                                     \
    X(UNKNOWN, "unknown")                                                      \
    X(IDLE, "idle")                                                            \
    X(DONE, "done")                                                            \
    X(PAUSED, "paused")                                                        \
    X(STARTING, "starting")                                                    \
    X(ENDING, "ending")                                                        \
    X(WORKING, "working")                                                      \
    X(QUIET, "quiet")                                                          \
    X(WAITING, "waiting")                                                      \
    X(LOOPING, "looping")                                                      \
    X(FAILED, "failed")

#define SIGNAL_MAP(X)                                                          \
    X(WARNING, "WARNING")                                                      \
    X(OPPORTUNITY, "OPPORTUNITY")                                              \
    X(SCARCITY, "SCARCITY")                                                    \
    X(DREAM, "DREAM")                                                          \
    X(INTENT, "INTENT")                                                        \
    X(STATE, "STATE")                                                          \
    X(TEST, "TEST")                                                            \
    X(MEMORY, "MEMORY")                                                        \
    X(CHAOS, "CHAOS")                                                          \
    X(METAPHOR, "METAPHOR")                                                    \
    X(NARRATIVE, "NARRATIVE")                                                  \
    X(CAPABILITY, "CAPABILITY")                                                \
    X(OTHER, "OTHER")

#define PROPOSAL_PHASE_MAP(X)                                                  \
    X(NEW, "New") /* the operator has not seen it: no status */                \
    X(PENDING, "Pending")                                                      \
    X(REVIEWING, "Reviewing")                                                  \
    X(APPROVED, "Approved")                                                    \
    X(REJECTED, "Rejected")                                                    \
    X(MERGED, "Merged")                                                        \
    X(EXPIRED, "Expired")                                                      \
    X(SUPERSEDED, "Superseded")                                                \
    X(OTHER, "Other")

#define TGENT_MAP(X)                                                           \
    X(NONE, "none")                                                            \
    X(PENDING, "PENDING")                                                      \
    X(PASSED, "PASSED")                                                        \
    X(FAILED, "FAILED")                                                        \
    X(SKIPPED, "SKIPPED")

#define THOUGHT_MAP(X)                                                         \
    X(SAID, "said")                                                            \
    X(THOUGHT, "thought")                                                      \
    X(CALL, "call")                                                            \
    X(RESULT, "result")                                                        \
    X(DECISION, "decision")                                                    \
    X(SIGNAL, "signal")                                                        \
    X(ERROR, "error")                                                          \
    X(DREAM, "dream")                                                          \
    X(CHANGE, "change")                                                        \
    X(LOOP, "loop")

#define PLANE_STATE_MAP(X)                                                     \
    X(OFF, "off")                                                              \
    X(CONNECTING, "connecting")                                                \
    X(LIVE, "live")                                                            \
    X(STALE, "stale")                                                          \
    X(REFUSED, "refused")                                                      \
    X(DOWN, "down") /* a part of the system that does not work */

#define KIND_ENUM(id, name, object) KIND_##id,
#define AGENT_STATE_ENUM(id, name) AGENT_##id,
#define SIGNAL_ENUM(id, name) SIGNAL_##id,
#define PROPOSAL_PHASE_ENUM(id, name) PROPOSAL_##id,
#define TGENT_ENUM(id, name) TGENT_##id,
#define THOUGHT_ENUM(id, name) THOUGHT_##id,
#define PLANE_STATE_ENUM(id, name) PLANE_##id,

enum kind {
    KIND_MAP(KIND_ENUM) KIND_COUNT,
    KIND_CLUSTER = KIND_MISSION /* those before it a cluster may serve */
};
enum agent_state { AGENT_STATE_MAP(AGENT_STATE_ENUM) AGENT_STATE_COUNT };
enum signal { SIGNAL_MAP(SIGNAL_ENUM) SIGNAL_COUNT };
enum proposal_phase {
    PROPOSAL_PHASE_MAP(PROPOSAL_PHASE_ENUM) PROPOSAL_PHASE_COUNT
};
enum tgent { TGENT_MAP(TGENT_ENUM) TGENT_COUNT };
enum thought_kind { THOUGHT_MAP(THOUGHT_ENUM) THOUGHT_COUNT };
enum plane_state { PLANE_STATE_MAP(PLANE_STATE_ENUM) PLANE_STATE_COUNT };

const char *kind_name(enum kind k);
/* "Pod": as an object and its events name the kind. */
const char *kind_object_name(enum kind k);
/* The kind of that object name; KIND_COUNT if it is none of these. */
enum kind kind_of_object(struct span text);
/* Deployments, jobs and pods: rows of the workloads table. */
bool kind_runs(enum kind k);
const char *agent_state_name(enum agent_state s);
const char *signal_name(enum signal s);
const char *proposal_phase_name(enum proposal_phase p);
const char *tgent_name(enum tgent t);
const char *thought_kind_name(enum thought_kind t);
const char *plane_state_name(enum plane_state p);

/* Exact, case-sensitive; OTHER (or NONE, UNKNOWN) for what is not known. */
enum signal signal_of(struct span text);
enum proposal_phase proposal_phase_of(struct span text);
enum tgent tgent_of(struct span text);
enum thought_kind thought_kind_of(struct span text);
enum agent_state agent_state_of(struct span text);

#endif
