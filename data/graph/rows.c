#include "config.h"

#include "data/graph/rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct resp_value nil = {.type = RESP_NIL};

int graph_rows(const struct resp_value *v, uint32_t columns,
               struct graph_rows *ret, struct error *err)
{
    struct graph_rows r = {.columns = columns};

    if (v->type != RESP_ARRAY || v->count != 3 ||
        v->items[0].type != RESP_ARRAY || v->items[1].type != RESP_ARRAY)
        return error_set(err, ERR_SYNTAX,
                         "the answer is not rows under headers");
    if (v->items[0].count != columns)
        return error_set(err, ERR_SYNTAX, "%u columns, expected %u",
                         v->items[0].count, columns);
    r.rows = v->items[1].items;
    r.count = v->items[1].count;
    for (uint32_t i = 0; i < r.count; i++)
        r.bad +=
            r.rows[i].type != RESP_ARRAY || r.rows[i].count != columns;
    *ret = r;
    return 0;
}

const struct resp_value *graph_cell(const struct graph_rows *r, uint32_t row,
                                    uint32_t column)
{
    const struct resp_value *v;

    if (row >= r->count || column >= r->columns)
        return &nil;
    v = &r->rows[row];
    return v->type == RESP_ARRAY && v->count == r->columns
               ? &v->items[column]
               : &nil;
}

struct span graph_text(const struct resp_value *cell)
{
    return cell->type == RESP_STRING || cell->type == RESP_STATUS
               ? cell->text
               : (struct span){NULL, 0};
}

/* Texts of an answer end in a zero byte. */
bool graph_number(const struct resp_value *cell, int64_t *ret)
{
    struct span s = graph_text(cell);
    char *end;
    long long n;

    if (cell->type == RESP_INTEGER) {
        *ret = cell->number;
        return true;
    }
    if (s.n == 0 || s.n > 20)
        return false;
    errno = 0;
    n = strtoll(s.p, &end, 10);
    if (errno != 0 || end != s.p + s.n)
        return false;
    *ret = n;
    return true;
}

double graph_double(const struct resp_value *cell)
{
    struct span s = graph_text(cell);
    double d;
    char *end;

    if (cell->type == RESP_INTEGER)
        return (double)cell->number;
    if (s.n == 0 || s.n > 40)
        return NAN;
    d = strtod(s.p, &end);
    return end == s.p + s.n && isfinite(d) ? d : NAN;
}

/* The second of the pair whose first is `name`. */
const struct resp_value *graph_property(const struct resp_value *properties,
                                        const char *name)
{
    if (properties == NULL || properties->type != RESP_ARRAY)
        return NULL;
    for (uint32_t i = 0; i < properties->count; i++) {
        const struct resp_value *pair = &properties->items[i];

        if (pair->type == RESP_ARRAY && pair->count == 2 &&
            span_is(graph_text(&pair->items[0]), name))
            return &pair->items[1];
    }
    return NULL;
}

static bool number_of(const struct resp_value *cell, const char *name,
                      int64_t *ret)
{
    const struct resp_value *v = graph_property(cell, name);

    return v != NULL && graph_number(v, ret);
}

static const struct resp_value *array_of(const struct resp_value *cell,
                                         const char *name)
{
    const struct resp_value *v = graph_property(cell, name);

    return v != NULL && v->type == RESP_ARRAY ? v : NULL;
}

bool graph_node(const struct resp_value *cell, struct graph_node *ret)
{
    struct graph_node n = {0};

    if (!number_of(cell, "id", &n.id) ||
        graph_property(cell, "type") != NULL)
        return false;
    n.labels = array_of(cell, "labels");
    n.properties = array_of(cell, "properties");
    *ret = n;
    return true;
}

bool graph_edge(const struct resp_value *cell, struct graph_edge *ret)
{
    const struct resp_value *type = graph_property(cell, "type");
    struct graph_edge e = {0};

    if (type == NULL || !number_of(cell, "id", &e.id) ||
        !number_of(cell, "src_node", &e.from) ||
        !number_of(cell, "dest_node", &e.to))
        return false;
    e.type = graph_text(type);
    e.properties = array_of(cell, "properties");
    *ret = e;
    return true;
}
