#include "config.h"

#include "data/fracta/output.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/fracta/document.h"
#include "data/fracta/overlap.h"
#include "data/json/cut.h"
#include "data/json/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSED_MS 15000 /* until all is asked for once more */
#define EVENTS 3         /* the level whose output is a list */

/* Where it is to be had, the fullest first. */
static const struct {
    const char *path, *name;
    bool whole; /* each text stands for itself: nothing is missing between */
} levels[] = {
    {"logs?lines=1000", "its log", false},
    {"peek?mode=raw", "the end of its log file", false},
    {"peek", "what it said last", true},
    {"peek?mode=events", "its last events", false},
};
#define LEVELS (int)(sizeof levels / sizeof *levels)

struct fracta_output {
    struct document *document;
    struct fracta_reader *reader;
    struct source_lines calls;
    struct overlap log, lesser; /* what was told of it, by its way */
    struct buf text;
    char name[72];
    char note[300];     /* told last */
    char refused[120];  /* why there is no log */
    int level, good;    /* asked for; the last that was had, -1 none */
    int64_t climb_ms;   /* uv_now, when the log is tried again */
    struct http *http;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void tell(struct fracta_output *o, bool bad, const char *text)
{
    if (strcmp(o->note, text) == 0)
        return;
    snprintf(o->note, sizeof o->note, "%s", text);
    o->calls.told(o->note, bad, o->calls.arg);
}

static void aim(struct fracta_output *o, int level)
{
    char path[200];

    o->level = level;
    snprintf(path, sizeof path, "/api/v1/agents/%s/%s", o->name,
             levels[level].path);
    document_path(o->document, path);
}

/* Hands one line out, without the time in front of it. */
static void on_line(const char *p, size_t n, void *arg)
{
    static const char missing[] = "... what came between was not told";
    struct fracta_output *o = arg;
    const char *end;
    int64_t at_ms = 0;

    if (p == NULL) {
        if (!levels[o->level].whole)
            o->calls.line(0, missing, sizeof missing - 1, o->calls.arg);
        return;
    }
    if (n > 0 && p[n - 1] == '\r')
        n--;
    if (n > 2 && p[0] == '[' &&
        (end = memchr(p, ']', n < 44 ? n : 44)) != NULL &&
        when_parse(p + 1, (size_t)(end - p - 1), &at_ms)) {
        n -= (size_t)(end + 1 - p);
        p = end + 1;
        if (n > 0 && *p == ' ') {
            p++;
            n--;
        }
    }
    o->calls.line(at_ms, p, n < OUTPUT_LINE_MAX ? n : OUTPUT_LINE_MAX,
                  o->calls.arg);
}

static void on_output(void *arg, int field, const struct pick_value *v)
{
    (void)field;
    if (v->type == PICK_STRING)
        buf_add(arg, v->text.p, v->text.n);
}

/* The "output" of an answer into ret, as text; false: it has none. */
static bool read_output(struct span body, struct buf *ret, struct error *err)
{
    static const struct pick_rule rules[] = {{"output", 0}, {NULL, 0}};
    struct pick *p = pick_create(rules);
    bool well;

    buf_clear(ret);
    well = pick_run(p, body.p, body.n, on_output, ret, err) == 0;
    pick_destroy(p);
    return well;
}

/* An event as a line of a log file. */
static bool on_event(enum cut_what what, const char *text, size_t len,
                     void *arg)
{
    struct fracta_output *o = arg;
    struct fracta_event e;
    struct error err;
    char at[24] = "";
    struct span said;

    if (what != CUT_ITEM ||
        fracta_read_event(o->reader, (struct span){text, len}, &e, &err) != 0)
        return true;
    if (e.at_ms > 0)
        when_format(e.at_ms, at);
    said = e.detail.n > 0 ? e.detail : e.text.n > 0 ? e.text : e.tool;
    buf_fmt(&o->text, "%s%s%s%.*s  ", at[0] ? "[" : "", at, at[0] ? "] " : "",
            (int)(e.action.n < 60 ? e.action.n : 60),
            e.action.p ? e.action.p : "");
    for (size_t i = 0; i < said.n && i < 400; i++)
        buf_char(&o->text, said.p[i] == '\n' ? ' ' : said.p[i]);
    buf_char(&o->text, '\n');
    return true;
}

/* `text` is a list of events: made lines of. */
static bool events(struct fracta_output *o, struct error *err)
{
    struct buf list = o->text;
    struct cut cut;
    bool well;

    buf_init(&o->text, OUTPUT_BODY_MAX);
    cut_init(&cut, CUT_LIST, on_event, o);
    cut.list = "events";
    well = cut_feed(&cut, "{\"events\":", 10, err) == 0 &&
           cut_feed(&cut, buf_text(&list), list.len, err) == 0 &&
           cut_feed(&cut, "}", 1, err) == 0 && cut_end(&cut, err) == 0;
    cut_finish(&cut);
    buf_finish(&list);
    return well;
}

static void had(struct fracta_output *o)
{
    char text[300];

    /* the log is one text whatever came between; the others are not */
    if (o->good != o->level && o->level > 0)
        overlap_clear(&o->lesser);
    o->good = o->level;
    if (o->level == 0)
        snprintf(text, sizeof text, "%s",
                 o->text.len > 0 ? "follows its log"
                                 : "nothing was put out yet");
    else
        snprintf(text, sizeof text, "%s%s; no log: %s",
                 levels[o->level].name, o->text.len > 0 ? "" : ": none yet",
                 o->refused);
    tell(o, false, text);
}

/* This way it is not to be had: the next one, or all of them later. */
static bool refused(struct fracta_output *o, const struct error *err)
{
    char text[300];

    if (o->level == 0) {
        snprintf(o->refused, sizeof o->refused, "%.119s", err->msg);
        o->climb_ms = (int64_t)uv_now(http_loop(o->http)) + OUTPUT_CLIMB_MS;
    }
    if (o->level == 0 && o->good > 0) { /* it only was another try */
        aim(o, o->good);
        document_kick(o->document);
    } else if (o->level + 1 < LEVELS) {
        aim(o, o->level + 1);
        document_kick(o->document);
    } else {
        snprintf(text, sizeof text, "there is no output of it: %s",
                 o->refused);
        tell(o, true, text);
        o->good = -1;
        aim(o, 0);
        document_wait(o->document, REFUSED_MS);
    }
    return true;
}

static bool on_told(struct span body, const struct http_answer *answer,
                    const struct error *err, void *arg)
{
    struct fracta_output *o = arg;
    struct error e = *err;
    char text[300];
    bool news;

    (void)answer;
    /* a way that says nothing, while another is not tried or has worked */
    if ((e.code == ERR_SILENT && o->good != o->level) ||
        (e.code != 0 && o->level == 0 && o->good > 0))
        return refused(o, &e);
    if (e.code != 0 && e.code != ERR_SERVER && e.code != ERR_LIMIT) {
        snprintf(text, sizeof text, "no answer (%.200s): asked again",
                 e.msg);
        tell(o, true, text);
        return false;
    }
    if (e.code == 0 && read_output(body, &o->text, &e) &&
        (o->level != EVENTS || events(o, &e))) {
        had(o);
        news = overlap_take(o->level == 0 ? &o->log : &o->lesser, buf_text(&o->text), o->text.len,
                            on_line, o);
        buf_shrink(&o->text, 64u << 10);
        if (o->level > 0 &&
            (int64_t)uv_now(http_loop(o->http)) >= o->climb_ms) {
            aim(o, 0);
            document_wait(o->document, 1);
        }
        return news;
    }
    return refused(o, &e);
}

struct fracta_output *fracta_output_open(struct http *http,
                                         const struct http_target *target,
                                         struct fracta_reader *reader,
                                         const char *name,
                                         const struct source_lines *calls)
{
    struct fracta_output *o = xcalloc(1, sizeof *o);
    const struct document_want want = {OUTPUT_MS, OUTPUT_BODY_MAX, on_told, o};

    o->http = http;
    o->reader = reader;
    o->calls = *calls;
    o->good = -1;
    snprintf(o->name, sizeof o->name, "%s", name);
    overlap_init(&o->log);
    overlap_init(&o->lesser);
    buf_init(&o->text, OUTPUT_BODY_MAX);
    o->document = document_create(http, target, &want);
    aim(o, 0);
    document_kick(o->document);
    return o;
}

const char *fracta_output_name(const struct fracta_output *o)
{
    return o->name;
}

void fracta_output_kick(struct fracta_output *o)
{
    document_kick(o->document);
}

static void on_closed(void *arg)
{
    struct fracta_output *o = arg;
    void (*closed)(void *) = o->closed;
    void *closed_arg = o->closed_arg;

    overlap_finish(&o->log);
    overlap_finish(&o->lesser);
    buf_finish(&o->text);
    free(o);
    closed(closed_arg);
}

void fracta_output_close(struct fracta_output *o, void (*closed)(void *arg),
                         void *arg)
{
    o->closed = closed;
    o->closed_arg = arg;
    document_close(o->document, on_closed, o);
}
