/* `opencode run --format json`. */
#include "config.h"

#include "habitat/speech_priv.h"

#include <stdio.h>

enum {
    TYPE,
    TEXT,
    TOOL,
    STATUS,
    OUTPUT,
    FAILED,
    TITLE,
    REASON,
    COST,
    IN,
    OUT,
    THOUGHT,
    WRITTEN,
    NAME,
    WHY,
    MESSAGE,
    ARGUMENT = SPEECH_SLOTS
};

static const struct pick_rule rules[] = {
    {"type", TYPE},
    {"part.text", TEXT},
    {"part.tool", TOOL},
    {"part.state.status", STATUS},
    {"part.state.output", OUTPUT},
    {"part.state.error", FAILED},
    {"part.state.title", TITLE},
    {"part.state.input.*", ARGUMENT},
    {"part.reason", REASON},
    {"part.cost", COST},
    {"part.tokens.input", IN},
    {"part.tokens.output", OUT},
    {"part.tokens.reasoning", THOUGHT},
    {"part.tokens.cache.write", WRITTEN},
    {"error.name", NAME},
    {"error.data.message", WHY},
    {"error.message", MESSAGE},
    {NULL, 0}};

static bool knows(const struct speech_sniff *s)
{
    return s->session && (s->part || s->error);
}

static void value(struct speech_work *w, int field, const struct pick_value *v)
{
    (void)field;
    speech_arg(&w->arg, &w->arg_rank, v);
}

/* A tool is told once, when it is over: what was called and what it gave. */
static void tool(struct speech_work *w)
{
    bool bad = span_is(w->slot[STATUS], "error");
    struct span name = w->slot[TOOL];
    struct speech *s;

    speech_call(w, name, w->arg.p ? w->arg : w->slot[TITLE]);
    if (!bad && !span_is(w->slot[STATUS], "completed"))
        return;
    s = speech_add(w, "result", bad ? w->slot[FAILED] : w->slot[OUTPUT]);
    if (s == NULL)
        s = speech_add(w, "result", span_of(bad ? "failed" : "done"));
    s->tool = name;
    s->error = bad;
}

static void step_ends(struct speech_work *w)
{
    bool more = span_is(w->slot[REASON], "tool-calls");
    struct speech *s = speech_quiet(w, more ? "working" : "done");

    s->tokens = speech_int(w->slot[IN]) + speech_int(w->slot[OUT]) +
                speech_int(w->slot[THOUGHT]) + speech_int(w->slot[WRITTEN]);
    s->cost = speech_cost(w->slot[COST]);
}

static void failed(struct speech_work *w)
{
    struct span why = w->slot[WHY].n > 0       ? w->slot[WHY]
                      : w->slot[MESSAGE].n > 0 ? w->slot[MESSAGE]
                                               : w->slot[NAME];
    struct speech *s =
        speech_add(w, "error", why.n > 0 ? why : span_of("it failed"));

    s->error = true;
    s->report = "error";
}

static void end(struct speech_work *w)
{
    struct span type = w->slot[TYPE];

    if (span_is(type, "step_finish")) {
        step_ends(w);
        return;
    }
    if (span_is(type, "error")) {
        failed(w);
        return;
    }
    if (span_is(type, "text"))
        speech_add(w, "said", w->slot[TEXT]);
    else if (span_is(type, "reasoning"))
        speech_add(w, "thought", w->slot[TEXT]);
    else if (span_is(type, "tool_use"))
        tool(w);
    else if (span_is(type, "step_start"))
        speech_quiet(w, NULL);
    if (w->count > 0)
        w->ret[w->count - 1].report = "working";
}

const struct speech_format speech_opencode = {rules, knows, value, end};
