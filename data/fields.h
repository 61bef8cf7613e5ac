/*
 * Rows by field name: what filters, sorting and `explain` speak of.
 *
 * A value is a text, a number, or both (an enum has its name; a time span
 * its milliseconds). `clock` says that it changes by waiting.
 */
#ifndef DATA_FIELDS_H
#define DATA_FIELDS_H

#include "data/store.h"

struct field_value {
    struct span text; /* p NULL: no text, or unknown */
    double number;    /* NAN: none, or unknown; spans in milliseconds */
    bool clock;
};

/* The field's number for this kind, or -1. Prefixes that are unique count. */
int field_find(enum kind kind, struct span name);
void field_get(const struct store *st, enum kind kind, uint32_t slot,
               int field, int64_t now_ms, struct field_value *ret);
/* Names for help and completion, NULL-terminated. */
const char *const *field_names(enum kind kind);
/* What a plain word is looked for in: the fields from 0 to this, without. */
int field_plain(enum kind kind);

#endif
