/*
 * pg_bare CONNINFO - what a bare libpq loop would need: LISTEN, and at each
 * notification all ids above the last one. It waits for nobody and misses
 * rows that commit late; tests/bench/postgres.py puts it beside ours. Prints
 * "ID 0 MICROSECONDS" since the row's clock, until SIGTERM.
 */
#include "config.h"

#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t over;

static void on_term(int number)
{
    (void)number;
    over = 1;
}

static void drain(PGconn *c, long long *last)
{
    char from[24];
    const char *params[] = {from};
    struct timespec t;
    PGresult *r;

    snprintf(from, sizeof from, "%lld", *last);
    r = PQexecParams(c,
                     "SELECT id, extract(epoch from timestamp) * 1000000 "
                     "FROM agent_events WHERE id > $1 ORDER BY id LIMIT 2000",
                     1, NULL, params, NULL, NULL, 0);
    clock_gettime(CLOCK_REALTIME, &t);
    for (int i = 0; i < PQntuples(r); i++) {
        *last = atoll(PQgetvalue(r, i, 0));
        printf("%lld 0 %.0f\n", *last,
               (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3 -
                   strtod(PQgetvalue(r, i, 1), NULL));
    }
    PQclear(r);
}

int main(int argc, char **argv)
{
    PGconn *c = PQconnectdb(argc > 1 ? argv[1] : "");
    const struct sigaction term = {.sa_handler = on_term};
    PGnotify *n;
    long long last = 0;
    PGresult *r;

    if (PQstatus(c) != CONNECTION_OK)
        return 1;
    sigaction(SIGTERM, &term, NULL);
    PQclear(PQexec(c, "LISTEN terrarium_agent_events"));
    r = PQexec(c, "SELECT coalesce(max(id), 0) FROM agent_events");
    last = atoll(PQgetvalue(r, 0, 0));
    PQclear(r);
    while (!over) {
        struct pollfd p = {PQsocket(c), POLLIN, 0};
        int rung = 0;

        PQconsumeInput(c);
        while ((n = PQnotifies(c)) != NULL) {
            PQfreemem(n);
            rung = 1;
        }
        if (rung)
            drain(c, &last);
        else
            poll(&p, 1, 1000);
    }
    PQfinish(c);
    return fflush(stdout) == 0 ? 0 : 1;
}
