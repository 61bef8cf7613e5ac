/*
 * One line of output as what the agent said, thought, called or got.
 *
 * Plain lines and JSON logs go through data/logline; the JSON streams of
 * coding agents (Claude Code, Codex, opencode, Gemini CLI) also tell tools,
 * tokens, cost and how the agent is.
 */
#ifndef HABITAT_SPEECH_H
#define HABITAT_SPEECH_H

#include "base/span.h"
#include "data/logline.h"

#include <stdbool.h>
#include <stdint.h>

#define SPEECH_MAX 8 /* a line may hold several blocks */

struct speech {
    const char *kind;   /* name of a thought kind */
    const char *action; /* of fracta's catalogue */
    struct span text, tool;
    int64_t tokens;     /* used by this line; 0 not said */
    double cost;        /* NAN not said */
    bool error;
    const char *report; /* "working", "idle", "blocked", "done", "error" */
};

/* How many it says, 0…SPEECH_MAX; texts are valid until the next call. */
int speech_read(struct logline_reader *plain, struct span line,
                struct speech *ret);

#endif
