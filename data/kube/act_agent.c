#include "config.h"

#include "base/when.h"
#include "data/kube/act_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is done to agents.
 *
 * Pausing scales the Deployment, not the Agent: kgents' operator makes 1 of
 * a spec.replicas that goes from more than one to 0, and leaves a Deployment
 * alone that somebody else scaled. The Agent keeps what it wants, so that
 * resuming knows it. Agents of one genus in a namespace share a Deployment:
 * a plan names all who are hit.
 */

/* What an agent runs on, and what of that can be acted on. */
struct ground {
    const struct agent *a;
    const struct workload *deployment; /* NULL: none is known */
    const struct workload *job;        /* NULL: none */
    const struct workload *pod;        /* one that stands alone */
    char others[160];                  /* who shares it, in words; "" nobody */
    int other_count;
};

static void name_other(struct ground *g, const char *name)
{
    size_t n = strlen(g->others);

    g->other_count++;
    if (g->other_count <= 3)
        snprintf(g->others + n, sizeof g->others - n, "%s%.40s",
                 n > 0 ? ", " : "", name);
    else if (g->other_count == 4)
        snprintf(g->others + n, sizeof g->others - n, ", …");
}

static void look_below(struct ground *g, const struct store *st,
                       const struct workload *root)
{
    uint32_t i = root->child;

    while (i != SLOT_NONE) {
        const struct workload *w = store_workload(st, i);

        if (w == NULL)
            return;
        if (w->kind == KIND_JOB && (g->job == NULL || w->active > 0))
            g->job = w;
        else if (w->kind == KIND_POD && w->deleted_ms == 0)
            g->pod = w;
        i = w->sibling;
    }
}

static int find_ground(struct ground *g, const struct store *st,
                       const struct act_want *w, struct error *err)
{
    uint32_t slot = store_find(st, KIND_AGENT, span_of(w->ns),
                               span_of(w->name));
    const struct workload *root = NULL;

    *g = (struct ground){.a = store_agent(st, slot)};
    if (g->a == NULL)
        return error_set(err, ERR_ABSENT, "there is no such agent any more");
    if (!want_is(w, g->a->uid))
        return error_set(err, ERR_EXPIRED,
                         "it was deleted, and another agent has its name now");
    if (g->a->origin == AGENT_ORIGIN_PICTURE)
        return error_set(err, ERR_ABSENT,
                         "it is known from the last picture only: wait for "
                         "the server");
    if (g->a->root != SLOT_NONE)
        root = store_workload(st, g->a->root);
    if (root == NULL)
        return act_check_names(g->a->ns, g->a->name, err);
    if (root->kind == KIND_DEPLOYMENT && root->known)
        g->deployment = root;
    look_below(g, st, root);
    for (uint32_t i = root->agents; i != SLOT_NONE;) {
        const struct agent *other = store_agent(st, i);

        if (other == NULL)
            break;
        if (other != g->a)
            name_other(g, other->name);
        i = other->next_on_root;
    }
    return act_check_names(g->a->ns, g->a->name, err);
}

static void test_uid(struct json *j, const uint8_t uid[16])
{
    char text[37];

    if (act_uid_text(uid, text))
        act_test(j, "/metadata/uid", text);
}

/* A JSON Patch of one number or truth that was seen and becomes another. */
static void patch_number(struct plan *p, const uint8_t uid[16],
                         const char *field, int from, int to, const char *path)
{
    size_t n = strlen(path);
    bool scale = n > 6 && strcmp(path + n - 6, "/scale") == 0;
    struct json j;
    struct buf b;

    memcpy(p->hit, uid, sizeof p->hit);
    buf_init(&b, 4096);
    json_begin(&j, &b);
    json_array(&j, NULL);
    test_uid(&j, uid);
    if (from > 0 || (from == 0 && !scale))
        act_test_int(&j, field, from);
    else if (from == 0) /* a 0 is left out of a Scale: it reads as null */
        act_test_none(&j, field);
    act_op(&j, "add", field);
    json_int(&j, "value", to);
    json_map_end(&j);
    json_array_end(&j);
    json_end(&j);
    act_request(p, "PATCH", "application/json-patch+json", &b, "%s", path);
    buf_finish(&b);
}

static void scale_deployment(struct plan *p, const struct workload *d, int to)
{
    char path[600];

    snprintf(path, sizeof path,
             "/apis/apps/v1/namespaces/%s/deployments/%s/scale", d->ns,
             d->name);
    patch_number(p, d->uid, "/spec/replicas", d->desired, to, path);
    p->version = d->version;
}

static void suspend_job(struct plan *p, const struct workload *job, bool on)
{
    struct json j;
    struct buf b;

    buf_init(&b, 4096);
    json_begin(&j, &b);
    json_array(&j, NULL);
    memcpy(p->hit, job->uid, sizeof p->hit);
    test_uid(&j, job->uid);
    act_op(&j, "add", "/spec/suspend");
    json_bool(&j, "value", on);
    json_map_end(&j);
    json_array_end(&j);
    json_end(&j);
    act_request(p, "PATCH", "application/json-patch+json", &b,
                "/apis/batch/v1/namespaces/%s/jobs/%s", job->ns, job->name);
    buf_finish(&b);
    p->version = job->version;
}

static int nothing_to_scale(const struct ground *g, const char *verb,
                            struct error *err)
{
    if (g->pod != NULL)
        return error_set(err, ERR_ABSENT,
                         "it is a pod of its own (%.80s): it can be deleted, "
                         "not %s",
                         g->pod->name, verb);
    return error_set(err, ERR_ABSENT,
                     "no Deployment and no Job of it is known: nothing can "
                     "be %s",
                     verb);
}

static void hit_line(struct plan *p, const struct ground *g, const char *what)
{
    if (g->other_count == 0)
        return;
    plan_line(p, "%s %s too: %s", what,
              g->other_count == 1 ? "another agent" : "other agents",
              g->others);
    if (p->friction < RISK_HIGH)
        p->friction = RISK_HIGH;
}

static int plan_pause(const struct ground *g, struct plan *p,
                      struct error *err)
{
    const struct workload *d = g->deployment;

    p->friction = RISK_MEDIUM;
    if (d != NULL && d->desired <= 0)
        return error_set(err, ERR_ABSENT, "it is paused already: its "
                                          "Deployment wants no pods");
    if (d != NULL) {
        plan_line(p, "Deployment %s in %s: %d pods to 0", d->name, d->ns,
                  d->desired);
        if (g->a->replicas > 0)
            plan_line(p, "the Agent goes on wanting %d: a change to it "
                         "starts them again",
                      g->a->replicas);
        hit_line(p, g, "stops");
        scale_deployment(p, d, 0);
        p->before = d->desired;
        return 0;
    }
    if (g->job == NULL)
        return nothing_to_scale(g, "paused", err);
    plan_line(p, "Job %s in %s is suspended: its pods end, and start anew "
                 "when it is resumed",
              g->job->name, g->job->ns);
    suspend_job(p, g->job, true);
    p->before = 1;
    return 0;
}

static int plan_resume(const struct ground *g, struct plan *p,
                       struct error *err)
{
    const struct workload *d = g->deployment;
    int to = atoi(want_more(&p->want, "before"));
    bool known = to > 0;

    p->friction = RISK_MEDIUM;
    if (d != NULL) {
        if (d->desired > 0)
            return error_set(err, ERR_ABSENT, "it is not paused: its "
                                              "Deployment wants %d pods",
                             d->desired);
        if (!known)
            to = g->a->replicas > 0 ? g->a->replicas : 1;
        plan_line(p, "Deployment %s in %s: 0 pods to %d, %s", d->name, d->ns,
                  to,
                  known                ? "as many as there were"
                  : g->a->replicas > 0 ? "as the Agent wants"
                                       : "how many there were is not known");
        hit_line(p, g, "starts");
        scale_deployment(p, d, to);
        return 0;
    }
    if (g->job == NULL)
        return nothing_to_scale(g, "resumed", err);
    plan_line(p, "Job %s in %s goes on with new pods", g->job->name,
              g->job->ns);
    suspend_job(p, g->job, false);
    return 0;
}

static int plan_scale(const struct ground *g, struct plan *p,
                      struct error *err)
{
    const char *text = want_more(&p->want, "replicas");
    bool cr = g->a->origin == AGENT_ORIGIN_KGENTS;
    int now = cr ? g->a->replicas
                 : (g->deployment ? g->deployment->desired : FACT_NONE);
    char *end, path[600];
    long to = strtol(text, &end, 10);

    if (!cr && g->deployment == NULL)
        return nothing_to_scale(g, "scaled", err);
    if (text[0] == '\0' || *end != '\0' || to < 0 || to > 100)
        return error_set(err, ERR_SYNTAX,
                         "replicas: a number from 1 to 100 was expected");
    if (to == 0)
        return error_set(err, ERR_SYNTAX,
                         "replicas: the operator makes 1 of 0; pause it "
                         "instead (p)");
    if (to == now)
        return error_set(err, ERR_SYNTAX, "replicas: it is %d already", now);
    p->friction = RISK_MEDIUM;
    if (!cr) {
        plan_line(p, "Deployment %s in %s: %d pods to %ld",
                  g->deployment->name, g->deployment->ns, now, to);
        hit_line(p, g, "changes");
        scale_deployment(p, g->deployment, (int)to);
        return 0;
    }
    if (now >= 0)
        plan_line(p, "Agent %s in %s: %d replicas to %ld", g->a->name,
                  g->a->ns, now, to);
    else
        plan_line(p, "Agent %s in %s: to %ld replicas", g->a->name, g->a->ns,
                  to);
    if (g->deployment != NULL)
        plan_line(p, "the operator scales Deployment %s, now %d",
                  g->deployment->name, g->deployment->desired);
    hit_line(p, g, "changes");
    snprintf(path, sizeof path, "/apis/kgents.io/v1/namespaces/%s/agents/%s",
             g->a->ns, g->a->name);
    patch_number(p, g->a->uid, "/spec/replicas", now, (int)to, path);
    p->version = g->a->version;
    return 0;
}

/* uid in a merge patch: another object of that name is refused. */
static int plan_restart(const struct ground *g, const struct plan_from *from,
                        struct plan *p, struct error *err)
{
    const struct workload *d = g->deployment;
    char at[24], uid[37];
    struct json j;
    struct buf b;

    if (d == NULL)
        return nothing_to_scale(g, "restarted", err);
    if (d->desired <= 0)
        return error_set(err, ERR_ABSENT, "it is paused: resume it instead");
    p->friction = RISK_MEDIUM;
    plan_line(p, "Deployment %s in %s: new pods take the place of %d, a few "
                 "at a time",
              d->name, d->ns, d->desired);
    hit_line(p, g, "restarts");
    memcpy(p->hit, d->uid, sizeof p->hit);
    when_format(from->now_ms, at);
    buf_init(&b, 4096);
    json_begin(&j, &b);
    json_map(&j, NULL);
    if (act_uid_text(d->uid, uid)) {
        json_map(&j, "metadata");
        json_text(&j, "uid", uid);
        json_map_end(&j);
    }
    json_map(&j, "spec");
    json_map(&j, "template");
    json_map(&j, "metadata");
    json_map(&j, "annotations");
    json_text(&j, "kubectl.kubernetes.io/restartedAt", at);
    for (int i = 0; i < 5; i++)
        json_map_end(&j);
    json_end(&j);
    act_request(p, "PATCH", "application/merge-patch+json", &b,
                "/apis/apps/v1/namespaces/%s/deployments/%s", d->ns, d->name);
    buf_finish(&b);
    p->version = d->version;
    return 0;
}

static void put_delete(struct plan *p, const uint8_t uid[16], const char *path)
{
    char text[37];
    struct json j;
    struct buf b;

    memcpy(p->hit, uid, sizeof p->hit);
    buf_init(&b, 4096);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "apiVersion", "v1");
    json_text(&j, "kind", "DeleteOptions");
    json_text(&j, "propagationPolicy", "Background");
    if (act_uid_text(uid, text)) {
        json_map(&j, "preconditions");
        json_text(&j, "uid", text);
        json_map_end(&j);
    }
    json_map_end(&j);
    json_end(&j);
    act_request(p, "DELETE", NULL, &b, "%s", path);
    buf_finish(&b);
}

static void told_with_it(const struct ground *g, struct plan *p,
                         const struct store *st)
{
    const struct workload *d = g->deployment;
    bool owns = d != NULL && d->owner != NULL &&
                strcmp(d->owner, g->a->name) == 0;

    plan_line(p, "Agent %s in %s is deleted", g->a->name, g->a->ns);
    if (owns)
        plan_line(p, "with it goes Deployment %s and its %d pods", d->name,
                  d->desired);
    else if (d != NULL && d->owner != NULL)
        plan_line(p, "Deployment %s stays: it belongs to %s", d->name,
                  d->owner);
    else if (d != NULL)
        plan_line(p, "Deployment %s has no owner: it stays", d->name);
    if (g->a->memory != NULL)
        plan_line(p, "its Memory %s goes too, whatever it is to be kept for",
                  g->a->memory);
    if (owns && g->other_count > 0)
        plan_line(p, "%s lose%s their pods, and nothing makes them again",
                  g->others, g->other_count == 1 ? "s" : "");
    if (g->a->finalizer != NULL)
        plan_line(p, "held by %s until the operator lets go%s",
                  g->a->finalizer,
                  st->operator_plane != NULL &&
                          st->operator_plane->state == PLANE_DOWN
                      ? ", and it is down"
                      : "");
}

static int plan_delete(const struct ground *g, const struct store *st,
                       struct plan *p, struct error *err)
{
    const struct agent *a = g->a;
    char path[600];

    p->friction = RISK_HIGH;
    if (a->deleted_ms > 0)
        return error_set(err, ERR_EXPIRED,
                         "it is being deleted already%s%s: %s",
                         a->finalizer ? ", held by " : "",
                         a->finalizer ? a->finalizer : "",
                         a->finalizer ? "the operator must let go of it"
                                      : "wait for it");
    if (a->origin == AGENT_ORIGIN_KGENTS) {
        told_with_it(g, p, st);
        snprintf(path, sizeof path,
                 "/apis/kgents.io/v1/namespaces/%s/agents/%s", a->ns, a->name);
        put_delete(p, a->uid, path);
        p->version = a->version;
        return 0;
    }
    if (g->job == NULL && g->pod == NULL)
        return error_set(err, ERR_ABSENT,
                         "nothing of it is known that could be deleted");
    if (g->job != NULL) {
        plan_line(p, "Job %s in %s is deleted, and its pods",
                  g->job->name, g->job->ns);
        snprintf(path, sizeof path, "/apis/batch/v1/namespaces/%s/jobs/%s",
                 g->job->ns, g->job->name);
        put_delete(p, g->job->uid, path);
        p->version = g->job->version;
    } else {
        plan_line(p, "Pod %s in %s is deleted; nothing makes it anew",
                  g->pod->name, g->pod->ns);
        snprintf(path, sizeof path, "/api/v1/namespaces/%s/pods/%s",
                 g->pod->ns, g->pod->name);
        put_delete(p, g->pod->uid, path);
        p->version = g->pod->version;
    }
    return 0;
}

int act_plan_agent(const struct plan_from *from, struct plan *p,
                   struct error *err)
{
    const struct act_want *w = &p->want;
    struct ground g;
    int r;

    if (find_ground(&g, from->st, w, err) != 0)
        return err->code;
    if (w->act != ACT_KILL && g.a->deleted_ms > 0)
        return error_set(err, ERR_EXPIRED, "it is being deleted");
    snprintf(p->title, sizeof p->title, "%s %.120s",
             w->act == ACT_KILL ? "delete" : act_name(w->act), g.a->name);
    snprintf(p->type, sizeof p->type, "%.100s", g.a->name);
    switch (w->act) {
    case ACT_PAUSE:
        r = plan_pause(&g, p, err);
        break;
    case ACT_RESUME:
        r = plan_resume(&g, p, err);
        break;
    case ACT_SCALE:
        r = plan_scale(&g, p, err);
        break;
    case ACT_RESTART:
        r = plan_restart(&g, from, p, err);
        break;
    default:
        r = plan_delete(&g, from->st, p, err);
        break;
    }
    if (r != 0)
        return r;
    plan_line(p, "as %s", from->user);
    act_digest(p, g.a->uid);
    return 0;
}
