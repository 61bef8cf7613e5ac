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
/* The queue in words: how many wait and how long, how many are late. */
void mission_sum(const struct store *st, int64_t now_ms, char *ret,
                 size_t size);
void objective_draw(struct canvas *c, struct rect r, const struct object *b,
                    int64_t now_ms);
void objective_heads(struct canvas *c, struct rect r);
/* Objectives, agents and quotas that have a limit, and how near it they are;
   each line links to its row. */
void budgets_lines(struct lines *l, const struct store *st, int64_t now_ms);

#endif
