/*
 * What every use of curl here has in common: where to and as whom.
 *
 * Puts address, Unix socket, TLS name, CA, client certificate, proxy and
 * "insecure" of a target into an easy handle, and limits it to HTTP and
 * HTTPS, TLS 1.2 or newer, no .netrc, no signals, keep-alive probes and
 * HTTP_CONNECT_MS to connect. http.h and connection.h both go this way.
 *
 * curl takes the TLS name from the URL only: the name stands there, and the
 * real address goes into CONNECT_TO.
 */
#ifndef DATA_NET_EASY_H
#define DATA_NET_EASY_H

#include "data/net/http.h"

#include <curl/curl.h>

struct easy_address {
    char *url; /* of the request, with the TLS name */
    struct curl_slist *connect_to;
};

void easy_find_address(const struct http_target *t, const char *path,
                       struct easy_address *ret);
/* ret must live as long as the handle; path from the slash. */
void easy_set_target(CURL *easy, const struct http_target *t,
                     const char *path, struct easy_address *ret);
void easy_address_finish(struct easy_address *a);
/* ERR_CONNECT, ERR_TLS, ERR_CUT and their text; code 0 for CURLE_OK.
   detail: the handle's error buffer, may be "". */
int easy_explain(CURLcode result, const char *detail, struct error *ret);

#endif
