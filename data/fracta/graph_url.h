/*
 * Where a Redis is, as fracta writes it: redis://host[:port], rediss:// with
 * TLS, or host[:port] alone. User and password may stand in it; a path (the
 * number of a database) says nothing here. curl takes the URL apart.
 */
#ifndef DATA_FRACTA_GRAPH_URL_H
#define DATA_FRACTA_GRAPH_URL_H

#include "base/error.h"

struct graph_url {
    char *base;  /* http[s]://host:port, as connection.h takes it; owned */
    char *shown; /* the same as redis[s]://, without secrets; owned */
    char *user, *password; /* owned; NULL */
    bool tls;
};

/* ERR_CONFIG; ret is then empty. The text is never part of the error: it may
   hold a password. */
int graph_url_read(const char *text, bool tls /* whatever it says */,
                   struct graph_url *ret, struct error *err);
/* Wipes the password. */
void graph_url_finish(struct graph_url *u);

#endif
