/*
 * Conditions on the whole fleet, for `snapshot --check`.
 *
 *   waiting<3 && oldest<10m && trouble==0
 *
 * Names: check_names(). Operators: < <= > >= == !=, && || !, brackets.
 * Values: numbers, and times with a unit (10m). What nobody said compares
 * false with everything. At most CHECK_MAX bytes, brackets 20 deep.
 */
#ifndef DATA_CHECK_H
#define DATA_CHECK_H

#include "data/store.h"

#define CHECK_MAX 1000

/* 0 and *ret, or ERR_SYNTAX with the position. */
int check_eval(const struct store *st, int64_t now_ms, const char *expr,
               bool *ret, struct error *err);
/* The same without a store: is it well formed? */
int check_parse(const char *expr, struct error *err);
const char *const *check_names(void);

#endif
