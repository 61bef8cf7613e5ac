/*
 * The knowledge graph of a fracta fleet as a source: FalkorDB, read only.
 *
 * One connection, one query at a time. A round (counts by label and by
 * relationship, latest findings, latest writes) every GRAPH_LEAST_MS to
 * GRAPH_MOST_MS: a round that took long is not repeated soon, one that
 * brought something new is. What was written as `agent:TASK` is a thought of
 * the agent TASK in `ns`, told once for each time it was written.
 *
 * The graph says nothing of agents itself (its plane has the lowest rank);
 * what there is to see of it is its view. Only the surroundings of a node, and
 * what a page has to say of an objective (nodes that name it: objective_id,
 * objective, hunt_id, hunt) or of an agent (what it wrote), are asked on
 * demand, before the next of a round.
 *
 * A graph that was never written to is "graph empty", and no error. Proof of
 * life is any answer; the clock is the server's TIME.
 */
#ifndef DATA_FRACTA_GRAPH_SOURCE_H
#define DATA_FRACTA_GRAPH_SOURCE_H

#include "data/graph/view.h"
#include "data/source.h"

#define GRAPH_LEAST_MS 5000
#define GRAPH_MOST_MS 30000
#define GRAPH_QUERY_MS 5000

struct graph_options {
    const char *name;     /* of its plane */
    const char *url;      /* redis[s]://[user[:password]@]host[:port]; its
                             user and password count when none are given */
    const char *socket;   /* a Unix socket instead, of a tunnel; NULL */
    const char *user;     /* NULL */
    const char *password; /* NULL: none */
    const char *graph;    /* NULL: fracta_knowledge */
    const char *ns;       /* where its agents run */
    const char *ca_pem;   /* NULL: the system's */
    const char *tls_name; /* whom its certificate names; NULL: the url's host */
    bool tls;             /* even where the url is redis:// */
    bool insecure;        /* certificates are not checked */
};

/* Copies; the password is wiped when it is freed. Never fails: what is wrong
   is in the plane. */
struct source *graph_source_create(uv_loop_t *loop, struct store *store,
                                   const struct graph_options *options);
/* Valid as long as the source, changed by its callbacks only. */
const struct graph_view *graph_source_view(const struct source *s);
/*
 * Asks for the surroundings of a node: the one of that label whose property
 * `key` is `value`, or of that id. depth 1 … GRAPH_DEPTH_MAX. A new question
 * ends the one before. The view says how it stands.
 */
void graph_source_look(struct source *s, const char *label, const char *key,
                       const char *value, int depth);
void graph_source_look_id(struct source *s, int64_t id, int depth);
/* The same node with so many steps; what is there stays until it is answered.
   Nothing, where none was asked for. */
void graph_source_depth(struct source *s, int depth);
/*
 * What the open page is about: asked now, and again after each round that
 * brought something new or that follows a failure, into view->answer, until
 * another topic takes its place. The same once more changes nothing.
 * GRAPH_TOPIC_NONE: nobody looks; `about` may be NULL then.
 */
void graph_source_topic(struct source *s, enum graph_topic topic,
                        const char *about);

#endif
