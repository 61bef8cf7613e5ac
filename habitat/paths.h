/*
 * Where the habitat lives.
 *
 * $TERRARIUM_HABITAT  one folder for all of it (practice, tests); else
 * socket  $TERRARIUM_SOCKET (agents find it set), else
 *         $XDG_RUNTIME_DIR/terrarium/habitat.sock, without that variable
 *         STATE/run/habitat.sock
 * state   $XDG_STATE_HOME/terrarium, ~/.local/state/terrarium: the database,
 *         the log, and the holders' sockets, which outlive a login
 *
 * Folders are made 0700.
 */
#ifndef HABITAT_PATHS_H
#define HABITAT_PATHS_H

#include "base/error.h"

#define HABITAT_PATH_MAX 100 /* a socket's name holds 107 bytes */

struct habitat_paths {
    char state[HABITAT_PATH_MAX - 20];
    char socket[HABITAT_PATH_MAX];
    char database[HABITAT_PATH_MAX];
    char log[HABITAT_PATH_MAX];
    char pid[HABITAT_PATH_MAX];
    char holders[HABITAT_PATH_MAX - 20];
};

/* Names only; makes nothing. */
int habitat_paths(struct habitat_paths *ret, struct error *err);
/* Makes the folders. ERR_CONFIG with the folder and the reason. */
int habitat_paths_make(const struct habitat_paths *p, struct error *err);

#endif
