#include "config.h"

#include "habitat/agent.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "habitat/holder/tree.h"
#include "habitat/limits.h"
#include "habitat/stream.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 4096

struct agents {
    struct habitat *hb;
    struct agent *first;
    uint32_t count;
};

struct agent *agents_first(const struct agents *as)
{
    return as->first;
}

bool agent_ended(const struct agent *a)
{
    return strcmp(a->status, "Running") != 0 && strcmp(a->status, "Idle") != 0;
}

bool agent_name_ok(struct span name)
{
    if (name.p == NULL || name.n < 1 || name.n > 64 ||
        !isalnum((unsigned char)name.p[0]))
        return false;
    for (size_t i = 1; i < name.n; i++)
        if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_' &&
            name.p[i] != '-')
            return false;
    return true;
}

struct agent *agent_find(struct habitat *hb, struct span name)
{
    for (struct agent *a = hb->agents->first; a != NULL; a = a->next)
        if (!a->deleted && span_is(name, a->name))
            return a;
    return NULL;
}

uint32_t agents_live(const struct habitat *hb)
{
    uint32_t n = 0;

    for (const struct agent *a = hb->agents->first; a != NULL; a = a->next)
        n += !a->deleted && !agent_ended(a) && a->holder_pid > 0;
    return n;
}

bool agent_set(char **slot, struct span text)
{
    if (text.n > TEXT_MAX)
        text.n = TEXT_MAX;
    if (text.p == NULL ? *slot == NULL
                       : *slot != NULL && span_is(text, *slot))
        return false;
    free(*slot);
    *slot = text.p != NULL ? xstrndup(text.p, text.n) : NULL;
    return true;
}

void agent_changed(struct agent *a)
{
    a->dirty = true;
    a->told = false;
    habitat_commit_later(a->hb);
}

static void free_strings(struct agent *a)
{
    char **all[] = {&a->name,   &a->genus,       &a->argv,        &a->dir,
                    &a->mode,   &a->restart,     &a->contract,    &a->status,
                    &a->reason, &a->last_output, &a->intent,      &a->phase,
                    &a->tool,   &a->title,       &a->report,      &a->boot,
                    &a->report_kind, &a->report_text, &a->report_by};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(*all[i]);
        *all[i] = NULL;
    }
}

static void destroy(struct agent *a)
{
    link_close(a);
    free_strings(a);
    free(a);
}

static struct agent *add(struct habitat *hb)
{
    struct agent *a = xcalloc(1, sizeof *a), **at = &hb->agents->first;

    a->hb = hb;
    a->tokens = a->exit_code = -1;
    a->cost = a->cpu = (double)NAN;
    while (*at != NULL)
        at = &(*at)->next;
    *at = a;
    hb->agents->count++;
    return a;
}

static void drop(struct habitat *hb, struct agent *a)
{
    struct agent **at = &hb->agents->first;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    hb->agents->count--;
    destroy(a);
}

#define COLUMNS                                                                \
    "id, name, genus, argv, dir, mode, restart, budget, contract, status, "    \
    "paused, boot, holder_pid, holder_start, child, runs, output, created, "   \
    "started, ended, last_event, exit_code, exit_signal, reason, "             \
    "last_output, intent, phase, tool, report, report_kind, report_text, "     \
    "report_by, report_at, title, tokens, cost, paid_session, paid"

static void take_row(struct agent *a, sqlite3_stmt *s)
{
    struct {
        char **slot;
        int column;
    } texts[] = {
        {&a->name, 1},         {&a->genus, 2},        {&a->argv, 3},
        {&a->dir, 4},          {&a->mode, 5},         {&a->restart, 6},
        {&a->contract, 8},     {&a->status, 9},       {&a->boot, 11},
        {&a->reason, 23},      {&a->last_output, 24}, {&a->intent, 25},
        {&a->phase, 26},       {&a->tool, 27},        {&a->report, 28},
        {&a->report_kind, 29}, {&a->report_text, 30}, {&a->report_by, 31},
        {&a->title, 33}};
    struct {
        int64_t *slot;
        int column;
    } numbers[] = {{&a->id, 0},          {&a->budget, 7},
                   {&a->holder_pid, 12}, {&a->holder_start, 13},
                   {&a->child, 14},      {&a->runs, 15},
                   {&a->output, 16},     {&a->created_ms, 17},
                   {&a->started_ms, 18}, {&a->ended_ms, 19},
                   {&a->last_event_ms, 20}, {&a->report_ms, 32},
                   {&a->paid_session, 36}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        agent_set(texts[i].slot, db_span(s, texts[i].column));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i].slot = db_int(s, numbers[i].column);
    a->paused = db_int(s, 10) != 0;
    a->exit_code = db_text(s, 21) ? db_int(s, 21) : -1;
    a->exit_signal = db_int(s, 22);
    a->tokens = db_text(s, 34) ? db_int(s, 34) : -1;
    a->cost = db_double(s, 35);
    a->paid = db_double(s, 37);
    a->dirty = false;
}

static void load(struct habitat *hb)
{
    sqlite3_stmt *s =
        db_read(&hb->db, "SELECT " COLUMNS " FROM agents ORDER BY id", "");

    while (db_row(&hb->db, s))
        take_row(add(hb), s);
}

static bool holder_lives(const struct agent *a)
{
    struct proc p;

    return a->holder_pid > 0 && a->boot != NULL &&
           strcmp(a->boot, a->hb->boot) == 0 &&
           proc_read((pid_t)a->holder_pid, &p) &&
           p.start == (uint64_t)a->holder_start;
}

static void find_again(struct agent *a)
{
    if (strcmp(a->mode, "pty") != 0 ||
        (agent_ended(a) && !holder_lives(a)))
        return;
    if (holder_lives(a) && link_connect(a))
        return;
    agent_set(&a->status, span_of("Failed"));
    agent_set(&a->reason, span_of(strcmp(a->boot ? a->boot : "", a->hb->boot)
                                      ? "the machine was restarted"
                                      : "its holder is gone"));
    a->ended_ms = clock_wall_ms();
    a->paused = false;
    agent_changed(a);
    event_note(a->hb, a->name, "agent_activity", "lifecycle.failed", "error",
               "error", a->reason);
}

struct agents *agents_open(struct habitat *hb)
{
    hb->agents = xcalloc(1, sizeof *hb->agents);
    hb->agents->hb = hb;
    load(hb);
    for (struct agent *a = hb->agents->first; a != NULL; a = a->next)
        find_again(a);
    return hb->agents;
}

void agents_close(struct agents *as)
{
    while (as->first != NULL)
        drop(as->hb, as->first);
    free(as);
}

static struct agent *insert(struct habitat *hb, struct span name,
                            const char *mode)
{
    struct agent *a;
    int64_t now = clock_wall_ms();

    agents_write(hb); /* the name of one just forgotten must be free */
    if (db_run(&hb->db,
               "INSERT INTO agents(name, mode, restart, budget, status, "
               "paused, holder_pid, holder_start, child, runs, output, "
               "created, started, ended, last_event) "
               "VALUES(?, ?, 'never', 0, 'Running', 0, 0, 0, 0, 0, 0, ?, ?, "
               "0, 0)",
               "stii", name, mode, now, now) < 0)
        return NULL;
    a = add(hb);
    a->id = db_last(&hb->db);
    agent_set(&a->name, name);
    agent_set(&a->mode, span_of(mode));
    agent_set(&a->restart, span_of("never"));
    agent_set(&a->status, span_of("Running"));
    a->created_ms = a->started_ms = now;
    agent_changed(a);
    return a;
}

/* The oldest that ended make room. */
static void make_room(struct habitat *hb)
{
    struct agent *oldest = NULL;

    if (hb->agents->count < LIMIT_AGENTS_KEPT)
        return;
    for (struct agent *a = hb->agents->first; a != NULL; a = a->next)
        if (!a->deleted && agent_ended(a) && a->link == NULL &&
            (oldest == NULL || a->ended_ms < oldest->ended_ms))
            oldest = a;
    for (struct agent *a = hb->agents->first; a != NULL && oldest == NULL;
         a = a->next)
        if (!a->deleted && strcmp(a->mode, "external") == 0)
            oldest = a;
    if (oldest != NULL)
        agent_delete(oldest);
}

struct agent *agent_external(struct habitat *hb, struct span name)
{
    struct agent *a = agent_find(hb, name);

    if (a != NULL)
        return a;
    make_room(hb);
    return insert(hb, name, "external");
}

static void argv_text(const struct spawn_want *want, struct buf *out)
{
    struct json j;

    json_begin(&j, out);
    json_array(&j, NULL);
    for (size_t i = 0; i < want->argc; i++)
        json_span(&j, NULL, want->argv[i]);
    json_array_end(&j);
    json_end(&j);
}

int agent_may_spawn(struct habitat *hb, const struct spawn_want *want,
                    struct error *err)
{
    const struct agent *a = agent_find(hb, want->name);

    if (!agent_name_ok(want->name))
        return error_set(err, 400,
                         "task: '%.*s' is no name: letters, digits, - and _, "
                         "at most 64, a letter or digit first",
                         (int)(want->name.n > 70 ? 70 : want->name.n),
                         want->name.p ? want->name.p : "");
    if (want->argc == 0 || want->argv[0].n == 0)
        return error_set(err, 400, "argv: the command is missing");
    if (want->dir.n > 0 && want->dir.p[0] != '/')
        return error_set(err, 400, "dir: an absolute path was expected");
    if (want->restart.n > 0 && !span_is(want->restart, "never") &&
        !span_is(want->restart, "on-failure"))
        return error_set(err, 400,
                         "restart: 'never' or 'on-failure' was expected");
    if (a != NULL && !agent_ended(a) && a->holder_pid > 0)
        return error_set(err, 409, "an agent named '%s' runs already",
                         a->name);
    if (agents_live(hb) >= LIMIT_AGENTS)
        return error_set(err, 429, "%d agents run already; that is the limit",
                         LIMIT_AGENTS);
    return 0;
}

int agent_spawn(struct habitat *hb, const struct spawn_want *want,
                struct agent **ret, struct error *err)
{
    struct agent *a;
    struct buf argv;

    if (agent_may_spawn(hb, want, err) != 0)
        return err->code;
    a = agent_find(hb, want->name);
    if (a != NULL)
        agent_delete(a);
    make_room(hb);
    a = insert(hb, want->name, "pty");
    if (a == NULL)
        return error_set(err, 500, "%s", hb->db.failed.msg);
    buf_init(&argv, LIMIT_BODY);
    argv_text(want, &argv);
    agent_set(&a->argv, (struct span){buf_text(&argv), argv.len});
    buf_finish(&argv);
    agent_set(&a->genus, want->genus);
    agent_set(&a->dir, want->dir);
    agent_set(&a->contract, want->contract);
    if (want->restart.n > 0)
        agent_set(&a->restart, want->restart);
    agent_set(&a->boot, span_of(hb->boot));
    a->budget = want->budget;
    if (link_spawn(a, want, err) != 0) {
        agent_delete(a);
        return err->code;
    }
    event_note(hb, a->name, "agent_activity", "lifecycle.started", "info",
               NULL, "");
    *ret = a;
    return 0;
}

void agent_delete(struct agent *a)
{
    a->deleted = true;
    agent_changed(a);
}

static void save(struct agent *a)
{
    struct db *db = &a->hb->db;

    a->dirty = false;
    if (a->deleted) {
        db_run(db, "DELETE FROM agents WHERE id=?", "i", a->id);
        return;
    }
    db_run(db,
           "UPDATE agents SET genus=?, argv=?, dir=?, restart=?, budget=?, "
           "contract=?, status=?, paused=?, boot=?, holder_pid=?, "
           "holder_start=?, child=?, runs=?, output=?, started=?, ended=?, "
           "last_event=?, exit_code=?, exit_signal=?, reason=?, "
           "last_output=?, intent=?, phase=?, tool=?, report=?, "
           "report_kind=?, report_text=?, report_by=?, report_at=?, title=?, "
           "tokens=?, cost=?, paid_session=?, paid=? WHERE id=?",
           "ttttittitiiiiiiiiditttttttttitddidi", a->genus, a->argv, a->dir,
           a->restart, a->budget, a->contract, a->status, (int64_t)a->paused,
           a->boot, a->holder_pid, a->holder_start, a->child, a->runs,
           a->output, a->started_ms, a->ended_ms, a->last_event_ms,
           a->exit_code < 0 ? (double)NAN : (double)a->exit_code,
           a->exit_signal, a->reason, a->last_output, a->intent, a->phase,
           a->tool, a->report, a->report_kind, a->report_text, a->report_by,
           a->report_ms, a->title, a->tokens < 0 ? (double)NAN
                                                 : (double)a->tokens,
           a->cost, a->paid_session, a->paid, a->id);
}

void agents_write(struct habitat *hb)
{
    for (struct agent *a = hb->agents->first; a != NULL; a = a->next)
        if (a->dirty)
            save(a);
}

void agents_committed(struct habitat *hb)
{
    struct agent *next;

    for (struct agent *a = hb->agents->first; a != NULL; a = next) {
        next = a->next;
        link_ack(a);
        if (!a->told) {
            a->told = true;
            stream_tell_agent(hb, a);
        }
        if (a->deleted)
            drop(hb, a);
    }
}

void agents_reload(struct habitat *hb)
{
    while (hb->agents->first != NULL)
        drop(hb, hb->agents->first);
    load(hb);
    for (struct agent *a = hb->agents->first; a != NULL; a = a->next)
        if (a->holder_pid > 0 && holder_lives(a))
            link_connect(a);
}

void agents_note(struct habitat *hb, const struct event *e)
{
    struct agent *a = e->agent.n > 0 ? agent_find(hb, e->agent) : NULL;

    if (a == NULL)
        return;
    if (e->at_ms > a->last_event_ms)
        a->last_event_ms = e->at_ms;
    agent_changed(a);
}

/* What the tree of a holder uses, as the kernel says. */
static void sample(struct agent *a, int64_t now_ms)
{
    pid_t pids[256];
    int n = tree_below((pid_t)a->holder_pid, pids, 256);
    uint64_t ticks = 0;
    int64_t rss = 0, processes = 0;
    double hz = (double)sysconf(_SC_CLK_TCK), cpu = a->cpu;
    struct proc p;

    a->foreground = false;
    for (int i = 0; i < n; i++) {
        if (!proc_read(pids[i], &p) || p.state == 'Z')
            continue;
        processes++;
        ticks += p.cpu;
        rss += (int64_t)p.rss;
        if (pids[i] == a->child)
            a->foreground = p.tty_pgrp == p.pid;
    }
    if (a->sampled_ms > 0 && now_ms > a->sampled_ms && ticks >= a->cpu_ticks)
        cpu = (double)(ticks - a->cpu_ticks) / hz /
              ((double)(now_ms - a->sampled_ms) / 1000);
    if (rss / (1 << 20) != a->rss / (1 << 20) || processes != a->processes ||
        !(fabs(cpu - a->cpu) < 0.01))
        a->told = false;
    a->cpu = cpu;
    a->cpu_ticks = ticks;
    a->sampled_ms = now_ms;
    a->rss = rss;
    a->processes = processes;
    if (!a->told) {
        a->told = true;
        stream_tell_agent(a->hb, a);
    }
}

void agents_sample(struct habitat *hb)
{
    int64_t now = (int64_t)uv_now(&hb->loop); /* it does not jump */

    for (struct agent *a = hb->agents->first; a != NULL; a = a->next)
        if (a->link != NULL && !agent_ended(a) && !a->dirty)
            sample(a, now);
}

