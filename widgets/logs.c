#include "config.h"

#include "base/when.h"
#include "widgets/log_view.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"

#include <stdio.h>
#include <string.h>

#define TEXT_X 10 /* behind the clock */

void logs_draw(struct canvas *c, struct rect r, struct ui *u)
{
    struct log_view *v = u->logs;
    struct rect in = rect_inset(r, 2, 1);
    char title[320], note[360], clock[9];
    uint32_t top;

    canvas_fill(c, r, ROLE_BACK);
    if (v == NULL)
        return;
    u->page_room = in.h;
    if (v->back + (uint32_t)in.h > v->count && v->back > 0)
        v->back = v->count > (uint32_t)in.h ? v->count - (uint32_t)in.h : 0;
    snprintf(title, sizeof title, "%s · %s", v->name,
             v->previous ? "previous log" : "log");
    if (v->back > 0)
        snprintf(note, sizeof note, "%u lines below, G follows", v->back);
    else
        snprintf(note, sizeof note, "%s", v->note);
    canvas_box(c, r, 0, title, note, true);
    if (v->count == 0)
        canvas_text(c, in.x, in.y, in.w, v->note[0] ? v->note : "asking …",
                    strlen(v->note[0] ? v->note : "asking …"),
                    v->bad ? ROLE_BAD : ROLE_DIM, 0);
    top = v->count > (uint32_t)in.h + v->back
              ? v->count - (uint32_t)in.h - v->back
              : 0;
    for (int y = 0; y < in.h; y++) {
        const struct log_line *l = log_view_at(v, top + (uint32_t)y);

        if (l == NULL)
            break;
        if (l->at_ms != 0) {
            when_clock(l->at_ms, clock);
            canvas_str(c, in.x, in.y + y, clock, ROLE_DIM, 0);
        }
        canvas_text(c, in.x + TEXT_X, in.y + y, in.w - TEXT_X, l->text, l->len,
                    ROLE_TEXT, 0);
    }
    scroll_mark(c, r, top, v->count, in.h);
    if (v->bad && v->count > 0 && v->back == 0)
        canvas_text(c, in.x, r.y + r.h - 1, in.w, v->note, strlen(v->note),
                    ROLE_BAD, 0);
}
