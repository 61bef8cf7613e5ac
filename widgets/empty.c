#include "config.h"

#include "widgets/empty.h"

#include <stdio.h>
#include <string.h>

static void put(struct canvas *c, int x, int y, int w, const char *s,
                enum role role)
{
    if (w > 0)
        canvas_text(c, x, y, w, s, strlen(s), role, 0);
}

/* Of the sources: the one that is nearest to bring rows; NULL none. */
static const struct plane *best_source(const struct store *st)
{
    const struct plane *best = NULL;

    for (uint32_t i = 0; i < st->plane_count; i++) {
        const struct plane *p = &st->planes[i];

        if (p->part || p->state == PLANE_OFF)
            continue;
        if (best == NULL || p->state == PLANE_LIVE ||
            (best->state == PLANE_REFUSED && p->state != PLANE_REFUSED))
            best = p;
    }
    return best;
}

/* Nothing was read yet: what is waited for, and what would help. */
static void draw_waiting(struct canvas *c, int x, int y, int w,
                         const struct ui *u)
{
    const struct plane *p = best_source(u->st);
    char words[300];

    if (p == NULL && u->st->plane_count > 0 &&
        u->st->planes[0].error.code != 0 &&
        u->st->planes[0].error.code != ERR_ABSENT &&
        strcmp(u->st->planes[0].name, "habitat") != 0) {
        const struct plane *off = &u->st->planes[0];

        snprintf(words, sizeof words, "%s: %s", off->name, off->error.msg);
        put(c, x, y, w, words, ROLE_WAIT);
        put(c, x, y + 1, w, "R asks again, doctor says more", ROLE_DIM);
    } else if (p == NULL && u->st->plane_count > 0) {
        const struct plane *off = &u->st->planes[0];
        bool local = strcmp(off->name, "habitat") == 0;

        put(c, x, y, w,
            local ? "the habitat is not up" : "no source: no kubeconfig found",
            ROLE_WAIT);
        put(c, x, y + 1, w,
            local ? "terrarium habitat start" : "set KUBECONFIG or --kubeconfig",
            ROLE_DIM);
    } else if (p != NULL && plane_why(p) != NULL) {
        snprintf(words, sizeof words, "%s: %s", p->name, plane_why(p));
        put(c, x, y, w, words,
            p->state == PLANE_REFUSED ? ROLE_BAD : ROLE_WAIT);
        put(c, x, y + 1, w, "R asks again, doctor says more",
            ROLE_DIM);
    } else {
        put(c, x, y, w, "reading…", ROLE_DIM);
    }
}

/* Somebody may still say that it brings them. */
static bool awaited(const struct store *st)
{
    for (uint32_t i = 0; i < st->plane_count; i++)
        if (!st->planes[i].part && !st->planes[i].answered)
            return true;
    return st->plane_count == 0;
}

void empty_draw(struct canvas *c, int x, int y, int w, const struct ui *u,
                enum kind kind, const struct empty *words)
{
    const struct stream *s = &u->st->streams[kind];

    if (words->filtered != NULL)
        put(c, x, y, w, words->filtered, ROLE_DIM);
    else if (s->state == STREAM_DENIED || s->state == STREAM_FAILED)
        put(c, x, y, w, s->note,
            s->state == STREAM_DENIED ? ROLE_BAD : ROLE_DIM);
    else if (s->state == STREAM_ABSENT)
        put(c, x, y, w, words->absent, ROLE_DIM);
    else if (s->state == STREAM_LIVE)
        put(c, x, y, w, words->none, ROLE_DIM);
    else if (s->state == STREAM_NONE && !awaited(u->st) &&
             best_source(u->st) != NULL &&
             best_source(u->st)->state == PLANE_LIVE)
        put(c, x, y, w, "none of the sources tells of them", ROLE_DIM);
    else
        draw_waiting(c, x, y, w, u);
}
