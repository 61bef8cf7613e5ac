#include "config.h"

#include "app/forward.h"

#include "app/fleet.h"
#include "data/kube/forward.h"
#include "data/kube/source.h"
#include "tui/text.h"

#include <signal.h>
#include <stdlib.h>

struct command;

struct one {
    struct command *c;
    struct kube_forward *f; /* NULL: not open, or over */
};

struct command {
    const struct options *o;
    struct fleet fleet;
    struct one at[FORWARDS_MAX];
    uv_check_t check; /* until the agent is there */
    uv_timer_t limit;
    uv_signal_t sig[3];
    int status;
    bool begun, over, running;
};

static const int signals[3] = {SIGINT, SIGTERM, SIGHUP};

/* One line; what came from outside may hold anything. */
static void complain(const struct command *c, const char *text)
{
    fprintf(stderr, "terrarium port-forward: %s: ", c->o->name);
    text_print(stderr, text);
    fputc('\n', stderr);
}

static void stop(struct command *c, int status)
{
    if (c->over)
        return;
    c->over = true;
    c->status = status;
    for (int i = 0; i < FORWARDS_MAX; i++)
        if (c->at[i].f != NULL)
            kube_forward_close(c->at[i].f);
    if (c->running) /* else it would end the loop that closes all */
        uv_stop(&c->fleet.loop);
}

static void on_signal(uv_signal_t *sig, int number)
{
    (void)number;
    stop(sig->data, 0);
}

static void on_listening(void *arg)
{
    const struct one *one = arg;
    struct kube_forward_state s;

    kube_forward_state(one->f, &s);
    printf("127.0.0.1:%u -> %s:%u\n", s.local, one->c->o->name, s.remote);
    fflush(stdout);
}

static void on_told(const char *line, void *arg)
{
    complain(((const struct one *)arg)->c, line);
}

static void on_closed(const struct error *err, void *arg)
{
    struct one *one = arg;

    one->f = NULL;
    if (err->code == 0)
        return;
    complain(one->c, err->msg);
    stop(one->c, 1);
}

/* The agent is there: all its ports. */
static void begin(struct command *c, const struct agent *a)
{
    struct kube_reach *reach = kube_source_reach(c->fleet.source);
    struct error err;

    c->begun = true;
    for (int i = 0; i < c->o->port_count && !c->over; i++) {
        struct kube_forward_calls calls = {.listening = on_listening,
                                           .told = on_told,
                                           .closed = on_closed,
                                           .arg = &c->at[i]};
        struct kube_forward_want want = {.ns = a->ns, .agent = a->name};

        c->at[i].c = c;
        kube_forward_ports(c->o->ports[i], &want.local, &want.remote, &err);
        c->at[i].f = kube_forward_open(reach, &want, &calls, &err);
        if (c->at[i].f != NULL)
            continue;
        complain(c, err.msg);
        stop(c, 1);
    }
}

static void give_up(struct command *c)
{
    const struct plane *p = &c->fleet.store->planes[0];
    struct error err = {0};

    fleet_agent(&c->fleet, c->o->name, &err);
    if (c->fleet.store->plane_count > 0 && p->error.code != 0)
        err = p->error;
    complain(c, err.msg);
    stop(c, 1);
}

static void on_check(uv_check_t *check)
{
    struct command *c = check->data;
    uint32_t slot;
    struct error err;

    if (c->over || c->begun || !fleet_answered(&c->fleet))
        return;
    slot = fleet_agent(&c->fleet, c->o->name, &err);
    if (slot == SLOT_NONE)
        give_up(c);
    else
        begin(c, store_agent(c->fleet.store, slot));
}

static void on_limit(uv_timer_t *timer)
{
    struct command *c = timer->data;
    struct error err;
    uint32_t slot;

    if (c->begun || c->over)
        return;
    /* other kinds may be late: if it is there, that will do */
    slot = fleet_agent(&c->fleet, c->o->name, &err);
    if (slot != SLOT_NONE)
        begin(c, store_agent(c->fleet.store, slot));
    else
        give_up(c);
}

static void watch(struct command *c)
{
    uv_loop_t *loop = &c->fleet.loop;

    uv_check_init(loop, &c->check);
    uv_timer_init(loop, &c->limit);
    c->check.data = c->limit.data = c;
    uv_check_start(&c->check, on_check);
    uv_timer_start(&c->limit, on_limit, (uint64_t)c->o->wait_ms, 0);
    for (int i = 0; i < 3; i++) {
        uv_signal_init(loop, &c->sig[i]);
        c->sig[i].data = c;
        uv_signal_start(&c->sig[i], on_signal, signals[i]);
    }
}

static void unwatch(struct command *c)
{
    uv_close((uv_handle_t *)&c->check, NULL);
    uv_close((uv_handle_t *)&c->limit, NULL);
    for (int i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&c->sig[i], NULL);
}

int forward_run(const struct options *o)
{
    struct command c = {.o = o};
    struct error err;

    fleet_init(&c.fleet);
    watch(&c);
    fleet_open(&c.fleet, o, &err);
    if (c.fleet.source == NULL) {
        complain(&c, err.msg);
        stop(&c, 1);
    } else if (!kube_reach_may(kube_source_reach(c.fleet.source), &err)) {
        complain(&c, err.msg);
        stop(&c, 1);
    } else {
        fleet_start(&c.fleet);
        c.running = true;
        uv_run(&c.fleet.loop, UV_RUN_DEFAULT);
    }
    unwatch(&c);
    fleet_finish(&c.fleet);
    return c.status;
}
