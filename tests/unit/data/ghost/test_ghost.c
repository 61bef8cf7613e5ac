#include "config.h"

#include "data/ghost/read.h"
#include "data/ghost/source.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "tests/support/cm.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- one file -------------------------------------------------------------- */

static struct buf lines;

static void on_line(int64_t at_ms, struct span source, struct span text,
                    void *arg)
{
    (void)arg;
    buf_fmt(&lines, "%lld %.*s %.*s|", (long long)(at_ms / 1000),
            (int)source.n, source.p, (int)text.n, text.p);
}

static int read_text(enum ghost_role role, const char *path, const char *text,
                     struct ghost_page *ret)
{
    struct ghost_file f = {.role = role, .mtime_ns = 1795271527000000000};
    struct error err;
    int code;

    snprintf(f.path, sizeof f.path, "%s", path);
    f.text = xstrdup(text);
    f.len = strlen(text);
    buf_clear(&lines);
    *ret = (struct ghost_page){0};
    code = ghost_read(&f, ret, on_line, NULL, &err);
    free(f.text);
    return code;
}

#define STATUS                                                                 \
    "{\"health\": \"healthy\", \"agents\": [{\"name\": \"weaver\", "           \
    "\"genus\": \"C\", \"status\": \"running\", \"phase\": \"Running\"}, "     \
    "{\"genus\": \"nameless\"}, {\"name\": \"broker\", \"status\": "           \
    "\"failed\"}], \"pheromone_levels\": {\"warning\": 0.7, \"odd\": \"x\"}, " \
    "\"metabolic_pressure\": 0.2}"

static void test_status(void **state)
{
    struct ghost_page p;

    (void)state;
    assert_int_equal(
        read_text(GHOST_STATUS, "status.json",
                  "{\"data\": " STATUS ", \"timestamp\": "
                  "\"2026-11-21T10:31:34.123456\", \"agentese_path\": null, "
                  "\"metadata\": {}}",
                  &p),
        0);
    assert_int_equal(p.count, 2);
    assert_string_equal(p.items[0].name, "weaver");
    assert_string_equal(p.items[0].genus, "C");
    assert_string_equal(p.items[0].phase, "Running");
    assert_string_equal(p.items[1].status, "failed");
    assert_int_equal(p.level_count, 1);
    assert_string_equal(p.levels[0].name, "warning");
    assert_near(p.levels[0].level, 0.7, 1e-9);
    assert_int_equal(p.taken_ms, 1795257094000);
    assert_string_equal(p.words, "healthy, 2 agents");
    ghost_page_finish(&p);

    /* with the later envelope inside */
    assert_int_equal(
        read_text(GHOST_STATUS, "status.json",
                  "{\"data\": {\"key\": \"status\", \"data\": " STATUS
                  ", \"human_label\": \"how it is\", \"ttl_seconds\": 60}, "
                  "\"timestamp\": \"2026-11-21T10:31:34Z\"}",
                  &p),
        0);
    assert_int_equal(p.count, 2);
    assert_int_equal(p.ttl_ms, 60000);
    assert_string_equal(p.label, "how it is");
    ghost_page_finish(&p);

    /* without any; no time: the file's own */
    assert_int_equal(read_text(GHOST_STATUS, "status.json", STATUS, &p), 0);
    assert_int_equal(p.taken_ms, 1795271527000);
    ghost_page_finish(&p);
}

static void test_not_whole(void **state)
{
    static const char text[] =
        "{\"data\": " STATUS ", \"timestamp\": \"2026-11-21T10:31:34\"}";
    struct ghost_page p;

    (void)state;
    for (size_t n = 0; n + 1 < sizeof text; n++) {
        char *part = xstrndup(text, n);

        assert_int_equal(read_text(GHOST_STATUS, "status.json", part, &p),
                         ERR_SYNTAX);
        free(part);
    }
    /* the daemon is not there: what it says replaces nothing */
    assert_int_equal(
        read_text(GHOST_STATUS, "status.json",
                  "{\"data\": {\"health\": \"starting\", \"agents\": []}}",
                  &p),
        ERR_ABSENT);
    assert_int_equal(read_text(GHOST_HEALTH, "health.status", "", &p),
                     ERR_SYNTAX);
}

static void test_other_files(void **state)
{
    struct ghost_page p;

    (void)state;
    read_text(GHOST_HEALTH, "health.status",
              "cortex:healthy | branch:master dirty:1\n", &p);
    assert_string_equal(p.words, "cortex:healthy | branch:master dirty:1");
    read_text(GHOST_MAP, "map.json",
              "{\"data\": {\"landmarks\": [{\"name\": \"a\"}, {\"name\": "
              "\"b\"}], \"rendered\": \"x\"}}", &p);
    assert_string_equal(p.words, "2 landmarks");
    read_text(GHOST_CONTEXT, "context.json",
              "{\"timestamp\": \"2026-11-21T10:31:34\", \"source\": "
              "\"ghost-daemon-k8s\", \"infra_health\": {\"status\": "
              "\"error\", \"error\": \"no kubectl\"}}", &p);
    assert_string_equal(p.words, "error");
    assert_int_equal(p.taken_ms, 1795257094000);
    read_text(GHOST_SUMMARY, "flinch_summary.json",
              "{\"total\": 4, \"health_line\": \"flinch:1h/1d\"}", &p);
    assert_string_equal(p.words, "flinch:1h/1d");
    read_text(GHOST_SUMMARY, "tension_map.json",
              "{\"timestamp\": \"x\", \"tensions\": [], \"summary\": "
              "{\"total\": 3, \"high\": 2}}", &p);
    assert_string_equal(p.words, "2 high tensions");
    read_text(GHOST_FLINCHES, "test_flinches.jsonl", "{}\n{}\n{", &p);
    assert_string_equal(p.words, "2 failed tests");
    read_text(GHOST_INVOKE, "dream.json",
              "{\"data\": {\"result\": null, \"result_json\": \"{\\\"a\\\": "
              "1}\", \"metadata\": {\"path\": \"self\"}}, \"timestamp\": "
              "\"2026-11-21T10:31:34\"}", &p);
    assert_string_equal(lines.ptr, "1795257094 dream.json {\"a\": 1}|");
    read_text(GHOST_META, "meta.json",
              "{\"last_writes\": {}, \"last_updated\": "
              "\"2026-11-21T10:31:34\"}", &p);
    assert_int_equal(p.taken_ms, 1795257094000);
}

/* The layout that was only planned: with and without names around it. */
static void test_planned(void **state)
{
    struct ghost_page p;

    (void)state;
    assert_int_equal(read_text(GHOST_AGENT, "agents/weaver/status.json",
                               "{\"name\": \"another\", \"genus\": \"C\", "
                               "\"phase\": \"Running\"}", &p), 0);
    assert_int_equal(p.count, 1);
    assert_string_equal(p.items[0].name, "weaver");
    ghost_page_finish(&p);
    assert_int_equal(read_text(GHOST_AGENTS, "agents/_index.json",
                               "[{\"name\": \"a\"}, {\"name\": \"b\"}]", &p),
                     0);
    assert_int_equal(p.count, 2);
    ghost_page_finish(&p);
    assert_int_equal(read_text(GHOST_SIGNALS, "pheromones/active.json",
                               "{\"pheromones\": [{\"name\": \"p\", "
                               "\"type\": \"WARNING\", \"intensity\": 0.5}]}",
                               &p), 0);
    assert_string_equal(p.items[0].genus, "WARNING");
    assert_near(p.items[0].level, 0.5, 1e-9);
    ghost_page_finish(&p);
    assert_int_equal(read_text(GHOST_PROPOSALS, "proposals/pending.json",
                               "[{\"name\": \"q\", \"title\": \"grow\"}]",
                               &p), 0);
    assert_string_equal(p.items[0].text, "grow");
    ghost_page_finish(&p);
    assert_int_equal(read_text(GHOST_AGENTS, "agents/_index.json", "null",
                               &p), 0);
    assert_int_equal(p.count, 0);
}

/* 2026-11-21 14:32:07 is when the file was written. */
static void test_stream(void **state)
{
    struct ghost_page p;

    (void)state;
    read_text(GHOST_STREAM, "thought_stream.md",
              "# Thoughts\n\n*last updated*\n"
              "- *14:32:00* [git] dirty:1 `tag`\n"
              "- *23:00:00* [infra] of yesterday\n"
              "- *25:00:00* [git] never\n"
              "- *14:00:00* no source\n"
              "- *14:0", &p);
    assert_string_equal(lines.ptr, "1795271520 git dirty:1 `tag`|"
                                   "1795215600 infra of yesterday|"
                                   "1795269600  no source|");
}

static void test_time(void **state)
{
    int64_t ms = 5;

    (void)state;
    assert_true(ghost_time(span_of("2026-11-21T10:31:34"), &ms));
    assert_int_equal(ms, 1795257094000);
    assert_true(ghost_time(span_of("2026-11-21 10:31:34.5"), &ms));
    assert_true(ghost_time(span_of("2026-11-21T10:31:34+01:00"), &ms));
    assert_int_equal(ms, 1795253494000);
    assert_false(ghost_time(span_of("2026-11-21"), &ms));
    assert_false(ghost_time(span_of("2026-13-21T10:31:34"), &ms));
    assert_false(ghost_time(span_of("yesterday, at about nine"), &ms));
    assert_false(ghost_time((struct span){NULL, 0}, &ms));
    assert_int_equal(ghost_age(59999, 60000), GHOST_FRESH);
    assert_int_equal(ghost_age(60000, 60000), GHOST_STALE);
    assert_int_equal(ghost_age(120000, 60000), GHOST_OLD);
}

/* ---- a folder ---------------------------------------------------------------- */

struct world {
    char root[64];
    uv_loop_t loop;
    uv_timer_t tick, giving_up;
    struct store *st;
    struct source *s;
    bool (*enough)(struct world *w);
    int stage, ticks;
    bool over;
};

#define PLACE 1400

static void place(const struct world *w, const char *path, char ret[PLACE])
{
    assert_true(snprintf(ret, PLACE, "%s/%s", w->root, path) < PLACE);
}

static void put_file(const struct world *w, const char *path,
                     const char *text, size_t n)
{
    char whole[PLACE];
    FILE *f;

    place(w, path, whole);
    f = fopen(whole, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

static void put(const struct world *w, const char *path, const char *text)
{
    put_file(w, path, text, strlen(text));
}

static void make_dir(const struct world *w, const char *path)
{
    char whole[PLACE];

    place(w, path, whole);
    assert_int_equal(mkdir(whole, 0700), 0);
}

static void on_source_closed(void *arg)
{
    struct world *w = arg;

    uv_close((uv_handle_t *)&w->tick, NULL);
    uv_close((uv_handle_t *)&w->giving_up, NULL);
}

static void on_tick(uv_timer_t *t)
{
    struct world *w = t->data;

    w->ticks++;
    if (!w->over && w->enough(w)) {
        w->over = true;
        source_close(w->s, on_source_closed, w);
    }
}

static void on_giving_up(uv_timer_t *t)
{
    struct world *w = t->data;

    fail_msg("nothing happens any more: %s, %s",
             source_plane(w->s)->detail, source_plane(w->s)->error.msg);
}

static void make_root(struct world *w)
{
    snprintf(w->root, sizeof w->root, "/tmp/terrarium-ghost-XXXXXX");
    assert_non_null(mkdtemp(w->root));
}

static void run(struct world *w, const char *below)
{
    char path[128];
    const struct ghost_options o = {.name = "ghost", .path = path,
                                    .ns = "kgents-agents"};

    snprintf(path, sizeof path, "%s%s", w->root, below);
    uv_loop_init(&w->loop);
    w->tick.data = w->giving_up.data = w;
    uv_timer_init(&w->loop, &w->tick);
    uv_timer_start(&w->tick, on_tick, 10, 10);
    uv_timer_init(&w->loop, &w->giving_up);
    uv_timer_start(&w->giving_up, on_giving_up, 20000, 0);
    if (w->st == NULL)
        w->st = store_create();
    w->s = ghost_source_create(&w->loop, w->st, &o);
    source_start(w->s);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static void done(struct world *w)
{
    char command[128];

    store_destroy(w->st);
    snprintf(command, sizeof command, "rm -rf %s", w->root);
    assert_int_equal(system(command), 0);
}

static const struct agent *agent(const struct world *w, const char *name)
{
    return store_agent(w->st,
                       store_find(w->st, KIND_AGENT, span_of("kgents-agents"),
                                  span_of(name)));
}

static void all_layouts(const struct world *w)
{
    put(w, "status.json", STATUS);
    put(w, "map.json", "{\"data\": {\"landmarks\": []}}");
    put(w, "signal.json", "{\"data\": {\"result\": \"a signal\"}}");
    put(w, "dream.json", "{\"data\": {\"result\": \"a dream\"}}");
    put(w, "dream_cycle.json", "{\"data\": {\"result\": \"a cycle\"}}");
    put(w, "meta.json", "{\"last_writes\": {}}");
    put(w, "health.status", "cortex:healthy\n");
    put(w, "context.json", "{\"level\": \"healthy\"}");
    put(w, "thought_stream.md", "- *00:00:00* [git] dirty:1\n");
    put(w, "flinch_summary.json", "{\"health_line\": \"flinch:1h\"}");
    put(w, "trace_summary.json", "{\"health_line\": \"trace:x\"}");
    put(w, "tension_map.json", "{\"summary\": {\"high\": 1}}");
    put(w, "test_flinches.jsonl", "{}\n");
    put(w, "cluster_status.json", "{\"status\": \"fine\"}");
    make_dir(w, "agents");
    make_dir(w, "agents/planned");
    make_dir(w, "cluster");
    make_dir(w, "pheromones");
    make_dir(w, "proposals");
    put(w, "agents/_index.json", "[{\"name\": \"indexed\"}]");
    put(w, "agents/planned/status.json", "{\"status\": \"paused\"}");
    put(w, "agents/planned/current.json", "{\"phase\": \"Paused\"}");
    put(w, "cluster/status.json", "{\"status\": \"fine\"}");
    put(w, "pheromones/active.json",
        "[{\"name\": \"p\", \"type\": \"WARNING\", \"intensity\": 0.5}]");
    put(w, "proposals/pending.json", "[{\"name\": \"q\", \"title\": \"t\"}]");
}

static bool live(struct world *w)
{
    return source_plane(w->s)->state == PLANE_LIVE;
}

static void test_layouts(void **state)
{
    struct world world = {.enough = live}, *w = &world;
    const struct agent *a;

    (void)state;
    make_root(w);
    all_layouts(w);
    run(w, "");
    assert_non_null(strstr(w->st->planes[0].detail, "20 files"));
    assert_null(strstr(w->st->planes[0].detail, "skipped"));
    assert_int_equal(store_count(w->st, KIND_AGENT), 4);
    a = agent(w, "weaver");
    assert_true(a->pictured);
    assert_int_equal(a->state, AGENT_IDLE);
    assert_non_null(strstr(a->why, "ghost, "));
    a = agent(w, "broker");
    assert_int_equal(a->state, AGENT_FAILED);
    assert_true(a->trouble);
    assert_int_equal(w->st->trouble, 1);
    assert_int_equal(agent(w, "planned")->state, AGENT_PAUSED);
    assert_non_null(agent(w, "indexed"));
    assert_int_equal(store_count(w->st, KIND_PHEROMONE), 2);
    assert_int_equal(store_count(w->st, KIND_PROPOSAL), 1);
    assert_int_equal(thoughts_count(&w->st->thoughts), 4);
    done(w);
}

static int findings[3];

static void on_finding(enum finding f, const char *what, const char *found,
                       const char *todo, void *arg)
{
    (void)what;
    (void)found;
    (void)todo;
    (void)arg;
    findings[f]++;
}

static bool counted(struct world *w)
{
    if (!live(w) || strstr(w->st->planes[0].detail, "7 skipped") == NULL)
        return false;
    memset(findings, 0, sizeof findings);
    source_doctor(w->s, on_finding, NULL);
    return true;
}

/* The saved picture holds what was told the last time. */
static void test_after_a_picture(void **state)
{
    struct world world = {.enough = live}, *w = &world;

    (void)state;
    make_root(w);
    put(w, "dream.json", "{\"data\": {\"result\": \"a dream\"}, "
                         "\"timestamp\": \"2026-11-20T10:31:34.5Z\"}");
    put(w, "signal.json", "{\"data\": {\"result\": \"a signal\"}, "
                          "\"timestamp\": \"2026-11-20T10:31:34Z\"}");
    w->st = store_create();
    thoughts_add(&w->st->thoughts, 1795170694000, span_of("kgents-agents"),
                 (struct span){NULL, 0}, THOUGHT_DREAM,
                 span_of("ghost: dream.json: a dream"), 0);
    thoughts_mark_picture(&w->st->thoughts);
    run(w, "");
    assert_int_equal(thoughts_count(&w->st->thoughts), 2);
    done(w);
}

/* Everything that can be wrong with a file, and one that is well. */
static void test_faults(void **state)
{
    struct world world = {.enough = counted}, *w = &world;
    char path[PLACE];
    int fd;

    (void)state;
    make_root(w);
    put(w, "status.json", STATUS);
    put(w, "map.json", "{\"data\": {"); /* never whole */
    put(w, "meta.json", "\xff\xfe no JSON");
    place(w, "signal.json", path);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    place(w, "dream.json", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    place(w, "dream_cycle.json", path);
    assert_int_equal(mkdir(path, 0700), 0);
    place(w, "context.json", path);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, GHOST_FILE_MAX + 1), 0);
    close(fd);
    /* the folder of an agent that is somebody else's */
    make_dir(w, "agents");
    place(w, "agents/evil", path);
    assert_int_equal(symlink("/etc", path), 0);
    place(w, "health.status", path);
    assert_int_equal(symlink("nowhere", path), 0);
    run(w, "");
    assert_int_equal(store_count(w->st, KIND_AGENT), 2);
    assert_int_equal(findings[FINDING_WARN], 7);
    assert_int_equal(findings[FINDING_OK], 2);
    done(w);
}

static bool comes_and_goes(struct world *w)
{
    char whole[PLACE];

    switch (w->stage) {
    case 0: /* no folder yet */
        if (source_plane(w->s)->error.code == 0)
            return false;
        assert_int_equal(source_plane(w->s)->state, PLANE_OFF);
        make_dir(w, "later");
        put(w, "later/status.json", STATUS);
        source_refresh(w->s);
        w->stage++;
        return false;
    case 1:
        if (agent(w, "weaver") == NULL)
            return false;
        /* half of it, and it stays half for a while */
        put(w, "later/status.json", "{\"data\": {\"agents\": [{\"name\"");
        w->ticks = 0;
        w->stage++;
        return false;
    case 2:
        assert_non_null(agent(w, "weaver"));
        if (w->ticks < 30)
            return false;
        put(w, "later/status.json",
            "{\"data\": {\"agents\": [{\"name\": \"heir\"}]}}");
        w->stage++;
        return false;
    case 3:
        if (agent(w, "heir") == NULL)
            return false;
        assert_null(agent(w, "weaver"));
        place(w, "later/status.json", whole);
        unlink(whole);
        w->stage++;
        return false;
    default:
        return agent(w, "heir") == NULL;
    }
}

static void test_comes_and_goes(void **state)
{
    struct world world = {.enough = comes_and_goes}, *w = &world;

    (void)state;
    make_root(w);
    run(w, "/later");
    done(w);
}

/* A writer that overwrites in place, seen at any moment. */
static bool written_all_the_time(struct world *w)
{
    static const char text[] =
        "{\"data\": " STATUS ", \"timestamp\": \"2026-11-21T10:31:34\"}";

    if (w->ticks < 200) {
        put_file(w, "status.json", text,
                 w->ticks % 3 == 0 ? sizeof text - 1
                                   : (size_t)(w->ticks * 7) % sizeof text);
        /* once there, never gone */
        if (w->stage == 0)
            w->stage = agent(w, "weaver") != NULL;
        else
            assert_int_equal(store_count(w->st, KIND_AGENT), 2);
        return false;
    }
    if (w->ticks == 200)
        put(w, "status.json", text);
    return w->ticks > 210 && w->stage > 0 && live(w) &&
           strstr(source_plane(w->s)->detail, "skipped") == NULL;
}

static void test_half_written(void **state)
{
    struct world world = {.enough = written_all_the_time}, *w = &world;

    (void)state;
    make_root(w);
    run(w, "");
    done(w);
}

static void put_live(struct world *w, const char *name)
{
    const struct origin o = {.plane = &w->st->planes[0],
                             .stream = 1,
                             .now_ms = clock_wall_ms(),
                             .initial = true};
    const struct agent_facts f = {.meta = {.ns = span_of("kgents-agents"),
                                           .name = span_of(name)},
                                  .replicas = 1, .ready = FACT_NONE,
                                  .generation = FACT_NONE,
                                  .observed = FACT_NONE};

    store_put_agent(w->st, &f, &o);
}

/* Another source, live and dark in turn. */
static bool outranked(struct world *w)
{
    struct plane *other = &w->st->planes[0];

    switch (w->stage) {
    case 0: /* ours are there, for nobody else is */
        if (store_count(w->st, KIND_AGENT) < 2)
            return false;
        put_live(w, "weaver");
        store_stream(w->st, other, KIND_AGENT, STREAM_LIVE, NULL);
        store_drop_picture(w->st, KIND_AGENT);
        assert_int_equal(store_count(w->st, KIND_AGENT), 1);
        source_refresh(w->s);
        w->ticks = 0;
        w->stage++;
        return false;
    case 1: /* it is believed */
        assert_int_equal(store_count(w->st, KIND_AGENT), 1);
        assert_false(agent(w, "weaver")->pictured);
        if (w->ticks < 30)
            return false;
        store_stream(w->st, other, KIND_AGENT, STREAM_STALE, NULL);
        source_refresh(w->s);
        w->stage++;
        return false;
    default: /* dark: what only the ghost knows is back, the other stays */
        if (agent(w, "broker") == NULL)
            return false;
        assert_false(agent(w, "weaver")->pictured);
        assert_true(agent(w, "broker")->pictured);
        return true;
    }
}

static void test_outranked(void **state)
{
    struct world world = {.enough = outranked}, *w = &world;

    (void)state;
    make_root(w);
    put(w, "status.json", STATUS);
    w->st = store_create();
    store_plane(w->st, "cluster")->answered = true;
    run(w, "");
    done(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_not_whole),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_planned),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_after_a_picture),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_comes_and_goes),
        cmocka_unit_test(test_half_written),
        cmocka_unit_test(test_outranked),
    };
    int failures;

    setenv("TZ", "UTC", 1);
    tzset();
    buf_init(&lines, 1 << 20);
    failures = cmocka_run_group_tests(tests, NULL, NULL);
    buf_finish(&lines);
    return failures;
}
