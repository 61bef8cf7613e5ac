#include "config.h"

#include "data/kube/reader_priv.h"

/* Memory, Umwelt, AgentServer, MorpheusGateway: one row shape for all. */

enum { OWNER = READER_KIND, PHASE, NOTE, NUMBER };

static const struct pick_rule memory_rules[] = {
    {"spec.owner", OWNER},
    {"spec.type", NOTE},
    {"status.phase", PHASE},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static const struct pick_rule umwelt_rules[] = {
    {"spec.agent", OWNER},
    {"spec.constraints.token_budget", NUMBER},
    {NULL, 0},
};

static const struct pick_rule agentserver_rules[] = {
    {"status.endpoint", NOTE},
    {"status.phase", PHASE},
    {"status.readyReplicas", NUMBER},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static const struct pick_rule morpheus_rules[] = {
    {"status.endpoint", NOTE},
    {"status.phase", PHASE},
    {"status.providersReady", NUMBER},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static void value(struct reader_facts *f, struct scratch *s, int field,
                  const struct pick_value *v)
{
    struct object_facts *b = &f->object;
    bool done;

    if (read_condition(s, field, v, &done)) {
        if (done)
            b->cond = s->cond;
        return;
    }
    switch (field) {
    case OWNER:
        b->owner = read_text(v);
        break;
    case PHASE:
        b->phase = read_text(v);
        break;
    case NOTE:
        b->note = read_text(v);
        break;
    case NUMBER:
        b->number = read_int(v, 0, INT64_MAX / 2, FACT_NONE);
        break;
    default:
        break;
    }
}

/* The label names the agent; spec.owner only its genus. */
static void end(struct reader_facts *f, struct scratch *s)
{
    (void)s;
    if (f->object.meta.kgents_owner.n > 0)
        f->object.owner = f->object.meta.kgents_owner;
}

static void put(struct store *st, const struct reader_facts *f,
                const struct origin *o)
{
    store_put_object(st, &f->object, o);
}

static struct meta_facts *meta(struct reader_facts *f)
{
    return &f->object.meta;
}

#define READER(name, KIND)                                                     \
    static void name##_begin(struct reader_facts *f)                           \
    {                                                                          \
        f->object.kind = KIND;                                                 \
        f->object.number = FACT_NONE;                                          \
    }                                                                          \
    const struct kind_reader name##_reader = {                                 \
        .rules = name##_rules,                                                 \
        .begin = name##_begin,                                                 \
        .value = value,                                                        \
        .end = end,                                                            \
        .put = put,                                                            \
        .meta = meta,                                                          \
    };

READER(memory, KIND_MEMORY)
READER(umwelt, KIND_UMWELT)
READER(agentserver, KIND_AGENTSERVER)
READER(morpheus, KIND_MORPHEUS)
