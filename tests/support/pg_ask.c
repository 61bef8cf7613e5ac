/*
 * pg_ask CONNINFO SQL... - asks over one link what data/pg/link.h lets out
 * and prints what came of it, a line each:
 *
 *   up VERSION standby=0 tls=0        down CODE TEXT
 *   row VALUE|VALUE                   done CODE SQLSTATE ROWS TEXT
 *   refused CODE TEXT                 bell CHANNEL PAYLOAD
 *
 * Ends when all is answered or the link is down; with PG_ASK_STAY=MS so much
 * later. PG_ASK_WRITES, PG_ASK_TIMEOUT (of a question), PG_ASK_STATEMENT (of
 * the session), PG_ASK_ROWS, PG_ASK_BYTES, PG_ASK_CONNECT, PG_ASK_PASSWORD,
 * PG_ASK_GIVE_UP=MS (closes while it may still be connecting).
 */
#include "config.h"

#include "data/pg/link.h"

#include <stdio.h>
#include <stdlib.h>

static uv_loop_t loop;
static uv_timer_t stay, give_up;
static struct pg_link *the_link;
static char **questions;
static int left, answered;
static bool ended;

static int number(const char *name)
{
    const char *s = getenv(name);

    return s != NULL ? atoi(s) : 0;
}

static void on_closed(void *arg)
{
    (void)arg;
    puts("closed");
}

static void end(void)
{
    if (ended)
        return;
    ended = true;
    pg_link_close(the_link, on_closed, NULL);
    uv_close((uv_handle_t *)&stay, NULL);
    uv_close((uv_handle_t *)&give_up, NULL);
}

static void on_timer(uv_timer_t *t)
{
    (void)t;
    end();
}

static void end_soon(void)
{
    if (left == 0)
        uv_timer_start(&stay, on_timer, (uint64_t)number("PG_ASK_STAY"), 0);
}

static void on_row(const struct span *v, int n, void *arg)
{
    (void)arg;
    fputs("row ", stdout);
    for (int i = 0; i < n; i++)
        printf("%s%.*s", i ? "|" : "",
               (int)(v[i].p == NULL ? 4 : v[i].n > 60 ? 60 : v[i].n),
               v[i].p == NULL ? "NULL" : v[i].p);
    puts("");
}

static void on_done(const struct pg_done *d, void *arg)
{
    (void)arg;
    printf("done %d %s %u %s\n", d->err.code, d->state[0] ? d->state : "-",
           d->rows, d->err.code != 0 ? d->err.msg : "");
    fflush(stdout);
    answered++;
    left--;
    end_soon();
}

static void on_up(const struct pg_info *i, void *arg)
{
    (void)arg;
    printf("up %s standby=%d tls=%d\n", i->version_text, i->standby, i->tls);
    for (char **q = questions; *q != NULL; q++) {
        struct pg_ask a = {.sql = *q,
                           .timeout_ms = number("PG_ASK_TIMEOUT"),
                           .max_rows = (uint32_t)number("PG_ASK_ROWS"),
                           .max_bytes = (uint64_t)number("PG_ASK_BYTES"),
                           .row = on_row,
                           .done = on_done};
        struct error err;

        if (pg_link_ask(the_link, &a, &err) == 0)
            left++;
        else
            printf("refused %d %s\n", err.code, err.msg);
    }
    end_soon();
}

static void on_down(const struct error *err, void *arg)
{
    (void)arg;
    printf("down %d %s\n", err->code, err->msg);
    end();
}

static void on_bell(const char *channel, const char *payload, void *arg)
{
    (void)arg;
    printf("bell %s %s\n", channel, payload);
}

int main(int argc, char **argv)
{
    const struct pg_link_calls calls = {
        .up = on_up, .down = on_down, .bell = on_bell};
    struct pg_target target = {.conninfo = argc > 1 ? argv[1] : "",
                               .password = getenv("PG_ASK_PASSWORD"),
                               .writes = number("PG_ASK_WRITES") > 0,
                               .connect_ms = number("PG_ASK_CONNECT"),
                               .statement_ms = number("PG_ASK_STATEMENT")};
    struct error err;

    questions = argv + (argc > 1 ? 2 : 1);
    uv_loop_init(&loop);
    if (pg_link_open(&loop, &target, &calls, &the_link, &err) != 0) {
        printf("open %d %s\n", err.code, err.msg);
        return 1;
    }
    uv_timer_init(&loop, &stay);
    uv_timer_init(&loop, &give_up);
    if (number("PG_ASK_GIVE_UP") > 0)
        uv_timer_start(&give_up, on_timer,
                       (uint64_t)number("PG_ASK_GIVE_UP"), 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 ? 0 : 3;
}
