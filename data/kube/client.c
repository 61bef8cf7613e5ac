#include "config.h"

#include "data/kube/client.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/kube/client_priv.h"
#include "data/kube/pem_files.h"
#include "data/kube/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 2000 /* how often at files of certificates, at most */

struct kube_client {
    uv_loop_t *loop;
    struct http *http;
    struct kube_config *config; /* its certificates may be replaced */
    int64_t looked_ms; /* uv_now of the last look at their files */
    struct kube_auth *auth;
    struct http_target target;
    struct kube_call *calls;
    int64_t offset_ms, proof_ms;
    bool offset_known;
    char *extra[KUBE_EXTRA_MAX]; /* impersonation */
    int extra_count;
    void (*closed)(void *arg);
    void *closed_arg;
};

struct kube_call {
    struct kube_client *c;
    struct kube_call *next;
    struct http_request *request;
    struct http_want want;
    struct http_calls calls;
    struct http_target target; /* copied: credentials may change meanwhile */
    char *path, *accept, *etag, *body, *content;
    char *cert, *key;
    uint64_t serial;
    bool repeated, in_get;
    struct error early; /* failed before a request existed */
    uv_timer_t later;
    bool closing;
};

static bool loopback(const char *server)
{
    const char *host = strstr(server, "://");

    host = host != NULL ? host + 3 : server;
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0 ||
           strncmp(host, "localhost", 9) == 0;
}

static void add_extra(struct kube_client *c, const char *name,
                      const char *value)
{
    if (value != NULL && c->extra_count < KUBE_EXTRA_MAX)
        c->extra[c->extra_count++] = xasprintf("%s: %s", name, value);
}

/* A header's name from an extra key: percent-encoded, lower case. */
static void add_extra_key(struct kube_client *c, const char *key,
                          const char *value)
{
    struct buf b;

    buf_init(&b, 1024);
    buf_str(&b, "Impersonate-Extra-");
    for (; *key != '\0'; key++) {
        if (isalnum((unsigned char)*key) || *key == '-' || *key == '.')
            buf_char(&b, (char)tolower((unsigned char)*key));
        else
            buf_fmt(&b, "%%%02X", (unsigned char)*key);
    }
    add_extra(c, buf_text(&b), value);
    buf_finish(&b);
}

static void impersonate(struct kube_client *c, const struct kube_config *k)
{
    add_extra(c, "Impersonate-User", k->as);
    add_extra(c, "Impersonate-Uid", k->as_uid);
    for (char **g = k->as_groups; g != NULL && *g != NULL; g++)
        add_extra(c, "Impersonate-Group", *g);
    for (char **e = k->as_extra; e != NULL && e[0] != NULL; e += 2)
        add_extra_key(c, e[0], e[1]);
}

struct kube_client *kube_client_create(uv_loop_t *loop, struct http *http,
                                       struct kube_config *config)
{
    struct kube_client *c = xcalloc(1, sizeof *c);

    c->loop = loop;
    c->http = http;
    c->config = config;
    c->auth = kube_auth_create(loop, config);
    c->target = (struct http_target){
        .base = config->server,
        .tls_name = config->tls_name,
        .ca_pem = config->ca_pem,
        .proxy = config->proxy,
        .insecure = config->insecure,
        .compress = !config->no_compression && !loopback(config->server),
    };
    impersonate(c, config);
    return c;
}

static void unlink_call(struct kube_call *call)
{
    struct kube_call **link = &call->c->calls;

    while (*link != call)
        link = &(*link)->next;
    *link = call->next;
}

static void on_call_closed(uv_handle_t *handle)
{
    struct kube_call *call = handle->data;

    free(call->path);
    free(call->accept);
    free(call->etag);
    free(call->body);
    free(call->content);
    free(call->cert);
    if (call->key != NULL)
        explicit_bzero(call->key, strlen(call->key));
    free(call->key);
    free(call);
}

static void drop(struct kube_call *call)
{
    if (call->closing)
        return;
    call->closing = true;
    kube_auth_forget(call->c->auth, call);
    unlink_call(call);
    uv_close((uv_handle_t *)&call->later, on_call_closed);
}

static void end(struct kube_call *call, const struct http_answer *answer,
                const struct error *err)
{
    struct http_calls calls = call->calls;

    drop(call);
    calls.done(answer, err, calls.arg);
}

static void on_early(uv_timer_t *timer)
{
    struct kube_call *call = timer->data;
    struct http_answer none = {.retry_after_ms = -1};

    end(call, &none, &call->early);
}

/* Fails the call, but never before kube_get has returned. */
static void fail_later(struct kube_call *call, const struct error *err)
{
    call->early = *err;
    uv_timer_start(&call->later, on_early, 0, 0);
}

static void learn_clock(struct kube_client *c, const struct http_answer *a)
{
    int64_t offset;

    if (a->date_ms == 0)
        return;
    offset = a->date_ms + 500 - clock_wall_ms();
    if (llabs(offset) < 1000)
        offset = 0; /* within what the header can tell */
    if (!c->offset_known || llabs(offset - c->offset_ms) > 1000) {
        c->offset_ms = offset;
        c->offset_known = true;
    }
}

static void on_headers(const struct http_answer *answer, void *arg)
{
    struct kube_call *call = arg;

    call->c->proof_ms = (int64_t)uv_now(call->c->loop);
    learn_clock(call->c, answer);
    if (answer->status == 401 && !call->repeated)
        return; /* will be asked again */
    if (call->calls.headers != NULL)
        call->calls.headers(answer, call->calls.arg);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct kube_call *call = arg;

    call->c->proof_ms = (int64_t)uv_now(call->c->loop);
    return call->calls.data == NULL ||
           call->calls.data(p, n, call->calls.arg);
}

static void ask(struct kube_call *call);

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct kube_call *call = arg;

    call->request = NULL;
    if (answer->status == 401 && !call->repeated) {
        call->repeated = true;
        kube_auth_reject(call->c->auth, call->serial);
        ask(call);
        return;
    }
    end(call, answer, err);
}

static void look_at_files(struct kube_client *c)
{
    int64_t now = (int64_t)uv_now(c->loop);

    if (c->looked_ms != 0 && now - c->looked_ms < LOOK_MS)
        return;
    c->looked_ms = now;
    if (kube_pem_files_look(c->config)) {
        c->target.ca_pem = c->config->ca_pem;
        http_forget_connections(c->http);
    }
}

struct kube_auth *kube_client_auth(struct kube_client *c)
{
    return c->auth;
}

struct http *kube_client_http(struct kube_client *c)
{
    return c->http;
}

int kube_client_dress(struct kube_client *c,
                      const struct kube_credentials *creds,
                      struct http_target *target,
                      const char *headers[KUBE_HEADERS_MAX])
{
    const struct kube_config *config = c->config;
    bool own; /* the configuration's, as it is now, or a plugin's */
    int n = 0;

    look_at_files(c);
    own = creds->cert_pem != NULL && config->cert_file.path != NULL &&
          config->exec == NULL && config->cert_pem != NULL;
    *target = c->target;
    target->cert_pem = own ? config->cert_pem : creds->cert_pem;
    target->key_pem = own ? config->key_pem : creds->key_pem;
    if (creds->header != NULL)
        headers[n++] = creds->header;
    for (int i = 0; i < c->extra_count; i++)
        headers[n++] = c->extra[i];
    headers[n] = NULL;
    return n;
}

/* The call lives longer than the credentials. */
static void keep_certificate(struct kube_call *call)
{
    const char *cert = call->target.cert_pem, *key = call->target.key_pem;

    free(call->cert);
    kube_secret_free(call->key);
    call->cert = cert != NULL ? xstrdup(cert) : NULL;
    call->key = key != NULL ? xstrdup(key) : NULL;
    call->target.cert_pem = call->cert;
    call->target.key_pem = call->key;
}

static void on_credentials(const struct kube_credentials *creds,
                           const struct error *err, void *arg)
{
    struct kube_call *call = arg;
    const char *headers[KUBE_HEADERS_MAX];
    const struct http_calls calls = {on_headers, on_data, on_done, call};
    struct error e = {0};
    char *accept, *match = NULL, *content = NULL;
    int n = 0;

    if (call->closing)
        return;
    if (err != NULL) {
        fail_later(call, err);
        return;
    }
    call->serial = creds->serial;
    n = kube_client_dress(call->c, creds, &call->target, headers);
    keep_certificate(call);
    accept = xasprintf("Accept: %s",
                       call->accept ? call->accept : "application/json");
    headers[n++] = accept;
    if (call->etag != NULL)
        headers[n++] = match = xasprintf("If-None-Match: %s", call->etag);
    if (call->content != NULL)
        headers[n++] = content =
            xasprintf("Content-Type: %s", call->content);
    headers[n] = NULL;
    call->want.headers = headers;
    call->request =
        http_start(call->c->http, &call->target, &call->want, &calls, &e);
    call->want.headers = NULL;
    free(accept);
    free(match);
    free(content);
    if (call->request == NULL)
        fail_later(call, &e);
}

static void ask(struct kube_call *call)
{
    kube_auth_get(call->c->auth, on_credentials, call);
}

static struct kube_call *begin(struct kube_client *c, const char *accept,
                               const char *etag, const char *content,
                               const struct http_want *want,
                               const struct http_calls *calls)
{
    struct kube_call *call = xcalloc(1, sizeof *call);

    call->c = c;
    call->want = *want;
    call->calls = *calls;
    call->path = xstrdup(want->path);
    call->want.path = call->path;
    call->accept = accept ? xstrdup(accept) : NULL;
    call->etag = etag && *etag ? xstrdup(etag) : NULL;
    call->body = want->body ? xstrdup(want->body) : NULL;
    call->want.body = call->body;
    call->content = content ? xstrdup(content) : NULL;
    call->next = c->calls;
    c->calls = call;
    uv_timer_init(c->loop, &call->later);
    call->later.data = call;
    ask(call);
    return call;
}

struct kube_call *kube_get(struct kube_client *c, const char *accept,
                           const char *etag, const struct http_want *want,
                           const struct http_calls *calls)
{
    return begin(c, accept, etag, NULL, want, calls);
}

struct kube_call *kube_send(struct kube_client *c, const char *content,
                            const struct http_want *want,
                            const struct http_calls *calls)
{
    return begin(c, NULL, NULL, content, want, calls);
}

void kube_cancel(struct kube_call *call)
{
    if (call == NULL || call->closing)
        return;
    http_cancel(call->request);
    call->request = NULL;
    drop(call);
}

static void on_auth_closed(void *arg)
{
    struct kube_client *c = arg;
    void (*closed)(void *) = c->closed;
    void *closed_arg = c->closed_arg;

    for (int i = 0; i < c->extra_count; i++)
        free(c->extra[i]);
    free(c);
    closed(closed_arg);
}

void kube_client_close(struct kube_client *c, void (*cb)(void *arg), void *arg)
{
    while (c->calls != NULL)
        kube_cancel(c->calls);
    c->closed = cb;
    c->closed_arg = arg;
    kube_auth_close(c->auth, on_auth_closed, c);
}

int64_t kube_now_ms(const struct kube_client *c)
{
    return clock_wall_ms() + c->offset_ms;
}

int64_t kube_offset_ms(const struct kube_client *c)
{
    return c->offset_ms;
}

int64_t kube_proof_ms(const struct kube_client *c)
{
    return c->proof_ms;
}

bool kube_auth_running(const struct kube_client *c)
{
    return kube_auth_busy(c->auth);
}

enum { IS_STATUS, MESSAGE };

static const struct pick_rule status_rules[] = {
    {"kind", IS_STATUS}, {"message", MESSAGE}, {NULL, 0}};

struct status_text {
    bool is_status;
    char message[200];
};

static void on_status(void *arg, int field, const struct pick_value *v)
{
    struct status_text *s = arg;

    if (field == IS_STATUS)
        s->is_status = span_is(v->text, "Status");
    else if (v->type == PICK_STRING)
        snprintf(s->message, sizeof s->message, "%.*s", (int)v->text.n,
                 v->text.p);
}

static int code_of(int status)
{
    return status == 401                    ? ERR_AUTH
           : status == 403                  ? ERR_RIGHT
           : status == 404                  ? ERR_ABSENT
           : status == 410                  ? ERR_EXPIRED
           : status == 429 || status == 503 ? ERR_BUSY
           : status >= 500                  ? ERR_SERVER
                                            : ERR_OTHER;
}

int kube_explain(const struct http_answer *answer, const struct error *from,
                 struct error *ret)
{
    struct status_text s = {false, ""};
    struct pick *p;
    size_t line;

    if (from->code != 0) {
        *ret = *from;
        return ret->code;
    }
    if (answer->status >= 200 && answer->status < 300) {
        error_clear(ret);
        return 0;
    }
    p = pick_create(status_rules);
    if (answer->body.n > 0 && answer->body.p[0] == '{' &&
        pick_run(p, answer->body.p, answer->body.n, on_status, &s, NULL) == 0 &&
        s.is_status && s.message[0] != '\0') {
        error_set(ret, code_of(answer->status), "%d: %s", answer->status,
                  s.message);
    } else {
        for (line = 0; line < answer->body.n && line < 120 &&
                       answer->body.p[line] != '\n';)
            line++;
        error_set(ret, code_of(answer->status), "HTTP %d%s%.*s",
                  answer->status, line > 0 ? ": " : "", (int)line,
                  answer->body.p != NULL ? answer->body.p : "");
    }
    pick_destroy(p);
    return ret->code;
}
