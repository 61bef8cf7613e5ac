#include "config.h"

#include "data/fracta/graph_read.h"

#include "base/when.h"
#include "data/graph/rows.h"

#include <math.h>
#include <stdio.h>

/* What a node is called, whatever its label; texts only, and not all of a
   long one. */
#define TITLE(n)                                                               \
    "left(toStringOrNull(coalesce(" n ".summary," n ".title," n                \
    ".display_name," n ".name," n ".hypothesis," n ".text," n ".id," n         \
    ".uri," n ".arn," n ".value," n ".config_key," n ".description)),300)"

const char graph_cypher_labels[] =
    "MATCH (n) RETURN labels(n)[0] AS l, count(n) AS c "
    "ORDER BY c DESC, l LIMIT 5000";
const char graph_cypher_types[] =
    "MATCH ()-[r]->() RETURN type(r) AS t, count(r) AS c "
    "ORDER BY c DESC, t LIMIT 5000";
const char graph_cypher_findings[] =
    "MATCH (f:Finding) OPTIONAL MATCH (f)-[p:PRODUCED_BY]->(s:Strategy) "
    "WITH f, p, s, coalesce(p.executed_at, f._updated_at) AS at "
    "ORDER BY coalesce(at, '') DESC LIMIT 100 "
    "RETURN id(f), " TITLE("f") ", f.confidence, "
    "left(toStringOrNull(s.name),100), at, f._source, f._updated_at, "
    "f._status";
#define ENTRY                                                                  \
    "id(n), labels(n)[0], " TITLE("n") ", n._source, n._updated_at, n._status"
const char graph_cypher_writes[] =
    "MATCH (n) WHERE n._updated_at IS NOT NULL "
    "WITH n ORDER BY n._updated_at DESC LIMIT 200 RETURN " ENTRY;
/* nil is the greatest there: without a time is last, not first */
#define ANSWERED                                                               \
    "WITH n ORDER BY coalesce(n._updated_at, '') DESC LIMIT 51 "               \
    "RETURN " ENTRY ", n.confidence"
const char graph_cypher_evidence[] =
    "MATCH (n) WHERE n.objective_id = $about OR n.objective = $about OR "
    "n.hunt_id = $about OR n.hunt = $about "
    ANSWERED;
const char graph_cypher_written[] =
    "MATCH (n) WHERE n._source = $about " ANSWERED;

static int read_counts(const struct resp_value *v, struct graph_count *at,
                       int *count, int *more, int64_t *sum,
                       struct error *err)
{
    struct graph_rows r;
    int n = 0;

    if (graph_rows(v, 2, &r, err) != 0)
        return err->code;
    *sum = 0;
    for (uint32_t i = 0; i < r.count; i++) {
        struct span name = graph_text(graph_cell(&r, i, 0));
        int64_t number = 0;

        graph_number(graph_cell(&r, i, 1), &number);
        if (number < 0 || number > INT64_MAX / 8192)
            continue;
        *sum += number;
        if (n == GRAPH_COUNTS_MAX)
            continue;
        memset(&at[n], 0, sizeof at[n]);
        graph_copy(at[n].name, sizeof at[n].name,
                   name.n > 0 ? name : span_of("(none)"));
        at[n++].count = number;
    }
    *more = r.count > (uint32_t)n ? (int)(r.count - (uint32_t)n) : 0;
    *count = n;
    return 0;
}

int graph_read_labels(const struct resp_value *v, struct graph_view *view,
                      struct error *err)
{
    struct graph_rows r;

    if (read_counts(v, view->labels, &view->label_count, &view->labels_more,
                    &view->nodes, err) != 0)
        return err->code;
    view->findings = 0;
    graph_rows(v, 2, &r, err);
    for (uint32_t i = 0; i < r.count; i++)
        if (span_is(graph_text(graph_cell(&r, i, 0)), "Finding"))
            graph_number(graph_cell(&r, i, 1), &view->findings);
    return 0;
}

int graph_read_types(const struct resp_value *v, struct graph_view *view,
                     struct error *err)
{
    return read_counts(v, view->types, &view->type_count, &view->types_more,
                       &view->edges, err);
}

static int64_t moment(const struct resp_value *cell, int64_t shift_ms)
{
    struct span s = graph_text(cell);
    int64_t ms = 0;

    if (s.n == 0 || !when_parse(s.p, s.n, &ms) || ms <= 0)
        return 0;
    return ms + shift_ms;
}

static bool there_already(const struct graph_entry *at, int count, int64_t id)
{
    for (int i = 0; i < count; i++)
        if (at[i].id == id)
            return true;
    return false;
}

int graph_read_findings(const struct resp_value *v, int64_t shift_ms,
                        struct graph_view *view, graph_tell_fn tell,
                        void *arg, struct error *err)
{
    struct graph_rows r;
    int n = 0;

    if (graph_rows(v, 8, &r, err) != 0)
        return err->code;
    memset(view->found, 0, sizeof view->found);
    for (uint32_t i = 0; i < r.count && n < GRAPH_FINDINGS_MAX; i++) {
        struct graph_entry *e = &view->found[n];
        int64_t id;

        /* one that several strategies produced comes several times */
        if (!graph_number(graph_cell(&r, i, 0), &id) ||
            there_already(view->found, n, id))
            continue;
        e->id = id;
        graph_copy(e->label, sizeof e->label, span_of("Finding"));
        graph_copy(e->title, sizeof e->title,
                   graph_text(graph_cell(&r, i, 1)));
        e->confidence = graph_double(graph_cell(&r, i, 2));
        graph_copy(e->strategy, sizeof e->strategy,
                   graph_text(graph_cell(&r, i, 3)));
        e->at_ms = moment(graph_cell(&r, i, 4), shift_ms);
        graph_copy(e->source, sizeof e->source,
                   graph_text(graph_cell(&r, i, 5)));
        graph_copy(e->status, sizeof e->status,
                   graph_text(graph_cell(&r, i, 7)));
        n++;
        if (tell != NULL) {
            struct span at = graph_text(graph_cell(&r, i, 6));

            tell(e, at.n > 0 ? at : graph_text(graph_cell(&r, i, 4)), arg);
        }
    }
    view->found_count = n;
    return 0;
}

static bool read_entry(const struct graph_rows *r, uint32_t i,
                       int64_t shift_ms, struct graph_entry *e)
{
    int64_t id;

    if (!graph_number(graph_cell(r, i, 0), &id))
        return false;
    memset(e, 0, sizeof *e);
    e->id = id;
    graph_copy(e->label, sizeof e->label, graph_text(graph_cell(r, i, 1)));
    graph_copy(e->title, sizeof e->title, graph_text(graph_cell(r, i, 2)));
    graph_copy(e->source, sizeof e->source, graph_text(graph_cell(r, i, 3)));
    e->at_ms = moment(graph_cell(r, i, 4), shift_ms);
    graph_copy(e->status, sizeof e->status, graph_text(graph_cell(r, i, 5)));
    e->confidence = NAN;
    return true;
}

int graph_read_writes(const struct resp_value *v, int64_t shift_ms,
                      struct graph_view *view, graph_tell_fn tell, void *arg,
                      struct error *err)
{
    struct graph_rows r;
    struct graph_entry e;
    int n = 0;

    if (graph_rows(v, 6, &r, err) != 0)
        return err->code;
    memset(view->written, 0, sizeof view->written);
    for (uint32_t i = 0; i < r.count; i++) {
        if (!read_entry(&r, i, shift_ms, &e))
            continue;
        if (n < GRAPH_WRITES_MAX)
            memcpy(&view->written[n++], &e, sizeof e);
        if (tell != NULL)
            tell(&e, graph_text(graph_cell(&r, i, 4)), arg);
    }
    view->written_count = n;
    return 0;
}

int graph_read_answer(const struct resp_value *v, int64_t shift_ms,
                      struct graph_answer *ret, struct error *err)
{
    struct graph_rows r;
    int n = 0;

    if (graph_rows(v, 7, &r, err) != 0)
        return err->code;
    for (uint32_t i = 0; i < r.count && n < GRAPH_ANSWER_MAX; i++) {
        if (!read_entry(&r, i, shift_ms, &ret->at[n]))
            continue;
        ret->at[n++].confidence = graph_double(graph_cell(&r, i, 6));
    }
    ret->count = n;
    ret->more = r.count > GRAPH_ANSWER_MAX;
    ret->state = n > 0 ? GRAPH_LOOK_THERE : GRAPH_LOOK_ABSENT;
    return 0;
}

/* A name that may stand in a query as it is: an index is used then. */
static bool plain_name(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return s.n > 0 && s.n < 64;
}

#define DEGREE(n) "indegree(" n ") + outdegree(" n ")"
/* cut first: a hub has more neighbours than anybody wants the titles of */
#define AROUND                                                                 \
    " WITH c LIMIT 1 OPTIONAL MATCH (c)-[r]-(n) "                              \
    "WITH c, r, n, type(r) AS t, id(n) AS i ORDER BY t, i LIMIT 65 "           \
    "RETURN id(c), labels(c)[0], " TITLE("c") ", i, labels(n)[0], "            \
    TITLE("n") ", t, id(startNode(r)), " DEGREE("c") ", " DEGREE("n")

int graph_look_query(const struct graph_centre *c, struct buf *ret,
                     struct error *err)
{
    const struct graph_param by_id[] = {{.name = "id", .number = c->id}};
    const struct graph_param by_name[] = {
        {.name = "v", .text = c->value},
        {.name = "k", .text = c->key},
        {.name = "l", .text = c->label}};
    char text[1600];

    if (c->key.p == NULL)
        return graph_query(by_id, 1, "MATCH (c) WHERE id(c) = $id" AROUND,
                           ret, err);
    if (!plain_name(c->label) || !plain_name(c->key))
        return graph_query(by_name, 3,
                           "MATCH (c) WHERE $l IN labels(c) AND c[$k] = $v"
                           AROUND, ret, err);
    snprintf(text, sizeof text, "MATCH (c:%.*s {%.*s: $v})%s",
             (int)c->label.n, c->label.p, (int)c->key.n, c->key.p, AROUND);
    return graph_query(by_name, 1, text, ret, err);
}

/* Where its columns are. */
struct edge_columns {
    uint32_t id, label, title, type, start, degree;
};

static int read_dot(const struct graph_rows *r, uint32_t i, int64_t id,
                    const struct edge_columns *at, int depth,
                    struct graph_look *ret)
{
    int dot = graph_look_dot(ret, id, graph_text(graph_cell(r, i, at->label)),
                             graph_text(graph_cell(r, i, at->title)), depth);
    int64_t degree = -1;

    graph_number(graph_cell(r, i, at->degree), &degree);
    if (dot >= 0 && degree >= 0)
        ret->dots[dot].degree = degree;
    return dot;
}

/* One edge of a row: its neighbour becomes a dot. */
static void read_edge(const struct graph_rows *r, uint32_t i, int from,
                      const struct edge_columns *at, int depth,
                      struct graph_look *ret)
{
    struct span type = graph_text(graph_cell(r, i, at->type));
    int64_t id, start;
    int to;

    if (!graph_number(graph_cell(r, i, at->id), &id) ||
        !graph_number(graph_cell(r, i, at->start), &start))
        return;
    to = read_dot(r, i, id, at, depth, ret);
    if (start == ret->dots[from].id)
        graph_look_line(ret, from, to, type);
    else
        graph_look_line(ret, to, from, type);
}

int graph_read_look(const struct resp_value *v, struct graph_look *ret,
                    struct error *err)
{
    static const struct edge_columns centre = {0, 1, 2, 0, 0, 8},
                                     other = {3, 4, 5, 6, 7, 9};
    struct graph_look l = {.state = GRAPH_LOOK_THERE, .depth = 1};
    struct graph_rows r;
    int64_t id;

    if (graph_rows(v, 10, &r, err) != 0)
        return err->code;
    l.more = r.count > GRAPH_LOOK_MAX;
    for (uint32_t i = 0; i < r.count && i < GRAPH_LOOK_MAX; i++) {
        if (!graph_number(graph_cell(&r, i, centre.id), &id))
            continue;
        if (l.dot_count == 0)
            read_dot(&r, i, id, &centre, 0, &l);
        if (id == l.dots[0].id)
            read_edge(&r, i, 0, &other, 1, &l);
    }
    if (l.dot_count == 0)
        l.state = GRAPH_LOOK_ABSENT;
    *ret = l;
    return 0;
}

bool graph_look_further_query(const struct graph_look *l, struct buf *ret)
{
    int64_t ids[GRAPH_DOTS_MAX];
    struct graph_param p[] = {{.name = "ids", .ids = ids},
                              {.name = "root"},
                              {.name = "each"}};
    struct error err;

    for (int i = 1; i < l->dot_count; i++)
        ids[p[0].count++] = l->dots[i].id;
    if (p[0].count == 0)
        return false;
    /* one with many neighbours leaves room for those of the others */
    p[1].number = l->dots[0].id;
    p[2].number = GRAPH_LOOK_MAX / p[0].count;
    return graph_query(p, 3,
                       "UNWIND $ids AS x MATCH (c) WHERE id(c) = x "
                       "CALL { WITH c MATCH (c)-[r]-(n) WHERE id(n) <> $root "
                       "RETURN r, n ORDER BY type(r), id(n) LIMIT $each } "
                       "RETURN id(c), id(n), labels(n)[0], " TITLE("n")
                       ", type(r), id(startNode(r)), " DEGREE("n")
                       " LIMIT 65",
                       ret, &err) == 0;
}

int graph_read_look_further(const struct resp_value *v,
                            struct graph_look *ret, struct error *err)
{
    static const struct edge_columns other = {1, 2, 3, 4, 5, 6};
    struct graph_rows r;
    int64_t id;

    if (graph_rows(v, 7, &r, err) != 0)
        return err->code;
    ret->depth = 2;
    ret->more |= r.count > GRAPH_LOOK_MAX;
    for (uint32_t i = 0; i < r.count && i < GRAPH_LOOK_MAX; i++) {
        int from = -1;

        if (!graph_number(graph_cell(&r, i, 0), &id))
            continue;
        for (int k = 0; k < ret->dot_count && from < 0; k++)
            if (ret->dots[k].id == id)
                from = k;
        if (from >= 0)
            read_edge(&r, i, from, &other, 2, ret);
    }
    return 0;
}
