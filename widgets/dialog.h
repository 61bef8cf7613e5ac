/*
 * The dialog of an action: the plan, and what confirms it.
 *
 * Low friction has none (the gate holds the action for a while); medium is
 * y/N; high wants the name typed; critical the name and a reason. Acts that
 * need more have a form (widgets/form.h), whose fields come first.
 *
 * Where the source can be asked first whether it would take a plan, Enter
 * asks (dialog_try); meanwhile keys only cancel that. What it finds wrong is
 * told at the field; what it warns of, and what it says would come of it, is
 * shown, and Enter is wanted again.
 *
 * What is no longer what was shown when it is confirmed is not sent: the new
 * plan is shown, its new lines lit, and to be confirmed anew.
 *
 * A person decides, not an accident: a confirming key within
 * DIALOG_CALM_MS after the dialog was on the screen is dropped and marked;
 * what is pasted only types.
 */
#ifndef WIDGETS_DIALOG_H
#define WIDGETS_DIALOG_H

#include "data/act/tried.h"
#include "widgets/field.h"

#include <stddef.h>

#define DIALOG_CALM_MS 300
#define DIALOG_FIELDS 20
#define DIALOG_MANY 256 /* rows in one bulk plan */

struct dialog {
    bool open;
    bool cluster; /* where it acts: says which form it has */
    bool plane;   /* at a control plane */
    struct act_want *wants; /* room for DIALOG_MANY */
    int count;
    struct plan plan; /* of the first; its friction is the highest of all */
    struct error error; /* why there is no plan */
    bool planned;
    const struct form *form; /* NULL: none */
    struct field *fields;    /* DIALOG_FIELDS; the form's, then what confirms */
    int form_count, field_count, at;
    bool pressed; /* Enter was: what is missing is told */
    bool trying;  /* the server is being asked */
    bool edited;  /* the form's file was written here: it is ours */
    char warnings[TRIED_WARNINGS][200];
    int warning_count;
    char told[TRIED_LINES][200]; /* what would come of it */
    int told_count;
    bool warned; /* it would be taken, and that was shown: Enter sends it */
    bool again;      /* it changed while it was shown: look again */
    bool lit_title;  /* what is new since then */
    uint32_t lit;    /* bit i: line i of the plan */
    bool *lit_rows;  /* DIALOG_MANY: rows of a bulk plan */
    int left_out;    /* rows of which there is no plan, and why the first */
    char left_why[200];
    int recall; /* spawn: which earlier command stands there; -1 none */
    int64_t shown_ms; /* when its first frame was on the screen; 0 not yet */
    bool dropped;     /* a key came too early */
};

enum dialog_answer {
    DIALOG_STAY,
    DIALOG_BEFORE, /* spawn: the command before this one, or after it */
    DIALOG_AFTER,
    DIALOG_REPLAN, /* a field changed: plan anew */
    DIALOG_EDIT,   /* the object is to be opened in an editor */
    DIALOG_UNTRY,  /* the question to the server is taken back */
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
/* After dialog_planned: it was confirmed, but as `was`, not as it is now; of
   many, the rows that changed. */
void dialog_again(struct dialog *d, const struct plan *was,
                  const bool *changed);
/* Of row i there is no plan: the others stand. */
void dialog_leave_out(struct dialog *d, int i, const struct error *why);
/* Neither a question nor a field: the gate's hold is confirmation enough. */
bool dialog_needless(const struct dialog *d);
enum dialog_answer dialog_key(struct dialog *d, uint32_t key, bool pasted,
                              int64_t now_ms);
/* The server is asked whether it would take the plan. */
void dialog_try(struct dialog *d);
/* Its answer. True: it would, and nothing is to be shown before. */
bool dialog_tried(struct dialog *d, const struct tried *t);
/* An editor has written the object to this file; NULL and why it did not. */
void dialog_edited(struct dialog *d, const char *path,
                   const struct error *err);
/* Puts an earlier command into the spawn form; name "" keeps the name. */
void dialog_recall(struct dialog *d, const char *command, const char *name,
                   const char *dir);
/* Nobody touched field i, and a file says what it would. */
bool dialog_filed(const struct dialog *d, int i);
/* The want of row i with what the fields say. */
void dialog_want(const struct dialog *d, int i, struct act_want *ret);

#endif
