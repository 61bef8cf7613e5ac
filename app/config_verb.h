/* `terrarium config check|show [FILE]`. */
#ifndef APP_CONFIG_VERB_H
#define APP_CONFIG_VERB_H

#include "app/options.h"

/*
 * check: a line for each mistake on standard error, 1; "FILE: ok", 0.
 * show: what is set and where it was said; 1 when it cannot be read.
 */
int config_run(const struct options *o);

#endif
