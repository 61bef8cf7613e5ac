/* The page of a knowledge graph against files. */

#include "config.h"

#include "widgets/graph.h"

#include "base/xalloc.h"
#include "tests/support/cm.h"

#include "tests/golden/golden.h"

#include <locale.h>
#include <math.h>

#define NOW 1795271527000 /* 2026-11-21T14:32:07Z */

static void add_count(struct graph_count *at, int *n, const char *name,
                      int64_t count)
{
    graph_copy(at[*n].name, sizeof at[0].name, span_of(name));
    at[(*n)++].count = count;
}

static void add_entry(struct graph_entry *at, int *n, const char *label,
                      const char *title, double sure, const char *strategy,
                      const char *source, int64_t age_s)
{
    struct graph_entry *e = &at[*n];

    e->id = 100 + (*n)++;
    graph_copy(e->label, sizeof e->label, span_of(label));
    graph_copy(e->title, sizeof e->title, span_of(title));
    graph_copy(e->strategy, sizeof e->strategy, span_of(strategy));
    graph_copy(e->source, sizeof e->source, span_of(source));
    e->confidence = sure;
    e->at_ms = age_s > 0 ? NOW - age_s * 1000 : 0;
}

static int dot(struct graph_look *l, const char *label, const char *title,
               int depth)
{
    return graph_look_dot(l, l->dot_count, span_of(label), span_of(title),
                          depth);
}

static void edge(struct graph_look *l, int from, int to, const char *type)
{
    graph_look_line(l, from, to, span_of(type));
}

static void around(struct graph_look *l)
{
    int found, ip;

    l->state = GRAPH_LOOK_THERE;
    dot(l, "Hunt", "hunt-1", 0);
    found = dot(l, "Finding", "10.0.3.7 beacons every 60 s", 1);
    ip = dot(l, "IP", "10.0.3.7", 1);
    edge(l, 0, found, "INVOLVES");
    edge(l, 0, ip, "TARGETS");
    edge(l, 0, dot(l, "IP", "10.0.9.1", 1), "TARGETS");
    edge(l, 0, dot(l, "DomainSource", "cloudtrail", 1), "USES_SOURCE");
    edge(l, dot(l, "Investigation", "who signed in at night", 1), 0,
         "INVOLVES");
    edge(l, dot(l, "Event", "", 1), 0, "POTENTIALLY_RELATED");
    edge(l, found, dot(l, "Strategy", "beaconing", 2), "PRODUCED_BY");
    edge(l, dot(l, "Identity", "arn:aws:iam::1:user/u4", 2), ip, "USES");
    edge(l, ip, dot(l, "DomainSource", "vpc-flow", 2), "OBSERVED_IN");
}

static void fill(struct graph_view *v)
{
    static const char *const titles[] = {
        "10.0.3.7 beacons every 60 s",
        ("the token of arn:aws:iam::1:user/u4 is used twice, from Berlin and "
         "from Amsterdam within a minute"),
        "u2 signs in from 10.0.9.1 for the first time",
        "\x1b[31mred\x1b[0m \xff and \xe2\x80\xaeturned",
        "", "日本語のまとめ with wide glyphs"};
    int n = 0;

    v->known = true;
    v->nodes = 1234;
    v->edges = 5678;
    v->findings = 56;
    add_count(v->labels, &v->label_count, "Concept", 702);
    add_count(v->labels, &v->label_count, "IP", 310);
    add_count(v->labels, &v->label_count, "Document", 120);
    add_count(v->labels, &v->label_count, "Finding", 56);
    add_count(v->labels, &v->label_count, "(none)", 31);
    add_count(v->labels, &v->label_count, "A label longer than its place", 8);
    add_count(v->labels, &v->label_count, "Hunt", 7);
    v->labels_more = 12;
    add_count(v->types, &v->type_count, "MENTIONS", 4100);
    add_count(v->types, &v->type_count, "INVOLVES", 1500);
    add_count(v->types, &v->type_count, "PRODUCED_BY", 56);
    for (int i = 0; i < 18; i++)
        add_entry(v->found, &v->found_count, "Finding", titles[i % 6],
                  i % 4 == 3 ? NAN : 0.93 - i * 0.05,
                  i % 5 == 4 ? "" : "beaconing",
                  i % 7 == 6 ? "" : "agent:weave-index", i * 400 + 5);
    add_entry(v->written, &n, "Topic", "soil", NAN, "", "manual:legacy", 0);
    v->written_count = n;
}

static void page(struct graph_view *v)
{
    fill(v);
    around(&v->look);
}

static void many(struct graph_view *v)
{
    fill(v);
    v->look.state = GRAPH_LOOK_THERE;
    v->look.more = true;
    dot(&v->look, "Strategy", "beaconing", 0);
    for (int i = 0; i < 60; i++) {
        char title[24];

        snprintf(title, sizeof title, "finding %d", i);
        if (i % 3 == 0)
            edge(&v->look, 0, dot(&v->look, "MCPTool", title, 1), "USES_TOOL");
        else
            edge(&v->look, dot(&v->look, "Finding", title, 1), 0,
                 "PRODUCED_BY");
    }
    edge(&v->look, 0, 0, "SELF");
}

static void lonely(struct graph_view *v)
{
    fill(v);
    v->look.state = GRAPH_LOOK_THERE;
    dot(&v->look, "", "\x1b]0;title\a", 0);
}

static void one_way(struct graph_view *v)
{
    fill(v);
    v->look.state = GRAPH_LOOK_THERE;
    dot(&v->look, "Finding", "it beacons", 0);
    edge(&v->look, 0, dot(&v->look, "Strategy", "beaconing", 1),
         "PRODUCED_BY");
}

static void failed(struct graph_view *v)
{
    fill(v);
    v->look.state = GRAPH_LOOK_FAILED;
    error_set(&v->look.error, ERR_SILENT,
              "it needs longer than 5 s for a query: asked less often");
}

static void empty(struct graph_view *v)
{
    v->known = v->empty = true;
}

static const struct golden {
    const char *name;
    int w, h;
    enum glyph_set glyphs;
    void (*set)(struct graph_view *v);
} goldens[] = {
    {"graph", 140, 40, GLYPHS_FULL, page},
    {"graph-small", 80, 24, GLYPHS_FULL, page},
    {"graph-large", 200, 60, GLYPHS_FULL, page},
    {"graph-ascii", 140, 40, GLYPHS_ASCII, page},
    {"graph-many", 140, 40, GLYPHS_FULL, many},
    {"graph-many-small", 80, 24, GLYPHS_ASCII, many},
    {"graph-lonely", 140, 40, GLYPHS_FULL, lonely},
    {"graph-one-way", 140, 40, GLYPHS_FULL, one_way},
    {"graph-failed", 80, 24, GLYPHS_FULL, failed},
    {"graph-empty", 80, 24, GLYPHS_FULL, empty},
};

static void draw(const struct golden *g, struct canvas *c, int rank)
{
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct graph_cursor at = {.rank = (uint32_t)rank};

    g->set(v);
    canvas_init(c, g->w, g->h, g->glyphs);
    graph_page_draw(c, (struct rect){0, 0, g->w, g->h}, v, &at, NOW);
    free(v);
}

static void test_golden(void **state)
{
    const struct golden *g = *state;
    struct canvas c;

    draw(g, &c, 1);
    golden_check(&c, g->name);
    canvas_finish(&c);
}

static void test_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        for (int w = 1; w < 230; w += 7) {
            for (int h = 1; h < 70; h += 3) {
                struct golden g = goldens[i];
                struct canvas c;
                struct buf text;

                g.w = w;
                g.h = h;
                draw(&g, &c, 17);
                buf_init(&text, 1u << 20);
                render_text(&c, &text);
                for (size_t k = 0; k < text.len; k++)
                    assert_true((unsigned char)text.ptr[k] >= ' ' ||
                                text.ptr[k] == '\n');
                assert_null(strstr(buf_text(&text), "\xe2\x80\xae"));
                buf_finish(&text);
                canvas_finish(&c);
            }
        }
    }
}

static void test_cursor(void **state)
{
    struct graph_view *v = xcalloc(1, sizeof *v);
    struct graph_cursor at = {0};

    (void)state;
    assert_null(graph_selected(v, &at));
    graph_move(v, &at, 5);
    assert_int_equal(at.rank, 0);
    fill(v);
    graph_move(v, &at, 100);
    assert_int_equal(at.rank, 17);
    assert_int_equal(graph_selected(v, &at)->id, 117);
    graph_move(v, &at, -3);
    assert_int_equal(at.rank, 14);
    at.writes = true;
    graph_move(v, &at, 0);
    assert_string_equal(graph_selected(v, &at)->title, "soil");
    free(v);
}

int main(void)
{
    enum { N = sizeof goldens / sizeof *goldens };
    struct CMUnitTest tests[N + 2];

    if (setlocale(LC_ALL, "C.UTF-8") == NULL)
        return 77;
    for (int i = 0; i < N; i++) {
        union { /* cmocka hands it on as it is; the test only reads */
            const void *from;
            void *to;
        } g = {.from = &goldens[i]};

        tests[i] = (struct CMUnitTest){goldens[i].name, test_golden, NULL,
                                       NULL, g.to};
    }
    tests[N] = (struct CMUnitTest)cmocka_unit_test(test_every_size);
    tests[N + 1] = (struct CMUnitTest)cmocka_unit_test(test_cursor);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
