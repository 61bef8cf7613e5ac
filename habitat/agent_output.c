#include "config.h"

#include "habitat/agent.h"
#include "habitat/asks.h"
#include "habitat/limits.h"
#include "habitat/lines.h"
#include "habitat/report.h"
#include "habitat/screen.h"
#include "habitat/speech.h"

#include "base/xalloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAND_MS 2000
#define BY_PROMPT "its prompt"
#define LAST_MAX 600 /* bytes kept for the reason of a crash */

struct output {
    struct agent *agent;
    struct lines lines;
    struct speech_memory memory;
    struct screen *screen; /* NULL: it prints lines */
    struct wire_size size;
    char last[LAST_MAX];   /* its last lines, joined by " · " */
    double room;           /* tokens of the rate limit */
    int64_t room_ms;
    uint64_t passed; /* lines over the limit, not told yet */
    uv_timer_t stands; /* what stands unfinished may be a question */
    bool asked;        /* it was one */
};

static void remember(struct output *o, struct span text)
{
    size_t have = strlen(o->last), sep = have > 0 ? strlen(" · ") : 0;

    if (text.n > LAST_MAX / 2)
        text.n = LAST_MAX / 2;
    while (have > 0 && have + sep + text.n >= LAST_MAX) {
        char *next = strstr(o->last, " · ");

        if (next == NULL)
            have = 0;
        else
            memmove(o->last, next + strlen(" · "),
                    strlen(next + strlen(" · ")) + 1);
        have = next == NULL ? 0 : strlen(o->last);
    }
    snprintf(o->last + have, LAST_MAX - have, "%s%.*s", have ? " · " : "",
             (int)text.n, text.p);
}

const char *output_last(const struct output *o)
{
    return o->last;
}

const char *output_last_line(const struct output *o)
{
    const char *at = o->last, *next;

    while ((next = strstr(at, " · ")) != NULL)
        at = next + strlen(" · ");
    return at;
}

/* By the clock that does not jump. */
static bool may_tell(struct output *o)
{
    int64_t now = (int64_t)uv_now(&o->agent->hb->loop);
    double most = 5.0 * LIMIT_LINES_PER_S;

    o->room += (double)(now - o->room_ms) / 1000 * LIMIT_LINES_PER_S;
    if (o->room > most || o->room_ms == 0)
        o->room = most;
    o->room_ms = now;
    if (o->room < 1) {
        o->passed++;
        return false;
    }
    o->room -= 1;
    return true;
}

static void tell_passed(struct output *o)
{
    char text[80];

    if (o->passed == 0)
        return;
    snprintf(text, sizeof text, "%llu lines passed unread: more than %d a "
             "second", (unsigned long long)o->passed, LIMIT_LINES_PER_S);
    o->passed = 0;
    event_note(o->agent->hb, o->agent->name, "agent_activity",
               "command.output", "warn", "error", text);
}

/* The numbers it gave and how it is, shown or not. */
static void count(struct output *o, const struct speech *s)
{
    const struct span none = {NULL, 0};
    struct agent *a = o->agent;

    if (s->tokens > 0)
        a->tokens = (a->tokens > 0 ? a->tokens : 0) + s->tokens;
    if (!isnan(s->cost))
        a->cost = (isnan(a->cost) ? 0 : a->cost) + s->cost;
    a->paid_session = (int64_t)o->memory.session;
    a->paid = o->memory.cost;
    if (s->tokens > 0 || !isnan(s->cost))
        agent_changed(a);
    if (s->report != NULL)
        report_set(a, s->report, none, none, "its JSON stream");
}

/* What was said, with the numbers the agent gave. */
static void say(struct output *o, const struct speech *s)
{
    struct agent *a = o->agent;
    struct buf attrs;
    struct json j;
    struct event e = {.agent = span_of(a->name),
                      .component = span_of("habitat"),
                      .category = span_of("agent_activity"),
                      .action = span_of(s->action),
                      .severity = span_of(s->error ? "error" : "info"),
                      .detail = s->text};

    buf_init(&attrs, 8192);
    json_begin(&j, &attrs);
    json_map(&j, NULL);
    json_text(&j, "kind", s->kind);
    if (s->tool.n > 0)
        json_span(&j, "tool_name", s->tool);
    if (s->tokens > 0)
        json_int(&j, "tokens", s->tokens);
    if (!isnan(s->cost))
        json_double(&j, "cost", s->cost);
    json_map_end(&j);
    json_end(&j);
    e.attrs = (struct span){buf_text(&attrs), attrs.len};
    event_add(a->hb, &e);
    buf_finish(&attrs);
    agent_set(&a->tool, s->tool.n > 0 ? s->tool : (struct span){NULL, 0});
}

static void tell(struct output *o, const struct speech *said, int n)
{
    for (int i = 0; i < n; i++) {
        count(o, &said[i]);
        if (said[i].text.n == 0)
            continue;
        remember(o, said[i].text);
        if (!may_tell(o))
            continue;
        tell_passed(o);
        say(o, &said[i]);
    }
}

static void on_line(struct span text, void *arg)
{
    struct output *o = arg;
    struct speech said[SPEECH_MAX];

    while (text.n > 0 && (text.p[text.n - 1] == ' ' ||
                          text.p[text.n - 1] == '\t'))
        text.n--;
    if (text.n > 0)
        tell(o, said,
             speech_read(o->agent->hb->speech, &o->memory, text, said));
}

static void on_osc(int number, struct span text, void *arg)
{
    struct output *o = arg;

    report_osc(o->agent, number, text);
}

static void on_bell(void *arg)
{
    (void)arg;
}

static void on_screen(void *arg)
{
    struct output *o = arg;

    o->screen = screen_create(o->agent, o->size, on_line, o);
}

/* Nothing came for a while, and a line is not finished: does it ask? */
static void on_stands(uv_timer_t *t)
{
    struct output *o = t->data;
    struct span line;

    if (o->agent == NULL || o->screen != NULL)
        return;
    line = lines_rest(&o->lines);
    if (!asks_prompt(line) ||
        (o->agent->report != NULL &&
         strcmp(o->agent->report_by, BY_PROMPT) != 0))
        return;
    o->asked = true;
    report_set(o->agent, "blocked", span_of("question"), line, BY_PROMPT);
}

static void watch_prompt(struct output *o)
{
    const struct span none = {NULL, 0};

    if (o->asked) { /* it went on */
        o->asked = false;
        if (o->agent->report_by != NULL &&
            strcmp(o->agent->report_by, BY_PROMPT) == 0)
            report_set(o->agent, NULL, none, none, NULL);
    }
    if (o->screen == NULL && lines_rest(&o->lines).n > 0)
        uv_timer_start(&o->stands, on_stands, STAND_MS, 0);
    else
        uv_timer_stop(&o->stands);
}

struct output *output_create(struct agent *a)
{
    struct output *o = xcalloc(1, sizeof *o);
    const struct lines_calls calls = {on_line, on_osc, on_bell, on_screen, o};

    o->agent = a;
    o->size = (struct wire_size){80, 24};
    lines_init(&o->lines, &calls);
    uv_timer_init(&a->hb->loop, &o->stands);
    o->stands.data = o;
    speech_memory_init(&o->memory);
    o->memory.session = (uint64_t)a->paid_session;
    o->memory.cost = a->paid;
    return o;
}

void output_resize(struct output *o, struct wire_size size)
{
    o->size = size;
    if (o->screen != NULL)
        screen_resize(o->screen, size);
}

static void free_output(uv_handle_t *h)
{
    free(h->data);
}

void output_destroy(struct output *o)
{
    if (o == NULL)
        return;
    screen_destroy(o->screen);
    lines_finish(&o->lines);
    speech_memory_finish(&o->memory);
    o->agent = NULL;
    uv_close((uv_handle_t *)&o->stands, free_output);
}

void output_feed(struct output *o, const char *p, size_t n)
{
    bool was = o->screen != NULL;
    size_t taken = lines_feed(&o->lines, p, n);

    watch_prompt(o);
    if (o->screen == NULL)
        return;
    if (!was) {
        screen_start(o->screen, o->lines.csi, p[taken]);
        p += taken + 1;
        n -= taken + 1;
        lines_feed(&o->lines, p, n);
    }
    screen_feed(o->screen, p, n);
}

void output_end(struct output *o)
{
    struct speech said[SPEECH_MAX];

    if (o->screen != NULL)
        screen_flush(o->screen);
    else
        lines_flush(&o->lines);
    tell(o, said, speech_end(o->agent->hb->speech, &o->memory, said));
    tell_passed(o);
}
