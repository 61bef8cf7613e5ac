/*
 * A source's way to a Service of the cluster on this screen.
 *
 * A Unix socket that only this user can open, in a folder of mode 0700 below
 * the runtime folder; behind it port-forwards through the API server. Where
 * the source speaks TLS over it and wants a host (libpq does none over Unix
 * sockets), a free port of the loopback instead.
 */
#ifndef APP_TUNNEL_H
#define APP_TUNNEL_H

#include "data/kube/forward.h"

struct tunnel;

struct tunnel_calls {
    void (*ready)(void *arg); /* it listens */
    /* What fails on the way, a line. */
    void (*told)(const char *line, void *arg);
    void (*closed)(void *arg); /* it is freed */
    void *arg;
};

/*
 * service: NAMESPACE/NAME:PORT. file: what the socket is called, NULL: a port
 * of the loopback. NULL with err.
 */
struct tunnel *tunnel_open(struct kube_reach *r, const char *service,
                           const char *file, const struct tunnel_calls *calls,
                           struct error *err);
/* The socket, or NULL; its folder; the port that is listened at, or that the
   service has. */
const char *tunnel_socket(const struct tunnel *t);
const char *tunnel_folder(const struct tunnel *t);
uint16_t tunnel_port(const struct tunnel *t);
void tunnel_close(struct tunnel *t);

#endif
