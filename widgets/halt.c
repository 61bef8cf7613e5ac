#include "config.h"

#include "widgets/halt.h"

#include "base/when.h"
#include "data/act/halt.h"
#include "widgets/keymap.h"
#include "widgets/look.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

#define CHOICES 4

static int taken(const struct ui *u)
{
    struct before_row row;
    int n = 0;

    while (gate_taken(u->gate, n, &row))
        n++;
    return n;
}

const char *halt_namespace(const struct ui *u)
{
    const struct agent *a = store_agent(u->st, u->agent_list.slot);

    return a != NULL ? a->ns : u->ns;
}

static int marked(const struct ui *u)
{
    return u->mark_count > 0 && u->marks[0].kind == KIND_AGENT ? u->mark_count
                                                               : 0;
}

static bool there_is(const struct ui *u, enum halt_scope s)
{
    switch (s) {
    case HALT_MARKED:
        return marked(u) > 0;
    case HALT_NAMESPACE:
        return halt_namespace(u)[0] != '\0';
    case HALT_FLEET:
        return u->st->agents.live > 0;
    default:
        return taken(u) > 0;
    }
}

void halt_choose(struct ui *u, int by)
{
    int at = by == 0 ? -1 : u->halt_choice;

    for (int i = at + (by < 0 ? -1 : 1); i >= 0 && i < CHOICES;
         i += by < 0 ? -1 : 1)
        if (there_is(u, (enum halt_scope)i)) {
            u->halt_choice = i;
            return;
        }
}

static void choice(struct canvas *c, struct rect in, int y, const struct ui *u,
                   enum halt_scope s)
{
    bool live = there_is(u, s), at = live && (int)s == u->halt_choice;
    enum role role = at ? ROLE_TITLE : live ? ROLE_TEXT : ROLE_FAINT;
    char text[160], note[80] = "";

    if (s == HALT_MARKED)
        snprintf(text, sizeof text, "the marked agents");
    else if (s == HALT_NAMESPACE)
        snprintf(text, sizeof text, "namespace %.100s",
                 u->local ? "– there are none here" : halt_namespace(u));
    else if (s == HALT_FLEET)
        snprintf(text, sizeof text, "the fleet");
    else
        snprintf(text, sizeof text, "resume what was stopped from here");
    if (s == HALT_MARKED)
        snprintf(note, sizeof note, "%d", marked(u));
    else if (s == HALT_FLEET)
        snprintf(note, sizeof note, "%u", u->st->agents.live);
    else if (s == HALT_BACK)
        snprintf(note, sizeof note, "%d", taken(u));
    if (at)
        canvas_glyph(c, in.x, y, GLYPH_CURSOR, ROLE_FOCUS, 0);
    canvas_text(c, in.x + 2, y, in.w - 12, text, strlen(text), role,
                at ? CELL_BOLD : 0);
    canvas_right(c, in.x + in.w, y, note, role, 0);
}

static void choices_draw(struct canvas *c, struct rect in, const struct ui *u)
{
    int y = in.y + 1;

    for (int i = 0; i < CHOICES; i++, y++) {
        y += i == HALT_BACK;
        choice(c, in, y, u, (enum halt_scope)i);
    }
    y++;
    canvas_str(c, in.x, y++, "First what starts others, then what writes, then "
                             "the rest; each is seen to", ROLE_DIM, 0);
    canvas_str(c, in.x, y++, "stand before the next begins. Nothing is sent "
                             "before you saw the plan.", ROLE_DIM, 0);
}

static void stage_draw(struct canvas *c, struct rect in, int y,
                       const struct ui *u, int stage)
{
    struct halt_count n = halt_count(u->halt, stage);
    bool back = halt_scope(u->halt) == HALT_BACK;
    bool at = halt_state(u->halt) == HALT_RUNS && halt_stage(u->halt) == stage;
    int bar = in.w > 90 ? 30 : 16, x = in.x + 18;
    double done = n.all > 0 ? (double)(n.done + n.failed) / n.all : 1;

    canvas_fmt(c, in.x, y, 17, at ? ROLE_TITLE : ROLE_TEXT,
               at ? CELL_BOLD : 0, "%d %s", stage + 1,
               halt_stage_name(back ? HALT_STAGES - 1 - stage : stage));
    canvas_meter(c, x, y, bar, done, n.failed > 0 ? ROLE_BAD : ROLE_GOOD);
    x += bar + 2;
    x = canvas_fmt(c, x, y, in.x + in.w - x, ROLE_TEXT, 0, "%d of %d %s",
                   n.done, n.all, back ? "run" : "stand");
    if (n.under_way > 0)
        x = canvas_fmt(c, x + 2, y, in.x + in.w - x - 2, ROLE_INFO, 0,
                       "%d under way", n.under_way);
    if (n.failed > 0)
        x = canvas_fmt(c, x + 2, y, in.x + in.w - x - 2, ROLE_BAD, 0,
                       "%d not", n.failed);
    if (n.left > 0)
        canvas_fmt(c, x + 2, y, in.x + in.w - x - 2, ROLE_WAIT, 0,
                   "%d left alone", n.left);
}

static void progress_draw(struct canvas *c, struct rect in, const struct ui *u)
{
    const char *name, *why;
    int y = in.y + 1, beyond = halt_beyond(u->halt, &why);

    for (int i = 0; i < HALT_STAGES; i++)
        stage_draw(c, in, y++, u, i);
    y++;
    if (beyond > 0)
        canvas_fmt(c, in.x, y++, in.w, ROLE_WAIT, 0,
                   "%d were not in it: %s", beyond, why);
    for (int i = 0; y < in.y + in.h - 2 &&
                    halt_failure(u->halt, i, &name, &why); i++)
        canvas_fmt(c, in.x, y++, in.w, ROLE_BAD, 0, "%s: %s", name, why);
}

void halt_draw(struct canvas *c, struct rect r, const struct ui *u,
               int64_t now_ms)
{
    enum halt_state state = halt_state(u->halt);
    bool shown = state == HALT_RUNS || state == HALT_OVER;
    bool back = shown && halt_scope(u->halt) == HALT_BACK;
    int w = r.w - 4 < 100 ? r.w - 4 : 100, tall = shown ? 18 : 13,
        h = r.h - 2 < tall ? r.h - 2 : tall;
    struct rect k = {r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
    struct rect in = rect_inset(k, 3, 1);
    char note[80] = "", age[12];

    if (shown) {
        int64_t end = state == HALT_OVER ? halt_ended_ms(u->halt) : now_ms;
        int64_t took = end - halt_begun_ms(u->halt);

        snprintf(note, sizeof note, "%s %s",
                 state == HALT_OVER ? "took" : "runs for",
                 look_age(end - (took > 0 ? took : 0), end, age));
    }
    canvas_dim(c, r);
    canvas_fill(c, k, ROLE_BACK);
    canvas_box(c, k, 0, back ? "resume" : "halt", note, true);
    if (shown)
        progress_draw(c, in, u);
    else
        choices_draw(c, in, u);
    canvas_str(c, in.x, k.y + k.h - 2,
               !shown               ? "⏎ shows the plan    esc back"
               : state == HALT_RUNS ? "S stops midway    esc back, it goes on"
                                    : "⏎ another choice    esc back",
               ROLE_DIM, 0);
}
