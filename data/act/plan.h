/*
 * What would be done: in words, and as the exact request.
 *
 * A plan is made by a source (source_plan) from a want, shown, confirmed,
 * and sent by the same source. It is bound to identity and content: the
 * digest of what was shown goes into the request or is compared before it.
 *
 * friction  low: one key, held 5 s · medium: y/N · high: the name is typed ·
 *           critical: the name and a reason
 */
#ifndef DATA_ACT_PLAN_H
#define DATA_ACT_PLAN_H

#include "base/error.h"
#include "data/kinds.h"
#include "data/risk.h"

#include <stdint.h>

#define ACT_MAP(X)                                                             \
    X(APPROVE, "approve")                                                      \
    X(REJECT, "reject")                                                        \
    X(SPAWN, "spawn")                                                          \
    X(SAY, "say")                                                              \
    X(PAUSE, "pause")                                                          \
    X(RESUME, "resume")                                                        \
    X(KILL, "kill")                                                            \
    X(OVERRIDE, "override") /* approve over a T-gent that did not pass */      \
    X(SCALE, "scale")                                                          \
    X(RESTART, "restart")                                                      \
    X(DEPOSIT, "deposit") /* a pheromone */                                    \
    X(WIPE, "wipe")       /* one away */                                       \
    X(PROPOSE, "propose")                                                      \
    X(HALT, "halt")                                                            \
    X(EXEC, "exec")                                                            \
    X(ATTACH, "attach")                                                        \
    X(FORWARD, "port-forward")                                                 \
    X(MERGE, "merge")         /* an agent's branch */                          \
    X(OBJECTIVE, "objective") /* a new one */                                  \
    X(UNFREEZE, "unfreeze")   /* one that its control plane froze */
#define ACT_ENUM(id, name) ACT_##id,
enum act { ACT_MAP(ACT_ENUM) ACT_COUNT };
const char *act_name(enum act a);

#define ACT_TEXT 1024
#define ACT_NAME 260
#define ACT_MORE 16

/* What a form's field says; its key names it (widgets/form.h). */
struct act_more {
    char key[16];
    char text[256];
};

/* What a person wants; copied whole. */
struct act_want {
    enum act act;
    enum kind kind; /* of the row it is about */
    char ns[ACT_NAME], name[ACT_NAME]; /* of the row; of the new agent */
    uint8_t uid[16];
    char reason[ACT_TEXT];  /* or what is said */
    char command[ACT_TEXT]; /* spawn: words as typed, no shell; a payload */
    char dir[ACT_TEXT];
    struct act_more more[ACT_MORE]; /* key "" ends */
    char shown[80]; /* digest of what a person saw; "" not yet */
    uint8_t friction; /* enum risk_level they confirmed */
};

#define PLAN_LINES 8

struct source;

struct plan {
    struct act_want want;
    struct source *by; /* who made it, and sends it; NULL: nobody any more */
    char title[200];              /* "approve push to main" */
    char lines[PLAN_LINES][200];  /* what it means, who else is hit */
    int line_count;
    char type[ACT_NAME];          /* what is typed at high friction */
    char digest[80];              /* of what was shown; "" none */
    int entries, mine; /* approvals and rejections that stood, and the user's
                          own; -1 not known */
    int before; /* replicas that a pause takes away; 0 nothing */
    enum risk_level friction;
    char user[128];   /* who acts, as the server knows them; "" not told */
    uint8_t hit[16];  /* uid of the object that the request changes */
    uint64_t version; /* of the object that was shown; 0 not known */
    char method[8], path[700];
    const char *content; /* its type; NULL: application/json */
    char *body; /* owned; NULL none */
    char field[16]; /* there is no plan for what this field says; "" for all */
    bool tries;     /* its source can ask first whether it would be taken */
};

/* It is about the object of this uid: named by it, or by its name alone. */
bool want_is(const struct act_want *w, const uint8_t uid[16]);
/* The text of a field; "" if there is none such, or nothing in it. */
const char *want_more(const struct act_want *w, const char *key);
/* False: no room. */
bool want_set(struct act_want *w, const char *key, const char *text);
/* The same, and by the keys name, ns, reason, command, dir the fields. */
const char *want_get(const struct act_want *w, const char *key);
bool want_put(struct act_want *w, const char *key, const char *text);
/* How many bytes a field of that key takes, with the NUL. */
size_t want_room(const char *key);

void plan_finish(struct plan *p);
void plan_line(struct plan *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Splits a command line into words: blanks part them, quotes and backslashes
 * keep them together; no variable, no glob, no pipe. Words are owned by ret.
 * ERR_SYNTAX: an open quote, or what only a shell would understand, named.
 */
#define WORDS_MAX 256
struct words {
    char *at[WORDS_MAX];
    int count;
};
int words_split(const char *line, struct words *ret, struct error *err);
void words_finish(struct words *w);

#endif
