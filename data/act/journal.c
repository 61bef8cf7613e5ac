#include "config.h"

#include "data/act/journal.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_BATCH (256u << 10)

struct line {
    struct line *next;
    char *text;
    size_t len;
    journal_cb cb;
    void *arg;
};

struct journal {
    uv_loop_t *loop;
    char *path;
    int fd; /* -1: not open */
    uv_work_t work;
    struct line *first, **last; /* to be written, in order */
    char *batch; /* that is written now */
    size_t batch_len;
    int batch_count;
    bool busy, closing;
    int error; /* of the write under way */
    void (*closed)(void *arg);
    void *closed_arg;
};

struct journal *journal_create(uv_loop_t *loop, const char *path)
{
    struct journal *j = xcalloc(1, sizeof *j);

    j->loop = loop;
    j->path = xstrdup(path);
    j->fd = -1;
    j->last = &j->first;
    j->work.data = j;
    return j;
}

static void destroy(struct journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    if (j->closed != NULL)
        j->closed(j->closed_arg);
    free(j->path);
    free(j);
}

static void make_folder(const char *path)
{
    char *part = xstrdup(path);

    for (char *p = part + 1; *p != '\0'; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(part, 0700);
            *p = '/';
        }
    free(part);
}

/* On the pool. Whole lines in one write: consoles do not mix theirs. */
static void on_work(uv_work_t *work)
{
    struct journal *j = work->data;

    j->error = 0;
    if (j->fd < 0) {
        make_folder(j->path);
        j->fd = open(j->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    if (j->fd < 0 ||
        write(j->fd, j->batch, j->batch_len) != (ssize_t)j->batch_len ||
        fdatasync(j->fd) != 0)
        j->error = errno ? errno : EIO;
}

static void next(struct journal *j);

static void on_done(uv_work_t *work, int status)
{
    struct journal *j = work->data;
    struct error err = {0};

    (void)status;
    free(j->batch);
    j->batch = NULL;
    if (j->error != 0)
        error_set(&err, ERR_OTHER, "the journal '%.120s': %s", j->path,
                  strerror(j->error));
    for (int n = j->batch_count; n > 0; n--) {
        struct line *l = j->first;

        j->first = l->next;
        if (j->first == NULL)
            j->last = &j->first;
        if (l->cb != NULL && !j->closing)
            l->cb(&err, l->arg);
        free(l->text);
        free(l);
    }
    j->busy = false; /* not before: what is called back may write */
    next(j);
}

/* All that waits is written and made durable at once. */
static void next(struct journal *j)
{
    struct line *l;

    if (j->busy)
        return;
    if (j->first == NULL) {
        if (j->closing)
            destroy(j);
        return;
    }
    j->batch_count = 0;
    j->batch_len = 0;
    for (l = j->first; l != NULL && j->batch_len < JOURNAL_BATCH;
         l = l->next) {
        j->batch_len += l->len;
        j->batch_count++;
    }
    j->batch = xcalloc(1, j->batch_len);
    j->batch_len = 0;
    l = j->first;
    for (int n = j->batch_count; n > 0; n--, l = l->next) {
        memcpy(j->batch + j->batch_len, l->text, l->len);
        j->batch_len += l->len;
    }
    j->busy = true;
    uv_queue_work(j->loop, &j->work, on_work, on_done);
}

void journal_write(struct journal *j, const struct buf *line, journal_cb cb,
                   void *arg)
{
    struct line *l = xcalloc(1, sizeof *l);

    l->text = xcalloc(1, line->len + 2);
    memcpy(l->text, buf_text(line), line->len);
    l->text[line->len] = '\n';
    l->len = line->len + 1;
    l->cb = cb;
    l->arg = arg;
    *j->last = l;
    j->last = &l->next;
    next(j);
}

void journal_close(struct journal *j, void (*cb)(void *arg), void *arg)
{
    j->closing = true;
    j->closed = cb;
    j->closed_arg = arg;
    next(j);
}

static void put_object(struct json *j, const uint8_t *uid)
{
    static const uint8_t none[16];
    char text[33];

    if (uid == NULL || memcmp(uid, none, 16) == 0)
        return;
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", uid[i]);
    json_text(j, "object", text);
}

void journal_head(struct json *j, struct buf *line, const char *id,
                  const char *step, const struct journal_about *about)
{
    json_begin(j, line);
    json_map(j, NULL);
    json_when(j, "at", clock_wall_ms());
    json_text(j, "id", id);
    json_text(j, "step", step);
    json_text(j, "act", about->act);
    json_text(j, "kind", about->kind);
    json_text(j, "ns", about->ns);
    json_text(j, "name", about->name);
    put_object(j, about->uid);
}

void journal_who(struct json *j, const char *who)
{
    const struct passwd *pw = getpwuid(getuid());

    json_text(j, "who", who[0] ? who : pw != NULL ? pw->pw_name : "?");
    json_int(j, "uid", (int64_t)getuid());
    json_int(j, "pid", (int64_t)getpid());
}

char *journal_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state != NULL && state[0] == '/')
        return xasprintf("%s/terrarium/journal.jsonl", state);
    if (home == NULL || home[0] == '\0')
        return NULL;
    return xasprintf("%s/.local/state/terrarium/journal.jsonl", home);
}
