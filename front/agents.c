/* spawn, status, logs, kill, pause, resume: acting on agents. */
#include "config.h"

#include "front/client.h"
#include "front/front.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/json/write.h"

#include <ctype.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BODY_MAX (1u << 20)
#define NAMES_TRIED 100

extern char **environ;

/* What --env gave, in order, before "--". */
static void put_env(struct json *j, int argc, char **argv)
{
    json_map(j, "env");
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *pair = NULL, *is;
        char key[256];

        if (strcmp(argv[i], "--env") == 0 && i + 1 < argc)
            pair = argv[++i];
        else if (strncmp(argv[i], "--env=", 6) == 0)
            pair = argv[i] + 6;
        is = pair ? strchr(pair, '=') : NULL;
        if (is == NULL || (size_t)(is - pair) >= sizeof key)
            continue;
        snprintf(key, sizeof key, "%.*s", (int)(is - pair), pair);
        json_text(j, key, is + 1);
    }
    json_map_end(j);
}

static void put_environ(struct json *j)
{
    json_array(j, "environ");
    for (char **e = environ; *e != NULL; e++)
        if (strncmp(*e, "TERRARIUM_", 10) != 0)
            json_text(j, NULL, *e);
    json_array_end(j);
}

/* "claude" → "claude", "claude-2", …: what the fleet may call it. */
static void default_name(const char *command, int number, char *ret,
                         size_t size)
{
    char *copy = xstrdup(command), *base = basename(copy);
    size_t n = 0;

    while (*base != '\0' && !isalnum((unsigned char)*base))
        base++;
    for (; *base != '\0' && n < 40; base++)
        ret[n++] = (char)(isalnum((unsigned char)*base) || *base == '-'
                              ? *base
                              : '_');
    ret[n] = '\0';
    if (n == 0)
        snprintf(ret, size, "agent");
    n = strlen(ret);
    if (number > 1)
        snprintf(ret + n, size - n, "-%d", number);
    free(copy);
}

struct spawning {
    const char *const *values;
    int argc, from;     /* the command */
    char **argv, **all; /* all: with the options */
    int all_count;
    const char *dir;
    int64_t budget;
};

static bool put_spawn(struct buf *body, const struct spawning *s,
                      const char *name)
{
    struct winsize size = {0};
    struct json j;

    json_begin(&j, body);
    json_map(&j, NULL);
    json_text(&j, "task", name);
    json_text(&j, "dir", s->dir);
    if (s->values[1])
        json_text(&j, "genus", s->values[1]);
    if (s->values[4])
        json_text(&j, "restart", s->values[4]);
    if (s->values[6])
        json_text(&j, "contract", s->values[6]);
    if (s->budget > 0)
        json_int(&j, "budget", s->budget);
    if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        json_int(&j, "columns", size.ws_col);
        json_int(&j, "rows", size.ws_row);
    }
    json_array(&j, "argv");
    for (int i = s->from; i < s->argc; i++)
        json_text(&j, NULL, s->argv[i]);
    json_array_end(&j);
    put_environ(&j);
    put_env(&j, s->all_count, s->all);
    json_map_end(&j);
    return json_end(&j);
}

static int spawn(const struct front_verb *v, const struct spawning *s)
{
    struct client c;
    struct client_answer a;
    struct error err;
    struct buf body;
    char name[80];
    int r = 1;

    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    for (int n = 1; n <= NAMES_TRIED; n++) {
        if (s->values[0])
            snprintf(name, sizeof name, "%s", s->values[0]);
        else
            default_name(s->argv[s->from], n, name, sizeof name);
        buf_init(&body, BODY_MAX);
        if (!put_spawn(&body, s, name)) {
            r = front_fail(v, 1, "command and environment are longer than %u "
                                 "bytes",
                           BODY_MAX);
            buf_finish(&body);
            break;
        }
        r = client_want(&c, "POST", "/api/v1/agents", &body, 0, &a, &err);
        client_answer_finish(&a);
        buf_finish(&body);
        if (r == 409 && s->values[0] == NULL)
            continue; /* that name works already: the next number */
        if (r == 0)
            puts(name);
        else
            r = front_fail(v, r == 400 ? 2 : 1, "%s", err.msg);
        break;
    }
    client_close(&c);
    return r;
}

static int read_and_spawn(const struct front_verb *v, struct spawning *s)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    char here[PATH_MAX], dir[PATH_MAX];
    char *end;

    s->values = values;
    s->from = front_read(v, s->argc, s->argv, values);
    if (s->from < 0)
        return 2;
    if (s->from >= s->argc)
        return front_fail(v, 2, "which command? terrarium spawn -- COMMAND");
    if (values[2] == NULL || realpath(values[2], dir) == NULL) {
        if (values[2] != NULL)
            return front_fail(v, 2, "--dir: there is no '%.200s'", values[2]);
        snprintf(dir, sizeof dir, "%s", getcwd(here, sizeof here) ? here : "/");
    }
    s->dir = dir;
    if (values[3] != NULL && strchr(values[3], '=') == NULL)
        return front_fail(v, 2, "--env: KEY=VALUE was expected, not '%.60s'",
                          values[3]);
    if (values[5] != NULL) {
        s->budget = strtoll(values[5], &end, 10);
        if (*end != '\0' || s->budget <= 0)
            return front_fail(v, 2, "--budget: a number of tokens was "
                                    "expected, not '%.40s'",
                              values[5]);
    }
    return spawn(v, s);
}

int front_spawn(const struct front_verb *v, int argc, char **argv)
{
    struct spawning s = {.argc = argc, .argv = argv, .all_count = argc};
    int r;

    s.all = xcalloc((size_t)argc + 1, sizeof *s.all);
    memcpy(s.all, argv, (size_t)argc * sizeof *s.all);
    r = read_and_spawn(v, &s);
    free(s.all);
    return r;
}

/* The one name an action wants; NULL after saying so. */
static const char *one_name(const struct front_verb *v, int argc, char **argv,
                            int i)
{
    if (i < 0)
        return NULL;
    if (i + 1 != argc) {
        front_fail(v, 2, i < argc ? "one name was expected"
                                  : "which agent? give its name");
        return NULL;
    }
    return argv[i];
}

static int act(const struct front_verb *v, const char *method,
               const char *name, const char *what, const struct buf *body,
               const char *print)
{
    struct client c;
    struct client_answer a;
    struct error err;
    char path[300];
    int r;

    if (strlen(name) > 64 || strpbrk(name, "/?#% ") != NULL)
        return front_fail(v, 2, "'%.70s' is no agent's name", name);
    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    snprintf(path, sizeof path, "/api/v1/agents/%s%s", name, what);
    r = client_want(&c, method, path, body, 0, &a, &err);
    if (r != 0) {
        r = front_fail(v, 1, "%s", err.msg);
    } else if (print != NULL) {
        char *all = xcalloc(1, a.body.len + 1);

        client_text(&a.body, print, all, a.body.len + 1);
        fputs(all, stdout);
        if (all[0] != '\0' && all[strlen(all) - 1] != '\n')
            putchar('\n');
        free(all);
    }
    client_answer_finish(&a);
    client_close(&c);
    return r;
}

int front_logs(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    const char *name =
        one_name(v, argc, argv, front_read(v, argc, argv, values));
    char what[60];
    int n = values[0] ? atoi(values[0]) : 100;

    if (name == NULL)
        return 2;
    if (n < 1)
        return front_fail(v, 2, "--lines: a number was expected, not '%.40s'",
                          values[0]);
    snprintf(what, sizeof what, "/logs?lines=%d", n);
    return act(v, "GET", name, what, NULL, "output");
}

int front_kill(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    const char *name =
        one_name(v, argc, argv, front_read(v, argc, argv, values));
    int64_t grace = 5000;
    struct buf body;
    int r;

    if (name == NULL)
        return 2;
    if (values[0] && !when_parse_span(values[0], strlen(values[0]), &grace))
        return front_fail(v, 2, "--grace: a time such as 5s was expected");
    buf_init(&body, 100);
    buf_fmt(&body, "{\"grace_ms\":%lld}", (long long)grace);
    r = act(v, "DELETE", name, "", &body, "message");
    buf_finish(&body);
    return r;
}

int front_pause(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    const char *name =
        one_name(v, argc, argv, front_read(v, argc, argv, values));

    if (name == NULL)
        return 2;
    return act(v, "POST", name,
               strcmp(v->name, "pause") == 0 ? "/pause" : "/resume", NULL,
               NULL);
}

/* status */

enum { A_NAME, A_STATUS, A_REASON, A_LAST, A_REPORT, A_PAUSED, A_ROW, P_ROW,
       P_ID, P_AGENT, P_TITLE, P_RISK };

static const struct pick_rule agent_rules[] = {
    {"agents[]", A_ROW},
    {"agents[].name", A_NAME},
    {"agents[].status", A_STATUS},
    {"agents[].reason", A_REASON},
    {"agents[].paused", A_PAUSED},
    {"agents[].last_event_at", A_LAST},
    {"agents[].reported.state", A_REPORT},
    {NULL, 0}};
static const struct pick_rule proposal_rules[] = {
    {"proposals[]", P_ROW},     {"proposals[].id", P_ID},
    {"proposals[].agent", P_AGENT}, {"proposals[].title", P_TITLE},
    {"proposals[].risk", P_RISK},   {NULL, 0}};

struct table {
    char cells[12][200];
    int64_t now_ms;
    int rows;
};

/* Text from outside on a terminal: no controls. */
static void keep(char *ret, struct span s)
{
    size_t n = s.n < 199 ? s.n : 199;

    for (size_t i = 0; i < n; i++)
        ret[i] = (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? '?' : s.p[i];
    ret[n] = '\0';
}

static void put_row(struct table *t)
{
    char age[16] = "–";
    int64_t at;

    if (when_parse(t->cells[A_LAST], strlen(t->cells[A_LAST]), &at))
        when_age(t->now_ms - at, age, sizeof age);
    printf("%-20s %-9s %-8s %4s  %s\n", t->cells[A_NAME],
           strcmp(t->cells[A_PAUSED], "true") == 0 ? "Paused"
                                                   : t->cells[A_STATUS],
           t->cells[A_REPORT][0] ? t->cells[A_REPORT] : "–", age,
           t->cells[A_REASON]);
}

static void on_cell(void *arg, int field, const struct pick_value *v)
{
    struct table *t = arg;

    if (v->type == PICK_BEGIN) {
        if (field == A_ROW || field == P_ROW)
            memset(t->cells, 0, sizeof t->cells);
    } else if (v->type == PICK_END) {
        t->rows++;
        if (field == A_ROW)
            put_row(t);
        else if (field == P_ROW)
            printf("◆ %-18s risk %-5s %s  (%.8s)\n", t->cells[P_AGENT],
                   t->cells[P_RISK][0] ? t->cells[P_RISK] : "–",
                   t->cells[P_TITLE], t->cells[P_ID]);
    } else if (v->type != PICK_NULL) {
        keep(t->cells[field], v->text);
    }
}

static int show_table(const struct buf *body, const struct pick_rule *rules)
{
    struct pick *p = pick_create(rules);
    struct timespec now;
    struct table *t = xcalloc(1, sizeof *t);
    struct error err;
    int rows;

    clock_gettime(CLOCK_REALTIME, &now);
    t->now_ms = (int64_t)now.tv_sec * 1000;
    pick_run(p, buf_text(body), body->len, on_cell, t, &err);
    pick_destroy(p);
    rows = t->rows;
    free(t);
    return rows;
}

/* A fleet that is made up is never shown without saying so. */
static void tell_practice(struct client *c)
{
    struct client_answer a;
    struct error err;
    char text[8];

    if (client_want(c, "GET", "/api/v1/habitat", NULL, 0, &a, &err) == 0 &&
        client_text(&a.body, "practice", text, sizeof text) &&
        strcmp(text, "true") == 0)
        puts("PRACTICE: none of these agents is real");
    client_answer_finish(&a);
}

int front_status(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    int i = front_read(v, argc, argv, values), r;
    struct client_answer agents, waiting;
    struct client c;
    struct error err;

    if (i < 0)
        return 2;
    if (i < argc)
        return front_fail(v, 2, "unexpected '%.60s'", argv[i]);
    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    r = client_want(&c, "GET", "/api/v1/agents", NULL, 0, &agents, &err);
    if (r == 0) {
        r = client_want(&c, "GET", "/api/v1/proposals?status=pending", NULL, 0,
                        &waiting, &err);
        if (r == 0 && values[0]) {
            printf("%.*s,%s", (int)strcspn(buf_text(&agents.body), "\n") - 1,
                   buf_text(&agents.body), buf_text(&waiting.body) + 1);
        } else if (r == 0) {
            tell_practice(&c);
            show_table(&waiting.body, proposal_rules);
            if (show_table(&agents.body, agent_rules) == 0)
                puts("no agents yet: terrarium spawn -- COMMAND");
        }
        client_answer_finish(&waiting);
    }
    client_answer_finish(&agents);
    client_close(&c);
    return r != 0 ? front_fail(v, 1, "%s", err.msg) : 0;
}
