/*
 * What an exec plugin prints, of any bytes: the first byte chooses the version
 * that was asked for, the rest is the answer.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/exec_credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_good(const struct kube_exec_credential *c)
{
    if ((c->cert_pem == NULL) != (c->key_pem == NULL))
        abort();
    if (c->token == NULL && c->cert_pem == NULL)
        abort();
    for (const char *p = c->token; p != NULL && *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            abort();
    if (c->expires_ms < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const versions[] = {
        "client.authentication.k8s.io/v1",
        "client.authentication.k8s.io/v1beta1"};
    struct kube_exec_credential c = {0};
    struct error err = {.code = 0};
    char *s;

    if (size == 0)
        return 0;
    s = xstrndup((const char *)data + 1, size - 1);
    if (kube_exec_credential_parse(s, size - 1, versions[data[0] & 1], &c,
                                   &err) == 0)
        check_good(&c);
    else if (err.code == 0 || err.msg[0] == '\0' || c.token != NULL)
        abort();
    kube_exec_credential_finish(&c);
    free(s);
    return 0;
}
