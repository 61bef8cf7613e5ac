/*
 * One run of an exec credential plugin.
 *
 * The plugin gets its own session (no terminal to write to or read from), an
 * empty standard input, and is killed with its process group after limit_ms.
 * Without a shell.
 *
 * stdout  at most KUBE_EXEC_ANSWER_MAX bytes, then the plugin is killed
 * stderr  the last KUBE_EXEC_STDERR_MAX bytes are kept, the oldest dropped;
 *         its last line stands in the error
 * Pipes   real ones, so that /dev/stderr works in scripts. One that a
 *         grandchild keeps open counts as ended KUBE_EXEC_GRACE_MS after the
 *         plugin's end
 * Thread  loop thread only
 */
#ifndef DATA_KUBE_EXEC_H
#define DATA_KUBE_EXEC_H

#include "data/kube/exec_credential.h"

#include <uv.h>

#define KUBE_EXEC_STDERR_MAX 4096
#define KUBE_EXEC_GRACE_MS   1000

struct kube_exec_run;

/*
 * Exactly once, from the loop, after the last handle is closed: either the
 * answer (the callee may move texts out of it; the rest is wiped afterwards)
 * or an error: ERR_AUTH, or UV_ECANCELED after kube_exec_cancel. The run is
 * gone afterwards.
 */
typedef void (*kube_exec_cb)(struct kube_exec_credential *answer,
                             const struct error *err, void *arg);

/* config->exec is given; config is borrowed until the callback. */
struct kube_exec_run *kube_exec_start(uv_loop_t *loop,
                                      const struct kube_config *config,
                                      uint64_t limit_ms, kube_exec_cb cb,
                                      void *arg);
/* Kills the plugin; the callback still comes, later. */
void kube_exec_cancel(struct kube_exec_run *run);

#endif
