#include "config.h"

#include "habitat/holder/tree.h"

#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#define ROUNDS 10
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#define ANCESTORS_MAX 256

static bool read_stat(pid_t pid, char *text, size_t size)
{
    char path[40];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, size - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    return true;
}

bool proc_read(pid_t pid, struct proc *ret)
{
    char text[512], *name, *end;
    unsigned long utime, stime;
    unsigned long long start;
    int parent, tpgid;
    long rss;

    if (!read_stat(pid, text, sizeof text))
        return false;
    name = strchr(text, '(');
    end = strrchr(text, ')'); /* the name may hold any byte */
    if (name == NULL || end == NULL || end < name ||
        sscanf(end + 1,
               " %c %d %*d %*d %*d %d %*u %*u %*u %*u %*u %lu %lu %*d %*d "
               "%*d %*d %*d %*d %llu %*u %ld",
               &ret->state, &parent, &tpgid, &utime, &stime, &start,
               &rss) != 7)
        return false;
    *end = '\0';
    snprintf(ret->comm, sizeof ret->comm, "%.15s", name + 1);
    ret->pid = pid;
    ret->parent = parent;
    ret->tty_pgrp = tpgid;
    ret->start = start;
    ret->cpu = utime + stime;
    ret->rss = (uint64_t)(rss > 0 ? rss : 0) * (uint64_t)sysconf(_SC_PAGESIZE);
    return true;
}

/* The kernel lists a thread's children; only the holder's main thread and
   its descendants' matter, but theirs may have been forked by any thread. */
static int add_children(pid_t pid, pid_t *ret, int count, int max)
{
    char path[64], text[4096];
    struct dirent *e;
    DIR *tasks;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    if (tasks == NULL)
        return count;
    while ((e = readdir(tasks)) != NULL) {
        FILE *f;
        int child;

        if (e->d_name[0] == '.')
            continue;
        snprintf(text, sizeof text, "%s/%.16s/children", path, e->d_name);
        f = fopen(text, "re");
        if (f == NULL)
            continue;
        while (count < max && fscanf(f, "%d", &child) == 1)
            ret[count++] = child;
        fclose(f);
    }
    closedir(tasks);
    return count;
}

int tree_below(pid_t root, pid_t *ret, int max)
{
    int count = add_children(root, ret, 0, max);

    for (int i = 0; i < count; i++)
        count = add_children(ret[i], ret, count, max);
    return count;
}

static bool among(pid_t pid, const pid_t *at, int n)
{
    for (int i = 0; i < n; i++)
        if (at[i] == pid)
            return true;
    return false;
}

int tree_signal(pid_t root, int sig)
{
    pid_t *done = malloc(2 * TREE_MAX * sizeof *done), *now;
    int count = 0;

    if (done == NULL)
        return 0;
    now = done + TREE_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int n = tree_below(root, now, TREE_MAX), fresh = 0;

        for (int i = 0; i < n; i++) {
            if (among(now[i], done, count))
                continue;
            fresh++;
            kill(now[i], sig);
            if (count < TREE_MAX)
                done[count++] = now[i];
        }
        if (fresh == 0)
            break;
    }
    free(done);
    return count;
}

enum answer { NO, YES, UNTOLD };

static enum answer below_holder(pid_t pid)
{
    for (int i = 0; i < ANCESTORS_MAX; i++) {
        struct proc p;

        if (!proc_read(pid, &p))
            return UNTOLD; /* it ended while we looked */
        if (strcmp(p.comm, HOLDER_COMM) == 0)
            return YES;
        if (pid == 1 || p.parent == 0)
            return NO;
        pid = p.parent;
    }
    return UNTOLD;
}

bool tree_of_holder(pid_t pid)
{
    enum answer a = UNTOLD;

    for (int i = 0; i < 3 && a == UNTOLD && pid > 0; i++)
        a = below_holder(pid);
    return a != NO;
}

uint64_t tree_ticks(void)
{
    struct timespec t;
    uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * hz + (uint64_t)t.tv_nsec * hz / 1000000000;
}

/* The process that connected lives; a pid alone may be another's by now. */
static bool same_process(int sock, pid_t pid, uint64_t before)
{
    socklen_t len = sizeof(int);
    struct proc p;
    int fd = -1;

    if (getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) == 0) {
        struct pollfd at = {fd, POLLIN, 0};
        bool lives = poll(&at, 1, 0) == 0;

        close(fd);
        return lives;
    }
    return proc_read(pid, &p) && p.start <= before;
}

bool tree_of_peer(int sock, uint64_t before)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0 ||
        cred.pid <= 0)
        return true;
    /* looked at before and after: what was seen is of that process */
    return !same_process(sock, cred.pid, before) || tree_of_holder(cred.pid) ||
           !same_process(sock, cred.pid, before);
}
