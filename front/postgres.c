/*
 * postgres: triggers on a fleet's tables that ring when something changed,
 * put there and taken away again.
 *
 * The only place where a session is opened that may write, and what it sends
 * is what was shown. A trigger or function is ours when its comment says so;
 * one of our name without that is left alone, and nothing is done.
 */
#include "config.h"

#include "front/front.h"

#include "base/buf.h"
#include "data/pg/connect.h"
#include "data/pg/link.h"
#include "data/pg/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "made by terrarium postgres install-notify"
#define NAME "terrarium_ring"
#define SQL_CAP 16384

static const char *const tables[] = {"agent_events", "agents", "messages",
                                     "missions", "objectives", "proposals"};
#define TABLES (sizeof tables / sizeof *tables)

enum { URL, SERVICE, SCHEMA, TLS, PASSWORD_FILE, YES };

/* How it stands with one of them. */
enum found { NO_TABLE, NO_TRIGGER, OURS, OURS_OFF, NOT_OURS };

struct standing {
    enum found tables[TABLES];
    enum found function; /* NO_TRIGGER: there is none */
};

struct session {
    const struct front_verb *verb;
    uv_loop_t loop;
    struct pg_link *link;
    const char *schema;
    struct standing now;
    /* of the question under way */
    pg_row_cb row;
    struct error err;
    bool up, over;
};

/* Words from outside on a terminal: nothing that moves its cursor. */
static const char *plain(char *s)
{
    for (char *p = s; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return s;
}

/* ---- one question after the other ---------------------------------------- */

static void on_up(const struct pg_info *info, void *arg)
{
    struct session *s = arg;

    (void)info;
    s->up = s->over = true;
}

static void on_down(const struct error *err, void *arg)
{
    struct session *s = arg;

    s->err = *err;
    s->over = true;
}

static void on_row(const struct span *v, int count, void *arg)
{
    struct session *s = arg;

    if (s->row != NULL)
        s->row(v, count, s);
}

static void on_done(const struct pg_done *d, void *arg)
{
    struct session *s = arg;

    s->err = d->err;
    s->over = true;
}

static int await(struct session *s)
{
    while (!s->over)
        uv_run(&s->loop, UV_RUN_ONCE);
    return s->err.code;
}

static int ask(struct session *s, const char *sql, const char *param,
               pg_row_cb row)
{
    const char *params[] = {param};
    const struct pg_ask a = {.sql = sql,
                             .params = params,
                             .param_count = param != NULL,
                             .row = on_row,
                             .done = on_done,
                             .arg = s};

    s->row = row;
    s->over = false;
    if (pg_link_ask(s->link, &a, &s->err) != 0)
        return s->err.code;
    return await(s);
}

static void on_closed(void *arg)
{
    (void)arg;
}

static void close_session(struct session *s)
{
    if (s->link != NULL)
        pg_link_close(s->link, on_closed, NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
}

/* ---- what is there ------------------------------------------------------- */

static const char standing_sql[] =
    "SELECT 'table', c.relname, t.tgname, t.tgenabled, "
    "obj_description(t.oid, 'pg_trigger') FROM pg_class c JOIN pg_namespace "
    "n ON n.oid = c.relnamespace LEFT JOIN pg_trigger t ON t.tgrelid = c.oid "
    "AND t.tgname = '" NAME "' WHERE n.nspname = $1 AND c.relkind IN ('r', "
    "'p') UNION ALL SELECT 'function', p.proname, NULL, NULL, "
    "obj_description(p.oid, 'pg_proc') FROM pg_proc p JOIN pg_namespace n ON "
    "n.oid = p.pronamespace WHERE n.nspname = $1 AND p.proname = '" NAME "'";

static void on_standing(const struct span *v, int count, void *arg)
{
    struct session *s = arg;
    bool ours;

    if (count != 5)
        return;
    ours = span_is(v[4], MARK);
    if (span_is(v[0], "function")) {
        /* of two of one name one is not ours */
        s->now.function =
            s->now.function == NO_TRIGGER && ours ? OURS : NOT_OURS;
        return;
    }
    for (size_t i = 0; i < TABLES; i++)
        if (span_is(v[1], tables[i]))
            s->now.tables[i] = v[2].p == NULL         ? NO_TRIGGER
                               : !ours                ? NOT_OURS
                               : span_is(v[3], "D")   ? OURS_OFF
                                                      : OURS;
}

static int look(struct session *s)
{
    s->now = (struct standing){.function = NO_TRIGGER};
    return ask(s, standing_sql, s->schema, on_standing);
}

static int status(struct session *s)
{
    static const char *const words[] = {
        [NO_TABLE] = "there is no such table",
        [NO_TRIGGER] = "no trigger: it is polled",
        [OURS] = "rings",
        [OURS_OFF] = "our trigger, switched off: it is polled",
        [NOT_OURS] = "a trigger " NAME " that is not ours"};

    for (size_t i = 0; i < TABLES; i++)
        printf("%-14s %s\n", tables[i], words[s->now.tables[i]]);
    printf("%-14s %s\n", "function",
           s->now.function == OURS       ? NAME "()"
           : s->now.function == NOT_OURS ? NAME "() that is not ours"
                                         : "none");
    return 0;
}

/* What of our name we did not make: nothing is done then. */
static bool strange(struct session *s)
{
    bool any = false;

    if (s->now.function == NOT_OURS) {
        front_fail(s->verb, 1,
                   "there is a function " NAME "() in %s that it did not "
                   "make: its comment does not say so",
                   s->schema);
        any = true;
    }
    for (size_t i = 0; i < TABLES; i++)
        if (s->now.tables[i] == NOT_OURS) {
            front_fail(s->verb, 1,
                       "there is a trigger " NAME " on %s.%s that it did not "
                       "make: its comment does not say so",
                       s->schema, tables[i]);
            any = true;
        }
    return any;
}

/* ---- what is sent -------------------------------------------------------- */

/* Statements, a line each; empty: nothing to do. */
static bool compose_install(const struct session *s, struct buf *b)
{
    char function[200], table[200];

    if (!pg_quote(s->schema, NAME, function, sizeof function))
        return false;
    if (s->now.function == NO_TRIGGER)
        buf_fmt(b,
                "CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN PERFORM pg_catalog.pg_notify(''terrarium_'' || "
                "TG_TABLE_NAME, ''''); RETURN NULL; END'\n"
                "COMMENT ON FUNCTION %s() IS '" MARK "'\n",
                function, function);
    for (size_t i = 0; i < TABLES; i++) {
        if (!pg_quote(s->schema, tables[i], table, sizeof table))
            return false;
        if (s->now.tables[i] == NO_TRIGGER)
            buf_fmt(b,
                    "CREATE TRIGGER " NAME " AFTER INSERT OR UPDATE OR "
                    "DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION "
                    "%s()\n"
                    "COMMENT ON TRIGGER " NAME " ON %s IS '" MARK "'\n",
                    table, function, table);
        else if (s->now.tables[i] == OURS_OFF)
            buf_fmt(b, "ALTER TABLE %s ENABLE TRIGGER " NAME "\n", table);
    }
    return true;
}

static bool compose_remove(const struct session *s, struct buf *b)
{
    char name[200];

    for (size_t i = 0; i < TABLES; i++) {
        if (!pg_quote(s->schema, tables[i], name, sizeof name))
            return false;
        if (s->now.tables[i] == OURS || s->now.tables[i] == OURS_OFF)
            buf_fmt(b, "DROP TRIGGER " NAME " ON %s\n", name);
    }
    if (!pg_quote(s->schema, NAME, name, sizeof name))
        return false;
    if (s->now.function == OURS)
        buf_fmt(b, "DROP FUNCTION %s()\n", name);
    return true;
}

static void show(const char *lines)
{
    puts("BEGIN;");
    puts("SET LOCAL lock_timeout = '3s';");
    for (const char *p = lines; *p != '\0';) {
        size_t n = strcspn(p, "\n");

        printf("%.*s;\n", (int)n, p);
        p += n + 1;
    }
    puts("COMMIT;");
}

static bool agreed(const struct session *s, const char *yes)
{
    char answer[16];

    if (yes != NULL)
        return true;
    if (!isatty(STDIN_FILENO)) {
        front_fail(s->verb, 1, "nobody to ask: --yes sends it");
        return false;
    }
    printf("\nSend this to database %s as %s? [y/N] ",
           pg_link_info(s->link)->database, pg_link_info(s->link)->user);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) != NULL &&
        (answer[0] == 'y' || answer[0] == 'Y') && answer[1] == '\n')
        return true;
    puts("Nothing was sent.");
    return false;
}

static int send_lines(struct session *s, const char *lines)
{
    char line[1024];

    for (const char *p = lines; *p != '\0';) {
        size_t n = strcspn(p, "\n");

        snprintf(line, sizeof line, "%.*s", (int)n, p);
        if (n >= sizeof line || ask(s, line, NULL, NULL) != 0)
            return -1;
        p += n + 1;
    }
    return 0;
}

/* All or nothing, and only if it is still as it was shown. */
static int change(struct session *s, const char *lines)
{
    struct standing shown = s->now;
    int r = ask(s, "BEGIN", NULL, NULL);

    if (r == 0)
        r = ask(s, "SET LOCAL lock_timeout = '3s'", NULL, NULL);
    if (r == 0)
        r = look(s);
    if (r == 0 && memcmp(&shown, &s->now, sizeof shown) != 0)
        r = error_set(&s->err, ERR_BUSY,
                      "somebody changed it meanwhile; nothing was done");
    if (r == 0)
        r = send_lines(s, lines);
    if (r == 0)
        r = ask(s, "COMMIT", NULL, NULL);
    if (r != 0) {
        struct error why = s->err;

        if (pg_link_up(s->link))
            ask(s, "ROLLBACK", NULL, NULL);
        return front_fail(s->verb, 1, "nothing was changed: %s",
                          plain(why.msg));
    }
    return 0;
}

static int alter(struct session *s, bool install, const char *yes)
{
    struct buf b;
    int r = 1;

    if (strange(s))
        return 1;
    buf_init(&b, SQL_CAP);
    if (!(install ? compose_install(s, &b) : compose_remove(s, &b)) ||
        b.over) {
        front_fail(s->verb, 1, "the schema's name is too long");
    } else if (b.len == 0) {
        puts(install ? "Nothing to do: all tables that are there ring."
                     : "Nothing to do: there is nothing of ours.");
        r = 0;
    } else {
        show(buf_text(&b));
        if (agreed(s, yes)) {
            r = change(s, buf_text(&b));
            if (r == 0)
                puts(install ? "Done: it rings." : "Done: it is gone.");
        }
    }
    buf_finish(&b);
    return r;
}

/* ---- the command --------------------------------------------------------- */

/* The first line of a file that is nobody else's to read. */
static bool read_password(const struct front_verb *v, const char *path,
                          char *ret, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    ssize_t n;

    if (fd < 0)
        return front_fail(v, 0, "cannot open '%s': %s", path,
                          strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        close(fd);
        return front_fail(v, 0, "'%s' is open to others: chmod 600", path);
    }
    n = read(fd, ret, size - 1);
    close(fd);
    ret[n > 0 ? n : 0] = '\0';
    ret[strcspn(ret, "\r\n")] = '\0';
    return true;
}

static int begin(struct session *s, const struct pg_target *t)
{
    const struct pg_link_calls calls = {
        .up = on_up, .down = on_down, .arg = s};

    uv_loop_init(&s->loop);
    if (pg_link_open(&s->loop, t, &calls, &s->link, &s->err) != 0)
        return s->err.code;
    return await(s);
}

int front_postgres(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {NULL};
    int i = front_read(v, argc, argv, values), r;
    struct session s = {.verb = v};
    struct pg_target t = {.conninfo = values[URL],
                          .service = values[SERVICE],
                          .sslmode = values[TLS]};
    char password[1024] = "";
    bool install, remove;

    if (i < 0)
        return 2;
    install = i + 1 == argc && strcmp(argv[i], "install-notify") == 0;
    remove = i + 1 == argc && strcmp(argv[i], "remove-notify") == 0;
    if (!install && !remove &&
        (i + 1 != argc || strcmp(argv[i], "status") != 0))
        return front_fail(v, 2, "install-notify, remove-notify or status?");
    if (values[URL] != NULL && pg_conninfo_has_password(values[URL]))
        return front_fail(v, 2,
                          "a password does not belong on a command line, "
                          "where others see it: PGPASSWORD, ~/.pgpass or "
                          "--password-file");
    if (values[PASSWORD_FILE] != NULL) {
        if (!read_password(v, values[PASSWORD_FILE], password,
                           sizeof password))
            return 1;
        t.password = password;
    }
    s.schema = values[SCHEMA] ? values[SCHEMA] : "public";
    t.writes = install || remove;
    r = begin(&s, &t);
    explicit_bzero(password, sizeof password);
    if (r == 0)
        r = look(&s);
    if (r != 0)
        r = front_fail(v, 1, "%s", plain(s.err.msg));
    else
        r = install || remove ? alter(&s, install, values[YES]) : status(&s);
    close_session(&s);
    return r;
}
