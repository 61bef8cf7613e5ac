#include "config.h"

#include "base/when.h"
#include "widgets/empty.h"
#include "widgets/look.h"
#include "widgets/panes.h"

#include <stdio.h>
#include <string.h>

static bool shown(const struct ui *u, const struct thought *t)
{
    struct span texts[3];

    if (u->thought_filter == NULL)
        return true;
    texts[0] = span_of(t->agent ? t->agent : "");
    texts[1] = (struct span){t->text, t->len};
    texts[2] = span_of(thought_kind_name((enum thought_kind)t->kind));
    return filter_match_text(u->thought_filter, texts, 3);
}

/* Arrivals per second over the last minute. */
static double rate(const struct ui *u, int64_t now_ms)
{
    const struct thoughts *ts = &u->st->thoughts;
    uint32_t n = thoughts_count(ts), lo = 0, hi = n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (thoughts_at(ts, mid)->at_ms < now_ms - 60000)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (n - lo) / 60.0;
}

static void draw_line(struct canvas *c, struct rect r, int y, int who_w,
                      const struct thought *t, bool old)
{
    struct look look = look_thought((enum thought_kind)t->kind);
    const char *who = t->agent ? t->agent : "–";
    int x = r.x + 11 + who_w + 1;
    bool quiet = t->kind == THOUGHT_CHANGE || t->kind == THOUGHT_CALL;
    enum role role = look.role == ROLE_GOOD ? ROLE_TEXT : look.role;
    int end = r.x + r.w - 2;
    char clock[9], times[16];

    when_clock(t->at_ms, clock);
    canvas_str(c, r.x + 2, y, clock, old ? ROLE_FAINT : ROLE_DIM, 0);
    canvas_name(c, r.x + 11, y, who_w, who, strlen(who), look_hue(t->agent),
                0);
    if (look.glyph != GLYPH_COUNT)
        canvas_glyph(c, x, y, look.glyph, look.role, 0);
    if (t->times > 1) { /* behind the words, whatever room those have */
        look_times(t->times, times);
        end -= text_width(times, strlen(times)) + 1;
    }
    x = canvas_text(c, x + 2, y, end - x - 2, t->text, t->len,
                    quiet ? ROLE_DIM : role, 0);
    if (t->times > 1)
        canvas_str(c, x + 1, y, times, ROLE_WAIT, 0);
}

void thoughts_draw(struct canvas *c, struct rect r, struct ui *u,
                   int64_t now_ms)
{
    const struct thoughts *ts = &u->st->thoughts;
    uint32_t n = thoughts_count(ts), rank;
    int rows = r.h - 2, y = r.y + rows, skip = (int)u->thoughts_back;
    int who_w = r.w >= 110 ? 16 : r.w >= 50 ? 9 : 8, drawn = 0;
    char note[FILTER_MAX + 80];
    uint64_t unseen = ts->seq - u->thoughts_seen;

    if (!u->thoughts_follow)
        snprintf(note, sizeof note, "paused · %llu new",
                 (unsigned long long)unseen);
    else if (u->filter_text[PANE_THOUGHTS][0] != '\0')
        snprintf(note, sizeof note, "/%.40s", u->filter_text[PANE_THOUGHTS]);
    else
        snprintf(note, sizeof note, "all agents · %.1f/s", rate(u, now_ms));
    canvas_box(c, r, PANE_THOUGHTS, "thoughts", note,
               u->focus == PANE_THOUGHTS);
    for (rank = n; rank > 0 && drawn < rows; rank--) {
        const struct thought *t = thoughts_at(ts, rank - 1);

        /* a paused pane shows nothing that came later */
        if (!shown(u, t) ||
            (!u->thoughts_follow && t->seq > u->thoughts_seen))
            continue;
        if (skip > 0) {
            skip--;
            continue;
        }
        draw_line(c, r, y - drawn, who_w, t, drawn >= rows - 2 && rows > 6);
        drawn++;
    }
    if (drawn == 0) {
        const struct empty words = {n > 0 ? "no thought matches" : NULL,
                                    "nothing said yet", "nothing said yet"};

        empty_draw(c, r.x + 2, r.y + 1, r.w - 4, u, KIND_EVENT, &words);
    }
}
