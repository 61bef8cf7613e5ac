/*
 * What a form begins with: taken from what is selected.
 */
#ifndef WIDGETS_WANT_H
#define WIDGETS_WANT_H

#include "widgets/ui.h"

/* The namespace something new would go to; "" when none suggests itself. */
const char *want_place(const struct ui *u);
/* The want of an act that creates on a cluster, with what can be guessed. */
void want_create(const struct ui *u, enum act act, struct act_want *ret);
/* The pheromone that is looked at: its page, or the one selected behind a
   cell. SLOT_NONE: none. */
uint32_t want_signal(const struct ui *u);

#endif
