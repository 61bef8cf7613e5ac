/*
 * What agents work for: the queue of missions, objectives, and what they may
 * cost. Rows are drawn into one line of r; objects.c makes their lists.
 */
#ifndef WIDGETS_WORK_H
#define WIDGETS_WORK_H

#include "data/store.h"
#include "tui/canvas.h"
#include "widgets/lines.h"

void mission_draw(struct canvas *c, struct rect r, const struct object *b,
                  int64_t now_ms);
void mission_heads(struct canvas *c, struct rect r);
/* The same on a page of `width` columns, as a link. */
void mission_line(struct lines *l, const struct store *st, uint32_t slot,
                  int width, int64_t now_ms);
/* The queue's order: what runs, what waits in the order it is taken, what is
   over, the newest first. < 0: a is before b; 0: the same. */
int mission_order(const struct object *a, const struct object *b);
/* It belongs to this objective. */
bool mission_of(const struct object *mission, const struct object *objective);
/* The queue in words: how many wait and how long, how many are late; of one
   objective, or NULL of all. */
void mission_sum(const struct store *st, const struct object *objective,
                 int64_t now_ms, char *ret, size_t size);
void objective_draw(struct canvas *c, struct rect r, const struct object *b,
                    int64_t now_ms);
void objective_heads(struct canvas *c, struct rect r);
enum role objective_role(const struct object *b);
/* NAN: FACT_NONE, not known. */
double work_figure(int64_t n);
/*
 * A bound on the current line, from column x on: a meter, "used of most
 * unit". used NAN: not known; most ≤ 0: there is none.
 */
void work_bound(struct lines *l, int x, double used, double most,
                const char *unit);
/* Objectives, agents and quotas that have a limit, and how near it they are;
   each line links to its row. */
void budgets_lines(struct lines *l, const struct store *st, int64_t now_ms);

#endif
