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

struct gate;

struct fleet {
    uv_loop_t loop;
    struct store *store;
    struct source *source; /* NULL: none could be made; the plane says why */
    bool cluster;          /* it is Kubernetes */
    struct habitat_paths habitat;
    char context[128];
    bool insecure;
    bool read_only; /* the configuration says so of this context */
    struct gate *gate; /* closed with it; NULL: none */
    int open;
};

void fleet_init(struct fleet *f);
/*
 * Reads the kubeconfig and makes the sources. On a mistake in it: the error
 * (a line with file and field), and the plane is "refused" with it.
 */
int fleet_open(struct fleet *f, const struct options *o, struct error *err);
void fleet_start(struct fleet *f);
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
