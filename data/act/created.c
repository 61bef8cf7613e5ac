#include "config.h"

#include "data/act/created.h"

#include <stdio.h>
#include <string.h>

static uint32_t slot_of(const struct store *st, const struct act_want *w)
{
    return store_find(st, w->kind, span_of(w->ns), span_of(w->name));
}

bool created_knows(const struct store *st, const struct act_want *w)
{
    const struct agent *a;

    if (w->act == ACT_DEPOSIT || w->act == ACT_PROPOSE || w->act == ACT_WIPE)
        return true;
    if (w->act != ACT_SPAWN || w->ns[0] == '\0')
        return false; /* of the habitat: it has no namespaces */
    a = store_agent(st, slot_of(st, w));
    return a == NULL || a->run == NULL;
}

bool created_there(const struct store *st, const struct act_want *w)
{
    const struct pheromone *f;

    if (w->act != ACT_WIPE)
        return slot_of(st, w) != SLOT_NONE;
    f = store_pheromone(st, slot_of(st, w));
    return f == NULL || memcmp(f->uid, w->uid, sizeof f->uid) != 0;
}

static bool agent_done(const struct agent *a, char *ret, size_t size)
{
    const struct agent_workload *l = &a->load;
    int32_t wanted = a->replicas == FACT_NONE ? 1 : a->replicas;

    if (wanted == 0 || (a->deploy_mode != NULL &&
                        strcmp(a->deploy_mode, "DRY_RUN") == 0))
        return true;
    /* a Deployment of its genus may have been there before it */
    if (a->phase == NULL)
        snprintf(ret, size, "the operator has not seen it: is it there?");
    else if (l->desired == FACT_NONE)
        snprintf(ret, size, "no Deployment yet: is the operator there?");
    else if (l->ready >= wanted)
        return true;
    else if (l->reason != NULL)
        snprintf(ret, size, "%d of %d pods ready: %.80s",
                 (int)(l->ready > 0 ? l->ready : 0), (int)wanted, l->reason);
    else if (l->pods <= 0 && l->ready <= 0)
        snprintf(ret, size, "no pod yet%s%.80s", a->why ? ": " : "",
                 a->why ? a->why : "");
    else
        snprintf(ret, size, "%d of %d pods ready",
                 (int)(l->ready > 0 ? l->ready : 0), (int)wanted);
    return false;
}

bool created_done(const struct store *st, const struct act_want *w, char *ret,
                  size_t size)
{
    const struct agent *a;

    ret[0] = '\0';
    if (!created_there(st, w)) {
        snprintf(ret, size, "%s",
                 w->act == ACT_WIPE ? "it is still there" : "not seen yet");
        return false;
    }
    if (w->act != ACT_SPAWN)
        return true;
    a = store_agent(st, slot_of(st, w));
    return a != NULL && agent_done(a, ret, size);
}
