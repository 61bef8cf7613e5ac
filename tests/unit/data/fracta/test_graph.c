#include "config.h"

#include "data/fracta/graph_read.h"
#include "data/fracta/graph_source.h"
#include "data/fracta/graph_url.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- its address ---------------------------------------------------------- */

static void test_url(void **state)
{
    static const struct {
        const char *text, *base, *user, *password;
    } good[] = {
        {"redis://h", "http://h:6379", NULL, NULL},
        {"h:7000", "http://h:7000", NULL, NULL},
        {"rediss://u:p%40s@h.example:1", "https://h.example:1", "u", "p@s"},
        {"redis://:only@10.0.0.1:2/0", "http://10.0.0.1:2", NULL, "only"},
        {"redis://[::1]:5", "http://[::1]:5", NULL, NULL},
    };
    static const char *const bad[] = {"http://h", "redis://", "redis://h:x",
                                      "redis://h:99999", "", "redis://a b"};
    struct graph_url u;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(graph_url_read(good[i].text, false, &u, &err), 0);
        assert_string_equal(u.base, good[i].base);
        assert_null(strstr(u.shown, "@"));
        if (good[i].user != NULL)
            assert_string_equal(u.user, good[i].user);
        else
            assert_null(u.user);
        if (good[i].password != NULL)
            assert_string_equal(u.password, good[i].password);
        else
            assert_null(u.password);
        graph_url_finish(&u);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(graph_url_read(bad[i], false, &u, &err), ERR_CONFIG);
    graph_url_read("http://u:s3cret@h", false, &u, &err);
    assert_null(strstr(err.msg, "s3cret"));
    assert_int_equal(graph_url_read("redis://h", true, &u, &err), 0);
    assert_string_equal(u.base, "https://h:6379");
    assert_string_equal(u.shown, "rediss://h:6379");
    graph_url_finish(&u);
}

/* ---- answers, composed ----------------------------------------------------- */

static char said[64][4096]; /* answers live as long as the test */
static int saids;

/* "s text", "i 5", "n": cells of one row, divided by '|'. */
static void add_row(struct buf *b, const char *row)
{
    struct buf cells;
    int count = 0;

    buf_init(&cells, 1 << 20);
    for (const char *p = row; *p != '\0'; count++) {
        size_t n = strcspn(p, "|");

        if (*p == 'n')
            buf_str(&cells, "$-1\r\n");
        else if (*p == 'i')
            buf_fmt(&cells, ":%.*s\r\n", (int)n - 2, p + 2);
        else
            buf_fmt(&cells, "$%zu\r\n%.*s\r\n", n - 2, (int)n - 2, p + 2);
        p += n + (p[n] == '|');
    }
    buf_fmt(b, "*%d\r\n", count);
    buf_add(b, buf_text(&cells), cells.len);
    buf_finish(&cells);
}

static const char *rows(int columns, const char *const *lines)
{
    char *to = said[saids++];
    struct buf b;
    int count = 0;

    buf_init(&b, sizeof said[0] - 1);
    while (lines[count] != NULL)
        count++;
    buf_fmt(&b, "*3\r\n*%d\r\n", columns);
    for (int i = 0; i < columns; i++)
        buf_str(&b, "$1\r\nc\r\n");
    buf_fmt(&b, "*%d\r\n", count);
    for (int i = 0; i < count; i++)
        add_row(&b, lines[i]);
    buf_str(&b, "*0\r\n");
    assert_false(b.over);
    strcpy(to, b.ptr);
    buf_finish(&b);
    return to;
}

#define ROWS(columns, ...) rows(columns, (const char *[]){__VA_ARGS__, NULL})

static int reset(void **state)
{
    (void)state;
    saids = 0;
    return 0;
}

static struct resp_reader *reader;

static const struct resp_value *value(const char *bytes)
{
    struct error err;

    if (reader == NULL)
        reader = resp_reader_create();
    assert_true(resp_reader_feed(reader, bytes, strlen(bytes), &err));
    return resp_reader_next(reader, &err);
}

/* ---- readers ----------------------------------------------------------------- */

static void test_counts(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct error err;

    (void)state;
    assert_int_equal(
        graph_read_labels(value(ROWS(2, "s Concept|i 1000", "n|i 3",
                                     "s Finding|i 56", "s Odd|i -4")),
                          v, &err),
        0);
    assert_int_equal(v->nodes, 1059);
    assert_int_equal(v->findings, 56);
    assert_int_equal(v->label_count, 3);
    assert_string_equal(v->labels[1].name, "(none)");
    /* another shape: all is as it was */
    assert_int_equal(graph_read_labels(value(ROWS(3, "i 1|i 1|i 1")), v, &err),
                     ERR_SYNTAX);
    assert_int_equal(graph_read_labels(value(":5\r\n"), v, &err), ERR_SYNTAX);
    assert_int_equal(v->nodes, 1059);
    free(v);
}

static void test_many_counts(void **state)
{
    const char *lines[71] = {0};
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct error err;

    (void)state;
    for (int i = 0; i < 70; i++)
        lines[i] = i > 0 ? "s A|i 1"
                         : "s A label that is longer than its place has bytes"
                           "|i 1";
    assert_int_equal(graph_read_types(value(rows(2, lines)), v, &err), 0);
    assert_int_equal(v->edges, 70);
    assert_int_equal(v->type_count, GRAPH_COUNTS_MAX);
    assert_int_equal(v->types_more, 70 - GRAPH_COUNTS_MAX);
    assert_int_equal(strlen(v->types[0].name), sizeof v->types[0].name - 1);
    free(v);
}

static int tells;

static void count_tell(const struct graph_entry *e, struct span updated,
                       void *arg)
{
    (void)e;
    (void)updated;
    (void)arg;
    tells++;
}

static void test_findings(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct error err;

    (void)state;
    tells = 0;
    assert_int_equal(
        graph_read_findings(
            value(ROWS(8,
                       "i 7|s it beacons|s 0.93|s beaconing|"
                       "s 2026-11-21T10:00:00Z|s agent:a|"
                       "s 2026-11-21T10:00:01Z|s confirmed",
                       "i 7|s it beacons|s 0.93|s another|n|n|n|n",
                       "s x|s no id|n|n|n|n|n|n", "i 9|n|s high|n|s soon|i 5|n|n",
                       "i 10|i 4")),
            1000, v, count_tell, NULL, &err),
        0);
    assert_int_equal(v->found_count, 2);
    assert_int_equal(tells, 2);
    assert_string_equal(v->found[0].title, "it beacons");
    assert_string_equal(v->found[0].strategy, "beaconing");
    assert_string_equal(v->found[0].status, "confirmed");
    assert_near(v->found[0].confidence, 0.93, 1e-9);
    assert_int_equal(v->found[0].at_ms, 1795255201000);
    assert_string_equal(v->found[1].title, "");
    assert_string_equal(v->found[1].source, "");
    assert_true(isnan(v->found[1].confidence));
    assert_int_equal(v->found[1].at_ms, 0);
    free(v);
}

static void test_look(void **state)
{
    struct graph_look l = {0};
    struct error err;
    struct buf b;

    (void)state;
    assert_int_equal(
        graph_read_look(
            value(ROWS(
                10, "i 1|s Hunt|s h|i 2|s IP|s 10.0.0.1|s TARGETS|i 1|i 9|i 4",
                "i 1|s Hunt|s h|i 3|s Finding|s f|s INVOLVES|i 3|i 9|n",
                "i 1|s Hunt|s h|i 3|s Finding|s f|s INVOLVES|i 3|i 9|i -7",
                "i 1|s Hunt|s h|i 1|s Hunt|s h|s SELF|i 1|i 9|i 9")),
            &l, &err),
        0);
    assert_int_equal(l.state, GRAPH_LOOK_THERE);
    assert_int_equal(l.dot_count, 3);
    assert_int_equal(l.line_count, 3);
    assert_int_equal(l.dots[0].degree, 9);
    assert_int_equal(l.dots[1].degree, 4);
    assert_int_equal(l.dots[2].degree, -1);
    assert_int_equal(l.lines[0].from, 0);
    assert_int_equal(l.lines[0].to, 1);
    assert_int_equal(l.lines[1].from, 2);
    assert_int_equal(l.lines[1].to, 0);
    buf_init(&b, 1 << 20);
    assert_true(graph_look_further_query(&l, &b));
    assert_non_null(strstr(b.ptr, "CYPHER ids=[2,3] root=1 each=32 UNWIND"));
    assert_int_equal(
        graph_read_look_further(
            value(ROWS(7, "i 2|i 4|s System|s s|s IN|i 4|i 2",
                       "i 2|i 1|s Hunt|s h|s TARGETS|i 1|i 9",
                       "i 99|i 5|s No|s n|s IN|i 5|i 5")),
            &l, &err),
        0);
    assert_int_equal(l.dot_count, 4);
    assert_int_equal(l.dots[3].depth, 2);
    assert_int_equal(l.line_count, 4);
    /* a node alone, and none */
    graph_read_look(value(ROWS(10, "i 1|s A|s a|n|n|n|n|n|n|n")), &l, &err);
    assert_int_equal(l.dot_count, 1);
    assert_false(graph_look_further_query(&l, &b));
    assert_int_equal(
        graph_read_look(value("*3\r\n*10\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
                              ":1\r\n:1\r\n:1\r\n:1\r\n*0\r\n*0\r\n"),
                        &l, &err),
        0);
    assert_int_equal(l.state, GRAPH_LOOK_ABSENT);
    buf_finish(&b);
}

/* A name that is no plain one does not become a part of the query. */
static void test_look_query(void **state)
{
    struct graph_centre c = {span_of("Hunt"), span_of("id"), span_of("x'"), 0};
    struct error err;
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    assert_int_equal(graph_look_query(&c, &b, &err), 0);
    assert_non_null(
        strstr(b.ptr, "CYPHER v='x\\'' MATCH (c:Hunt {id: $v})"));
    c.label = span_of("A) DETACH DELETE c //");
    assert_int_equal(graph_look_query(&c, &b, &err), 0);
    assert_non_null(strstr(b.ptr, "l='A) DETACH DELETE c //' MATCH (c) "
                                  "WHERE $l IN labels(c) AND c[$k] = $v"));
    buf_finish(&b);
}

static void test_copy(void **state)
{
    char to[6];

    (void)state;
    graph_copy(to, sizeof to, span_of("abcdeä"));
    assert_string_equal(to, "abcde");
    graph_copy(to, sizeof to, span_of("abcdä"));
    assert_string_equal(to, "abcd");
    graph_copy(to, sizeof to, span_of("abcä"));
    assert_string_equal(to, "abcä");
    graph_copy(to, sizeof to, (struct span){NULL, 0});
    assert_string_equal(to, "");
}

/* ---- the source, and a server in its loop ------------------------------------ */

struct answer {
    const char *part; /* of the command */
    const char *says; /* NULL: the connection ends; "": nothing */
};

struct world {
    uv_loop_t loop;
    uv_tcp_t server;
    uv_tcp_t *peer;
    uv_timer_t tick, giving_up;
    struct store *st;
    struct source *s;
    const struct answer *answers;
    struct buf in, log; /* log: commands, a line each */
    bool (*enough)(struct world *w);
    void (*enter)(struct world *w); /* with the first tick after live */
    bool entered, over;
    int rounds, ticks;
};

static void on_peer_closed(uv_handle_t *h)
{
    free(h);
}

static void drop_peer(struct world *w)
{
    if (w->peer != NULL && !uv_is_closing((uv_handle_t *)w->peer))
        uv_close((uv_handle_t *)w->peer, on_peer_closed);
    w->peer = NULL;
}

static void on_source_closed(void *arg)
{
    struct world *w = arg;

    drop_peer(w);
    uv_close((uv_handle_t *)&w->server, NULL);
    uv_close((uv_handle_t *)&w->tick, NULL);
    uv_close((uv_handle_t *)&w->giving_up, NULL);
}

static void on_tick(uv_timer_t *t)
{
    struct world *w = t->data;
    const struct plane *p = source_plane(w->s);

    w->ticks++;
    if (w->enter != NULL && !w->entered && p->state == PLANE_LIVE) {
        w->entered = true;
        w->enter(w);
    }
    if (!w->over && w->enough(w)) {
        w->over = true;
        source_close(w->s, on_source_closed, w);
    }
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *ret)
{
    static char bytes[65536];

    (void)h;
    (void)hint;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void say(struct world *w, const char *text)
{
    uv_buf_t b = uv_buf_init((char *)(uintptr_t)text, strlen(text));

    assert_int_equal(uv_try_write((uv_stream_t *)w->peer, &b, 1),
                     (int)strlen(text));
}

/* One whole command at the beginning of what came: its words on a line. */
static bool take_command(struct buf *in, struct buf *line)
{
    const char *p = buf_text(in), *end = p + in->len;
    long words, n;
    char *after;

    buf_clear(line);
    if (in->len == 0 || *p != '*')
        return false;
    words = strtol(p + 1, &after, 10);
    for (p = after + 2; words > 0; words--) {
        if (p >= end)
            return false;
        n = strtol(p + 1, &after, 10);
        p = after + 2;
        if (p + n + 2 > end)
            return false;
        buf_add(line, p, (size_t)n);
        buf_char(line, words > 1 ? ' ' : '\n');
        p += n + 2;
    }
    buf_drop(in, (size_t)(p - buf_text(in)));
    return true;
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct world *w = s->data;
    struct buf line;

    if (n < 0) {
        if ((uv_tcp_t *)s == w->peer)
            w->peer = NULL;
        uv_close((uv_handle_t *)s, on_peer_closed);
        return;
    }
    buf_add(&w->in, b->base, (size_t)n);
    buf_init(&line, 1 << 20);
    while (take_command(&w->in, &line)) {
        const struct answer *a = w->answers;

        buf_add(&w->log, line.ptr, line.len);
        w->rounds += strncmp(line.ptr, "TIME", 4) == 0;
        while (a->part != NULL && strstr(line.ptr, a->part) == NULL)
            a++;
        if (a->part != NULL && a->says == NULL) {
            drop_peer(w);
            break;
        }
        say(w, a->part != NULL ? a->says : "+OK\r\n");
    }
    buf_finish(&line);
}

static void on_peer(uv_stream_t *s, int status)
{
    struct world *w = s->data;

    assert_int_equal(status, 0);
    w->peer = xcalloc(1, sizeof *w->peer);
    uv_tcp_init(&w->loop, w->peer);
    w->peer->data = w;
    uv_accept(s, (uv_stream_t *)w->peer);
    buf_clear(&w->in);
    uv_read_start((uv_stream_t *)w->peer, on_alloc, on_read);
}

static void on_giving_up(uv_timer_t *t)
{
    struct world *w = t->data;

    fail_msg("nothing happens any more, after\n%s", buf_text(&w->log));
}

static void run(struct world *w, const struct answer *answers,
                const char *password)
{
    struct graph_options o = {.name = "graph", .ns = "fracta"};
    struct sockaddr_in at;
    char url[64];
    int len = sizeof at;

    w->answers = answers;
    buf_init(&w->in, 4 << 20);
    buf_init(&w->log, 4 << 20);
    uv_loop_init(&w->loop);
    uv_tcp_init(&w->loop, &w->server);
    w->server.data = w->tick.data = w->giving_up.data = w;
    uv_ip4_addr("127.0.0.1", 0, &at);
    uv_tcp_bind(&w->server, (struct sockaddr *)&at, 0);
    uv_listen((uv_stream_t *)&w->server, 8, on_peer);
    uv_tcp_getsockname(&w->server, (struct sockaddr *)&at, &len);
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", ntohs(at.sin_port));
    o.url = url;
    o.password = password;
    if (w->st == NULL)
        w->st = store_create();
    w->s = graph_source_create(&w->loop, w->st, &o);
    uv_timer_init(&w->loop, &w->tick);
    uv_timer_start(&w->tick, on_tick, 10, 10);
    uv_timer_init(&w->loop, &w->giving_up);
    uv_timer_start(&w->giving_up, on_giving_up, 20000, 0);
    source_start(w->s);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static void done(struct world *w)
{
    store_destroy(w->st);
    buf_finish(&w->in);
    buf_finish(&w->log);
}

#define PLANE (&w->st->planes[0])

static bool live(struct world *w)
{
    return PLANE->state == PLANE_LIVE;
}

static bool failed(struct world *w)
{
    return PLANE->answered && PLANE->state != PLANE_LIVE;
}

#define SMALL                                                                  \
    {"INFO ", "$23\r\nmodule:name=graph,ver=4\r\n"},                            \
        {"TIME\n", "*2\r\n$10\r\n1795255200\r\n$6\r\n500000\r\n"}

/* All a round wants. */
#define ROUND                                                                  \
    {"RETURN labels(n)[0] AS l", ROWS(2, "s Concept|i 1178", "s Finding|i 56")}, \
        {"RETURN type(r) AS t,", ROWS(2, "s MENTIONS|i 40")},                   \
        {"MATCH (f:Finding)",                                                  \
         ROWS(8, "i 7|s it beacons|s 0.9|s beaconing|s 2026-11-21T09:00:00Z|"  \
                 "s agent:weave-index|s 2026-11-21T09:00:00Z|n")},             \
    {                                                                          \
        "n._updated_at IS NOT NULL",                                           \
            ROWS(6,                                                            \
                 "i 7|s Finding|s it beacons|s agent:weave-index|"             \
                 "s 2026-11-21T09:00:00Z|n",                                   \
                 "i 8|s Concept|s soil|s agent:measure-drift|"                 \
                 "s 2026-11-21T08:00:00Z|s budding",                           \
                 "i 9|s Topic|s x|s manual:legacy|s 2026-11-21T08:00:00Z|n",   \
                 "i 10|s Topic|s x|s agent:|s 2026-11-21T08:00:00Z|n")         \
    }

static void test_round(void **state)
{
    const struct answer answers[] = {SMALL, ROUND, {0}};
    struct world world = {.enough = live}, *w = &world;
    const struct thought *t;

    (void)state;
    run(w, answers, NULL);
    assert_string_equal(PLANE->detail, "1 234 nodes, 56 findings");
    assert_int_equal(PLANE->rank, RANK_COPY);
    assert_int_equal(PLANE->error.code, 0);
    assert_true(llabs(PLANE->offset_ms + clock_wall_ms() - 1795255200500) <
                5000);
    /* a finding is told as such, and once; who is no agent says nothing */
    assert_int_equal(thoughts_count(&w->st->thoughts), 2);
    t = thoughts_at(&w->st->thoughts, 1);
    assert_string_equal(t->agent, "weave-index");
    assert_string_equal(t->ns, "fracta");
    assert_int_equal(t->kind, THOUGHT_RESULT);
    assert_string_equal(t->text, "found (0.90): it beacons - by beaconing");
    t = thoughts_at(&w->st->thoughts, 0);
    assert_string_equal(t->text, "graph: Concept soil, budding");
    assert_string_equal(t->agent, "measure-drift");
    done(w);
}

static bool two_rounds(struct world *w)
{
    return w->rounds == 3;
}

static void again(struct world *w)
{
    source_refresh(w->s);
    source_refresh(w->s);
}

static void test_told_once(void **state)
{
    const struct answer answers[] = {SMALL, ROUND, {0}};
    struct world world = {.enough = two_rounds, .enter = again}, *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_int_equal(thoughts_count(&w->st->thoughts), 2);
    done(w);
}

/* The saved picture holds what was told the last time. */
static void test_after_a_picture(void **state)
{
    const struct answer answers[] = {SMALL, ROUND, {0}};
    struct world world = {.enough = live}, *w = &world;

    (void)state;
    w->st = store_create();
    thoughts_add(&w->st->thoughts, 1795251600000, span_of("fracta"),
                 span_of("weave-index"), THOUGHT_RESULT,
                 span_of("found (0.90): it beacons - by beaconing"), 0);
    thoughts_mark_picture(&w->st->thoughts);
    run(w, answers, NULL);
    assert_int_equal(thoughts_count(&w->st->thoughts), 2);
    done(w);
}

static void test_empty(void **state)
{
    const struct answer answers[] = {
        SMALL, {"GRAPH", "-ERR Invalid graph operation on empty key\r\n"},
        {0}};
    struct world world = {.enough = live}, *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_string_equal(PLANE->detail, "graph empty");
    assert_int_equal(PLANE->error.code, 0);
    done(w);
}

static void fails(const struct answer *answers, const char *password,
                  int code, enum plane_state in, const char *says)
{
    struct world world = {.enough = failed}, *w = &world;

    run(w, answers, password);
    assert_int_equal(PLANE->error.code, code);
    assert_int_equal(PLANE->state, in);
    if (strstr(PLANE->error.msg, says) == NULL)
        fail_msg("'%s' does not say '%s'", PLANE->error.msg, says);
    assert_null(strstr(PLANE->error.msg, "s3cret"));
    done(w);
}

static void test_fails(void **state)
{
    (void)state;
    fails((struct answer[]){
              {"AUTH", "-WRONGPASS invalid username-password pair\r\n"}, {0}},
          "s3cret", ERR_AUTH, PLANE_REFUSED, "user or password is wrong");
    fails((struct answer[]){{"", "-NOAUTH Authentication required.\r\n"},
                            {0}},
          NULL, ERR_AUTH, PLANE_REFUSED, "it wants a password");
    fails((struct answer[]){
              SMALL, {"GRAPH", "-NOPERM User x has no permissions\r\n"}, {0}},
          NULL, ERR_RIGHT, PLANE_REFUSED, "needs GRAPH.RO_QUERY");
    fails((struct answer[]){
              SMALL, {"GRAPH", "-ERR unknown command 'GRAPH.RO_QUERY'\r\n"},
              {0}},
          NULL, ERR_ABSENT, PLANE_REFUSED, "without FalkorDB");
    fails((struct answer[]){SMALL, {"GRAPH", "$1073741824\r\n"}, {0}}, NULL,
          ERR_LIMIT, PLANE_CONNECTING, "larger than");
    fails((struct answer[]){{"INFO", "HTTP/1.1 400 Bad Request\r\n\r\n"},
                            {0}},
          NULL, ERR_SYNTAX, PLANE_CONNECTING, "not the answer of a Redis");
    fails((struct answer[]){SMALL, {"GRAPH", NULL}, {0}}, NULL, ERR_CUT,
          PLANE_CONNECTING, "");
    fails((struct answer[]){{"CLIENT", "-LOADING Redis is loading\r\n"}, {0}},
          NULL, ERR_BUSY, PLANE_CONNECTING, "loading");
}

/* Its own clock of the query is too long for it: it is asked without. */
static void test_no_timeout(void **state)
{
    const struct answer answers[] = {
        SMALL,
        {"TIMEOUT 5000", "-The query TIMEOUT parameter value cannot exceed "
                         "the TIMEOUT_MAX configuration parameter value\r\n"},
        ROUND,
        {0}};
    struct world world = {.enough = live}, *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_string_equal(PLANE->detail, "1 234 nodes, 56 findings");
    assert_int_equal(PLANE->error.code, 0);
    done(w);
}

/* One query is too slow: the others count, and it is said. */
static void test_slow(void **state)
{
    const struct answer answers[] = {
        SMALL, {"RETURN type(r) AS t,", "-Query timed out\r\n"}, ROUND, {0}};
    struct world world = {.enough = live}, *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_string_equal(PLANE->detail, "1 234 nodes, 56 findings");
    assert_non_null(strstr(PLANE->error.msg, "longer than 5 s"));
    done(w);
}

/* How often that was asked. */
static int asked(const struct world *w, const char *part)
{
    int n = 0;

    for (const char *p = buf_text(&w->log); (p = strstr(p, part)) != NULL; p++)
        n++;
    return n;
}

#define EVIDENCE                                                               \
    ROWS(7, "i 7|s Finding|s f|s agent:a|s 2026-11-21T09:00:00Z|n|s 0.5")

static struct graph_look seen;
static struct graph_answer proven;

static void want_look(struct world *w)
{
    graph_source_look(w->s, "Other", "id", "of no interest any more", 1);
    graph_source_look(w->s, "Hunt", "id", "h'1", 2);
    graph_source_topic(w->s, GRAPH_TOPIC_EVIDENCE, "obj-1");
    graph_source_topic(w->s, GRAPH_TOPIC_EVIDENCE, "obj-1");
}

static bool looked(struct world *w)
{
    const struct graph_view *v = graph_source_view(w->s);

    if (v->look.state < GRAPH_LOOK_THERE || v->look.dot_count < 3 ||
        v->answer.state < GRAPH_LOOK_THERE)
        return false;
    seen = v->look;
    proven = v->answer;
    return true;
}

static void test_looks(void **state)
{
    const struct answer answers[] = {
        SMALL,
        {"MATCH (c:Other", ROWS(10, "i 5|s Other|s o|n|n|n|n|n|i 0|n")},
        {"MATCH (c:Hunt {id: $v})",
         ROWS(10, "i 1|s Hunt|s h|i 2|s IP|s 10.0.0.1|s TARGETS|i 1|i 1|i 2")},
        {"UNWIND $ids", ROWS(7, "i 2|i 4|s System|s s|s IN|i 4|i 4")},
        {"n.objective_id = $about", EVIDENCE},
        ROUND,
        {0}};
    struct world world = {.enough = looked, .enter = want_look}, *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_int_equal(seen.dot_count, 3);
    assert_string_equal(seen.dots[0].title, "h");
    assert_int_equal(seen.dots[2].depth, 2);
    assert_int_equal(proven.count, 1);
    assert_string_equal(proven.about, "obj-1");
    assert_near(proven.at[0].confidence, 0.5, 1e-9);
    assert_int_equal(asked(w, "n.objective_id"), 1);
    assert_non_null(strstr(w->log.ptr, "CYPHER v='h\\'1' "));
    done(w);
}

static void want_evidence(struct world *w)
{
    graph_source_topic(w->s, GRAPH_TOPIC_EVIDENCE, "obj-1");
    source_refresh(w->s);
}

/* Rounds that bring nothing; then one that does, and two after it. */
static bool news_came(struct world *w)
{
    static struct answer other[6];
    static int last;

    if (w->rounds != last && live(w)) {
        if (w->rounds < 8)
            source_refresh(w->s);
        if (w->rounds == 4) {
            assert_int_equal(asked(w, "n.objective_id"), 1);
            memcpy(other,
                   (struct answer[]){
                       SMALL,
                       {"n.objective_id", EVIDENCE},
                       {"RETURN labels(n)[0] AS l", ROWS(2, "s A|i 9")},
                       {"RETURN type(r) AS t,", ROWS(2, "s B|i 9")},
                       {"GRAPH", "-Query timed out\r\n"}},
                   sizeof other);
            w->answers = other;
        }
        last = w->rounds;
    }
    return w->rounds >= 8;
}

/* Asked when its page opens, and again after a round that brought something. */
static void test_topic_again(void **state)
{
    const struct answer answers[] = {
        SMALL, {"n.objective_id", EVIDENCE}, ROUND, {0}};
    struct world world = {.enough = news_came, .enter = want_evidence},
                 *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_int_equal(asked(w, "n.objective_id"), 2);
    done(w);
}

static bool written(struct world *w)
{
    const struct graph_answer *a = &graph_source_view(w->s)->answer;

    if (a->topic != GRAPH_TOPIC_WRITTEN || a->state != GRAPH_LOOK_FAILED)
        return false;
    proven = *a;
    return true;
}

static void want_written(struct world *w)
{
    graph_source_topic(w->s, GRAPH_TOPIC_EVIDENCE, "obj-1");
    graph_source_topic(w->s, GRAPH_TOPIC_NONE, NULL);
    graph_source_topic(w->s, GRAPH_TOPIC_WRITTEN, "it's");
}

/* What is not looked at any more is not asked; and why there is none. */
static void test_topic_changes(void **state)
{
    const struct answer answers[] = {
        SMALL,
        {"n._source = $about", "-ERR Query's mem consumption exceeded\r\n"},
        ROUND,
        {0}};
    struct world world = {.enough = written, .enter = want_written},
                 *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_non_null(strstr(proven.error.msg, "mem consumption"));
    assert_non_null(strstr(w->log.ptr, "CYPHER about='agent:it\\'s' "));
    assert_true(asked(w, "n.objective_id") <= 1);
    done(w);
}

/* Gone in the middle of a round, and there again. */
static bool came_back(struct world *w)
{
    if (w->ticks == 5)
        drop_peer(w);
    return w->ticks > 5 && w->rounds >= 2 && live(w);
}

static void test_comes_back(void **state)
{
    const struct answer answers[] = {SMALL, ROUND, {0}};
    struct world world = {.enough = came_back}, *w = &world;

    (void)state;
    run(w, answers, NULL);
    assert_int_equal(PLANE->error.code, 0);
    assert_int_equal(thoughts_count(&w->st->thoughts), 2);
    done(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_url, reset),
        cmocka_unit_test_setup(test_counts, reset),
        cmocka_unit_test_setup(test_many_counts, reset),
        cmocka_unit_test_setup(test_findings, reset),
        cmocka_unit_test_setup(test_look, reset),
        cmocka_unit_test_setup(test_look_query, reset),
        cmocka_unit_test_setup(test_copy, reset),
        cmocka_unit_test_setup(test_round, reset),
        cmocka_unit_test_setup(test_told_once, reset),
        cmocka_unit_test_setup(test_after_a_picture, reset),
        cmocka_unit_test_setup(test_empty, reset),
        cmocka_unit_test_setup(test_fails, reset),
        cmocka_unit_test_setup(test_no_timeout, reset),
        cmocka_unit_test_setup(test_slow, reset),
        cmocka_unit_test_setup(test_looks, reset),
        cmocka_unit_test_setup(test_topic_again, reset),
        cmocka_unit_test_setup(test_topic_changes, reset),
        cmocka_unit_test_setup(test_comes_back, reset),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);

    resp_reader_destroy(reader);
    return failures;
}
