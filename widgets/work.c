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

static void put_name(struct canvas *c, int x, int y, int w, const char *s,
                     enum role role)
{
    canvas_name(c, x, y, w, s, strlen(s), role, 0);
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

enum role objective_role(const struct object *b)
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

static void count_words(int64_t n, char *ret, size_t size)
{
    if (n != FACT_NONE)
        snprintf(ret, size, "%lld", (long long)n);
    else
        snprintf(ret, size, "–");
}

/* Who works on it, or what went wrong. */
static const char *mission_note(const struct mission *m)
{
    return m->error ? m->error : m->claimed_by ? m->claimed_by : "";
}

/*
 * Columns of a row of w: those of the lesser worth go first, so that what
 * went wrong, or what an objective is, has its room.
 */
struct columns {
    int status, id, who, objective, priority, time;
};

static struct columns mission_columns(int w)
{
    if (w >= 110)
        return (struct columns){9, 7, 22, 18, 4, 18};
    if (w >= 90)
        return (struct columns){9, 6, 20, 0, 4, 18};
    return (struct columns){9, 6, 15, 0, 0, 18};
}

/* The next column: where it is; and past it. */
static int column(int *x, int w)
{
    int at = *x;

    *x += w > 0 ? w + 1 : 0;
    return at;
}

static const char *or_none(const char *s)
{
    return s != NULL ? s : "–";
}

void mission_draw(struct canvas *c, struct rect r, const struct object *b,
                  int64_t now_ms)
{
    const struct mission *m = b->mission;
    struct columns k = mission_columns(r.w);
    int x = r.x, end = r.x + r.w;
    char words[64];
    enum role role;

    put(c, column(&x, k.status), r.y, k.status, or_none(b->phase),
        mission_role(b), 0);
    put_name(c, column(&x, k.id), r.y, k.id, b->name, ROLE_DIM);
    put_name(c, column(&x, k.who), r.y, k.who, or_none(b->owner),
             b->owner ? look_hue(b->owner) : ROLE_DIM);
    put_name(c, column(&x, k.objective), r.y, k.objective,
             or_none(m->objective), ROLE_TEXT);
    count_words(m->priority, words, sizeof words);
    put(c, column(&x, k.priority), r.y, k.priority, words, ROLE_DIM, 0);
    role = mission_time(b, now_ms, words, sizeof words);
    put(c, column(&x, k.time), r.y, k.time, words, role, 0);
    put(c, x, r.y, end - x, mission_note(m), m->error ? ROLE_BAD : ROLE_DIM,
        0);
}

void mission_heads(struct canvas *c, struct rect r)
{
    struct columns k = mission_columns(r.w);
    int x = r.x, end = r.x + r.w;

    put(c, column(&x, k.status), r.y, k.status, "status", ROLE_DIM, 0);
    put(c, column(&x, k.id), r.y, k.id, "number", ROLE_DIM, 0);
    put(c, column(&x, k.who), r.y, k.who, "agent", ROLE_DIM, 0);
    put(c, column(&x, k.objective), r.y, k.objective, "objective", ROLE_DIM,
        0);
    put(c, column(&x, k.priority), r.y, k.priority, "prio", ROLE_DIM, 0);
    put(c, column(&x, k.time), r.y, k.time, "since", ROLE_DIM, 0);
    put(c, x, r.y, end - x, "worker, or what went wrong", ROLE_DIM, 0);
}

void mission_line(struct lines *l, const struct store *st, uint32_t slot,
                  int width, int64_t now_ms)
{
    const struct object *b = store_object(st, slot);
    struct columns k = mission_columns(width);
    int x = 2;
    char words[64];
    enum role role;

    lines_next(l);
    lines_link(l, KIND_MISSION, slot);
    lines_fmt(l, column(&x, k.status), k.status, mission_role(b), 0, "%s",
              or_none(b->phase));
    lines_fmt(l, column(&x, k.id), k.id, ROLE_DIM, 0, "%s", b->name);
    lines_name(l, column(&x, k.who), k.who,
               b->owner ? look_hue(b->owner) : ROLE_DIM, or_none(b->owner));
    role = mission_time(b, now_ms, words, sizeof words);
    lines_fmt(l, column(&x, k.time), k.time, role, 0, "%s", words);
    lines_fmt(l, x, 0, b->mission->error ? ROLE_BAD : ROLE_DIM, 0, "%s",
              mission_note(b->mission));
}

static int mission_rank(const struct object *b)
{
    static const char *const order[] = {"claimed", "pending", "failed",
                                        "cancelled", "completed"};

    for (int i = 0; i < 5; i++)
        if (is(b->phase, order[i]))
            return i;
    return 5;
}

int mission_order(const struct object *a, const struct object *b)
{
    int rank = mission_rank(a) - mission_rank(b);
    int64_t priority = b->mission->priority - a->mission->priority;
    int64_t age = a->created_ms - b->created_ms;

    if (rank != 0)
        return rank;
    if (priority != 0 && mission_rank(a) < 2)
        return priority < 0 ? -1 : 1;
    if (age != 0) /* the newest of what is over */
        return (age < 0) == (mission_rank(a) < 2) ? -1 : 1;
    return 0;
}

bool mission_of(const struct object *mission, const struct object *objective)
{
    return mission != NULL && mission->kind == KIND_MISSION &&
           mission->mission != NULL && mission->ns == objective->ns &&
           mission->mission->objective == objective->name;
}

void mission_sum(const struct store *st, const struct object *objective,
                 int64_t now_ms, char *ret, size_t size)
{
    uint32_t pending = 0, claimed = 0, late = 0, failed = 0;
    int64_t oldest = 0;
    char age[16], words[2][40] = {"", ""};

    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *b = store_object(st, i);

        if (b == NULL || b->kind != KIND_MISSION ||
            (objective != NULL && !mission_of(b, objective)))
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

static enum role nearness(double share)
{
    return share >= 0.9 ? ROLE_BAD : share >= 0.7 ? ROLE_WAIT : ROLE_GOOD;
}

/* Used of at most: a meter where there is room, and both in figures. */
static void share(struct canvas *c, int x, int y, int w, int64_t used,
                  int64_t most)
{
    double v = most > 0 && used >= 0 ? (double)used / (double)most : 0;
    char a[24], b[24], words[60];

    if (used == FACT_NONE && most == FACT_NONE) {
        put(c, x, y, 2, "–", ROLE_DIM, 0);
        return;
    }
    count_words(used, a, sizeof a);
    count_words(most, b, sizeof b);
    if (w <= METER) {
        snprintf(words, sizeof words, "%s/%s", a, b);
        put(c, x, y, w, words, nearness(v), 0);
        return;
    }
    canvas_meter(c, x, y, METER, v > 1 ? 1 : v, nearness(v));
    snprintf(words, sizeof words, "%s of %s", a, b);
    put(c, x + METER + 1, y, w - METER - 1, words, ROLE_TEXT, 0);
}

struct objective_columns {
    int status, id, missions, findings, age;
};

static struct objective_columns objective_columns(int w)
{
    if (w >= 110)
        return (struct objective_columns){16, 16, METER + 12, 8, 5};
    if (w >= 90)
        return (struct objective_columns){11, 14, 8, 8, 5};
    return (struct objective_columns){11, 12, 8, 0, 4};
}

void objective_draw(struct canvas *c, struct rect r, const struct object *b,
                    int64_t now_ms)
{
    const struct objective *v = b->objective;
    struct objective_columns k = objective_columns(r.w);
    int x = r.x, end = r.x + r.w;
    const char *phase = or_none(b->phase);
    char words[48], age[16];

    if (k.status < 16 && is(b->phase, "budget_exhausted"))
        phase = "over budget";
    put(c, column(&x, k.status), r.y, k.status, phase, objective_role(b), 0);
    put_name(c, column(&x, k.id), r.y, k.id, b->name, ROLE_TEXT);
    share(c, column(&x, k.missions), r.y, k.missions, v->missions,
          v->max_missions);
    count_words(v->findings, words, sizeof words);
    put(c, column(&x, k.findings), r.y, k.findings, words, ROLE_TEXT, 0);
    put(c, column(&x, k.age), r.y, k.age,
        b->created_ms > 0 ? look_age(b->created_ms, now_ms, age) : "–",
        ROLE_DIM, 0);
    put(c, x, r.y, end - x, v->outcome ? v->outcome : v->description,
        v->outcome ? ROLE_INFO : ROLE_DIM, 0);
}

void objective_heads(struct canvas *c, struct rect r)
{
    struct objective_columns k = objective_columns(r.w);
    int x = r.x, end = r.x + r.w;

    put(c, column(&x, k.status), r.y, k.status, "status", ROLE_DIM, 0);
    put(c, column(&x, k.id), r.y, k.id, "id", ROLE_DIM, 0);
    put(c, column(&x, k.missions), r.y, k.missions, "missions", ROLE_DIM, 0);
    put(c, column(&x, k.findings), r.y, k.findings, "findings", ROLE_DIM, 0);
    put(c, column(&x, k.age), r.y, k.age, "age", ROLE_DIM, 0);
    put(c, x, r.y, end - x, "what it is, or what came of it", ROLE_DIM, 0);
}

void work_bound(struct lines *l, int x, double used, double most,
                const char *unit)
{
    double v = most > 0 && !isnan(used) ? used / most : 0;
    char a[32] = "–", b[32] = "–";

    if (!isnan(used))
        snprintf(a, sizeof a, "%.10g", used);
    if (most > 0)
        snprintf(b, sizeof b, "%.10g", most);
    lines_meter(l, x, METER, v > 1 ? 1 : v, nearness(v));
    lines_fmt(l, x + METER + 1, 0, v >= 0.9 ? ROLE_BAD : ROLE_TEXT, 0,
              "%s of %s%s%s", a, b, *unit != '\0' ? " " : "", unit);
}

/* One line of the budgets: who, used of what, in which unit. */
static void budget(struct lines *l, enum kind kind, uint32_t slot,
                   const char *name, const char *what, double used,
                   double most, const char *unit)
{
    lines_next(l);
    lines_link(l, kind, slot);
    lines_name(l, 2, 22, ROLE_TEXT, name);
    lines_fmt(l, 25, 15, ROLE_DIM, 0, "%s", what);
    work_bound(l, 41, used, most, unit);
}

double work_figure(int64_t n)
{
    return n == FACT_NONE ? (double)NAN : (double)n;
}

/* Nobody counts them yet, and then they are 0 for ever. */
static double counted(uint64_t n)
{
    return n > 0 ? (double)n : (double)NAN;
}

static void objective_budget(struct lines *l, const struct store *st,
                             uint32_t slot, int64_t now_ms)
{
    const struct object *b = store_object(st, slot);
    const struct objective *v;

    if (b == NULL || b->kind != KIND_OBJECTIVE || b->objective == NULL ||
        (b->phase != NULL && !is(b->phase, "open") && !is(b->phase, "frozen")))
        return;
    v = b->objective;
    if (v->max_missions > 0)
        budget(l, b->kind, slot, b->name, "missions", work_figure(v->missions),
               (double)v->max_missions, "");
    if (v->max_runtime_ms > 0 && b->created_ms > 0)
        budget(l, b->kind, slot, b->name, "runtime",
               floor((double)(now_ms - b->created_ms) / 60000),
               (double)v->max_runtime_ms / 60000, "minutes");
    if (v->max_tokens > 0)
        budget(l, b->kind, slot, b->name, "tokens",
               counted(v->tokens > 0 ? (uint64_t)v->tokens : 0),
               (double)v->max_tokens, "");
}

static void agent_budget(struct lines *l, const struct store *st,
                         uint32_t slot, int64_t now_ms)
{
    const struct agent *a = store_agent(st, slot);
    const struct object *b;

    (void)now_ms;
    if (a == NULL)
        return;
    if (a->run != NULL && a->run->budget > 0)
        budget(l, KIND_AGENT, slot, a->name, "tokens", counted(a->act.tokens),
               (double)a->run->budget, "");
    b = a->umwelt == NULL
            ? NULL
            : store_object(st, store_find(st, KIND_UMWELT, span_of(a->ns),
                                          span_of(a->umwelt)));
    if (b != NULL && b->number > 0)
        budget(l, KIND_AGENT, slot, a->name, "umwelt's tokens",
               counted(a->act.tokens), (double)b->number, "");
}

static void quota_budget(struct lines *l, const struct store *st,
                         uint32_t slot, int64_t now_ms)
{
    const struct object *b = store_object(st, slot);

    (void)now_ms;
    if (b != NULL && b->kind == KIND_QUOTA && !isnan(b->share))
        budget(l, KIND_QUOTA, slot, b->ns, b->name, floor(b->share * 100),
               100, "%");
}

static const struct section {
    const char *title, *none;
    bool agents; /* its rows are those of agents; else of objects */
    void (*row)(struct lines *l, const struct store *st, uint32_t slot,
                int64_t now_ms);
} sections[] = {
    {"objectives", "none is open", false, objective_budget},
    {"agents", "none has a budget", true, agent_budget},
    {"namespaces", "none has a quota", false, quota_budget},
};

static void section(struct lines *l, const struct section *s,
                    const struct store *st, int64_t now_ms)
{
    uint32_t used = s->agents ? st->agents.used : st->objects.used;
    int before;

    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_TITLE, CELL_BOLD, "%s", s->title);
    before = l->count;
    for (uint32_t i = 0; i < used; i++)
        s->row(l, st, i, now_ms);
    if (l->count > before)
        return;
    lines_next(l);
    lines_fmt(l, 2, 0, ROLE_DIM, 0, "%s", s->none);
}

void budgets_lines(struct lines *l, const struct store *st, int64_t now_ms)
{
    double cost;
    uint64_t tokens = store_burn(st, &cost);

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
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        section(l, &sections[i], st, now_ms);
}
