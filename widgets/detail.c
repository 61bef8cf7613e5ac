#include "config.h"

#include "base/when.h"
#include "data/decay.h"
#include "data/health.h"
#include "widgets/lines.h"
#include "widgets/look.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The page of an agent: what it is, why it is so, what runs it, what it
   said, and on demand the object itself. */

#define VALUE 16 /* column of values */

static void heading(struct lines *l, const char *text)
{
    lines_next(l);
    lines_next(l);
    lines_add(l, 0, 0, ROLE_KEY, CELL_BOLD, text, strlen(text));
}

static void pair(struct lines *l, const char *name, const char *value)
{
    lines_next(l);
    lines_add(l, 2, VALUE - 3, ROLE_DIM, 0, name, strlen(name));
    if (value != NULL)
        lines_add(l, VALUE, 0, ROLE_TEXT, 0, value, strlen(value));
    else
        lines_add(l, VALUE, 0, ROLE_DIM, 0, "–", 3);
}

static void identity(struct lines *l, const struct agent *a, int64_t now_ms)
{
    static const char *const origins[] = {
        "the saved picture", "a kgents Agent", "a fracta agent (by label)",
        "a disposable kgents job"};
    char n[12];

    heading(l, "what it is");
    pair(l, "kind", origins[a->origin]);
    pair(l, "namespace", a->ns);
    pair(l, "genus", a->genus);
    pair(l, "image", a->image);
    pair(l, "mode", a->deploy_mode ? a->deploy_mode
                    : a->old_schema ? "(old schema)"
                                    : NULL);
    lines_next(l);
    lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "replicas");
    if (a->replicas == FACT_NONE)
        lines_fmt(l, VALUE, 0, ROLE_DIM, 0, "–");
    else
        lines_fmt(l, VALUE, 0, ROLE_TEXT, 0, "%d wanted", (int)a->replicas);
    lines_next(l);
    lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "created");
    lines_fmt(l, VALUE, 0, ROLE_TEXT, 0, "%s ago",
              look_age(a->created_ms, now_ms, n));
    if (a->generation >= 0 && a->observed >= 0 &&
        a->generation != a->observed) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_WAIT, 0,
                  "the operator has seen generation %d, the spec is at %d",
                  (int)a->observed, (int)a->generation);
    }
    lines_next(l);
    lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "tokens");
    lines_fmt(l, VALUE, 0, a->act.tokens ? ROLE_TEXT : ROLE_DIM, 0, "%s",
              look_count(a->act.tokens, n));
    if (!isnan(a->act.cost))
        lines_fmt(l, VALUE + 10, 0, ROLE_TEXT, 0, "$%.2f", a->act.cost);
}

static void why(struct lines *l, const struct agent *a, int64_t now_ms)
{
    struct testimony t[HEALTH_TESTIMONIES];
    int n = health_explain(a, now_ms, t);
    struct verdict v;
    struct look look;
    char age[12];

    health_judge(a, now_ms, &v);
    look = look_state(v.state);
    heading(l, "how it is");
    lines_next(l);
    lines_fmt(l, 2, VALUE - 3, look.role, CELL_BOLD, "%s",
              agent_state_name(v.state));
    lines_fmt(l, VALUE, 0, look.role == ROLE_DIM ? ROLE_TEXT : look.role, 0,
              "%s%s", v.why[0] ? v.why : "nothing to say against it",
              v.degraded ? " (degraded)" : "");
    for (int i = 0; i < n; i++) {
        lines_next(l);
        lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "%s", t[i].source);
        lines_fmt(l, VALUE, 0, t[i].decided ? ROLE_TEXT : ROLE_DIM, 0,
                  "%s%s%s", t[i].said, t[i].at_ms ? " · " : "",
                  t[i].at_ms ? look_age(t[i].at_ms, now_ms, age) : "");
        if (t[i].decided)
            lines_fmt(l, VALUE - 2, 1, ROLE_FOCUS, CELL_BOLD, "›");
    }
}

static void workload_line(struct lines *l, const struct workload *w,
                          int64_t now_ms)
{
    char age[12];

    lines_next(l);
    lines_fmt(l, 2, 11, ROLE_DIM, 0, "%s", kind_name(w->kind));
    lines_fmt(l, VALUE, 40, ROLE_TEXT, 0, "%s", w->name);
    if (w->kind == KIND_DEPLOYMENT)
        lines_fmt(l, VALUE + 42, 0, ROLE_DIM, 0, "%d of %d ready · %s",
                  (int)w->ready, (int)w->desired,
                  look_age(w->created_ms, now_ms, age));
    else
        lines_fmt(l, VALUE + 42, 0, w->reason ? ROLE_BAD : ROLE_DIM, 0,
                  "%s%s%s · %d restarts · %s%s%s", w->phase ? w->phase : "",
                  w->reason ? " " : "", w->reason ? w->reason : "",
                  (int)w->restarts, look_age(w->created_ms, now_ms, age),
                  w->node ? " · " : "", w->node ? w->node : "");
    if (w->message != NULL) {
        lines_next(l);
        lines_add(l, VALUE, 0, ROLE_BAD, 0, w->message, strlen(w->message));
    }
}

static void workload(struct lines *l, const struct ui *u, uint32_t slot,
                     int64_t now_ms)
{
    uint32_t at = store_root(u->st, slot);
    const struct workload *root = store_workload(u->st, at), *w;
    const struct agent *other;
    int shown = 0, sharing = 0;

    heading(l, "what runs it");
    if (root == NULL || (!root->known && root->child == SLOT_NONE)) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "no workload seen");
        return;
    }
    if (root->known)
        workload_line(l, root, now_ms);
    for (uint32_t i = root->child; i != SLOT_NONE; i = w->sibling) {
        w = store_workload(u->st, i);
        if (shown++ < 20)
            workload_line(l, w, now_ms);
    }
    for (uint32_t i = root->agents; i != SLOT_NONE; i = other->next_on_root) {
        other = store_agent(u->st, i);
        if (i == slot || sharing++ >= 5)
            continue;
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_WAIT, 0,
                  "shared with agent %s: what stops one stops both",
                  other->name);
    }
}

static void belongings(struct lines *l, const struct ui *u,
                       const struct agent *a)
{
    bool any = false;

    for (uint32_t i = 0; i < u->st->objects.used; i++) {
        const struct object *b = store_object(u->st, i);

        if (b == NULL || b->ns != a->ns)
            continue;
        if (b->owner != a->name && b->name != a->memory &&
            b->name != a->umwelt && b->kind != KIND_QUOTA)
            continue;
        if (!any)
            heading(l, "what belongs to it");
        any = true;
        lines_next(l);
        lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "%s", kind_name(b->kind));
        lines_fmt(l, VALUE, 40, ROLE_TEXT, 0, "%s", b->name);
        lines_fmt(l, VALUE + 42, 0, ROLE_DIM, 0, "%s%s%s",
                  b->phase ? b->phase : "no status", b->note ? " · " : "",
                  b->note ? b->note : "");
        if (!isnan(b->share) && b->share >= 0.9)
            lines_fmt(l, VALUE + 32, 9, ROLE_BAD, 0, "%.0f%% used",
                      b->share * 100);
    }
}

static void signals(struct lines *l, const struct ui *u, const struct agent *a,
                    int64_t now_ms)
{
    uint32_t slots[8];
    int n = heat_signals(u->st, HEAT_BY_AGENT, a->name, SIGNAL_COUNT, now_ms,
                         slots, 8);

    if (n == 0)
        return;
    heading(l, "its signals");
    for (int i = 0; i < n; i++) {
        const struct pheromone *p = store_pheromone(u->st, slots[i]);
        double v = decay_now(p, now_ms);

        if (v < DECAY_FLOOR)
            break; /* they come strongest first */
        lines_next(l);
        lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "%s",
                  p->other_type ? p->other_type
                                : signal_name((enum signal)p->type));
        lines_meter(l, VALUE, 10, v, role_heat(0.3 + v * 0.7));
        lines_fmt(l, VALUE + 12, 0, ROLE_TEXT, 0, "%.2f%s%s%s%s", v,
                  p->target ? " → " : "", p->target ? p->target : "",
                  p->payload ? ": " : "", p->payload ? p->payload : "");
    }
}

static void words(struct lines *l, const struct ui *u, const struct agent *a)
{
    const struct thoughts *ts = &u->st->thoughts;
    int shown = 0;
    char clock[9];

    heading(l, "what it said, latest first");
    for (uint32_t i = thoughts_count(ts); i > 0 && shown < 200; i--) {
        const struct thought *t = thoughts_at(ts, i - 1);
        struct look look = look_thought((enum thought_kind)t->kind);

        if (t->agent != a->name || t->ns != a->ns)
            continue;
        when_clock(t->at_ms, clock);
        lines_next(l);
        lines_fmt(l, 2, 9, ROLE_DIM, 0, "%s", clock);
        lines_fmt(l, 11, 9, look.role, 0, "%s", look.word);
        lines_add(l, 21, 0, look.role == ROLE_GOOD ? ROLE_TEXT : look.role, 0,
                  t->text, t->len);
        shown++;
    }
    if (shown == 0) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "nothing yet");
    }
}

void object_lines(struct lines *l, const struct ui *u)
{
    const char *p = buf_text(&u->yaml), *end = p + u->yaml.len;

    heading(l, "the object");
    if (u->yaml.len == 0) {
        lines_next(l);
        if (u->yaml_error.code != 0)
            lines_fmt(l, 2, 0, ROLE_BAD, 0, "%s", u->yaml_error.msg);
        else
            lines_fmt(l, 2, 0, ROLE_DIM, 0, "%s",
                      u->yaml_waits ? "asking the server…"
                                    : "y fetches it as YAML");
        return;
    }
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t n = nl != NULL ? (size_t)(nl - p) : (size_t)(end - p);

        lines_next(l);
        lines_add(l, 2, 0, ROLE_TEXT, 0, p, n);
        p += n + 1;
    }
    if (l->cut > 0)
        lines_fmt(l, 2, 0, ROLE_WAIT, 0, "%d lines more", l->cut);
}

void detail_draw(struct canvas *c, struct rect r, struct ui *u,
                 int64_t now_ms)
{
    uint32_t slot = store_find(u->st, KIND_AGENT, span_of(u->target.ns),
                               span_of(u->target.name));
    const struct agent *a = store_agent(u->st, slot);
    struct rect in = rect_inset(r, 3, 1);
    struct lines l;
    char note[80] = "gone", n[12];

    canvas_fill(c, r, ROLE_BACK);
    if (a != NULL)
        snprintf(note, sizeof note, "%s · last event %s ago",
                 agent_state_name(a->state),
                 look_age(a->act.last_ms, now_ms, n));
    canvas_box(c, r, 0, u->target.name, note, true);
    if (a == NULL) {
        canvas_str(c, in.x, in.y + 1, "this agent is not there any more",
                   ROLE_WAIT, 0);
        return;
    }
    lines_init(&l);
    if (u->yaml_wanted) /* asked for: it comes first */
        object_lines(&l, u);
    why(&l, a, now_ms);
    identity(&l, a, now_ms);
    workload(&l, u, slot, now_ms);
    belongings(&l, u, a);
    signals(&l, u, a, now_ms);
    words(&l, u, a);
    if (!u->yaml_wanted)
        object_lines(&l, u);
    u->page_top = lines_draw(c, in, &l, u->page_top);
    u->page_lines = l.count;
    u->page_room = in.h;
    scroll_mark(c, r, (uint32_t)u->page_top, (uint32_t)l.count, in.h);
    lines_finish(&l);
}
