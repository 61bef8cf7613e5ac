/*
 * A ghost cache as a source: what kgents wrote down of a fleet, in a folder,
 * for when nothing else answers. All four layouts (read.h, scan.h).
 *
 * Followed by inotify, gathered for GHOST_SETTLE_MS, and looked at every
 * GHOST_LOOK_MS besides. Nobody writes these files whole at once: one that
 * cannot be read is looked at again soon, a few times, and until then the
 * last good copy stands; then it is counted, as is what is skipped.
 *
 * Its agents, and the signals of its status, are rows like those of the saved
 * picture (dump.h): marked, with their age, and never in the way of a source
 * that is live. While one of the kind is, nothing is told; when none is any
 * more they come back. Its lines are thoughts of nobody, each told once.
 *
 * The plane is live while the folder can be read; its proof of life is the
 * moment of the newest file.
 */
#ifndef DATA_GHOST_SOURCE_H
#define DATA_GHOST_SOURCE_H

#include "data/source.h"

#define GHOST_SETTLE_MS 100
#define GHOST_LOOK_MS 5000
#define GHOST_AGAIN_MS 300
#define GHOST_TRIES 5

struct ghost_options {
    const char *name; /* of its plane */
    const char *path; /* NULL: ~/.kgents/ghost */
    const char *ns;   /* where its agents run; NULL: kgents-agents */
};

/* Copies. Never fails: what is wrong is in the plane. */
struct source *ghost_source_create(uv_loop_t *loop, struct store *store,
                                   const struct ghost_options *options);

/* How old what it says of agents may be to be fresh, stale or old: the
   thresholds that kgents planned. */
enum ghost_age { GHOST_FRESH, GHOST_STALE, GHOST_OLD };
enum ghost_age ghost_age(int64_t age_ms, int64_t base_ms);

#endif
