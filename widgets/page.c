#include "config.h"

#include "widgets/page.h"

#include "base/when.h"
#include "data/decay.h"
#include "data/delay.h"
#include "data/fields.h"
#include "widgets/look.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_SHOWN 40
#define WORDS_SHOWN 200

void page_heading(struct lines *l, const char *text)
{
    lines_next(l);
    lines_next(l);
    lines_add(l, 0, 0, ROLE_KEY, CELL_BOLD, text, strlen(text));
}

void page_pair(struct lines *l, const char *name, const char *value)
{
    lines_next(l);
    lines_add(l, 2, PAGE_VALUE - 3, ROLE_DIM, 0, name, strlen(name));
    if (value != NULL)
        lines_add(l, PAGE_VALUE, 0, ROLE_TEXT, 0, value, strlen(value));
    else
        lines_add(l, PAGE_VALUE, 0, ROLE_DIM, 0, "–", 3);
}

void page_condition(struct lines *l, const struct condition *c, int64_t now_ms)
{
    char age[12];

    if (c->type == NULL)
        return;
    lines_next(l);
    lines_fmt(l, 2, PAGE_VALUE - 3, ROLE_DIM, 0, "condition");
    lines_fmt(l, PAGE_VALUE, 0, ROLE_TEXT, 0, "%s %s%s%s%s%s%s%s", c->type,
              c->status ? c->status : "?", c->reason ? " " : "",
              c->reason ? c->reason : "", c->message ? ": " : "",
              c->message ? c->message : "", c->at_ms ? " · " : "",
              c->at_ms ? look_age(c->at_ms, now_ms, age) : "");
}

/* A field's value for people; NULL when it is not known. */
static const char *field_words(const struct field_row *row,
                               const struct field_value *v, char *ret,
                               size_t size)
{
    double n = v->number;
    char span[16];

    if (v->text.p != NULL) {
        snprintf(ret, size, "%.*s", (int)v->text.n, v->text.p);
        return ret;
    }
    if (isnan(n))
        return NULL;
    switch (row->unit) {
    case FIELD_SPAN:
        when_age((int64_t)(n < 0 ? -n : n), span, sizeof span);
        snprintf(ret, size, "%s%s", n < 0 ? "–" : "", span);
        break;
    case FIELD_FRACTION:
        snprintf(ret, size, "%.2f", n);
        break;
    case FIELD_PERCENT:
        snprintf(ret, size, "%.0f %%", n);
        break;
    default:
        snprintf(ret, size, "%.0f", n);
        break;
    }
    return ret;
}

void page_fields(struct lines *l, const struct store *st, enum kind kind,
                 uint32_t slot, int64_t now_ms)
{
    const struct field_row *rows = field_rows(kind);

    for (int i = 0; rows[i].name != NULL; i++) {
        struct field_value v;
        char words[600];

        if (!field_applies(kind, i))
            continue;
        field_get(st, kind, slot, i, now_ms, &v);
        page_pair(l, rows[i].name,
                  field_words(&rows[i], &v, words, sizeof words));
    }
}

static enum role workload_state(const struct workload *w, int64_t now_ms,
                                char *ret, size_t size)
{
    char age[12];

    look_age(w->created_ms, now_ms, age);
    if (w->kind == KIND_DEPLOYMENT)
        snprintf(ret, size, "%d of %d ready · %s%s%s", (int)w->ready,
                 (int)w->desired, age, w->reason ? " · " : "",
                 w->reason ? w->reason : "");
    else if (w->kind == KIND_JOB)
        snprintf(ret, size, "%s%s%s · %s",
                 w->failed      ? "failed"
                 : w->succeeded ? "complete"
                 : w->active    ? "active"
                                : "not begun",
                 w->reason ? " " : "", w->reason ? w->reason : "", age);
    else
        snprintf(ret, size, "%s%s%s · %d restart%s · %s%s%s",
                 w->phase ? w->phase : "no phase", w->reason ? " " : "",
                 w->reason ? w->reason : "", (int)w->restarts,
                 w->restarts == 1 ? "" : "s", age, w->node ? " · " : "",
                 w->node ? w->node : "");
    return w->reason ? ROLE_BAD : ROLE_DIM;
}

static enum role mission_state(const struct object *b, char *ret, size_t size)
{
    const struct mission *m = b->mission;
    bool failed = b->phase != NULL && strcmp(b->phase, "failed") == 0;

    snprintf(ret, size, "%s%s%s%s%s", b->phase ? b->phase : "no status",
             m->claimed_by ? " by " : "", m->claimed_by ? m->claimed_by : "",
             m->error ? " · " : "", m->error ? m->error : "");
    return failed ? ROLE_BAD : ROLE_DIM;
}

static enum role objective_state(const struct object *b, char *ret,
                                 size_t size)
{
    const struct objective *v = b->objective;
    bool frozen = b->phase != NULL && strcmp(b->phase, "frozen") == 0;
    char used[48] = "";

    if (v->missions != FACT_NONE && v->max_missions != FACT_NONE)
        snprintf(used, sizeof used, " · %lld of %lld missions",
                 (long long)v->missions, (long long)v->max_missions);
    snprintf(ret, size, "%s%s%s%s", b->phase ? b->phase : "no status", used,
             v->description ? " · " : "",
             v->description ? v->description : "");
    return frozen ? ROLE_WAIT : ROLE_DIM;
}

static enum role object_state(const struct object *b, char *ret, size_t size)
{
    bool full = !isnan(b->share) && b->share >= 0.9;

    if (b->kind == KIND_QUOTA)
        snprintf(ret, size, "%s%s", b->note ? b->note : "",
                 full ? " · nearly full" : "");
    else if (b->kind == KIND_MISSION && b->mission != NULL)
        return mission_state(b, ret, size);
    else if (b->kind == KIND_OBJECTIVE && b->objective != NULL)
        return objective_state(b, ret, size);
    else if (b->kind == KIND_UMWELT && b->number != FACT_NONE)
        snprintf(ret, size, "budget of %lld tokens", (long long)b->number);
    else
        snprintf(ret, size, "%s%s%s", b->phase ? b->phase : "no status",
                 b->note ? " · " : "", b->note ? b->note : "");
    return full ? ROLE_BAD : ROLE_DIM;
}

enum role page_state(const struct store *st, enum kind kind, uint32_t slot,
                     int64_t now_ms, char *ret, size_t size)
{
    const struct pheromone *s;
    const struct proposal *p;
    const struct agent *a;

    *ret = '\0';
    if (kind == KIND_AGENT && (a = store_agent(st, slot)) != NULL) {
        snprintf(ret, size, "%s%s%s", agent_state_name(a->state),
                 a->why ? " · " : "", a->why ? a->why : "");
        return look_state(a->state).role;
    }
    if (kind == KIND_PROPOSAL && (p = store_proposal(st, slot)) != NULL) {
        bool judged = p->asked == NULL || p->asked->known;
        char risk[24] = "";

        if (judged)
            snprintf(risk, sizeof risk, " · risk %.2f",
                     (double)p->risk.total);
        snprintf(ret, size, "%s%s",
                 p->phase == PROPOSAL_OTHER ? p->phase_text
                                            : look_phase(p->phase).word,
                 risk);
        return look_phase(p->phase).role;
    }
    if (kind == KIND_PHEROMONE && (s = store_pheromone(st, slot)) != NULL)
        snprintf(ret, size, "%.2f%s%s%s%s", decay_now(s, now_ms),
                 s->target ? " → " : "", s->target ? s->target : "",
                 s->payload ? ": " : "", s->payload ? s->payload : "");
    else if (kind_runs(kind) && store_workload(st, slot) != NULL)
        return workload_state(store_workload(st, slot), now_ms, ret, size);
    else if (kind > KIND_PROPOSAL && !kind_runs(kind) &&
             store_object(st, slot) != NULL)
        return object_state(store_object(st, slot), ret, size);
    return ROLE_TEXT;
}

static const char *row_name(const struct store *st, enum kind kind,
                            uint32_t slot)
{
    const char *ns, *name;

    return store_names(st, kind, slot, &ns, &name) ? name : "?";
}

void page_row(struct lines *l, const struct store *st, enum kind kind,
              uint32_t slot, int64_t now_ms)
{
    const struct proposal *p =
        kind == KIND_PROPOSAL ? store_proposal(st, slot) : NULL;
    const char *name = p ? p->title : row_name(st, kind, slot);
    char words[400];
    enum role role = page_state(st, kind, slot, now_ms, words, sizeof words);

    lines_next(l);
    lines_link(l, kind, slot);
    lines_fmt(l, 2, PAGE_VALUE - 3, ROLE_DIM, 0, "%s",
              kind_object_name(kind));
    lines_add(l, PAGE_VALUE, 40, ROLE_TEXT, 0, name, strlen(name));
    lines_add(l, PAGE_VALUE + 42, 0, role, 0, words, strlen(words));
}

/* Takes the agent of that name, once. */
static int add_agent(const struct store *st, const char *ns, const char *name,
                     uint32_t *ret, int n, int max)
{
    uint32_t slot = name == NULL
                        ? SLOT_NONE
                        : store_find(st, KIND_AGENT, span_of(ns),
                                     span_of(name));

    for (int i = 0; i < n; i++)
        if (ret[i] == slot)
            return n;
    if (slot != SLOT_NONE && n < max)
        ret[n++] = slot;
    return n;
}

/* Who names the object as its memory or umwelt. */
static int add_users(const struct store *st, const struct object *b,
                     uint32_t *ret, int n, int max)
{
    for (uint32_t i = 0; i < st->agents.used && n < max; i++) {
        const struct agent *a = store_agent(st, i);

        if (a != NULL && a->ns == b->ns &&
            ((b->kind == KIND_MEMORY && a->memory == b->name) ||
             (b->kind == KIND_UMWELT && a->umwelt == b->name)))
            n = add_agent(st, a->ns, a->name, ret, n, max);
    }
    return n;
}

int page_agents(const struct store *st, enum kind kind, uint32_t slot,
                uint32_t *ret, int max)
{
    const struct workload *w;
    const struct pheromone *s;
    const struct proposal *p;
    const struct object *b;
    int n = 0;

    if (kind == KIND_AGENT) {
        if (store_agent(st, slot) != NULL && max > 0)
            ret[n++] = slot;
    } else if (kind == KIND_PHEROMONE) {
        if ((s = store_pheromone(st, slot)) != NULL)
            n = add_agent(st, s->ns, s->source, ret, n, max);
    } else if (kind == KIND_PROPOSAL) {
        if ((p = store_proposal(st, slot)) != NULL)
            n = add_agent(st, p->ns, p->proposer, ret, n, max);
    } else if (kind_runs(kind)) {
        w = store_workload(st, slot);
        if (w != NULL && w->root != SLOT_NONE)
            w = store_workload(st, w->root);
        for (uint32_t i = w ? w->agents : SLOT_NONE; i != SLOT_NONE && n < max;
             i = store_agent(st, i)->next_on_root)
            ret[n++] = i;
    } else if ((b = store_object(st, slot)) != NULL) {
        n = add_agent(st, b->ns, b->owner, ret, n, max);
        if (kind == KIND_MEMORY || kind == KIND_UMWELT)
            n = add_users(st, b, ret, n, max);
    }
    return n;
}

static void word(struct lines *l, const struct thought *t, bool who)
{
    struct look look = look_thought((enum thought_kind)t->kind);
    char clock[9];
    int x = 21;

    when_clock(t->at_ms, clock);
    lines_next(l);
    lines_fmt(l, 2, 9, ROLE_DIM, 0, "%s", clock);
    lines_fmt(l, 11, 9, look.role, 0, "%s", look.word);
    if (who && t->agent != NULL) {
        lines_name(l, x, 12, look_hue(t->agent), t->agent);
        x += 13;
    }
    if (t->times > 1) {
        char times[16];

        look_times(t->times, times);
        lines_fmt(l, x, 0, ROLE_WAIT, 0, "%s", times);
        x += text_width(times, strlen(times)) + 1;
    }
    lines_add(l, x, 0, look.role == ROLE_GOOD ? ROLE_TEXT : look.role, 0,
              t->text, t->len);
}

static void nothing_yet(struct lines *l)
{
    lines_next(l);
    lines_fmt(l, 2, 0, ROLE_DIM, 0, "nothing yet");
}

void page_events(struct lines *l, const struct ui *u, enum kind kind,
                 uint32_t slot)
{
    const struct thoughts *ts = &u->st->thoughts;
    const struct thought *last = NULL;
    const char *ns, *name;
    int shown = 0;

    if (!store_names(u->st, kind, slot, &ns, &name))
        return;
    page_heading(l, "its events, latest first");
    for (uint32_t i = thoughts_count(ts); i > 0 && shown < EVENTS_SHOWN; i--) {
        const struct thought *t = thoughts_at(ts, i - 1);
        bool its = t->about == name && t->about_kind == kind;

        if (kind == KIND_AGENT)
            its = t->about != NULL && t->agent == name;
        /* one event may be told of several agents */
        if (!its || t->ns != ns ||
            (last != NULL && last->at_ms == t->at_ms &&
             last->about == t->about && last->len == t->len &&
             memcmp(last->text, t->text, t->len) == 0))
            continue;
        word(l, t, false);
        last = t;
        shown++;
    }
    if (shown == 0)
        nothing_yet(l);
}

static bool said_by(const struct store *st, const struct thought *t,
                    const uint32_t *agents, int count)
{
    for (int i = 0; i < count; i++) {
        const struct agent *a = store_agent(st, agents[i]);

        if (a->name == t->agent && a->ns == t->ns)
            return true;
    }
    return false;
}

void page_words(struct lines *l, const struct ui *u, const uint32_t *agents,
                int count)
{
    const struct thoughts *ts = &u->st->thoughts;
    int shown = 0;

    if (count == 0)
        return;
    page_heading(l, count == 1 ? "what it said, latest first"
                               : "what they said, latest first");
    for (uint32_t i = thoughts_count(ts); i > 0 && shown < WORDS_SHOWN; i--) {
        const struct thought *t = thoughts_at(ts, i - 1);

        if (t->about != NULL || !said_by(u->st, t, agents, count))
            continue;
        word(l, t, count > 1);
        shown++;
    }
    if (shown == 0)
        nothing_yet(l);
}

void page_yaml(struct lines *l, const struct ui *u)
{
    const char *p = buf_text(&u->yaml), *end = p + u->yaml.len;
    struct target of;

    ui_object(u, &of);
    page_heading(l, of.kind == u->target.kind ? "the object"
                                              : "the object that runs it");
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

void page_show(struct canvas *c, struct rect in, struct ui *u,
               struct lines *l)
{
    u->page_lines = l->count;
    u->page_room = in.h;
    ui_take_links(u, l);
    l->selected = u->link_at >= 0 ? u->links[u->link_at].line : -1;
    u->page_top = lines_draw(c, in, l, u->page_top);
    lines_finish(l);
}
