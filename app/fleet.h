/*
 * The sources of one run, on one loop, into one store: what console, wall,
 * snapshot and doctor have in common.
 */
#ifndef APP_FLEET_H
#define APP_FLEET_H

#include "app/options.h"
#include "data/source.h"
#include "data/store.h"
#include "habitat/paths.h"

struct beside;
struct graph_view;
struct gate;
struct settings;

#define FLEET_SOURCES 13 /* SETTINGS_SOURCES, and what is there unasked */

struct fleet {
    uv_loop_t loop;
    struct store *store;
    struct source *source; /* the cluster, or this machine's habitat; NULL:
                              none of both; a plane says why, if one was
                              wanted */
    struct source *sources[FLEET_SOURCES + 1]; /* all, that one first; two
                                                  while it is exchanged */
    int count;
    struct beside *besides[FLEET_SOURCES]; /* all but `source` */
    int beside_count;
    bool cluster; /* `source` is Kubernetes */
    struct habitat_paths habitat;
    char context[128];
    bool insecure;
    bool read_only; /* the configuration says so of this context */
    struct gate *gate; /* closed with it; NULL: none */
    char *over_context, *over_ns; /* what was switched to; NULL: nothing */
    struct settings *settings; /* that were read again; NULL: the options' */
    /* The first knowledge graph and what there is to see of it; NULL: none.
       graph_moved is called when it is another one than before. */
    struct source *graph;
    const struct graph_view *graph_view;
    void (*graph_moved)(void *arg);
    void *graph_arg;
    int open;
};

void fleet_init(struct fleet *f);
/*
 * Makes the sources that the configuration names; without any, a kubeconfig's
 * cluster, else the habitat, and what is found beside. On a mistake in the
 * kubeconfig: the error (a line with file and field), and the plane is
 * "refused" with it; the other sources are there.
 */
int fleet_open(struct fleet *f, const struct options *o, struct error *err);
void fleet_start(struct fleet *f);
/* As the functions of source.h, for all of them. */
void fleet_refresh(struct fleet *f);
void fleet_focus(struct fleet *f, const struct focus *agents, int count);
bool fleet_fetch(struct fleet *f, enum kind kind, const char *ns,
                 const char *name, source_fetch_cb cb, void *arg);
/* As source_follow, of the first that has it; one at a time of them all. */
bool fleet_follow(struct fleet *f, const char *ns, const char *name,
                  const struct source_lines *calls);
void fleet_unfollow(struct fleet *f);
void fleet_doctor(const struct fleet *f, source_doctor_fn fn, void *arg);
/*
 * Another context of the kubeconfig (NULL: the same), or another namespace
 * ("*" all; NULL: the context's own). The cluster's rows go, other sources
 * stay. 0, or why nothing was changed.
 */
int fleet_switch(struct fleet *f, const struct options *o,
                 const char *context, const char *ns, struct error *err);
/*
 * Reads the configuration again: sources it no longer names end, new and
 * changed ones begin, others are not touched. 0, or the first mistake, and
 * nothing was changed. ret_ended, ret_begun: how many.
 */
int fleet_reload(struct fleet *f, const struct options *o, int *ret_ended,
                 int *ret_begun, struct error *err);
/* The gate hears of all that act. */
void fleet_use(const struct fleet *f, struct gate *g);
/* Closes sources and runs the loop until it is empty; frees all. */
void fleet_finish(struct fleet *f);

/* The one agent of that name; SLOT_NONE with err: none, or several. */
uint32_t fleet_agent(const struct fleet *f, const char *name,
                     struct error *err);

/* The namespace in use, "" = all: a source may fall back to one. */
const char *fleet_namespace(const struct fleet *f);

/* The server's wall clock. */
int64_t fleet_now(const struct fleet *f);
/* All sources have answered once, or failed for good. */
bool fleet_answered(const struct fleet *f);

#endif
