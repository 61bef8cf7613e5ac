/* `claude -p --output-format stream-json`. */
#include "config.h"

#include "habitat/speech_priv.h"

#include "base/hash.h"

#include <math.h>
#include <stdio.h>

enum {
    TYPE,
    SUBTYPE,
    SESSION,
    TOTAL_COST,
    IN,
    OUT,
    CACHED,
    IS_ERROR,
    RESULT,
    ERRORS,
    TURNS,
    DURATION,
    TOOL,
    MESSAGE,
    STATE,
    ASKED,
    ASKED_TOOL,
    ERROR,
    ATTEMPT,
    MODEL,
    BLOCK = SPEECH_SLOTS,
    B_TYPE,
    B_TEXT,
    B_NAME,
    B_ARG,
    B_ERROR,
    ASKED_ARG,
    USED,
    PAID
};

static const struct pick_rule rules[] = {
    {"type", TYPE},
    {"subtype", SUBTYPE},
    {"session_id", SESSION},
    {"total_cost_usd", TOTAL_COST},
    {"usage.input_tokens", IN},
    {"usage.output_tokens", OUT},
    {"usage.cache_creation_input_tokens", CACHED},
    {"is_error", IS_ERROR},
    {"result", RESULT},
    {"errors[]", ERRORS},
    {"num_turns", TURNS},
    {"duration_ms", DURATION},
    {"tool_name", TOOL},
    {"message", MESSAGE},
    {"state", STATE},
    {"request.subtype", ASKED},
    {"request.tool_name", ASKED_TOOL},
    {"request.input.*", ASKED_ARG},
    {"error", ERROR},
    {"attempt", ATTEMPT},
    {"model", MODEL},
    {"message.content[]", BLOCK},
    {"message.content[].type", B_TYPE},
    {"message.content[].text", B_TEXT},
    {"message.content[].thinking", B_TEXT},
    {"message.content[].content", B_TEXT},
    {"message.content[].content[].text", B_TEXT},
    {"message.content[].name", B_NAME},
    {"message.content[].input.*", B_ARG},
    {"message.content[].is_error", B_ERROR},
    {"model_usage_since_last_result.*.inputTokens", USED},
    {"model_usage_since_last_result.*.outputTokens", USED},
    {"model_usage_since_last_result.*.cacheCreationInputTokens", USED},
    {"model_usage_since_last_result.*.costUSD", PAID},
    {NULL, 0}};

static bool knows(const struct speech_sniff *s)
{
    static const char *const bare[] = {"control_request", "control_response",
                                       "control_cancel_request", "keep_alive",
                                       NULL};

    for (int i = 0; bare[i] != NULL; i++)
        if (span_is(s->type, bare[i]))
            return true;
    if (span_is(s->type, "assistant") || span_is(s->type, "user"))
        return s->message;
    if (span_is(s->type, "result") || span_is(s->type, "system"))
        return s->subtype.p != NULL;
    /* the others, and those to come */
    return s->session_id && s->uuid;
}

static void value(struct speech_work *w, int field, const struct pick_value *v)
{
    struct speech_block *b =
        w->inside > 0 && w->blocks <= SPEECH_MAX ? &w->block[w->blocks - 1]
                                                 : NULL;
    int64_t n;
    double d;

    if (field == BLOCK) {
        if (v->type == PICK_BEGIN && w->blocks <= SPEECH_MAX)
            w->blocks++;
        w->inside = v->type == PICK_BEGIN;
    } else if (field == ASKED_ARG) {
        speech_arg(&w->arg, &w->arg_rank, v);
    } else if (field == USED) {
        if (pick_int(v, 0, INT32_MAX, &n))
            w->tokens += n;
    } else if (field == PAID) {
        if (pick_double(v, 0, 1e6, &d))
            w->cost = (isnan(w->cost) ? 0 : w->cost) + d;
    } else if (b == NULL) {
        return;
    } else if (field == B_ARG) {
        speech_arg(&b->arg, &b->arg_rank, v);
    } else if (field == B_ERROR) {
        b->error = pick_true(v);
    } else if (v->type == PICK_STRING) {
        struct span *slot = field == B_TYPE   ? &b->type
                            : field == B_NAME ? &b->name
                                              : &b->text;

        if (slot->p == NULL)
            *slot = v->text;
    }
}

/* Blocks of the model. What a person typed is told by whoever typed it. */
static void assistant(struct speech_work *w)
{
    for (int i = 0; i < w->blocks && i < SPEECH_MAX; i++) {
        const struct speech_block *b = &w->block[i];
        struct speech *s;

        if (span_is(b->type, "tool_use") ||
            span_is(b->type, "server_tool_use")) {
            speech_call(w, b->name, b->arg);
        } else if (span_is(b->type, "thinking")) {
            speech_add(w, "thought", b->text);
        } else if (span_is(b->type, "text")) {
            bool bad = w->slot[ERROR].n > 0;

            s = speech_add(w, bad ? "error" : "said", b->text);
            if (s != NULL)
                s->error = bad;
        }
    }
}

static void user(struct speech_work *w)
{
    for (int i = 0; i < w->blocks && i < SPEECH_MAX; i++) {
        const struct speech_block *b = &w->block[i];
        struct speech *s;

        if (!span_is(b->type, "tool_result"))
            continue;
        s = speech_add(w, "result", b->text);
        if (s == NULL)
            s = speech_fmt(w, "result", b->error ? "failed" : "done");
        if (s != NULL)
            s->error = b->error;
    }
}

/* What the session cost since its last result. */
static double paid(struct speech_work *w)
{
    struct span id = w->slot[SESSION];
    uint64_t session = hash_more(1, id.p ? id.p : "", id.n);
    double total = speech_cost(w->slot[TOTAL_COST]), ret = total;

    if (isnan(total))
        return w->cost;
    if (w->memory->session == session && total >= w->memory->cost)
        ret = total - w->memory->cost;
    w->memory->session = session;
    w->memory->cost = total;
    return isnan(w->cost) ? ret : w->cost;
}

static void result(struct speech_work *w)
{
    bool bad = !span_is(w->slot[SUBTYPE], "success") ||
               span_is(w->slot[IS_ERROR], "true");
    int64_t turns = speech_int(w->slot[TURNS]);
    struct speech *s = NULL;

    if (bad)
        s = speech_add(w, "error", w->slot[ERRORS].n > 0 ? w->slot[ERRORS]
                                                         : w->slot[RESULT]);
    if (s == NULL && bad)
        s = speech_add(w, "error", w->slot[SUBTYPE]);
    if (s == NULL) /* its text was said before */
        s = speech_fmt(w, "result", "done: %lld turn%s, %.1f s",
                       (long long)turns, turns == 1 ? "" : "s",
                       (double)speech_int(w->slot[DURATION]) / 1000);
    if (s == NULL)
        return;
    s->error = bad;
    s->report = bad ? "error" : "done";
    s->tokens = w->tokens > 0 ? w->tokens
                              : speech_int(w->slot[IN]) +
                                    speech_int(w->slot[OUT]) +
                                    speech_int(w->slot[CACHED]);
    s->cost = paid(w);
}

static void denied(struct speech_work *w)
{
    struct span tool = w->slot[TOOL], why = w->slot[MESSAGE];
    struct speech *s =
        speech_fmt(w, "decision", "denied: %.*s%s%.*s", speech_cut(tool, 100),
                   tool.p ? tool.p : "", why.n > 0 ? ": " : "",
                   speech_cut(why, 2000), why.p ? why.p : "");

    if (s != NULL)
        s->tool = tool;
}

static void retries(struct speech_work *w)
{
    struct span why = w->slot[ERROR];

    speech_fmt(w, "error", "the model does not answer%s%.*s: try %lld",
               why.n > 0 ? ": " : "", speech_cut(why, 300),
               why.p ? why.p : "", (long long)speech_int(w->slot[ATTEMPT]));
}

static void of_system(struct speech_work *w)
{
    struct span what = w->slot[SUBTYPE], state = w->slot[STATE];

    if (span_is(what, "init"))
        speech_quiet(w, "working");
    else if (span_is(what, "permission_denied"))
        denied(w);
    else if (span_is(what, "api_retry"))
        retries(w);
    else if (span_is(what, "session_state_changed"))
        speech_quiet(w, span_is(state, "idle")              ? "idle"
                        : span_is(state, "running")         ? "working"
                        : span_is(state, "requires_action") ? "blocked"
                                                            : NULL);
}

/* It asks on its own pipe; whoever started it so answers there. */
static void asks(struct speech_work *w)
{
    struct span tool = w->slot[ASKED_TOOL];
    struct speech *s;

    if (!span_is(w->slot[ASKED], "can_use_tool"))
        return;
    s = speech_fmt(w, "decision", "asks: %.*s %.*s", speech_cut(tool, 100),
                   tool.p ? tool.p : "", speech_cut(w->arg, 180),
                   w->arg.p ? w->arg.p : "");
    if (s != NULL) {
        s->tool = tool;
        s->report = "blocked";
    }
}

static void end(struct speech_work *w)
{
    struct span type = w->slot[TYPE];

    if (span_is(type, "assistant"))
        assistant(w);
    else if (span_is(type, "user"))
        user(w);
    else if (span_is(type, "result"))
        result(w);
    else if (span_is(type, "system"))
        of_system(w);
    else if (span_is(type, "control_request"))
        asks(w);
    else if (span_is(type, "control_cancel_request") ||
             span_is(type, "control_response"))
        speech_quiet(w, "working");
    if (w->count > 0 && (span_is(type, "assistant") || span_is(type, "user")))
        w->ret[w->count - 1].report = "working";
}

const struct speech_format speech_claude = {rules, knows, value, end};
