#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/base64.h"
#include "data/kube/config_priv.h"
#include "data/kube/secret.h"
#include "data/kube/server_url.h"

char *kube_resolve_path(const struct kube_file *file, const char *path)
{
    const char *slash = strrchr(file->path, '/');

    if (path[0] == '/' || slash == NULL)
        return xstrdup(path);
    return xasprintf("%.*s/%s", (int)(slash - file->path), file->path, path);
}

static int check_pem(const struct kube_yaml_at *at, const char *s, size_t len,
                     struct error *err)
{
    if (memmem(s, len, "-----BEGIN", 10) == NULL ||
        memchr(s, '\0', len) != NULL)
        return kube_yaml_fail(at, err, "not PEM, expected -----BEGIN …");
    return 0;
}

static int read_data(const struct kube_yaml_at *at, char **ret,
                     struct error *err)
{
    char *text = NULL, *pem;
    size_t len = 0, bad = 0;
    int code = kube_yaml_scalar(at, &text, err);

    if (code != 0 || text == NULL)
        return code;
    pem = kube_base64_decode(text, strlen(text), &len, &bad);
    if (pem == NULL && text[bad] == '\0') {
        code = kube_yaml_fail(at, err,
                              "ends too early, expected base64 with "
                              "padding");
    } else if (pem == NULL) {
        code = kube_yaml_fail(at, err,
                              "byte %zu is not base64, expected "
                              "A-Z a-z 0-9 + / =",
                              bad + 1);
    } else {
        code = check_pem(at, pem, len, err);
    }
    kube_secret_free(text);
    if (code == 0)
        *ret = pem;
    else
        kube_secret_free_len(pem, len);
    return code;
}

static int read_file(struct kube_resolve *r, const struct kube_file *file,
                     const struct kube_yaml_at *at, const char *path,
                     char **ret, struct error *err)
{
    char *full = kube_resolve_path(file, path), *pem = NULL;
    struct error cause = {.code = 0};
    size_t len = 0;
    int code;

    if (r->read(full, KUBE_CONFIG_PEM_MAX, &pem, &len, &cause) != 0) {
        code = kube_yaml_fail(at, err, "'%s' %.80s, expected a PEM file",
                              kube_yaml_short(full), cause.msg);
    } else {
        code = check_pem(at, pem, len, err);
    }
    free(full);
    if (code == 0)
        *ret = pem;
    else
        kube_secret_free_len(pem, len);
    return code;
}

int kube_resolve_pem(struct kube_resolve *r, const struct kube_file *file,
                     const struct kube_yaml_at *body, const char *key,
                     char **ret, char **ret_file, struct kube_yaml_at *ret_at,
                     struct error *err)
{
    char *data_key = xasprintf("%s-data", key), *path = NULL;
    struct kube_yaml_at at, data;
    int code = kube_yaml_field(body, key, &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, &path, err);
    if (code == 0)
        code = kube_yaml_field(body, data_key, &data, err);
    if (code == 0)
        code = read_data(&data, ret, err);
    if (code == 0 && path != NULL && *ret != NULL)
        code = kube_yaml_fail(&data, err,
                              "%s is given too, expected one of "
                              "the two",
                              key);
    else if (code == 0 && path != NULL)
        code = read_file(r, file, &at, path, ret, err);
    if (code == 0) {
        *ret_at = path != NULL ? at : data;
        if (path != NULL)
            *ret_file = kube_resolve_path(file, path);
        if (*ret == NULL)
            ret_at->node = 0;
    }
    free(path);
    free(data_key);
    return code;
}

int kube_resolve_line(const struct kube_yaml_at *map, const char *key,
                      char **ret, struct error *err)
{
    struct kube_yaml_at at;
    int code = kube_yaml_field(map, key, &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, ret, err);
    if (code == 0 && at.node != 0 && *ret != NULL && !kube_secret_is_line(*ret))
        code = kube_yaml_fail(&at, err,
                              "has a line end or another control "
                              "byte, expected one line");
    return code;
}

static int read_server(struct kube_resolve *r, const struct kube_yaml_at *body,
                       struct error *err)
{
    struct kube_yaml_at at;
    const char *why = NULL;
    char *s = NULL;
    int code = kube_yaml_field(body, "server", &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, &s, err);
    if (code == 0 && s == NULL)
        code = kube_yaml_fail(&at, err, "missing, expected https://host");
    if (code == 0) {
        r->out->server = kube_server_url(
            s, r->out->ca_pem != NULL || r->out->insecure, &why);
        if (why != NULL)
            code = kube_yaml_fail(&at, err, "%s", why);
    }
    free(s);
    return code;
}

static int read_trust(struct kube_resolve *r, const struct kube_file *file,
                      const struct kube_yaml_at *body, struct error *err)
{
    struct kube_yaml_at at;
    int code = kube_yaml_bool(body, "insecure-skip-tls-verify",
                              &r->out->insecure, err);

    if (code == 0)
        code = kube_resolve_pem(r, file, body, "certificate-authority",
                                &r->out->ca_pem, &r->out->ca_file.path, &at,
                                err);
    if (code == 0 && r->out->insecure && r->out->ca_pem != NULL)
        code = kube_yaml_fail(&at, err,
                              "insecure-skip-tls-verify is set too, "
                              "expected one of the two");
    if (code == 0)
        code =
            kube_resolve_line(body, "tls-server-name", &r->out->tls_name, err);
    return code;
}

static int read_proxy(struct kube_resolve *r, const struct kube_yaml_at *body,
                      struct error *err)
{
    struct kube_yaml_at at;
    const char *why;
    int code = kube_yaml_field(body, "proxy-url", &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, &r->out->proxy, err);
    if (code != 0 || r->out->proxy == NULL)
        return code;
    why = kube_proxy_url_check(r->out->proxy);
    return why != NULL ? kube_yaml_fail(&at, err, "%s", why) : 0;
}

int kube_resolve_cluster(struct kube_resolve *r, const struct kube_file *file,
                         struct error *err)
{
    const struct kube_yaml_at *body = &r->cluster->body;
    int code = read_trust(r, file, body, err);

    if (code == 0)
        code = read_server(r, body, err);
    if (code == 0)
        code = read_proxy(r, body, err);
    if (code == 0)
        code = kube_yaml_bool(body, "disable-compression",
                              &r->out->no_compression, err);
    return code;
}
