/* One format of agents' JSON lines, as speech.c reads it. */
#ifndef HABITAT_SPEECH_PRIV_H
#define HABITAT_SPEECH_PRIV_H

#include "data/json/pick.h"
#include "habitat/speech.h"

#define SPEECH_SLOTS 32
#define SPEECH_TEXT_MAX 4096 /* of a text put together here */

/* What tells whose line it is; all but `type` only whether they are there. */
struct speech_sniff {
    struct span type, subtype;
    bool session_id, session, message, part, error, timestamp, role, model,
        tool_name, tool_id, severity, status, uuid;
};

/* One block of a message. */
struct speech_block {
    struct span type, text, name, arg;
    int arg_rank; /* lower is the better word for what a call is about */
    bool error;
};

/* A line being read. */
struct speech_work {
    struct speech_memory *memory;
    struct span slot[SPEECH_SLOTS]; /* by field: first string, number, bool */
    struct span arg;                /* of a call */
    int arg_rank;
    struct speech_block block[SPEECH_MAX];
    int blocks, inside; /* inside: of a block that is kept */
    int64_t tokens;
    double cost;
    struct buf *list;      /* things named one after another */
    int counted, done;     /* of a list of things to do */
    struct speech *ret;
    int count;
    struct buf *texts; /* SPEECH_MAX */
};

/* Fields below SPEECH_SLOTS go to the slots, the others to value(). */
struct speech_format {
    const struct pick_rule *rules;
    bool (*knows)(const struct speech_sniff *s);
    void (*value)(struct speech_work *w, int field,
                  const struct pick_value *v);
    void (*end)(struct speech_work *w);
};

extern const struct speech_format speech_claude, speech_codex, speech_opencode,
    speech_gemini;

/* Another thing said; NULL if there were enough. kind NULL: no line. */
struct speech *speech_add(struct speech_work *w, const char *kind,
                          struct span text);
/* The same with a text put together. */
struct speech *speech_fmt(struct speech_work *w, const char *kind,
                          const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "TOOL ARGUMENT", as a call. */
struct speech *speech_call(struct speech_work *w, struct span tool,
                           struct span arg);
/* Only counts and how it is. */
struct speech *speech_quiet(struct speech_work *w, const char *report);
/* For rules that end in input.*: the member that says most. */
void speech_arg(struct span *arg, int *rank, const struct pick_value *v);
/* What was gathered in memory, as something said. */
void speech_gathered(struct speech_work *w);
/* 0 if it is none, or less. */
int64_t speech_int(struct span s);
double speech_cost(struct span s); /* NAN if it is none */
/* For "%.*s", at most max bytes, whole characters. */
int speech_cut(struct span s, size_t max);

#endif
