/*
 * Makes one object's JSON: from fields, or from a YAML file and the fields
 * that say otherwise.
 *
 * A set is a path ("spec.resources.limits.cpu") and its text; what a file
 * says at a path that is set is replaced, all else of it goes through as it
 * is, but what the server itself keeps: status, uid, resourceVersion and the
 * like. Text never becomes anything but one JSON string, or a number or a
 * boolean that it wholly is.
 *
 * Bounds  COMPOSE_SETS sets, COMPOSE_FILE bytes of a file, COMPOSE_BODY of
 *         JSON
 */
#ifndef DATA_KUBE_COMPOSE_H
#define DATA_KUBE_COMPOSE_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define COMPOSE_SETS 28
#define COMPOSE_FILE (256u << 10)
#define COMPOSE_BODY (1u << 20)

enum compose_type { COMPOSE_TEXT, COMPOSE_INT, COMPOSE_NUMBER, COMPOSE_YES };

struct compose_entry {
    const char *path; /* borrowed */
    enum compose_type type;
    const char *text; /* borrowed */
};

struct compose {
    struct compose_entry sets[COMPOSE_SETS];
    int count;
    struct kube_yaml *file; /* NULL: none */
    uint64_t file_hash;
    bool dropped; /* the file says what only the server may */
};

void compose_init(struct compose *c);
void compose_finish(struct compose *c);
/* Reads a file ("~/…" is the home folder) that holds one object of that
   kind. ERR_CONFIG tells file and line. */
int compose_read(struct compose *c, const char *path, const char *kind,
                 struct error *err);
/* ERR_SYNTAX: the text is no such number or no yes or no. */
int compose_set(struct compose *c, const char *path, enum compose_type type,
                const char *text, struct error *err);
/* What the object will say there, by set or by file; "" for nothing. */
const char *compose_get(const struct compose *c, const char *path, char *ret,
                        size_t size);
/* Does the file say it? */
bool compose_filed(const struct compose *c, const char *path);
/* The line of the file that says it; 0: none does. */
unsigned compose_line(const struct compose *c, const char *path);
/* The object. ERR_CONFIG: a part of the file is no mapping where one must
   be; ERR_LIMIT. ret is the caller's, inited. */
int compose_json(struct compose *c, struct buf *ret, struct error *err);

#endif
