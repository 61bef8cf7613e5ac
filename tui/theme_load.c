#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tui/theme.h"
#include "tui/theme_builtin.h"

#ifndef DATADIR
#define DATADIR "/usr/local/share/terrarium"
#endif

#define PATH_MAX_BYTES 4096

/* Folders that are looked in: 0 the user's, 1 the program's. */
static bool folder(int which, char *ret, size_t size)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    int n;

    if (which == 1)
        n = snprintf(ret, size, "%s/themes", DATADIR);
    else if (base != NULL && base[0] == '/')
        n = snprintf(ret, size, "%s/terrarium/themes", base);
    else if ((base = getenv("HOME")) != NULL && base[0] == '/')
        n = snprintf(ret, size, "%s/.config/terrarium/themes", base);
    else
        return false;
    return n > 0 && (size_t)n < size;
}

static int read_all(int fd, const char *path, struct buf *ret,
                    struct error *err)
{
    char chunk[4096];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, -errno, "cannot read theme '%s': %s", path,
                             strerror(errno));
        if (!buf_add(ret, chunk, (size_t)n))
            return error_set(err, ERR_LIMIT,
                             "theme '%s' is larger than %d bytes", path,
                             THEME_BYTES_MAX);
    }
    return 0;
}

/* 0, an error, or -ENOENT with *err untouched. */
static int load_path(const char *path, struct theme *ret, struct error *err)
{
    struct buf text;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

    if (fd < 0 && errno == ENOENT)
        return -ENOENT;
    if (fd < 0)
        return error_set(err, -errno, "cannot open theme '%s': %s", path,
                         strerror(errno));
    buf_init(&text, THEME_BYTES_MAX);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = error_set(err, ERR_CONFIG, "theme '%s' is not a file", path);
    else
        rc = read_all(fd, path, &text, err);
    if (rc == 0)
        rc = theme_parse(path, buf_text(&text), text.len, ret, err);
    buf_finish(&text);
    close(fd);
    return rc;
}

static void list_folder(const char *path, struct buf *names)
{
    DIR *dir = opendir(path);
    struct dirent *e;

    if (dir == NULL)
        return;
    while ((e = readdir(dir)) != NULL) {
        size_t len = strlen(e->d_name);
        bool built_in = false;

        if (len <= 6 || strcmp(e->d_name + len - 6, ".theme") != 0)
            continue;
        for (int i = 0; theme_builtins[i].name != NULL; i++)
            built_in |= strlen(theme_builtins[i].name) == len - 6 &&
                        memcmp(theme_builtins[i].name, e->d_name, len - 6) == 0;
        if (!built_in)
            buf_fmt(names, ", %.*s", (int)len - 6, e->d_name);
    }
    closedir(dir);
}

static int absent(const char *name, struct error *err)
{
    char path[PATH_MAX_BYTES];
    struct buf names;

    buf_init(&names, 160);
    for (int i = 0; theme_builtins[i].name != NULL; i++)
        buf_fmt(&names, "%s%s", i > 0 ? ", " : "", theme_builtins[i].name);
    for (int i = 0; i < 2; i++)
        if (folder(i, path, sizeof path))
            list_folder(path, &names);
    error_set(err, ERR_ABSENT, "no theme '%.40s', there is %s", name,
              buf_text(&names));
    buf_finish(&names);
    return ERR_ABSENT;
}

int theme_load(const char *name, struct theme *ret, struct error *err)
{
    char path[PATH_MAX_BYTES];
    int rc = -ENOENT;

    if (strchr(name, '/') != NULL) {
        rc = load_path(name, ret, err);
        return rc == -ENOENT
                   ? error_set(err, ERR_ABSENT,
                               "cannot open theme '%s': no such file", name)
                   : rc;
    }
    for (const struct theme_builtin *b = theme_builtins; b->name != NULL; b++)
        if (strcmp(b->name, name) == 0)
            return theme_parse(name, b->text, strlen(b->text), ret, err);
    for (int i = 0; i < 2 && rc == -ENOENT && name[0] != '\0'; i++) {
        size_t used;

        if (!folder(i, path, sizeof path))
            continue;
        used = strlen(path);
        if (strlen(name) + sizeof "/.theme" > sizeof path - used)
            continue;
        snprintf(path + used, sizeof path - used, "/%s.theme", name);
        rc = load_path(path, ret, err);
    }
    return rc == -ENOENT ? absent(name, err) : rc;
}
