/*
 * Cost of delay: the order in which open proposals want a person.
 *
 *   cost = 8·urgency + 4·blocked + 3·risk + age
 *
 *   urgency  3 if the deadline is within 5 min, 2 within 30 min, 1 within
 *            2 h, else 0 (also without a deadline, and when it has passed)
 *   blocked  min(agents that wait for it, 8) / 2
 *   risk     total risk 0…1 (what is dangerous wants eyes, not speed, so it
 *            weighs less than what is blocked)
 *   age      1 from 10 min, 1.5 from 1 h, 2 from 1 d
 *
 * All terms are steps of time, so the order changes only at the moments that
 * delay_flips returns; equal costs go by age, oldest first. Decided ones
 * cost nothing and go by when they were decided, latest first.
 */
#ifndef DATA_DELAY_H
#define DATA_DELAY_H

#include "data/proposal.h"

double delay_cost(const struct proposal *p, int64_t now_ms);
/* The next moment at which delay_cost changes; MOMENT_NEVER if none. */
int64_t delay_flips(const struct proposal *p, int64_t now_ms);

#endif
