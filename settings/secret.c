#include "config.h"

#include "settings/secret.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "data/act/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void secret_wipe(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

/* The first line of what was read; buf is wiped. */
static int first_line(const struct secret *s, char *buf, size_t n, char **ret,
                      struct error *err)
{
    size_t len = 0;

    while (len < n && buf[len] != '\n' && buf[len] != '\r' &&
           buf[len] != '\0')
        len++;
    if (len == 0 || len >= SECRET_MAX || (len < n && buf[len] == '\0')) {
        explicit_bzero(buf, n);
        return error_set(err, ERR_CONFIG,
                         "%s %.150s: expected one line with a secret",
                         s->from == SECRET_FILE ? "file" : "command",
                         s->text);
    }
    *ret = xstrndup(buf, len);
    explicit_bzero(buf, n);
    return 0;
}

static int from_file(const struct secret *s, char **ret, struct error *err)
{
    char buf[SECRET_MAX + 2];
    struct stat st;
    ssize_t n;
    int fd = open(s->text, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0) {
        error_set(err, ERR_CONFIG, "file %.150s: %s", s->text,
                  strerror(errno));
        if (fd >= 0)
            close(fd);
        return err->code;
    }
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
        close(fd);
        return error_set(err, ERR_CONFIG,
                         "file %.150s: others may read it, expected mode 0600",
                         s->text);
    }
    n = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (n < 0)
        return error_set(err, ERR_CONFIG, "file %.150s: cannot be read",
                         s->text);
    buf[n] = '\0';
    return first_line(s, buf, (size_t)n, ret, err);
}

static int from_env(const struct secret *s, char **ret, struct error *err)
{
    const char *v = getenv(s->text);

    if (v == NULL || v[0] == '\0' || strlen(v) >= SECRET_MAX)
        return error_set(err, ERR_CONFIG,
                         "environment variable %.100s: %s", s->text,
                         v == NULL       ? "is not set"
                         : v[0] == '\0' ? "is empty"
                                         : "is too long");
    *ret = xstrdup(v);
    return 0;
}

static pid_t start(char *const *argv, int *out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t all;
    pid_t pid;
    int pipes[2], r;

    if (pipe2(pipes, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, pipes[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attr);
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attr, &all);
    sigemptyset(&all);
    posix_spawnattr_setsigmask(&attr, &all);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF |
                                        POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETPGROUP);
    r = posix_spawnp(&pid, argv[0], &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    close(pipes[1]);
    if (r != 0) {
        close(pipes[0]);
        errno = r;
        return -1;
    }
    *out = pipes[0];
    return pid;
}

/* Bytes of its output; -1: it took too long. */
static ssize_t gather(int fd, char *buf, size_t size)
{
    int64_t until = clock_steady_ms() + SECRET_COMMAND_MS;
    size_t n = 0;

    while (n < size) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = until - clock_steady_ms();
        ssize_t r;

        if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
            return -1;
        if (p.revents == 0)
            continue;
        r = read(fd, buf + n, size - n);
        if (r < 0 && errno != EINTR)
            return -1;
        if (r == 0)
            break;
        n += r > 0 ? (size_t)r : 0;
    }
    return (ssize_t)n;
}

static int from_command(const struct secret *s, char **ret, struct error *err)
{
    struct words words;
    char *argv[WORDS_MAX + 1] = {NULL};
    char buf[SECRET_MAX + 2];
    int fd = -1, status = 0;
    ssize_t n;
    pid_t pid;

    if (words_split(s->text, &words, err) != 0)
        return err->code;
    memcpy(argv, words.at, (size_t)words.count * sizeof *argv);
    pid = words.count > 0 ? start(argv, &fd) : -1;
    if (pid < 0)
        error_set(err, ERR_CONFIG, "command %.150s: %s", s->text,
                  words.count > 0 ? strerror(errno) : "is empty");
    words_finish(&words);
    if (pid < 0)
        return err->code;
    n = gather(fd, buf, sizeof buf - 1);
    close(fd);
    if (n < 0 || (size_t)n == sizeof buf - 1)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return error_set(err, ERR_CONFIG,
                         "command %.150s: no answer within %d s", s->text,
                         SECRET_COMMAND_MS / 1000);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        explicit_bzero(buf, sizeof buf);
        return error_set(err, ERR_CONFIG, "command %.150s: it failed (%d)",
                         s->text,
                         WIFEXITED(status) ? WEXITSTATUS(status)
                                           : 128 + WTERMSIG(status));
    }
    buf[n] = '\0';
    return first_line(s, buf, (size_t)n, ret, err);
}

int secret_read(const struct secret *s, char **ret, struct error *err)
{
    *ret = NULL;
    switch (s->from) {
    case SECRET_FILE:
        return from_file(s, ret, err);
    case SECRET_ENV:
        return from_env(s, ret, err);
    case SECRET_COMMAND:
        return from_command(s, ret, err);
    default:
        return 0;
    }
}

void secret_describe(const struct secret *s, char *ret, size_t size)
{
    static const char *const froms[] = {"", "file ", "env ", "command "};

    snprintf(ret, size, "%s%s", froms[s->from], s->text ? s->text : "");
}

struct secret secret_copy(const struct secret *s)
{
    return (struct secret){s->from, s->text ? xstrdup(s->text) : NULL};
}

void secret_finish(struct secret *s)
{
    free(s->text);
    *s = (struct secret){0};
}
