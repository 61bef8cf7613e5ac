#include "config.h"

#include "data/kube/logs.h"

#include "base/hash.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/kube/lines.h"
#include "data/logline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME_TIME_MAX 16
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 30000
#define DENIED_MS 60000
#define LOOK_MS 4000 /* how often pods of the focus are looked up again */

/* How far one container was read. */
struct place {
    uint32_t hash; /* of namespace, pod, container; 0 = free */
    int64_t at_ns;
    uint32_t seen[SAME_TIME_MAX]; /* hashes of the lines at at_ns */
    int seen_count;
    uint64_t used; /* for eviction */
    int32_t restarts_told; /* the previous run's end was fetched up to here */
};

struct tail {
    struct kube_logs *l;
    char *ns, *pod, *container, *agent;
    struct place *place;
    struct kube_call *call;
    struct kube_lines lines;
    bool wanted;
    bool previous; /* the end of the run before, fetched once */
    int64_t retry_at_ms, delay_ms;
};

struct kube_logs {
    uv_loop_t *loop;
    struct kube_client *client;
    struct store *store;
    struct logline_reader *reader;
    struct tail *tails[KUBE_LOGS_MAX];
    struct tail *previous[KUBE_LOGS_PREVIOUS];
    struct place *places[KUBE_LOGS_PLACES]; /* from 0 on, NULL behind */
    char *focus_ns[SOURCE_FOCUS_MAX], *focus_name[SOURCE_FOCUS_MAX];
    int focus_count;
    uint64_t clock, lines, repeats;
    int64_t denied_until_ms;
    uv_timer_t look;
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void look_again(struct kube_logs *l);

static struct place *place_for(struct kube_logs *l, uint32_t hash)
{
    struct place *oldest = NULL;

    for (int i = 0; i < KUBE_LOGS_PLACES; i++) {
        struct place *p = l->places[i];

        if (p == NULL) {
            oldest = l->places[i] = xcalloc(1, sizeof *p);
            break;
        }
        if (p->hash == hash) {
            p->used = ++l->clock;
            return p;
        }
        if (oldest == NULL || p->used < oldest->used)
            oldest = p;
    }
    *oldest = (struct place){.hash = hash, .used = ++l->clock};
    return oldest;
}

/* True if this line was read before; remembers it if not. */
static bool repeated(struct place *p, int64_t at_ns, uint32_t hash)
{
    if (at_ns < p->at_ns)
        return true;
    if (at_ns > p->at_ns) {
        p->at_ns = at_ns;
        p->seen_count = 0;
    }
    for (int i = 0; i < p->seen_count; i++)
        if (p->seen[i] == hash)
            return true;
    if (p->seen_count < SAME_TIME_MAX)
        p->seen[p->seen_count++] = hash;
    return false;
}

static bool take_line(const char *s, size_t n, void *arg)
{
    struct tail *t = arg;
    struct kube_logs *l = t->l;
    int64_t at_ns, now_ms = kube_now_ms(l->client);
    struct thought_facts f;
    struct logline line;
    size_t text = kube_line_time(s, n, &at_ns);

    if (text == 0) {
        at_ns = now_ms * 1000000;
    } else if (!t->previous &&
               repeated(t->place, at_ns, hash_bytes(s, n))) {
        l->repeats++;
        return true;
    }
    if (text == n)
        return true;
    l->lines++;
    logline_read(l->reader, s + text, n - text, &line);
    f = (struct thought_facts){
        .ns = span_of(t->ns),
        .agent = span_of(t->agent),
        .text = line.text,
        .at_ms = at_ns / 1000000 < now_ms ? at_ns / 1000000 : now_ms,
        .kind = line.kind,
        .tokens = line.tokens,
        .cost = line.cost,
        .weight = 1,
        .own = true,
    };
    if (t->previous) { /* how it ended; no step of the present run */
        f.kind = THOUGHT_ERROR;
        f.tokens = 0;
        f.cost = NAN;
        f.weight = 0;
        f.own = false;
    }
    store_thought(l->store, &f);
    return true;
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct tail *t = arg;

    t->delay_ms = 0;
    return kube_lines_add(&t->lines, p, n, take_line, t);
}

static void retry(struct tail *t, int64_t least_ms)
{
    t->delay_ms = t->delay_ms ? t->delay_ms * 2 : RETRY_MIN_MS;
    if (t->delay_ms > RETRY_MAX_MS)
        t->delay_ms = RETRY_MAX_MS;
    if (t->delay_ms < least_ms)
        t->delay_ms = least_ms;
    t->retry_at_ms = (int64_t)uv_now(t->l->loop) + t->delay_ms;
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct tail *t = arg;
    struct kube_logs *l = t->l;
    struct error e;

    t->call = NULL;
    kube_explain(answer, err, &e);
    if (e.code == ERR_RIGHT) {
        bool told = l->denied_until_ms != 0;

        l->denied_until_ms = (int64_t)uv_now(l->loop) + DENIED_MS;
        if (!told)
            store_stream(l->store, NULL, KIND_EVENT,
                         l->store->streams[KIND_EVENT].state,
                         "log lines are refused: no right to get pods/log");
    }
    /* a clean end: the container ended or was replaced */
    if (e.code == 0)
        t->delay_ms = 0;
    retry(t, e.code == ERR_BUSY && answer->retry_after_ms > 0
                 ? answer->retry_after_ms
                 : 0);
}

static void open_tail(struct tail *t)
{
    const struct http_calls calls = {NULL, on_data, on_done, t};
    char since[64] = "", stamp[24];
    struct http_want want = {.first_byte_ms = 60000, .trickle = true};
    char *path;

    if (t->place->at_ns > 0) {
        when_format(t->place->at_ns / 1000000, stamp);
        snprintf(since, sizeof since, "&sinceTime=%s", stamp);
    } else {
        snprintf(since, sizeof since, "&tailLines=%d", KUBE_LOGS_TAIL);
    }
    path = xasprintf("/api/v1/namespaces/%s/pods/%s/log?follow=true"
                     "&timestamps=true%s%s%s",
                     t->ns, t->pod, t->container ? "&container=" : "",
                     t->container ? t->container : "", since);
    want.path = path;
    kube_lines_clear(&t->lines);
    t->retry_at_ms = 0;
    t->call = kube_get(t->l->client, "*/*", NULL, &want, &calls);
    free(path);
}

static void free_tail(struct tail *t)
{
    kube_cancel(t->call);
    kube_lines_finish(&t->lines);
    free(t->ns);
    free(t->pod);
    free(t->container);
    free(t->agent);
    free(t);
}

static void drop_tail(struct kube_logs *l, int i)
{
    free_tail(l->tails[i]);
    l->tails[i] = NULL;
}

static bool same(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static struct place *place_of(struct kube_logs *l, const struct workload *w,
                              const char *container)
{
    uint64_t h = hash_more(7, w->ns, strlen(w->ns));

    h = hash_more(h, w->name, strlen(w->name));
    if (container != NULL)
        h = hash_more(h, container, strlen(container));
    return place_for(l, (uint32_t)(h ^ (h >> 32)) | 1);
}

static struct tail *make_tail(struct kube_logs *l, const char *agent,
                              const struct workload *w, const char *container)
{
    struct tail *t = xcalloc(1, sizeof *t);

    t->l = l;
    t->ns = xstrdup(w->ns);
    t->pod = xstrdup(w->name);
    t->container = container ? xstrdup(container) : NULL;
    t->agent = xstrdup(agent);
    t->wanted = true;
    t->place = place_of(l, w, container);
    kube_lines_init(&t->lines, KUBE_LOGS_LINE);
    return t;
}

static void on_previous_done(const struct http_answer *answer,
                             const struct error *err, void *arg)
{
    struct tail *t = arg;
    struct kube_logs *l = t->l;

    (void)answer;
    (void)err; /* none kept by the node is no news */
    t->call = NULL;
    for (int i = 0; i < KUBE_LOGS_PREVIOUS; i++)
        if (l->previous[i] == t)
            l->previous[i] = NULL;
    free_tail(t);
}

/* The last lines of the run before, once for each restart. */
static void want_previous(struct kube_logs *l, const char *agent,
                          const struct workload *w)
{
    struct http_want want = {.first_byte_ms = 10000, .silence_ms = 10000};
    struct http_calls calls = {NULL, on_data, on_previous_done, NULL};
    struct tail *t;
    char *path;
    int i = 0;

    while (i < KUBE_LOGS_PREVIOUS && l->previous[i] != NULL)
        i++;
    if (i == KUBE_LOGS_PREVIOUS || w->restarts == 0 || w->reason == NULL ||
        w->container == NULL ||
        place_of(l, w, w->container)->restarts_told >= w->restarts)
        return;
    t = make_tail(l, agent, w, w->container);
    t->place->restarts_told = w->restarts;
    t->previous = true;
    path = xasprintf("/api/v1/namespaces/%s/pods/%s/log?previous=true"
                     "&timestamps=true&tailLines=%d&container=%s",
                     t->ns, t->pod, KUBE_LOGS_LAST, t->container);
    want.path = path;
    l->previous[i] = t;
    calls.arg = t;
    t->call = kube_get(l->client, "*/*", NULL, &want, &calls);
    free(path);
}

/* A pod of an agent in focus: keeps its stream, or opens one if there is
   room. */
static void want_pod(struct kube_logs *l, const char *agent,
                     const struct workload *w)
{
    struct tail *t;
    int spare = -1;

    for (int i = 0; i < KUBE_LOGS_MAX; i++) {
        t = l->tails[i];
        if (t == NULL) {
            spare = spare < 0 ? i : spare;
        } else if (same(t->ns, w->ns) && same(t->pod, w->name) &&
                   same(t->container, w->first_container)) {
            t->wanted = true;
            return;
        }
    }
    if (spare < 0)
        return;
    t = l->tails[spare] = make_tail(l, agent, w, w->first_container);
    open_tail(t);
}

static void want_agent(struct kube_logs *l, const char *ns, const char *name)
{
    uint32_t slot =
        store_find(l->store, KIND_AGENT, span_of(ns), span_of(name));
    const struct workload *root, *w;
    int pods = 0;

    if (slot == SLOT_NONE || store_root(l->store, slot) == SLOT_NONE)
        return;
    root = store_workload(l->store, store_root(l->store, slot));
    for (uint32_t i = root->child; i != SLOT_NONE && pods < 4;
         i = w->sibling) {
        w = store_workload(l->store, i);
        if (w->kind != KIND_POD || !w->known || w->deleted_ms > 0 ||
            !same(w->phase, "Running"))
            continue;
        want_pod(l, name, w);
        want_previous(l, name, w);
        pods++;
    }
}

static void look_again(struct kube_logs *l)
{
    int64_t now = (int64_t)uv_now(l->loop);

    for (int i = 0; i < KUBE_LOGS_MAX; i++)
        if (l->tails[i] != NULL)
            l->tails[i]->wanted = false;
    /* first those that have a stream keep it, then the rest by rank */
    if (now >= l->denied_until_ms)
        for (int i = 0; i < l->focus_count; i++)
            want_agent(l, l->focus_ns[i], l->focus_name[i]);
    for (int i = 0; i < KUBE_LOGS_MAX; i++) {
        struct tail *t = l->tails[i];

        if (t == NULL)
            continue;
        if (!t->wanted)
            drop_tail(l, i);
        else if (t->call == NULL && t->retry_at_ms > 0 &&
                 now >= t->retry_at_ms)
            open_tail(t);
    }
}

static void on_look(uv_timer_t *timer)
{
    struct kube_logs *l = timer->data;

    look_again(l);
    if (l->focus_count == 0)
        uv_timer_stop(timer);
}

struct kube_logs *kube_logs_create(uv_loop_t *loop, struct kube_client *client,
                                   struct store *store)
{
    struct kube_logs *l = xcalloc(1, sizeof *l);

    l->loop = loop;
    l->client = client;
    l->store = store;
    l->reader = logline_create();
    uv_timer_init(loop, &l->look);
    l->look.data = l;
    return l;
}

static void forget_focus(struct kube_logs *l)
{
    for (int i = 0; i < l->focus_count; i++) {
        free(l->focus_ns[i]);
        free(l->focus_name[i]);
    }
    l->focus_count = 0;
}

void kube_logs_focus(struct kube_logs *l, const struct focus *agents,
                     int count)
{
    bool equal = count == l->focus_count;

    for (int i = 0; equal && i < count; i++)
        equal = same(agents[i].ns, l->focus_ns[i]) &&
                same(agents[i].name, l->focus_name[i]);
    if (equal || l->closing)
        return;
    forget_focus(l);
    for (int i = 0; i < count && i < SOURCE_FOCUS_MAX; i++) {
        l->focus_ns[i] = xstrdup(agents[i].ns);
        l->focus_name[i] = xstrdup(agents[i].name);
        l->focus_count++;
    }
    look_again(l);
    if (!uv_is_active((uv_handle_t *)&l->look) && l->focus_count > 0)
        uv_timer_start(&l->look, on_look, LOOK_MS, LOOK_MS);
}

static void on_closed(uv_handle_t *handle)
{
    struct kube_logs *l = handle->data;
    void (*closed)(void *) = l->closed;
    void *arg = l->closed_arg;

    for (int i = 0; i < KUBE_LOGS_PLACES; i++)
        free(l->places[i]);
    logline_destroy(l->reader);
    free(l);
    closed(arg);
}

void kube_logs_close(struct kube_logs *l, void (*cb)(void *arg), void *arg)
{
    l->closing = true;
    l->closed = cb;
    l->closed_arg = arg;
    forget_focus(l);
    for (int i = 0; i < KUBE_LOGS_MAX; i++)
        if (l->tails[i] != NULL)
            drop_tail(l, i);
    for (int i = 0; i < KUBE_LOGS_PREVIOUS; i++)
        if (l->previous[i] != NULL)
            free_tail(l->previous[i]);
    uv_close((uv_handle_t *)&l->look, on_closed);
}

int kube_logs_open(const struct kube_logs *l)
{
    int n = 0;

    for (int i = 0; i < KUBE_LOGS_MAX; i++)
        n += l->tails[i] != NULL;
    return n;
}

void kube_logs_counts(const struct kube_logs *l, uint64_t *lines,
                      uint64_t *repeats)
{
    *lines = l->lines;
    *repeats = l->repeats;
}
