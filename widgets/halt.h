/*
 * The page of halting: what can be halted from here, and how far it is.
 */
#ifndef WIDGETS_HALT_H
#define WIDGETS_HALT_H

#include "widgets/ui.h"

/* Moves to the next choice that there is, by ±1; 0: to the first of them. */
void halt_choose(struct ui *u, int by);
/* The namespace that is meant: the selected agent's, else the console's. */
const char *halt_namespace(const struct ui *u);

#endif
