/*
 * A secret that the configuration names and does not hold:
 *
 *     password: {file: PATH}      its first line; nobody else may read it
 *     password: {env: NAME}       of the environment Terrarium was started in
 *     password: {command: WORDS}  the first line it prints; no shell, 10 s
 *
 * It is read when it is needed, again at every connection, and never shown.
 */
#ifndef SETTINGS_SECRET_H
#define SETTINGS_SECRET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MAX 4096 /* bytes */
#define SECRET_COMMAND_MS 10000

enum secret_from { SECRET_NONE, SECRET_FILE, SECRET_ENV, SECRET_COMMAND };

struct secret {
    enum secret_from from;
    char *text; /* path, name, or words as typed; owned */
};

/*
 * Blocks: not for the loop's thread, unless it is no command. 0 and the
 * secret, to be wiped with secret_wipe; from NONE: NULL. ERR_CONFIG says
 * which file, variable or command, and nothing of what was read.
 */
int secret_read(const struct secret *s, char **ret, struct error *err);
/* Overwrites and frees; NULL passes. */
void secret_wipe(char *text);
/* "file ~/x", "env NAME", "command pass": for the screen. */
void secret_describe(const struct secret *s, char *ret, size_t size);
struct secret secret_copy(const struct secret *s);
void secret_finish(struct secret *s);

#endif
