#include "config.h"

#include "app/editing.h"

#include "base/xalloc.h"
#include "data/act/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void editing_init(struct editing *e, uv_loop_t *loop)
{
    *e = (struct editing){.loop = loop};
}

static const char *folder(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *tmp = getenv("TMPDIR");

    if (runtime != NULL && runtime[0] == '/' && access(runtime, W_OK) == 0)
        return runtime;
    return tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
}

static bool put(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

int editing_write(struct editing *e, const char *text, size_t len,
                  struct error *err)
{
    int fd, failed = 0;

    editing_forget(e);
    snprintf(e->path, sizeof e->path, "%.400s/terrarium-XXXXXX.yaml",
             folder());
    fd = mkostemps(e->path, 5, O_CLOEXEC); /* 0600 */
    if (fd < 0) {
        failed = errno;
        e->path[0] = '\0';
    } else if (!put(fd, text, len)) {
        failed = errno;
    }
    if (fd >= 0)
        close(fd);
    if (failed != 0)
        return error_set(err, -failed, "no file to edit in %.150s: %s",
                         folder(), strerror(failed));
    return 0;
}

static const int of_keys[] = {SIGINT, SIGQUIT};

/* Dropped by the system: an editor that ends by ^C cannot leave it to us. */
static void ignore_keys(struct editing *e)
{
    const struct sigaction ignored = {.sa_handler = SIG_IGN};

    for (int i = 0; i < 2; i++)
        sigaction(of_keys[i], &ignored, &e->was[i]);
}

static void mind_keys(struct editing *e)
{
    for (int i = 0; i < 2; i++)
        sigaction(of_keys[i], &e->was[i], NULL);
}

static void on_closed(uv_handle_t *h)
{
    struct editing *e = h->data;

    e->running = false;
}

static void on_exit_of(uv_process_t *p, int64_t status, int signum)
{
    struct editing *e = p->data;
    struct error err = {0};

    uv_close((uv_handle_t *)p, on_closed);
    mind_keys(e);
    if (signum != 0)
        error_set(&err, ERR_OTHER, "the editor was ended by signal %d",
                  signum);
    else if (status != 0)
        error_set(&err, ERR_OTHER,
                  "the editor ended with %d: nothing was taken", (int)status);
    if (e->ended != NULL)
        e->ended(&err, e->arg);
}

static int run(struct editing *e, struct words *words, int fd,
               struct error *err)
{
    char *argv[WORDS_MAX + 2];
    uv_stdio_container_t io[3];
    uv_process_options_t want = {.exit_cb = on_exit_of,
                                 .file = words->at[0],
                                 .args = argv,
                                 .stdio_count = 3,
                                 .stdio = io};
    int rc;

    for (int i = 0; i < words->count; i++)
        argv[i] = words->at[i];
    argv[words->count] = e->path;
    argv[words->count + 1] = NULL;
    for (int i = 0; i < 3; i++) {
        io[i].flags = UV_INHERIT_FD;
        io[i].data.fd = fd;
    }
    e->process.data = e;
    e->running = true;
    ignore_keys(e); /* libuv gives the editor the defaults */
    rc = uv_spawn(e->loop, &e->process, &want);
    if (rc == 0)
        return 0;
    mind_keys(e);
    uv_close((uv_handle_t *)&e->process, on_closed);
    return error_set(err, rc, "cannot run the editor '%.100s': %s",
                     words->at[0], uv_strerror(rc));
}

int editing_start(struct editing *e,
                  void (*ended)(const struct error *err, void *arg),
                  void *arg, struct error *err)
{
    const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
    const char *line = visual != NULL && visual[0]   ? visual
                       : editor != NULL && editor[0] ? editor
                                                     : "vi";
    struct words words;
    int fd, code;

    if (e->running)
        return error_set(err, ERR_BUSY, "an editor is open already");
    if (words_split(line, &words, err) != 0)
        return err->code;
    if (words.count == 0)
        return error_set(err, ERR_CONFIG, "VISUAL and EDITOR name no program");
    /* its own description of the terminal: ours does not block */
    fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        code = error_set(err, -errno, "no terminal for the editor: %s",
                         strerror(errno));
    else
        code = run(e, &words, fd, err);
    if (fd >= 0)
        close(fd);
    words_finish(&words);
    e->ended = ended;
    e->arg = arg;
    return code;
}

void editing_forget(struct editing *e)
{
    if (e->path[0] != '\0')
        unlink(e->path);
    e->path[0] = '\0';
}

void editing_finish(struct editing *e)
{
    e->ended = NULL;
    if (e->running && !uv_is_closing((uv_handle_t *)&e->process)) {
        uv_process_kill(&e->process, SIGTERM);
        uv_close((uv_handle_t *)&e->process, on_closed);
        mind_keys(e);
    }
    editing_forget(e);
}
