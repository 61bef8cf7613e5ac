#include "config.h"

#include "data/kube/pod_of.h"

#include "data/kube/path.h"

#include <stdio.h>
#include <string.h>

static bool runs(const struct workload *w)
{
    bool main_waits = !w->main_ready && w->reason != NULL &&
                      w->container != NULL && w->first_container != NULL &&
                      strcmp(w->container, w->first_container) == 0;

    return w->phase != NULL && strcmp(w->phase, "Running") == 0 && !main_waits;
}

/* Why none can be spoken to. */
static int explain(int pods, const struct workload *last, struct error *err)
{
    if (pods == 0)
        return error_set(err, ERR_ABSENT, "it has no pod");
    return error_set(err, ERR_ABSENT,
                     "no container of it runs: %s is %s%s%s", last->name,
                     last->deleted_ms > 0 ? "being deleted"
                     : last->phase != NULL ? last->phase
                                           : "not started",
                     last->reason != NULL ? ", " : "",
                     last->reason != NULL ? last->reason : "");
}

static int take(const struct workload *w, struct kube_pod *ret,
                struct error *err)
{
    if (!kube_path_safe(w->ns, KUBE_PATH_POD) ||
        !kube_path_safe(w->name, KUBE_PATH_POD) ||
        (w->first_container != NULL &&
         !kube_path_safe(w->first_container, KUBE_PATH_POD)))
        return error_set(err, ERR_OTHER, "the name of its pod is not usable");
    *ret = (struct kube_pod){.restarts = w->restarts, .ready = w->main_ready};
    snprintf(ret->ns, sizeof ret->ns, "%s", w->ns);
    snprintf(ret->name, sizeof ret->name, "%s", w->name);
    snprintf(ret->container, sizeof ret->container, "%s",
             w->first_container ? w->first_container : "");
    error_clear(err);
    return 0;
}

/* any: one that does not run will do where none does. */
static int find(const struct store *st, const char *ns, const char *agent,
                const char *avoid, bool any, struct kube_pod *ret,
                struct error *err)
{
    uint32_t slot = store_find(st, KIND_AGENT, span_of(ns), span_of(agent));
    uint32_t root = slot != SLOT_NONE ? store_root(st, slot) : SLOT_NONE;
    const struct workload *w, *best = NULL, *last = NULL;
    int pods = 0;

    if (slot == SLOT_NONE)
        return error_set(err, ERR_ABSENT, "there is no agent '%.100s'", agent);
    if (root == SLOT_NONE)
        return error_set(err, ERR_ABSENT, "nothing runs it: it has no pod");
    for (uint32_t i = store_workload(st, root)->child; i != SLOT_NONE;
         i = w->sibling) {
        w = store_workload(st, i);
        if (w->kind != KIND_POD || !w->known)
            continue;
        pods++;
        last = w;
        if (w->deleted_ms > 0 || !runs(w) ||
            (avoid != NULL && strcmp(avoid, w->name) == 0))
            continue;
        if (best == NULL || (w->main_ready && !best->main_ready))
            best = w;
    }
    if (best == NULL && any)
        best = last;
    return best != NULL ? take(best, ret, err) : explain(pods, last, err);
}

int kube_pod_of(const struct store *st, const char *ns, const char *agent,
                const char *avoid, struct kube_pod *ret, struct error *err)
{
    return find(st, ns, agent, avoid, false, ret, err);
}

int kube_pod_with_log(const struct store *st, const char *ns,
                      const char *agent, struct kube_pod *ret,
                      struct error *err)
{
    return find(st, ns, agent, NULL, true, ret, err);
}
