#include "config.h"

#include "data/ghost/source.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/dump.h"
#include "data/event_ids.h"
#include "data/ghost/read.h"
#include "data/source_impl.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * One scan at a time on the pool. A page is the last good copy of a file;
 * rows are made of all pages after every scan, and every GHOST_LOOK_MS since
 * ages move and other sources come and go.
 */

#define WATCHES 5 /* the folder, and the folders in it */


static const char *const watched[WATCHES] = {"", "/agents", "/pheromones",
                                             "/proposals", "/cluster"};

struct page {
    struct ghost_page of;
    char path[GHOST_PATH_MAX];
    int tries;  /* it could not be read so often, as it stands now */
    bool bad;   /* … and that is enough */
    bool there; /* in the last scan */
    bool has;   /* `of` was read once */
};

struct shown { /* a row that stands in the store because of us */
    enum kind kind;
    char name[140];
    bool still;
};

struct ghost_source {
    struct source base;
    char *path, *ns;
    uv_timer_t timer;
    uv_fs_event_t watch[WATCHES];
    bool watching[WATCHES];
    uint64_t root_inode; /* that is watched */
    uv_work_t work;
    struct ghost_scan scan;
    struct ghost_file *known; /* of the last scan, without texts */
    int known_count;
    struct page *pages;
    int page_count;
    struct shown *shown;
    int shown_count;
    struct event_ids told;
    uint32_t skipped[GHOST_FAULTS];
    uint64_t scans;
    bool scanning, again, closing;
    int handles;
};

static const struct source_impl impl;
static void look(struct ghost_source *g);

static struct ghost_source *ghost_of(const struct source *s)
{
    if (s->impl != &impl)
        abort();
    return (struct ghost_source *)(uintptr_t)s;
}

enum ghost_age ghost_age(int64_t age_ms, int64_t base_ms)
{
    return age_ms < base_ms       ? GHOST_FRESH
           : age_ms < 2 * base_ms ? GHOST_STALE
                                  : GHOST_OLD;
}

static int64_t now_of(const struct ghost_source *g)
{
    return clock_wall_ms() + g->base.store->planes[0].offset_ms;
}

/* ---- rows ---------------------------------------------------------------------- */

static enum agent_state state_of(const struct ghost_item *i, bool *trouble)
{
    static const struct {
        const char *word;
        enum agent_state is;
    } words[] = {
        {"running", AGENT_IDLE},   {"active", AGENT_IDLE},
        {"ready", AGENT_IDLE},     {"healthy", AGENT_IDLE},
        {"idle", AGENT_IDLE},      {"pending", AGENT_STARTING},
        {"starting", AGENT_STARTING}, {"paused", AGENT_PAUSED},
        {"suspended", AGENT_PAUSED}, {"completed", AGENT_DONE},
        {"done", AGENT_DONE},      {"failed", AGENT_FAILED},
        {"error", AGENT_FAILED},   {"unhealthy", AGENT_FAILED},
        {"terminating", AGENT_ENDING},
    };
    const char *said = i->status[0] != '\0' ? i->status : i->phase;
    char low[48];
    size_t n = 0;

    for (; said[n] != '\0' && n < sizeof low - 1; n++)
        low[n] = (char)tolower((unsigned char)said[n]);
    low[n] = '\0';
    *trouble = false;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (strcmp(low, words[k].word) == 0) {
            *trouble = words[k].is == AGENT_FAILED;
            return words[k].is;
        }
    }
    return AGENT_UNKNOWN;
}

static void remember(struct ghost_source *g, enum kind kind,
                     const char *name)
{
    for (int i = 0; i < g->shown_count; i++) {
        if (g->shown[i].kind == kind &&
            strcmp(g->shown[i].name, name) == 0) {
            g->shown[i].still = true;
            return;
        }
    }
    g->shown = xrealloc(g->shown, (size_t)g->shown_count + 1,
                        sizeof *g->shown);
    g->shown[g->shown_count].kind = kind;
    snprintf(g->shown[g->shown_count].name, sizeof g->shown[0].name, "%s",
             name);
    g->shown[g->shown_count++].still = true;
}

static void put_agents(struct ghost_source *g, const struct page *p,
                       int64_t now_ms)
{
    char age[12], why[120];

    when_age(now_ms - p->of.taken_ms, age, sizeof age);
    for (int i = 0; i < p->of.count; i++) {
        const struct ghost_item *it = &p->of.items[i];
        struct pictured row = {.ns = span_of(g->ns),
                               .name = span_of(it->name),
                               .genus = span_of(it->genus),
                               .phase = span_of(it->phase[0] != '\0'
                                                    ? it->phase
                                                    : it->status),
                               .seen_ms = p->of.taken_ms};

        row.state = state_of(it, &row.trouble);
        snprintf(why, sizeof why, "ghost, %s old%s%s", age,
                 it->status[0] != '\0' ? ": " : "", it->status);
        row.why = span_of(why);
        if (picture_agent(g->base.store, &row, now_ms))
            remember(g, KIND_AGENT, it->name);
    }
}

static void put_signal(struct ghost_source *g, const struct page *p,
                       const struct ghost_item *it, const char *type,
                       int64_t now_ms)
{
    const struct origin o = {
        .stream = STREAM_PICTURE, .now_ms = now_ms, .initial = true};
    char name[160], upper[40];
    uint32_t slot;
    size_t n = 0;
    struct pheromone_facts f = {.initial = it->level,
                                .half_life_min = NAN,
                                .constant = it->level,
                                .decay_rate = NAN,
                                .current = NAN,
                                .ttl_s = FACT_NONE};

    for (; type[n] != '\0' && n < sizeof upper - 1; n++)
        upper[n] = (char)toupper((unsigned char)type[n]);
    upper[n] = '\0';
    snprintf(name, sizeof name, "ghost-%s", it->name);
    slot = store_find(g->base.store, KIND_PHEROMONE, span_of(g->ns),
                      span_of(name));
    if (slot != SLOT_NONE &&
        store_pheromone(g->base.store, slot)->stream != STREAM_PICTURE)
        return;
    f.meta.ns = span_of(g->ns);
    f.meta.name = span_of(name);
    f.meta.created_ms = p->of.taken_ms;
    f.type = (struct span){upper, n};
    store_put_pheromone(g->base.store, &f, &o);
    remember(g, KIND_PHEROMONE, name);
}

static void put_proposal(struct ghost_source *g, const struct page *p,
                         const struct ghost_item *it, int64_t now_ms)
{
    const struct origin o = {
        .stream = STREAM_PICTURE, .now_ms = now_ms, .initial = true};
    struct proposal_facts f = {.ttl_s = FACT_NONE};
    uint32_t slot = store_find(g->base.store, KIND_PROPOSAL, span_of(g->ns),
                               span_of(it->name));

    if (slot != SLOT_NONE &&
        store_proposal(g->base.store, slot)->stream != STREAM_PICTURE)
        return;
    f.meta.ns = span_of(g->ns);
    f.meta.name = span_of(it->name);
    f.meta.created_ms = p->of.taken_ms;
    f.description = span_of(it->text);
    f.phase = span_of("Pending");
    f.risk = (struct risk_facts){NAN, NAN, NAN, NAN, NAN, {NULL, 0}, 0};
    store_put_proposal(g->base.store, &f, &o);
    remember(g, KIND_PROPOSAL, it->name);
}

static bool is_live(const struct ghost_source *g, enum kind kind)
{
    return g->base.store->streams[kind].state == STREAM_LIVE;
}

/* Nobody pictures it any more; what a source tells of stays. */
static void forget(struct ghost_source *g, const struct shown *row)
{
    struct store *st = g->base.store;
    struct span ns = span_of(g->ns), name = span_of(row->name);
    uint32_t slot = store_find(st, row->kind, ns, name);

    if (row->kind == KIND_AGENT)
        picture_agent_gone(st, ns, name);
    else if (slot != SLOT_NONE &&
             (row->kind == KIND_PHEROMONE
                  ? store_pheromone(st, slot)->stream
                  : store_proposal(st, slot)->stream) == STREAM_PICTURE)
        store_gone(st, row->kind, ns, name);
}

static void tell_rows(struct ghost_source *g)
{
    int64_t now_ms = now_of(g);
    bool agents = !is_live(g, KIND_AGENT);
    bool signals = !is_live(g, KIND_PHEROMONE);
    int kept = 0;

    for (int i = 0; i < g->shown_count; i++)
        g->shown[i].still = false;
    for (int i = 0; i < g->page_count; i++) {
        const struct page *p = &g->pages[i];

        if (!p->has || !p->there)
            continue;
        if (agents && (p->of.role == GHOST_STATUS ||
                       p->of.role == GHOST_AGENTS ||
                       p->of.role == GHOST_AGENT))
            put_agents(g, p, now_ms);
        for (int k = 0; signals && k < p->of.level_count; k++)
            put_signal(g, p, &p->of.levels[k], p->of.levels[k].name, now_ms);
        if (p->of.role == GHOST_SIGNALS && signals)
            for (int k = 0; k < p->of.count; k++)
                if (!isnan(p->of.items[k].level))
                    put_signal(g, p, &p->of.items[k], p->of.items[k].genus,
                               now_ms);
        if (p->of.role == GHOST_PROPOSALS && !is_live(g, KIND_PROPOSAL))
            for (int k = 0; k < p->of.count; k++)
                put_proposal(g, p, &p->of.items[k], now_ms);
    }
    /* whom no file names any more; with a live source they are its own */
    for (int i = 0; i < g->shown_count; i++) {
        if (g->shown[i].still)
            g->shown[kept++] = g->shown[i];
        else
            forget(g, &g->shown[i]);
    }
    g->shown_count = kept;
}

/* ---- pages ---------------------------------------------------------------------- */

static struct page *page_of(struct ghost_source *g, const char *path)
{
    for (int i = 0; i < g->page_count; i++)
        if (strcmp(g->pages[i].path, path) == 0)
            return &g->pages[i];
    g->pages =
        xrealloc(g->pages, (size_t)g->page_count + 1, sizeof *g->pages);
    g->pages[g->page_count] = (struct page){0};
    snprintf(g->pages[g->page_count].path, GHOST_PATH_MAX, "%s", path);
    return &g->pages[g->page_count++];
}

/* The saved picture has it: from when it was told the last time. */
static bool pictured_already(const struct ghost_source *g, int64_t at_ms,
                             struct span text)
{
    const struct thoughts *all = &g->base.store->thoughts;

    for (uint32_t i = 0; i < thoughts_count(all); i++) {
        const struct thought *t = thoughts_at(all, i);

        if (t->picture && t->at_ms / 1000 == at_ms / 1000 &&
            span_same((struct span){t->text, t->len}, text))
            return true;
    }
    return false;
}

static void on_line(int64_t at_ms, struct span source, struct span text,
                    void *arg)
{
    struct ghost_source *g = arg;
    int64_t now = now_of(g);
    char id[64], words[300];
    struct thought_facts t = {.ns = span_of(g->ns),
                              .kind = THOUGHT_SAID,
                              .cost = NAN};

    snprintf(id, sizeof id, "ghost:%lld:%08x:%08x", (long long)at_ms,
             (unsigned)hash_bytes(text.p, text.n),
             (unsigned)hash_bytes(source.p != NULL ? source.p : "",
                                  source.n));
    if (!event_ids_add(&g->told, span_of(id)))
        return;
    if (source.n >= 5 && memcmp(source.p, "dream", 5) == 0)
        t.kind = THOUGHT_DREAM;
    else if (source.n >= 6 && memcmp(source.p, "signal", 6) == 0)
        t.kind = THOUGHT_SIGNAL;
    snprintf(words, sizeof words, "ghost: %.*s%s%.*s",
             (int)(source.n < 40 ? source.n : 40),
             source.p != NULL ? source.p : "", source.n > 0 ? ": " : "",
             (int)(text.n < 220 ? text.n : 220), text.p);
    t.text = span_of(words);
    t.id = span_of(id);
    t.at_ms = at_ms > 0 && at_ms < now ? at_ms : now;
    if (!pictured_already(g, t.at_ms, t.text))
        store_thought(g->base.store, &t);
}

/* False: it is to be looked at again soon. */
static bool take_file(struct ghost_source *g, struct ghost_file *f)
{
    struct page *p = page_of(g, f->path);
    struct ghost_page fresh = {0};
    struct error err;
    int code;

    p->there = true;
    if (f->text == NULL || f->fault != GHOST_WELL)
        return true;
    code = ghost_read(f, &fresh, on_line, g, &err);
    if (code == 0) {
        if (fresh.taken_ms > clock_wall_ms() + 60000)
            fresh.taken_ms = f->mtime_ns / 1000000; /* nobody knows yet */
        ghost_page_finish(&p->of);
        p->of = fresh;
        p->has = true;
    }
    if (code == 0 || code == ERR_ABSENT) {
        p->tries = 0;
        p->bad = false;
        return true;
    }
    p->bad = ++p->tries >= GHOST_TRIES;
    if (!p->bad)
        f->inode = 0; /* so that the next scan reads it again */
    return p->bad;
}

static void say_how(struct ghost_source *g)
{
    struct plane *p = g->base.plane;
    int64_t newest = 0;
    uint32_t skipped = 0, bad = 0, files = 0;
    char age[12] = "", more[48] = "";

    for (int i = 0; i < g->page_count; i++) {
        const struct page *q = &g->pages[i];

        bad += q->there && q->bad;
        if (!q->has || !q->there)
            continue;
        files++;
        if (q->of.taken_ms > newest)
            newest = q->of.taken_ms;
    }
    for (int i = GHOST_WELL + 1; i < GHOST_FAULTS; i++)
        skipped += g->skipped[i];
    p->answered = true;
    p->proof_ms = newest;
    if (skipped + bad > 0)
        snprintf(more, sizeof more, ", %u skipped", skipped + bad);
    /* seconds are beside it already, and would lag behind here */
    if (clock_wall_ms() - newest >= 60000)
        when_age(clock_wall_ms() - newest, age, sizeof age);
    if (files > 0)
        snprintf(p->detail, sizeof p->detail, "ghost, %s%s%u file%s%s", age,
                 age[0] != '\0' ? " old, " : "", files,
                 files == 1 ? "" : "s", more);
    else
        snprintf(p->detail, sizeof p->detail, "ghost, nothing in it%s",
                 more);
}

static void on_change(uv_fs_event_t *h, const char *name, int events,
                      int status);

/* What is there to be watched; the folder may be another than before. */
static void watch(struct ghost_source *g)
{
    char path[4096];

    for (int i = 0; i < WATCHES; i++) {
        if (g->watching[i] && g->scan.root_inode == g->root_inode)
            continue;
        if (g->watching[i])
            uv_fs_event_stop(&g->watch[i]);
        snprintf(path, sizeof path, "%s%s", g->path, watched[i]);
        g->watching[i] = uv_fs_event_start(&g->watch[i], on_change, path,
                                           0) == 0;
    }
    g->root_inode = g->scan.root_inode;
}

static void no_folder(struct ghost_source *g)
{
    struct plane *p = g->base.plane;

    for (int i = 0; i < g->page_count; i++)
        g->pages[i].there = false;
    p->answered = true;
    p->detail[0] = '\0';
    if (g->scan.error == ENOENT)
        error_set(&p->error, ERR_ABSENT,
                  "no folder '%.120s': kgents status makes it", g->path);
    else
        error_set(&p->error, ERR_RIGHT, "cannot read '%.120s': %s", g->path,
                  strerror(g->scan.error));
    source_set_state(&g->base, PLANE_OFF);
    store_plane_changed(g->base.store);
}

static void on_timer(uv_timer_t *t)
{
    look(t->data);
}

static void finish(struct ghost_source *g)
{
    if (--g->handles > 0)
        return;
    source_finish(&g->base);
    for (int i = 0; i < g->page_count; i++)
        ghost_page_finish(&g->pages[i].of);
    event_ids_finish(&g->told);
    free(g->pages);
    free(g->shown);
    free(g->known);
    free(g->path);
    free(g->ns);
    free(g);
}

static void take_scan(struct ghost_source *g)
{
    bool soon = false;

    g->scans++;
    memset(g->skipped, 0, sizeof g->skipped);
    if (g->scan.error != 0) {
        no_folder(g);
    } else {
        for (int i = 0; i < g->page_count; i++)
            g->pages[i].there = false;
        for (int i = 0; i < g->scan.count; i++) {
            g->skipped[g->scan.files[i].fault]++;
            soon |= !take_file(g, &g->scan.files[i]);
            free(g->scan.files[i].text);
            g->scan.files[i].text = NULL;
        }
        watch(g);
        error_clear(&g->base.plane->error);
        say_how(g);
        source_set_state(&g->base, PLANE_LIVE);
        store_plane_changed(g->base.store);
    }
    free(g->known);
    g->known = g->scan.files;
    g->known_count = g->scan.count;
    g->scan.files = NULL;
    g->scan.count = 0;
    tell_rows(g);
    uv_timer_start(&g->timer, on_timer,
                   soon         ? GHOST_AGAIN_MS
                   : g->again   ? GHOST_SETTLE_MS
                                : GHOST_LOOK_MS,
                   0);
    g->again = false;
}

static void on_work(uv_work_t *w)
{
    ghost_scan_run(&((struct ghost_source *)w->data)->scan);
}

static void on_worked(uv_work_t *w, int status)
{
    struct ghost_source *g = w->data;

    g->scanning = false;
    if (status == 0 && !g->closing)
        take_scan(g);
    else
        ghost_scan_finish(&g->scan);
    finish(g);
}

static void look(struct ghost_source *g)
{
    if (g->closing)
        return;
    if (g->scanning) {
        g->again = true;
        return;
    }
    uv_timer_stop(&g->timer);
    g->scan = (struct ghost_scan){
        .root = g->path, .known = g->known, .known_count = g->known_count};
    g->scanning = true;
    g->handles++;
    if (uv_queue_work(g->base.loop, &g->work, on_work, on_worked) != 0) {
        g->scanning = false;
        g->handles--;
        uv_timer_start(&g->timer, on_timer, GHOST_LOOK_MS, 0);
    }
}

static void on_change(uv_fs_event_t *h, const char *name, int events,
                      int status)
{
    struct ghost_source *g = h->data;

    (void)name;
    (void)events;
    (void)status;
    if (g->scanning)
        g->again = true;
    else if (uv_timer_get_due_in(&g->timer) > GHOST_SETTLE_MS)
        /* not pushed back by each event: a writer in a loop is read, too */
        uv_timer_start(&g->timer, on_timer, GHOST_SETTLE_MS, 0);
}

static void start(struct source *base)
{
    struct ghost_source *g = ghost_of(base);

    source_set_state(&g->base, PLANE_CONNECTING);
    look(g);
}

static void refresh(struct source *base)
{
    look(ghost_of(base));
}

static void on_closed(uv_handle_t *h)
{
    finish(h->data);
}

static void close_source(struct source *base)
{
    struct ghost_source *g = ghost_of(base);

    g->closing = true;
    for (int i = 0; i < WATCHES; i++)
        uv_close((uv_handle_t *)&g->watch[i], on_closed);
    uv_close((uv_handle_t *)&g->timer, on_closed);
}

static int64_t base_of(enum ghost_role role)
{
    switch (role) {
    case GHOST_SIGNALS:
        return 30000;
    case GHOST_STATUS:
    case GHOST_AGENTS:
    case GHOST_AGENT:
        return 60000;
    case GHOST_PROPOSALS:
        return 300000;
    default:
        return 120000;
    }
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    static const char *const ages[] = {"fresh", "stale", "old"};
    static const char *const faults[GHOST_FAULTS] = {
        [GHOST_LINK] = "a symlink",
        [GHOST_ODD] = "no regular file",
        [GHOST_LARGE] = "larger than 8 MiB",
        [GHOST_UNREADABLE] = "not to be read"};
    const struct ghost_source *g = ghost_of(base);
    const struct plane *p = base->plane;
    char text[300], age[12];

    snprintf(text, sizeof text, "%.150s: %.100s", g->path,
             p->error.code != 0 ? p->error.msg : p->detail);
    fn(p->state == PLANE_LIVE ? FINDING_OK : FINDING_WARN, p->name, text,
       "only what was written down is lost", arg);
    for (int i = 0; i < g->page_count; i++) {
        const struct page *q = &g->pages[i];
        int64_t old = clock_wall_ms() - q->of.taken_ms;

        if (!q->there || (!q->has && !q->bad))
            continue;
        when_age(old, age, sizeof age);
        if (q->bad)
            snprintf(text, sizeof text,
                     "%.100s is not whole, or no such file%s", q->path,
                     q->has ? "; the copy before it is shown" : "");
        else
            snprintf(text, sizeof text, "%.100s, %s old (%s%s)%s%.120s",
                     q->path, age, ages[ghost_age(old, base_of(q->of.role))],
                     q->of.ttl_ms > 0 && old > q->of.ttl_ms ? ", expired"
                                                            : "",
                     q->of.words[0] != '\0' ? ": " : "", q->of.words);
        fn(q->bad ? FINDING_WARN : FINDING_OK, p->name, text,
           "kgents writes it anew", arg);
    }
    for (int i = 0; i < g->known_count; i++) {
        if (g->known[i].fault == GHOST_WELL)
            continue;
        snprintf(text, sizeof text, "%.100s is skipped: %s",
                 g->known[i].path, faults[g->known[i].fault]);
        fn(FINDING_WARN, p->name, text, "is it meant to be there?", arg);
    }
}

static const struct source_impl impl = {
    .name = "ghost",
    .start = start,
    .refresh = refresh,
    .close = close_source,
    .doctor = doctor,
};

static char *default_path(void)
{
    const char *home = getenv("HOME");
    size_t n = home != NULL ? strlen(home) : 0;
    char *path = xcalloc(1, n + 32);

    snprintf(path, n + 32, "%s/.kgents/ghost", home != NULL ? home : "");
    return path;
}

struct source *ghost_source_create(uv_loop_t *loop, struct store *store,
                                   const struct ghost_options *options)
{
    struct ghost_source *g = xcalloc(1, sizeof *g);
    struct plane *p;

    source_init(&g->base, &impl, loop, store);
    p = g->base.plane;
    snprintf(p->name, sizeof p->name, "%s",
             options->name != NULL ? options->name : impl.name);
    p->rank = RANK_COPY;
    p->latency_ms = -1;
    g->path = options->path != NULL ? xstrdup(options->path)
                                    : default_path();
    g->ns = xstrdup(options->ns != NULL ? options->ns : "kgents-agents");
    uv_timer_init(loop, &g->timer);
    g->timer.data = g->work.data = g;
    g->handles = 1 + WATCHES;
    for (int i = 0; i < WATCHES; i++) {
        uv_fs_event_init(loop, &g->watch[i]);
        g->watch[i].data = g;
    }
    return &g->base;
}
