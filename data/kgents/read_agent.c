#include "config.h"

#include "data/kube/reader_priv.h"

/* kgents.io/v1 Agent, both schemas (the old one has no deployMode). */

enum {
    GENUS = READER_KIND,
    IMAGE,
    REPLICAS,
    MODE,
    PHASE,
    READY,
    GENERATION,
    OBSERVED,
    DEPLOYMENT,
    MEMORY,
    UMWELT,
    COGNITIVE,
    SIDECAR,
};

static const struct pick_rule rules[] = {
    {"metadata.generation", GENERATION},
    {"spec.genus", GENUS},
    {"spec.image", IMAGE},
    {"spec.replicas", REPLICAS},
    {"spec.deployMode", MODE},
    {"spec.umwelt", UMWELT},
    {"spec.sidecar", SIDECAR},
    {"status.phase", PHASE},
    {"status.readyReplicas", READY},
    {"status.observedGeneration", OBSERVED},
    {"status.deployment", DEPLOYMENT},
    {"status.memory", MEMORY},
    {"status.cognitiveHealth", COGNITIVE},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static void begin(struct reader_facts *f)
{
    f->agent.replicas = 1; /* the schemas' default */
    f->agent.ready = f->agent.generation = f->agent.observed = FACT_NONE;
}

static void value(struct reader_facts *f, struct scratch *s, int field,
                  const struct pick_value *v)
{
    struct agent_facts *a = &f->agent;
    bool done;

    if (read_condition(s, field, v, &done)) {
        /* Ready says most; else the last one stands */
        if (done && !span_is(a->cond.type, "Ready"))
            a->cond = s->cond;
        return;
    }
    switch (field) {
    case GENUS:
        a->genus = read_text(v);
        break;
    case IMAGE:
        a->image = read_text(v);
        break;
    case REPLICAS:
        a->replicas = read_int(v, 0, 1000000, 1);
        break;
    case MODE:
        a->deploy_mode = read_text(v);
        break;
    case PHASE:
        a->phase = read_text(v);
        break;
    case READY:
        a->ready = read_int(v, 0, 1000000, FACT_NONE);
        break;
    case GENERATION:
        a->generation = read_int(v, 0, INT32_MAX, FACT_NONE);
        break;
    case OBSERVED:
        a->observed = read_int(v, 0, INT32_MAX, FACT_NONE);
        break;
    case DEPLOYMENT:
        a->deployment = read_text(v);
        break;
    case MEMORY:
        a->memory = read_text(v);
        break;
    case UMWELT:
        a->umwelt = read_text(v);
        break;
    case COGNITIVE:
        a->cognitive = read_text(v);
        break;
    case SIDECAR:
        a->old_schema = true;
        break;
    default:
        break;
    }
}

static void put(struct store *st, const struct reader_facts *f,
                const struct origin *o)
{
    store_put_agent(st, &f->agent, o);
}

static struct meta_facts *meta(struct reader_facts *f)
{
    return &f->agent.meta;
}

const struct kind_reader agent_reader = {
    .rules = rules, .begin = begin, .value = value, .put = put, .meta = meta};
