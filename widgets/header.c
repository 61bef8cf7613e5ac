#include "config.h"

#include "base/when.h"
#include "widgets/look.h"
#include "widgets/panes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What all sources together are, for the right end of the header. */
/* More than one source: which of them is in trouble has to be told. */
static bool several(const struct ui *u)
{
    int n = 0;

    for (uint32_t i = 0; i < u->st->plane_count; i++)
        n += !u->st->planes[i].part && !u->st->planes[i].dropped;
    return n > 1;
}

static void overall(const struct ui *u, int64_t now_ms, struct look *look,
                    char *ret, size_t size)
{
    const struct plane *worst = NULL;
    char age[12];

    for (uint32_t i = 0; i < u->st->plane_count; i++) {
        const struct plane *p = &u->st->planes[i];

        if (p->state != PLANE_OFF && !p->part &&
            (worst == NULL || (worst->state == PLANE_LIVE &&
                               p->state != PLANE_LIVE) ||
             p->state == PLANE_REFUSED))
            worst = p;
    }
    if (worst == NULL) {
        *look = look_plane(PLANE_OFF);
        snprintf(ret, size, "no source");
        return;
    }
    *look = look_plane(worst->state);
    if (u->frozen)
        snprintf(ret, size, "frozen %s", look_age(u->frozen_ms, now_ms, age));
    else if (worst->state == PLANE_STALE && worst->proof_ms > 0)
        snprintf(ret, size, "stale %s",
                 look_age(worst->proof_ms + worst->offset_ms, now_ms, age));
    else if (worst->state == PLANE_CONNECTING && u->picture_ms > 0)
        snprintf(ret, size, "picture, %s old",
                 look_age(u->picture_ms, now_ms, age));
    else
        snprintf(ret, size, "%s", look->word);
    if (!u->frozen && worst->state != PLANE_LIVE && several(u)) {
        char word[80];

        snprintf(word, sizeof word, "%s", ret);
        snprintf(ret, size, "%.16s %.40s", worst->name, word);
    }
    if (u->frozen)
        *look = (struct look){GLYPH_PAUSED, ROLE_INFO, "frozen"};
}

/* Each part is drawn whole or not at all. */
static int part(struct canvas *c, int x, int y, int end, int gap,
                const char *s, enum role role, unsigned attrs)
{
    int w = text_width(s, strlen(s));

    if (x + gap + w > end)
        return x;
    return canvas_str(c, x + gap, y, s, role, attrs);
}

static int counts_wide(struct canvas *c, int x, int y, int end,
                       const struct ui *u, int64_t now_ms)
{
    const struct store *st = u->st;
    char text[80], age[12];
    int from;

    snprintf(text, sizeof text, "%u agent%s", st->agents.live,
             st->agents.live == 1 ? "" : "s");
    x = part(c, x, y, end, 3, text, ROLE_TEXT, 0);
    if (st->open_proposals > 0) {
        snprintf(text, sizeof text, "  %u waiting", st->open_proposals);
        from = x;
        x = part(c, x, y, end, 3, text, ROLE_WAIT, CELL_BOLD);
        if (x > from)
            canvas_glyph(c, from + 3, y, GLYPH_WAITING, ROLE_WAIT, CELL_BOLD);
        snprintf(text, sizeof text, " · oldest %s",
                 look_age(u->oldest_open_ms, now_ms, age));
        x = part(c, x, y, end, 0, text, ROLE_DIM, 0);
    } else {
        x = part(c, x, y, end, 3, "nothing waits", ROLE_DIM, 0);
    }
    if (st->trouble > 0) {
        snprintf(text, sizeof text, "  %u in trouble", st->trouble);
        from = x;
        x = part(c, x, y, end, 3, text, ROLE_BAD, 0);
        if (x == from) { /* no room for words */
            snprintf(text, sizeof text, "  %u", st->trouble);
            x = part(c, x, y, end, 3, text, ROLE_BAD, 0);
        }
        if (x > from)
            canvas_glyph(c, from + 3, y, GLYPH_FAILED, ROLE_BAD, 0);
    }
    return x;
}

static int counts_small(struct canvas *c, int x, int y, int end,
                        const struct ui *u)
{
    char text[40];
    int from = x;

    snprintf(text, sizeof text, "  %u", u->st->open_proposals);
    x = part(c, x, y, end, 2, text, ROLE_WAIT, CELL_BOLD);
    if (x > from)
        canvas_glyph(c, from + 2, y, GLYPH_WAITING, ROLE_WAIT, CELL_BOLD);
    from = x;
    snprintf(text, sizeof text, "  %u", u->st->trouble);
    x = part(c, x, y, end, 2, text, ROLE_BAD, 0);
    if (x > from)
        canvas_glyph(c, from + 2, y, GLYPH_FAILED, ROLE_BAD, 0);
    return x;
}

static int burn(struct canvas *c, int x, int y, int end, const struct ui *u)
{
    char text[60], n[12];
    double cost;
    uint64_t tokens = store_burn(u->st, &cost);

    if (!u->st->tokens_seen)
        return x;
    if (isnan(cost))
        snprintf(text, sizeof text, "%s tok/h", look_count(tokens, n));
    else
        snprintf(text, sizeof text, "%s tok/h $%.2f/h", look_count(tokens, n),
                 cost);
    return part(c, x, y, end, 3, text, ROLE_DIM, 0);
}

static int draw_state(struct canvas *c, struct rect r, const struct ui *u,
                      int64_t now_ms)
{
    char state[64], clock[9];
    struct look look;
    int right = r.x + r.w - 2;

    overall(u, now_ms, &look, state, sizeof state);
    if (!u->no_clock) {
        when_clock(now_ms, clock);
        right = canvas_right(c, right, r.y, clock, ROLE_TEXT, 0) - 2;
    }
    right = canvas_right(c, right, r.y, state, look.role, CELL_BOLD);
    canvas_glyph(c, right - 2, r.y, look.glyph, look.role, CELL_BOLD);
    right -= 3;
    if (u->insecure)
        right = canvas_right(c, right - 1, r.y, "certificates not checked",
                             ROLE_BAD, CELL_BOLD) - 1;
    return right;
}

static const char *place(const struct ui *u)
{
    if (u->ns[0] != '\0')
        return u->ns;
    return u->local ? "this machine" : "all namespaces";
}

/* Nothing on this screen is real. */
static bool practice(const struct ui *u)
{
    bool any = false;

    for (uint32_t i = 0; i < u->st->plane_count; i++)
        any |= u->st->planes[i].practice;
    return any;
}

void header_draw(struct canvas *c, struct rect r, const struct ui *u,
                 int64_t now_ms)
{
    int x = r.x + 1, end;

    canvas_fill(c, r, ROLE_BAR);
    end = draw_state(c, r, u, now_ms);
    canvas_glyph(c, x, r.y, GLYPH_LOGO, ROLE_FOCUS, CELL_BOLD);
    x = canvas_str(c, x + 2, r.y, "terrarium", ROLE_TITLE, CELL_BOLD);
    if (practice(u))
        x = canvas_str(c, x + 1, r.y, "PRACTICE", ROLE_WAIT, CELL_BOLD);
    if (u->context[0] != '\0') {
        int room = end - x - 3 - (r.w >= 110 ? 24 : 14);

        x += 3;
        x = canvas_text(c, x, r.y, room > 30 ? 30 : room, u->context,
                        strlen(u->context), ROLE_TEXT, 0);
        room = end - x - (r.w >= 110 ? 24 : 14);
        if (room > 9) {
            canvas_glyph(c, x + 1, r.y, GLYPH_ARROW, ROLE_DIM, 0);
            x = canvas_text(c, x + 3, r.y, room > 24 ? 24 : room - 3,
                            place(u),
                            strlen(place(u)),
                            ROLE_DIM, 0);
        }
    }
    if (r.w >= 100) {
        x = counts_wide(c, x, r.y, end, u, now_ms);
        x = burn(c, x, r.y, end, u);
    } else {
        x = counts_small(c, x, r.y, end, u);
    }
    if (u->read_only)
        part(c, x, r.y, end, 3, "read-only", ROLE_DIM, 0);
}

bool sources_all_well(const struct ui *u)
{
    for (uint32_t i = 0; i < u->st->plane_count; i++)
        if (u->st->planes[i].state != PLANE_LIVE &&
            u->st->planes[i].state != PLANE_OFF)
            return false;
    return u->st->plane_count > 0 && u->terminal_note == NULL;
}

static void source_words(const struct plane *p, const struct ui *u,
                         int64_t now_ms, char *ret, size_t size)
{
    char age[12] = "–";
    int64_t wait;

    if (p->proof_ms > 0)
        look_age(p->proof_ms + p->offset_ms, now_ms, age);
    if (p->part) {
        snprintf(ret, size, "%s%s%s", p->detail, p->error.code ? " · " : "",
                 p->error.code ? p->error.msg : "");
        return;
    }
    wait = p->retry_ms > 0 ? p->retry_ms + p->offset_ms - now_ms : 0;
    switch (p->state) {
    case PLANE_LIVE:
        if (u->no_clock)
            snprintf(ret, size, "live");
        else
            snprintf(ret, size, "%s", age);
        break;
    case PLANE_OFF:
        snprintf(ret, size, "%s", p->detail[0] ? p->detail : "not configured");
        break;
    case PLANE_STALE:
        if (p->retry_ms > 0)
            snprintf(ret, size, "%s · reconnects in %ds · %s", age,
                     (int)(wait > 0 ? (wait + 999) / 1000 : 0), p->error.msg);
        else
            snprintf(ret, size, "%s · %s", age,
                     p->error.code ? p->error.msg : "asking again");
        break;
    default:
        snprintf(ret, size, "%s%s%s", look_plane(p->state).word,
                 p->error.code ? " · " : "",
                 p->error.code ? p->error.msg : "");
        break;
    }
}

void sources_draw(struct canvas *c, struct rect r, const struct ui *u,
                  int64_t now_ms)
{
    int x = r.x + 1, end = r.x + r.w - 1;
    char words[400];

    if (u->terminal_note != NULL)
        x = canvas_text(c, x, r.y, end - x, u->terminal_note,
                        strlen(u->terminal_note), ROLE_WAIT, 0) + 3;
    for (uint32_t i = 0; i < u->st->plane_count; i++) {
        const struct plane *p = &u->st->planes[i];
        struct look look = look_plane(p->state);

        if (p->dropped)
            continue;
        if (x + 4 > end)
            break;
        canvas_glyph(c, x, r.y, look.glyph, look.role, 0);
        x = canvas_text(c, x + 2, r.y, end - x - 2, p->name, strlen(p->name),
                        p->state == PLANE_OFF ? ROLE_DIM : ROLE_TEXT, 0);
        source_words(p, u, now_ms, words, sizeof words);
        x = canvas_text(c, x + 1, r.y, end - x - 1, words, strlen(words),
                        look.role == ROLE_GOOD ? ROLE_DIM : look.role, 0);
        if (p->offset_ms > PLANE_SKEW_MS || p->offset_ms < -PLANE_SKEW_MS)
            x = canvas_fmt(c, x, r.y, end - x, ROLE_WAIT, 0,
                           " · clock %+ds", (int)(p->offset_ms / 1000));
        if (p->insecure && !p->part && p->state != PLANE_OFF)
            x = canvas_str(c, x, r.y, " · insecure", ROLE_BAD, 0);
        if (p->detail[0] != '\0' && p->state == PLANE_LIVE && !p->part)
            x = canvas_fmt(c, x, r.y, end - x, ROLE_DIM, 0, " · %s",
                           p->detail);
        x += 3;
    }
}
