/*
 * Connecting to a PostgreSQL server away from the loop.
 *
 * libpq reads service and password files and looks hosts up inside its
 * connect, so each connect has a thread of its own, with all signals
 * blocked. It can be given up at any moment: nobody waits for the thread,
 * which ends by itself and closes what it may have opened.
 *
 * Passwords are in no error: a connection string that cannot be read is not
 * quoted, and what libpq says has them taken out.
 *
 * Thread  loop thread only, but for the work itself
 */
#ifndef DATA_PG_CONNECT_H
#define DATA_PG_CONNECT_H

#include "base/error.h"
#include "data/pg/target.h"

#include <libpq-fe.h>
#include <uv.h>

struct pg_connect;

/* A password is in this connection string, or may be. */
bool pg_conninfo_has_password(const char *conninfo);

/* conn: the caller's from then on, non-blocking; NULL with err. Once. */
typedef void (*pg_connected_cb)(PGconn *conn, const struct error *err,
                                void *arg);

/*
 * 0, or ERR_CONFIG when the target cannot be understood, or a system cause;
 * then there is no callback and *ret is NULL.
 */
int pg_connect_start(uv_loop_t *loop, const struct pg_target *t,
                     pg_connected_cb cb, void *arg, struct pg_connect **ret,
                     struct error *err);

/* Gives up, or lets go after the callback; closed: its memory is gone. */
void pg_connect_close(struct pg_connect *c, void (*closed)(void *arg),
                      void *arg);

#endif
