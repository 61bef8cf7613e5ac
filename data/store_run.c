#include "config.h"

#include "base/xalloc.h"
#include "data/store_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

void run_drop(struct store *st, struct agent *a)
{
    struct run *r = a->run;

    if (r == NULL)
        return;
    const char **texts[] = {&r->status,      &r->mode,        &r->command,
                            &r->dir,         &r->reason,      &r->tool,
                            &r->title,       &r->intent,      &r->report_kind,
                            &r->report_text, &r->report_by,   &r->socket};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        set_text(st, texts[i], (struct span){0});
    free(r);
    a->run = NULL;
}

static bool read_texts(struct store *st, struct run *r,
                       const struct run_facts *f)
{
    bool changed = set_text(st, &r->status, f->status);

    changed |= set_text(st, &r->mode, f->mode);
    changed |= set_text(st, &r->command, f->command);
    changed |= set_text(st, &r->dir, f->dir);
    changed |= set_text(st, &r->reason, f->reason);
    changed |= set_text(st, &r->tool, f->tool);
    changed |= set_text(st, &r->title, f->title);
    changed |= set_text(st, &r->intent, f->intent);
    changed |= set_text(st, &r->report_kind, f->report_kind);
    changed |= set_text(st, &r->report_text, f->report_text);
    changed |= set_text(st, &r->report_by, f->report_by);
    return changed | set_text(st, &r->socket, f->socket);
}

static bool read_numbers(struct run *r, const struct run_facts *f)
{
    struct run was = *r;

    r->report = report_of(f->report);
    r->report_ms = f->report_ms;
    r->started_ms = f->started_ms;
    r->ended_ms = f->ended_ms;
    r->pid = f->pid;
    r->processes = f->processes;
    r->rss = f->rss;
    r->starts = f->starts;
    r->budget = f->budget;
    r->exit_code = f->exit_code;
    r->exit_signal = f->exit_signal;
    r->cpu = f->cpu;
    r->paused = f->paused;
    return was.report != r->report || was.report_ms != r->report_ms ||
           was.started_ms != r->started_ms || was.ended_ms != r->ended_ms ||
           was.pid != r->pid || was.processes != r->processes ||
           was.rss != r->rss || was.starts != r->starts ||
           was.paused != r->paused ||
           !(was.cpu == r->cpu || (isnan(was.cpu) && isnan(r->cpu)));
}

/* The run as health.h reads a workload. */
static void read_load(struct store *st, struct agent *a)
{
    const struct run *r = a->run;
    struct agent_workload *l = &a->load;
    const char *status = r->status ? r->status : "";
    bool failed = strcmp(status, "Failed") == 0;
    bool up = strcmp(status, "Running") == 0 || strcmp(status, "Idle") == 0;

    l->kind = "Process";
    l->failed = failed;
    l->done = strcmp(status, "Completed") == 0 ||
              strcmp(status, "Stopped") == 0;
    l->main_ready = up;
    l->desired = 1;
    l->ready = up;
    l->pods = FACT_NONE;
    l->restarts = r->starts > 1 ? (int32_t)(r->starts - 1) : 0;
    l->exit_code = (int32_t)r->exit_code;
    set_text(st, &l->reason,
             failed && r->reason ? span_of(r->reason)
                                 : (struct span){NULL, 0});
    a->replicas = r->paused ? 0 : FACT_NONE;
}

void store_put_run(struct store *st, const struct run_facts *f,
                   const struct origin *o)
{
    uint32_t slot = agent_make(st, (struct span){"", 0}, f->name);
    bool changed = false;
    struct agent *a;

    if (slot == SLOT_NONE)
        return;
    st->now_ms = o->now_ms;
    a = table_row(&st->agents, slot);
    if (a->run == NULL) {
        a->run = xcalloc(1, sizeof *a->run);
        changed = true;
    }
    changed |= a->origin != AGENT_ORIGIN_RUN;
    a->origin = AGENT_ORIGIN_RUN;
    a->pictured = false;
    a->stream = o->stream;
    a->epoch = o->epoch;
    a->created_ms = f->created_ms;
    a->cr_seen_ms = a->workload_seen_ms = o->now_ms;
    changed |= set_text(st, &a->genus, f->genus);
    changed |= read_texts(st, a->run, f);
    changed |= read_numbers(a->run, f);
    if (f->tokens != FACT_NONE && a->act.tokens != (uint64_t)f->tokens) {
        a->act.tokens = (uint64_t)f->tokens;
        changed = true;
    }
    if (!isnan(f->cost) && !(a->act.cost == f->cost)) {
        a->act.cost = f->cost;
        changed = true;
    }
    if (!changed)
        return;
    read_load(st, a);
    store_judge_later(st, slot);
    store_mark(st, KIND_AGENT, slot);
}
