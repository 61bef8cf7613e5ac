#include "config.h"

#include "data/identity.h"

#include <string.h>

static const char *const names[] = {
#define IDENTITY_TEXT(id, name) name,
    IDENTITY_MAP(IDENTITY_TEXT)
#undef IDENTITY_TEXT
};

const char *identity_name(enum identity rule)
{
    return names[rule];
}

struct asking {
    const struct workload_facts *f;
    identity_known_fn known;
    const void *ctx;
};

static bool by_fracta_label(const struct asking *q, struct belonging *ret)
{
    static const char say[] = "-say";
    const size_t n = sizeof say - 1;
    struct span id = q->f->meta.fracta_id;

    if (id.n == 0)
        return false;
    if (id.n > n && memcmp(id.p + id.n - n, say, n) == 0 &&
        q->known(q->ctx, q->f->meta.ns, (struct span){id.p, id.n - n}))
        id.n -= n;
    ret->name = id;
    return true;
}

static bool by_kgents_label(const struct asking *q, struct belonging *ret)
{
    const struct meta_facts *m = &q->f->meta;
    bool pod = q->f->kind == KIND_POD;

    if (m->kgents_agent.n == 0)
        return false;
    ret->name = pod && m->job_name.n > 0                  ? m->job_name
                : pod && span_is(m->owner_kind, "Job") ? m->owner_name
                                                       : m->name;
    return true;
}

/* "b-gent" of a ReplicaSet "b-gent-7d9f8": its Deployment's name. */
static struct span without_hash(struct span s)
{
    for (size_t i = s.n; i-- > 1;)
        if (s.p[i] == '-')
            return (struct span){s.p, i};
    return s;
}

static bool by_owner(const struct asking *q, struct belonging *ret)
{
    if (q->f->kind != KIND_POD ||
        !span_is(q->f->meta.owner_kind, "ReplicaSet"))
        return false;
    ret->name = without_hash(q->f->meta.owner_name);
    return true;
}

static bool by_app_label(const struct asking *q, struct belonging *ret)
{
    if (q->f->kind != KIND_POD || q->f->meta.app_name.n == 0)
        return false;
    ret->name = q->f->meta.app_name;
    return true;
}

static bool by_operator(const struct asking *q, struct belonging *ret)
{
    if (q->f->kind != KIND_POD || !span_is(q->f->meta.app, "kgents-operator"))
        return false;
    ret->name = q->f->meta.app;
    return true;
}

static const struct {
    enum identity rule;
    enum kind kind;
    bool (*applies)(const struct asking *q, struct belonging *ret);
} rules[] = {
    {IDENTITY_FRACTA_LABEL, KIND_AGENT, by_fracta_label},
    {IDENTITY_KGENTS_LABEL, KIND_AGENT, by_kgents_label},
    {IDENTITY_OWNER, KIND_DEPLOYMENT, by_owner},
    {IDENTITY_APP_LABEL, KIND_DEPLOYMENT, by_app_label},
    {IDENTITY_OPERATOR, KIND_DEPLOYMENT, by_operator},
};

struct belonging identity_of_workload(const struct workload_facts *f,
                                      identity_known_fn known,
                                      const void *ctx)
{
    const struct asking q = {f, known, ctx};
    struct belonging b = {.rule = IDENTITY_NONE};

    for (size_t i = 0; f->kind != KIND_DEPLOYMENT &&
                       i < sizeof rules / sizeof *rules;
         i++) {
        if (!rules[i].applies(&q, &b))
            continue;
        b.rule = rules[i].rule;
        b.kind = rules[i].kind;
        return b;
    }
    return b;
}
