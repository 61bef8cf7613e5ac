#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/kubeconfig.h"
#include "data/kube/config_priv.h"
#include "data/kube/secret.h"
#include "data/kube/smallfile.h"

#define KNOWN_MAX 90

void kube_config_finish(struct kube_config *c)
{
    free(c->file);
    free(c->context);
    free(c->cluster);
    free(c->user);
    free(c->ns);
    free(c->server);
    free(c->tls_name);
    free(c->ca_pem);
    free(c->ca_file.path);
    free(c->cert_file.path);
    free(c->key_file.path);
    kube_secret_free(c->proxy);
    free(c->cert_pem);
    kube_secret_free(c->key_pem);
    kube_secret_free(c->token);
    free(c->token_file);
    free(c->username);
    kube_secret_free(c->password);
    free(c->as);
    kube_secret_free_list(c->as_groups);
    free(c->as_uid);
    kube_secret_free_list(c->as_extra);
    kube_exec_config_destroy(c->exec);
    free(c->notes);
    *c = (struct kube_config){.file = NULL};
}

/* The first current-context that says something; *ret NULL if none does. */
static int find_current(const struct kube_merge *m, char **ret,
                        struct kube_yaml_at *ret_at, struct error *err)
{
    for (size_t i = 0; i < m->count && *ret == NULL; i++) {
        struct kube_yaml_at root = kube_yaml_root(m->files[i].yaml);
        int code = kube_yaml_field(&root, "current-context", ret_at, err);

        if (code == 0)
            code = kube_yaml_scalar(ret_at, ret, err);
        if (code != 0)
            return code;
    }
    return 0;
}

/* `at` NULL: the name came from outside the files. */
static int fail_unknown(const struct kube_merge *m, enum kube_list list,
                        const char *name, const struct kube_yaml_at *at,
                        struct error *err)
{
    char *known = kube_merge_known(m, list, KNOWN_MAX);
    int code;

    if (at != NULL) {
        code = kube_yaml_fail(at, err, "'%.40s' is not defined, expected %s",
                              name, known);
    } else {
        code = error_set(err, ERR_CONFIG,
                         "context '%.60s' is not defined, expected %s", name,
                         known);
    }
    free(known);
    return code;
}

static bool is_label(const char *s)
{
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return s[len] == '\0' && len > 0 && len <= 63;
}

static int read_namespace(struct kube_resolve *r,
                          const struct kube_yaml_at *body, struct error *err)
{
    struct kube_yaml_at at;
    int code = kube_yaml_field(body, "namespace", &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, &r->out->ns, err);
    if (code != 0)
        return code;
    r->out->ns_given = r->out->ns != NULL;
    if (r->out->ns == NULL)
        r->out->ns = xstrdup("default");
    if (!is_label(r->out->ns))
        return kube_yaml_fail(&at, err,
                              "bad name, expected at most 63 of "
                              "a-z 0-9 -");
    return 0;
}

static int use_cluster(struct kube_resolve *r, const struct kube_yaml_at *body,
                       struct error *err)
{
    const struct kube_file *file = NULL;
    struct kube_yaml_at at;
    int code = kube_yaml_field(body, "cluster", &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, &r->out->cluster, err);
    if (code != 0)
        return code;
    if (r->out->cluster == NULL)
        return kube_yaml_fail(&at, err, "missing, expected a cluster's name");
    r->cluster =
        kube_merge_find(r->merge, KUBE_LIST_CLUSTERS, r->out->cluster, &file);
    if (r->cluster == NULL)
        return fail_unknown(r->merge, KUBE_LIST_CLUSTERS, r->out->cluster, &at,
                            err);
    return kube_resolve_cluster(r, file, err);
}

static int use_user(struct kube_resolve *r, const struct kube_yaml_at *body,
                    struct error *err)
{
    const struct kube_file *file = NULL;
    const struct kube_entry *user;
    int code = kube_yaml_text(body, "user", &r->out->user, err);

    if (code != 0)
        return code;
    if (r->out->user == NULL) {
        kube_resolve_note(r->notes, "context '%.60s' names no user: anonymous",
                          r->out->context);
        return 0;
    }
    user = kube_merge_find(r->merge, KUBE_LIST_USERS, r->out->user, &file);
    if (user == NULL) {
        kube_resolve_note(r->notes, "user '%.60s' is not defined: anonymous",
                          r->out->user);
        return 0;
    }
    return kube_resolve_user(r, file, user, err);
}

static int resolve(struct kube_resolve *r, const struct kube_file *file,
                   const struct kube_entry *context, struct error *err)
{
    int code;

    r->out->file = xstrdup(file->path);
    r->out->context = xstrdup(context->name);
    code = read_namespace(r, &context->body, err);
    if (code == 0)
        code = use_cluster(r, &context->body, err);
    if (code == 0)
        code = use_user(r, &context->body, err);
    return code;
}

/*
 * ERR_ABSENT if no context is asked for and none is current. The merge's
 * notes move to the result.
 */
static int choose(struct kube_merge *m, const char *name, kube_read_fn read,
                  struct kube_config *ret, struct error *err)
{
    struct kube_config out = {.file = NULL};
    struct kube_resolve r = {m, NULL, read, &out, &m->notes};
    const struct kube_file *file = NULL;
    const struct kube_entry *context;
    struct kube_yaml_at at;
    char *current = NULL;
    int code;

    if (name == NULL) {
        code = find_current(m, &current, &at, err);
        if (code != 0)
            return code;
        if (current == NULL)
            return error_set(err, ERR_ABSENT, "no current context");
    }
    context = kube_merge_find(m, KUBE_LIST_CONTEXTS,
                              name != NULL ? name : current, &file);
    if (context != NULL)
        code = resolve(&r, file, context, err);
    else
        code =
            fail_unknown(m, KUBE_LIST_CONTEXTS, name != NULL ? name : current,
                         name != NULL ? NULL : &at, err);
    free(current);
    if (code != 0) {
        kube_config_finish(&out);
        return code;
    }
    out.notes = m->notes.len > 0 ? xstrdup(m->notes.ptr) : NULL;
    *ret = out;
    return 0;
}

static int fail_absent(const struct kube_merge *m, struct error *err)
{
    char *known;
    int code;

    if (m->count == 0) {
        return error_set(err, ERR_ABSENT,
                         "no configuration: neither "
                         "KUBECONFIG nor ~/.kube/config names a file, and "
                         "this is no pod");
    }
    known = kube_merge_known(m, KUBE_LIST_CONTEXTS, KNOWN_MAX);
    code = error_set(err, ERR_CONFIG,
                     "%s: current-context: missing, expected "
                     "%s",
                     kube_yaml_short(m->files[0].path), known);
    free(known);
    return code;
}

int kube_config_load(const struct kube_config_want *want,
                     struct kube_config *ret, struct error *err)
{
    struct kube_merge m;
    int code;

    kube_merge_init(&m);
    code = kube_merge_load(&m, want, err);
    if (code == 0 && m.count == 0 && want->context != NULL)
        code = fail_absent(&m, err);
    else if (code == 0)
        code = choose(&m, want->context, kube_smallfile_read, ret, err);
    if (code == ERR_ABSENT && want->path == NULL && want->context == NULL &&
        kube_config_in_pod(want, ret))
        code = 0;
    else if (code == ERR_ABSENT)
        code = fail_absent(&m, err);
    kube_merge_finish(&m);
    if (code == 0 && err != NULL)
        error_clear(err);
    return code;
}

int kube_config_parse(const char *s, size_t len, const char *path,
                      const char *context, kube_read_fn read,
                      struct kube_config *ret, struct error *err)
{
    struct kube_merge m;
    int code;

    kube_merge_init(&m);
    code = kube_merge_add(&m, path, s, len, err);
    if (code == 0)
        code = choose(&m, context, read, ret, err);
    if (code == ERR_ABSENT)
        code = fail_absent(&m, err);
    kube_merge_finish(&m);
    return code;
}

static char **pod_only(const struct kube_config_want *want)
{
    struct kube_config pod;
    char **names = NULL;

    if (want->path == NULL && kube_config_in_pod(want, &pod)) {
        names = xcalloc(2, sizeof *names);
        names[0] = xstrdup(pod.context);
        kube_config_finish(&pod);
    }
    return names;
}

char **kube_config_contexts(const struct kube_config_want *want,
                            struct error *err)
{
    struct kube_merge m;
    char **names = NULL;

    kube_merge_init(&m);
    if (kube_merge_load(&m, want, err) == 0) {
        names = m.count > 0 ? kube_merge_names(&m, KUBE_LIST_CONTEXTS)
                            : pod_only(want);
        if (names == NULL)
            fail_absent(&m, err);
        else if (err != NULL)
            error_clear(err);
    }
    kube_merge_finish(&m);
    return names;
}
