/*
 * One open connection: TCP or a Unix socket, through a proxy, with TLS, as
 * the target says (easy.h); then bytes both ways.
 *
 * libcurl connects (CONNECT_ONLY, in a multi handle of its own, on the loop)
 * without offering ALPN, and reads and writes; nothing here blocks.
 *
 * No callback runs before connection_open returns. After `failed`, or
 * connection_close, only `closed` follows, once, from the loop.
 *
 * Thread  loop thread only
 */
#ifndef DATA_NET_CONNECTION_H
#define DATA_NET_CONNECTION_H

#include "data/net/http.h"

#include <sys/types.h>

struct connection;

struct connection_calls {
    void (*open)(void *arg);
    /* Read until nothing is left, or as much as a turn may take: while bytes
       are left it is called again. */
    void (*readable)(void *arg);
    void (*writable)(void *arg); /* while it is wanted */
    void (*failed)(const struct error *err, void *arg); /* then close it */
    void (*closed)(void *arg); /* it is freed */
    void *arg;
};

/* The target is borrowed for the call. */
struct connection *connection_open(uv_loop_t *loop,
                                   const struct http_target *target,
                                   const struct connection_calls *calls);
/* Bytes read; 0: none now; -1: it ended, err says how (0: in order). */
ssize_t connection_read(struct connection *c, void *p, size_t n,
                        struct error *err);
/* Bytes taken; 0: none now, come again with the same and maybe more behind
   it; -1: broken. */
ssize_t connection_write(struct connection *c, const void *p, size_t n,
                         struct error *err);
/* Which of readable and writable are called. Reading is on at first. */
void connection_want(struct connection *c, bool read, bool write);
/* Calls readable once, soon, if reading is wanted. */
void connection_again(struct connection *c);
void connection_close(struct connection *c);

#endif
