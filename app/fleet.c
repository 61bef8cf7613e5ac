#include "config.h"

#include "app/fleet.h"

#include "data/kube/kubeconfig.h"
#include "data/kube/source.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#define USER_AGENT "terrarium/" PACKAGE_VERSION

void fleet_init(struct fleet *f)
{
    *f = (struct fleet){0};
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

int fleet_open(struct fleet *f, const struct options *o, struct error *err)
{
    const struct kube_config_want want = {
        .path = o->values[OPTION_KUBECONFIG],
        .context = o->values[OPTION_CONTEXT],
        .cluster_root = "",
    };
    const struct kube_options options = {
        .ns = o->values[OPTION_NAMESPACE],
        .all = o->values[OPTION_ALL] != NULL,
        .user_agent = USER_AGENT,
    };
    struct kube_config config;

    if (kube_config_load(&want, &config, err) != 0) {
        no_source(f, err);
        return err->code;
    }
    snprintf(f->context, sizeof f->context, "%s", config.context);
    f->insecure = config.insecure;
    f->kube = kube_source_create(&f->loop, f->store, &config, &options);
    return 0;
}

void fleet_start(struct fleet *f)
{
    if (f->kube != NULL)
        source_start(f->kube);
}

static void on_closed(void *arg)
{
    ((struct fleet *)arg)->open--;
}

void fleet_finish(struct fleet *f)
{
    int r;

    if (f->kube != NULL) {
        f->open++;
        source_close(f->kube, on_closed, f);
    }
    uv_run(&f->loop, UV_RUN_DEFAULT);
    r = uv_loop_close(&f->loop);
    assert(r == 0);
    (void)r;
    store_destroy(f->store);
}

const char *fleet_namespace(const struct fleet *f)
{
    return f->kube != NULL ? kube_source_namespace(f->kube) : "";
}

int64_t fleet_now(const struct fleet *f)
{
    struct timespec now;
    int64_t offset = f->store->plane_count ? f->store->planes[0].offset_ms : 0;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + offset;
}

bool fleet_answered(const struct fleet *f)
{
    for (uint32_t i = 0; i < f->store->plane_count; i++)
        if (!f->store->planes[i].answered)
            return false;
    return true;
}
