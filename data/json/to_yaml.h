/*
 * One JSON document as YAML, for people: block style, keys in their order.
 *
 * skip  a key whose value is left out wherever it stands ("managedFields");
 *       NULL = none
 * Errors: ERR_SYNTAX, ERR_LIMIT (deeper than 100, or longer than out's cap).
 */
#ifndef DATA_JSON_TO_YAML_H
#define DATA_JSON_TO_YAML_H

#include "base/buf.h"
#include "base/error.h"

int json_to_yaml(const char *text, size_t len, const char *skip,
                 struct buf *out, struct error *err);

#endif
