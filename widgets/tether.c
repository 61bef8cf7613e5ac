#include "config.h"

#include "tui/grid.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

void tether_draw(struct canvas *c, struct rect r, struct ui *u)
{
    struct tether_view *t = &u->tether;
    struct rect in = rect_inset(r, 1, 1);
    char note[240];
    int w, h;

    if (t->note[0] != '\0')
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
    canvas_unclip(c);
}
