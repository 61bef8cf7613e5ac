#include "config.h"

#include "tests/support/graph.h"

#include "tests/support/fleet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NOW FLEET_NOW

static const char *const titles[] = {
    "10.0.3.7 beacons every 60 s",
    ("the token of arn:aws:iam::1:user/u4 is used twice, from Berlin and "
     "from Amsterdam within a minute"),
    "u2 signs in from 10.0.9.1 for the first time",
    "\x1b[31mred\x1b[0m \xff and \xe2\x80\xaeturned",
    "", "日本語のまとめ with wide glyphs"};

static void add_count(struct graph_count *at, int *n, const char *name,
                      int64_t count)
{
    graph_copy(at[*n].name, sizeof at[0].name, span_of(name));
    at[(*n)++].count = count;
}

static void add_entry(struct graph_entry *at, int *n, const char *label,
                      const char *title, double sure, const char *strategy,
                      const char *source, int64_t age_s)
{
    struct graph_entry *e = &at[*n];

    e->id = 100 + (*n)++;
    graph_copy(e->label, sizeof e->label, span_of(label));
    graph_copy(e->title, sizeof e->title, span_of(title));
    graph_copy(e->strategy, sizeof e->strategy, span_of(strategy));
    graph_copy(e->source, sizeof e->source, span_of(source));
    e->confidence = sure;
    e->at_ms = age_s > 0 ? NOW - age_s * 1000 : 0;
}

static int dot(struct graph_look *l, const char *label, const char *title,
               int depth)
{
    return graph_look_dot(l, l->dot_count, span_of(label), span_of(title),
                          depth);
}

static void edge(struct graph_look *l, int from, int to, const char *type)
{
    graph_look_line(l, from, to, span_of(type));
}

static void around(struct graph_look *l)
{
    int found, ip;

    l->state = GRAPH_LOOK_THERE;
    l->depth = 2;
    dot(l, "Hunt", "hunt-1", 0);
    found = dot(l, "Finding", "10.0.3.7 beacons every 60 s", 1);
    ip = dot(l, "IP", "10.0.3.7", 1);
    edge(l, 0, found, "INVOLVES");
    edge(l, 0, ip, "TARGETS");
    edge(l, 0, dot(l, "IP", "10.0.9.1", 1), "TARGETS");
    edge(l, 0, dot(l, "DomainSource", "cloudtrail", 1), "USES_SOURCE");
    edge(l, dot(l, "Investigation", "who signed in at night", 1), 0,
         "INVOLVES");
    edge(l, dot(l, "Event", "", 1), 0, "POTENTIALLY_RELATED");
    edge(l, found, dot(l, "Strategy", "beaconing", 2), "PRODUCED_BY");
    edge(l, dot(l, "Identity", "arn:aws:iam::1:user/u4", 2), ip, "USES");
    edge(l, ip, dot(l, "DomainSource", "vpc-flow", 2), "OBSERVED_IN");
    l->dots[ip].degree = 17;
    l->dots[l->dot_count - 1].degree = 4000;
}

void fake_graph(struct graph_view *v)
{
    int n = 0;

    v->known = true;
    snprintf(v->ns, sizeof v->ns, "%s", FLEET_NS);
    v->nodes = 1234;
    v->edges = 5678;
    v->findings = 56;
    add_count(v->labels, &v->label_count, "Concept", 702);
    add_count(v->labels, &v->label_count, "IP", 310);
    add_count(v->labels, &v->label_count, "Document", 120);
    add_count(v->labels, &v->label_count, "Finding", 56);
    add_count(v->labels, &v->label_count, "(none)", 31);
    add_count(v->labels, &v->label_count, "A label longer than its place", 8);
    add_count(v->labels, &v->label_count, "Hunt", 7);
    v->labels_more = 12;
    add_count(v->types, &v->type_count, "MENTIONS", 4100);
    add_count(v->types, &v->type_count, "INVOLVES", 1500);
    add_count(v->types, &v->type_count, "PRODUCED_BY", 56);
    for (int i = 0; i < 18; i++)
        add_entry(v->found, &v->found_count, "Finding", titles[i % 6],
                  i % 4 == 3 ? NAN : 0.93 - i * 0.05,
                  i % 5 == 4 ? "" : "beaconing",
                  i % 7 == 6 ? "" : "agent:weave-index", i * 400 + 5);
    add_entry(v->written, &n, "Topic", "soil", NAN, "", "manual:legacy", 0);
    v->written_count = n;
}

void fake_graph_around(struct graph_view *v)
{
    fake_graph(v);
    around(&v->look);
}

void fake_graph_many(struct graph_view *v)
{
    fake_graph(v);
    v->look.state = GRAPH_LOOK_THERE;
    v->look.more = true;
    dot(&v->look, "Strategy", "beaconing", 0);
    for (int i = 0; i < 60; i++) {
        char title[24];

        snprintf(title, sizeof title, "finding %d", i);
        if (i % 3 == 0)
            edge(&v->look, 0, dot(&v->look, "MCPTool", title, 1), "USES_TOOL");
        else
            edge(&v->look, dot(&v->look, "Finding", title, 1), 0,
                 "PRODUCED_BY");
    }
    edge(&v->look, 0, 0, "SELF");
}

/* Twelve of the first ring, with none to six of the second behind each. */
void fake_graph_rings(struct graph_view *v)
{
    struct graph_look *l = &v->look;

    fake_graph(v);
    l->state = GRAPH_LOOK_THERE;
    l->depth = 2;
    l->more = true;
    dot(l, "Document", "notes of the third harvest", 0);
    l->dots[0].degree = 29;
    for (int i = 0; i < 12; i++) {
        char title[40];
        int at;

        snprintf(title, sizeof title, "concept %d", i);
        at = dot(l, "Concept", title, 1);
        if (i % 3 == 2)
            edge(l, at, 0, "CITES");
        else
            edge(l, 0, at, "MENTIONS");
        for (int k = 0; k < i % 7; k++) {
            snprintf(title, sizeof title, "finding %d of %d", k, i);
            edge(l, dot(l, "Finding", title, 2), at, "ABOUT");
        }
        l->dots[at].degree = 1 + i % 7 + (i == 5 ? 310 : 0);
    }
}

void fake_graph_lonely(struct graph_view *v)
{
    fake_graph(v);
    v->look.state = GRAPH_LOOK_THERE;
    dot(&v->look, "", "\x1b]0;title\a", 0);
}

void fake_graph_one_way(struct graph_view *v)
{
    fake_graph(v);
    v->look.state = GRAPH_LOOK_THERE;
    dot(&v->look, "Finding", "it beacons", 0);
    edge(&v->look, 0, dot(&v->look, "Strategy", "beaconing", 1),
         "PRODUCED_BY");
}

void fake_graph_failed(struct graph_view *v)
{
    fake_graph(v);
    v->look.state = GRAPH_LOOK_FAILED;
    error_set(&v->look.error, ERR_SILENT,
              "it needs longer than 5 s for a query: asked less often");
}

void fake_graph_empty(struct graph_view *v)
{
    v->known = v->empty = true;
}

void fake_graph_answer(struct graph_view *v, enum graph_topic topic,
                       const char *about)
{
    static const char *const labels[] = {"Finding", "Hunt", "Finding",
                                         "Investigation", ""};
    static const char *const status[] = {"confirmed", "", "speculative", "",
                                         "stale"};
    struct graph_answer *a = &v->answer;

    a->topic = topic;
    snprintf(a->about, sizeof a->about, "%s", about);
    a->state = GRAPH_LOOK_THERE;
    for (int i = 0; i < 9; i++) {
        add_entry(a->at, &a->count, labels[i % 5], titles[i % 6],
                  i % 3 == 1 ? NAN : 0.93 - i * 0.07, "",
                  i % 4 == 3 ? "" : i % 4 == 2 ? "gateway:auto" : "agent:weaver",
                  i == 8 ? 0 : i * 777 + 5);
        snprintf(a->at[i].status, sizeof a->at[i].status, "%s",
                 status[i % 5]);
    }
    a->more = true;
}
