/*
 * A WebSocket to an HTTP server, as a client (RFC 6455).
 *
 *   websocket_open → open → message… → closed
 *                 or closed, with the server's refusal or an error
 *
 * Connects and speaks TLS as http.h does (easy.h), asks by upgrade.h, frames
 * by wslay. It goes through the same switch: what http_may refuses is not
 * built. Messages are binary, whole both ways, and sent as one frame each
 * (a server that takes every frame for a message is not confused).
 *
 * Alive     pings are answered; one is sent every WEBSOCKET_PING_MS, and
 *           WEBSOCKET_SILENT_MS without a byte end it. While reading is
 *           paused silence does not count
 * Bounds    a message from the server WEBSOCKET_MESSAGE; the queue out
 *           WEBSOCKET_QUEUE: beyond it websocket_send says no and `drained`
 *           tells when half of it is free; a turn of the loop reads
 *           WEBSOCKET_TURN bytes at most
 * Callbacks none before websocket_open returns; after websocket_close only
 *           `closed`, from the loop, and then it is freed
 * Thread    loop thread only
 */
#ifndef DATA_NET_WEBSOCKET_H
#define DATA_NET_WEBSOCKET_H

#include "data/net/http.h"

#define WEBSOCKET_MESSAGE   (1u << 20)
#define WEBSOCKET_SEND      (32u << 10) /* a message from here */
#define WEBSOCKET_QUEUE     (256u << 10)
#define WEBSOCKET_TURN      (64u << 10)
#define WEBSOCKET_ANSWER_MS 15000 /* until the server agreed */
#define WEBSOCKET_PING_MS   5000
#define WEBSOCKET_SILENT_MS 61000

struct websocket;

struct websocket_calls {
    /* protocol: the one the server chose, "" none. */
    void (*open)(const char *protocol, void *arg);
    void (*message)(const char *p, size_t n, void *arg);
    void (*drained)(void *arg); /* optional */
    /*
     * Last call. answer: status 101 or 0, or a refusal's, with its body.
     * err->code 0: closed in order, or by us.
     */
    void (*closed)(const struct http_answer *answer, const struct error *err,
                   void *arg);
    void *arg;
};

/* All is borrowed for the call. protocols: "a, b" in order of liking, or
   NULL; headers as in http_want. NULL: ERR_REFUSED. */
struct websocket *websocket_open(struct http *h,
                                 const struct http_target *target,
                                 const char *path, const char *protocols,
                                 const char *const *headers,
                                 const struct websocket_calls *calls,
                                 struct error *err);
/* One message from two parts, together at most WEBSOCKET_SEND bytes. False:
   the queue is full, or it is not open (any more). */
bool websocket_send(struct websocket *w, const void *a, size_t a_len,
                    const void *b, size_t b_len);
/* No more messages until it is let go on; the server is held back. */
void websocket_pause(struct websocket *w, bool on);
/* Says good-bye and closes. */
void websocket_close(struct websocket *w);

#endif
