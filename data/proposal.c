#include "config.h"

#include "data/proposal.h"

#include "base/moments.h"
#include "data/facts.h"

bool proposal_open(const struct proposal *p)
{
    return (p->phase == PROPOSAL_NEW || p->phase == PROPOSAL_PENDING ||
            p->phase == PROPOSAL_REVIEWING) &&
           p->deleted_ms == 0;
}

int64_t proposal_deadline(const struct proposal *p)
{
    if (p->ttl_s == FACT_NONE || p->created_ms == 0 || !proposal_open(p))
        return MOMENT_NEVER;
    return p->created_ms + (int64_t)p->ttl_s * 1000;
}

const char *proposal_obstacle(const struct proposal *p)
{
    if (p->deleted_ms > 0)
        return "it is being deleted: nothing can be decided any more";
    if (!proposal_open(p))
        return "it is decided already";
    if (p->phase == PROPOSAL_NEW)
        return "the operator has not seen it yet: an approval now would be "
               "lost";
    if (p->tgent == TGENT_PENDING)
        return "t-gent has not answered: the operator will not act before it "
               "does";
    if (p->tgent == TGENT_FAILED)
        return "t-gent says failed: the operator will not act on an approval";
    if (p->approvals + 1 < p->required)
        return "more approvers are needed: one approval is not enough";
    return NULL;
}
