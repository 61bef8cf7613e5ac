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

/* Text broken at blanks into at most `rows` lines; how many it took. c NULL:
   only counted. */
static int wrapped(struct canvas *c, int x, int y, int w, int rows,
                   enum role role, const char *s)
{
    size_t n = strlen(s);
    int used = 0;

    while (n > 0 && used < rows) {
        size_t fit = text_fit(s, n, w, NULL), cut = fit;

        if (used + 1 == rows)
            cut = n; /* the rest, cut with a mark */
        else if (fit < n)
            while (cut > 0 && s[cut] != ' ')
                cut--;
        if (cut == 0)
            cut = fit > 0 ? fit : n;
        if (c != NULL)
            canvas_text(c, x, y + used, w, s, cut, role, 0);
        used++;
        while (cut < n && s[cut] == ' ')
            cut++;
        s += cut;
        n -= cut;
    }
    return used;
}

static int label_width(const struct dialog *d)
{
    int w = 8;

    for (int i = 0; i < d->field_count; i++) {
        int n = (int)strlen(d->fields[i].of->label);

        w = n > w ? n : w;
    }
    return w + 2;
}

/* Is what is wrong with it to be told already? An empty field is not wrong
   before Enter. */
static bool tells(const struct dialog *d, const struct field *f)
{
    return f->error[0] != '\0' && (f->text[0] != '\0' || d->pressed);
}

#define FAULT_ROWS 2

static int rows_of(const struct dialog *d, int i, int room)
{
    const struct field *f = &d->fields[i];

    return 1 + (tells(d, f) ? wrapped(NULL, 0, 0, room, FAULT_ROWS, ROLE_BAD,
                                      f->error)
                            : 0);
}

/* The text with its cursor; what is left of it goes when it is too long. */
static void text_draw(struct canvas *c, int at, int y, int room,
                      const struct field *f, enum role role, bool here)
{
    const char *from = f->text, *cursor = f->text + f->at;
    size_t under = 1, n = strlen(f->text);
    int end = at + room;
    unsigned attrs = f->fresh && here ? 0 : CELL_BOLD;

    while (from < cursor &&
           text_width(from, (size_t)(cursor - from)) > room - 2) {
        from++;
        while (((unsigned char)*from & 0xc0) == 0x80)
            from++;
    }
    n -= (size_t)(from - f->text);
    if (!here || *cursor == '\0') {
        at = canvas_text(c, at, y, here ? room - 1 : room, from, n, role,
                         attrs);
        if (here)
            canvas_glyph(c, at, y, GLYPH_CARET, ROLE_FOCUS, 0);
        return;
    }
    at = canvas_text(c, at, y, room, from, (size_t)(cursor - from), role,
                     attrs);
    while (((unsigned char)cursor[under] & 0xc0) == 0x80)
        under++;
    at = canvas_text(c, at, y, end - at, cursor, under, ROLE_FOCUS,
                     CELL_REVERSE);
    canvas_text(c, at, y, end - at, cursor + under, strlen(cursor + under),
                role, attrs);
}

/* Returns the rows it took. */
static int field_draw(struct canvas *c, int x, int y, int w,
                      const struct dialog *d, int i)
{
    const struct field *f = &d->fields[i];
    bool here = i == d->at, filed = dialog_filed(d, i);
    bool right = f->must[0] != '\0' && strcmp(f->text, f->must) == 0;
    int at = x + label_width(d), room = x + w - at - 1, rows = 1;
    enum role role = tells(d, f) ? ROLE_BAD : right ? ROLE_GOOD : ROLE_TITLE;

    canvas_str(c, x, y, f->of->label, here ? ROLE_FOCUS : ROLE_DIM, 0);
    if (filed && !here)
        canvas_str(c, at, y, "as the file says",
                   tells(d, f) ? ROLE_BAD : ROLE_DIM, 0);
    else
        text_draw(c, at, y, room, f, role, here);
    if (filed)
        ;
    else if (f->text[0] == '\0' && f->must[0] != '\0')
        canvas_fmt(c, at + 1 + here, y, room - 2, ROLE_DIM, 0,
                   "type “%s” to confirm", f->must);
    else if (f->text[0] == '\0')
        canvas_text(c, at + (here ? 2 : 0), y, room - 2, f->of->hint,
                    strlen(f->of->hint), ROLE_DIM, 0);
    if (tells(d, f))
        rows += wrapped(c, at, y + 1, room, FAULT_ROWS, ROLE_BAD, f->error);
    return rows;
}

static const char *bottom(const struct dialog *d)
{
    if (d->trying)
        return "Esc  take it back";
    if (d->field_count == 0)
        return "y  do it    n, Enter or Esc  leave it";
    if (!d->cluster && d->wants[0].act == ACT_SPAWN)
        return "Enter  do it    Tab  next field    Up  earlier commands    "
               "Esc  leave it";
    if (d->fields[d->at].of->choices != NULL)
        return d->form->edits ? "Enter  do it    Left Right  choose    "
                                "^E  editor    Esc  leave it"
                              : "Enter  do it    Left Right  choose    "
                                "Tab  next field    Esc  leave it";
    if (d->form != NULL && d->form->edits)
        return "Enter  do it    Tab  next field    ^E  editor    "
               "Esc  leave it";
    return "Enter  do it    Tab  next field    Esc  leave it";
}

/* Which fields are to be filled still. */
static void missing_draw(struct canvas *c, int x, int y, int w,
                         const struct dialog *d)
{
    int end = x + w, n = 0;

    for (int i = 0; i < d->form_count; i++) {
        const struct field *f = &d->fields[i];

        if (f->text[0] != '\0' || f->of->optional || dialog_filed(d, i))
            continue;
        x = canvas_fmt(c, x, y, end - x, ROLE_DIM, 0, "%s%s",
                       n++ == 0 ? "still to be filled: " : ", ",
                       f->of->label);
    }
}

/* A line of the plan; one that is new stands out in colour and by a mark. */
static int line_draw(struct canvas *c, int x, int y, int w,
                     const struct dialog *d, int i)
{
    bool lit = (d->lit & 1u << i) != 0;

    if (lit && c != NULL)
        canvas_glyph(c, x - 2, y, GLYPH_CURSOR, ROLE_WAIT, 0);
    return wrapped(c, x, y, w, 2, lit ? ROLE_WAIT : ROLE_TEXT,
                   d->plan.lines[i]);
}

#define NAMED_ROWS 8

/* Which rows a bulk plan is about: those that changed first. */
static int rows_draw(struct canvas *c, int x, int y, int w,
                     const struct dialog *d)
{
    int from = y, named = 0, rest;

    for (int lit = 1; d->count > 1 && lit >= 0; lit--)
        for (int i = 0; i < d->count && named < NAMED_ROWS; i++) {
            if (d->lit_rows[i] != (lit == 1))
                continue;
            if (c != NULL)
                canvas_fmt(c, x + 2, y, w - 2, lit ? ROLE_WAIT : ROLE_DIM, 0,
                           "%s%s", d->wants[i].name, lit ? "  changed" : "");
            y++;
            named++;
        }
    rest = d->count > 1 ? d->count - named : 0;
    if (rest > 0) {
        if (c != NULL)
            canvas_fmt(c, x + 2, y, w - 2, ROLE_DIM, 0, "and %d more", rest);
        y++;
    }
    if (d->left_out > 0) {
        if (c != NULL)
            canvas_fmt(c, x, y, w, ROLE_WAIT, 0, "%d left out: %s%s",
                       d->left_out, d->left_why,
                       d->left_out > 1 ? ", …" : "");
        y++;
    }
    return y - from;
}

/* What is planned, in words, or why it is not. Returns the rows it took;
   c NULL: only counted. */
static int plan_draw(struct canvas *c, int x, int y, int w,
                     const struct dialog *d)
{
    const struct plan *p = &d->plan;
    char text[240];
    int from = y;

    if (d->again) {
        if (c != NULL)
            canvas_str(c, x, y,
                       "changed while you looked; nothing was sent: look "
                       "again",
                       ROLE_WAIT, CELL_BOLD);
        y++;
    }
    if (d->planned) {
        if (c != NULL)
            canvas_text(c, x, y, w, p->title, strlen(p->title),
                        d->lit_title ? ROLE_WAIT : friction_role(p->friction),
                        CELL_BOLD | (d->lit_title ? CELL_REVERSE : 0));
        y++;
    } else if (d->error.code == 0) {
        if (c != NULL && d->form != NULL)
            missing_draw(c, x, y, w, d);
        else if (c != NULL)
            canvas_str(c, x, y, "making the plan …", ROLE_DIM, 0);
        y++;
    }
    if (d->error.code != 0)
        y += wrapped(c, x, y, w, 3, ROLE_BAD, d->error.msg);
    for (int i = 0; i < d->warning_count; i++) {
        snprintf(text, sizeof text, "the server warns: %s", d->warnings[i]);
        y += wrapped(c, x, y, w, 2, ROLE_WAIT, text);
    }
    if (d->warned) {
        if (c != NULL)
            canvas_str(c, x, y,
                       d->warning_count > 0
                           ? "Enter sends it all the same"
                           : "asked first, it tells what this would come to; "
                             "Enter sends it",
                       ROLE_WAIT, 0);
        y++;
    }
    for (int i = 0; i < d->told_count; i++)
        y += wrapped(c, x, y, w, 2, ROLE_INFO, d->told[i]);
    for (int i = 0; d->planned && i < p->line_count; i++)
        y += line_draw(c, x, y, w, d, i);
    return y + rows_draw(c, x, y, w, d) - from;
}

/* The first field that is drawn, so that the one with the keys is seen. */
static int first_field(const struct dialog *d, int rows, int room)
{
    int top = 0, used = 0;

    for (int i = 0; i <= d->at && i < d->field_count; i++)
        used += rows_of(d, i, room);
    /* one more is seen below, where there is one */
    if (d->at + 1 < d->field_count)
        used++;
    for (; top < d->at && used > rows; top++)
        used -= rows_of(d, top, room);
    return top;
}

static void fields_draw(struct canvas *c, struct rect r, const struct dialog *d)
{
    int room = r.w - label_width(d) - 1;
    int top = first_field(d, r.h, room), i = top, y = r.y;
    char more[24];

    for (; i < d->field_count; i++) {
        if (y + rows_of(d, i, room) > r.y + r.h)
            break;
        y += field_draw(c, r.x, y, r.w, d, i);
    }
    if (top > 0) {
        snprintf(more, sizeof more, "%d above", top);
        canvas_right(c, r.x + r.w, r.y, more, ROLE_DIM, 0);
    }
    if (i < d->field_count) {
        snprintf(more, sizeof more, "%d below", d->field_count - i);
        canvas_right(c, r.x + r.w, y - 1, more, ROLE_DIM, 0);
    }
}

static void frame(struct canvas *c, struct rect k, const struct dialog *d)
{
    char title[260];

    canvas_fill(c, k, ROLE_BACK);
    if (d->count > 1)
        snprintf(title, sizeof title, "%s · %d at once",
                 act_name(d->wants[0].act), d->count);
    else
        snprintf(title, sizeof title, "%s", act_name(d->wants[0].act));
    canvas_box(c, k, 0, title,
               d->planned ? risk_level_name(d->plan.friction) : "no plan",
               true);
}

static void last_line(struct canvas *c, int x, int y, int w,
                      const struct dialog *d)
{
    int from = x;

    if (d->trying)
        x = canvas_str(c, x, y, "asking the server …    ", ROLE_INFO, 0);
    w -= x - from;
    if (d->dropped)
        canvas_str(c, x, y, "that key came too early to be meant: again",
                   ROLE_WAIT, 0);
    else
        canvas_text(c, x, y, w, bottom(d), strlen(bottom(d)), ROLE_DIM, 0);
}

/* Whole, in two lines where one is too short. */
static void request_draw(struct canvas *c, int x, int y, int w,
                         const struct plan *p)
{
    int at = canvas_fmt(c, x, y, w, ROLE_INFO, 0, "%s ", p->method);
    size_t n = strlen(p->path), first = text_fit(p->path, n, x + w - at, NULL);

    canvas_text(c, at, y, x + w - at, p->path, first, ROLE_INFO, 0);
    if (first < n)
        canvas_text(c, at, y + 1, x + w - at, p->path + first, n - first,
                    ROLE_INFO, 0);
}

/* A form: its fields keep their place above, the plan stands below. */
static void form_draw(struct canvas *c, struct rect r, const struct dialog *d)
{
    int w = r.w - 4 < DIALOG_W ? r.w - 4 : DIALOG_W, room = w - 6, rows = 0;
    int all = plan_draw(NULL, 0, 0, room, d), plan = all, top, h, y;
    int least = 7; /* rows of fields; of what is wrong more is to be seen */
    struct rect k, in;
    char more[24];

    for (int i = 0; i < d->field_count; i++) {
        rows += rows_of(d, i, room - label_width(d) - 1);
        least = tells(d, &d->fields[i]) ? 11 : least;
    }
    /* the plan has room to grow in, so that nothing moves while one types */
    h = rows + (plan < 8 ? 8 : plan) + 8;
    h = h > r.h ? r.h : h;
    top = h - 8 - plan;
    if (d->warned) /* what was told is to be read now */
        least = 3;
    least = rows < least ? rows : least;
    if (top < least) { /* rather less of the plan */
        plan -= least - top;
        plan = plan > 0 ? plan : 0;
        top = h - 8 - plan;
    }
    top = top > rows ? rows : top;
    k = (struct rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
    in = rect_inset(k, 3, 1);
    frame(c, k, d);
    fields_draw(c, (struct rect){in.x, in.y + 1, in.w, top}, d);
    y = in.y + top + 2;
    canvas_clip(c, (struct rect){in.x, y, in.w, plan});
    plan_draw(c, in.x, y, in.w, d);
    canvas_unclip(c);
    if (plan < all) {
        snprintf(more, sizeof more, "  %d below", all - plan);
        canvas_right(c, in.x + in.w, y + plan - 1, more, ROLE_DIM, 0);
    }
    y = in.y + in.h - 2;
    if (d->planned) /* higher where the plan leaves room for it */
        request_draw(c, in.x, y - 1 - (h - 8 - top > plan), in.w, &d->plan);
    last_line(c, in.x, y + 1, in.w, d);
}

static int height(const struct dialog *d, int room)
{
    int h = 7 + plan_draw(NULL, 0, 0, room, d);

    for (int i = 0; i < d->field_count; i++)
        h += rows_of(d, i, room - label_width(d) - 1);
    return h + (d->field_count > 0);
}

void dialog_draw(struct canvas *c, struct rect r, const struct ui *u)
{
    const struct dialog *d = &u->dialog;
    int w = r.w - 4 < DIALOG_W ? r.w - 4 : DIALOG_W, h = height(d, w - 6), y;
    struct rect k, in;

    canvas_dim(c, r);
    if (d->form_count > 4) {
        form_draw(c, r, d);
        return;
    }
    h = h > r.h ? r.h : h;
    k = (struct rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
    in = rect_inset(k, 3, 1);
    frame(c, k, d);
    y = in.y + 1;
    y += plan_draw(c, in.x, y, in.w, d);
    if (d->planned)
        canvas_fmt(c, in.x, y + 1, in.w, ROLE_INFO, 0, "%s %s",
                   d->plan.method, d->plan.path);
    y += 3;
    for (int i = 0; i < d->field_count; i++)
        y += field_draw(c, in.x, y, in.w, d, i);
    y += d->field_count > 0;
    last_line(c, in.x, y, in.w, d);
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

/* To what was said the answer is all there is to see. */
static const char *words(const struct action_receipt *a)
{
    if (a->error.code == 0 && a->reply[0] != '\0')
        return "answered";
    if (a->plan.want.act == ACT_SAY && a->state == ACTION_UNKNOWN)
        return "unknown";
    return states[a->state].words;
}

/* What there is to say beyond its state; "" nothing. */
static const char *detail(const struct action_receipt *a)
{
    if (a->error.code == 0 && a->reply[0] != '\0')
        return a->reply;
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
                   words(a));
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
                   "%s%s%s", words(a),
                   detail(a)[0] ? ": " : "", detail(a));
    }
}
