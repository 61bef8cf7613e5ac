/* `gemini -p --output-format stream-json`. */
#include "config.h"

#include "habitat/speech_priv.h"

#include <stdio.h>

enum {
    TYPE,
    ROLE,
    CONTENT,
    DELTA,
    TOOL,
    STATUS,
    OUTPUT,
    WHY,
    MESSAGE,
    SEVERITY,
    ALL,
    CACHED,
    DURATION,
    ARGUMENT = SPEECH_SLOTS
};

static const struct pick_rule rules[] = {
    {"type", TYPE},
    {"role", ROLE},
    {"content", CONTENT},
    {"delta", DELTA},
    {"tool_name", TOOL},
    {"parameters.*", ARGUMENT},
    {"status", STATUS},
    {"output", OUTPUT},
    {"error.message", WHY},
    {"message", MESSAGE},
    {"severity", SEVERITY},
    {"stats.total_tokens", ALL},
    {"stats.cached", CACHED},
    {"stats.duration_ms", DURATION},
    {NULL, 0}};

static bool knows(const struct speech_sniff *s)
{
    if (!s->timestamp)
        return false;
    if (span_is(s->type, "init"))
        return s->session_id && s->model;
    if (span_is(s->type, "message"))
        return s->role;
    if (span_is(s->type, "tool_use"))
        return s->tool_name;
    if (span_is(s->type, "tool_result"))
        return s->tool_id;
    if (span_is(s->type, "error"))
        return s->severity && s->message;
    return span_is(s->type, "result") && s->status && s->subtype.p == NULL;
}

static void value(struct speech_work *w, int field, const struct pick_value *v)
{
    (void)field;
    speech_arg(&w->arg, &w->arg_rank, v);
}

/* Pieces are gathered: the message is said when something else comes, or
   piece after piece when it is long. */
static void piece(struct speech_work *w)
{
    struct span text = w->slot[CONTENT];
    struct buf *said = &w->memory->said;

    if (said->len > 0 && said->len + text.n >= SPEECH_TEXT_MAX)
        speech_gathered(w);
    text.n = (size_t)speech_cut(text, SPEECH_TEXT_MAX - 1);
    buf_add(said, text.p ? text.p : "", text.n);
    if (w->count == 0)
        speech_quiet(w, NULL);
}

static void message(struct speech_work *w)
{
    if (!span_is(w->slot[ROLE], "assistant"))
        return;
    if (span_is(w->slot[DELTA], "true"))
        piece(w);
    else
        speech_add(w, "said", w->slot[CONTENT]);
}

static void tool_result(struct speech_work *w)
{
    bool bad = !span_is(w->slot[STATUS], "success");
    struct span text = w->slot[OUTPUT].n > 0 ? w->slot[OUTPUT] : w->slot[WHY];
    struct speech *s = speech_add(w, "result", text);

    if (s == NULL)
        s = speech_add(w, "result", span_of(bad ? "failed" : "done"));
    if (s != NULL)
        s->error = bad;
}

static void result(struct speech_work *w)
{
    bool bad = !span_is(w->slot[STATUS], "success");
    int64_t fresh = speech_int(w->slot[ALL]) - speech_int(w->slot[CACHED]);
    struct speech *s;

    if (bad)
        s = speech_add(w, "error", w->slot[WHY].n > 0 ? w->slot[WHY]
                                                      : span_of("it failed"));
    else
        s = speech_fmt(w, "result", "done: %.1f s",
                       (double)speech_int(w->slot[DURATION]) / 1000);
    if (s == NULL)
        return;
    s->error = bad;
    s->report = bad ? "error" : "done";
    s->tokens = fresh > 0 ? fresh : 0;
}

static void error(struct speech_work *w)
{
    struct speech *s = speech_add(w, "error", w->slot[MESSAGE]);

    if (s != NULL)
        s->error = span_is(w->slot[SEVERITY], "error");
}

static void end(struct speech_work *w)
{
    struct span type = w->slot[TYPE];

    if (!(span_is(type, "message") && span_is(w->slot[DELTA], "true")))
        speech_gathered(w);
    if (span_is(type, "result")) {
        result(w);
        return;
    }
    if (span_is(type, "init"))
        speech_quiet(w, NULL);
    else if (span_is(type, "message"))
        message(w);
    else if (span_is(type, "tool_use"))
        speech_call(w, w->slot[TOOL], w->arg);
    else if (span_is(type, "tool_result"))
        tool_result(w);
    else if (span_is(type, "error"))
        error(w);
    if (w->count > 0)
        w->ret[w->count - 1].report = "working";
}

const struct speech_format speech_gemini = {rules, knows, value, end};
