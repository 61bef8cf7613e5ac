/*
 * practice: a made-up fleet in a habitat of its own.
 *
 * One folder holds all of it: socket, database, journal, picture. It goes at
 * the end, whatever ended it; what kill -9 left, the next practice clears
 * away. Agents end by themselves when this process is gone. The daemon knows by $TERRARIUM_PRACTICE that nothing is real and
 * tells everybody who looks.
 */
#include "config.h"

#include "front/client.h"
#include "front/front.h"

#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/json/write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "terrarium-practice-"
#define AGENTS_MAX 200
#define FAULTS 6 /* every so many-th agent has one */
#define END_MS 5000

extern char **environ;

enum { AGENTS, RATE, WITH_FAULTS, SECONDS };

struct practice {
    const struct front_verb *verb;
    struct client client;
    char dir[PATH_MAX], self[PATH_MAX];
    int agents;
    double rate, seconds;
    bool faults;
};

static volatile sig_atomic_t over;

static void on_signal(int number)
{
    (void)number;
    over = 1;
}

static void take_signals(void)
{
    struct sigaction a = {.sa_handler = on_signal};

    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    sigaction(SIGHUP, &a, NULL);
    sigaction(SIGALRM, &a, NULL);
}

static bool number(const char *text, double min, double max, double *ret)
{
    char *end;

    if (text == NULL)
        return true;
    *ret = strtod(text, &end);
    return end != text && *end == '\0' && *ret >= min && *ret <= max;
}

static int read_options(struct practice *p, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    int i = front_read(p->verb, argc, argv, values);
    double agents = 12;

    if (i < 0)
        return 2;
    if (i < argc)
        return front_fail(p->verb, 2, "unexpected '%.60s'", argv[i]);
    if (!number(values[AGENTS], 1, AGENTS_MAX, &agents))
        return front_fail(p->verb, 2, "--agents: 1 to %d were expected",
                          AGENTS_MAX);
    if (!number(values[RATE], 0.01, 5000, &p->rate))
        return front_fail(p->verb, 2, "--rate: 0.01 to 5000 were expected");
    if (!number(values[SECONDS], 0.1, 1e6, &p->seconds))
        return front_fail(p->verb, 2, "--seconds: a time was expected");
    p->agents = (int)agents;
    p->faults = values[WITH_FAULTS] != NULL;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    remove(path);
    return 0;
}

/* Who practises there holds a lock on a file in it, and dies with it. The
   descriptor, or -1: somebody has it, or there is none. */
static int lock_folder(const char *dir, int flags)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "%.4000s/owner", dir);
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* One that was killed has left its daemon behind, and its folder. */
static void sweep_one(const char *dir)
{
    int fd = lock_folder(dir, 0);
    struct client client;
    struct client_answer a;
    struct error err;

    if (fd < 0)
        return;
    setenv("TERRARIUM_HABITAT", dir, 1);
    if (client_open(&client, &err) == 0) {
        client.no_start = true;
        client_ask(&client, "POST", "/api/v1/habitat/stop", NULL, 2000, &a,
                   &err);
        client_answer_finish(&a);
        client_close(&client);
    }
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    close(fd);
}

#define YOUNG_S 10 /* it may be about to lock it */

static void sweep(const char *base)
{
    DIR *d = opendir(base);
    const struct dirent *e;
    char dir[PATH_MAX];
    struct stat st;

    while (d != NULL && (e = readdir(d)) != NULL) {
        if (strncmp(e->d_name, FOLDER, strlen(FOLDER)) != 0)
            continue;
        snprintf(dir, sizeof dir, "%.3000s/%.255s", base, e->d_name);
        if (lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
            st.st_uid == getuid() && st.st_mtime + YOUNG_S < time(NULL))
            sweep_one(dir);
    }
    if (d != NULL)
        closedir(d);
}

/* Its own folder, and everything that asks for one is sent there. */
static int make_folder(struct practice *p, struct error *err)
{
    const char *base = getenv("XDG_RUNTIME_DIR");

    if (base == NULL || base[0] != '/' || access(base, W_OK | X_OK) != 0)
        base = getenv("TMPDIR");
    if (base == NULL || base[0] != '/')
        base = "/tmp";
    sweep(base);
    snprintf(p->dir, sizeof p->dir, "%.4000s/" FOLDER "XXXXXX", base);
    if (mkdtemp(p->dir) == NULL)
        return error_set(err, ERR_CONFIG, "cannot make '%.200s': %s", p->dir,
                         strerror(errno));
    lock_folder(p->dir, O_CREAT);
    setenv("TERRARIUM_HABITAT", p->dir, 1);
    setenv("TERRARIUM_PRACTICE", "1", 1);
    setenv("XDG_STATE_HOME", p->dir, 1); /* journal and picture */
    return 0;
}

static void put_body(struct json *j, const struct practice *p, int i)
{
    static const char *const roles[] = {"coder",  "tester", "reviewer",
                                        "writer", "scout",  "builder"};
    static const char *const genera[] = {"C", "T", "R", "W", "S", "B"};
    char text[PATH_MAX + 40];

    json_map(j, NULL);
    snprintf(text, sizeof text, "%s-%d", roles[i % 6], i / 6 + 1);
    json_text(j, "task", text);
    json_text(j, "genus", genera[i % 6]);
    json_text(j, "dir", p->dir);
    json_text(j, "contract", "practice: nothing of this is real");
    json_array(j, "argv");
    json_text(j, NULL, p->self);
    json_text(j, NULL, "practice-agent");
    snprintf(text, sizeof text, "%d", i);
    json_text(j, NULL, text);
    snprintf(text, sizeof text, "%d", (int)(1000.0 * p->agents / p->rate));
    json_text(j, NULL, text);
    /* "none", or which fault it has */
    if (p->faults && i % 2 == 1)
        snprintf(text, sizeof text, "%d", i / 2 % FAULTS);
    else
        snprintf(text, sizeof text, "none");
    json_text(j, NULL, text);
    json_array_end(j);
    json_array(j, "environ");
    for (char **e = environ; *e != NULL; e++)
        if (strncmp(*e, "TERRARIUM_", 10) != 0)
            json_text(j, NULL, *e);
    snprintf(text, sizeof text, "TERRARIUM_PRACTICE=%d", (int)getpid());
    json_text(j, NULL, text);
    json_array_end(j);
    json_map_end(j);
}

static int spawn_all(struct practice *p, struct error *err)
{
    for (int i = 0; i < p->agents && !over; i++) {
        struct client_answer a;
        struct buf body;
        struct json j;
        int r;

        buf_init(&body, 1u << 20);
        json_begin(&j, &body);
        put_body(&j, p, i);
        json_end(&j);
        r = client_want(&p->client, "POST", "/api/v1/agents", &body, 0, &a,
                        err);
        client_answer_finish(&a);
        buf_finish(&body);
        if (r != 0)
            return r;
    }
    return 0;
}

static void on_name(void *arg, int field, const struct pick_value *v)
{
    (void)field;
    if (v->type == PICK_STRING) {
        buf_add(arg, v->text.p, v->text.n);
        buf_char(arg, '\n');
    }
}

/* Names of all rows, whoever started them: nothing here is worth keeping. */
static void names(struct practice *p, struct buf *ret)
{
    static const struct pick_rule rules[] = {{"agents[].name", 0}, {NULL, 0}};
    struct pick *pick = pick_create(rules);
    struct client_answer a;
    struct error err;

    buf_clear(ret);
    if (client_want(&p->client, "GET", "/api/v1/agents", NULL, 0, &a, &err) ==
        0)
        pick_run(pick, buf_text(&a.body), a.body.len, on_name, ret, &err);
    client_answer_finish(&a);
    pick_destroy(pick);
}

static void delete_all(struct practice *p, struct buf *all)
{
    char path[200], *save = NULL;
    struct buf body;

    buf_init(&body, 40);
    buf_str(&body, "{\"grace_ms\":0}");
    for (char *name = all->len ? strtok_r(all->ptr, "\n", &save) : NULL;
         name != NULL; name = strtok_r(NULL, "\n", &save)) {
        struct client_answer a;
        struct error err;

        snprintf(path, sizeof path, "/api/v1/agents/%.80s", name);
        client_want(&p->client, "DELETE", path, &body, 0, &a, &err);
        client_answer_finish(&a);
    }
    buf_finish(&body);
}

static void end_all(struct practice *p)
{
    const struct timespec wait = {0, 20000000};
    struct client_answer a;
    struct error err;
    struct buf all;

    p->client.no_start = true;
    buf_init(&all, 1u << 20);
    /* once to end them, again to forget them: then no holder is left */
    for (int ms = 0; ms < END_MS; ms += 20) {
        names(p, &all);
        if (all.len == 0)
            break;
        delete_all(p, &all);
        nanosleep(&wait, NULL);
    }
    buf_finish(&all);
    client_want(&p->client, "POST", "/api/v1/habitat/stop", NULL, 0, &a, &err);
    client_answer_finish(&a);
    for (int ms = 0; ms < END_MS && access(p->client.paths.pid, F_OK) == 0;
         ms += 20)
        nanosleep(&wait, NULL);
}

static int run_console(struct practice *p)
{
    int status = 0;
    pid_t pid = fork();

    if (pid < 0)
        return front_fail(p->verb, 1, "cannot fork: %s", strerror(errno));
    if (pid == 0) {
        execl(p->self, "terrarium", "--habitat", (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        if (over)
            kill(pid, SIGTERM);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int stay(const struct practice *p)
{
    sigset_t all, before;

    printf("PRACTICE: %d made-up agents at %s\n"
           "TERRARIUM_HABITAT=%s terrarium --habitat\n",
           p->agents, p->client.paths.socket, p->dir);
    fflush(stdout);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    while (!over)
        sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return 0;
}

static int run(struct practice *p)
{
    struct error err;
    int r;

    if (client_open(&p->client, &err) != 0)
        return front_fail(p->verb, 1, "%s", err.msg);
    if (client_start_daemon(&p->client.paths, &err) != 0) {
        client_close(&p->client);
        return front_fail(p->verb, 1, "%s", err.msg);
    }
    if (spawn_all(p, &err) != 0)
        r = front_fail(p->verb, 1, "%s", err.msg);
    else if (over)
        r = 0;
    else if (isatty(0) && isatty(1))
        r = run_console(p);
    else
        r = stay(p);
    end_all(p);
    client_close(&p->client);
    return r;
}

int front_practice(const struct front_verb *v, int argc, char **argv)
{
    struct practice p = {.verb = v, .rate = 6};
    struct itimerval timer = {0};
    struct error err;
    int r = read_options(&p, argc, argv);
    ssize_t n;

    if (r != 0)
        return r;
    n = readlink("/proc/self/exe", p.self, sizeof p.self - 1);
    if (n <= 0)
        return front_fail(v, 1, "cannot tell where this program is");
    take_signals();
    if (make_folder(&p, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    timer.it_value.tv_sec = (time_t)p.seconds;
    timer.it_value.tv_usec =
        (suseconds_t)((p.seconds - (double)timer.it_value.tv_sec) * 1e6);
    setitimer(ITIMER_REAL, &timer, NULL);
    r = run(&p);
    nftw(p.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return r;
}
