/*
 * The last picture, kept between runs: one file per context and namespace
 * under $XDG_STATE_HOME/terrarium (or ~/.local/state/terrarium), 0600, the
 * folder 0700, replaced as a whole. At most PICTURE_MAX bytes; a file that
 * is larger, not ours, or not a plain file is not read.
 */
#ifndef APP_PICTURE_FILE_H
#define APP_PICTURE_FILE_H

#include "base/buf.h"
#include "base/error.h"

#include <uv.h>

#define PICTURE_MAX (2u << 20)
#define PICTURE_ROWS 200 /* of a kind */

/* The path for this key (the command line's choice of context); the caller
   frees it. NULL if there is no home. */
char *picture_path(const char *key);
/* 0 and the bytes, or an error (ERR_ABSENT when there is none). */
int picture_load(const char *path, struct buf *ret, struct error *err);
/*
 * Writes on a thread of the pool; takes the bytes (out is emptied). A save
 * under way is not disturbed: then false, and nothing is taken.
 */
struct picture_saver {
    uv_work_t work;
    struct buf bytes;
    char *path;
    bool busy;
    int result; /* errno of the last save, 0 fine */
};
bool picture_save(uv_loop_t *loop, struct picture_saver *s, const char *path,
                  struct buf *out);
/* At exit, without a loop. */
int picture_save_now(const char *path, const struct buf *bytes);

#endif
