/*
 * Commands one starts often, for the form that spawns agents.
 *
 * $XDG_CONFIG_HOME/terrarium/presets, one a line: NAME, blanks, the command
 * as one would type it without a shell. # begins a comment. A line that
 * cannot be read is named in the notice and passed over.
 */
#ifndef APP_PRESETS_H
#define APP_PRESETS_H

#include "widgets/ui.h"

void presets_load(struct ui *u);

#endif
