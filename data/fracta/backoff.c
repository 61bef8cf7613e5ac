#include "config.h"

#include "data/fracta/backoff.h"

#include <stdlib.h>

int64_t fracta_backoff(int64_t *delay_ms, const struct http_answer *answer)
{
    int64_t most = answer->status > 0 ? BACKOFF_COSTLY_MS : BACKOFF_NEAR_MS;
    int64_t said = answer->retry_after_ms;

    *delay_ms = *delay_ms > 0 ? *delay_ms * 2 : BACKOFF_FIRST_MS;
    if (*delay_ms > most)
        *delay_ms = most;
    if (said > *delay_ms)
        return said < BACKOFF_SAID_MS ? said : BACKOFF_SAID_MS;
    return *delay_ms + *delay_ms * (rand() % 25) / 100;
}
