/*
 * The change from one text to another, as a unified diff with three lines
 * around each change.
 *
 * Where the changed part is larger than DIFF_CELLS pairs of lines it is shown
 * as taken out and put in whole.
 */
#ifndef FRONT_DIFF_H
#define FRONT_DIFF_H

#include "base/buf.h"
#include "base/span.h"

#define DIFF_CELLS (4u << 20)

/* before.p NULL: a new file. False if out was too small. */
bool diff_unified(struct buf *out, struct span name, struct span before,
                  struct span after);

#endif
