/*
 * terrarium-holder SOCKET COLUMNSxROWS DIRECTORY COMMAND [ARGUMENT…]
 *
 * Started by the habitat with the agent's environment. Descriptor 3 is told
 * how the start went: an int32 errno (0: it runs), an int32 pid, and the
 * step that failed in words; then it is closed.
 */
#include "config.h"

#include "habitat/holder/holder.h"

#include "habitat/holder/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPORT_FD 3
#define READ_MAX 8192
#define LOOK_MS 10000 /* an ended one: is its habitat still there? */
#define LAST_MAX (256u << 10) /* of output after the end that is waited for */

static int64_t clock_ms(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void run_child(const struct holder *h, int tty, int report)
{
    sigset_t none;
    int error;

    setsid();
    ioctl(tty, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(tty, fd);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    execvp(h->argv[0], h->argv);
    error = errno;
    if (write(report, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

int holder_start(struct holder *h, const char **what)
{
    struct winsize size = {.ws_row = h->size.rows, .ws_col = h->size.columns};
    int master, tty, report[2], error = 0;

    *what = "open a terminal";
    if (openpty(&master, &tty, NULL, NULL, &size) != 0)
        return errno;
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(tty, F_SETFD, FD_CLOEXEC);
    fcntl(master, F_SETFL, O_NONBLOCK);
    *what = "fork";
    if (pipe2(report, O_CLOEXEC) != 0 || (h->child = fork()) < 0)
        return errno;
    if (h->child == 0)
        run_child(h, tty, report[1]);
    close(tty);
    close(report[1]);
    *what = "run the command";
    if (read(report[0], &error, sizeof error) != sizeof error)
        error = 0; /* closed by exec: it runs */
    close(report[0]);
    if (error != 0) {
        waitpid(h->child, NULL, 0);
        h->child = 0;
        close(master);
        return error;
    }
    h->pty = master;
    h->ended = false;
    h->runs++;
    return 0;
}

void holder_signal(struct holder *h, int sig)
{
    (void)h;
    tree_signal(getpid(), sig);
}

void holder_kill(struct holder *h, uint32_t grace_ms)
{
    holder_signal(h, SIGTERM);
    holder_signal(h, SIGCONT); /* what is paused must be able to end */
    h->kill_at = clock_ms(CLOCK_MONOTONIC) + grace_ms;
}

void holder_resize(struct holder *h, struct wire_size size)
{
    struct winsize w = {.ws_row = size.rows, .ws_col = size.columns};

    if (size.rows == 0 || size.columns == 0 || size.rows > 1000 ||
        size.columns > 1000)
        return;
    h->size = size;
    if (h->pty >= 0)
        ioctl(h->pty, TIOCSWINSZ, &w);
    clients_tell_all(h, WIRE_SIZE, &h->size, sizeof h->size);
}

bool holder_input(struct holder *h, const char *p, size_t n)
{
    char *more;

    if (h->pty < 0 || h->input_len + n > INPUT_MAX)
        return false;
    more = realloc(h->input, h->input_len + n);
    if (more == NULL)
        return false;
    memcpy(more + h->input_len, p, n);
    h->input = more;
    h->input_len += n;
    return true;
}

static void close_pty(struct holder *h)
{
    if (h->pty >= 0)
        close(h->pty);
    h->pty = -1;
    h->input_len = 0;
}

static void record_end(struct holder *h, int status)
{
    pid_t below[1];

    h->child = 0;
    h->end = (struct wire_exit){
        .code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .left = tree_below(getpid(), below, 1) > 0,
        .run = h->runs,
        .at_ms = clock_ms(CLOCK_REALTIME),
        .next = h->ring.next};
}

void holder_restart(struct holder *h)
{
    const char *what;
    int32_t pid;

    close_pty(h);
    if (holder_start(h, &what) != 0) {
        record_end(h, 127 << 8);
        h->ending = true;
        h->ending_at = h->ring.next;
        return;
    }
    pid = h->child;
    clients_tell_all(h, WIRE_STARTED, &pid, sizeof pid);
}

static bool nobody_below(void)
{
    pid_t below[1];

    return tree_below(getpid(), below, 1) == 0;
}

static void see_if_over(struct holder *h)
{
    h->over = h->ended && h->forgotten && nobody_below();
}

void holder_forget(struct holder *h)
{
    if (!h->ended)
        return;
    h->forgotten = true;
    see_if_over(h);
}

/* False when there is nothing to be read now. */
static bool read_pty(struct holder *h)
{
    char bytes[READ_MAX];
    ssize_t n;

    n = read(h->pty, bytes, sizeof bytes);
    if (n > 0)
        ring_add(&h->ring, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_pty(h); /* nobody holds its other end any more */
    return n > 0;
}

static void reap(struct holder *h)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;

    while (read(h->signals, &info, sizeof info) == sizeof info)
        ;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != h->child)
            continue;
        record_end(h, status);
        h->ending = true;
        h->ending_at = h->ring.next;
    }
    see_if_over(h);
}

/*
 * What it said last comes before its end; what processes it left behind go
 * on saying does not hold the end up.
 */
static void see_if_ended(struct holder *h)
{
    struct pollfd at = {h->pty, POLLIN, 0};

    if (!h->ending || (h->pty >= 0 && poll(&at, 1, 0) == 1 &&
                       (at.revents & POLLIN) &&
                       h->ring.next - h->ending_at < LAST_MAX))
        return;
    h->ending = false;
    h->end.next = h->ring.next;
    h->ended = true;
    clients_tell_all(h, WIRE_EXIT, &h->end, sizeof h->end);
}

static void write_pty(struct holder *h)
{
    ssize_t n = write(h->pty, h->input, h->input_len);

    if (n <= 0)
        return;
    h->input_len -= (size_t)n;
    memmove(h->input, h->input + n, h->input_len);
    if (h->input_len == 0) {
        free(h->input);
        h->input = NULL;
    }
}

static bool may_read(const struct holder *h)
{
    return !clients_daemon(h) ||
           h->ring.next - h->acked + READ_MAX <= WIRE_RING;
}

static int wait_ms(struct holder *h)
{
    int64_t left;

    if (h->kill_at == 0)
        return h->ended ? LOOK_MS : -1;
    left = h->kill_at - clock_ms(CLOCK_MONOTONIC);
    if (left > 0)
        return left > INT_MAX ? INT_MAX : (int)left;
    h->kill_at = 0;
    holder_signal(h, SIGKILL);
    return -1;
}

static void turn(struct holder *h)
{
    struct pollfd at[3 + WIRE_CLIENTS];
    short pty = 0;

    at[0] = (struct pollfd){h->signals, POLLIN, 0};
    at[1] = (struct pollfd){h->listener, POLLIN, 0};
    if (h->pty >= 0)
        pty = (short)((may_read(h) ? POLLIN : 0) |
                      (h->input_len > 0 ? POLLOUT : 0));
    /* without an event wanted, poll would still report the hang-up */
    at[2] = (struct pollfd){pty != 0 ? h->pty : -1, pty, 0};
    for (int i = 0; i < WIRE_CLIENTS; i++)
        at[3 + i] = (struct pollfd){
            h->clients[i].fd,
            h->clients[i].fd >= 0 ? clients_events(h, i) : (short)0, 0};
    if (poll(at, 3 + WIRE_CLIENTS, wait_ms(h)) < 0)
        return;
    if (at[2].revents & (POLLIN | POLLHUP | POLLERR) && (pty & POLLIN))
        read_pty(h);
    if (at[2].revents & POLLOUT && h->pty >= 0 && h->input_len > 0)
        write_pty(h);
    for (int i = 0; i < WIRE_CLIENTS; i++)
        if (at[3 + i].revents != 0 && h->clients[i].fd == at[3 + i].fd)
            clients_ready(h, i, at[3 + i].revents);
    if (at[0].revents != 0)
        reap(h);
    if (at[1].revents != 0)
        clients_accept(h);
    see_if_ended(h);
}

static int listen_at(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || strlen(path) >= sizeof name.sun_path)
        return -1;
    strcpy(name.sun_path, path);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(fd, WIRE_CLIENTS) != 0)
        return -1;
    return fd;
}

static int report(int error, pid_t pid, const char *what)
{
    int32_t head[2] = {error, pid};

    if (write(REPORT_FD, head, sizeof head) == sizeof head && error != 0)
        if (write(REPORT_FD, what, strlen(what)) < 0)
            error = EPIPE;
    close(REPORT_FD);
    return error != 0;
}

/* Its habitat was removed: nobody will ever ask for its end. */
static bool forsaken(const struct holder *h)
{
    struct stat st;

    return h->ended && !clients_daemon(h) && stat(h->socket, &st) != 0 &&
           errno == ENOENT;
}

static bool read_size(const char *text, struct wire_size *ret)
{
    unsigned w, h;

    if (sscanf(text, "%ux%u", &w, &h) != 2 || w < 1 || h < 1 || w > 1000 ||
        h > 1000)
        return false;
    *ret = (struct wire_size){(uint16_t)w, (uint16_t)h};
    return true;
}

static void calm_down(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    if (null > 3)
        close(null);
    fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
    umask(077);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_DUMPABLE, 0); /* its agent may not look into it */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
}

int main(int argc, char **argv)
{
    struct holder h = {.pty = -1};
    const char *what = "read its arguments";
    sigset_t chld;
    int error;

    if (argc < 5 || !read_size(argv[2], &h.size)) {
        fprintf(stderr, "usage: terrarium-holder SOCKET COLUMNSxROWS "
                        "DIRECTORY COMMAND [ARGUMENT...]\n");
        return 2;
    }
    calm_down();
    clients_init(&h);
    h.socket = argv[1];
    h.argv = argv + 4;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    h.signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
    if (chdir(argv[3]) != 0)
        return report(errno, 0, "enter its directory");
    h.listener = listen_at(argv[1]);
    if (h.listener < 0)
        return report(errno ? errno : ENAMETOOLONG, 0, "open its socket");
    error = holder_start(&h, &what);
    if (error != 0) {
        unlink(argv[1]);
        return report(error, 0, what);
    }
    report(0, h.child, "");
    while (!h.over && !(forsaken(&h) && nobody_below()))
        turn(&h);
    unlink(argv[1]);
    ring_finish(&h.ring);
    return 0;
}
