#include "config.h"

#include "data/fracta/gateway.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "data/fracta/plain_http.h"
#include "data/fracta/sender.h"
#include "data/json/pick.h"
#include "data/net/http.h"
#include "data/source_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS 3000   /* refused, unreachable */
#define COSTLY_MAX_MS 30000 /* answered, and not well */

/* What its policy says of one tool server, in words. */
struct served {
    char name[64];
    int denied, allowed; /* patterns; allowed 0: all that is not denied */
};

struct gateway {
    struct source base;
    struct http *http;
    struct http_target target;
    struct http_request *request;
    uv_timer_t timer;
    struct pick *policy;
    struct buf body;
    char *url, *socket, *ca_pem;
    struct error refused; /* nothing is asked at all */
    bool old;             /* it has no /readyz */
    bool policing;        /* the request is for its policy */
    bool whole, closing;
    int64_t policy_ms; /* uv_now of the last policy; 0 never */
    int64_t delay_ms;
    struct {
        int64_t all, visible, denied, disabled;
        bool told; /* false: it serves no tool servers */
    } tools;
    struct served servers[GATEWAY_SERVERS];
    int server_count;
    int parts;
};

enum { G_ALL, G_VISIBLE, G_DENIED, G_DISABLED, G_SERVER, G_DENY, G_ALLOW };
static const struct pick_rule policy_rules[] = {
    {"catalog_size", G_ALL},
    {"visible_count", G_VISIBLE},
    {"denied_by_policy", G_DENIED},
    {"disabled_by_registry", G_DISABLED},
    {"policies[].server", G_SERVER},
    {"policies[].deny[]", G_DENY},
    {"policies[].allow_only[]", G_ALLOW},
    {NULL, 0}};

static void on_policy_field(void *arg, int field, const struct pick_value *v)
{
    struct gateway *g = arg;
    int64_t *counts[] = {&g->tools.all, &g->tools.visible, &g->tools.denied,
                         &g->tools.disabled};
    struct served *s =
        g->server_count > 0 ? &g->servers[g->server_count - 1] : NULL;

    if (field <= G_DISABLED) {
        pick_int(v, 0, 1 << 30, counts[field]);
    } else if (field == G_SERVER) {
        if (g->server_count < GATEWAY_SERVERS) {
            s = &g->servers[g->server_count++];
            memset(s, 0, sizeof *s);
            snprintf(s->name, sizeof s->name, "%.*s",
                     v->text.n < 63 ? (int)v->text.n : 63, v->text.p);
        }
    } else if (s != NULL && v->type == PICK_STRING) {
        *(field == G_DENY ? &s->denied : &s->allowed) += 1;
    }
}

static void set_state(struct gateway *g, enum plane_state state)
{
    struct plane *p = g->base.plane;

    if (p->state != state) {
        p->state = state;
        p->since_ms = clock_wall_ms();
        store_plane_turned(g->base.store, p);
    }
    store_plane_changed(g->base.store);
}

static void on_timer(uv_timer_t *timer);

static void wait_for(struct gateway *g, int64_t ms)
{
    if (!g->closing)
        uv_timer_start(&g->timer, on_timer, (uint64_t)ms, 0);
}

static void describe(struct gateway *g)
{
    struct plane *p = g->base.plane;
    int n;

    if (!g->tools.told) {
        snprintf(p->detail, sizeof p->detail, "no tool servers");
        return;
    }
    n = snprintf(p->detail, sizeof p->detail, "%lld of %lld tools",
                 (long long)g->tools.visible, (long long)g->tools.all);
    if (g->tools.denied > 0)
        n += snprintf(p->detail + n, sizeof p->detail - (size_t)n,
                      ", %lld denied", (long long)g->tools.denied);
    if (g->tools.disabled > 0)
        snprintf(p->detail + n, sizeof p->detail - (size_t)n,
                 ", %lld switched off", (long long)g->tools.disabled);
}

static void live(struct gateway *g, const struct http_answer *answer)
{
    struct plane *p = g->base.plane;

    p->proof_ms = clock_wall_ms();
    p->retry_ms = 0;
    p->latency_ms = (int32_t)(answer->headers_ms - answer->started_ms);
    error_clear(&p->error);
    g->whole = true;
    g->delay_ms = 0;
    set_state(g, PLANE_LIVE);
}

static void failed(struct gateway *g, const struct http_answer *answer,
                   const struct error *err)
{
    struct plane *p = g->base.plane;
    int64_t most = answer->status > 0 ? COSTLY_MAX_MS : RETRY_MAX_MS;
    int64_t wait;

    g->delay_ms = g->delay_ms > 0 ? g->delay_ms * 2 : RETRY_FIRST_MS;
    if (g->delay_ms > most)
        g->delay_ms = most;
    wait = g->delay_ms - g->delay_ms * (rand() % 25) / 100;
    if (answer->retry_after_ms > wait)
        wait = answer->retry_after_ms < 60000 ? answer->retry_after_ms : 60000;
    p->error = *err;
    p->answered = true;
    p->retry_ms = clock_wall_ms() + wait;
    set_state(g, answer->status == 401 || answer->status == 403 ||
                         err->code == ERR_TLS
                     ? PLANE_REFUSED
                 : g->whole ? PLANE_STALE
                            : PLANE_CONNECTING);
    wait_for(g, wait);
}

static void ask(struct gateway *g, const char *path);

static void on_ready(struct gateway *g, const struct http_answer *answer,
                     const struct error *err)
{
    struct error e = *err;
    int64_t now = (int64_t)uv_now(g->base.loop);

    if (e.code == 0 && answer->status == 404 && !g->old) {
        g->old = true;
        ask(g, "/healthz");
        return;
    }
    if (e.code == 0 && answer->status == 503) {
        error_set(&e, ERR_BUSY, "up, and not ready: it looks at its tool "
                                "servers for the first time");
    } else if (e.code == 0 && answer->status != 200) {
        fracta_refusal(answer, &e);
    }
    if (e.code != 0) {
        failed(g, answer, &e);
        return;
    }
    live(g, answer);
    if (g->policy_ms == 0 || now - g->policy_ms >= GATEWAY_POLICY_MS)
        ask(g, "/debug/policy");
    else
        wait_for(g, GATEWAY_READY_MS);
}

/* Whatever it says of its policy: it is up. */
static void on_policy(struct gateway *g, const struct http_answer *answer,
                      const struct error *err)
{
    struct plane *p = g->base.plane;
    struct error e = *err;

    g->policy_ms = (int64_t)uv_now(g->base.loop);
    memset(&g->tools, 0, sizeof g->tools);
    g->server_count = 0;
    if (e.code == 0 && answer->status == 200 && g->body.over)
        error_set(&e, ERR_LIMIT, "its policy is larger than %u bytes",
                  GATEWAY_BODY_MAX);
    else if (e.code == 0 && answer->status == 200)
        g->tools.told = pick_run(g->policy, buf_text(&g->body), g->body.len,
                                 on_policy_field, g, &e) == 0;
    else if (e.code == 0 && answer->status != 404)
        fracta_refusal(answer, &e);
    p->answered = true; /* not before: a snapshot waits for its figures */
    if (e.code != 0)
        snprintf(p->detail, sizeof p->detail, "policy: %.80s", e.msg);
    else
        describe(g);
    store_plane_changed(g->base.store);
    wait_for(g, GATEWAY_READY_MS);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct gateway *)arg)->body, p, n);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct gateway *g = arg;

    g->request = NULL;
    if (g->policing)
        on_policy(g, answer, err);
    else
        on_ready(g, answer, err);
}

static void ask(struct gateway *g, const char *path)
{
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = g};
    const struct http_want want = {
        .path = path, .silence_ms = 15000, .http1 = true};
    const struct http_answer none = {0};
    struct error err;

    buf_clear(&g->body);
    g->body.over = false;
    g->policing = strcmp(path, "/debug/policy") == 0;
    g->request = http_start(g->http, &g->target, &want, &calls, &err);
    if (g->request == NULL)
        failed(g, &none, &err);
}

static void on_timer(uv_timer_t *timer)
{
    struct gateway *g = timer->data;

    if (g->request == NULL)
        ask(g, g->old ? "/healthz" : "/readyz");
}

static void start(struct source *base)
{
    struct gateway *g = (struct gateway *)base;

    if (g->refused.code != 0)
        return;
    set_state(g, PLANE_CONNECTING);
    wait_for(g, 0);
}

static void refresh(struct source *base)
{
    struct gateway *g = (struct gateway *)base;

    if (g->refused.code != 0)
        return;
    g->delay_ms = 0;
    g->policy_ms = 0;
    wait_for(g, 0);
}

static void finish_part(struct gateway *g)
{
    char *texts[] = {g->url, g->socket, g->ca_pem};

    if (--g->parts > 0)
        return;
    source_finish(&g->base);
    pick_destroy(g->policy);
    buf_finish(&g->body);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    free(g);
}

static void on_timer_closed(uv_handle_t *h)
{
    finish_part(h->data);
}

static void on_http_closed(void *arg)
{
    finish_part(arg);
}

static void close_source(struct source *base)
{
    struct gateway *g = (struct gateway *)base;

    g->closing = true;
    http_cancel(g->request);
    uv_close((uv_handle_t *)&g->timer, on_timer_closed);
    http_close(g->http, on_http_closed, g);
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    const struct gateway *g = (const struct gateway *)base;
    const struct plane *p = base->plane;
    bool well = p->state == PLANE_LIVE;
    char text[300], url[100];

    plain_http_shown(g->url, url, sizeof url);
    snprintf(text, sizeof text, "%s: %.180s", url,
             well ? p->detail : p->error.msg);
    fn(!well ? FINDING_BAD : p->insecure ? FINDING_WARN : FINDING_OK, p->name,
       text,
       well ? "it is plain HTTP, or not checked: whoever is between reads and "
              "writes along"
            : "is it up there? fracta serve --gateway-mode",
       arg);
    for (int i = 0; well && i < g->server_count; i++) {
        const struct served *s = &g->servers[i];

        if (s->allowed > 0)
            snprintf(text, sizeof text, "only %d of its tools by name, less "
                                        "%d", s->allowed, s->denied);
        else
            snprintf(text, sizeof text, "%d of its tools are denied",
                     s->denied);
        fn(FINDING_OK, s->name, text, "", arg);
    }
}

static const struct source_impl impl = {.name = "gateway",
                                        .start = start,
                                        .refresh = refresh,
                                        .close = close_source,
                                        .doctor = doctor};

static char *copy(const char *s)
{
    return s != NULL ? xstrdup(s) : NULL;
}

struct source *gateway_source_create(uv_loop_t *loop, struct store *store,
                                     const struct gateway_options *o)
{
    struct gateway *g = xcalloc(1, sizeof *g);
    struct plane *p;

    source_init(&g->base, &impl, loop, store);
    p = g->base.plane;
    snprintf(p->name, sizeof p->name, "%s", o->name);
    p->rank = RANK_COPY;
    g->url = xstrdup(o->url);
    g->socket = copy(o->socket);
    g->ca_pem = copy(o->ca_pem);
    g->target = (struct http_target){.base = g->url,
                                     .socket = g->socket,
                                     .ca_pem = g->ca_pem,
                                     .insecure = o->insecure};
    p->insecure = o->insecure;
    g->http = http_create(loop, o->user_agent);
    g->policy = pick_create(policy_rules);
    buf_init(&g->body, GATEWAY_BODY_MAX);
    uv_timer_init(loop, &g->timer);
    g->timer.data = g;
    g->parts = 2;
    if (g->socket == NULL)
        plain_http_check(g->url, o->plain_http, p, &g->refused);
    return &g->base;
}
