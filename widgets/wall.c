#include "config.h"

#include "base/when.h"
#include "widgets/digits.h"
#include "widgets/look.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

/* The wall: three numbers to be read from across the room, the map, the
   stream, and the hour's trouble. */

static void draw_number(struct canvas *c, int x, int y, int w, const char *n,
                        enum role role, const char *title, const char *note)
{
    digits_draw(c, x, y, n, role);
    canvas_text(c, x, y + 6, w, title, strlen(title), ROLE_TITLE, CELL_BOLD);
    canvas_text(c, x, y + 7, w, note, strlen(note), ROLE_DIM, 0);
}

static const struct proposal *riskiest(const struct ui *u)
{
    const struct proposal *worst = NULL;

    for (uint32_t i = 0; i < u->st->proposals.used; i++) {
        const struct proposal *p = store_proposal(u->st, i);

        if (p != NULL && proposal_open(p) &&
            (worst == NULL || p->risk.total > worst->risk.total))
            worst = p;
    }
    return worst;
}

static void draw_numbers(struct canvas *c, const struct ui *u, int y,
                         int64_t now_ms)
{
    const struct store *st = u->st;
    const struct proposal *worst = riskiest(u);
    int third = (c->w - 8) / 3;
    char n[16], note[160], age[12];

    snprintf(n, sizeof n, "%u", st->open_proposals);
    snprintf(note, sizeof note, "oldest %s",
             look_age(u->oldest_open_ms, now_ms, age));
    draw_number(c, 4, y, third, n, st->open_proposals ? ROLE_WAIT : ROLE_GOOD,
                "wait for a person", st->open_proposals ? note : "nothing");
    snprintf(n, sizeof n, "%u", st->states[AGENT_WORKING]);
    snprintf(note, sizeof note, "of %u · %u quiet, %u in trouble",
             st->agents.live, st->states[AGENT_QUIET], st->trouble);
    draw_number(c, 4 + third, y, third, n, ROLE_GOOD, "agents at work", note);
    snprintf(n, sizeof n, "%.2f", worst ? (double)worst->risk.total : 0.0);
    draw_number(c, 4 + 2 * third, y, third, n,
                worst ? look_risk((double)worst->risk.total) : ROLE_GOOD,
                "highest open risk", worst ? worst->title : "none");
}

static void draw_hours(struct canvas *c, const struct ui *u, int y)
{
    const struct store *st = u->st;
    int w = c->w - 14 - 3;
    double most = 1;

    canvas_str(c, 2, y, "last hour", ROLE_DIM, 0);
    canvas_str(c, 2, y + 1, "trouble", ROLE_DIM, 0);
    for (int i = 0; i < STORE_HOUR; i++)
        if ((double)st->hour[i] > most)
            most = (double)st->hour[i];
    if (u->heat.sum > most)
        most = u->heat.sum;
    for (int i = 0; i < w; i++) {
        int at = i * STORE_HOUR / w;
        double v = (at == STORE_HOUR - 1 ? u->heat.sum
                                         : (double)st->hour[at]) /
                   most;

        canvas_spark(c, 13 + i, y, v, role_heat(v * 0.9 + 0.1));
        if (st->trouble_hour[at] > 0)
            canvas_glyph(c, 13 + i, y + 1, GLYPH_SPARK_4, ROLE_BAD, 0);
    }
}

static void draw_troubles(struct canvas *c, const struct ui *u, int y,
                          int rows, int64_t now_ms)
{
    int drawn = 0;
    uint32_t slot = view_at(u->agents, 0);

    for (; slot != SLOT_NONE && drawn < rows;
         slot = view_next(u->agents, slot)) {
        const struct agent *a = store_agent(u->st, slot);
        struct look look;

        if (a == NULL || !a->trouble)
            continue;
        look = look_state(a->state);
        canvas_glyph(c, 2, y + drawn, look.glyph, look.role, 0);
        canvas_name(c, 4, y + drawn, 20, a->name, strlen(a->name), ROLE_BAD,
                    0);
        canvas_text(c, 25, y + drawn, c->w - 27, a->why ? a->why : "",
                    strlen(a->why ? a->why : ""), ROLE_BAD, 0);
        drawn++;
    }
    (void)now_ms;
}

void wall_draw(struct canvas *c, struct ui *u, int64_t now_ms)
{
    int y = 1, foot = 6, mid;
    bool numbers = c->w >= 80 && c->h >= 26;
    struct rect map, stream;

    canvas_clear(c);
    u->agents_shown = 32; /* no list here, but the stream is theirs */
    u->focus = PANE_NONE;
    header_draw(c, (struct rect){0, 0, c->w, 1}, u, now_ms);
    sources_draw(c, (struct rect){0, y++, c->w, 1}, u, now_ms);
    if (numbers) {
        draw_numbers(c, u, y + 2, now_ms);
        y += 11;
    }
    foot = c->h - y >= 20 ? 6 : c->h - y >= 10 ? 2 : 0;
    mid = c->h - y - foot;
    map = (struct rect){0, y, c->w >= 80 ? c->w / 2 : c->w, mid};
    stream = (struct rect){map.w, y, c->w - map.w, mid};
    heatmap_draw(c, map, u, now_ms);
    if (stream.w > 0)
        thoughts_draw(c, stream, u, now_ms);
    if (foot >= 2)
        draw_hours(c, u, c->h - foot + (foot > 2 ? 1 : 0));
    if (foot > 3)
        draw_troubles(c, u, c->h - foot + 4, foot - 4, now_ms);
}
