#include "config.h"

#include "app/tethering.h"

#include "data/kube/tether.h"
#include "data/tether/holder.h"
#include "tui/grid.h"

#include <stdio.h>
#include <string.h>

void tethering_init(struct tethering *t, uv_loop_t *loop, struct ui *ui,
                    void (*changed)(void *arg), void *arg)
{
    *t = (struct tethering){
        .loop = loop, .ui = ui, .changed = changed, .arg = arg};
}

static void note(struct tethering *t, const char *text)
{
    struct tether_view *v = &t->ui->tether;

    snprintf(v->note, sizeof v->note, "%.199s", text);
    t->changed(t->arg);
}

static void on_output(const char *p, size_t n, void *arg)
{
    struct tethering *t = arg;

    if (t->tether == NULL)
        return;
    grid_feed(t->ui->tether.grid, p, n);
    t->changed(t->arg);
}

void tethering_fit(struct tethering *t)
{
    struct tether_view *v = &t->ui->tether;
    int w, h;

    if (t->tether == NULL || !v->you || v->room.w < 1)
        return;
    grid_size(v->grid, &w, &h);
    if (w != v->room.w || h != v->room.h)
        tether_resize(t->tether, (struct wire_size){(uint16_t)v->room.w,
                                                    (uint16_t)v->room.h});
}

static void on_size(struct wire_size size, void *arg)
{
    struct tethering *t = arg;

    if (t->tether == NULL)
        return;
    grid_resize(t->ui->tether.grid, size.columns, size.rows);
    t->changed(t->arg);
}

static void on_typist(bool you, int pid, void *arg)
{
    struct tethering *t = arg;

    if (t->tether == NULL)
        return;
    t->ui->tether.you = you;
    t->ui->tether.typist = pid;
    t->ui->tether.note[0] = '\0';
    tethering_fit(t);
    t->changed(t->arg);
}

static void on_ended(const struct tether_end *e, void *arg)
{
    struct tethering *t = arg;
    char text[240];

    if (t->tether == NULL)
        return;
    t->ui->tether.ended = true;
    if (e->how == TETHER_FAILED)
        snprintf(text, sizeof text, "%s", e->msg);
    else if (e->how == TETHER_SIGNALLED)
        snprintf(text, sizeof text, "ended by signal %d", e->code);
    else
        snprintf(text, sizeof text, "ended with exit %d", e->code);
    note(t, text);
}

static void on_closed(const struct error *err, void *arg)
{
    struct tethering *t = arg;
    struct tether_view *v = &t->ui->tether;

    if (err->code == 0)
        return; /* by us */
    t->tether = NULL;
    v->you = false;
    if (!v->ended)
        note(t, err->msg);
    v->ended = true;
}

static void on_typed(const char *p, size_t n, void *arg)
{
    struct tethering *t = arg;

    if (t->tether != NULL)
        tether_input(t->tether, p, n);
}

void tethering_take(struct tethering *t)
{
    if (t->tether != NULL)
        tether_type(t->tether, true);
}

static void clear(struct tethering *t)
{
    grid_destroy(t->ui->tether.grid);
    t->ui->tether = (struct tether_view){0};
}

void tethering_detach(struct tethering *t)
{
    if (t->tether != NULL)
        tether_close(t->tether);
    t->tether = NULL;
    clear(t);
    if (t->ui->page == PAGE_TETHER)
        ui_close_page(t->ui);
}

static struct tether_calls calls_of(struct tethering *t)
{
    return (struct tether_calls){.output = on_output,
                                 .size = on_size,
                                 .typist = on_typist,
                                 .ended = on_ended,
                                 .closed = on_closed,
                                 .arg = t};
}

static void open_page(struct tethering *t, const char *name)
{
    clear(t);
    snprintf(t->ui->tether.name, sizeof t->ui->tether.name, "%s", name);
    t->ui->tether.grid = grid_create(80, 24, on_typed, t);
    ui_open_page(t->ui, PAGE_TETHER);
}

void tethering_attach(struct tethering *t, const struct agent *a)
{
    const struct tether_calls calls = calls_of(t);

    if (a == NULL || a->run == NULL || a->run->socket == NULL ||
        t->tether != NULL)
        return;
    open_page(t, a->name);
    t->tether = holder_tether_open(t->loop, a->run->socket, &calls);
}

void tethering_reach(struct tethering *t, const char *ns, const char *name,
                     bool attach)
{
    const struct tether_calls calls = calls_of(t);
    const struct kube_tether_want want = {
        .attach = attach, .ns = ns, .agent = name, .size = {80, 24}};
    struct error err;

    if (t->reach == NULL || t->tether != NULL)
        return;
    open_page(t, name);
    t->ui->tether.leaves = !attach;
    snprintf(t->ui->tether.note, sizeof t->ui->tether.note, "connecting …");
    t->tether = kube_tether_open(t->reach, &want, &calls, &err);
    if (t->tether != NULL)
        return;
    t->ui->tether.ended = true;
    note(t, err.msg);
}
