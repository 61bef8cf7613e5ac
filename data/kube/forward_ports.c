#include "config.h"

#include "data/kube/forward.h"

#include <string.h>

/* Digits only, 0 to 65535; -1: it is none. */
static int port_of(const char *s, size_t n)
{
    int port = 0;

    if (n == 0 || n > 5)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        port = port * 10 + (s[i] - '0');
    }
    return port <= 65535 ? port : -1;
}

int kube_forward_ports(const char *text, uint16_t *local, uint16_t *remote,
                       struct error *err)
{
    const char *colon = strchr(text, ':');
    int to = port_of(colon != NULL ? colon + 1 : text,
                     strlen(colon != NULL ? colon + 1 : text)),
        from = colon == NULL   ? to
               : colon == text ? 0
                               : port_of(text, (size_t)(colon - text));

    if (to <= 0 || from < 0)
        return error_set(err, ERR_SYNTAX,
                         "LOCAL:REMOTE was expected, two ports such as "
                         "8080:80, not '%.40s'",
                         text);
    *local = (uint16_t)from;
    *remote = (uint16_t)to;
    return 0;
}
