/*
 * terrarium port-forward AGENT LOCAL:REMOTE…: until interrupted.
 *
 * Prints a line for each port once it listens. Exit status: 0 after SIGINT or
 * SIGTERM, 1 when it could not be done, 2 usage.
 */
#ifndef APP_FORWARD_H
#define APP_FORWARD_H

#include "app/options.h"

int forward_run(const struct options *o);

#endif
