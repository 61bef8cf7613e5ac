#include "config.h"

#include "base/xalloc.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MAX STORE_PLANES_MAX

static enum report report_of(struct span s)
{
    static const char *const names[] = {
#define REPORT_NAME(id, name) name,
        REPORT_MAP(REPORT_NAME)
#undef REPORT_NAME
    };

    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (span_is(s, names[i]))
            return (enum report)i;
    return REPORT_NONE;
}

enum run_stand run_stand(const struct run *r)
{
    static const struct {
        const char *status;
        enum run_stand stand;
    } known[] = {
        {"Running", RUN_UP},     {"Idle", RUN_UP},
        {"Completed", RUN_DONE}, {"Stopped", RUN_DONE},
        {"Failed", RUN_FAILED},  {"Queued", RUN_QUEUED},
        {"Pending", RUN_QUEUED},
    };

    for (size_t i = 0; r->status != NULL && i < sizeof known / sizeof *known;
         i++)
        if (strcmp(r->status, known[i].status) == 0)
            return known[i].stand;
    return RUN_UNKNOWN;
}

/* Where each text of a run stands. */
#define RUN_TEXTS(r)                                                           \
    {&(r)->status,      &(r)->reason,      &(r)->report_kind,                  \
     &(r)->report_text, &(r)->report_by,   &(r)->mode,                         \
     &(r)->command,     &(r)->dir,         &(r)->tool,                         \
     &(r)->title,       &(r)->intent,      &(r)->socket,                       \
     &(r)->runtime,     &(r)->model,       &(r)->branch,                       \
     &(r)->base,        &(r)->objective,   &(r)->phase,                        \
     &(r)->output,      &(r)->backend,     &(r)->mission_status}
#define STATUS_TEXTS 5 /* the first ones belong to the status */
#define TEXTS 21

static void free_run(struct store *st, struct run *r)
{
    const char **texts[TEXTS] = RUN_TEXTS(r);

    for (int i = 0; i < TEXTS; i++)
        set_text(st, texts[i], (struct span){0});
    free(r);
}

static void drop_joined(struct store *st, struct agent *a)
{
    if (a->run != NULL && a->run != a->runs)
        free_run(st, a->run);
    a->run = NULL;
}

void runs_drop(struct store *st, struct agent *a)
{
    drop_joined(st, a);
    while (a->runs != NULL) {
        struct run *r = a->runs;

        a->runs = r->next;
        free_run(st, r);
    }
}

static bool read_texts(struct store *st, struct run *r,
                       const struct run_facts *f)
{
    const char **to[TEXTS] = RUN_TEXTS(r);
    const struct span from[TEXTS] = {
        f->status, f->reason,  f->report_kind, f->report_text, f->report_by,
        f->mode,   f->command, f->dir,         f->tool,        f->title,
        f->intent, f->socket,  f->runtime,     f->model,       f->branch,
        f->base,   f->objective, f->phase,     f->output,      f->backend,
        f->mission_status};
    bool changed = false;

    for (int i = 0; i < TEXTS; i++)
        changed |= set_text(st, to[i], from[i]);
    return changed;
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool read_numbers(struct run *r, const struct run_facts *f)
{
    struct run was = *r;

    r->report = report_of(f->report);
    r->report_ms = f->report_ms;
    r->started_ms = f->started_ms;
    r->ended_ms = f->ended_ms;
    r->beat_ms = f->beat_ms;
    r->event_ms = f->event_ms;
    r->pid = f->pid;
    r->processes = f->processes;
    r->rss = f->rss;
    r->starts = f->starts;
    r->budget = f->budget;
    r->exit_code = f->exit_code;
    r->exit_signal = f->exit_signal;
    r->mission = f->mission;
    r->unread = f->unread;
    r->cpu = f->cpu;
    r->paused = f->paused;
    return was.report != r->report || was.report_ms != r->report_ms ||
           was.started_ms != r->started_ms || was.ended_ms != r->ended_ms ||
           was.pid != r->pid || was.processes != r->processes ||
           was.rss != r->rss || was.starts != r->starts ||
           was.paused != r->paused || was.beat_ms != r->beat_ms ||
           was.mission != r->mission || was.unread != r->unread ||
           !same_number(was.cpu, r->cpu);
}

/* a is to be believed more than b. */
static bool before(const struct run *a, const struct run *b)
{
    bool a_live = a->plane->state == PLANE_LIVE;
    bool b_live = b->plane->state == PLANE_LIVE;

    if (a_live != b_live)
        return a_live;
    if (a->plane->rank != b->plane->rank)
        return a->plane->rank > b->plane->rank;
    return a->seen_ms > b->seen_ms;
}

static int by_belief(const struct agent *a, const struct run **ret)
{
    int n = 0;

    for (const struct run *r = a->runs; r != NULL && n < RUNS_MAX;
         r = r->next) {
        int i = n++;

        for (; i > 0 && before(r, ret[i - 1]); i--)
            ret[i] = ret[i - 1];
        ret[i] = r;
    }
    return n;
}

static void take_status(struct run *to, const struct run *from)
{
    to->report = from->report;
    to->report_ms = from->report_ms;
    to->started_ms = from->started_ms;
    to->ended_ms = from->ended_ms;
    to->exit_code = from->exit_code;
    to->exit_signal = from->exit_signal;
    to->paused = from->paused;
    to->status_ms = from->status_ms;
}

/* What is not known yet is taken. */
static void take_rest(struct run *to, const struct run *from)
{
#define KNOWN(field, none)                                                     \
    if (to->field == (none))                                                   \
    to->field = from->field
    KNOWN(started_ms, 0);
    KNOWN(beat_ms, 0);
    KNOWN(event_ms, 0);
    KNOWN(pid, FACT_NONE);
    KNOWN(processes, FACT_NONE);
    KNOWN(rss, FACT_NONE);
    KNOWN(starts, FACT_NONE);
    KNOWN(budget, FACT_NONE);
    KNOWN(mission, FACT_NONE);
    KNOWN(unread, FACT_NONE);
#undef KNOWN
    if (isnan(to->cpu))
        to->cpu = from->cpu;
    if (from->seen_ms > to->seen_ms)
        to->seen_ms = from->seen_ms;
}

/* Several sources: one run of its own, field by field. */
static struct run *joined(struct store *st, const struct run *const *by, int n)
{
    struct run *j = xcalloc(1, sizeof *j);
    const char **to[TEXTS] = RUN_TEXTS(j);
    bool status = false;

    j->pid = j->processes = j->rss = j->starts = j->budget = FACT_NONE;
    j->mission = j->unread = FACT_NONE;
    j->cpu = NAN;
    for (int i = 0; i < n; i++) {
        const char *const *from[TEXTS] = RUN_TEXTS(by[i]);

        for (int t = 0; t < TEXTS; t++) {
            if (t < STATUS_TEXTS ? !status && by[i]->status != NULL
                                 : *to[t] == NULL)
                set_text(st, to[t], span_of(*from[t]));
        }
        if (!status && by[i]->status != NULL) {
            take_status(j, by[i]);
            status = true;
        }
        take_rest(j, by[i]);
    }
    return j;
}

/* The run as health.h reads a workload, where no cluster shows one. */
void run_read_load(struct store *st, struct agent *a)
{
    const struct run *r = a->run;
    struct agent_workload *l = &a->load;
    enum run_stand stand = run_stand(r);

    l->cluster = false;
    l->kind = "Process";
    l->failed = stand == RUN_FAILED;
    l->done = stand == RUN_DONE;
    l->main_ready = stand == RUN_UP;
    l->desired = 1;
    l->ready = stand == RUN_UP;
    l->pods = FACT_NONE;
    l->restarts = r->starts > 1 ? (int32_t)(r->starts - 1) : 0;
    l->exit_code = (int32_t)r->exit_code;
    l->stand_ms = r->status_ms;
    set_text(st, &l->reason,
             stand == RUN_FAILED && r->reason ? span_of(r->reason)
                                              : (struct span){NULL, 0});
    if (run_alone(a))
        a->replicas = r->paused ? 0 : FACT_NONE;
    a->workload_seen_ms = r->seen_ms;
}

/* The runs changed: the joined one, and what follows from it. */
static void join(struct store *st, uint32_t slot)
{
    struct agent *a = table_row(&st->agents, slot);
    const struct run *by[RUNS_MAX];
    int n;

    drop_joined(st, a);
    n = by_belief(a, by);
    a->run = n > 1 ? joined(st, by, n) : a->runs;
    if (a->root == SLOT_NONE)
        agent_read_load(st, slot);
    store_judge_later(st, slot);
    store_mark(st, KIND_AGENT, slot);
}

bool run_alone(const struct agent *a)
{
    return a->origin == AGENT_ORIGIN_RUN || a->origin == AGENT_ORIGIN_PICTURE;
}

static struct run *run_of(const struct agent *a, const struct plane *plane)
{
    struct run *r = a->runs;

    while (r != NULL && r->plane != plane)
        r = r->next;
    return r;
}

bool agent_local(const struct agent *a)
{
    const char *mode = a->run != NULL ? a->run->mode : NULL;

    return mode != NULL &&
           (strcmp(mode, "pty") == 0 || strcmp(mode, "external") == 0);
}

const struct run *agent_run_by(const struct agent *a,
                               const struct plane *plane)
{
    return run_of(a, plane);
}

static struct run *run_add(struct agent *a, const struct plane *plane)
{
    struct run *r = xcalloc(1, sizeof *r);

    r->plane = plane;
    r->next = a->runs;
    a->runs = r;
    return r;
}

/* Since when the status is what it is: as told, else as seen. */
static void date_status(struct run *r, bool changed, const struct origin *o)
{
    enum run_stand stand = run_stand(r);
    int64_t told = stand == RUN_UP ? r->started_ms
                   : stand == RUN_DONE || stand == RUN_FAILED ? r->ended_ms
                                                              : 0;

    if (told > 0)
        r->status_ms = told;
    else if (changed || r->status_ms == 0)
        r->status_ms = o->now_ms;
}

/* Its source saw an event that nobody told here: that much is known of it. */
static bool heard_of(struct agent *a, const struct run_facts *f)
{
    if (f->event_ms <= a->act.last_ms)
        return false;
    activity_event(&a->act, f->event_ms, 0.5);
    if (f->said.n > 0)
        activity_step(&a->act, f->event_ms, THOUGHT_SAID, f->said.p,
                      f->said.n);
    else if (f->tool.n > 0)
        activity_step(&a->act, f->event_ms, THOUGHT_CALL, f->tool.p,
                      f->tool.n);
    return true;
}

void store_put_run(struct store *st, const struct run_facts *f,
                   const struct origin *o)
{
    struct span ns = f->ns.p != NULL ? f->ns : (struct span){"", 0};
    uint32_t slot = agent_make(st, ns, f->name);
    bool changed = false, other_status;
    struct agent *a;
    struct run *r;

    if (slot == SLOT_NONE)
        return;
    st->now_ms = o->now_ms;
    a = table_row(&st->agents, slot);
    r = run_of(a, o->plane);
    if (r == NULL) {
        drop_joined(st, a); /* it may be the list's only one */
        r = run_add(a, o->plane);
        changed = true;
    }
    if (a->origin == AGENT_ORIGIN_PICTURE) {
        a->origin = AGENT_ORIGIN_RUN;
        changed = true;
    }
    a->pictured = false;
    if (a->origin == AGENT_ORIGIN_RUN) {
        if (f->created_ms > 0 || a->created_ms == 0)
            a->created_ms = f->created_ms;
        a->cr_seen_ms = o->now_ms;
        a->stream = STREAM_RUNS;
        if (f->genus.p != NULL || a->runs->next == NULL)
            changed |= set_text(st, &a->genus, f->genus);
    }
    r->stream = o->stream;
    r->epoch = o->epoch;
    r->seen_ms = o->now_ms;
    other_status = r->status == NULL || !span_same(span_of(r->status),
                                                   f->status);
    changed |= read_texts(st, r, f);
    changed |= read_numbers(r, f);
    date_status(r, other_status, o);
    if (f->tokens != FACT_NONE && a->act.tokens != (uint64_t)f->tokens) {
        a->act.tokens = (uint64_t)f->tokens;
        changed = true;
    }
    if (!isnan(f->cost) && !(a->act.cost == f->cost)) {
        a->act.cost = f->cost;
        changed = true;
    }
    changed |= heard_of(a, f);
    if (changed || a->run == NULL)
        join(st, slot);
}

/* The agent loses a run, and goes when that was all there was of it. */
static void run_end(struct store *st, uint32_t slot, struct run **link)
{
    struct agent *a = table_row(&st->agents, slot);
    struct run *r = *link;

    drop_joined(st, a);
    *link = r->next;
    free_run(st, r);
    if (a->runs == NULL && a->origin == AGENT_ORIGIN_RUN)
        agent_remove(st, slot);
    else
        join(st, slot);
}

void store_run_gone(struct store *st, const struct plane *plane,
                    struct span ns, struct span name)
{
    uint32_t slot =
        agent_find(st, ns.p != NULL ? ns : (struct span){"", 0}, name);
    struct agent *a;

    if (slot == SLOT_NONE)
        return;
    a = table_row(&st->agents, slot);
    for (struct run **link = &a->runs; *link != NULL; link = &(*link)->next) {
        if ((*link)->plane == plane) {
            run_end(st, slot, link);
            return;
        }
    }
}

void runs_sweep(struct store *st, uint8_t stream, uint32_t epoch)
{
    for (uint32_t i = 0; i < st->agents.used; i++) {
        struct agent *a = table_row(&st->agents, i);

        for (struct run **link = &a->runs; a->live && *link != NULL;) {
            if ((*link)->stream == stream && (*link)->epoch != epoch) {
                run_end(st, i, link);
                break; /* a source has one run of an agent */
            }
            link = &(*link)->next;
        }
    }
}

void store_plane_turned(struct store *st, const struct plane *plane)
{
    for (uint32_t i = 0; i < st->agents.used; i++) {
        struct agent *a = table_row(&st->agents, i);

        if (a->live && a->runs != NULL && a->runs->next != NULL &&
            run_of(a, plane) != NULL)
            join(st, i);
    }
}
