#include "config.h"

#include "data/kube/act_say.h"

#include "data/kube/pod_of.h"

#include <stdio.h>
#include <string.h>

/* Routes of the pods' servers, and the key of what is said. */
static const struct route {
    const char *genus, *path, *key; /* the last is everybody else's */
} routes[] = {
    {"U", "/execute", "prompt"},
    {"", "/invoke", "message"},
};

static const struct route *route_of(const struct agent *a)
{
    const struct route *r = routes;

    while (r->genus[0] != '\0' &&
           (a->genus == NULL || strcmp(a->genus, r->genus) != 0))
        r++;
    return r;
}

int act_plan_say(const struct plan_from *from, struct plan *p,
                 struct error *err)
{
    const struct act_want *w = &p->want;
    const struct agent *a =
        store_agent(from->st, store_find(from->st, KIND_AGENT, span_of(w->ns),
                                         span_of(w->name)));
    const struct route *r;
    struct kube_pod pod;
    struct buf b;
    struct json j;

    if (a == NULL || memcmp(a->uid, w->uid, sizeof a->uid) != 0)
        return error_set(err, ERR_EXPIRED, "it does not exist any more");
    if (act_check_names(w->ns, w->name, err) != 0 ||
        kube_pod_of(from->st, w->ns, w->name, NULL, &pod, err) != 0)
        return err->code;
    r = route_of(a);
    snprintf(p->title, sizeof p->title, "say to %.80s", w->name);
    plan_line(p, "POST %s on port %d of a pod of it that is ready", r->path,
              ACT_SAY_PORT);
    plan_line(p, "through a port-forward that lasts as long as its answer");
    plan_line(p, "its answer is shown with the receipt");
    buf_init(&b, 2 * ACT_TEXT * 6);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, r->key, w->reason);
    json_map_end(&j);
    json_end(&j);
    act_request(p, "POST", NULL, &b, "%s", r->path);
    buf_finish(&b);
    p->friction = RISK_MEDIUM;
    act_digest(p, a->uid);
    return 0;
}
