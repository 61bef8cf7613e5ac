/*
 * HTTP/1.1 on a Unix socket, served by libmicrohttpd on the habitat's loop.
 *
 * A request is handed over whole (server.c → route.c). It is answered by
 * request_reply or request_fail, at once or later; what is answered while a
 * transaction is open leaves only after its commit. A stream is answered by
 * request_stream.
 */
#ifndef HABITAT_SERVER_H
#define HABITAT_SERVER_H

#include "base/buf.h"
#include "base/span.h"
#include "habitat/habitat.h"

#include <sys/types.h>

struct request;

struct peer {
    uid_t uid;
    pid_t pid;
};

struct server *server_create(struct habitat *hb, struct error *err);
/* Listens anew if the socket's file is gone. */
void server_look(struct server *s);
/* Ends connections; the socket's file goes. */
void server_destroy(struct server *s);
/* Serves what can go on since the last turn; false if there was nothing. */
bool server_turn(struct server *s);
/* After a commit: err->code 0, or why what was answered does not hold. */
void server_committed(struct server *s, const struct error *err);

/* As they came. */
const char *request_method(const struct request *r);
const char *request_path(const struct request *r);
/* A query's value, or NULL. */
const char *request_query(const struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name);
struct span request_body(const struct request *r);
struct peer request_peer(const struct request *r);
/* Who asks runs inside an agent, or that cannot be told. */
bool request_inside_agent(const struct request *r);
struct habitat *request_habitat(const struct request *r);

/* The answer; body is copied. Once. */
void request_reply(struct request *r, int status, const struct buf *body);
/* {"error": …, "code": …} */
void request_fail(struct request *r, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The answer, if it is 2xx, is kept under this key with the same commit. */
void request_remember(struct request *r, const char *key);
/* Memory that lives as long as the request. */
void *request_keep(struct request *r, size_t size);

/*
 * Holds the request: `gone` is called if its peer leaves or the server ends
 * before it is answered (and is not called after). *data is the holder's.
 */
void request_hold(struct request *r, void (*gone)(struct request *r),
                  void *data);
void *request_data(const struct request *r);

/*
 * Answers 200 with a text/event-stream; what request_push adds is sent after `first`, whose size is not bounded. The
 * request's `gone` (request_hold) tells when the reader is no more.
 */
void request_stream(struct request *r, const struct buf *first);
/* False: the reader is too slow and is dropped; `gone` follows. */
bool request_push(struct request *r, const struct buf *bytes);

/* Called by the server for each whole request. */
void route(struct request *r);

#endif
