/* Plans for a control plane of fracta's shape, and their sending. */
#include "config.h"

#include "data/fracta/act.h"

#include "base/xalloc.h"
#include "data/json/write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

static void take_body(struct plan *p, struct buf *b)
{
    p->body = xstrndup(buf_text(b), b->len);
    buf_finish(b);
}

static int plan_decision(const struct store *st, struct plan *p,
                         struct error *err)
{
    const struct act_want *w = &p->want;
    const struct proposal *q = store_proposal(
        st, store_find(st, KIND_PROPOSAL, span_of(w->ns), span_of(w->name)));
    bool yes = w->act == ACT_APPROVE;
    struct buf b;
    struct json j;

    if (q == NULL || q->asked == NULL || q->asked->digest == NULL)
        return error_set(err, ERR_ABSENT, "there is no such proposal any more");
    if (!proposal_open(q))
        return error_set(err, ERR_EXPIRED, "it is decided already");
    snprintf(p->title, sizeof p->title, "%s “%.120s”", act_name(w->act),
             q->title ? q->title : q->name);
    proposal_digest(q, p->digest);
    snprintf(p->type, sizeof p->type, "%.100s",
             q->proposer ? q->proposer : "yes");
    p->friction = yes ? risk_level(q->asked->known ? (double)q->risk.total
                                                   : 0.5)
                      : RISK_LOW;
    plan_line(p, "%s asked %s; it is told %s%s%s", q->proposer ? q->proposer
                                                                : "somebody",
              q->asked->tool ? q->asked->tool : "to be allowed this",
              yes ? "yes" : "no", w->reason[0] ? ": " : "", w->reason);
    if (q->asked->known)
        plan_line(p, "risk %.2f, %s%s", (double)q->risk.total,
                  risk_level_name(risk_level((double)q->risk.total)),
                  q->asked->given ? ", named by who asks" : ", by the rules");
    else
        plan_line(p, "nothing is known about its risk");
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/proposals/%s/decision",
             q->name);
    buf_init(&b, 8192);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "decision", act_name(w->act));
    json_text(&j, "digest", q->asked->digest);
    if (w->reason[0] != '\0')
        json_text(&j, "reason", w->reason);
    json_map_end(&j);
    json_end(&j);
    take_body(p, &b);
    return 0;
}

static int plan_agent(const struct store *st, const struct plane *plane,
                      struct plan *p, struct error *err)
{
    const struct act_want *w = &p->want;
    const struct agent *a = store_agent(
        st, store_find(st, KIND_AGENT, span_of(w->ns), span_of(w->name)));
    bool ended, external;
    struct buf b;
    struct json j;

    if (w->kind != KIND_AGENT || a == NULL || agent_run_by(a, plane) == NULL)
        return error_set(err, ERR_ABSENT, "there is no such agent any more");
    external = a->run->mode != NULL && strcmp(a->run->mode, "external") == 0;
    ended = a->load.done || a->load.failed;
    if ((external || ended) && w->act != ACT_KILL)
        return error_set(err, ERR_ABSENT, "%s %s", w->name,
                         external ? "is no process of the habitat: it only "
                                    "speaks here"
                                  : "does not run");
    snprintf(p->title, sizeof p->title, "%s %.100s", act_name(w->act),
             w->name);
    snprintf(p->type, sizeof p->type, "%.100s", w->name);
    if (a->run->command != NULL)
        plan_line(p, "it runs %.150s", a->run->command);
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/agents/%s/%s", w->name,
             act_name(w->act));
    p->friction = RISK_LOW;
    if (w->act == ACT_KILL) {
        snprintf(p->method, sizeof p->method, "DELETE");
        snprintf(p->path, sizeof p->path, "/api/v1/agents/%s", w->name);
        if (external || ended) {
            snprintf(p->title, sizeof p->title, "forget %.100s", w->name);
            plan_line(p, "only its row goes; events stay");
        } else {
            p->friction = RISK_MEDIUM;
            plan_line(p, "TERM to its %lld process%s, KILL after 5 s",
                      (long long)(a->run->processes > 0 ? a->run->processes
                                                        : 1),
                      a->run->processes == 1 ? "" : "es");
        }
        return 0;
    }
    if (w->act == ACT_SAY) {
        buf_init(&b, 8192);
        json_begin(&j, &b);
        json_map(&j, NULL);
        json_text(&j, "message", w->reason);
        json_map_end(&j);
        json_end(&j);
        take_body(p, &b);
        plan_line(p, "typed at its terminal, followed by Enter");
        p->friction = RISK_MEDIUM;
        return 0;
    }
    plan_line(p, w->act == ACT_PAUSE
                     ? "STOP to it and all it started; nothing is lost"
                     : "CONT to it and all it started");
    return 0;
}

static int plan_spawn(struct plan *p, struct error *err)
{
    const struct act_want *w = &p->want;
    struct words words;
    struct buf b;
    struct json j;

    snprintf(p->field, sizeof p->field, "command");
    if (words_split(w->command, &words, err) != 0)
        return err->code;
    if (words.count == 0)
        return error_set(err, ERR_SYNTAX, "command: it is missing");
    p->field[0] = '\0';
    snprintf(p->title, sizeof p->title, "spawn %.100s", w->name);
    plan_line(p, "%.180s", w->command);
    plan_line(p, "%d word%s, no shell, in %.150s, with this console's "
                 "environment",
              words.count, words.count == 1 ? "" : "s", w->dir);
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path, "/api/v1/agents");
    p->friction = RISK_MEDIUM;
    buf_init(&b, 1u << 20);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "task", w->name);
    json_text(&j, "dir", w->dir);
    json_array(&j, "argv");
    for (int i = 0; i < words.count; i++)
        json_text(&j, NULL, words.at[i]);
    json_array_end(&j);
    json_array(&j, "environ");
    for (char **e = environ; *e != NULL; e++)
        if (strncmp(*e, "TERRARIUM_", 10) != 0)
            json_text(&j, NULL, *e);
    json_array_end(&j);
    json_map_end(&j);
    words_finish(&words);
    if (!json_end(&j)) {
        buf_finish(&b);
        return error_set(err, ERR_LIMIT, "command and environment are too "
                                         "large");
    }
    take_body(p, &b);
    return 0;
}

int fracta_plan(const struct store *st, const struct plane *plane,
                struct plan *p, struct error *err)
{
    switch (p->want.act) {
    case ACT_APPROVE:
    case ACT_REJECT:
        return plan_decision(st, p, err);
    case ACT_SPAWN:
        return plan_spawn(p, err);
    default:
        return plan_agent(st, plane, p, err);
    }
}
