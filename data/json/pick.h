/*
 * Picks named fields out of one JSON object, without a tree.
 *
 * A rule is a path of keys joined by dots; `[]` after a key goes into each
 * element of an array; `*` stands for any key (the key comes with the
 * value); a path that ends in a container reports its begin and end:
 *
 *     metadata.name            a value
 *     metadata.labels.*        each label, with its key
 *     status.conditions[]      begin and end of each condition
 *     status.conditions[].type a value inside
 *     "metadata.labels.kgents\.io/genus"   a dot in a key is escaped
 *
 * What no rule names is passed over at the tokenizer's speed.
 *
 * Strings  valid until the next pick_run on the same pick
 * Bounds   nesting at most PICK_DEPTH_MAX; the text's length is the caller's
 */
#ifndef DATA_JSON_PICK_H
#define DATA_JSON_PICK_H

#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

#define PICK_DEPTH_MAX 100

enum pick_type {
    PICK_NULL,
    PICK_BOOL,   /* text "true" or "false" */
    PICK_NUMBER, /* text as written */
    PICK_STRING, /* text unescaped, any bytes */
    PICK_BEGIN,  /* container or array element begins */
    PICK_END,
};

struct pick_value {
    enum pick_type type;
    struct span text;
    struct span key; /* for `*`: the key that matched */
};

/* `path` NULL ends a table. `field` is the caller's own number, 0 to 32767. */
struct pick_rule {
    const char *path;
    int field;
};

typedef void (*pick_cb)(void *arg, int field, const struct pick_value *v);

struct pick;

/* The rules are copied; a path repeated must have the same field. */
struct pick *pick_create(const struct pick_rule *rules);
/* Several tables; each one's paths are put below its prefix ("object."). */
struct pick *pick_create_under(const struct pick_rule *rules,
                               const char *prefix,
                               const struct pick_rule *more);
void pick_destroy(struct pick *p);

/* Reads one document. 0, or ERR_SYNTAX / ERR_LIMIT with the position. */
int pick_run(struct pick *p, const char *text, size_t len, pick_cb cb,
             void *arg, struct error *err);
/* The same for a document that is what stands under the prefix. */
int pick_run_inner(struct pick *p, const char *text, size_t len, pick_cb cb,
                   void *arg, struct error *err);

/* False if the value is no number or out of range; *ret is untouched. */
bool pick_int(const struct pick_value *v, int64_t min, int64_t max,
              int64_t *ret);
bool pick_double(const struct pick_value *v, double min, double max,
                 double *ret);
bool pick_true(const struct pick_value *v);

#endif
