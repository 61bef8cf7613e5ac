#include "config.h"

#include "data/kube/reader_priv.h"

/* Deployments, jobs and pods, told in one shape. */

enum {
    REPLICAS = READER_KIND,
    READY,
    ACTIVE,
    SUSPEND,
    PHASE,
    NODE,
    POD_REASON,
    POD_MESSAGE,
    SPEC_CONTAINER,
    SPEC_CONTAINER_NAME,
    SPEC_IMAGE,
    C_ITEM,
    C_INIT,
    C_NAME,
    C_READY,
    C_RESTARTS,
    C_RUNNING,
    C_WAITING,
    C_WAITING_TEXT,
    C_ENDED,
    C_EXIT,
    C_LAST,
    C_LAST_EXIT,
};

static const struct pick_rule deployment_rules[] = {
    {"spec.replicas", REPLICAS},
    {"status.readyReplicas", READY},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static const struct pick_rule job_rules[] = {
    {"spec.suspend", SUSPEND},
    {"status.active", ACTIVE},
    {"status.ready", READY},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

#define CONTAINER_RULES(path, item)                                            \
    {path, item}, {path ".name", C_NAME}, {path ".ready", C_READY},            \
        {path ".restartCount", C_RESTARTS}, {path ".state.running", C_RUNNING}, \
        {path ".state.waiting.reason", C_WAITING},                             \
        {path ".state.waiting.message", C_WAITING_TEXT},                       \
        {path ".state.terminated.reason", C_ENDED},                            \
        {path ".state.terminated.exitCode", C_EXIT},                           \
        {path ".lastState.terminated.reason", C_LAST},                         \
    {                                                                          \
        path ".lastState.terminated.exitCode", C_LAST_EXIT                     \
    }

static const struct pick_rule pod_rules[] = {
    {"spec.nodeName", NODE},
    {"spec.containers[]", SPEC_CONTAINER},
    {"spec.containers[].name", SPEC_CONTAINER_NAME},
    {"spec.containers[].image", SPEC_IMAGE},
    {"status.phase", PHASE},
    {"status.reason", POD_REASON},
    {"status.message", POD_MESSAGE},
    CONTAINER_RULES("status.containerStatuses[]", C_ITEM),
    CONTAINER_RULES("status.initContainerStatuses[]", C_INIT),
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static void bad_news(struct workload_facts *w, const struct condition_facts *c)
{
    w->cond = *c;
    if (w->reason.n == 0) {
        w->reason = c->reason;
        w->message = c->message;
    }
}

static void deployment_value(struct reader_facts *f, struct scratch *s,
                             int field, const struct pick_value *v)
{
    struct workload_facts *w = &f->workload;
    const struct condition_facts *c = &s->cond;
    bool done;

    if (read_condition(s, field, v, &done)) {
        if (done && ((span_is(c->type, "ReplicaFailure") &&
                      span_is(c->status, "True")) ||
                     (span_is(c->type, "Progressing") &&
                      span_is(c->status, "False"))))
            bad_news(w, c);
    } else if (field == REPLICAS) {
        w->desired = read_int(v, 0, INT32_MAX, 1);
    } else if (field == READY) {
        w->ready = read_int(v, 0, INT32_MAX, 0);
    }
}

static void job_value(struct reader_facts *f, struct scratch *s, int field,
                      const struct pick_value *v)
{
    struct workload_facts *w = &f->workload;
    bool done;

    if (read_condition(s, field, v, &done)) {
        if (!done || !span_is(s->cond.status, "True"))
            return;
        if (span_is(s->cond.type, "Complete")) {
            w->succeeded = 1;
        } else if (span_is(s->cond.type, "Failed")) {
            w->failed = 1;
            bad_news(w, &s->cond);
        }
    } else if (field == SUSPEND) {
        w->suspended = v->type == PICK_BOOL && span_is(v->text, "true");
    } else if (field == ACTIVE) {
        w->active = read_int(v, 0, INT32_MAX, 0);
    } else if (field == READY) {
        w->ready = read_int(v, 0, INT32_MAX, 0);
    }
}

static void container_item(struct scratch *s, bool init,
                           const struct pick_value *v)
{
    if (v->type == PICK_BEGIN && s->count < READER_CONTAINERS) {
        s->now = &s->containers[s->count++];
        s->now->init = init;
    } else if (v->type == PICK_END) {
        s->now = NULL;
    }
}

static void container_value(struct container_state *c, int field,
                            const struct pick_value *v)
{
    switch (field) {
    case C_NAME:
        c->name = read_text(v);
        break;
    case C_READY:
        c->ready = pick_true(v);
        break;
    case C_RESTARTS:
        c->restarts = read_int(v, 0, INT32_MAX, 0);
        break;
    case C_RUNNING:
        c->running = true;
        break;
    case C_WAITING:
        c->waiting = read_text(v);
        break;
    case C_WAITING_TEXT:
        c->message = read_text(v);
        break;
    case C_ENDED:
        c->ended = read_text(v);
        break;
    case C_EXIT:
        c->exit_code = read_int(v, INT32_MIN, INT32_MAX, 0);
        break;
    case C_LAST:
        c->last_ended = read_text(v);
        break;
    case C_LAST_EXIT:
        c->last_exit = read_int(v, INT32_MIN, INT32_MAX, 0);
        break;
    default:
        break;
    }
}

static void pod_value(struct reader_facts *f, struct scratch *s, int field,
                      const struct pick_value *v)
{
    struct workload_facts *w = &f->workload;
    bool done;

    if (read_condition(s, field, v, &done)) {
        if (done && span_is(s->cond.type, "PodScheduled") &&
            span_is(s->cond.status, "False"))
            bad_news(w, &s->cond);
        return;
    }
    switch (field) {
    case NODE:
        w->node = read_text(v);
        break;
    case SPEC_CONTAINER_NAME:
        if (s->first.p == NULL)
            s->first = read_text(v);
        break;
    case SPEC_IMAGE:
        if (s->image.p == NULL)
            s->image = read_text(v);
        break;
    case PHASE:
        w->phase = read_text(v);
        break;
    case POD_REASON:
        w->reason = read_text(v);
        break;
    case POD_MESSAGE:
        w->message = read_text(v);
        break;
    case C_ITEM:
    case C_INIT:
        container_item(s, field == C_INIT, v);
        break;
    default:
        if (field > C_INIT && s->now != NULL)
            container_value(s->now, field, v);
        break;
    }
}

/* Side containers that the kgents operator adds beside the agent's own. */
static bool is_main(const struct container_state *c, struct span first)
{
    if (c->init)
        return false;
    if (span_is(c->name, "logic") || span_is(c->name, "agent"))
        return true;
    return span_same(c->name, first) && !span_is(first, "d-gent");
}

static bool normal_wait(struct span reason)
{
    return reason.n == 0 || span_is(reason, "ContainerCreating") ||
           span_is(reason, "PodInitializing");
}

/* Bad news of one container; an earlier one of a main container stays. */
static void weigh(struct workload_facts *w, const struct container_state *c,
                  struct span first)
{
    bool main = is_main(c, first) || c->init;
    struct span reason = {NULL, 0};

    w->restarts += c->restarts;
    if (is_main(c, first))
        w->main_ready |= c->ready || (c->running && c->ready);
    if (!normal_wait(c->waiting))
        reason = c->waiting;
    else if (c->ended.n > 0 && !span_is(c->ended, "Completed"))
        reason = c->ended;
    if (reason.n > 0 && (w->reason.n == 0 || (w->sidecar_bad && main))) {
        w->reason = reason;
        w->message = c->message;
        w->container = c->name;
        w->sidecar_bad = !main;
        w->exit_code = c->ended.n > 0 ? c->exit_code : c->last_exit;
        w->last_reason = span_is(c->last_ended, "Completed")
                             ? (struct span){NULL, 0}
                             : c->last_ended;
    } else if (w->reason.n == 0 && c->last_ended.n > 0 &&
               !span_is(c->last_ended, "Completed")) {
        w->last_reason = c->last_ended;
        w->exit_code = c->last_exit;
    }
}

static void pod_end(struct reader_facts *f, struct scratch *s)
{
    struct workload_facts *w = &f->workload;

    for (int i = 0; i < s->count; i++)
        weigh(w, &s->containers[i], s->first);
    w->first_container = s->first;
    w->image = s->image;
    for (int i = 0; i < s->count; i++)
        if (is_main(&s->containers[i], s->first))
            w->first_container = s->containers[i].name;
    w->ready = w->main_ready;
    if (w->meta.deleted_ms > 0 || span_is(w->phase, "Succeeded"))
        w->reason = (struct span){NULL, 0}; /* it ends, that is no news */
}

static void put(struct store *st, const struct reader_facts *f,
                const struct origin *o)
{
    store_put_workload(st, &f->workload, o);
}

static struct meta_facts *meta(struct reader_facts *f)
{
    return &f->workload.meta;
}

#define READER(name, KIND, end_fn)                                             \
    static void name##_begin(struct reader_facts *f)                           \
    {                                                                          \
        f->workload.kind = KIND;                                               \
        f->workload.desired = KIND == KIND_DEPLOYMENT;                         \
    }                                                                          \
    const struct kind_reader name##_reader = {                                 \
        .rules = name##_rules,                                                 \
        .begin = name##_begin,                                                 \
        .value = name##_value,                                                 \
        .end = end_fn,                                                         \
        .put = put,                                                            \
        .meta = meta,                                                          \
    };

READER(deployment, KIND_DEPLOYMENT, NULL)
READER(job, KIND_JOB, NULL)
READER(pod, KIND_POD, pod_end)
