#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/config_priv.h"
#include "data/kube/secret.h"

static int read_certificate(struct kube_resolve *r,
                            const struct kube_file *file,
                            const struct kube_yaml_at *body, struct error *err)
{
    struct kube_config *out = r->out;
    struct kube_yaml_at cert, key;
    int code = kube_resolve_pem(r, file, body, "client-certificate",
                                &out->cert_pem, &out->cert_file.path, &cert,
                                err);

    if (code == 0)
        code = kube_resolve_pem(r, file, body, "client-key", &out->key_pem,
                                &out->key_file.path, &key, err);
    if (code != 0)
        return code;
    if (out->cert_pem != NULL && out->key_pem == NULL)
        return kube_yaml_fail(&cert, err,
                              "has no key, expected client-key or "
                              "client-key-data too");
    if (out->key_pem != NULL && out->cert_pem == NULL) {
        kube_resolve_note(r->notes,
                          "user '%.60s': client-key is not used, "
                          "there is no client-certificate",
                          out->user);
        kube_secret_free(out->key_pem);
        out->key_pem = NULL;
    }
    return 0;
}

static int read_token(struct kube_resolve *r, const struct kube_file *file,
                      const struct kube_yaml_at *body, struct error *err)
{
    char *path = NULL;
    int code = kube_resolve_line(body, "token", &r->out->token, err);

    if (code == 0)
        code = kube_yaml_text(body, "tokenFile", &path, err);
    if (code == 0 && path != NULL)
        r->out->token_file = kube_resolve_path(file, path);
    free(path);
    return code;
}

static int read_basic(struct kube_resolve *r, const struct kube_yaml_at *body,
                      struct error *err)
{
    struct kube_config *out = r->out;
    struct kube_yaml_at at;
    int code = kube_resolve_line(body, "username", &out->username, err);

    if (code == 0)
        code = kube_resolve_line(body, "password", &out->password, err);
    if (code == 0)
        code = kube_yaml_field(
            body, out->username != NULL ? "username" : "password", &at, err);
    if (code != 0 || (out->username == NULL && out->password == NULL))
        return code;
    if (out->token != NULL || out->token_file != NULL)
        return kube_yaml_fail(&at, err,
                              "a token is given too, expected one "
                              "of the two");
    if (out->username != NULL && strchr(out->username, ':') != NULL)
        return kube_yaml_fail(&at, err, "has a colon, expected a name");
    return 0;
}

/* Appends key and value for every value of one pair. */
static int add_extra(const struct kube_yaml_at *extra, size_t i, char ***list,
                     size_t *count, struct error *err)
{
    struct kube_yaml_at values;
    const char *key;
    char **texts = NULL;
    int code = kube_yaml_pair(extra, i, &key, &values, err);

    if (code == 0)
        code = kube_yaml_texts(extra, key, &texts, err);
    if (code == 0 && !kube_secret_is_line(key))
        code = kube_yaml_fail(extra, err, "a key has a control byte");
    for (size_t j = 0; code == 0 && texts != NULL && texts[j] != NULL; j++) {
        if (!kube_secret_is_line(texts[j])) {
            code = kube_yaml_fail(&values, err,
                                  "has a control byte, "
                                  "expected one line each");
            break;
        }
        *list = xrealloc(*list, *count + 3, sizeof **list);
        (*list)[(*count)++] = xstrdup(key);
        (*list)[(*count)++] = xstrdup(texts[j]);
        (*list)[*count] = NULL;
    }
    kube_secret_free_list(texts);
    return code;
}

static int read_extra(struct kube_resolve *r, const struct kube_yaml_at *body,
                      struct error *err)
{
    struct kube_yaml_at extra;
    size_t count = 0;
    int code = kube_yaml_map(body, "as-user-extra", &extra, err);

    if (code != 0)
        return code;
    for (size_t i = 0; i < kube_yaml_count(&extra) && code == 0; i++)
        code = add_extra(&extra, i, &r->out->as_extra, &count, err);
    return code;
}

static int read_groups(struct kube_resolve *r, const struct kube_yaml_at *body,
                       struct error *err)
{
    struct kube_yaml_at at;
    int code = kube_yaml_list(body, "as-groups", &at, err);

    if (code == 0)
        code = kube_yaml_texts(body, "as-groups", &r->out->as_groups, err);
    if (code != 0 || r->out->as_groups == NULL)
        return code;
    for (char **p = r->out->as_groups; *p != NULL; p++) {
        if (!kube_secret_is_line(*p))
            return kube_yaml_fail(&at, err,
                                  "has a control byte, expected "
                                  "one line each");
    }
    return 0;
}

static int read_impersonation(struct kube_resolve *r,
                              const struct kube_yaml_at *body,
                              struct error *err)
{
    struct kube_config *out = r->out;
    struct kube_yaml_at at;
    int code = kube_resolve_line(body, "as", &out->as, err);

    if (code == 0)
        code = kube_resolve_line(body, "as-uid", &out->as_uid, err);
    if (code == 0)
        code = read_groups(r, body, err);
    if (code == 0)
        code = read_extra(r, body, err);
    if (code == 0)
        code = kube_yaml_field(body, "as", &at, err);
    if (code == 0 && out->as == NULL &&
        (out->as_uid != NULL || out->as_groups != NULL ||
         out->as_extra != NULL))
        code = kube_yaml_fail(&at, err,
                              "missing, expected a user for as-uid, "
                              "as-groups or as-user-extra");
    return code;
}

/* What stands before exec, NULL = nothing. */
static const char *stronger(const struct kube_config *c)
{
    if (c->token != NULL || c->token_file != NULL)
        return "a token";
    if (c->username != NULL || c->password != NULL)
        return "a password";
    return c->cert_pem != NULL ? "a client certificate" : NULL;
}

static int check_provider(struct kube_resolve *r,
                          const struct kube_yaml_at *body, struct error *err)
{
    struct kube_yaml_at at;
    int code = kube_yaml_map(body, "auth-provider", &at, err);

    if (code != 0 || at.node == 0)
        return code;
    if (r->out->exec != NULL)
        return kube_yaml_fail(&at, err,
                              "exec is given too, expected one of "
                              "the two");
    if (stronger(r->out) == NULL)
        return kube_yaml_fail(&at, err,
                              "not supported, expected exec, token, "
                              "tokenFile or client-certificate");
    kube_resolve_note(r->notes,
                      "user '%.60s': auth-provider is not used, %s "
                      "is given too",
                      r->out->user, stronger(r->out));
    return 0;
}

static void drop_exec(struct kube_resolve *r)
{
    struct kube_config *out = r->out;

    if (out->exec == NULL || stronger(out) == NULL)
        return;
    kube_resolve_note(r->notes,
                      "user '%.60s': exec is not used, %s is given "
                      "too",
                      out->user, stronger(out));
    kube_exec_config_destroy(out->exec);
    out->exec = NULL;
}

static void drop(char **s)
{
    kube_secret_free(*s);
    *s = NULL;
}

/* Credentials never travel over plain http. */
static void drop_all(struct kube_resolve *r)
{
    struct kube_config *out = r->out;

    if (stronger(out) == NULL && out->exec == NULL)
        return;
    kube_resolve_note(r->notes,
                      "the server is plain http: the credentials of "
                      "user '%.60s' are not used",
                      out->user);
    drop(&out->cert_pem);
    drop(&out->key_pem);
    drop(&out->cert_file.path);
    drop(&out->key_file.path);
    drop(&out->token);
    drop(&out->token_file);
    drop(&out->username);
    drop(&out->password);
    kube_exec_config_destroy(out->exec);
    out->exec = NULL;
}

int kube_resolve_user(struct kube_resolve *r, const struct kube_file *file,
                      const struct kube_entry *user, struct error *err)
{
    const struct kube_yaml_at *body = &user->body;
    int code = read_certificate(r, file, body, err);

    if (code == 0)
        code = read_token(r, file, body, err);
    if (code == 0)
        code = read_basic(r, body, err);
    if (code == 0)
        code = read_impersonation(r, body, err);
    if (code == 0)
        code = kube_resolve_exec(r, file, body, err);
    if (code == 0)
        code = check_provider(r, body, err);
    if (code != 0)
        return code;
    drop_exec(r);
    if (strncmp(r->out->server, "http:", 5) == 0)
        drop_all(r);
    return 0;
}
