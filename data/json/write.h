/*
 * Writes JSON into a buffer, piece by piece, without a tree.
 *
 * Text of any bytes is taken: what is not valid UTF-8 becomes U+FFFD. Keys
 * are the program's own. `key` NULL writes an element of an array. The
 * buffer's cap is the bound: json_end tells whether all went in.
 */
#ifndef DATA_JSON_WRITE_H
#define DATA_JSON_WRITE_H

#include "base/buf.h"
#include "base/span.h"

#include <stdint.h>

struct json {
    void *gen;
    struct buf *out;
};

void json_begin(struct json *j, struct buf *out);
/* Indented for people; before the first value. */
void json_pretty(struct json *j);
/* False if the buffer was too small. */
bool json_end(struct json *j);

void json_map(struct json *j, const char *key);
void json_map_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);
/* null for NULL */
void json_text(struct json *j, const char *key, const char *s);
void json_span(struct json *j, const char *key, struct span s);
void json_int(struct json *j, const char *key, int64_t v);
/* null for NAN and infinities */
void json_double(struct json *j, const char *key, double v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
/* RFC 3339; null for 0. */
void json_when(struct json *j, const char *key, int64_t ms);
/* A value that is JSON already; nothing checks it. */
void json_raw(struct json *j, const char *key, const char *s, size_t n);

#endif
