/*
 * How an agent says it is, through its terminal: OSC 7501 (Program Status
 * Protocol, draft 0.2), titles (OSC 0 and 2), notifications (OSC 9, 777).
 *
 * The best of them stands in the row: a report by OSC 7501 is not replaced
 * by what a title hints at.
 */
#ifndef HABITAT_REPORT_H
#define HABITAT_REPORT_H

#include "habitat/agent.h"

/* One OSC; text is what follows the first semicolon. */
void report_osc(struct agent *a, int number, struct span text);
/* state: idle working done blocked error, NULL clears; by: who said so. */
void report_set(struct agent *a, const char *state, struct span kind,
                struct span text, const char *by);

#endif
