/*
 * Clocks. Whatever can be told the time is told it; these are for those who
 * begin something.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970 UTC. It may jump. */
int64_t clock_wall_ms(void);
/* Since some moment; it only goes forward. For who has no loop (uv_now). */
int64_t clock_steady_ms(void);

#endif
