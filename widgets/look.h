/*
 * How things look everywhere: one shape and role for each state, one hue for
 * each agent, one way to write a number or an age.
 */
#ifndef WIDGETS_LOOK_H
#define WIDGETS_LOOK_H

#include "data/store.h"
#include "tui/canvas.h"

struct look {
    enum glyph_name glyph;
    enum role role;
    const char *word; /* at most five columns */
};

struct look look_state(enum agent_state s);
struct look look_plane(enum plane_state s);
struct look look_thought(enum thought_kind k);
struct look look_phase(enum proposal_phase p);
/* act, think, say, …: what kind of step it was. */
const char *look_step(enum thought_kind k);

/* The same hue for the same name on every screen. */
enum role look_hue(const char *name);
enum role look_risk(double total);
/* How sure somebody is, 0…1. */
enum role look_sure(double confidence);

/* "12m"; "–" for an unknown time. ret holds 12 bytes. */
const char *look_age(int64_t from_ms, int64_t now_ms, char *ret);
/* "41.2k", "–" for 0; ret holds 12 bytes. */
const char *look_count(uint64_t n, char *ret);
/* "×14"; ret holds 16 bytes. */
const char *look_times(uint32_t n, char *ret);
/* ".82", "1.0"; ret holds 8 bytes. */
const char *look_fraction(double v, char *ret);

#endif
