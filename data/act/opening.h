/*
 * The journal's record of a channel into a pod: exec, attach, port-forward.
 *
 * Its intent is on the disk before it is opened, as with every action
 * (data/act/gate.h); what became of it follows as further steps.
 *
 * The journal outlives it, and is closed only when `go` has come for all. After
 * opening_end `go` is not passed on.
 */
#ifndef DATA_ACT_OPENING_H
#define DATA_ACT_OPENING_H

#include "data/act/journal.h"

struct opening;

struct opening_want {
    const char *act;      /* "exec", "attach", "port-forward" */
    const char *ns, *name; /* the agent's */
    const uint8_t *uid;   /* and its identity; NULL not known */
    const char *title;    /* in words */
    const char *who;      /* on the server; NULL not known */
    const char *path;     /* of the request */
};

/* All is copied. go: err->code 0, and it may be opened. journal NULL: go
   comes with ERR_CONFIG, before this returns. */
struct opening *opening_begin(struct journal *j,
                              const struct opening_want *want, journal_cb go,
                              void *arg);
/* "opened", "refused", "ended"; note NULL or "" none. */
void opening_step(struct opening *o, const char *step, const char *note);
/* NULL passes. */
void opening_end(struct opening *o);

#endif
