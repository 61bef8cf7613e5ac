#include "config.h"

#include "app/fleet.h"

#include "settings/settings.h"

#include "base/clock.h"
#include "data/act/gate.h"
#include "data/fracta/source.h"
#include "data/kube/kubeconfig.h"
#include "data/kube/source.h"

#include "front/client.h"

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

static bool launch(void *arg, struct error *err)
{
    return client_launch_daemon(arg, err) == 0;
}

/* This machine's own agents: what is there when nothing is configured. */
static int open_habitat(struct fleet *f, const struct options *o,
                        struct error *err)
{
    bool acts = (o->verb == VERB_CONSOLE || o->verb == VERB_TETHER) && o->values[OPTION_READ_ONLY] == NULL;
    struct fracta_options options = {
        .user_agent = USER_AGENT,
        .launch = acts ? launch : NULL,
        .launch_arg = &f->habitat,
        .writes = acts,
        .practice = getenv("TERRARIUM_PRACTICE") != NULL};

    if (habitat_paths(&f->habitat, err) != 0)
        return err->code;
    options.socket = f->habitat.socket;
    if (gethostname(f->context, sizeof f->context) != 0)
        snprintf(f->context, sizeof f->context, "this machine");
    f->source = fracta_source_create(&f->loop, f->store, &options);
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

int fleet_open(struct fleet *f, const struct options *o, struct error *err)
{
    const struct kube_config_want want = {
        .path = o->values[OPTION_KUBECONFIG],
        .context = o->values[OPTION_CONTEXT],
        .cluster_root = "",
    };
    struct kube_options options = {
        .ns = o->values[OPTION_NAMESPACE],
        .all = o->values[OPTION_ALL] != NULL,
        .user_agent = USER_AGENT,
        .writes = (o->verb == VERB_CONSOLE || o->verb == VERB_TETHER ||
                   o->verb == VERB_FORWARD) &&
                  o->values[OPTION_READ_ONLY] == NULL,
    };
    struct kube_config config;
    char *journal;

    error_clear(err);
    if (wants_habitat(o, err))
        return open_habitat(f, o, err);
    if (kube_config_load(&want, &config, err) != 0) {
        if (wants_habitat(o, err))
            return open_habitat(f, o, err);
        no_source(f, err);
        return err->code;
    }
    snprintf(f->context, sizeof f->context, "%s", config.context);
    f->insecure = config.insecure;
    f->cluster = true;
    f->read_only = settings_read_only(o->settings, config.context);
    options.writes &= !f->read_only;
    options.journal = journal = journal_path();
    f->source = kube_source_create(&f->loop, f->store, &config, &options);
    free(journal);
    return 0;
}

void fleet_start(struct fleet *f)
{
    if (f->source != NULL)
        source_start(f->source);
}

static void on_closed(void *arg)
{
    ((struct fleet *)arg)->open--;
}

void fleet_finish(struct fleet *f)
{
    int r;

    if (f->source != NULL) {
        f->open++;
        source_close(f->source, on_closed, f);
    }
    if (f->gate != NULL) /* after the source, which still answers to it */
        gate_close(f->gate, NULL, NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    r = uv_loop_close(&f->loop);
    assert(r == 0);
    (void)r;
    store_destroy(f->store);
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
    return true;
}
