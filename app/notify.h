/*
 * Tells a person that a new proposal waits: a bell, or a command of theirs.
 *
 * What waited when the sources first answered is no news. One telling per
 * turn, however many came; a command that still runs is not started again.
 * The command is run without a shell; the title and who asks are its last
 * arguments (control bytes left out), its output goes nowhere.
 */
#ifndef APP_NOTIFY_H
#define APP_NOTIFY_H

#include "app/options.h"
#include "data/store.h"

#include <uv.h>

struct notify {
    const char *command; /* NULL none */
    bool bell, ready;
    int64_t newest_ms; /* creation of the newest that is known */
    uint64_t seen_gen;
    uv_process_t process;
    bool running;
};

void notify_init(struct notify *n, const struct options *o);
/* After data came: true if the bell is to ring. */
bool notify_look(struct notify *n, uv_loop_t *loop, const struct store *st,
                 bool answered);
/* A command that still runs goes on, and is no longer waited for. */
void notify_finish(struct notify *n);

#endif
