/* The service account of the pod this program runs in. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/xalloc.h"
#include "data/kube/config_priv.h"
#include "data/kube/server_url.h"
#include "data/kube/smallfile.h"

#define ACCOUNT       "/var/run/secrets/kubernetes.io/serviceaccount/"
#define NAMESPACE_MAX 253

static char *account_path(const struct kube_config_want *want, const char *name)
{
    const char *root = want->cluster_root != NULL ? want->cluster_root : "";

    return xasprintf("%s" ACCOUNT "%s", root, name);
}

static bool is_there(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static char *read_namespace(const struct kube_config_want *want)
{
    const char *given = kube_config_env(want, "POD_NAMESPACE");
    char *path, *s = NULL;
    size_t len = 0;

    if (given != NULL)
        return xstrdup(given);
    path = account_path(want, "namespace");
    if (kube_smallfile_read(path, NAMESPACE_MAX, &s, &len, NULL) == 0) {
        s[strcspn(s, " \t\r\n")] = '\0';
        if (s[0] == '\0') {
            free(s);
            s = NULL;
        }
    }
    free(path);
    return s;
}

static void read_roots(const struct kube_config_want *want,
                       struct kube_config *ret, struct buf *notes)
{
    char *path = account_path(want, "ca.crt");
    struct error why = {.code = 0};
    size_t len = 0;

    if (kube_smallfile_read(path, KUBE_CONFIG_PEM_MAX, &ret->ca_pem, &len,
                            &why) != 0) {
        kube_resolve_note(notes, "%s %.80s: the system's roots are used", path,
                          why.msg);
    } else if (strstr(ret->ca_pem, "-----BEGIN") == NULL) {
        kube_resolve_note(notes, "%s is not PEM: the system's roots are used",
                          path);
        free(ret->ca_pem);
        ret->ca_pem = NULL;
    } else {
        ret->ca_file.path = path;
        return;
    }
    free(path);
}

static char *server_of(const char *host, const char *port)
{
    bool v6 = strchr(host, ':') != NULL && host[0] != '[';
    char *s = xasprintf("https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "",
                        port);
    const char *why = NULL;
    char *ret = kube_server_url(s, true, &why);

    free(s);
    return ret;
}

bool kube_config_in_pod(const struct kube_config_want *want,
                        struct kube_config *ret)
{
    const char *host = kube_config_env(want, "KUBERNETES_SERVICE_HOST");
    const char *port = kube_config_env(want, "KUBERNETES_SERVICE_PORT");
    char *token = account_path(want, "token"), *server = NULL;
    struct buf notes;

    if (host != NULL && port != NULL && is_there(token))
        server = server_of(host, port);
    if (server == NULL) {
        free(token);
        return false;
    }
    *ret = (struct kube_config){.server = server, .token_file = token};
    ret->file = xstrdup("in-cluster");
    ret->context = xstrdup("in-cluster");
    ret->cluster = xstrdup("in-cluster");
    ret->user = xstrdup("in-cluster");
    ret->ns = read_namespace(want);
    ret->ns_given = ret->ns != NULL;
    if (ret->ns == NULL)
        ret->ns = xstrdup("default");
    buf_init(&notes, KUBE_CONFIG_NOTES_MAX);
    read_roots(want, ret, &notes);
    ret->notes = notes.ptr;
    return true;
}
