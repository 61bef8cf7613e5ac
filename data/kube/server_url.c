#include "config.h"

#include "data/kube/server_url.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"

/* Length of the scheme before "://", 0 if there is none. */
static size_t scheme_len(const char *s)
{
    size_t n = strcspn(s, ":/?#");

    return strncmp(s + n, "://", 3) == 0 ? n : 0;
}

static bool scheme_is(const char *s, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(s, name, len) == 0;
}

static bool has_blank(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s <= 0x20 || *s == 0x7f || *s == '\\')
            return true;
    }
    return false;
}

static bool is_port(const char *s, size_t len)
{
    unsigned n = 0;

    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        n = n * 10 + (unsigned)(s[i] - '0');
    }
    return n > 0 && n <= 65535;
}

/* host, host:port, [v6] or [v6]:port. */
static const char *check_authority(const char *s, size_t len)
{
    size_t host;

    if (len > 0 && s[0] == '[') {
        const char *end = memchr(s, ']', len);

        if (end == NULL || end == s + 1)
            return "bad address, expected [IPv6]";
        host = (size_t)(end - s) + 1;
    } else {
        const char *colon = memchr(s, ':', len);

        host = colon != NULL ? (size_t)(colon - s) : len;
        if (host == 0)
            return "has no host, expected https://host[:port][/prefix]";
    }
    if (host < len &&
        (s[host] != ':' || !is_port(s + host + 1, len - host - 1)))
        return "bad port, expected 1 to 65535";
    return NULL;
}

char *kube_server_url(const char *s, bool tls, const char **why)
{
    size_t scheme = scheme_len(s), authority, all;
    const char *rest = scheme > 0 ? s + scheme + 3 : s;

    *why = NULL;
    if (scheme > 0 && !scheme_is(s, scheme, "https") &&
        !scheme_is(s, scheme, "http"))
        *why = "unknown scheme, expected https or http";
    else if (has_blank(s))
        *why = "has a blank, backslash or control byte, expected a URL";
    if (*why != NULL)
        return NULL;
    authority = strcspn(rest, "/?#");
    all = strcspn(rest, "?#");
    if (memchr(rest, '@', authority) != NULL) {
        *why = "carries user information, expected it under users";
        return NULL;
    }
    *why = check_authority(rest, authority);
    if (*why != NULL)
        return NULL;
    while (all > authority && rest[all - 1] == '/')
        all--;
    if (scheme > 0)
        tls = scheme_is(s, scheme, "https");
    return xasprintf("%s://%.*s", tls ? "https" : "http", (int)all, rest);
}

const char *kube_proxy_url_check(const char *s)
{
    size_t scheme = scheme_len(s), authority;
    const char *rest = s + scheme + 3, *at;

    if (scheme == 0 ||
        (!scheme_is(s, scheme, "http") && !scheme_is(s, scheme, "https") &&
         !scheme_is(s, scheme, "socks5")))
        return "unknown scheme, expected http, https or socks5";
    if (has_blank(s))
        return "has a blank, backslash or control byte, expected a URL";
    authority = strcspn(rest, "/?#");
    at = memrchr(rest, '@', authority);
    if (at != NULL) {
        authority -= (size_t)(at + 1 - rest);
        rest = at + 1;
    }
    return check_authority(rest, authority);
}
