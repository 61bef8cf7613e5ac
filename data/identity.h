/*
 * Which agent a thing belongs to: all rules, in one table.
 *
 * An agent's identity is its namespace and its name. Kubernetes objects come
 * to it by their labels and owners, what a control plane or its tables tell
 * by the task's name. A rule looks at what one thing says of itself; the
 * first that applies decides, and its name is what *explain* shows.
 *
 *   CR name        an Agent object is the agent of its own name; one of a
 *                  control plane's task has that task's name
 *   task name      a run is told of the agent of that name in the namespace
 *                  its source names (its own agents' namespace, configured)
 *   fracta label   fracta-agent-id on a job or pod is the task; with "-say"
 *                  it is a second run of an agent that is known
 *   kgents label   a disposable agent is the job itself: a pod's job by its
 *                  label, else by its owner
 *   owner chain    pod → ReplicaSet → Deployment; the Deployment is the
 *                  agent's by what its status or genus names
 *   app label      a pod whose owner is not told, by its Deployment's label
 */
#ifndef DATA_IDENTITY_H
#define DATA_IDENTITY_H

#include "data/facts.h"

#define IDENTITY_MAP(X)                                                        \
    X(NONE, "")                                                                \
    X(CR, "CR name")                                                           \
    X(TASK, "task name")                                                       \
    X(FRACTA_LABEL, "label fracta-agent-id")                                   \
    X(KGENTS_LABEL, "label of a disposable agent")                             \
    X(OWNER, "owner chain")                                                    \
    X(APP_LABEL, "app label")                                                  \
    X(OPERATOR, "the operator's own")
#define IDENTITY_ENUM(id, name) IDENTITY_##id,
enum identity { IDENTITY_MAP(IDENTITY_ENUM) IDENTITY_COUNT };
const char *identity_name(enum identity rule);

/* What a workload hangs on: an agent, or a Deployment. */
struct belonging {
    enum identity rule;
    enum kind kind; /* KIND_AGENT or KIND_DEPLOYMENT; of name */
    struct span name; /* in the workload's namespace; into its facts */
};

/* Whether an agent of that name is known, for the "-say" rule. */
typedef bool (*identity_known_fn)(const void *ctx, struct span ns,
                                  struct span name);

/* rule NONE: it belongs to no agent, or is a Deployment, which others name. */
struct belonging identity_of_workload(const struct workload_facts *f,
                                      identity_known_fn known,
                                      const void *ctx);

#endif
