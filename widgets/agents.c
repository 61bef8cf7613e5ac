#include "config.h"

#include "data/health.h"
#include "widgets/empty.h"
#include "widgets/look.h"
#include "widgets/panes.h"
#include "widgets/scroll.h"

#include <stdio.h>
#include <string.h>

/* Where the columns of a row begin. */
struct columns {
    int name, name_w, meter, spark, spark_w, phase, step, step_end, tokens,
        age;
};

#define METER_W 8

static struct columns columns_for(struct rect r, bool compact)
{
    struct columns k;
    int spare;

    k.name = r.x + 5;
    k.name_w = r.w >= 150 ? 28 : r.w >= 100 ? 20 : r.w >= 70 ? 13 : 11;
    k.meter = k.name + k.name_w + 1;
    k.spark_w = r.w >= 100 ? ACTIVITY_SPARK
                : r.w >= 76 && !compact ? 10
                                        : 0;
    k.spark = k.meter + METER_W + 1;
    k.phase = k.spark + (k.spark_w > 0 ? k.spark_w + 1 : 0);
    k.step = k.phase + 6;
    k.age = r.x + r.w - 6;
    k.tokens = r.x + r.w - 13;
    spare = k.tokens - k.step;
    if (spare < 12)
        k.tokens = k.age; /* no room for tokens */
    k.step_end = k.tokens - 1;
    return k;
}

/* How hot the bar is: what the meter shows, told in colour too. */
static enum role meter_role(double v)
{
    return role_heat(0.35 + v * 0.6);
}

static void draw_spark(struct canvas *c, const struct columns *k, int y,
                       const struct agent *a, int64_t now_ms)
{
    enum role role = role_heat(0.30 + activity_meter(&a->act, now_ms) * 0.5);

    for (int i = 0; i < k->spark_w; i++) {
        double v = activity_spark(&a->act, now_ms, k->spark_w - 1 - i);

        /* a few events a minute are much already: 1 − 1/(1 + v/4) */
        canvas_spark(c, k->spark + i, y, 1 - 1 / (1 + v / 4),
                     v > 0 ? role : ROLE_TRACK);
    }
}

static void draw_words(struct canvas *c, const struct columns *k, int y,
                       const struct agent *a, const struct verdict *v)
{
    struct look look = look_state(v->state);
    bool alarmed = look.role == ROLE_BAD || look.role == ROLE_WAIT;
    const char *words = v->why, *phase = look.word;
    enum role role = alarmed ? look.role : ROLE_DIM;

    if (v->state == AGENT_WORKING || v->state == AGENT_IDLE) {
        if (a->act.step != NULL)
            words = a->act.step;
        if (v->state == AGENT_WORKING) {
            role = ROLE_TEXT;
            if (a->act.step != NULL)
                phase = look_step((enum thought_kind)a->act.step_kind);
        }
        if (v->conflict) {
            words = v->why;
            role = ROLE_WAIT;
            phase = "odd";
        } else if (v->degraded && (words == v->why || v->state == AGENT_IDLE)) {
            words = v->why;
            role = ROLE_WAIT;
            phase = "half";
        }
    }
    canvas_text(c, k->phase, y, 6, phase, strlen(phase),
                alarmed || role == ROLE_WAIT ? role : ROLE_DIM, 0);
    canvas_text(c, k->step, y, k->step_end - k->step, words, strlen(words),
                role, 0);
}

static void draw_row(struct canvas *c, struct rect r, const struct columns *k,
                     int y, const struct agent *a, bool selected, bool focus,
                     bool marked,
                     int64_t now_ms)
{
    struct verdict v;
    struct look look;
    bool rest;
    char text[12];
    double meter = activity_meter(&a->act, now_ms);

    health_judge(a, now_ms, &v);
    look = look_state(v.state);
    rest = look.role == ROLE_DIM;
    if (selected) {
        canvas_fill(c, (struct rect){r.x + 1, y, r.w - 2, 1}, ROLE_SELECT);
        canvas_glyph(c, r.x + 1, y, GLYPH_CURSOR,
                     focus ? ROLE_FOCUS : ROLE_DIM, 0);
    }
    if (marked)
        canvas_glyph(c, r.x + 1, y, GLYPH_CHECK, ROLE_FOCUS, CELL_BOLD);
    canvas_glyph(c, r.x + 3, y, look.glyph,
                 v.degraded && look.role == ROLE_GOOD ? ROLE_WAIT : look.role,
                 CELL_BOLD);
    canvas_name(c, k->name, y, k->name_w, a->name, strlen(a->name),
                rest ? ROLE_DIM : look_hue(a->name), selected ? CELL_BOLD : 0);
    canvas_meter(c, k->meter, y, METER_W, meter, meter_role(meter));
    draw_spark(c, k, y, a, now_ms);
    draw_words(c, k, y, a, &v);
    if (k->tokens != k->age)
        canvas_right(c, k->tokens + 6, y, look_count(a->act.tokens, text),
                     ROLE_DIM, 0);
    canvas_right(c, k->age + 4, y,
                 look_age(a->act.last_ms ? a->act.last_ms : a->created_ms,
                          now_ms, text),
                 ROLE_DIM, 0);
}

static void draw_empty(struct canvas *c, struct rect r, const struct ui *u)
{
    const struct empty words = {
        u->filter_text[PANE_AGENTS][0] ? "no agent matches" : NULL,
        "kgents is not installed here, and no agent of fracta was found",
        u->local ? "no agents yet: s starts one, or terrarium spawn -- "
                   "COMMAND in any terminal"
                 : "no agents"};

    empty_draw(c, r.x + 3, r.y + 1, r.w - 5, u, KIND_AGENT, &words);
}

void agents_draw(struct canvas *c, struct rect r, struct ui *u,
                 int64_t now_ms, bool compact)
{
    struct columns k = columns_for(r, compact);
    uint32_t n = view_count(u->agents), slot;
    int rows = r.h - 2;
    char note[FILTER_MAX + 80];
    const struct stream *s = &u->st->streams[KIND_AGENT];

    if (u->filter_text[PANE_AGENTS][0] != '\0')
        snprintf(note, sizeof note, "%u of %u · /%.40s", n, u->st->agents.live,
                 u->filter_text[PANE_AGENTS]);
    else
        snprintf(note, sizeof note, "%u · by %s%s%s", n,
                 view_sort_name(view_sort(u->agents)),
                 s->state == STREAM_STALE ? " · stale" : "",
                 u->st->agents.refused > 0 ? " · more not kept" : "");
    u->agents_shown = rows > 0 ? rows : 0;
    canvas_box(c, r, PANE_AGENTS, "agents", note, u->focus == PANE_AGENTS);
    if (n == 0) {
        draw_empty(c, r, u);
        return;
    }
    u->agent_list.top =
        scroll_to(u->agent_list.top, u->agent_list.rank, n, rows);
    slot = view_at(u->agents, u->agent_list.top);
    for (int i = 0; i < rows && slot != SLOT_NONE; i++) {
        const struct agent *a = store_agent(u->st, slot);

        if (a != NULL)
            draw_row(c, r, &k, r.y + 1 + i, a, slot == u->agent_list.slot,
                     u->focus == PANE_AGENTS,
                     u->mark_count > 0 && ui_marked(u, KIND_AGENT, slot),
                     now_ms);
        slot = view_next(u->agents, slot);
    }
    scroll_mark(c, r, u->agent_list.top, n, rows);
}
