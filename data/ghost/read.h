/*
 * One file of a ghost cache, whichever layout it is of.
 *
 * JSON is taken with or without the cache's own envelope ({"data": …,
 * "timestamp": …}), and with the later one inside (ttl_seconds, human_label,
 * data). Times without a zone are this machine's; one that is not said is the
 * file's own.
 *
 * ERR_SYNTAX: it is not whole, or no such file: whoever has a good copy keeps
 * it. ERR_ABSENT: it is whole and says nothing worth knowing (a status of a
 * cache that has just been started, which replaces the good one there).
 */
#ifndef DATA_GHOST_READ_H
#define DATA_GHOST_READ_H

#include "base/error.h"
#include "base/span.h"
#include "data/ghost/scan.h"

#define GHOST_ITEMS_MAX 1024 /* of one file; more are not kept */

struct ghost_item {
    char name[128], genus[32], status[48], phase[48], text[200];
    double level; /* signals; NAN */
};

struct ghost_page {
    enum ghost_role role;
    struct ghost_item *items; /* owned: agents, signals or proposals */
    int count;
    struct ghost_item *levels; /* owned: what a status says of signals */
    int level_count;
    int64_t taken_ms; /* wall time */
    int64_t ttl_ms;   /* 0: it has none */
    char words[120];  /* what it says in short; "" */
    char label[64];   /* what it is called for people; "" */
};

/* A line of a stream, or what was answered when something was invoked. */
typedef void (*ghost_line_fn)(int64_t at_ms, struct span source,
                              struct span text, void *arg);

int ghost_read(const struct ghost_file *f, struct ghost_page *ret,
               ghost_line_fn line, void *arg, struct error *err);
void ghost_page_finish(struct ghost_page *p);
/* "2026-11-21T10:31:34.123", with or without a zone; false: not a time. */
bool ghost_time(struct span s, int64_t *ret_ms);

#endif
