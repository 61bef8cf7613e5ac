/*
 * The frame: a grid of cells that name roles, made from the store alone.
 *
 * Cells have a background role of their own; drawing text keeps the
 * background that is there unless one is given. A wide glyph takes two
 * cells, the second with width 0; one that would be cut at a border is drawn
 * as a space. Everything is clipped to the canvas and to the clip rectangle.
 *
 * Text from outside goes through canvas_text, which passes tui/text; the
 * program's own glyphs likewise, so there is no other way to a cell.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "tui/glyphs.h"
#include "tui/rect.h"
#include "tui/roles.h"
#include "tui/text.h"

#define CANVAS_W_MAX 500
#define CANVAS_H_MAX 150

enum {
    CELL_BOLD = 1 << 0,
    CELL_REVERSE = 1 << 1,
};

struct cell {
    uint32_t cp;
    uint32_t combining[TEXT_COMBINING];
    uint8_t width; /* 0: right half of the glyph before */
    uint8_t role, back;
    uint8_t attrs;
};

struct canvas {
    int w, h;
    struct cell *cells; /* row by row */
    struct rect clip;
    enum glyph_set glyphs;
};

void canvas_init(struct canvas *c, int w, int h, enum glyph_set glyphs);
void canvas_finish(struct canvas *c);
/* New size, emptied. Sizes beyond the maximum are cut. */
void canvas_resize(struct canvas *c, int w, int h);
void canvas_clear(struct canvas *c);
void canvas_clip(struct canvas *c, struct rect r);
void canvas_unclip(struct canvas *c);

const struct cell *canvas_at(const struct canvas *c, int x, int y);

/*
 * Text at most `columns` wide; what does not fit is cut, with the glyph
 * set's mark in the last column. Returns the column after it.
 */
int canvas_text(struct canvas *c, int x, int y, int columns, const char *s,
                size_t len, enum role role, unsigned attrs);
/*
 * A name. One too long loses its middle instead of its end, which is what
 * tells weaver-11 from weaver-12; below CANVAS_NAME_MIN columns it is text.
 */
#define CANVAS_NAME_MIN 6
int canvas_name(struct canvas *c, int x, int y, int columns, const char *s,
                size_t len, enum role role, unsigned attrs);
/* The program's own words: a whole NUL-terminated text. */
int canvas_str(struct canvas *c, int x, int y, const char *s, enum role role,
               unsigned attrs);
int canvas_fmt(struct canvas *c, int x, int y, int columns, enum role role,
               unsigned attrs, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));
/* Right-aligned: ends before column `right`. Returns its first column. */
int canvas_right(struct canvas *c, int right, int y, const char *s,
                 enum role role, unsigned attrs);
int canvas_glyph(struct canvas *c, int x, int y, enum glyph_name g,
                 enum role role, unsigned attrs);

void canvas_fill(struct canvas *c, struct rect r, enum role back);
/* Everything drawn so far steps back: faint on the plain background. */
void canvas_dim(struct canvas *c, struct rect r);

/* A pane's frame: number (0 none), title, a note at the right. */
void canvas_box(struct canvas *c, struct rect r, int number, const char *title,
                const char *note, bool focus);
/* A thin meter of w cells, 0…1. */
void canvas_meter(struct canvas *c, int x, int y, int w, double v,
                  enum role role);
/* A full-height bar of w cells, 0…1. */
void canvas_bar(struct canvas *c, int x, int y, int w, double v,
                enum role role);
/* One column of a spark line, 0…1. */
void canvas_spark(struct canvas *c, int x, int y, double v, enum role role);

#endif
