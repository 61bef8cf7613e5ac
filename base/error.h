/*
 * What went wrong: a code for code, one line for people.
 *
 * code  0 = nothing; system causes keep libuv's negative values; ours start
 *       at -1000 so they never collide
 * msg   lower case, no full stop, what failed first, subject quoted; bytes
 *       from outside are still raw here: they pass tui/text before a screen
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

enum {
    ERR_SYNTAX = -1000,   /* bad bytes: what, where, what was expected */
    ERR_LIMIT = -1001,    /* larger than its bound */
    ERR_AUTH = -1002,     /* 401, or no credentials to be had */
    ERR_RIGHT = -1003,    /* 403 */
    ERR_ABSENT = -1004,   /* 404: the thing or its kind is not there */
    ERR_EXPIRED = -1005,  /* 410: a version too old to go on from */
    ERR_BUSY = -1006,     /* 429, 503: come back later */
    ERR_SERVER = -1007,   /* 5xx */
    ERR_CUT = -1008,      /* the stream ended inside an object */
    ERR_SILENT = -1009,   /* nothing came for too long */
    ERR_CONNECT = -1010,  /* could not be reached */
    ERR_TLS = -1011,      /* handshake or certificate refused */
    ERR_REFUSED = -1012,  /* this program refuses to build the request */
    ERR_CONFIG = -1013,   /* configuration: file, line, field */
    ERR_OTHER = -1099,
};

struct error {
    int code;
    char msg[240];
};

/* Sets both; NULL is allowed and ignored. Returns code, for `return`. */
int error_set(struct error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void error_clear(struct error *err);

#endif
