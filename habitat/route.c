#include "config.h"

#include "habitat/server.h"

#include "base/hash.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "habitat/agent.h"
#include "habitat/body.h"
#include "habitat/holder/tree.h"
#include "habitat/limits.h"
#include "habitat/objective.h"
#include "habitat/pheromone.h"
#include "habitat/proposal.h"
#include "habitat/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One answer of one object or word. */
static void reply(struct request *r, int status, void (*put)(struct json *j,
                                                            void *arg),
                  void *arg)
{
    struct buf out;
    struct json j;

    buf_init(&out, 64u << 20);
    json_begin(&j, &out);
    json_map(&j, NULL);
    put(&j, arg);
    json_map_end(&j);
    json_end(&j);
    request_reply(r, status, &out);
    buf_finish(&out);
}

static void put_word(struct json *j, void *arg)
{
    json_text(j, "status", *(const char *const *)arg);
}

static void health(struct request *r, const char *name)
{
    (void)name;
    reply(r, 200, put_word, (const char *[]){"ok"});
}

static void put_agents(struct json *j, void *arg)
{
    struct habitat *hb = arg;

    json_array(j, "agents");
    for (struct agent *a = agents_first(hb->agents); a != NULL; a = a->next)
        if (!a->deleted)
            agent_json(j, NULL, a);
    json_array_end(j);
}

static void list_agents(struct request *r, const char *name)
{
    (void)name;
    reply(r, 200, put_agents, request_habitat(r));
}

static void put_agent(struct json *j, void *arg)
{
    agent_json(j, "agent", arg);
}

/* NULL: already answered with 404. */
static struct agent *named(struct request *r, const char *name)
{
    struct agent *a = agent_find(request_habitat(r), span_of(name));

    if (a == NULL)
        request_fail(r, 404, "there is no agent '%.70s'", name);
    return a;
}

static void show_agent(struct request *r, const char *name)
{
    struct agent *a = named(r, name);

    if (a != NULL)
        reply(r, 200, put_agent, a);
}

static void put_spawned(struct json *j, void *arg)
{
    const struct agent *a = arg;

    json_text(j, "agent", a->name);
    json_text(j, "status", "running");
    json_text(j, "mode", a->mode);
    json_int(j, "pid", a->child);
}

/* An agent may not act on agents; true if it was refused. */
static bool refuse_agent(struct request *r, const char *what)
{
    struct peer p = request_peer(r);

    if (!request_inside_agent(r))
        return false;
    request_fail(r, 403, "an agent may not %s: the one who asks (pid %d) runs "
                         "inside an agent",
                 what, (int)p.pid);
    return true;
}

struct spawn_body {
    struct span task, genus, dir, contract, restart;
    struct body_texts argv, env, pairs;
    int64_t budget, columns, rows;
};

static int read_spawn(struct request *r, struct spawn_body *b,
                      struct error *err)
{
    const struct body_want wants[] = {
        {"task", BODY_TEXT, &b->task},
        {"genus", BODY_TEXT, &b->genus},
        {"dir", BODY_TEXT, &b->dir},
        {"contract", BODY_TEXT, &b->contract},
        {"restart", BODY_TEXT, &b->restart},
        {"argv[]", BODY_TEXTS, &b->argv},
        {"environ[]", BODY_TEXTS, &b->env},
        {"env.*", BODY_PAIRS, &b->pairs},
        {"budget", BODY_INT, &b->budget},
        {"columns", BODY_INT, &b->columns},
        {"rows", BODY_INT, &b->rows}};

    return body_read(r, wants, sizeof wants / sizeof *wants, err);
}

/* The whole environment, then what was given by name. */
static void join_env(struct request *r, struct spawn_body *b,
                     struct spawn_want *want)
{
    struct span *all = request_keep(
        r, (b->env.count + b->pairs.count + 1) * sizeof *all);
    size_t n = 0;

    for (size_t i = 0; i < b->env.count; i++) {
        const char *is = memchr(b->env.at[i].p, '=', b->env.at[i].n);
        bool again = false;

        if (is == NULL)
            continue;
        for (size_t k = 0; k < b->pairs.count; k++)
            again |= b->pairs.at[k].n > (size_t)(is - b->env.at[i].p) &&
                     memcmp(b->pairs.at[k].p, b->env.at[i].p,
                            (size_t)(is + 1 - b->env.at[i].p)) == 0;
        if (!again)
            all[n++] = b->env.at[i];
    }
    for (size_t k = 0; k < b->pairs.count; k++)
        all[n++] = b->pairs.at[k];
    if (n == 0)
        all[n++] = span_of("PATH=/usr/local/bin:/usr/bin:/bin");
    want->env = all;
    want->envc = n;
}

/* What a body wants; false: it was answered that it says it wrongly. */
static bool wanted(struct request *r, struct spawn_body *b,
                   struct spawn_want *ret)
{
    struct error err;

    *b = (struct spawn_body){.columns = 80, .rows = 24};
    if (read_spawn(r, b, &err) != 0) {
        request_fail(r, 400, "%s", err.msg);
        return false;
    }
    *ret = (struct spawn_want){
        .name = b->task,
        .genus = b->genus,
        .dir = b->dir,
        .contract = b->contract,
        .restart = b->restart,
        .argv = b->argv.at,
        .argc = b->argv.count,
        .budget = b->budget > 0 ? b->budget : 0,
        .size = {(uint16_t)(b->columns < 1     ? 80
                            : b->columns > 500 ? 500
                                               : b->columns),
                 (uint16_t)(b->rows < 1     ? 24
                            : b->rows > 300 ? 300
                                            : b->rows)}};
    join_env(r, b, ret);
    return true;
}

static void spawn(struct request *r, const char *name)
{
    struct spawn_body b;
    struct spawn_want want;
    struct agent *a;
    struct error err;

    (void)name;
    if (refuse_agent(r, "start agents") || !wanted(r, &b, &want))
        return;
    if (agent_spawn(request_habitat(r), &want, &a, &err) != 0)
        request_fail(r, err.code, "%s", err.msg);
    else
        reply(r, 201, put_spawned, a);
}

/* As fracta's, of the environment only the names. */
static void put_dry_run(struct json *j, void *arg)
{
    const struct spawn_want *w = arg;

    json_map(j, "resolved_spec");
    json_map(j, "identity");
    json_span(j, "task", w->name);
    json_span(j, "contract", w->contract.p ? w->contract : span_of(""));
    json_map_end(j);
    json_map(j, "resolution");
    json_text(j, "mode", "pty");
    json_map_end(j);
    json_map(j, "topology");
    json_text(j, "backend", "local");
    json_map_end(j);
    json_map_end(j);
    json_map(j, "command_spec");
    json_span(j, "Command", w->argv[0]);
    json_array(j, "Args");
    for (size_t i = 1; i < w->argc; i++)
        json_span(j, NULL, w->argv[i]);
    json_array_end(j);
    json_array(j, "Env");
    for (size_t i = 0; i < w->envc; i++) {
        const char *is = memchr(w->env[i].p, '=', w->env[i].n);

        if (is != NULL)
            json_span(j, NULL, (struct span){w->env[i].p,
                                             (size_t)(is + 1 - w->env[i].p)});
    }
    json_array_end(j);
    json_span(j, "Dir", w->dir.p ? w->dir : span_of(""));
    json_map_end(j);
}

/* Refuses what a spawn would refuse. */
static void dry_run(struct request *r, const char *name)
{
    struct spawn_body b;
    struct spawn_want want;
    struct error err;

    (void)name;
    if (!wanted(r, &b, &want))
        return;
    if (want.name.n == 0)
        want.name = span_of("dry-run-probe");
    if (agent_may_spawn(request_habitat(r), &want, &err) != 0)
        request_fail(r, err.code, "%s", err.msg);
    else
        reply(r, 200, put_dry_run, &want);
}

static void put_words(struct json *j, void *arg)
{
    const char *const *words = arg;

    json_text(j, "status", words[0]);
    json_text(j, "message", words[1]);
}

static void kill_agent(struct request *r, const char *name)
{
    struct agent *a = refuse_agent(r, "end agents") ? NULL : named(r, name);
    int64_t grace = WIRE_GRACE_MS;
    const struct body_want wants[] = {{"grace_ms", BODY_INT, &grace}};
    struct error err;

    if (a == NULL)
        return;
    body_read(r, wants, 1, &err); /* as fracta: a bad body says nothing */
    if (a->holder_pid == 0 || agent_ended(a)) {
        if (a->link != NULL && a->holder_pid > 0)
            agent_kill(a, 0); /* what it left behind */
        agent_delete(a);
        reply(r, 200, put_words, (const char *[]){"killed", "forgotten"});
    } else if (agent_kill(a, grace < 0         ? 0
                             : grace > 3600000 ? 3600000
                                               : (uint32_t)grace)) {
        reply(r, 200, put_words,
              (const char *[]){"killed", "TERM sent to its whole tree, KILL "
                                         "follows"});
    } else {
        request_fail(r, 409, "its holder does not answer");
    }
}

static void say(struct request *r, const char *name)
{
    struct agent *a = refuse_agent(r, "type for agents") ? NULL
                                                         : named(r, name);
    struct span message = {NULL, 0};
    const struct body_want wants[] = {{"message", BODY_TEXT, &message}};
    struct error err;
    char *line;

    if (a == NULL)
        return;
    if (body_read(r, wants, 1, &err) != 0) {
        request_fail(r, 400, "%s", err.msg);
        return;
    }
    if (message.n == 0 || message.n > 8192) {
        request_fail(r, message.n ? 413 : 400,
                     "message: 1 to 8192 bytes were expected");
        return;
    }
    line = request_keep(r, message.n + 1);
    memcpy(line, message.p, message.n);
    line[message.n] = '\r';
    if (agent_ended(a) || !agent_type(a, (struct span){line, message.n + 1})) {
        request_fail(r, 409, "'%s' does not run", a->name);
        return;
    }
    line[message.n] = '\0';
    event_note(request_habitat(r), a->name, "agent_activity", "say", "info",
               "decision", line);
    reply(r, 200, put_words, (const char *[]){"dispatched", "typed"});
}

static void pause_agent(struct request *r, const char *name, bool on)
{
    struct agent *a = refuse_agent(r, "pause agents") ? NULL : named(r, name);

    if (a == NULL)
        return;
    if (agent_ended(a) || !agent_pause(a, on))
        request_fail(r, 409, "'%s' does not run", a->name);
    else
        reply(r, 200, put_agent, a);
}

static void do_pause(struct request *r, const char *name)
{
    pause_agent(r, name, true);
}

static void do_resume(struct request *r, const char *name)
{
    pause_agent(r, name, false);
}

static void no_mission(struct request *r, const char *name)
{
    if (named(r, name) != NULL)
        request_fail(r, 404, "on one machine agents have no missions");
}

struct list_of_events {
    struct json *j;
    enum event_style style;
};

static void put_event(const struct event *e, void *arg)
{
    struct list_of_events *l = arg;

    event_json(l->j, NULL, e, l->style);
}

static void get_events(struct request *r, const char *name)
{
    struct habitat *hb = request_habitat(r);
    const char *since = request_query(r, "since"),
               *last = request_query(r, "last");
    int64_t n = last != NULL ? atoi(last) : 20,
            after = since != NULL && since[0] ? event_seq(hb, since) : 0;
    struct buf out;
    struct json j;
    struct list_of_events l = {&j, EVENT_SNAKE};

    n = n < 1 ? 20 : n > LIMIT_CATCH_UP ? LIMIT_CATCH_UP : n;
    buf_init(&out, 64u << 20);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_array(&j, "events");
    if (after >= 0)
        event_walk(hb, name, after, n, since == NULL || !since[0], put_event,
                   &l);
    json_array_end(&j);
    json_map_end(&j);
    json_end(&j);
    request_reply(r, 200, &out);
    buf_finish(&out);
}

static void put_line(const struct event *e, void *arg)
{
    buf_add(arg, e->detail.p, e->detail.n);
    buf_char(arg, '\n');
}

static void output_text(struct request *r, const char *name, int64_t lines)
{
    struct buf text, out;
    struct json j;

    buf_init(&text, 32u << 20);
    buf_init(&out, 64u << 20);
    event_walk(request_habitat(r), name, 0, lines, true, put_line, &text);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_span(&j, "output", (struct span){buf_text(&text), text.len});
    json_map_end(&j);
    json_end(&j);
    request_reply(r, 200, &out);
    buf_finish(&out);
    buf_finish(&text);
}

static void logs(struct request *r, const char *name)
{
    const char *lines = request_query(r, "lines");
    int64_t n = lines != NULL ? atoi(lines) : 0;

    if (named(r, name) != NULL)
        output_text(r, name, n <= 0 ? 100 : n > 20000 ? 20000 : n);
}

static void peek(struct request *r, const char *name)
{
    const char *mode = request_query(r, "mode");

    if (named(r, name) == NULL)
        return;
    if (mode != NULL && strcmp(mode, "events") == 0) {
        struct buf text, out;
        struct json j, k;
        struct list_of_events l = {&j, EVENT_PASCAL};

        buf_init(&text, 32u << 20);
        buf_init(&out, 64u << 20);
        json_begin(&j, &text);
        json_array(&j, NULL);
        event_walk(request_habitat(r), name, 0, 20, true, put_event, &l);
        json_array_end(&j);
        json_end(&j);
        json_begin(&k, &out);
        json_map(&k, NULL);
        json_span(&k, "output", (struct span){buf_text(&text), text.len});
        json_map_end(&k);
        json_end(&k);
        request_reply(r, 200, &out);
        buf_finish(&out);
        buf_finish(&text);
    } else {
        output_text(r, name, 20);
    }
}

static void watch(struct request *r, const char *name)
{
    stream_open(r, name); /* an unknown agent: a silent stream, as fracta */
}

static void stream_all(struct request *r, const char *name)
{
    (void)name;
    stream_open(r, NULL);
}

static void put_habitat(struct json *j, void *arg)
{
    struct request *r = arg;
    struct habitat *hb = request_habitat(r);
    char found[300];
    sqlite3_stmt *s = db_read(&hb->db,
                              "SELECT count(*), coalesce(min(at), 0), "
                              "(SELECT page_count * page_size FROM "
                              "pragma_page_count, pragma_page_size) "
                              "FROM events",
                              "");

    if (request_query(r, "check") != NULL) {
        db_check(&hb->db, found, sizeof found);
        json_text(j, "integrity", found);
    }
    json_text(j, "version", PACKAGE_VERSION);
    json_int(j, "protocol", HABITAT_PROTOCOL);
    json_int(j, "schema", DB_SCHEMA);
    json_bool(j, "practice", hb->practice);
    json_int(j, "pid", getpid());
    json_when(j, "started_at", hb->started_ms);
    json_text(j, "database", hb->paths.database);
    if (db_row(&hb->db, s)) {
        json_int(j, "events", db_int(s, 0));
        json_when(j, "oldest_event_at", db_int(s, 1));
        json_int(j, "database_bytes", db_int(s, 2));
    }
    db_done(s);
    json_int(j, "commits", (int64_t)hb->commits);
    json_int(j, "failed_commits", (int64_t)hb->failures);
    json_int(j, "agents_running", agents_live(hb));
    json_map(j, "limits");
    json_int(j, "agents", LIMIT_AGENTS);
    json_int(j, "events_per_s", LIMIT_EVENTS_PER_S);
    json_int(j, "body_bytes", LIMIT_BODY);
    json_int(j, "events_kept", LIMIT_EVENTS_KEPT);
    json_int(j, "days_kept", LIMIT_DAYS_KEPT);
    json_int(j, "bytes_kept", LIMIT_BYTES_KEPT);
    json_int(j, "streams", LIMIT_STREAMS);
    json_map_end(j);
}

static void show_habitat(struct request *r, const char *name)
{
    (void)name;
    reply(r, 200, put_habitat, r);
}

static void stop_habitat(struct request *r, const char *name)
{
    (void)name;
    if (refuse_agent(r, "stop the habitat"))
        return;
    reply(r, 200, put_word, (const char *[]){"stopping"});
    habitat_stop(request_habitat(r));
}

void events_post(struct request *r, const char *name); /* route_events.c */

static void create_proposal(struct request *r, const char *name)
{
    (void)name;
    proposal_create(r);
}

static void list_proposals(struct request *r, const char *name)
{
    (void)name;
    proposal_list(r);
}

static void retire_proposals(struct request *r, const char *name)
{
    (void)name;
    proposal_retire(r);
}

static void deposit(struct request *r, const char *name)
{
    (void)name;
    pheromone_deposit(r);
}

static void list_pheromones(struct request *r, const char *name)
{
    (void)name;
    pheromone_list(r);
}

static void create_objective(struct request *r, const char *name)
{
    (void)name;
    objective_create(r);
}

static void list_objectives(struct request *r, const char *name)
{
    (void)name;
    objective_list(r);
}

/* `*` is one segment, handed over decoded. */
static const struct {
    const char *method, *path;
    void (*fn)(struct request *r, const char *name);
} routes[] = {
    {"GET", "/healthz", health},
    {"GET", "/api/v1/habitat", show_habitat},
    {"POST", "/api/v1/habitat/stop", stop_habitat},
    {"GET", "/api/v1/agents", list_agents},
    {"POST", "/api/v1/agents", spawn},
    {"POST", "/api/v1/agents/dry-run", dry_run},
    {"GET", "/api/v1/agents/*", show_agent},
    {"DELETE", "/api/v1/agents/*", kill_agent},
    {"POST", "/api/v1/agents/*/say", say},
    {"POST", "/api/v1/agents/*/pause", do_pause},
    {"POST", "/api/v1/agents/*/resume", do_resume},
    {"GET", "/api/v1/agents/*/peek", peek},
    {"GET", "/api/v1/agents/*/logs", logs},
    {"GET", "/api/v1/agents/*/mission", no_mission},
    {"POST", "/api/v1/agents/*/events", events_post},
    {"GET", "/api/v1/agents/*/events", get_events},
    {"GET", "/api/v1/agents/*/watch", watch},
    {"GET", "/api/v1/events/stream", stream_all},
    {"POST", "/api/v1/objectives", create_objective},
    {"GET", "/api/v1/objectives", list_objectives},
    {"GET", "/api/v1/objectives/*", objective_show},
    {"POST", "/api/v1/objectives/*/unfreeze", objective_unfreeze},
    {"POST", "/api/v1/proposals", create_proposal},
    {"GET", "/api/v1/proposals", list_proposals},
    {"POST", "/api/v1/proposals/retire", retire_proposals},
    {"GET", "/api/v1/proposals/*", proposal_show},
    {"POST", "/api/v1/proposals/*/decision", proposal_decide},
    {"POST", "/api/v1/pheromones", deposit},
    {"GET", "/api/v1/pheromones", list_pheromones},
    {"DELETE", "/api/v1/pheromones/*", pheromone_remove},
};

/* Does the path match? The segment that stood for `*` goes to name. */
static bool matches(const char *pattern, const char *path, char *name,
                    size_t size)
{
    name[0] = '\0';
    while (*pattern != '\0') {
        if (*pattern == '*') {
            size_t n = strcspn(path, "/");

            if (n == 0 || n >= size)
                return false;
            memcpy(name, path, n);
            name[n] = '\0';
            path += n;
            pattern++;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

/* A POST that was answered before is answered the same again. */
static bool repeated(struct request *r, const char *key)
{
    struct habitat *hb = request_habitat(r);
    sqlite3_stmt *s;
    bool there;

    s = db_read(&hb->db, "SELECT status, body FROM requests WHERE id=?", "t",
                key);
    there = db_row(&hb->db, s);
    if (there) {
        struct buf out;

        buf_init(&out, 64u << 20);
        buf_add(&out, db_text(s, 1), db_span(s, 1).n);
        request_reply(r, (int)db_int(s, 0), &out);
        buf_finish(&out);
    }
    db_done(s);
    return there;
}

/* A key is of one request: another path or body under it is another one. */
static void bound_key(const struct request *r, const char *key, char *ret,
                      size_t size)
{
    const char *path = request_path(r);
    struct span body = request_body(r);
    uint64_t h = hash_more(0x9e3779b97f4a7c15u, path, strlen(path));

    h = hash_more(h, body.p, body.n);
    snprintf(ret, size, "%s %016llx", key, (unsigned long long)h);
}

void route(struct request *r)
{
    const char *method = request_method(r), *path = request_path(r);
    const char *key = request_header(r, "Idempotency-Key");
    bool path_known = false;
    char name[200];

    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!matches(routes[i].path, path, name, sizeof name))
            continue;
        path_known = true;
        if (strcmp(routes[i].method, method) != 0)
            continue;
        if (key != NULL && strcmp(method, "POST") == 0) {
            char whole[128];

            if (strlen(key) > 64) {
                request_fail(r, 400, "Idempotency-Key: longer than 64 bytes");
                return;
            }
            bound_key(r, key, whole, sizeof whole);
            if (repeated(r, whole))
                return;
            request_remember(r, whole);
        }
        routes[i].fn(r, name);
        return;
    }
    if (path_known)
        request_fail(r, 405, "%.20s is not for %.100s", method, path);
    else
        request_fail(r, 404, "there is nothing at %.150s", path);
}
