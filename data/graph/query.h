/*
 * A read-only query of FalkorDB, with parameters.
 *
 * Parameters stand before the query, by name: CYPHER a='x' n=5 MATCH …; a
 * text is in single quotes with ' and \ escaped, which is all that ends one
 * there (line breaks and other bytes stand as they are; \u and \x mean
 * nothing). A zero byte would end the whole query, and is refused.
 *
 * Knows FalkorDB, not what is in the graph.
 */
#ifndef DATA_GRAPH_QUERY_H
#define DATA_GRAPH_QUERY_H

#include "base/buf.h"
#include "data/net/resp.h"

#define GRAPH_PARAM_MAX 4096 /* bytes of one text, as given */
#define GRAPH_IDS_MAX 128    /* numbers of one list */

/* text.p != NULL: a text; ids != NULL: a list of numbers; else a number. */
struct graph_param {
    const char *name; /* letters, digits and _ of ours */
    struct span text;
    const int64_t *ids;
    int count;
    int64_t number;
};

/*
 * Puts both together into ret (emptied first). ERR_LIMIT: a text or list is
 * too long; ERR_SYNTAX: a zero byte in a text. ret is then empty.
 */
int graph_query(const struct graph_param *params, int count,
                const char *cypher, struct buf *ret, struct error *err);

/*
 * Asks it of the graph of that name. The server ends it after timeout_ms, we
 * wait a little longer; `plain`: without telling it so, for a server that
 * does not take such a number.
 */
int graph_ask(struct resp *r, const char *graph, const struct buf *query,
              int64_t timeout_ms, bool plain, resp_cb cb, void *arg,
              struct error *err);

enum graph_trouble {
    GRAPH_TROUBLE_OTHER,
    GRAPH_TROUBLE_EMPTY,     /* nothing was ever written to this graph */
    GRAPH_TROUBLE_SLOW,      /* the server ended it for its time */
    GRAPH_TROUBLE_TIMEOUT,   /* it does not take our TIMEOUT */
    GRAPH_TROUBLE_NO_MODULE, /* a Redis without FalkorDB */
    GRAPH_TROUBLE_NO_GRAPH,  /* the key holds something else */
};
/* What an error line of the server says. */
enum graph_trouble graph_trouble(const struct error *err);

#endif
