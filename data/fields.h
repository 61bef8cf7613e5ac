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

enum field_unit {
    FIELD_TEXT,
    FIELD_COUNT,
    FIELD_FRACTION,
    FIELD_PERCENT,
    FIELD_SPAN, /* milliseconds; a bare number in a filter is seconds */
};

struct field_row {
    const char *name; /* NULL ends a table */
    enum field_unit unit;
    bool clock;     /* changes by waiting */
    unsigned kinds; /* bits of the kinds that have it; 0 = all of the table */
};

/*
 * The table of a kind; empty for one that has no rows. Workloads, memories,
 * umwelts, servers, gateways and quotas share one.
 */
const struct field_row *field_rows(enum kind kind);
bool field_applies(enum kind kind, int field);
/* The field's number for this kind, or -1. Prefixes that are unique count. */
int field_find(enum kind kind, struct span name);
void field_get(const struct store *st, enum kind kind, uint32_t slot,
               int field, int64_t now_ms, struct field_value *ret);
/* What a plain word is looked for in: the fields from 0 to this, without. */
int field_plain(enum kind kind);

#endif
