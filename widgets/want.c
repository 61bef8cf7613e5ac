#include "config.h"

#include "widgets/want.h"

#include "widgets/keymap.h"

#include <stdio.h>
#include <string.h>

static const struct agent *subject(const struct ui *u)
{
    return store_agent(u->st, keymap_subject(u, KIND_AGENT));
}

const char *want_place(const struct ui *u)
{
    const struct agent *a = subject(u);
    const struct proposal *p =
        store_proposal(u->st, keymap_subject(u, KIND_PROPOSAL));
    enum signal type;
    const struct heat_row *row = ui_heat_at(u, &type);

    if (a != NULL)
        return a->ns;
    if (p != NULL)
        return p->ns;
    if (u->page == PAGE_DETAIL && u->target.ns[0] != '\0')
        return u->target.ns;
    if (u->focus == PANE_HEAT && u->heat_by == HEAT_BY_NAMESPACE && row)
        return row->name;
    if (u->ns[0] != '\0')
        return u->ns;
    a = store_agent(u->st, u->agent_list.slot);
    return a != NULL ? a->ns : "";
}

static void put_int(struct act_want *w, const char *key, int32_t v)
{
    char text[16];

    if (v == FACT_NONE)
        return;
    snprintf(text, sizeof text, "%d", (int)v);
    want_set(w, key, text);
}

/* Like the one that is selected; its name is its own. */
static void like(const struct agent *a, struct act_want *w)
{
    if (a == NULL || a->genus == NULL)
        return;
    want_set(w, "genus", a->genus);
    want_set(w, "image", a->image ? a->image : "");
    put_int(w, "replicas", a->replicas);
    want_set(w, "mode", a->deploy_mode ? a->deploy_mode : "");
}

/* From the cell under the heatmap's cursor, or to the selected agent. */
static void signal(const struct ui *u, struct act_want *w)
{
    enum signal type;
    const struct heat_row *row = ui_heat_at(u, &type);
    const struct agent *a = subject(u);

    if (a != NULL) {
        want_set(w, "target", a->name);
    } else if (u->focus == PANE_HEAT && row != NULL) {
        if (u->heat_by == HEAT_BY_AGENT)
            want_set(w, "source", row->name);
        else if (u->heat_by == HEAT_BY_TARGET)
            want_set(w, "target", row->name);
        /* CHAOS is typed or chosen, never come by */
        if (type < SIGNAL_OTHER && type != SIGNAL_CHAOS)
            want_set(w, "type", signal_name(type));
    }
}

static bool is_control(const struct plane *p)
{
    return p->rank == RANK_CONTROL && strcmp(p->name, "habitat") != 0;
}

const struct plane *want_plane_of(const struct agent *a)
{
    for (const struct run *r = a->runs; r != NULL; r = r->next)
        if (is_control(r->plane))
            return r->plane;
    return NULL;
}

const struct plane *want_control(const struct store *st)
{
    for (uint32_t i = 0; i < st->plane_count; i++)
        if (!st->planes[i].dropped && is_control(&st->planes[i]))
            return &st->planes[i];
    return NULL;
}

const struct plane *want_plane(const struct ui *u)
{
    const struct agent *a = subject(u);

    if (a == NULL)
        a = store_agent(u->st, u->agent_list.slot);
    if (a != NULL && a->runs != NULL && want_plane_of(a) != NULL)
        return want_plane_of(a);
    return u->local || u->cluster ? NULL : want_control(u->st);
}

uint32_t want_frozen(const struct ui *u)
{
    uint32_t slot;
    const struct object *b;

    if (u->page != PAGE_DETAIL || u->target.kind != KIND_OBJECTIVE)
        return SLOT_NONE;
    slot = ui_target_slot(u);
    b = store_object(u->st, slot);
    return b != NULL && b->phase != NULL && strcmp(b->phase, "frozen") == 0
               ? slot
               : SLOT_NONE;
}

void want_create(const struct ui *u, enum act act, struct act_want *ret)
{
    const struct agent *a = subject(u);

    *ret = (struct act_want){.act = act,
                             .kind = act == ACT_SPAWN     ? KIND_AGENT
                                     : act == ACT_DEPOSIT ? KIND_PHEROMONE
                                                          : KIND_PROPOSAL};
    snprintf(ret->ns, sizeof ret->ns, "%s", want_place(u));
    if (act == ACT_SPAWN) {
        like(a, ret);
    } else if (act == ACT_DEPOSIT) {
        signal(u, ret);
    } else if (a != NULL) {
        want_set(ret, "kind", "Agent");
        want_set(ret, "target", a->name);
        want_set(ret, "in", a->ns);
    }
}

uint32_t want_signal(const struct ui *u)
{
    const struct target *t = u->page == PAGE_DETAIL    ? &u->target
                             : u->page == PAGE_SIGNALS ? &u->link
                                                       : NULL;

    if (t == NULL || u->local || t->kind != KIND_PHEROMONE ||
        (u->page == PAGE_SIGNALS && u->link_at < 0))
        return SLOT_NONE;
    return target_slot(t, u->st);
}
