#include "config.h"

#include "app/picture_file.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *picture_path(const char *key)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME"),
               *habitat = getenv("TERRARIUM_HABITAT");
    uint64_t h = hash_more(11, key, strlen(key));

    if (habitat != NULL) /* another one's agents are not this one's */
        h = hash_more(h, habitat, strlen(habitat));

    if (state != NULL && state[0] == '/')
        return xasprintf("%s/terrarium/picture-%016llx.json", state,
                         (unsigned long long)h);
    if (home != NULL && home[0] == '/')
        return xasprintf("%s/.local/state/terrarium/picture-%016llx.json",
                         home, (unsigned long long)h);
    return NULL;
}

int picture_load(const char *path, struct buf *ret, struct error *err)
{
    char chunk[65536];
    struct stat st;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return error_set(err, ERR_ABSENT, "cannot open '%s': %s", path,
                         strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        st.st_uid != geteuid() || st.st_size > (off_t)PICTURE_MAX) {
        close(fd);
        return error_set(err, ERR_REFUSED, "'%s' is no picture of ours", path);
    }
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        if (!buf_add(ret, chunk, (size_t)n))
            break;
    close(fd);
    return n == 0 ? 0 : error_set(err, ERR_OTHER, "cannot read '%s'", path);
}

/* Makes the folders of the path, 0700 where they are new. */
static void make_folders(const char *path)
{
    char *copy = xstrdup(path);

    for (char *p = copy + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        mkdir(copy, 0700);
        *p = '/';
    }
    free(copy);
}

int picture_save_now(const char *path, const struct buf *bytes)
{
    char *tmp = xasprintf("%s.%d", path, (int)getpid());
    size_t done = 0;
    int fd, r = 0;

    make_folders(path);
    fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST && unlink(tmp) == 0)
        fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                  0600);
    if (fd < 0) {
        r = errno;
        free(tmp);
        return r;
    }
    while (done < bytes->len && r == 0) {
        ssize_t n = write(fd, bytes->ptr + done, bytes->len - done);

        if (n < 0 && errno != EINTR)
            r = errno;
        else if (n > 0)
            done += (size_t)n;
    }
    if (close(fd) != 0 && r == 0)
        r = errno;
    if (r == 0 && rename(tmp, path) != 0)
        r = errno;
    if (r != 0)
        unlink(tmp);
    free(tmp);
    return r;
}

static void on_work(uv_work_t *work)
{
    struct picture_saver *s = work->data;

    s->result = picture_save_now(s->path, &s->bytes);
}

static void on_saved(uv_work_t *work, int status)
{
    struct picture_saver *s = work->data;

    (void)status;
    s->busy = false;
    buf_finish(&s->bytes);
    free(s->path);
    s->path = NULL;
}

bool picture_save(uv_loop_t *loop, struct picture_saver *s, const char *path,
                  struct buf *out)
{
    if (s->busy)
        return false;
    s->busy = true;
    s->bytes = *out;
    buf_init(out, out->cap);
    s->path = xstrdup(path);
    s->work.data = s;
    if (uv_queue_work(loop, &s->work, on_work, on_saved) != 0) {
        on_saved(&s->work, 0);
        return false;
    }
    return true;
}
