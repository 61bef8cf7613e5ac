#include "config.h"

#include "front/client.h"

#include "base/span.h"
#include "habitat/holder/tree.h"
#include "base/xalloc.h"
#include "data/json/pick.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (64u << 20)
#define START_MS 3000

int client_open(struct client *c, struct error *err)
{
    *c = (struct client){0};
    if (habitat_paths(&c->paths, err) != 0)
        return err->code;
    curl_global_init(CURL_GLOBAL_NOTHING);
    c->curl = curl_easy_init();
    return 0;
}

void client_close(struct client *c)
{
    curl_easy_cleanup(c->curl);
    c->curl = NULL;
}

void client_answer_finish(struct client_answer *a)
{
    buf_finish(&a->body);
}

void client_program(const char *name, char *ret, size_t size)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    self[n > 0 ? n : 0] = '\0';
    snprintf(ret, size, "%s/%s", dirname(self), name);
    if (access(ret, X_OK) != 0)
        snprintf(ret, size, "%s/%s", PKGLIBEXECDIR, name);
}

static void run_daemon(const struct habitat_paths *paths, int ready)
{
    char program[PATH_MAX + 32], fd[16];
    int null = open("/dev/null", O_RDWR),
        log = open(paths->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    struct stat st;

    if (log >= 0 && fstat(log, &st) == 0 && st.st_size > (1 << 20) &&
        ftruncate(log, 0) != 0)
        close(log);
    setsid();
    if (fork() != 0)
        _exit(0);
    dup2(null, 0);
    dup2(log >= 0 ? log : null, 1);
    dup2(log >= 0 ? log : null, 2);
    if (chdir("/") != 0)
        _exit(1);
    snprintf(fd, sizeof fd, "%d", ready);
    client_program("terrarium-habitat", program, sizeof program);
    execl(program, "terrarium-habitat", fd, (char *)NULL);
    dprintf(2, "cannot run %s: %s\n", program, strerror(errno));
    _exit(127);
}

/* The daemon's own last words, if it did not start. */
static void last_words(const struct habitat_paths *paths, char *ret,
                       size_t size)
{
    FILE *f = fopen(paths->log, "re");
    char line[300];

    ret[0] = '\0';
    if (f == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL)
        snprintf(ret, size, "%.*s", (int)strcspn(line, "\n"), line);
    fclose(f);
}

/* The read end of what the daemon says when it listens; -1 on error. */
static int fork_daemon(const struct habitat_paths *paths, struct error *err)
{
    int ready[2], status;
    pid_t pid;

    if (getenv("TERRARIUM_AGENT") != NULL || tree_of_holder(getpid()))
        return error_set(err, ERR_CONNECT,
                         "the habitat is not up, and an agent may not start "
                         "it: run 'terrarium habitat start' outside"), -1;
    if (habitat_paths_make(paths, err) != 0)
        return -1;
    if (pipe(ready) != 0 || (pid = fork()) < 0)
        return error_set(err, ERR_CONNECT, "cannot fork: %s",
                         strerror(errno)), -1;
    if (pid == 0) {
        close(ready[0]);
        run_daemon(paths, ready[1]);
    }
    close(ready[1]);
    waitpid(pid, &status, 0);
    return ready[0];
}

int client_launch_daemon(const struct habitat_paths *paths, struct error *err)
{
    int fd = fork_daemon(paths, err);

    if (fd < 0)
        return err->code;
    close(fd);
    return 0;
}

static bool listens(const struct habitat_paths *paths)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes;

    snprintf(name.sun_path, sizeof name.sun_path, "%s", paths->socket);
    yes = fd >= 0 &&
          connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

static int start_once(const struct habitat_paths *paths, struct error *err);

/* One that was just killed may hold the lock a moment longer than its
   socket: then the new one leaves it to that, and must be started again. */
int client_start_daemon(const struct habitat_paths *paths, struct error *err)
{
    const struct timespec wait = {0, 20000000};

    for (int i = 0; i < START_MS / 20; i++) {
        if (start_once(paths, err) != 0)
            return err->code;
        if (listens(paths))
            return 0;
        nanosleep(&wait, NULL);
    }
    return error_set(err, ERR_CONNECT, "the habitat does not listen at %s",
                     paths->socket);
}

static int start_once(const struct habitat_paths *paths, struct error *err)
{
    struct pollfd at;
    char words[200], byte;
    int fd = fork_daemon(paths, err);

    if (fd < 0)
        return err->code;
    at = (struct pollfd){fd, POLLIN, 0};
    if (poll(&at, 1, START_MS) == 1 && read(fd, &byte, 1) == 1) {
        close(fd);
        return 0;
    }
    close(fd);
    last_words(paths, words, sizeof words);
    return error_set(err, ERR_CONNECT, "the habitat did not start: %s (%s)",
                     words[0] ? words : "no word from it", paths->log);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    return buf_add(arg, p, size * n) ? size * n : 0;
}

static void new_key(char ret[48])
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != sizeof b)
        abort();
    strcpy(ret, "Idempotency-Key: ");
    for (int i = 0; i < 15; i++)
        snprintf(ret + 17 + 2 * i, 3, "%02x", b[i]);
}

static void prepare(struct client *c, const char *method, const char *path,
                    const struct buf *body)
{
    char url[2100];

    curl_easy_reset(c->curl);
    snprintf(url, sizeof url, "http://habitat%s", path);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->paths.socket);
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->errors);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
    if (body != NULL) {
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)body->len);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, buf_text(body));
    }
}

/* Nobody listens: not there, or a socket left behind. */
static bool nobody(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT;
}

int client_ask(struct client *c, const char *method, const char *path,
               const struct buf *body, int64_t wait_ms,
               struct client_answer *ret, struct error *err)
{
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/json");
    char key[48];
    CURLcode code = CURLE_OK;
    long status = 0;

    new_key(key);
    headers = curl_slist_append(headers, key);
    headers = curl_slist_append(headers, "Expect:");
    buf_init(&ret->body, ANSWER_MAX);
    error_clear(err);
    for (int try = 0; try < 3; try++) {
        prepare(c, method, path, body);
        curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &ret->body);
        if (wait_ms >= 0)
            curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS,
                             (long)(wait_ms ? wait_ms : 10000));
        buf_clear(&ret->body);
        code = curl_easy_perform(c->curl);
        if (code == CURLE_OK || code == CURLE_OPERATION_TIMEDOUT ||
            (c->no_start && nobody(code)))
            break;
        /* cut in the middle or nobody there: the key makes it safe again */
        if (nobody(code) && client_start_daemon(&c->paths, err) != 0)
            break;
    }
    curl_slist_free_all(headers);
    if (err->code != 0)
        return err->code;
    if (code != CURLE_OK)
        return error_set(err, ERR_CONNECT, "the habitat does not answer: %s",
                         nobody(code) ? "it is not up"
                                      : curl_easy_strerror(code));
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    ret->status = (int)status;
    return 0;
}

int client_want(struct client *c, const char *method, const char *path,
                const struct buf *body, int64_t wait_ms,
                struct client_answer *ret, struct error *err)
{
    char text[200];

    if (client_ask(c, method, path, body, wait_ms, ret, err) != 0)
        return err->code;
    if (ret->status >= 200 && ret->status < 300)
        return 0;
    if (!client_text(&ret->body, "error", text, sizeof text))
        snprintf(text, sizeof text, "the habitat answered %d", ret->status);
    return error_set(err, ret->status, "%s", text);
}

struct streaming {
    bool (*data)(const char *p, size_t n, void *arg);
    void *arg;
    bool stopped;
};

static size_t on_stream(char *p, size_t size, size_t n, void *arg)
{
    struct streaming *s = arg;

    if (!s->data(p, size * n, s->arg)) {
        s->stopped = true;
        return 0;
    }
    return size * n;
}

int client_stream(struct client *c, const char *path,
                  bool (*data)(const char *p, size_t n, void *arg), void *arg,
                  struct error *err)
{
    struct streaming s = {data, arg, false};
    CURLcode code;
    long status = 0;

    for (int try = 0;; try++) {
        prepare(c, "GET", path, NULL);
        curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_stream);
        curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &s);
        code = curl_easy_perform(c->curl);
        if (!nobody(code) || c->no_start || try > 0)
            break;
        if (client_start_daemon(&c->paths, err) != 0)
            return err->code;
    }
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (s.stopped)
        return 0;
    if (code != CURLE_OK || status != 200)
        return error_set(err, ERR_CONNECT, "the habitat's stream ended: %s",
                         code != CURLE_OK ? curl_easy_strerror(code)
                                          : "refused");
    return 0;
}

struct text_wanted {
    char *ret;
    size_t size;
    bool there;
};

static void on_text(void *arg, int field, const struct pick_value *v)
{
    struct text_wanted *w = arg;

    (void)field;
    if (v->type == PICK_BEGIN || v->type == PICK_END || v->type == PICK_NULL)
        return;
    snprintf(w->ret, w->size, "%.*s", (int)v->text.n, v->text.p);
    w->there = true;
}

bool client_text(const struct buf *body, const char *path, char *ret,
                 size_t size)
{
    const struct pick_rule rules[] = {{path, 0}, {NULL, 0}};
    struct text_wanted w = {ret, size, false};
    struct pick *p = pick_create(rules);
    struct error err;

    ret[0] = '\0';
    pick_run(p, buf_text(body), body->len, on_text, &w, &err);
    pick_destroy(p);
    return w.there;
}
