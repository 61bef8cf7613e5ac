/*
 * What a query of FalkorDB answered, in its verbose form:
 *
 *   [ [header, …], [ [cell, …], … ], [statistic, …] ]
 *
 * A cell is a number, a text (floating numbers, booleans, arrays, maps and
 * paths are texts there, too), nil, a node [[id,n],[labels,[…]],[properties,
 * [[name,value],…]]], or an edge [[id,n],[type,t],[src_node,n],[dest_node,n],
 * [properties,…]]. Any of it may be something else than expected: a reader
 * then says so, and never reads beyond what is there.
 *
 * All is borrowed from the answer.
 */
#ifndef DATA_GRAPH_ROWS_H
#define DATA_GRAPH_ROWS_H

#include "data/net/resp.h"

struct graph_rows {
    const struct resp_value *rows; /* each an array of `columns` cells */
    uint32_t count, columns;
    uint32_t bad; /* rows of another shape; graph_cell gives nil for them */
};

struct graph_node {
    int64_t id;
    const struct resp_value *labels;     /* an array of texts; NULL none */
    const struct resp_value *properties; /* an array of pairs; NULL none */
};

struct graph_edge {
    int64_t id, from, to;
    struct span type;
    const struct resp_value *properties;
};

/* ERR_SYNTAX: it is no such answer, or has other columns. */
int graph_rows(const struct resp_value *v, uint32_t columns,
               struct graph_rows *ret, struct error *err);
/* Never NULL. */
const struct resp_value *graph_cell(const struct graph_rows *r, uint32_t row,
                                    uint32_t column);
/* Of a text or status; else p is NULL. */
struct span graph_text(const struct resp_value *cell);
/* A number, or a text that is one; otherwise ret stays. */
bool graph_number(const struct resp_value *cell, int64_t *ret);
double graph_double(const struct resp_value *cell); /* NAN */
bool graph_node(const struct resp_value *cell, struct graph_node *ret);
bool graph_edge(const struct resp_value *cell, struct graph_edge *ret);
/* The property of that name; NULL. */
const struct resp_value *graph_property(const struct resp_value *properties,
                                        const char *name);

#endif
