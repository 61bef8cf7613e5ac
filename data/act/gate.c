#include "config.h"

#include "data/act/gate.h"

#include "base/xalloc.h"
#include "data/act/created.h"
#include "data/act/observed.h"
#include "data/json/write.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct gate {
    uv_loop_t *loop;
    struct store *st;
    struct source *source;
    struct journal *journal;
    struct before *before;
    uv_timer_t timer; /* the next hold that ends, or a look */
    struct action_receipt *at[GATE_ACTIONS]; /* NULL: not used yet */
    uint32_t next_id;
    int64_t live_since_ms; /* the source is live since; 0 it is not */
    void (*changed)(void *arg);
    void *arg;
    int handles;
    struct ticket *tickets;
    bool hurried; /* the source was told to */
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

/* What the journal's thread and the source give back. */
struct ticket {
    struct gate *gate; /* NULL: it is gone */
    struct ticket *next;
    uint32_t id;
    bool sent; /* the source has it, else the journal */
};

const char *action_state_name(enum action_state s)
{
    static const char *const names[] = {
        "held",     "sent",       "accepted", "observed", "unknown, looking",
        "cancelled", "refused", "superseded", "not done"};

    return names[s];
}

static int64_t wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool over(enum action_state s)
{
    return s == ACTION_OBSERVED || s >= ACTION_CANCELLED;
}

static struct ticket *ticket_create(struct gate *g, uint32_t id)
{
    struct ticket *t = xcalloc(1, sizeof *t);

    *t = (struct ticket){.gate = g, .next = g->tickets, .id = id};
    g->tickets = t;
    return t;
}

static void ticket_free(struct ticket *t)
{
    struct ticket **at = t->gate ? &t->gate->tickets : NULL;

    while (at != NULL && *at != t)
        at = &(*at)->next;
    if (at != NULL)
        *at = t->next;
    free(t);
}

static struct action_receipt *find(const struct gate *g, uint32_t id)
{
    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL && g->at[i]->id == id)
            return g->at[i];
    return NULL;
}

/* What was shown: its identity, its version, and what a pause takes away. */
static void write_object(struct json *j, const struct plan *p)
{
    static const uint8_t none[16];
    char uid[33];

    if (memcmp(p->want.uid, none, 16) != 0) {
        for (int i = 0; i < 16; i++)
            snprintf(uid + 2 * i, 3, "%02x", p->want.uid[i]);
        json_text(j, "object", uid);
    }
    if (p->version != 0)
        json_int(j, "version", (int64_t)p->version);
    if (p->before > 0)
        json_int(j, "before", p->before);
}

static void write_step(struct gate *g, const struct action_receipt *a,
                       const char *step, journal_cb cb, void *arg)
{
    const struct act_want *w = &a->plan.want;
    const struct passwd *pw = cb != NULL ? getpwuid(getuid()) : NULL;
    struct buf line;
    struct json j;

    if (g->journal == NULL)
        return;
    buf_init(&line, 64u << 10);
    json_begin(&j, &line);
    json_map(&j, NULL);
    json_when(&j, "at", wall());
    json_text(&j, "id", a->key);
    json_text(&j, "step", step);
    json_text(&j, "act", act_name(w->act));
    json_text(&j, "kind", kind_name(w->kind));
    json_text(&j, "ns", w->ns);
    json_text(&j, "name", w->name);
    if (cb != NULL) { /* the intent tells all */
        json_text(&j, "who", a->plan.user[0]  ? a->plan.user
                             : pw != NULL ? pw->pw_name
                                          : "?");
        json_int(&j, "uid", (int64_t)getuid());
        json_int(&j, "pid", (int64_t)getpid());
        json_text(&j, "title", a->plan.title);
        json_text(&j, "digest", a->plan.digest);
        json_text(&j, "request", a->plan.method);
        json_text(&j, "path", a->plan.path);
        write_object(&j, &a->plan);
        if (w->reason[0] != '\0')
            json_text(&j, "reason", w->reason);
    } else {
        json_int(&j, "after_ms", wall() - a->begun_ms);
    }
    if (a->status != 0 && cb == NULL)
        json_int(&j, "status", a->status);
    if (a->error.code != 0)
        json_text(&j, "note", a->error.msg);
    json_map_end(&j);
    if (json_end(&j))
        journal_write(g->journal, &line, cb, arg);
    buf_finish(&line);
}

/* When its outcome is not waited for any more; 0: it is not now. */
static int64_t hurry_until(const struct action_receipt *a)
{
    int64_t from = a->accepted_ms ? a->accepted_ms : a->sent_ms;

    if (a->state != ACTION_SENT && a->state != ACTION_ACCEPTED &&
        a->state != ACTION_UNKNOWN)
        return 0;
    return (from ? from : a->begun_ms) + GATE_HURRY_MS;
}

bool gate_hurries(const struct gate *g)
{
    int64_t now = wall();

    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL && hurry_until(g->at[i]) > now)
            return true;
    return false;
}

static void tell_hurry(struct gate *g)
{
    bool on = gate_hurries(g);

    if (on == g->hurried || g->source == NULL)
        return;
    g->hurried = on;
    source_hurry(g->source, on);
}

static void set_state(struct gate *g, struct action_receipt *a,
                      enum action_state s)
{
    a->state = s;
    if (over(s))
        a->ended_ms = wall();
    if (s == ACTION_OBSERVED && a->plan.want.act == ACT_RESUME)
        before_drop(g->before, &a->plan.want);
    write_step(g, a, action_state_name(s), NULL, NULL);
    tell_hurry(g);
    if (g->changed != NULL && !g->closing)
        g->changed(g->arg);
}

static void plan_timer(struct gate *g);

/* The rows say that it is done. */
static bool done(const struct gate *g, struct action_receipt *a)
{
    const struct plane *p = source_plane(g->source);
    const struct observing o = {.st = g->st,
                                .plan = &a->plan,
                                .begun_ms = a->begun_ms,
                                .sent_ms = a->sent_ms,
                                .offset_ms = p ? p->offset_ms : 0};
    char progress[sizeof a->progress];
    bool is = act_observed(&o, progress, sizeof progress);

    if (strcmp(progress, a->progress) != 0) {
        memcpy(a->progress, progress, sizeof progress);
        if (g->changed != NULL && !g->closing)
            g->changed(g->arg);
    }
    return is;
}

/* What is made has no row yet, and nothing that it could have been. */
static bool creates(const struct plan *p)
{
    return p->want.act == ACT_SPAWN || p->want.act == ACT_DEPOSIT ||
           p->want.act == ACT_PROPOSE;
}

/* What the first line that is another one said, and says. */
static void tell_change(const struct plan *was, const struct plan *is,
                        struct error *err)
{
    if (strcmp(was->title, is->title) != 0) {
        error_set(err, ERR_EXPIRED,
                  "changed: \"%.70s\" is now \"%.70s\": look again",
                  was->title, is->title);
        return;
    }
    for (int i = 0; i < was->line_count && i < is->line_count; i++)
        if (strcmp(was->lines[i], is->lines[i]) != 0) {
            error_set(err, ERR_EXPIRED,
                      "changed: \"%.70s\" is now \"%.70s\": look again",
                      was->lines[i], is->lines[i]);
            return;
        }
    error_set(err, ERR_EXPIRED, "it is no longer what was shown: look again");
}

/*
 * Plans it anew, with what is known now; the new request takes the old one's
 * place. False: it is no longer what was shown, err says why.
 */
static bool still_same(struct gate *g, struct action_receipt *a,
                       struct error *err)
{
    struct plan now;

    if (gate_plan(g, &a->plan.want, &now, err) != 0) {
        plan_finish(&now);
        return false;
    }
    if (strcmp(now.digest, a->plan.digest) != 0) {
        tell_change(&a->plan, &now, err);
        plan_finish(&now);
        return false;
    }
    if (a->tries == 0) /* what it counts from stays */
        a->plan.approvals = now.approvals;
    now.approvals = a->plan.approvals;
    plan_finish(&a->plan);
    a->plan = now;
    return true;
}

static void plan_timer(struct gate *g);
static void leave(struct gate *g, struct action_receipt *a);

static void refuse(struct gate *g, struct action_receipt *a,
                   const struct error *err)
{
    a->error = *err;
    set_state(g, a, ACTION_REFUSED);
}

/* The server doubted it, and it was read again. */
static void judge_doubted(struct gate *g, struct action_receipt *a)
{
    struct error said = a->error, err;

    a->doubted = false;
    if (done(g, a)) {
        error_clear(&a->error);
        set_state(g, a, ACTION_OBSERVED);
    } else if (!still_same(g, a, &err)) {
        a->error = err;
        set_state(g, a, ACTION_SUPERSEDED);
    } else if (a->tries < GATE_TRIES) {
        write_step(g, a, "sent again", NULL, NULL);
        leave(g, a);
    } else {
        refuse(g, a, &said);
    }
}

static void on_reread(int found, const struct error *err, void *arg)
{
    struct ticket *t = arg;
    struct gate *g = t->gate;
    struct action_receipt *a = g ? find(g, t->id) : NULL;

    ticket_free(t);
    if (a == NULL || over(a->state))
        return;
    (void)err;
    a->reading = false;
    a->looked |= found >= 0;
    if (found == 0 && (a->plan.want.act == ACT_KILL ||
                       a->plan.want.act == ACT_WIPE)) {
        error_clear(&a->error);
        set_state(g, a, ACTION_OBSERVED);
    } else if (found == 0 && !creates(&a->plan)) {
        error_set(&a->error, ERR_EXPIRED, "it does not exist any more");
        set_state(g, a, ACTION_SUPERSEDED);
    } else if (found >= 0 && a->doubted) {
        judge_doubted(g, a);
    } else if (found < 0) {
        a->again_ms = wall() + 1000;
    }
    gate_look(g);
    plan_timer(g);
}

/* Reads the object again; false where the source cannot. */
static bool read_again(struct gate *g, struct action_receipt *a)
{
    struct ticket *t;

    if (a->reading)
        return true;
    t = ticket_create(g, a->id);
    t->sent = true;
    a->again_ms = 0;
    a->reading = source_reread(g->source, &a->plan, on_reread, t);
    if (!a->reading)
        ticket_free(t);
    return a->reading;
}

/* Not any more, says the server: which, it does not. */
static void doubt(struct gate *g, struct action_receipt *a)
{
    a->doubted = true;
    a->state = ACTION_UNKNOWN;
    write_step(g, a, "doubted", NULL, NULL);
    if (!read_again(g, a))
        set_state(g, a, done(g, a) ? ACTION_OBSERVED : ACTION_SUPERSEDED);
    else if (g->changed != NULL)
        g->changed(g->arg);
}

/* Busy: nothing was done; in a while it is asked again. */
static bool wait_for_it(struct gate *g, struct action_receipt *a)
{
    if (a->tries >= GATE_TRIES)
        return false;
    a->state = ACTION_SENT;
    a->again_ms = wall() + 1000 * a->tries;
    write_step(g, a, "waits", NULL, NULL);
    if (g->changed != NULL)
        g->changed(g->arg);
    return true;
}

static void lose(struct gate *g, struct action_receipt *a)
{
    a->looked = false;
    set_state(g, a, ACTION_UNKNOWN);
    if (a->plan.want.act != ACT_SAY)
        read_again(g, a);
}

static void on_sent(int status, const struct error *err, void *arg)
{
    struct ticket *t = arg;
    struct gate *g = t->gate;
    struct action_receipt *a = g ? find(g, t->id) : NULL;
    bool say = a != NULL && a->plan.want.act == ACT_SAY;

    ticket_free(t);
    if (a == NULL || over(a->state))
        return;
    a->error = *err;
    a->status = status;
    if (status >= 200 && status < 300) {
        a->accepted_ms = wall();
        set_state(g, a, ACTION_ACCEPTED);
        gate_look(g);
    } else if (status == 0 && err->code != ERR_REFUSED &&
               err->code != ERR_CONNECT) {
        lose(g, a);
    } else if (!say && (status == 500 || status == 502 || status == 504)) {
        lose(g, a); /* it may have been done */
    } else if ((status == 429 || status == 503) && wait_for_it(g, a)) {
        ;
    } else if (!say && !creates(&a->plan) &&
               (status == 404 || status == 409 || status == 422)) {
        doubt(g, a);
    } else {
        set_state(g, a, ACTION_REFUSED);
    }
    plan_timer(g);
}

/* The request leaves. */
static void leave(struct gate *g, struct action_receipt *a)
{
    struct ticket *t = ticket_create(g, a->id);
    struct error failed;

    t->sent = true;
    a->state = ACTION_SENT;
    a->again_ms = 0;
    a->tries++;
    if (a->plan.before > 0)
        before_put(g->before, &a->plan.want, a->plan.before);
    if (a->sent_ms == 0)
        a->sent_ms = wall();
    if (source_send(g->source, &a->plan, a->key, on_sent, t, &failed) != 0) {
        refuse(g, a, &failed);
        ticket_free(t);
    }
}

/* The intent is durable: the request may leave. */
static void on_intent(const struct error *err, void *arg)
{
    struct ticket *t = arg;
    struct gate *g = t->gate;
    struct action_receipt *a = find(g, t->id);
    struct error why;

    ticket_free(t);
    if (a == NULL || a->state != ACTION_SENT)
        return;
    if (err->code != 0) {
        refuse(g, a, err);
    } else if (!still_same(g, a, &why)) {
        a->error = why;
        set_state(g, a, ACTION_SUPERSEDED);
    } else {
        leave(g, a);
    }
}

static void begin(struct gate *g, struct action_receipt *a)
{
    struct ticket *t = ticket_create(g, a->id);
    struct error none;

    a->state = ACTION_SENT;
    if (g->journal == NULL) {
        error_set(&none, ERR_CONFIG,
                  "there is no place for the journal: set HOME");
        on_intent(&none, t);
        return;
    }
    write_step(g, a, "intent", on_intent, t);
    if (g->changed != NULL)
        g->changed(g->arg);
}

/* What waited: for a server that was busy, or to be read. */
static void again(struct gate *g, struct action_receipt *a)
{
    struct error why;

    if (a->state == ACTION_UNKNOWN) {
        read_again(g, a);
    } else if (!still_same(g, a, &why)) {
        a->error = why;
        set_state(g, a, ACTION_SUPERSEDED);
    } else {
        leave(g, a);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct gate *g = timer->data;
    int64_t now = wall();

    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL || over(a->state))
            continue;
        if (a->state == ACTION_HELD && a->held_until_ms <= now)
            begin(g, a);
        else if (a->again_ms != 0 && a->again_ms <= now)
            again(g, a);
    }
    gate_look(g);
    plan_timer(g);
}

static void plan_timer(struct gate *g)
{
    int64_t now = wall(), at = INT64_MAX;

    if (g->closing)
        return;
    tell_hurry(g);
    for (int i = 0; i < GATE_ACTIONS; i++) {
        const struct action_receipt *a = g->at[i];

        if (a == NULL || over(a->state))
            continue;
        if (hurry_until(a) > now && hurry_until(a) < at)
            at = hurry_until(a);
        if (a->state == ACTION_HELD && a->held_until_ms < at)
            at = a->held_until_ms;
        else if (a->again_ms != 0 && a->again_ms < at)
            at = a->again_ms;
        else if (a->state == ACTION_UNKNOWN && now + 500 < at)
            at = now + 500;
    }
    uv_timer_stop(&g->timer);
    if (at != INT64_MAX)
        uv_timer_start(&g->timer, on_timer,
                       (uint64_t)(at > now ? at - now : 0), 0);
}

struct gate *gate_create(uv_loop_t *loop, struct store *st,
                         const char *journal, void (*changed)(void *arg),
                         void *arg)
{
    struct gate *g = xcalloc(1, sizeof *g);

    g->loop = loop;
    g->st = st;
    g->changed = changed;
    g->arg = arg;
    g->handles = 2;
    g->before = before_create(loop, journal);
    if (journal != NULL) {
        g->journal = journal_create(loop, journal);
        g->handles++;
    }
    uv_timer_init(loop, &g->timer);
    g->timer.data = g;
    return g;
}

static void handle_closed(struct gate *g)
{
    if (--g->handles > 0)
        return;
    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL) {
            plan_finish(&g->at[i]->plan);
            free(g->at[i]);
        }
    if (g->closed != NULL)
        g->closed(g->closed_arg);
    free(g);
}

/* The journal answers no more; the source may, to nobody. */
static void drop_tickets(struct gate *g)
{
    struct ticket *t = g->tickets, *next;

    g->tickets = NULL;
    for (; t != NULL; t = next) {
        next = t->next;
        t->gate = NULL;
        if (!t->sent)
            ticket_free(t);
    }
}

static void on_timer_closed(uv_handle_t *h)
{
    handle_closed(h->data);
}

static void on_part_closed(void *arg)
{
    handle_closed(arg);
}

void gate_close(struct gate *g, void (*cb)(void *arg), void *arg)
{
    g->closed = cb;
    g->closed_arg = arg;
    g->changed = NULL;
    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL && g->at[i]->state == ACTION_HELD)
            set_state(g, g->at[i], ACTION_CANCELLED);
    g->closing = true;
    uv_close((uv_handle_t *)&g->timer, on_timer_closed);
    if (g->journal != NULL)
        journal_close(g->journal, on_part_closed, g);
    before_close(g->before, on_part_closed, g);
    drop_tickets(g);
}

void gate_use(struct gate *g, struct source *s)
{
    g->source = s;
}

int gate_plan(struct gate *g, const struct act_want *want, struct plan *ret,
              struct error *err)
{
    *ret = (struct plan){.want = *want};
    struct act_want more = *want;
    char before[16];

    if (g->source == NULL)
        return error_set(err, ERR_ABSENT, "there is no source to act on");
    if (want->act == ACT_RESUME) {
        snprintf(before, sizeof before, "%d", before_find(g->before, want));
        want_set(&more, "before", before);
    }
    return source_plan(g->source, &more, ret, err);
}

/* A free slot: an unused one, else the oldest that is over. */
static struct action_receipt *take(struct gate *g)
{
    struct action_receipt *best = NULL;

    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL)
            return g->at[i] = xcalloc(1, sizeof *a);
        if (over(a->state) && (best == NULL || a->id < best->id))
            best = a;
    }
    return best;
}

uint32_t gate_commit(struct gate *g, struct plan *p, bool hold)
{
    struct action_receipt *a;
    unsigned char key[16];

    if (getrandom(key, sizeof key, 0) != sizeof key || (a = take(g)) == NULL)
        return 0;
    plan_finish(&a->plan);
    *a = (struct action_receipt){.id = ++g->next_id,
                                 .plan = *p,
                                 .begun_ms = wall()};
    p->body = NULL;
    for (int i = 0; i < 16; i++)
        snprintf(a->key + 2 * i, 3, "%02x", key[i]);
    if (hold) {
        a->state = ACTION_HELD;
        a->held_until_ms = a->begun_ms + GATE_HELD_MS;
        if (g->changed != NULL)
            g->changed(g->arg);
    } else {
        begin(g, a);
    }
    plan_timer(g);
    return a->id;
}

static struct action_receipt *latest_held(struct gate *g)
{
    struct action_receipt *best = NULL;

    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL && g->at[i]->state == ACTION_HELD &&
            (best == NULL || g->at[i]->id > best->id))
            best = g->at[i];
    return best;
}

bool gate_cancel(struct gate *g)
{
    struct action_receipt *a = latest_held(g);

    if (a == NULL)
        return false;
    set_state(g, a, ACTION_CANCELLED);
    plan_timer(g);
    return true;
}

bool gate_release(struct gate *g)
{
    struct action_receipt *a = latest_held(g);

    if (a == NULL)
        return false;
    begin(g, a);
    plan_timer(g);
    return true;
}

/* It was looked for long enough; by its own reading, where there is one. */
static void lost(struct gate *g, struct action_receipt *a)
{
    char said[160] = "";

    if (!a->looked && read_again(g, a))
        return;
    if (a->status != 0)
        snprintf(said, sizeof said, "%.150s: ", a->error.msg);
    error_set(&a->error, ERR_CUT, "%s%s", said,
              a->status != 0 ? "it was not done"
                             : "the answer was lost, and it was not done");
    set_state(g, a, ACTION_LOST);
}

void gate_look(struct gate *g)
{
    int64_t now = wall();
    bool live = g->source != NULL &&
                source_plane(g->source)->state == PLANE_LIVE;

    if (!live)
        g->live_since_ms = 0;
    else if (g->live_since_ms == 0)
        g->live_since_ms = now;
    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL || (a->state != ACTION_ACCEPTED &&
                         a->state != ACTION_UNKNOWN))
            continue;
        /* of what was said the answer is all there is to see */
        if (a->plan.want.act == ACT_SAY && a->state == ACTION_UNKNOWN)
            continue;
        if (done(g, a)) {
            set_state(g, a, ACTION_OBSERVED);
        } else if (a->state == ACTION_UNKNOWN && creates(&a->plan) &&
                   created_there(g->st, &a->plan.want)) {
            /* it was taken, answer or not: the rest is waited for */
            error_clear(&a->error);
            a->accepted_ms = now;
            set_state(g, a, ACTION_ACCEPTED);
        } else if (a->state == ACTION_UNKNOWN && live && !a->doubted &&
                   !a->reading &&
                   now - g->live_since_ms >= GATE_LOST_MS &&
                   now - a->sent_ms >= GATE_LOST_MS) {
            lost(g, a);
        }
    }
}

const struct action_receipt *gate_find(const struct gate *g, uint32_t id)
{
    return find(g, id);
}

bool gate_taken(const struct gate *g, int n, struct before_row *ret)
{
    return before_at(g->before, n, ret);
}

const struct action_receipt *gate_receipt(const struct gate *g, int n)
{
    const struct action_receipt *best = NULL;
    uint32_t below = UINT32_MAX;

    for (; n >= 0; n--) {
        best = NULL;
        for (int i = 0; i < GATE_ACTIONS; i++)
            if (g->at[i] != NULL && g->at[i]->id < below &&
                (best == NULL || g->at[i]->id > best->id))
                best = g->at[i];
        if (best == NULL)
            return NULL;
        below = best->id;
    }
    return best;
}

const struct action_receipt *gate_about(const struct gate *g, enum kind kind,
                                        const char *ns, const char *name)
{
    const struct action_receipt *best = NULL;

    for (int i = 0; i < GATE_ACTIONS; i++) {
        const struct action_receipt *a = g->at[i];

        if (a != NULL && a->plan.want.kind == kind &&
            strcmp(a->plan.want.name, name) == 0 &&
            strcmp(a->plan.want.ns, ns ? ns : "") == 0 &&
            (best == NULL || a->id > best->id))
            best = a;
    }
    return best;
}

int gate_held(const struct gate *g)
{
    int n = 0;

    for (int i = 0; i < GATE_ACTIONS; i++)
        n += g->at[i] != NULL && g->at[i]->state == ACTION_HELD;
    return n;
}
