/*
 * ExecCredential, what this program and an exec plugin say to each other.
 *
 * token               no control bytes; NULL = none
 * cert_pem, key_pem   both or neither; one of token and these is given
 * expires_ms          wall clock; 0 = until the server refuses it
 */
#ifndef DATA_KUBE_EXEC_CREDENTIAL_H
#define DATA_KUBE_EXEC_CREDENTIAL_H

#include "data/kube/kubeconfig.h"

#include <stdint.h>

#define KUBE_EXEC_ANSWER_MAX (1u << 20)
#define KUBE_EXEC_DEPTH_MAX  32

struct kube_exec_credential {
    char *token;
    char *cert_pem, *key_pem;
    int64_t expires_ms;
};

/* The plugin's standard output, JSON. 0 or ERR_AUTH, *ret untouched. */
int kube_exec_credential_parse(const char *s, size_t len,
                               const char *api_version,
                               struct kube_exec_credential *ret,
                               struct error *err);
/* Wipes and frees; a zeroed struct passes. */
void kube_exec_credential_finish(struct kube_exec_credential *c);

/* The value of KUBERNETES_EXEC_INFO. A copy the caller frees. */
char *kube_exec_credential_info(const struct kube_config *config);

#endif
