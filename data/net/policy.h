/*
 * Which requests may be built at all while writing is switched off.
 *
 * An allow-list of shapes; what is not in it cannot leave:
 *   GET   any path, except those that open a channel into a pod or node:
 *         exec, attach, portforward, proxy where a subresource stands, or
 *         behind one, or outside the API; an object or a namespace may have
 *         such a name
 *   POST  the review APIs, which answer a question and store nothing:
 *         selfsubjectaccessreviews, selfsubjectrulesreviews,
 *         selfsubjectreviews
 * A path with escapes, empty segments, . or .. is refused as such: a server
 * might read it otherwise than we do.
 */
#ifndef DATA_NET_POLICY_H
#define DATA_NET_POLICY_H

#include <stdbool.h>

/* path: from the slash after the host, may hold a query. */
bool policy_allows_reading(const char *method, const char *path);

#endif
