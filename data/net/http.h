/*
 * HTTP requests on the loop: curl's multi interface driven by libuv.
 *
 * A request is started by http_start and ends with exactly one `done` call,
 * unless it is cancelled before: then nothing more is called. No callback
 * runs before http_start returns. Callbacks may start and cancel requests,
 * their own too.
 *
 * Body bytes are handed out as they arrive, nothing is gathered, except of
 * answers whose status is not 2xx: their first HTTP_ERROR_BODY bytes go to
 * `done`. HTTP/2 where the server offers it, many requests on one
 * connection. No redirects are followed.
 *
 * A body is sent once. Where its connection fails the request is done with
 * ERR_CUT, and what became of it is for the caller to find out. One that never
 * left is begun again, once and on a connection of its own: it has a body, of
 * which nothing was taken yet, no byte of an answer came, and the connection,
 * kept from an earlier request, was reset. The server knows no more of it than
 * a head that announces a body, upon which it cannot act. What came before a
 * reset is read like any answer.
 *
 * Reading only: with `writes` off (it is by default) a request outside the
 * allow-list of policy.h is not built: http_start returns NULL, ERR_REFUSED.
 *
 * Thread  loop thread only; names are looked up on curl's own threads
 */
#ifndef DATA_NET_HTTP_H
#define DATA_NET_HTTP_H

#include "base/error.h"
#include "base/span.h"

#include <stdint.h>
#include <uv.h>

#define HTTP_ERROR_BODY (16u << 10)
#define HTTP_CONNECT_MS 8000

struct http;
struct http_request;

/* Where to and as whom; borrowed until the request is done. */
struct http_target {
    const char *base; /* scheme://host[:port][/prefix] */
    const char *tls_name;
    const char *ca_pem, *cert_pem, *key_pem;
    const char *proxy;
    const char *socket; /* path of a Unix socket; base names no real host */
    bool insecure;
    bool compress;    /* ask for gzip */
};

struct http_answer {
    int status; /* 0: no answer came */
    int64_t date_ms;        /* Date header; 0 none */
    int64_t retry_after_ms; /* -1 none */
    int64_t started_ms, headers_ms; /* uv_now of start and of the headers */
    char type[96];          /* Content-Type */
    char etag[96];
    char warning[1024];     /* Warning headers, one a line */
    struct span body;       /* of a refused request, in `done` only */
};

struct http_calls {
    /* The status line and headers are in. Optional. */
    void (*headers)(const struct http_answer *answer, void *arg);
    /* Bytes of a 2xx body. False ends the request: done with ERR_OTHER. */
    bool (*data)(const char *p, size_t n, void *arg);
    /* err->code 0: the answer came whole, whatever its status. */
    void (*done)(const struct http_answer *answer, const struct error *err,
                 void *arg);
    void *arg;
};

struct http_want {
    const char *method; /* NULL = GET */
    const char *path;   /* from the slash, with query */
    const char *const *headers; /* NULL-terminated lines; NULL = none */
    const char *body;           /* NULL = none */
    int64_t first_byte_ms; /* at most until the headers; 0 = 15 s */
    int64_t silence_ms;    /* at most between bytes after; 0 = for ever */
    bool fresh;            /* not over a connection that is open already */
    bool http1;            /* an own HTTP/1.1 connection */
    bool trickle;          /* a little at a time for long: small buffers */
};

struct http *http_create(uv_loop_t *loop, const char *user_agent);
/* Lets requests outside the allow-list through. Never in this program's
   read-only forms. */
void http_allow_writes(struct http *h, bool on);
/*
 * The one switch, for all that leaves here: http_start and websocket_open ask
 * it. False with ERR_REFUSED: the request is not built.
 */
bool http_may(const struct http *h, const char *method, const char *path,
              struct error *err);
/*
 * The one channel that reading needs: this path, exactly, may be asked for as
 * a WebSocket although writing is off. A source's own way to a Service; the
 * last HTTP_TRANSPORTS hold.
 */
#define HTTP_TRANSPORTS 16
void http_allow_transport(struct http *h, const char *path);
uv_loop_t *http_loop(const struct http *h);
const char *http_user_agent(const struct http *h);
/* Cancels all, closes; cb when the last handle is closed. */
void http_close(struct http *h, void (*cb)(void *arg), void *arg);

struct http_request *http_start(struct http *h,
                                const struct http_target *target,
                                const struct http_want *want,
                                const struct http_calls *calls,
                                struct error *err);
/* Ends it; nothing of it is called afterwards. NULL passes. */
void http_cancel(struct http_request *r);

/* Closes idle connections, so that the next request makes a new one. */
void http_forget_connections(struct http *h);

/* The most that reading a socket once kept the loop. */
uint64_t http_longest_us(const struct http *h);
/* Somebody waits for what long answers bring: small reads are not gathered. */
void http_hurry(struct http *h, bool on);
/* Bytes received since creation (bodies as on the wire). */
uint64_t http_received(const struct http *h);

#endif
