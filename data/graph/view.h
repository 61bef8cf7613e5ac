/*
 * What is to be seen of a knowledge graph: its counts, what was found and
 * written last, and the surroundings of one node. Bounded, texts copied and
 * cut at a character; the bytes are the graph's own (tui/text shows them).
 *
 * Times are the store's (milliseconds, 0 not said); counts by label or
 * relationship are sorted, the largest first.
 */
#ifndef DATA_GRAPH_VIEW_H
#define DATA_GRAPH_VIEW_H

#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

#define GRAPH_COUNTS_MAX 64
#define GRAPH_FINDINGS_MAX 50
#define GRAPH_WRITES_MAX 50
#define GRAPH_ANSWER_MAX 50
#define GRAPH_LOOK_MAX 64 /* of edges at each depth */
#define GRAPH_DOTS_MAX 129 /* the centre is the first */
#define GRAPH_LINES_MAX 128
#define GRAPH_DEPTH_MAX 2

struct graph_count {
    char name[48];
    int64_t count;
};

/* One node as a line: a finding, or what was written. */
struct graph_entry {
    int64_t id;
    char label[32];
    char title[200];
    char source[96];   /* who wrote it, as it says itself; "" */
    char strategy[64]; /* findings; "" */
    char status[24];   /* "" */
    double confidence; /* NAN */
    int64_t at_ms;
};

struct graph_dot {
    int64_t id;
    char label[32];
    char title[64];
    uint8_t depth; /* 0 the centre */
    int64_t degree; /* edges that it has in all, one to itself twice; -1 */
};

struct graph_line {
    uint8_t from, to; /* in dots */
    char type[32];
};

enum graph_look_state {
    GRAPH_LOOK_NONE,
    GRAPH_LOOK_ASKED,
    GRAPH_LOOK_THERE,
    GRAPH_LOOK_ABSENT, /* there is no such node */
    GRAPH_LOOK_FAILED, /* error says why */
};

struct graph_look {
    enum graph_look_state state;
    struct error error;
    struct graph_dot dots[GRAPH_DOTS_MAX];
    struct graph_line lines[GRAPH_LINES_MAX];
    int dot_count, line_count;
    uint8_t depth; /* steps that it has */
    bool more;     /* not all of it is here */
};

/* What the open page asks for. */
enum graph_topic {
    GRAPH_TOPIC_NONE,
    GRAPH_TOPIC_EVIDENCE, /* nodes that name an objective */
    GRAPH_TOPIC_WRITTEN,  /* nodes that an agent wrote */
};

/* Latest first. While it is asked anew the last answer stands. */
struct graph_answer {
    enum graph_topic topic;
    char about[256]; /* the objective's id, the agent's name */
    enum graph_look_state state;
    struct error error;
    struct graph_entry at[GRAPH_ANSWER_MAX];
    int count;
    bool more;
};

struct graph_view {
    char ns[256]; /* where its agents run */
    bool known; /* it was read once */
    bool empty; /* nothing was ever written to it */
    int64_t nodes, edges, findings; /* in all */
    struct graph_count labels[GRAPH_COUNTS_MAX], types[GRAPH_COUNTS_MAX];
    int label_count, type_count;
    int labels_more, types_more; /* kinds that are not listed */
    struct graph_entry found[GRAPH_FINDINGS_MAX]; /* latest first */
    struct graph_entry written[GRAPH_WRITES_MAX];
    int found_count, written_count;
    struct graph_look look;
    struct graph_answer answer;
    uint64_t generation; /* moves with every change */
};

/* Copies what fits and is whole characters; always terminated. */
void graph_copy(char *to, size_t size, struct span s);
/* The dot of this node, added if there is room; -1. */
int graph_look_dot(struct graph_look *l, int64_t id, struct span label,
                   struct span title, int depth);
/* An edge between two dots; each once. */
void graph_look_line(struct graph_look *l, int from, int to,
                     struct span type);

#endif
