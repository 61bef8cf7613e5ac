#include "config.h"

#include "base/when.h"
#include "data/kube/act_priv.h"

#include <stdio.h>
#include <string.h>

static void put_approval(struct json *j, const char *user, const char *at,
                         const char *comment)
{
    act_op(j, "add", "/status/approvals/-");
    json_map(j, "value");
    json_text(j, "approver", user);
    json_text(j, "approvedAt", at);
    if (comment[0] != '\0')
        json_text(j, "comment", comment);
    json_map_end(j);
    json_map_end(j);
}

static void put_rejection(struct json *j, const char *user, const char *at,
                          const char *reason)
{
    act_op(j, "replace", "/status/phase");
    json_text(j, "value", "Rejected");
    json_map_end(j);
    act_op(j, "add", "/status/rejections/-");
    json_map(j, "value");
    json_text(j, "rejector", user);
    json_text(j, "rejectedAt", at);
    json_text(j, "reason", reason[0] ? reason : "no reason given");
    json_map_end(j);
    json_map_end(j);
    act_op(j, "add", "/status/conditions");
    json_array(j, "value");
    json_map(j, NULL);
    json_text(j, "type", "Ready");
    json_text(j, "status", "False");
    json_text(j, "reason", "Rejected");
    json_text(j, "message", reason[0] ? reason : "rejected");
    json_text(j, "lastTransitionTime", at);
    json_map_end(j);
    json_array_end(j);
    json_map_end(j);
}


/* Of the same patch: the T-gent's question is closed by a person. */
static void put_skip(struct json *j, enum tgent now)
{
    act_test(j, "/status/tGentValidation/result", tgent_name(now));
    act_op(j, "replace", "/status/tGentValidation/result");
    json_text(j, "value", "SKIPPED");
    json_map_end(j);
}

static bool held_by_tgent(const struct proposal *q)
{
    return q->tgent == TGENT_PENDING || q->tgent == TGENT_FAILED;
}

/* Who would act on it, and is not there. */
static void operator_line(struct plan *p, const struct store *st)
{
    const struct plane *o = st->operator_plane;

    if (o != NULL && o->state != PLANE_LIVE && o->state != PLANE_STALE)
        plan_line(p, "the operator is %s: it acts when it is back",
                  plane_state_name(o->state));
}

/* What will follow, as far as the operator's rules tell. */
static void outcome(struct plan *p, const struct proposal *q,
                    const struct store *st)
{
    enum act act = p->want.act;
    int wanted = q->required > 0 ? q->required : 1, have = q->approvals + 1;

    if (act == ACT_REJECT) {
        plan_line(p, "it becomes Rejected, for good: nothing reacts to it");
        return;
    }
    if (act == ACT_OVERRIDE)
        plan_line(p, "t-gent %s is set to SKIPPED, over its head",
                  tgent_name(q->tgent));
    if (act == ACT_APPROVE && held_by_tgent(q))
        plan_line(p, "t-gent %s: the approval is stored, the phase stays",
                  tgent_name(q->tgent));
    else if (have < wanted)
        plan_line(p, "approval %d of %d: it is stored, more are needed", have,
                  wanted);
    else if (q->approvals >= wanted)
        plan_line(p, "%d approvals are stored and nothing followed: one more "
                     "makes the operator look again",
                  q->approvals);
    else
        plan_line(p, "approval %d of %d: the operator sets it Approved", have,
                  wanted);
    if (q->executed || q->auto_merge)
        plan_line(p, "it merges by itself once approved");
    operator_line(p, st);
}

static const char *phase_of(const struct proposal *q)
{
    return q->phase_text ? q->phase_text : proposal_phase_name(q->phase);
}

static int refuse(const struct proposal *q, const struct act_want *w,
                  struct error *err)
{
    if (q == NULL)
        return error_set(err, ERR_ABSENT, "there is no such proposal any more");
    if (!want_is(w, q->uid))
        return error_set(err, ERR_EXPIRED,
                         "it was deleted, and another one has its name now");
    if (q->deleted_ms > 0)
        return error_set(err, ERR_EXPIRED, "it is being deleted: nothing can "
                                           "be decided any more");
    if (!proposal_open(q))
        return error_set(err, ERR_EXPIRED, "it is decided already: %s",
                         phase_of(q));
    if (q->phase == PROPOSAL_NEW || !q->risk.by_operator)
        return error_set(err, ERR_ABSENT,
                         "the operator has not seen it yet: what is written "
                         "now would be lost");
    if (w->act != ACT_REJECT && q->phase != PROPOSAL_REVIEWING)
        return error_set(err, ERR_ABSENT,
                         "its phase is %s: the operator acts on approvals "
                         "only while Reviewing",
                         phase_of(q));
    if (w->act == ACT_OVERRIDE && !held_by_tgent(q))
        return error_set(err, ERR_ABSENT,
                         "no T-gent holds it: approve it as it is");
    return act_check_names(q->ns, q->name, err);
}

static void put_patch(struct buf *b, const struct act_want *w,
                      const struct proposal *q, const char *user,
                      const char *at)
{
    char uid[37];
    struct json j;

    json_begin(&j, b);
    json_array(&j, NULL);
    if (act_uid_text(q->uid, uid))
        act_test(&j, "/metadata/uid", uid);
    act_test(&j, "/status/phase", phase_of(q));
    if (w->act == ACT_OVERRIDE)
        put_skip(&j, q->tgent);
    if (w->act == ACT_REJECT)
        put_rejection(&j, user, at, w->reason);
    else
        put_approval(&j, user, at, w->reason);
    json_array_end(&j);
    json_end(&j);
}

int act_plan_proposal(const struct plan_from *from, struct plan *p,
                      struct error *err)
{
    const struct act_want *w = &p->want;
    const struct proposal *q =
        store_proposal(from->st, store_find(from->st, KIND_PROPOSAL,
                                            span_of(w->ns), span_of(w->name)));
    char at[24];
    struct buf b;

    if (refuse(q, w, err) != 0)
        return err->code;
    snprintf(p->title, sizeof p->title, "%s “%.120s”", act_name(w->act),
             q->title ? q->title : q->name);
    snprintf(p->type, sizeof p->type, "%.100s", q->name);
    proposal_digest(q, p->digest);
    p->entries = q->approvals + q->rejections;
    p->mine = proposal_entries_of(q, from->user);
    p->version = q->version;
    p->friction = w->act == ACT_REJECT     ? RISK_MEDIUM
                  : w->act == ACT_OVERRIDE ? RISK_CRITICAL
                                           : risk_level((double)q->risk.total);
    plan_line(p, "%s on %s/%s in %s, by %s", q->change ? q->change : "?",
              q->target_kind ? q->target_kind : "?",
              q->target_name ? q->target_name : "?", q->ns,
              q->proposer ? q->proposer : "nobody named");
    plan_line(p, "risk %.2f, %s", (double)q->risk.total,
              risk_level_name(risk_level((double)q->risk.total)));
    outcome(p, q, from->st);
    plan_line(p, "as %s", from->user);
    when_format(from->now_ms, at);
    buf_init(&b, 16384);
    put_patch(&b, w, q, from->user, at);
    act_request(p, "PATCH", "application/json-patch+json", &b,
                "/apis/kgents.io/v1/namespaces/%s/proposals/%s/status", q->ns,
                q->name);
    buf_finish(&b);
    return 0;
}
