#include "config.h"

#include "data/act/gate_priv.h"

#include "base/clock.h"
#include "data/json/write.h"

/* What was shown: its version, and what a pause takes away. */
static void write_shown(struct json *j, const struct plan *p)
{
    if (p->version != 0)
        json_int(j, "version", (int64_t)p->version);
    if (p->before > 0)
        json_int(j, "before", p->before);
}

void gate_write_step(struct gate *g, const struct action_receipt *a,
                     const char *step, journal_cb cb, void *arg)
{
    const struct act_want *w = &a->plan.want;
    const struct journal_about about = {act_name(w->act), kind_name(w->kind),
                                        w->ns, w->name, w->uid};
    struct buf line;
    struct json j;

    if (g->journal == NULL)
        return;
    buf_init(&line, 64u << 10);
    journal_head(&j, &line, a->key, step, &about);
    if (cb != NULL) { /* the intent tells all */
        journal_who(&j, a->plan.user);
        json_text(&j, "title", a->plan.title);
        json_text(&j, "digest", a->plan.digest);
        json_text(&j, "request", a->plan.method);
        json_text(&j, "path", a->plan.path);
        write_shown(&j, &a->plan);
        if (w->reason[0] != '\0')
            json_text(&j, "reason", w->reason);
    } else {
        json_int(&j, "after_ms", clock_wall_ms() - a->begun_ms);
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

void gate_tell(const struct gate *g)
{
    if (g->changed != NULL && !g->closing)
        g->changed(g->arg);
}

/* What was taken away is back, or was not taken. */
static void tell_before(struct gate *g, struct action_receipt *a)
{
    if (a->plan.want.act == ACT_RESUME && a->state == ACTION_OBSERVED)
        before_drop(g->before, &a->plan.want);
    else if (a->takes && a->state >= ACTION_CANCELLED)
        before_undo(g->before, &a->plan.want);
}

void gate_set_state(struct gate *g, struct action_receipt *a,
                    enum action_state s)
{
    a->state = s;
    if (action_over(s))
        a->ended_ms = clock_wall_ms();
    tell_before(g, a);
    gate_write_step(g, a, action_state_name(s), NULL, NULL);
    gate_tell_hurry(g);
    gate_tell(g);
}
