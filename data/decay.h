/*
 * How strong a pheromone is now.
 *
 * The rule is the operator's own, in order:
 *   no emittedAt           constant: intensity, else initialIntensity, else 1
 *   emittedAt unreadable   constant: initialIntensity, else 1
 *   else                   initial × 0.5^(age / half-life), clamped to 0…1
 * initial is initialIntensity, else intensity, else 1; the half-life is
 * halfLifeMinutes, else 0.693 / decay_rate, else 10; DREAM doubles it.
 * Objects of the first schema carry status.current_intensity: constant.
 * An emittedAt in the future counts as now (the clocks differ).
 *
 * Evaporated: below DECAY_FLOOR, or older than its ttl since creation.
 */
#ifndef DATA_DECAY_H
#define DATA_DECAY_H

#include "data/facts.h"
#include "data/pheromone.h"

#define DECAY_FLOOR 0.01
#define DECAY_HALF_LIFE_MIN 10.0

/* Fills initial, half_life_min, emitted_* and old_schema of *p. */
void decay_read(const struct pheromone_facts *f, struct pheromone *p);

/* 0…1; 0 when evaporated by its ttl. */
double decay_now(const struct pheromone *p, int64_t now_ms);

/* Half-life in milliseconds with the DREAM factor; 0 = does not decay. */
double decay_half_life_ms(const struct pheromone *p);

/* When it falls below DECAY_FLOOR or its ttl ends; MOMENT_NEVER if never. */
int64_t decay_ends(const struct pheromone *p);

#endif
