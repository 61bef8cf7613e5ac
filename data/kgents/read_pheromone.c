#include "config.h"

#include "data/kube/reader_priv.h"

#include <math.h>

/* kgents.io/v1 Pheromone, both generations. */

enum {
    TYPE = READER_KIND,
    SOURCE,
    TARGET,
    PAYLOAD,
    EMITTED,
    INITIAL,
    HALF_LIFE,
    INTENSITY,
    DECAY_RATE,
    TTL,
    PHASE,
    CURRENT,
};

static const struct pick_rule rules[] = {
    {"spec.type", TYPE},
    {"spec.source", SOURCE},
    {"spec.target", TARGET},
    {"spec.payload", PAYLOAD},
    {"spec.emittedAt", EMITTED},
    {"spec.initialIntensity", INITIAL},
    {"spec.halfLifeMinutes", HALF_LIFE},
    {"spec.intensity", INTENSITY},
    {"spec.decay_rate", DECAY_RATE},
    {"spec.ttl_seconds", TTL},
    {"status.phase", PHASE},
    {"status.current_intensity", CURRENT},
    {NULL, 0},
};

static void begin(struct reader_facts *f)
{
    struct pheromone_facts *p = &f->pheromone;

    p->initial = p->half_life_min = p->constant = p->decay_rate = p->current =
        NAN;
    p->ttl_s = FACT_NONE;
}

static void value(struct reader_facts *f, struct scratch *s, int field,
                  const struct pick_value *v)
{
    struct pheromone_facts *p = &f->pheromone;

    (void)s;
    switch (field) {
    case TYPE:
        p->type = read_text(v);
        break;
    case SOURCE:
        p->source = read_text(v);
        break;
    case TARGET:
        p->target = read_text(v);
        break;
    case PAYLOAD:
        p->payload = read_text(v);
        break;
    case EMITTED:
        p->emitted_given = v->type == PICK_STRING;
        p->emitted_ms = read_time(v);
        p->emitted_bad = p->emitted_given && p->emitted_ms == 0;
        break;
    case INITIAL:
        p->initial = read_double(v, 0, 1);
        break;
    case HALF_LIFE:
        p->half_life_min = read_double(v, 0, 1e9);
        break;
    case INTENSITY:
        p->constant = read_double(v, 0, 1);
        break;
    case DECAY_RATE:
        p->decay_rate = read_double(v, 0, 1);
        break;
    case TTL:
        p->ttl_s = read_int(v, 0, INT32_MAX, FACT_NONE);
        break;
    case PHASE:
        p->phase = read_text(v);
        break;
    case CURRENT:
        p->current = read_double(v, 0, 1);
        break;
    default:
        break;
    }
}

static void put(struct store *st, const struct reader_facts *f,
                const struct origin *o)
{
    store_put_pheromone(st, &f->pheromone, o);
}

static struct meta_facts *meta(struct reader_facts *f)
{
    return &f->pheromone.meta;
}

const struct kind_reader pheromone_reader = {
    .rules = rules, .begin = begin, .value = value, .put = put, .meta = meta};
