/*
 * Credentials of one kubeconfig user, kept fresh.
 *
 * Sources, strongest first: tokenFile (re-read every 50 s and after a 401;
 * while it cannot be read the last good token stays, then the static one),
 * token, basic; exec plugin only when none of these and no certificate is
 * configured (kube_config_load sees to that); client certificates go beside
 * any of them.
 *
 * Errors are ERR_AUTH, whatever the cause; msg says it.
 *
 * Exec plugins: one run at a time however many ask; the answer is kept to
 * its expirationTimestamp or until kube_auth_reject; never interactive here
 * (stdin is empty, no terminal, "Always" is refused with a clear error);
 * standard error is captured, its last 4 KiB, and its last line is given in
 * the error with control bytes removed; killed after KUBE_EXEC_LIMIT_MS; output at most 1 MiB. No shell.
 *
 * Owner   the config is borrowed until the close callback
 * Thread  loop thread only
 */
#ifndef DATA_KUBE_AUTH_H
#define DATA_KUBE_AUTH_H

#include "data/kube/kubeconfig.h"

#include <stdint.h>
#include <uv.h>

#define KUBE_EXEC_LIMIT_MS  60000
#define KUBE_TOKEN_FILE_MAX 65536
#define KUBE_TOKEN_AGE_MS   50000

struct kube_auth;

/*
 * What a request needs. Borrowed until the next loop turn.
 *
 * serial  counts up; the same credentials read again keep theirs
 */
struct kube_credentials {
    const char *header;   /* "Authorization: …" or NULL (anonymous) */
    const char *cert_pem; /* NULL = none */
    const char *key_pem;
    uint64_t serial; /* changes whenever the above do */
};

/* err NULL on success, then creds is set. */
typedef void (*kube_auth_cb)(const struct kube_credentials *creds,
                             const struct error *err, void *arg);

struct kube_auth *kube_auth_create(uv_loop_t *loop,
                                   const struct kube_config *config);

/*
 * Gives the credentials, once: from the cache, from the token file, or an
 * error about that file before returning; later when a plugin must run.
 * After kube_auth_close no callback comes.
 */
void kube_auth_get(struct kube_auth *auth, kube_auth_cb cb, void *arg);

/*
 * Whoever waits with this arg gets no callback any more (an object that
 * closes while a plugin runs). The plugin goes on for the others.
 */
void kube_auth_forget(struct kube_auth *auth, const void *arg);

/*
 * The server answered 401 to the credentials with this serial: drop them if
 * they are still the current ones. The next get reads or runs again.
 */
void kube_auth_reject(struct kube_auth *auth, uint64_t serial);

/* A plugin is running now (for the sources line). */
bool kube_auth_busy(const struct kube_auth *auth);

/*
 * Kills a running plugin, forgets waiters, frees; cb last, from the loop.
 * May be called inside a kube_auth_cb. Only once.
 */
void kube_auth_close(struct kube_auth *auth, void (*cb)(void *arg), void *arg);

#endif
