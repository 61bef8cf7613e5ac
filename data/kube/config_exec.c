#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/config_priv.h"
#include "data/kube/secret.h"

#define API_V1      "client.authentication.k8s.io/v1"
#define API_V1BETA1 "client.authentication.k8s.io/v1beta1"
#define EXTENSION   "client.authentication.k8s.io/exec"

void kube_exec_config_destroy(struct kube_exec *e)
{
    if (e == NULL)
        return;
    free(e->command);
    kube_secret_free_list(e->args);
    kube_secret_free_list(e->env);
    free(e->api_version);
    free(e->install_hint);
    kube_secret_free(e->cluster_config);
    free(e);
}

static int read_command(struct kube_exec *e, const struct kube_file *file,
                        const struct kube_yaml_at *at, struct error *err)
{
    struct kube_yaml_at where;
    char *s = NULL;
    int code = kube_yaml_field(at, "command", &where, err);

    if (code == 0)
        code = kube_yaml_scalar(&where, &s, err);
    if (code == 0 && s == NULL)
        code = kube_yaml_fail(&where, err, "missing, expected a program");
    if (code == 0) {
        e->command =
            strchr(s, '/') != NULL ? kube_resolve_path(file, s) : xstrdup(s);
    }
    free(s);
    return code;
}

static int read_variable(const struct kube_yaml_at *item, char **ret,
                         struct error *err)
{
    char *name = NULL, *value = NULL;
    int code = kube_yaml_text(item, "name", &name, err);

    if (code == 0)
        code = kube_yaml_text(item, "value", &value, err);
    if (code == 0 && (name == NULL || strchr(name, '=') != NULL))
        code = kube_yaml_fail(item, err,
                              "bad name, expected a variable's "
                              "name without '='");
    if (code == 0)
        *ret = xasprintf("%s=%s", name, value != NULL ? value : "");
    free(name);
    kube_secret_free(value);
    return code;
}

static int read_variables(struct kube_exec *e, const struct kube_yaml_at *at,
                          struct error *err)
{
    struct kube_yaml_at list;
    size_t count;
    int code = kube_yaml_list(at, "env", &list, err);

    if (code != 0)
        return code;
    count = kube_yaml_count(&list);
    if (count == 0)
        return 0;
    e->env = xcalloc(count + 1, sizeof *e->env);
    for (size_t i = 0; i < count && code == 0; i++) {
        struct kube_yaml_at item = kube_yaml_item(&list, i);

        code = read_variable(&item, &e->env[i], err);
    }
    return code;
}

static int read_version(struct kube_exec *e, const struct kube_yaml_at *at,
                        struct error *err)
{
    struct kube_yaml_at where;
    int code = kube_yaml_field(at, "apiVersion", &where, err);

    if (code == 0)
        code = kube_yaml_scalar(&where, &e->api_version, err);
    if (code != 0)
        return code;
    if (e->api_version == NULL || (strcmp(e->api_version, API_V1) != 0 &&
                                   strcmp(e->api_version, API_V1BETA1) != 0)) {
        return kube_yaml_fail(
            &where, err, "%s, expected " API_V1 " or …/v1beta1",
            e->api_version != NULL ? "not supported" : "missing");
    }
    return 0;
}

static int read_mode(struct kube_exec *e, const struct kube_yaml_at *at,
                     struct error *err)
{
    static const char *const names[] = {"Never", "IfAvailable", "Always"};
    struct kube_yaml_at where;
    char *s = NULL;
    int code = kube_yaml_field(at, "interactiveMode", &where, err);
    int found = -1;

    if (code == 0)
        code = kube_yaml_scalar(&where, &s, err);
    if (code != 0)
        return code;
    if (s == NULL && strcmp(e->api_version, API_V1BETA1) == 0)
        found = KUBE_EXEC_IF_AVAILABLE;
    for (int i = 0; i < 3 && s != NULL; i++) {
        if (strcmp(s, names[i]) == 0)
            found = i;
    }
    if (found < 0)
        code = kube_yaml_fail(&where, err,
                              "%s, expected Never, IfAvailable "
                              "or Always",
                              s != NULL ? "not known" : "missing");
    else
        e->mode = (enum kube_exec_mode)found;
    free(s);
    return code;
}

static int put_config(const struct kube_yaml_at *at, char **ret,
                      struct error *err)
{
    struct buf b;

    buf_init(&b, KUBE_CONFIG_JSON_MAX);
    if (!kube_yaml_json(at, &b)) {
        buf_finish(&b);
        return kube_yaml_fail(at, err, "too large, expected at most %u bytes",
                              KUBE_CONFIG_JSON_MAX);
    }
    *ret = b.ptr;
    return 0;
}

/* The cluster's settings for the plugin, from its extensions. */
static int read_extension(struct kube_exec *e, const struct kube_yaml_at *body,
                          struct error *err)
{
    struct kube_yaml_at list;
    int code = kube_yaml_list(body, "extensions", &list, err);

    for (size_t i = 0; code == 0 && i < kube_yaml_count(&list); i++) {
        struct kube_yaml_at item = kube_yaml_item(&list, i), at;
        char *name = NULL;

        code = kube_yaml_text(&item, "name", &name, err);
        if (code == 0 && name != NULL && strcmp(name, EXTENSION) == 0 &&
            e->cluster_config == NULL) {
            code = kube_yaml_field(&item, "extension", &at, err);
            if (code == 0 && at.node != 0)
                code = put_config(&at, &e->cluster_config, err);
        }
        free(name);
    }
    return code;
}

int kube_resolve_exec(struct kube_resolve *r, const struct kube_file *file,
                      const struct kube_yaml_at *user, struct error *err)
{
    struct kube_yaml_at at;
    struct kube_exec *e;
    int code = kube_yaml_map(user, "exec", &at, err);

    if (code != 0 || at.node == 0)
        return code;
    e = xcalloc(1, sizeof *e);
    r->out->exec = e;
    code = read_command(e, file, &at, err);
    if (code == 0)
        code = kube_yaml_texts(&at, "args", &e->args, err);
    if (code == 0)
        code = read_variables(e, &at, err);
    if (code == 0)
        code = read_version(e, &at, err);
    if (code == 0)
        code = read_mode(e, &at, err);
    if (code == 0)
        code = kube_yaml_text(&at, "installHint", &e->install_hint, err);
    if (code == 0)
        code =
            kube_yaml_bool(&at, "provideClusterInfo", &e->provide_cluster, err);
    if (code == 0 && e->provide_cluster)
        code = read_extension(e, &r->cluster->body, err);
    return code;
}
