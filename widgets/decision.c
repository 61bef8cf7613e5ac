#include "config.h"

#include "base/moments.h"
#include "base/when.h"
#include "data/decay.h"
#include "widgets/look.h"
#include "widgets/page.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

/*
 * The decision card: what is asked, its risk as factors, what changes, what
 * speaks for and against it, what would happen. It only shows: nothing is
 * sent from here.
 */

#define CARD_W 108
#define CARD_H 32

static struct rect card_place(struct rect r)
{
    struct rect k = {r.x, r.y, CARD_W, CARD_H};

    if (k.w > r.w - 4)
        k.w = r.w;
    if (k.h > r.h - 2)
        k.h = r.h;
    k.x = r.x + (r.w - k.w) / 2;
    k.y = r.y + (r.h - k.h) / 2;
    return k;
}

static const char *title_note(const struct proposal *p, int64_t now_ms,
                              char *ret, size_t size)
{
    int64_t end = proposal_deadline(p);
    char waited[12], left[12] = "", read[12];

    look_age(p->created_ms, now_ms, waited);
    look_age(p->seen_ms, now_ms, read);
    if (end != MOMENT_NEVER)
        when_age(end > now_ms ? end - now_ms : 0, left, sizeof left);
    if (!proposal_open(p))
        snprintf(ret, size, "%.60s · as read %s ago",
                 p->phase == PROPOSAL_OTHER ? p->phase_text
                                            : look_phase(p->phase).word,
                 read);
    else
        snprintf(ret, size, "waiting %s%s%s · as read %s ago", waited,
                 left[0] ? " · expires in " : "", left, read);
    return ret;
}

static void head(struct lines *l, const struct proposal *p, int w)
{
    int x = text_width(p->title, strlen(p->title));

    x = x > w / 2 ? w / 2 : x;
    lines_next(l);
    lines_add(l, 0, x, ROLE_TITLE, CELL_BOLD, p->title, strlen(p->title));
    if (p->asked != NULL)
        lines_fmt(l, x + 3, w - x - 3, ROLE_DIM, 0, "by %s%s%s%s%s",
                  p->proposer ? p->proposer : "nobody named",
                  p->asked->tool ? " · " : "",
                  p->asked->tool ? p->asked->tool : "",
                  p->target_name ? " on " : "",
                  p->target_name ? p->target_name : "");
    else
        lines_fmt(l, x + 3, w - x - 3, ROLE_DIM, 0, "%s on %s/%s, by %s",
                  p->change ? p->change : "?",
                  p->target_kind ? p->target_kind : "?",
                  p->target_name ? p->target_name : "?",
                  p->proposer ? p->proposer : "nobody named");
    if (p->rationale != NULL) {
        char quoted[320];

        snprintf(quoted, sizeof quoted, "“%.300s”", p->rationale);
        lines_wrap(l, 0, w, ROLE_TEXT, quoted, strlen(quoted));
    }
    if (p->description != NULL) { /* its first line is the title */
        const char *rest = strchr(p->description, '\n');

        if (x < text_width(p->title, strlen(p->title)))
            rest = p->description;
        if (rest != NULL)
            lines_wrap(l, 0, w, ROLE_DIM, rest + (*rest == '\n'),
                       strlen(rest + (*rest == '\n')));
    }
}

static void factor(struct lines *l, int w, const char *name, double value,
                   double part, const char *why)
{
    lines_next(l);
    lines_add(l, 2, 12, ROLE_DIM, 0, name, strlen(name));
    lines_fmt(l, 14, 5, ROLE_TEXT, 0, "%.2f", value);
    lines_meter(l, 20, w >= 60 ? 14 : 6, part > 1 ? 1 : part,
                role_heat(0.3 + part));
    lines_add(l, w >= 60 ? 36 : 28, 0, ROLE_DIM, 0, why, strlen(why));
}

static const char *need_of(enum risk_level level)
{
    static const char *const needs[] = {
        "low: one key will do", "medium: asked once more",
        "high: the name is to be typed", "critical: the name and a reason"};

    return needs[level];
}

/* Who asks over a control plane brings its own factors. */
static void asked_risk(struct lines *l, const struct proposal *p, int w)
{
    const struct asked *a = p->asked;
    double total = (double)p->risk.total;
    enum risk_level level = risk_level(total);

    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 4, ROLE_DIM, 0, "risk");
    if (!a->known) {
        lines_fmt(l, 6, 0, ROLE_WAIT, 0,
                  "nothing is known about it: the name is to be typed");
        return;
    }
    lines_fmt(l, 6, 4, look_risk(total), CELL_BOLD, "%.2f", total);
    lines_bar(l, 12, w >= 60 ? 40 : 16, total,
              risk_level_top(level == RISK_CRITICAL ? RISK_HIGH : level),
              look_risk(total));
    lines_fmt(l, w >= 60 ? 54 : 30, 0, look_risk(total), 0, "%s%s",
              need_of(level), a->given ? " · named by who asks" : "");
    for (int i = 0; i < a->count; i++)
        factor(l, w, a->factors[i].name, a->factors[i].score,
               a->factors[i].score, a->factors[i].why);
}

static void diff_lines(struct lines *l, const char *text, int w)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        enum role role = text[0] == '+'   ? ROLE_GOOD
                         : text[0] == '-' ? ROLE_BAD
                         : text[0] == '@' ? ROLE_INFO
                                          : ROLE_DIM;

        lines_next(l);
        lines_add(l, 2, w - 2, role, 0, text, n);
        text += n + (text[n] == '\n');
    }
}

/* What would be done: the command or arguments, and the change as a diff. */
static void asked_change(struct lines *l, const struct proposal *p, int w)
{
    const struct asked *a = p->asked;

    if (a->text != NULL)
        lines_wrap(l, 0, w, ROLE_TEXT, a->text, strlen(a->text));
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 12, ROLE_DIM, 0, "change");
    if (a->input == NULL && a->diff == NULL)
        lines_fmt(l, 14, 0, ROLE_DIM, 0, "it brings neither a command nor a "
                                         "diff");
    if (a->input != NULL)
        lines_wrap(l, 14, w - 14, ROLE_TITLE, a->input, strlen(a->input));
    if (a->diff != NULL)
        diff_lines(l, a->diff, w);
}

static void asked_outcome(struct lines *l, const struct ui *u,
                          const struct proposal *p, int w, int64_t now_ms)
{
    char left[12];

    lines_next(l);
    lines_next(l);
    if (!proposal_open(p)) {
        lines_fmt(l, 0, 12, ROLE_DIM, 0, "decided");
        lines_fmt(l, 14, w - 14, ROLE_TEXT, 0, "%s%s%s%s%s",
                  p->phase == PROPOSAL_OTHER ? p->phase_text
                                             : look_phase(p->phase).word,
                  p->decider ? " by " : "", p->decider ? p->decider : "",
                  p->decider_text ? ": " : "",
                  p->decider_text ? p->decider_text : "");
        return;
    }
    lines_fmt(l, 0, 14, ROLE_DIM, 0, "an answer");
    lines_fmt(l, 14, w - 14, ROLE_INFO, 0, "POST /api/v1/proposals/%s/decision",
              p->name);
    lines_next(l);
    lines_fmt(l, 14, w - 14, ROLE_DIM, 0, "%s",
              u->acts && !u->read_only ? "a approves, r rejects with a reason"
                                       : "this console only reads: nothing is "
                                         "sent from here");
    lines_next(l);
    if (p->asked->deadline_ms > 0) {
        when_age(p->asked->deadline_ms > now_ms
                     ? p->asked->deadline_ms - now_ms : 0, left, sizeof left);
        lines_fmt(l, 14, w - 14, ROLE_DIM, 0,
                  "if nobody decides it expires in %s, undone", left);
    } else {
        lines_fmt(l, 14, w - 14, ROLE_DIM, 0,
                  "if nobody decides it waits until who asks leaves");
    }
}

static void risk(struct lines *l, const struct proposal *p, int w)
{
    const struct risk *r = &p->risk;
    const struct risk_input *in = &p->size;
    enum risk_level level = risk_level((double)r->total);
    int net = in->tests_added - in->tests_removed;
    char why[120];

    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 4, ROLE_DIM, 0, "risk");
    lines_fmt(l, 6, 4, look_risk((double)r->total), CELL_BOLD, "%.2f",
              (double)r->total);
    lines_bar(l, 12, w >= 60 ? 40 : 16, (double)r->total,
              risk_level_top(level == RISK_CRITICAL ? RISK_HIGH : level),
              look_risk((double)r->total));
    lines_fmt(l, w >= 60 ? 54 : 30, 0, look_risk((double)r->total), 0, "%s%s",
              need_of(level),
              r->by_operator ? "" : " · computed here, not by the operator");
    factor(l, w, "base", (double)r->base, (double)r->base,
           p->change ? p->change : "?");
    factor(l, w, "× velocity", 1 + (double)r->velocity, (double)r->velocity,
           "proposals of this namespace within the hour");
    snprintf(why, sizeof why, "%d line%s, %d file%s",
             (int)(in->lines_added + in->lines_removed),
             in->lines_added + in->lines_removed == 1 ? "" : "s",
             (int)in->files, in->files == 1 ? "" : "s");
    factor(l, w, "× magnitude", (double)r->magnitude, (double)r->magnitude - 1,
           why);
    snprintf(why, sizeof why, "%d test%s %s", net < 0 ? -net : net,
             net == 1 || net == -1 ? "" : "s",
             net < 0 ? "removed" : "added");
    factor(l, w, "× tests", (double)r->tests,
           net < 0 ? (double)r->tests - 1 : 0, why);
}

static void review(struct lines *l, const struct proposal *p, int w)
{
    const char *obstacle = proposal_obstacle(p);

    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 10, ROLE_DIM, 0, "review");
    lines_fmt(l, 14, 0, ROLE_TEXT, 0, "%d of %d approval%s, %d rejection%s",
              (int)p->approvals, (int)(p->required > 0 ? p->required : 1),
              p->required == 1 || p->required == 0 ? "" : "s",
              (int)p->rejections, p->rejections == 1 ? "" : "s");
    if (p->decider != NULL)
        lines_fmt(l, 48, 0, ROLE_DIM, 0, "last by %s%s%s", p->decider,
                  p->decider_text ? ": " : "",
                  p->decider_text ? p->decider_text : "");
    lines_next(l);
    lines_fmt(l, 14, 0,
              p->tgent == TGENT_PASSED   ? ROLE_GOOD
              : p->tgent == TGENT_FAILED ? ROLE_BAD
                                         : ROLE_DIM,
              0, "t-gent %s", tgent_name(p->tgent));
    if (p->tests_passed + p->tests_failed > 0)
        lines_fmt(l, 48, 0, ROLE_DIM, 0, "%d tests passed, %d failed",
                  (int)p->tests_passed, (int)p->tests_failed);
    if (p->tgent_report != NULL)
        lines_wrap(l, 14, w - 14, ROLE_TEXT, p->tgent_report,
                   strlen(p->tgent_report));
    if (p->cond.type != NULL) {
        lines_next(l);
        lines_fmt(l, 14, 0, ROLE_DIM, 0, "%s %s, %s%s%s", p->cond.type,
                  p->cond.status ? p->cond.status : "?",
                  p->cond.reason ? p->cond.reason : "",
                  p->cond.message ? ": " : "",
                  p->cond.message ? p->cond.message : "");
    }
    if (obstacle != NULL)
        lines_wrap(l, 14, w - 14, ROLE_WAIT, obstacle, strlen(obstacle));
}

static void evidence_thoughts(struct lines *l, const struct ui *u,
                              const struct proposal *p, int w)
{
    const struct thoughts *ts = &u->st->thoughts;
    int shown = 0;
    char clock[9];

    for (uint32_t i = thoughts_count(ts); i > 0 && shown < 4; i--) {
        const struct thought *t = thoughts_at(ts, i - 1);
        struct look look = look_thought((enum thought_kind)t->kind);

        if (t->agent == NULL || t->agent != p->proposer)
            continue;
        when_clock(t->at_ms, clock);
        lines_next(l);
        lines_fmt(l, 2, 9, ROLE_DIM, 0, "%s", clock);
        lines_name(l, 11, 10, look_hue(t->agent), t->agent);
        lines_add(l, 22, w - 22, look.role == ROLE_GOOD ? ROLE_TEXT : look.role,
                  0, t->text, t->len);
        shown++;
    }
    if (shown == 0) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "the proposer has said nothing here");
    }
}

static void evidence_signals(struct lines *l, const struct ui *u,
                             const struct proposal *p, int w, int64_t now_ms)
{
    uint32_t slots[3];
    const char *about = p->target_name ? p->target_name : "";
    int n = heat_signals(u->st, HEAT_BY_TARGET, about, SIGNAL_COUNT, now_ms,
                         slots, 3);

    if (n == 0 && p->proposer != NULL)
        n = heat_signals(u->st, HEAT_BY_AGENT, p->proposer, SIGNAL_COUNT,
                         now_ms, slots, 3);
    for (int i = 0; i < n; i++) {
        const struct pheromone *s = store_pheromone(u->st, slots[i]);
        double v = decay_now(s, now_ms), half = decay_half_life_ms(s);
        char age[12];

        if (v < DECAY_FLOOR)
            continue;
        when_age((int64_t)half, age, sizeof age);
        lines_next(l);
        lines_fmt(l, 2, 9, ROLE_DIM, 0, "now");
        lines_fmt(l, 11, 10, ROLE_BAD, 0, "%s",
                  signal_name((enum signal)s->type));
        lines_fmt(l, 22, w - 22, ROLE_TEXT, 0, "%.2f from %s%s%s%s%s%s", v,
                  s->source ? s->source : "?", half > 0 ? ", half gone in " : "",
                  half > 0 ? age : ", does not fade", s->payload ? ": " : "",
                  s->payload ? s->payload : "", "");
    }
}

/* What became of the proposer's earlier proposals, as far as stored. */
static void evidence_record(struct lines *l, const struct ui *u,
                            const struct proposal *p)
{
    int all = 0, yes = 0, no = 0, expired = 0;

    for (uint32_t i = 0; i < u->st->proposals.used; i++) {
        const struct proposal *q = store_proposal(u->st, i);

        if (q == NULL || q->proposer != p->proposer || q == p)
            continue;
        all++;
        yes += q->phase == PROPOSAL_APPROVED || q->phase == PROPOSAL_MERGED;
        no += q->phase == PROPOSAL_REJECTED;
        expired += q->phase == PROPOSAL_EXPIRED;
    }
    lines_next(l);
    lines_fmt(l, 2, 9, ROLE_DIM, 0, "record");
    lines_fmt(l, 11, 0, ROLE_TEXT, 0,
              "other proposals stored: %d, of them %d approved, %d rejected, "
              "%d expired",
              all, yes, no, expired);
}

/* Its own page, and those it is about. */
static void relatives(struct lines *l, const struct ui *u,
                      const struct proposal *p, int64_t now_ms)
{
    const char *who[] = {p->proposer, p->target_name};
    uint32_t slot, before = SLOT_NONE;

    page_heading(l, "more of it");
    page_row(l, u->st, KIND_PROPOSAL, ui_target_slot(u), now_ms);
    for (int i = 0; i < 2; i++) {
        slot = who[i] == NULL ? SLOT_NONE
                              : store_find(u->st, KIND_AGENT, span_of(p->ns),
                                           span_of(who[i]));
        if (slot != SLOT_NONE && slot != before)
            page_row(l, u->st, KIND_AGENT, slot, now_ms);
        before = slot;
    }
}

static void outcome(struct lines *l, const struct ui *u,
                    const struct proposal *p, int w, int64_t now_ms)
{
    int64_t end = proposal_deadline(p);
    char left[12];

    if (!proposal_open(p))
        return;
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 14, ROLE_DIM, 0, "an approval");
    lines_fmt(l, 14, w - 14, ROLE_INFO, 0,
              "%s PATCH proposals/%s/status, approvals += you",
              u->acts && !u->read_only ? "is" : "would be", p->name);
    lines_next(l);
    lines_fmt(l, 14, w - 14, ROLE_DIM, 0, "%s",
              u->acts && !u->read_only
                  ? "a approves, r rejects with a reason"
                  : "this console only reads: nothing is sent from here");
    if (end != MOMENT_NEVER) {
        when_age(end > now_ms ? end - now_ms : 0, left, sizeof left);
        lines_next(l);
        lines_fmt(l, 14, w - 14, ROLE_DIM, 0,
                  "if nobody decides it expires in %s, undone", left);
    }
}

static void change(struct lines *l, const struct proposal *p)
{
    lines_next(l);
    lines_next(l);
    lines_fmt(l, 0, 0, ROLE_DIM, 0, "change");
    lines_fmt(l, 14, 0, ROLE_TEXT, 0,
              "%d line%s added, %d removed in %d file%s; proposals carry no "
              "patch",
              (int)p->size.lines_added, p->size.lines_added == 1 ? "" : "s",
              (int)p->size.lines_removed, (int)p->size.files,
              p->size.files == 1 ? "" : "s");
}

void decision_draw(struct canvas *c, struct rect r, struct ui *u,
                   int64_t now_ms)
{
    const struct proposal *p = ui_target_proposal(u);
    struct rect k = card_place(r), in = rect_inset(k, 3, 2);
    struct lines l;
    char note[120] = "";

    canvas_dim(c, r);
    canvas_fill(c, k, ROLE_BACK);
    canvas_box(c, k, 0, "decision",
               p ? title_note(p, now_ms, note, sizeof note) : "gone", true);
    if (p == NULL) {
        canvas_str(c, in.x, in.y, "this proposal is not there any more",
                   ROLE_WAIT, 0);
        return;
    }
    lines_init(&l);
    if (u->yaml_wanted) {
        page_yaml(&l, u);
        lines_next(&l);
    }
    head(&l, p, in.w);
    if (memcmp(p->uid, u->target.uid, 16) != 0) {
        lines_next(&l);
        lines_fmt(&l, 0, 0, ROLE_BAD, CELL_BOLD,
                  "another proposal took this name since you opened it");
    }
    if (p->asked != NULL) {
        asked_risk(&l, p, in.w);
        asked_change(&l, p, in.w);
    } else {
        risk(&l, p, in.w);
        change(&l, p);
    }
    lines_next(&l);
    lines_next(&l);
    lines_fmt(&l, 0, 0, ROLE_DIM, 0, "evidence");
    evidence_thoughts(&l, u, p, in.w);
    evidence_signals(&l, u, p, in.w, now_ms);
    evidence_record(&l, u, p);
    if (p->asked != NULL) {
        asked_outcome(&l, u, p, in.w, now_ms);
    } else {
        review(&l, p, in.w);
        outcome(&l, u, p, in.w, now_ms);
    }
    relatives(&l, u, p, now_ms);
    if (!u->yaml_wanted)
        page_yaml(&l, u);
    page_show(c, in, u, &l);
}
