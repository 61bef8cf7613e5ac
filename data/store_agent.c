#include "config.h"

#include "base/xalloc.h"
#include "data/health.h"
#include "data/store_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

uint32_t agent_find(const struct store *st, struct span ns, struct span name)
{
    return store_find(st, KIND_AGENT, ns, name);
}

uint32_t agent_make(struct store *st, struct span ns, struct span name)
{
    struct key k = {ns, name, KIND_AGENT};
    uint32_t slot = agent_find(st, ns, name);
    const struct wait *w;
    struct agent *a;

    if (slot != SLOT_NONE)
        return slot;
    slot = table_take(&st->agents);
    if (slot == SLOT_NONE)
        return SLOT_NONE;
    a = table_row(&st->agents, slot);
    a->ns = intern_get(st->pool, ns.p ? ns.p : "", ns.n);
    a->name = intern_get(st->pool, name.p, name.n);
    a->replicas = a->ready = FACT_NONE;
    a->load.desired = a->load.ready = a->load.pods = FACT_NONE;
    a->root = a->next_on_root = SLOT_NONE;
    a->live = true;
    activity_init(&a->act);
    w = wait_find(st, ns, name);
    if (w != NULL) {
        a->waiting = w->count;
        a->waiting_since_ms = w->since_ms;
    }
    index_add(&st->agents.names, key_hash(&k), slot);
    st->states[a->state]++;
    store_judge_later(st, slot);
    store_mark(st, KIND_AGENT, slot);
    return slot;
}

static void detach(struct store *st, uint32_t slot)
{
    struct agent *a = table_row(&st->agents, slot);
    struct workload *w;
    uint32_t *link, root = a->root;

    if (root == SLOT_NONE)
        return;
    w = table_row(&st->workloads, root);
    for (link = &w->agents; *link != slot;)
        link =
            &((struct agent *)table_row(&st->agents, *link))->next_on_root;
    *link = a->next_on_root;
    a->root = a->next_on_root = SLOT_NONE;
    workload_drop_empty(st, root);
}

void agent_attach(struct store *st, uint32_t slot, uint32_t root)
{
    struct agent *a = table_row(&st->agents, slot);
    struct workload *w;

    if (a->root == root)
        return;
    detach(st, slot);
    if (root == SLOT_NONE) {
        agent_read_load(st, slot); /* nothing runs it now */
        return;
    }
    w = table_row(&st->workloads, root);
    a->root = root;
    a->next_on_root = w->agents;
    w->agents = slot;
    slots_add(&st->dirty_roots, root);
}

static void drop_load(struct store *st, struct agent_workload *l)
{
    set_text(st, &l->reason, (struct span){0});
    set_text(st, &l->message, (struct span){0});
    set_text(st, &l->container, (struct span){0});
    set_text(st, &l->last_reason, (struct span){0});
}

void agent_remove(struct store *st, uint32_t slot)
{
    struct agent *a = table_row(&st->agents, slot);
    struct key k = {span_of(a->ns), span_of(a->name), KIND_AGENT};
    const char **texts[] = {&a->genus,      &a->image,  &a->deploy_mode,
                            &a->phase,      &a->cognitive, &a->deployment,
                            &a->memory,     &a->umwelt, &a->finalizer,
                            &a->why};

    index_remove(&st->agents.names, key_hash(&k), slot);
    detach(st, slot);
    a = table_row(&st->agents, slot);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        set_text(st, texts[i], (struct span){0});
    drop_condition(st, &a->cond);
    drop_load(st, &a->load);
    runs_drop(st, a);
    activity_finish(&a->act);
    st->states[a->state]--;
    st->trouble -= a->trouble;
    st->degraded -= a->degraded;
    intern_put(st->pool, a->ns);
    intern_put(st->pool, a->name);
    memset(a, 0, sizeof *a);
    table_give(&st->agents, slot);
    store_mark(st, KIND_AGENT, slot);
}

void agent_leave_cluster(struct store *st, uint32_t slot)
{
    struct agent *a = table_row(&st->agents, slot);
    const char **texts[] = {&a->image,     &a->deploy_mode, &a->phase,
                            &a->cognitive, &a->deployment,  &a->memory,
                            &a->umwelt,    &a->finalizer};

    if (a->runs == NULL) {
        agent_remove(st, slot);
        return;
    }
    detach(st, slot);
    a = table_row(&st->agents, slot);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        set_text(st, texts[i], (struct span){0});
    drop_condition(st, &a->cond);
    drop_load(st, &a->load);
    a->load = (struct agent_workload){
        .desired = FACT_NONE, .ready = FACT_NONE, .pods = FACT_NONE};
    memset(a->uid, 0, sizeof a->uid);
    a->version = 0;
    a->replicas = a->ready = FACT_NONE;
    a->generation = a->observed = 0;
    a->deleted_ms = 0;
    a->old_schema = a->deployment_given = false;
    a->quota_hit = 0;
    a->origin = AGENT_ORIGIN_RUN;
    a->stream = STREAM_RUNS;
    run_read_load(st, a);
    store_judge_later(st, slot);
    store_mark(st, KIND_AGENT, slot);
}

void store_judge_later(struct store *st, uint32_t slot)
{
    slots_add(&st->dirty_agents, slot);
}

/* "b-gent", from the status or, before there is one, from the genus. */
static bool read_deployment(struct store *st, struct agent *a,
                            const struct agent_facts *f)
{
    char guess[40];

    a->deployment_given = f->deployment.n > 0;
    if (a->deployment_given)
        return set_text(st, &a->deployment, f->deployment);
    if (f->genus.n == 0 || f->genus.n > 16 ||
        span_is(f->deploy_mode, "DRY_RUN"))
        return set_text(st, &a->deployment, (struct span){0});
    for (size_t i = 0; i < f->genus.n; i++)
        guess[i] = (char)tolower((unsigned char)f->genus.p[i]);
    snprintf(guess + f->genus.n, sizeof guess - f->genus.n, "-gent");
    return set_text(st, &a->deployment, span_of(guess));
}

static void note_changes(struct store *st, const struct agent *a,
                         const char *old_phase, const char *old_reason,
                         const char *old_cognitive, int32_t old_replicas,
                         const struct origin *o)
{
    if (a->phase != old_phase && a->phase != NULL)
        store_note(st, a->ns, a->name, o->now_ms, THOUGHT_CHANGE, 0.5,
                   "phase %s → %s", old_phase ? old_phase : "none", a->phase);
    if (a->cond.reason != old_reason && a->cond.reason != NULL)
        store_note(st, a->ns, a->name, o->now_ms, THOUGHT_CHANGE, 0.5,
                   "%s %s: %s%s%s", a->cond.type ? a->cond.type : "condition",
                   a->cond.status ? a->cond.status : "?", a->cond.reason,
                   a->cond.message ? ", " : "",
                   a->cond.message ? a->cond.message : "");
    if (a->cognitive != old_cognitive && a->cognitive != NULL)
        store_note(st, a->ns, a->name, o->now_ms, THOUGHT_CHANGE, 0.5,
                   "cognitive health %s", a->cognitive);
    if (a->replicas != old_replicas && a->replicas != FACT_NONE)
        store_note(st, a->ns, a->name, o->now_ms, THOUGHT_CHANGE, 0.5,
                   "replicas %d → %d", (int)old_replicas, (int)a->replicas);
}

static void forget_past(struct store *st, struct agent *a)
{
    uint32_t slot = agent_find(st, span_of(a->ns), span_of(a->name));

    activity_finish(&a->act);
    activity_init(&a->act);
    a->quota_hit = 0;
    a->state_ms = 0;
    store_judge_later(st, slot);
}

void store_put_agent(struct store *st, const struct agent_facts *f,
                     const struct origin *o)
{
    uint32_t slot = agent_make(st, f->meta.ns, f->meta.name);
    struct agent *a;
    uint8_t uid[16];
    const char *old_phase, *old_reason, *old_cognitive;
    enum agent_origin origin = o->stream == STREAM_PICTURE
                                   ? AGENT_ORIGIN_PICTURE
                                   : AGENT_ORIGIN_KGENTS;
    int32_t old_replicas;
    bool changed = false, fresh, was_run;

    if (slot == SLOT_NONE)
        return;
    st->now_ms = o->now_ms;
    a = table_row(&st->agents, slot);
    fresh = a->cr_seen_ms == 0 || run_alone(a);
    was_run = a->origin == AGENT_ORIGIN_RUN;
    uid_read(f->meta.uid, uid);
    /* another agent under the same name; or its lines come again */
    if ((!fresh && memcmp(uid, a->uid, 16) != 0) ||
        (a->pictured && o->stream != STREAM_PICTURE))
        forget_past(st, a);
    memcpy(a->uid, uid, 16);
    a->version = version_read(f->meta.version);
    /* hold the old texts so that they can be told from the new ones */
    old_phase = intern_ref(st->pool, a->phase);
    old_reason = intern_ref(st->pool, a->cond.reason);
    old_cognitive = intern_ref(st->pool, a->cognitive);
    old_replicas = a->replicas;

    changed |= set_text(st, &a->genus, f->genus);
    changed |= set_text(st, &a->image, f->image);
    changed |= set_text(st, &a->deploy_mode, f->deploy_mode);
    changed |= set_text(st, &a->phase, f->phase);
    changed |= set_text(st, &a->cognitive, f->cognitive);
    changed |= set_text(st, &a->memory, f->memory);
    changed |= set_text(st, &a->umwelt, f->umwelt);
    changed |= set_text(st, &a->finalizer, f->meta.finalizer);
    changed |= set_condition(st, &a->cond, &f->cond);
    changed |= a->replicas != f->replicas || a->ready != f->ready ||
               a->deleted_ms != f->meta.deleted_ms ||
               a->created_ms != f->meta.created_ms || a->origin != origin;
    a->replicas = (int32_t)f->replicas;
    a->ready = (int32_t)f->ready;
    a->generation = (int32_t)f->generation;
    a->observed = (int32_t)f->observed;
    a->created_ms = f->meta.created_ms;
    a->deleted_ms = f->meta.deleted_ms;
    a->old_schema = f->old_schema;
    a->origin = origin;
    a->pictured = o->stream == STREAM_PICTURE;
    a->cr_seen_ms = o->now_ms;
    a->epoch = o->epoch;
    a->stream = o->stream;
    changed |= read_deployment(st, a, f);
    if (!o->initial && !fresh)
        note_changes(st, a, old_phase, old_reason, old_cognitive, old_replicas,
                     o);
    a = table_row(&st->agents, slot);
    intern_put(st->pool, old_phase);
    intern_put(st->pool, old_reason);
    intern_put(st->pool, old_cognitive);
    if (!changed && !fresh)
        return;
    agent_attach(st, slot,
                 a->deployment != NULL
                     ? workload_get(st, KIND_DEPLOYMENT, span_of(a->ns),
                                    span_of(a->deployment))
                     : SLOT_NONE);
    if (was_run) /* what its run says of replicas is not the object's */
        agent_read_load(st, slot);
    store_judge_later(st, slot);
    store_mark(st, KIND_AGENT, slot);
}

static bool worse(const struct workload *w, const struct workload *than)
{
    if (w->reason == NULL)
        return false;
    if (than == NULL || (than->sidecar_bad && !w->sidecar_bad))
        return true;
    return w->sidecar_bad == than->sidecar_bad && w->restarts > than->restarts;
}

/* Sums up the root and what hangs below it. */
static void sum_up(const struct store *st, const struct workload *root,
                   struct agent_workload *l, const struct workload **worst)
{
    bool any_main = false, suspended = false;

    *worst = NULL;
    for (uint32_t i = root->child; i != SLOT_NONE;) {
        const struct workload *w = table_row(&st->workloads, i);

        i = w->sibling;
        if (!w->known)
            continue;
        l->restarts += w->restarts;
        if (worse(w, *worst))
            *worst = w;
        if (w->kind == KIND_POD) {
            l->pods = (l->pods < 0 ? 0 : l->pods) + 1;
            any_main |= w->main_ready;
            if (w->last_reason != NULL && l->last_reason == NULL) {
                l->last_reason = w->last_reason;
                l->exit_code = w->exit_code;
            }
        } else if (w->kind == KIND_JOB) {
            l->kind = "Job";
            suspended |= w->suspended;
            l->failed |= w->failed > 0;
            l->done |= w->succeeded > 0;
        }
    }
    if (*worst == NULL && worse(root, NULL))
        *worst = root; /* its pods tell more, where there are any */
    if (root->kind == KIND_DEPLOYMENT && root->known) {
        l->kind = "Deployment";
        l->desired = root->desired;
        l->ready = root->ready;
        l->main_ready = any_main || (l->pods <= 0 && root->ready > 0);
    } else if (l->pods > 0 || l->kind != NULL) {
        l->kind = l->kind ? l->kind : "Pod";
        l->desired = !suspended;
        l->ready = any_main;
        l->main_ready = any_main || l->done;
    }
}

void agent_read_load(struct store *st, uint32_t slot)
{
    struct agent *a = table_row(&st->agents, slot);
    struct agent_workload l = {
        .desired = FACT_NONE, .ready = FACT_NONE, .pods = FACT_NONE};
    const struct workload *worst = NULL;
    const struct workload *root;

    if (a->root == SLOT_NONE && a->run != NULL) {
        drop_load(st, &a->load);
        a->load = l;
        run_read_load(st, a); /* its control plane tells */
        return;
    }
    if (a->root == SLOT_NONE) {
        drop_load(st, &a->load);
        a->load = l;
        return;
    }
    root = table_row(&st->workloads, a->root);
    l.cluster = true;
    sum_up(st, root, &l, &worst);
    l.gone = root->kind == KIND_DEPLOYMENT && !root->known &&
             a->deployment_given && a->origin == AGENT_ORIGIN_KGENTS &&
             st->streams[KIND_DEPLOYMENT].state == STREAM_LIVE;
    if (worst != NULL) {
        l.reason = worst->reason;
        l.message = worst->message;
        l.container = worst->container;
        l.partial = worst->sidecar_bad || l.main_ready;
        l.since_ms = worst->bad_since_ms;
        if (worst->last_reason != NULL) {
            l.last_reason = worst->last_reason;
            l.exit_code = worst->exit_code;
        }
    }
    intern_ref(st->pool, l.reason);
    intern_ref(st->pool, l.message);
    intern_ref(st->pool, l.container);
    intern_ref(st->pool, l.last_reason);
    l.stand_ms = a->load.cluster && a->load.main_ready == l.main_ready &&
                         a->load.failed == l.failed && a->load.done == l.done
                     ? a->load.stand_ms
                     : st->now_ms;
    drop_load(st, &a->load);
    a->load = l;
    a->workload_seen_ms = st->now_ms;
    if (l.ready >= l.desired && l.desired > 0)
        a->quota_hit = 0;
}
