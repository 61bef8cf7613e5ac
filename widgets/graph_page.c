#include "config.h"

#include "widgets/graph.h"

#include "widgets/look.h"
#include "widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *graph_who(const struct graph_entry *e)
{
    return strncmp(e->source, "agent:", 6) == 0 ? e->source + 6 : e->source;
}

static const struct graph_entry *list_of(const struct graph_view *v,
                                         const struct graph_cursor *at,
                                         uint32_t *count)
{
    *count = (uint32_t)(at->writes ? v->written_count : v->found_count);
    return at->writes ? v->written : v->found;
}

void graph_move(const struct graph_view *v, struct graph_cursor *at, int by)
{
    uint32_t count;
    int64_t rank = (int64_t)at->rank + by;

    list_of(v, at, &count);
    at->rank = rank < 0 || count == 0 ? 0
               : rank >= count        ? count - 1
                                      : (uint32_t)rank;
}

bool graph_seek(const struct graph_view *v, struct graph_cursor *at,
                int64_t id)
{
    for (int turn = 0; turn < 2; turn++) { /* the list that it is on first */
        struct graph_cursor to = {.writes = at->writes != (turn > 0)};
        uint32_t count;
        const struct graph_entry *list = list_of(v, &to, &count);

        while (to.rank < count && list[to.rank].id != id)
            to.rank++;
        if (to.rank < count) {
            *at = to;
            return true;
        }
    }
    return false;
}

const struct graph_entry *graph_selected(const struct graph_view *v,
                                         const struct graph_cursor *at)
{
    uint32_t count;
    const struct graph_entry *list = list_of(v, at, &count);

    return at->rank < count ? &list[at->rank] : NULL;
}

/* One list of counts with bars, beside each other the same. */
static void draw_counts(struct canvas *c, struct rect r, const char *title,
                        const struct graph_count *at, int count, int more,
                        int64_t sum)
{
    int shown = r.h - 2, name_w = (r.w - 4) / 2, bar_w = r.w - 4 - name_w - 8;
    char note[40], number[12];

    snprintf(note, sizeof note, "%s",
             look_count((uint64_t)(sum > 0 ? sum : 0), number));
    canvas_box(c, r, 0, title, note, false);
    if (count > shown || more > 0)
        shown--;
    if (shown > count)
        shown = count;
    for (int i = 0; i < shown; i++) {
        int y = r.y + 1 + i;

        canvas_name(c, r.x + 2, y, name_w, at[i].name, strlen(at[i].name),
                    look_hue(at[i].name), 0);
        if (bar_w > 0)
            canvas_meter(c, r.x + 3 + name_w, y, bar_w,
                         at[0].count > 0 ? (double)at[i].count /
                                               (double)at[0].count
                                         : 0,
                         look_hue(at[i].name));
        canvas_right(c, r.x + r.w - 2, y,
                     look_count((uint64_t)at[i].count, number), ROLE_TEXT,
                     0);
    }
    more += count - shown;
    if (more > 0 && shown >= 0 && r.h > 2)
        canvas_fmt(c, r.x + 2, r.y + 1 + shown, r.w - 4, ROLE_DIM, 0,
                   "… %d more", more);
}

static void draw_entry(struct canvas *c, struct rect r, int y,
                       const struct graph_entry *e, bool selected,
                       int64_t now_ms)
{
    const char *who = graph_who(e);
    int who_w = r.w >= 60 ? 20 : 0, label_w = r.w >= 90 ? 12 : 0;
    int x = r.x + 14, w = r.w - 16 - (who_w > 0 ? who_w + 1 : 0) -
                          (label_w > 0 ? label_w + 1 : 0);
    const char *more = e->strategy[0] != '\0' ? e->strategy : e->label;
    char text[12], sure[8];

    if (selected) {
        canvas_fill(c, (struct rect){r.x + 1, y, r.w - 2, 1}, ROLE_SELECT);
        canvas_glyph(c, r.x + 1, y, GLYPH_CURSOR, ROLE_FOCUS, 0);
    }
    canvas_right(c, r.x + 7, y, look_age(e->at_ms, now_ms, text), ROLE_DIM,
                 0);
    if (!isnan(e->confidence))
        canvas_str(c, r.x + 9, y, look_fraction(e->confidence, sure),
                   look_sure(e->confidence), 0);
    if (w > 0)
        canvas_text(c, x, y, w, e->title[0] != '\0' ? e->title : "–",
                    e->title[0] != '\0' ? strlen(e->title) : 3, ROLE_TEXT,
                    selected ? CELL_BOLD : 0);
    x += w + 1;
    if (label_w > 0)
        canvas_text(c, x, y, label_w, more, strlen(more), ROLE_DIM, 0);
    x += label_w > 0 ? label_w + 1 : 0;
    if (who_w > 0)
        canvas_text(c, x, y, who_w, *who != '\0' ? who : "–",
                    *who != '\0' ? strlen(who) : 3,
                    *who != '\0' ? look_hue(who) : ROLE_DIM, 0);
}

static void draw_list(struct canvas *c, struct rect r,
                      const struct graph_view *v, struct graph_cursor *at,
                      int64_t now_ms)
{
    uint32_t count;
    const struct graph_entry *list = list_of(v, at, &count);
    int rows = r.h - 2;
    char note[48], number[12];

    if (at->writes)
        snprintf(note, sizeof note, "the latest %u", count);
    else
        snprintf(note, sizeof note, "the latest %u of %s", count,
                 look_count((uint64_t)(v->findings > 0 ? v->findings : 0),
                            number));
    canvas_box(c, r, 0, at->writes ? "written" : "findings", note, true);
    graph_move(v, at, 0); /* the list may have become shorter */
    if (count == 0)
        canvas_fmt(c, r.x + 3, r.y + 1, r.w - 5, ROLE_DIM, 0, "%s",
                   at->writes ? "nothing says when it was written"
                              : "no findings yet");
    at->top = scroll_to(at->top, at->rank, count, rows);
    for (uint32_t i = at->top; i < count && (int)(i - at->top) < rows; i++)
        draw_entry(c, r, r.y + 1 + (int)(i - at->top), &list[i],
                   i == at->rank, now_ms);
    scroll_mark(c, r, at->top, count, rows);
}

static void draw_look(struct canvas *c, struct rect r,
                      const struct graph_look *l)
{
    struct rect in = rect_inset(r, 2, 1);
    char title[120] = "around it", note[48] = "";
    const char *words = "";
    enum role role = ROLE_DIM;

    if (l->state == GRAPH_LOOK_THERE) {
        snprintf(title, sizeof title, "around %.30s %.60s",
                 l->dots[0].label, l->dots[0].title);
        snprintf(note, sizeof note, "%s%d nodes, %d edges%s",
                 l->depth > 1 ? "2 steps · " : "", l->dot_count,
                 l->line_count, l->more ? ", and more" : "");
    }
    canvas_box(c, r, 0, title, note, false);
    switch (l->state) {
    case GRAPH_LOOK_NONE:
        words = "Enter: what is around the selected node";
        break;
    case GRAPH_LOOK_ASKED:
        words = "asking…";
        break;
    case GRAPH_LOOK_ABSENT:
        words = "there is no such node (any more)";
        break;
    case GRAPH_LOOK_FAILED:
        words = l->error.msg;
        role = ROLE_BAD;
        break;
    default:
        graph_draw(c, in, l);
        if (l->line_count == 0 && in.h > 0)
            canvas_fmt(c, in.x, in.y + in.h - 1, in.w, ROLE_DIM, 0,
                       "nothing is related to it");
        break;
    }
    canvas_text(c, in.x, in.y, in.w, words, strlen(words), role, 0);
}

void graph_page_draw(struct canvas *c, struct rect r,
                     const struct graph_view *v, struct graph_cursor *at,
                     int64_t now_ms)
{
    int left = r.w >= 120 ? 40 : r.w >= 80 ? 28 : 0;
    int list = r.h * 2 / 5 > 4 ? r.h * 2 / 5 : r.h > 4 ? 4 : r.h;
    int labels = r.h >= 20 ? r.h * 3 / 5 : r.h;

    canvas_fill(c, r, ROLE_BACK);
    if (!v->known || v->empty) {
        canvas_box(c, r, 0, "graph", "", true);
        canvas_fmt(c, r.x + 3, r.y + 1, r.w - 5, ROLE_DIM, 0, "%s",
                   v->empty ? "graph empty: nothing was ever written to it"
                            : "nothing was read of it yet");
        return;
    }
    if (left > 0) {
        draw_counts(c, (struct rect){r.x, r.y, left, labels}, "nodes",
                    v->labels, v->label_count, v->labels_more, v->nodes);
        if (r.h - labels > 2)
            draw_counts(c,
                        (struct rect){r.x, r.y + labels, left, r.h - labels},
                        "edges", v->types, v->type_count, v->types_more,
                        v->edges);
    }
    draw_list(c, (struct rect){r.x + left, r.y, r.w - left, list}, v, at,
              now_ms);
    if (r.h > list)
        draw_look(c,
                  (struct rect){r.x + left, r.y + list, r.w - left,
                                r.h - list},
                  &v->look);
}
