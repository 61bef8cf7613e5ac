/*
 * A fleet that does not exist, the same on every run: put straight into a
 * store, with a clock that stands still.
 *
 * Every state an agent can be in, pheromones of every type, proposals of
 * every phase, thoughts of every kind and some that mean harm.
 */
#ifndef TESTS_SUPPORT_FLEET_H
#define TESTS_SUPPORT_FLEET_H

#include "data/store.h"

#define FLEET_NOW 1795271527000 /* 2026-11-21T14:32:07Z */
#define FLEET_NS "kgents-agents"
#define FLEET_AGENTS 16
#define FLEET_PHEROMONES 30
#define FLEET_PROPOSALS 9
#define FLEET_OBJECTS 33 /* beside agents, signals and proposals */

/* Into an empty store, settled at FLEET_NOW. */
void fake_fleet(struct store *st);
/* Objectives, missions and what was proposed for them, beside that fleet. */
void fake_work(struct store *st);
/* The only source: live, or silent for three minutes. */
void fake_source(struct store *st, bool stale);

#endif
