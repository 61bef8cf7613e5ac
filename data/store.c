#include "config.h"

#include "data/store.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As a row holds it: a name with a NUL or of any length is cut by the pool. */
static struct span held(struct span s)
{
    return (struct span){s.p, intern_length(s.p, s.n)};
}

uint32_t key_hash(const struct key *k)
{
    struct span ns = held(k->ns), name = held(k->name);
    uint64_t h = hash_more((uint64_t)k->kind + 1, ns.p, ns.n);

    h = hash_more(h, name.p, name.n);
    return (uint32_t)(h ^ (h >> 32));
}

static void table_init(struct table *t, size_t row_size)
{
    *t = (struct table){.row_size = row_size};
    index_init(&t->names);
}

static void table_finish(struct table *t)
{
    free(t->rows);
    free(t->spare);
    index_finish(&t->names);
}

uint32_t table_take(struct table *t)
{
    uint32_t slot;

    if (t->live >= STORE_ROWS_MAX) {
        t->refused++;
        return SLOT_NONE;
    }
    if (t->spares > 0) {
        slot = t->spare[--t->spares];
    } else {
        if (t->used == t->room) {
            t->room = t->room ? t->room + t->room / 2 : 32;
            t->rows = xrealloc(t->rows, t->room, t->row_size);
        }
        slot = t->used++;
    }
    memset(table_row(t, slot), 0, t->row_size);
    t->live++;
    return slot;
}

void table_give(struct table *t, uint32_t slot)
{
    if (t->spares == t->spare_room) {
        t->spare_room = t->spare_room ? t->spare_room * 2 : 64;
        t->spare = xrealloc(t->spare, t->spare_room, sizeof *t->spare);
    }
    t->spare[t->spares++] = slot;
    t->live--;
}

void slots_add(struct slots *s, uint32_t slot)
{
    if (slot >= s->in_room) {
        uint32_t room = s->in_room ? s->in_room : 256;

        while (room <= slot)
            room += room / 2;
        s->in = xrealloc(s->in, room, 1);
        memset(s->in + s->in_room, 0, room - s->in_room);
        s->in_room = room;
    }
    if (s->in[slot])
        return;
    s->in[slot] = 1;
    if (s->count == s->room) {
        s->room = s->room ? s->room * 2 : 64;
        s->at = xrealloc(s->at, s->room, sizeof *s->at);
    }
    s->at[s->count++] = slot;
}

uint32_t slots_take(struct slots *s)
{
    uint32_t slot;

    if (s->count == 0)
        return SLOT_NONE;
    slot = s->at[--s->count];
    s->in[slot] = 0;
    return slot;
}

static void slots_finish(struct slots *s)
{
    free(s->at);
    free(s->in);
}

struct store *store_create(void)
{
    struct store *st = xcalloc(1, sizeof *st);

    st->pool = intern_create();
    table_init(&st->agents, sizeof(struct agent));
    table_init(&st->pheromones, sizeof(struct pheromone));
    table_init(&st->proposals, sizeof(struct proposal));
    table_init(&st->workloads, sizeof(struct workload));
    table_init(&st->objects, sizeof(struct object));
    table_init(&st->waits, sizeof(struct wait));
    thoughts_init(&st->thoughts, st->pool);
    moments_init(&st->moments);
    return st;
}

void store_destroy(struct store *st)
{
    if (st == NULL)
        return;
    for (uint32_t i = 0; i < st->agents.used; i++) {
        struct agent *a = table_row(&st->agents, i);

        activity_finish(&a->act);
        runs_drop(st, a);
    }
    for (uint32_t i = 0; i < st->objects.used; i++)
        work_drop(st, table_row(&st->objects, i));
    event_ids_finish(&st->event_ids);
    for (uint32_t i = 0; i < st->proposals.used; i++)
        proposal_drop_asked(table_row(&st->proposals, i));
    for (uint32_t i = 0; i < st->velocity_count; i++)
        velocity_finish(&st->velocities[i].v);
    free(st->velocities);
    thoughts_finish(&st->thoughts);
    moments_finish(&st->moments);
    slots_finish(&st->dirty_agents);
    slots_finish(&st->dirty_proposals);
    slots_finish(&st->dirty_roots);
    table_finish(&st->agents);
    table_finish(&st->pheromones);
    table_finish(&st->proposals);
    table_finish(&st->workloads);
    table_finish(&st->objects);
    table_finish(&st->waits);
    free(st->rights);
    intern_destroy(st->pool);
    free(st);
}

struct rights *store_rights(struct store *st)
{
    if (st->rights == NULL)
        st->rights = xcalloc(1, sizeof *st->rights);
    return st->rights;
}

bool store_watch(struct store *st, store_watch_fn fn, void *arg)
{
    for (int i = 0; i < STORE_WATCHERS_MAX; i++) {
        if (st->watchers[i].fn == NULL) {
            st->watchers[i].fn = fn;
            st->watchers[i].arg = arg;
            return true;
        }
    }
    return false;
}

void store_unwatch(struct store *st, store_watch_fn fn, void *arg)
{
    for (int i = 0; i < STORE_WATCHERS_MAX; i++)
        if (st->watchers[i].fn == fn && st->watchers[i].arg == arg)
            st->watchers[i].fn = NULL;
}

void store_mark(struct store *st, enum kind kind, uint32_t slot)
{
    st->gen[kind]++;
    for (int i = 0; i < STORE_WATCHERS_MAX; i++)
        if (st->watchers[i].fn != NULL)
            st->watchers[i].fn(st->watchers[i].arg, kind, slot);
}

struct span span_text(const char *s)
{
    return span_of(s);
}

bool set_text(struct store *st, const char **slot, struct span s)
{
    /* the common case, nothing new, costs no look-up */
    if (s.p == NULL && *slot == NULL)
        return false;
    if (s.p != NULL && *slot != NULL && span_same(span_of(*slot), s))
        return false;
    return intern_set(st->pool, slot, s.p, s.n);
}

bool set_condition(struct store *st, struct condition *c,
                   const struct condition_facts *f)
{
    bool changed = set_text(st, &c->type, f->type);

    changed |= set_text(st, &c->status, f->status);
    changed |= set_text(st, &c->reason, f->reason);
    changed |= set_text(st, &c->message, f->message);
    c->at_ms = f->at_ms;
    return changed;
}

void drop_condition(struct store *st, struct condition *c)
{
    static const struct condition_facts none;

    set_condition(st, c, &none);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

uint64_t version_read(struct span s)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i >= 19)
            return 0;
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    return n;
}

void uid_read(struct span s, uint8_t ret[16])
{
    int n = 0;

    memset(ret, 0, 16);
    for (size_t i = 0; i < s.n && n < 32; i++) {
        int v = hex(s.p[i]);

        if (s.p[i] == '-')
            continue;
        if (v < 0)
            return;
        ret[n / 2] = (uint8_t)(ret[n / 2] << 4 | v);
        n++;
    }
}

const struct agent *store_agent(const struct store *st, uint32_t slot)
{
    const struct agent *a;

    if (slot >= st->agents.used)
        return NULL;
    a = table_row(&st->agents, slot);
    return a->live ? a : NULL;
}

const struct pheromone *store_pheromone(const struct store *st, uint32_t slot)
{
    const struct pheromone *p;

    if (slot >= st->pheromones.used)
        return NULL;
    p = table_row(&st->pheromones, slot);
    return p->live ? p : NULL;
}

const struct proposal *store_proposal(const struct store *st, uint32_t slot)
{
    const struct proposal *p;

    if (slot >= st->proposals.used)
        return NULL;
    p = table_row(&st->proposals, slot);
    return p->live ? p : NULL;
}

const struct workload *store_workload(const struct store *st, uint32_t slot)
{
    const struct workload *w;

    if (slot >= st->workloads.used)
        return NULL;
    w = table_row(&st->workloads, slot);
    return w->live ? w : NULL;
}

const struct object *store_object(const struct store *st, uint32_t slot)
{
    const struct object *o;

    if (slot >= st->objects.used)
        return NULL;
    o = table_row(&st->objects, slot);
    return o->live ? o : NULL;
}

bool store_names(const struct store *st, enum kind kind, uint32_t slot,
                 const char **ns, const char **name)
{
#define NAMES(type, same)                                                      \
    do {                                                                       \
        const struct type *r = store_##type(st, slot);                         \
                                                                               \
        if (r == NULL || !(same))                                              \
            return false;                                                      \
        *ns = r->ns;                                                           \
        *name = r->name;                                                       \
        return true;                                                           \
    } while (0)
    if (kind == KIND_AGENT)
        NAMES(agent, true);
    if (kind == KIND_PHEROMONE)
        NAMES(pheromone, true);
    if (kind == KIND_PROPOSAL)
        NAMES(proposal, true);
    if (kind_runs(kind))
        NAMES(workload, r->kind == kind);
    NAMES(object, r->kind == kind);
#undef NAMES
}

uint32_t store_root(const struct store *st, uint32_t agent_slot)
{
    const struct agent *a = store_agent(st, agent_slot);

    return a != NULL ? a->root : SLOT_NONE;
}

uint32_t store_count(const struct store *st, enum kind kind)
{
    uint32_t n = 0;

    switch (kind) {
    case KIND_AGENT:
        return st->agents.live;
    case KIND_PHEROMONE:
        return st->pheromones.live;
    case KIND_PROPOSAL:
        return st->proposals.live;
    case KIND_DEPLOYMENT:
    case KIND_POD:
    case KIND_JOB:
        for (uint32_t i = 0; i < st->workloads.used; i++) {
            const struct workload *w = store_workload(st, i);

            n += w != NULL && w->kind == kind && w->known;
        }
        return n;
    default:
        for (uint32_t i = 0; i < st->objects.used; i++) {
            const struct object *o = store_object(st, i);

            n += o != NULL && o->kind == kind;
        }
        return n;
    }
}

struct plane *store_plane(struct store *st, const char *name)
{
    struct plane *p = NULL;

    for (uint32_t i = 0; p == NULL && i < st->plane_count; i++)
        if (st->planes[i].dropped)
            p = &st->planes[i];
    if (p == NULL && st->plane_count < STORE_PLANES_MAX)
        p = &st->planes[st->plane_count++];
    if (p == NULL)
        return NULL;
    *p = (struct plane){.latency_ms = -1};
    snprintf(p->name, sizeof p->name, "%s", name);
    st->gen_planes++;
    return p;
}

void store_drop_plane(struct store *st, struct plane *p)
{
    if (p == &st->planes[st->plane_count - 1])
        st->plane_count--;
    else
        *p = (struct plane){.dropped = true, .answered = true};
    st->gen_planes++;
}

void store_forget(struct store *st, struct plane *p, uint8_t first,
                  uint8_t last)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        for (int s = first; s <= last; s++)
            store_drop_stream(st, (enum kind)k, (uint8_t)s);
        store_stream(st, p, (enum kind)k, STREAM_NONE, NULL);
    }
}

void store_drop_thoughts(struct store *st)
{
    thoughts_mark_picture(&st->thoughts);
    thoughts_drop_picture(&st->thoughts);
    st->gen_thoughts++;
}

void store_plane_changed(struct store *st)
{
    st->gen_planes++;
}

int64_t store_time(const struct store *st, const struct plane *plane,
                   int64_t at_ms)
{
    if (at_ms == 0 || plane == NULL)
        return at_ms;
    return at_ms - plane->offset_ms + st->planes[0].offset_ms;
}

uint8_t store_stream_of(const struct store *st, const struct plane *plane)
{
    return (uint8_t)(STREAM_SOURCES + (plane - st->planes));
}

/* The better of two for what there is to see. */
static int worth(enum stream_state s)
{
    static const int worths[STREAM_STATE_COUNT] = {
        [STREAM_NONE] = 0,    [STREAM_ABSENT] = 1, [STREAM_DENIED] = 2,
        [STREAM_FAILED] = 3,  [STREAM_LOADING] = 4, [STREAM_STALE] = 5,
        [STREAM_LIVE] = 6};

    return worths[s];
}

static void kind_is(struct store *st, enum kind kind, enum stream_state state,
                    const char *note);

void store_stream(struct store *st, struct plane *plane, enum kind kind,
                  enum stream_state state, const char *note)
{
    enum stream_state best = state;

    if (plane == NULL) { /* nobody in particular */
        kind_is(st, kind, state, note);
        return;
    }
    plane->streams[kind] = (uint8_t)state;
    for (uint32_t i = 0; i < st->plane_count; i++)
        if (worth(st->planes[i].streams[kind]) > worth(best))
            best = st->planes[i].streams[kind];
    if (best == state) /* the last word of those that stand equal */
        kind_is(st, kind, best, note);
    else if (best != st->streams[kind].state)
        kind_is(st, kind, best, NULL);
}

static void kind_is(struct store *st, enum kind kind, enum stream_state state,
                    const char *note)
{
    struct stream *s = &st->streams[kind];

    if (s->state == STREAM_LIVE && state != STREAM_LIVE)
        s->live_ms = st->now_ms;
    else if (state == STREAM_LIVE)
        s->live_ms = 0;
    if (s->state == state && strcmp(s->note, note ? note : "") == 0)
        return;
    s->state = state;
    snprintf(s->note, sizeof s->note, "%s", note ? note : "");
    st->gen[kind]++;
    st->gen_planes++;
    /* who is blocked depends on which agents there are */
    if (kind == KIND_AGENT && state == STREAM_LIVE)
        for (uint32_t i = 0; i < st->proposals.used; i++)
            if (store_proposal(st, i) != NULL)
                slots_add(&st->dirty_proposals, i);
    /* whether a named Deployment is gone depends on this list */
    if (kind == KIND_DEPLOYMENT && state == STREAM_LIVE)
        for (uint32_t i = 0; i < st->workloads.used; i++)
            if (((struct workload *)table_row(&st->workloads, i))->agents !=
                SLOT_NONE)
                slots_add(&st->dirty_roots, i);
}

static size_t table_bytes(const struct table *t)
{
    return (size_t)t->room * t->row_size + t->spare_room * sizeof *t->spare +
           index_bytes(&t->names);
}

size_t store_bytes(const struct store *st)
{
    return table_bytes(&st->agents) + table_bytes(&st->pheromones) +
           table_bytes(&st->proposals) + table_bytes(&st->workloads) +
           table_bytes(&st->objects) + intern_bytes(st->pool) +
           st->thoughts.bytes + st->thoughts.room * sizeof *st->thoughts.at;
}

void store_sweep(struct store *st, enum kind kind, uint8_t stream,
                 uint32_t epoch)
{
#define SWEEP(table, type, remove, cond)                                       \
    for (uint32_t i = 0; i < st->table.used; i++) {                            \
        const struct type *r = table_row(&st->table, i);                       \
                                                                               \
        if (r->live && r->stream == stream && r->epoch != epoch && (cond))     \
            remove(st, i);                                                     \
    }
    switch (kind) {
    case KIND_AGENT:
        for (uint32_t i = 0; i < st->agents.used; i++) {
            const struct agent *a = table_row(&st->agents, i);

            if (a->live && a->origin == AGENT_ORIGIN_KGENTS &&
                a->stream == stream && a->epoch != epoch)
                agent_leave_cluster(st, i);
        }
        runs_sweep(st, stream, epoch);
        break;
    case KIND_PHEROMONE:
        SWEEP(pheromones, pheromone, pheromone_remove, true)
        break;
    case KIND_PROPOSAL:
        SWEEP(proposals, proposal, proposal_remove, true)
        break;
    case KIND_DEPLOYMENT:
    case KIND_POD:
    case KIND_JOB:
        SWEEP(workloads, workload, workload_remove,
              r->kind == kind && r->known)
        break;
    case KIND_EVENT:
        break;
    default:
        SWEEP(objects, object, object_remove, r->kind == kind)
        break;
    }
#undef SWEEP
}

void store_drop_stream(struct store *st, enum kind kind, uint8_t stream)
{
    store_sweep(st, kind, stream, UINT32_MAX);
}

/* Some source may still bring rows that the picture stands for. */
static bool still_awaited(const struct store *st, enum kind kind)
{
    for (uint32_t i = 0; i < st->plane_count; i++) {
        const struct plane *p = &st->planes[i];

        if (p->streams[kind] == STREAM_LOADING ||
            (p->streams[kind] == STREAM_NONE && !p->part && !p->answered &&
             p->state == PLANE_CONNECTING))
            return true;
    }
    return false;
}

void store_drop_picture(struct store *st, enum kind kind)
{
    if (st->plane_count > 1 && still_awaited(st, kind))
        return;
    if (kind == KIND_AGENT) {
        for (uint32_t i = 0; i < st->agents.used; i++) {
            const struct agent *a = table_row(&st->agents, i);

            if (a->live && a->origin == AGENT_ORIGIN_PICTURE)
                agent_remove(st, i);
        }
    } else if (kind == KIND_EVENT) {
        thoughts_drop_picture(&st->thoughts);
        st->gen_thoughts++;
    } else {
        store_drop_stream(st, kind, STREAM_PICTURE);
    }
}

void store_gone(struct store *st, enum kind kind, struct span ns,
                struct span name)
{
    uint32_t slot = store_find(st, kind, ns, name);

    if (slot == SLOT_NONE)
        return;
    switch (kind) {
    case KIND_AGENT:
        agent_leave_cluster(st, slot);
        break;
    case KIND_PHEROMONE:
        pheromone_remove(st, slot);
        break;
    case KIND_PROPOSAL:
        proposal_remove(st, slot);
        break;
    case KIND_DEPLOYMENT:
    case KIND_POD:
    case KIND_JOB:
        workload_remove(st, slot);
        break;
    case KIND_EVENT:
        break;
    default:
        object_remove(st, slot);
        break;
    }
}

#define SAME(type)                                                             \
    static bool same_##type(const void *ctx, uint32_t slot, const void *key)   \
    {                                                                          \
        const struct type *r = table_row(ctx, slot);                           \
        const struct key *k = key;                                             \
                                                                               \
        return span_same(span_of(r->name), held(k->name)) &&                   \
               span_same(span_of(r->ns), held(k->ns)) && KIND_OK(r, k);        \
    }
#define KIND_OK(r, k) true
SAME(agent)
SAME(pheromone)
SAME(proposal)
SAME(wait)
#undef KIND_OK
#define KIND_OK(r, k) ((r)->kind == (k)->kind)
SAME(workload)
SAME(object)

uint32_t store_find(const struct store *st, enum kind kind, struct span ns,
                    struct span name)
{
    struct key k = {ns, name, kind};
    uint32_t h = key_hash(&k);

    switch (kind) {
    case KIND_AGENT:
        return index_find(&st->agents.names, h, &k, same_agent, &st->agents);
    case KIND_PHEROMONE:
        return index_find(&st->pheromones.names, h, &k, same_pheromone,
                          &st->pheromones);
    case KIND_PROPOSAL:
        return index_find(&st->proposals.names, h, &k, same_proposal,
                          &st->proposals);
    case KIND_DEPLOYMENT:
    case KIND_POD:
    case KIND_JOB:
        return workload_find(st, kind, ns, name);
    case KIND_EVENT:
        return SLOT_NONE;
    default:
        return index_find(&st->objects.names, h, &k, same_object,
                          &st->objects);
    }
}

static uint32_t wait_slot(const struct store *st, const struct key *k)
{
    return index_find(&st->waits.names, key_hash(k), k, same_wait, &st->waits);
}

const struct wait *wait_find(const struct store *st, struct span ns,
                             struct span name)
{
    struct key k = {ns, name, KIND_PROPOSAL};
    uint32_t slot = wait_slot(st, &k);

    return slot != SLOT_NONE ? table_row(&st->waits, slot) : NULL;
}

struct wait *wait_get(struct store *st, struct span ns, struct span name)
{
    struct key k = {ns, name, KIND_PROPOSAL};
    uint32_t slot = wait_slot(st, &k);
    struct wait *w;

    if (slot == SLOT_NONE) {
        slot = table_take(&st->waits);
        if (slot == SLOT_NONE)
            return NULL;
        w = table_row(&st->waits, slot);
        w->ns = intern_get(st->pool, ns.p ? ns.p : "", ns.n);
        w->name = intern_get(st->pool, name.p ? name.p : "", name.n);
        w->live = true;
        index_add(&st->waits.names, key_hash(&k), slot);
    }
    return table_row(&st->waits, slot);
}

void wait_drop(struct store *st, struct wait *w)
{
    struct key k = {span_of(w->ns), span_of(w->name), KIND_PROPOSAL};
    uint32_t slot = wait_slot(st, &k);

    index_remove(&st->waits.names, key_hash(&k), slot);
    intern_put(st->pool, w->ns);
    intern_put(st->pool, w->name);
    memset(w, 0, sizeof *w);
    table_give(&st->waits, slot);
}

void store_flip_at(struct store *st, enum kind kind, uint32_t slot,
                   int64_t at_ms, int64_t *noted)
{
    if (at_ms == MOMENT_NEVER || (*noted != 0 && *noted <= at_ms))
        return;
    *noted = at_ms;
    moments_add(&st->moments, at_ms, kind, slot);
}

uint32_t workload_find(const struct store *st, enum kind kind, struct span ns,
                       struct span name)
{
    struct key k = {ns, name, kind};

    return index_find(&st->workloads.names, key_hash(&k), &k, same_workload,
                      &st->workloads);
}
