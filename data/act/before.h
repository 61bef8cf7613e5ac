/*
 * What was taken away from here and is to be given back: how many pods an
 * agent had before it was paused or halted.
 *
 * Kept by the journal: an intent that takes away says so ("before"); an
 * observed resume ends it, or that the taking came to nothing. When a console starts it reads the journal's last
 * BEFORE_TAIL bytes on libuv's pool; what is asked for earlier is not known.
 */
#ifndef DATA_ACT_BEFORE_H
#define DATA_ACT_BEFORE_H

#include "data/act/plan.h"

#include <uv.h>

#define BEFORE_TAIL (16u << 20)
#define BEFORE_MAX 20000 /* agents; the oldest is forgotten */

struct before;

/* path NULL: nothing is read. */
struct before *before_create(uv_loop_t *loop, const char *path);
void before_close(struct before *b, void (*cb)(void *arg), void *arg);

/* By namespace, name and identity of the agent. Several may be about to take
   the same away: it was not taken when each of them came to nothing. */
void before_put(struct before *b, const struct act_want *w, int replicas);
void before_undo(struct before *b, const struct act_want *w);
/* It is given back. */
void before_drop(struct before *b, const struct act_want *w);
/* 0: nothing was taken from here. */
int before_find(const struct before *b, const struct act_want *w);
/* The n-th of those that wait to be given back; false beyond the end. */
struct before_row {
    char ns[ACT_NAME], name[ACT_NAME];
    uint8_t uid[16];
    int replicas;
};
bool before_at(const struct before *b, int n, struct before_row *ret);

#endif
