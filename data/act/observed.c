#include "config.h"

#include "data/act/observed.h"

#include "data/act/created.h"
#include "data/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Our own entry is there, not just somebody's: where their names are known. */
static bool stored(const struct proposal *p, const struct plan *plan)
{
    int mine = proposal_entries_of(p, plan->user);

    if (mine < 0 || plan->mine < 0)
        return p->approvals + p->rejections > plan->entries;
    return mine > plan->mine;
}

static bool decided(const struct observing *o, uint32_t slot, char *progress,
                    size_t size)
{
    const struct proposal *p = store_proposal(o->st, slot);
    enum act act = o->plan->want.act;

    if (p == NULL)
        return false;
    if (p->asked != NULL)
        return act == ACT_REJECT ? p->phase == PROPOSAL_REJECTED
                                 : p->phase == PROPOSAL_APPROVED ||
                                       p->phase == PROPOSAL_MERGED;
    if (!stored(p, o->plan))
        return false;
    if (act == ACT_REJECT)
        return p->phase == PROPOSAL_REJECTED;
    if (p->phase == PROPOSAL_APPROVED || p->phase == PROPOSAL_MERGED)
        return true;
    if (act == ACT_OVERRIDE && p->tgent != TGENT_SKIPPED)
        return false;
    if (p->required > 1)
        snprintf(progress, size, "%d of %d approvals, still %s",
                 (int)p->approvals, (int)p->required,
                 proposal_phase_name(p->phase));
    return true;
}

/* A run of a control plane: it takes orders first and tells later. */
static bool remote_is(const struct observing *o, const struct run *run,
                      char *progress, size_t size)
{
    switch (o->plan->want.act) {
    case ACT_SPAWN:
        if (run_stand(run) == RUN_QUEUED)
            snprintf(progress, size, "queued, no worker has it yet");
        return true;
    case ACT_SAY:
        if (run->event_ms >= o->sent_ms ||
            (run->status_ms >= o->sent_ms && run->status_ms > 0))
            return true;
        snprintf(progress, size, "dispatched, nothing heard of it yet");
        return false;
    case ACT_KILL:
        if (run_stand(run) == RUN_DONE)
            return true;
        snprintf(progress, size, "still %s",
                 run->status ? run->status : "there");
        return false;
    default:
        return true; /* merged: the answer is all there is to see */
    }
}

/* What is created or changed of an objective. */
static bool objective_is(const struct observing *o)
{
    const struct act_want *w = &o->plan->want;
    const struct object *b = store_object(
        o->st,
        store_find(o->st, w->kind, span_of(w->ns), span_of(w->name)));

    if (w->act == ACT_UNFREEZE)
        return b != NULL && b->phase != NULL && strcmp(b->phase, "open") == 0;
    if (w->name[0] != '\0')
        return b != NULL;
    for (uint32_t i = 0; i < o->st->objects.used; i++) {
        b = store_object(o->st, i);
        if (b != NULL && b->kind == KIND_OBJECTIVE &&
            b->created_ms >= o->begun_ms - 1000 && b->note != NULL &&
            strncmp(b->note, w->reason, strlen(b->note)) == 0)
            return true;
    }
    return false;
}

/* A process of the habitat. */
static bool run_is(const struct observing *o, const struct run *run)
{
    const char *status = run->status ? run->status : "";

    switch (o->plan->want.act) {
    case ACT_SPAWN:
        return run->started_ms >= o->begun_ms - 1000;
    case ACT_PAUSE:
        return run->paused;
    case ACT_RESUME:
        return !run->paused;
    case ACT_KILL:
        return strcmp(status, "Running") != 0 && strcmp(status, "Idle") != 0;
    default:
        return true; /* said: the answer is all there is to see */
    }
}

static bool all_ready(const struct agent *a, char *progress, size_t size)
{
    const struct agent_workload *l = &a->load;

    if (l->desired < 0)
        snprintf(progress, size, "nothing runs it yet: is the operator there?");
    else
        snprintf(progress, size, "%d of %d pods ready%s%s",
                 l->ready > 0 ? (int)l->ready : 0, (int)l->desired,
                 l->reason ? ", " : "", l->reason ? l->reason : "");
    return l->desired > 0 && l->ready >= l->desired;
}

/* No pod is older than the request. */
static bool all_young(const struct observing *o, const struct agent *a)
{
    const struct workload *root =
        a->root != SLOT_NONE ? store_workload(o->st, a->root) : NULL;
    uint32_t i = root != NULL ? root->child : SLOT_NONE;

    while (i != SLOT_NONE) {
        const struct workload *w = store_workload(o->st, i);

        /* the server's times have whole seconds */
        if (w->kind == KIND_POD &&
            w->created_ms < (o->sent_ms + o->offset_ms) / 1000 * 1000 - 1000)
            return false;
        i = w->sibling;
    }
    return root != NULL;
}

static bool stands_still(const struct agent *a, char *progress, size_t size)
{
    const struct agent_workload *l = &a->load;

    if (l->desired > 0)
        snprintf(progress, size, "%d pods are still wanted", (int)l->desired);
    else if (l->ready > 0 || l->pods > 0)
        snprintf(progress, size, "%d pods are still there",
                 (int)(l->pods > 0 ? l->pods : l->ready));
    return l->desired <= 0 && l->ready <= 0 && l->pods <= 0;
}

static bool agent_is(const struct observing *o, const struct agent *a,
                     char *progress, size_t size)
{
    int wanted = atoi(want_more(&o->plan->want, "replicas"));

    switch (o->plan->want.act) {
    case ACT_PAUSE:
        return stands_still(a, progress, size);
    case ACT_RESUME:
        return all_ready(a, progress, size);
    case ACT_SPAWN:
        return all_ready(a, progress, size);
    case ACT_SCALE:
        if (a->origin == AGENT_ORIGIN_KGENTS && a->replicas != wanted)
            return false;
        if (a->load.desired != wanted) {
            snprintf(progress, size,
                     "the Deployment wants %d still: is the operator there?",
                     (int)a->load.desired);
            return false;
        }
        return all_ready(a, progress, size);
    case ACT_RESTART:
        return all_ready(a, progress, size) && all_young(o, a);
    case ACT_KILL:
        if (a->deleted_ms > 0)
            snprintf(progress, size, "being deleted%s%s",
                     a->finalizer ? ", held by " : "",
                     a->finalizer ? a->finalizer : "");
        return false;
    default:
        return true;
    }
}

bool act_observed(const struct observing *o, char *progress, size_t size)
{
    const struct act_want *w = &o->plan->want;
    uint32_t slot = store_find(o->st, w->kind, span_of(w->ns), span_of(w->name));
    const struct agent *a;
    const struct run *run;

    progress[0] = '\0';
    if (created_knows(o->st, w))
        return created_done(o->st, w, progress, size);
    if (w->kind == KIND_PROPOSAL)
        return decided(o, slot, progress, size);
    if (w->kind == KIND_OBJECTIVE)
        return objective_is(o);
    a = store_agent(o->st, slot);
    if (a == NULL)
        return w->act == ACT_KILL;
    run = o->plan->by != NULL
              ? agent_run_by(a, source_plane(o->plan->by))
              : a->run;
    if (run != NULL)
        return agent_local(a) || o->plan->by == NULL
                   ? run_is(o, run)
                   : remote_is(o, run, progress, size);
    if (o->plan->by != NULL && w->act == ACT_KILL && a->load.cluster == false &&
        a->origin == AGENT_ORIGIN_RUN)
        return true; /* who was told to end it knows it no more */
    if (!want_is(w, a->uid))
        return w->act == ACT_KILL;
    return agent_is(o, a, progress, size);
}

bool act_taken(const struct observing *o)
{
    const struct act_want *w = &o->plan->want;
    const struct agent *a = store_agent(
        o->st, store_find(o->st, w->kind, span_of(w->ns), span_of(w->name)));

    if (created_knows(o->st, w))
        return w->act != ACT_WIPE && created_there(o->st, w);
    if (w->kind != KIND_AGENT || a == NULL || agent_local(a) ||
        !want_is(w, a->uid))
        return false;
    switch (w->act) {
    case ACT_PAUSE:
        return a->load.desired == 0;
    case ACT_RESUME:
        return a->load.desired > 0;
    case ACT_SCALE:
        return a->origin == AGENT_ORIGIN_KGENTS
                   ? a->replicas == atoi(want_more(w, "replicas"))
                   : a->load.desired == atoi(want_more(w, "replicas"));
    case ACT_KILL:
        return a->deleted_ms > 0;
    default:
        return false;
    }
}
