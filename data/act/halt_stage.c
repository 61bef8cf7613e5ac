#include "config.h"

#include "data/act/halt_stage.h"

#include "base/xalloc.h"

#include <string.h>

const char *halt_stage_name(int stage)
{
    static const char *const names[HALT_STAGES] = {"start others", "write",
                                                   "the rest"};

    return names[stage];
}

static int by_genus(const char *genus)
{
    static const char *const genera[2][5] = {{"OMEGA", "F"},
                                             {"D", "M", "U", "R"}};

    for (int stage = 0; genus != NULL && stage < 2; stage++)
        for (int i = 0; i < 5 && genera[stage][i] != NULL; i++)
            if (strcmp(genus, genera[stage][i]) == 0)
                return stage;
    return HALT_STAGES - 1;
}

static int by_change(const char *change)
{
    return change != NULL && (strcmp(change, "AGENT_DEPLOY") == 0 ||
                              strcmp(change, "AGENT_SCALE") == 0 ||
                              strcmp(change, "AGENT_UPGRADE") == 0)
               ? 0
               : 1;
}

uint8_t *halt_stages(const struct store *st)
{
    uint8_t *stages = xcalloc(st->agents.used + 1, 1);

    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);

        stages[i] = (uint8_t)by_genus(a != NULL ? a->genus : NULL);
    }
    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);
        uint32_t by;

        if (p == NULL || p->proposer == NULL)
            continue;
        by = store_find(st, KIND_AGENT, span_of(p->ns), span_of(p->proposer));
        if (by != SLOT_NONE && by_change(p->change) < stages[by])
            stages[by] = (uint8_t)by_change(p->change);
    }
    return stages;
}
