/* habitat: the daemon itself. */
#include "config.h"

#include "front/client.h"
#include "front/front.h"

#include "habitat/protocol.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STOP_MS 5000

static int start(const struct front_verb *v, struct client *c)
{
    struct error err;

    if (client_start_daemon(&c->paths, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    printf("the habitat listens at %s\n", c->paths.socket);
    return 0;
}

/* 0 stopped, 1 could not be, -1 it was not up. */
static int stop(const struct front_verb *v, struct client *c)
{
    const struct timespec wait = {0, 20000000};
    struct client_answer a;
    struct error err;
    int r;

    c->no_start = true;
    r = client_want(c, "POST", "/api/v1/habitat/stop", NULL, 0, &a, &err);
    client_answer_finish(&a);
    c->no_start = false;
    if (r == ERR_CONNECT)
        return -1;
    if (r != 0)
        return front_fail(v, 1, "%s", err.msg);
    for (int i = 0; i < STOP_MS / 20 && access(c->paths.pid, F_OK) == 0; i++)
        nanosleep(&wait, NULL);
    return 0;
}

static int status(const struct front_verb *v, struct client *c)
{
    static const char *const fields[] = {
        "version", "practice", "pid", "started_at", "database", "events",
        "database_bytes", "agents_running", "failed_commits"};
    struct client_answer a;
    struct error err;
    char text[300];
    int r;

    c->no_start = true;
    r = client_want(c, "GET", "/api/v1/habitat", NULL, 0, &a, &err);
    if (r != 0) {
        client_answer_finish(&a);
        printf("down: %s\n", err.msg);
        return 1;
    }
    printf("up, at %s\n", c->paths.socket);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (client_text(&a.body, fields[i], text, sizeof text))
            printf("  %-16s %s\n", fields[i], text);
    if (client_text(&a.body, "protocol", text, sizeof text) &&
        atoi(text) != HABITAT_PROTOCOL)
        printf("  it speaks protocol %s, this program %d: 'terrarium habitat "
               "restart' renews it, agents go on\n",
               text, HABITAT_PROTOCOL);
    client_answer_finish(&a);
    (void)v;
    return 0;
}

static int run(const struct front_verb *v)
{
    char program[PATH_MAX + 32];

    client_program("terrarium-habitat", program, sizeof program);
    execl(program, "terrarium-habitat", (char *)NULL);
    return front_fail(v, 1, "%s: %s", program, strerror(errno));
}

int front_habitat(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0}, *what;
    int i = front_read(v, argc, argv, values), r;
    struct client c;
    struct error err;

    if (i < 0)
        return 2;
    what = i + 1 == argc ? argv[i] : "";
    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    if (strcmp(what, "start") == 0) {
        r = start(v, &c);
    } else if (strcmp(what, "stop") == 0) {
        r = stop(v, &c);
        puts(r < 0 ? "it was not up" : r == 0 ? "stopped; agents go on" : "");
        r = r > 0;
    } else if (strcmp(what, "restart") == 0) {
        r = stop(v, &c) > 0 ? 1 : start(v, &c);
    } else if (strcmp(what, "status") == 0) {
        r = status(v, &c);
    } else if (strcmp(what, "run") == 0) {
        r = run(v);
    } else {
        r = front_fail(v, 2, "start, stop, restart, status or run was "
                             "expected");
    }
    client_close(&c);
    return r;
}
