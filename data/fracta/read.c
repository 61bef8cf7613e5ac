#include "config.h"

#include "data/fracta/read.h"

#include "base/buf.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/pick.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a value goes: one table per object, see read_object. */
enum type { TEXT, WHEN, INT, DOUBLE, BOOL };

struct slot {
    const char *path;
    enum type type;
    size_t offset;
};

#define MEMORY (1u << 20) /* texts of one object */

struct fracta_reader {
    struct pick *agent, *proposal, *pheromone, *event, *objective;
    struct buf command; /* argv joined */
    char *texts;        /* what spans point into */
    size_t texts_len;
    /* of the read under way */
    const struct slot *slots;
    int count;
    void *facts;
    struct asked_facts *asked;
};

#define FACT(type, path, kind, field)                                          \
    {path, kind, offsetof(struct type, field)}

static const struct slot agent_slots[] = {
#define A(path, kind, field) FACT(run_facts, path, kind, field)
    A("name", TEXT, name),
    A("genus", TEXT, genus),
    A("status", TEXT, status),
    A("mode", TEXT, mode),
    A("dir", TEXT, dir),
    A("reason", TEXT, reason),
    A("current_tool", TEXT, tool),
    A("title", TEXT, title),
    A("current_intent", TEXT, intent),
    A("reported.state", TEXT, report),
    A("reported.kind", TEXT, report_kind),
    A("reported.text", TEXT, report_text),
    A("reported.by", TEXT, report_by),
    A("reported.at", WHEN, report_ms),
    A("created_at", WHEN, created_ms),
    A("start_time", WHEN, started_ms),
    A("ended_at", WHEN, ended_ms),
    A("process.socket", TEXT, socket),
    A("process.pid", INT, pid),
    A("process.processes", INT, processes),
    A("process.rss", INT, rss),
    A("process.runs", INT, starts),
    A("process.exit_code", INT, exit_code),
    A("process.exit_signal", INT, exit_signal),
    A("process.cpu", DOUBLE, cpu),
    A("paused", BOOL, paused),
    A("budget", INT, budget),
    A("tokens", INT, tokens),
    A("cost", DOUBLE, cost),
    A("branch", TEXT, branch),
    A("objective_id", TEXT, objective),
    A("last_output", TEXT, output),
    A("last_message_excerpt", TEXT, said),
    A("current_phase", TEXT, phase),
    A("backend", TEXT, backend),
    A("host_type", TEXT, runtime),
    A("unread_messages", INT, unread),
    A("last_heartbeat_at", WHEN, beat_ms),
    A("last_event_at", WHEN, event_ms),
#undef A
};
enum { ARGV = 100, FACTOR, FACTOR_NAME, FACTOR_SCORE, FACTOR_WHY };

static const struct slot proposal_slots[] = {
#define P(path, kind, field) FACT(proposal_facts, path, kind, field)
    P("id", TEXT, meta.name),
    P("agent", TEXT, proposer),
    P("title", TEXT, description),
    P("change", TEXT, change),
    P("target", TEXT, target_name),
    P("status", TEXT, phase),
    P("created_at", WHEN, meta.created_ms),
    P("decided_at", WHEN, decided_ms),
    P("reason", TEXT, decider_text),
    P("by.name", TEXT, decider),
#undef P
};
static const struct slot asked_slots[] = {
#define Q(path, kind, field) FACT(asked_facts, path, kind, field)
    Q("digest", TEXT, digest),
    Q("diff", TEXT, diff),
    Q("text", TEXT, text),
    Q("tool", TEXT, tool),
    Q("input", TEXT, input),
    Q("risk", DOUBLE, risk),
    Q("risk_given", BOOL, given),
    Q("deadline_at", WHEN, deadline_ms),
#undef Q
};

static const struct slot objective_slots[] = {
#define O(path, kind, field) FACT(objective_facts, path, kind, field)
    O("id", TEXT, meta.name),
    O("created_at", WHEN, meta.created_ms),
    O("status", TEXT, status),
    O("description", TEXT, description),
    O("outcome", TEXT, outcome),
    O("mission_count", INT, missions),
    O("max_missions", INT, max_missions),
    O("finding_count", INT, findings),
    O("max_depth", INT, max_depth),
    O("max_branching", INT, max_branching),
#undef O
};

static const struct slot pheromone_slots[] = {
#define S(path, kind, field) FACT(pheromone_facts, path, kind, field)
    S("id", TEXT, meta.name),
    S("agent", TEXT, source),
    S("type", TEXT, type),
    S("target", TEXT, target),
    S("payload", TEXT, payload),
    S("intensity", DOUBLE, initial),
    S("half_life_s", DOUBLE, half_life_min),
    S("ttl_s", INT, ttl_s),
    S("emitted_at", WHEN, emitted_ms),
#undef S
};

static const struct slot event_slots[] = {
#define E(name, snake, kind, field)                                            \
    FACT(fracta_event, name, kind, field),                                     \
        FACT(fracta_event, snake, kind, field)
    E("ID", "id", TEXT, id),
    E("Time", "time", WHEN, at_ms),
    E("Task", "task", TEXT, agent),
    E("Component", "component", TEXT, component),
    E("Category", "category", TEXT, category),
    E("Action", "action", TEXT, action),
    E("Severity", "severity", TEXT, severity),
    E("Detail", "detail", TEXT, detail),
    E("Attrs.text_preview", "attrs.text_preview", TEXT, text),
    E("Attrs.tool_name", "attrs.tool_name", TEXT, tool),
    E("Attrs.kind", "attrs.kind", TEXT, kind),
    E("Attrs.tokens", "attrs.tokens", INT, tokens),
    E("Attrs.output_tokens", "attrs.output_tokens", INT, tokens),
    E("Attrs.cost", "attrs.cost", DOUBLE, cost),
    FACT(fracta_event, "event_id", TEXT, id),
#undef E
};

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static struct pick *rules_of(const struct slot *slots, int count,
                             const struct slot *more, int more_count,
                             const struct pick_rule *extra)
{
    struct pick_rule rules[64];
    struct pick *p;
    int n = 0;

    for (int i = 0; i < count; i++)
        rules[n++] = (struct pick_rule){slots[i].path, i};
    for (int i = 0; i < more_count; i++)
        rules[n++] = (struct pick_rule){more[i].path, count + i};
    for (; extra != NULL && extra->path != NULL; extra++)
        rules[n++] = *extra;
    rules[n] = (struct pick_rule){NULL, 0};
    p = pick_create(rules);
    return p;
}

struct fracta_reader *fracta_reader_create(void)
{
    static const struct pick_rule argv[] = {{"argv[]", ARGV}, {NULL, 0}};
    static const struct pick_rule factors[] = {
        {"factors[]", FACTOR},
        {"factors[].name", FACTOR_NAME},
        {"factors[].score", FACTOR_SCORE},
        {"factors[].why", FACTOR_WHY},
        {NULL, 0}};
    struct fracta_reader *r = xcalloc(1, sizeof *r);

    r->agent = rules_of(agent_slots, COUNT(agent_slots), NULL, 0, argv);
    r->proposal = rules_of(proposal_slots, COUNT(proposal_slots), asked_slots,
                           COUNT(asked_slots), factors);
    r->pheromone =
        rules_of(pheromone_slots, COUNT(pheromone_slots), NULL, 0, NULL);
    r->event = rules_of(event_slots, COUNT(event_slots), NULL, 0, NULL);
    r->objective =
        rules_of(objective_slots, COUNT(objective_slots), NULL, 0, NULL);
    buf_init(&r->command, 4096);
    r->texts = xcalloc(1, MEMORY);
    return r;
}

void fracta_reader_destroy(struct fracta_reader *r)
{
    if (r == NULL)
        return;
    pick_destroy(r->agent);
    pick_destroy(r->proposal);
    pick_destroy(r->pheromone);
    pick_destroy(r->event);
    pick_destroy(r->objective);
    buf_finish(&r->command);
    free(r->texts);
    free(r);
}

/* Picked strings live only for the callback: kept here for the object. */
static struct span keep(struct fracta_reader *r, struct span s)
{
    struct span kept = {r->texts + r->texts_len, s.n};

    if (s.n > MEMORY - r->texts_len)
        kept.n = MEMORY - r->texts_len;
    memcpy(r->texts + r->texts_len, s.p, kept.n);
    r->texts_len += kept.n;
    return kept;
}

static void put(struct fracta_reader *r, const struct slot *s, void *facts,
                const struct pick_value *v)
{
    void *at = (char *)facts + s->offset;
    int64_t i;

    switch (s->type) {
    case TEXT:
        if (v->type == PICK_STRING && v->text.n > 0)
            *(struct span *)at = keep(r, v->text);
        break;
    case WHEN:
        /* year 1 is Go's "not set"; when_parse takes 1970 on */
        if (v->type == PICK_STRING && when_parse(v->text.p, v->text.n, &i))
            *(int64_t *)at = i;
        break;
    case INT:
        if (v->type == PICK_NUMBER && pick_int(v, 0, INT64_MAX, &i))
            *(int64_t *)at = i;
        break;
    case DOUBLE:
        if (v->type == PICK_NUMBER)
            pick_double(v, -1e12, 1e12, at);
        break;
    case BOOL:
        *(bool *)at = pick_true(v);
        break;
    }
}

static void put_factor(struct asked_facts *a, int field,
                       const struct pick_value *v)
{
    struct asked_factor *f;

    if (field == FACTOR) {
        if (v->type == PICK_BEGIN && a->count < ASKED_FACTORS_MAX)
            a->factors[a->count++] = (struct asked_factor){0};
        return;
    }
    if (a->count == 0)
        return;
    f = &a->factors[a->count - 1];
    if (field == FACTOR_NAME && v->type == PICK_STRING)
        snprintf(f->name, sizeof f->name, "%.*s", (int)v->text.n, v->text.p);
    else if (field == FACTOR_WHY && v->type == PICK_STRING)
        snprintf(f->why, sizeof f->why, "%.*s", (int)v->text.n, v->text.p);
    else if (field == FACTOR_SCORE && v->type == PICK_NUMBER)
        pick_double(v, 0, 1, &f->score);
}

/* As one would type it again: words that need it in quotes. */
static void add_word(struct buf *out, struct span word)
{
    bool plain = word.n > 0;

    for (size_t i = 0; i < word.n; i++)
        plain &= strchr(" \t\n'\"\\|&;<>()$`*?", word.p[i]) == NULL;
    if (out->len > 0)
        buf_char(out, ' ');
    if (!plain)
        buf_char(out, '\'');
    for (size_t i = 0; i < word.n; i++) {
        if (!plain && word.p[i] == '\'')
            buf_str(out, "'\\'");
        buf_char(out, word.p[i]);
    }
    if (!plain)
        buf_char(out, '\'');
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct fracta_reader *r = arg;

    if (field == ARGV) {
        if (v->type == PICK_STRING) {
            add_word(&r->command, v->text);
        }
    } else if (field >= FACTOR) {
        put_factor(r->asked, field, v);
    } else if (v->type == PICK_BEGIN || v->type == PICK_END ||
               v->type == PICK_NULL) {
        return;
    } else if (field < r->count) {
        put(r, &r->slots[field], r->facts, v);
    } else {
        put(r, &asked_slots[field - r->count], r->asked, v);
    }
}

static int read_object(struct fracta_reader *r, struct pick *p,
                       const struct slot *slots, int count, void *facts,
                       struct span json, struct error *err)
{
    r->slots = slots;
    r->count = count;
    r->facts = facts;
    r->texts_len = 0;
    buf_clear(&r->command);
    r->command.over = false;
    return pick_run(p, json.p, json.n, on_value, r, err);
}

int fracta_read_agent(struct fracta_reader *r, struct span json,
                      struct run_facts *ret, struct error *err)
{
    *ret = (struct run_facts){RUN_FACTS_NONE};
    if (read_object(r, r->agent, agent_slots, COUNT(agent_slots), ret, json,
                    err) != 0)
        return err->code;
    if (ret->name.n == 0)
        return error_set(err, ERR_SYNTAX, "an agent without a name");
    if (r->command.len > 0)
        ret->command = (struct span){buf_text(&r->command), r->command.len};
    if (ret->created_ms == 0)
        ret->created_ms = ret->started_ms;
    return 0;
}

int fracta_read_objective(struct fracta_reader *r, struct span json,
                          struct objective_facts *ret, struct error *err)
{
    *ret = (struct objective_facts){.missions = FACT_NONE,
                                    .max_missions = FACT_NONE,
                                    .findings = FACT_NONE,
                                    .max_depth = FACT_NONE,
                                    .max_branching = FACT_NONE,
                                    .max_runtime_ms = FACT_NONE,
                                    .tokens = FACT_NONE,
                                    .max_tokens = FACT_NONE,
                                    .writes = FACT_NONE,
                                    .max_writes = FACT_NONE};
    if (read_object(r, r->objective, objective_slots, COUNT(objective_slots),
                    ret, json, err) != 0)
        return err->code;
    if (ret->meta.name.n == 0)
        return error_set(err, ERR_SYNTAX, "an objective without an id");
    return 0;
}

/* The words of the kgents phases. */
static struct span phase_of(struct span status)
{
    static const struct {
        const char *status, *phase;
    } words[] = {{"pending", "Pending"},     {"approved", "Approved"},
                 {"rejected", "Rejected"},   {"expired", "Expired"},
                 {"withdrawn", "withdrawn"}, {"dedupe_hit", "Superseded"}};

    for (int i = 0; i < COUNT(words); i++)
        if (span_is(status, words[i].status))
            return span_of(words[i].phase);
    return status;
}

int fracta_read_proposal(struct fracta_reader *r, struct span json,
                         struct proposal_facts *ret,
                         struct asked_facts *asked, struct error *err)
{
    const double none = (double)NAN;

    *ret = (struct proposal_facts){.ttl_s = FACT_NONE,
                                   .required = 1,
                                   .risk = {.base = none,
                                            .velocity = none,
                                            .magnitude = none,
                                            .tests = none,
                                            .total = none}};
    *asked = (struct asked_facts){.risk = none};
    r->asked = asked;
    if (read_object(r, r->proposal, proposal_slots, COUNT(proposal_slots), ret,
                    json, err) != 0)
        return err->code;
    if (ret->meta.name.n == 0 || asked->digest.n == 0)
        return error_set(err, ERR_SYNTAX,
                         "a proposal without an id or a digest");
    ret->phase = phase_of(ret->phase);
    ret->asked = asked;
    ret->risk.total = isnan(asked->risk) ? 0 : asked->risk;
    if (asked->deadline_ms > ret->meta.created_ms)
        ret->ttl_s = (asked->deadline_ms - ret->meta.created_ms) / 1000;
    if (ret->change.n == 0)
        ret->change = asked->tool;
    ret->approvals = span_is(ret->phase, "Approved");
    ret->rejections = span_is(ret->phase, "Rejected");
    return 0;
}

int fracta_read_pheromone(struct fracta_reader *r, struct span json,
                          struct pheromone_facts *ret, struct error *err)
{
    const double none = (double)NAN;

    *ret = (struct pheromone_facts){.initial = none,
                                    .half_life_min = none,
                                    .constant = none,
                                    .decay_rate = none,
                                    .current = none,
                                    .ttl_s = FACT_NONE};
    if (read_object(r, r->pheromone, pheromone_slots, COUNT(pheromone_slots),
                    ret, json, err) != 0)
        return err->code;
    if (ret->meta.name.n == 0)
        return error_set(err, ERR_SYNTAX, "a pheromone without an id");
    ret->half_life_min /= 60;
    ret->emitted_given = ret->emitted_ms > 0;
    ret->meta.created_ms = ret->emitted_ms;
    return 0;
}

int fracta_read_event(struct fracta_reader *r, struct span json,
                      struct fracta_event *ret, struct error *err)
{
    *ret = (struct fracta_event){.cost = (double)NAN};
    return read_object(r, r->event, event_slots, COUNT(event_slots), ret, json,
                       err);
}

static bool starts(struct span s, const char *with)
{
    return s.n >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

static enum thought_kind kind_of(const struct fracta_event *e)
{
    if (e->kind.n > 0)
        return thought_kind_of(e->kind);
    if (span_is(e->severity, "error") || starts(e->action, "lifecycle.failed"))
        return THOUGHT_ERROR;
    if (span_is(e->action, "tool.started") ||
        span_is(e->action, "item.started"))
        return THOUGHT_CALL;
    if (span_is(e->action, "tool.completed") || starts(e->action, "command."))
        return THOUGHT_RESULT;
    if (span_is(e->action, "message.delta"))
        return THOUGHT_THOUGHT;
    if (starts(e->action, "message."))
        return THOUGHT_SAID;
    return THOUGHT_CHANGE;
}

bool fracta_thought(const struct fracta_event *e, struct thought_facts *ret)
{
    struct span text = e->detail.n > 0 ? e->detail
                       : e->text.n > 0 ? e->text
                       : e->tool.n > 0 ? e->tool
                                       : e->action;

    if (text.n == 0 || span_is(e->action, "heartbeat"))
        return false;
    *ret = (struct thought_facts){.ns = {"", 0},
                                  .agent = e->agent,
                                  .text = text,
                                  .at_ms = e->at_ms,
                                  .kind = kind_of(e),
                                  .tokens = e->tokens > UINT32_MAX
                                               ? UINT32_MAX
                                               : (uint32_t)e->tokens,
                                  .cost = e->cost,
                                  .weight = 1};
    ret->own = ret->kind == THOUGHT_SAID || ret->kind == THOUGHT_THOUGHT ||
               ret->kind == THOUGHT_CALL || ret->kind == THOUGHT_RESULT ||
               ret->kind == THOUGHT_DREAM;
    if (!ret->own)
        ret->weight = 0.5;
    return true;
}
