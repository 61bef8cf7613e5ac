/*
 * One conversation with a Redis (or FalkorDB) over a connection: commands
 * out, answers in, in order. hiredis cuts the answers; it does nothing else.
 *
 * Reading only: what can be asked at all is an allow-list, checked before a
 * byte is made (resp_allows). There is no switch.
 *
 *   PING | TIME | INFO [section] | CLIENT SETNAME terrarium | GRAPH.LIST
 *   GRAPH.RO_QUERY key query [TIMEOUT ms]
 *   AUTH [user] password
 *
 * Opened, it says who it is (AUTH where there is a password, then its name,
 * which a server may refuse) and calls `ready`. Then commands are queued, at
 * most RESP_QUEUE_MAX; one is under way at a time.
 *
 * Each command's cb is called once: with the answer, or with what the server
 * refused (the conversation goes on). Where the conversation itself ends - an
 * answer beyond the bounds, bytes that are no answer, silence, an end - only
 * `failed` is called, and no cb of what was still asked. Then close it; a new
 * one is to be opened.
 *
 * Bounds  of one answer: RESP_BYTES_MAX as on the wire, RESP_VALUES_MAX
 *         values in all, nested RESP_DEPTH_MAX deep (hiredis's own limit);
 *         a length that is only announced counts
 * Thread  loop thread only
 */
#ifndef DATA_NET_RESP_H
#define DATA_NET_RESP_H

#include "base/span.h"
#include "data/net/http.h"

#include <uv.h>

#define RESP_BYTES_MAX (16u << 20)
#define RESP_VALUES_MAX (256u << 10)
#define RESP_DEPTH_MAX 8
#define RESP_QUEUE_MAX 16
#define RESP_COMMAND_MAX (256u << 10)
#define RESP_HELLO_MS 8000 /* each command before `ready` */

enum resp_type {
    RESP_NIL,
    RESP_INTEGER,
    RESP_STRING, /* any bytes */
    RESP_STATUS,
    RESP_ERROR, /* only inside of an array */
    RESP_ARRAY,
};

struct resp_value {
    enum resp_type type;
    int64_t number;          /* integers */
    struct span text;        /* strings, statuses, errors; not NULL then */
    struct resp_value *items; /* arrays */
    uint32_t count;
};

struct resp;

struct resp_calls {
    void (*ready)(void *arg);
    /* ERR_AUTH, ERR_RIGHT, ERR_BUSY, ERR_LIMIT, ERR_SYNTAX, ERR_SILENT,
       ERR_CUT, ERR_CONNECT, ERR_TLS; once. Then close it. */
    void (*failed)(const struct error *err, void *arg);
    void (*closed)(void *arg); /* it is freed */
    void *arg;
};

/* v is valid for the call; NULL with err. */
typedef void (*resp_cb)(const struct resp_value *v, const struct error *err,
                        void *arg);

/*
 * target: base http:// is plain, https:// is TLS (the port must be in it);
 * borrowed for the call. user and password NULL: none; they are wiped when
 * they have been sent. No callback runs before it returns.
 */
struct resp *resp_open(uv_loop_t *loop, const struct http_target *target,
                       const char *user, const char *password,
                       const struct resp_calls *calls);
/*
 * Asks. ERR_REFUSED: not in the list; ERR_LIMIT: too long, or the queue is
 * full; then cb is not called. timeout_ms counts from when it is sent.
 */
int resp_ask(struct resp *r, const struct span *words, int count,
             int64_t timeout_ms, resp_cb cb, void *arg, struct error *err);
/* How many were asked and not yet answered. */
int resp_pending(const struct resp *r);
/* How long the last answer took, from its command being sent. */
int64_t resp_latency_ms(const struct resp *r);
/* Only `closed` follows. */
void resp_close(struct resp *r);

bool resp_allows(const struct span *words, int count);
/* What a server's error line means, as a code; the text is its own. */
int resp_explain(struct span line, struct error *ret);

/* The codec alone, for tests and fuzzing: bytes in, answers out. */
struct resp_reader;
struct resp_reader *resp_reader_create(void);
void resp_reader_destroy(struct resp_reader *d);
/* False with ERR_LIMIT or ERR_SYNTAX: it is of no more use. */
bool resp_reader_feed(struct resp_reader *d, const char *p, size_t n,
                      struct error *err);
/* The next answer, valid until the next call; NULL: not whole yet, or err. */
const struct resp_value *resp_reader_next(struct resp_reader *d,
                                          struct error *err);

#endif
