/* `codex exec --json`. */
#include "config.h"

#include "habitat/speech_priv.h"

#include <stdio.h>

enum {
    TYPE,
    ITEM,
    TEXT,
    COMMAND,
    OUTPUT,
    EXIT,
    STATUS,
    SERVER,
    TOOL,
    QUERY,
    MESSAGE,
    WHY,
    ANSWER,
    IN,
    CACHED,
    OUT,
    CHANGE = SPEECH_SLOTS,
    CHANGE_PATH,
    CHANGE_KIND,
    ARGUMENT,
    TODO,
    TODO_TEXT,
    TODO_DONE
};

static const struct pick_rule rules[] = {
    {"type", TYPE},
    {"message", MESSAGE},
    {"error.message", WHY},
    {"usage.input_tokens", IN},
    {"usage.cached_input_tokens", CACHED},
    {"usage.output_tokens", OUT},
    {"item.type", ITEM},
    {"item.text", TEXT},
    {"item.command", COMMAND},
    {"item.aggregated_output", OUTPUT},
    {"item.exit_code", EXIT},
    {"item.status", STATUS},
    {"item.server", SERVER},
    {"item.tool", TOOL},
    {"item.query", QUERY},
    {"item.message", MESSAGE},
    {"item.error.message", WHY},
    {"item.error", WHY},
    {"item.result.content[].text", ANSWER},
    {"item.arguments.*", ARGUMENT},
    {"item.changes[]", CHANGE},
    {"item.changes[].path", CHANGE_PATH},
    {"item.changes[].kind", CHANGE_KIND},
    {"item.items[]", TODO},
    {"item.items[].text", TODO_TEXT},
    {"item.items[].completed", TODO_DONE},
    {NULL, 0}};

static bool knows(const struct speech_sniff *s)
{
    static const char *const heads[] = {"thread.", "turn.", "item.", NULL};

    for (int i = 0; heads[i] != NULL; i++)
        if (s->type.n > strlen(heads[i]) &&
            memcmp(s->type.p, heads[i], strlen(heads[i])) == 0)
            return true;
    return span_is(s->type, "error") && s->message && !s->severity &&
           !s->session && !s->timestamp;
}

/* "update a.c, add b.c" */
static void change_ends(struct speech_work *w)
{
    const struct speech_block *b = &w->block[0];

    if (b->text.n > 0)
        buf_fmt(w->list, "%s%.*s %.*s", w->list->len > 0 ? ", " : "",
                speech_cut(b->name, 20), b->name.p ? b->name.p : "",
                speech_cut(b->text, 300), b->text.p);
}

/* Its list of things to do: how many, how many are done, the next. */
static void todo_ends(struct speech_work *w)
{
    const struct speech_block *b = &w->block[0];

    w->counted++;
    if (b->error) /* here: completed */
        w->done++;
    else if (w->list->len == 0 && b->text.n > 0)
        buf_fmt(w->list, "%.*s", speech_cut(b->text, 500), b->text.p);
}

static void value(struct speech_work *w, int field, const struct pick_value *v)
{
    struct speech_block *b = &w->block[0];

    switch (field) {
    case CHANGE:
    case TODO:
        if (v->type == PICK_BEGIN)
            *b = (struct speech_block){.error = false};
        else if (field == CHANGE)
            change_ends(w);
        else
            todo_ends(w);
        break;
    case CHANGE_PATH:
    case TODO_TEXT:
        if (v->type == PICK_STRING)
            b->text = v->text;
        break;
    case CHANGE_KIND:
        if (v->type == PICK_STRING)
            b->name = v->text;
        break;
    case TODO_DONE:
        b->error = pick_true(v);
        break;
    default:
        speech_arg(&w->arg, &w->arg_rank, v);
    }
}

/* What a thing done gave: its output, or that it ended. */
static void gave(struct speech_work *w, struct span tool, struct span text)
{
    struct span exit = w->slot[EXIT];
    bool bad = span_is(w->slot[STATUS], "failed") ||
               (exit.n > 0 && !span_is(exit, "0"));
    struct speech *s = speech_add(w, "result", text);

    if (s == NULL)
        s = exit.n > 0 ? speech_fmt(w, "result", "exit %.*s",
                                    speech_cut(exit, 12), exit.p)
                       : speech_add(w, "result",
                                    span_of(bad ? "failed" : "done"));
    if (s == NULL)
        return;
    s->tool = tool;
    s->error = bad;
}

static void tool(struct speech_work *w, bool begins, const char *name,
                 struct span arg, struct span got)
{
    if (begins)
        speech_call(w, span_of(name), arg);
    else
        gave(w, span_of(name), got);
}

static void mcp(struct speech_work *w, bool begins)
{
    struct span why = w->slot[WHY];

    if (begins)
        speech_call(w, w->slot[TOOL], w->arg.p ? w->arg : w->slot[SERVER]);
    else
        gave(w, w->slot[TOOL], why.n > 0 ? why : w->slot[ANSWER]);
}

static void todo(struct speech_work *w)
{
    if (w->counted > 0)
        speech_fmt(w, "thought", "%d of %d done%s%s", w->done, w->counted,
                   w->list->len > 0 ? "; next: " : "", buf_text(w->list));
}

static void item(struct speech_work *w)
{
    struct span type = w->slot[ITEM];
    bool begins = span_is(w->slot[TYPE], "item.started");
    bool ends = span_is(w->slot[TYPE], "item.completed");

    if (span_is(type, "todo_list"))
        todo(w);
    else if (!begins && !ends)
        return; /* on the way: its end tells all */
    else if (span_is(type, "command_execution"))
        tool(w, begins, "Bash", w->slot[COMMAND], w->slot[OUTPUT]);
    else if (span_is(type, "mcp_tool_call"))
        mcp(w, begins);
    else if (span_is(type, "file_change"))
        tool(w, begins, "Edit", (struct span){buf_text(w->list), w->list->len},
             (struct span){buf_text(w->list), w->list->len});
    else if (span_is(type, "web_search"))
        tool(w, begins, "WebSearch", w->slot[QUERY], w->slot[QUERY]);
    else if (begins)
        return;
    else if (span_is(type, "agent_message"))
        speech_add(w, "said", w->slot[TEXT]);
    else if (span_is(type, "reasoning"))
        speech_add(w, "thought", w->slot[TEXT]);
    else if (span_is(type, "error")) /* a warning: it goes on */
        speech_add(w, "error", w->slot[MESSAGE]);
}

static void failed(struct speech_work *w, struct span why)
{
    struct speech *s =
        speech_add(w, "error", why.n > 0 ? why : span_of("the turn failed"));

    if (s != NULL) {
        s->error = true;
        s->report = "error";
    }
}

static void end(struct speech_work *w)
{
    struct span type = w->slot[TYPE];
    struct speech *s;
    int64_t fresh;

    if (span_is(type, "thread.started")) {
        speech_quiet(w, "idle");
    } else if (span_is(type, "turn.started")) {
        speech_quiet(w, "working");
    } else if (span_is(type, "turn.completed")) {
        fresh = speech_int(w->slot[IN]) - speech_int(w->slot[CACHED]);
        s = speech_quiet(w, "done");
        s->tokens = (fresh > 0 ? fresh : 0) + speech_int(w->slot[OUT]);
    } else if (span_is(type, "turn.failed")) {
        failed(w, w->slot[WHY]);
    } else if (span_is(type, "error")) {
        failed(w, w->slot[MESSAGE]);
    } else {
        item(w);
        if (w->count > 0)
            w->ret[w->count - 1].report = "working";
    }
}

const struct speech_format speech_codex = {rules, knows, value, end};
