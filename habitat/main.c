/*
 * terrarium-habitat [READY-FD]
 *
 * The daemon. Started by `terrarium habitat` or by whoever needs it; READY-FD
 * gets one byte when it listens (or at once, when another one does).
 */
#include "config.h"

#include "habitat/habitat.h"

#include "base/clock.h"
#include "habitat/agent.h"
#include "habitat/holder/tree.h"
#include "habitat/proposal.h"
#include "habitat/server.h"
#include "habitat/speech.h"
#include "habitat/stream.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void habitat_commit_now(struct habitat *hb)
{
    hb->commit_now = true;
}

static void on_later(uv_timer_t *t)
{
    habitat_commit_now(t->data);
}

void habitat_commit_later(struct habitat *hb)
{
    if (!hb->commit_now && !uv_is_active((uv_handle_t *)&hb->later))
        uv_timer_start(&hb->later, on_later, COMMIT_LATER_MS, 0);
}

void habitat_stop(struct habitat *hb)
{
    hb->over = true;
}

static void commit(struct habitat *hb)
{
    struct error err;

    error_clear(&err);
    uv_timer_stop(&hb->later);
    hb->commit_now = false;
    agents_write(hb);
    if (db_commit(&hb->db, &err) != 0) {
        hb->failures++;
        fprintf(stderr, "habitat: %s\n", err.msg);
        streams_forget(hb);
        agents_reload(hb);
    } else {
        hb->commits++;
        agents_committed(hb);
        proposals_committed(hb);
        streams_committed(hb);
    }
    server_committed(hb->server, &err);
}

/* After what timers brought and after what descriptors brought. */
static void turn(struct habitat *hb)
{
    /* serving may bring requests that want a commit, and so on */
    for (int i = 0; i < 16; i++) {
        bool did = hb->commit_now;

        if (did)
            commit(hb);
        if (!server_turn(hb->server) && !did)
            break;
    }
    if (hb->over)
        uv_stop(&hb->loop);
}

static void on_check(uv_check_t *check)
{
    turn(check->data);
}

static void on_prepare(uv_prepare_t *prepare)
{
    turn(prepare->data);
}

static void on_signal(uv_signal_t *sig, int number)
{
    struct habitat *hb = sig->data;

    if (number == SIGHUP)
        server_look(hb->server);
    else
        habitat_stop(hb);
}

static void read_boot(struct habitat *hb)
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

    if (f == NULL || fscanf(f, "%39s", hb->boot) != 1)
        snprintf(hb->boot, sizeof hb->boot, "unknown");
    if (f != NULL)
        fclose(f);
}

static void write_pid(const struct habitat *hb)
{
    FILE *f = fopen(hb->paths.pid, "we");

    if (f == NULL)
        return;
    fprintf(f, "%d\n", (int)getpid());
    fclose(f);
}

static void tell_ready(int fd)
{
    if (fd >= 0 && write(fd, "1", 1) == 1)
        close(fd);
}

/* The database is another daemon's: it is asked to look at its socket. */
static void wake_other(const struct habitat_paths *paths)
{
    FILE *f = fopen(paths->pid, "re");
    int pid;

    if (f != NULL && fscanf(f, "%d", &pid) == 1 && pid > 1)
        kill(pid, SIGHUP);
    if (f != NULL)
        fclose(f);
}

static void signals(struct habitat *hb)
{
    uv_signal_t *all[] = {&hb->term, &hb->intr, &hb->hup};
    const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

    for (int i = 0; i < 3; i++) {
        uv_signal_init(&hb->loop, all[i]);
        all[i]->data = hb;
        uv_signal_start(all[i], on_signal, numbers[i]);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a full disk is an error, not an end */
}

static void on_sweep(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

int habitat_run(const struct habitat_paths *paths, const char *holder,
                int ready_fd)
{
    struct habitat hb = {.paths = *paths,
                         .holder = holder,
                         .practice = getenv("TERRARIUM_PRACTICE") != NULL};
    struct error err;

    if (db_open(&hb.db, paths->database, &err) != 0) {
        if (err.code == ERR_BUSY) {
            wake_other(paths);
            tell_ready(ready_fd);
            return 0;
        }
        fprintf(stderr, "terrarium-habitat: %s\n", err.msg);
        return 1;
    }
    uv_loop_init(&hb.loop);
    hb.started_ms = clock_wall_ms();
    hb.speech = speech_create();
    read_boot(&hb);
    uv_timer_init(&hb.loop, &hb.later);
    uv_check_init(&hb.loop, &hb.check);
    uv_prepare_init(&hb.loop, &hb.prepare);
    hb.later.data = hb.check.data = hb.prepare.data = &hb;
    signals(&hb);
    hb.streams = streams_open(&hb);
    hb.server = server_create(&hb, &err);
    if (hb.server == NULL) {
        fprintf(stderr, "terrarium-habitat: %s\n", err.msg);
        return 1;
    }
    agents_open(&hb);
    proposals_open(&hb);
    uv_check_start(&hb.check, on_check);
    uv_prepare_start(&hb.prepare, on_prepare);
    write_pid(&hb);
    tell_ready(ready_fd);
    uv_run(&hb.loop, UV_RUN_DEFAULT);

    hb.over = true;
    if (hb.db.open_write)
        commit(&hb);
    server_destroy(hb.server);
    streams_close(hb.streams);
    proposals_close(&hb);
    agents_close(hb.agents);
    uv_walk(&hb.loop, on_sweep, NULL);
    uv_run(&hb.loop, UV_RUN_DEFAULT);
    uv_loop_close(&hb.loop);
    speech_destroy(hb.speech);
    unlink(paths->pid);
    db_close(&hb.db);
    return 0;
}

/* Beside this program, in libexec or in the build tree. */
static const char *find_holder(char *ret, size_t size)
{
    const char *given = getenv("TERRARIUM_HOLDER");
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (given != NULL && given[0] == '/')
        return given;
    self[n > 0 ? n : 0] = '\0';
    snprintf(ret, size, "%s/terrarium-holder", dirname(self));
    return ret;
}

int main(int argc, char **argv)
{
    struct rlimit files = {0};
    struct habitat_paths paths;
    struct error err;
    char holder[PATH_MAX + 32];

    if (argc > 2 || (argc == 2 && (argv[1][0] == '\0' ||
                                   strspn(argv[1], "0123456789") !=
                                       strlen(argv[1])))) {
        fprintf(stderr, "terrarium-habitat: it is started by 'terrarium "
                        "habitat start' or 'run', with nothing to tell it\n");
        return 2;
    }
    if (tree_of_holder(getpid())) {
        fprintf(stderr, "terrarium-habitat: not from inside an agent: it "
                        "would end with it\n");
        return 2;
    }
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, 64 << 10);
    umask(077);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 4096) {
        files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (habitat_paths(&paths, &err) != 0 ||
        habitat_paths_make(&paths, &err) != 0) {
        fprintf(stderr, "terrarium-habitat: %s\n", err.msg);
        return 2;
    }
    return habitat_run(&paths, find_holder(holder, sizeof holder),
                       argc > 1 ? atoi(argv[1]) : -1);
}
