#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/term_priv.h"

#define OPEN_FLAGS (O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)

/* Are both the same terminal? */
static bool one_terminal(int a, int b)
{
    struct stat sa, sb;

    return isatty(a) && isatty(b) && fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
           sa.st_rdev == sb.st_rdev;
}

/* The terminal of fd with an open file description of its own, or -1. */
static int open_again(int fd)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, OPEN_FLAGS);
}

static int open_own(struct tty *tty)
{
    bool std = one_terminal(STDIN_FILENO, STDOUT_FILENO);
    int fd = std ? open_again(STDIN_FILENO) : -1;

    if (fd < 0)
        fd = open("/dev/tty", OPEN_FLAGS);
    if (fd < 0 && std) { /* after su: the terminal is another user's */
        int flags = fcntl(STDIN_FILENO, F_GETFL);

        fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (fd >= 0 && flags >= 0 && (flags & O_ACCMODE) == O_RDWR) {
            tty->shared_flags = flags;
            fcntl(fd, F_SETFL, flags | O_NONBLOCK);
        }
    }
    return fd;
}

int tty_open(struct tty *tty, const char *path, struct error *err)
{
    *tty = (struct tty){.fd = -1, .shared_flags = -1};
    tty->fd = path != NULL ? open(path, OPEN_FLAGS) : open_own(tty);
    if (tty->fd < 0)
        return error_set(err, -errno, "cannot open the terminal '%s': %s",
                         path != NULL ? path : "/dev/tty", strerror(errno));
    if (tcgetattr(tty->fd, &tty->before) == 0)
        return 0;
    error_set(err, -errno, "cannot use '%s' as a terminal: %s",
              path != NULL ? path : "/dev/tty", strerror(errno));
    tty_close(tty);
    return err != NULL ? err->code : ERR_OTHER;
}

void tty_close(struct tty *tty)
{
    if (tty->fd < 0)
        return;
    if (tty->shared_flags >= 0)
        fcntl(tty->fd, F_SETFL, tty->shared_flags);
    close(tty->fd);
    tty->fd = -1;
}

static void set_modes(const struct tty *tty, const struct termios *modes)
{
    while (tcsetattr(tty->fd, TCSANOW, modes) != 0 && errno == EINTR)
        continue;
}

void tty_raw(const struct tty *tty)
{
    struct termios raw = tty->before;

    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tty->shared_flags >= 0)
        fcntl(tty->fd, F_SETFL, tty->shared_flags | O_NONBLOCK);
    set_modes(tty, &raw);
}

void tty_cooked(const struct tty *tty)
{
    set_modes(tty, &tty->before);
    if (tty->shared_flags >= 0)
        fcntl(tty->fd, F_SETFL, tty->shared_flags);
}

static int clamp(int v, int max)
{
    return v > max ? max : v;
}

void tty_size(const struct tty *tty, int *w, int *h)
{
    struct winsize size = {0};

    if (ioctl(tty->fd, TIOCGWINSZ, &size) != 0)
        size.ws_col = size.ws_row = 0;
    *w = size.ws_col > 0 ? clamp(size.ws_col, CANVAS_W_MAX) : 80;
    *h = size.ws_row > 0 ? clamp(size.ws_row, CANVAS_H_MAX) : 24;
}

bool tty_write(const struct tty *tty, const struct buf *b, size_t *sent)
{
    while (*sent < b->len) {
        ssize_t n = write(tty->fd, b->ptr + *sent, b->len - *sent);

        if (n > 0)
            *sent += (size_t)n;
        else if (n < 0 && errno == EINTR)
            continue;
        else
            return n == 0 || errno == EAGAIN;
    }
    return true;
}

bool tty_wait(const struct tty *tty, int ms)
{
    struct pollfd p = {.fd = tty->fd, .events = POLLOUT};

    return poll(&p, 1, ms) == 1 && (p.revents & POLLOUT) != 0;
}

/* --- fatal signals --- */

static const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
#define FATALS (sizeof fatal / sizeof fatal[0])

static struct {
    volatile sig_atomic_t fd; /* -1: nothing to restore */
    struct termios before;
    char leave[TTY_LEAVE_MAX];
    size_t len;
    struct sigaction old[FATALS];
    stack_t old_stack;
    char stack[65536]; /* for a stack that overflowed */
} guard = {.fd = -1};

static void on_fatal(int signum, siginfo_t *info, void *context)
{
    int fd = guard.fd;

    (void)context;
    guard.fd = -1;
    if (fd >= 0) {
        ssize_t n = write(fd, guard.leave, guard.len);

        (void)n;
        tcsetattr(fd, TCSANOW, &guard.before);
    }
    for (size_t i = 0; i < FATALS; i++)
        if (fatal[i] == signum)
            sigaction(signum, &guard.old[i], NULL);
    /* a fault happens again by itself, and says where */
    if (info->si_code <= 0)
        raise(signum);
}

void tty_guard(const struct tty *tty, const char *leave, size_t len)
{
    struct sigaction act = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t stack = {.ss_sp = guard.stack, .ss_size = sizeof guard.stack};

    tty_unguard();
    sigaltstack(&stack, &guard.old_stack);
    guard.before = tty->before;
    guard.len = len > sizeof guard.leave ? sizeof guard.leave : len;
    memcpy(guard.leave, leave, guard.len);
    act.sa_sigaction = on_fatal;
    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < FATALS; i++)
        sigaction(fatal[i], &act, &guard.old[i]);
    guard.fd = tty->fd;
}

void tty_unguard(void)
{
    if (guard.fd < 0)
        return;
    guard.fd = -1;
    for (size_t i = 0; i < FATALS; i++)
        sigaction(fatal[i], &guard.old[i], NULL);
    sigaltstack(&guard.old_stack, NULL);
}
