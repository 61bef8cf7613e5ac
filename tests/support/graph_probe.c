/*
 * The knowledge graph's source alone, for tests against a real server: says
 * on lines how it is, whenever that changes; and "late MS" where its loop
 * stood still for longer than ever before, if that is more than 100 ms.
 *
 *   graph_probe URL GRAPH SECONDS [look LABEL KEY VALUE DEPTH]
 *               [evidence OBJECTIVE | written AGENT] [page W H] [first]
 *
 * The password comes by TERRARIUM_GRAPH_PASSWORD, a user by _USER, a Unix
 * socket by _SOCKET. A line on its input asks for a refresh.
 */
#include "config.h"

#include "base/buf.h"
#include "base/clock.h"
#include "data/fracta/graph_source.h"
#include "tui/render.h"
#include "widgets/graph.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct store *st;
static struct source *source;
static char **rest;
static bool looked;

static void on_done(uv_timer_t *t)
{
    uv_stop(t->loop);
}

static void ask_more(void)
{
    looked = true;
    for (char **a = rest; *a != NULL; a++) {
        if (strcmp(*a, "look") == 0 && a[1] && a[2] && a[3] && a[4])
            graph_source_look(source, a[1], a[2], a[3], atoi(a[4]));
        if (strcmp(*a, "evidence") == 0 && a[1])
            graph_source_topic(source, GRAPH_TOPIC_EVIDENCE, a[1]);
        if (strcmp(*a, "written") == 0 && a[1])
            graph_source_topic(source, GRAPH_TOPIC_WRITTEN, a[1]);
    }
}

static void on_tick(uv_timer_t *t)
{
    static uint64_t before, worst = 100;
    static char last[800];
    const struct plane *p = source_plane(source);
    const struct graph_view *v = graph_source_view(source);
    uint64_t at = uv_hrtime() / 1000000;
    char now[800];

    (void)t;
    if (before > 0 && at - before > worst) {
        worst = at - before;
        printf("late %d\n", (int)worst);
    }
    before = at;
    if (p->state == PLANE_LIVE && !looked)
        ask_more();
    snprintf(now, sizeof now,
             "%s|%s|%s|%s|thoughts %u|look %d %d %d%s|answer %d %d",
             plane_state_name(p->state), p->detail, p->version, p->error.msg,
             thoughts_count(&st->thoughts), (int)v->look.state,
             v->look.dot_count, v->look.line_count, v->look.more ? "+" : "",
             (int)v->answer.state, v->answer.count);
    if (strcmp(now, last) != 0) {
        puts(now);
        fflush(stdout);
    }
    memcpy(last, now, sizeof last);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[64];

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_line(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    (void)b;
    if (n < 0)
        uv_close((uv_handle_t *)s, NULL);
    else
        source_refresh(source);
}

static void on_closed(void *arg)
{
    *(bool *)arg = true;
}

static void draw(int w, int h)
{
    struct graph_cursor at = {0};
    struct canvas c;
    struct buf text;

    canvas_init(&c, w, h, GLYPHS_FULL);
    graph_page_draw(&c, (struct rect){0, 0, w, h}, graph_source_view(source),
                    &at, clock_wall_ms());
    buf_init(&text, 4 << 20);
    render_text(&c, &text);
    fputs(buf_text(&text), stdout);
    buf_finish(&text);
    canvas_finish(&c);
}

int main(int argc, char **argv)
{
    const struct graph_options o = {
        .name = "graph",
        .url = argc > 1 ? argv[1] : "",
        .graph = argc > 2 ? argv[2] : NULL,
        .ns = "fracta",
        .user = getenv("TERRARIUM_GRAPH_USER"),
        .password = getenv("TERRARIUM_GRAPH_PASSWORD"),
        .socket = getenv("TERRARIUM_GRAPH_SOCKET")};
    uv_loop_t loop;
    uv_timer_t done, tick;
    uv_pipe_t in;
    bool closed = false;

    if (argc < 4)
        return 2;
    setlocale(LC_ALL, "C.UTF-8");
    rest = argv + 4;
    uv_loop_init(&loop);
    st = store_create();
    source = graph_source_create(&loop, st, &o);
    uv_timer_init(&loop, &done);
    uv_timer_start(&done, on_done, (uint64_t)(atof(argv[3]) * 1000), 0);
    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, 5, 20);
    uv_pipe_init(&loop, &in, 0);
    if (uv_guess_handle(STDIN_FILENO) == UV_NAMED_PIPE) {
        uv_pipe_open(&in, STDIN_FILENO);
        uv_read_start((uv_stream_t *)&in, on_alloc, on_line);
    }
    source_start(source);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (char **a = rest; *a != NULL; a++)
        if (strcmp(*a, "page") == 0 && a[1] && a[2])
            draw(atoi(a[1]), atoi(a[2]));
        else if (strcmp(*a, "first") == 0)
            printf("first %s\n",
                   graph_source_view(source)->answer.at[0].title);
    source_close(source, on_closed, &closed);
    uv_close((uv_handle_t *)&done, NULL);
    uv_close((uv_handle_t *)&tick, NULL);
    if (!uv_is_closing((uv_handle_t *)&in))
        uv_close((uv_handle_t *)&in, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    store_destroy(st);
    return closed && uv_loop_close(&loop) == 0 ? 0 : 1;
}
