/*
 * Requests to one API server, with credentials.
 *
 * Puts the credentials into each request (waiting for an exec plugin where
 * one must run), and after a 401 reads them again and repeats the request
 * once. Everything else is http.h: one `done` per call unless cancelled.
 *
 * offset_ms: the server's clock minus ours, from Date headers (they have
 * whole seconds: the mean of the half-second is taken out, and the offset is
 * moved only by more than a second).
 */
#ifndef DATA_KUBE_CLIENT_H
#define DATA_KUBE_CLIENT_H

#include "data/kube/auth.h"
#include "data/net/http.h"

struct kube_client;
struct kube_call;

struct kube_client *kube_client_create(uv_loop_t *loop, struct http *http,
                                       struct kube_config *config);
void kube_client_close(struct kube_client *c, void (*cb)(void *arg),
                       void *arg);

/* As http_want; `accept` NULL = JSON. `headers` of want are not used. */
struct kube_call *kube_get(struct kube_client *c, const char *accept,
                           const char *etag, const struct http_want *want,
                           const struct http_calls *calls);
/* The same for a write: `content` is the type of want->body. */
struct kube_call *kube_send(struct kube_client *c, const char *content,
                            const struct http_want *want,
                            const struct http_calls *calls);
void kube_cancel(struct kube_call *call);

/* Wall clock now, corrected to the server's. */
int64_t kube_now_ms(const struct kube_client *c);
int64_t kube_offset_ms(const struct kube_client *c);
/* uv_now of the last byte from the server; 0 = none yet. */
int64_t kube_proof_ms(const struct kube_client *c);
bool kube_auth_running(const struct kube_client *c);

/*
 * One line for a refused or failed request: from the Status body when there
 * is one, else from the HTTP code and the first line of the text. Sets code
 * by the HTTP status (ERR_AUTH, ERR_RIGHT, ERR_ABSENT, ERR_EXPIRED,
 * ERR_BUSY, ERR_SERVER, …).
 */
int kube_explain(const struct http_answer *answer, const struct error *from,
                 struct error *ret);

#endif
