/*
 * One current set of credentials, replaced as a whole. A replaced set stays
 * on the retired list for one loop turn, because callers may still hold its
 * texts. Waiters exist only while a plugin runs; when it ends they move to
 * `firing` and are taken off one by one, so that a callback may get, reject,
 * forget or close.
 */
#include "config.h"

#include "data/kube/auth.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "data/kube/auth_priv.h"
#include "data/kube/base64.h"
#include "data/kube/exec.h"
#include "data/kube/secret.h"
#include "data/kube/smallfile.h"

struct waiter {
    struct waiter *next;
    kube_auth_cb cb;
    void *arg;
};

struct set {
    struct set *next;
    char *header, *cert, *key;
    struct kube_credentials view;
};

struct kube_auth {
    uv_loop_t *loop;
    const struct kube_config *config;
    struct kube_auth_tune tune;
    struct set *current, *retired;
    bool fresh;          /* current may be given out */
    uint64_t read_at_ms; /* monotonic, of the token file */
    int64_t expires_ms;  /* wall clock, of the plugin's answer; 0 = never */
    uint64_t serial;
    struct kube_exec_run *run;
    struct waiter *waiting, *firing;
    uv_timer_t sweep;
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

static uint64_t mono_ms(void)
{
    return uv_hrtime() / 1000000;
}

static void set_destroy(struct set *s)
{
    if (s == NULL)
        return;
    kube_secret_free(s->header);
    kube_secret_free(s->cert);
    kube_secret_free(s->key);
    free(s);
}

static void sweep_now(struct kube_auth *a)
{
    while (a->retired != NULL) {
        struct set *s = a->retired;

        a->retired = s->next;
        set_destroy(s);
    }
}

static void on_sweep(uv_timer_t *timer)
{
    sweep_now(timer->data);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Takes the three texts. */
static void install(struct kube_auth *a, char *header, char *cert, char *key)
{
    struct set *s = xcalloc(1, sizeof *s), *old = a->current;

    s->header = header;
    s->cert = cert;
    s->key = key;
    if (old != NULL && same_text(old->header, header) &&
        same_text(old->cert, cert) && same_text(old->key, key)) {
        set_destroy(s);
        return;
    }
    s->view = (struct kube_credentials){header, cert, key, ++a->serial};
    a->current = s;
    if (old != NULL) {
        old->next = a->retired;
        a->retired = old;
        /* 1 ms is never this turn: its timers are counted already. */
        uv_timer_start(&a->sweep, on_sweep, 1, 0);
    }
}

static char *bearer(const char *token)
{
    return token != NULL ? xasprintf("Authorization: Bearer %s", token) : NULL;
}

static char *basic(const struct kube_config *c)
{
    const char *name = c->username != NULL ? c->username : "";
    const char *password = c->password != NULL ? c->password : "";
    char *pair = xasprintf("%s:%s", name, password);
    char *code = kube_base64_encode(pair, strlen(pair));
    char *ret = xasprintf("Authorization: Basic %s", code);

    kube_secret_free(pair);
    kube_secret_free(code);
    return ret;
}

/* A header of whatever kind, with the configured certificate beside it. */
static void install_header(struct kube_auth *a, char *header)
{
    install(a, header, xstrdup_or_null(a->config->cert_pem),
            xstrdup_or_null(a->config->key_pem));
}

static void install_static(struct kube_auth *a)
{
    const struct kube_config *c = a->config;

    if (c->token == NULL && (c->username != NULL || c->password != NULL))
        install_header(a, basic(c));
    else
        install_header(a, bearer(c->token));
    a->fresh = true;
}

struct kube_auth *kube_auth_create(uv_loop_t *loop,
                                   const struct kube_config *config)
{
    struct kube_auth *a = xcalloc(1, sizeof *a);

    a->loop = loop;
    a->config = config;
    a->tune = (struct kube_auth_tune){KUBE_EXEC_LIMIT_MS, clock_wall_ms,
                                      mono_ms};
    uv_timer_init(loop, &a->sweep);
    uv_unref((uv_handle_t *)&a->sweep);
    a->sweep.data = a;
    if (config->token_file == NULL && config->exec == NULL)
        install_static(a);
    return a;
}

void kube_auth_tune(struct kube_auth *a, const struct kube_auth_tune *tune)
{
    if (tune->exec_limit_ms != 0)
        a->tune.exec_limit_ms = tune->exec_limit_ms;
    if (tune->wall_ms != NULL)
        a->tune.wall_ms = tune->wall_ms;
    if (tune->mono_ms != NULL)
        a->tune.mono_ms = tune->mono_ms;
}

/* Cuts white space off both ends, in place. */
static char *trim(char *s)
{
    static const char blanks[] = " \t\r\n\v\f";
    size_t len;

    s += strspn(s, blanks);
    len = strlen(s);
    while (len > 0 && strchr(blanks, s[len - 1]) != NULL)
        len--;
    s[len] = '\0';
    return s;
}

static int fail_file(const struct kube_auth *a, struct error *err,
                     const char *what)
{
    const char *path = a->config->token_file;
    size_t len = strlen(path);

    return error_set(err, ERR_AUTH, "token file '%s%s': %s",
                     len > 100 ? "…" : "", len > 100 ? path + len - 100 : path,
                     what);
}

/* *ret: the token in *ret_text, which the caller wipes. */
static int read_token(const struct kube_auth *a, char **ret_text,
                      size_t *ret_len, const char **ret, struct error *err)
{
    struct error why = {.code = 0};

    if (kube_smallfile_read(a->config->token_file, KUBE_TOKEN_FILE_MAX,
                            ret_text, ret_len, &why) != 0)
        return fail_file(a, err, why.msg);
    if (memchr(*ret_text, '\0', *ret_len) != NULL)
        return fail_file(a, err, "has a NUL byte, expected one line");
    *ret = trim(*ret_text);
    if (**ret == '\0')
        return fail_file(a, err, "is empty, expected a token");
    if (!kube_secret_is_line(*ret))
        return fail_file(a, err, "has a control byte, expected one line");
    return 0;
}

/* 0 when there is something to give out, old or new. */
static int refresh_file(struct kube_auth *a, struct error *err)
{
    uint64_t now = a->tune.mono_ms();
    const char *token = NULL;
    char *text = NULL;
    size_t len = 0;
    int code;

    if (a->fresh && now - a->read_at_ms < KUBE_TOKEN_AGE_MS)
        return 0;
    code = read_token(a, &text, &len, &token, err);
    if (code == 0) {
        install_header(a, bearer(token));
        a->fresh = true;
        a->read_at_ms = now;
    } else if (a->fresh) {
        code = 0;
    } else if (a->config->token != NULL) {
        install_header(a, bearer(a->config->token));
        code = 0;
    }
    kube_secret_free_len(text, len);
    return code;
}

static void add_waiter(struct kube_auth *a, kube_auth_cb cb, void *arg)
{
    struct waiter **end = &a->waiting, *w = xcalloc(1, sizeof *w);

    w->cb = cb;
    w->arg = arg;
    while (*end != NULL)
        end = &(*end)->next;
    *end = w;
}

static void drop_waiters(struct waiter **list, const void *arg, bool all)
{
    while (*list != NULL) {
        struct waiter *w = *list;

        if (all || w->arg == arg) {
            *list = w->next;
            free(w);
        } else {
            list = &w->next;
        }
    }
}

static void fire(struct kube_auth *a, const struct error *err)
{
    const struct kube_credentials *view =
        err == NULL ? &a->current->view : NULL;

    a->firing = a->waiting;
    a->waiting = NULL;
    while (a->firing != NULL) {
        struct waiter w = *a->firing;

        free(a->firing);
        a->firing = w.next;
        w.cb(view, err, w.arg);
    }
}

static void on_freed(uv_handle_t *h)
{
    struct kube_auth *a = h->data;
    void (*closed)(void *) = a->closed;
    void *arg = a->closed_arg;

    sweep_now(a);
    set_destroy(a->current);
    free(a);
    if (closed != NULL)
        closed(arg);
}

static void on_answer(struct kube_exec_credential *answer,
                      const struct error *err, void *arg)
{
    struct kube_auth *a = arg;

    a->run = NULL;
    if (a->closing) {
        uv_close((uv_handle_t *)&a->sweep, on_freed);
        return;
    }
    if (answer != NULL) {
        install(a, bearer(answer->token), answer->cert_pem, answer->key_pem);
        answer->cert_pem = NULL;
        answer->key_pem = NULL;
        a->expires_ms = answer->expires_ms;
        a->fresh = true;
    }
    fire(a, err);
}

static void get_exec(struct kube_auth *a, kube_auth_cb cb, void *arg)
{
    const struct kube_exec *e = a->config->exec;
    struct error err;

    if (e->mode == KUBE_EXEC_ALWAYS) {
        error_set(&err, ERR_AUTH,
                  "exec plugin '%.60s' wants a terminal (interactiveMode "
                  "Always), expected Never or IfAvailable",
                  e->command);
        cb(NULL, &err, arg);
        return;
    }
    if (a->run == NULL && a->fresh &&
        (a->expires_ms == 0 || a->tune.wall_ms() <= a->expires_ms)) {
        cb(&a->current->view, NULL, arg);
        return;
    }
    add_waiter(a, cb, arg);
    if (a->run == NULL)
        a->run = kube_exec_start(a->loop, a->config, a->tune.exec_limit_ms,
                                 on_answer, a);
}

void kube_auth_get(struct kube_auth *a, kube_auth_cb cb, void *arg)
{
    struct error err = {.code = 0};

    if (a->closing)
        return;
    if (a->config->exec != NULL)
        get_exec(a, cb, arg);
    else if (a->config->token_file == NULL || refresh_file(a, &err) == 0)
        cb(&a->current->view, NULL, arg);
    else
        cb(NULL, &err, arg);
}

void kube_auth_forget(struct kube_auth *a, const void *arg)
{
    drop_waiters(&a->waiting, arg, false);
    drop_waiters(&a->firing, arg, false);
}

void kube_auth_reject(struct kube_auth *a, uint64_t serial)
{
    if (a->current != NULL && a->current->view.serial == serial)
        a->fresh = false;
}

bool kube_auth_busy(const struct kube_auth *a)
{
    return a->run != NULL;
}

void kube_auth_close(struct kube_auth *a, void (*cb)(void *arg), void *arg)
{
    assert(!a->closing);
    a->closing = true;
    a->closed = cb;
    a->closed_arg = arg;
    drop_waiters(&a->waiting, NULL, true);
    drop_waiters(&a->firing, NULL, true);
    if (a->run != NULL)
        kube_exec_cancel(a->run);
    else
        uv_close((uv_handle_t *)&a->sweep, on_freed);
}
