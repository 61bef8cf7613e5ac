/*
 * What fracta keeps in its knowledge graph: the queries, and their answers
 * into a view.
 *
 * Every reader takes an answer of any shape: ERR_SYNTAX if it is not one, and
 * the view is then as it was. `shift_ms` makes the graph's times the store's.
 */
#ifndef DATA_FRACTA_GRAPH_READ_H
#define DATA_FRACTA_GRAPH_READ_H

#include "data/graph/query.h"
#include "data/graph/view.h"

extern const char graph_cypher_labels[], graph_cypher_types[],
    graph_cypher_findings[], graph_cypher_writes[],
    graph_cypher_evidence[], /* $about: an objective's id */
    graph_cypher_written[];  /* $about: who, as _source has it */

/* A row that was read: `updated` is the graph's own text of when, "" none. */
typedef void (*graph_tell_fn)(const struct graph_entry *e,
                              struct span updated, void *arg);

int graph_read_labels(const struct resp_value *v, struct graph_view *view,
                      struct error *err);
int graph_read_types(const struct resp_value *v, struct graph_view *view,
                     struct error *err);
int graph_read_findings(const struct resp_value *v, int64_t shift_ms,
                        struct graph_view *view, graph_tell_fn tell,
                        void *arg, struct error *err);
int graph_read_writes(const struct resp_value *v, int64_t shift_ms,
                      struct graph_view *view, graph_tell_fn tell, void *arg,
                      struct error *err);
/* Of the last two; the state is THERE or ABSENT afterwards. */
int graph_read_answer(const struct resp_value *v, int64_t shift_ms,
                      struct graph_answer *ret, struct error *err);

/* Which node is looked at: key NULL means by id. */
struct graph_centre {
    struct span label, key, value;
    int64_t id;
};
/* ERR_LIMIT, ERR_SYNTAX as graph_query. */
int graph_look_query(const struct graph_centre *c, struct buf *ret,
                     struct error *err);
/* The state is THERE or ABSENT afterwards. */
int graph_read_look(const struct resp_value *v, struct graph_look *ret,
                    struct error *err);
/* One step further: from all dots but the centre. False: there are none. */
bool graph_look_further_query(const struct graph_look *l, struct buf *ret);
int graph_read_look_further(const struct resp_value *v,
                            struct graph_look *ret, struct error *err);

#endif
