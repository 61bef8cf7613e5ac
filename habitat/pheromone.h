/* Pheromones laid on this machine: rows that fade by themselves. */
#ifndef HABITAT_PHEROMONE_H
#define HABITAT_PHEROMONE_H

#include "habitat/habitat.h"
#include "habitat/server.h"

/* The routes. */
void pheromone_deposit(struct request *r);
void pheromone_list(struct request *r);
void pheromone_remove(struct request *r, const char *id);
/* All that are there, as frames of a stream. */
void pheromones_put(struct habitat *hb, struct buf *out);

#endif
