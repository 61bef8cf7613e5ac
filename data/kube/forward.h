/*
 * A port of this machine that leads to a port of an agent's pod.
 *
 * Listens on 127.0.0.1 and ::1 only. Each connection that is accepted gets a
 * WebSocket of its own (legacy v4 port-forward, understood by every API
 * server), to a pod of the agent that is ready now; when that pod has gone
 * another is taken, and for up to KUBE_FORWARD_WAIT_MS one is waited for.
 * Neither side is read faster than the other takes it.
 *
 * Half-closed by the client: that cannot be conveyed, so what the pod still
 * says is passed on until it closes, or is silent for KUBE_FORWARD_LINGER_MS.
 * A connection that was cut is reset, not closed: nobody takes a part for the
 * whole.
 *
 * The intent is in the journal before anything listens. KUBE_FORWARD_MAX
 * connections at once; more wait in the kernel's queue, and `told` says so.
 * No callback before the open function returns; after close only `closed`.
 */
#ifndef DATA_KUBE_FORWARD_H
#define DATA_KUBE_FORWARD_H

#include "data/kube/reach.h"

#define KUBE_FORWARD_MAX       64
#define KUBE_FORWARD_WAIT_MS   8000
#define KUBE_FORWARD_LINGER_MS 10000
#define KUBE_FORWARD_HELD      (256u << 10) /* for a client that is slow */

struct kube_forward;

struct kube_forward_want {
    const char *ns, *agent;
    uint16_t local; /* 0: one that is free */
    uint16_t remote;
};

struct kube_forward_state {
    uint16_t local, remote;
    bool listens;
    int connections;
    uint64_t total;        /* connections ever */
    uint64_t up, down;     /* bytes to and from the pod */
    char pod[ACT_NAME];    /* the latest; "" none yet */
    char note[240];        /* the latest trouble; "" none */
    bool refused;          /* and by it nothing reached the pod's port */
};

struct kube_forward_calls {
    void (*listening)(void *arg);
    /* One line for people: another pod, a connection that failed. */
    void (*told)(const char *line, void *arg);
    void (*changed)(void *arg); /* optional: counts did */
    /* Last call; err->code 0 after kube_forward_close only. */
    void (*closed)(const struct error *err, void *arg);
    void *arg;
};

/* NULL with err: no such agent, the port is taken, … */
struct kube_forward *kube_forward_open(struct kube_reach *r,
                                       const struct kube_forward_want *want,
                                       const struct kube_forward_calls *calls,
                                       struct error *err);
/*
 * The way of a source to a Service of the cluster: as above, to a ready pod
 * behind it (service.h), and without a journal, since nobody acts by it. It
 * is transport in the read-only forms too: exactly the path of each pod is
 * let through (http_allow_transport).
 */
struct kube_forward_service_want {
    const char *ns, *service;
    uint16_t port;
    const char *socket; /* a Unix socket of mode 0600, made anew; NULL: a free
                           port of the loopback */
};
struct kube_forward *kube_forward_service(
    struct kube_reach *r, const struct kube_forward_service_want *want,
    const struct kube_forward_calls *calls, struct error *err);
void kube_forward_state(const struct kube_forward *f,
                        struct kube_forward_state *ret);
void kube_forward_close(struct kube_forward *f);

/* "8080:80", ":80" and "0:80" (pick one), "80" (the same on both sides). */
int kube_forward_ports(const char *text, uint16_t *local, uint16_t *remote,
                       struct error *err);

#endif
