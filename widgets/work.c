#include "config.h"

#include "widgets/work.h"
#include "widgets/look.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What agents work for: the queue, objectives, and what they may cost. */

#define METER 10

static void put(struct canvas *c, int x, int y, int w, const char *s,
                enum role role, unsigned attrs)
{
    if (w > 0 && s != NULL)
        canvas_text(c, x, y, w, s, strlen(s), role, attrs);
}

static bool is(const char *s, const char *word)
{
    return s != NULL && strcmp(s, word) == 0;
}

static enum role mission_role(const struct object *b)
{
    return is(b->phase, "claimed")   ? ROLE_GOOD
           : is(b->phase, "pending") ? ROLE_WAIT
           : is(b->phase, "failed")  ? ROLE_BAD
                                     : ROLE_DIM;
}

static enum role objective_role(const struct object *b)
{
    return is(b->phase, "open")       ? ROLE_GOOD
           : is(b->phase, "frozen")   ? ROLE_WAIT
           : is(b->phase, "answered") ? ROLE_INFO
                                      : ROLE_DIM;
}

/* How long it waits, runs, or is over; past its lease it is told so. */
static enum role mission_time(const struct object *b, int64_t now_ms,
                              char *ret, size_t size)
{
    const struct mission *m = b->mission;
    char age[16];

    if (is(b->phase, "pending")) {
        snprintf(ret, size, "waits %s", look_age(b->created_ms, now_ms, age));
        return ROLE_TEXT;
    }
    if (is(b->phase, "claimed") && m->lease_ms > 0 && m->lease_ms <= now_ms) {
        snprintf(ret, size, "past lease by %s",
                 look_age(m->lease_ms, now_ms, age));
        return ROLE_BAD;
    }
    if (is(b->phase, "claimed")) {
        snprintf(ret, size, "runs %s",
                 m->claimed_ms > 0 ? look_age(m->claimed_ms, now_ms, age)
                                   : "–");
        return ROLE_TEXT;
    }
    snprintf(ret, size, "%s%s", m->completed_ms > 0 ? "ended " : "–",
             m->completed_ms > 0 ? look_age(m->completed_ms, now_ms, age)
                                 : "");
    return ROLE_DIM;
}

void mission_draw(struct canvas *c, struct rect r, const struct object *b,
                  int64_t now_ms)
{
    const struct mission *m = b->mission;
    bool wide = r.w >= 110;
    int x = r.x, end = r.x + r.w;
    char words[64];
    enum role role = mission_role(b), time_role;

    put(c, x, r.y, 9, b->phase ? b->phase : "–", role, 0);
    put(c, x + 10, r.y, 7, b->name, ROLE_DIM, 0);
    put(c, x + 18, r.y, 22, b->owner ? b->owner : "–",
        b->owner ? look_hue(b->owner) : ROLE_DIM, 0);
    x += 41;
    if (wide) {
        put(c, x, r.y, 18, m->objective ? m->objective : "–", ROLE_TEXT, 0);
        x += 19;
    }
    if (m->priority != FACT_NONE)
        snprintf(words, sizeof words, "%lld", (long long)m->priority);
    else
        snprintf(words, sizeof words, "–");
    put(c, x, r.y, 4, words, ROLE_DIM, 0);
    time_role = mission_time(b, now_ms, words, sizeof words);
    put(c, x + 5, r.y, 18, words, time_role, 0);
    put(c, x + 24, r.y, end - x - 24,
        m->error        ? m->error
        : m->claimed_by ? m->claimed_by
                        : "",
        m->error ? ROLE_BAD : ROLE_DIM, 0);
}

void mission_heads(struct canvas *c, struct rect r)
{
    int x = r.x + 41;

    put(c, r.x, r.y, 9, "status", ROLE_DIM, 0);
    put(c, r.x + 10, r.y, 7, "number", ROLE_DIM, 0);
    put(c, r.x + 18, r.y, 20, "agent", ROLE_DIM, 0);
    if (r.w >= 110) {
        put(c, x, r.y, 18, "objective", ROLE_DIM, 0);
        x += 19;
    }
    put(c, x, r.y, 4, "prio", ROLE_DIM, 0);
    put(c, x + 5, r.y, 18, "since", ROLE_DIM, 0);
    put(c, x + 24, r.y, r.x + r.w - x - 24, "worker, or what went wrong",
        ROLE_DIM, 0);
}

/* The queue in a line: how many wait and how long, how many are late. */
void mission_sum(const struct store *st, int64_t now_ms, char *ret,
                 size_t size)
{
    uint32_t pending = 0, claimed = 0, late = 0, failed = 0;
    int64_t oldest = 0;
    char age[16], words[2][40] = {"", ""};

    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *b = store_object(st, i);

        if (b == NULL || b->kind != KIND_MISSION)
            continue;
        failed += is(b->phase, "failed");
        if (is(b->phase, "pending")) {
            pending++;
            if (b->created_ms > 0 && (oldest == 0 || b->created_ms < oldest))
                oldest = b->created_ms;
        } else if (is(b->phase, "claimed")) {
            claimed++;
            late += b->mission->lease_ms > 0 &&
                    b->mission->lease_ms <= now_ms;
        }
    }
    if (oldest > 0)
        snprintf(words[0], sizeof words[0], ", the oldest %s",
                 look_age(oldest, now_ms, age));
    if (late > 0)
        snprintf(words[1], sizeof words[1], ", %u past their lease", late);
    snprintf(ret, size, "%u wait%s · %u run%s · %u failed", pending, words[0],
             claimed, words[1], failed);
}

/* Used of at most: a meter, and both in figures. */
static void share(struct canvas *c, int x, int y, int64_t used, int64_t most)
{
    double v = most > 0 && used >= 0 ? (double)used / (double)most : 0;
    char words[48];

    if (used == FACT_NONE && most == FACT_NONE) {
        put(c, x, y, 2, "–", ROLE_DIM, 0);
        return;
    }
    canvas_meter(c, x, y, METER, v > 1 ? 1 : v,
                 v >= 0.9 ? ROLE_BAD : v >= 0.7 ? ROLE_WAIT : ROLE_GOOD);
    if (most == FACT_NONE)
        snprintf(words, sizeof words, "%lld of –", (long long)used);
    else if (used == FACT_NONE)
        snprintf(words, sizeof words, "– of %lld", (long long)most);
    else
        snprintf(words, sizeof words, "%lld of %lld", (long long)used,
                 (long long)most);
    put(c, x + METER + 1, y, 16, words, ROLE_TEXT, 0);
}

void objective_draw(struct canvas *c, struct rect r, const struct object *b,
                    int64_t now_ms)
{
    const struct objective *v = b->objective;
    int x = r.x, end = r.x + r.w;
    char words[48], age[16];

    put(c, x, r.y, 16, b->phase ? b->phase : "–", objective_role(b), 0);
    put(c, x + 17, r.y, 12, b->name, ROLE_TEXT, 0);
    share(c, x + 30, r.y, v->missions, v->max_missions);
    x += 30 + METER + 14;
    if (v->findings != FACT_NONE)
        snprintf(words, sizeof words, "%lld", (long long)v->findings);
    else
        snprintf(words, sizeof words, "–");
    put(c, x, r.y, 8, words, ROLE_TEXT, 0);
    put(c, x + 9, r.y, 6,
        b->created_ms > 0 ? look_age(b->created_ms, now_ms, age) : "–",
        ROLE_DIM, 0);
    x += 16;
    put(c, x, r.y, end - x, v->outcome ? v->outcome : v->description,
        v->outcome ? ROLE_INFO : ROLE_DIM, 0);
}

void objective_heads(struct canvas *c, struct rect r)
{
    int x = r.x + 30 + METER + 14;

    put(c, r.x, r.y, 16, "status", ROLE_DIM, 0);
    put(c, r.x + 17, r.y, 12, "id", ROLE_DIM, 0);
    put(c, r.x + 30, r.y, 20, "missions", ROLE_DIM, 0);
    put(c, x, r.y, 8, "findings", ROLE_DIM, 0);
    put(c, x + 9, r.y, 6, "age", ROLE_DIM, 0);
    put(c, x + 16, r.y, r.x + r.w - x - 16, "what it is, or what came of it",
        ROLE_DIM, 0);
}

/* One line of the budgets: who, used of what, in which unit. */
static void budget(struct lines *l, enum kind kind, uint32_t slot,
                   const char *name, const char *what, double used,
                   double most, const char *unit)
{
    double v = most > 0 && !isnan(used) ? used / most : 0;
    char words[64];

    lines_next(l);
    lines_link(l, kind, slot);
    lines_fmt(l, 2, 26, ROLE_TEXT, 0, "%s", name);
    lines_fmt(l, 29, 16, ROLE_DIM, 0, "%s", what);
    lines_meter(l, 46, METER, v > 1 ? 1 : v,
                v >= 0.9 ? ROLE_BAD : v >= 0.7 ? ROLE_WAIT : ROLE_GOOD);
    if (isnan(used))
        snprintf(words, sizeof words, "– of %.10g %s", most, unit);
    else
        snprintf(words, sizeof words, "%.10g of %.10g %s", used, most, unit);
    lines_fmt(l, 46 + METER + 1, 0, v >= 0.9 ? ROLE_BAD : ROLE_TEXT, 0, "%s",
              words);
}

static void objective_budgets(struct lines *l, const struct store *st,
                              int64_t now_ms)
{
    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *b = store_object(st, i);
        const struct objective *v;

        if (b == NULL || b->kind != KIND_OBJECTIVE || b->objective == NULL ||
            (b->phase != NULL && !is(b->phase, "open") &&
             !is(b->phase, "frozen")))
            continue;
        v = b->objective;
        if (v->max_missions > 0)
            budget(l, b->kind, i, b->name, "missions",
                   v->missions == FACT_NONE ? NAN : (double)v->missions,
                   (double)v->max_missions, "");
        if (v->max_runtime_ms > 0 && b->created_ms > 0)
            budget(l, b->kind, i, b->name, "runtime",
                   floor((double)(now_ms - b->created_ms) / 60000),
                   (double)v->max_runtime_ms / 60000, "minutes");
        if (v->max_tokens > 0)
            budget(l, b->kind, i, b->name, "tokens",
                   v->tokens > 0 ? (double)v->tokens : NAN,
                   (double)v->max_tokens, "");
    }
}

static void agent_budgets(struct lines *l, const struct store *st)
{
    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);
        uint32_t umwelt;
        const struct object *b;

        if (a == NULL)
            continue;
        if (a->run != NULL && a->run->budget > 0)
            budget(l, KIND_AGENT, i, a->name, "tokens",
                   a->act.tokens > 0 ? (double)a->act.tokens : NAN,
                   (double)a->run->budget, "");
        umwelt = a->umwelt != NULL
                     ? store_find(st, KIND_UMWELT, span_of(a->ns),
                                  span_of(a->umwelt))
                     : SLOT_NONE;
        b = store_object(st, umwelt);
        if (b != NULL && b->number > 0)
            budget(l, KIND_AGENT, i, a->name, "tokens of its umwelt",
                   a->act.tokens > 0 ? (double)a->act.tokens : NAN,
                   (double)b->number, "");
    }
}

static void quota_budgets(struct lines *l, const struct store *st)
{
    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *b = store_object(st, i);

        if (b != NULL && b->kind == KIND_QUOTA && !isnan(b->share))
            budget(l, KIND_QUOTA, i, b->ns, b->name, b->share * 100, 100,
                   "%");
    }
}

void budgets_lines(struct lines *l, const struct store *st, int64_t now_ms)
{
    double cost;
    uint64_t tokens = store_burn(st, &cost);
    int before;

    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "the last hour");
    lines_next(l);
    if (st->tokens_seen)
        lines_fmt(l, 2, 30, ROLE_TEXT, 0, "%llu tokens",
                  (unsigned long long)tokens);
    else
        lines_fmt(l, 2, 30, ROLE_DIM, 0, "tokens –: nobody tells");
    if (isnan(cost))
        lines_fmt(l, 34, 0, ROLE_DIM, 0, "cost –");
    else
        lines_fmt(l, 34, 0, ROLE_TEXT, 0, "$%.2f", cost);
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "objectives");
    before = l->count;
    objective_budgets(l, st, now_ms);
    if (l->count == before) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "none is open");
    }
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "agents");
    before = l->count;
    agent_budgets(l, st);
    if (l->count == before) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "none has a budget");
    }
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "namespaces");
    before = l->count;
    quota_budgets(l, st);
    if (l->count == before) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "none has a quota");
    }
}
