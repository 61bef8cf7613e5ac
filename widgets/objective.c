#include "config.h"

#include "widgets/objective.h"

#include "widgets/look.h"
#include "widgets/page.h"
#include "widgets/work.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 12        /* of its missions, its proposals, its agents */
#define BESIDE 100      /* columns from which bounds stand beside the rest */
#define PARENTS_MAX 512 /* missions that have children which are not over */

static bool is(const char *s, const char *word)
{
    return s != NULL && strcmp(s, word) == 0;
}

static void more(struct lines *l, uint32_t count, int shown)
{
    if (count <= (uint32_t)shown)
        return;
    lines_next(l);
    lines_fmt(l, 2, 0, ROLE_WAIT, 0, "+%u more", count - (uint32_t)shown);
}

static void nothing(struct lines *l, const char *words)
{
    lines_next(l);
    lines_fmt(l, 2, 0, ROLE_DIM, 0, "%s", words);
}

/* ---- how it stands, and beside it its bounds -------------------------------- */

#define ROWS 6

struct row {
    const char *name;
    char text[300];
    enum role role;
    unsigned attrs;
};

struct bound {
    const char *name, *unit;
    double used, most;
};

static void describe(struct lines *l, const struct objective *v, int width)
{
    page_heading(l, "what it is for");
    if (v->description != NULL)
        lines_wrap(l, 2, width - 2, ROLE_TITLE, v->description,
                   strlen(v->description));
    else
        nothing(l, "it has no description");
}

static int stand_rows(const struct object *b, int64_t now_ms,
                      struct row ret[ROWS])
{
    const struct objective *v = b->objective;
    char age[12];
    int n = 0;

    ret[n] = (struct row){"status", "", objective_role(b), CELL_BOLD};
    snprintf(ret[n++].text, sizeof ret->text, "%.280s", b->phase ? b->phase
                                                                 : "–");
    if (v->outcome != NULL) {
        ret[n] = (struct row){"outcome", "", ROLE_INFO, 0};
        snprintf(ret[n++].text, sizeof ret->text, "%.280s", v->outcome);
    }
    ret[n] = (struct row){"opened", "", ROLE_TEXT, 0};
    snprintf(ret[n++].text, sizeof ret->text, "%s%s, by %.200s",
             look_age(b->created_ms, now_ms, age),
             b->created_ms > 0 ? " ago" : "",
             v->created_by ? v->created_by : "–");
    if (v->updated_ms > 0) {
        ret[n] = (struct row){"changed", "", ROLE_TEXT, 0};
        snprintf(ret[n++].text, sizeof ret->text, "%s ago",
                 look_age(v->updated_ms, now_ms, age));
    }
    ret[n] = (struct row){"findings", "–", ROLE_DIM, 0};
    if (v->findings != FACT_NONE) {
        snprintf(ret[n].text, sizeof ret->text, "%lld",
                 (long long)v->findings);
        ret[n].role = ROLE_TEXT;
    }
    return n + 1;
}

/* What its missions use of it. */
struct reach_of {
    int64_t depth; /* the deepest; FACT_NONE: nobody says */
    int branching; /* most that are not over below one mission */
    uint32_t missions;
};

static struct reach_of reach_of(const struct store *st, const struct object *b)
{
    struct reach_of ret = {.depth = FACT_NONE};
    struct {
        int64_t parent;
        int children;
    } at[PARENTS_MAX];
    int n = 0;

    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *m = store_object(st, i);
        int k = 0;

        if (!mission_of(m, b))
            continue;
        ret.missions++;
        if (m->mission->depth > ret.depth)
            ret.depth = m->mission->depth;
        if (m->mission->parent <= 0 ||
            (!is(m->phase, "pending") && !is(m->phase, "claimed")))
            continue;
        while (k < n && at[k].parent != m->mission->parent)
            k++;
        if (k == PARENTS_MAX)
            continue;
        if (k == n) {
            at[n].parent = m->mission->parent;
            at[n++].children = 0;
        }
        if (++at[k].children > ret.branching)
            ret.branching = at[k].children;
    }
    return ret;
}

/* Minutes that it is open, or was. */
static double minutes(const struct object *b, int64_t now_ms)
{
    bool over = b->phase != NULL && !is(b->phase, "open") &&
                !is(b->phase, "frozen");
    int64_t until = over ? b->objective->updated_ms : now_ms;

    return b->created_ms > 0 && until > b->created_ms
               ? floor((double)(until - b->created_ms) / 60000)
               : (double)NAN;
}

/* Those that there are. */
static int bound_rows(const struct store *st, const struct object *b,
                      int64_t now_ms, struct bound ret[ROWS])
{
    const struct objective *v = b->objective;
    struct reach_of at = reach_of(st, b);
    const struct bound all[ROWS] = {
        {"missions", "", work_figure(v->missions), (double)v->max_missions},
        {"depth", "", work_figure(at.depth), (double)v->max_depth},
        {"branching", "below one mission",
         at.missions > 0 ? at.branching : (double)NAN,
         (double)v->max_branching},
        {"runtime", "minutes", minutes(b, now_ms),
         ceil((double)v->max_runtime_ms / 60000)},
        /* columns that nobody writes yet: 0 says nothing */
        {"tokens", "", v->tokens > 0 ? (double)v->tokens : (double)NAN,
         (double)v->max_tokens},
        {"graph writes", "", v->writes > 0 ? (double)v->writes : (double)NAN,
         (double)v->max_writes}};
    int n = 0;

    for (int i = 0; i < ROWS; i++)
        if (all[i].most > 0)
            ret[n++] = all[i];
    return n;
}

static void draw_row(struct lines *l, const struct row *r, int max)
{
    lines_fmt(l, 2, PAGE_VALUE - 3, ROLE_DIM, 0, "%s", r->name);
    lines_fmt(l, PAGE_VALUE, max, r->role, r->attrs, "%s", r->text);
}

static void draw_bound(struct lines *l, const struct bound *b, int x)
{
    lines_fmt(l, x + 2, PAGE_VALUE - 3, ROLE_DIM, 0, "%s", b->name);
    work_bound(l, x + PAGE_VALUE, b->used, b->most, b->unit);
}

static void head(struct lines *l, const struct store *st,
                 const struct object *b, int width, int64_t now_ms)
{
    struct row rows[ROWS];
    struct bound bounds[ROWS];
    int n = stand_rows(b, now_ms, rows);
    int m = bound_rows(st, b, now_ms, bounds);
    int x = width >= BESIDE ? width / 2 : 0;

    describe(l, b->objective, width);
    page_heading(l, "how it stands");
    if (x > 0 && m > 0)
        lines_fmt(l, x, 0, ROLE_KEY, CELL_BOLD, "its bounds");
    for (int i = 0; i < n || (x > 0 && i < m); i++) {
        lines_next(l);
        if (i < n)
            draw_row(l, &rows[i], x > 0 ? x - PAGE_VALUE - 2 : 0);
        if (x > 0 && i < m)
            draw_bound(l, &bounds[i], x);
    }
    if (x > 0 || m == 0)
        return;
    page_heading(l, "its bounds");
    for (int i = 0; i < m; i++) {
        lines_next(l);
        draw_bound(l, &bounds[i], 0);
    }
}

/* ---- what belongs to it ------------------------------------------------------ */

/* The first of its missions in the queue's order, into ret. */
static int first_missions(const struct store *st, const struct object *b,
                          uint32_t ret[SHOWN], uint32_t *ret_all)
{
    int n = 0;

    *ret_all = 0;
    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *m = store_object(st, i);
        int k;

        if (!mission_of(m, b))
            continue;
        ++*ret_all;
        for (k = n; k > 0 && mission_order(m, store_object(st, ret[k - 1])) < 0;
             k--)
            if (k < SHOWN)
                ret[k] = ret[k - 1];
        if (k < SHOWN)
            ret[k] = i;
        n += n < SHOWN;
    }
    return n;
}

static void missions(struct lines *l, const struct store *st,
                     const struct object *b, int width, int64_t now_ms)
{
    uint32_t at[SHOWN], all;
    int n = first_missions(st, b, at, &all);
    char sum[160];

    page_heading(l, "its missions");
    if (n == 0) {
        nothing(l, "none yet");
        return;
    }
    mission_sum(st, b, now_ms, sum, sizeof sum);
    lines_fmt(l, PAGE_VALUE, 0, ROLE_DIM, 0, "%s", sum);
    for (int i = 0; i < n; i++)
        mission_line(l, st, at[i], width, now_ms);
    more(l, all, n);
}

/* What waits first. */
static void proposals(struct lines *l, const struct store *st,
                      const struct object *b, int64_t now_ms)
{
    uint32_t all = 0;
    int shown = 0;

    for (int open = 1; open >= 0; open--) {
        for (uint32_t i = 0; i < st->proposals.used; i++) {
            const struct proposal *p = store_proposal(st, i);

            if (p == NULL || p->objective != b->name || p->ns != b->ns ||
                proposal_open(p) != (open == 1))
                continue;
            if (all++ == 0)
                page_heading(l, "what was proposed for it");
            if (shown == SHOWN)
                continue;
            shown++;
            page_row(l, st, KIND_PROPOSAL, i, now_ms);
        }
    }
    more(l, all, shown);
}

static void agents(struct lines *l, const struct store *st,
                   const struct object *b, int64_t now_ms)
{
    uint32_t all = 0;
    int shown = 0;

    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);

        if (a == NULL || a->run == NULL || a->run->objective != b->name ||
            a->ns != b->ns)
            continue;
        if (all++ == 0)
            page_heading(l, "who works for it");
        if (shown == SHOWN)
            continue;
        shown++;
        page_row(l, st, KIND_AGENT, i, now_ms);
    }
    more(l, all, shown);
}

void objective_lines(struct lines *l, const struct ui *u, uint32_t slot,
                     int width, int64_t now_ms)
{
    const struct object *b = store_object(u->st, slot);

    head(l, u->st, b, width, now_ms);
    missions(l, u->st, b, width, now_ms);
    proposals(l, u->st, b, now_ms);
    agents(l, u->st, b, now_ms);
    page_heading(l, "its evidence in the knowledge graph, latest first");
    graph_answer_lines(l, u->graph, GRAPH_TOPIC_EVIDENCE, b->name, width,
                       now_ms);
}
