#include "config.h"

#include "data/pg/connect.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "data/pg/explain.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARAMS_MAX 24
#define OPTIONS_CAP 4096
#define SECRETS_MAX 4
#define RECEIVE (128 << 10)

/* Shared by the loop and the thread; the last of both frees it. */
struct job {
    atomic_int users;
    int done_fd, stop_fd; /* eventfds */
    char *keys[PARAMS_MAX], *values[PARAMS_MAX];
    int params;
    char *secrets[SECRETS_MAX + 1];
    int (*ask)(int how, const char *what, char **ret, struct error *err);
    int ask_how;
    char *ask_what;
    int64_t limit_ms;
    bool pass_open; /* a password file that libpq would not read */
    PGconn *conn;
    struct error err;
};

struct pg_connect {
    struct job *job;
    uv_poll_t poll;
    pg_connected_cb cb;
    void *arg;
    void (*closed)(void *arg);
    void *closed_arg;
    bool told;
};

static void wipe_free(char *s)
{
    if (s != NULL)
        explicit_bzero(s, strlen(s));
    free(s);
}

static void forget_params(struct job *j)
{
    for (int i = 0; i < j->params; i++) {
        free(j->keys[i]);
        wipe_free(j->values[i]);
    }
    j->params = 0;
    for (int i = 0; j->secrets[i] != NULL; i++) {
        wipe_free(j->secrets[i]);
        j->secrets[i] = NULL;
    }
}

static void leave(struct job *j)
{
    if (atomic_fetch_sub(&j->users, 1) > 1)
        return;
    if (j->conn != NULL)
        PQfinish(j->conn);
    forget_params(j);
    free(j->ask_what);
    close(j->done_fd);
    close(j->stop_fd);
    free(j);
}

/* ---- what is asked for --------------------------------------------------- */

static void param(struct job *j, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0' || j->params + 1 >= PARAMS_MAX)
        return;
    j->keys[j->params] = xstrdup(key);
    j->values[j->params++] = xstrdup(value);
}

static void secret(struct job *j, const char *s)
{
    int i = 0;

    while (j->secrets[i] != NULL)
        i++;
    if (s != NULL && s[0] != '\0' && i < SECRETS_MAX)
        j->secrets[i] = xstrdup(s);
}

/*
 * '@' and '/' in a password have to be written %40 and %2F: libpq would take
 * what follows them for host, port or database, and name it in its errors.
 */
static bool may_show_password(const char *s)
{
    const char *at = strstr(s, "://"), *slash;
    size_t n;

    if (at == NULL)
        return false;
    at += 3;
    n = strcspn(at, "?");
    slash = memchr(at, '/', n);
    at = memchr(at, '@', n);
    return at != NULL &&
           ((slash != NULL && slash < at) ||
            memchr(at + 1, '@', strcspn(at + 1, "?")) != NULL);
}

static bool is_port(const char *s)
{
    return s[strspn(s, "0123456789,")] == '\0';
}

bool pg_conninfo_has_password(const char *conninfo)
{
    PQconninfoOption *all;
    bool has = may_show_password(conninfo);
    char *why = NULL;

    all = PQconninfoParse(conninfo, &why);
    if (why != NULL)
        PQfreemem(why);
    for (PQconninfoOption *o = all; o != NULL && o->keyword != NULL; o++)
        has |= o->val != NULL && strstr(o->keyword, "password") != NULL;
    PQconninfoFree(all);
    return has;
}

/* What the connection string itself says, for what we must know of it. */
struct said {
    char *options, *passfile;
    int hosts;
};

static int read_conninfo(struct job *j, const char *conninfo,
                         struct said *said, struct error *err)
{
    char *why = NULL;
    PQconninfoOption *all;
    bool bad_port = false;

    if (may_show_password(conninfo))
        return error_set(err, ERR_CONFIG,
                         "the connection URI has an '@' too many: in a "
                         "password write %%40 for '@', %%2F for '/'");
    all = PQconninfoParse(conninfo, &why);
    if (all == NULL) {
        /* its words would quote a piece of the string */
        if (why != NULL)
            PQfreemem(why);
        return error_set(err, ERR_CONFIG,
                         "the connection string cannot be read: it is a URI, "
                         "or key=value words");
    }
    for (PQconninfoOption *o = all; o->keyword != NULL; o++) {
        if (o->val == NULL)
            continue;
        if (strcmp(o->keyword, "options") == 0)
            said->options = xstrdup(o->val);
        else if (strcmp(o->keyword, "passfile") == 0)
            said->passfile = xstrdup(o->val);
        else if (strcmp(o->keyword, "host") == 0)
            for (const char *p = o->val; *p != '\0'; p++)
                said->hosts += *p == ',';
        bad_port |= strcmp(o->keyword, "port") == 0 && !is_port(o->val);
        if (strcmp(o->keyword, "password") == 0 ||
            strcmp(o->keyword, "sslpassword") == 0) {
            secret(j, o->val);
            explicit_bzero(o->val, strlen(o->val));
        }
    }
    PQconninfoFree(all);
    if (bad_port)
        return error_set(err, ERR_CONFIG,
                         "the port in the connection string is no number");
    return 0;
}

/*
 * libpq says on standard error that a password file is open to others, over
 * whatever stands on the screen: such a file is not shown to it.
 */
static bool pass_is_open(const char *passfile)
{
    const char *path = passfile ? passfile : getenv("PGPASSFILE");
    char home[512];
    struct stat st;

    if (path == NULL) {
        const char *h = getenv("HOME");

        if (h == NULL)
            return false;
        snprintf(home, sizeof home, "%s/.pgpass", h);
        path = home;
    }
    return stat(path, &st) == 0 &&
           (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0);
}

static int fill(struct job *j, const struct pg_target *t, struct error *err)
{
    struct said said = {.hosts = 1};
    struct buf o;
    const char *asked;
    int r = 0;

    if (t->conninfo != NULL && t->conninfo[0] != '\0')
        r = read_conninfo(j, t->conninfo, &said, err);
    if (r == 0) {
        param(j, "dbname", t->conninfo);
        param(j, "service", t->service);
        param(j, "password", t->password);
        param(j, "user", t->user);
        param(j, "sslmode", t->sslmode);
        param(j, "sslrootcert", t->ca);
        param(j, "host", t->host);
        param(j, "hostaddr", t->hostaddr);
        param(j, "port", t->port);
        param(j, "application_name", "terrarium");
        param(j, "client_encoding", "UTF8");
        param(j, "keepalives_idle", "10");
        param(j, "keepalives_interval", "5");
        param(j, "keepalives_count", "3");
        param(j, "tcp_user_timeout", "10000");
        secret(j, t->password);
        secret(j, getenv("PGPASSWORD"));
        j->ask = t->ask;
        j->ask_how = t->ask_how;
        j->ask_what = t->ask_what != NULL ? xstrdup(t->ask_what) : NULL;
        j->pass_open = pass_is_open(said.passfile);
        if (j->pass_open)
            param(j, "passfile", "/nonexistent");
        /* ours behind theirs: the last one holds */
        asked = said.options ? said.options : getenv("PGOPTIONS");
        buf_init(&o, OPTIONS_CAP);
        if (!buf_fmt(&o,
                     "%s%s-c default_transaction_read_only=%s "
                     "-c statement_timeout=%d -c lock_timeout=%d "
                     "-c idle_in_transaction_session_timeout=%d "
                     "-c search_path=pg_catalog -c jit=off",
                     asked ? asked : "", asked ? " " : "",
                     t->writes ? "off" : "on",
                     t->statement_ms ? t->statement_ms : PG_STATEMENT_MS,
                     t->lock_ms ? t->lock_ms : PG_LOCK_MS,
                     t->statement_ms ? t->statement_ms : PG_STATEMENT_MS))
            r = error_set(err, ERR_CONFIG, "options: longer than %d bytes",
                          OPTIONS_CAP);
        else
            param(j, "options", buf_text(&o));
        buf_finish(&o);
        j->limit_ms = (int64_t)(t->connect_ms ? t->connect_ms
                                              : PG_CONNECT_MS) *
                      (said.hosts > 8 ? 8 : said.hosts);
    }
    free(said.options);
    free(said.passfile);
    return r;
}

/* ---- on the thread ------------------------------------------------------- */

static void no_notice(void *arg, const PGresult *res)
{
    (void)arg;
    (void)res;
}

static void failed(struct job *j)
{
    pg_explain_connect(PQerrorMessage(j->conn),
                       (const char *const *)j->secrets, &j->err);
    if (j->err.code == ERR_AUTH && PQconnectionNeedsPassword(j->conn))
        error_set(&j->err, ERR_AUTH, "it wants a password and none is given%s",
                  j->pass_open ? "; the password file is open to others and "
                                 "was not read"
                               : "");
}

/* 1 more to do, 0 it stands, -1 failed or given up. */
static int wait_for(struct job *j, PostgresPollingStatusType want,
                    int64_t until)
{
    struct pollfd fds[2] = {
        {PQsocket(j->conn), want == PGRES_POLLING_READING ? POLLIN : POLLOUT,
         0},
        {j->stop_fd, POLLIN, 0}};
    int64_t left = until - clock_steady_ms();
    int n;

    if (left <= 0)
        return error_set(&j->err, ERR_SILENT,
                         "no answer within %d s while connecting",
                         (int)(j->limit_ms / 1000)),
               -1;
    n = poll(fds, 2, (int)(left > 1000 ? 1000 : left));
    if ((n < 0 && errno != EINTR) || fds[1].revents != 0)
        return error_set(&j->err, ERR_CONNECT, "given up"), -1;
    return n > 0 && fds[0].revents != 0;
}

/* The password is kept elsewhere, and read anew each time. */
static int ask(struct job *j)
{
    char *password = NULL;

    if (j->ask == NULL)
        return 0;
    if (j->ask(j->ask_how, j->ask_what, &password, &j->err) != 0)
        return j->err.code;
    param(j, "password", password);
    secret(j, password);
    wipe_free(password);
    return 0;
}

static void establish(struct job *j)
{
    PostgresPollingStatusType st = PGRES_POLLING_WRITING;
    int64_t until;

    if (ask(j) != 0)
        return;
    until = clock_steady_ms() + j->limit_ms;
    j->conn = PQconnectStartParams((const char *const *)j->keys,
                                   (const char *const *)j->values, 1);
    if (j->conn == NULL) {
        error_set(&j->err, ERR_CONNECT, "no memory for a connection");
        return;
    }
    PQsetErrorVerbosity(j->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(j->conn, no_notice, NULL);
    if (PQstatus(j->conn) == CONNECTION_BAD) {
        failed(j);
        return;
    }
    while (st != PGRES_POLLING_OK) {
        int r = wait_for(j, st, until);

        if (r < 0)
            return;
        if (r == 0)
            continue;
        st = PQconnectPoll(j->conn);
        if (st == PGRES_POLLING_FAILED) {
            failed(j);
            return;
        }
    }
    PQsetErrorVerbosity(j->conn, PQERRORS_DEFAULT);
    /* libpq reads for as long as there is something: this keeps a sender
       that pours from holding the loop in one call */
    setsockopt(PQsocket(j->conn), SOL_SOCKET, SO_RCVBUF, &(int){RECEIVE},
               sizeof(int));
    if (PQsetnonblocking(j->conn, 1) != 0)
        error_set(&j->err, ERR_CONNECT, "the socket stays blocking");
}

static void *work(void *arg)
{
    struct job *j = arg;
    uint64_t one = 1;

    establish(j);
    if (j->err.code != 0 && j->conn != NULL) {
        PQfinish(j->conn);
        j->conn = NULL;
    }
    forget_params(j);
    /* what TLS keeps for each thread goes before anybody hears of the end:
       the program may end with it */
    OPENSSL_thread_stop();
    while (write(j->done_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    leave(j);
    return NULL;
}

/* ---- on the loop --------------------------------------------------------- */

static void on_done(uv_poll_t *h, int status, int events)
{
    struct pg_connect *c = h->data;
    struct error err = {0, ""};
    PGconn *conn;
    uint64_t n;

    (void)status;
    (void)events;
    if (read(c->job->done_fd, &n, sizeof n) < 0 || c->told)
        return;
    c->told = true;
    uv_poll_stop(h);
    conn = c->job->conn;
    c->job->conn = NULL;
    err = c->job->err;
    c->cb(conn, &err, c->arg);
}

static int launch(struct job *j)
{
    pthread_attr_t attr;
    sigset_t all, was;
    pthread_t thread;
    int r;

    /* signals are for the loop's thread */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    atomic_store(&j->users, 2);
    r = pthread_create(&thread, &attr, work, j);
    if (r != 0)
        atomic_store(&j->users, 1);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    return r;
}

int pg_connect_start(uv_loop_t *loop, const struct pg_target *t,
                     pg_connected_cb cb, void *arg, struct pg_connect **ret,
                     struct error *err)
{
    struct job *j = xcalloc(1, sizeof *j);
    struct pg_connect *c;
    int r;

    *ret = NULL;
    atomic_store(&j->users, 1);
    j->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    j->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (j->done_fd < 0 || j->stop_fd < 0)
        r = error_set(err, -errno, "no descriptor left for a connection");
    else
        r = fill(j, t, err);
    if (r != 0) {
        leave(j);
        return r;
    }
    c = xcalloc(1, sizeof *c);
    *c = (struct pg_connect){.job = j, .cb = cb, .arg = arg};
    c->poll.data = c;
    r = uv_poll_init(loop, &c->poll, j->done_fd);
    if (r != 0) {
        leave(j);
        free(c);
        return error_set(err, r, "no way to wait for a connection: %s",
                         uv_strerror(r));
    }
    r = -launch(j);
    if (r != 0) {
        error_set(err, r, "no thread for a connection: %s", uv_strerror(r));
        c->told = true;
        pg_connect_close(c, NULL, NULL);
        return r;
    }
    uv_poll_start(&c->poll, UV_READABLE, on_done);
    *ret = c;
    return 0;
}

static void on_closed(uv_handle_t *h)
{
    struct pg_connect *c = h->data;

    leave(c->job);
    if (c->closed != NULL)
        c->closed(c->closed_arg);
    free(c);
}

void pg_connect_close(struct pg_connect *c, void (*closed)(void *arg),
                      void *arg)
{
    uint64_t one = 1;

    c->closed = closed;
    c->closed_arg = arg;
    c->told = true;
    if (write(c->job->stop_fd, &one, sizeof one) < 0)
        c->told = true; /* the thread ends by its own limit */
    uv_close((uv_handle_t *)&c->poll, on_closed);
}
