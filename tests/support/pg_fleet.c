/*
 * pg_fleet CONNINFO [SCHEMA] - a Postgres source and a store. A line of
 * standard input is answered on standard output: "dump" (the store as JSON,
 * one line), "doctor", "refresh"; "rows" (rows of events that came). Ends
 * with its input.
 */
#include "config.h"

#include "base/clock.h"
#include "data/dump.h"
#include "data/fracta/pg_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uv_loop_t loop;
static uv_pipe_t in;
static struct store *store;
static struct source *source;
static char line[256];
static size_t len;

static void dump(void)
{
    const struct dump_want want = {.context = "test",
                                   .now_ms = clock_wall_ms()};
    struct buf out;

    store_settle(store, clock_wall_ms());
    buf_init(&out, 256u << 20);
    if (dump_json(store, &want, &out)) {
        for (size_t i = 0; i < out.len; i++)
            if (out.ptr[i] == '\n')
                out.ptr[i] = ' ';
        puts(buf_text(&out));
    } else {
        puts("{}");
    }
    buf_finish(&out);
}

static void on_finding(enum finding f, const char *what, const char *found,
                       const char *todo, void *arg)
{
    (void)arg;
    printf("%s%d %s: %s%s%s", f == FINDING_OK ? "" : "!", (int)f, what, found,
           todo ? ": " : "", todo ? todo : "");
    fputs(" | ", stdout);
}

static void command(void)
{
    if (strcmp(line, "dump") == 0)
        dump();
    else if (strcmp(line, "doctor") == 0) {
        source_doctor(source, on_finding, NULL);
        puts("");
    } else if (strcmp(line, "refresh") == 0) {
        source_refresh(source);
        puts("");
    } else if (strcmp(line, "rows") == 0)
        printf("%llu\n", (unsigned long long)store->thoughts.seq);
    fflush(stdout);
}

static void on_closed(void *arg)
{
    (void)arg;
}

static void give(uv_handle_t *h, size_t hint, uv_buf_t *b)
{
    static char room[256];

    (void)h;
    (void)hint;
    *b = uv_buf_init(room, sizeof room);
}

static void on_input(uv_stream_t *h, ssize_t n, const uv_buf_t *b)
{
    if (n < 0) {
        uv_close((uv_handle_t *)h, NULL);
        source_close(source, on_closed, NULL);
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (b->base[i] != '\n') {
            if (len + 1 < sizeof line)
                line[len++] = b->base[i];
            continue;
        }
        line[len] = '\0';
        len = 0;
        command();
    }
}

int main(int argc, char **argv)
{
    struct pg_options o = {.name = "pg",
                           .at = {.conninfo = argc > 1 ? argv[1] : "",
                                  .password = getenv("PG_FLEET_PASSWORD"),
                                  .connect_ms = 3000},
                           .schema = argc > 2 ? argv[2] : NULL};

    uv_loop_init(&loop);
    store = store_create();
    source = pg_source_create(&loop, store, &o);
    uv_pipe_init(&loop, &in, 0);
    uv_pipe_open(&in, 0);
    uv_read_start((uv_stream_t *)&in, give, on_input);
    source_start(source);
    uv_run(&loop, UV_RUN_DEFAULT);
    store_destroy(store);
    return uv_loop_close(&loop) == 0 ? 0 : 3;
}
