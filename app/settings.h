/*
 * The console's own configuration, a YAML file:
 *
 *     contexts:
 *       NAME:               # as the kubeconfig calls it
 *         read-only: true   # as --read-only, whenever it is used
 *
 * $XDG_CONFIG_HOME/terrarium/config.yaml, else ~/.config/terrarium/…; none is
 * as good as an empty one. What is not understood is an error, "FILE:LINE:
 * FIELD: what, expected what": a guard that was misspelt must not be off.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_MAX (1u << 20) /* bytes of the file */

struct settings {
    struct settings_context {
        char *name;
        bool read_only;
    } *contexts;
    int count;
};

/* 0, or ERR_CONFIG. ret is the caller's either way: settings_finish. */
int settings_load(struct settings *ret, struct error *err);
/* The same from bytes; `name` stands in errors. */
int settings_parse(const char *text, size_t len, const char *name,
                   struct settings *ret, struct error *err);
void settings_finish(struct settings *s);
/* s NULL: nothing is set. */
bool settings_read_only(const struct settings *s, const char *context);

#endif
