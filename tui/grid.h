/*
 * A foreign program's terminal, emulated by libvterm, drawn on the canvas.
 *
 * What it prints never reaches the real terminal as bytes: cells pass the
 * text gate and get roles of the theme, the sixteen colours by their nearest
 * role, others by the nearest of those; bold and reverse are kept.
 *
 * Keys go the other way: grid_key makes the bytes the program expects (it
 * knows its cursor-key mode and bracketed paste) and hands them to `typed`.
 * Questions of the program are not answered here: its holder's daemon does.
 */
#ifndef TUI_GRID_H
#define TUI_GRID_H

#include "tui/canvas.h"

#include <stdint.h>

#define GRID_SIDE_MAX 500

struct grid;

struct grid *grid_create(int w, int h,
                         void (*typed)(const char *p, size_t n, void *arg),
                         void *arg);
void grid_destroy(struct grid *g);
void grid_feed(struct grid *g, const char *p, size_t n);
void grid_resize(struct grid *g, int w, int h);
void grid_size(const struct grid *g, int *w, int *h);
/* A code point or TERM_KEY_*. */
void grid_key(struct grid *g, uint32_t key);
/* What fits; the cursor where there is one. */
void grid_draw(struct canvas *c, struct rect r, struct grid *g, bool cursor);

#endif
