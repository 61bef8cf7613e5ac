/*
 * An object in the user's editor: $VISUAL, else $EDITOR, else vi, split into
 * words without a shell; the text stands in a file of its own (0600).
 *
 * The editor has the terminal, and what its keys signal (^C, ^\) is ignored
 * here until it has ended; the loop goes on meanwhile. One at a time.
 * The file stays after the editor ended, since the plan reads it; it goes
 * with editing_forget, or with the next text.
 */
#ifndef APP_EDITING_H
#define APP_EDITING_H

#include "base/error.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct editing {
    uv_loop_t *loop;
    uv_process_t process;
    struct sigaction was[2]; /* what the terminal's signals did before */
    bool running;
    char path[512]; /* "" none */
    void (*ended)(const struct error *err, void *arg);
    void *arg;
};

void editing_init(struct editing *e, uv_loop_t *loop);
/* Puts the text into the file; NULL: what stands there is edited again. */
int editing_write(struct editing *e, const char *text, size_t len,
                  struct error *err);
/*
 * Begins. ended: err->code 0, or why nothing is to be taken: the editor could
 * not be run, or ended with a status other than 0.
 */
int editing_start(struct editing *e,
                  void (*ended)(const struct error *err, void *arg),
                  void *arg, struct error *err);
void editing_forget(struct editing *e);
/* Ends an editor that still runs (TERM), and waits for no one. */
void editing_finish(struct editing *e);

#endif
