/*
 * One line of output as what the agent said, thought, called or got.
 *
 * The JSON streams of coding agents (Claude Code, Codex, opencode, Gemini
 * CLI) become typed thoughts, with tools, tokens, cost and how the agent is;
 * what they send beyond that is passed over without a line. Plain lines and
 * other JSON go through data/logline.
 *
 * Tokens   those in and out that did not come from a cache, counted once: of
 *          a turn's or step's end (Claude `result`, Codex `turn.completed`,
 *          opencode `step_finish`, Gemini `result`), never of the messages
 *          within, whose numbers say the same again
 * Cost     as the agent says at that end; Codex and Gemini say none. Claude's
 *          total of a session is taken less what it was at its last result
 */
#ifndef HABITAT_SPEECH_H
#define HABITAT_SPEECH_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define SPEECH_MAX 8 /* a line may hold several blocks; the rest is left out */

struct speech {
    const char *kind;   /* name of a thought kind */
    const char *action; /* of fracta's catalogue */
    struct span text;   /* empty: nothing to show, only to count or report */
    struct span tool;
    int64_t tokens;     /* used by this line; 0 not said */
    double cost;        /* NAN not said */
    bool error;
    const char *report; /* "working", "idle", "blocked", "done", "error" */
};

/* What one agent's lines leave for its next ones. */
struct speech_memory {
    struct buf said; /* pieces of a message that is not whole yet */
    uint64_t session;
    double cost; /* the session's total so far */
};

void speech_memory_init(struct speech_memory *m);
void speech_memory_finish(struct speech_memory *m);

struct speech_reader;

struct speech_reader *speech_create(void);
void speech_destroy(struct speech_reader *r);
/* How many it says, 0…SPEECH_MAX; texts are valid until the next call. */
int speech_read(struct speech_reader *r, struct speech_memory *m,
                struct span line, struct speech *ret);
/* No more lines come: what was not whole. 0 or 1. */
int speech_end(struct speech_reader *r, struct speech_memory *m,
               struct speech *ret);

#endif
