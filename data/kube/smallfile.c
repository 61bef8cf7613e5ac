#include "config.h"

#include "data/kube/smallfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "data/kube/secret.h"

static int fail(struct error *err, const char *what, int cause)
{
    return error_set(err, -cause, "cannot %s: %s", what, strerror(cause));
}

static int check(int fd, size_t max, bool pipes, size_t *ret_size,
                 struct error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return fail(err, "stat", errno);
    if (pipes && S_ISFIFO(st.st_mode)) {
        *ret_size = 0;
        return 0;
    }
    if (!S_ISREG(st.st_mode)) {
        return error_set(err, ERR_CONFIG, "is not a regular file%s",
                         S_ISDIR(st.st_mode) ? " but a folder" : "");
    }
    if (st.st_size > 0 && (size_t)st.st_size > max) {
        return error_set(err, ERR_LIMIT, "is larger than %zu bytes", max);
    }
    *ret_size = st.st_size > 0 ? (size_t)st.st_size : 0;
    return 0;
}

/* Only a pipe's descriptor says EAGAIN: true when it has more, or its end. */
static bool more_comes(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n;

    do
        n = poll(&p, 1, KUBE_PIPE_MS);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        errno = ETIMEDOUT;
    return n > 0;
}

/* Reads on past `size`: the file may grow, and /proc says 0. */
static int read_all(int fd, size_t max, size_t size, char **ret,
                    size_t *ret_len, struct error *err)
{
    size_t room = size + 1, len = 0;
    char *s = xcalloc(room + 1, 1);

    for (;;) {
        ssize_t n = read(fd, s + len, room - len);

        if (n < 0 && (errno == EINTR || (errno == EAGAIN && more_comes(fd))))
            continue;
        if (n < 0) {
            kube_secret_free_len(s, len);
            return fail(err, "read", errno);
        }
        len += (size_t)n;
        if (n == 0)
            break;
        if (len > max) {
            kube_secret_free_len(s, len);
            return error_set(err, ERR_LIMIT, "is larger than %zu bytes", max);
        }
        if (len == room) {
            char *more = xcalloc(2 * room + 1, 1);

            memcpy(more, s, len);
            kube_secret_free_len(s, len);
            s = more;
            room *= 2;
        }
    }
    s[len] = '\0';
    *ret = s;
    *ret_len = len;
    return 0;
}

static int read_path(const char *path, size_t max, bool pipes, char **ret,
                     size_t *ret_len, struct error *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    size_t size = 0;
    int code;

    if (fd < 0)
        return fail(err, "open", errno);
    code = check(fd, max, pipes, &size, err);
    if (code == 0 && pipes && size == 0 && lseek(fd, 0, SEEK_CUR) < 0 &&
        !more_comes(fd)) /* a pipe without a writer reads as ended */
        code = fail(err, "read", errno);
    if (code == 0)
        code = read_all(fd, max, size, ret, ret_len, err);
    close(fd);
    return code;
}

int kube_smallfile_read(const char *path, size_t max, char **ret,
                        size_t *ret_len, struct error *err)
{
    return read_path(path, max, false, ret, ret_len, err);
}

int kube_smallfile_or_pipe(const char *path, size_t max, char **ret,
                           size_t *ret_len, struct error *err)
{
    return read_path(path, max, true, ret, ret_len, err);
}
