/* observe: a line for each change. */
#include "config.h"

#include "front/client.h"
#include "front/front.h"

#include "base/when.h"
#include "data/json/pick.h"
#include "data/net/sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct observing {
    struct sse sse;
    struct pick *pick;
    bool json, ready, told;
    char cells[6][400];
    char since[64];
};

enum { TIME, TASK, ACTION, DETAIL, KIND, TITLE };

static const struct pick_rule rules[] = {
    {"Time", TIME},     {"Task", TASK},       {"Action", ACTION},
    {"Detail", DETAIL}, {"Attrs.kind", KIND}, {NULL, 0}};

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct observing *o = arg;
    size_t n = v->text.n < 399 ? v->text.n : 399;

    if (v->type != PICK_STRING)
        return;
    for (size_t i = 0; i < n; i++)
        o->cells[field][i] =
            (unsigned char)v->text.p[i] < 0x20 || v->text.p[i] == 0x7f
                ? '?'
                : v->text.p[i];
    o->cells[field][n] = '\0';
}

static void show(struct observing *o, const struct sse_event *e)
{
    int64_t at = 0;
    struct error err;
    char clock[9];

    memset(o->cells, 0, sizeof o->cells);
    pick_run(o->pick, e->data.p, e->data.n, on_value, o, &err);
    when_parse(o->cells[TIME], strlen(o->cells[TIME]), &at);
    when_clock(at, clock);
    printf("%s  %-16s %-8s %s\n", clock, o->cells[TASK],
           o->cells[KIND][0] ? o->cells[KIND] : "change",
           o->cells[DETAIL][0] ? o->cells[DETAIL] : o->cells[ACTION]);
}

static void on_practice(void *arg, int field, const struct pick_value *v)
{
    (void)field;
    *(bool *)arg = pick_true(v);
}

/* Once, beside the lines, so that they stay what they are for a program. */
static void tell_practice(struct observing *o, struct span hello)
{
    static const struct pick_rule rule[] = {{"practice", 0}, {NULL, 0}};
    struct pick *p = pick_create(rule);
    bool practice = false;
    struct error err;

    pick_run(p, hello.p, hello.n, on_practice, &practice, &err);
    pick_destroy(p);
    if (practice && !o->told)
        fputs("PRACTICE: none of these agents is real\n", stderr);
    o->told = true;
}

static void on_event(const struct sse_event *e, void *arg)
{
    struct observing *o = arg;
    bool row = span_is(e->event, "agent") || span_is(e->event, "proposal") ||
               span_is(e->event, "pheromone") ||
               span_is(e->event, "agent.gone") ||
               span_is(e->event, "pheromone.gone");

    if (span_is(e->event, "ready")) {
        o->ready = true;
        return;
    }
    if (span_is(e->event, "hello")) {
        tell_practice(o, e->data);
        return;
    }
    if (!row && e->id.n > 0)
        snprintf(o->since, sizeof o->since, "%.*s", (int)e->id.n, e->id.p);
    if (o->json) {
        if (!row || o->ready)
            printf("{\"event\":\"%.*s\",\"data\":%.*s}\n", (int)e->event.n,
                   e->event.p, (int)e->data.n, e->data.p);
    } else if (!row) {
        show(o, e);
    }
    fflush(stdout);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct observing *o = arg;

    sse_feed(&o->sse, p, n);
    return !ferror(stdout);
}

int front_observe(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    int i = front_read(v, argc, argv, values), last;
    static struct observing o;
    struct client c;
    struct error err;
    char path[200];

    if (i < 0)
        return 2;
    last = values[1] ? atoi(values[1]) : 0;
    if (i < argc || last < 0)
        return front_fail(v, 2, "unexpected '%.60s'",
                          i < argc ? argv[i] : values[1]);
    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    o.json = values[0] != NULL;
    o.pick = pick_create(rules);
    sse_init(&o.sse, on_event, &o);
    snprintf(path, sizeof path, "/api/v1/events/stream?last=%d", last);
    for (;;) {
        if (client_stream(&c, path, on_data, &o, &err) != 0 &&
            o.since[0] == '\0') {
            client_close(&c);
            return front_fail(v, 1, "%s", err.msg);
        }
        if (ferror(stdout))
            break;
        sleep(1);
        sse_reset(&o.sse);
        snprintf(path, sizeof path, "/api/v1/events/stream?since=%s",
                 o.since[0] ? o.since : "0");
    }
    client_close(&c);
    return 0;
}
