/*
 * How long to wait after something failed: doubling, with jitter. Refused or
 * unreachable at most BACKOFF_NEAR_MS and the jitter, answered and not well at
 * most BACKOFF_COSTLY_MS; what the server itself says, if that is longer, at
 * most BACKOFF_SAID_MS.
 */
#ifndef DATA_FRACTA_BACKOFF_H
#define DATA_FRACTA_BACKOFF_H

#include "data/net/http.h"

#define BACKOFF_FIRST_MS 250
#define BACKOFF_NEAR_MS 3000
#define BACKOFF_COSTLY_MS 30000
#define BACKOFF_SAID_MS 60000

/* delay_ms: what was waited before, without the jitter; 0 it was well. */
int64_t fracta_backoff(int64_t *delay_ms, const struct http_answer *answer);

#endif
