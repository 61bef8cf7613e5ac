/*
 * The configuration: $XDG_CONFIG_HOME/terrarium/config.yaml, else
 * ~/.config/terrarium/config.yaml; none is as good as an empty one.
 *
 *     theme: moss
 *     contexts:
 *       NAME: {read-only: true}    # as the kubeconfig calls it
 *     sources:                     # exactly these; none: what is found
 *       NAME: {type: postgres, url: postgres://db/fracta}
 *
 * Its keys are those of schema.h. What is not understood is an error,
 * "FILE:LINE:COLUMN: FIELD: what, expected what": a guard that was misspelt
 * must not be off.
 *
 * A project's fracta.yaml is read where it is found (project.h): by walking
 * up from the working folder, or as a source's `project` says. What it says
 * fills what the configuration leaves open.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/error.h"
#include "settings/schema.h"
#include "settings/secret.h"

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_MAX (1u << 20) /* bytes of the file */
#define SETTINGS_SOURCES 12

/* One value and where it came from. text NULL: not said. */
struct setting {
    char *text;
    struct secret secret; /* of a SECRET; text says where it is kept */
    char *file;           /* NULL: the configuration */
    unsigned line, column;
};

struct settings_source {
    char *name;
    enum source_type type;
    unsigned line, column;
    struct setting values[KEYS];
};

struct settings {
    char *path; /* of the file; NULL: no place for one */
    bool there; /* it exists */
    struct setting top[KEYS];
    struct settings_context {
        char *name;
        bool read_only;
        unsigned line, column;
    } *contexts;
    int count;
    struct settings_source sources[SETTINGS_SOURCES];
    int source_count;
    bool sources_given; /* else what was found, or nothing */
    char warning[300];  /* worth a line on the screen; "" */
};

/* Called for each mistake, with its line of text. */
typedef void (*settings_mistake_fn)(const char *line, void *arg);

/*
 * 0, or ERR_CONFIG with the first mistake; all go to `each`, if given. ret is
 * the caller's either way: settings_finish.
 */
int settings_load(struct settings *ret, settings_mistake_fn each, void *arg,
                  struct error *err);
/* The same from a file, or from bytes; `name` stands in errors. */
int settings_load_file(const char *path, struct settings *ret,
                       settings_mistake_fn each, void *arg,
                       struct error *err);
int settings_parse(const char *text, size_t len, const char *name,
                   struct settings *ret, settings_mistake_fn each, void *arg,
                   struct error *err);
void settings_finish(struct settings *s);

/* s NULL: nothing is set. context NULL: of what is no cluster. */
bool settings_read_only(const struct settings *s, const char *context);
/* NULL: not said. */
const char *settings_top(const struct settings *s, enum schema_key k);
const char *settings_value(const struct settings_source *s,
                           enum schema_key k);
bool settings_true(const struct settings_source *s, enum schema_key k);

/* Said by another file: only where nothing is said yet. */
void settings_fill(struct settings_source *s, enum schema_key k,
                   const char *text, const char *file, unsigned line);
/* A source that nobody named; NULL: no room, or the name is taken. */
struct settings_source *settings_add(struct settings *s, const char *name,
                                     enum source_type type);

#endif
