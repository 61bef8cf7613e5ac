/*
 * One agent's process, its pty, its output and those who look at it.
 *
 * Outlives the daemon. libc only; at most WIRE_CLIENTS clients; the ring is
 * all it keeps. See base/wire.h for what it says.
 */
#ifndef HABITAT_HOLDER_HOLDER_H
#define HABITAT_HOLDER_HOLDER_H

#include "habitat/holder/ring.h"
#include "base/wire.h"

#include <sys/types.h>

#define INPUT_MAX (64u << 10)
#define CLIENT_OUT_MAX (WIRE_FRAME_MAX + 1024)

struct client {
    int fd; /* -1: free */
    pid_t pid;
    bool below;    /* a descendant of a holder: may look only */
    bool attached, daemon;
    uint64_t sent; /* of the output */
    char *out;     /* bytes to be written */
    size_t out_len, out_done;
    char *in; /* of an unfinished frame */
    size_t in_len;
};

struct holder {
    char *const *argv;
    const char *socket;
    struct wire_size size;
    int listener, signals, pty; /* pty -1: closed */
    pid_t child;                /* 0: ended */
    uint32_t runs;
    bool ended, forgotten, over;
    bool ending; /* it has ended; its last output is still to be read */
    uint64_t ending_at;
    struct wire_exit end;
    struct ring ring;
    uint64_t acked;
    char *input; /* for the pty */
    size_t input_len;
    int64_t kill_at; /* monotonic ms; 0 none */
    int typist;      /* client index, -1 nobody */
    struct client clients[WIRE_CLIENTS];
};

/* Starts the command in a pty of its own. 0 or errno; *what: the step. */
int holder_start(struct holder *h, const char **what);

/* holder_clients.c */
void clients_init(struct holder *h);
void clients_accept(struct holder *h);
/* What poll said of client i. */
void clients_ready(struct holder *h, int i, short events);
/* Which events client i waits for. */
short clients_events(const struct holder *h, int i);
void clients_tell(struct holder *h, int i, enum wire_type type,
                  const void *p, size_t n);
void clients_tell_all(struct holder *h, enum wire_type type, const void *p,
                      size_t n);
bool clients_daemon(const struct holder *h);

/* holder.c, asked for by clients */
void holder_kill(struct holder *h, uint32_t grace_ms);
void holder_resize(struct holder *h, struct wire_size size);
bool holder_input(struct holder *h, const char *p, size_t n);
void holder_restart(struct holder *h);
void holder_signal(struct holder *h, int sig);
void holder_forget(struct holder *h);

#endif
