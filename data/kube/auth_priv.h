/* Clocks and limits of a struct kube_auth, for tests. */
#ifndef DATA_KUBE_AUTH_PRIV_H
#define DATA_KUBE_AUTH_PRIV_H

#include "data/kube/auth.h"

struct kube_auth_tune {
    uint64_t exec_limit_ms;
    int64_t (*wall_ms)(void);
    uint64_t (*mono_ms)(void);
};

/* Before the first kube_auth_get. 0 and NULL leave a setting alone. */
void kube_auth_tune(struct kube_auth *auth, const struct kube_auth_tune *tune);

#endif
