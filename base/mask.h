/*
 * What may be shown of text that could hold a secret.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include "base/span.h"

/* Something of this name holds what nobody is to see: a token, a password, a
   key. What cannot be told (escapes in it) is taken for one. */
bool mask_is_secret(struct span name);

/*
 * A URL as it may be shown. "***" stands for the password in it, for all of
 * the user of http and https, where a token may stand alone, and for the
 * value of each field of the query whose name is that of a secret. What has
 * no "://" is shown as it is. ret is terminated; what does not fit is cut.
 */
void mask_url(const char *url, char *ret, size_t size);

#endif
