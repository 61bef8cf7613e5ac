/*
 * What became of an act that made something, or took a signal away, as the
 * rows tell.
 */
#ifndef DATA_ACT_CREATED_H
#define DATA_ACT_CREATED_H

#include "data/act/plan.h"
#include "data/store.h"

/* Is it an act this file knows about? */
bool created_knows(const struct store *st, const struct act_want *w);
/*
 * The rows show it whole: an agent's pods are ready, a signal or a proposal
 * is there, a wiped signal is not. Else ret says what is waited for.
 */
bool created_done(const struct store *st, const struct act_want *w,
                  char *ret, size_t size);
/* It is there, whatever becomes of it: for an answer that was lost. */
bool created_there(const struct store *st, const struct act_want *w);

#endif
