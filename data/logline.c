#include "config.h"

#include "data/logline.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/pick.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGE,
    LEVEL,
    TOKENS,       /* a sum */
    TOKENS_TOTAL, /* already summed: only if no parts came */
    COST,
    TYPE,
    BLOCK,
    BLOCK_TYPE,
    BLOCK_TEXT,
    BLOCK_NAME,
    BLOCK_ARG,
    RESULT,
    ERROR_TEXT,
    SUBTYPE,
};

static const struct pick_rule rules[] = {
    {"msg", MESSAGE},
    {"message", MESSAGE},
    {"text", MESSAGE},
    {"event", MESSAGE},
    {"error", ERROR_TEXT},
    {"err", ERROR_TEXT},
    {"level", LEVEL},
    {"severity", LEVEL},
    {"lvl", LEVEL},
    {"usage.input_tokens", TOKENS},
    {"usage.output_tokens", TOKENS},
    {"usage.prompt_tokens", TOKENS},
    {"usage.completion_tokens", TOKENS},
    {"usage.total_tokens", TOKENS_TOTAL},
    {"message.usage.input_tokens", TOKENS},
    {"message.usage.output_tokens", TOKENS},
    {"tokens", TOKENS_TOTAL},
    {"total_cost_usd", COST},
    {"cost_usd", COST},
    {"type", TYPE},
    {"result", RESULT},
    {"subtype", SUBTYPE},
    {"message.content[]", BLOCK},
    {"message.content[].type", BLOCK_TYPE},
    {"message.content[].text", BLOCK_TEXT},
    {"message.content[].thinking", BLOCK_TEXT},
    {"message.content[].content", BLOCK_TEXT},
    {"message.content[].name", BLOCK_NAME},
    {"message.content[].input.command", BLOCK_ARG},
    {"message.content[].input.file_path", BLOCK_ARG},
    {"message.content[].input.path", BLOCK_ARG},
    {"message.content[].input.pattern", BLOCK_ARG},
    {"message.content[].input.query", BLOCK_ARG},
    {NULL, 0},
};

struct logline_reader {
    struct pick *pick;
    struct span message, level, error, type, subtype, result;
    struct span block_type, block_text, block_name, block_arg;
    int64_t tokens, total;
    double cost;
    char call[240];
};

struct logline_reader *logline_create(void)
{
    struct logline_reader *r = xcalloc(1, sizeof *r);

    r->pick = pick_create(rules);
    return r;
}

void logline_destroy(struct logline_reader *r)
{
    if (r == NULL)
        return;
    pick_destroy(r->pick);
    free(r);
}

static void add_tokens(int64_t *sum, const struct pick_value *v)
{
    int64_t n;

    if (pick_int(v, 0, UINT32_MAX, &n))
        *sum += n;
}

static void keep(struct span *slot, const struct pick_value *v)
{
    if (v->type == PICK_STRING && slot->p == NULL)
        *slot = v->text;
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct logline_reader *r = arg;

    switch (field) {
    case MESSAGE:
        keep(&r->message, v);
        break;
    case LEVEL:
        keep(&r->level, v);
        break;
    case TOKENS:
        add_tokens(&r->tokens, v);
        break;
    case TOKENS_TOTAL:
        add_tokens(&r->total, v);
        break;
    case COST:
        pick_double(v, 0, 1e6, &r->cost);
        break;
    case TYPE:
        keep(&r->type, v);
        break;
    case RESULT:
        keep(&r->result, v);
        break;
    case ERROR_TEXT:
        keep(&r->error, v);
        break;
    case SUBTYPE:
        keep(&r->subtype, v);
        break;
    case BLOCK_TYPE:
        keep(&r->block_type, v);
        break;
    case BLOCK_TEXT:
        keep(&r->block_text, v);
        break;
    case BLOCK_NAME:
        keep(&r->block_name, v);
        break;
    case BLOCK_ARG:
        keep(&r->block_arg, v);
        break;
    default:
        break;
    }
}

static bool is_one_of(struct span s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (s.n == strlen(*words) && strncasecmp(s.p, *words, s.n) == 0)
            return true;
    return false;
}

static bool bad_level(struct span level)
{
    static const char *const words[] = {"error", "err",   "fatal",
                                        "panic", "critical", NULL};

    return is_one_of(level, words);
}

/* A plain line that begins like an error. */
static bool looks_bad(const char *s, size_t n)
{
    static const char *const marks[] = {"ERROR", "FATAL", "panic:",
                                        "Traceback", "CRITICAL", "Error:"};
    size_t seen = n < 40 ? n : 40;

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memmem(s, seen, marks[i], strlen(marks[i])) != NULL)
            return true;
    return false;
}

/* Takes "2026-11-21T14:18:22.064Z INFO " off; what is left is never empty. */
static struct span without_head(const char *s, size_t n)
{
    static const char *const levels[] = {"INFO", "DEBUG", "TRACE", "NOTICE"};
    int64_t ns;
    size_t used;

    if (when_parse_ns(s, n, &ns, &used) && used + 1 < n && s[used] == ' ') {
        s += used + 1;
        n -= used + 1;
    }
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        size_t len = strlen(levels[i]);

        if (n > len + 1 && memcmp(s, levels[i], len) == 0 && s[len] == ' ')
            return (struct span){s + len + 1, n - len - 1};
    }
    return (struct span){s, n};
}

/* The blocks of a coding agent's message: the first says what it was. */
static bool from_block(struct logline_reader *r, struct logline *ret)
{
    if (span_is(r->block_type, "tool_use")) {
        int n = snprintf(r->call, sizeof r->call, "%.*s %.*s",
                         (int)r->block_name.n,
                         r->block_name.p ? r->block_name.p : "",
                         (int)(r->block_arg.n < 180 ? r->block_arg.n : 180),
                         r->block_arg.p ? r->block_arg.p : "");

        ret->kind = THOUGHT_CALL;
        ret->text = (struct span){
            r->call, (size_t)(n < (int)sizeof r->call ? n
                                                      : (int)sizeof r->call - 1)};
        return true;
    }
    if (r->block_text.p == NULL)
        return false;
    ret->kind = span_is(r->block_type, "thinking")      ? THOUGHT_THOUGHT
                : span_is(r->block_type, "tool_result") ? THOUGHT_RESULT
                                                        : THOUGHT_SAID;
    ret->text = r->block_text;
    return true;
}

static uint32_t at_most(int64_t tokens)
{
    return tokens > UINT32_MAX ? UINT32_MAX : (uint32_t)tokens;
}

static void from_json(struct logline_reader *r, struct logline *ret)
{
    static const char *const calls[] = {"tool_call", "tool_use", "call",
                                        "exec", NULL};
    static const char *const results[] = {"tool_result", "result", NULL};
    bool end = span_is(r->type, "result");

    /* a final "result" sums up what its messages already counted */
    if (!end)
        ret->tokens = at_most(r->tokens > 0 ? r->tokens : r->total);
    ret->cost = r->cost;
    ret->json = true;
    if (from_block(r, ret))
        return;
    if (r->message.p != NULL)
        ret->text = r->message;
    else if (r->result.p != NULL)
        ret->text = r->result;
    else if (r->error.p != NULL)
        ret->text = r->error;
    else if (r->type.p != NULL && r->subtype.p != NULL)
        ret->text = r->subtype; /* "success" of a final result */
    else
        return; /* nothing to say in words: the line itself */
    if (bad_level(r->level) || (r->message.p == NULL && r->error.p != NULL))
        ret->kind = THOUGHT_ERROR;
    else if (is_one_of(r->type, calls))
        ret->kind = THOUGHT_CALL;
    else if (is_one_of(r->type, results))
        ret->kind = THOUGHT_RESULT;
    else if (span_is(r->type, "thinking") || span_is(r->type, "thought"))
        ret->kind = THOUGHT_THOUGHT;
}

void logline_read(struct logline_reader *r, const char *line, size_t len,
                  struct logline *ret)
{
    *ret = (struct logline){
        .kind = THOUGHT_SAID, .text = {line, len}, .cost = NAN};
    if (len > 1 && line[0] == '{') {
        struct pick *pick = r->pick;

        memset(r, 0, sizeof *r);
        r->pick = pick;
        r->cost = NAN;
        if (pick_run(r->pick, line, len, on_value, r, NULL) == 0) {
            from_json(r, ret);
            return;
        }
    }
    ret->text = without_head(line, len);
    if (looks_bad(line, len))
        ret->kind = THOUGHT_ERROR;
}
