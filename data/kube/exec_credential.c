#include "config.h"

#include "data/kube/exec_credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "base/when.h"
#include "base/xalloc.h"
#include "data/kube/base64.h"
#include "data/kube/secret.h"

/* Texts the answer is read for; the last four are under status. */
enum field {
    FIELD_API_VERSION,
    FIELD_KIND,
    FIELD_TOKEN,
    FIELD_CERT,
    FIELD_KEY,
    FIELD_EXPIRES,
    FIELDS,
    FIELD_STATUS,
    FIELD_NONE,
};

static const char *const names[FIELDS] = {
    "apiVersion",           "kind",
    "status.token",         "status.clientCertificateData",
    "status.clientKeyData", "status.expirationTimestamp",
};

struct reader {
    char *texts[FIELDS];
    enum field field; /* whose value comes next */
    unsigned depth;
    bool in_status, has_status;
    char why[96]; /* "" = well so far */
};

static bool key_is(const char *name, const unsigned char *key, size_t len)
{
    return strlen(name) == len && memcmp(name, key, len) == 0;
}

static int take_key(void *arg, const unsigned char *key, size_t len)
{
    struct reader *r = arg;

    r->field = FIELD_NONE;
    if (r->depth == 1 && key_is("status", key, len))
        r->field = FIELD_STATUS;
    for (int i = FIELD_API_VERSION; r->depth == 1 && i <= FIELD_KIND; i++) {
        if (key_is(names[i], key, len))
            r->field = (enum field)i;
    }
    for (int i = FIELD_TOKEN; r->in_status && r->depth == 2 && i < FIELDS;
         i++) {
        if (key_is(names[i] + strlen("status."), key, len))
            r->field = (enum field)i;
    }
    return 1;
}

static int refuse(struct reader *r, const char *what, const char *expected)
{
    snprintf(r->why, sizeof r->why, "%s: wrong type, expected %s", what,
             expected);
    return 0;
}

/* A value of a type that no field of ours has. */
static int take_other(struct reader *r)
{
    if (r->field < FIELDS)
        return refuse(r, names[r->field], "a text");
    if (r->field == FIELD_STATUS)
        return refuse(r, "status", "an object");
    return 1;
}

static int take_null(void *arg)
{
    struct reader *r = arg;

    r->field = FIELD_NONE;
    return 1;
}

static int take_bool(void *arg, int value)
{
    (void)value;
    return take_other(arg);
}

static int take_number(void *arg, const char *s, size_t len)
{
    (void)s;
    (void)len;
    return take_other(arg);
}

static int take_string(void *arg, const unsigned char *s, size_t len)
{
    struct reader *r = arg;
    enum field f = r->field;

    if (f >= FIELDS)
        return take_other(r);
    r->field = FIELD_NONE;
    if (memchr(s, '\0', len) != NULL) {
        snprintf(r->why, sizeof r->why, "%s: has a NUL byte", names[f]);
        return 0;
    }
    kube_secret_free(r->texts[f]);
    r->texts[f] = xstrndup((const char *)s, len);
    return 1;
}

static int open_one(struct reader *r)
{
    r->field = FIELD_NONE;
    if (++r->depth > KUBE_EXEC_DEPTH_MAX) {
        snprintf(r->why, sizeof r->why, "nested too deep");
        return 0;
    }
    return 1;
}

static int open_map(void *arg)
{
    struct reader *r = arg;

    if (r->field < FIELDS)
        return take_other(r);
    if (r->field == FIELD_STATUS) {
        r->in_status = true;
        r->has_status = true;
    }
    return open_one(r);
}

static int open_array(void *arg)
{
    struct reader *r = arg;

    return take_other(r) ? open_one(r) : 0;
}

static int close_one(void *arg)
{
    struct reader *r = arg;

    r->field = FIELD_NONE;
    r->depth--;
    if (r->depth < 2)
        r->in_status = false;
    return 1;
}

/* yajl keeps unescaped copies, keys among them: each block has its size in
 * front and is wiped before it goes back. */
#define FRONT 16

static void *wipe_alloc(void *arg, size_t size)
{
    char *p = xcalloc(1, size + FRONT);

    (void)arg;
    memcpy(p, &size, sizeof size);
    return p + FRONT;
}

static void wipe_free(void *arg, void *ptr)
{
    char *p = ptr;
    size_t size;

    (void)arg;
    if (p == NULL)
        return;
    memcpy(&size, p - FRONT, sizeof size);
    explicit_bzero(p, size);
    free(p - FRONT);
}

static void *wipe_realloc(void *arg, void *ptr, size_t size)
{
    char *p = wipe_alloc(arg, size);
    size_t old = 0;

    if (ptr != NULL) {
        memcpy(&old, (char *)ptr - FRONT, sizeof old);
        memcpy(p, ptr, old < size ? old : size);
        wipe_free(arg, ptr);
    }
    return p;
}

static int read_json(struct reader *r, const char *s, size_t len,
                     struct error *err)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = take_null,
        .yajl_boolean = take_bool,
        .yajl_number = take_number,
        .yajl_string = take_string,
        .yajl_start_map = open_map,
        .yajl_map_key = take_key,
        .yajl_end_map = close_one,
        .yajl_start_array = open_array,
        .yajl_end_array = close_one,
    };
    yajl_alloc_funcs wiping = {wipe_alloc, wipe_realloc, wipe_free, NULL};
    yajl_handle h = yajl_alloc(&callbacks, &wiping, r);
    yajl_status status = yajl_parse(h, (const unsigned char *)s, len);
    size_t used = yajl_get_bytes_consumed(h);
    int code = 0;

    if (status == yajl_status_ok)
        status = yajl_complete_parse(h);
    yajl_free(h);
    if (status == yajl_status_client_canceled)
        code = error_set(err, ERR_AUTH, "%s", r->why);
    else if (status != yajl_status_ok)
        code = error_set(err, ERR_AUTH,
                         "bad JSON near byte %zu, expected one "
                         "ExecCredential",
                         used);
    return code;
}

static bool is_pem(const char *s)
{
    return strstr(s, "-----BEGIN") != NULL;
}

static const char *check_secrets(const struct reader *r)
{
    const char *token = r->texts[FIELD_TOKEN];
    const char *cert = r->texts[FIELD_CERT], *key = r->texts[FIELD_KEY];

    if (!r->has_status)
        return "status: missing, expected a token or a certificate";
    if (token == NULL && cert == NULL && key == NULL)
        return "status: neither token nor clientCertificateData";
    if ((cert == NULL) != (key == NULL))
        return "status: clientCertificateData and clientKeyData, expected "
               "both or neither";
    if (token != NULL && !kube_secret_is_line(token))
        return "status.token: has a control byte, expected one line";
    if (cert != NULL && (!is_pem(cert) || !is_pem(key)))
        return "status: certificate or key is not PEM, expected -----BEGIN …";
    return NULL;
}

static int check(const struct reader *r, const char *api_version,
                 int64_t *ret_expires, struct error *err)
{
    const char *version = r->texts[FIELD_API_VERSION];
    const char *kind = r->texts[FIELD_KIND];
    const char *expires = r->texts[FIELD_EXPIRES];
    const char *why;

    if (kind == NULL || strcmp(kind, "ExecCredential") != 0) {
        return error_set(err, ERR_AUTH,
                         "kind: '%.40s', expected "
                         "ExecCredential",
                         kind != NULL ? kind : "");
    }
    if (version == NULL || strcmp(version, api_version) != 0) {
        return error_set(err, ERR_AUTH, "apiVersion: '%.50s', expected %s",
                         version != NULL ? version : "", api_version);
    }
    why = check_secrets(r);
    if (why != NULL)
        return error_set(err, ERR_AUTH, "%s", why);
    if (expires != NULL && !when_parse(expires, strlen(expires), ret_expires))
        return error_set(err, ERR_AUTH,
                         "status.expirationTimestamp: bad "
                         "time, expected RFC 3339");
    return 0;
}

static char *move(struct reader *r, enum field f)
{
    char *s = r->texts[f];

    r->texts[f] = NULL;
    return s;
}

/* The empty text means "not given", as in Go. */
static void drop_empty(struct reader *r)
{
    for (int i = 0; i < FIELDS; i++) {
        if (r->texts[i] != NULL && r->texts[i][0] == '\0')
            free(move(r, (enum field)i));
    }
}

int kube_exec_credential_parse(const char *s, size_t len,
                               const char *api_version,
                               struct kube_exec_credential *ret,
                               struct error *err)
{
    struct reader r = {.field = FIELD_NONE};
    int64_t expires_ms = 0;
    int code;

    if (len > KUBE_EXEC_ANSWER_MAX)
        return error_set(err, ERR_AUTH, "larger than %u bytes",
                         KUBE_EXEC_ANSWER_MAX);
    code = read_json(&r, s, len, err);
    drop_empty(&r);
    if (code == 0)
        code = check(&r, api_version, &expires_ms, err);
    if (code == 0) {
        *ret = (struct kube_exec_credential){
            .token = move(&r, FIELD_TOKEN),
            .cert_pem = move(&r, FIELD_CERT),
            .key_pem = move(&r, FIELD_KEY),
            .expires_ms = expires_ms,
        };
    }
    for (int i = 0; i < FIELDS; i++)
        kube_secret_free(r.texts[i]);
    return code;
}

void kube_exec_credential_finish(struct kube_exec_credential *c)
{
    kube_secret_free(c->token);
    kube_secret_free(c->cert_pem);
    kube_secret_free(c->key_pem);
    *c = (struct kube_exec_credential){.token = NULL};
}

static void put_text(yajl_gen g, const char *s)
{
    yajl_gen_string(g, (const unsigned char *)s, strlen(s));
}

static void put_pair(yajl_gen g, const char *key, const char *s)
{
    if (s == NULL)
        return;
    put_text(g, key);
    put_text(g, s);
}

static void put_true(yajl_gen g, const char *key, bool value)
{
    if (!value)
        return;
    put_text(g, key);
    yajl_gen_bool(g, 1);
}

static void put_cluster(yajl_gen g, const struct kube_config *c)
{
    char *roots = NULL;

    if (c->ca_pem != NULL)
        roots = kube_base64_encode(c->ca_pem, strlen(c->ca_pem));
    put_text(g, "cluster");
    yajl_gen_map_open(g);
    put_pair(g, "server", c->server);
    put_pair(g, "tls-server-name", c->tls_name);
    put_true(g, "insecure-skip-tls-verify", c->insecure);
    put_pair(g, "certificate-authority-data", roots);
    put_pair(g, "proxy-url", c->proxy);
    put_true(g, "disable-compression", c->no_compression);
    if (c->exec->cluster_config != NULL) {
        put_text(g, "config");
        /* JSON already; a "number" is written as it stands. */
        yajl_gen_number(g, c->exec->cluster_config,
                        strlen(c->exec->cluster_config));
    }
    yajl_gen_map_close(g);
    free(roots);
}

char *kube_exec_credential_info(const struct kube_config *c)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *text = NULL;
    size_t len = 0;
    char *ret;

    yajl_gen_map_open(g);
    put_pair(g, "kind", "ExecCredential");
    put_pair(g, "apiVersion", c->exec->api_version);
    put_text(g, "spec");
    yajl_gen_map_open(g);
    if (c->exec->provide_cluster)
        put_cluster(g, c);
    put_text(g, "interactive");
    yajl_gen_bool(g, 0);
    yajl_gen_map_close(g);
    yajl_gen_map_close(g);
    yajl_gen_get_buf(g, &text, &len);
    ret = xstrndup((const char *)text, len);
    yajl_gen_free(g);
    return ret;
}
