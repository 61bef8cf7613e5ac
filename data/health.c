#include "config.h"

#include "data/health.h"

#include "base/moments.h"
#include "base/when.h"
#include "data/facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Which line of the rule held; health_explain marks the source by it. */
static const char *report_name(enum report r)
{
    static const char *const names[] = {
#define REPORT_NAME(id, name) name,
        REPORT_MAP(REPORT_NAME)
#undef REPORT_NAME
    };

    return names[r];
}

enum rule {
    RULE_DELETED,
    RULE_CLUSTER, /* it says otherwise than its control plane, and later */
    RULE_RUN, /* its control plane says otherwise than the cluster, later */
    RULE_JOB_FAILED,
    RULE_BAD_NEWS,
    RULE_QUOTA,
    RULE_GONE,
    RULE_PHASE_FAILED,
    RULE_DONE,
    RULE_PAUSED,
    RULE_DRY_RUN,
    RULE_WAITING,
    RULE_BLOCKED,
    RULE_REPORT,
    RULE_QUEUED,
    RULE_STARTING,
    RULE_SILENT,
    RULE_LOOPING,
    RULE_QUIET,
    RULE_WORKING,
    RULE_IDLE,
    RULE_UNKNOWN,
};

__attribute__((format(printf, 2, 3)))
static void why(struct verdict *v, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(v->why, sizeof v->why, fmt, ap);
    va_end(ap);
}

static bool is(const char *s, const char *text)
{
    return s != NULL && strcmp(s, text) == 0;
}

static void flip_at(struct verdict *v, int64_t at_ms, int64_t now_ms)
{
    if (at_ms > now_ms && at_ms < v->flips_ms)
        v->flips_ms = at_ms;
}

struct times {
    char s[24];
};

/* " ×5"; "" for none. */
static struct times times_of(int32_t n)
{
    struct times t = {""};

    if (n > 0)
        snprintf(t.s, sizeof t.s, " ×%d", (int)n);
    return t;
}

static bool failing(const struct agent *a, struct verdict *v, enum rule *rule)
{
    const struct agent_workload *l = &a->load;

    if (l->failed) {
        *rule = RULE_JOB_FAILED;
        why(v, "%s%s%s", l->reason ? l->reason : "its job failed",
            l->last_reason ? " · " : "", l->last_reason ? l->last_reason : "");
    } else if (l->reason != NULL && !l->partial && l->message != NULL &&
               strstr(l->message, "exceeded quota") != NULL) {
        *rule = RULE_QUOTA;
        why(v, "a quota refuses its pods");
    } else if (l->reason != NULL && !l->partial) {
        *rule = RULE_BAD_NEWS;
        why(v, "%s%s%s%s", l->reason, times_of(l->restarts).s,
            l->last_reason ? " · " : "",
            l->last_reason ? l->last_reason : "");
    } else if (a->quota_hit > 0 && !l->main_ready) {
        *rule = RULE_QUOTA;
        why(v, "a quota refuses its pods");
    } else if (l->gone) {
        *rule = RULE_GONE;
        why(v, "its Deployment %s is gone", a->deployment);
    } else if (is(a->phase, "Failed") && !l->main_ready) {
        *rule = RULE_PHASE_FAILED;
        why(v, "%s%s%s", a->cond.reason ? a->cond.reason : "phase Failed",
            a->cond.message ? ": " : "", a->cond.message ? a->cond.message : "");
    } else {
        return false;
    }
    return true;
}

static void starting(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    int64_t from = a->created_ms > 0 ? a->created_ms : a->state_ms;
    char age[16];

    v->state = AGENT_STARTING;
    when_age(now_ms - from, age, sizeof age);
    why(v, "%d of %d ready after %s", (int)(a->load.ready > 0 ? a->load.ready : 0),
        (int)a->load.desired, age);
    v->trouble = from > 0 && now_ms - from >= HEALTH_STARTING_MS;
    flip_at(v, from + HEALTH_STARTING_MS, now_ms);
}

static bool looping(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    char age[16];

    if (a->act.repeats < ACTIVITY_LOOP_MIN ||
        now_ms - a->act.last_ms >= ACTIVITY_QUIET_MAX_MS)
        return false;
    when_age(a->act.last_ms - a->act.repeat_ms, age, sizeof age);
    v->state = AGENT_LOOPING;
    v->trouble = true;
    why(v, "same step ×%u in %s", a->act.repeats, age);
    return true;
}

static bool quiet(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    double silence = activity_silence(&a->act, now_ms);
    int64_t since = now_ms - a->act.last_ms;

    if (silence < ACTIVITY_QUIET_FACTOR || since < ACTIVITY_QUIET_MIN_MS ||
        since >= ACTIVITY_QUIET_MAX_MS)
        return false;
    v->state = AGENT_QUIET;
    if (silence < 1000)
        why(v, "silent %d× its habit", (int)silence);
    else
        why(v, "silent, against its habit");
    return true;
}

static void degraded(const struct agent *a, struct verdict *v)
{
    const struct agent_workload *l = &a->load;

    if (l->partial && l->reason != NULL) {
        v->degraded = true;
        why(v, "%s%s%s%s", l->container ? l->container : "",
            l->container ? ": " : "", l->reason, times_of(l->restarts).s);
    } else if (is(a->phase, "Degraded") || is(a->phase, "Failed")) {
        v->degraded = true;
        why(v, "phase %s%s%s, yet it runs", a->phase,
            a->cond.message ? ": " : "",
            a->cond.message ? a->cond.message : "");
    } else if (l->desired > 0 && l->ready >= 0 && l->ready < l->desired) {
        v->degraded = true;
        why(v, "%d of %d ready", (int)l->ready, (int)l->desired);
    } else if (is(a->cognitive, "UNRESPONSIVE") ||
               is(a->cognitive, "DEGRADED")) {
        v->degraded = true;
        why(v, "cognitive probe: %s", a->cognitive);
    }
}

static void blocked(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    const struct run *r = a->run;
    char age[16];

    when_age(now_ms - r->report_ms, age, sizeof age);
    why(v, "asks at its terminal %s%s%s", age, r->report_text ? ": " : "",
        r->report_text ? r->report_text : r->report_kind ? r->report_kind : "");
}

/* What it says itself outranks its rhythm. */
static bool reported(const struct agent *a, struct verdict *v)
{
    switch (a->run->report) {
    case REPORT_WORKING:
        v->state = AGENT_WORKING;
        return true;
    case REPORT_IDLE:
    case REPORT_DONE:
        v->state = AGENT_IDLE;
        return true;
    case REPORT_ERROR:
        v->state = AGENT_FAILED;
        v->trouble = true;
        why(v, "says error%s%s", a->run->report_text ? ": " : "",
            a->run->report_text ? a->run->report_text : "");
        return true;
    default:
        return false;
    }
}

/* What a cluster's objects say, in the words of a run. */
static enum run_stand cluster_stand(const struct agent_workload *l)
{
    return !l->cluster     ? RUN_UNKNOWN
           : l->failed     ? RUN_FAILED
           : l->done       ? RUN_DONE
           : l->main_ready ? RUN_UP
                           : RUN_QUEUED;
}

/* A job that ended well may have failed all the same, by what it printed. */
static bool contradict(enum run_stand cluster, enum run_stand run)
{
    bool over = run == RUN_DONE || run == RUN_FAILED;

    if (cluster == RUN_UP)
        return over || run == RUN_QUEUED;
    if (cluster == RUN_FAILED)
        return run == RUN_UP || run == RUN_DONE;
    return cluster == RUN_DONE && run == RUN_UP;
}

/*
 * Cluster and control plane contradict each other: who changed its mind last
 * is believed, and after a while, in which they might have agreed, both are
 * shown. True: the control plane's word holds, v is made of it.
 */
static bool disagree(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    static const char *const words[] = {
        [RUN_UNKNOWN] = "?",  [RUN_QUEUED] = "starting", [RUN_UP] = "running",
        [RUN_DONE] = "ended", [RUN_FAILED] = "failed"};
    const struct agent_workload *l = &a->load;
    enum run_stand cluster = cluster_stand(l), run;
    int64_t since, told;
    bool run_later;
    char age[2][16];

    if (a->run == NULL || cluster == RUN_UNKNOWN)
        return false;
    run = run_stand(a->run);
    if (!contradict(cluster, run))
        return false;
    told = a->run->status_ms;
    run_later = told > l->stand_ms;
    since = run_later ? told : l->stand_ms;
    flip_at(v, since + HEALTH_AGREE_MS, now_ms);
    if (now_ms - since >= HEALTH_AGREE_MS) {
        v->conflict = true;
        when_age(now_ms - l->stand_ms, age[0], sizeof age[0]);
        when_age(now_ms - told, age[1], sizeof age[1]);
        if (told - l->stand_ms < 2000 && l->stand_ms - told < 2000)
            why(v, "cluster: %s · control plane: %s, and which is newer is "
                   "not known",
                words[cluster], a->run->status);
        else if (run_later)
            why(v, "control plane: %s %s ago · cluster: %s, older (%s)",
                a->run->status, age[1], words[cluster], age[0]);
        else
            why(v, "cluster: %s %s ago · control plane: %s, older (%s)",
                words[cluster], age[0], a->run->status, age[1]);
    }
    if (!run_later)
        return false;
    v->state = run == RUN_FAILED  ? AGENT_FAILED
               : run == RUN_DONE  ? AGENT_DONE
               : run == RUN_QUEUED ? AGENT_STARTING
                                   : AGENT_IDLE;
    v->trouble = run == RUN_FAILED || v->conflict;
    if (v->why[0] == '\0' && run == RUN_FAILED)
        why(v, "%s", a->run->reason ? a->run->reason
                                    : "its control plane says Failed");
    return true;
}

/* Nothing runs yet, and nobody is late. */
static void queued(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    char age[16];

    v->state = AGENT_STARTING;
    when_age(now_ms - a->run->status_ms, age, sizeof age);
    why(v, "queued %s", age);
}

/* Its beats have stopped; phases of a control plane say so only once. */
static bool beatless(const struct agent *a, int64_t now_ms, struct verdict *v)
{
    const struct run *r = a->run;
    char age[16];

    if (r == NULL || r->beat_ms == 0 || run_stand(r) != RUN_UP)
        return false;
    flip_at(v, r->beat_ms + HEALTH_BEAT_MS, now_ms);
    if (now_ms - r->beat_ms < HEALTH_BEAT_MS)
        return false;
    when_age(now_ms - r->beat_ms, age, sizeof age);
    v->state = AGENT_QUIET;
    v->trouble = true;
    why(v, "no heartbeat for %s", age);
    return true;
}

static enum rule judge(const struct agent *a, int64_t now_ms,
                       struct verdict *v)
{
    const struct agent_workload *l = &a->load;
    enum rule rule;
    char age[16];

    if (a->deleted_ms > 0) {
        v->state = AGENT_ENDING;
        when_age(now_ms - a->deleted_ms, age, sizeof age);
        v->trouble = now_ms - a->deleted_ms >= HEALTH_ENDING_MS;
        why(v, "being deleted for %s%s%s", age,
            a->finalizer ? ", held by " : "", a->finalizer ? a->finalizer : "");
        flip_at(v, a->deleted_ms + HEALTH_ENDING_MS, now_ms);
        return RULE_DELETED;
    }
    if (disagree(a, now_ms, v))
        return RULE_RUN;
    if (v->conflict) { /* the cluster is believed, both are told */
        v->trouble = true;
        v->state = l->failed ? AGENT_FAILED : l->done ? AGENT_DONE : AGENT_IDLE;
        return l->failed ? RULE_JOB_FAILED
               : l->done ? RULE_DONE
                         : RULE_CLUSTER;
    }
    if (failing(a, v, &rule)) {
        v->state = AGENT_FAILED;
        v->trouble = true;
        return rule;
    }
    if (a->run != NULL && run_stand(a->run) == RUN_FAILED) {
        v->state = AGENT_FAILED; /* the job ended well, its work did not */
        v->trouble = true;
        why(v, "%s", a->run->reason ? a->run->reason
                                    : "its control plane says Failed");
        return RULE_RUN;
    }
    if (l->done) {
        v->state = AGENT_DONE;
        return RULE_DONE;
    }
    if (a->replicas == 0) {
        v->state = AGENT_PAUSED;
        return RULE_PAUSED;
    }
    if (is(a->deploy_mode, "DRY_RUN")) {
        v->state = AGENT_IDLE;
        why(v, "dry run: nothing is created");
        return RULE_DRY_RUN;
    }
    if (a->waiting > 0) {
        v->state = AGENT_WAITING;
        when_age(now_ms - a->waiting_since_ms, age, sizeof age);
        if (a->waiting > 1)
            why(v, "waits for you %s · %u proposals", age, a->waiting);
        else
            why(v, "waits for you %s", age);
        return RULE_WAITING;
    }
    if (a->run != NULL && a->run->report == REPORT_BLOCKED) {
        v->state = AGENT_WAITING;
        blocked(a, now_ms, v);
        return RULE_BLOCKED;
    }
    if (a->run != NULL && !l->cluster && run_stand(a->run) == RUN_QUEUED) {
        queued(a, now_ms, v);
        return RULE_QUEUED;
    }
    if (l->desired > 0 && !l->main_ready) {
        starting(a, now_ms, v);
        return RULE_STARTING;
    }
    degraded(a, v);
    flip_at(v, activity_flips(&a->act, now_ms), now_ms);
    if (beatless(a, now_ms, v))
        return RULE_SILENT;
    if (looping(a, now_ms, v))
        return RULE_LOOPING;
    if (quiet(a, now_ms, v))
        return RULE_QUIET;
    if (a->run != NULL && reported(a, v))
        return RULE_REPORT;
    if (a->act.last_ms > 0 && now_ms - a->act.last_ms < ACTIVITY_WORK_MS) {
        v->state = AGENT_WORKING;
        return RULE_WORKING;
    }
    if (l->main_ready || a->act.last_ms > 0 || is(a->phase, "Running")) {
        v->state = AGENT_IDLE;
        return RULE_IDLE;
    }
    v->state = AGENT_UNKNOWN;
    if (v->why[0] == '\0')
        why(v, "%s%s, no workload seen", a->phase ? "phase " : "no phase",
            a->phase ? a->phase : "");
    return RULE_UNKNOWN;
}

void health_judge(const struct agent *a, int64_t now_ms, struct verdict *ret)
{
    *ret = (struct verdict){.flips_ms = MOMENT_NEVER};
    if (a->pictured) { /* what was true then; nothing newer is known */
        ret->state = a->state;
        ret->trouble = a->trouble;
        ret->degraded = a->degraded;
        why(ret, "%s", a->why ? a->why : "");
        return;
    }
    judge(a, now_ms, ret);
}

struct telling {
    struct testimony *at;
    int count;
};

__attribute__((format(printf, 5, 6)))
static void tell(struct telling *t, const char *source, int64_t at_ms,
                 bool decided, const char *fmt, ...)
{
    struct testimony *w = &t->at[t->count++];
    va_list ap;

    w->source = source;
    w->at_ms = at_ms;
    w->decided = decided;
    va_start(ap, fmt);
    vsnprintf(w->said, sizeof w->said, fmt, ap);
    va_end(ap);
}

static void tell_workload(struct telling *t, const struct agent *a,
                          enum rule rule)
{
    const struct agent_workload *l = &a->load;
    bool decided = rule == RULE_JOB_FAILED || rule == RULE_BAD_NEWS ||
                   rule == RULE_GONE || rule == RULE_DONE ||
                   rule == RULE_STARTING || rule == RULE_CLUSTER;

    if (l->desired == FACT_NONE && l->pods == FACT_NONE) {
        tell(t, "workload", a->workload_seen_ms, decided,
             l->gone ? "the Deployment it names does not exist"
                     : "none seen");
        return;
    }
    tell(t, "workload", a->workload_seen_ms, decided,
         "%s, %d of %d ready, %d pod%s, %d restart%s",
         l->kind ? l->kind : "group", (int)(l->ready < 0 ? 0 : l->ready),
         (int)(l->desired < 0 ? 0 : l->desired), (int)(l->pods < 0 ? 0 : l->pods),
         l->pods == 1 ? "" : "s", (int)l->restarts,
         l->restarts == 1 ? "" : "s");
    if (l->reason != NULL)
        tell(t, "container", l->since_ms, decided, "%s: %s%s%s",
             l->container ? l->container : "?", l->reason,
             l->message ? ", " : "", l->message ? l->message : "");
    if (l->last_reason != NULL)
        tell(t, "last end", 0, false, "%s, exit %d", l->last_reason,
             (int)l->exit_code);
}

static void tell_run(struct telling *t, const struct agent *a, enum rule rule)
{
    const struct run *r = a->run;

    bool decides = rule == RULE_RUN || rule == RULE_QUEUED ||
                   (!a->load.cluster &&
                    (rule == RULE_JOB_FAILED || rule == RULE_DONE ||
                     rule == RULE_PAUSED));

    /* each source by its name; the joined one has nobody's */
    for (r = a->runs; r != NULL && t->count < HEALTH_TESTIMONIES - 12; r = r->next)
        tell(t, r->plane->name, r->status_ms ? r->status_ms : r->seen_ms,
             decides && r->status != NULL && a->run->status != NULL &&
                 strcmp(r->status, a->run->status) == 0,
             "%s%s%s%s", r->status ? r->status : "?",
             r->paused ? ", paused" : "", r->reason ? ", " : "",
             r->reason ? r->reason : "");
    r = a->run;
    if (r->beat_ms > 0)
        tell(t, "heartbeat", r->beat_ms, rule == RULE_SILENT, "%s",
             r->phase ? r->phase : "came");
    if (r->report != REPORT_NONE)
        tell(t, "report", r->report_ms,
             rule == RULE_BLOCKED || rule == RULE_REPORT, "by %s: %s%s%s",
             r->report_by ? r->report_by : "itself",
             report_name(r->report), r->report_text ? ", " : "",
             r->report_text ? r->report_text : "");
}

static void tell_events(struct telling *t, const struct agent *a, bool decided)
{
    char habit[48] = ", too few for a habit", same[32] = "";

    if (a->act.events >= ACTIVITY_HABIT_MIN)
        snprintf(habit, sizeof habit, ", one every %.1f s",
                 (double)a->act.gap_ms / 1000);
    if (a->act.repeats > 1)
        snprintf(same, sizeof same, ", same step ×%u", a->act.repeats);
    tell(t, "events", a->act.last_ms, decided, "%u seen%s%s", a->act.events,
         habit, same);
}

int health_explain(const struct agent *a, int64_t now_ms,
                   struct testimony *ret)
{
    struct telling t = {ret, 0};
    struct verdict v = {.flips_ms = MOMENT_NEVER};
    enum rule rule = judge(a, now_ms, &v);

    if (a->deleted_ms > 0)
        tell(&t, "deletion", a->deleted_ms, true, "asked; finalizer %s",
             a->finalizer ? a->finalizer : "none");
    if (a->origin == AGENT_ORIGIN_KGENTS || a->phase != NULL)
        tell(&t, "phase", a->cr_seen_ms, rule == RULE_PHASE_FAILED, "%s%s",
             a->phase ? a->phase : "not written",
             is(a->phase, "Pending") && a->load.main_ready
                 ? " (the operator never writes Running)"
                 : "");
    if (a->cond.type != NULL)
        tell(&t, "condition", a->cond.at_ms, false, "%s %s %s%s%s",
             a->cond.type, a->cond.status ? a->cond.status : "?",
             a->cond.reason ? a->cond.reason : "", a->cond.message ? ": " : "",
             a->cond.message ? a->cond.message : "");
    if (a->run != NULL)
        tell_run(&t, a, rule);
    if (a->run == NULL || a->load.cluster)
        tell_workload(&t, a, rule);
    if (a->cognitive != NULL)
        tell(&t, "probe", a->cr_seen_ms, false, "%s", a->cognitive);
    if ((a->replicas == 0 && a->run == NULL) || is(a->deploy_mode, "DRY_RUN"))
        tell(&t, "spec", a->cr_seen_ms,
             rule == RULE_PAUSED || rule == RULE_DRY_RUN, "replicas %d, %s",
             (int)a->replicas, a->deploy_mode ? a->deploy_mode : "no mode");
    if (a->waiting > 0)
        tell(&t, "proposals", a->waiting_since_ms, rule == RULE_WAITING,
             "%u wait", a->waiting);
    if (a->act.last_ms > 0)
        tell_events(&t, a,
                    rule == RULE_WORKING || rule == RULE_QUIET ||
                        rule == RULE_LOOPING || rule == RULE_IDLE);
    return t.count;
}
