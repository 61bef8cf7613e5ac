/*
 * The knowledge graph on the screen: what is around one node, drawn, and the
 * page that has it beside counts and findings. Pure: from a view (or a part
 * of it) to the canvas, nothing else.
 */
#ifndef WIDGETS_GRAPH_H
#define WIDGETS_GRAPH_H

#include "data/graph/view.h"
#include "tui/canvas.h"
#include "widgets/lines.h"

/*
 * The surroundings of a node: it stands in the middle, what points at it at
 * the left, what it points at at the right, each behind the name of the
 * relationship; what is a step further stands below what it hangs on. Where
 * that is too narrow all is below the node, as a tree. What has no room is
 * counted.
 */
void graph_draw(struct canvas *c, struct rect r, const struct graph_look *l);

/* What the page shows, and where its cursor is. */
struct graph_cursor {
    bool writes; /* the latest writes instead of the findings */
    uint32_t rank, top;
};

void graph_page_draw(struct canvas *c, struct rect r,
                     const struct graph_view *v, struct graph_cursor *at,
                     int64_t now_ms);
/* Moves by so many rows, and stays on the list. */
void graph_move(const struct graph_view *v, struct graph_cursor *at, int by);
/* The cursor goes to this node, in the list that has it; false: none has. */
bool graph_seek(const struct graph_view *v, struct graph_cursor *at,
                int64_t id);
/* The selected node; NULL: the list is empty. */
const struct graph_entry *graph_selected(const struct graph_view *v,
                                         const struct graph_cursor *at);

/* Who wrote it: an agent by its name alone; "" nobody says. */
const char *graph_who(const struct graph_entry *e);

/*
 * What the graph says to a page's topic, a line each, latest first; or how
 * far the question is. v NULL: there is no graph. who wrote it stands there
 * unless the page is of one agent.
 */
void graph_answer_lines(struct lines *l, const struct graph_view *v,
                        enum graph_topic topic, const char *about, int width,
                        int64_t now_ms);

#endif
