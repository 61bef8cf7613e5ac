/*
 * The whole frame against files: text in NAME.screen, roles in NAME.roles.
 * UPDATE=1 writes the files anew; look at them before they are kept.
 */

#include "config.h"

#include "data/kube/act.h"
#include "base/xalloc.h"
#include "tests/support/fleet.h"
#include "tests/support/graph.h"
#include "tui/keys.h"
#include "tui/render.h"
#include "widgets/control.h"
#include "widgets/log_view.h"
#include "widgets/panes.h"
#include "widgets/want.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/cm.h"

#include "tests/golden/golden.h"

struct screen {
    struct store *st;
    struct ui u;
    struct canvas *c;
    struct graph_view *graph; /* u.graph, for those who fill it */
};

/* As in the console, each key draws: pages know their rows from that. */
static void key(struct screen *s, uint32_t k)
{
    control_key(&s->u, k, false, FLEET_NOW);
    ui_settle(&s->u, FLEET_NOW, false);
    frame_draw(s->c, &s->u, FLEET_NOW);
}

static void typed(struct screen *s, const char *text)
{
    for (; *text != '\0'; text++)
        key(s, (unsigned char)*text);
}

static void plain(struct screen *s)
{
    (void)s;
}

static void wall(struct screen *s)
{
    s->u.wall = true;
}

static void decision(struct screen *s)
{
    typed(s, "3");
    key(s, TERM_KEY_ENTER);
}

/* One the operator has not seen. */
static void decision_new(struct screen *s)
{
    typed(s, "3jjj");
    key(s, TERM_KEY_ENTER);
}

static void decided(struct screen *s)
{
    typed(s, "3G");
    key(s, TERM_KEY_ENTER);
}

static void select_agent(struct screen *s, const char *name)
{
    uint32_t slot = store_find(s->st, KIND_AGENT, span_of(FLEET_NS),
                               span_of(name));

    ui_move(&s->u, (int)view_rank(s->u.agents, slot));
    ui_settle(&s->u, FLEET_NOW, false);
}

static void detail(struct screen *s)
{
    select_agent(s, "broker");
    key(s, TERM_KEY_ENTER);
}

/* Of an agent that a control plane tells of as well. */
static void detail_run(struct screen *s)
{
    struct plane *p = store_plane(s->st, "cp");
    struct run_facts f = {.ns = span_of(FLEET_NS),
                          .name = span_of("broker"),
                          .status = span_of("Running"),
                          .mode = span_of("stream"),
                          .runtime = span_of("claude"),
                          .branch = span_of("feature/market"),
                          .phase = span_of("tool_use"),
                          .tool = span_of("Grep"),
                          .objective = span_of("obj-loom"),
                          .mission_status = span_of("claimed"),
                          .started_ms = FLEET_NOW - 3600000,
                          .beat_ms = FLEET_NOW - 4000,
                          RUN_FACTS_NONE};
    const struct origin o = {.plane = p,
                             .stream = store_stream_of(s->st, p),
                             .epoch = 1,
                             .now_ms = FLEET_NOW};

    f.mission = 41;
    f.unread = 2;
    p->rank = RANK_CONTROL;
    p->state = PLANE_LIVE;
    p->proof_ms = FLEET_NOW - 1000;
    store_put_run(s->st, &f, &o);
    ui_settle(&s->u, FLEET_NOW, false);
    detail(s);
}

static void detail_failed(struct screen *s)
{
    select_agent(s, "crasher");
    key(s, TERM_KEY_ENTER);
}

static void signals(struct screen *s)
{
    typed(s, "2jjjjjhhhhhhl"); /* broker, two kinds in */
    key(s, TERM_KEY_ENTER);
}

/* A page about a row of any kind, as if it had been gone to. */
static void page_of(struct screen *s, enum kind kind, const char *name)
{
    ui_open(&s->u, kind,
            store_find(s->st, kind, span_of(FLEET_NS), span_of(name)));
    ui_settle(&s->u, FLEET_NOW, false);
}

static void detail_pod(struct screen *s)
{
    page_of(s, KIND_POD, "c-gent-7d9f8-0");
    frame_draw(s->c, &s->u, FLEET_NOW);
    key(s, TERM_KEY_TAB);
    key(s, TERM_KEY_TAB);
}

static void detail_memory(struct screen *s)
{
    page_of(s, KIND_MEMORY, "weaver-memory");
}

static void detail_quota(struct screen *s)
{
    page_of(s, KIND_QUOTA, "fleet");
}

static void detail_signal(struct screen *s)
{
    signals(s);
    key(s, TERM_KEY_ENTER);
}

static void detail_proposal(struct screen *s)
{
    decision(s);
    page_of(s, KIND_PROPOSAL, "drop-db");
}

static void objects(struct screen *s)
{
    typed(s, "ijj");
}

static void objects_filtered(struct screen *s)
{
    typed(s, "i/kind:pod restarts>0");
}

static void explain(struct screen *s)
{
    select_agent(s, "crasher");
    key(s, 'e');
}

static void explain_signal(struct screen *s)
{
    typed(s, "2e");
}

static void help(struct screen *s)
{
    key(s, '?');
}

static void by_target(struct screen *s)
{
    typed(s, "2bl+");
}

static void prompt(struct screen *s)
{
    typed(s, "/state:wait");
}

static void prompt_bad(struct screen *s)
{
    typed(s, "/stat:e nofield:x");
}

static void zoom_thoughts(struct screen *s)
{
    typed(s, "4+");
}

static void zoom_agents(struct screen *s)
{
    typed(s, "1+");
}

static void paused(struct screen *s)
{
    typed(s, "4kkk");
}

static void stale(struct screen *s)
{
    fake_source(s->st, true);
    store_settle(s->st, FLEET_NOW);
}

/* Two pods of the operator, the second crashing. */
static void operator(struct screen *s)
{
    const struct origin o = {.stream = 9, .epoch = 1, .now_ms = FLEET_NOW};
    struct workload_facts f = {
        .meta = {.ns = span_of(FLEET_NS), .app = span_of("kgents-operator")},
        .kind = KIND_POD,
        .phase = span_of("Running"),
        .image = span_of("kgents/operator:1.4"),
        .main_ready = true};

    f.meta.name = span_of("kgents-operator-5d-a");
    store_put_workload(s->st, &f, &o);
    f.meta.name = span_of("kgents-operator-5d-b");
    f.main_ready = false;
    f.restarts = 7;
    f.reason = span_of("CrashLoopBackOff");
    f.message = span_of("No module named 'httpx'");
    store_put_workload(s->st, &f, &o);
    ui_settle(&s->u, FLEET_NOW, false);
}

static void no_source(struct screen *s)
{
    struct plane *p = store_plane(s->st, "kubernetes");

    p->state = PLANE_OFF;
    snprintf(p->detail, sizeof p->detail, "no kubeconfig found");
}

static void bad_source(struct screen *s)
{
    struct plane *p = store_plane(s->st, "kubernetes");

    p->state = PLANE_REFUSED;
    error_set(&p->error, ERR_AUTH, "401: the token has expired");
}

/* Five of them, one in trouble: nobody's name is cut. */
static void five_sources(struct screen *s)
{
    static const struct {
        const char *name, *detail;
        enum plane_state state;
    } more[] = {
        {"cp", "", PLANE_STALE},
        {"events", "51 pending, oldest 2h", PLANE_LIVE},
        {"knowledge", "1 508 nodes, 500 findings", PLANE_LIVE},
        {"ghost", "ghost, 1m old, 2 files", PLANE_LIVE},
    };

    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        struct plane *p = store_plane(s->st, more[i].name);

        p->state = more[i].state;
        p->proof_ms = FLEET_NOW - 29000;
        snprintf(p->detail, sizeof p->detail, "%s", more[i].detail);
        p->offset_ms = i == 1 ? 3000 : 0;
        if (p->state == PLANE_STALE) {
            p->retry_ms = FLEET_NOW + 1000;
            error_set(&p->error, ERR_CONNECT, "Failed to connect to 127.0.0.1 "
                      "port 9090 after 0 ms: Couldn't connect to server");
        }
    }
    ui_settle(&s->u, FLEET_NOW, false);
}

/* Beside the cluster: one whose certificate nobody checks, one that was
   wanted and is not there. */
static void doubtful(struct screen *s)
{
    struct plane *p = store_plane(s->st, "knowledge");

    p->state = PLANE_LIVE;
    p->proof_ms = FLEET_NOW - 2000;
    p->insecure = true;
    snprintf(p->detail, sizeof p->detail, "12 nodes");
    p = store_plane(s->st, "events");
    p->state = PLANE_OFF;
    p->answered = true;
    error_set(&p->error, ERR_CONNECT, "connection refused");
}

/* A crash loop: one thought, and how often it was told. */
static void told_again(struct screen *s)
{
    const struct origin o = {.stream = 9, .epoch = 1, .now_ms = FLEET_NOW};
    struct event_facts f = {
        .meta = {.ns = span_of(FLEET_NS), .name = span_of("c-gent.1")},
        .type = span_of("Warning"),
        .reason = span_of("BackOff"),
        .message = span_of("back-off 2m40s restarting failed container logic "
                           "of pod c-gent-7d9f8-0, which was there before"),
        .on_kind = span_of("Pod"),
        .on_ns = span_of(FLEET_NS),
        .on_name = span_of("c-gent-7d9f8-0")};

    for (f.count = 1; f.count <= 14; f.count++) {
        f.at_ms = FLEET_NOW - (20 - f.count) * 10000;
        store_put_event(s->st, &f, &o);
    }
    f.meta.name = span_of("c-gent.2");
    f.reason = span_of("Pulled");
    f.message = span_of("image is there");
    f.type = span_of("Normal");
    for (f.count = 1; f.count <= 312; f.count++)
        store_put_event(s->st, &f, &o);
    ui_settle(&s->u, FLEET_NOW, false);
}

static void told_again_thoughts(struct screen *s)
{
    told_again(s);
    typed(s, "4+");
}

static void told_again_page(struct screen *s)
{
    told_again(s);
    page_of(s, KIND_POD, "c-gent-7d9f8-0");
}

static void mono(struct screen *s)
{
    s->u.heat_gap = true;
    typed(s, "2");
}

static void frozen(struct screen *s)
{
    key(s, 'z');
}

static void notice(struct screen *s)
{
    snprintf(s->u.notice, sizeof s->u.notice, "asking all sources again");
    s->u.notice_until_ms = FLEET_NOW + 1000;
}

/* Ways into an agent of a cluster, with forwards that run. */
static void reach(struct screen *s)
{
    s->u.cluster = s->u.acts = true;
    typed(s, "1jt");
    s->u.reach.forward_count = 2;
    s->u.reach.forwards[0] = (struct reach_forward){
        .id = 1, .name = "k-gent", .local = 8080, .remote = 80,
        .listens = true,
        .connections = 2, .total = 31, .up = 4711, .down = 12345678};
    s->u.reach.forwards[1] = (struct reach_forward){
        .id = 2, .name = "k-gent", .local = 40001, .remote = 5432,
        .note = "port 5432: connection refused"};
}

static void reach_field(struct screen *s)
{
    s->u.cluster = s->u.acts = true;
    typed(s, "1jtf80");
}

static void reach_read_only(struct screen *s)
{
    s->u.cluster = s->u.acts = s->u.read_only = true;
    typed(s, "1jt");
}

static void logs(struct screen *s)
{
    static const char hostile[] = "\x1b[31mred\x1b[0m \xff\xfe tab\there";

    s->u.logs = log_view_create("k-gent", false);
    snprintf(s->u.logs->note, sizeof s->u.logs->note, "follows k-gent-7f-x2");
    for (int i = 0; i < 60; i++) {
        char text[80];
        int n = snprintf(text, sizeof text, "line %d of what it prints", i);

        log_view_add(s->u.logs, FLEET_NOW - (60 - i) * 1000, text, (size_t)n);
    }
    log_view_add(s->u.logs, 0, hostile, sizeof hostile - 1);
    ui_open_page(&s->u, PAGE_LOGS);
}

static void logs_back(struct screen *s)
{
    logs(s);
    key(s, TERM_KEY_PAGE_UP);
}

static void practice(struct screen *s)
{
    s->st->planes[0].practice = true;
}

static void practice_wall(struct screen *s)
{
    practice(s);
    wall(s);
}

/* ---- forms, with the plans a cluster makes of them ----------------------- */

static void planned(struct screen *s)
{
    struct dialog *d = &s->u.dialog;
    struct error err = {0};
    struct plan p = {0};

    dialog_want(d, 0, &p.want);
    kube_plan(s->st, "alice", FLEET_NOW, &p, &err);
    dialog_planned(d, &p, &err);
    plan_finish(&p);
}

static void form(struct screen *s, enum act act)
{
    struct dialog *d = &s->u.dialog;

    want_create(&s->u, act, &d->wants[0]);
    d->cluster = true;
    d->count = 1;
    dialog_open(d);
    d->shown_ms = FLEET_NOW - 1000;
    planned(s);
}

static void fill(struct screen *s, const char *text)
{
    for (; *text != '\0'; text++)
        dialog_key(&s->u.dialog,
                   *text == '\t' ? (uint32_t)TERM_KEY_TAB
                                 : (unsigned char)*text,
                   false, FLEET_NOW);
    planned(s);
}

static void form_spawn(struct screen *s)
{
    form(s, ACT_SPAWN);
    fill(s, "nova\t\t\t");
}

static void form_refused(struct screen *s)
{
    struct tried t = {.status = 422, .cause_count = 2};

    form(s, ACT_SPAWN);
    fill(s, "nova\t\tq\t\t44");
    snprintf(t.causes[0].key, sizeof t.causes[0].key, "genus");
    snprintf(t.causes[0].text, sizeof t.causes[0].text,
             "Unsupported value: \"q\": supported values: \"A\", \"B\", \"C\", "
             "\"D\", \"E\", \"F\", \"G\" …");
    snprintf(t.causes[1].key, sizeof t.causes[1].key, "replicas");
    snprintf(t.causes[1].text, sizeof t.causes[1].text,
             "Invalid value: 44: should be less than or equal to 10");
    error_set(&t.error, ERR_OTHER, "422");
    dialog_try(&s->u.dialog);
    dialog_tried(&s->u.dialog, &t);
}

static void form_asking(struct screen *s)
{
    form_spawn(s);
    dialog_try(&s->u.dialog);
}

static void form_warned(struct screen *s)
{
    struct tried t = {.status = 201, .warning_count = 1};

    form_spawn(s);
    snprintf(t.warnings[0], sizeof t.warnings[0], "genus C is deprecated");
    dialog_try(&s->u.dialog);
    dialog_tried(&s->u.dialog, &t);
}

/* A control plane's: asked first, it tells what would run. */
static void form_told(struct screen *s)
{
    static const char *const lines[] = {
        "it would run claude -p 'draw a map of the whole of the repository' "
        "--output-format json --model opus --api-key …",
        "claude, model opus, batch, backend kubernetes",
        "it may use Read, Grep, Bash(git:*) and 12 more",
        "MCP servers: gateway",
        "environment: HOME, API_KEY; values are not shown",
        "staged secrets: github; only their names are read"};
    struct dialog *d = &s->u.dialog;
    struct plan p = {.title = "spawn map-1", .friction = RISK_MEDIUM,
                     .method = "POST", .path = "/api/v1/agents"};
    struct tried t = {.status = 200, .line_count = 6};
    struct error none = {0};

    d->wants[0] = (struct act_want){.act = ACT_SPAWN, .kind = KIND_AGENT,
                                    .name = "map-1", .reason = "draw a map"};
    d->cluster = d->plane = true;
    d->count = 1;
    dialog_open(d);
    d->shown_ms = FLEET_NOW - 1000;
    plan_line(&p, "draw a map");
    dialog_planned(d, &p, &none);
    for (int i = 0; i < t.line_count; i++)
        snprintf(t.lines[i], sizeof t.lines[i], "%s", lines[i]);
    dialog_try(d);
    dialog_tried(d, &t);
}

static void insecure(struct screen *s)
{
    s->st->planes[0].insecure = true;
    snprintf(s->st->planes[0].detail, sizeof s->st->planes[0].detail,
             "certificate not checked");
}

/* Confirmed, when it was not any more what was shown. */
static void changed(struct screen *s)
{
    struct dialog *d = &s->u.dialog;
    struct plan was = {.title = "approve push to main", .friction = RISK_HIGH,
                       .type = "mason"},
                is = was;
    struct error none = {0};

    d->wants[0] = (struct act_want){.act = ACT_APPROVE, .name = "mason"};
    d->cluster = true;
    d->count = 1;
    plan_line(&was, "risk 0.62 high: it touches main");
    plan_line(&was, "1 approval is wanted, none stands");
    plan_line(&is, "risk 0.91 critical: it touches main, and a secret");
    plan_line(&is, "1 approval is wanted, none stands");
    dialog_open(d);
    dialog_planned(d, &was, &none);
    dialog_planned(d, &is, &none);
    dialog_again(d, &was, (bool[]){true});
}

/* Of many, one has changed and one has gone. */
static void changed_many(struct screen *s)
{
    static const char *const names[] = {"mason", "weaver", "broker", "echo"};
    struct dialog *d = &s->u.dialog;
    struct plan p = {.title = "approve 3 proposals", .friction = RISK_MEDIUM};
    struct error none = {0}, gone = {ERR_ABSENT, "it does not exist any more"};

    for (int i = 0; i < 4; i++) {
        d->wants[i] = (struct act_want){.act = ACT_APPROVE};
        snprintf(d->wants[i].name, sizeof d->wants[i].name, "%s", names[i]);
    }
    d->cluster = true;
    d->count = 4;
    dialog_open(d);
    dialog_leave_out(d, 1, &gone);
    dialog_planned(d, &p, &none);
    dialog_again(d, &p, (bool[]){false, true, false});
}

static void form_propose(struct screen *s)
{
    form(s, ACT_PROPOSE);
}

static void form_propose_end(struct screen *s)
{
    form(s, ACT_PROPOSE);
    fill(s, "grow the loom\tCODE_PATCH\tFile\tloom.c\t\t\t\t\t\t\t\t\t\t"
            "\tgrow-the-loom\t");
}

/* ---- what agents work for, and what the graph knows of it ---------------- */

static void command(struct screen *s, const char *line)
{
    typed(s, line);
    key(s, TERM_KEY_ENTER);
}

static void missions(struct screen *s)
{
    fake_work(s->st);
    command(s, ":missions");
}

static void objectives(struct screen *s)
{
    fake_work(s->st);
    command(s, ":objectives");
}

static void budgets(struct screen *s)
{
    fake_work(s->st);
    command(s, ":budgets");
}

/* Without a graph. */
static void objective(struct screen *s)
{
    fake_work(s->st);
    command(s, ":objective obj-loom");
}

static void evidence(struct screen *s)
{
    s->u.graph = s->graph;
    fake_graph(s->graph);
    objective(s);
    fake_graph_answer(s->graph, GRAPH_TOPIC_EVIDENCE, "obj-loom");
}

/* Its end, where the evidence is. */
static void evidence_end(struct screen *s)
{
    evidence(s);
    key(s, 'G');
}

static void evidence_none(struct screen *s)
{
    evidence(s);
    s->graph->answer.state = GRAPH_LOOK_ABSENT;
    key(s, 'G');
}

static void findings(struct screen *s)
{
    s->u.graph = s->graph;
    fake_graph(s->graph);
    detail_failed(s);
    fake_graph_answer(s->graph, GRAPH_TOPIC_WRITTEN, "crasher");
    key(s, TERM_KEY_PAGE_DOWN);
}

static void graph_with(struct screen *s,
                       void (*fill_view)(struct graph_view *v))
{
    s->u.graph = s->graph;
    fill_view(s->graph);
    command(s, ":graph");
    key(s, 'j');
}

static void graph(struct screen *s)
{
    graph_with(s, fake_graph_around);
}

static void graph_many(struct screen *s)
{
    graph_with(s, fake_graph_many);
}

static void graph_rings(struct screen *s)
{
    graph_with(s, fake_graph_rings);
    key(s, '+');
}

static void graph_lonely(struct screen *s)
{
    graph_with(s, fake_graph_lonely);
}

static void graph_one_way(struct screen *s)
{
    graph_with(s, fake_graph_one_way);
}

static void graph_failed(struct screen *s)
{
    graph_with(s, fake_graph_failed);
}

static void graph_empty(struct screen *s)
{
    graph_with(s, fake_graph_empty);
}

static const struct golden {
    const char *name;
    int w, h;
    enum glyph_set glyphs;
    bool empty;
    void (*set)(struct screen *s);
} goldens[] = {
    {"default", 140, 40, GLYPHS_FULL, false, plain},
    {"small", 80, 24, GLYPHS_FULL, false, plain},
    {"large", 200, 60, GLYPHS_FULL, false, plain},
    {"least", 60, 16, GLYPHS_FULL, false, plain},
    {"tiny", 59, 15, GLYPHS_FULL, false, plain},
    {"wall", 120, 34, GLYPHS_FULL, false, wall},
    {"wall-empty", 120, 34, GLYPHS_FULL, true, wall},
    {"five-sources", 140, 40, GLYPHS_FULL, true, five_sources},
    {"five-sources-small", 80, 24, GLYPHS_FULL, true, five_sources},
    {"five-sources-wide", 200, 60, GLYPHS_FULL, true, five_sources},
    {"decision", 140, 40, GLYPHS_FULL, false, decision},
    {"decision-small", 80, 24, GLYPHS_FULL, false, decision},
    {"decision-new", 140, 40, GLYPHS_FULL, false, decision_new},
    {"decided", 140, 40, GLYPHS_FULL, false, decided},
    {"detail", 140, 40, GLYPHS_FULL, false, detail},
    {"detail-failed", 80, 24, GLYPHS_FULL, false, detail_failed},
    {"detail-pod", 140, 40, GLYPHS_FULL, false, detail_pod},
    {"detail-memory", 80, 24, GLYPHS_FULL, false, detail_memory},
    {"detail-quota", 80, 24, GLYPHS_ASCII, false, detail_quota},
    {"detail-signal", 140, 40, GLYPHS_FULL, false, detail_signal},
    {"detail-proposal", 140, 40, GLYPHS_FULL, false, detail_proposal},
    {"objects", 140, 40, GLYPHS_FULL, false, objects},
    {"objects-small", 80, 24, GLYPHS_FULL, false, objects_filtered},
    {"explain", 140, 40, GLYPHS_FULL, false, explain},
    {"explain-signal", 140, 40, GLYPHS_FULL, false, explain_signal},
    {"help", 140, 40, GLYPHS_FULL, false, help},
    {"help-small", 80, 24, GLYPHS_FULL, false, help},
    {"signals", 140, 40, GLYPHS_FULL, false, signals},
    {"by-target", 100, 30, GLYPHS_FULL, false, by_target},
    {"prompt", 140, 40, GLYPHS_FULL, false, prompt},
    {"prompt-bad", 80, 24, GLYPHS_FULL, false, prompt_bad},
    {"zoom-agents", 140, 40, GLYPHS_FULL, false, zoom_agents},
    {"zoom-thoughts", 80, 24, GLYPHS_FULL, false, zoom_thoughts},
    {"paused", 140, 40, GLYPHS_FULL, false, paused},
    {"empty", 140, 40, GLYPHS_FULL, true, plain},
    {"empty-small", 80, 24, GLYPHS_FULL, true, plain},
    {"no-source", 140, 40, GLYPHS_FULL, true, no_source},
    {"no-source-small", 80, 24, GLYPHS_FULL, true, no_source},
    {"bad-source", 80, 24, GLYPHS_ASCII, true, bad_source},
    {"again", 80, 24, GLYPHS_FULL, false, told_again_thoughts},
    {"again-page", 140, 40, GLYPHS_ASCII, false, told_again_page},
    {"doubtful", 80, 24, GLYPHS_FULL, false, doubtful},
    {"stale", 140, 40, GLYPHS_FULL, false, stale},
    {"stale-small", 80, 24, GLYPHS_FULL, false, stale},
    {"operator", 140, 40, GLYPHS_FULL, false, operator},
    {"operator-small", 80, 24, GLYPHS_ASCII, false, operator},
    {"frozen", 80, 24, GLYPHS_FULL, false, frozen},
    {"notice", 80, 24, GLYPHS_FULL, false, notice},
    {"reach", 140, 40, GLYPHS_FULL, false, reach},
    {"reach-field", 80, 24, GLYPHS_FULL, false, reach_field},
    {"reach-read-only", 80, 24, GLYPHS_ASCII, false, reach_read_only},
    {"logs", 140, 40, GLYPHS_FULL, false, logs},
    {"logs-back", 80, 24, GLYPHS_FULL, false, logs_back},
    {"practice", 60, 16, GLYPHS_FULL, false, practice},
    {"practice-tiny", 59, 15, GLYPHS_FULL, false, practice},
    {"practice-wall", 120, 34, GLYPHS_FULL, false, practice_wall},
    {"mono", 140, 40, GLYPHS_FULL, false, mono},
    {"mono-large", 200, 60, GLYPHS_FULL, false, mono},
    {"ascii", 140, 40, GLYPHS_ASCII, false, plain},
    {"plain", 80, 24, GLYPHS_PLAIN, false, plain},
    {"form-spawn", 140, 40, GLYPHS_FULL, false, form_spawn},
    {"form-refused", 140, 40, GLYPHS_FULL, false, form_refused},
    {"form-refused-small", 80, 24, GLYPHS_FULL, false, form_refused},
    {"form-asking", 80, 24, GLYPHS_ASCII, false, form_asking},
    {"form-warned", 140, 40, GLYPHS_FULL, false, form_warned},
    {"form-told", 140, 40, GLYPHS_FULL, false, form_told},
    {"form-told-small", 80, 24, GLYPHS_FULL, false, form_told},
    {"insecure", 140, 40, GLYPHS_FULL, false, insecure},
    {"changed", 140, 40, GLYPHS_FULL, false, changed},
    {"changed-small", 80, 24, GLYPHS_ASCII, false, changed_many},
    {"form-propose", 140, 40, GLYPHS_FULL, false, form_propose},
    {"form-propose-small", 80, 24, GLYPHS_FULL, false, form_propose},
    {"form-propose-end", 80, 24, GLYPHS_FULL, false, form_propose_end},
    {"missions", 140, 40, GLYPHS_FULL, false, missions},
    {"missions-small", 80, 24, GLYPHS_FULL, false, missions},
    {"missions-large", 200, 60, GLYPHS_FULL, false, missions},
    {"objectives", 140, 40, GLYPHS_FULL, false, objectives},
    {"objectives-small", 80, 24, GLYPHS_FULL, false, objectives},
    {"objectives-large", 200, 60, GLYPHS_FULL, false, objectives},
    {"budgets", 140, 40, GLYPHS_FULL, false, budgets},
    {"budgets-small", 80, 24, GLYPHS_ASCII, false, budgets},
    {"budgets-large", 200, 60, GLYPHS_FULL, false, budgets},
    {"objective", 140, 40, GLYPHS_FULL, false, objective},
    {"objective-small", 80, 24, GLYPHS_FULL, false, evidence_end},
    {"objective-none", 80, 24, GLYPHS_ASCII, false, evidence_none},
    {"objective-large", 200, 60, GLYPHS_FULL, false, evidence},
    {"detail-run", 140, 40, GLYPHS_FULL, false, detail_run},
    {"detail-findings", 140, 40, GLYPHS_FULL, false, findings},
    {"graph", 140, 40, GLYPHS_FULL, false, graph},
    {"graph-small", 80, 24, GLYPHS_FULL, false, graph},
    {"graph-large", 200, 60, GLYPHS_FULL, false, graph},
    {"graph-ascii", 140, 40, GLYPHS_ASCII, false, graph},
    {"graph-many", 140, 40, GLYPHS_FULL, false, graph_many},
    {"graph-many-small", 80, 24, GLYPHS_ASCII, false, graph_many},
    {"graph-rings", 140, 40, GLYPHS_FULL, false, graph_rings},
    {"graph-rings-small", 80, 24, GLYPHS_ASCII, false, graph_rings},
    {"graph-rings-large", 200, 60, GLYPHS_FULL, false, graph_rings},
    {"graph-lonely", 140, 40, GLYPHS_FULL, false, graph_lonely},
    {"graph-one-way", 140, 40, GLYPHS_FULL, false, graph_one_way},
    {"graph-failed", 80, 24, GLYPHS_FULL, false, graph_failed},
    {"graph-empty", 80, 24, GLYPHS_FULL, false, graph_empty},
};

static void draw(const struct golden *g, struct canvas *c)
{
    struct screen s = {.st = store_create(),
                       .c = c,
                       .graph = xcalloc(1, sizeof *s.graph)};

    if (!g->empty)
        fake_fleet(s.st);
    ui_init(&s.u, s.st);
    snprintf(s.u.context, sizeof s.u.context, "lab");
    ui_settle(&s.u, FLEET_NOW, false);
    canvas_init(c, g->w, g->h, g->glyphs);
    frame_draw(c, &s.u, FLEET_NOW); /* sizes of pages are found in drawing */
    g->set(&s);
    frame_draw(c, &s.u, FLEET_NOW);
    frame_draw(c, &s.u, FLEET_NOW);
    ui_finish(&s.u);
    store_destroy(s.st);
    free(s.graph);
}

static void test_golden(void **state)
{
    const struct golden *g = *state;
    struct canvas c;

    draw(g, &c);
    assert_int_equal(c.w, g->w);
    assert_int_equal(c.h, g->h);
    golden_check(&c, g->name);
    canvas_finish(&c);
}

/* No byte of a terminal's language reaches the frame, at any size. */
static void test_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        for (int w = 1; w < 230; w += 19) {
            for (int h = 1; h < 70; h += 11) {
                struct golden g = goldens[i];
                struct canvas c;
                struct buf text;

                g.w = w;
                g.h = h;
                draw(&g, &c);
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

int main(void)
{
    enum { N = sizeof goldens / sizeof *goldens };
    struct CMUnitTest tests[N + 1];

    setenv("TZ", "UTC", 1);
    tzset();
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
    return cmocka_run_group_tests(tests, NULL, NULL);
}
