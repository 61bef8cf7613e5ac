/*
 * The dialog of an action: the plan, and what confirms it.
 *
 * Low friction has none (the gate holds the action for a while); medium is
 * y/N; high wants the name typed; critical the name and a reason. Spawning,
 * rejecting and saying have fields of their own.
 *
 * A person decides, not an accident: a confirming key within
 * DIALOG_CALM_MS after the dialog was on the screen is dropped and marked;
 * what is pasted only types.
 */
#ifndef WIDGETS_DIALOG_H
#define WIDGETS_DIALOG_H

#include "data/act/plan.h"

#include <stddef.h>

#define DIALOG_CALM_MS 300
#define DIALOG_FIELDS 3
#define DIALOG_MANY 64 /* rows in one bulk plan */

struct dialog_field {
    const char *label;
    char text[ACT_TEXT];
    char must[ACT_NAME]; /* what it must be; "" anything */
    bool optional;
};

struct dialog {
    bool open;
    struct act_want *wants; /* room for DIALOG_MANY */
    int count;
    struct plan plan; /* of the first; its friction is the highest of all */
    struct error error; /* why there is no plan */
    bool planned;
    struct dialog_field fields[DIALOG_FIELDS];
    int field_count, at;
    int recall; /* spawn: which earlier command stands there; -1 none */
    int64_t shown_ms; /* when its first frame was on the screen; 0 not yet */
    bool dropped;     /* a key came too early */
};

enum dialog_answer {
    DIALOG_STAY,
    DIALOG_BEFORE, /* spawn: the command before this one, or after it */
    DIALOG_AFTER,
    DIALOG_REPLAN, /* a field changed: plan anew */
    DIALOG_CONFIRM,
    DIALOG_CANCEL,
};

void dialog_init(struct dialog *d);
void dialog_finish(struct dialog *d);
/* Opens for d->wants; the plan comes by dialog_planned. */
void dialog_open(struct dialog *d);
void dialog_close(struct dialog *d);
/* Takes the plan over, or the error. */
void dialog_planned(struct dialog *d, struct plan *p,
                    const struct error *err);
/* Neither a question nor a field: the gate's hold is confirmation enough. */
bool dialog_needless(const struct dialog *d);
enum dialog_answer dialog_key(struct dialog *d, uint32_t key, bool pasted,
                              int64_t now_ms);
/* Puts an earlier command into the spawn form; name "" keeps the name. */
void dialog_recall(struct dialog *d, const char *command, const char *name,
                   const char *dir);
/* The want of row i with what the fields say. */
void dialog_want(const struct dialog *d, int i, struct act_want *ret);

#endif
