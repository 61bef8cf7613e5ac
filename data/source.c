#include "config.h"

#include "data/source.h"

#include "base/clock.h"
#include "data/source_impl.h"

void source_init(struct source *s, const struct source_impl *impl,
                 uv_loop_t *loop, struct store *store)
{
    *s = (struct source){.impl = impl, .loop = loop, .store = store};
    s->plane = store_plane(store, impl->name);
}

void source_finish(struct source *s)
{
    if (s->closed != NULL)
        s->closed(s->closed_arg);
}

void source_set_state(struct source *s, enum plane_state state)
{
    struct plane *p = s->plane;
    bool turned = (p->state == PLANE_LIVE) != (state == PLANE_LIVE);

    if (p->state == state)
        return;
    p->state = state;
    p->since_ms = clock_wall_ms();
    if (turned)
        store_plane_turned(s->store, p);
    store_plane_changed(s->store);
}

void source_start(struct source *s)
{
    s->impl->start(s);
}

void source_refresh(struct source *s)
{
    if (s->impl->refresh != NULL)
        s->impl->refresh(s);
}

void source_focus(struct source *s, const struct focus *agents, int count)
{
    if (s->impl->focus != NULL)
        s->impl->focus(s, agents, count);
}

bool source_fetch(struct source *s, enum kind kind, const char *ns,
                  const char *name, source_fetch_cb cb, void *arg)
{
    return s->impl->fetch != NULL &&
           s->impl->fetch(s, kind, ns, name, cb, arg);
}

bool source_follow(struct source *s, const char *ns, const char *name,
                   const struct source_lines *calls)
{
    return s->impl->follow != NULL && s->impl->follow(s, ns, name, calls);
}

void source_unfollow(struct source *s)
{
    if (s->impl->unfollow != NULL)
        s->impl->unfollow(s);
}

bool source_reread(struct source *s, const struct plan *p,
                   source_reread_cb cb, void *arg)
{
    return s->impl->reread != NULL && s->impl->reread(s, p, cb, arg);
}

void source_hurry(struct source *s, bool on)
{
    if (s->impl->hurry != NULL)
        s->impl->hurry(s, on);
}

void source_forget(struct source *s)
{
    struct store *st = s->store;
    struct plane *p = s->plane;
    uint8_t own = store_stream_of(st, p);

    store_forget(st, p, s->impl->many ? 0 : own, s->impl->many ? 63 : own);
    s->last = *p; /* what it still does until it is closed is its own affair */
    s->plane = &s->last;
    store_drop_plane(st, p);
}

void source_move(struct source *s, struct plane *to)
{
    struct plane *from = s->plane;

    if (!to->dropped || from == to)
        return;
    *to = *from;
    s->plane = to;
    store_drop_plane(s->store, from);
}

void source_close(struct source *s, void (*cb)(void *arg), void *arg)
{
    s->closed = cb;
    s->closed_arg = arg;
    s->impl->close(s);
}

const struct plane *source_plane(const struct source *s)
{
    return s->plane;
}

struct plane *source_own_plane(struct source *s)
{
    return s->plane;
}

void source_doctor(const struct source *s, source_doctor_fn fn, void *arg)
{
    if (s->impl->doctor != NULL)
        s->impl->doctor(s, fn, arg);
}

int source_plan(struct source *s, const struct act_want *want,
                struct plan *ret, struct error *err)
{
    *ret = (struct plan){.want = *want, .by = s};
    if (s->impl->plan == NULL)
        return error_set(err, ERR_ABSENT, "%s: nothing can be done there yet",
                         s->impl->name);
    return s->impl->plan(s, ret, err);
}

int source_send(struct source *s, const struct plan *p, const char *key,
                source_sent_cb cb, void *arg, struct error *err)
{
    if (s->impl->send == NULL)
        return error_set(err, ERR_ABSENT, "%s: nothing can be done there yet",
                         s->impl->name);
    return s->impl->send(s, p, key, cb, arg, err);
}

int source_try(struct source *s, const struct plan *p, source_tried_cb cb,
               void *arg, struct error *err)
{
    if (s->impl->try_plan == NULL)
        return error_set(err, ERR_ABSENT, "%s: it cannot be asked first",
                         s->impl->name);
    return s->impl->try_plan(s, p, cb, arg, err);
}

void source_untry(struct source *s)
{
    if (s->impl->untry != NULL)
        s->impl->untry(s);
}
