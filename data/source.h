/*
 * A source: brings rows into the store, for ever, and never blocks.
 *
 * Made by its own create function (data/kube/source.h, …), used only through
 * these. A source owns one plane of the store, where its state, its last
 * error and its proof of life are.
 *
 * Thread  loop thread only
 */
#ifndef DATA_SOURCE_H
#define DATA_SOURCE_H

#include "data/act/plan.h"
#include "data/act/tried.h"
#include "data/store.h"

#include <uv.h>

struct source;

/* Begins; nothing is called back before it returns. */
void source_start(struct source *s);

/* Tries at once what waits for a retry; asks for proof of life. */
void source_refresh(struct source *s);

/*
 * The agents that are looked at now, most wanted first: their log lines are
 * followed, others' are not. Copied.
 */
#define SOURCE_FOCUS_MAX 32
struct focus {
    const char *ns, *name;
};
void source_focus(struct source *s, const struct focus *agents, int count);

/*
 * Fetches one object as it is, as YAML. One at a time: a new fetch ends the
 * one before, whose callback is not called. text is borrowed for the call,
 * NULL on error. False if this source has no such thing to fetch.
 */
typedef void (*source_fetch_cb)(const char *text, size_t len,
                                const struct error *err, void *arg);
bool source_fetch(struct source *s, enum kind kind, const char *ns,
                  const char *name, source_fetch_cb cb, void *arg);

/*
 * What an agent puts out, as far as its source keeps it, line by line: for
 * the page of logs. One at a time: a new one ends the one before, as
 * source_unfollow does; nothing of it is called then. Nothing is called
 * before it returns. False: this source has nothing of the agent.
 */
struct source_lines {
    /* at_ms: when it was written, 0 not known. Any bytes but a line's end. */
    void (*line)(int64_t at_ms, const char *p, size_t n, void *arg);
    /* How it stands, in words; bad: that is trouble. */
    void (*told)(const char *text, bool bad, void *arg);
    void *arg;
};
bool source_follow(struct source *s, const char *ns, const char *name,
                   const struct source_lines *calls);
void source_unfollow(struct source *s);

/*
 * Makes the plan of what is wanted (data/act/gate.h is its only caller).
 * ERR_ABSENT: this source has no such action, or the row is gone.
 */
int source_plan(struct source *s, const struct act_want *want,
                struct plan *ret, struct error *err);
/*
 * Sends a plan; `key` makes a repetition the same request. cb: the status,
 * or 0 with err when no answer came; with 2xx err has no code, and its text
 * is what was answered in words, if anything. 0, or why nothing was sent (no
 * cb then).
 */
typedef void (*source_sent_cb)(int status, const struct error *err,
                               void *arg);
int source_send(struct source *s, const struct plan *p, const char *key,
                source_sent_cb cb, void *arg, struct error *err);

/*
 * Reads the object again that a plan is about, straight from the server, and
 * puts what it says into the store: an answer was lost, or the server said
 * that it is no longer what was shown. found: 1 it is there, 0 it is not,
 * -1 not told, with err. False: this source has no such thing; no cb.
 */
typedef void (*source_reread_cb)(int found, const struct error *err,
                                 void *arg);
bool source_reread(struct source *s, const struct plan *p,
                   source_reread_cb cb, void *arg);

/* What comes is waited for: not a moment is to be lost with gathering it. */
void source_hurry(struct source *s, bool on);

/*
 * Asks the server whether it would take a plan whose `tries` is set; nothing
 * is stored or changed. One at a time: a new question ends the one before,
 * as source_untry does; its callback is then not called. 0, or why nothing
 * was asked (no cb then).
 */
typedef void (*source_tried_cb)(const struct tried *t, void *arg);
int source_try(struct source *s, const struct plan *p, source_tried_cb cb,
               void *arg, struct error *err);
void source_untry(struct source *s);

/* Before closing it, when the store goes on: its rows and its plane go. */
void source_forget(struct source *s);

/* Its plane moves to a place of the store that another has left. */
void source_move(struct source *s, struct plane *to);

/* Ends and frees it; cb last. */
void source_close(struct source *s, void (*cb)(void *arg), void *arg);

const struct plane *source_plane(const struct source *s);
/* The same, for who has to say there what keeps it from starting. */
struct plane *source_own_plane(struct source *s);

/* Lines for doctor: "what: finding", each "ok", "warn" or "bad". */
enum finding { FINDING_OK, FINDING_WARN, FINDING_BAD };
typedef void (*source_doctor_fn)(enum finding f, const char *what,
                                 const char *found, const char *todo,
                                 void *arg);
void source_doctor(const struct source *s, source_doctor_fn fn, void *arg);

#endif
