/*
 * A tether: an agent's own terminal, looked at and typed at from here.
 *
 * Speaks to the holder directly (base/wire.h), so it outlives the daemon.
 * Several may look, one types; to take over from somebody is asked for.
 *
 * Bytes of the agent are handed out as they come; they belong to a terminal
 * emulator (tui/grid.h), never to the real terminal.
 */
#ifndef DATA_TETHER_TETHER_H
#define DATA_TETHER_TETHER_H

#include "base/error.h"
#include "base/wire.h"

#include <stddef.h>
#include <uv.h>

struct tether;

struct tether_calls {
    void (*output)(const char *p, size_t n, void *arg);
    /* The pty has this size. */
    void (*size)(struct wire_size size, void *arg);
    /* Who types: you, or somebody (their pid, 0 nobody). */
    void (*typist)(bool you, int pid, void *arg);
    void (*ended)(const struct wire_exit *e, void *arg);
    /* It is over; err->code 0 after tether_close only. Last call. */
    void (*closed)(const struct error *err, void *arg);
    void *arg;
};

struct tether *tether_open(uv_loop_t *loop, const char *socket,
                           const struct tether_calls *calls);
/* Dropped, not queued, when this side does not type. */
void tether_input(struct tether *t, const char *p, size_t n);
void tether_resize(struct tether *t, struct wire_size size);
/* Wants to type; anyway: even if somebody does. */
void tether_type(struct tether *t, bool anyway);
/* No call but `closed` follows. */
void tether_close(struct tether *t);

#endif
