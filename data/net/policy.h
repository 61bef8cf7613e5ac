/*
 * Which requests may be built at all while writing is switched off.
 *
 * An allow-list of shapes; what is not in it cannot leave:
 *   GET   any path, except those that open a channel into a pod or node
 *         (…/exec, …/attach, …/portforward, …/proxy[/…])
 *   POST  the review APIs, which answer a question and store nothing:
 *         selfsubjectaccessreviews, selfsubjectrulesreviews,
 *         selfsubjectreviews
 */
#ifndef DATA_NET_POLICY_H
#define DATA_NET_POLICY_H

#include <stdbool.h>

/* path: from the slash after the host, may hold a query. */
bool policy_allows_reading(const char *method, const char *path);

#endif
