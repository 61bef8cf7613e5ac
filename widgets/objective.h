/*
 * The page of an objective: what it is for and how it stands, how far its
 * bounds are used, its missions, proposals and agents, and what the knowledge
 * graph has as its evidence. `width` is that of the page.
 */
#ifndef WIDGETS_OBJECTIVE_H
#define WIDGETS_OBJECTIVE_H

#include "widgets/lines.h"
#include "widgets/ui.h"

void objective_lines(struct lines *l, const struct ui *u, uint32_t slot,
                     int width, int64_t now_ms);

#endif
