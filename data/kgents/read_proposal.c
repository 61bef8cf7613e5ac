#include "config.h"

#include "data/kube/reader_priv.h"

#include <math.h>

/* kgents.io/v1 Proposal. */

#define TTL_DEFAULT_S 86400 /* the schema's; absent in objects stored before */

enum {
    CHANGE = READER_KIND,
    TARGET_KIND,
    TARGET_NAME,
    TARGET_NS,
    PROPOSER,
    DESCRIPTION,
    RATIONALE,
    LINES_ADDED,
    LINES_REMOVED,
    FILES,
    TESTS_ADDED,
    TESTS_REMOVED,
    AUTO_MERGE,
    REQUIRED,
    TGENT_WANTED,
    TTL,
    PHASE,
    RISK_BASE,
    RISK_VELOCITY,
    RISK_MAGNITUDE,
    RISK_TESTS,
    RISK_TOTAL,
    RISK_LEVEL,
    RISK_AT,
    APPROVAL,
    APPROVER,
    APPROVED_AT,
    APPROVAL_TEXT,
    REJECTION,
    REJECTOR,
    REJECTED_AT,
    REJECTION_TEXT,
    TGENT,
    TESTS_PASSED,
    TESTS_FAILED,
    TGENT_REPORT,
    EXECUTED,
};

static const struct pick_rule rules[] = {
    {"spec.changeType", CHANGE},
    {"spec.target.kind", TARGET_KIND},
    {"spec.target.name", TARGET_NAME},
    {"spec.target.namespace", TARGET_NS},
    {"spec.proposer", PROPOSER},
    {"spec.description", DESCRIPTION},
    {"spec.rationale", RATIONALE},
    {"spec.magnitude.linesAdded", LINES_ADDED},
    {"spec.magnitude.linesRemoved", LINES_REMOVED},
    {"spec.magnitude.filesChanged", FILES},
    {"spec.magnitude.testsAdded", TESTS_ADDED},
    {"spec.magnitude.testsRemoved", TESTS_REMOVED},
    {"spec.reviewRequirements.autoMerge", AUTO_MERGE},
    {"spec.reviewRequirements.requiredApprovers", REQUIRED},
    {"spec.reviewRequirements.tGentValidation", TGENT_WANTED},
    {"spec.ttlSeconds", TTL},
    {"status.phase", PHASE},
    {"status.riskAssessment.baseRisk", RISK_BASE},
    {"status.riskAssessment.velocityPenalty", RISK_VELOCITY},
    {"status.riskAssessment.magnitudeFactor", RISK_MAGNITUDE},
    {"status.riskAssessment.testCoverage", RISK_TESTS},
    {"status.riskAssessment.cumulativeRisk", RISK_TOTAL},
    {"status.riskAssessment.riskLevel", RISK_LEVEL},
    {"status.riskAssessment.calculatedAt", RISK_AT},
    {"status.approvals[]", APPROVAL},
    {"status.approvals[].approver", APPROVER},
    {"status.approvals[].approvedAt", APPROVED_AT},
    {"status.approvals[].comment", APPROVAL_TEXT},
    {"status.rejections[]", REJECTION},
    {"status.rejections[].rejector", REJECTOR},
    {"status.rejections[].rejectedAt", REJECTED_AT},
    {"status.rejections[].reason", REJECTION_TEXT},
    {"status.tGentValidation.result", TGENT},
    {"status.tGentValidation.testsPassed", TESTS_PASSED},
    {"status.tGentValidation.testsFailed", TESTS_FAILED},
    {"status.tGentValidation.report", TGENT_REPORT},
    {"status.executionResult.success", EXECUTED},
    CONDITION_RULES("status.conditions[]"),
    {NULL, 0},
};

static void begin(struct reader_facts *f)
{
    struct proposal_facts *p = &f->proposal;

    p->auto_merge = p->tgent_wanted = true; /* the schema's defaults */
    p->ttl_s = TTL_DEFAULT_S;
    p->risk.base = p->risk.velocity = p->risk.magnitude = p->risk.tests =
        p->risk.total = NAN;
}

static void read_size(struct proposal_facts *p, int field,
                      const struct pick_value *v)
{
    int64_t n = read_int(v, 0, INT32_MAX, 0);

    switch (field) {
    case LINES_ADDED:
        p->lines_added = n;
        break;
    case LINES_REMOVED:
        p->lines_removed = n;
        break;
    case FILES:
        p->files = n;
        break;
    case TESTS_ADDED:
        p->tests_added = n;
        break;
    default:
        p->tests_removed = n;
        break;
    }
}

static void read_risk(struct proposal_facts *p, int field,
                      const struct pick_value *v)
{
    switch (field) {
    case RISK_BASE:
        p->risk.base = read_double(v, 0, 10);
        break;
    case RISK_VELOCITY:
        p->risk.velocity = read_double(v, 0, 1e6);
        break;
    case RISK_MAGNITUDE:
        p->risk.magnitude = read_double(v, 0, 1e6);
        break;
    case RISK_TESTS:
        p->risk.tests = read_double(v, 0, 1e6);
        break;
    case RISK_TOTAL:
        p->risk.total = read_double(v, 0, 1);
        break;
    case RISK_LEVEL:
        p->risk.level = read_text(v);
        break;
    default:
        p->risk.at_ms = read_time(v);
        break;
    }
}

static void add_decider(struct proposal_facts *p, struct scratch *s)
{
    size_t n = s->decided_by.n;

    if (n >= sizeof s->deciders - 1 - s->deciders_len ||
        (n > 0 && memchr(s->decided_by.p, '\n', n) != NULL))
        return; /* one less than there are: it is seen by that */
    if (n > 0)
        memcpy(s->deciders + s->deciders_len, s->decided_by.p, n);
    s->deciders_len += n;
    s->deciders[s->deciders_len++] = '\n';
    p->deciders = (struct span){s->deciders, s->deciders_len};
}

/* Approvals and rejections: counted; the latest one is kept. */
static void read_decision(struct proposal_facts *p, struct scratch *s,
                          int field, const struct pick_value *v)
{
    switch (field) {
    case APPROVAL:
    case REJECTION:
        if (v->type == PICK_BEGIN) {
            s->decided_by = s->decided_text = (struct span){NULL, 0};
            s->decided_ms = 0;
        } else if (v->type == PICK_END) {
            add_decider(p, s);
            if (field == APPROVAL)
                p->approvals++;
            else
                p->rejections++;
            if (s->decided_ms >= p->decided_ms) {
                p->decided_ms = s->decided_ms;
                p->decider = s->decided_by;
                p->decider_text = s->decided_text;
            }
        }
        break;
    case APPROVER:
    case REJECTOR:
        s->decided_by = read_text(v);
        break;
    case APPROVED_AT:
    case REJECTED_AT:
        s->decided_ms = read_time(v);
        break;
    default:
        s->decided_text = read_text(v);
        break;
    }
}

static void read_spec(struct proposal_facts *p, int field,
                      const struct pick_value *v)
{
    switch (field) {
    case CHANGE:
        p->change = read_text(v);
        break;
    case TARGET_KIND:
        p->target_kind = read_text(v);
        break;
    case TARGET_NAME:
        p->target_name = read_text(v);
        break;
    case TARGET_NS:
        p->target_ns = read_text(v);
        break;
    case PROPOSER:
        p->proposer = read_text(v);
        break;
    case DESCRIPTION:
        p->description = read_text(v);
        break;
    case RATIONALE:
        p->rationale = read_text(v);
        break;
    case AUTO_MERGE:
        p->auto_merge = pick_true(v);
        break;
    case REQUIRED:
        p->required = read_int(v, 0, INT32_MAX, 0);
        break;
    case TGENT_WANTED:
        p->tgent_wanted = pick_true(v);
        break;
    default:
        p->ttl_s = read_int(v, 0, INT32_MAX, TTL_DEFAULT_S);
        break;
    }
}

static void read_state(struct proposal_facts *p, int field,
                       const struct pick_value *v)
{
    switch (field) {
    case PHASE:
        p->phase = read_text(v);
        break;
    case TGENT:
        p->tgent_result = read_text(v);
        break;
    case TESTS_PASSED:
        p->tests_passed = read_int(v, 0, INT32_MAX, 0);
        break;
    case TESTS_FAILED:
        p->tests_failed = read_int(v, 0, INT32_MAX, 0);
        break;
    case TGENT_REPORT:
        p->tgent_report = read_text(v);
        break;
    default:
        p->executed = v->type == PICK_BOOL;
        p->execution_ok = pick_true(v);
        break;
    }
}

static void value(struct reader_facts *f, struct scratch *s, int field,
                  const struct pick_value *v)
{
    struct proposal_facts *p = &f->proposal;
    bool done;

    if (read_condition(s, field, v, &done)) {
        if (done)
            p->cond = s->cond;
    } else if (field >= LINES_ADDED && field <= TESTS_REMOVED) {
        read_size(p, field, v);
    } else if (field >= RISK_BASE && field <= RISK_AT) {
        read_risk(p, field, v);
    } else if (field >= APPROVAL && field <= REJECTION_TEXT) {
        read_decision(p, s, field, v);
    } else if (field <= TTL) {
        read_spec(p, field, v);
    } else {
        read_state(p, field, v);
    }
}

static void put(struct store *st, const struct reader_facts *f,
                const struct origin *o)
{
    store_put_proposal(st, &f->proposal, o);
}

static struct meta_facts *meta(struct reader_facts *f)
{
    return &f->proposal.meta;
}

const struct kind_reader proposal_reader = {
    .rules = rules, .begin = begin, .value = value, .put = put, .meta = meta};
