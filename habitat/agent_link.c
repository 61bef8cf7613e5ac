#include "config.h"

#include "habitat/agent.h"

#include "base/clock.h"
#include "base/frames.h"
#include "base/xalloc.h"
#include "habitat/holder/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MS 3000
#define RESTART_MIN_MS 1000
#define RESTART_MAX_MS 60000

struct output;

struct link {
    struct agent *agent; /* NULL: closing */
    uv_pipe_t pipe;
    uv_connect_t connect;
    uv_timer_t again; /* a restart */
    bool open, has_again;
    int handles;
    struct buf in;
    struct output *output;
    uint64_t acked, seen; /* offsets */
    struct wire_exit end; /* at_ms 0: it runs */
    bool end_seen;
    int failures; /* in a row, for the pause between restarts */
};

void agent_socket(const struct agent *a, char *ret, size_t size)
{
    snprintf(ret, size, "%s/a%lld.sock", a->hb->paths.holders,
             (long long)a->id);
}

static void free_link(uv_handle_t *h)
{
    struct link *l = h->data;

    if (--l->handles > 0)
        return;
    buf_finish(&l->in);
    free(l);
}

void link_close(struct agent *a)
{
    struct link *l = a->link;

    if (l == NULL)
        return;
    a->link = NULL;
    l->agent = NULL;
    output_destroy(l->output);
    l->output = NULL;
    uv_close((uv_handle_t *)&l->pipe, free_link);
    uv_close((uv_handle_t *)&l->again, free_link);
}

struct write {
    uv_write_t req;
    char bytes[];
};

static void on_written(uv_write_t *req, int status)
{
    (void)status;
    free(req);
}

bool link_send(struct agent *a, enum wire_type type, const void *p, size_t n)
{
    struct wire_head head = {.type = (uint8_t)type, .len = (uint32_t)n};
    struct write *w;
    uv_buf_t b;

    if (a->link == NULL || !a->link->open || n > WIRE_FRAME_MAX)
        return false;
    w = xcalloc(1, sizeof *w + sizeof head + n);
    memcpy(w->bytes, &head, sizeof head);
    if (n > 0)
        memcpy(w->bytes + sizeof head, p, n);
    b = uv_buf_init(w->bytes, (unsigned)(sizeof head + n));
    if (uv_write(&w->req, (uv_stream_t *)&a->link->pipe, &b, 1, on_written) !=
        0) {
        free(w);
        return false;
    }
    return true;
}

void link_ack(struct agent *a)
{
    struct link *l = a->link;
    uint64_t at = (uint64_t)a->output;

    if (l == NULL || !l->open || a->dirty)
        return;
    if (l->acked != at && link_send(a, WIRE_ACK, &at, sizeof at))
        l->acked = at;
    if (l->end_seen && agent_ended(a)) {
        link_send(a, WIRE_FORGET, NULL, 0);
        l->end_seen = false;
    }
}

static void on_again(uv_timer_t *t)
{
    struct link *l = t->data;

    if (l->agent != NULL)
        link_send(l->agent, WIRE_RESTART, NULL, 0);
}

static void plan_restart(struct link *l)
{
    int64_t wait = RESTART_MIN_MS << (l->failures < 6 ? l->failures : 6);
    char text[64];

    l->failures++;
    if (wait > RESTART_MAX_MS)
        wait = RESTART_MAX_MS;
    snprintf(text, sizeof text, "starts again in %d s", (int)(wait / 1000));
    event_note(l->agent->hb, l->agent->name, "agent_activity",
               "lifecycle.restarting", "warn", "error", text);
    uv_timer_start(&l->again, on_again, (uint64_t)wait, 0);
}

static void ending_words(const struct wire_exit *e, char *ret, size_t size,
                         const char *last)
{
    if (e->signal != 0)
        snprintf(ret, size, "ended by %s%s%s", strsignal(e->signal),
                 last[0] ? ": " : "", last);
    else if (e->code != 0)
        snprintf(ret, size, "exit %d%s%s", e->code, last[0] ? ": " : "", last);
    else
        snprintf(ret, size, "exit 0");
}

/* All its output before the end was taken: the end itself. */
static void take_end(struct link *l)
{
    struct agent *a = l->agent;
    const struct wire_exit e = l->end;
    bool failed = e.signal != 0 || e.code != 0;
    char why[400];

    if (e.at_ms == 0 || l->seen < e.next)
        return;
    l->end.at_ms = 0;
    if (agent_ended(a)) { /* known from before */
        l->end_seen = true;
        agent_changed(a);
        return;
    }
    output_end(l->output);
    if (a->ended_ms == e.at_ms) { /* told before this daemon's time */
        plan_restart(l);
        return;
    }
    ending_words(&e, why, sizeof why, failed ? output_last_line(l->output) : "");
    a->child = 0;
    a->exit_code = e.signal != 0 ? -1 : e.code;
    a->exit_signal = e.signal;
    a->paused = false;
    a->ended_ms = e.at_ms;
    agent_set(&a->report, (struct span){NULL, 0});
    agent_set(&a->tool, (struct span){NULL, 0});
    agent_set(&a->reason, span_of(why));
    agent_set(&a->last_output, span_of(output_last(l->output)));
    agent_changed(a);
    event_note(a->hb, a->name, "agent_activity",
               a->killed ? "lifecycle.stopped"
               : failed  ? "lifecycle.failed"
                         : "lifecycle.completed",
               a->killed ? "warn" : failed ? "error" : "info",
               failed && !a->killed ? "error" : "change", why);
    if (failed && !a->killed && strcmp(a->restart, "on-failure") == 0) {
        plan_restart(l);
        return;
    }
    agent_set(&a->status, span_of(a->killed  ? "Stopped"
                                  : failed   ? "Failed"
                                             : "Completed"));
    l->end_seen = true;
}

static void take_output(struct link *l, const char *p, size_t n)
{
    uint64_t offset;

    if (n < sizeof offset)
        return;
    memcpy(&offset, p, sizeof offset);
    p += sizeof offset;
    n -= sizeof offset;
    if (offset + n <= l->seen)
        return;
    if (offset < l->seen) {
        p += l->seen - offset;
        n -= (size_t)(l->seen - offset);
    }
    output_feed(l->output, p, n);
    l->seen += n;
    l->agent->output = (int64_t)l->seen;
    agent_changed(l->agent);
    take_end(l);
}

static void take_lost(struct link *l, const char *p, size_t n)
{
    uint64_t gap[2];
    char text[80];

    if (n < sizeof gap)
        return;
    memcpy(gap, p, sizeof gap);
    snprintf(text, sizeof text, "%llu bytes of output passed unread",
             (unsigned long long)(gap[1] - gap[0]));
    event_note(l->agent->hb, l->agent->name, "agent_activity",
               "command.output", "warn", "error", text);
    l->seen = gap[1];
}

static void take_hello(struct link *l, const char *p, size_t n)
{
    struct wire_attach want = {WIRE_VERSION, WIRE_DAEMON,
                               (uint64_t)l->agent->output};
    struct wire_hello hello;

    if (n < sizeof hello)
        return;
    memcpy(&hello, p, sizeof hello);
    l->agent->runs = hello.runs;
    output_resize(l->output, hello.size);
    if (hello.child > 0)
        l->agent->child = hello.child;
    link_send(l->agent, WIRE_ATTACH, &want, sizeof want);
}

static bool take_frame(uint8_t type, const char *p, size_t n, void *arg)
{
    struct link *l = arg;
    struct agent *a = l->agent;
    struct wire_size size;
    int32_t pid;

    switch (type) {
    case WIRE_HELLO:
        take_hello(l, p, n);
        break;
    case WIRE_OUTPUT:
        take_output(l, p, n);
        break;
    case WIRE_LOST:
        take_lost(l, p, n);
        break;
    case WIRE_EXIT:
        if (n < sizeof l->end)
            break;
        memcpy(&l->end, p, sizeof l->end);
        take_end(l);
        break;
    case WIRE_REFUSED: /* this daemon runs inside an agent: see main.c */
        if (n >= 1 && (p[0] == WIRE_PAUSE || p[0] == WIRE_RESUME))
            a->paused = p[0] == WIRE_RESUME;
        if (n >= 1 && p[0] == WIRE_KILL)
            a->killed = false;
        agent_changed(a);
        event_note(a->hb, a->name, "agent_activity", "refused", "error",
                   "error", "its holder does not obey this habitat");
        break;
    case WIRE_SIZE:
        if (n < sizeof size)
            break;
        memcpy(&size, p, sizeof size);
        output_resize(l->output, size);
        break;
    case WIRE_STARTED:
        if (n < sizeof pid)
            break;
        memcpy(&pid, p, sizeof pid);
        a->child = pid;
        a->runs++;
        a->started_ms = clock_wall_ms();
        a->ended_ms = 0;
        agent_set(&a->status, span_of("Running"));
        agent_set(&a->reason, (struct span){NULL, 0});
        agent_changed(a);
        event_note(a->hb, a->name, "agent_activity", "lifecycle.started",
                   "info", "change", "started again");
        break;
    default:
        break;
    }
    return l->agent != NULL;
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[65536]; /* one loop, one read at a time */

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void holder_left(struct link *l)
{
    struct agent *a = l->agent;

    if (!agent_ended(a)) {
        agent_set(&a->status, span_of("Failed"));
        agent_set(&a->reason, span_of("its holder was killed"));
        a->ended_ms = clock_wall_ms();
        a->child = 0;
        event_note(a->hb, a->name, "agent_activity", "lifecycle.failed",
                   "error", "error", a->reason);
    }
    a->holder_pid = 0;
    agent_changed(a);
    link_close(a);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
    struct link *l = stream->data;

    if (l->agent == NULL)
        return;
    if (n < 0 || !frames_add(&l->in, b->base, (size_t)n, take_frame, l)) {
        holder_left(l);
        return;
    }
    if (l->in.len == 0) /* else a frame has begun */
        buf_shrink(&l->in, 0);
}

static void on_connect(uv_connect_t *req, int status)
{
    struct link *l = req->data;

    if (l->agent == NULL)
        return;
    if (status != 0) {
        holder_left(l);
        return;
    }
    l->open = true;
    uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read);
}

bool link_connect(struct agent *a)
{
    struct link *l = xcalloc(1, sizeof *l);
    char path[HABITAT_PATH_MAX + 20];

    agent_socket(a, path, sizeof path);
    l->agent = a;
    l->handles = 2;
    l->seen = l->acked = (uint64_t)a->output;
    buf_init(&l->in, 4u << 20);
    l->output = output_create(a);
    uv_pipe_init(&a->hb->loop, &l->pipe, 0);
    uv_timer_init(&a->hb->loop, &l->again);
    l->pipe.data = l->again.data = l->connect.data = l;
    a->link = l;
    uv_pipe_connect(&l->connect, &l->pipe, path, on_connect);
    return true;
}

/* In the child, twice forked: becomes the holder. */
static void become_holder(const struct agent *a, const char *path,
                          const struct spawn_want *want, int report)
{
    char size[32], **argv = xcalloc(want->argc + 5, sizeof *argv);
    char **env = xcalloc(want->envc + 9, sizeof *env);
    const char *dir = a->dir != NULL ? a->dir : "/";
    size_t n = 0;
    int32_t pid;

    snprintf(size, sizeof size, "%ux%u", want->size.columns, want->size.rows);
    argv[0] = xstrdup("terrarium-holder");
    argv[1] = xstrdup(path);
    argv[2] = size;
    argv[3] = xstrdup(dir);
    for (size_t i = 0; i < want->argc; i++)
        argv[4 + i] = xstrndup(want->argv[i].p, want->argv[i].n);
    /* of two of one name the first counts: these are not the spawner's */
    env[n++] = xasprintf("TERRARIUM_AGENT=%s", a->name);
    env[n++] = xasprintf("TERRARIUM_SOCKET=%s", a->hb->paths.socket);
    if (getenv("TERRARIUM_HABITAT") != NULL)
        env[n++] = xasprintf("TERRARIUM_HABITAT=%s",
                             getenv("TERRARIUM_HABITAT"));
    env[n++] = xstrdup("TERM=xterm-256color");
    env[n++] = xstrdup("COLORTERM=truecolor");
    if (a->contract != NULL)
        env[n++] = xasprintf("TERRARIUM_CONTRACT=%s", a->contract);
    for (size_t i = 0; i < want->envc; i++)
        env[n++] = xstrndup(want->env[i].p, want->env[i].n);
    pid = getpid();
    if (write(report, &pid, sizeof pid) != sizeof pid)
        _exit(127);
    if (report != 3) {
        dup2(report, 3);
        close(report);
    } else {
        fcntl(3, F_SETFD, 0);
    }
    execve(a->hb->holder, argv, env);
    _exit(127);
}

static pid_t fork_holder(const struct agent *a, const char *path,
                         const struct spawn_want *want, int report[2])
{
    sigset_t none;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    for (int fd = 3; fd < 1024; fd++)
        if (fd != report[1])
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    pid = fork();
    if (pid == 0)
        become_holder(a, path, want, report[1]);
    _exit(pid < 0);
}

static bool read_all(int fd, void *p, size_t n, int ms)
{
    struct pollfd at = {fd, POLLIN, 0};
    size_t have = 0;

    while (have < n) {
        ssize_t r;

        if (poll(&at, 1, ms) != 1)
            return false;
        r = read(fd, (char *)p + have, n - have);
        if (r <= 0)
            return false;
        have += (size_t)r;
    }
    return true;
}

/*
 * The pipe says: the holder's pid, then errno, the agent's pid and the step
 * that failed.
 */
static int hear(struct agent *a, int fd, struct error *err)
{
    char step[64] = "";
    int32_t pid = 0, head[2];
    struct proc p;

    if (!read_all(fd, &pid, sizeof pid, START_MS) || pid <= 0 ||
        !read_all(fd, head, sizeof head, START_MS)) {
        if (pid > 0)
            kill(pid, SIGKILL); /* it must not run without a row */
        return error_set(err, 500, "the holder '%s' did not start",
                         a->hb->holder);
    }
    if (head[0] != 0) {
        ssize_t n = read(fd, step, sizeof step - 1);

        step[n > 0 ? n : 0] = '\0';
        return error_set(err, 400, "cannot %s: %s",
                         step[0] ? step : "start", strerror(head[0]));
    }
    a->holder_pid = pid;
    a->child = head[1];
    a->runs = 1;
    if (proc_read(pid, &p))
        a->holder_start = (int64_t)p.start;
    return 0;
}

int link_spawn(struct agent *a, const struct spawn_want *want,
               struct error *err)
{
    char path[HABITAT_PATH_MAX + 20];
    int report[2], status;
    pid_t pid;

    agent_socket(a, path, sizeof path);
    if (pipe2(report, O_CLOEXEC) != 0)
        return error_set(err, 500, "cannot make a pipe: %s", strerror(errno));
    pid = fork_holder(a, path, want, report);
    close(report[1]);
    if (pid < 0)
        error_set(err, 500, "cannot fork: %s", strerror(errno));
    else if (hear(a, report[0], err) == 0)
        error_clear(err);
    if (pid > 0)
        waitpid(pid, &status, 0);
    close(report[0]);
    if (err->code != 0)
        return err->code;
    link_connect(a);
    return 0;
}

bool agent_kill(struct agent *a, uint32_t grace_ms)
{
    if (!link_send(a, WIRE_KILL, &grace_ms, sizeof grace_ms))
        return false;
    uv_timer_stop(&a->link->again);
    a->killed = true;
    if (a->child == 0 && !agent_ended(a)) { /* it waited for a restart */
        agent_set(&a->status, span_of("Stopped"));
        a->link->end_seen = true;
        agent_changed(a);
    }
    return true;
}

bool agent_pause(struct agent *a, bool on)
{
    if (!link_send(a, on ? WIRE_PAUSE : WIRE_RESUME, NULL, 0))
        return false;
    a->paused = on;
    agent_changed(a);
    return true;
}

bool agent_type(struct agent *a, struct span bytes)
{
    return link_send(a, WIRE_SAY, bytes.p, bytes.n);
}
