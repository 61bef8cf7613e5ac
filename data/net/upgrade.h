/*
 * The HTTP/1.1 handshake that opens a WebSocket: the request, and what the
 * server says to it. Pure bytes; the connection is somebody else's.
 *
 * A 101 counts only with Upgrade, Connection, the right
 * Sec-WebSocket-Accept, no extension, and a sub-protocol that was offered (or
 * none). Any other status is a refusal: its body, by length, in chunks or to
 * the end of the connection, at most HTTP_ERROR_BODY bytes, is for
 * kube_explain and its like.
 *
 * Bounds  header UPGRADE_HEADER bytes
 */
#ifndef DATA_NET_UPGRADE_H
#define DATA_NET_UPGRADE_H

#include "base/buf.h"
#include "data/net/http.h"

#define UPGRADE_HEADER (16u << 10)

struct upgrade {
    char key[32], accept[32];
    char *offered;     /* "v5.channel.k8s.io, v4.channel.k8s.io" */
    char protocol[64]; /* the server's choice; "" none */
    struct buf in;
    struct http_answer answer; /* body: in `in` */
    size_t head; /* bytes of the header; 0: not whole yet */
    int64_t length; /* of the body; -1 unknown, -2 in chunks */
};

enum upgrade_step {
    UPGRADE_MORE,    /* bytes are missing */
    UPGRADE_OPEN,    /* what follows is the WebSocket's */
    UPGRADE_REFUSED, /* answer is whole */
    UPGRADE_BROKEN,  /* err says what is wrong */
};

/*
 * Writes the request to out. url: absolute, of easy.h; protocols NULL = none;
 * headers NULL-terminated lines or NULL; a line with a control byte is left
 * out. False: the URL has such bytes, it is too long, or no random ones are
 * to be had.
 */
bool upgrade_begin(struct upgrade *u, const char *url, const char *protocols,
                   const char *const *headers, const char *user_agent,
                   struct buf *out);
void upgrade_finish(struct upgrade *u);
/* p of n bytes came; used: how many of them are not the WebSocket's. */
enum upgrade_step upgrade_take(struct upgrade *u, const char *p, size_t n,
                               size_t *used, struct error *err);
/* The connection ended. */
enum upgrade_step upgrade_end(struct upgrade *u, struct error *err);

#endif
