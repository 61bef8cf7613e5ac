/*
 * The one way by which anything is changed.
 *
 *   plan → confirm → (held) → sent → accepted → observed
 *                     or: cancelled, refused, superseded, unknown, lost
 *
 * The screen makes a plan (gate_plan), shows it, and commits it. Held plans
 * wait GATE_HELD_MS and can be cancelled or released. Before a request
 * leaves its intent is in the journal, and the row is compared with what was
 * shown, by planning it anew: another identity or digest, and nothing is
 * sent; what is different is told. A server that says "not any more" (409,
 * 422) is read again: the same digest, it is sent again (GATE_TRIES times);
 * another one, nothing is. "Accepted" is the server's yes; "observed" is a
 * row that shows it. An answer that was lost is unknown until the object was
 * read again or the watch told: then the row decides. 429 and 503: sent again
 * after 1 and 2 seconds, then refused.
 *
 * Bounds  GATE_ACTIONS receipts; the oldest finished one gives way
 * Thread  loop thread only
 */
#ifndef DATA_ACT_GATE_H
#define DATA_ACT_GATE_H

#include "data/act/before.h"
#include "data/act/journal.h"
#include "data/act/plan.h"
#include "data/source.h"

#define GATE_ACTIONS 512
#define GATE_SOURCES 16
#define GATE_HELD_MS 5000
#define GATE_TRIES 3
#define GATE_HURRY_MS 10000 /* so long after its yes a row is waited for */
#define GATE_FORLORN_MS 180000 /* then it gives way, if all are under way */
#define GATE_LOST_MS 2000 /* live for so long and not done: it was not */

enum action_state {
    ACTION_HELD,
    ACTION_SENT,     /* its intent is durable, the request leaves */
    ACTION_ACCEPTED,
    ACTION_OBSERVED,
    ACTION_UNKNOWN,  /* the answer was lost: looking */
    ACTION_CANCELLED,
    ACTION_REFUSED,
    ACTION_SUPERSEDED, /* it is no longer what was shown */
    ACTION_LOST,       /* the answer was lost, and it was not done */
};
const char *action_state_name(enum action_state s);

struct action_receipt {
    uint32_t id; /* counts up from 1 */
    struct plan plan;
    char key[48]; /* makes a repeated request the same one */
    enum action_state state;
    char progress[120];    /* how far it is, in words; "" */
    char reply[200];       /* what an agent answered to what was said; "" */
    int status;            /* the server's last answer; 0 none */
    int tries;             /* requests that left */
    bool reading;          /* the object is being read again */
    bool looked;           /* it was, since the answer was lost */
    bool takes;            /* before.h was told that it takes something */
    bool doubted;          /* the server says it is not what was shown */
    int64_t again_ms;      /* when it is sent again, or read; 0 not */
    int64_t held_until_ms; /* wall */
    int64_t begun_ms, sent_ms, accepted_ms, ended_ms;
    struct error error;
};

struct gate;

/* changed: something of a receipt is another. */
struct gate *gate_create(uv_loop_t *loop, struct store *st,
                         const char *journal, void (*changed)(void *arg),
                         void *arg);
/* Held ones are cancelled; what was sent stays unknown in the journal. */
void gate_close(struct gate *g, void (*cb)(void *arg), void *arg);
/*
 * A source that takes actions. Several are asked for a plan in the order they
 * came; who says ERR_ABSENT leaves it to the next.
 */
void gate_use(struct gate *g, struct source *s);
/* The same, and it is asked before the others. */
void gate_use_first(struct gate *g, struct source *s);
/* It ends: what is under way there is unknown and stays so. */
void gate_leave(struct gate *g, struct source *s);

/* 0, or why there is no such action. ret is the caller's: plan_finish. */
int gate_plan(struct gate *g, const struct act_want *want, struct plan *ret,
              struct error *err);
/* Takes the plan over. hold: wait GATE_HELD_MS. Its id; 0: full. */
uint32_t gate_commit(struct gate *g, struct plan *p, bool hold);
/* The latest held one: cancelled, or sent at once. False if none is. */
bool gate_cancel(struct gate *g);
bool gate_release(struct gate *g);

/* Rows changed, or a source's state did. */
void gate_look(struct gate *g);

/* By its id; NULL: never was, or gave way to another. */
const struct action_receipt *gate_find(const struct gate *g, uint32_t id);
/* What was taken away and is not given back yet, see before_at. */
bool gate_taken(const struct gate *g, int n, struct before_row *ret);
/* Newest first; NULL beyond the end. */
const struct action_receipt *gate_receipt(const struct gate *g, int n);
/* The receipt that is about this row and not over, or the newest; NULL. */
const struct action_receipt *gate_about(const struct gate *g, enum kind kind,
                                        const char *ns, const char *name);
/* Something is under way whose outcome somebody waits for. */
bool gate_hurries(const struct gate *g);
int gate_held(const struct gate *g);

#endif
