/*
 * The widgets: each draws one part of the frame into a rectangle, from the
 * store and the screen's state, and nothing else. now_ms is the server's
 * clock. Pure: no I/O, no clock, no curses.
 */
#ifndef WIDGETS_PANES_H
#define WIDGETS_PANES_H

#include "tui/canvas.h"
#include "widgets/ui.h"

/* Top line: where, how many, how many wait and for how long, trouble, burn. */
void header_draw(struct canvas *c, struct rect r, const struct ui *u,
                 int64_t now_ms);
/* Each source and its age. */
void sources_draw(struct canvas *c, struct rect r, const struct ui *u,
                  int64_t now_ms);
bool sources_all_well(const struct ui *u);

/* Panes; `compact` = stacked layout. Scroll offsets in u are fitted. */
void agents_draw(struct canvas *c, struct rect r, struct ui *u,
                 int64_t now_ms, bool compact);
void heatmap_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms);
void proposals_draw(struct canvas *c, struct rect r, struct ui *u,
                    int64_t now_ms);
void thoughts_draw(struct canvas *c, struct rect r, struct ui *u,
                   int64_t now_ms);

/* Pages over the panes; they choose their place within r. */
void decision_draw(struct canvas *c, struct rect r, struct ui *u,
                   int64_t now_ms);
void detail_draw(struct canvas *c, struct rect r, struct ui *u,
                 int64_t now_ms);
void objects_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms);
void budgets_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms);
void signals_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms);
void explain_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms);
void help_draw(struct canvas *c, struct rect r, struct ui *u);

/* Halting: what to halt, then how far it is. */
void halt_draw(struct canvas *c, struct rect r, const struct ui *u,
               int64_t now_ms);
/* An agent's own terminal, over the whole body. */
void tether_draw(struct canvas *c, struct rect r, struct ui *u);
/* Ways into an agent of a cluster; the page of its log. */
void reach_draw(struct canvas *c, struct rect r, struct ui *u);
void logs_draw(struct canvas *c, struct rect r, struct ui *u);
/* The dialog of an action, over all; what was done; the latest of it. */
void dialog_draw(struct canvas *c, struct rect r, const struct ui *u);
void receipts_draw(struct canvas *c, struct rect r, struct ui *u,
                   int64_t now_ms);
bool strip_shows(const struct ui *u, int64_t now_ms);
void strip_draw(struct canvas *c, struct rect r, const struct ui *u,
                int64_t now_ms);

/* Bottom line: keys, or the prompt, or a notice. */
void footer_draw(struct canvas *c, struct rect r, const struct ui *u,
                 int64_t now_ms);

/* The whole frame at the canvas's size. */
void frame_draw(struct canvas *c, struct ui *u, int64_t now_ms);
/* The wall's frame. */
void wall_draw(struct canvas *c, struct ui *u, int64_t now_ms);

/* When the frame next changes by waiting alone; MOMENT_NEVER = never. */
int64_t frame_flips(const struct ui *u, int64_t now_ms);

#define FRAME_W_MIN 60
#define FRAME_H_MIN 16

#endif
