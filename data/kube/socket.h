/*
 * A WebSocket to the API server, with credentials.
 *
 * Waits for an exec plugin where one must run; after a 401 the credentials
 * are read again and it asks once more. Everything else is websocket.h: its
 * callbacks, one `closed` last. The client outlives it.
 */
#ifndef DATA_KUBE_SOCKET_H
#define DATA_KUBE_SOCKET_H

#include "data/kube/client.h"
#include "data/net/websocket.h"

struct kube_socket;

struct kube_socket *kube_socket_open(struct kube_client *c, const char *path,
                                     const char *protocols,
                                     const struct websocket_calls *calls);
/* As websocket_send and websocket_pause. */
bool kube_socket_send(struct kube_socket *s, char channel, const void *p,
                      size_t n);
void kube_socket_pause(struct kube_socket *s, bool on);
void kube_socket_close(struct kube_socket *s);

#endif
