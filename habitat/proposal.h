/*
 * Proposals: what somebody asks to be allowed, and what a person said.
 *
 * status  pending, approved, rejected, withdrawn, expired
 * risk    0…1 with its factors: given, or by the rules of risk_rules.h
 * digest  of what is shown; a decision names it and is refused (409) when it
 *         is another one
 *
 * A decision is taken only from a peer that is no descendant of a holder;
 * uid, pid and terminal are kept with it.
 */
#ifndef HABITAT_PROPOSAL_H
#define HABITAT_PROPOSAL_H

#include "habitat/habitat.h"
#include "habitat/server.h"

void proposals_open(struct habitat *hb);
void proposals_close(struct habitat *hb);

/* The routes. */
void proposal_create(struct request *r);
void proposal_list(struct request *r);
void proposal_show(struct request *r, const char *id); /* ?wait=SECONDS */
void proposal_decide(struct request *r, const char *id);
void proposal_retire(struct request *r);

/* Those of a session (with `below` also of SESSION:…) that somebody answered
   elsewhere, all or (p not NULL) of one tool and input: withdrawn. At most 64;
   returns how many. */
struct retire {
    struct span session, reason, tool, input;
    bool below;
};
int proposals_retire(struct habitat *hb, const struct retire *what);

/* After a commit: those who wait for a decision are answered. */
void proposals_committed(struct habitat *hb);
void proposals_put(struct habitat *hb, struct buf *out);

#endif
