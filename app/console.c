#include "config.h"

#include "app/console.h"

#include "app/editing.h"
#include "app/fleet.h"
#include "app/notify.h"
#include "app/picture_file.h"
#include "app/presets.h"
#include "app/reaching.h"
#include "app/tethering.h"
#include "base/xalloc.h"
#include "data/act/gate.h"
#include "data/act/halt.h"
#include "data/fracta/graph_source.h"
#include "data/json/to_yaml.h"
#include "data/kube/source.h"
#include "settings/settings.h"
#include "tui/grid.h"
#include "data/dump.h"
#include "tui/term.h"
#include "widgets/control.h"
#include "widgets/halt.h"
#include "widgets/panes.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAVE_EVERY_MS 60000
#define GATHER_MS 8 /* what comes together is drawn together */

struct console {
    const struct options *o;
    struct fleet fleet;
    struct term *term;
    struct ui ui;
    struct canvas canvas;
    uv_timer_t frame;    /* the next frame */
    uv_timer_t open;     /* sources, after the first frame */
    uv_check_t check;    /* after each turn: did data change? */
    uv_signal_t term_sig, int_sig, hup_sig;
    char **contexts; /* of the kubeconfig, NULL-terminated; NULL: none */
    uint64_t seen_gen;   /* sum of generations at the last frame */
    int64_t drawn_ms;    /* uv_now of the last frame */
    double frames;       /* that data may still ask for, see frame_delay */
    int64_t frames_ms;
    int64_t reordered_ms, key_ms;
    int64_t saved_ms;
    bool wanted;         /* a frame waits for its turn or for the terminal */
    bool urgent;         /* … with what a person waits for */
    bool over;
    struct picture_saver saver;
    struct gate *gate;
    struct halt *halt; /* NULL with it */
    struct notify notify;
    struct tethering tether;
    struct plan trial; /* what the server is asked about */
    struct editing editing;
    struct reaching reaching;
    char *picture;
    int status;
    const char *failed; /* said when the terminal is back */
};

static uint64_t generations(const struct store *st)
{
    uint64_t sum = st->gen_thoughts + st->gen_planes;

    for (int k = 0; k < KIND_COUNT; k++)
        sum += st->gen[k];
    return sum;
}

static void stop(struct console *c)
{
    if (c->over)
        return; /* a second one would end the loop that closes all */
    c->over = true;
    uv_stop(&c->fleet.loop);
}

static void tell_focus(struct console *c)
{
    uint32_t slots[SOURCE_FOCUS_MAX];
    struct focus focus[SOURCE_FOCUS_MAX];
    int n = ui_visible_agents(&c->ui, slots, SOURCE_FOCUS_MAX), m = 0;
    int w, h;

    term_size(c->term, &w, &h);
    for (int i = 0; i < n && i < h; i++) {
        const struct agent *a = store_agent(c->fleet.store, slots[i]);

        if (a != NULL)
            focus[m++] = (struct focus){a->ns, a->name};
    }
    fleet_focus(&c->fleet, focus, m);
}

static void title(const struct console *c, char *ret, size_t size)
{
    if (c->fleet.store->open_proposals > 0)
        snprintf(ret, size, "(%u wait) terrarium %s",
                 c->fleet.store->open_proposals, c->fleet.context);
    else
        snprintf(ret, size, "terrarium %s", c->fleet.context);
}

static void on_frame(uv_timer_t *t);

/* Its frame has left: from now on keys may be meant for it. */
static void dialog_is_shown(struct console *c)
{
    if (c->ui.dialog.open && c->ui.dialog.shown_ms == 0)
        c->ui.dialog.shown_ms = fleet_now(&c->fleet);
}

/* When something on screen changes by itself. */
static void plan_next(struct console *c)
{
    int64_t now = fleet_now(&c->fleet), at;
    int64_t due = moments_next(&c->fleet.store->moments);

    if (c->over || c->wanted)
        return;
    at = frame_flips(&c->ui, now);
    if (!c->ui.frozen && due < at)
        at = due;
    if (view_pending(c->ui.agents) > 0 && !c->ui.frozen &&
        now + REORDER_MS < at)
        at = now + REORDER_MS;
    if (at == MOMENT_NEVER)
        return;
    if (at - now < 1000 / FRAMES_PER_S)
        at = now + 1000 / FRAMES_PER_S;
    uv_timer_start(&c->frame, on_frame, (uint64_t)(at - now), 0);
}

static void draw(struct console *c)
{
    int64_t now = fleet_now(&c->fleet), loop = (int64_t)uv_now(&c->fleet.loop);
    bool hold = c->ui.frozen || c->ui.dialog.open || loop - c->reordered_ms < REORDER_MS ||
                loop - c->key_ms < REORDER_MS;
    char name[200];
    int w, h;

    if (term_busy(c->term)) {
        c->wanted = true; /* drawn when the terminal has taken the last */
        return;
    }
    if (c->drawn_ms == 0)
        hold = false;
    c->wanted = c->urgent = false;
    c->ui.picture_ms = c->fleet.store->picture_ms;
    if (c->fleet.source != NULL) /* until then the picture's stands */
        snprintf(c->ui.ns, sizeof c->ui.ns, "%s",
                 fleet_namespace(&c->fleet));
    if (c->ui.frozen)
        now = c->ui.frozen_ms;
    c->seen_gen = generations(c->fleet.store);
    ui_settle(&c->ui, now, hold);
    if (c->gate != NULL) /* rows are judged now: what was done shows */
        gate_look(c->gate);
    c->seen_gen = generations(c->fleet.store);
    if (!hold)
        c->reordered_ms = loop;
    term_size(c->term, &w, &h);
    canvas_resize(&c->canvas, w, h);
    frame_draw(&c->canvas, &c->ui, now);
    title(c, name, sizeof name);
    term_draw(c->term, &c->canvas, name);
    c->drawn_ms = loop;
    if (!term_busy(c->term))
        dialog_is_shown(c);
    if (c->ui.page == PAGE_TETHER)
        tethering_fit(&c->tether);
    tell_focus(c);
    plan_next(c);
}

static void on_frame(uv_timer_t *t)
{
    struct console *c = t->data;
    uint64_t before = c->seen_gen;

    /* without a clock a frame is drawn only if something did change */
    if (c->ui.no_clock && !c->ui.frozen && !term_busy(c->term)) {
        store_settle(c->fleet.store, fleet_now(&c->fleet));
        if (generations(c->fleet.store) == before &&
            view_pending(c->ui.agents) == 0 &&
            ui_heat_due(&c->ui) == MOMENT_NEVER) {
            c->wanted = false;
            plan_next(c);
            return;
        }
    }
    draw(c);
}

/* The same in a cluster: a shell. */
static void reach_at_once(struct console *c)
{
    struct error err;
    uint32_t slot = fleet_agent(&c->fleet, c->o->name, &err);
    const struct agent *a = store_agent(c->fleet.store, slot);

    if (a != NULL) {
        tethering_reach(&c->tether, a->ns, a->name, false);
        return;
    }
    snprintf(c->ui.notice, sizeof c->ui.notice, "%.199s", err.msg);
    c->failed = c->ui.notice;
    c->status = 1;
    stop(c);
}

/* `terrarium tether NAME`: as soon as its row is there. */
static void tether_at_once(struct console *c)
{
    const struct plane *p = &c->fleet.store->planes[0];
    const struct agent *a = store_agent(
        c->fleet.store, store_find(c->fleet.store, KIND_AGENT, span_of(""),
                                   span_of(c->o->name)));

    if (c->ui.tether.grid != NULL)
        return;
    if (c->fleet.cluster) {
        if (fleet_answered(&c->fleet))
            reach_at_once(c);
        return;
    }
    if (a != NULL && a->run != NULL && a->run->socket != NULL &&
        a->run->pid > 0) {
        tethering_attach(&c->tether, a);
    } else if (p->answered || p->state == PLANE_REFUSED) {
        c->failed = a == NULL  ? "there is no such agent"
                    : a->run == NULL || a->run->socket == NULL
                        ? "it is no process of the habitat"
                        : "it does not run";
        c->status = 1;
        stop(c);
    }
}

/*
 * When the next frame for data may be drawn: FRAMES_PER_S on average, the
 * first FRAMES_BURST after a pause at once, so that what follows a key, or
 * breaks a silence, is seen when it comes.
 */
static uint64_t frame_delay(struct console *c)
{
    int64_t now = (int64_t)uv_now(&c->fleet.loop);

    c->frames += (double)(now - c->frames_ms) * FRAMES_PER_S / 1000;
    c->frames_ms = now;
    if (c->frames > FRAMES_BURST)
        c->frames = FRAMES_BURST;
    c->frames -= 1;
    return c->frames >= 0 ? GATHER_MS
                          : GATHER_MS + (uint64_t)(-c->frames * 1000 /
                                                   FRAMES_PER_S);
}

static void gate_changed(void *arg)
{
    struct console *c = arg;

    c->urgent = true;
    store_plane_changed(c->fleet.store); /* a frame at once */
}

/* Data came: a frame soon, but not sooner than the rate allows. */
static void on_check(uv_check_t *check)
{
    struct console *c = check->data;

    if (notify_look(&c->notify, &c->fleet.loop, c->fleet.store,
                    fleet_answered(&c->fleet)))
        term_bell(c->term);
    if (c->o->verb == VERB_TETHER && !c->over)
        tether_at_once(c);
    if (c->gate != NULL && generations(c->fleet.store) != c->seen_gen) {
        if (gate_hurries(c->gate)) /* rows are judged now, not by a frame */
            store_settle(c->fleet.store, fleet_now(&c->fleet));
        gate_look(c->gate);
    }
    if (c->halt != NULL && halt_look(c->halt))
        gate_changed(c);
    if (c->urgent && c->wanted && !term_busy(c->term))
        uv_timer_start(&c->frame, on_frame, 0, 0);
    if (c->over || c->wanted || c->ui.frozen ||
        generations(c->fleet.store) == c->seen_gen)
        return;
    c->wanted = true;
    uv_timer_start(&c->frame, on_frame, c->urgent ? 0 : frame_delay(c), 0);
}

static void on_yaml(const char *text, size_t len, const struct error *err,
                    void *arg)
{
    struct console *c = arg;

    if (!c->ui.yaml_waits)
        return; /* its page was left */
    c->ui.yaml_waits = false;
    buf_clear(&c->ui.yaml);
    if (err != NULL)
        c->ui.yaml_error = *err;
    else
        buf_add(&c->ui.yaml, text, len);
    store_plane_changed(c->fleet.store);
}

static void fetch(struct console *c)
{
    struct target of;
    struct error none;

    ui_object(&c->ui, &of);
    if (fleet_fetch(&c->fleet, of.kind, of.ns, of.name, on_yaml, c))
        return;
    error_set(&none, ERR_ABSENT, "no source has this object");
    on_yaml(NULL, 0, &none, c);
}

static void retry(struct console *c)
{
    fleet_refresh(&c->fleet);
    snprintf(c->ui.notice, sizeof c->ui.notice, "asking all sources again");
    c->ui.notice_until_ms = fleet_now(&c->fleet) + 2000;
}

/*
 * The plan of all wants: that of the first, with the highest friction. Of
 * many those that cannot be planned are left out and told. changed[i]: row i
 * is no longer what was shown; NULL: nothing was.
 */
static void plan_wants(struct console *c, bool *changed)
{
    struct dialog *d = &c->ui.dialog;
    struct plan plan = {0}, more;
    struct act_want want;
    struct error err;
    enum risk_level friction = RISK_LOW;

    error_clear(&err);
    for (int i = 0; i < d->count;) {
        dialog_want(d, i, &want);
        if (gate_plan(c->gate, &want, &more, &err) != 0 && d->count > 1) {
            dialog_leave_out(d, i, &err);
            error_clear(&err);
            plan_finish(&more);
            continue;
        }
        if (changed != NULL)
            changed[i] = strcmp(d->wants[i].shown, more.digest) != 0;
        memcpy(d->wants[i].shown, more.digest, sizeof d->wants[i].shown);
        friction = more.friction > friction ? more.friction : friction;
        if (i++ == 0)
            plan = more;
        else
            plan_finish(&more);
    }
    if (d->count > 1 && friction < RISK_MEDIUM)
        friction = RISK_MEDIUM;
    /* a form of nothing that must be filled is no question: the number is */
    if (d->count > 1 && d->form_count > 0 && friction < RISK_HIGH)
        friction = RISK_HIGH;
    plan.friction = friction;
    for (int i = 0; i < d->count; i++)
        d->wants[i].friction = (uint8_t)friction;
    dialog_planned(d, &plan, &err);
    plan_finish(&plan);
}

static void make_plan(struct console *c)
{
    struct dialog *d = &c->ui.dialog;

    plan_wants(c, NULL);
    if (!dialog_needless(d))
        return;
    gate_commit(c->gate, &d->plan, true);
    dialog_close(d);
}

/* What is to be halted is looked up once, when it is chosen. */
static void gather_halt(struct console *c)
{
    struct halt_name names[DIALOG_MANY];
    struct ui *u = &c->ui;

    for (int i = 0; i < u->mark_count; i++)
        names[i] = (struct halt_name){u->marks[i].ns, u->marks[i].name};
    halt_gather(c->halt, (enum halt_scope)u->halt_choice, halt_namespace(u),
                names, u->mark_count);
}

static void plan_halt(struct console *c)
{
    struct dialog *d = &c->ui.dialog;
    struct plan plan = {0};
    struct error err;

    error_clear(&err);
    dialog_want(d, 0, &plan.want);
    halt_plan(c->halt, &plan, &err);
    dialog_planned(d, &plan, &err);
    plan_finish(&plan);
}

static void begin_halt(struct console *c)
{
    struct act_want want;

    dialog_want(&c->ui.dialog, 0, &want);
    halt_begin(c->halt, want.reason);
    c->ui.mark_count = 0;
    dialog_close(&c->ui.dialog);
}

static void notice(struct console *c, const char *text)
{
    snprintf(c->ui.notice, sizeof c->ui.notice, "%.199s", text);
    c->ui.notice_until_ms = fleet_now(&c->fleet) + 5000;
}

/* The server was asked about `c->trial`, and would take it or not. */
static void on_tried(const struct tried *t, void *arg)
{
    struct console *c = arg;
    struct dialog *d = &c->ui.dialog;

    if (!d->open || !d->trying)
        return;
    if (dialog_tried(d, t)) {
        if (gate_commit(c->gate, &c->trial, false) == 0)
            notice(c, "too much is under way: wait for it");
        dialog_close(d);
    }
    plan_finish(&c->trial);
    c->trial.by = NULL; /* it may go */
    store_plane_changed(c->fleet.store);
}

/*
 * What the server can be asked about first is: what it would take is sent
 * as it was asked. After a warning that was shown it is sent.
 */
static void try_first(struct console *c, struct plan *p)
{
    struct dialog *d = &c->ui.dialog;
    struct tried t = {0};

    if (d->warned) {
        if (gate_commit(c->gate, p, false) == 0)
            notice(c, "too much is under way: wait for it");
        dialog_close(d);
        return;
    }
    plan_finish(&c->trial);
    c->trial = *p;
    p->body = NULL;
    dialog_try(d);
    if (source_try(c->trial.by, &c->trial, on_tried, c, &t.error) != 0) {
        dialog_tried(d, &t);
        c->trial.by = NULL;
    }
}

/* Is want i what was shown, planned now? Into ret, which is the caller's. */
static bool as_shown(struct console *c, int i, struct plan *ret)
{
    struct act_want want;
    struct error err;

    dialog_want(&c->ui.dialog, i, &want);
    return gate_plan(c->gate, &want, ret, &err) == 0 &&
           strcmp(ret->digest, want.shown) == 0 &&
           ret->friction <= want.friction;
}

/*
 * All of it is what was shown: its plans are in ret, which has room for each
 * want. Else it is shown anew, nothing is sent, and nothing is in ret.
 */
static bool unchanged(struct console *c, struct plan *ret)
{
    struct dialog *d = &c->ui.dialog;
    struct plan was;
    bool changed[DIALOG_MANY], same = true;
    int n = 0;

    while (n < d->count && same) {
        same = as_shown(c, n, &ret[n]);
        n++;
    }
    if (same)
        return true;
    while (n > 0)
        plan_finish(&ret[--n]);
    was = d->plan;
    d->plan.body = NULL;
    plan_wants(c, changed);
    dialog_again(d, &was, changed);
    plan_finish(&was);
    return false;
}

/* Confirmed: planned once more with what the fields say, and sent if it is
   still what was shown. */
static void commit(struct console *c)
{
    struct dialog *d = &c->ui.dialog;
    int count = d->count;
    struct plan *plans = xcalloc((size_t)count + 1, sizeof *plans);

    if (!unchanged(c, plans)) {
        free(plans);
        return;
    }
    if (count == 1 && plans[0].tries) {
        try_first(c, &plans[0]);
    } else {
        for (int i = 0; i < count; i++)
            if (gate_commit(c->gate, &plans[i], false) == 0)
                notice(c, "too much is under way: wait for it");
        c->ui.mark_count = 0;
        dialog_close(d);
    }
    for (int i = 0; i < count; i++)
        plan_finish(&plans[i]);
    free(plans);
}

/* The editor has ended: what it wrote is the object now. */
static void on_edited(const struct error *err, void *arg)
{
    struct console *c = arg;

    term_take(c->term);
    if (!c->ui.dialog.open)
        return;
    dialog_edited(&c->ui.dialog, err->code == 0 ? c->editing.path : NULL, err);
    if (err->code == 0)
        make_plan(c);
    store_plane_changed(c->fleet.store);
}

/*
 * The text to edit: the plan's object, with what the fields say. What was
 * edited and is no object yet is edited as it stands.
 */
static int write_object(struct console *c, struct error *err)
{
    const struct dialog *d = &c->ui.dialog;
    const char *body = d->plan.body;
    struct buf yaml;
    int code;

    if (d->edited && (!d->planned || body == NULL))
        return 0;
    if (body == NULL)
        return error_set(err, ERR_ABSENT, "there is nothing to edit yet");
    buf_init(&yaml, 4u << 20);
    if (d->form->head != NULL)
        buf_str(&yaml, d->form->head);
    code = json_to_yaml(body, strlen(body), NULL, &yaml, err);
    if (code == 0)
        code = editing_write(&c->editing, buf_text(&yaml), yaml.len, err);
    buf_finish(&yaml);
    return code;
}

static void edit(struct console *c)
{
    struct error err;

    error_clear(&err);
    if (write_object(c, &err) != 0) {
        notice(c, err.msg);
        return;
    }
    if (!term_lend(c->term))
        return;
    if (editing_start(&c->editing, on_edited, c, &err) == 0)
        return;
    term_take(c->term);
    dialog_edited(&c->ui.dialog, NULL, &err);
}

static void detach(struct console *c)
{
    tethering_detach(&c->tether);
    if (c->o->verb == VERB_TETHER)
        stop(c);
}

/* What is typed is seen at once, a flood at the rate of data. */
static void tether_changed(void *arg)
{
    struct console *c = arg;

    if ((int64_t)uv_now(&c->fleet.loop) - c->key_ms < 200 &&
        !term_busy(c->term))
        draw(c);
    else
        store_plane_changed(c->fleet.store);
}

/* A log's lines, a forward's counts: a frame at the rate of data. */
static void reach_changed(void *arg)
{
    struct console *c = arg;

    store_plane_changed(c->fleet.store);
}

/* Another context or namespace: the rows of the old one go with it. */
static void look_elsewhere(struct console *c, const char *to, bool context)
{
    bool may = c->o->values[OPTION_READ_ONLY] == NULL && !c->ui.wall;
    struct error err;

    if (fleet_switch(&c->fleet, c->o, context ? to : NULL,
                     context ? NULL : to, &err) != 0) {
        notice(c, err.msg);
        return;
    }
    while (c->ui.page != PAGE_NONE)
        ui_close_page(&c->ui);
    memcpy(c->ui.context, c->fleet.context, sizeof c->ui.context);
    snprintf(c->ui.ns, sizeof c->ui.ns, "%s", fleet_namespace(&c->fleet));
    c->ui.insecure = c->fleet.insecure;
    c->ui.read_only = !may || c->fleet.read_only;
    c->ui.acts = !c->ui.read_only && c->gate != NULL;
    c->tether.reach = kube_source_reach(c->fleet.source);
    c->ui.mark_count = 0;
    if (context && c->picture != NULL) { /* it was the other one's */
        free(c->picture);
        c->picture = NULL;
    }
}

static void look_at_node(struct console *c)
{
    const struct graph_entry *e;
    int64_t id = c->ui.graph_node;

    c->ui.graph_node = -1;
    if (c->fleet.graph == NULL)
        return;
    e = graph_selected(c->ui.graph, &c->ui.graph_at);
    if (id < 0 && e != NULL)
        id = e->id;
    if (id >= 0)
        graph_source_look_id(c->fleet.graph, id, c->ui.graph_depth);
}

/* The graph is asked what the open page is about, for as long as it is. */
static void tell_topic(struct console *c)
{
    const char *about;
    enum graph_topic topic = ui_graph_topic(&c->ui, &about);

    if (c->fleet.graph != NULL)
        graph_source_topic(c->fleet.graph, topic, about);
}

/* There is another knowledge graph than before, or none. */
static void on_graph_moved(void *arg)
{
    struct console *c = arg;

    c->ui.graph = c->fleet.graph_view;
    tell_topic(c);
}

static void reload(struct console *c)
{
    struct error err;
    char text[120];
    int ended, begun;

    if (fleet_reload(&c->fleet, c->o, &ended, &begun, &err) != 0) {
        notice(c, err.msg);
        return;
    }
    snprintf(text, sizeof text,
             "configuration read: %d source%s ended, %d begun", ended,
             ended == 1 ? "" : "s", begun);
    notice(c, text);
    store_plane_changed(c->fleet.store);
}

static void on_key(uint32_t key, bool pasted, void *arg)
{
    struct console *c = arg;
    enum effect e;

    c->key_ms = (int64_t)uv_now(&c->fleet.loop);
    e = control_key(&c->ui, key, pasted, fleet_now(&c->fleet));
    switch (e) {
    case EFFECT_QUIT:
        stop(c);
        return;
    case EFFECT_RETRY:
        retry(c);
        break;
    case EFFECT_FETCH:
        fetch(c);
        break;
    case EFFECT_REDRAW:
        term_redraw(c->term);
        break;
    case EFFECT_TETHER:
        tethering_attach(&c->tether,
                         store_agent(c->fleet.store,
                                     keymap_subject(&c->ui, KIND_AGENT)));
        break;
    case EFFECT_REACH:
        reaching_go(&c->reaching);
        break;
    case EFFECT_UNREACH:
        reaching_end(&c->reaching);
        break;
    case EFFECT_TYPED:
        grid_key(c->ui.tether.grid, c->ui.tether.key);
        return; /* drawn when the agent echoes it */
    case EFFECT_TAKE:
        tethering_take(&c->tether);
        break;
    case EFFECT_DETACH:
        detach(c);
        if (c->over)
            return;
        break;
    case EFFECT_HALT:
        gather_halt(c);
        plan_halt(c);
        break;
    case EFFECT_HALT_STOP:
        halt_stop(c->halt);
        break;
    case EFFECT_PLAN:
        if (c->ui.dialog.wants[0].act == ACT_HALT)
            plan_halt(c);
        else
            make_plan(c);
        break;
    case EFFECT_CONFIRM:
        if (c->ui.dialog.wants[0].act == ACT_HALT)
            begin_halt(c);
        else
            commit(c);
        break;
    case EFFECT_EDIT:
        edit(c);
        break;
    case EFFECT_UNTRY:
        if (c->trial.by != NULL)
            source_untry(c->trial.by);
        c->trial.by = NULL;
        break;
    case EFFECT_CTX:
    case EFFECT_NS:
        look_elsewhere(c, c->ui.command_arg, e == EFFECT_CTX);
        break;
    case EFFECT_RELOAD:
        reload(c);
        break;
    case EFFECT_LOOK:
        look_at_node(c);
        break;
    case EFFECT_DEPTH:
        if (c->fleet.graph != NULL)
            graph_source_depth(c->fleet.graph, c->ui.graph_depth);
        break;
    case EFFECT_CANCEL:
        gate_cancel(c->gate);
        break;
    case EFFECT_RELEASE:
        gate_release(c->gate);
        break;
    case EFFECT_SUSPEND:
        term_suspend(c->term);
        return;
    default:
        break;
    }
    tell_topic(c);
    reaching_look(&c->reaching);
    draw(c);
}

static void on_resize(int w, int h, void *arg)
{
    (void)w;
    (void)h;
    draw(arg);
}

static void on_drained(void *arg)
{
    struct console *c = arg;

    dialog_is_shown(c);
    if (c->wanted)
        draw(c);
}

static void on_gone(void *arg)
{
    stop(arg);
}

static void on_hup(void *arg)
{
    reload(arg);
}

/* The terminal has it; here it only must not end the program. */
static void on_other_hup(uv_signal_t *sig, int number)
{
    (void)sig;
    (void)number;
}

static void on_signal(uv_signal_t *sig, int number)
{
    (void)number;
    stop(sig->data);
}

static void save_picture(struct console *c, bool now)
{
    struct dump_want want = {c->fleet.context, fleet_namespace(&c->fleet),
                             fleet_now(&c->fleet), PICTURE_ROWS, false};
    const struct plane *p =
        c->fleet.store->plane_count ? &c->fleet.store->planes[0] : NULL;
    struct buf out;

    /* only what was true once is worth keeping; "live" on the header is that,
       whatever else is still to come */
    if (c->picture == NULL || p == NULL || p->proof_ms == 0 ||
        !(p->answered || p->state == PLANE_LIVE))
        return;
    buf_init(&out, PICTURE_MAX);
    if (dump_json(c->fleet.store, &want, &out)) {
        if (now)
            picture_save_now(c->picture, &out);
        else
            picture_save(&c->fleet.loop, &c->saver, c->picture, &out);
    }
    buf_finish(&out);
}

/* Actions, where the source takes them and the user lets it. */
static void open_gate(struct console *c)
{
    char *journal;

    c->ui.local = c->fleet.source != NULL && !c->fleet.cluster;
    c->ui.cluster = c->fleet.cluster;
    if (c->fleet.cluster)
        c->tether.reach = kube_source_reach(c->fleet.source);
    c->ui.acts = c->fleet.count > 0 && !c->ui.read_only;
    if (c->ui.read_only || !c->ui.acts)
        return;
    journal = journal_path();
    c->gate = gate_create(&c->fleet.loop, c->fleet.store, journal,
                          gate_changed, c);
    free(journal);
    fleet_use(&c->fleet, c->gate);
    c->halt = halt_create(c->fleet.store, c->gate);
    c->ui.halt = c->halt;
    c->fleet.gate = c->gate;
    c->ui.gate = c->gate;
    presets_load(&c->ui);
    if (getcwd(c->ui.here, sizeof c->ui.here) == NULL)
        snprintf(c->ui.here, sizeof c->ui.here, "/");
}

/* What :ctx offers. */
static void load_contexts(struct console *c)
{
    const struct kube_config_want want = {
        .path = c->o->values[OPTION_KUBECONFIG], .cluster_root = ""};
    struct error err;

    c->contexts = kube_config_contexts(&want, &err);
    while (c->contexts != NULL && c->contexts[c->ui.context_count] != NULL)
        c->ui.context_count++;
    c->ui.contexts = (const char *const *)c->contexts;
}

static void on_open(uv_timer_t *t)
{
    struct console *c = t->data;
    int64_t now = (int64_t)uv_now(&c->fleet.loop);
    struct error err;

    if (c->saved_ms == 0) { /* the first time: after the first frame */
        c->saved_ms = now;
        fleet_open(&c->fleet, c->o, &err); /* the panes say what is wrong */
        memcpy(c->ui.context, c->fleet.context, sizeof c->ui.context);
        snprintf(c->ui.ns, sizeof c->ui.ns, "%s",
                 fleet_namespace(&c->fleet));
        c->ui.insecure = c->fleet.insecure;
        c->ui.read_only |= c->fleet.read_only;
        open_gate(c);
        load_contexts(c);
        fleet_start(&c->fleet);
        store_plane_changed(c->fleet.store);
        uv_timer_start(&c->open, on_open, SAVE_EVERY_MS, SAVE_EVERY_MS);
        return;
    }
    save_picture(c, false);
}

static void load_picture(struct console *c)
{
    struct picture seen;
    struct error err;
    struct buf bytes;
    const struct settings *all = c->o->settings;
    char *key;

    if (c->o->values[OPTION_NO_PICTURE] != NULL)
        return;
    key = xasprintf("%s|%s|%s|%s|%s%s",
                    c->o->values[OPTION_KUBECONFIG]
                        ? c->o->values[OPTION_KUBECONFIG]
                    : getenv("KUBECONFIG") ? getenv("KUBECONFIG")
                                           : "",
                    c->o->values[OPTION_CONTEXT] ? c->o->values[OPTION_CONTEXT]
                                                 : "",
                    c->o->values[OPTION_NAMESPACE]
                        ? c->o->values[OPTION_NAMESPACE]
                        : "",
                    c->o->values[OPTION_ALL] ? "A" : "",
                    c->o->values[OPTION_HABITAT] ? "habitat " : "",
                    getenv("TERRARIUM_HABITAT") ? getenv("TERRARIUM_HABITAT")
                                                : "");
    /* another configuration looks at another fleet */
    for (int i = 0; all != NULL && all->sources_given &&
                    i < all->source_count; i++) {
        char *more = xasprintf("%s|%s", key, all->sources[i].name);

        free(key);
        key = more;
    }
    c->picture = picture_path(key);
    free(key);
    if (c->picture == NULL)
        return;
    buf_init(&bytes, PICTURE_MAX);
    if (picture_load(c->picture, &bytes, &err) == 0) {
        picture_read(c->fleet.store, buf_text(&bytes), bytes.len, &seen);
        memcpy(c->ui.context, seen.context, sizeof c->ui.context);
        memcpy(c->ui.ns, seen.ns, sizeof c->ui.ns);
    }
    buf_finish(&bytes);
}

static int open_terminal(struct console *c, struct error *err)
{
    const struct term_calls calls = {.key = on_key,
                                     .resize = on_resize,
                                     .drained = on_drained,
                                     .gone = on_gone,
                                     .hup = on_hup,
                                     .resumed = on_drained,
                                     .arg = c};
    const struct term_want want = {.colours = c->o->colours,
                                   .no_keys = c->ui.wall};
    const char *name = c->o->values[OPTION_THEME];
    struct theme theme;
    int w, h;

    if (theme_load(name ? name : "moss", &theme, err) != 0)
        return err->code;
    c->term = term_create(&c->fleet.loop, &theme, &want, &calls, err);
    if (c->term == NULL)
        return err->code;
    term_size(c->term, &w, &h);
    canvas_init(&c->canvas, w, h,
                c->o->glyphs >= 0 ? (enum glyph_set)c->o->glyphs
                                  : term_glyphs(c->term));
    c->ui.heat_gap = term_colours(c->term) == TERM_MONO ||
                     strcmp(theme.name, "mono") == 0;
    c->ui.terminal_note = term_note(c->term);
    return 0;
}

static void watch_loop(struct console *c)
{
    uv_loop_t *loop = &c->fleet.loop;

    uv_timer_init(loop, &c->frame);
    uv_timer_init(loop, &c->open);
    uv_check_init(loop, &c->check);
    uv_signal_init(loop, &c->term_sig);
    uv_signal_init(loop, &c->int_sig);
    c->frame.data = c->open.data = c->check.data = c;
    c->term_sig.data = c->int_sig.data = c;
    uv_check_start(&c->check, on_check);
    uv_signal_start(&c->term_sig, on_signal, SIGTERM);
    uv_signal_start(&c->int_sig, on_signal, SIGINT);
    uv_signal_init(loop, &c->hup_sig);
    uv_signal_start(&c->hup_sig, on_other_hup, SIGHUP);
    uv_timer_start(&c->open, on_open, 1, 0);
}

static void unwatch_loop(struct console *c)
{
    uv_close((uv_handle_t *)&c->frame, NULL);
    uv_close((uv_handle_t *)&c->open, NULL);
    uv_close((uv_handle_t *)&c->check, NULL);
}

/* The terminal is as it was: now a signal may end it as it likes. */
static void closed(void *arg)
{
    struct console *c = arg;

    uv_close((uv_handle_t *)&c->term_sig, NULL);
    uv_close((uv_handle_t *)&c->int_sig, NULL);
    uv_close((uv_handle_t *)&c->hup_sig, NULL);
    /* the shell behind it may hang up once more: what is left is to be put
       away first */
    signal(SIGHUP, SIG_IGN);
}

int console_run(const struct options *o)
{
    struct console c = {.o = o};
    struct error err;

    fleet_init(&c.fleet);
    c.fleet.graph_moved = on_graph_moved;
    c.fleet.graph_arg = &c;
    notify_init(&c.notify, o);
    editing_init(&c.editing, &c.fleet.loop);
    tethering_init(&c.tether, &c.fleet.loop, &c.ui, tether_changed, &c);
    reaching_init(&c.reaching, &c.ui, &c.fleet, &c.tether, reach_changed, &c);
    ui_init(&c.ui, c.fleet.store);
    c.ui.wall = o->verb == VERB_WALL;
    c.ui.read_only = c.ui.wall || o->values[OPTION_READ_ONLY] != NULL;
    c.ui.no_clock = o->values[OPTION_NO_CLOCK] != NULL;
    load_picture(&c);
    if (open_terminal(&c, &err) != 0) {
        fprintf(stderr, "terrarium: %s\n", err.msg);
        ui_finish(&c.ui);
        fleet_finish(&c.fleet);
        free(c.picture);
        return 2;
    }
    watch_loop(&c);
    draw(&c);
    uv_run(&c.fleet.loop, UV_RUN_DEFAULT);
    detach(&c);
    reaching_finish(&c.reaching);
    notify_finish(&c.notify);
    plan_finish(&c.trial);
    editing_finish(&c.editing);
    unwatch_loop(&c);
    term_close(c.term, closed, &c);
    save_picture(&c, true);
    halt_destroy(c.halt);
    ui_finish(&c.ui);
    canvas_finish(&c.canvas);
    for (int i = 0; c.contexts != NULL && c.contexts[i] != NULL; i++)
        free(c.contexts[i]);
    free(c.contexts);
    fleet_finish(&c.fleet);
    free(c.picture);
    if (c.failed != NULL)
        fprintf(stderr, "terrarium tether: %s: %s\n", o->name, c.failed);
    return c.status;
}
