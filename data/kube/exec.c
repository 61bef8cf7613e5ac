/*
 * Four handles: the process, two pipes, one timer (the limit first, the
 * grace for open pipes after the exit). Each counts in `open` from its
 * initialisation to its close callback; the run ends when none is left. A
 * cause that was found first (`err`) wins over the exit code it brings about.
 */
#include "config.h"

#include "data/kube/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/kube/exec_text.h"
#include "data/kube/secret.h"

#define LINE_MAX_BYTES 140

struct kube_exec_run {
    uv_process_t process;
    uv_pipe_t out, err_out;
    uv_timer_t timer;
    unsigned open;
    bool running; /* spawned, not yet reaped */
    int64_t exit_code;
    int exit_signal;
    struct buf answer, complaint;
    char chunk[16384];
    const struct kube_config *config;
    struct error err; /* code 0 = none */
    kube_exec_cb cb;
    void *arg;
};

static const char *name_of(const struct kube_exec_run *r)
{
    const char *slash = strrchr(r->config->exec->command, '/');

    return slash != NULL ? slash + 1 : r->config->exec->command;
}

static void fail_exit(struct kube_exec_run *r)
{
    char *line = kube_exec_last_line(buf_text(&r->complaint), r->complaint.len,
                                     LINE_MAX_BYTES);
    const char *colon = line[0] != '\0' ? ": " : "";

    if (r->exit_signal != 0) {
        error_set(&r->err, ERR_AUTH, "exec plugin '%.40s': signal %d%s%s",
                  name_of(r), r->exit_signal, colon, line);
    } else {
        error_set(&r->err, ERR_AUTH, "exec plugin '%.40s': exit code %d%s%s",
                  name_of(r), (int)r->exit_code, colon, line);
    }
    free(line);
}

static void conclude(struct kube_exec_run *r)
{
    struct kube_exec_credential answer = {.token = NULL};
    struct error why = {.code = 0};

    if (r->err.code == 0 && (r->exit_code != 0 || r->exit_signal != 0))
        fail_exit(r);
    if (r->err.code == 0 &&
        kube_exec_credential_parse(buf_text(&r->answer), r->answer.len,
                                   r->config->exec->api_version, &answer,
                                   &why) != 0) {
        error_set(&r->err, ERR_AUTH, "exec plugin '%.40s': answer: %.170s",
                  name_of(r), why.msg);
    }
    r->cb(r->err.code == 0 ? &answer : NULL, r->err.code == 0 ? NULL : &r->err,
          r->arg);
    kube_exec_credential_finish(&answer);
    if (r->answer.ptr != NULL)
        explicit_bzero(r->answer.ptr, r->answer.room);
    buf_finish(&r->answer);
    buf_finish(&r->complaint);
    explicit_bzero(r->chunk, sizeof r->chunk);
    free(r);
}

static void on_closed(uv_handle_t *h)
{
    struct kube_exec_run *r = h->data;

    if (--r->open == 0)
        conclude(r);
}

static void close_one(void *handle)
{
    uv_handle_t *h = handle;

    if (!uv_is_closing(h))
        uv_close(h, on_closed);
}

static void close_pipes(struct kube_exec_run *r)
{
    close_one(&r->out);
    close_one(&r->err_out);
}

/* With the process gone and both pipes at their end, the timer is the last. */
static void check_end(struct kube_exec_run *r)
{
    if (!r->running && uv_is_closing((uv_handle_t *)&r->out) &&
        uv_is_closing((uv_handle_t *)&r->err_out))
        close_one(&r->timer);
}

/* Not yet reaped, so the number is still the plugin's. */
static void kill_group(struct kube_exec_run *r)
{
    if (r->running && kill(-r->process.pid, SIGKILL) < 0)
        uv_process_kill(&r->process, SIGKILL);
}

/* The cause is set: away with everything; the exit callback comes later. */
static void abandon(struct kube_exec_run *r)
{
    kill_group(r);
    close_pipes(r);
    check_end(r);
}

static void on_timer(uv_timer_t *timer)
{
    struct kube_exec_run *r = timer->data;

    if (!r->running) {
        close_pipes(r);
        check_end(r);
        return;
    }
    if (r->err.code == 0) {
        error_set(&r->err, ERR_AUTH,
                  "exec plugin '%.40s': no answer in time, killed", name_of(r));
    }
    abandon(r);
}

static void on_exited(uv_process_t *process, int64_t code, int sig)
{
    struct kube_exec_run *r = process->data;

    r->running = false;
    r->exit_code = code;
    r->exit_signal = sig;
    close_one(process);
    uv_timer_stop(&r->timer);
    check_end(r);
    if (!uv_is_closing((uv_handle_t *)&r->timer))
        uv_timer_start(&r->timer, on_timer, KUBE_EXEC_GRACE_MS, 0);
}

static void on_alloc(uv_handle_t *h, size_t size, uv_buf_t *buf)
{
    struct kube_exec_run *r = h->data;

    (void)size;
    *buf = uv_buf_init(r->chunk, sizeof r->chunk);
}

static void keep_answer(struct kube_exec_run *r, const char *s, size_t len)
{
    if (buf_add(&r->answer, s, len))
        return;
    if (r->err.code == 0) {
        error_set(&r->err, ERR_AUTH,
                  "exec plugin '%.40s': answer larger than %u bytes, killed",
                  name_of(r), KUBE_EXEC_ANSWER_MAX);
    }
    abandon(r);
}

static void keep_complaint(struct kube_exec_run *r, const char *s, size_t len)
{
    struct buf *b = &r->complaint;

    if (len > b->cap) {
        s += len - b->cap;
        len = b->cap;
    }
    if (b->len > b->cap - len)
        buf_drop(b, b->len - (b->cap - len));
    buf_add(b, s, len);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct kube_exec_run *r = stream->data;

    if (n < 0) {
        close_one(stream);
        check_end(r);
    } else if (stream == (uv_stream_t *)&r->out) {
        keep_answer(r, buf->base, (size_t)n);
    } else {
        keep_complaint(r, buf->base, (size_t)n);
    }
}

static bool is_variable(const char *entry, const char *other)
{
    size_t len = strcspn(entry, "=");

    return strncmp(entry, other, len + 1) == 0;
}

/* Does a later entry, or an entry of `more`, set the same variable? */
static bool is_overridden(const char *entry, char **more)
{
    for (; more != NULL && *more != NULL; more++) {
        if (is_variable(entry, *more))
            return true;
    }
    return false;
}

/* Ours, then the plugin's own, then `info`; borrowed entries. */
static char **environment(char **own, char *info)
{
    size_t count = 0, n = 0;
    char **env;

    for (char **p = environ; *p != NULL; p++)
        count++;
    for (char **p = own; p != NULL && *p != NULL; p++)
        count++;
    env = xcalloc(count + 2, sizeof *env);
    for (char **p = environ; *p != NULL; p++) {
        if (!is_overridden(*p, own) && !is_variable(*p, info))
            env[n++] = *p;
    }
    for (char **p = own; p != NULL && *p != NULL; p++) {
        if (!is_overridden(*p, p + 1) && !is_variable(*p, info))
            env[n++] = *p;
    }
    env[n] = info;
    return env;
}

static char **arguments(const struct kube_exec *e)
{
    size_t count = 0;
    char **args;

    while (e->args != NULL && e->args[count] != NULL)
        count++;
    args = xcalloc(count + 2, sizeof *args);
    args[0] = e->command;
    for (size_t i = 0; i < count; i++)
        args[i + 1] = e->args[i];
    return args;
}

/* libuv's own pipes are sockets, which /dev/stderr cannot be opened on. */
static int open_pipe(uv_pipe_t *pipe, int *ret_child)
{
    int fds[2], code;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    code = uv_pipe_open(pipe, fds[0]);
    if (code < 0) {
        close(fds[0]);
        close(fds[1]);
        return code;
    }
    *ret_child = fds[1];
    return 0;
}

static int spawn(struct kube_exec_run *r, int out, int err_out)
{
    const struct kube_exec *e = r->config->exec;
    char *text = kube_exec_credential_info(r->config);
    char *info = xasprintf("KUBERNETES_EXEC_INFO=%s", text);
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = out},
        {.flags = UV_INHERIT_FD, .data.fd = err_out},
    };
    uv_process_options_t options = {
        .exit_cb = on_exited,
        .file = e->command,
        .args = arguments(e),
        .env = environment(e->env, info),
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
    };
    int code = uv_spawn(r->timer.loop, &r->process, &options);

    free(options.args);
    free(options.env);
    kube_secret_free(info);
    kube_secret_free(text);
    return code;
}

static int launch(struct kube_exec_run *r)
{
    int out = -1, err_out = -1;
    int code = open_pipe(&r->out, &out);

    if (code == 0)
        code = open_pipe(&r->err_out, &err_out);
    if (code == 0) {
        code = spawn(r, out, err_out);
        r->process.data = r;
        r->open++;
        r->running = code == 0;
        if (code != 0)
            close_one(&r->process);
    }
    if (out >= 0)
        close(out);
    if (err_out >= 0)
        close(err_out);
    return code;
}

static void fail_launch(struct kube_exec_run *r, int code)
{
    const struct kube_exec *e = r->config->exec;
    const char *hint = e->install_hint != NULL ? e->install_hint : "";
    char *clean = kube_exec_clean(hint, strlen(hint), LINE_MAX_BYTES);

    if (code == UV_ENOENT) {
        error_set(&r->err, ERR_AUTH, "exec plugin '%.60s' not found%s%s",
                  e->command, clean[0] != '\0' ? ": " : "", clean);
    } else {
        error_set(&r->err, ERR_AUTH, "exec plugin '%.60s' cannot start: %s",
                  e->command, uv_strerror(code));
    }
    free(clean);
    abandon(r);
}

struct kube_exec_run *kube_exec_start(uv_loop_t *loop,
                                      const struct kube_config *config,
                                      uint64_t limit_ms, kube_exec_cb cb,
                                      void *arg)
{
    struct kube_exec_run *r = xcalloc(1, sizeof *r);
    int code;

    r->config = config;
    r->cb = cb;
    r->arg = arg;
    buf_init(&r->answer, KUBE_EXEC_ANSWER_MAX);
    buf_init(&r->complaint, KUBE_EXEC_STDERR_MAX);
    uv_timer_init(loop, &r->timer);
    uv_pipe_init(loop, &r->out, 0);
    uv_pipe_init(loop, &r->err_out, 0);
    r->timer.data = r->out.data = r->err_out.data = r;
    r->open = 3;
    code = launch(r);
    if (code != 0) {
        fail_launch(r, code);
        return r;
    }
    uv_read_start((uv_stream_t *)&r->out, on_alloc, on_read);
    uv_read_start((uv_stream_t *)&r->err_out, on_alloc, on_read);
    uv_timer_start(&r->timer, on_timer, limit_ms, 0);
    return r;
}

void kube_exec_cancel(struct kube_exec_run *r)
{
    error_set(&r->err, UV_ECANCELED, "exec plugin '%.40s': cancelled",
              name_of(r));
    abandon(r);
}
