#include "config.h"

#include "front/hook.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A file per name, in the habitat's folder: "SESSION PID\n", whose it is. A
 * name is free when nobody has it, or the one who had it has ended.
 */

#define DIGITS 4

static pid_t agent_pid(void)
{
    const char *said = getenv("CLAUDE_PID");
    long pid = said != NULL ? strtol(said, NULL, 10) : 0;

    return pid > 1 ? (pid_t)pid : getppid();
}

static void name_path(const struct client *c, const char *name, char *ret,
                      size_t size)
{
    snprintf(ret, size, "%s/hooks/%s", c->paths.state, name);
}

/* The session that has the name now; "" nobody that lives. */
static void owner(int fd, char ret[80])
{
    char text[128];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = 0;

    ret[0] = '\0';
    if (n <= 0)
        return;
    text[n] = '\0';
    if (sscanf(text, "%79s %ld", ret, &pid) != 2 || pid <= 1 ||
        (kill((pid_t)pid, 0) != 0 && errno == ESRCH))
        ret[0] = '\0';
}

/* False if another session that lives has it. What cannot be told is ours. */
static bool take(const struct client *c, const char *name, const char *session,
                 bool may)
{
    char path[300], text[128], has[80];
    bool ours = true;
    int fd, n;

    name_path(c, name, path, sizeof path);
    fd = open(path, O_RDWR | O_CLOEXEC | (may ? O_CREAT : 0), 0600);
    if (fd < 0 && may && errno == ENOENT) {
        char *slash = strrchr(path, '/');

        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
        fd = open(path, O_RDWR | O_CLOEXEC | O_CREAT, 0600);
    }
    if (fd < 0)
        return may;
    flock(fd, LOCK_EX);
    owner(fd, has);
    if (strcmp(has, session) != 0) {
        ours = may && has[0] == '\0';
        n = snprintf(text, sizeof text, "%s %ld\n", session,
                     (long)agent_pid());
        /* what cannot be written takes nobody's name */
        if (ours && ftruncate(fd, 0) == 0 &&
            pwrite(fd, text, (size_t)n, 0) != n)
            unlink(path);
    }
    close(fd);
    return ours;
}

/* The last folder of where it works, as part of a name; "" if nothing is
   left of it. */
static void folder(struct span cwd, char *ret, size_t size)
{
    const char *project = getenv("CLAUDE_PROJECT_DIR");
    size_t from, n = 0;

    if (project != NULL && project[0] == '/')
        cwd = span_of(project); /* cwd follows cd */
    while (cwd.n > 0 && cwd.p[cwd.n - 1] == '/')
        cwd.n--;
    for (from = cwd.n; from > 0 && cwd.p[from - 1] != '/'; from--)
        ;
    for (size_t i = from; i < cwd.n && n + 1 < size; i++) {
        char ch = cwd.p[i];

        if (isalnum((unsigned char)ch) || ch == '_' || ch == '-')
            ret[n++] = ch;
        else if (n > 0 && ret[n - 1] != '-')
            ret[n++] = '-';
    }
    while (n > 0 && ret[n - 1] == '-')
        n--;
    ret[n] = '\0';
}

/* Letters and digits of the session: at most max. */
static void short_id(struct span session, size_t max, char *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < session.n && n < max; i++)
        if (isalnum((unsigned char)session.p[i]))
            ret[n++] = session.p[i];
    ret[n] = '\0';
}

void hook_name(const struct client *c, const char *agent, const char *as,
               struct span cwd, struct span session, char ret[HOOK_NAME_MAX])
{
    char where[41], id[64], digits[DIGITS + 1], full[HOOK_NAME_MAX];

    if (as == NULL)
        as = getenv("TERRARIUM_AGENT");
    if (as != NULL && as[0] != '\0') {
        snprintf(ret, HOOK_NAME_MAX, "%s", as);
        return;
    }
    folder(cwd, where, sizeof where);
    short_id(session, sizeof id - 1, id);
    short_id(session, DIGITS, digits);
    if (where[0] == '\0' || id[0] == '\0') {
        const char *more = where[0] ? where : digits;

        snprintf(ret, HOOK_NAME_MAX, "%s%s%s", agent, more[0] ? "-" : "",
                 more);
        return;
    }
    snprintf(ret, HOOK_NAME_MAX, "%s-%s", agent, where);
    snprintf(full, sizeof full, "%s-%s-%s", agent, where, digits);
    if (take(c, full, id, false) || !take(c, ret, id, true)) {
        take(c, full, id, true);
        memcpy(ret, full, sizeof full);
    }
}

void hook_name_drop(const struct client *c, const char *name,
                    struct span session)
{
    char path[300], id[64], has[80];
    int fd;

    name_path(c, name, path, sizeof path);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    short_id(session, sizeof id - 1, id);
    flock(fd, LOCK_EX);
    owner(fd, has);
    if (strcmp(has, id) == 0)
        unlink(path);
    close(fd);
}
