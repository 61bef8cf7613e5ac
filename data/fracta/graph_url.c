#include "config.h"

#include "data/fracta/graph_url.h"

#include "base/buf.h"
#include "base/xalloc.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *part(CURLU *u, CURLUPart which, unsigned flags)
{
    char *text = NULL, *copy = NULL;

    if (curl_url_get(u, which, &text, flags) == CURLUE_OK && text != NULL &&
        *text != '\0')
        copy = xstrdup(text);
    if (text != NULL && which == CURLUPART_PASSWORD)
        for (volatile char *p = text; *p != '\0'; p++)
            *p = '\0';
    curl_free(text);
    return copy;
}

static char *join(const char *scheme, const char *host, const char *port)
{
    struct buf b;

    buf_init(&b, 4096);
    buf_fmt(&b, "%s://%s:%s", scheme, host, port != NULL ? port : "6379");
    return b.ptr; /* the caller's */
}

int graph_url_read(const char *text, bool tls, struct graph_url *ret,
                   struct error *err)
{
    bool scheme = strstr(text, "://") != NULL;
    CURLU *u = curl_url();
    char *host, *port, *whole;

    *ret = (struct graph_url){.tls = strncmp(text, "rediss://", 9) == 0};
    if ((scheme && !ret->tls && strncmp(text, "redis://", 8) != 0) ||
        strlen(text) > 2000) {
        curl_url_cleanup(u);
        return error_set(err, ERR_CONFIG,
                         "the graph's url is neither redis:// nor rediss://");
    }
    whole = xcalloc(1, strlen(text) + 9);
    snprintf(whole, strlen(text) + 9, "%s%s", scheme ? "" : "redis://",
             text);
    if (curl_url_set(u, CURLUPART_URL, whole, CURLU_NON_SUPPORT_SCHEME) !=
        CURLUE_OK) {
        free(whole);
        curl_url_cleanup(u);
        return error_set(err, ERR_CONFIG, "the graph's url cannot be read, "
                                          "expected redis://host:port");
    }
    for (volatile char *p = whole; *p != '\0'; p++)
        *p = '\0';
    free(whole);
    ret->tls |= tls;
    host = part(u, CURLUPART_HOST, 0);
    port = part(u, CURLUPART_PORT, 0);
    ret->user = part(u, CURLUPART_USER, CURLU_URLDECODE);
    ret->password = part(u, CURLUPART_PASSWORD, CURLU_URLDECODE);
    curl_url_cleanup(u);
    if (host != NULL) {
        ret->base = join(ret->tls ? "https" : "http", host, port);
        ret->shown = join(ret->tls ? "rediss" : "redis", host, port);
    }
    free(host);
    free(port);
    if (ret->base != NULL)
        return 0;
    graph_url_finish(ret);
    return error_set(err, ERR_CONFIG, "the graph's url names no host, "
                                      "expected redis://host:port");
}

void graph_url_finish(struct graph_url *u)
{
    if (u->password != NULL)
        for (volatile char *p = u->password; *p != '\0'; p++)
            *p = '\0';
    free(u->base);
    free(u->shown);
    free(u->user);
    free(u->password);
    *u = (struct graph_url){0};
}
