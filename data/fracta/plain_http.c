#include "config.h"

#include "data/fracta/plain_http.h"

#include <stdio.h>
#include <string.h>

bool plain_http_is_loopback(const char *url)
{
    const char *host = strstr(url, "://"), *end;
    size_t n;

    host = host != NULL ? host + 3 : url;
    end = host + strcspn(host, "/?#");
    for (const char *p = host; p < end; p++)
        if (*p == '@')
            host = p + 1;
    if (*host == '[')
        return strncmp(host, "[::1]", 5) == 0 &&
               (host + 5 == end || host[5] == ':');
    n = strcspn(host, ":/?#");
    if (n == 9 && strncmp(host, "localhost", 9) == 0)
        return true;
    /* an address of digits and dots, no name that begins like one */
    return strncmp(host, "127.", 4) == 0 &&
           strspn(host, "0123456789.") == n;
}

int plain_http_check(const char *url, bool allowed, struct plane *p,
                     struct error *err)
{
    if (strncmp(url, "http://", 7) != 0 || plain_http_is_loopback(url))
        return 0;
    if (allowed) {
        p->insecure = true;
        snprintf(p->detail, sizeof p->detail, "plain HTTP");
        return 0;
    }
    error_set(err, ERR_REFUSED, "plain http to another machine: use https, or "
                                "set plain-http: true");
    p->error = *err;
    p->state = PLANE_REFUSED;
    p->answered = true;
    return err->code;
}
