/*
 * Which PostgreSQL server, as whom, and by what rules a session runs.
 *
 * All texts are borrowed for the call that takes a target, which copies
 * them. NULL and "" are "not said"; what is not said comes from where libpq
 * looks: the connection string, the service, PG* variables, .pgpass.
 *
 * conninfo  a URI or "key=value …"
 * password  beats one in conninfo; copies of it are wiped after use
 * ask       where the password is to be had when it is needed: called with
 *           ask_how and ask_what on the thread that connects, so it may take
 *           its time; 0 and *ret (malloc, it is wiped), NULL: none
 * sslmode   as libpq's; ca: a file of certificates the server's is held
 *           against
 * host      a folder with the server's socket (starts with '/'), or a name
 * hostaddr  where to connect to instead of looking `host` up: the near end
 *           of a tunnel. The certificate is still held against `host`
 * writes    off: the session is read-only on the server's side, and only
 *           what data/pg/policy.h allows is sent
 */
#ifndef DATA_PG_TARGET_H
#define DATA_PG_TARGET_H

#include "base/error.h"

#include <stdbool.h>

#define PG_CONNECT_MS 10000
#define PG_STATEMENT_MS 10000
#define PG_LOCK_MS 1000

struct pg_target {
    const char *conninfo, *service, *user, *password, *sslmode, *ca, *host,
        *hostaddr, *port;
    int (*ask)(int how, const char *what, char **ret, struct error *err);
    int ask_how;
    const char *ask_what;
    bool writes;
    int connect_ms;   /* for each host; 0: PG_CONNECT_MS */
    int statement_ms; /* 0: PG_STATEMENT_MS */
    int lock_ms;      /* 0: PG_LOCK_MS */
};

#endif
