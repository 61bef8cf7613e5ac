#include "config.h"

#include "data/identity.h"
#include "data/store_priv.h"

#include <string.h>

uint32_t workload_get(struct store *st, enum kind kind, struct span ns,
                      struct span name)
{
    struct key k = {ns, name, kind};
    uint32_t slot = workload_find(st, kind, ns, name);
    struct workload *w;

    if (slot != SLOT_NONE)
        return slot;
    slot = table_take(&st->workloads);
    if (slot == SLOT_NONE)
        return SLOT_NONE;
    w = table_row(&st->workloads, slot);
    w->kind = kind;
    w->ns = intern_get(st->pool, ns.p ? ns.p : "", ns.n);
    w->name = intern_get(st->pool, name.p ? name.p : "", name.n);
    w->root = w->child = w->sibling = w->agents = SLOT_NONE;
    w->desired = w->ready = FACT_NONE;
    w->live = true;
    index_add(&st->workloads.names, key_hash(&k), slot);
    return slot;
}

static void unlink_from_root(struct store *st, uint32_t slot)
{
    struct workload *w = table_row(&st->workloads, slot);
    struct workload *root;
    uint32_t *link, at = w->root;

    if (at == SLOT_NONE)
        return;
    root = table_row(&st->workloads, at);
    for (link = &root->child; *link != slot;)
        link = &((struct workload *)table_row(&st->workloads, *link))->sibling;
    *link = w->sibling;
    w->root = w->sibling = SLOT_NONE;
    slots_add(&st->dirty_roots, at);
}

static void link_to_root(struct store *st, uint32_t slot, uint32_t at)
{
    struct workload *w = table_row(&st->workloads, slot);
    struct workload *root = table_row(&st->workloads, at);

    w->root = at;
    w->sibling = root->child;
    root->child = slot;
    slots_add(&st->dirty_roots, at);
}

static void end_group(struct store *st, uint32_t root);

/* The root it leaves may have held nothing else. */
static void move_to_root(struct store *st, uint32_t slot, uint32_t root)
{
    uint32_t old = ((struct workload *)table_row(&st->workloads, slot))->root;

    unlink_from_root(st, slot);
    if (root != SLOT_NONE)
        link_to_root(st, slot, root);
    if (old == SLOT_NONE)
        return;
    end_group(st, old);
    workload_drop_empty(st, old);
}

static void drop_texts(struct store *st, struct workload *w)
{
    const char **texts[] = {&w->phase,     &w->node,        &w->reason,
                            &w->message,   &w->container,   &w->last_reason,
                            &w->first_container, &w->image,
                            &w->owner};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        set_text(st, texts[i], (struct span){0});
    drop_condition(st, &w->cond);
}

static void row_free(struct store *st, uint32_t slot)
{
    struct workload *w = table_row(&st->workloads, slot);
    struct key k = {span_of(w->ns), span_of(w->name), w->kind};

    index_remove(&st->workloads.names, key_hash(&k), slot);
    drop_texts(st, w);
    intern_put(st->pool, w->ns);
    intern_put(st->pool, w->name);
    memset(w, 0, sizeof *w);
    w->root = w->child = w->sibling = w->agents = SLOT_NONE;
    table_give(&st->workloads, slot);
}

/* A root that is known to nobody and holds nothing goes away. */
void workload_drop_empty(struct store *st, uint32_t root)
{
    const struct workload *w = table_row(&st->workloads, root);

    if (w->live && !w->known && w->child == SLOT_NONE &&
        w->agents == SLOT_NONE)
        row_free(st, root);
}

/* Agents that exist only through their workload end with it. */
static void end_group(struct store *st, uint32_t root)
{
    const struct workload *w = table_row(&st->workloads, root);

    if (!w->live || w->kind != KIND_AGENT || w->child != SLOT_NONE)
        return;
    while (w->live && w->agents != SLOT_NONE)
        agent_leave_cluster(st, w->agents);
}

void workload_remove(struct store *st, uint32_t slot)
{
    struct workload *w = table_row(&st->workloads, slot);
    enum kind kind = w->kind;
    uint32_t root = w->root;

    st->operator_dirty |= w->operator;
    if (root == SLOT_NONE) {
        w->known = false;
        drop_texts(st, w);
        w->desired = w->ready = FACT_NONE;
        slots_add(&st->dirty_roots, slot);
        workload_drop_empty(st, slot);
    } else {
        unlink_from_root(st, slot);
        row_free(st, slot);
        end_group(st, root);
        workload_drop_empty(st, root);
    }
    st->gen[kind]++;
}

/* A "-say" run that was seen before its agent came as an agent of its own. */
static void adopt_say(struct store *st, struct span ns, struct span name,
                      uint32_t root)
{
    char text[INTERN_MAX];
    struct span say = {text, name.n + 4};
    uint32_t group, child;

    if (say.n > sizeof text)
        return;
    memcpy(text, name.p, name.n);
    memcpy(text + name.n, "-say", 4);
    group = workload_find(st, KIND_AGENT, ns, say);
    if (group == SLOT_NONE || group == root)
        return;
    while (store_workload(st, group) != NULL &&
           (child = store_workload(st, group)->child) != SLOT_NONE)
        move_to_root(st, child, root);
}

static uint32_t group_root(struct store *st, const struct workload_facts *f,
                           struct span name, const struct origin *o)
{
    bool known = agent_find(st, f->meta.ns, name) != SLOT_NONE;
    uint32_t agent = agent_make(st, f->meta.ns, name);
    uint32_t root = workload_get(st, KIND_AGENT, f->meta.ns, name);
    struct agent *a;

    if (agent == SLOT_NONE || root == SLOT_NONE)
        return SLOT_NONE;
    a = table_row(&st->agents, agent);
    a->pictured = false;
    if (a->origin == AGENT_ORIGIN_PICTURE || a->origin == AGENT_ORIGIN_RUN) {
        a->origin = f->meta.fracta_id.n > 0 ? AGENT_ORIGIN_FRACTA
                                            : AGENT_ORIGIN_QGENT;
        if (a->runs == NULL || f->meta.fracta_id.n == 0)
            set_text(st, &a->genus,
                     f->meta.fracta_id.n > 0 ? (struct span){NULL, 0}
                                             : span_of("Q"));
        a->stream = o->stream;
    }
    if (a->created_ms == 0 || f->meta.created_ms < a->created_ms)
        a->created_ms = f->meta.created_ms;
    if (a->origin != AGENT_ORIGIN_KGENTS)
        agent_attach(st, agent, root);
    if (!known && f->meta.fracta_id.n > 0)
        adopt_say(st, f->meta.ns, name, root);
    return root;
}

static bool is_operator(const struct workload_facts *f)
{
    return f->kind == KIND_POD && span_is(f->meta.app, "kgents-operator");
}

static bool agent_known(const void *ctx, struct span ns, struct span name)
{
    return agent_find(ctx, ns, name) != SLOT_NONE;
}

static uint32_t find_root(struct store *st, const struct workload_facts *f,
                          const struct origin *o)
{
    const struct belonging b = identity_of_workload(f, agent_known, st);

    if (b.rule == IDENTITY_NONE)
        return SLOT_NONE;
    return b.kind == KIND_AGENT
               ? group_root(st, f, b.name, o)
               : workload_get(st, KIND_DEPLOYMENT, f->meta.ns, b.name);
}

static bool read_row(struct store *st, struct workload *w,
                     const struct workload_facts *f, const struct origin *o)
{
    bool changed = !w->known;

    changed |= set_text(st, &w->phase, f->phase);
    changed |= set_text(st, &w->node, f->node);
    changed |= set_text(st, &w->reason, f->reason);
    changed |= set_text(st, &w->message, f->message);
    changed |= set_text(st, &w->container, f->container);
    changed |= set_text(st, &w->last_reason, f->last_reason);
    changed |= set_text(st, &w->first_container, f->first_container);
    changed |= set_text(st, &w->image, f->image);
    uid_read(f->meta.uid, w->uid);
    w->version = version_read(f->meta.version);
    if (w->kind == KIND_DEPLOYMENT)
        set_text(st, &w->owner,
                 span_is(f->meta.owner_kind, "Agent") ? f->meta.owner_name
                                                      : (struct span){0});
    changed |= set_condition(st, &w->cond, &f->cond);
    changed |= w->desired != f->desired || w->ready != f->ready ||
               w->failed != f->failed || w->succeeded != f->succeeded ||
               w->restarts != f->restarts || w->main_ready != f->main_ready ||
               w->sidecar_bad != f->sidecar_bad ||
               w->suspended != f->suspended ||
               w->deleted_ms != f->meta.deleted_ms;
    w->desired = (int32_t)f->desired;
    w->ready = (int32_t)f->ready;
    w->failed = (int32_t)f->failed;
    w->succeeded = (int32_t)f->succeeded;
    w->active = (int32_t)f->active;
    w->restarts = (int32_t)f->restarts;
    w->exit_code = (int32_t)f->exit_code;
    w->operator = is_operator(f);
    w->main_ready = f->main_ready;
    w->sidecar_bad = f->sidecar_bad;
    w->suspended = f->suspended;
    w->created_ms = f->meta.created_ms;
    w->deleted_ms = f->meta.deleted_ms;
    if (f->reason.n == 0)
        w->bad_since_ms = 0;
    else if (w->bad_since_ms == 0)
        w->bad_since_ms = o->now_ms;
    w->known = true;
    w->seen_ms = o->now_ms;
    w->epoch = o->epoch;
    w->stream = o->stream;
    return changed;
}

/* Bad news of a pod is a line in the thoughts of its agents. */
static void note_bad(struct store *st, const struct workload *w,
                     const char *old_reason, const struct origin *o)
{
    const struct workload *root;

    if (o->initial || w->reason == NULL || w->reason == old_reason ||
        w->root == SLOT_NONE)
        return;
    root = table_row(&st->workloads, w->root);
    for (uint32_t i = root->agents; i != SLOT_NONE;) {
        const struct agent *a = table_row(&st->agents, i);

        i = a->next_on_root;
        store_note(st, a->ns, a->name, o->now_ms, THOUGHT_ERROR, 0.5,
                   "%s%s%s%s%s", w->reason, w->container ? " in " : "",
                   w->container ? w->container : "", w->message ? ": " : "",
                   w->message ? w->message : "");
    }
}

void store_put_workload(struct store *st, const struct workload_facts *f,
                        const struct origin *o)
{
    uint32_t root = find_root(st, f, o), slot;
    struct workload *w;
    const char *old_reason;

    st->now_ms = o->now_ms;
    if (root == SLOT_NONE && f->kind != KIND_DEPLOYMENT)
        return; /* belongs to no agent */
    slot = workload_get(st, f->kind, f->meta.ns, f->meta.name);
    if (slot == SLOT_NONE)
        return;
    w = table_row(&st->workloads, slot);
    old_reason = intern_ref(st->pool, w->reason);
    if (w->root != root)
        move_to_root(st, slot, root);
    if (read_row(st, w, f, o)) {
        slots_add(&st->dirty_roots, root != SLOT_NONE ? root : slot);
        st->gen[f->kind]++;
        st->operator_dirty |= w->operator;
        note_bad(st, w, old_reason, o);
    }
    intern_put(st->pool, old_reason);
}
