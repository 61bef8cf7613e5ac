/*
 * "schema"."name", each quoted as SQL wants names. False: longer than ret.
 */
#ifndef DATA_PG_QUOTE_H
#define DATA_PG_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

bool pg_quote(const char *schema, const char *name, char *ret, size_t size);

#endif
