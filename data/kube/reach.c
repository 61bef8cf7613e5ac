#include "config.h"

#include "data/kube/reach.h"

#include <string.h>

bool kube_reach_may(const struct kube_reach *r, struct error *err)
{
    if (!r->opens)
        error_set(err, ERR_REFUSED,
                  "read-only: no channel into a pod is built");
    return r->opens;
}

const uint8_t *kube_reach_uid(const struct kube_reach *r, const char *ns,
                              const char *agent)
{
    const struct agent *a = store_agent(
        r->store, store_find(r->store, KIND_AGENT, span_of(ns), span_of(agent)));

    return a != NULL ? a->uid : NULL;
}

void kube_reach_take(struct kube_reach *r)
{
    r->users++;
}

void kube_reach_leave(struct kube_reach *r)
{
    if (--r->users == 0 && r->idle != NULL)
        r->idle(r->arg);
}

/* What stands between two texts; n 0: not there. */
static struct span between(const char *s, const char *from, const char *to)
{
    const char *p = strstr(s, from), *end;

    if (p == NULL)
        return (struct span){NULL, 0};
    p += strlen(from);
    end = strstr(p, to);
    return (struct span){p, end != NULL ? (size_t)(end - p) : 0};
}

int kube_reach_explain(const struct http_answer *answer,
                       const struct error *from, const char *ns,
                       struct error *ret)
{
    struct error why;
    struct span verb, resource;

    if (from->code == 0 && answer->status == 101)
        return error_set(ret, ERR_CUT, "it ended without a word");
    kube_explain(answer, from, &why);
    *ret = why;
    if (why.code != ERR_RIGHT)
        return ret->code;
    verb = between(why.msg, "cannot ", " ");
    resource = between(why.msg, "resource \"", "\"");
    if (verb.n > 0 && resource.n > 0)
        error_set(ret, ERR_RIGHT,
                  "you may not: the right to %.*s %.*s in %.100s is missing",
                  (int)verb.n, verb.p, (int)resource.n, resource.p, ns);
    return ret->code;
}
