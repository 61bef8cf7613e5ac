/*
 * What a knowledge graph might hold, the same on every run: into an empty
 * view, with texts that mean harm among the others. Its fleet is FLEET_NS.
 */
#ifndef TESTS_SUPPORT_GRAPH_H
#define TESTS_SUPPORT_GRAPH_H

#include "data/graph/view.h"

void fake_graph(struct graph_view *v);
/* The same, and what is around a node: */
void fake_graph_around(struct graph_view *v);  /* two steps of it */
void fake_graph_many(struct graph_view *v);    /* more than has room */
void fake_graph_rings(struct graph_view *v);   /* the same, in two rings */
void fake_graph_lonely(struct graph_view *v);  /* nothing */
void fake_graph_one_way(struct graph_view *v); /* at one side only */
void fake_graph_failed(struct graph_view *v);  /* the query was too slow */
/* Nothing was ever written to it. */
void fake_graph_empty(struct graph_view *v);
/* Nine nodes for the page that asked. */
void fake_graph_answer(struct graph_view *v, enum graph_topic topic,
                       const char *about);

#endif
