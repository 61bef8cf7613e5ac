/*
 * Does this text ask a person something? For programs that do not say
 * themselves how they are: a prompt that stands, a dialog on the screen.
 */
#ifndef HABITAT_ASKS_H
#define HABITAT_ASKS_H

#include "base/span.h"

/* A line without an end that stands: "Continue? [y/N] ", "Password:". */
bool asks_prompt(struct span line);
/* A line of a known agent's dialog; the marks change with their versions. */
bool asks_dialog(struct span line);

#endif
