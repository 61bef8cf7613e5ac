#include "config.h"

#include "data/act/gate_priv.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const char *action_state_name(enum action_state s)
{
    static const char *const names[] = {
        "held",     "sent",       "accepted", "observed", "unknown, looking",
        "cancelled", "refused", "superseded", "not done"};

    return names[s];
}

bool action_over(enum action_state s)
{
    return s == ACTION_OBSERVED || s >= ACTION_CANCELLED;
}

struct gate_ticket *gate_ticket(struct gate *g, uint32_t id)
{
    struct gate_ticket *t = xcalloc(1, sizeof *t);

    *t = (struct gate_ticket){.gate = g, .next = g->tickets, .id = id};
    g->tickets = t;
    return t;
}

void gate_ticket_free(struct gate_ticket *t)
{
    struct gate_ticket **at = t->gate ? &t->gate->tickets : NULL;

    while (at != NULL && *at != t)
        at = &(*at)->next;
    if (at != NULL)
        *at = t->next;
    free(t);
}

struct action_receipt *gate_at(const struct gate *g, uint32_t id)
{
    for (int i = 0; i < GATE_ACTIONS; i++)
        if (g->at[i] != NULL && g->at[i]->id == id)
            return g->at[i];
    return NULL;
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
    struct gate_ticket *t = g->tickets, *next;

    g->tickets = NULL;
    for (; t != NULL; t = next) {
        next = t->next;
        t->gate = NULL;
        if (!t->sent)
            gate_ticket_free(t);
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
            gate_set_state(g, g->at[i], ACTION_CANCELLED);
    g->closing = true;
    uv_close((uv_handle_t *)&g->timer, on_timer_closed);
    if (g->journal != NULL)
        journal_close(g->journal, on_part_closed, g);
    before_close(g->before, on_part_closed, g);
    drop_tickets(g);
}

void gate_use(struct gate *g, struct source *s)
{
    if (g->source_count < GATE_SOURCES)
        g->sources[g->source_count++] = (struct gate_source){.source = s};
}

void gate_use_first(struct gate *g, struct source *s)
{
    if (g->source_count == GATE_SOURCES)
        return;
    memmove(g->sources + 1, g->sources,
            (size_t)g->source_count++ * sizeof *g->sources);
    g->sources[0] = (struct gate_source){.source = s};
}

void gate_leave(struct gate *g, struct source *s)
{
    int n = 0;

    for (int i = 0; i < g->source_count; i++)
        if (g->sources[i].source != s)
            g->sources[n++] = g->sources[i];
    g->source_count = n;
    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL || a->plan.by != s)
            continue;
        a->plan.by = NULL;
        if (a->state == ACTION_HELD)
            gate_set_state(g, a, ACTION_CANCELLED);
    }
}

int gate_plan(struct gate *g, const struct act_want *want, struct plan *ret,
              struct error *err)
{
    *ret = (struct plan){.want = *want};
    struct act_want more = *want;
    char before[16];

    if (g->source_count == 0)
        return error_set(err, ERR_ABSENT, "there is no source to act on");
    if (want->act == ACT_RESUME) {
        snprintf(before, sizeof before, "%d", before_find(g->before, want));
        want_set(&more, "before", before);
    }
    for (int i = 0; i < g->source_count; i++) {
        struct error e;

        if (i > 0)
            plan_finish(ret);
        if (source_plan(g->sources[i].source, &more, ret, &e) == 0)
            return 0;
        /* the first that knows the row has the better reason */
        if (i == 0 || e.code != ERR_ABSENT)
            *err = e;
        if (e.code != ERR_ABSENT)
            return e.code;
    }
    return err->code;
}

/* It left long ago, and nobody can say what became of it. */
static bool forlorn(const struct action_receipt *a)
{
    return (a->state == ACTION_ACCEPTED || a->state == ACTION_UNKNOWN) &&
           clock_wall_ms() - a->begun_ms > GATE_FORLORN_MS;
}

/* A free slot: an unused one, else the oldest that is over. */
static struct action_receipt *take(struct gate *g)
{
    struct action_receipt *best = NULL, *lost = NULL;

    for (int i = 0; i < GATE_ACTIONS; i++) {
        struct action_receipt *a = g->at[i];

        if (a == NULL)
            return g->at[i] = xcalloc(1, sizeof *a);
        if (action_over(a->state) && (best == NULL || a->id < best->id))
            best = a;
        if (forlorn(a) && (lost == NULL || a->id < lost->id))
            lost = a;
    }
    if (best != NULL || lost == NULL)
        return best;
    gate_write_step(g, lost, "not waited for any more", NULL, NULL);
    return lost;
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
                                 .begun_ms = clock_wall_ms()};
    p->body = NULL;
    for (int i = 0; i < 16; i++)
        snprintf(a->key + 2 * i, 3, "%02x", key[i]);
    if (hold) {
        a->state = ACTION_HELD;
        a->held_until_ms = a->begun_ms + GATE_HELD_MS;
        gate_tell(g);
    } else {
        gate_begin(g, a);
    }
    gate_plan_timer(g);
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
    gate_set_state(g, a, ACTION_CANCELLED);
    gate_plan_timer(g);
    return true;
}

bool gate_release(struct gate *g)
{
    struct action_receipt *a = latest_held(g);

    if (a == NULL)
        return false;
    gate_begin(g, a);
    gate_plan_timer(g);
    return true;
}

const struct action_receipt *gate_find(const struct gate *g, uint32_t id)
{
    return gate_at(g, id);
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
