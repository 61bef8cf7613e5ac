/*
 * The screen of an agent that addresses the cursor, kept by libvterm.
 *
 * Its lines become thoughts when they scroll off, or when they have stood
 * unchanged for SCREEN_STAND_MS and were not told lately: spinners, timers
 * and status lines that change do not. What the program asks the terminal
 * (device attributes, the cursor's place) is answered through its pty.
 */
#ifndef HABITAT_SCREEN_H
#define HABITAT_SCREEN_H

#include "habitat/agent.h"

#define SCREEN_STAND_MS 2000

struct screen;

struct screen *screen_create(struct agent *a, struct wire_size size,
                             void (*line)(struct span text, void *arg),
                             void *arg);
void screen_destroy(struct screen *s); /* NULL passes */
void screen_resize(struct screen *s, struct wire_size size);
/* The sequence that was cut off: CSI params final. */
void screen_start(struct screen *s, const char *params, char final);
void screen_feed(struct screen *s, const char *p, size_t n);
/* The program ended: what stands there is told. */
void screen_flush(struct screen *s);

#endif
