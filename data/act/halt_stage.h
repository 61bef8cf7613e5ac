/*
 * In which order agents are stopped, so that nothing is started or written
 * behind the back of who stops them:
 *
 *   1 starts others  kgents' orchestrator and forge (genus OMEGA, F), and
 *                    whoever proposed to deploy, scale or upgrade an agent
 *   2 writes         keepers of data, memory, tools and refinery (genus D, M,
 *                    U, R), and whoever proposed any other change; a process
 *                    of the habitat that asked for a permission
 *   3 the rest
 *
 * As far as rows tell: an agent of another kind that starts others without
 * ever saying so is among the rest.
 */
#ifndef DATA_ACT_HALT_STAGE_H
#define DATA_ACT_HALT_STAGE_H

#include "data/store.h"

#define HALT_STAGES 3

/* By agent slot, st->agents.used of them: 0, 1, 2. To be freed. */
uint8_t *halt_stages(const struct store *st);
const char *halt_stage_name(int stage);

#endif
