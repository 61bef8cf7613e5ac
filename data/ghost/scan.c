#include "config.h"

#include "data/ghost/scan.h"

#include "base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *dir, *name; /* dir NULL: the folder itself */
    enum ghost_role role;
} places[] = {
    {NULL, "status.json", GHOST_STATUS},
    {NULL, "map.json", GHOST_MAP},
    {NULL, "signal.json", GHOST_INVOKE},
    {NULL, "dream.json", GHOST_INVOKE},
    {NULL, "dream_cycle.json", GHOST_INVOKE},
    {NULL, "meta.json", GHOST_META},
    {NULL, "health.status", GHOST_HEALTH},
    {NULL, "context.json", GHOST_CONTEXT},
    {NULL, "thought_stream.md", GHOST_STREAM},
    {NULL, "flinch_summary.json", GHOST_SUMMARY},
    {NULL, "trace_summary.json", GHOST_SUMMARY},
    {NULL, "tension_map.json", GHOST_SUMMARY},
    {NULL, "test_flinches.jsonl", GHOST_FLINCHES},
    {NULL, "cluster_status.json", GHOST_CLUSTER},
    {"cluster", "status.json", GHOST_CLUSTER},
    {"agents", "_index.json", GHOST_AGENTS},
    {"pheromones", "active.json", GHOST_SIGNALS},
    {"proposals", "pending.json", GHOST_PROPOSALS},
};

struct reading {
    struct ghost_scan *s;
    size_t bytes;
};

static const struct ghost_file *known(const struct ghost_scan *s,
                                      const char *path)
{
    for (int i = 0; i < s->known_count; i++)
        if (strcmp(s->known[i].path, path) == 0)
            return &s->known[i];
    return NULL;
}

static bool same(const struct ghost_file *a, const struct ghost_file *b)
{
    return a->inode == b->inode && a->size == b->size &&
           a->mtime_ns == b->mtime_ns;
}

/* All of it, or nothing: it may be written to at this moment. */
static void read_text(int fd, struct ghost_file *f)
{
    size_t room = (size_t)f->size + 1;
    char *text = malloc(room + 1);
    ssize_t n;

    if (text == NULL) {
        f->fault = GHOST_UNREADABLE;
        return;
    }
    while (f->len < room &&
           (n = read(fd, text + f->len, room - f->len)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            f->fault = GHOST_UNREADABLE;
            f->len = 0;
            free(text);
            return;
        }
        f->len += (size_t)n;
    }
    text[f->len] = '\0';
    f->text = text;
}

static void read_file(struct reading *r, int dir, const char *name,
                      const char *path, enum ghost_role role)
{
    struct ghost_file f = {.role = role};
    const struct ghost_file *before;
    struct stat st;
    int fd;

    if (r->s->count == GHOST_FILES_MAX ||
        strlen(path) >= sizeof f.path)
        return;
    strcpy(f.path, path);
    before = known(r->s, path);
    fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return;
        f.fault = errno == ELOOP ? GHOST_LINK : GHOST_UNREADABLE;
    } else if (fstat(fd, &st) != 0) {
        f.fault = GHOST_UNREADABLE;
    } else if (!S_ISREG(st.st_mode)) {
        f.fault = GHOST_ODD;
    } else if (st.st_size < 0 || (uint64_t)st.st_size > GHOST_FILE_MAX) {
        f.fault = GHOST_LARGE;
    } else {
        f.inode = st.st_ino;
        f.size = (uint64_t)st.st_size;
        f.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 +
                     st.st_mtim.tv_nsec;
        if (before == NULL || !same(before, &f)) {
            if (r->bytes + f.size > GHOST_SCAN_MAX) {
                f.inode = 0; /* is another one the next time */
            } else {
                r->bytes += f.size;
                read_text(fd, &f);
            }
        }
    }
    if (fd >= 0)
        close(fd);
    r->s->files[r->s->count++] = f;
}

static int open_dir(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void read_agent(struct reading *r, int agents, const char *name)
{
    static const char *const files[] = {"status.json", "current.json"};
    int dir = open_dir(agents, name);
    char path[400];

    if (dir < 0)
        return;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "agents/%s/%s", name, files[i]);
        read_file(r, dir, files[i], path, GHOST_AGENT);
    }
    close(dir);
}

static void read_agents(struct reading *r, int root)
{
    int fd = open_dir(root, "agents");
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((e = readdir(dir)) != NULL && r->s->count < GHOST_FILES_MAX)
        if (e->d_name[0] != '.' && e->d_name[0] != '_')
            read_agent(r, fd, e->d_name);
    closedir(dir);
}

void ghost_scan_run(struct ghost_scan *s)
{
    struct reading r = {s, 0};
    struct stat st;
    int root = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    s->count = 0;
    if (root < 0 || fstat(root, &st) != 0) {
        s->error = errno;
        if (root >= 0)
            close(root);
        return;
    }
    s->error = 0;
    s->root_inode = st.st_ino;
    s->files = calloc(GHOST_FILES_MAX, sizeof *s->files);
    if (s->files == NULL) {
        s->error = ENOMEM;
        close(root);
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[64];
        int dir = root;

        snprintf(path, sizeof path, "%s%s%s",
                 places[i].dir != NULL ? places[i].dir : "",
                 places[i].dir != NULL ? "/" : "", places[i].name);
        if (places[i].dir != NULL && (dir = open_dir(root, places[i].dir)) < 0)
            continue;
        read_file(&r, dir, places[i].name, path, places[i].role);
        if (dir != root)
            close(dir);
    }
    read_agents(&r, root);
    close(root);
}

void ghost_scan_finish(struct ghost_scan *s)
{
    for (int i = 0; i < s->count && s->files != NULL; i++)
        free(s->files[i].text);
    free(s->files);
    s->files = NULL;
    s->count = 0;
}
