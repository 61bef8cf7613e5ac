/*
 * A source beside the one that has the screen: a control plane, Postgres, …,
 * as the configuration names it, and its way into the cluster, where it has
 * one.
 */
#ifndef APP_BESIDE_H
#define APP_BESIDE_H

#include "app/options.h"
#include "data/source.h"
#include "settings/settings.h"

struct graph_view;
struct kube_reach;
struct beside;

struct beside_want {
    uv_loop_t *loop;
    struct store *store;
    const struct settings_source *settings; /* for the call */
    struct kube_reach *reach; /* of the cluster; NULL: there is none */
    const char *user_agent;
    bool writes;
    /* Its source was made later than beside_open: what it wanted first (a
       password from a command) is there now. Started by itself. */
    void (*made)(struct beside *b, void *arg);
    void *arg;
};

/*
 * NULL: it is no source of this kind. What is wrong is in its plane. Nothing
 * is asked before beside_start, and where a way into the cluster is to be
 * opened first, before that stands.
 */
struct beside *beside_open(const struct beside_want *want);
void beside_start(struct beside *b);
/* NULL: it could not be made; its plane says why. */
struct source *beside_source(const struct beside *b);
const char *beside_name(const struct beside *b);
/* Of a knowledge graph: what there is to see of it. NULL: it is none. */
const struct graph_view *beside_graph(const struct beside *b);
/* What it is made of is still being read: there is neither source nor plane. */
bool beside_pending(const struct beside *b);
/* Its way leads through the cluster on this screen. */
bool beside_through(const struct beside *b);
/*
 * It would be another one if it were made now, of the same settings: it is
 * refused, or a file that they name (certificates, a password) has changed.
 */
bool beside_outdated(const struct beside *b, const struct settings_source *s);
/*
 * Ends it. forget: the store goes on, its rows go first. cb last, when source
 * and way are freed.
 */
void beside_close(struct beside *b, bool forget, void (*cb)(void *arg),
                  void *arg);

#endif
