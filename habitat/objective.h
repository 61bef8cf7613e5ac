/* Objectives: what a fleet works for. On one machine they are a list. */
#ifndef HABITAT_OBJECTIVE_H
#define HABITAT_OBJECTIVE_H

#include "habitat/server.h"

void objective_create(struct request *r);
void objective_list(struct request *r);
void objective_show(struct request *r, const char *id);
void objective_unfreeze(struct request *r, const char *id);

#endif
