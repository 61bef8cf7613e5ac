/*
 * `terrarium hook opencode`: follows the events of an opencode server.
 *
 * What it asks becomes a proposal each, answered with "once" or "reject" when
 * a person decided; one answered at opencode itself is withdrawn. After a
 * break the pending ones are read again, so that nothing is missed.
 */
#include "config.h"

#include "front/hook.h"

#include "base/clock.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/write.h"

#include <curl/curl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENT_MAX (1u << 20)
#define ANSWER_MAX (4u << 20)
#define REPLY_MS 5000
#define SILENT_S 60     /* then the system asks whether it is there */
#define AGAIN_MIN_MS 500
#define AGAIN_MAX_MS 5000
#define WAIT_S 3000
#define ASKED_MAX 256

enum { AS, TIMEOUT, URL, DIR_OPTION };

/* One question that waits here. */
struct asked {
    struct asked *next;
    char id[100], proposal[80];
    CURL *wait; /* NULL: asked again at again_ms */
    struct buf body;
    int64_t again_ms;
    bool seen; /* in the last list of what is pending */
};

struct follower {
    const struct front_verb *verb;
    struct client client;
    CURLM *multi;
    CURL *stream;
    const char *url;
    char *dir; /* escaped, as a query; "" none */
    char name[HOOK_NAME_MAX];
    int64_t expires_s;
    struct buf line, events; /* the line so far; whole ones */
    bool line_over, connected, fresh;
    int64_t again_ms, delay_ms;
    struct asked *asked;
    int count;
    char last[100]; /* the last tool or text told: updates repeat themselves */
};

static volatile sig_atomic_t over;

static void on_signal(int sig)
{
    (void)sig;
    over = 1;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *arg)
{
    return buf_add(arg, p, size * n) ? size * n : 0;
}

/* Cuts lines; what a line does is done outside of curl's call. */
static size_t on_stream(char *p, size_t size, size_t n, void *arg)
{
    struct follower *f = arg;

    n *= size;
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\n') {
            f->line_over |= !buf_char(&f->line, p[i]);
            continue;
        }
        while (f->line.len > 0 && f->line.ptr[f->line.len - 1] == '\r')
            f->line.ptr[--f->line.len] = '\0';
        if (!f->line_over && f->line.len > 5 &&
            memcmp(f->line.ptr, "data:", 5) == 0) {
            buf_add(&f->events, f->line.ptr + 5, f->line.len - 5);
            buf_char(&f->events, '\n');
        }
        f->line_over = false;
        f->line.over = false;
        buf_clear(&f->line);
    }
    return n;
}

static void to_server(struct follower *f, CURL *c, const char *path)
{
    const char *password = getenv("OPENCODE_SERVER_PASSWORD"),
               *user = getenv("OPENCODE_SERVER_USERNAME");
    char *url = xasprintf("%s%s%s", f->url, path, f->dir);

    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    if (password != NULL) {
        curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(c, CURLOPT_USERNAME, user ? user : "opencode");
        curl_easy_setopt(c, CURLOPT_PASSWORD, password);
    }
    free(url);
}

/* One request to opencode; body NULL: GET. HTTP status, 0 none. */
static long call(struct follower *f, const char *path, const struct buf *body,
                 struct buf *ret)
{
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/json");
    CURL *c = curl_easy_init();
    long status = 0;

    to_server(f, c, path);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)REPLY_MS);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, ret);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    if (body != NULL)
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, buf_text(body));
    if (curl_easy_perform(c) == CURLE_OK)
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(c);
    curl_slist_free_all(headers);
    return status;
}

static bool post(struct follower *f, const char *path, const struct buf *body,
                 char *id, size_t id_size)
{
    struct client_answer a;
    struct error err;
    bool good =
        client_want(&f->client, "POST", path, body, REPLY_MS, &a, &err) == 0;

    if (good && id != NULL)
        good = client_text(&a.body, "proposal.id", id, id_size);
    if (!good)
        front_fail(f->verb, 0, "%s", err.code ? err.msg : "no id came");
    client_answer_finish(&a);
    return good;
}

/* What one event, or one element of the list of pending ones, says. */
enum {
    TYPE,
    ID,
    SESSION,
    REQUEST,
    PERMISSION,
    COMMAND,
    FILE_PATH,
    DIFF,
    STATUS,
    WHY,
    PART_ID,
    PART_TYPE,
    PART_TEXT,
    PART_TOOL,
    PART_STATUS,
    PART_OUTPUT,
    PART_ERROR,
    PART_ARG,
    TEXTS,
    PATTERN,
    PART_END,
    ELEMENT
};

#define ASKED_RULES(at)                                                        \
    {at "id", ID}, {at "sessionID", SESSION}, {at "permission", PERMISSION},   \
        {at "patterns[]", PATTERN}, {at "metadata.command", COMMAND},          \
        {at "metadata.filepath", FILE_PATH}, {at "metadata.diff", DIFF}

static const struct pick_rule event_rules[] = {
    {"type", TYPE},
    ASKED_RULES("properties."),
    {"properties.requestID", REQUEST},
    {"properties.permissionID", REQUEST},
    {"properties.status.type", STATUS},
    {"properties.error.data.message", WHY},
    {"properties.error.name", WHY},
    {"properties.part.id", PART_ID},
    {"properties.part.type", PART_TYPE},
    {"properties.part.text", PART_TEXT},
    {"properties.part.tool", PART_TOOL},
    {"properties.part.time.end", PART_END},
    {"properties.part.state.status", PART_STATUS},
    {"properties.part.state.output", PART_OUTPUT},
    {"properties.part.state.error", PART_ERROR},
    {"properties.part.state.input.command", PART_ARG},
    {"properties.part.state.input.filePath", PART_ARG},
    {"properties.part.state.input.pattern", PART_ARG},
    {NULL, 0}};

static const struct pick_rule list_rules[] = {
    {"list[]", ELEMENT}, ASKED_RULES("list[]."), {NULL, 0}};

struct event {
    struct follower *follower;
    struct span text[TEXTS];
    struct buf patterns;
    bool ended;
};

static void ask_for(struct follower *f, const struct event *e);

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct event *e = arg;

    if (field == ELEMENT) {
        if (v->type == PICK_END)
            ask_for(e->follower, e);
        memset(e->text, 0, sizeof e->text);
        buf_clear(&e->patterns);
    } else if (field == PATTERN && v->type == PICK_STRING) {
        if (e->patterns.len > 0)
            buf_char(&e->patterns, '\n');
        buf_add(&e->patterns, v->text.p, v->text.n);
    } else if (field == PART_END) {
        e->ended |= v->type == PICK_NUMBER;
    } else if (field < TEXTS && v->type == PICK_STRING &&
               e->text[field].p == NULL) {
        e->text[field] = v->text;
    }
}

static void tell(struct follower *f, const char *kind, struct span tool,
                 struct span text, const char *report)
{
    char path[200], detail[2001];
    bool bad = kind != NULL && strcmp(kind, "error") == 0;
    struct buf body;
    struct json j;

    buf_init(&body, 65536);
    json_begin(&j, &body);
    json_map(&j, NULL);
    json_array(&j, "events");
    if (kind != NULL && text.n > 0) {
        snprintf(detail, sizeof detail, "%.*s", hook_cut(text, 2000), text.p);
        json_map(&j, NULL);
        json_text(&j, "component", "opencode");
        json_text(&j, "category", "agent_activity");
        json_text(&j, "action", strcmp(kind, "call") == 0 ? "tool.started"
                                : strcmp(kind, "result") == 0
                                    ? "tool.completed"
                                    : "message.completed");
        json_text(&j, "severity", bad ? "error" : "info");
        json_text(&j, "detail", detail);
        json_map(&j, "attrs");
        json_text(&j, "kind", kind);
        if (tool.n > 0)
            json_span(&j, "tool_name", tool);
        json_map_end(&j);
        json_map_end(&j);
    }
    json_array_end(&j);
    if (report != NULL) {
        json_map(&j, "report");
        json_text(&j, "state", report);
        json_text(&j, "by", "opencode's events");
        json_map_end(&j);
    }
    json_map_end(&j);
    snprintf(path, sizeof path, "/api/v1/agents/%.64s/events", f->name);
    if (json_end(&j))
        post(f, path, &body, NULL, 0);
    buf_finish(&body);
}

static void wait_for(struct follower *f, struct asked *a)
{
    char url[200];

    snprintf(url, sizeof url,
             "http://habitat/api/v1/proposals/%.70s?wait=%d&bind=1",
             a->proposal, WAIT_S);
    buf_clear(&a->body);
    a->wait = curl_easy_init();
    curl_easy_setopt(a->wait, CURLOPT_URL, url);
    curl_easy_setopt(a->wait, CURLOPT_UNIX_SOCKET_PATH,
                     f->client.paths.socket);
    curl_easy_setopt(a->wait, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(a->wait, CURLOPT_PROXY, "");
    curl_easy_setopt(a->wait, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(a->wait, CURLOPT_WRITEDATA, &a->body);
    curl_easy_setopt(a->wait, CURLOPT_PRIVATE, a);
    curl_multi_add_handle(f->multi, a->wait);
}

static void stop_waiting(struct follower *f, struct asked *a)
{
    if (a->wait == NULL)
        return;
    curl_multi_remove_handle(f->multi, a->wait);
    curl_easy_cleanup(a->wait);
    a->wait = NULL;
}

static void drop(struct follower *f, struct asked *a)
{
    struct asked **at = &f->asked;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    f->count--;
    stop_waiting(f, a);
    buf_finish(&a->body);
    free(a);
}

/* Waits it for a person, or does it go on? */
static void report(struct follower *f)
{
    const struct span none = {NULL, 0};

    tell(f, NULL, none, none, f->count > 0 ? "blocked" : "working");
}

static void tell_withdrawn(struct follower *f, const struct asked *a,
                           const char *reason)
{
    char path[200];
    struct buf body;

    buf_init(&body, 200);
    buf_fmt(&body, "{\"decision\":\"withdraw\",\"reason\":\"%s\"}", reason);
    snprintf(path, sizeof path, "/api/v1/proposals/%.70s/decision",
             a->proposal);
    post(f, path, &body, NULL, 0);
    buf_finish(&body);
}

/* Answered at opencode, or asked no more. */
static void withdraw(struct follower *f, struct asked *a)
{
    stop_waiting(f, a);
    tell_withdrawn(f, a, "answered at the agent");
    drop(f, a);
    report(f);
}

/* It ends: the wait that is bound to it may not have got there yet. */
static void leave(struct follower *f, struct asked *a)
{
    tell_withdrawn(f, a, "who asked has left");
    drop(f, a);
}

static struct asked *find(struct follower *f, struct span id)
{
    struct asked *a = f->asked;

    while (a != NULL && !span_is(id, a->id))
        a = a->next;
    return a;
}

static void put_proposal(struct follower *f, const struct event *e,
                         struct buf *body)
{
    struct span tool = e->text[PERMISSION], path = e->text[FILE_PATH],
                what = e->text[COMMAND].n > 0
                           ? e->text[COMMAND]
                           : (struct span){buf_text(&e->patterns),
                                           e->patterns.len};
    struct json j;
    char title[500];
    int n = hook_cut(what, 240);
    const char *nl = n > 0 ? memchr(what.p, '\n', (size_t)n) : NULL;

    n = nl != NULL ? (int)(nl - what.p) : n;
    snprintf(title, sizeof title, "%.*s: %.*s%s", hook_cut(tool, 120), tool.p,
             n, what.p, (size_t)n < what.n ? " …" : "");
    json_begin(&j, body);
    json_map(&j, NULL);
    json_text(&j, "agent", f->name);
    json_text(&j, "title", title);
    json_text(&j, "origin", "opencode");
    json_span(&j, "session", e->text[SESSION]);
    json_span(&j, "tool", tool);
    json_span(&j, "input", what);
    if (e->text[COMMAND].n > 0)
        json_span(&j, "command", e->text[COMMAND]);
    if (path.n > 0) {
        json_span(&j, "path", path);
        json_span(&j, "target", path);
    }
    if (e->text[DIFF].n > 0)
        json_span(&j, "diff", e->text[DIFF]);
    if (f->expires_s > 0)
        json_int(&j, "expires_in", f->expires_s);
    json_map_end(&j);
    json_end(&j);
}

/* What is too much to be shown stays for opencode's own dialog. */
static bool too_much(const struct event *e)
{
    return e->text[COMMAND].n > HOOK_TEXT_MAX ||
           e->text[DIFF].n > HOOK_TEXT_MAX || e->patterns.over ||
           e->text[PERMISSION].n == 0 || e->text[ID].n == 0 ||
           e->text[ID].n >= sizeof((struct asked *)0)->id;
}

static void ask_for(struct follower *f, const struct event *e)
{
    struct asked *a = find(f, e->text[ID]);
    char id[80];
    struct buf body;

    if (a != NULL) {
        a->seen = true;
        return;
    }
    if (too_much(e) || f->count >= ASKED_MAX)
        return;
    buf_init(&body, ANSWER_MAX);
    put_proposal(f, e, &body);
    if (post(f, "/api/v1/proposals", &body, id, sizeof id)) {
        a = xcalloc(1, sizeof *a);
        memcpy(a->id, e->text[ID].p, e->text[ID].n);
        snprintf(a->proposal, sizeof a->proposal, "%s", id);
        buf_init(&a->body, ANSWER_MAX);
        a->seen = true;
        a->next = f->asked;
        f->asked = a;
        f->count++;
        wait_for(f, a);
        report(f);
    }
    buf_finish(&body);
}

/* What opencode still asks; what it does not is withdrawn. */
static void read_pending(struct follower *f)
{
    struct event e = {.follower = f};
    struct asked *next;
    struct buf body, list;
    struct pick *p;
    struct error err;

    buf_init(&body, ANSWER_MAX);
    buf_init(&list, ANSWER_MAX + 64);
    buf_init(&e.patterns, HOOK_TEXT_MAX);
    if (call(f, "/permission", NULL, &body) == 200) {
        for (struct asked *a = f->asked; a != NULL; a = a->next)
            a->seen = false;
        buf_fmt(&list, "{\"list\":%s}", buf_text(&body));
        p = pick_create(list_rules);
        if (pick_run(p, buf_text(&list), list.len, on_value, &e, &err) == 0)
            for (struct asked *a = f->asked; a != NULL; a = next) {
                next = a->next;
                if (!a->seen)
                    withdraw(f, a);
            }
        pick_destroy(p);
    }
    buf_finish(&e.patterns);
    buf_finish(&list);
    buf_finish(&body);
}

/* A tool that begins or ends, a text that is whole; each once. */
static void part(struct follower *f, const struct event *e)
{
    struct span type = e->text[PART_TYPE], status = e->text[PART_STATUS],
                tool = e->text[PART_TOOL], arg = e->text[PART_ARG],
                none = {NULL, 0};
    bool ended = e->ended && span_is(type, "text");
    char mark[100], text[400];

    snprintf(mark, sizeof mark, "%.*s %.*s", hook_cut(e->text[PART_ID], 80),
             e->text[PART_ID].p ? e->text[PART_ID].p : "", hook_cut(status, 12),
             status.p ? status.p : "");
    if (!ended && !(span_is(type, "tool") && (span_is(status, "running") ||
                                              span_is(status, "completed") ||
                                              span_is(status, "error"))))
        return;
    if (strcmp(mark, f->last) == 0)
        return;
    memcpy(f->last, mark, sizeof mark);
    if (ended) {
        tell(f, "said", none, e->text[PART_TEXT], NULL);
    } else if (span_is(status, "running")) {
        snprintf(text, sizeof text, "%.*s: %.*s", hook_cut(tool, 100),
                 tool.p ? tool.p : "", hook_cut(arg, 240), arg.p ? arg.p : "");
        tell(f, "call", tool, span_of(text), "working");
    } else {
        struct span got = span_is(status, "error") ? e->text[PART_ERROR]
                                                   : e->text[PART_OUTPUT];

        tell(f, "result", tool, got.n > 0 ? got : status, "working");
    }
}

static void status(struct follower *f, const struct event *e)
{
    const struct span none = {NULL, 0};
    struct span what = e->text[STATUS];

    if (span_is(what, "idle"))
        tell(f, NULL, none, none, "done");
    else
        report(f);
}

static void take_event(struct follower *f, const char *text, size_t n)
{
    const struct span none = {NULL, 0};
    struct event e = {.follower = f};
    struct pick *p = pick_create(event_rules);
    struct span type;

    buf_init(&e.patterns, HOOK_TEXT_MAX);
    if (pick_run(p, text, n, on_value, &e, NULL) == 0) {
        type = e.text[TYPE];
        if (span_is(type, "server.connected"))
            f->fresh = true;
        else if (span_is(type, "permission.asked"))
            ask_for(f, &e);
        else if (span_is(type, "permission.replied")) {
            struct asked *a = find(f, e.text[REQUEST]);

            if (a != NULL)
                withdraw(f, a);
        } else if (span_is(type, "session.status"))
            status(f, &e);
        else if (span_is(type, "session.error"))
            tell(f, "error", none, e.text[WHY], "error");
        else if (span_is(type, "message.part.updated"))
            part(f, &e);
    }
    buf_finish(&e.patterns);
    pick_destroy(p);
}

static void take_events(struct follower *f)
{
    const char *at = buf_text(&f->events), *nl;

    while ((nl = strchr(at, '\n')) != NULL) {
        take_event(f, at, (size_t)(nl - at));
        at = nl + 1;
    }
    buf_clear(&f->events);
    f->events.over = false;
    if (f->fresh) {
        if (!f->connected)
            front_fail(f->verb, 0, "follows %s as %s", f->url, f->name);
        f->connected = true;
        f->delay_ms = AGAIN_MIN_MS;
        f->fresh = false;
        read_pending(f);
    }
}

/* What a person decided, told to opencode. */
static void decided(struct follower *f, struct asked *a)
{
    char status[32], decision[32], reason[2000], id[80], path[300];
    struct buf body, got;
    struct json j;
    bool allow, deny;
    long code;

    client_text(&a->body, "proposal.id", id, sizeof id);
    client_text(&a->body, "proposal.status", status, sizeof status);
    client_text(&a->body, "proposal.decision", decision, sizeof decision);
    client_text(&a->body, "proposal.reason", reason, sizeof reason);
    allow = strcmp(status, "approved") == 0 && strcmp(decision, "approve") == 0;
    deny = strcmp(status, "rejected") == 0 && strcmp(decision, "reject") == 0;
    if ((allow || deny) && strcmp(id, a->proposal) == 0) {
        char *escaped = curl_easy_escape(NULL, a->id, 0);

        buf_init(&body, 65536);
        buf_init(&got, ANSWER_MAX);
        json_begin(&j, &body);
        json_map(&j, NULL);
        json_text(&j, "reply", allow ? "once" : "reject");
        if (deny && reason[0] != '\0')
            json_text(&j, "message", reason);
        json_map_end(&j);
        json_end(&j);
        snprintf(path, sizeof path, "/permission/%.250s/reply", escaped);
        code = call(f, path, &body, &got);
        if (code != 200 && code != 204)
            front_fail(f->verb, 0, "opencode did not take the answer to %s "
                                   "(status %ld)",
                       a->id, code);
        curl_free(escaped);
        buf_finish(&got);
        buf_finish(&body);
    }
    drop(f, a);
    report(f);
}

/* A wait came to its end: decided, time for another one, or nobody there. */
static void wait_ended(struct follower *f, struct asked *a, CURLcode code)
{
    char status[32];
    long http = 0;

    curl_easy_getinfo(a->wait, CURLINFO_RESPONSE_CODE, &http);
    stop_waiting(f, a);
    if (code != CURLE_OK || http == 429 || http >= 500) {
        a->again_ms = clock_steady_ms() + AGAIN_MIN_MS;
        return;
    }
    if (http != 200) {
        drop(f, a);
        return;
    }
    client_text(&a->body, "proposal.status", status, sizeof status);
    if (strcmp(status, "pending") == 0)
        wait_for(f, a);
    else
        decided(f, a);
}

static void begin_stream(struct follower *f)
{
    f->stream = curl_easy_init();
    to_server(f, f->stream, "/event");
    curl_easy_setopt(f->stream, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(f->stream, CURLOPT_CONNECTTIMEOUT_MS, (long)REPLY_MS);
    curl_easy_setopt(f->stream, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(f->stream, CURLOPT_TCP_KEEPIDLE, (long)SILENT_S);
    curl_easy_setopt(f->stream, CURLOPT_WRITEFUNCTION, on_stream);
    curl_easy_setopt(f->stream, CURLOPT_WRITEDATA, f);
    buf_clear(&f->line);
    f->line_over = false;
    curl_multi_add_handle(f->multi, f->stream);
}

static void end_stream(struct follower *f, const char *why)
{
    if (f->connected || f->delay_ms == 0)
        front_fail(f->verb, 0, "%s: %s; it is tried again", f->url, why);
    f->connected = false;
    curl_multi_remove_handle(f->multi, f->stream);
    curl_easy_cleanup(f->stream);
    f->stream = NULL;
    f->delay_ms = f->delay_ms < AGAIN_MIN_MS ? AGAIN_MIN_MS : f->delay_ms;
    f->again_ms = clock_steady_ms() + f->delay_ms;
    f->delay_ms = f->delay_ms * 2 > AGAIN_MAX_MS ? AGAIN_MAX_MS
                                                 : f->delay_ms * 2;
}

static void take_ends(struct follower *f)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(f->multi, &left)) != NULL) {
        CURLcode code = m->data.result;
        char *asked = NULL;

        if (m->msg != CURLMSG_DONE)
            continue;
        if (m->easy_handle == f->stream) {
            end_stream(f, code == CURLE_OK ? "its stream ended"
                                           : curl_easy_strerror(code));
            continue;
        }
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &asked);
        wait_ended(f, (struct asked *)(void *)asked, code);
    }
}

static void follow(struct follower *f)
{
    while (!over) {
        int64_t now = clock_steady_ms();
        int running;

        if (f->stream == NULL && now >= f->again_ms)
            begin_stream(f);
        for (struct asked *a = f->asked; a != NULL; a = a->next)
            if (a->wait == NULL && now >= a->again_ms)
                wait_for(f, a);
        curl_multi_perform(f->multi, &running);
        take_events(f);
        take_ends(f);
        curl_multi_poll(f->multi, NULL, 0, 250, NULL);
    }
}

static void name_it(struct follower *f, const char *as, const char *dir)
{
    const struct span none = {NULL, 0};
    char here[PATH_MAX] = "";
    char *escaped;

    if (dir == NULL && getcwd(here, sizeof here) == NULL)
        here[0] = '\0';
    unsetenv("CLAUDE_PROJECT_DIR");
    hook_name(&f->client, "opencode", as, span_of(dir ? dir : here), none,
              f->name);
    if (dir == NULL) {
        f->dir = xstrdup("");
        return;
    }
    escaped = curl_easy_escape(NULL, dir, 0);
    f->dir = xasprintf("?directory=%s", escaped);
    curl_free(escaped);
}

int hook_opencode(const struct front_verb *v, const char *const *values)
{
    struct follower f = {.verb = v, .url = values[URL]};
    struct sigaction sa = {.sa_handler = on_signal};
    struct error err;
    int64_t ms = 0;
    char *url;

    if (f.url == NULL || (strncmp(f.url, "http://", 7) != 0 &&
                          strncmp(f.url, "https://", 8) != 0))
        return front_fail(v, 2, "--url: where opencode listens, such as "
                                "http://127.0.0.1:4096");
    if (values[TIMEOUT] != NULL &&
        (!when_parse_span(values[TIMEOUT], strlen(values[TIMEOUT]), &ms) ||
         ms < 1000))
        return front_fail(v, 2, "--timeout: a time such as 10m was expected");
    if (client_open(&f.client, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    url = xstrdup(f.url);
    while (strlen(url) > 8 && url[strlen(url) - 1] == '/')
        url[strlen(url) - 1] = '\0';
    f.url = url;
    f.expires_s = ms / 1000;
    f.multi = curl_multi_init();
    buf_init(&f.line, EVENT_MAX);
    buf_init(&f.events, 2 * EVENT_MAX);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    name_it(&f, values[AS], values[DIR_OPTION]);
    follow(&f);
    while (f.asked != NULL)
        leave(&f, f.asked);
    if (f.stream != NULL) {
        curl_multi_remove_handle(f.multi, f.stream);
        curl_easy_cleanup(f.stream);
    }
    curl_multi_cleanup(f.multi);
    buf_finish(&f.line);
    buf_finish(&f.events);
    client_close(&f.client);
    free(f.dir);
    free(url);
    return 0;
}
