#include "config.h"

#include "widgets/look.h"
#include "widgets/page.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"
#include "widgets/work.h"

#include <stdio.h>
#include <string.h>

/* The list of all other objects, by kind. */

struct columns {
    int name, name_w, ns, ns_w, owner, owner_w, state, end;
};

static struct columns columns_for(struct rect r)
{
    struct columns k = {.name = r.x + 20, .end = r.x + r.w - 2};
    int room = k.end - k.name;

    k.name_w = room * 3 / 10;
    k.ns = k.name + k.name_w + 1;
    k.ns_w = r.w >= 100 ? room / 7 : 0;
    k.owner = k.ns + (k.ns_w > 0 ? k.ns_w + 1 : 0);
    k.owner_w = room / 5;
    k.state = k.owner + k.owner_w + 1;
    return k;
}

static void put(struct canvas *c, int x, int y, int w, const char *s,
                enum role role, unsigned attrs)
{
    if (w > 0)
        canvas_text(c, x, y, w, s, strlen(s), role, attrs);
}

static void draw_row(struct canvas *c, struct rect r, const struct columns *k,
                     int y, const struct ui *u, const struct roster_row *row,
                     bool selected, int64_t now_ms)
{
    const char *ns, *name;
    char words[300];
    uint32_t agent;
    enum role role;

    if (!store_names(u->st, row->kind, row->slot, &ns, &name))
        return; /* it went since the list was made */
    if (selected) {
        canvas_fill(c, (struct rect){r.x + 1, y, r.w - 2, 1}, ROLE_SELECT);
        canvas_glyph(c, r.x + 1, y, GLYPH_CURSOR, ROLE_FOCUS, 0);
    }
    if (u->roster.only != 0) {
        (row->kind == KIND_MISSION ? mission_draw : objective_draw)(
            c, (struct rect){r.x + 3, y, r.w - 5, 1},
            store_object(u->st, row->slot), now_ms);
        return;
    }
    put(c, r.x + 3, y, 16, kind_object_name(row->kind), ROLE_DIM, 0);
    canvas_name(c, k->name, y, k->name_w, name, strlen(name), ROLE_TEXT,
                selected ? CELL_BOLD : 0);
    put(c, k->ns, y, k->ns_w, ns, ROLE_DIM, 0);
    if (page_agents(u->st, row->kind, row->slot, &agent, 1) == 1) {
        const char *who = store_agent(u->st, agent)->name;

        canvas_name(c, k->owner, y, k->owner_w, who, strlen(who),
                    look_hue(who), 0);
    } else {
        put(c, k->owner, y, k->owner_w, "–", ROLE_DIM, 0);
    }
    role = page_state(u->st, row->kind, row->slot, now_ms, words,
                      sizeof words);
    put(c, k->state, y, k->end - k->state, words, role, 0);
}

/* Kinds that may not be read, so that their absence is no news. */
static void draw_denied(struct canvas *c, struct rect r, const struct ui *u,
                        enum kind only)
{
    int x = r.x + 3, end = r.x + r.w - 2, y = r.y + r.h - 2;

    for (const enum kind *k = roster_kinds; *k != KIND_COUNT; k++) {
        const struct stream *s = &u->st->streams[*k];

        if ((only == KIND_COUNT || only == *k) &&
            (s->state == STREAM_DENIED || s->state == STREAM_FAILED) &&
            x < end)
            x = canvas_fmt(c, x, y, end - x, ROLE_WAIT, 0, "%s: %s  ",
                           kind_name(*k), s->note);
    }
}

/* The one kind it shows; KIND_COUNT: all. */
static enum kind only_kind(const struct roster *o)
{
    return o->only == 1u << KIND_MISSION     ? KIND_MISSION
           : o->only == 1u << KIND_OBJECTIVE ? KIND_OBJECTIVE
                                             : KIND_COUNT;
}

static void heads(struct canvas *c, struct rect r, const struct columns *k,
                  enum kind kind)
{
    const struct rect line = {r.x + 3, r.y + 1, r.w - 5, 1};

    if (kind == KIND_MISSION) {
        mission_heads(c, line);
    } else if (kind == KIND_OBJECTIVE) {
        objective_heads(c, line);
    } else {
        put(c, r.x + 3, r.y + 1, 16, "kind", ROLE_DIM, 0);
        put(c, k->name, r.y + 1, k->name_w, "name", ROLE_DIM, 0);
        put(c, k->ns, r.y + 1, k->ns_w, "namespace", ROLE_DIM, 0);
        put(c, k->owner, r.y + 1, k->owner_w, "agent", ROLE_DIM, 0);
        put(c, k->state, r.y + 1, k->end - k->state, "how it is", ROLE_DIM,
            0);
    }
}

void objects_draw(struct canvas *c, struct rect r, struct ui *u,
                  int64_t now_ms)
{
    struct roster *o = &u->roster;
    struct columns k = columns_for(r);
    int rows = r.h - 4;
    char note[FILTER_MAX + 100];
    enum kind kind = only_kind(o);

    if (u->filter_text[PANE_OBJECTS][0] != '\0')
        snprintf(note, sizeof note, "%u of %u · /%.40s", o->count, o->all,
                 u->filter_text[PANE_OBJECTS]);
    else if (kind == KIND_MISSION)
        mission_sum(u->st, NULL, now_ms, note, sizeof note);
    else
        snprintf(note, sizeof note, "%u%s", o->count,
                 kind == KIND_COUNT ? " · by kind" : "");
    canvas_fill(c, r, ROLE_BACK);
    canvas_box(c, r, 0, kind == KIND_COUNT ? "objects" : kind_name(kind),
               note, true);
    heads(c, r, &k, kind);
    draw_denied(c, r, u, kind);
    u->page_room = rows;
    if (o->count == 0) {
        put(c, r.x + 3, r.y + 2, r.w - 5,
            o->all > 0          ? "no object matches"
            : kind == KIND_COUNT ? "no other objects"
                                 : "there are none",
            ROLE_DIM, 0);
        return;
    }
    o->top = scroll_to(o->top, o->rank, o->count, rows);
    for (uint32_t i = 0; i < (uint32_t)(rows > 0 ? rows : 0); i++)
        if (o->top + i < o->count)
            draw_row(c, r, &k, r.y + 2 + (int)i, u, &o->rows[o->top + i],
                     o->top + i == o->rank, now_ms);
    scroll_mark(c, r, o->top, o->count, rows);
}
