#include "config.h"

#include "tui/grid.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

/* How it ended, over the last lines: it may be a long story. */
static void end_draw(struct canvas *c, struct rect in,
                     const struct tether_view *t)
{
    struct lines l;
    struct rect r = in;

    lines_init(&l);
    lines_wrap(&l, 1, in.w - 2, ROLE_WAIT, t->note, strlen(t->note));
    r.h = l.count < in.h ? l.count : in.h;
    r.y = in.y + in.h - r.h;
    canvas_fill(c, r, ROLE_BAR);
    lines_draw(c, r, &l, 0);
    lines_finish(&l);
}

void tether_draw(struct canvas *c, struct rect r, struct ui *u)
{
    struct tether_view *t = &u->tether;
    struct rect in = rect_inset(r, 1, 1);
    char note[240];
    int w, h;

    if (t->ended)
        snprintf(note, sizeof note, "ended");
    else if (t->note[0] != '\0')
        snprintf(note, sizeof note, "%s", t->note);
    else if (t->you)
        snprintf(note, sizeof note, "you type");
    else if (t->typist > 0)
        snprintf(note, sizeof note, "process %d types, you look", t->typist);
    else
        snprintf(note, sizeof note, "you look");
    canvas_fill(c, r, ROLE_BACK);
    canvas_box(c, r, 0, t->name, note, true);
    t->room = in;
    if (t->grid == NULL)
        return;
    grid_size(t->grid, &w, &h);
    canvas_clip(c, in);
    grid_draw(c, in, t->grid, t->you && !t->ended);
    if (t->ended && t->note[0] != '\0')
        end_draw(c, in, t);
    canvas_unclip(c);
}
