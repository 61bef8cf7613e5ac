#include "config.h"

#include "data/act/gate_priv.h"

#include "base/clock.h"
#include "data/act/observed.h"

#include <stdio.h>
#include <string.h>

/* When its outcome is not waited for any more; 0: it is not now. */
static int64_t gate_hurry_until(const struct action_receipt *a)
{
    int64_t from = a->accepted_ms ? a->accepted_ms : a->sent_ms;

    if (a->state != ACTION_SENT && a->state != ACTION_ACCEPTED &&
        a->state != ACTION_UNKNOWN)
        return 0;
    return (from ? from : a->begun_ms) + GATE_HURRY_MS;
}

bool gate_hurries(const struct gate *g)
{
    int64_t now = clock_wall_ms();

    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL && gate_hurry_until(g->at[i]) > now)
            return true;
    return false;
}

void gate_tell_hurry(struct gate *g)
{
    bool on = gate_hurries(g);

    if (on == g->hurried)
        return;
    g->hurried = on;
    for (int i = 0; i < g->source_count; i++)
        source_hurry(g->sources[i].source, on);
}

static struct observing observing(const struct gate *g,
                                  const struct action_receipt *a)
{
    const struct plane *p =
        a->plan.by != NULL ? source_plane(a->plan.by) : NULL;

    return (struct observing){.st = g->st,
                              .plan = &a->plan,
                              .begun_ms = a->begun_ms,
                              .sent_ms = a->sent_ms,
                              .offset_ms = p ? p->offset_ms : 0};
}

/* The rows say that it is done. */
static bool done(const struct gate *g, struct action_receipt *a)
{
    const struct observing o = observing(g, a);
    char progress[sizeof a->progress];
    bool is = act_observed(&o, progress, sizeof progress);

    if (strcmp(progress, a->progress) != 0) {
        memcpy(a->progress, progress, sizeof progress);
        gate_tell(g);
    }
    return is;
}

/* What is made has no row yet, and nothing that it could have been. */
static bool creates(const struct plan *p)
{
    return p->want.act == ACT_SPAWN || p->want.act == ACT_DEPOSIT ||
           p->want.act == ACT_PROPOSE;
}

/* It was taken, answer or not: the rest is waited for. */
static bool taken(struct gate *g, struct action_receipt *a)
{
    const struct observing o = observing(g, a);

    if (!act_taken(&o))
        return false;
    error_clear(&a->error);
    a->again_ms = 0;
    a->doubted = false;
    a->accepted_ms = clock_wall_ms();
    gate_set_state(g, a, ACTION_ACCEPTED);
    return true;
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
    if (a->tries == 0) { /* what it counts from stays */
        a->plan.entries = now.entries;
        a->plan.mine = now.mine;
    }
    now.entries = a->plan.entries;
    now.mine = a->plan.mine;
    plan_finish(&a->plan);
    a->plan = now;
    return true;
}

static void leave(struct gate *g, struct action_receipt *a);

static void refuse(struct gate *g, struct action_receipt *a,
                   const struct error *err)
{
    a->error = *err;
    gate_set_state(g, a, ACTION_REFUSED);
}

/* The server doubted it, and it was read again. */
static void judge_doubted(struct gate *g, struct action_receipt *a)
{
    struct error said = a->error, err;

    a->doubted = false;
    /* a decision that stands now may be somebody else's: ours was refused */
    if ((a->plan.want.kind != KIND_PROPOSAL || a->tries > 1) && done(g, a)) {
        error_clear(&a->error);
        gate_set_state(g, a, ACTION_OBSERVED);
    } else if (a->tries > 1 && taken(g, a)) {
        ;
    } else if (!still_same(g, a, &err)) {
        a->error = err;
        gate_set_state(g, a, ACTION_SUPERSEDED);
    } else if (a->tries < GATE_TRIES) {
        gate_write_step(g, a, "sent again", NULL, NULL);
        leave(g, a);
    } else {
        refuse(g, a, &said);
    }
}

static void on_reread(int found, const struct error *err, void *arg)
{
    struct gate_ticket *t = arg;
    struct gate *g = t->gate;
    struct action_receipt *a = g ? gate_at(g, t->id) : NULL;

    gate_ticket_free(t);
    if (a == NULL || action_over(a->state))
        return;
    (void)err;
    a->reading = false;
    a->looked |= found >= 0;
    if (found == 0 && (a->plan.want.act == ACT_KILL ||
                       a->plan.want.act == ACT_WIPE)) {
        error_clear(&a->error);
        gate_set_state(g, a, ACTION_OBSERVED);
    } else if (found == 0 && !creates(&a->plan)) {
        error_set(&a->error, ERR_EXPIRED, "it does not exist any more");
        gate_set_state(g, a, ACTION_SUPERSEDED);
    } else if (found >= 0 && a->doubted) {
        judge_doubted(g, a);
    } else if (found < 0 && a->state == ACTION_UNKNOWN) {
        a->again_ms = clock_wall_ms() + 1000;
    }
    gate_look(g);
    gate_plan_timer(g);
}

/* Reads the object again; false where the source cannot. */
static bool read_again(struct gate *g, struct action_receipt *a)
{
    struct gate_ticket *t;

    if (a->reading)
        return true;
    t = gate_ticket(g, a->id);
    t->sent = true;
    a->again_ms = 0;
    a->reading = a->plan.by != NULL &&
                 source_reread(a->plan.by, &a->plan, on_reread, t);
    if (!a->reading)
        gate_ticket_free(t);
    return a->reading;
}

/* Not any more, says the server: which, it does not. */
static void doubt(struct gate *g, struct action_receipt *a)
{
    a->doubted = true;
    a->state = ACTION_UNKNOWN;
    gate_write_step(g, a, "doubted", NULL, NULL);
    if (!read_again(g, a))
        gate_set_state(g, a, done(g, a) ? ACTION_OBSERVED : ACTION_SUPERSEDED);
    else
        gate_tell(g);
}

/* Busy: nothing was done; in a while it is asked again. */
static bool wait_for_it(struct gate *g, struct action_receipt *a)
{
    if (a->tries >= GATE_TRIES)
        return false;
    a->state = ACTION_SENT;
    a->again_ms = clock_wall_ms() + 1000 * a->tries;
    gate_write_step(g, a, "waits", NULL, NULL);
    gate_tell(g);
    return true;
}

static void lose(struct gate *g, struct action_receipt *a)
{
    a->looked = false;
    gate_set_state(g, a, ACTION_UNKNOWN);
    if (a->plan.want.act != ACT_SAY)
        read_again(g, a);
}

static void on_sent(int status, const struct error *err, void *arg)
{
    struct gate_ticket *t = arg;
    struct gate *g = t->gate;
    struct action_receipt *a = g ? gate_at(g, t->id) : NULL;
    bool say = a != NULL && a->plan.want.act == ACT_SAY;

    gate_ticket_free(t);
    if (a == NULL || action_over(a->state))
        return;
    a->error = *err;
    a->status = status;
    if (status >= 200 && status < 300) {
        a->accepted_ms = clock_wall_ms();
        a->again_ms = 0;
        snprintf(a->reply, sizeof a->reply, "%.199s", err->msg);
        gate_set_state(g, a, ACTION_ACCEPTED);
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
        gate_set_state(g, a, ACTION_REFUSED);
    }
    gate_plan_timer(g);
}

/* The request leaves. */
static void leave(struct gate *g, struct action_receipt *a)
{
    struct gate_ticket *t = gate_ticket(g, a->id);
    struct error failed;

    t->sent = true;
    a->state = ACTION_SENT;
    a->again_ms = 0;
    a->tries++;
    if (a->plan.before > 0 && !a->takes) {
        a->takes = true;
        before_put(g->before, &a->plan.want, a->plan.before);
    }
    if (a->sent_ms == 0)
        a->sent_ms = clock_wall_ms();
    if (a->plan.by == NULL)
        error_set(&failed, ERR_ABSENT, "its source has gone");
    if (a->plan.by == NULL ||
        source_send(a->plan.by, &a->plan, a->key, on_sent, t, &failed) != 0) {
        refuse(g, a, &failed);
        gate_ticket_free(t);
    }
}

/* The intent is durable: the request may leave. */
static void on_intent(const struct error *err, void *arg)
{
    struct gate_ticket *t = arg;
    struct gate *g = t->gate;
    struct action_receipt *a = gate_at(g, t->id);
    struct error why;

    gate_ticket_free(t);
    if (a == NULL || a->state != ACTION_SENT)
        return;
    if (err->code != 0) {
        refuse(g, a, err);
    } else if (!still_same(g, a, &why)) {
        a->error = why;
        gate_set_state(g, a, ACTION_SUPERSEDED);
    } else {
        leave(g, a);
    }
}

void gate_begin(struct gate *g, struct action_receipt *a)
{
    struct gate_ticket *t = gate_ticket(g, a->id);
    struct error none;

    a->state = ACTION_SENT;
    if (g->journal == NULL) {
        error_set(&none, ERR_CONFIG,
                  "there is no place for the journal: set HOME");
        on_intent(&none, t);
        return;
    }
    gate_write_step(g, a, "intent", on_intent, t);
    gate_tell(g);
}

/* What waited: for a server that was busy, or to be read. */
static void again(struct gate *g, struct action_receipt *a)
{
    struct error why;

    if (a->state == ACTION_UNKNOWN) {
        read_again(g, a);
    } else if (!still_same(g, a, &why)) {
        a->error = why;
        gate_set_state(g, a, ACTION_SUPERSEDED);
    } else {
        leave(g, a);
    }
}

/* It was looked for long enough; by its own reading, where there is one. */
static void lost(struct gate *g, struct action_receipt *a)
{
    char said[160] = "";

    if (!a->looked && read_again(g, a))
        return;
    if (a->plan.want.act == ACT_RESTART)
        return; /* no row tells that it was not: only new pods tell it was */
    if (a->status != 0)
        snprintf(said, sizeof said, "%.150s: ", a->error.msg);
    error_set(&a->error, ERR_CUT, "%s%s", said,
              a->status != 0 ? "it was not done"
                             : "the answer was lost, and it was not done");
    gate_set_state(g, a, ACTION_LOST);
}

/* How long its source has been live; -1: it is not. */
static int64_t live_for(const struct gate *g, const struct source *s,
                        int64_t now)
{
    for (int i = 0; i < g->source_count; i++)
        if (g->sources[i].source == s && g->sources[i].live_since_ms != 0)
            return now - g->sources[i].live_since_ms;
    return -1;
}

void gate_look(struct gate *g)
{
    int64_t now = clock_wall_ms();

    for (int i = 0; i < g->source_count; i++) {
        struct gate_source *s = &g->sources[i];

        if (source_plane(s->source)->state != PLANE_LIVE)
            s->live_since_ms = 0;
        else if (s->live_since_ms == 0)
            s->live_since_ms = now;
    }
    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL || (a->state != ACTION_ACCEPTED &&
                         a->state != ACTION_UNKNOWN))
            continue;
        /* of what was said the answer is all there is to see */
        if (a->plan.want.act == ACT_SAY && a->state == ACTION_UNKNOWN)
            continue;
        if (done(g, a)) {
            gate_set_state(g, a, ACTION_OBSERVED);
        } else if (a->state == ACTION_UNKNOWN && !a->doubted && taken(g, a)) {
            ;
        } else if (a->state == ACTION_UNKNOWN && !a->doubted && !a->reading &&
                   live_for(g, a->plan.by, now) >= GATE_LOST_MS &&
                   now - a->sent_ms >= GATE_LOST_MS) {
            lost(g, a);
        }
    }
}

void gate_on_timer(uv_timer_t *timer)
{
    struct gate *g = timer->data;
    int64_t now = clock_wall_ms();

    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL || action_over(a->state))
            continue;
        if (a->state == ACTION_HELD && a->held_until_ms <= now)
            gate_begin(g, a);
        else if (a->again_ms != 0 && a->again_ms <= now)
            again(g, a);
    }
    gate_look(g);
    gate_plan_timer(g);
}

void gate_plan_timer(struct gate *g)
{
    int64_t now = clock_wall_ms(), at = INT64_MAX;

    if (g->closing)
        return;
    gate_tell_hurry(g);
    for (int i = 0; i < GATE_ACTIONS; i++) {
        const struct action_receipt *a = g->at[i];

        if (a == NULL || action_over(a->state))
            continue;
        if (gate_hurry_until(a) > now && gate_hurry_until(a) < at)
            at = gate_hurry_until(a);
        if (a->state == ACTION_HELD && a->held_until_ms < at)
            at = a->held_until_ms;
        else if (a->again_ms != 0 && a->again_ms < at)
            at = a->again_ms;
        else if (a->state == ACTION_UNKNOWN && now + 500 < at)
            at = now + 500;
    }
    uv_timer_stop(&g->timer);
    if (at != INT64_MAX)
        uv_timer_start(&g->timer, gate_on_timer,
                       (uint64_t)(at > now ? at - now : 0), 0);
}
