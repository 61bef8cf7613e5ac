/* URLs of a kubeconfig: the server's and the proxy's. */
#ifndef DATA_KUBE_SERVER_URL_H
#define DATA_KUBE_SERVER_URL_H

#include <stdbool.h>

/*
 * "scheme://host[:port][/prefix]": query and fragment dropped, no trailing
 * slash; without a scheme https if `tls`, else http. A copy the caller
 * frees; NULL on failure, *why then says what is wrong and what was
 * expected, without the text itself (it may carry a password).
 */
char *kube_server_url(const char *s, bool tls, const char **why);

/* NULL if s is a proxy URL this program takes, else as *why above. */
const char *kube_proxy_url_check(const char *s);

#endif
