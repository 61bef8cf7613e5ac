#include "config.h"

#include "app/reaching.h"

#include "widgets/log_view.h"

#include <stdio.h>
#include <string.h>

void reaching_init(struct reaching *r, struct ui *ui, struct fleet *fleet,
                   struct tethering *tether, void (*changed)(void *arg),
                   void *arg)
{
    *r = (struct reaching){.ui = ui,
                           .fleet = fleet,
                           .tether = tether,
                           .changed = changed,
                           .arg = arg};
}

static void close_tail(struct reaching *r)
{
    kube_tail_close(r->tail);
    r->tail = NULL;
    fleet_unfollow(r->fleet);
    log_view_destroy(r->ui->logs);
    r->ui->logs = NULL;
}

static void on_line(int64_t at_ms, const char *p, size_t n, void *arg)
{
    struct reaching *r = arg;

    log_view_add(r->ui->logs, at_ms, p, n);
    r->changed(r->arg);
}

static void on_tail(const char *text, bool bad, void *arg)
{
    struct reaching *r = arg;

    snprintf(r->ui->logs->note, sizeof r->ui->logs->note, "%s", text);
    r->ui->logs->bad = bad;
    r->changed(r->arg);
}

static void fail(struct reaching *r, const struct error *err)
{
    snprintf(r->ui->reach.error, sizeof r->ui->reach.error, "%s", err->msg);
}

static void open_logs(struct reaching *r, bool previous)
{
    const struct kube_tail_calls calls = {on_line, on_tail, r};
    const struct reach *m = &r->ui->reach;
    struct error err;

    close_tail(r);
    r->tail = kube_tail_open(r->tether->reach, m->ns, m->name, previous,
                             &calls, &err);
    if (r->tail == NULL) {
        fail(r, &err);
        return;
    }
    r->ui->logs = log_view_create(m->name, previous);
    ui_open_page(r->ui, PAGE_LOGS);
}

/* What its control plane keeps of it. */
static void open_output(struct reaching *r)
{
    const struct source_lines calls = {on_line, on_tail, r};
    const struct reach *m = &r->ui->reach;

    close_tail(r);
    if (!fleet_follow(r->fleet, m->ns, m->name, &calls)) {
        snprintf(r->ui->reach.error, sizeof r->ui->reach.error,
                 "its control plane knows it no more");
        return;
    }
    r->ui->logs = log_view_create(m->name, false);
    ui_open_page(r->ui, PAGE_LOGS);
}

/* What the menu shows of them. */
static void list(struct reaching *r)
{
    struct reach *m = &r->ui->reach;
    struct kube_forward_state s;

    m->forward_count = 0;
    for (int i = 0; i < REACH_FORWARDS; i++) {
        const struct reaching_forward *f = &r->forwards[i];
        struct reach_forward *row = &m->forwards[m->forward_count];

        if (f->f == NULL)
            continue;
        kube_forward_state(f->f, &s);
        *row = (struct reach_forward){.id = f->id,
                                      .local = s.local,
                                      .remote = s.remote,
                                      .listens = s.listens,
                                      .connections = s.connections,
                                      .total = s.total,
                                      .up = s.up,
                                      .down = s.down};
        snprintf(row->name, sizeof row->name, "%s", f->name);
        snprintf(row->note, sizeof row->note, "%s", s.note);
        m->forward_count++;
    }
    if (m->at >= REACH_WAYS + m->forward_count)
        m->at = REACH_WAYS + m->forward_count - 1;
    r->changed(r->arg);
}

static void on_forward(void *arg)
{
    list(((struct reaching_forward *)arg)->r);
}

static void on_told(const char *line, void *arg)
{
    struct reaching *r = ((struct reaching_forward *)arg)->r;

    snprintf(r->ui->reach.error, sizeof r->ui->reach.error, "%.239s", line);
    list(r);
}

static void on_forward_closed(const struct error *err, void *arg)
{
    struct reaching_forward *f = arg;

    if (err->code == 0)
        return; /* by us */
    f->f = NULL;
    fail(f->r, err);
    list(f->r);
}

static void open_forward(struct reaching *r)
{
    struct reach *m = &r->ui->reach;
    struct kube_forward_want want = {.ns = m->ns, .agent = m->name};
    struct reaching_forward *f = NULL;
    struct error err;

    if (kube_forward_ports(m->field, &want.local, &want.remote, &err) != 0) {
        fail(r, &err);
        return;
    }
    for (int i = 0; i < REACH_FORWARDS; i++)
        if (r->forwards[i].f == NULL)
            f = &r->forwards[i];
    if (f == NULL)
        return;
    *f = (struct reaching_forward){.r = r, .id = ++r->last_id};
    snprintf(f->name, sizeof f->name, "%s", m->name);
    f->f = kube_forward_open(
        r->tether->reach, &want,
        &(struct kube_forward_calls){.listening = on_forward,
                                     .told = on_told,
                                     .changed = on_forward,
                                     .closed = on_forward_closed,
                                     .arg = f},
        &err);
    if (f->f == NULL) {
        fail(r, &err);
        return;
    }
    m->typing = false;
    m->field[0] = '\0';
    list(r);
}

void reaching_go(struct reaching *r)
{
    const struct reach *m = &r->ui->reach;

    if (m->at == REACH_OUTPUT ||
        (m->at == REACH_LOGS && !reach_pod(m, r->ui->st))) {
        open_output(r);
        return;
    }
    if (r->tether->reach == NULL)
        return;
    switch (m->at) {
    case REACH_LOGS:
    case REACH_PREVIOUS:
        open_logs(r, m->at == REACH_PREVIOUS);
        break;
    case REACH_SHELL:
    case REACH_ATTACH:
        tethering_reach(r->tether, m->ns, m->name, m->at == REACH_ATTACH);
        break;
    case REACH_FORWARD:
        open_forward(r);
        break;
    default:
        break;
    }
}

void reaching_end(struct reaching *r)
{
    const struct reach *m = &r->ui->reach;
    int at = m->at - REACH_WAYS;

    if (at < 0 || at >= m->forward_count)
        return;
    for (int i = 0; i < REACH_FORWARDS; i++)
        if (r->forwards[i].f != NULL &&
            r->forwards[i].id == m->forwards[at].id) {
            kube_forward_close(r->forwards[i].f);
            r->forwards[i].f = NULL;
        }
    list(r);
}

void reaching_look(struct reaching *r)
{
    bool shown = r->ui->page == PAGE_LOGS;

    for (int i = 0; i < r->ui->trail_count; i++)
        shown |= r->ui->trail[i].page == PAGE_LOGS;
    if (!shown && r->ui->logs != NULL)
        close_tail(r);
}

void reaching_finish(struct reaching *r)
{
    close_tail(r);
    for (int i = 0; i < REACH_FORWARDS; i++)
        if (r->forwards[i].f != NULL) {
            kube_forward_close(r->forwards[i].f);
            r->forwards[i].f = NULL;
        }
}
