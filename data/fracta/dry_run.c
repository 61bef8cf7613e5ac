#include "config.h"

#include "data/fracta/dry_run.h"

#include "base/mask.h"
#include "base/xalloc.h"
#include "data/fracta/sender.h"
#include "data/json/pick.h"
#include "data/json/write.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 15000

struct fracta_dry_run {
    struct http *http;
    const struct http_target *target;
    struct http_request *request;
    struct buf body;
    source_tried_cb cb;
    void *arg;
};

struct fracta_dry_run *fracta_dry_run_create(struct http *http,
                                             const struct http_target *target)
{
    struct fracta_dry_run *d = xcalloc(1, sizeof *d);

    d->http = http;
    d->target = target;
    buf_init(&d->body, DRY_RUN_BODY_MAX);
    return d;
}

enum { RUNTIME, MODEL, MODE, BACKEND, FOLDER, TOOL, ALLOW, COMMAND, WORD,
       ENV_PAIR, ENV_KEY, SERVER, SERVER_NAME, STAGED };

static const struct pick_rule rules[] = {
    {"resolved_spec.resolution.host_type", RUNTIME},
    {"resolved_spec.resolution.model", MODEL},
    {"resolved_spec.resolution.mode", MODE},
    {"resolved_spec.resolution.allowed_tools[]", TOOL},
    {"resolved_spec.topology.backend", BACKEND},
    {"settings.permissions.allow[]", ALLOW},
    {"command_spec.Command", COMMAND},
    {"command_spec.Args[]", WORD},
    {"command_spec.Dir", FOLDER},
    {"command_spec.Env[]", ENV_PAIR},
    {"command_spec.Env.*", ENV_KEY},
    {"mcp_servers.*", SERVER},
    {"mcp_servers[].name", SERVER_NAME},
    {"staged_credential_refs.*", STAGED},
    {"payload_preview.staged_credential_refs.*", STAGED},
    {NULL, 0},
};

/* Words in a row, as many as a line takes; the others are counted. */
struct row {
    char text[160];
    size_t n;
    int count, left_out;
};

struct reading {
    char runtime[40], model[80], mode[24], backend[24], dir[120];
    struct row tools, allowed, words, env, servers, staged;
    bool mask; /* the word that comes is the value of a secret option */
};

/* At most so many bytes, and no half of a letter. */
static int cut(struct span s, size_t most)
{
    size_t n = s.n < most ? s.n : most;

    while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return (int)n;
}

static void add(struct row *r, const char *between, struct span s)
{
    size_t gap = r->count > 0 ? strlen(between) : 0;

    if (s.n == 0)
        return;
    if (r->left_out > 0 || (r->n + gap + s.n >= sizeof r->text &&
                            r->count > 0)) {
        r->left_out++;
        return;
    }
    r->n += (size_t)snprintf(r->text + r->n, sizeof r->text - r->n, "%s%.*s",
                             gap > 0 ? between : "",
                             cut(s, 120), s.p);
    r->count++;
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/*
 * How much of a word can be shown: up to what stands behind a secret's name
 * and "=" or ":", or between "://" and "@", or is a document, which may hold
 * any of them.
 */
static size_t safe(struct span s)
{
    if (s.n > 0 && (s.p[0] == '{' || s.p[0] == '['))
        return 1;
    for (size_t i = 0; i < s.n; i++) {
        size_t from = i;

        if (s.p[i] == '@')
            for (size_t k = i; k-- > 2 && s.p[k] != ' ';)
                if (memcmp(s.p + k - 2, "://", 3) == 0)
                    return k + 1;
        if (s.p[i] != '=' && s.p[i] != ':')
            continue;
        while (from > 0 && in_name(s.p[from - 1]))
            from--;
        if (mask_is_secret((struct span){s.p + from, i - from}))
            return i + 1;
    }
    return s.n;
}

/* The word behind one of these is what a secret may stand in. */
static bool masks_next(struct span s)
{
    static const char *const options[] = {
        "-H", "--header", "-e", "--env", "--mcp-config", "--settings"};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (span_is(s, options[i]))
            return true;
    return s.n > 1 && s.p[0] == '-' && memchr(s.p, '=', s.n) == NULL &&
           memchr(s.p, ' ', s.n) == NULL && mask_is_secret(s);
}

/*
 * A word of the command, on one line; one with blanks is quoted, and cut. What
 * may be a secret is "…".
 */
static void add_word(struct reading *r, struct span s)
{
    bool blank = memchr(s.p, ' ', s.n) != NULL ||
                 memchr(s.p, '\n', s.n) != NULL;
    size_t shown = safe(s), most = blank ? 60 : 110;
    char word[130];
    bool all = shown == s.n && s.n <= most;

    if (r->mask) {
        r->mask = false;
        add(&r->words, " ", span_of("…"));
        return;
    }
    r->mask = masks_next(s);
    if (!blank && shown == s.n) {
        add(&r->words, " ", s);
        return;
    }
    s.n = shown;
    snprintf(word, sizeof word, "%s%.*s%s%s", blank ? "'" : "",
             cut(s, most), s.p, all ? "" : "…", blank ? "'" : "");
    add(&r->words, " ", span_of(word));
}

/* Up to the "="; what is no name is passed over, it may be a value. */
static void add_env(struct reading *r, struct span s, bool whole)
{
    const char *is = s.n > 0 ? memchr(s.p, '=', s.n) : NULL;

    if (!whole && is == NULL)
        return;
    if (is != NULL)
        s.n = (size_t)(is - s.p);
    for (size_t i = 0; i < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_')
            return;
    add(&r->env, ", ", s);
}

static void take(char *to, size_t size, const struct pick_value *v)
{
    if (v->type == PICK_STRING)
        snprintf(to, size, "%.*s", cut(v->text, size - 1), v->text.p);
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reading *r = arg;
    bool text = v->type == PICK_STRING;

    switch (field) {
    case RUNTIME:
        take(r->runtime, sizeof r->runtime, v);
        break;
    case MODEL:
        take(r->model, sizeof r->model, v);
        break;
    case MODE:
        take(r->mode, sizeof r->mode, v);
        break;
    case BACKEND:
        take(r->backend, sizeof r->backend, v);
        break;
    case FOLDER:
        take(r->dir, sizeof r->dir, v);
        break;
    case TOOL:
    case ALLOW:
        if (text)
            add(field == TOOL ? &r->tools : &r->allowed, ", ", v->text);
        break;
    case COMMAND:
    case WORD:
        if (text && v->text.n > 0)
            add_word(r, v->text);
        break;
    case ENV_PAIR:
        if (text)
            add_env(r, v->text, false);
        break;
    case ENV_KEY:
        if (v->type != PICK_END)
            add_env(r, v->key, true);
        break;
    case SERVER_NAME:
        if (text)
            add(&r->servers, ", ", v->text);
        break;
    default:
        if (v->type != PICK_END)
            add(field == SERVER ? &r->servers : &r->staged, ", ", v->key);
    }
}

static void __attribute__((format(printf, 2, 3)))
say(struct tried *t, const char *fmt, ...)
{
    char *to = t->lines[t->line_count];
    va_list ap;

    if (t->line_count == TRIED_LINES)
        return;
    va_start(ap, fmt);
    vsnprintf(to, sizeof t->lines[0], fmt, ap);
    va_end(ap);
    for (; *to != '\0'; to++)
        if (*to == '\n' || *to == '\t')
            *to = ' ';
    t->line_count++;
}

static void say_row(struct tried *t, const char *what, const struct row *r,
                    const char *behind)
{
    char more[24] = "";

    if (r->count == 0)
        return;
    if (r->left_out > 0)
        snprintf(more, sizeof more, " and %d more", r->left_out);
    say(t, "%s%s%s%s", what, r->text, more, behind);
}

static void tell(const struct reading *r, struct tried *t)
{
    const struct {
        const char *what, *is;
    } parts[] = {{"", r->runtime},
                 {"model ", r->model},
                 {"", r->mode},
                 {"backend ", r->backend},
                 {"in ", r->dir}};
    struct row how = {.n = 0};

    if (r->words.count > 0)
        say(t, "it would run %s%s", r->words.text,
            r->words.left_out > 0 ? " …" : "");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char part[120];
        int n = snprintf(part, sizeof part, "%s%s", parts[i].what,
                         parts[i].is);

        if (n >= (int)sizeof part)
            n = (int)sizeof part - 1;
        if (parts[i].is[0] != '\0')
            add(&how, ", ", (struct span){part, (size_t)n});
    }
    say_row(t, "", &how, "");
    say_row(t, "it may use ", r->tools.count > 0 ? &r->tools : &r->allowed,
            "");
    say_row(t, "MCP servers: ", &r->servers, "");
    say_row(t, "environment: ", &r->env, "; values are not shown");
    say_row(t, "staged secrets: ", &r->staged, "; only their names are read");
}

static void __attribute__((format(printf, 2, 3)))
warn(struct tried *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(t->warnings[t->warning_count++], sizeof t->warnings[0], fmt,
              ap);
    va_end(ap);
}

/* "KEY: what is wrong": the form's field of that key has it. */
static void blame(struct tried *t)
{
    static const char *const keys[][2] = {
        {"task", "name"},       {"contract", "reason"}, {"argv", "command"},
        {"host_type", "host_type"}, {"model", "model"}, {"tier", "tier"},
        {"mode", "mode"}};
    const char *colon = strchr(t->error.msg, ':');

    for (size_t i = 0; colon != NULL && i < sizeof keys / sizeof *keys; i++) {
        size_t n = strlen(keys[i][0]);

        if ((size_t)(colon - t->error.msg) != n ||
            strncmp(t->error.msg, keys[i][0], n) != 0)
            continue;
        snprintf(t->causes[0].key, sizeof t->causes[0].key, "%s", keys[i][1]);
        snprintf(t->causes[0].text, sizeof t->causes[0].text, "%.180s",
                 colon + 1 + (colon[1] == ' '));
        t->cause_count = 1;
    }
}

void fracta_dry_run_read(const struct http_answer *answer, struct span body,
                         const struct error *err, struct tried *ret)
{
    struct reading r = {0};
    struct error why;
    struct pick *p;

    *ret = (struct tried){.status = err->code != 0 ? 0 : answer->status};
    if (err->code != 0) {
        ret->error = *err;
        return;
    }
    if (answer->status != 200) {
        fracta_refusal(answer, &why);
        if (answer->status == 404 || answer->status == 405) {
            warn(ret, "it cannot be asked first what would run (%.120s)",
                 why.msg);
        } else if (answer->status >= 500) {
            warn(ret, "asked what would run, it said: %.150s", why.msg);
        } else {
            ret->error = why;
            blame(ret);
        }
        return;
    }
    p = pick_create(rules);
    if (pick_run(p, body.p != NULL ? body.p : "", body.n, on_value, &r,
                 &why) != 0)
        warn(ret, "what would run cannot be read: %.150s", why.msg);
    else
        tell(&r, ret);
    pick_destroy(p);
    if (ret->line_count == 0 && ret->warning_count == 0)
        warn(ret, "it did not say what would run");
}

static void forget(struct fracta_dry_run *d)
{
    if (d->body.ptr != NULL)
        explicit_bzero(d->body.ptr, d->body.room);
    buf_finish(&d->body);
    buf_init(&d->body, DRY_RUN_BODY_MAX);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct fracta_dry_run *)arg)->body, p, n);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct fracta_dry_run *d = arg;
    struct tried t;

    d->request = NULL;
    if (d->body.over) {
        t = (struct tried){.status = answer->status};
        warn(&t, "what would run is more than %u bytes to tell",
             DRY_RUN_BODY_MAX);
    } else {
        fracta_dry_run_read(answer,
                            (struct span){buf_text(&d->body), d->body.len},
                            err, &t);
    }
    forget(d);
    d->cb(&t, d->arg);
}

int fracta_dry_run_start(struct fracta_dry_run *d, const struct plan *p,
                         source_tried_cb cb, void *arg, struct error *err)
{
    static const char *const headers[] = {"Content-Type: application/json",
                                          NULL};
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = d};
    const struct http_want want = {.method = "POST",
                                   .path = "/api/v1/agents/dry-run",
                                   .headers = headers,
                                   .body = p->body ? p->body : "{}",
                                   .first_byte_ms = ANSWER_MS,
                                   .silence_ms = ANSWER_MS,
                                   .http1 = true};

    fracta_dry_run_cancel(d);
    d->cb = cb;
    d->arg = arg;
    d->request = http_start(d->http, d->target, &want, &calls, err);
    return d->request != NULL ? 0 : err->code;
}

void fracta_dry_run_cancel(struct fracta_dry_run *d)
{
    http_cancel(d->request);
    d->request = NULL;
    forget(d);
}

void fracta_dry_run_close(struct fracta_dry_run *d)
{
    bool asked = d->request != NULL;

    fracta_dry_run_cancel(d);
    if (asked) { /* who waits for it would wait for ever */
        struct tried t = {0};

        error_set(&t.error, ERR_ABSENT, "its control plane is not among the "
                                        "sources any more");
        d->cb(&t, d->arg);
    }
    buf_finish(&d->body);
    free(d);
}
