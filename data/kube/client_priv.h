/* For what speaks to the server by other means than requests: socket.h. */
#ifndef DATA_KUBE_CLIENT_PRIV_H
#define DATA_KUBE_CLIENT_PRIV_H

#include "data/kube/client.h"

#define KUBE_EXTRA_MAX 40
#define KUBE_HEADERS_MAX (KUBE_EXTRA_MAX + 5)

struct kube_auth *kube_client_auth(struct kube_client *c);
struct http *kube_client_http(struct kube_client *c);
/*
 * The target with these credentials, certificates as they are now, and the
 * headers that say who one is; their number. All borrowed until the next turn.
 */
int kube_client_dress(struct kube_client *c,
                      const struct kube_credentials *creds,
                      struct http_target *target,
                      const char *headers[KUBE_HEADERS_MAX]);

#endif
