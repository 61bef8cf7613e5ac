/*
 * A kubeconfig of any bytes: parsed, every context of it resolved. No file
 * is read and no plugin runs.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/config_priv.h"
#include "data/kube/exec_credential.h"

#define CONTEXTS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_nothing(const char *path, size_t max, char **ret,
                        size_t *ret_len, struct error *err)
{
    (void)max;
    if (strstr(path, "absent") != NULL)
        return error_set(err, -2, "cannot open: no such file or directory");
    *ret = xstrdup("-----BEGIN CERTIFICATE-----\nAAAA\n");
    *ret_len = strlen(*ret);
    return 0;
}

static void resolve(const char *s, size_t len, const char *context)
{
    struct kube_config c;
    struct error err = {.code = 0};

    if (kube_config_parse(s, len, "/folder/config", context, read_nothing, &c,
                          &err) != 0) {
        if (err.code == 0 || err.msg[0] == '\0')
            abort();
        return;
    }
    if (c.server == NULL || c.ns == NULL)
        abort();
    if (c.exec != NULL)
        free(kube_exec_credential_info(&c));
    kube_config_finish(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = xstrndup((const char *)data, size);
    struct kube_merge m;
    struct error err;

    resolve(s, size, NULL);
    kube_merge_init(&m);
    if (kube_merge_add(&m, "/folder/config", s, size, &err) == 0) {
        char **names = kube_merge_names(&m, KUBE_LIST_CONTEXTS);

        for (size_t i = 0; names[i] != NULL; i++) {
            if (i < CONTEXTS_MAX)
                resolve(s, size, names[i]);
            free(names[i]);
        }
        free(names);
    }
    kube_merge_finish(&m);
    free(s);
    return 0;
}
