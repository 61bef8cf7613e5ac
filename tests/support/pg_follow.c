/*
 * pg_follow CONNINFO [TABLE] - follows a table and prints "ID late" lines,
 * until SIGTERM; tests hold what it printed against the table. With
 * PG_FOLLOW_STOP=N it ends when id N was seen and nothing is left to wait
 * for; PG_FOLLOW_LISTEN=CHANNEL reads when it is rung. State and errors go
 * to standard error. PGPASSWORD and the like are libpq's.
 */
#include "config.h"

#include "data/pg/follow.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uv_loop_t loop;
static uv_timer_t again;
static uv_signal_t term;
static struct pg_link *the_link;
static struct pg_follow *follow;
static struct pg_target target;
static int64_t stop_at;
static bool times, ending, seen_stop;

static void open_link(void);

static void on_row(int64_t id, bool late, const struct span *v, int n,
                   void *arg)
{
    (void)arg;
    if (times && n > 0) { /* microseconds since the row's clock */
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        printf("%" PRId64 " %d %.0f\n", id, late,
               (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3 -
                   strtod(v[0].p ? v[0].p : "0", NULL));
    } else {
        printf("%" PRId64 " %d\n", id, late);
    }
    seen_stop |= stop_at > 0 && id == stop_at;
}

static void on_closed(void *arg)
{
    (void)arg;
}

static void quit(void)
{
    const struct tail *t = pg_follow_tail(follow);

    if (ending)
        return;
    ending = true;
    fprintf(stderr,
            "delivered %" PRIu64 " late %" PRIu64 " again %" PRIu64
            " given_up %" PRIu64 " resets %u\n",
            t->delivered, t->late, t->again, t->given_up,
            pg_follow_resets(follow));
    if (the_link != NULL)
        pg_link_close(the_link, on_closed, NULL);
    pg_follow_close(follow, on_closed, NULL);
    uv_close((uv_handle_t *)&again, NULL);
    uv_close((uv_handle_t *)&term, NULL);
}

static void on_read(const struct error *err, uint32_t rows, void *arg)
{
    (void)arg;
    if (err->code != 0)
        fprintf(stderr, "read: %d %s\n", err->code, err->msg);
    if (rows > 0)
        fflush(stdout);
    if (seen_stop && tail_settled(pg_follow_tail(follow)))
        quit();
}

static void on_listen(const struct pg_done *d, void *arg)
{
    (void)arg;
    if (d->err.code != 0)
        fprintf(stderr, "listen: %s\n", d->err.msg);
    pg_follow_attach(follow, the_link);
}

static void on_up(const struct pg_info *info, void *arg)
{
    const char *channel = getenv("PG_FOLLOW_LISTEN");
    char sql[100];
    struct pg_ask a = {.sql = sql, .done = on_listen};
    struct error err;

    (void)arg;
    fprintf(stderr, "up: %s offset %d\n", info->version_text,
            (int)info->offset_ms);
    if (channel == NULL) {
        pg_follow_attach(follow, the_link);
        return;
    }
    snprintf(sql, sizeof sql, "LISTEN %s", channel);
    if (pg_link_ask(the_link, &a, &err) != 0)
        fprintf(stderr, "listen: %s\n", err.msg);
}

static void on_again(uv_timer_t *t)
{
    (void)t;
    open_link();
}

static void on_down(const struct error *err, void *arg)
{
    (void)arg;
    fprintf(stderr, "down: %d %s\n", err->code, err->msg);
    pg_follow_detach(follow);
    pg_link_close(the_link, on_closed, NULL);
    the_link = NULL;
    uv_timer_start(&again, on_again, 200, 0);
}

static void on_bell(const char *channel, const char *payload, void *arg)
{
    (void)channel;
    (void)payload;
    (void)arg;
    pg_follow_ring(follow);
}

static void open_link(void)
{
    const struct pg_link_calls calls = {
        .up = on_up, .down = on_down, .bell = on_bell};
    struct error err;

    if (pg_link_open(&loop, &target, &calls, &the_link, &err) != 0) {
        fprintf(stderr, "open: %d %s\n", err.code, err.msg);
        exit(1);
    }
}

static void on_term(uv_signal_t *h, int number)
{
    (void)h;
    (void)number;
    quit();
}

int main(int argc, char **argv)
{
    static const char *const columns[] = {
        "extract(epoch from e.timestamp) * 1000000"};
    struct pg_follow_options o = {.schema = "public",
                                  .table = argc > 2 ? argv[2] : "agent_events",
                                  .id = "id",
                                  .columns = columns,
                                  .column_count = 1,
                                  .history = -1,
                                  .poll_ms = 500,
                                  .row = on_row,
                                  .read = on_read};
    struct error err;
    const char *s;

    if (argc < 2)
        return 2;
    target.conninfo = argv[1];
    target.connect_ms = 3000;
    stop_at = (s = getenv("PG_FOLLOW_STOP")) != NULL ? atoll(s) : 0;
    if ((s = getenv("PG_FOLLOW_POLL")) != NULL)
        o.poll_ms = atoi(s);
    times = getenv("PG_FOLLOW_TIMES") != NULL;
    if (getenv("PG_FOLLOW_NEW") != NULL)
        o.history = 0;
    uv_loop_init(&loop);
    uv_timer_init(&loop, &again);
    uv_signal_init(&loop, &term);
    uv_signal_start(&term, on_term, SIGTERM);
    uv_unref((uv_handle_t *)&term);
    follow = pg_follow_create(&loop, &o, &err);
    if (follow == NULL)
        return 1;
    open_link();
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 ? 0 : 3;
}
