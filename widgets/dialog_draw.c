#include "config.h"

#include "data/act/gate.h"
#include "base/when.h"
#include "widgets/look.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

/* The dialog over everything, the receipts, and the strip of the latest. */

#define DIALOG_W 88

static enum role friction_role(enum risk_level level)
{
    static const enum role roles[] = {ROLE_GOOD, ROLE_WAIT, ROLE_BAD,
                                      ROLE_BAD};

    return roles[level];
}

static void field_draw(struct canvas *c, int x, int y, int w,
                       const struct dialog_field *f, bool here)
{
    int at = x + 10, text = text_width(f->text, strlen(f->text)),
        room = w - 11;
    const char *from = f->text;
    bool right = f->must[0] != '\0' && strcmp(f->text, f->must) == 0;

    canvas_str(c, x, y, f->label, here ? ROLE_FOCUS : ROLE_DIM, 0);
    /* the end is what one types at */
    while (text > room - 1 && *from != '\0') {
        from++;
        while (((unsigned char)*from & 0xc0) == 0x80)
            from++;
        text = text_width(from, strlen(from));
    }
    at = canvas_text(c, at, y, room, from, strlen(from),
                     right ? ROLE_GOOD : ROLE_TITLE, CELL_BOLD);
    if (here)
        at = canvas_glyph(c, at, y, GLYPH_CARET, ROLE_FOCUS, 0);
    if (f->text[0] == '\0')
        canvas_fmt(c, at + 1, y, x + w - at - 1, ROLE_DIM, 0, "%s%s%s",
                   f->must[0] ? "type “" : f->optional ? "may be empty" : "",
                   f->must, f->must[0] ? "” to confirm" : "");
}

static int height(const struct dialog *d)
{
    int h = 8 + d->plan.line_count + d->field_count;

    if (d->count > 1)
        h += (d->count < 8 ? d->count : 8) + 1;
    return h + (d->field_count > 0);
}

static const char *bottom(const struct dialog *d)
{
    if (d->field_count == 0)
        return "y  do it    n, Enter or Esc  leave it";
    if (d->wants[0].act == ACT_SPAWN)
        return "Enter  do it    Tab  next field    Up  earlier commands    "
               "Esc  leave it";
    return "Enter  do it    Tab  next field    Esc  leave it";
}

void dialog_draw(struct canvas *c, struct rect r, const struct ui *u)
{
    const struct dialog *d = &u->dialog;
    const struct plan *p = &d->plan;
    int w = r.w - 4 < DIALOG_W ? r.w - 4 : DIALOG_W, h = height(d), y;
    struct rect k, in;
    char title[260];

    h = h > r.h ? r.h : h;
    k = (struct rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
    in = rect_inset(k, 3, 1);
    canvas_dim(c, r);
    canvas_fill(c, k, ROLE_BACK);
    if (d->count > 1)
        snprintf(title, sizeof title, "%s · %d at once",
                 act_name(d->wants[0].act), d->count);
    else
        snprintf(title, sizeof title, "%s", act_name(d->wants[0].act));
    canvas_box(c, k, 0, title,
               d->planned ? risk_level_name(p->friction) : "no plan", true);
    y = in.y + 1;
    if (d->planned) {
        canvas_text(c, in.x, y++, in.w, p->title, strlen(p->title),
                    friction_role(p->friction), CELL_BOLD);
        for (int i = 0; i < p->line_count; i++)
            canvas_text(c, in.x, y++, in.w, p->lines[i], strlen(p->lines[i]),
                        ROLE_TEXT, 0);
    } else {
        canvas_text(c, in.x, y++, in.w,
                    d->error.code ? d->error.msg : "making the plan …",
                    strlen(d->error.code ? d->error.msg
                                         : "making the plan …"),
                    d->error.code ? ROLE_BAD : ROLE_DIM, 0);
    }
    for (int i = 0; d->count > 1 && i < d->count && i < 8; i++)
        canvas_fmt(c, in.x + 2, y++, in.w - 2, ROLE_DIM, 0, "%s",
                   d->wants[i].name);
    if (d->count > 8)
        canvas_fmt(c, in.x + 2, y++, in.w - 2, ROLE_DIM, 0, "and %d more",
                   d->count - 8);
    if (d->planned)
        canvas_fmt(c, in.x, y + 1, in.w, ROLE_INFO, 0, "%s %s", p->method,
                   p->path);
    y += 3;
    for (int i = 0; i < d->field_count; i++)
        field_draw(c, in.x, y++, in.w, &d->fields[i], i == d->at);
    y += d->field_count > 0;
    if (d->dropped)
        canvas_str(c, in.x, y, "that key came too early to be meant: again",
                   ROLE_WAIT, 0);
    else
        canvas_str(c, in.x, y, bottom(d), ROLE_DIM, 0);
}

static const struct {
    const char *words;
    enum role role;
    int lamps; /* of three */
} states[] = {
    [ACTION_HELD] = {"held", ROLE_WAIT, 0},
    [ACTION_SENT] = {"sent", ROLE_INFO, 1},
    [ACTION_ACCEPTED] = {"accepted", ROLE_INFO, 2},
    [ACTION_OBSERVED] = {"observed", ROLE_GOOD, 3},
    [ACTION_UNKNOWN] = {"unknown, looking", ROLE_WAIT, 1},
    [ACTION_CANCELLED] = {"cancelled", ROLE_DIM, 0},
    [ACTION_REFUSED] = {"refused", ROLE_BAD, 1},
    [ACTION_SUPERSEDED] = {"superseded", ROLE_WAIT, 0},
    [ACTION_LOST] = {"not done", ROLE_BAD, 1},
};

/* ● ● ○: sent, accepted, observed. */
static int lamps(struct canvas *c, int x, int y, enum action_state s)
{
    for (int i = 0; i < 3; i++) {
        bool on = i < states[s].lamps;

        canvas_glyph(c, x, y, on ? GLYPH_LIVE : GLYPH_IDLE,
                     on ? states[s].role : ROLE_DIM, 0);
        x += 2;
    }
    return x;
}

/* What there is to say beyond its state; "" nothing. */
static const char *detail(const struct action_receipt *a)
{
    if (a->state == ACTION_OBSERVED || a->state == ACTION_HELD)
        return "";
    return a->error.code != 0 ? a->error.msg : a->progress;
}

#define STRIP_MS 6000
#define STRIP_WAIT_MS 60000 /* what takes longer is among the receipts */

bool strip_shows(const struct ui *u, int64_t now_ms)
{
    const struct action_receipt *a =
        u->gate != NULL ? gate_receipt(u->gate, 0) : NULL;

    if (a == NULL)
        return false;
    if (a->ended_ms != 0)
        return now_ms - a->ended_ms < STRIP_MS;
    return a->state != ACTION_ACCEPTED ||
           now_ms - a->accepted_ms < STRIP_WAIT_MS;
}

void strip_draw(struct canvas *c, struct rect r, const struct ui *u,
                int64_t now_ms)
{
    const struct action_receipt *a = gate_receipt(u->gate, 0);
    int x = r.x + 1, end = r.x + r.w - 1;
    int64_t left = (a->held_until_ms - now_ms + 999) / 1000;

    x = lamps(c, x, r.y, a->state);
    x = canvas_text(c, x + 1, r.y, end - x - 1, a->plan.title,
                    strlen(a->plan.title), ROLE_TITLE, CELL_BOLD);
    if (a->state == ACTION_HELD) {
        x = canvas_fmt(c, x + 2, r.y, end - x - 2, ROLE_WAIT, 0,
                       "sent in %d s", (int)(left < 0 ? 0 : left));
        x = canvas_str(c, x + 3, r.y, "u", ROLE_KEY, CELL_BOLD);
        x = canvas_str(c, x + 1, r.y, "undo", ROLE_DIM, 0);
        x = canvas_str(c, x + 3, r.y, "⏎", ROLE_KEY, CELL_BOLD);
        canvas_str(c, x + 1, r.y, "send now", ROLE_DIM, 0);
        return;
    }
    x = canvas_fmt(c, x + 2, r.y, end - x - 2, states[a->state].role, 0, "%s",
                   states[a->state].words);
    if (detail(a)[0] != '\0')
        canvas_fmt(c, x, r.y, end - x, ROLE_TEXT, 0, ": %s", detail(a));
}

void receipts_draw(struct canvas *c, struct rect r, struct ui *u,
                   int64_t now_ms)
{
    int w = r.w - 4 < 110 ? r.w - 4 : 110, h = r.h - 2 < 24 ? r.h - 2 : 24;
    struct rect k = {r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
    struct rect in = rect_inset(k, 3, 1);
    const struct action_receipt *a;
    char age[12];

    canvas_dim(c, r);
    canvas_fill(c, k, ROLE_BACK);
    canvas_box(c, k, 0, "receipts", "sent · accepted · observed", true);
    for (int i = 0; i < in.h - 1; i++) {
        int y = in.y + i, x;

        a = u->gate != NULL ? gate_receipt(u->gate, i) : NULL;
        if (a == NULL) {
            if (i == 0)
                canvas_str(c, in.x, y, "nothing was done from this console",
                           ROLE_DIM, 0);
            break;
        }
        x = lamps(c, in.x, y, a->state);
        canvas_fmt(c, x + 1, y, 4, ROLE_DIM, 0, "%4s",
                   look_age(a->begun_ms, now_ms, age));
        x = canvas_text(c, x + 7, y, in.w / 2, a->plan.title,
                        strlen(a->plan.title), ROLE_TEXT, 0);
        canvas_fmt(c, x + 2, y, in.x + in.w - x - 2, states[a->state].role, 0,
                   "%s%s%s", states[a->state].words,
                   detail(a)[0] ? ": " : "", detail(a));
    }
}
