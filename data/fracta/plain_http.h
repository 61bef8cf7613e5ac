/*
 * Whether somebody may be spoken to in plain HTTP: on this machine, or where
 * the configuration says that it may be read along.
 */
#ifndef DATA_FRACTA_PLAIN_HTTP_H
#define DATA_FRACTA_PLAIN_HTTP_H

#include "data/plane.h"

/* True for localhost, 127.0.0.0/8 and ::1, as hosts in a URL. */
bool plain_http_is_loopback(const char *url);

/* 0; or ERR_REFUSED, and the plane says so. Allowed and plain, it is marked
   insecure. */
int plain_http_check(const char *url, bool allowed, struct plane *p,
                     struct error *err);

#endif
