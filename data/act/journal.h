/*
 * The append-only record of what was done: a line of JSON per step.
 *
 *   {"at":…,"id":…,"step":"intent|sent|accepted|observed|refused|…",
 *    "act":…,"kind":…,"ns":…,"name":…,"object":UID,"who":…,"digest":…,
 *    "request":…,"reason":…,"note":…,"after_ms":…}
 *
 * File  $XDG_STATE_HOME/terrarium/journal.jsonl, 0600, opened to append; a
 *       line is one write, so two consoles do not mix theirs
 * An intent is on the disk before its request leaves: journal_write's cb
 * comes when it is (or could not be: then nothing is sent). Other steps are
 * written the same way, with nobody waiting. Writing happens on libuv's pool.
 */
#ifndef DATA_ACT_JOURNAL_H
#define DATA_ACT_JOURNAL_H

#include "base/buf.h"
#include "base/error.h"
#include "data/json/write.h"

#include <uv.h>

struct journal;

/* path is copied; nothing is opened before the first write. */
struct journal *journal_create(uv_loop_t *loop, const char *path);
typedef void (*journal_cb)(const struct error *err, void *arg);
/* line without its end; cb may be NULL. */
void journal_write(struct journal *j, const struct buf *line, journal_cb cb,
                   void *arg);
/* What is under way is finished first; then cb. Callbacks are not called. */
void journal_close(struct journal *j, void (*cb)(void *arg), void *arg);
/* What a line is about; borrowed for the call. */
struct journal_about {
    const char *act, *kind, *ns, *name;
    const uint8_t *uid; /* 16 bytes; NULL and zeros: not known */
};
/* Begins a line: when it is, which step of the action `id`, of what. */
void journal_head(struct json *j, struct buf *line, const char *id,
                  const char *step, const struct journal_about *about);
/* Of an intent: who does it, and in which process; "" as this machine knows
   the user. */
void journal_who(struct json *j, const char *who);
/* Where the user's journal is; to be freed. NULL without HOME. */
char *journal_path(void);

#endif
