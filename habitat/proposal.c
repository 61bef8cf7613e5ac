#include "config.h"

#include "habitat/proposal.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "habitat/agent.h"
#include "habitat/body.h"
#include "habitat/holder/tree.h"
#include "habitat/limits.h"
#include "habitat/risk_rules.h"
#include "habitat/stream.h"

#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MAX_S 3600
#define SHOWN 200 /* decided ones a stream starts with */
#define COLUMNS                                                                \
    "seq, id, agent, title, text, diff, change, target, tool, input, risk, "   \
    "factors, given, status, digest, session, origin, created, deadline, "     \
    "decided, decision, reason, by_uid, by_pid, by_tty, by_name"
#define ROW_MAX (6u << 20) /* a megabyte of what JSON must escape */

/* One who asked with ?wait=: answered at the decision or when time is up. */
struct wait {
    struct wait *next;
    struct habitat *hb;
    struct request *request;
    char id[65];
    bool bind; /* its leaving withdraws the proposal */
    uv_timer_t timer;
};

/* What changed since the last commit. */
struct changed {
    char id[65];
    struct changed *next;
};

struct proposals {
    struct wait *waits;
    int wait_count;
    struct changed *changes;
    struct risk_rules *rules;
    uv_timer_t deadline; /* of the next that expires */
};

static void note_change(struct habitat *hb, const char *id)
{
    struct changed *c = xcalloc(1, sizeof *c);

    snprintf(c->id, sizeof c->id, "%s", id);
    c->next = hb->proposals->changes;
    hb->proposals->changes = c;
    habitat_commit_later(hb);
}

static void optional(struct json *j, const char *key, sqlite3_stmt *s,
                     int column)
{
    if (db_text(s, column) != NULL)
        json_span(j, key, db_span(s, column));
}

static void put_decision(struct json *j, sqlite3_stmt *s)
{
    if (db_int(s, 19) == 0)
        return;
    json_when(j, "decided_at", db_int(s, 19));
    optional(j, "decision", s, 20);
    optional(j, "reason", s, 21);
    json_map(j, "by");
    json_int(j, "uid", db_int(s, 22));
    json_int(j, "pid", db_int(s, 23));
    optional(j, "tty", s, 24);
    optional(j, "name", s, 25);
    json_map_end(j);
}

static void put_row(struct json *j, const char *key, sqlite3_stmt *s)
{
    json_map(j, key);
    json_int(j, "seq", db_int(s, 0));
    json_span(j, "id", db_span(s, 1));
    json_span(j, "agent", db_span(s, 2));
    json_span(j, "title", db_span(s, 3));
    optional(j, "text", s, 4);
    optional(j, "diff", s, 5);
    optional(j, "change", s, 6);
    optional(j, "target", s, 7);
    optional(j, "tool", s, 8);
    optional(j, "input", s, 9);
    json_double(j, "risk", db_double(s, 10));
    json_raw(j, "factors", db_text(s, 11), db_span(s, 11).n);
    json_bool(j, "risk_given", db_int(s, 12) != 0);
    json_span(j, "status", db_span(s, 13));
    json_span(j, "digest", db_span(s, 14));
    optional(j, "session", s, 15);
    optional(j, "origin", s, 16);
    json_when(j, "created_at", db_int(s, 17));
    if (db_int(s, 18) > 0)
        json_when(j, "deadline_at", db_int(s, 18));
    put_decision(j, s);
    json_map_end(j);
}

/* {"proposal": …}; false if there is none of that id. */
static bool show(struct habitat *hb, const char *id, struct buf *out)
{
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT " COLUMNS " FROM proposals WHERE id=?", "t", id);
    bool there = db_row(&hb->db, s);
    struct json j;

    if (there) {
        json_begin(&j, out);
        json_map(&j, NULL);
        put_row(&j, "proposal", s);
        json_map_end(&j);
        json_end(&j);
    }
    db_done(s);
    return there;
}

static bool status_of(struct habitat *hb, const char *id, char ret[16],
                      char digest[40], char agent[65])
{
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT status, digest, agent FROM proposals WHERE id=?", "t",
        id);
    bool there = db_row(&hb->db, s);

    if (there) {
        snprintf(ret, 16, "%s", db_text(s, 0));
        snprintf(digest, 40, "%s", db_text(s, 1));
        snprintf(agent, 65, "%s", db_text(s, 2));
    }
    db_done(s);
    return there;
}

static void on_deadline(uv_timer_t *t);

static void plan_deadline(struct habitat *hb)
{
    sqlite3_stmt *s = db_read(
        &hb->db,
        "SELECT min(deadline) FROM proposals WHERE status='pending' AND "
        "deadline > 0",
        "");
    int64_t at = db_row(&hb->db, s) ? db_int(s, 0) : 0, left;

    db_done(s);
    uv_timer_stop(&hb->proposals->deadline);
    if (at == 0)
        return;
    /* the wall clock may jump: looked at again once an hour */
    left = at - clock_wall_ms();
    left = left < 0 ? 0 : left > 3600000 ? 3600000 : left;
    uv_timer_start(&hb->proposals->deadline, on_deadline, (uint64_t)left + 1, 0);
}

struct decider {
    const char *decision; /* approve, reject, withdraw, expire */
    const char *status;
    struct span reason;
    int64_t uid, pid;
    const char *tty, *name;
};

static bool decide(struct habitat *hb, const char *id, const char *agent,
                   const struct decider *d)
{
    char text[300];

    if (db_run(&hb->db,
               "UPDATE proposals SET status=?, decision=?, reason=?, "
               "decided=?, by_uid=?, by_pid=?, by_tty=?, by_name=? "
               "WHERE id=? AND status='pending'",
               "ttsiiittt", d->status, d->decision, d->reason, clock_wall_ms(),
               d->uid, d->pid, d->tty, d->name, id) != 1)
        return false;
    snprintf(text, sizeof text, "%s%s%.*s", d->status,
             d->reason.n > 0 ? ": " : "",
             (int)(d->reason.n > 200 ? 200 : d->reason.n),
             d->reason.p ? d->reason.p : "");
    event_note(hb, agent, "proposal", d->status, "info", "decision", text);
    note_change(hb, id);
    plan_deadline(hb);
    return true;
}

static void expire_due(struct habitat *hb)
{
    struct due {
        char id[65], agent[65];
    } due[64];
    int n = 0;
    sqlite3_stmt *s = db_read(
        &hb->db,
        "SELECT id, agent FROM proposals WHERE status='pending' AND "
        "deadline > 0 AND deadline <= ? LIMIT 64",
        "i", clock_wall_ms());

    while (n < 64 && db_row(&hb->db, s)) {
        snprintf(due[n].id, 65, "%s", db_text(s, 0));
        snprintf(due[n++].agent, 65, "%s", db_text(s, 1));
    }
    db_done(s);
    for (int i = 0; i < n; i++)
        decide(hb, due[i].id, due[i].agent,
               &(struct decider){.decision = "expire",
                                 .status = "expired",
                                 .reason = span_of("nobody decided in time")});
    plan_deadline(hb);
}

static void on_deadline(uv_timer_t *t)
{
    expire_due(t->data);
}

void proposals_open(struct habitat *hb)
{
    char file[300];
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    struct error err;

    snprintf(file, sizeof file, "%s%s/terrarium/risk.rules",
             config ? config : home ? home : "", config ? "" : "/.config");
    hb->proposals = xcalloc(1, sizeof *hb->proposals);
    hb->proposals->rules = risk_rules_load(file, &err);
    if (err.code != 0)
        fprintf(stderr, "habitat: %s\n", err.msg);
    uv_timer_init(&hb->loop, &hb->proposals->deadline);
    hb->proposals->deadline.data = hb;
    expire_due(hb);
}

static void free_proposals(uv_handle_t *h)
{
    struct habitat *hb = h->data;

    free(hb->proposals);
    hb->proposals = NULL;
}

void proposals_close(struct habitat *hb)
{
    struct proposals *ps = hb->proposals;

    while (ps->changes != NULL) {
        struct changed *c = ps->changes;

        ps->changes = c->next;
        free(c);
    }
    risk_rules_free(ps->rules);
    uv_close((uv_handle_t *)&ps->deadline, free_proposals);
}

struct asked {
    struct span id, agent, title, text, diff, change, target, tool, input,
        command, path, session, origin;
    double risk;
    int64_t expires;
};

static void digest(const struct asked *a, double risk, char ret[40])
{
    const struct span parts[] = {a->agent, a->title, a->text,  a->diff,
                                 a->change, a->target, a->tool, a->input};
    uint64_t h1 = 0x9e3779b97f4a7c15u, h2 = 0xd1b54a32d192ed03u;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        h1 = hash_more(h1, parts[i].p ? parts[i].p : "", parts[i].n);
        h2 = hash_more(h2 + i, parts[i].p ? parts[i].p : "", parts[i].n);
    }
    h2 ^= (uint64_t)(risk * 1e6);
    snprintf(ret, 40, "%016llx%016llx", (unsigned long long)h1,
             (unsigned long long)h2);
}

static double assess(const struct risk_rules *rules, const struct asked *a,
                     struct buf *factors)
{
    struct risk_factor f[RISK_FACTORS_MAX];
    const struct risk_asked what = {a->tool, a->command, a->path, a->diff};
    bool given = !isnan(a->risk);
    int n = risk_factors(rules, &what, f);
    double ours = n > 0 ? risk_together(f, n) : (double)NAN;
    struct json j;

    /* who asks may say more than the rules, not less */
    json_begin(&j, factors);
    json_array(&j, NULL);
    for (int i = 0; i < n; i++) {
        json_map(&j, NULL);
        json_text(&j, "name", f[i].name);
        json_double(&j, "score", f[i].score);
        json_text(&j, "why", f[i].why);
        json_map_end(&j);
    }
    json_array_end(&j);
    json_end(&j);
    if (!given)
        return ours;
    return ours > a->risk ? ours : a->risk;
}

static int64_t open_count(struct habitat *hb)
{
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT count(*) FROM proposals WHERE status='pending'", "");
    int64_t n = db_row(&hb->db, s) ? db_int(s, 0) : 0;

    db_done(s);
    return n;
}

static int64_t open_bytes(struct habitat *hb)
{
    sqlite3_stmt *s = db_read(
        &hb->db,
        "SELECT coalesce(sum(length(coalesce(diff, '')) + "
        "length(coalesce(input, '')) + length(coalesce(text, ''))), 0) "
        "FROM proposals WHERE status='pending'",
        "");
    int64_t n = db_row(&hb->db, s) ? db_int(s, 0) : 0;

    db_done(s);
    return n;
}

static bool refuse(struct request *r, struct habitat *hb, struct asked *a)
{
    if (a->title.n == 0)
        request_fail(r, 400, "title: it is missing");
    else if (a->title.n > 500)
        request_fail(r, 413, "title: longer than 500 bytes");
    else if (!agent_name_ok(a->agent))
        request_fail(r, 400, "agent: a name was expected: letters, digits, - "
                             "and _, at most 64");
    else if (a->change.n > 4096 || a->target.n > 4096 || a->tool.n > 256 ||
             a->session.n > 256 || a->origin.n > 64)
        request_fail(r, 413, "change and target: at most 4096 bytes, tool and "
                             "session 256, origin 64");
    else if (open_bytes(hb) + (int64_t)(a->diff.n + a->input.n + a->text.n) >
             LIMIT_PROPOSAL_BYTES)
        request_fail(r, 429, "what waits already fills %lld bytes",
                     (long long)LIMIT_PROPOSAL_BYTES);
    else if (a->id.n > 64)
        request_fail(r, 400, "id: longer than 64 bytes");
    else if (a->diff.n > LIMIT_DIFF || a->input.n > LIMIT_DIFF ||
             a->text.n > LIMIT_DIFF)
        request_fail(r, 413, "diff, input and text: at most %u bytes each",
                     LIMIT_DIFF);
    else if (!isnan(a->risk) && !(a->risk >= 0 && a->risk <= 1))
        request_fail(r, 400, "risk: a number from 0 to 1 was expected");
    else if (a->expires < 0 || a->expires > 366 * 86400)
        request_fail(r, 400, "expires_in: seconds, at most a year");
    else if (open_count(hb) >= LIMIT_PROPOSALS)
        request_fail(r, 429, "%d proposals wait already", LIMIT_PROPOSALS);
    else
        return false;
    return true;
}

void proposal_create(struct request *r)
{
    struct habitat *hb = request_habitat(r);
    struct asked a = {.risk = (double)NAN};
    const struct body_want wants[] = {
        {"id", BODY_TEXT, &a.id},           {"agent", BODY_TEXT, &a.agent},
        {"title", BODY_TEXT, &a.title},     {"text", BODY_TEXT, &a.text},
        {"diff", BODY_TEXT, &a.diff},       {"change", BODY_TEXT, &a.change},
        {"target", BODY_TEXT, &a.target},   {"tool", BODY_TEXT, &a.tool},
        {"input", BODY_TEXT, &a.input},     {"command", BODY_TEXT, &a.command},
        {"path", BODY_TEXT, &a.path},       {"session", BODY_TEXT, &a.session},
        {"origin", BODY_TEXT, &a.origin},   {"risk", BODY_DOUBLE, &a.risk},
        {"expires_in", BODY_INT, &a.expires}};
    char id[65], sum[40], name[65], text[600];
    struct buf factors, out;
    struct error err;
    double risk;

    if (body_read(r, wants, sizeof wants / sizeof *wants, &err) != 0) {
        request_fail(r, 400, "%s", err.msg);
        return;
    }
    if (refuse(r, hb, &a))
        return;
    if (a.id.n > 0)
        snprintf(id, sizeof id, "%.*s", (int)a.id.n, a.id.p);
    else
        event_id(id);
    buf_init(&out, ROW_MAX);
    if (a.id.n > 0 && show(hb, id, &out)) { /* a retry */
        request_reply(r, 200, &out);
        buf_finish(&out);
        return;
    }
    buf_init(&factors, 65536);
    risk = assess(hb->proposals->rules, &a, &factors);
    digest(&a, isnan(risk) ? 0 : risk, sum);
    agent_external(hb, a.agent);
    db_run(&hb->db,
           "INSERT INTO proposals(id, agent, title, text, diff, change, "
           "target, tool, input, risk, factors, given, status, digest, "
           "session, origin, created, deadline, decided) "
           "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,'pending',?,?,?,?,?,0)",
           "tssssssssdtitssii", id, a.agent, a.title, a.text, a.diff, a.change,
           a.target, a.tool, a.input, risk, buf_text(&factors),
           (int64_t)!isnan(a.risk), sum, a.session, a.origin, clock_wall_ms(),
           a.expires > 0 ? clock_wall_ms() + a.expires * 1000 : (int64_t)0);
    buf_finish(&factors);
    snprintf(name, sizeof name, "%.*s", (int)a.agent.n, a.agent.p);
    snprintf(text, sizeof text, "proposes: %.*s", (int)a.title.n, a.title.p);
    event_note(hb, name, "proposal", "proposed", "info", "decision", text);
    note_change(hb, id);
    plan_deadline(hb);
    if (show(hb, id, &out))
        request_reply(r, 201, &out);
    else
        request_fail(r, 500, "%s", hb->db.failed.msg);
    buf_finish(&out);
}

static void list(struct habitat *hb, const char *status, struct buf *out)
{
    sqlite3_stmt *s =
        status != NULL
            ? db_read(&hb->db,
                      "SELECT " COLUMNS " FROM proposals WHERE status=? "
                      "ORDER BY seq DESC LIMIT ?",
                      "ti", status, (int64_t)LIMIT_PROPOSALS)
            : db_read(&hb->db,
                      "SELECT " COLUMNS " FROM proposals "
                      "ORDER BY status='pending' DESC, seq DESC LIMIT ?",
                      "i", (int64_t)(LIMIT_PROPOSALS + SHOWN));
    struct json j;

    json_begin(&j, out);
    json_map(&j, NULL);
    json_array(&j, "proposals");
    while (db_row(&hb->db, s))
        put_row(&j, NULL, s);
    json_array_end(&j);
    json_map_end(&j);
    json_end(&j);
}

void proposal_list(struct request *r)
{
    struct buf out;

    buf_init(&out, 64u << 20);
    list(request_habitat(r), request_query(r, "status"), &out);
    request_reply(r, 200, &out);
    buf_finish(&out);
}

static void free_wait(uv_handle_t *h)
{
    free(h->data);
}

static void end_wait(struct wait *w)
{
    struct wait **at = &w->hb->proposals->waits;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    w->hb->proposals->wait_count--;
    uv_close((uv_handle_t *)&w->timer, free_wait);
}

static void answer_wait(struct wait *w)
{
    struct request *r = w->request;
    struct buf out;

    buf_init(&out, ROW_MAX);
    if (show(w->hb, w->id, &out))
        request_reply(r, 200, &out);
    else
        request_fail(r, 404, "there is no proposal '%s'", w->id);
    buf_finish(&out);
    end_wait(w); /* it leaves with the next turn */
}

static void wait_over(uv_timer_t *t)
{
    answer_wait(t->data);
}

static void wait_gone(struct request *r)
{
    struct wait *w = request_data(r);
    char status[16], sum[40], agent[65];

    if (w->bind && !w->hb->over &&
        status_of(w->hb, w->id, status, sum, agent) &&
        strcmp(status, "pending") == 0)
        decide(w->hb, w->id, agent,
               &(struct decider){.decision = "withdraw",
                                 .status = "withdrawn",
                                 .reason = span_of("who asked has left")});
    end_wait(w);
}

void proposal_show(struct request *r, const char *id)
{
    struct habitat *hb = request_habitat(r);
    const char *seconds = request_query(r, "wait");
    char status[16], sum[40], agent[65];
    struct wait *w;
    struct buf out;
    int s;

    if (!status_of(hb, id, status, sum, agent)) {
        request_fail(r, 404, "there is no proposal '%.70s'", id);
        return;
    }
    s = seconds != NULL ? atoi(seconds) : 0;
    if (strcmp(status, "pending") != 0 || s <= 0) {
        buf_init(&out, ROW_MAX);
        show(hb, id, &out);
        request_reply(r, 200, &out);
        buf_finish(&out);
        return;
    }
    if (hb->proposals->wait_count >= LIMIT_WAITS) {
        request_fail(r, 429, "%d wait already", LIMIT_WAITS);
        return;
    }
    w = xcalloc(1, sizeof *w);
    w->hb = hb;
    w->request = r;
    w->bind = request_query(r, "bind") != NULL;
    snprintf(w->id, sizeof w->id, "%s", id);
    uv_timer_init(&hb->loop, &w->timer);
    w->timer.data = w;
    uv_timer_start(&w->timer, wait_over,
                   (uint64_t)(s > WAIT_MAX_S ? WAIT_MAX_S : s) * 1000, 0);
    w->next = hb->proposals->waits;
    hb->proposals->waits = w;
    hb->proposals->wait_count++;
    request_hold(r, wait_gone, w);
}

static void peer_words(pid_t pid, uid_t uid, char *tty, size_t tty_size,
                       char *name, size_t name_size)
{
    char path[40];
    struct passwd *pw = getpwuid(uid);
    ssize_t n;

    snprintf(name, name_size, "%s", pw != NULL ? pw->pw_name : "?");
    snprintf(path, sizeof path, "/proc/%d/fd/0", (int)pid);
    n = readlink(path, tty, tty_size - 1);
    tty[n > 0 && strncmp(tty, "/dev/", 5) == 0 ? n : 0] = '\0';
}

void proposal_decide(struct request *r, const char *id)
{
    struct habitat *hb = request_habitat(r);
    struct peer peer = request_peer(r);
    struct span decision = {NULL, 0}, reason = {NULL, 0}, shown = {NULL, 0};
    const struct body_want wants[] = {{"decision", BODY_TEXT, &decision},
                                      {"reason", BODY_TEXT, &reason},
                                      {"digest", BODY_TEXT, &shown}};
    char status[16], sum[40], agent[65], tty[64], name[64];
    bool approve, reject, withdraw;
    struct buf out;
    struct error err;

    if (body_read(r, wants, 3, &err) != 0) {
        request_fail(r, 400, "%s", err.msg);
        return;
    }
    approve = span_is(decision, "approve");
    reject = span_is(decision, "reject");
    withdraw = span_is(decision, "withdraw");
    if (!status_of(hb, id, status, sum, agent)) {
        request_fail(r, 404, "there is no proposal '%.70s'", id);
    } else if (!approve && !reject && !withdraw) {
        request_fail(r, 400,
                     "decision: approve, reject or withdraw was expected");
    } else if (!withdraw && request_inside_agent(r)) {
        request_fail(r, 403, "an agent may not decide: the one who asks (pid "
                             "%d) runs inside an agent",
                     (int)peer.pid);
    } else if (!withdraw && shown.n == 0) {
        request_fail(r, 400, "digest: what was shown must be named");
    } else if (shown.n > 0 && !span_is(shown, sum)) {
        request_fail(r, 409, "it is no longer what was shown");
    } else if (strcmp(status, "pending") != 0) {
        request_fail(r, 409, "it is %s already", status);
    } else {
        peer_words(peer.pid, peer.uid, tty, sizeof tty, name, sizeof name);
        decide(hb, id, agent,
               &(struct decider){.decision = approve  ? "approve"
                                             : reject ? "reject"
                                                      : "withdraw",
                                 .status = approve  ? "approved"
                                           : reject ? "rejected"
                                                    : "withdrawn",
                                 .reason = reason,
                                 .uid = peer.uid,
                                 .pid = peer.pid,
                                 .tty = tty,
                                 .name = name});
        buf_init(&out, ROW_MAX);
        show(hb, id, &out);
        request_reply(r, 200, &out);
        buf_finish(&out);
    }
}

int proposals_retire(struct habitat *hb, const struct retire *what)
{
    struct due {
        char id[65], agent[65];
    } due[64];
    sqlite3_stmt *s;
    int n = 0, all = 0;

    do { /* a walk is over before its rows are changed */
        n = 0;
        s = db_read(&hb->db,
                    "SELECT id, agent FROM proposals WHERE status='pending' "
                    "AND (session=?1 OR (?2 AND substr(session, 1, "
                    "length(?1) + 1)=?1 || ':')) AND (?3 IS NULL OR tool=?3) "
                    "AND (?4 IS NULL OR input=?4) LIMIT 64",
                    "siss", what->session, (int64_t)what->below, what->tool,
                    what->input);
        while (n < 64 && db_row(&hb->db, s)) {
            snprintf(due[n].id, 65, "%s", db_text(s, 0));
            snprintf(due[n++].agent, 65, "%s", db_text(s, 1));
        }
        db_done(s);
        for (int i = 0; i < n; i++)
            decide(hb, due[i].id, due[i].agent,
                   &(struct decider){.decision = "withdraw",
                                     .status = "withdrawn",
                                     .reason = what->reason});
        all += n;
    } while (n == 64 && hb->db.failed.code == 0 && all <= LIMIT_PROPOSALS);
    return all;
}

void proposal_retire(struct request *r)
{
    struct retire what = {.below = false};
    const struct body_want wants[] = {{"session", BODY_TEXT, &what.session},
                                      {"reason", BODY_TEXT, &what.reason},
                                      {"below", BODY_BOOL, &what.below},
                                      {"tool", BODY_TEXT, &what.tool},
                                      {"input", BODY_TEXT, &what.input}};
    struct error err;
    struct buf out;
    struct json j;

    if (body_read(r, wants, sizeof wants / sizeof *wants, &err) != 0 ||
        what.session.n == 0) {
        request_fail(r, 400, "%s", err.code ? err.msg : "session: missing");
        return;
    }
    buf_init(&out, 128);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_int(&j, "retired", proposals_retire(request_habitat(r), &what));
    json_map_end(&j);
    json_end(&j);
    request_reply(r, 200, &out);
    buf_finish(&out);
}

static void tell_change(struct habitat *hb, const char *id)
{
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT " COLUMNS " FROM proposals WHERE id=?", "t", id);
    struct buf row;
    struct json j;

    buf_init(&row, ROW_MAX);
    if (db_row(&hb->db, s)) {
        json_begin(&j, &row);
        put_row(&j, NULL, s);
        json_end(&j);
    }
    db_done(s);
    if (row.len > 0)
        stream_tell(hb, "proposal", &row);
    buf_finish(&row);
}

void proposals_committed(struct habitat *hb)
{
    struct proposals *ps = hb->proposals;

    while (ps->changes != NULL) {
        struct changed *c = ps->changes;
        struct wait *next;

        ps->changes = c->next;
        if (streams_any(hb))
            tell_change(hb, c->id);
        for (struct wait *w = ps->waits; w != NULL; w = next) {
            char status[16], sum[40], agent[65];

            next = w->next;
            if (strcmp(w->id, c->id) == 0 &&
                status_of(hb, w->id, status, sum, agent) &&
                strcmp(status, "pending") != 0)
                answer_wait(w);
        }
        free(c);
    }
}

void proposals_put(struct habitat *hb, struct buf *out)
{
    sqlite3_stmt *s = db_read(
        &hb->db,
        "SELECT * FROM (SELECT " COLUMNS " FROM proposals ORDER BY "
        "status='pending' DESC, seq DESC LIMIT ?) ORDER BY seq",
        "i", (int64_t)(LIMIT_PROPOSALS + SHOWN));
    struct buf row;
    struct json j;

    while (db_row(&hb->db, s)) {
        buf_init(&row, ROW_MAX);
        json_begin(&j, &row);
        put_row(&j, NULL, s);
        json_end(&j);
        stream_row(out, "proposal", &row);
        buf_finish(&row);
    }
}
