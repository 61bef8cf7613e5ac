#include "config.h"

#include "front/hook.h"

#include "base/clock.h"
#include "base/when.h"
#include "data/json/write.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_MAX (4u << 20)
#define STDIN_MS 5000  /* without a byte of it */
#define QUICK_MS 2000  /* an answer that nobody waits for */
#define AGAIN_MS 3000  /* a daemon that went away may come back */
#define SAID_MAX 2000

enum { AS, TIMEOUT, URL, DIR_OPTION };

struct hook_kind {
    const char *name, *shown;
    int timeout_s; /* below that of the agent itself */
};

static const struct hook_kind kinds[] = {
    {"claude", "Claude Code", 540},
    {"codex", "Codex", 120}, /* it shows no dialog meanwhile */
    {NULL, NULL, 0}};

struct hook {
    const struct hook_kind *kind;
    struct hook_input in;
    struct client client;
    char name[HOOK_NAME_MAX], session[200];
    int64_t timeout_ms, began;
};

/* A request whose answer may be wanted; false if it was not done. */
static bool ask(struct hook *h, const char *path, const struct buf *body,
                char *id, size_t id_size)
{
    struct client_answer a;
    struct error err;
    bool good =
        client_want(&h->client, "POST", path, body, QUICK_MS, &a, &err) == 0;

    if (good && id != NULL)
        good = client_text(&a.body, "proposal.id", id, id_size);
    client_answer_finish(&a);
    return good;
}

/* What is told of one hook; text.n == 0: only how the agent is. */
struct telling {
    const char *action, *kind, *report, *why, *report_kind;
    struct span text, about, intent;
    bool bad, tool;
    /* questions of this session that were answered elsewhere */
    const char *retire;
    bool below, this_one; /* of its prompts too; only this tool's */
};

static void put_event(struct json *j, const struct hook *h,
                      const struct telling *t)
{
    char text[SAID_MAX + 1];
    int n = hook_cut(t->text, SAID_MAX);

    snprintf(text, sizeof text, "%.*s", n, t->text.p);
    json_map(j, NULL);
    json_text(j, "component", h->kind->name);
    json_text(j, "category", "agent_activity");
    json_text(j, "action", t->action ? t->action : "message.completed");
    json_text(j, "severity", t->bad ? "error" : "info");
    json_text(j, "detail", text);
    json_map(j, "attrs");
    json_text(j, "kind", t->kind);
    if (t->tool && h->in.tool.n > 0)
        json_span(j, "tool_name", h->in.tool);
    json_map_end(j);
    json_map_end(j);
}

static void put_retire(struct json *j, const struct hook *h,
                       const struct telling *t)
{
    json_map(j, "retire");
    json_text(j, "session", t->retire);
    json_text(j, "reason", "answered at the agent");
    json_bool(j, "below", t->below);
    if (t->this_one) {
        json_span(j, "tool", h->in.tool);
        json_span(j, "input", hook_what(&h->in));
    }
    json_map_end(j);
}

static void tell(struct hook *h, const struct telling *t)
{
    char path[200], by[64];
    struct buf body;
    struct json j;

    buf_init(&body, BODY_MAX);
    json_begin(&j, &body);
    json_map(&j, NULL);
    json_array(&j, "events");
    if (t->text.n > 0)
        put_event(&j, h, t);
    json_array_end(&j);
    if (t->report != NULL) {
        snprintf(by, sizeof by, "a hook of %s", h->kind->shown);
        json_map(&j, "report");
        json_text(&j, "state", t->report);
        json_text(&j, "by", by);
        if (t->report_kind != NULL)
            json_text(&j, "kind", t->report_kind);
        if (t->about.n > 0)
            json_span(&j, "text",
                      (struct span){t->about.p, (size_t)hook_cut(t->about,
                                                                 300)});
        json_map_end(&j);
    }
    if (t->retire != NULL)
        put_retire(&j, h, t);
    if (t->intent.n > 0)
        json_span(&j, "intent",
                  (struct span){t->intent.p,
                                (size_t)hook_cut(t->intent, 200)});
    json_map_end(&j);
    snprintf(path, sizeof path, "/api/v1/agents/%.64s/events", h->name);
    if (json_end(&j))
        ask(h, path, &body, NULL, 0);
    buf_finish(&body);
}

/* How the question is put; false if it is too much to be shown. */
static bool put_proposal(struct hook *h, struct buf *body)
{
    const struct hook_input *in = &h->in;
    struct span what = hook_what(in);
    char title[500], text[600] = "";
    struct buf diff;
    struct json j;

    if (what.n > HOOK_TEXT_MAX || in->tool.n == 0)
        return false;
    hook_title(in, title, sizeof title);
    if (in->subagent.n > 0)
        snprintf(text, sizeof text, "asked by its subagent %.*s%s",
                 hook_cut(in->subagent_type, 60),
                 in->subagent_type.p ? in->subagent_type.p : "",
                 in->description.n > 0 ? ": " : "");
    snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s",
             hook_cut(in->description, 400),
             in->description.p ? in->description.p : "");
    buf_init(&diff, BODY_MAX);
    hook_diff(in, &diff);
    json_begin(&j, body);
    json_map(&j, NULL);
    json_text(&j, "agent", h->name);
    json_text(&j, "title", title);
    json_text(&j, "origin", h->kind->name);
    json_text(&j, "session", h->session);
    json_span(&j, "tool", in->tool);
    if (text[0] != '\0')
        json_text(&j, "text", text);
    if (what.n > 0)
        json_span(&j, "input", what);
    if (in->command.n > 0)
        json_span(&j, "command", in->command);
    if (in->path.n > 0) {
        json_span(&j, "path", in->path);
        json_span(&j, "target", in->path);
    }
    if (diff.len > 0)
        json_span(&j, "diff", (struct span){buf_text(&diff), diff.len});
    json_int(&j, "expires_in", (h->timeout_ms + 999) / 1000);
    json_map_end(&j);
    buf_finish(&diff);
    return json_end(&j);
}

struct decision {
    char id[80], status[32], decision[32], reason[4000];
};

/* Waits, across a daemon that is started again. False: nobody decided. */
static bool wait_for(struct hook *h, const char *id, struct decision *ret)
{
    int64_t end = h->began + h->timeout_ms + 2000, away = 0;
    char path[200];

    for (;;) {
        int64_t left = end - clock_steady_ms();
        struct client_answer a;
        struct error err;
        int r;

        if (left <= 0)
            return false;
        snprintf(path, sizeof path, "/api/v1/proposals/%.64s?wait=%lld&bind=1",
                 id, (long long)(left / 1000 + 1));
        r = client_want(&h->client, "GET", path, NULL, left + 1000, &a, &err);
        *ret = (struct decision){.id = ""};
        if (r == 0) {
            client_text(&a.body, "proposal.id", ret->id, sizeof ret->id);
            client_text(&a.body, "proposal.status", ret->status,
                        sizeof ret->status);
            client_text(&a.body, "proposal.decision", ret->decision,
                        sizeof ret->decision);
            client_text(&a.body, "proposal.reason", ret->reason,
                        sizeof ret->reason);
        }
        client_answer_finish(&a);
        if (r == 0 && strcmp(ret->status, "pending") != 0)
            return strcmp(ret->id, id) == 0;
        if (r != 0 && r != ERR_CONNECT)
            return false; /* refused: it is not known any more */
        if (r == 0) {
            away = 0;
            continue;
        }
        if (away == 0)
            away = clock_steady_ms();
        if (clock_steady_ms() - away > AGAIN_MS)
            return false;
        poll(NULL, 0, 200);
    }
}

/* The answer, in one write; only what was approved allows. */
static void answer(const struct hook *h, const struct decision *d)
{
    bool allow = strcmp(d->status, "approved") == 0 &&
                 strcmp(d->decision, "approve") == 0;
    bool deny = strcmp(d->status, "rejected") == 0 &&
                strcmp(d->decision, "reject") == 0;
    struct buf out;
    struct json j;

    if (!allow && !deny)
        return;
    buf_init(&out, BODY_MAX);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_map(&j, "hookSpecificOutput");
    json_text(&j, "hookEventName", "PermissionRequest");
    json_map(&j, "decision");
    json_text(&j, "behavior", allow ? "allow" : "deny");
    if (deny)
        json_text(&j, "message",
                  d->reason[0] ? d->reason : "a person said no");
    else if (h->kind == &kinds[0] && span_is(h->in.tool, "ExitPlanMode"))
        json_raw(&j, "updatedInput", h->in.raw.p, h->in.raw.n);
    json_map_end(&j);
    json_map_end(&j);
    json_map_end(&j);
    if (json_end(&j)) {
        buf_char(&out, '\n');
        fputs(buf_text(&out), stdout);
        fflush(stdout);
    }
    buf_finish(&out);
}

static void permission(struct hook *h)
{
    struct decision d;
    struct buf body;
    char id[80], title[500];

    hook_title(&h->in, title, sizeof title);
    if (span_is(h->in.tool, "AskUserQuestion")) {
        /* it wants one of several answers, not a yes: its own dialog */
        tell(h, &(struct telling){.report = "blocked",
                                  .report_kind = "question",
                                  .about = span_of(title)});
        return;
    }
    buf_init(&body, BODY_MAX);
    if (put_proposal(h, &body) &&
        ask(h, "/api/v1/proposals", &body, id, sizeof id)) {
        tell(h, &(struct telling){.report = "blocked",
                                  .report_kind = "permission",
                                  .about = span_of(title)});
        if (wait_for(h, id, &d)) {
            answer(h, &d);
            tell(h, &(struct telling){.report = "working"});
        }
    } else {
        tell(h, &(struct telling){.report = "blocked",
                                  .report_kind = "permission",
                                  .about = span_of(title)});
    }
    buf_finish(&body);
}

static void notified(struct hook *h)
{
    const struct hook_input *in = &h->in;
    struct telling t = {.about = in->message};
    struct span what = in->notification;

    if (span_is(what, "permission_prompt")) {
        t.report = "blocked";
        t.report_kind = "permission";
    } else if (span_is(what, "agent_needs_input") ||
               span_is(what, "elicitation_dialog") ||
               span_is(what, "elicitation_url_dialog")) {
        t.report = "blocked";
        t.report_kind = "question";
    } else if (span_is(what, "idle_prompt")) {
        t.report = "idle";
    } else {
        t.kind = "said";
        t.text = in->message;
    }
    tell(h, &t);
}

/* The session goes on, or ends: S is the session, S:P its prompt. */
static void turns(struct hook *h)
{
    const struct hook_input *in = &h->in;
    char text[200], all[80];

    snprintf(all, sizeof all, "%.*s", hook_cut(in->session, 78),
             in->session.p ? in->session.p : "");
    if (span_is(in->event, "SessionStart")) {
        snprintf(text, sizeof text, "a session begins: %.*s",
                 hook_cut(in->source, 40),
                 in->source.p ? in->source.p : "startup");
        tell(h, &(struct telling){.kind = "decision",
                                  .report = "idle",
                                  .text = span_of(text)});
    } else if (span_is(in->event, "SessionEnd")) {
        snprintf(text, sizeof text, "its session ends: %.*s",
                 hook_cut(in->why, 60), in->why.p ? in->why.p : "");
        tell(h, &(struct telling){.kind = "decision",
                                  .retire = all,
                                  .below = true,
                                  .report = "clear",
                                  .text = span_of(text)});
        hook_name_drop(&h->client, h->name, in->session);
    } else if (span_is(in->event, "UserPromptSubmit")) {
        tell(h, &(struct telling){.kind = "decision",
                                  .retire = all,
                                  .below = true,
                                  .action = "say",
                                  .report = "working",
                                  .text = in->prompt,
                                  .intent = in->prompt});
    } else if (span_is(in->event, "Stop")) {
        tell(h, &(struct telling){.kind = "said",
                                  .retire = h->session,
                                  .report = "done",
                                  .text = in->said});
    } else if (span_is(in->event, "StopFailure")) {
        tell(h, &(struct telling){.kind = "error",
                                  .retire = h->session,
                                  .report = "error",
                                  .bad = true,
                                  .text = in->why,
                                  .about = in->why});
    } else if (span_is(in->event, "SubagentStart")) {
        snprintf(text, sizeof text, "a subagent begins: %.*s",
                 hook_cut(in->subagent_type, 80),
                 in->subagent_type.p ? in->subagent_type.p : "?");
        tell(h, &(struct telling){.kind = "thought", .text = span_of(text)});
    } else if (span_is(in->event, "SubagentStop")) {
        tell(h, &(struct telling){
                    .kind = "result", .retire = h->session, .text = in->said});
    }
}

static void tools(struct hook *h)
{
    const struct hook_input *in = &h->in;
    char title[500];

    if (span_is(in->event, "PreToolUse")) {
        hook_title(in, title, sizeof title);
        tell(h, &(struct telling){.kind = "call",
                                  .action = "tool.started",
                                  .tool = true,
                                  .report = "working",
                                  .text = span_of(title)});
    } else if (span_is(in->event, "PostToolUse")) {
        tell(h, &(struct telling){.kind = "result",
                                  .retire = h->session,
                                  .this_one = true,
                                  .action = "tool.completed",
                                  .tool = true,
                                  .report = "working",
                                  .text = in->response.n > 0
                                              ? in->response
                                              : span_of("done")});
    } else if (span_is(in->event, "PostToolUseFailure")) {
        tell(h, &(struct telling){.kind = "result",
                                  .retire = h->session,
                                  .this_one = true,
                                  .action = "tool.completed",
                                  .tool = true,
                                  .bad = true,
                                  .report = "working",
                                  .text = in->why.n > 0
                                              ? in->why
                                              : span_of("failed")});
    } else if (span_is(in->event, "PostToolBatch")) {
        tell(h, &(struct telling){.retire = h->session});
    }
}

/* The end of a turn, by Codex' notify; also of its hidden thread that makes
   titles, which nobody asked for. */
static void turn_ended(struct hook *h)
{
    static const char title[] = "Generate a concise, single-line task title";
    const struct hook_input *in = &h->in;

    if (span_is(in->notification, "agent-turn-complete") &&
        (in->prompt.n < sizeof title - 1 ||
         memcmp(in->prompt.p, title, sizeof title - 1) != 0))
        tell(h, &(struct telling){
                    .kind = "said", .report = "done", .text = in->said});
}

static void handle(struct hook *h)
{
    const struct hook_input *in = &h->in;

    if (span_is(in->event, "PermissionRequest"))
        permission(h);
    else if (span_is(in->event, "Notification"))
        notified(h);
    else if (span_is(in->event, "notify"))
        turn_ended(h);
    else if (memmem(in->event.p, in->event.n, "Tool", 4) != NULL)
        tools(h);
    else
        turns(h);
}

/* Standard input to its end; false if it is too long or does not come. */
static bool read_input(struct buf *ret)
{
    struct pollfd at = {0, POLLIN, 0};
    char bytes[65536];
    ssize_t n;

    for (;;) {
        if (poll(&at, 1, STDIN_MS) != 1)
            return false;
        n = read(0, bytes, sizeof bytes);
        if (n == 0)
            return true;
        if (n < 0 || !buf_add(ret, bytes, (size_t)n))
            return false;
    }
}

static void run(struct hook *h, const char *as, const struct buf *text)
{
    const struct hook_input *in = &h->in;
    struct error err;

    if (!hook_read(&h->in, buf_text(text), text->len) ||
        client_open(&h->client, &err) != 0)
        return;
    h->client.no_start = true; /* nobody looks at one that is not up */
    hook_name(&h->client, h->kind->name, as, in->cwd, in->session, h->name);
    snprintf(h->session, sizeof h->session, "%.*s:%.*s%s%.*s",
             hook_cut(in->session, 78), in->session.p ? in->session.p : "",
             hook_cut(in->turn, 60), in->turn.p ? in->turn.p : "",
             in->subagent.n > 0 ? ":" : "", hook_cut(in->subagent, 50),
             in->subagent.p ? in->subagent.p : "");
    if (in->session.n > 0)
        handle(h);
    client_close(&h->client);
}

/* No usage error may look like a hook's "block": never 2. */
static int usage(const struct front_verb *v, const char *what)
{
    return front_fail(v, 1, "%s; --help tells how", what);
}

int front_hook(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    int i = front_read(v, argc, argv, values);
    static struct hook h;
    struct buf text;

    h.began = clock_steady_ms();
    if (i < 0)
        return 1;
    if (i >= argc)
        return usage(v, "of which agent?");
    if (strcmp(argv[i], "opencode") == 0)
        return hook_opencode(v, values);
    for (h.kind = kinds; h.kind->name != NULL; h.kind++)
        if (strcmp(argv[i], h.kind->name) == 0)
            break;
    if (h.kind->name == NULL)
        return usage(v, "it knows claude, codex and opencode");
    h.timeout_ms = (int64_t)h.kind->timeout_s * 1000;
    if (values[TIMEOUT] != NULL &&
        (!when_parse_span(values[TIMEOUT], strlen(values[TIMEOUT]),
                          &h.timeout_ms) ||
         h.timeout_ms < 1000 || h.timeout_ms > 86400000))
        return usage(v, "--timeout: 1s to 1d was expected");
    buf_init(&text, HOOK_INPUT_MAX);
    signal(SIGPIPE, SIG_IGN);
    if (i + 1 < argc ? buf_str(&text, argv[i + 1]) : read_input(&text))
        run(&h, values[AS], &text);
    if (h.in.pick != NULL)
        hook_finish(&h.in);
    buf_finish(&text);
    return 0;
}
