#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "data/kube/base64.h"
#include "data/kube/kubeconfig.h"
#include "data/kube/config_priv.h"
#include "data/kube/server_url.h"

/* cmocka.h needs the four before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define PEM_TEXT                                                               \
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
#define PEM_DATA                                                               \
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVE"   \
    "UtLS0tLQo="
#define CONTEXT                                                                \
    "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"                 \
    "current-context: c\n"
#define CLUSTER "clusters: [{name: k, cluster: {server: 'https://h'}}]\n"

static char folder[64];

/* The environment of a test: name, value, name, value, NULL. */
static const char *const *variables;

static const char *env(const char *name)
{
    for (const char *const *p = variables; p != NULL && *p != NULL; p += 2) {
        if (strcmp(*p, name) == 0)
            return p[1];
    }
    return NULL;
}

static int setup(void **state)
{
    (void)state;
    variables = NULL;
    strcpy(folder, "/tmp/test_config.XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    char *command = xasprintf("rm -rf '%s'", folder);
    int code = system(command);

    (void)state;
    free(command);
    return code;
}

/* Writes, making folders; the path, which the caller frees. */
static char *put(const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", folder, name);
    FILE *f;

    for (char *p = path + strlen(folder) + 1; (p = strchr(p, '/')) != NULL;
         p++) {
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    return path;
}

static int read_pem(const char *path, size_t max, char **ret, size_t *ret_len,
                    struct error *err)
{
    (void)max;
    if (strstr(path, "absent") != NULL)
        return error_set(err, -2, "cannot open: no such file or directory");
    *ret = xasprintf(PEM_TEXT "%s", path);
    *ret_len = strlen(*ret);
    return 0;
}

static int parse(const char *text, struct kube_config *ret, struct error *err)
{
    return kube_config_parse(text, strlen(text), "/home/x/config", NULL,
                             read_pem, ret, err);
}

static void good(const char *text, struct kube_config *ret)
{
    struct error err = {.code = 0};

    if (parse(text, ret, &err) != 0)
        fail_msg("%s", err.msg);
}

/* Fails with a message that contains `part`, and leaves the output alone. */
static void bad(const char *text, const char *part)
{
    struct kube_config c = {.no_compression = true}, same = c;
    struct error err = {.code = 0};
    int code = parse(text, &c, &err);

    assert_int_not_equal(code, 0);
    assert_int_equal(code, err.code);
    if (strstr(err.msg, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, err.msg);
    assert_memory_equal(&c, &same, sizeof c);
}

static void bad_cluster(const char *fields, const char *part)
{
    char *text =
        xasprintf(CONTEXT "clusters: [{name: k, cluster: {%s}}]\n", fields);

    bad(text, part);
    free(text);
}

static void bad_user(const char *fields, const char *part)
{
    char *text =
        xasprintf(CONTEXT CLUSTER "users: [{name: u, user: {%s}}]\n", fields);

    bad(text, part);
    free(text);
}

static void good_user(const char *fields, struct kube_config *ret)
{
    char *text =
        xasprintf(CONTEXT CLUSTER "users: [{name: u, user: {%s}}]\n", fields);

    good(text, ret);
    free(text);
}

static void test_full(void **state)
{
    struct kube_config c;

    (void)state;
    good("apiVersion: v1\nkind: Config\ncurrent-context: c\n"
         "clusters:\n- name: k\n  cluster:\n    server: https://h:6443/k8s/\n"
         "    tls-server-name: other\n    proxy-url: socks5://p:1080\n"
         "    certificate-authority-data: " PEM_DATA "\n"
         "    disable-compression: true\n    unknown: 1\n"
         "contexts:\n- name: c\n  context:\n    cluster: k\n    user: u\n"
         "    namespace: team-a\n"
         "users:\n- name: u\n  user:\n    client-certificate: tls/cert\n"
         "    client-key: /tls/key\n    token: abc\n    as: boss\n"
         "    as-uid: 7\n    as-groups: [g1, g2]\n"
         "    as-user-extra: {scopes: [a, b], note: [c]}\n",
         &c);
    assert_string_equal(c.file, "/home/x/config");
    assert_string_equal(c.context, "c");
    assert_string_equal(c.cluster, "k");
    assert_string_equal(c.user, "u");
    assert_string_equal(c.ns, "team-a");
    assert_true(c.ns_given);
    assert_string_equal(c.server, "https://h:6443/k8s");
    assert_string_equal(c.tls_name, "other");
    assert_string_equal(c.proxy, "socks5://p:1080");
    assert_string_equal(c.ca_pem, PEM_TEXT);
    assert_true(c.no_compression);
    assert_string_equal(c.cert_pem, PEM_TEXT "/home/x/tls/cert");
    assert_string_equal(c.key_pem, PEM_TEXT "/tls/key");
    assert_string_equal(c.token, "abc");
    assert_string_equal(c.as, "boss");
    assert_string_equal(c.as_uid, "7");
    assert_string_equal(c.as_groups[1], "g2");
    assert_null(c.as_groups[2]);
    assert_string_equal(c.as_extra[2], "scopes");
    assert_string_equal(c.as_extra[3], "b");
    assert_string_equal(c.as_extra[4], "note");
    assert_null(c.as_extra[6]);
    assert_null(c.notes);
    kube_config_finish(&c);
}

static void test_json(void **state)
{
    struct kube_config c;

    (void)state;
    good("{\"kind\":\"Config\",\"current-context\":\"c\",\n\t\"clusters\":"
         "[{\"name\":\"k\",\"cluster\":{\"server\":\"https:\\/\\/h\","
         "\"certificate-authority-data\":\"" PEM_DATA "\"}}],"
         "\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":\"k\","
         "\"user\":\"u\"}}],\"users\":[{\"name\":\"u\",\"user\":"
         "{\"token\":\"t\\u00e9\"}}]}",
         &c);
    assert_string_equal(c.server, "https://h");
    assert_string_equal(c.token, "t\xc3\xa9");
    assert_string_equal(c.ns, "default");
    assert_false(c.ns_given);
    kube_config_finish(&c);
}

static void test_utf16(void **state)
{
    const char *text = CONTEXT CLUSTER;
    size_t len = 2 * strlen(text) + 2;
    char *wide = xcalloc(len, 1);
    struct kube_config c;

    (void)state;
    memcpy(wide, "\xff\xfe", 2);
    for (size_t i = 0; text[i] != '\0'; i++)
        wide[2 * i + 2] = text[i];
    assert_int_equal(
        kube_config_parse(wide, len, "/f", NULL, read_pem, &c, NULL), 0);
    assert_string_equal(c.server, "https://h");
    assert_string_equal(c.notes, "user 'u' is not defined: anonymous");
    kube_config_finish(&c);
    free(wide);
}

static void test_anchors(void **state)
{
    struct kube_config c;

    (void)state;
    good("base: &b {server: https://h, certificate-authority: ca}\n"
         "clusters:\n- name: k\n  cluster:\n    <<: *b\n"
         "    server: https://own\n" CONTEXT,
         &c);
    assert_string_equal(c.server, "https://own");
    assert_string_equal(c.ca_pem, PEM_TEXT "/home/x/ca");
    kube_config_finish(&c);
}

static void test_shape(void **state)
{
    (void)state;
    bad("", "/home/x/config: current-context: missing, expected none");
    bad(CLUSTER, "current-context: missing");
    bad("- a\n", "/home/x/config:1: wrong type, expected a mapping");
    bad("kind: Pod\n", "config:1: kind: 'Pod' is not known, expected Config");
    bad("\napiVersion: v2\n", "config:2: apiVersion: 'v2'");
    bad("clusters: 7\n", "clusters: wrong type, expected a list");
    bad("clusters:\n- 7\n", "config:2: clusters[0]: wrong type");
    bad("users: [{name: {}}]\n", "users[0].name: wrong type, expected a text");
    bad("users: [{user: {}}]\n", "users[0]: no name, expected one");
    bad("users: [{name: a, user: x}]\n", "users[0].user: wrong type");
    bad("a: [\n", "config:2: did not find expected node content");
    bad("a: \x01\n", "config:1: control characters are not allowed");
    bad("a: b\nc: \xff\n", "config:2: invalid leading UTF-8 octet");
    bad("kind: Config\nkind: Config\n",
        "config:2: kind: given twice, first on line 1");
    bad("users:\n- name: a\n- name: b\n- name: a\n",
        "config:4: users[2]: name 'a' given twice, first on line 2");
    bad("current-context: \"a\\0b\"\n", "has a NUL byte");
}

static void test_unknown_names(void **state)
{
    (void)state;
    bad("current-context: x\ncontexts: [{name: b}, {name: a}]\n",
        "config:1: current-context: 'x' is not defined, expected a, b");
    bad(CONTEXT, "contexts[0].context.cluster: 'k' is not defined, expected "
                 "none");
    bad("current-context: c\ncontexts: [{name: c}]\n",
        "contexts[0].context.cluster: missing");
    bad("current-context: c\n" CLUSTER
        "contexts: [{name: c, context: {cluster: k, namespace: ../x}}]\n",
        "contexts[0].context.namespace: bad name");
}

static void test_many_names(void **state)
{
    struct error err;
    struct kube_config c;
    char *text = xstrdup("contexts:\n");

    (void)state;
    for (int i = 0; i < 500; i++) {
        char *more = xasprintf("%s- name: context-%03d\n", text, i);

        free(text);
        text = more;
    }
    assert_int_equal(
        kube_config_parse(text, strlen(text), "/f", "nope", read_pem, &c, &err),
        ERR_CONFIG);
    assert_string_equal(err.msg,
                        "context 'nope' is not defined, expected context-000, "
                        "context-001, context-002, context-003, context-004, "
                        "context-005, context-006 and 493 more");
    free(text);
}

static void test_bounds(void **state)
{
    char *deep = xcalloc(1, 3000), *nodes = xcalloc(1, 500000);

    (void)state;
    bad("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\n"
        "e: &e [*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e]\n",
        "too many aliases");
    bad("a: &a\n  <<: *a\n", "too many aliases");
    memset(deep, '[', 2000);
    bad(deep, "nested too deep");
    for (size_t i = 0; i < 249990; i++)
        memcpy(nodes + 1 + 2 * i, "x,", 2);
    nodes[0] = '[';
    bad(nodes, "too many nodes");
    for (size_t i = 0; i < 100000; i++)
        memcpy(nodes + 4 * i, "\n%T ", 4);
    bad(nodes, "too many directives");
    free(deep);
    free(nodes);
}

static void test_cluster_errors(void **state)
{
    (void)state;
    bad_cluster("", "clusters[0].cluster.server: missing");
    bad_cluster("server: 'ftp://h'", "unknown scheme, expected https or http");
    bad_cluster("server: 'https:///x'", "has no host");
    bad_cluster("server: 'https://u:secret@h'", "carries user information");
    bad_cluster("server: 'https://h:99999'", "bad port");
    bad_cluster("server: h, insecure-skip-tls-verify: maybe",
                "insecure-skip-tls-verify: bad value, expected true or false");
    bad_cluster("server: h, certificate-authority: x, "
                "insecure-skip-tls-verify: true",
                "clusters[0].cluster.certificate-authority: "
                "insecure-skip-tls-verify is set too");
    bad_cluster("server: h, certificate-authority: x, "
                "certificate-authority-data: " PEM_DATA,
                "certificate-authority-data: certificate-authority is given "
                "too");
    bad_cluster("certificate-authority: absent",
                "clusters[0].cluster.certificate-authority: '/home/x/absent' "
                "cannot open: no such file or directory, expected a PEM file");
    bad_cluster("certificate-authority-data: 'AA-A'",
                "byte 3 is not base64, expected A-Z");
    bad_cluster("certificate-authority-data: AAA", "ends too early");
    bad_cluster("certificate-authority-data: AAAA",
                "not PEM, expected -----BEGIN");
    bad_cluster("server: h, proxy-url: 'ftp://p'", "proxy-url: unknown scheme");
}

static void test_user_errors(void **state)
{
    (void)state;
    bad_user("client-certificate: c", "users[0].user.client-certificate: has "
                                      "no key");
    bad_user("client-key: k, client-key-data: " PEM_DATA,
             "client-key-data: client-key is given too");
    bad_user("token: t, username: n", "users[0].user.username: a token is "
                                      "given too");
    bad_user("tokenFile: t, password: p", "users[0].user.password: a token");
    bad_user("token: \"a\\nb\"", "users[0].user.token: has a line end");
    bad_user("tokenFile: [a]", "users[0].user.tokenFile: wrong type");
    bad_user("as-groups: [g]", "users[0].user.as: missing");
    bad_user("as-uid: 1", "users[0].user.as: missing");
    bad_user("as-user-extra: {a: [b]}", "users[0].user.as: missing");
    bad_user("as: a, as-groups: [\"g\\r\"]", "users[0].user.as-groups: has a "
                                             "control byte");
    bad_user("as: a, as-user-extra: {a: b}", "as-user-extra.a: wrong type");
    bad_user("auth-provider: {name: oidc}", "auth-provider: not supported");
    bad_user("username: 'a:b'", "has a colon");
}

static void test_secrets_stay_out(void **state)
{
    struct kube_config c;
    struct error err;

    (void)state;
    assert_int_not_equal(parse(CONTEXT CLUSTER
                               "users: [{name: u, user: {client-key-data: "
                               "'SECRET!!'}}]\n",
                               &c, &err),
                         0);
    assert_null(strstr(err.msg, "SECRET"));
    assert_int_not_equal(parse(CONTEXT CLUSTER
                               "users: [{name: u, user: {token: "
                               "\"SECRET\\n\"}}]\n",
                               &c, &err),
                         0);
    assert_null(strstr(err.msg, "SECRET"));
}

static void test_user_notes(void **state)
{
    struct kube_config c;

    (void)state;
    good(CLUSTER "current-context: c\n"
                 "contexts: [{name: c, context: {cluster: k}}]\n",
         &c);
    assert_string_equal(c.notes, "context 'c' names no user: anonymous");
    kube_config_finish(&c);
    good_user("token: t, auth-provider: {name: oidc}", &c);
    assert_non_null(strstr(c.notes, "auth-provider is not used"));
    kube_config_finish(&c);
    good_user("client-key: k", &c);
    assert_null(c.key_pem);
    assert_non_null(strstr(c.notes, "client-key is not used"));
    kube_config_finish(&c);
    good(CONTEXT CLUSTER "users: [{name: u}]\n---\nsecond: document\n", &c);
    assert_string_equal(c.notes,
                        "/home/x/config: only the first YAML document counts");
    kube_config_finish(&c);
}

static void test_plain_http(void **state)
{
    struct kube_config c;

    (void)state;
    good(CONTEXT "clusters: [{name: k, cluster: {server: h:8080}}]\n"
                 "users: [{name: u, user: {token: t, as: boss}}]\n",
         &c);
    assert_string_equal(c.server, "http://h:8080");
    assert_null(c.token);
    assert_string_equal(c.as, "boss");
    assert_string_equal(c.notes, "the server is plain http: the credentials "
                                 "of user 'u' are not used");
    kube_config_finish(&c);
}

static void test_exec(void **state)
{
    struct kube_config c;

    (void)state;
    good(CONTEXT
         "users:\n- name: u\n  user:\n    exec:\n"
         "      apiVersion: client.authentication.k8s.io/v1\n"
         "      command: ./bin/login\n      args: [get, '']\n"
         "      env: [{name: A, value: b}, {name: C}]\n"
         "      interactiveMode: Never\n      installHint: get it\n"
         "      provideClusterInfo: true\n"
         "clusters:\n- name: k\n  cluster:\n    server: https://h\n"
         "    extensions:\n    - name: other\n      extension: 1\n"
         "    - name: client.authentication.k8s.io/exec\n"
         "      extension: {n: 1.5, t: true, s: 'true', l: [~, -0, 007]}\n",
         &c);
    assert_string_equal(c.exec->command, "/home/x/./bin/login");
    assert_string_equal(c.exec->args[0], "get");
    assert_string_equal(c.exec->args[1], "");
    assert_null(c.exec->args[2]);
    assert_string_equal(c.exec->env[0], "A=b");
    assert_string_equal(c.exec->env[1], "C=");
    assert_null(c.exec->env[2]);
    assert_int_equal(c.exec->mode, KUBE_EXEC_NEVER);
    assert_string_equal(c.exec->install_hint, "get it");
    assert_true(c.exec->provide_cluster);
    assert_string_equal(c.exec->cluster_config,
                        "{\"n\":1.5,\"t\":true,\"s\":\"true\","
                        "\"l\":[null,-0,\"007\"]}");
    kube_config_finish(&c);
}

#define V1     "apiVersion: client.authentication.k8s.io/v1"
#define V1BETA "apiVersion: client.authentication.k8s.io/v1beta1"

static void test_exec_rules(void **state)
{
    struct kube_config c;

    (void)state;
    good_user("exec: {command: login, " V1BETA "}", &c);
    assert_string_equal(c.exec->command, "login");
    assert_int_equal(c.exec->mode, KUBE_EXEC_IF_AVAILABLE);
    kube_config_finish(&c);
    good_user("token: t, exec: {command: login, " V1BETA "}", &c);
    assert_null(c.exec);
    assert_string_equal(c.notes,
                        "user 'u': exec is not used, a token is given too");
    kube_config_finish(&c);
    bad_user("exec: {}", "users[0].user.exec.command: missing");
    bad_user("exec: {command: x}", "exec.apiVersion: missing, expected");
    bad_user("exec: {command: x, apiVersion: "
             "client.authentication.k8s.io/v1alpha1}",
             "exec.apiVersion: not supported");
    bad_user("exec: {command: x, " V1 "}",
             "exec.interactiveMode: missing, expected Never, IfAvailable");
    bad_user("exec: {command: x, " V1BETA ", interactiveMode: never}",
             "exec.interactiveMode: not known");
    bad_user("exec: {command: x, " V1BETA ", env: [{value: a}]}",
             "users[0].user.exec.env[0]: bad name");
    bad_user("exec: {command: x, " V1BETA "}, auth-provider: {name: oidc}",
             "auth-provider: exec is given too");
}

static void test_merge(void **state)
{
    char *first = put("a/one", "users: [{name: u, user: {tokenFile: tok}}]\n"
                               "contexts: [{name: z}]\n");
    char *second = put("b/two", CONTEXT CLUSTER
                       "users: [{name: u, user: {token: lost}}]\n");
    char *list =
        xasprintf(":%s:%s/absent:%s:%s:", first, folder, second, first);
    char *token = xasprintf("%s/a/tok", folder);
    const char *const table[] = {"KUBECONFIG", list, NULL};
    struct kube_config_want want = {.env = env};
    struct kube_config c;
    struct error err;
    char **names;

    (void)state;
    variables = table;
    assert_int_equal(kube_config_load(&want, &c, &err), 0);
    assert_string_equal(c.file, second);
    assert_string_equal(c.token_file, token);
    assert_null(c.token);
    kube_config_finish(&c);
    names = kube_config_contexts(&want, &err);
    assert_non_null(names);
    assert_string_equal(names[0], "c");
    assert_string_equal(names[1], "z");
    assert_null(names[2]);
    free(names[0]);
    free(names[1]);
    free(names);
    want.context = "q";
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_CONFIG);
    assert_string_equal(err.msg, "context 'q' is not defined, expected c, z");
    free(first);
    free(second);
    free(list);
    free(token);
}

static void test_explicit(void **state)
{
    char *path = put("only", CONTEXT CLUSTER);
    char *absent = xasprintf("%s/none", folder);
    struct kube_config_want want = {.env = env, .path = path};
    struct kube_config c;
    struct error err;

    (void)state;
    assert_int_equal(kube_config_load(&want, &c, &err), 0);
    assert_string_equal(c.file, path);
    kube_config_finish(&c);
    want.path = absent;
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, "none: cannot open: No such file"));
    want.path = folder;
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, "is not a regular file but a folder"));
    free(path);
    free(absent);
}

static void test_home(void **state)
{
    const char *const table[] = {"HOME", folder, "KUBECONFIG", "", NULL};
    struct kube_config_want want = {.env = env};
    struct kube_config c;
    struct error err;
    char *path;

    (void)state;
    variables = table;
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_ABSENT);
    assert_null(kube_config_contexts(&want, &err));
    assert_int_equal(err.code, ERR_ABSENT);
    path = put(".kube/config", CONTEXT CLUSTER);
    assert_int_equal(kube_config_load(&want, &c, &err), 0);
    assert_string_equal(c.file, path);
    kube_config_finish(&c);
    free(path);
}

static void test_too_large(void **state)
{
    size_t size = KUBE_CONFIG_FILE_MAX + 1;
    char *text = xcalloc(1, size + 1), *path;
    struct kube_config_want want = {.env = env};
    struct kube_config c;
    struct error err;

    (void)state;
    memset(text, '#', size);
    path = put("large", text);
    want.path = path;
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_LIMIT);
    assert_non_null(strstr(err.msg, "is larger than 4194304 bytes"));
    free(text);
    free(path);
}

#define ACCOUNT "var/run/secrets/kubernetes.io/serviceaccount/"

static void test_pod(void **state)
{
    const char *const table[] = {"KUBERNETES_SERVICE_HOST", "fd00::1",
                                 "KUBERNETES_SERVICE_PORT", "443", NULL};
    struct kube_config_want want = {.env = env, .cluster_root = folder};
    struct kube_config c;
    struct error err;
    char *token;

    (void)state;
    variables = table;
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_ABSENT);
    token = put(ACCOUNT "token", "t\n");
    assert_int_equal(kube_config_load(&want, &c, &err), 0);
    assert_string_equal(c.server, "https://[fd00::1]:443");
    assert_string_equal(c.token_file, token);
    assert_string_equal(c.ns, "default");
    assert_false(c.ns_given);
    assert_null(c.ca_pem);
    assert_non_null(strstr(c.notes, "the system's roots are used"));
    kube_config_finish(&c);
    free(put(ACCOUNT "ca.crt", PEM_TEXT));
    free(put(ACCOUNT "namespace", "team\n"));
    assert_int_equal(kube_config_load(&want, &c, &err), 0);
    assert_string_equal(c.ca_pem, PEM_TEXT);
    assert_string_equal(c.context, "in-cluster");
    assert_string_equal(c.ns, "team");
    assert_true(c.ns_given);
    assert_null(c.notes);
    kube_config_finish(&c);
    want.context = "c";
    assert_int_equal(kube_config_load(&want, &c, &err), ERR_ABSENT);
    free(token);
}

static void check_url(const char *s, bool tls, const char *expected)
{
    const char *why;
    char *url = kube_server_url(s, tls, &why);

    if (expected == NULL) {
        assert_null(url);
        assert_non_null(why);
    } else {
        assert_null(why);
        assert_string_equal(url, expected);
    }
    free(url);
}

static void test_urls(void **state)
{
    (void)state;
    check_url("https://h", false, "https://h");
    check_url("HTTPS://h:1/a/b//?q#f", false, "https://h:1/a/b");
    check_url("h:6443/p", true, "https://h:6443/p");
    check_url("h", false, "http://h");
    check_url("http://[::1]:8080", true, "http://[::1]:8080");
    check_url("http://[::1", true, NULL);
    check_url("http://h:", true, NULL);
    check_url("http://h:0", true, NULL);
    check_url("http://a b", true, NULL);
    check_url("https://", true, NULL);
    check_url("?x", true, NULL);
    assert_null(kube_proxy_url_check("http://u:p@h:1"));
    assert_null(kube_proxy_url_check("socks5://[::1]:1080/"));
    assert_non_null(kube_proxy_url_check("socks4://h"));
    assert_non_null(kube_proxy_url_check("h:1"));
    assert_non_null(kube_proxy_url_check("https://u@"));
}

static void check_base64(const char *text, const char *expected)
{
    size_t len = 0, where = 0;
    char *s = kube_base64_decode(text, strlen(text), &len, &where);

    if (expected == NULL) {
        assert_null(s);
    } else {
        assert_string_equal(s, expected);
        assert_int_equal(len, strlen(expected));
    }
    free(s);
}

static void test_base64(void **state)
{
    char *s;

    (void)state;
    check_base64("", "");
    check_base64("YQ==", "a");
    check_base64("YWI=", "ab");
    check_base64("YW\r\nJj\n", "abc");
    check_base64("YQ=", NULL);
    check_base64("YQ", NULL);
    check_base64("Y", NULL);
    check_base64("YQ==YQ==", NULL);
    check_base64("====", NULL);
    check_base64("Y===", NULL);
    check_base64("YWI =", NULL);
    check_base64("YW-_", NULL);
    s = kube_base64_encode("ab\xff\xfe", 4);
    assert_string_equal(s, "YWL//g==");
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_cluster_errors),
        cmocka_unit_test(test_user_errors),
        cmocka_unit_test(test_secrets_stay_out),
        cmocka_unit_test(test_user_notes),
        cmocka_unit_test(test_plain_http),
        cmocka_unit_test(test_exec),
        cmocka_unit_test(test_exec_rules),
        cmocka_unit_test_setup_teardown(test_merge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_explicit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_home, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pod, setup, teardown),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_base64),
    };

    return cmocka_run_group_tests_name("kube/config", tests, NULL, NULL);
}
