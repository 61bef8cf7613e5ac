#include "config.h"

#include "data/kube/reader_priv.h"

#include <math.h>
#include <stdlib.h>

/* core/v1 Events, and ResourceQuotas. */

enum {
    TYPE = READER_KIND,
    REASON,
    MESSAGE,
    COMPONENT,
    REPORTER,
    ON_KIND,
    ON_NS,
    ON_NAME,
    FIRST_AT,
    LAST_AT,
    EVENT_AT,
    SERIES_AT,
    COUNT_,
    HARD,
    USED,
};

static const struct pick_rule event_rules[] = {
    {"type", TYPE},
    {"reason", REASON},
    {"message", MESSAGE},
    {"source.component", COMPONENT},
    {"reportingComponent", REPORTER},
    {"involvedObject.kind", ON_KIND},
    {"involvedObject.namespace", ON_NS},
    {"involvedObject.name", ON_NAME},
    {"firstTimestamp", FIRST_AT},
    {"lastTimestamp", LAST_AT},
    {"eventTime", EVENT_AT},
    {"series.lastObservedTime", SERIES_AT},
    {"count", COUNT_},
    {NULL, 0},
};

static const struct pick_rule quota_rules[] = {
    {"status.hard.*", HARD},
    {"status.used.*", USED},
    {NULL, 0},
};

static void event_begin(struct reader_facts *f)
{
    f->event.count = 1;
}

static void later(struct event_facts *e, int64_t at_ms)
{
    if (at_ms > e->at_ms)
        e->at_ms = at_ms;
}

static void event_value(struct reader_facts *f, struct scratch *s, int field,
                        const struct pick_value *v)
{
    struct event_facts *e = &f->event;

    (void)s;
    switch (field) {
    case TYPE:
        e->type = read_text(v);
        break;
    case REASON:
        e->reason = read_text(v);
        break;
    case MESSAGE:
        e->message = read_text(v);
        break;
    case COMPONENT:
        e->component = read_text(v);
        break;
    case REPORTER:
        if (e->component.n == 0)
            e->component = read_text(v);
        break;
    case ON_KIND:
        e->on_kind = read_text(v);
        break;
    case ON_NS:
        e->on_ns = read_text(v);
        break;
    case ON_NAME:
        e->on_name = read_text(v);
        break;
    case FIRST_AT:
    case LAST_AT:
    case EVENT_AT:
    case SERIES_AT:
        later(e, read_time(v));
        break;
    case COUNT_:
        e->count = read_int(v, 0, INT32_MAX, 1);
        break;
    default:
        break;
    }
}

static void event_put(struct store *st, const struct reader_facts *f,
                      const struct origin *o)
{
    store_put_event(st, &f->event, o);
}

static struct meta_facts *event_meta(struct reader_facts *f)
{
    return &f->event.meta;
}

/* "500m", "2Gi", "10": the number a quantity stands for; NAN if none. */
static double quantity(struct span s)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {
        {"", 1},      {"m", 1e-3},  {"k", 1e3},   {"M", 1e6},  {"G", 1e9},
        {"T", 1e12},  {"P", 1e15},  {"Ki", 0x1p10}, {"Mi", 0x1p20},
        {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50},
    };
    char num[40];
    char *end;
    double v;

    if (s.n == 0 || s.n >= sizeof num)
        return NAN;
    memcpy(num, s.p, s.n);
    num[s.n] = '\0';
    v = strtod(num, &end);
    if (end == num)
        return NAN;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].suffix) == 0)
            return v * units[i].factor;
    return NAN;
}

static void quota_begin(struct reader_facts *f)
{
    f->quota.share = NAN;
}

static void quota_value(struct reader_facts *f, struct scratch *s, int field,
                        const struct pick_value *v)
{
    struct quota_facts *q = &f->quota;
    double hard, used;

    if (field == HARD && s->quotas < 16) {
        s->quota_names[s->quotas] = v->key;
        s->quota_hard[s->quotas++] = read_text(v);
        return;
    }
    if (field != USED)
        return;
    for (int i = 0; i < s->quotas; i++) {
        if (!span_same(s->quota_names[i], v->key))
            continue;
        hard = quantity(s->quota_hard[i]);
        used = quantity(read_text(v));
        if (isnan(hard) || isnan(used) || hard <= 0)
            continue;
        if (isnan(q->share) || used / hard > q->share) {
            q->share = used / hard;
            q->resource = v->key;
            q->used = read_text(v);
            q->hard = s->quota_hard[i];
        }
    }
}

static void quota_put(struct store *st, const struct reader_facts *f,
                      const struct origin *o)
{
    store_put_quota(st, &f->quota, o);
}

static struct meta_facts *quota_meta(struct reader_facts *f)
{
    return &f->quota.meta;
}

const struct kind_reader event_reader = {
    .rules = event_rules,
    .begin = event_begin,
    .value = event_value,
    .put = event_put,
    .meta = event_meta,
};

const struct kind_reader quota_reader = {
    .rules = quota_rules,
    .begin = quota_begin,
    .value = quota_value,
    .put = quota_put,
    .meta = quota_meta,
};
