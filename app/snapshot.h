/* One frame for a pipe or a file, and how the fleet is as exit status. */
#ifndef APP_SNAPSHOT_H
#define APP_SNAPSHOT_H

#include "app/options.h"

/* 0 all well, 1 something waits or is in trouble (or --check does not
   hold), 3 no source could be read. */
int snapshot_run(const struct options *o);

#endif
