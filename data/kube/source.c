#include "config.h"

#include "data/kube/source.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/kube/act.h"
#include "data/kube/client.h"
#include "data/kube/dry_run.h"
#include "data/kube/fetch.h"
#include "data/kube/list_watch.h"
#include "data/kube/logs.h"
#include "data/kube/reread.h"
#include "data/kube/rights_review.h"
#include "data/kube/say.h"
#include "data/kube/sender.h"
#include "data/source_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream_want {
    enum kind kind;
    const char *api; /* before the namespace */
    const char *selector;
    bool extra; /* of all namespaces if it may; to be refused is no news */
};

/* One row, one list_watch. Its index is its stream number in the store. */
static const struct stream_want wants[] = {
    {KIND_AGENT, "/apis/kgents.io/v1", NULL},
    {KIND_PHEROMONE, "/apis/kgents.io/v1", NULL},
    {KIND_PROPOSAL, "/apis/kgents.io/v1", NULL},
    {KIND_MEMORY, "/apis/kgents.io/v1", NULL},
    {KIND_UMWELT, "/apis/kgents.io/v1", NULL},
    {KIND_AGENTSERVER, "/apis/kgents.io/v1", NULL},
    {KIND_MORPHEUS, "/apis/kgents.io/v1", NULL},
    {KIND_DEPLOYMENT, "/apis/apps/v1", "app.kubernetes.io/part-of=kgents"},
    {KIND_POD, "/api/v1", "app.kubernetes.io/part-of=kgents"},
    {KIND_POD, "/api/v1", "fracta-agent-id"},
    {KIND_JOB, "/apis/batch/v1", "fracta-agent-id"},
    {KIND_JOB, "/apis/batch/v1", "kgents.io/agent"},
    {KIND_QUOTA, "/api/v1", NULL},
    {KIND_POD, "/api/v1", "app=kgents-operator", true},
    {KIND_EVENT, "/api/v1", NULL},
};
#define STREAMS (sizeof wants / sizeof *wants)
#define KGENTS_KINDS 7 /* the first rows: only when discovery finds them */

struct kube_source {
    struct source base;
    struct kube_config config;
    struct http *http;
    struct kube_client *client;
    struct kube_logs *logs;
    struct kube_fetch *fetch;
    struct kube_reread *reread;
    struct kube_sender *sender; /* NULL: nothing may be sent */
    struct kube_rights *rights; /* NULL likewise */
    struct kube_dry_run *dry_run; /* the same */
    struct kube_says *says;       /* the same */
    struct kube_reach reach;    /* ways into pods */
    struct list_watch *streams[STREAMS];
    char *ns; /* "" = all */
    bool fell_back;
    struct kube_call *discovery, *probe;
    struct buf discovery_text, version_text; /* of the call under way */
    bool discovered, kgents_served[KGENTS_KINDS];
    uv_timer_t tick; /* discovery and probes */
    int64_t discovery_at_ms, probe_from_ms;
    bool extra_denied;  /* all namespaces, for streams that are extra */
    bool fall_back_due, extra_due; /* at the next tick */
    bool discovery_failed, probe_failed, closing;
    int open; /* parts not closed yet */
};

static struct kube_source *of(struct source *s);

static void update_plane(struct kube_source *k);
static void next_tick(struct kube_source *k);

static char *collection(const struct kube_source *k, size_t i)
{
    const char *name = kind_name(wants[i].kind);

    if (k->ns[0] == '\0' || (wants[i].extra && !k->extra_denied))
        return xasprintf("%s/%s", wants[i].api, name);
    return xasprintf("%s/namespaces/%s/%s", wants[i].api, k->ns, name);
}

static void part_closed(void *arg);
static void on_stream(struct list_watch *lw, void *arg);

static void open_stream(struct kube_source *k, size_t i)
{
    char *path = collection(k, i);
    struct list_watch_want want = {
        .kind = wants[i].kind,
        .collection = path,
        .selector = wants[i].selector,
        .stream = (uint8_t)i,
    };

    k->streams[i] = list_watch_create(k->base.loop, k->client, k->base.store,
                                      &want, on_stream, k);
    free(path);
    k->open++;
    list_watch_start(k->streams[i]);
}

static void close_stream(struct kube_source *k, size_t i)
{
    struct list_watch *lw = k->streams[i];

    if (lw == NULL)
        return;
    k->streams[i] = NULL;
    list_watch_close(lw, part_closed, k);
}

static bool settled(const struct list_watch *lw)
{
    enum list_watch_state s = lw ? list_watch_state(lw) : LIST_WATCH_IDLE;

    return lw != NULL && (list_watch_synced(lw) || s == LIST_WATCH_DENIED ||
                          s == LIST_WATCH_ABSENT);
}

/* What runs is known: events can be told to agents. */
static bool workloads_settled(const struct kube_source *k)
{
    for (size_t i = 0; i < STREAMS; i++)
        if ((wants[i].kind == KIND_DEPLOYMENT || wants[i].kind == KIND_POD ||
             wants[i].kind == KIND_JOB ||
             (wants[i].kind == KIND_AGENT && k->kgents_served[0])) &&
            !settled(k->streams[i]))
            return false;
    return true;
}

static void open_streams(struct kube_source *k)
{
    for (size_t i = 0; i < STREAMS; i++) {
        bool wanted = i < KGENTS_KINDS ? k->kgents_served[i]
                      : wants[i].kind == KIND_EVENT ? workloads_settled(k)
                                                    : true;

        if (wanted && k->streams[i] == NULL) {
            open_stream(k, i);
        } else if (!wanted && i < KGENTS_KINDS && k->streams[i] != NULL) {
            close_stream(k, i);
            store_drop_stream(k->base.store, wants[i].kind, (uint8_t)i);
            store_stream(k->base.store, k->base.plane, wants[i].kind,
                         STREAM_ABSENT, "not installed on this cluster");
        } else if (!wanted && i < KGENTS_KINDS && k->discovered) {
            store_stream(k->base.store, k->base.plane, wants[i].kind,
                         STREAM_ABSENT, "not installed on this cluster");
            store_drop_picture(k->base.store, wants[i].kind);
        }
    }
}

/* All namespaces refused: go on with one. */
static void fall_back(struct kube_source *k)
{
    k->fell_back = k->extra_denied = true;
    free(k->ns);
    k->ns = xstrdup(k->config.ns);
    for (size_t i = 0; i < STREAMS; i++) {
        close_stream(k, i);
        store_drop_stream(k->base.store, wants[i].kind, (uint8_t)i);
    }
    snprintf(k->base.plane->detail, sizeof k->base.plane->detail,
             "all namespaces refused, reading %s", k->ns);
    open_streams(k);
}

/*
 * Several streams feed one kind: the kind is as the best of them for its
 * rows and as the worst for its note.
 */
static void tell_kind(struct kube_source *k, enum kind kind)
{
    enum stream_state state = STREAM_NONE;
    const struct error *err = NULL;
    bool all_live = true, any = false, synced = false;

    for (size_t i = 0; i < STREAMS; i++) {
        struct list_watch *lw = k->streams[i];

        if (wants[i].kind != kind || lw == NULL || wants[i].extra)
            continue;
        any = true;
        synced |= list_watch_synced(lw);
        if (list_watch_error(lw) != NULL)
            err = list_watch_error(lw);
        switch (list_watch_state(lw)) {
        case LIST_WATCH_DENIED:
            state = STREAM_DENIED;
            break;
        case LIST_WATCH_ABSENT:
            state = STREAM_ABSENT;
            break;
        case LIST_WATCH_LIVE:
        case LIST_WATCH_WATCHING:
            break;
        default:
            all_live = false;
        }
    }
    if (!any)
        return;
    if (state == STREAM_NONE)
        state = all_live  ? STREAM_LIVE
                : synced  ? STREAM_STALE
                : err     ? STREAM_FAILED
                          : STREAM_LOADING;
    store_stream(k->base.store, k->base.plane, kind, state,
                 err ? err->msg : NULL);
    if (state == STREAM_LIVE)
        store_drop_picture(k->base.store, kind);
}

/*
 * All namespaces count as refused when the agents are, or everything is: one
 * kind that may not be read in all of them (quotas, say) hides no other. Not
 * what was read before: a server that starts refuses until it knows its rules.
 */
static bool want_fall_back(struct kube_source *k)
{
    bool agents = k->kgents_served[0] && k->streams[0] != NULL &&
                  list_watch_state(k->streams[0]) == LIST_WATCH_DENIED &&
                  !list_watch_synced(k->streams[0]);
    int open = 0, denied = 0;

    if (k->ns[0] != '\0' || k->fell_back || !k->discovered)
        return false;
    for (size_t i = 0; i < STREAMS; i++) {
        if (k->streams[i] == NULL || wants[i].extra)
            continue;
        open++;
        denied += list_watch_state(k->streams[i]) == LIST_WATCH_DENIED &&
                  !list_watch_synced(k->streams[i]);
    }
    if (!agents && (open == 0 || denied < open))
        return false;
    /* not from inside a stream's own call */
    k->fell_back = true;
    k->discovery_at_ms = 0;
    k->fall_back_due = true;
    next_tick(k);
    return true;
}

/* Refused in all namespaces: from the next tick on in ours. */
static void on_extra(struct kube_source *k, const struct list_watch *lw)
{
    if (list_watch_state(lw) == LIST_WATCH_DENIED && !k->extra_denied &&
        k->ns[0] != '\0') {
        k->extra_denied = k->extra_due = true;
        next_tick(k);
    }
    update_plane(k);
}

static void narrow_extra(struct kube_source *k)
{
    k->extra_due = false;
    for (size_t i = 0; i < STREAMS; i++) {
        if (!wants[i].extra || k->streams[i] == NULL)
            continue;
        close_stream(k, i);
        store_drop_stream(k->base.store, wants[i].kind, (uint8_t)i);
        open_stream(k, i);
    }
}

/* Where something waits to be decided. */
static void want_rights(struct kube_source *k)
{
    const struct store *st = k->base.store;

    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);

        if (p != NULL && proposal_open(p))
            kube_rights_want(k->rights, p->ns);
    }
}

static void on_stream(struct list_watch *lw, void *arg)
{
    struct kube_source *k = arg;
    const struct error *err = list_watch_error(lw);

    if (k->closing || k->fall_back_due)
        return;
    if (wants[list_watch_stream(lw)].extra) {
        on_extra(k, lw);
        return;
    }
    if (err != NULL && err->code == ERR_RIGHT && want_fall_back(k))
        return;
    tell_kind(k, list_watch_kind(lw));
    if (list_watch_state(lw) == LIST_WATCH_LIVE) {
        if (k->rights != NULL && list_watch_kind(lw) == KIND_PROPOSAL)
            want_rights(k);
        /* the server is there: whoever waits need not */
        for (size_t i = 0; i < STREAMS; i++)
            if (k->streams[i] != NULL && k->streams[i] != lw &&
                list_watch_state(k->streams[i]) == LIST_WATCH_WAITING &&
                list_watch_error(k->streams[i]) != NULL &&
                (list_watch_error(k->streams[i])->code == ERR_CONNECT ||
                 list_watch_error(k->streams[i])->code == ERR_SILENT))
                list_watch_kick(k->streams[i], false);
        k->probe_failed = false;
    }
    open_streams(k);
    update_plane(k);
}

/* Which kinds of kgents.io are served. */
enum { D_NAME };
static const struct pick_rule discovery_rules[] = {
    {"resources[].name", D_NAME}, {NULL, 0}};

static void on_resource(void *arg, int field, const struct pick_value *v)
{
    bool *served = arg;

    (void)field;
    for (size_t i = 0; i < KGENTS_KINDS; i++)
        if (span_is(v->text, kind_name(wants[i].kind)))
            served[i] = true;
}

static bool on_discovery_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_source *)arg)->discovery_text, p, n);
}

static bool on_version_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_source *)arg)->version_text, p, n);
}

static void on_discovery(const struct http_answer *answer,
                         const struct error *err, void *arg)
{
    struct kube_source *k = arg;
    bool served[KGENTS_KINDS] = {false};
    struct error e;
    struct pick *p;

    k->discovery = NULL;
    kube_explain(answer, err, &e);
    if (e.code == 0) {
        p = pick_create(discovery_rules);
        if (pick_run(p, buf_text(&k->discovery_text), k->discovery_text.len,
                     on_resource, served, &e) == 0)
            memcpy(k->kgents_served, served, sizeof served);
        pick_destroy(p);
    } else if (e.code == ERR_ABSENT) {
        memset(k->kgents_served, 0, sizeof k->kgents_served);
        error_clear(&e);
    }
    k->base.plane->error = e;
    k->discovery_failed = e.code != 0;
    k->discovery_at_ms =
        (int64_t)uv_now(k->base.loop) +
        (e.code == 0                                   ? KUBE_DISCOVERY_MS
         : e.code == ERR_CONNECT || e.code == ERR_CUT ||
               e.code == ERR_SILENT
             ? 1000 + rand() % 1000
             : 10000);
    if (e.code == 0) {
        k->discovered = true;
        if (k->sender != NULL) {
            kube_sender_learn(k->sender);
            kube_rights_want(k->rights, k->ns[0] ? k->ns : k->config.ns);
            want_rights(k);
        }
        open_streams(k);
        want_fall_back(k);
    }
    update_plane(k);
    next_tick(k);
}

static void discover(struct kube_source *k)
{
    const struct http_want want = {.path = "/apis/kgents.io/v1",
                                   .first_byte_ms = 8000,
                                   .silence_ms = 8000};
    const struct http_calls calls = {NULL, on_discovery_data, on_discovery, k};

    buf_clear(&k->discovery_text);
    k->discovery = kube_get(k->client, NULL, NULL, &want, &calls);
}

enum { V_GIT };
static const struct pick_rule version_rules[] = {{"gitVersion", V_GIT},
                                                 {NULL, 0}};

static void on_version_field(void *arg, int field, const struct pick_value *v)
{
    struct plane *p = arg;

    (void)field;
    snprintf(p->version, sizeof p->version, "%.*s", (int)v->text.n,
             v->text.p ? v->text.p : "");
}

static void on_probe(const struct http_answer *answer, const struct error *err,
                     void *arg)
{
    struct kube_source *k = arg;
    struct plane *plane = k->base.plane;
    struct pick *p;

    k->probe = NULL;
    if (err->code == 0 && answer->status > 0) {
        plane->latency_ms =
            (int32_t)((int64_t)uv_now(k->base.loop) - answer->started_ms);
        k->probe_failed = false;
        p = pick_create(version_rules);
        pick_run(p, buf_text(&k->version_text), k->version_text.len,
                 on_version_field, plane, NULL);
        pick_destroy(p);
    } else {
        plane->error = *err;
        if (!k->probe_failed)
            for (size_t i = 0; i < STREAMS; i++)
                if (k->streams[i] != NULL)
                    list_watch_kick(k->streams[i], true);
        k->probe_failed = true;
    }
    update_plane(k);
    next_tick(k);
}

static void probe(struct kube_source *k)
{
    const struct http_want want = {.path = "/version",
                                   .first_byte_ms = KUBE_PROBE_MS,
                                   .silence_ms = KUBE_PROBE_MS,
                                   .fresh = k->probe_failed};
    const struct http_calls calls = {NULL, on_version_data, on_probe, k};

    buf_clear(&k->version_text);
    k->probe_from_ms = (int64_t)uv_now(k->base.loop);
    k->probe = kube_get(k->client, NULL, NULL, &want, &calls);
}

static void on_tick(uv_timer_t *timer)
{
    struct kube_source *k = timer->data;
    int64_t now = (int64_t)uv_now(k->base.loop);
    int64_t proof = kube_proof_ms(k->client);

    if (k->fall_back_due) {
        k->fall_back_due = false;
        fall_back(k);
    }
    if (k->extra_due)
        narrow_extra(k);
    if (k->discovery == NULL && now >= k->discovery_at_ms)
        discover(k);
    if (k->probe == NULL && now - proof >= KUBE_SILENCE_MS &&
        now - k->probe_from_ms >= (k->probe_failed ? 2000 : KUBE_SILENCE_MS))
        probe(k);
    update_plane(k);
    next_tick(k);
}

static void next_tick(struct kube_source *k)
{
    int64_t now = (int64_t)uv_now(k->base.loop), at = INT64_MAX, t;

    if (k->closing)
        return;
    if (k->fall_back_due || k->extra_due)
        at = now;
    if (k->discovery == NULL && k->discovery_at_ms < at)
        at = k->discovery_at_ms;
    if (k->probe == NULL) {
        t = kube_proof_ms(k->client) + KUBE_SILENCE_MS;
        if (k->probe_failed && t < k->probe_from_ms + 2000)
            t = k->probe_from_ms + 2000;
        else if (t < k->probe_from_ms + KUBE_SILENCE_MS && !k->probe_failed)
            t = k->probe_from_ms + KUBE_SILENCE_MS;
        if (t < at)
            at = t;
    }
    if (at == INT64_MAX)
        at = now + 1000;
    uv_timer_start(&k->tick, on_tick, at > now ? (uint64_t)(at - now) : 1, 0);
}

struct tally {
    int streams, live, denied, failing;
    int64_t retry_in;
    const struct error *error, *refusal;
};

static struct tally count_streams(const struct kube_source *k)
{
    struct tally t = {.retry_in = -1};

    for (size_t i = 0; i < STREAMS; i++) {
        const struct list_watch *lw = k->streams[i];
        int64_t in;

        if (lw == NULL || wants[i].extra)
            continue;
        t.streams++;
        switch (list_watch_state(lw)) {
        case LIST_WATCH_LIVE:
        case LIST_WATCH_WATCHING:
        case LIST_WATCH_ABSENT:
            t.live++;
            break;
        case LIST_WATCH_DENIED:
            t.denied++;
            t.refusal = list_watch_error(lw);
            break;
        case LIST_WATCH_WAITING:
            t.failing++;
            t.error = list_watch_error(lw);
            in = list_watch_retry_in(lw);
            if (in >= 0 && (t.retry_in < 0 || in < t.retry_in))
                t.retry_in = in;
            break;
        default:
            break;
        }
    }
    return t;
}

static bool all_settled(const struct kube_source *k)
{
    if (!k->discovered)
        return false;
    for (size_t i = 0; i < STREAMS; i++) {
        if (i < KGENTS_KINDS && !k->kgents_served[i])
            continue;
        if (!settled(k->streams[i]))
            return false;
    }
    return true;
}

/* Does the sources line read differently, the mere age aside? */
static bool reads_differently(const struct plane *a, const struct plane *b)
{
    return a->state != b->state || a->error.code != b->error.code ||
           strcmp(a->error.msg, b->error.msg) != 0 ||
           strcmp(a->detail, b->detail) != 0 ||
           (a->retry_ms == 0) != (b->retry_ms == 0) ||
           a->offset_ms != b->offset_ms || a->answered != b->answered;
}

static void update_plane(struct kube_source *k)
{
    struct plane *p = k->base.plane, old = *p;
    struct tally t = count_streams(k);
    int64_t proof = kube_proof_ms(k->client);

    p->insecure = k->config.insecure;
    p->offset_ms = kube_offset_ms(k->client);
    if (proof > 0)
        p->proof_ms =
            clock_wall_ms() - ((int64_t)uv_now(k->base.loop) - proof);
    p->retry_ms = t.retry_in >= 0 ? clock_wall_ms() + t.retry_in : 0;
    if (t.error != NULL)
        p->error = *t.error;
    else if (k->discovered && !k->discovery_failed && !k->probe_failed &&
             t.denied < t.streams && t.live + t.denied == t.streams)
        error_clear(&p->error); /* what was wrong, a refusal too, is over */
    if (kube_auth_running(k->client)) {
        p->state = PLANE_CONNECTING;
        snprintf(p->detail, sizeof p->detail, "asks for credentials");
    } else if (p->error.code == ERR_AUTH || p->error.code == ERR_TLS ||
               p->error.code == ERR_CONFIG) {
        p->state = PLANE_REFUSED;
    } else if (k->discovered && !k->fall_back_due && t.streams > 0 &&
               t.denied == t.streams) {
        p->state = PLANE_REFUSED;
        if (t.refusal != NULL)
            p->error = *t.refusal;
    } else if (k->probe_failed || t.failing > 0 ||
               (p->error.code != 0 && t.live < t.streams - t.denied) ||
               (p->error.code != 0 && !k->discovered)) {
        p->state = proof > 0 ? PLANE_STALE : PLANE_CONNECTING;
    } else if (k->discovered && t.live + t.denied == t.streams) {
        p->state = PLANE_LIVE;
        error_clear(&p->error);
    } else {
        p->state = p->state == PLANE_LIVE ? PLANE_LIVE : PLANE_CONNECTING;
    }
    if (!p->answered && all_settled(k))
        xtrim(); /* what the lists left */
    p->answered |= all_settled(k) || p->state == PLANE_REFUSED;
    if (old.state != p->state)
        p->since_ms = clock_wall_ms();
    if (reads_differently(&old, p))
        store_plane_changed(k->base.store);
}

static void start(struct source *s)
{
    struct kube_source *k = of(s);

    k->base.plane->state = PLANE_CONNECTING;
    k->base.plane->since_ms = clock_wall_ms();
    discover(k);
    probe(k);
    /* what every cluster has need not wait for discovery */
    for (size_t i = KGENTS_KINDS; i < STREAMS; i++)
        if (wants[i].kind != KIND_EVENT && k->streams[i] == NULL)
            open_stream(k, i);
    next_tick(k);
    update_plane(k);
}

static void refresh(struct source *s)
{
    struct kube_source *k = of(s);

    k->discovery_at_ms = 0;
    if (k->sender != NULL) /* rights may have been granted */
        rights_forget(store_rights(s->store));
    for (size_t i = 0; i < STREAMS; i++)
        if (k->streams[i] != NULL)
            list_watch_kick(k->streams[i], false);
    if (k->probe == NULL)
        probe(k);
    next_tick(k);
    update_plane(k);
}

static void focus(struct source *s, const struct focus *agents, int count)
{
    struct kube_source *k = of(s);

    kube_logs_focus(k->logs, agents, count);
    for (int i = 0; k->rights != NULL && k->discovered && i < count; i++)
        kube_rights_want(k->rights, agents[i].ns);
}

static bool fetch(struct source *s, enum kind kind, const char *ns,
                  const char *name, source_fetch_cb cb, void *arg)
{
    for (size_t i = 0; i < STREAMS; i++)
        if (wants[i].kind == kind)
            return kube_fetch_start(of(s)->fetch, wants[i].api, kind, ns, name,
                                    cb, arg);
    return false;
}

static void on_http_closed(void *arg)
{
    struct kube_source *k = arg;

    source_finish(&k->base);
    buf_finish(&k->discovery_text);
    buf_finish(&k->version_text);
    kube_config_finish(&k->config);
    free(k->ns);
    free(k);
}

static void on_client_closed(void *arg)
{
    struct kube_source *k = arg;

    http_close(k->http, on_http_closed, k);
}

static void on_journal_closed(void *arg)
{
    struct kube_source *k = arg;

    kube_client_close(k->client, on_client_closed, k);
}

static void part_closed(void *arg)
{
    struct kube_source *k = arg;

    if (--k->open > 0 || !k->closing)
        return;
    if (k->reach.journal != NULL)
        journal_close(k->reach.journal, on_journal_closed, k);
    else
        on_journal_closed(k);
}

static void on_tick_closed(uv_handle_t *handle)
{
    part_closed(handle->data);
}

static void close_source(struct source *s)
{
    struct kube_source *k = of(s);

    k->closing = true;
    kube_cancel(k->discovery);
    kube_cancel(k->probe);
    for (size_t i = 0; i < STREAMS; i++)
        close_stream(k, i);
    if (k->sender != NULL) {
        kube_sender_close(k->sender);
        kube_says_close(k->says);
        kube_rights_close(k->rights);
        kube_dry_run_close(k->dry_run);
    }
    k->reach.who = NULL;
    kube_fetch_close(k->fetch);
    kube_reread_close(k->reread);
    k->open += k->reach.users > 0; /* their owners close them */
    k->reach.idle = part_closed;
    k->open++;
    kube_logs_close(k->logs, part_closed, k);
    uv_close((uv_handle_t *)&k->tick, on_tick_closed);
}

static void doctor_streams(const struct kube_source *k, source_doctor_fn fn,
                           void *arg)
{
    for (size_t i = 0; i < STREAMS; i++) {
        const struct list_watch *lw = k->streams[i];
        char what[64], found[320];
        const struct error *err = lw ? list_watch_error(lw) : NULL;
        struct list_watch_counts c = {0};

        snprintf(what, sizeof what, "%s%s%s", kind_name(wants[i].kind),
                 wants[i].selector ? " " : "",
                 wants[i].selector ? wants[i].selector : "");
        if (lw == NULL) {
            fn(i < KGENTS_KINDS ? FINDING_WARN : FINDING_BAD, what,
               i < KGENTS_KINDS ? "not installed" : "not asked yet",
               i < KGENTS_KINDS ? "apply share/crds to this cluster" : NULL,
               arg);
            continue;
        }
        c = list_watch_counts(lw);
        snprintf(found, sizeof found,
                 "%s%s%s, %llu objects in %llu lists, %llu events, %llu "
                 "unreadable",
                 err ? err->msg : "", err ? "; " : "",
                 list_watch_state(lw) == LIST_WATCH_LIVE ||
                         list_watch_state(lw) == LIST_WATCH_WATCHING
                     ? "live"
                     : "not live",
                 (unsigned long long)c.objects, (unsigned long long)c.lists,
                 (unsigned long long)c.events, (unsigned long long)c.bad);
        fn(wants[i].extra ? FINDING_OK
           : list_watch_state(lw) == LIST_WATCH_DENIED ? FINDING_BAD
           : err || c.bad                            ? FINDING_WARN
                                                     : FINDING_OK,
           what, found,
           list_watch_state(lw) == LIST_WATCH_DENIED
               ? "bind the viewer role of share/rbac"
               : NULL,
           arg);
    }
}

static void doctor(const struct source *s, source_doctor_fn fn, void *arg)
{
    const struct kube_source *k = (const struct kube_source *)s;
    const struct plane *p = s->plane;
    char found[400];

    snprintf(found, sizeof found, "%s, context %s of %s, %s%s",
             k->config.server, k->config.context, k->config.file,
             k->ns[0] ? "namespace " : "all namespaces", k->ns);
    fn(FINDING_OK, "configuration", found, NULL, arg);
    if (k->config.notes != NULL)
        fn(FINDING_WARN, "configuration", k->config.notes, NULL, arg);
    if (k->config.insecure)
        fn(FINDING_BAD, "certificates",
           "not checked: insecure-skip-tls-verify is set",
           "give the cluster's certificate-authority instead", arg);
    snprintf(found, sizeof found, "%s%s%s%s, version %s, answers in %d ms",
             plane_state_name(p->state), p->error.code ? ": " : "",
             p->error.code ? p->error.msg : "",
             p->detail[0] ? p->detail : "", p->version[0] ? p->version : "–",
             (int)p->latency_ms);
    fn(p->state == PLANE_LIVE      ? FINDING_OK
       : p->state == PLANE_REFUSED ? FINDING_BAD
                                   : FINDING_WARN,
       "api server", found,
       p->error.code == ERR_AUTH      ? "sign in again"
       : p->error.code == ERR_CONNECT ? "is the server running and reachable?"
       : p->error.code == ERR_TLS     ? "check certificate-authority"
                                      : NULL,
       arg);
    if (p->offset_ms > PLANE_SKEW_MS || p->offset_ms < -PLANE_SKEW_MS) {
        snprintf(found, sizeof found, "server is %+.1f s from this machine",
                 (double)p->offset_ms / 1000);
        fn(FINDING_WARN, "clock", found, "set the clocks by NTP", arg);
    }
    snprintf(found, sizeof found, "reading kept keys waiting %.1f ms at most",
             (double)http_longest_us(k->http) / 1000);
    fn(FINDING_OK, "loop", found, NULL, arg);
    doctor_streams(k, fn, arg);
}

static int plan_action(struct source *s, struct plan *p, struct error *err)
{
    struct kube_source *k = (struct kube_source *)s;

    if (k->sender == NULL)
        return error_set(err, ERR_REFUSED, "this console only reads");
    return kube_plan(s->store, kube_sender_user(k->sender),
                     kube_now_ms(k->client), p, err);
}

static int send_plan(struct source *s, const struct plan *p, const char *key,
                     source_sent_cb cb, void *arg, struct error *err)
{
    struct kube_source *k = (struct kube_source *)s;

    (void)key; /* a patch that tests what it changes needs none */
    if (k->sender == NULL)
        return error_set(err, ERR_REFUSED, "this console only reads");
    if (p->want.act == ACT_SAY)
        return kube_say(k->says, p, cb, arg, err);
    kube_sender_send(k->sender, p, cb, arg);
    return 0;
}

/* The list and watch of its kind takes it. */
static void on_reread(const char *path, const char *text, size_t len,
                      void *arg)
{
    struct kube_source *k = arg;
    char resource[80];

    for (size_t i = 0; i < STREAMS; i++) {
        size_t n = strlen(wants[i].api);

        snprintf(resource, sizeof resource, "/%s/", kind_name(wants[i].kind));
        if (wants[i].kind == KIND_POD || wants[i].kind == KIND_JOB)
            continue; /* two streams share them */
        if (k->streams[i] != NULL && strncmp(path, wants[i].api, n) == 0 &&
            strncmp(path + n, "/namespaces/", 12) == 0 &&
            strstr(path + n + 12, resource) != NULL) {
            list_watch_put(k->streams[i], text, len);
            return;
        }
    }
}

static bool reread(struct source *s, const struct plan *p, source_reread_cb cb,
                   void *arg)
{
    return kube_reread_start(of(s)->reread, p, cb, arg);
}

static void hurry(struct source *s, bool on)
{
    http_hurry(of(s)->http, on);
}

static int try_plan(struct source *s, const struct plan *p,
                    source_tried_cb cb, void *arg, struct error *err)
{
    struct kube_source *k = (struct kube_source *)s;

    if (k->dry_run == NULL)
        return error_set(err, ERR_REFUSED, "this console only reads");
    kube_dry_run_start(k->dry_run, p, cb, arg);
    return 0;
}

static void untry(struct source *s)
{
    struct kube_source *k = (struct kube_source *)s;

    if (k->dry_run != NULL)
        kube_dry_run_cancel(k->dry_run);
}

static const struct source_impl impl = {
    .name = "kubernetes",
    .many = true,
    .start = start,
    .refresh = refresh,
    .focus = focus,
    .fetch = fetch,
    .plan = plan_action,
    .send = send_plan,
    .reread = reread,
    .hurry = hurry,
    .try_plan = try_plan,
    .untry = untry,
    .close = close_source,
    .doctor = doctor,
};

static struct kube_source *of(struct source *s)
{
    assert(s->impl == &impl);
    return (struct kube_source *)s;
}

static char *scope(const struct kube_config *c, const struct kube_options *o)
{
    if (o != NULL && o->ns != NULL)
        return xstrdup(o->ns);
    if (o != NULL && o->all)
        return xstrdup("");
    return xstrdup(c->ns_given ? c->ns : "");
}

struct source *kube_source_create(uv_loop_t *loop, struct store *store,
                                  struct kube_config *config,
                                  const struct kube_options *options)
{
    struct kube_source *k = xcalloc(1, sizeof *k);

    source_init(&k->base, &impl, loop, store);
    k->config = *config;
    memset(config, 0, sizeof *config);
    k->ns = scope(&k->config, options);
    k->http = http_create(loop, options && options->user_agent
                                    ? options->user_agent
                                    : "terrarium");
    k->client = kube_client_create(loop, k->http, &k->config);
    k->logs = kube_logs_create(loop, k->client, store);
    k->fetch = kube_fetch_create(k->client);
    k->reread = kube_reread_create(k->client, on_reread, k);
    k->reach = (struct kube_reach){
        .loop = loop, .client = k->client, .store = store, .arg = k};
    if (options != NULL && options->writes) {
        http_allow_writes(k->http, true);
        k->rights = kube_rights_create(loop, k->client, store);
        k->sender = kube_sender_create(k->client, k->rights, k->config.user);
        k->dry_run = kube_dry_run_create(k->client);
        k->says = kube_says_create(&k->reach, k->http);
        k->reach.opens = true;
        k->reach.who = kube_sender_user(k->sender);
        if (options->journal != NULL)
            k->reach.journal = journal_create(loop, options->journal);
    }
    uv_timer_init(loop, &k->tick);
    k->tick.data = k;
    buf_init(&k->discovery_text, 1 << 20);
    buf_init(&k->version_text, 64 << 10);
    k->open = 1;
    return &k->base;
}

struct kube_reach *kube_source_reach(struct source *s)
{
    struct kube_source *k = (struct kube_source *)s;

    return s->impl == &impl ? &k->reach : NULL;
}

const char *kube_source_namespace(const struct source *s)
{
    return s->impl == &impl ? ((const struct kube_source *)s)->ns : "";
}

uint64_t kube_source_received(const struct source *s)
{
    return s->impl == &impl
               ? http_received(((const struct kube_source *)s)->http)
               : 0;
}
