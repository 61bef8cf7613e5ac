/*
 * Plans for a fracta control plane.
 *
 *   say        an agent that does not run gets a turn; the answer is
 *              "dispatched", the lamps wait for what the agent does then
 *   kill       DELETE: its process, mailbox, workspace, branch and log go
 *   merge      its branch into what the project has checked out
 *   spawn      fields task, contract, host_type, model, tier, mode,
 *              dispatch, base_branch, objective_id; command: words for a
 *              habitat, which runs what it is given. Tried first
 *   objective  a new one: description, max_missions, max_depth,
 *              max_branching, max_runtime
 *   unfreeze   an objective that its circuit breaker froze
 */
#ifndef DATA_FRACTA_CONTROL_ACT_H
#define DATA_FRACTA_CONTROL_ACT_H

#include "data/act/plan.h"
#include "data/store.h"

/*
 * Fills p from p->want and the rows. ns: where this plane's agents are. It
 * returns ERR_ABSENT for rows that this plane told nothing of.
 */
int control_plan(const struct store *st, const struct plane *plane,
                 const char *ns, struct plan *p, struct error *err);

#endif
