#include "config.h"

#include "widgets/target.h"

#include <stdio.h>
#include <string.h>

bool target_set(struct target *ret, const struct store *st, enum kind kind,
                uint32_t slot)
{
    const char *ns, *name;

    if (!store_names(st, kind, slot, &ns, &name))
        return false;
    *ret = (struct target){.kind = kind};
    snprintf(ret->ns, sizeof ret->ns, "%s", ns);
    snprintf(ret->name, sizeof ret->name, "%s", name);
    if (kind == KIND_AGENT)
        memcpy(ret->uid, store_agent(st, slot)->uid, 16);
    else if (kind == KIND_PROPOSAL)
        memcpy(ret->uid, store_proposal(st, slot)->uid, 16);
    else if (kind == KIND_PHEROMONE)
        memcpy(ret->uid, store_pheromone(st, slot)->uid, 16);
    return true;
}

bool target_is(const struct target *t, const struct store *st, enum kind kind,
               uint32_t slot)
{
    const char *ns, *name;

    return t->kind == kind && store_names(st, kind, slot, &ns, &name) &&
           strcmp(t->name, name) == 0 && strcmp(t->ns, ns) == 0;
}

struct target target_node(int64_t id)
{
    return (struct target){.kind = KIND_COUNT, .node = id};
}

bool target_is_node(const struct target *t)
{
    return t->kind == KIND_COUNT;
}

uint32_t target_slot(const struct target *t, const struct store *st)
{
    if (target_is_node(t))
        return SLOT_NONE;
    return store_find(st, t->kind, span_of(t->ns), span_of(t->name));
}
