#include "config.h"

#include "app/fleet.h"

#include "app/beside.h"

#include "settings/settings.h"

#include "base/clock.h"
#include "data/act/gate.h"
#include "data/fracta/source.h"
#include "data/kube/kubeconfig.h"
#include "data/kube/source.h"

#include "front/client.h"

#include "base/xalloc.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_AGENT "terrarium/" PACKAGE_VERSION

void fleet_init(struct fleet *f)
{
    *f = (struct fleet){0};
    signal(SIGPIPE, SIG_IGN); /* libcurl is told to leave signals alone */
    uv_loop_init(&f->loop);
    f->store = store_create();
}

static void no_source(struct fleet *f, const struct error *err)
{
    struct plane *p = store_plane(f->store, "kubernetes");

    p->state = err->code == ERR_ABSENT ? PLANE_OFF : PLANE_REFUSED;
    p->error = *err;
    p->answered = true;
    snprintf(p->detail, sizeof p->detail, "%.90s",
             err->code == ERR_ABSENT ? "no kubeconfig found" : err->msg);
}

static void add(struct fleet *f, struct source *s)
{
    f->sources[f->count++] = s;
}

static void add_first(struct fleet *f, struct source *s)
{
    memmove(f->sources + 1, f->sources,
            (size_t)f->count++ * sizeof *f->sources);
    f->sources[0] = s;
}

/* The configuration as it was read last. */
static const struct settings *settings_of(const struct fleet *f,
                                          const struct options *o)
{
    return f->settings != NULL ? f->settings : o->settings;
}

static bool launch(void *arg, struct error *err)
{
    return client_launch_daemon(arg, err) == 0;
}

/* This machine's own agents: what is there when nothing is configured. */
static int open_habitat(struct fleet *f, const struct options *o,
                        bool may_write, struct error *err)
{
    bool acts = (o->verb == VERB_CONSOLE || o->verb == VERB_TETHER) &&
                o->values[OPTION_READ_ONLY] == NULL;
    struct fracta_options options = {
        .user_agent = USER_AGENT,
        .launch = acts ? launch : NULL,
        .launch_arg = &f->habitat,
        .writes = acts,
        .practice = getenv("TERRARIUM_PRACTICE") != NULL};

    if (habitat_paths(&f->habitat, err) != 0)
        return err->code;
    options.socket = f->habitat.socket;
    options.writes &= may_write;
    if (gethostname(f->context, sizeof f->context) != 0)
        snprintf(f->context, sizeof f->context, "this machine");
    f->source = fracta_source_create(&f->loop, f->store, &options);
    add(f, f->source);
    return 0;
}

/* Nothing names a cluster, and none was asked for. */
static bool wants_habitat(const struct options *o, const struct error *err)
{
    bool cluster_named = o->values[OPTION_KUBECONFIG] != NULL ||
                         o->values[OPTION_CONTEXT] != NULL ||
                         o->values[OPTION_NAMESPACE] != NULL ||
                         o->values[OPTION_ALL] != NULL;

    if (o->verb == VERB_FORWARD)
        return false;
    return o->values[OPTION_HABITAT] != NULL ||
           (o->verb == VERB_TETHER && !cluster_named) ||
           (err->code == ERR_ABSENT && o->values[OPTION_KUBECONFIG] == NULL &&
            o->values[OPTION_CONTEXT] == NULL && getenv("KUBECONFIG") == NULL);
}

static bool may_write(const struct options *o)
{
    return (o->verb == VERB_CONSOLE || o->verb == VERB_TETHER ||
            o->verb == VERB_FORWARD) &&
           o->values[OPTION_READ_ONLY] == NULL;
}

static bool is_all(const char *ns)
{
    return ns != NULL && strcmp(ns, "*") == 0;
}

/* What the configuration says of it, s NULL: nothing; the command line's
   word stands before. */
static int open_cluster(struct fleet *f, const struct options *o,
                        const struct settings_source *s, struct error *err)
{
    const char *path = o->values[OPTION_KUBECONFIG];
    const char *context = f->over_context ? f->over_context
                                          : o->values[OPTION_CONTEXT];
    const char *ns = f->over_ns ? f->over_ns
                     : s        ? settings_value(s, KEY_NAMESPACE)
                                : NULL;
    struct kube_config_want want = {.path = path, .cluster_root = ""};
    struct kube_options options = {
        .ns = f->over_ns ? NULL : o->values[OPTION_NAMESPACE],
        .all = f->over_ns == NULL && o->values[OPTION_ALL] != NULL,
        .user_agent = USER_AGENT,
        .writes = may_write(o) &&
                  (s == NULL || !settings_true(s, KEY_SOURCE_READ_ONLY)),
    };
    struct kube_config config;
    char *journal;

    if (s != NULL && path == NULL)
        want.path = settings_value(s, KEY_KUBECONFIG);
    want.context = context != NULL ? context
                   : s != NULL     ? settings_value(s, KEY_CONTEXT)
                                   : NULL;
    if (options.ns == NULL && !options.all) {
        options.all = is_all(ns);
        options.ns = is_all(ns) ? NULL : ns;
    }
    if (kube_config_load(&want, &config, err) != 0)
        return err->code;
    snprintf(f->context, sizeof f->context, "%s", config.context);
    f->insecure = config.insecure;
    f->cluster = true;
    f->read_only = settings_read_only(settings_of(f, o), config.context) ||
                   (s != NULL && settings_true(s, KEY_SOURCE_READ_ONLY));
    options.writes &= !f->read_only;
    options.journal = journal = journal_path();
    f->source = kube_source_create(&f->loop, f->store, &config, &options);
    add_first(f, f->source);
    free(journal);
    return 0;
}

/* The one that has the screen: a cluster or this machine; NULL: none is named. */
static const struct settings_source *main_of(const struct settings *s)
{
    for (int i = 0; s != NULL && s->sources_given && i < s->source_count; i++)
        if ((s->sources[i].type == SOURCE_KUBERNETES ||
             s->sources[i].type == SOURCE_HABITAT) &&
            !settings_true(&s->sources[i], KEY_OFF))
            return &s->sources[i];
    return NULL;
}

/* Besides came or went: which of them is the knowledge graph now? */
static void find_graph(struct fleet *f)
{
    const struct source *was = f->graph;

    f->graph = NULL;
    f->graph_view = NULL;
    for (int i = f->beside_count; i-- > 0;) {
        const struct graph_view *v = beside_graph(f->besides[i]);

        if (v == NULL)
            continue;
        f->graph = beside_source(f->besides[i]);
        f->graph_view = v;
    }
    if (f->graph != was && f->graph_moved != NULL)
        f->graph_moved(f->graph_arg);
}

/* What one beside wanted first is there now. */
static void on_made(struct beside *b, void *arg)
{
    struct fleet *f = arg;

    if (f->count == FLEET_SOURCES)
        return;
    add(f, beside_source(b));
    if (f->gate != NULL)
        gate_use_first(f->gate, beside_source(b));
    find_graph(f);
}

/* One beside the main source; a cluster and the habitat are opened first. */
static struct beside *open_one(struct fleet *f, const struct options *o,
                               const struct settings_source *s)
{
    const struct beside_want want = {
        .loop = &f->loop,
        .store = f->store,
        .settings = s,
        .reach = f->cluster ? kube_source_reach(f->source) : NULL,
        .user_agent = USER_AGENT,
        .writes = may_write(o) && !settings_read_only(settings_of(f, o), NULL),
        .made = on_made,
        .arg = f};
    struct beside *b;

    if (settings_true(s, KEY_OFF) || f->count == FLEET_SOURCES ||
        f->beside_count == FLEET_SOURCES || (b = beside_open(&want)) == NULL)
        return NULL;
    f->besides[f->beside_count++] = b;
    if (beside_source(b) != NULL)
        add(f, beside_source(b));
    find_graph(f);
    return b;
}

/* What kgents wrote down of the fleet stands in for it, where it is. */
static void open_ghost(struct fleet *f, const struct options *o)
{
    char name[] = "ghost";
    const struct settings_source s = {.name = name, .type = SOURCE_GHOST};
    const char *home = getenv("HOME");
    char *path = home != NULL ? xasprintf("%s/.kgents/ghost", home) : NULL;
    struct stat st;

    if (path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        open_one(f, o, &s);
    free(path);
}

static void open_others(struct fleet *f, const struct options *o)
{
    const struct settings *all = settings_of(f, o);

    for (int i = 0; all != NULL && i < all->source_count; i++)
        open_one(f, o, &all->sources[i]);
    if (all != NULL && !all->sources_given && f->cluster)
        open_ghost(f, o);
}

static int open_main(struct fleet *f, const struct options *o,
                     struct error *err)
{
    const struct settings *all = settings_of(f, o);
    const struct settings_source *s = main_of(all);
    bool given = all != NULL && all->sources_given;
    bool read_only = s != NULL && settings_true(s, KEY_SOURCE_READ_ONLY);

    if (wants_habitat(o, err) || (s != NULL && s->type == SOURCE_HABITAT))
        return open_habitat(f, o, !read_only, err);
    if (given && s == NULL && o->values[OPTION_CONTEXT] == NULL &&
        o->values[OPTION_KUBECONFIG] == NULL) {
        snprintf(f->context, sizeof f->context, "%s", all->sources[0].name);
        return 0; /* a screen without a cluster */
    }
    if (open_cluster(f, o, s, err) == 0)
        return 0;
    if (!given && wants_habitat(o, err))
        return open_habitat(f, o, true, err);
    no_source(f, err);
    return err->code;
}

int fleet_open(struct fleet *f, const struct options *o, struct error *err)
{
    struct error bad;
    int code;

    error_clear(err);
    error_clear(&bad);
    code = open_main(f, o, &bad);
    if (code != 0)
        *err = bad;
    open_others(f, o);
    return code;
}

void fleet_start(struct fleet *f)
{
    if (f->source != NULL)
        source_start(f->source);
    for (int i = 0; i < f->beside_count; i++)
        beside_start(f->besides[i]);
}

void fleet_refresh(struct fleet *f)
{
    for (int i = 0; i < f->count; i++)
        source_refresh(f->sources[i]);
}

void fleet_focus(struct fleet *f, const struct focus *agents, int count)
{
    for (int i = 0; i < f->count; i++)
        source_focus(f->sources[i], agents, count);
}

bool fleet_fetch(struct fleet *f, enum kind kind, const char *ns,
                 const char *name, source_fetch_cb cb, void *arg)
{
    for (int i = 0; i < f->count; i++)
        if (source_fetch(f->sources[i], kind, ns, name, cb, arg))
            return true;
    return false;
}

void fleet_unfollow(struct fleet *f)
{
    for (int i = 0; i < f->count; i++)
        source_unfollow(f->sources[i]);
}

bool fleet_follow(struct fleet *f, const char *ns, const char *name,
                  const struct source_lines *calls)
{
    fleet_unfollow(f);
    for (int i = 0; i < f->count; i++)
        if (source_follow(f->sources[i], ns, name, calls))
            return true;
    return false;
}

void fleet_doctor(const struct fleet *f, source_doctor_fn fn, void *arg)
{
    for (int i = 0; i < f->count; i++)
        source_doctor(f->sources[i], fn, arg);
}

void fleet_use(const struct fleet *f, struct gate *g)
{
    /* who knows a run ends it better than who sees its pods */
    for (int i = 0; i < f->count; i++)
        if (f->sources[i] != f->source)
            gate_use(g, f->sources[i]);
    if (f->source != NULL)
        gate_use(g, f->source);
}

static void on_ended(void *arg)
{
    ((struct fleet *)arg)->open--;
}

/* It is no longer among those that are asked. */
static void leave(struct fleet *f, struct source *s)
{
    int n = 0;

    for (int i = 0; i < f->count; i++)
        if (f->sources[i] != s)
            f->sources[n++] = f->sources[i];
    f->count = n;
    if (f->source == s)
        f->source = NULL;
    if (f->gate != NULL)
        gate_leave(f->gate, s);
}

/* The main one ends while the others go on. */
static void end_source(struct fleet *f, struct source *s)
{
    leave(f, s);
    source_forget(s);
    f->open++;
    source_close(s, on_ended, f);
}

static void end_beside(struct fleet *f, int i)
{
    struct beside *b = f->besides[i];

    memmove(&f->besides[i], &f->besides[i + 1],
            (size_t)(--f->beside_count - i) * sizeof *f->besides);
    if (beside_source(b) != NULL)
        leave(f, beside_source(b));
    find_graph(f);
    f->open++;
    beside_close(b, true, on_ended, f);
}

static void begin_beside(struct fleet *f, const struct options *o,
                         const struct settings_source *s)
{
    struct beside *b = open_one(f, o, s);

    if (b == NULL)
        return;
    if (f->gate != NULL && beside_source(b) != NULL)
        gate_use_first(f->gate, beside_source(b));
    beside_start(b);
}

/* Ways through a cluster that has gone are made anew through this one. */
static void reroute(struct fleet *f, const struct options *o)
{
    const struct settings *s = settings_of(f, o);

    for (int i = f->beside_count; i-- > 0;)
        if (beside_through(f->besides[i]))
            end_beside(f, i);
    for (int i = 0; s != NULL && i < s->source_count; i++)
        if (settings_value(&s->sources[i], KEY_SERVICE) != NULL)
            begin_beside(f, o, &s->sources[i]);
}

static void swap(char **a, char **b)
{
    char *was = *a;

    *a = *b;
    *b = was;
}

int fleet_switch(struct fleet *f, const struct options *o,
                 const char *context, const char *ns, struct error *err)
{
    struct source *was = f->source;
    char *over_context, *over_ns;

    if (!f->cluster || was == NULL)
        return error_set(err, ERR_ABSENT, "there is no cluster on this screen");
    over_context = xstrdup_or_null(context != NULL ? context
                                                   : f->over_context);
    over_ns = xstrdup_or_null(ns);
    swap(&f->over_context, &over_context);
    swap(&f->over_ns, &over_ns);
    /* the new one is made first: a mistake leaves all as it was. It takes a
       plane behind, until the old one has left its own */
    if (open_cluster(f, o, main_of(settings_of(f, o)), err) != 0) {
        swap(&f->over_context, &over_context);
        swap(&f->over_ns, &over_ns);
        free(over_context);
        free(over_ns);
        f->source = was;
        return err->code;
    }
    free(over_context);
    free(over_ns);
    {
        struct source *now = f->source;

        end_source(f, was);
        f->source = now;
        source_move(now, &f->store->planes[0]);
    }
    free(f->store->rights);
    f->store->rights = NULL;
    store_drop_thoughts(f->store);
    if (f->gate != NULL)
        gate_use(f->gate, f->source);
    source_start(f->source);
    reroute(f, o);
    return 0;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_source(const struct settings_source *a,
                        const struct settings_source *b)
{
    if (a->type != b->type || strcmp(a->name, b->name) != 0)
        return false;
    for (int k = 0; k < KEYS; k++)
        if (!same_text(a->values[k].text, b->values[k].text))
            return false;
    return true;
}

/* Which of them it is, all being the same; -1: none. */
static int named(const struct settings *s, const struct settings_source *as)
{
    for (int i = 0; i < s->source_count; i++)
        if (same_source(&s->sources[i], as))
            return i;
    return -1;
}

static int beside_named(const struct fleet *f, const char *name)
{
    for (int i = 0; i < f->beside_count; i++)
        if (strcmp(beside_name(f->besides[i]), name) == 0)
            return i;
    return -1;
}

/* The main source stays: it is switched by name (:ctx), not by a file. */
static bool is_main(const struct settings_source *s)
{
    return s->type == SOURCE_KUBERNETES || s->type == SOURCE_HABITAT;
}

int fleet_reload(struct fleet *f, const struct options *o, int *ret_ended,
                 int *ret_begun, struct error *err)
{
    struct settings *now = xcalloc(1, sizeof *now);
    const struct settings *was = settings_of(f, o);
    bool stays[SETTINGS_SOURCES] = {false}; /* of those that are now */

    *ret_ended = *ret_begun = 0;
    if (settings_load(now, NULL, NULL, err) != 0) {
        settings_finish(now);
        free(now);
        return err->code;
    }
    for (int i = 0; was != NULL && i < was->source_count; i++) {
        int at = beside_named(f, was->sources[i].name);
        int as = named(now, &was->sources[i]);
        bool same = as >= 0 && (at < 0 || !beside_outdated(f->besides[at],
                                                           &now->sources[as]));

        if (same)
            stays[as] = true;
        else if (at >= 0) {
            end_beside(f, at);
            ++*ret_ended;
        }
    }
    for (int i = 0; i < now->source_count; i++) {
        int count = f->beside_count;

        if (is_main(&now->sources[i]) || stays[i])
            continue;
        begin_beside(f, o, &now->sources[i]);
        *ret_begun += f->beside_count > count;
    }
    if (f->settings != NULL) {
        settings_finish(f->settings);
        free(f->settings);
    }
    f->settings = now;
    return 0;
}

void fleet_finish(struct fleet *f)
{
    int r;

    for (int i = 0; i < f->beside_count; i++) {
        f->open++;
        beside_close(f->besides[i], false, on_ended, f);
    }
    if (f->source != NULL) {
        f->open++;
        source_close(f->source, on_ended, f);
    }
    if (f->gate != NULL) /* after the source, which still answers to it */
        gate_close(f->gate, NULL, NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    r = uv_loop_close(&f->loop);
    assert(r == 0);
    (void)r;
    store_destroy(f->store);
    if (f->settings != NULL)
        settings_finish(f->settings);
    free(f->settings);
    free(f->over_context);
    free(f->over_ns);
}

uint32_t fleet_agent(const struct fleet *f, const char *name,
                     struct error *err)
{
    const struct store *st = f->store;
    uint32_t found = SLOT_NONE;
    char where[160] = "";
    size_t len = 0;
    int count = 0;

    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);

        if (a == NULL || a->pictured || strcmp(a->name, name) != 0)
            continue;
        found = i;
        count++;
        if (len + 1 < sizeof where)
            len += (size_t)snprintf(where + len, sizeof where - len, "%s%s",
                                    len > 0 ? ", " : "", a->ns);
    }
    if (count == 1)
        return found;
    if (count == 0)
        error_set(err, ERR_ABSENT, "there is no agent '%.100s'", name);
    else
        error_set(err, ERR_CONFIG,
                  "'%.80s' is in several namespaces, choose by -n: %.120s",
                  name, where);
    return SLOT_NONE;
}

const char *fleet_namespace(const struct fleet *f)
{
    return f->cluster ? kube_source_namespace(f->source) : "";
}

int64_t fleet_now(const struct fleet *f)
{
    int64_t offset = f->store->plane_count ? f->store->planes[0].offset_ms : 0;

    return clock_wall_ms() + offset;
}

bool fleet_answered(const struct fleet *f)
{
    for (uint32_t i = 0; i < f->store->plane_count; i++)
        if (!f->store->planes[i].answered)
            return false;
    for (int i = 0; i < f->beside_count; i++)
        if (beside_pending(f->besides[i]))
            return false;
    return true;
}
