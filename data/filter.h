/*
 * The filter language: which rows are shown.
 *
 *   word            in any of the row's main fields, letter case aside
 *   "two words"     the same with a space; quoted, a:b, !x and ~x are text
 *   field:value     in this field
 *   field=value     the whole field is this
 *   field>value     number, or span of time (10m, 2h); also <
 *   ~regex          in any main field; field:~regex in one
 *   !term           not
 *
 * Terms are joined by "and". A filter longer than FILTER_MAX bytes, with more
 * than FILTER_TERMS terms, an unknown field, a bad number or a bad regex is
 * an error that says where. Regexes run with match limits: one that is too
 * costly for a row does not match it.
 */
#ifndef DATA_FILTER_H
#define DATA_FILTER_H

#include "data/fields.h"

#define FILTER_MAX 400
#define FILTER_TERMS 16

struct filter;

/* NULL and *err on a mistake. An empty text matches all. */
struct filter *filter_create(enum kind kind, const char *text, size_t len,
                             struct error *err);
void filter_destroy(struct filter *f);
bool filter_match(const struct filter *f, const struct store *st,
                  uint32_t slot, int64_t now_ms);
/* A row of another kind that shares the table of fields. */
bool filter_match_row(const struct filter *f, const struct store *st,
                      enum kind kind, uint32_t slot, int64_t now_ms);
/* Plain texts (a thought's agent and words): fields are not looked at. */
bool filter_match_text(const struct filter *f, const struct span *texts,
                       int count);
/* True if the answer can change by waiting. */
bool filter_clock(const struct filter *f);

#endif
