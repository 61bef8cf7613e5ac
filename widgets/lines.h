/*
 * A page's text as lines of spans, made first and scrolled when drawn.
 *
 * Bounded: LINES_MAX lines and LINES_BYTES of text; what is beyond is
 * counted in `cut`. The mark of the selected line needs two columns left of
 * the rectangle.
 */
#ifndef WIDGETS_LINES_H
#define WIDGETS_LINES_H

#include "base/buf.h"
#include "data/kinds.h"
#include "tui/canvas.h"

#define LINES_MAX 20000
#define LINES_BYTES (4u << 20)
#define LINE_SPANS 6

struct line_span {
    uint32_t from, len;
    int16_t x, max; /* column in the page; columns at most, 0 = to the end */
    uint8_t role, attrs;
    double meter; /* ≥ 0: a meter of `max` columns instead of text */
    double mark;  /* ≥ 0: a full-height bar with a mark there */
    bool name;    /* cut as canvas_name does */
};

struct line {
    struct line_span spans[LINE_SPANS];
    int count;
};

/* A line that stands for a row of the store, or for a node of the knowledge
   graph, to be opened from here. */
struct line_link {
    enum kind kind; /* KIND_COUNT: a node */
    uint32_t slot;
    int64_t node;
    int line;
};

struct lines {
    struct line *at;
    int count, room, cut;
    struct buf text;
    struct line_link *links;
    int link_count, link_room;
    int selected; /* the line that is marked; -1 none */
};

void lines_init(struct lines *l);
void lines_finish(struct lines *l);
/* Begins a new line. */
void lines_next(struct lines *l);
void lines_add(struct lines *l, int x, int max, enum role role,
               unsigned attrs, const char *s, size_t len);
/* A name, cut as canvas_name does. */
void lines_name(struct lines *l, int x, int max, enum role role,
                const char *name);
void lines_fmt(struct lines *l, int x, int max, enum role role,
               unsigned attrs, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* The current line stands for this row. */
void lines_link(struct lines *l, enum kind kind, uint32_t slot);
void lines_link_node(struct lines *l, int64_t node);
/* A bar of full height with a mark at `mark` (0…1). */
void lines_bar(struct lines *l, int x, int w, double v, double mark,
               enum role role);
void lines_meter(struct lines *l, int x, int w, double v, enum role role);
/* Text broken at spaces to `width`, each line from column x. */
void lines_wrap(struct lines *l, int x, int width, enum role role,
                const char *s, size_t len);
/* Draws from line `top` on; returns the top that was used. */
int lines_draw(struct canvas *c, struct rect r, const struct lines *l,
               int top);

#endif
