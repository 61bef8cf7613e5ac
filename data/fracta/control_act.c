#include "config.h"

#include "data/fracta/control_act.h"

#include "base/xalloc.h"
#include "data/fracta/watch.h"
#include "data/json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take_body(struct plan *p, struct buf *b)
{
    p->body = xstrndup(buf_text(b), b->len);
    buf_finish(b);
}

static bool text_is(const char *s, const char *word)
{
    return s != NULL && strcmp(s, word) == 0;
}

/* What was shown: another run, status or branch is another plan. */
static void digest_run(struct plan *p, const struct run *r)
{
    snprintf(p->digest, sizeof p->digest, "%.20s/%.20s/%lld",
             r->status ? r->status : "", r->mode ? r->mode : "",
             (long long)r->started_ms);
}

static int plan_say(struct plan *p, const struct run *r, struct error *err)
{
    struct buf b;
    struct json j;

    if (run_stand(r) == RUN_QUEUED)
        return error_set(err, ERR_ABSENT, "it is queued: nobody listens yet");
    if (text_is(r->mode, RUN_TERMINAL)) {
        if (run_stand(r) != RUN_UP)
            return error_set(err, ERR_ABSENT, "it does not run");
        plan_line(p, "typed at its terminal, followed by Enter");
    } else if (text_is(r->status, "Running")) {
        return error_set(err, ERR_ABSENT,
                         "it is running a turn; it takes words when that is "
                         "over");
    } else {
        plan_line(p, "it gets a turn with this; its control plane answers "
                     "before the agent does");
    }
    if (text_is(r->mode, "queued"))
        plan_line(p, "a queued agent's workspace is gone: this usually fails");
    p->friction = RISK_MEDIUM;
    buf_init(&b, 8192);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "message", p->want.reason);
    json_map_end(&j);
    json_end(&j);
    take_body(p, &b);
    return 0;
}

static void plan_kill(struct plan *p, const struct run *r)
{
    bool queued = text_is(r->mode, "queued");

    snprintf(p->method, sizeof p->method, "DELETE");
    snprintf(p->path, sizeof p->path, "/api/v1/agents/%s", p->want.name);
    p->friction = RISK_HIGH;
    if (text_is(r->mode, RUN_TERMINAL)) {
        plan_line(p, run_stand(r) == RUN_UP
                         ? "TERM to all its processes, KILL after 5 s; its "
                           "row stays"
                         : "it has ended: only its row goes; events stay");
        return;
    }
    if (run_stand(r) == RUN_QUEUED)
        plan_line(p, "its mission is cancelled before it begins");
    else if (queued)
        plan_line(p, "its mission is cancelled, its job ends within 10 s");
    else
        plan_line(p, "its process or job is ended");
    if (!queued)
        plan_line(p, "its row, mailbox, workspace and log go%s%.100s",
                  r->branch ? ", and its branch, merged or not: " : "",
                  r->branch ? r->branch : "");
    else
        plan_line(p, "its row and mailbox go within half a minute; events "
                     "and mission stay");
    if (r->unread > 0)
        plan_line(p, "%lld unread messages go with it", (long long)r->unread);
}

static int plan_merge(struct plan *p, const struct run *r, struct error *err)
{
    if (r->branch == NULL)
        return error_set(err, ERR_ABSENT, "it has no branch to merge");
    p->friction = RISK_HIGH;
    plan_line(p, "%.80s into what the project has checked out (%.60s where "
                 "it began)",
              r->branch, r->base ? r->base : "not told");
    plan_line(p, "a conflict leaves all as it is; every agent is told of the "
                 "merge");
    if (run_stand(r) == RUN_UP)
        plan_line(p, "it is still up: what it has not committed stays out");
    return 0;
}

static int plan_agent(const struct store *st, const struct plane *plane,
                      struct plan *p, struct error *err)
{
    const struct act_want *w = &p->want;
    const struct agent *a = store_agent(
        st, store_find(st, KIND_AGENT, span_of(w->ns), span_of(w->name)));
    const struct run *mine = a != NULL ? agent_run_by(a, plane) : NULL;

    if (mine == NULL || !fracta_name_ok(w->name))
        return error_set(err, ERR_ABSENT, "%s knows of no such agent",
                         plane->name);
    snprintf(p->title, sizeof p->title, "%s %.100s", act_name(w->act),
             w->name);
    snprintf(p->type, sizeof p->type, "%.100s", w->name);
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/agents/%s/%s", w->name,
             act_name(w->act));
    digest_run(p, mine);
    switch (w->act) {
    case ACT_SAY:
        return plan_say(p, mine, err);
    case ACT_MERGE: /* of the joined run: its tables may know the base */
        return plan_merge(p, a->run, err);
    default:
        plan_kill(p, mine);
        return 0;
    }
}

/* A positive number, or nothing; wrong: p->field names it. */
static int number_field(struct json *j, struct plan *p, const char *key,
                        struct error *err)
{
    const char *text = want_more(&p->want, key);
    char *end;
    long n;

    if (text[0] == '\0')
        return 0;
    n = strtol(text, &end, 10);
    if (*end != '\0' || n < 1 || n > 1000000) {
        snprintf(p->field, sizeof p->field, "%s", key);
        return error_set(err, ERR_SYNTAX, "%s: expected a number from 1 on",
                         key);
    }
    json_int(j, key, n);
    return 0;
}

static int plan_objective(const char *ns, struct plan *p, struct error *err)
{
    static const char *const numbers[] = {"max_missions", "max_depth",
                                          "max_branching"};
    const char *runtime = want_more(&p->want, "max_runtime");
    struct buf b;
    struct json j;
    int bad = 0;

    if (p->want.reason[0] == '\0') {
        snprintf(p->field, sizeof p->field, "reason");
        return error_set(err, ERR_SYNTAX, "description: it is missing");
    }
    snprintf(p->want.ns, sizeof p->want.ns, "%s", ns);
    snprintf(p->title, sizeof p->title, "open an objective");
    plan_line(p, "%.180s", p->want.reason);
    plan_line(p, "its agents propose missions; admission approves them within "
                 "these bounds");
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/objectives");
    p->friction = RISK_MEDIUM;
    buf_init(&b, 8192);
    json_begin(&j, &b);
    json_map(&j, NULL);
    if (p->want.name[0] != '\0')
        json_text(&j, "id", p->want.name);
    json_text(&j, "description", p->want.reason);
    for (size_t i = 0; bad == 0 && i < sizeof numbers / sizeof *numbers; i++)
        bad = number_field(&j, p, numbers[i], err);
    if (runtime[0] != '\0')
        json_text(&j, "max_runtime", runtime);
    json_map_end(&j);
    json_end(&j);
    take_body(p, &b);
    return bad;
}

static int plan_unfreeze(const struct store *st, const char *ns,
                         struct plan *p, struct error *err)
{
    const struct act_want *w = &p->want;
    const struct object *o = store_object(
        st, store_find(st, KIND_OBJECTIVE, span_of(w->ns), span_of(w->name)));

    if (o == NULL || strcmp(w->ns, ns) != 0 || !fracta_name_ok(w->name))
        return error_set(err, ERR_ABSENT, "there is no such objective");
    if (!text_is(o->phase, "frozen"))
        return error_set(err, ERR_ABSENT, "it is %s, not frozen",
                         o->phase ? o->phase : "?");
    snprintf(p->title, sizeof p->title, "unfreeze %.100s", w->name);
    snprintf(p->digest, sizeof p->digest, "frozen/%lld",
             (long long)o->objective->missions);
    plan_line(p, "it was frozen after %lld missions with %lld findings",
              (long long)o->objective->missions,
              (long long)(o->objective->findings > 0 ? o->objective->findings
                                                     : 0));
    plan_line(p, "its agents may propose again; what they had proposed was "
                 "rejected");
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/objectives/%s/unfreeze",
             w->name);
    p->friction = RISK_MEDIUM;
    return 0;
}

/* The words of a command, for who runs what it is given. */
static void put_words(struct json *j, const char *command)
{
    struct words words;
    struct error err;

    if (command[0] == '\0' || words_split(command, &words, &err) != 0)
        return;
    json_array(j, "argv");
    for (int i = 0; i < words.count; i++)
        json_text(j, NULL, words.at[i]);
    json_array_end(j);
    words_finish(&words);
}

static int plan_spawn(const struct store *st, const char *ns, struct plan *p,
                      struct error *err)
{
    static const char *const fields[] = {"host_type", "model", "tier",
                                         "mode", "dispatch", "base_branch",
                                         "objective_id"};
    const struct act_want *w = &p->want;
    struct words words = {.count = 0};
    struct buf b;
    struct json j;

    snprintf(p->field, sizeof p->field, "command");
    if (words_split(w->command, &words, err) != 0)
        return err->code;
    words_finish(&words);
    snprintf(p->field, sizeof p->field, "name");
    if (!fracta_name_ok(w->name))
        return error_set(err, ERR_SYNTAX,
                         "name: expected a letter or digit, then up to 63 of "
                         "letters, digits, - and _");
    if (store_find(st, KIND_AGENT, span_of(ns), span_of(w->name)) !=
        SLOT_NONE)
        return error_set(err, ERR_SYNTAX, "name: there is such an agent");
    p->field[0] = '\0';
    snprintf(p->want.ns, sizeof p->want.ns, "%s", ns);
    snprintf(p->title, sizeof p->title, "spawn %.100s", w->name);
    plan_line(p, "%.180s", w->reason[0] ? w->reason : "without instructions");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (want_more(w, fields[i])[0] != '\0')
            plan_line(p, "%s %.150s", fields[i], want_more(w, fields[i]));
    if (w->reason[0] == '/')
        plan_line(p, "a path of a file there: its text becomes the contract");
    if (w->command[0] != '\0')
        plan_line(p, "%.180s", w->command);
    p->tries = true;
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/agents");
    p->friction = RISK_MEDIUM;
    buf_init(&b, 16384);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "task", w->name);
    if (w->reason[0] != '\0')
        json_text(&j, "contract", w->reason);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (want_more(w, fields[i])[0] != '\0')
            json_text(&j, fields[i], want_more(w, fields[i]));
    put_words(&j, w->command);
    json_map_end(&j);
    json_end(&j);
    take_body(p, &b);
    return 0;
}

int control_plan(const struct store *st, const struct plane *plane,
                 const char *ns, struct plan *p, struct error *err)
{
    const struct act_want *w = &p->want;

    switch (w->act) {
    case ACT_SAY:
    case ACT_KILL:
    case ACT_MERGE:
        if (w->kind == KIND_AGENT)
            return plan_agent(st, plane, p, err);
        break;
    case ACT_UNFREEZE:
        return plan_unfreeze(st, ns, p, err);
    case ACT_OBJECTIVE:
        return plan_objective(ns, p, err);
    case ACT_SPAWN: /* of those who spawn, the one that was asked for */
        if (strcmp(want_more(w, "by"), plane->name) == 0)
            return plan_spawn(st, ns, p, err);
        break;
    default:
        break;
    }
    return error_set(err, ERR_ABSENT, "%s has no such action", plane->name);
}
