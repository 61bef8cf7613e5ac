#include "config.h"

#include "data/proposal.h"

#include "base/hash.h"
#include <string.h>
#include <stdio.h>

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

int proposal_entries_of(const struct proposal *p, const char *user)
{
    const char *s = p->deciders ? p->deciders : "";
    size_t n = strlen(user), all = 0;
    int mine = 0;

    for (const char *end; (end = strchr(s, '\n')) != NULL; s = end + 1) {
        all++;
        mine += (size_t)(end - s) == n && memcmp(s, user, n) == 0;
    }
    return all < (size_t)(p->approvals + p->rejections) ? -1 : mine;
}

static void mix(uint64_t h[2], const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;

    h[0] = hash_more(h[0], s ? s : "", n);
    h[1] = hash_more(h[1] ^ n, s ? s : "-", s ? n : 1);
}

void proposal_digest(const struct proposal *p, char ret[80])
{
    const char *texts[] = {p->change,      p->target_kind, p->target_name,
                           p->target_ns,   p->proposer,    p->description,
                           p->rationale,   p->phase_text};
    uint64_t h[2] = {0x9e3779b97f4a7c15u, 0xd1b54a32d192ed03u};
    char numbers[120];

    if (p->asked != NULL && p->asked->digest != NULL) {
        snprintf(ret, 80, "%.79s", p->asked->digest);
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        mix(h, texts[i]);
    snprintf(numbers, sizeof numbers, "%d %d %d %d %.3f %d %d %d %d",
             (int)p->required, (int)p->tgent, (int)p->size.lines_added,
             (int)p->size.files, (double)p->risk.total,
             (int)p->size.lines_removed, (int)p->size.tests_added,
             (int)p->size.tests_removed, (int)p->auto_merge);
    mix(h, numbers);
    snprintf(ret, 80, "%016llx%016llx", (unsigned long long)h[0],
             (unsigned long long)h[1]);
}
