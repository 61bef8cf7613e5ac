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

/* The control plane that acts for this agent; NULL: none tells of it. */
const struct plane *want_plane_of(const struct agent *a);
/* The first control plane; NULL: there is none. */
const struct plane *want_control(const struct store *st);
/* The one where s would start an agent: that of the selected one, or the only
   one who could; NULL: here, or in a cluster. */
const struct plane *want_plane(const struct ui *u);
/* The frozen objective that is looked at; SLOT_NONE: none. */
uint32_t want_frozen(const struct ui *u);

#endif
