#include "config.h"

#include "habitat/speech_priv.h"

#include "base/xalloc.h"
#include "data/logline.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMATS 4
#define ARG_MAX 180

struct speech_reader {
    struct logline_reader *plain;
    struct pick *sniff;
    struct pick *pick[FORMATS];
    struct buf texts[SPEECH_MAX];
    struct buf list;
    struct speech_work work;
};

static const struct speech_format *const formats[FORMATS] = {
    &speech_claude, &speech_codex, &speech_opencode, &speech_gemini};

enum {
    S_TYPE,
    S_SUBTYPE,
    S_FLAG /* and those after it, in the order of the flags */
};

static const struct pick_rule sniff_rules[] = {
    {"type", S_TYPE},
    {"subtype", S_SUBTYPE},
    {"session_id", S_FLAG},
    {"sessionID", S_FLAG + 1},
    {"message", S_FLAG + 2},
    {"part", S_FLAG + 3},
    {"error", S_FLAG + 4},
    {"timestamp", S_FLAG + 5},
    {"role", S_FLAG + 6},
    {"model", S_FLAG + 7},
    {"tool_name", S_FLAG + 8},
    {"tool_id", S_FLAG + 9},
    {"severity", S_FLAG + 10},
    {"status", S_FLAG + 11},
    {"uuid", S_FLAG + 12},
    {NULL, 0}};

static void on_sniff(void *arg, int field, const struct pick_value *v)
{
    struct speech_sniff *s = arg;
    bool *const flags[] = {&s->session_id, &s->session,   &s->message,
                           &s->part,       &s->error,     &s->timestamp,
                           &s->role,       &s->model,     &s->tool_name,
                           &s->tool_id,    &s->severity,  &s->status,
                           &s->uuid};

    if (field >= S_FLAG)
        *flags[field - S_FLAG] = true;
    else if (v->type == PICK_STRING && field == S_TYPE && s->type.p == NULL)
        s->type = v->text;
    else if (v->type == PICK_STRING && field == S_SUBTYPE)
        s->subtype = v->text;
}

void speech_memory_init(struct speech_memory *m)
{
    *m = (struct speech_memory){0};
    buf_init(&m->said, SPEECH_TEXT_MAX);
}

void speech_memory_finish(struct speech_memory *m)
{
    buf_finish(&m->said);
}

struct speech_reader *speech_create(void)
{
    struct speech_reader *r = xcalloc(1, sizeof *r);

    r->plain = logline_create();
    r->sniff = pick_create(sniff_rules);
    for (int i = 0; i < FORMATS; i++)
        r->pick[i] = pick_create(formats[i]->rules);
    for (int i = 0; i < SPEECH_MAX; i++)
        buf_init(&r->texts[i], SPEECH_TEXT_MAX + 1);
    buf_init(&r->list, SPEECH_TEXT_MAX);
    return r;
}

void speech_destroy(struct speech_reader *r)
{
    if (r == NULL)
        return;
    logline_destroy(r->plain);
    pick_destroy(r->sniff);
    for (int i = 0; i < FORMATS; i++)
        pick_destroy(r->pick[i]);
    for (int i = 0; i < SPEECH_MAX; i++)
        buf_finish(&r->texts[i]);
    buf_finish(&r->list);
    free(r);
}

static const char *action_of(const char *kind)
{
    if (kind == NULL)
        return NULL;
    if (strcmp(kind, "call") == 0)
        return "tool.started";
    if (strcmp(kind, "result") == 0)
        return "tool.completed";
    if (strcmp(kind, "thought") == 0)
        return "message.delta";
    return "message.completed";
}

static struct span trimmed(struct span s)
{
    static const char blanks[] = " \t\r\n";

    while (s.n > 0 && memchr(blanks, s.p[0], 4) != NULL) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && memchr(blanks, s.p[s.n - 1], 4) != NULL)
        s.n--;
    return s;
}

struct speech *speech_add(struct speech_work *w, const char *kind,
                          struct span text)
{
    struct speech *s;

    text = trimmed(text);
    if (w->count >= SPEECH_MAX || (kind != NULL && text.n == 0))
        return NULL;
    s = &w->ret[w->count++];
    *s = (struct speech){.kind = kind,
                         .action = action_of(kind),
                         .text = text,
                         .cost = (double)NAN};
    return s;
}

struct speech *speech_fmt(struct speech_work *w, const char *kind,
                          const char *fmt, ...)
{
    char text[SPEECH_TEXT_MAX];
    struct buf *b;
    va_list ap;
    int n;

    if (w->count >= SPEECH_MAX)
        return NULL;
    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    b = &w->texts[w->count];
    buf_clear(b);
    if (n > 0)
        buf_add(b, text, (size_t)n < sizeof text ? (size_t)n
                                                 : sizeof text - 1);
    return speech_add(w, kind, (struct span){buf_text(b), b->len});
}

struct speech *speech_call(struct speech_work *w, struct span tool,
                           struct span arg)
{
    struct speech *s;

    if (tool.n == 0)
        tool = span_of("a tool");
    s = speech_fmt(w, "call", "%.*s %.*s", speech_cut(tool, 100), tool.p,
                   speech_cut(arg, ARG_MAX), arg.p ? arg.p : "");
    if (s != NULL)
        s->tool = tool;
    return s;
}

struct speech *speech_quiet(struct speech_work *w, const char *report)
{
    struct speech *s = speech_add(w, NULL, (struct span){NULL, 0});

    if (s != NULL)
        s->report = report;
    return s;
}

void speech_arg(struct span *arg, int *rank, const struct pick_value *v)
{
    static const char *const names[] = {
        "command", "cmd",         "file_path", "filePath", "path",
        "url",     "notebook_path", "pattern", "query",    "description",
        "subject", "prompt",      NULL};
    int at = 0;

    if (v->type != PICK_STRING || v->text.n == 0)
        return;
    while (names[at] != NULL && !span_is(v->key, names[at]))
        at++;
    if (arg->p != NULL && *rank <= at)
        return;
    *arg = v->text;
    *rank = at;
}

void speech_gathered(struct speech_work *w)
{
    struct buf *said = &w->memory->said;

    if (said->len > 0)
        speech_fmt(w, "said", "%s", buf_text(said));
    buf_clear(said);
    said->over = false;
    buf_shrink(said, 0);
}

int64_t speech_int(struct span s)
{
    char text[24];
    char *end;
    double d;

    if (s.p == NULL || s.n == 0 || s.n >= sizeof text)
        return 0;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    d = strtod(text, &end);
    return *end == '\0' && d > 0 && d < 1e15 ? (int64_t)d : 0;
}

double speech_cost(struct span s)
{
    char text[40];
    char *end;
    double d;

    if (s.p == NULL || s.n == 0 || s.n >= sizeof text)
        return (double)NAN;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    d = strtod(text, &end);
    return *end == '\0' && d >= 0 && d < 1e6 ? d : (double)NAN;
}

int speech_cut(struct span s, size_t max)
{
    if (s.n <= max)
        return (int)s.n;
    while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
        max--;
    return (int)max;
}

struct reading {
    struct speech_work *work;
    const struct speech_format *format;
};

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reading *g = arg;

    if (field >= SPEECH_SLOTS)
        g->format->value(g->work, field, v);
    else if (v->type != PICK_BEGIN && v->type != PICK_END &&
             v->type != PICK_NULL && g->work->slot[field].p == NULL)
        g->work->slot[field] = v->text;
}

static void begin(struct speech_reader *r, struct speech_memory *m,
                  struct speech *ret)
{
    struct speech_work *w = &r->work;

    *w = (struct speech_work){.memory = m,
                              .ret = ret,
                              .texts = r->texts,
                              .list = &r->list,
                              .cost = (double)NAN};
    buf_clear(&r->list);
    r->list.over = false;
}

/* One of the agents' own lines; -1 if it is none. */
static int read_stream(struct speech_reader *r, struct speech_memory *m,
                       struct span line, struct speech *ret)
{
    struct speech_sniff s = {.session = false};
    struct reading g = {&r->work, NULL};
    int i = 0;

    if (line.n < 2 || line.p[0] != '{' ||
        pick_run(r->sniff, line.p, line.n, on_sniff, &s, NULL) != 0 ||
        s.type.p == NULL)
        return -1;
    while (i < FORMATS && !formats[i]->knows(&s))
        i++;
    if (i == FORMATS)
        return -1;
    begin(r, m, ret);
    g.format = formats[i];
    if (pick_run(r->pick[i], line.p, line.n, on_value, &g, NULL) != 0)
        return -1;
    formats[i]->end(&r->work);
    return r->work.count;
}

int speech_read(struct speech_reader *r, struct speech_memory *m,
                struct span line, struct speech *ret)
{
    int n = read_stream(r, m, line, ret);
    struct logline l;

    if (n >= 0)
        return n;
    begin(r, m, ret);
    logline_read(r->plain, line.p, line.n, &l);
    if (l.text.n > 0)
        r->work.ret[r->work.count++] = (struct speech){
            .kind = thought_kind_name(l.kind),
            .action = l.json ? action_of(thought_kind_name(l.kind))
                             : "command.output",
            .text = l.text,
            .tokens = l.tokens,
            .cost = l.cost,
            .error = l.kind == THOUGHT_ERROR};
    return r->work.count;
}

int speech_end(struct speech_reader *r, struct speech_memory *m,
               struct speech *ret)
{
    begin(r, m, ret);
    speech_gathered(&r->work);
    return r->work.count;
}
