#include "config.h"

#include "data/kube/act.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/write.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool path_safe(const char *s)
{
    if (s == NULL || *s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if (!isalnum((unsigned char)*s) && strchr("-.", *s) == NULL)
            return false;
    return true;
}

static bool uid_text(const uint8_t uid[16], char ret[37])
{
    bool some = false;

    for (int i = 0; i < 16; i++)
        some |= uid[i] != 0;
    snprintf(ret, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             uid[0], uid[1], uid[2], uid[3], uid[4], uid[5], uid[6], uid[7],
             uid[8], uid[9], uid[10], uid[11], uid[12], uid[13], uid[14],
             uid[15]);
    return some;
}

static void op(struct json *j, const char *name, const char *path)
{
    json_map(j, NULL);
    json_text(j, "op", name);
    json_text(j, "path", path);
}

static void test(struct json *j, const char *path, const char *value)
{
    op(j, "test", path);
    json_text(j, "value", value);
    json_map_end(j);
}

static void put_approval(struct json *j, const char *user, const char *at,
                         const char *comment)
{
    op(j, "add", "/status/approvals/-");
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
    op(j, "replace", "/status/phase");
    json_text(j, "value", "Rejected");
    json_map_end(j);
    op(j, "add", "/status/rejections/-");
    json_map(j, "value");
    json_text(j, "rejector", user);
    json_text(j, "rejectedAt", at);
    json_text(j, "reason", reason[0] ? reason : "no reason given");
    json_map_end(j);
    json_map_end(j);
    op(j, "add", "/status/conditions");
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

/* What will follow, as far as the operator's rules tell. */
static void outcome(struct plan *p, const struct proposal *q, bool yes)
{
    int wanted = q->required > 0 ? q->required : 1, have = q->approvals + 1;

    if (!yes) {
        plan_line(p, "it becomes Rejected, for good: nothing reacts to it");
        return;
    }
    if (q->tgent == TGENT_PENDING || q->tgent == TGENT_FAILED)
        plan_line(p, "t-gent %s: the approval is stored, the phase stays",
                  tgent_name(q->tgent));
    else if (have < wanted)
        plan_line(p, "approval %d of %d: it is stored, more are needed", have,
                  wanted);
    else
        plan_line(p, "approval %d of %d: the operator sets it Approved", have,
                  wanted);
    if (q->executed || q->auto_merge)
        plan_line(p, "it merges by itself once approved");
}

static int refuse(const struct proposal *q, bool yes, struct error *err)
{
    if (q == NULL)
        return error_set(err, ERR_ABSENT, "there is no such proposal any more");
    if (q->deleted_ms > 0)
        return error_set(err, ERR_EXPIRED, "it is being deleted: nothing can "
                                           "be decided any more");
    if (!proposal_open(q))
        return error_set(err, ERR_EXPIRED, "it is decided already");
    if (q->phase == PROPOSAL_NEW || !q->risk.by_operator)
        return error_set(err, ERR_ABSENT,
                         "the operator has not seen it yet: what is written "
                         "now would be lost");
    if (yes && q->phase != PROPOSAL_REVIEWING)
        return error_set(err, ERR_ABSENT,
                         "its phase is %s: the operator acts on approvals "
                         "only while Reviewing",
                         q->phase_text ? q->phase_text
                                       : proposal_phase_name(q->phase));
    if (!path_safe(q->ns) || !path_safe(q->name))
        return error_set(err, ERR_SYNTAX, "its name cannot be in a path");
    return 0;
}

static void put_patch(struct buf *b, const struct act_want *w,
                      const struct proposal *q, const char *user,
                      const char *at)
{
    char uid[37];
    struct json j;

    json_begin(&j, b);
    json_array(&j, NULL);
    if (uid_text(q->uid, uid))
        test(&j, "/metadata/uid", uid);
    test(&j, "/status/phase",
         q->phase_text ? q->phase_text : proposal_phase_name(q->phase));
    if (w->act == ACT_APPROVE)
        put_approval(&j, user, at, w->reason);
    else
        put_rejection(&j, user, at, w->reason);
    json_array_end(&j);
    json_end(&j);
}

int kube_plan(const struct store *st, const char *user, int64_t now_ms,
              struct plan *p, struct error *err)
{
    const struct act_want *w = &p->want;
    const struct proposal *q;
    bool yes = w->act == ACT_APPROVE;
    char at[24];
    struct buf b;

    if (!yes && w->act != ACT_REJECT)
        return error_set(err, ERR_ABSENT,
                         "on a cluster only proposals can be decided yet");
    q = store_proposal(st, store_find(st, KIND_PROPOSAL, span_of(w->ns),
                                      span_of(w->name)));
    if (refuse(q, yes, err) != 0)
        return err->code;
    snprintf(p->title, sizeof p->title, "%s “%.120s”", act_name(w->act),
             q->title ? q->title : q->name);
    snprintf(p->type, sizeof p->type, "%.100s", q->name);
    proposal_digest(q, p->digest);
    p->approvals = q->approvals;
    p->friction = yes ? risk_level((double)q->risk.total) : RISK_MEDIUM;
    plan_line(p, "%s on %s/%s in %s, by %s", q->change ? q->change : "?",
              q->target_kind ? q->target_kind : "?",
              q->target_name ? q->target_name : "?", q->ns,
              q->proposer ? q->proposer : "nobody named");
    plan_line(p, "risk %.2f, %s", (double)q->risk.total,
              risk_level_name(risk_level((double)q->risk.total)));
    outcome(p, q, yes);
    plan_line(p, "as %s", user);
    snprintf(p->method, sizeof p->method, "PATCH");
    p->content = "application/json-patch+json";
    snprintf(p->path, sizeof p->path,
             "/apis/kgents.io/v1/namespaces/%s/proposals/%s/status", q->ns,
             q->name);
    when_format(now_ms, at);
    buf_init(&b, 16384);
    put_patch(&b, w, q, user, at);
    p->body = xstrndup(buf_text(&b), b.len);
    buf_finish(&b);
    return 0;
}
