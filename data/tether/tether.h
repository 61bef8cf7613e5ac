/*
 * A tether: an agent's terminal, looked at and typed at from here.
 *
 * Two kinds are made: of a process of this machine (holder.h), and of a
 * container in a cluster (data/kube/tether.h). From then on only these.
 *
 * Bytes of the agent are handed out as they come; they belong to a terminal
 * emulator (tui/grid.h), never to the real terminal.
 *
 * Callbacks  none before the open function returns; after tether_close only
 *            `closed`, and then it is freed
 */
#ifndef DATA_TETHER_TETHER_H
#define DATA_TETHER_TETHER_H

#include "base/error.h"
#include "base/wire.h"

#include <stdbool.h>
#include <stddef.h>

struct tether;

/* How what runs there ended. */
struct tether_end {
    enum { TETHER_EXITED, TETHER_SIGNALLED, TETHER_FAILED } how;
    int code;      /* exit code or signal */
    char msg[200]; /* TETHER_FAILED: why */
};

struct tether_calls {
    void (*output)(const char *p, size_t n, void *arg);
    /* The terminal there has this size. */
    void (*size)(struct wire_size size, void *arg);
    /* Who types: you, or somebody (their pid, 0 nobody). */
    void (*typist)(bool you, int pid, void *arg);
    void (*ended)(const struct tether_end *e, void *arg);
    /* It is over; err->code 0 after tether_close only. Last call. */
    void (*closed)(const struct error *err, void *arg);
    void *arg;
};

/* Dropped, not queued, when this side does not type. */
void tether_input(struct tether *t, const char *p, size_t n);
void tether_resize(struct tether *t, struct wire_size size);
/* Wants to type; anyway: even if somebody does. */
void tether_type(struct tether *t, bool anyway);
/* No call but `closed` follows. */
void tether_close(struct tether *t);

#endif
