#include "config.h"

#include "data/decay.h"
#include "data/health.h"
#include "widgets/look.h"
#include "widgets/objective.h"
#include "widgets/page.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * The page of any object: what it is, why it is so, what belongs to it, what
 * was told of it and said, and on demand the object itself. Agents have more
 * to tell; all other kinds share one page, whose facts are their fields.
 */

#define VALUE PAGE_VALUE

/* A fact that only some have: no line where it is not known. */
static void known(struct lines *l, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        page_pair(l, name, value);
}

/* Why it is still there, and who must let go. */
static void held_lines(struct lines *l, const struct agent *a,
                       const struct store *st)
{
    bool kopf = strncmp(a->finalizer, "kopf.", 5) == 0;
    bool down = st->operator_plane != NULL &&
                st->operator_plane->state == PLANE_DOWN;

    lines_next(l);
    lines_fmt(l, 2, 0, ROLE_WAIT, 0,
              "its finalizer keeps it until %s has cleaned up and takes it "
              "away%s",
              kopf ? "the kgents operator" : "who set it",
              kopf && down ? ", and that is down" : "");
    lines_next(l);
    lines_fmt(l, 2, 0, ROLE_DIM, 0,
              "if nobody will any more: kubectl patch agent %.60s -n %.60s "
              "--type=merge -p '{\"metadata\":{\"finalizers\":null}}'",
              a->name, a->ns);
}

static void identity(struct lines *l, const struct agent *a,
                     const struct store *st, int64_t now_ms)
{
    static const char *const origins[] = {
        "the saved picture", "a kgents Agent", "a fracta agent (by label)",
        "a disposable kgents job", "a process of this machine"};
    char n[12], wanted[24];

    snprintf(wanted, sizeof wanted, "%d wanted", (int)a->replicas);
    page_heading(l, "what it is");
    page_pair(l, "kind", origins[a->origin]);
    page_pair(l, "namespace", a->ns);
    if (a->origin == AGENT_ORIGIN_KGENTS) {
        page_pair(l, "genus", a->genus);
        page_pair(l, "image", a->image);
        page_pair(l, "mode", a->deploy_mode ? a->deploy_mode
                        : a->old_schema ? "(old schema)"
                                        : NULL);
        page_pair(l, "replicas", a->replicas != FACT_NONE ? wanted : NULL);
    } else {
        known(l, "genus", a->genus);
        known(l, "image", a->image);
        known(l, "mode", a->deploy_mode);
        known(l, "replicas", a->replicas != FACT_NONE ? wanted : NULL);
    }
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
    if (a->deleted_ms > 0 && a->finalizer != NULL)
        held_lines(l, a, st);
    if (a->run != NULL) /* its run has told them */
        return;
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
    page_heading(l, "how it is");
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

/* A process of this machine: what the kernel and the habitat know. */
static void process(struct lines *l, const struct agent *a, int64_t now_ms)
{
    const struct run *r = a->run;
    bool external = r->mode != NULL && strcmp(r->mode, "external") == 0;
    char n[12], text[200];

    page_heading(l, external ? "what it is" : "its process");
    if (external) {
        page_pair(l, "kind", "it speaks to the habitat; no process of it");
    } else {
        page_pair(l, "command", r->command);
        page_pair(l, "in", r->dir);
    }
    page_pair(l, "genus", a->genus);
    page_pair(l, "title", r->title);
    page_pair(l, "intent", r->intent);
    if (r->pid > 0) {
        snprintf(text, sizeof text, "%lld, %lld in its tree",
                 (long long)r->pid,
                 (long long)(r->processes > 0 ? r->processes : 1));
        page_pair(l, "pid", text);
    }
    if (r->rss != FACT_NONE && r->pid > 0) {
        snprintf(text, sizeof text, "%.1f MB, CPU %.0f %%",
                 (double)r->rss / 1e6, isnan(r->cpu) ? 0 : r->cpu * 100);
        page_pair(l, "memory", text);
    }
    if (r->starts > 1) {
        snprintf(text, sizeof text, "%lld times", (long long)r->starts);
        page_pair(l, "started", text);
    }
    if (r->ended_ms > 0) {
        snprintf(text, sizeof text, "%s ago, %s",
                 look_age(r->ended_ms, now_ms, n),
                 r->reason ? r->reason : r->status);
        page_pair(l, "ended", text);
    }
    snprintf(text, sizeof text, "%s ago", look_age(a->created_ms, now_ms, n));
    page_pair(l, "created", text);
    look_count(a->act.tokens, n);
    if (r->budget > 0)
        snprintf(text, sizeof text, "%s of %lld (%.0f %%)", n,
                 (long long)r->budget,
                 100.0 * (double)a->act.tokens / (double)r->budget);
    else
        snprintf(text, sizeof text, "%s", n);
    if (!isnan(a->act.cost))
        snprintf(text + strlen(text), sizeof text - strlen(text), ", $%.2f",
                 a->act.cost);
    page_pair(l, "tokens", text);
}

/* "12m ago"; NULL for a time that is not known. */
static const char *ago(int64_t at_ms, int64_t now_ms, char *ret, size_t size)
{
    char n[12];

    if (at_ms <= 0)
        return NULL;
    snprintf(ret, size, "%s ago", look_age(at_ms, now_ms, n));
    return ret;
}

static const char *count(int64_t n, char *ret, size_t size)
{
    if (n == FACT_NONE)
        return NULL;
    snprintf(ret, size, "%lld", (long long)n);
    return ret;
}

/* "41, claimed"; "none" where that was told; NULL: not known. */
static const char *mission(const struct run *r, char *ret, size_t size)
{
    if (r->mission <= 0)
        return r->mission_status;
    snprintf(ret, size, "%lld%s%s", (long long)r->mission,
             r->mission_status != NULL ? ", " : "",
             r->mission_status != NULL ? r->mission_status : "");
    return ret;
}

/* A run of a control plane, joined from all that tell of it. */
static void remote_run(struct lines *l, const struct agent *a, int64_t now_ms)
{
    const struct run *r = a->run;
    char text[200], n[12];

    page_heading(l, "its run");
    page_pair(l, "runtime", r->runtime);
    page_pair(l, "model", r->model);
    page_pair(l, "mode", r->mode);
    known(l, "branch", r->branch);
    known(l, "from", r->base);
    known(l, "in", r->dir);
    known(l, "objective", r->objective);
    page_pair(l, "mission", mission(r, text, sizeof text));
    known(l, "phase", r->phase);
    known(l, "tool", r->tool);
    known(l, "intent", r->intent);
    known(l, "unread", r->unread > 0 ? count(r->unread, text, sizeof text)
                                      : NULL);
    known(l, "heartbeat", ago(r->beat_ms, now_ms, text, sizeof text));
    page_pair(l, "started", ago(r->started_ms, now_ms, text, sizeof text));
    known(l, "output", r->output);
    look_count(a->act.tokens, n);
    snprintf(text, sizeof text, "%s", n);
    if (!isnan(a->act.cost))
        snprintf(text + strlen(text), sizeof text - strlen(text), ", $%.2f",
                 a->act.cost);
    page_pair(l, "tokens", text);
}

static void workload_line(struct lines *l, const struct ui *u, uint32_t slot,
                          int64_t now_ms)
{
    const struct workload *w = store_workload(u->st, slot);

    page_row(l, u->st, w->kind, slot, now_ms);
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

    page_heading(l, "what runs it");
    if (root == NULL || (!root->known && root->child == SLOT_NONE)) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_DIM, 0, "no workload seen");
        return;
    }
    if (root->known)
        workload_line(l, u, at, now_ms);
    for (uint32_t i = root->child; i != SLOT_NONE; i = w->sibling) {
        w = store_workload(u->st, i);
        if (shown++ < 20)
            workload_line(l, u, i, now_ms);
    }
    for (uint32_t i = root->agents; i != SLOT_NONE; i = other->next_on_root) {
        other = store_agent(u->st, i);
        if (i == slot || sharing++ >= 5)
            continue;
        lines_next(l);
        lines_link(l, KIND_AGENT, i);
        lines_fmt(l, 2, 0, ROLE_WAIT, 0,
                  "shared with agent %s: what stops one stops both",
                  other->name);
    }
}

static void belongings(struct lines *l, const struct ui *u,
                       const struct agent *a, int64_t now_ms)
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
            page_heading(l, "what belongs to it");
        any = true;
        page_row(l, u->st, b->kind, i, now_ms);
    }
}

/* What it asked for, what waits first. */
static void asked(struct lines *l, const struct ui *u, const struct agent *a,
                  int64_t now_ms)
{
    int shown = 0;

    for (int open = 1; open >= 0; open--) {
        for (uint32_t i = 0; i < u->st->proposals.used && shown < 8; i++) {
            const struct proposal *p = store_proposal(u->st, i);

            if (p == NULL || p->proposer != a->name || p->ns != a->ns ||
                proposal_open(p) != (open == 1))
                continue;
            if (shown++ == 0)
                page_heading(l, "what it asked for");
            page_row(l, u->st, KIND_PROPOSAL, i, now_ms);
        }
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
    page_heading(l, "its signals");
    for (int i = 0; i < n; i++) {
        const struct pheromone *p = store_pheromone(u->st, slots[i]);
        double v = decay_now(p, now_ms);

        if (v < DECAY_FLOOR)
            break; /* they come strongest first */
        lines_next(l);
        lines_link(l, KIND_PHEROMONE, slots[i]);
        lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "%s",
                  p->other_type ? p->other_type
                                : signal_name((enum signal)p->type));
        lines_meter(l, VALUE, 10, v, role_heat(0.3 + v * 0.7));
        lines_fmt(l, VALUE + 12, 0, ROLE_TEXT, 0, "%.2f%s%s%s%s", v,
                  p->target ? " → " : "", p->target ? p->target : "",
                  p->payload ? ": " : "", p->payload ? p->payload : "");
    }
}

/* No cluster shows it. */
static bool run_only(const struct agent *a)
{
    return a->origin == AGENT_ORIGIN_RUN;
}

/* What it wrote into the knowledge graph, where that is of its fleet. */
static void findings(struct lines *l, const struct ui *u,
                     const struct agent *a, int width, int64_t now_ms)
{
    if (u->graph == NULL || strcmp(u->graph->ns, a->ns) != 0)
        return;
    page_heading(l, "its findings in the knowledge graph, latest first");
    graph_answer_lines(l, u->graph, GRAPH_TOPIC_WRITTEN, a->name, width,
                       now_ms);
}

static void agent_lines(struct lines *l, const struct ui *u, uint32_t slot,
                        int width, int64_t now_ms)
{
    const struct agent *a = store_agent(u->st, slot);

    why(l, a, now_ms);
    if (a->run != NULL && agent_local(a)) {
        process(l, a, now_ms);
    } else {
        if (a->run != NULL)
            remote_run(l, a, now_ms);
        findings(l, u, a, width, now_ms);
        if (!run_only(a)) {
            identity(l, a, u->st, now_ms);
            workload(l, u, slot, now_ms);
        }
    }
    belongings(l, u, a, now_ms);
    asked(l, u, a, now_ms);
    signals(l, u, a, now_ms);
    page_words(l, u, &slot, 1);
    page_events(l, u, KIND_AGENT, slot);
}

static const struct condition *condition_of(const struct store *st,
                                            enum kind kind, uint32_t slot)
{
    return kind == KIND_PHEROMONE  ? NULL
           : kind == KIND_PROPOSAL ? &store_proposal(st, slot)->cond
           : kind_runs(kind)       ? &store_workload(st, slot)->cond
                                   : &store_object(st, slot)->cond;
}

/* The rows above, beside and below it. */
static void relatives(struct lines *l, const struct ui *u, enum kind kind,
                      uint32_t slot, const uint32_t *agents, int count,
                      int64_t now_ms)
{
    const struct workload *w =
        kind_runs(kind) ? store_workload(u->st, slot) : NULL;
    const char *ns = u->target.ns, *about = NULL;
    uint32_t root = w && w->root != SLOT_NONE ? w->root : slot, to;
    int before = l->link_count;

    page_heading(l, "what it belongs to");
    for (int i = 0; i < count; i++)
        page_row(l, u->st, KIND_AGENT, agents[i], now_ms);
    if (kind == KIND_PHEROMONE)
        about = store_pheromone(u->st, slot)->target;
    else if (kind == KIND_PROPOSAL)
        about = store_proposal(u->st, slot)->target_name;
    to = about == NULL
             ? SLOT_NONE
             : store_find(u->st, KIND_AGENT, span_of(ns), span_of(about));
    if (to != SLOT_NONE && (count == 0 || to != agents[0]))
        page_row(l, u->st, KIND_AGENT, to, now_ms);
    if (w != NULL) {
        if (root != slot && store_workload(u->st, root)->known)
            workload_line(l, u, root, now_ms);
        to = store_workload(u->st, root)->child;
        for (int n = 0; to != SLOT_NONE && n < 20; n++) {
            if (to != slot)
                workload_line(l, u, to, now_ms);
            to = store_workload(u->st, to)->sibling;
        }
    }
    if (l->link_count == before)
        page_pair(l, "agent", NULL);
}

static void other_lines(struct lines *l, const struct ui *u, enum kind kind,
                        uint32_t slot, int64_t now_ms)
{
    const struct condition *c = condition_of(u->st, kind, slot);
    uint32_t agents[PAGE_AGENTS_MAX];
    int count = page_agents(u->st, kind, slot, agents, PAGE_AGENTS_MAX);
    char words[400];
    enum role role =
        page_state(u->st, kind, slot, now_ms, words, sizeof words);

    page_heading(l, "how it is");
    lines_next(l);
    lines_fmt(l, 2, VALUE - 3, ROLE_DIM, 0, "now");
    lines_fmt(l, VALUE, 0, role == ROLE_DIM ? ROLE_TEXT : role, 0, "%s",
              words);
    if (c != NULL)
        page_condition(l, c, now_ms);
    page_heading(l, "what it is");
    page_fields(l, u->st, kind, slot, now_ms);
    relatives(l, u, kind, slot, agents, count, now_ms);
    page_events(l, u, kind, slot);
    page_words(l, u, agents, count);
}

void detail_draw(struct canvas *c, struct rect r, struct ui *u,
                 int64_t now_ms)
{
    enum kind kind = u->target.kind;
    uint32_t slot = ui_target_slot(u);
    const struct agent *a =
        kind == KIND_AGENT ? store_agent(u->st, slot) : NULL;
    struct rect in = rect_inset(r, 3, 1);
    struct lines l;
    char note[80] = "gone", n[12];

    canvas_fill(c, r, ROLE_BACK);
    if (a != NULL)
        snprintf(note, sizeof note, "%s · last event %s ago",
                 agent_state_name(a->state),
                 look_age(a->act.last_ms, now_ms, n));
    else if (slot != SLOT_NONE && kind == KIND_OBJECTIVE)
        snprintf(note, sizeof note, "%.40s objective",
                 store_object(u->st, slot)->phase
                     ? store_object(u->st, slot)->phase
                     : "");
    else if (slot != SLOT_NONE)
        snprintf(note, sizeof note, "%s", kind_object_name(kind));
    canvas_box(c, r, 0, u->target.name, note, true);
    lines_init(&l);
    if (slot == SLOT_NONE) {
        lines_next(&l);
        lines_fmt(&l, 0, 0, ROLE_WAIT, 0, "this %s is not there any more",
                  kind == KIND_AGENT ? "agent" : "object");
    } else {
        if (u->yaml_wanted) /* asked for: it comes first */
            page_yaml(&l, u);
        if (a != NULL)
            agent_lines(&l, u, slot, in.w, now_ms);
        else if (kind == KIND_OBJECTIVE)
            objective_lines(&l, u, slot, in.w, now_ms);
        else
            other_lines(&l, u, kind, slot, now_ms);
        if (!u->yaml_wanted)
            page_yaml(&l, u);
    }
    page_show(c, in, u, &l);
    scroll_mark(c, r, (uint32_t)u->page_top, (uint32_t)u->page_lines, in.h);
}
