/*
 * The console and the wall: composes terminal, screen state, sources and
 * the loop, and decides nothing.
 *
 * Order of a start: options, theme, the last picture, the terminal, the
 * first frame; only then are configuration and sockets touched.
 *
 * A frame is drawn at once after a key; after data at most FRAMES_PER_S
 * times a second; each second for the clock. While the terminal has bytes
 * pending none is drawn.
 */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "app/options.h"

#define FRAMES_PER_S 5
#define FRAMES_BURST 3 /* after a pause */
#define REORDER_MS 2000 /* how often, and how long after a key, rows move */

int console_run(const struct options *o);

#endif
