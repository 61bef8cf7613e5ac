#include "config.h"

#include "data/check.h"

#include "base/when.h"
#include "data/decay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    "agents",    "working",    "idle",    "quiet",  "looping",
    "failed",    "starting",   "paused",  "waiting", "oldest",
    "trouble",   "degraded",   "proposals", "risk", "pheromones",
    "heat",      "tokens",     "cost",    "sources", "live", "stale", NULL};

struct parser {
    const char *start, *at;
    const struct store *st; /* NULL: only the form is checked */
    int64_t now_ms;
    struct error *err;
    int code, depth;
};

const char *const *check_names(void)
{
    return names;
}

static void fail(struct parser *p, const char *what)
{
    if (p->code == 0)
        p->code = error_set(p->err, ERR_SYNTAX, "at %zu: %s, found '%.20s'",
                            (size_t)(p->at - p->start), what,
                            *p->at ? p->at : "the end");
}

static void blanks(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

static bool eat(struct parser *p, const char *token)
{
    blanks(p);
    if (strncmp(p->at, token, strlen(token)) != 0)
        return false;
    p->at += strlen(token);
    return true;
}

static double oldest(const struct store *st, int64_t now_ms)
{
    double most = 0;

    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);

        if (p != NULL && proposal_open(p) &&
            (double)(now_ms - p->created_ms) > most)
            most = (double)(now_ms - p->created_ms);
    }
    return most;
}

static double highest_risk(const struct store *st)
{
    double most = 0;

    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);

        if (p != NULL && proposal_open(p) && (double)p->risk.total > most)
            most = (double)p->risk.total;
    }
    return most;
}

static double heat(const struct store *st, int64_t now_ms)
{
    double sum = 0;

    for (uint32_t i = 0; i < st->pheromones.used; i++)
        if (store_pheromone(st, i) != NULL)
            sum += decay_now(store_pheromone(st, i), now_ms);
    return sum;
}

static double planes(const struct store *st, int64_t now_ms, const char *name)
{
    double live = 0, age = 0;

    for (uint32_t i = 0; i < st->plane_count; i++) {
        const struct plane *p = &st->planes[i];

        live += p->state == PLANE_LIVE;
        if (p->state != PLANE_LIVE && p->state != PLANE_OFF && !p->part)
            age = fmax(age, p->proof_ms ? (double)(now_ms - p->offset_ms -
                                                   p->proof_ms)
                                        : INFINITY);
    }
    return strcmp(name, "live") == 0    ? live
           : strcmp(name, "stale") == 0 ? age
                                        : st->plane_count;
}

static double value_of(const struct parser *p, const char *name)
{
    const struct store *st = p->st;
    double cost;
    uint64_t tokens;

    if (st == NULL)
        return 0;
    for (int s = 0; s < AGENT_STATE_COUNT; s++)
        if (s != AGENT_WAITING &&
            strcmp(name, agent_state_name((enum agent_state)s)) == 0)
            return st->states[s];
    tokens = store_burn(st, &cost);
    return strcmp(name, "agents") == 0       ? st->agents.live
           : strcmp(name, "waiting") == 0    ? st->open_proposals
           : strcmp(name, "oldest") == 0     ? oldest(st, p->now_ms)
           : strcmp(name, "trouble") == 0    ? st->trouble
           : strcmp(name, "degraded") == 0   ? st->degraded
           : strcmp(name, "proposals") == 0  ? st->proposals.live
           : strcmp(name, "risk") == 0       ? highest_risk(st)
           : strcmp(name, "pheromones") == 0 ? st->pheromones.live
           : strcmp(name, "heat") == 0       ? heat(st, p->now_ms)
           : strcmp(name, "tokens") == 0
               ? (st->tokens_seen ? (double)tokens : (double)NAN)
           : strcmp(name, "cost") == 0 ? cost
                                       : planes(st, p->now_ms, name);
}

static const char *read_name(struct parser *p)
{
    size_t n = 0;

    blanks(p);
    while ((p->at[n] >= 'a' && p->at[n] <= 'z') || p->at[n] == '_')
        n++;
    for (int i = 0; n > 0 && names[i] != NULL; i++) {
        if (strlen(names[i]) == n && strncmp(p->at, names[i], n) == 0) {
            p->at += n;
            return names[i];
        }
    }
    fail(p, n > 0 ? "no such name" : "expected a name like waiting");
    return names[0];
}

/* of a span of time a bare number is seconds */
static double read_number(struct parser *p, bool span)
{
    size_t n = 0;
    int64_t ms;
    double v;
    char num[32], *end;

    blanks(p);
    while (n < sizeof num - 1 && p->at[n] != '\0' &&
           strchr("0123456789.smhd", p->at[n]) != NULL)
        n++;
    memcpy(num, p->at, n);
    num[n] = '\0';
    v = strtod(num, &end);
    if (n == 0 || end == num) {
        fail(p, "expected a number or a time like 10m");
        return 0;
    }
    if (*end != '\0' || span) {
        if (!when_parse_span(num, n, &ms)) {
            fail(p, "expected a number or a time like 10m");
            return 0;
        }
        v = (double)ms;
    }
    p->at += n;
    return v;
}

static bool read_or(struct parser *p);

static bool read_comparison(struct parser *p)
{
    static const char *const ops[] = {"<=", ">=", "==", "!=", "<", ">", NULL};
    const char *name = read_name(p);
    double a, b;
    int op = 0;

    while (p->code == 0 && ops[op] != NULL && !eat(p, ops[op]))
        op++;
    if (p->code != 0)
        return false;
    if (ops[op] == NULL) {
        fail(p, "expected < <= > >= == or !=");
        return false;
    }
    a = value_of(p, name);
    b = read_number(p, strcmp(name, "oldest") == 0 ||
                           strcmp(name, "stale") == 0);
    switch (op) {
    case 0:
        return a <= b;
    case 1:
        return a >= b;
    case 2:
        return !(a < b) && !(a > b) && !isnan(a);
    case 3:
        return a < b || a > b;
    case 4:
        return a < b;
    default:
        return a > b;
    }
}

static bool read_term(struct parser *p)
{
    bool v;

    if (++p->depth > 20) {
        fail(p, "nested too deep");
        return false;
    }
    blanks(p);
    if (p->at[0] == '!' && p->at[1] != '=') {
        p->at++;
        v = !read_term(p);
    } else if (eat(p, "(")) {
        v = read_or(p);
        if (p->code == 0 && !eat(p, ")"))
            fail(p, "expected )");
    } else {
        v = read_comparison(p);
    }
    p->depth--;
    return v;
}

static bool read_and(struct parser *p)
{
    bool v = read_term(p);

    while (p->code == 0 && eat(p, "&&"))
        v &= read_term(p);
    return v;
}

static bool read_or(struct parser *p)
{
    bool v = read_and(p);

    while (p->code == 0 && eat(p, "||"))
        v |= read_and(p);
    return v;
}

int check_eval(const struct store *st, int64_t now_ms, const char *expr,
               bool *ret, struct error *err)
{
    struct parser p = {
        .start = expr, .at = expr, .st = st, .now_ms = now_ms, .err = err};
    bool v;

    if (strlen(expr) > CHECK_MAX)
        return error_set(err, ERR_LIMIT, "longer than %d bytes", CHECK_MAX);
    v = read_or(&p);
    blanks(&p);
    if (p.code == 0 && *p.at != '\0')
        fail(&p, "expected && or || or the end");
    if (p.code == 0)
        *ret = v;
    return p.code;
}

int check_parse(const char *expr, struct error *err)
{
    bool ignored;

    return check_eval(NULL, 0, expr, &ignored, err);
}
