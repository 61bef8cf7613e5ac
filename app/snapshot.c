#include "config.h"

#include "app/snapshot.h"

#include "app/fleet.h"
#include "data/check.h"
#include "data/dump.h"
#include "tui/render.h"
#include "widgets/panes.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_MAX (1u << 30)
/* After the lists: events, and the last log lines of what is shown. */
#define LATE_MS 400

struct snapshot {
    struct fleet fleet;
    uv_timer_t tick, deadline;
    int64_t answered_ms; /* uv_now when all had answered; 0 not yet */
    bool over;
};

static void stop(struct snapshot *s)
{
    s->over = true;
    uv_stop(&s->fleet.loop);
}

static void on_deadline(uv_timer_t *t)
{
    stop(t->data);
}

/* The agents that will be in the frame may say what they do. */
static void look_at_agents(struct snapshot *s)
{
    struct focus focus[SOURCE_FOCUS_MAX];
    struct view *v = view_create(s->fleet.store, KIND_AGENT, SORT_ACTIVITY);
    uint32_t slot;
    int n = 0;

    view_settle(v, fleet_now(&s->fleet), false);
    for (slot = view_at(v, 0); slot != SLOT_NONE && n < SOURCE_FOCUS_MAX;
         slot = view_next(v, slot)) {
        const struct agent *a = store_agent(s->fleet.store, slot);

        focus[n++] = (struct focus){a->ns, a->name};
    }
    fleet_focus(&s->fleet, focus, n);
    view_destroy(v);
}

static void on_tick(uv_timer_t *t)
{
    struct snapshot *s = t->data;
    int64_t now = (int64_t)uv_now(&s->fleet.loop);

    if (s->answered_ms == 0 && fleet_answered(&s->fleet)) {
        s->answered_ms = now;
        store_settle(s->fleet.store, fleet_now(&s->fleet));
        look_at_agents(s);
    }
    if (s->answered_ms != 0 && now - s->answered_ms >= LATE_MS)
        stop(s);
}

static void gather(struct snapshot *s, const struct options *o)
{
    uv_timer_init(&s->fleet.loop, &s->tick);
    uv_timer_init(&s->fleet.loop, &s->deadline);
    s->tick.data = s->deadline.data = s;
    uv_timer_start(&s->tick, on_tick, 10, 20);
    uv_timer_start(&s->deadline, on_deadline, (uint64_t)o->wait_ms, 0);
    fleet_start(&s->fleet);
    if (!s->over)
        uv_run(&s->fleet.loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&s->tick, NULL);
    uv_close((uv_handle_t *)&s->deadline, NULL);
}

static enum glyph_set glyphs_for(const struct options *o)
{
    if (o->glyphs >= 0)
        return (enum glyph_set)o->glyphs;
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? GLYPHS_FULL
                                                      : GLYPHS_ASCII;
}

/* Says in the frame which sources had not answered. */
static void name_missing(const struct snapshot *s, struct ui *u)
{
    const struct store *st = s->fleet.store;
    char names[120] = "";
    size_t n = 0;

    for (uint32_t i = 0; i < st->plane_count; i++)
        if (!st->planes[i].answered)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s",
                                  n ? ", " : "", st->planes[i].name);
    if (names[0] == '\0')
        return;
    snprintf(u->notice, sizeof u->notice, "had not answered in time: %s",
             names);
    u->notice_until_ms = INT64_MAX;
}

static void draw(struct snapshot *s, const struct options *o,
                 const struct theme *theme, struct buf *out)
{
    struct canvas c;
    struct ui u;
    int64_t now = fleet_now(&s->fleet);

    ui_init(&u, s->fleet.store);
    u.local = !s->fleet.cluster && s->fleet.source != NULL;
    u.read_only = true;
    u.heat_gap = o->format == FORMAT_TEXT || o->colours == TERM_MONO ||
                 strcmp(theme->name, "mono") == 0;
    u.insecure = s->fleet.insecure;
    memcpy(u.context, s->fleet.context, sizeof u.context);
    snprintf(u.ns, sizeof u.ns, "%s", fleet_namespace(&s->fleet));
    u.wall = o->view < 0;
    if (o->view > 0) {
        u.focus = (enum pane)o->view;
        u.zoom = true;
    }
    name_missing(s, &u);
    canvas_init(&c, o->w, o->h, glyphs_for(o));
    ui_settle(&u, now, false);
    frame_draw(&c, &u, now);
    if (o->format == FORMAT_ANSI)
        render_ansi(&c, theme,
                    o->colours < 0 ? TERM_TRUE : (enum term_colours)o->colours,
                    out);
    else if (o->format == FORMAT_SVG)
        render_svg(&c, theme, out);
    else
        render_text(&c, out);
    canvas_finish(&c);
    ui_finish(&u);
}

static int exit_status(const struct snapshot *s, const struct options *o)
{
    const struct store *st = s->fleet.store;
    bool holds = false, read = false;
    struct error err;

    for (uint32_t i = 0; i < st->plane_count; i++)
        read |= st->planes[i].proof_ms > 0 &&
                st->planes[i].state != PLANE_REFUSED;
    if (!read)
        return 3;
    if (o->values[OPTION_CHECK] != NULL)
        return check_eval(st, fleet_now(&s->fleet), o->values[OPTION_CHECK],
                          &holds, &err) == 0 &&
                       holds
                   ? 0
                   : 1;
    return st->open_proposals > 0 || st->trouble > 0 ? 1 : 0;
}

static int write_all(const struct buf *out)
{
    size_t done = 0;

    while (done < out->len) {
        ssize_t n = write(STDOUT_FILENO, out->ptr + done, out->len - done);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

int snapshot_run(const struct options *o)
{
    struct snapshot s = {.over = false};
    struct error err = {0};
    struct theme theme;
    struct buf out;
    int status;

    if (theme_load(o->values[OPTION_THEME] ? o->values[OPTION_THEME] : "moss",
                   &theme, &err) != 0) {
        fprintf(stderr, "terrarium: %s\n", err.msg);
        return 2;
    }
    buf_init(&out, OUT_MAX);
    fleet_init(&s.fleet);
    if (fleet_open(&s.fleet, o, &err) != 0)
        fprintf(stderr, "terrarium: %s\n", err.msg);
    gather(&s, o);
    store_settle(s.fleet.store, fleet_now(&s.fleet));
    if (o->format == FORMAT_JSON) {
        struct dump_want want = {s.fleet.context, fleet_namespace(&s.fleet),
                                 fleet_now(&s.fleet), 0, true};

        dump_json(s.fleet.store, &want, &out);
    } else {
        draw(&s, o, &theme, &out);
    }
    status = exit_status(&s, o);
    if (write_all(&out) != 0) {
        fprintf(stderr, "terrarium: cannot write: %s\n", strerror(errno));
        status = 2;
    }
    fleet_finish(&s.fleet);
    buf_finish(&out);
    return status;
}
