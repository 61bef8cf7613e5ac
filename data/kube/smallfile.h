/*
 * Reading a whole small file without waiting for a pipe or a device.
 *
 * Opened by path each time (projected tokens are swapped by symlink), with
 * O_NONBLOCK and O_CLOEXEC; anything but a regular file is refused.
 */
#ifndef DATA_KUBE_SMALLFILE_H
#define DATA_KUBE_SMALLFILE_H

#include "base/error.h"

#include <stddef.h>

/*
 * 0 with a NUL-terminated copy the caller frees. ERR_LIMIT beyond max bytes;
 * ERR_CONFIG if it is not a regular file; else the negative errno. The
 * message names what failed, not the path.
 */
int kube_smallfile_read(const char *path, size_t max, char **ret,
                        size_t *ret_len, struct error *err);

/*
 * The same, and a pipe may be given (a shell's <(…)): waits for its end, at
 * most KUBE_PIPE_MS for each piece.
 */
#define KUBE_PIPE_MS 3000
int kube_smallfile_or_pipe(const char *path, size_t max, char **ret,
                           size_t *ret_len, struct error *err);

#endif
