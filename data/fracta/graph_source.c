#include "config.h"

#include "data/fracta/graph_source.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "data/event_ids.h"
#include "data/fracta/graph_read.h"
#include "data/fracta/graph_url.h"
#include "data/source_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * `turn` is the heart: unless a query is under way it sends the next, which
 * is what somebody asked for, or the next step of a round, if one is on. At
 * a round's end the timer is set for the next one; without a connection the
 * timer is for opening one.
 */

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS 3000   /* refused, unreachable */
#define COSTLY_MAX_MS 30000 /* answered, and not well */
#define SMALL_MS 5000       /* INFO, TIME */
#define LATE_MS 60000       /* so long after it was written is late */

enum step {
    STEP_VERSION, /* once in a conversation */
    STEP_TIME,
    STEP_LABELS,
    STEP_TYPES,
    STEP_FINDINGS,
    STEP_WRITES,
    STEP_REST, /* no round is on */
};

/* What is under way. */
enum errand {
    ASKED_NONE,
    ASKED_STEP,
    ASKED_LOOK,
    ASKED_FURTHER,
    ASKED_TOPIC,
};

struct graph_source {
    struct source base;
    struct graph_url url;
    char *socket, *user, *password, *graph, *ns, *ca_pem, *tls_name;
    bool insecure;
    struct error refused; /* nothing is asked at all */
    struct resp *resp;
    uv_timer_t timer;
    struct buf query;
    struct graph_view *view;
    struct graph_view *before; /* as it was when the round began */
    struct event_ids told;
    enum step step;
    enum errand asked;
    bool ready, whole, again, plain, closing;
    bool told_once; /* a round of thoughts is through */
    int64_t delay_ms, interval_ms;
    uint64_t round_ms; /* when it began */
    int answered;      /* of this round's queries */
    struct error trouble; /* of this round */
    struct {
        char *label, *key, *value; /* owned; key NULL: by id */
        int64_t id;
        int depth;
        bool waits, stale; /* stale: what is under way is of another */
    } look;
    struct {
        enum graph_topic topic;
        char *about;
        bool waits, stale;
        bool behind; /* the answer may be older than what is read */
        uint64_t asked_ms, next_ms; /* uv_now: when, and not again before */
    } topic;
    uint64_t queries, failures;
    int handles;
};

static void turn(struct graph_source *g);
static void open_up(struct graph_source *g);
static const struct source_impl impl;

static struct graph_source *graph_of(const struct source *s)
{
    if (s->impl != &impl)
        abort();
    return (struct graph_source *)(uintptr_t)s;
}

static void wipe(char *s)
{
    if (s != NULL)
        for (volatile char *p = s; *p != '\0'; p++)
            *p = '\0';
    free(s);
}

static void moved(struct graph_source *g)
{
    g->view->generation++;
    store_plane_changed(g->base.store); /* somebody may look at it */
}

/* "1 234 567" */
static const char *grouped(int64_t n, char ret[32])
{
    char digits[24];
    size_t len, k = 0;

    snprintf(digits, sizeof digits, "%lld", (long long)(n < 0 ? 0 : n));
    len = strlen(digits);
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            ret[k++] = ' ';
        ret[k++] = digits[i];
    }
    ret[k] = '\0';
    return ret;
}

static void say_size(struct graph_source *g)
{
    struct plane *p = g->base.plane;
    char nodes[32], findings[32];

    if (g->view->empty)
        snprintf(p->detail, sizeof p->detail, "graph empty");
    else
        snprintf(p->detail, sizeof p->detail, "%s nodes, %s findings",
                 grouped(g->view->nodes, nodes),
                 grouped(g->view->findings, findings));
}

/* What went wrong, and what to do about it. */
static void explain(const struct graph_source *g, const struct error *err,
                    struct error *ret)
{
    switch (graph_trouble(err)) {
    case GRAPH_TROUBLE_NO_MODULE:
        error_set(ret, ERR_ABSENT,
                  "%s is a Redis without FalkorDB: is the url another's?",
                  g->url.shown);
        return;
    case GRAPH_TROUBLE_NO_GRAPH:
        error_set(ret, ERR_ABSENT,
                  "'%.60s' is no graph there: set 'graph' of this source",
                  g->graph);
        return;
    case GRAPH_TROUBLE_SLOW:
        error_set(ret, ERR_SILENT,
                  "it needs longer than %d s for a query: asked less often",
                  GRAPH_QUERY_MS / 1000);
        return;
    default:
        break;
    }
    if (err->code == ERR_AUTH && g->password == NULL)
        error_set(ret, ERR_AUTH,
                  "it wants a password: set 'user' and 'password' of this "
                  "source");
    else if (err->code == ERR_AUTH)
        error_set(ret, ERR_AUTH,
                  "user or password is wrong: see 'user' and 'password' of "
                  "this source");
    else if (err->code == ERR_RIGHT)
        error_set(ret, ERR_RIGHT,
                  "not allowed: this user needs GRAPH.RO_QUERY on '%.60s' "
                  "(%.100s)", g->graph, err->msg);
    else if (err->code == ERR_CONNECT)
        error_set(ret, ERR_CONNECT,
                  "%.130s: is it up, and is 'url' right?", err->msg);
    else if (err->code == ERR_SYNTAX)
        error_set(ret, ERR_SYNTAX, "%.130s: is 'url' another server's?",
                  err->msg);
    else if (err->code == ERR_LIMIT)
        error_set(ret, ERR_LIMIT,
                  "%.130s: is it a graph of fracta? asked less often",
                  err->msg);
    else if (err->code == ERR_TLS)
        error_set(ret, ERR_TLS,
                  "%.130s: see 'ca' and 'tls-name' of this source", err->msg);
    else
        *ret = *err;
}

static bool is_refusal(int code)
{
    return code == ERR_AUTH || code == ERR_RIGHT || code == ERR_TLS ||
           code == ERR_ABSENT || code == ERR_CONFIG;
}

/* How long to wait after a failure. */
static int64_t backoff(struct graph_source *g, int code)
{
    int64_t most = code == ERR_CONNECT ? RETRY_MAX_MS : COSTLY_MAX_MS;

    g->delay_ms = g->delay_ms > 0 ? g->delay_ms * 2 : RETRY_FIRST_MS;
    if (g->delay_ms > most)
        g->delay_ms = most;
    return g->delay_ms + g->delay_ms * (rand() % 25) / 100;
}

/* Who waits for an answer gets none. */
static void give_up_asked(struct graph_source *g, const struct error *err)
{
    struct graph_look *l = &g->view->look;
    struct graph_answer *a = &g->view->answer;

    if (l->state == GRAPH_LOOK_ASKED) {
        l->state = GRAPH_LOOK_FAILED;
        l->error = *err;
    }
    if (a->state == GRAPH_LOOK_ASKED) {
        a->state = GRAPH_LOOK_FAILED;
        a->error = *err;
    }
    /* what is there stands until there is more of it */
    g->look.waits &= l->state == GRAPH_LOOK_THERE;
    g->topic.waits = false;
    g->topic.behind = true;
    moved(g);
}

static void on_timer(uv_timer_t *timer)
{
    struct graph_source *g = timer->data;

    if (g->closing)
        return;
    if (g->resp == NULL) {
        open_up(g);
    } else if (g->ready && g->step == STEP_REST) {
        g->step = STEP_TIME;
        turn(g);
    } else if (!g->ready) { /* the old connection is not closed yet */
        g->again = true;
    }
}

static void wait_for(struct graph_source *g, int64_t ms)
{
    g->base.plane->retry_ms = clock_wall_ms() + ms;
    uv_timer_start(&g->timer, on_timer, (uint64_t)ms, 0);
}

static void troubled(struct graph_source *g, const struct error *err)
{
    struct plane *p = g->base.plane;

    g->failures++;
    explain(g, err, &p->error);
    p->answered = true;
    give_up_asked(g, &p->error);
    wait_for(g, backoff(g, p->error.code));
    source_set_state(&g->base, is_refusal(p->error.code) ? PLANE_REFUSED
                               : g->whole                ? PLANE_STALE
                                                         : PLANE_CONNECTING);
    store_plane_changed(g->base.store);
}

static void finish(struct graph_source *g)
{
    if (--g->handles > 0)
        return;
    source_finish(&g->base);
    graph_url_finish(&g->url);
    event_ids_finish(&g->told);
    buf_finish(&g->query);
    wipe(g->password);
    free(g->socket);
    free(g->user);
    free(g->graph);
    free(g->ns);
    free(g->ca_pem);
    free(g->tls_name);
    free(g->look.label);
    free(g->look.key);
    free(g->look.value);
    free(g->topic.about);
    free(g->view);
    free(g->before);
    free(g);
}

static void on_resp_closed(void *arg)
{
    struct graph_source *g = arg;

    g->resp = NULL;
    if (!g->closing && g->again) { /* somebody did not want to wait */
        g->again = false;
        open_up(g);
    }
    finish(g);
}

static void hang_up(struct graph_source *g)
{
    g->ready = false;
    g->asked = ASKED_NONE;
    g->step = STEP_REST;
    if (g->resp != NULL)
        resp_close(g->resp);
}

static void on_failed(const struct error *err, void *arg)
{
    struct graph_source *g = arg;

    if (g->asked == ASKED_TOPIC) /* not to break each connection by it */
        g->topic.next_ms = uv_now(g->base.loop) + GRAPH_MOST_MS / 2;
    if (g->asked == ASKED_LOOK || g->asked == ASKED_FURTHER)
        g->look.waits = true;
    hang_up(g);
    troubled(g, err);
}

static void on_ready(void *arg)
{
    struct graph_source *g = arg;

    g->ready = true;
    g->step = STEP_VERSION;
    turn(g);
}

static void open_up(struct graph_source *g)
{
    const struct resp_calls calls = {on_ready, on_failed, on_resp_closed, g};
    const struct http_target target = {.base = g->url.base,
                                       .ca_pem = g->ca_pem,
                                       .tls_name = g->tls_name,
                                       .socket = g->socket,
                                       .insecure = g->insecure};

    if (g->resp != NULL)
        return;
    uv_timer_stop(&g->timer);
    g->asked = ASKED_NONE;
    g->step = STEP_REST;
    g->handles++;
    g->resp = resp_open(g->base.loop, &target, g->user, g->password, &calls);
    if (g->base.plane->state == PLANE_OFF && !g->base.plane->answered)
        source_set_state(&g->base, PLANE_CONNECTING);
}

static void proof(struct graph_source *g)
{
    struct plane *p = g->base.plane;

    p->proof_ms = clock_wall_ms();
    p->retry_ms = 0;
}

static int64_t shift(const struct graph_source *g)
{
    return store_time(g->base.store, g->base.plane, 1) - 1;
}

/* A finding, or another node, that an agent wrote. */
static void tell(const struct graph_entry *e, struct span updated, void *arg)
{
    struct graph_source *g = arg;
    struct span source = span_of(e->source);
    int64_t now = clock_wall_ms() + g->base.plane->offset_ms + shift(g);
    struct thought_facts t = {.ns = span_of(g->ns),
                              .kind = THOUGHT_CHANGE,
                              .cost = NAN,
                              .weight = 1};
    char id[160], text[420], sure[24] = "";

    if (source.n < 7 || memcmp(source.p, "agent:", 6) != 0)
        return;
    snprintf(id, sizeof id, "graph:%lld:%.*s", (long long)e->id,
             (int)(updated.n < 100 ? updated.n : 100),
             updated.p != NULL ? updated.p : "");
    if (!event_ids_add(&g->told, span_of(id)))
        return;
    t.id = span_of(id);
    t.agent = (struct span){source.p + 6, source.n - 6};
    t.at_ms = e->at_ms > 0 && e->at_ms < now ? e->at_ms : now;
    t.late = g->told_once && t.at_ms < now - LATE_MS;
    if (strcmp(e->label, "Finding") == 0) {
        t.kind = THOUGHT_RESULT;
        if (!isnan(e->confidence))
            snprintf(sure, sizeof sure, " (%.2f)", e->confidence);
        snprintf(text, sizeof text, "found%s: %s%s%s", sure, e->title,
                 e->strategy[0] != '\0' ? " - by " : "", e->strategy);
    } else {
        snprintf(text, sizeof text, "graph: %s %s%s%s", e->label, e->title,
                 e->status[0] != '\0' ? ", " : "", e->status);
    }
    t.text = span_of(text);
    store_thought(g->base.store, &t);
}

static void read_version(struct graph_source *g, const struct resp_value *v)
{
    const char *at;
    long n;

    if (v->type != RESP_STRING ||
        (at = strstr(v->text.p, "name=graph,ver=")) == NULL)
        return;
    n = strtol(at + 15, NULL, 10);
    if (n > 0 && n < 10000000)
        snprintf(g->base.plane->version, sizeof g->base.plane->version,
                 "FalkorDB %ld.%ld.%ld", n / 10000, n / 100 % 100, n % 100);
}

static void read_time(struct graph_source *g, const struct resp_value *v)
{
    struct plane *p = g->base.plane;
    int64_t seconds, micros, offset;

    p->latency_ms = (int32_t)resp_latency_ms(g->resp);
    if (v->type != RESP_ARRAY || v->count != 2 ||
        v->items[0].type != RESP_STRING || v->items[1].type != RESP_STRING)
        return;
    seconds = strtoll(v->items[0].text.p, NULL, 10);
    micros = strtoll(v->items[1].text.p, NULL, 10);
    if (seconds < 0 || seconds > INT64_MAX / 2000 || micros < 0 ||
        micros >= 1000000)
        return;
    offset = seconds * 1000 + micros / 1000 + p->latency_ms / 2 -
             clock_wall_ms();
    /* times of rows hang on it: they are not to tremble */
    if (llabs(offset - p->offset_ms) > 100)
        p->offset_ms = offset;
}

static int read_step(struct graph_source *g, const struct resp_value *v,
                     struct error *err)
{
    switch (g->step) {
    case STEP_VERSION:
        read_version(g, v);
        return 0;
    case STEP_TIME:
        read_time(g, v);
        return 0;
    case STEP_LABELS:
        return graph_read_labels(v, g->view, err);
    case STEP_TYPES:
        return graph_read_types(v, g->view, err);
    case STEP_FINDINGS:
        /* what the saved picture has of them comes again now */
        if (!g->told_once)
            store_drop_picture(g->base.store, KIND_EVENT);
        return graph_read_findings(v, shift(g), g->view, tell, g, err);
    default:
        return graph_read_writes(v, shift(g), g->view, tell, g, err);
    }
}

/* A round is over: how it went, and when the next one is. */
static void rest(struct graph_source *g)
{
    struct plane *p = g->base.plane;
    int64_t took = (int64_t)(uv_now(g->base.loop) - g->round_ms);
    bool changed;

    g->step = STEP_REST;
    if (g->answered == 0) {
        troubled(g, &g->trouble);
        return;
    }
    g->before->generation = g->view->generation;
    g->before->look = g->view->look;
    g->before->answer = g->view->answer;
    changed = memcmp(g->before, g->view, sizeof *g->view) != 0;
    if (changed)
        moved(g);
    g->whole = g->told_once = true;
    g->topic.behind |= changed;
    if (g->topic.behind && g->topic.topic != GRAPH_TOPIC_NONE &&
        uv_now(g->base.loop) >= g->topic.next_ms) {
        g->topic.waits = true;
        g->topic.behind = false;
    }
    g->delay_ms = 0;
    p->answered = true;
    if (g->trouble.code != 0)
        explain(g, &g->trouble, &p->error);
    else
        error_clear(&p->error);
    say_size(g);
    source_set_state(&g->base, PLANE_LIVE);
    store_plane_changed(g->base.store);
    g->interval_ms =
        changed || g->interval_ms == 0 ? GRAPH_LEAST_MS : g->interval_ms * 3 / 2;
    if (g->interval_ms < took * 20)
        g->interval_ms = took * 20; /* at most a twentieth of its time */
    if (g->interval_ms > GRAPH_MOST_MS)
        g->interval_ms = GRAPH_MOST_MS;
    uv_timer_start(&g->timer, on_timer,
                   g->again ? 1 : (uint64_t)g->interval_ms, 0);
    g->again = false;
}

static void forget(struct graph_source *g)
{
    struct graph_view *v = g->view;
    struct graph_view empty = {.known = true,
                               .empty = true,
                               .generation = v->generation};

    memcpy(empty.ns, v->ns, sizeof empty.ns);
    empty.look = v->look;
    empty.answer = v->answer;
    *v = empty;
}

/* An answer to a step of the round, or why there is none. */
static void stepped(struct graph_source *g, const struct resp_value *v,
                    const struct error *err)
{
    struct error bad = {0};

    if (v != NULL) {
        if (read_step(g, v, &bad) == 0 && g->step > STEP_TIME) {
            g->answered++;
            g->view->known = true;
            g->view->empty = false;
        }
        if (bad.code != 0)
            g->trouble = bad;
        g->step++;
        return;
    }
    switch (graph_trouble(err)) {
    case GRAPH_TROUBLE_EMPTY:
        forget(g);
        g->answered++;
        g->step = STEP_REST;
        return;
    case GRAPH_TROUBLE_TIMEOUT:
        if (!g->plain) {
            g->plain = true; /* the same step again */
            return;
        }
        break;
    default:
        break;
    }
    if (g->step > STEP_TIME) { /* those two may be forbidden */
        g->trouble = *err;
        if (is_refusal(err->code) || err->code == ERR_BUSY) {
            g->answered = 0;
            g->step = STEP_REST;
            return;
        }
    }
    g->step++;
}

static void looked(struct graph_source *g, const struct resp_value *v,
                   const struct error *err)
{
    struct graph_look *l = &g->view->look;
    struct error bad = {0};
    bool first = g->asked == ASKED_LOOK;

    if (g->look.stale) /* another node is wanted by now */
        return;
    if (v != NULL) {
        if (first)
            graph_read_look(v, l, &bad);
        else
            graph_read_look_further(v, l, &bad);
    } else if (graph_trouble(err) == GRAPH_TROUBLE_TIMEOUT && !g->plain) {
        g->plain = g->look.waits = true;
        return;
    } else if (graph_trouble(err) == GRAPH_TROUBLE_EMPTY) {
        *l = (struct graph_look){.state = GRAPH_LOOK_ABSENT};
    } else {
        explain(g, err, &bad);
    }
    if (bad.code != 0 && first) {
        l->state = GRAPH_LOOK_FAILED;
        l->error = bad;
    } else if (bad.code != 0) {
        l->more = true; /* the first step stands */
    }
    moved(g);
}

static void topic_failed(struct graph_source *g, const struct error *err)
{
    g->view->answer.state = GRAPH_LOOK_FAILED;
    g->view->answer.error = *err;
    g->topic.behind = true;
}

/* It took so long: at most a twentieth of its time is for it. */
static void topic_paced(struct graph_source *g, uint64_t took)
{
    took *= 20;
    g->topic.next_ms = uv_now(g->base.loop) +
                       (took < GRAPH_MOST_MS ? took : GRAPH_MOST_MS);
}

static void topic_answered(struct graph_source *g, const struct resp_value *v,
                           const struct error *err)
{
    struct graph_answer *a = &g->view->answer;
    struct error bad = {0};

    topic_paced(g, uv_now(g->base.loop) - g->topic.asked_ms);
    if (g->topic.stale)
        return;
    if (v != NULL) {
        graph_read_answer(v, shift(g), a, &bad);
    } else if (graph_trouble(err) == GRAPH_TROUBLE_TIMEOUT && !g->plain) {
        g->plain = g->topic.waits = true;
    } else if (graph_trouble(err) == GRAPH_TROUBLE_EMPTY) {
        a->state = GRAPH_LOOK_ABSENT;
        a->count = 0;
        a->more = false;
    } else {
        explain(g, err, &bad);
    }
    if (bad.code != 0)
        topic_failed(g, &bad);
    moved(g);
}

static void on_answer(const struct resp_value *v, const struct error *err,
                      void *arg)
{
    struct graph_source *g = arg;
    enum errand was = g->asked;
    bool further = false;

    proof(g);
    if (err != NULL && err->code == ERR_AUTH) { /* no longer let in */
        hang_up(g);
        troubled(g, err);
        return;
    }
    if (was == ASKED_STEP) {
        enum step step = g->step;

        stepped(g, v, err);
        g->asked = ASKED_NONE;
        if (step != STEP_REST && g->step == STEP_REST)
            rest(g);
    } else if (was == ASKED_TOPIC) {
        topic_answered(g, v, err);
    } else {
        looked(g, v, err);
        further = was == ASKED_LOOK && !g->look.stale &&
                  g->look.depth > 1 &&
                  g->view->look.state == GRAPH_LOOK_THERE &&
                  graph_look_further_query(&g->view->look, &g->query);
    }
    g->asked = ASKED_NONE;
    if (further) {
        struct error e;

        if (graph_ask(g->resp, g->graph, &g->query, GRAPH_QUERY_MS, g->plain,
                      on_answer, g, &e) == 0) {
            g->queries++;
            g->asked = ASKED_FURTHER;
            return;
        }
    }
    turn(g);
}

static bool ask(struct graph_source *g, enum errand what)
{
    struct error err;

    if (graph_ask(g->resp, g->graph, &g->query, GRAPH_QUERY_MS, g->plain,
                  on_answer, g, &err) != 0) {
        g->trouble = err;
        return false;
    }
    g->queries++;
    g->asked = what;
    return true;
}

static bool ask_look(struct graph_source *g)
{
    const struct graph_centre c = {span_of(g->look.label),
                                   span_of(g->look.key),
                                   span_of(g->look.value), g->look.id};
    struct graph_look *l = &g->view->look;

    g->look.waits = g->look.stale = false;
    if (graph_look_query(&c, &g->query, &l->error) == 0 &&
        ask(g, ASKED_LOOK))
        return true;
    l->state = GRAPH_LOOK_FAILED;
    moved(g);
    return false;
}

static bool ask_topic(struct graph_source *g)
{
    bool written = g->topic.topic == GRAPH_TOPIC_WRITTEN;
    char *about = xasprintf("%s%s", written ? "agent:" : "", g->topic.about);
    const struct graph_param p = {.name = "about", .text = span_of(about)};
    struct error err = {0};
    bool asked;

    g->topic.waits = g->topic.stale = false;
    g->topic.asked_ms = uv_now(g->base.loop);
    asked = graph_query(&p, 1, written ? graph_cypher_written
                                       : graph_cypher_evidence,
                        &g->query, &err) == 0 &&
            ask(g, ASKED_TOPIC);
    free(about);
    if (asked)
        return true;
    topic_failed(g, err.code != 0 ? &err : &g->trouble);
    moved(g);
    return false;
}

static bool ask_step(struct graph_source *g)
{
    static const char *const cyphers[] = {
        [STEP_LABELS] = graph_cypher_labels,
        [STEP_TYPES] = graph_cypher_types,
        [STEP_FINDINGS] = graph_cypher_findings,
        [STEP_WRITES] = graph_cypher_writes};
    const struct span info[] = {span_of("INFO"), span_of("modules")};
    const struct span now[] = {span_of("TIME")};
    struct error err;

    if (g->step <= STEP_TIME) {
        bool version = g->step == STEP_VERSION;

        g->round_ms = uv_now(g->base.loop);
        g->answered = 0;
        error_clear(&g->trouble);
        *g->before = *g->view;
        if (resp_ask(g->resp, version ? info : now, version ? 2 : 1, SMALL_MS,
                     on_answer, g, &err) != 0)
            return false;
        g->asked = ASKED_STEP;
        return true;
    }
    graph_query(NULL, 0, cyphers[g->step], &g->query, &err);
    return ask(g, ASKED_STEP);
}

static void turn(struct graph_source *g)
{
    if (!g->ready || g->closing || g->asked != ASKED_NONE)
        return;
    if (g->look.waits && ask_look(g))
        return;
    if (g->topic.waits && ask_topic(g))
        return;
    if (g->step != STEP_REST && !ask_step(g)) {
        hang_up(g);
        troubled(g, &g->trouble);
    }
}

static void start(struct source *base)
{
    struct graph_source *g = graph_of(base);

    if (g->refused.code != 0)
        return;
    source_set_state(&g->base, PLANE_CONNECTING);
    open_up(g);
}

static void refresh(struct source *base)
{
    struct graph_source *g = graph_of(base);

    if (g->refused.code != 0 || g->closing)
        return;
    g->delay_ms = 0;
    g->interval_ms = 0;
    if (g->resp == NULL) {
        open_up(g);
    } else if (g->ready && g->step == STEP_REST) {
        uv_timer_stop(&g->timer);
        g->step = STEP_TIME;
        turn(g);
    } else {
        g->again = true;
    }
}

static void on_timer_closed(uv_handle_t *h)
{
    finish(h->data);
}

static void close_source(struct source *base)
{
    struct graph_source *g = graph_of(base);

    g->closing = true;
    hang_up(g);
    uv_close((uv_handle_t *)&g->timer, on_timer_closed);
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    const struct graph_source *g = graph_of(base);
    const struct plane *p = base->plane;
    const char *where = g->url.shown != NULL ? g->url.shown : "no address";
    char text[400];

    if (p->state == PLANE_LIVE)
        snprintf(text, sizeof text,
                 "%s, %.60s: %s, every %lld s, %llu queries, %d ms", where,
                 g->graph, p->detail, (long long)g->interval_ms / 1000,
                 (unsigned long long)g->queries, (int)p->latency_ms);
    else
        snprintf(text, sizeof text, "%s: %.200s", where, p->error.msg);
    fn(p->state != PLANE_LIVE                      ? FINDING_BAD
       : p->insecure || p->error.code != 0 ? FINDING_WARN
                                                   : FINDING_OK,
       p->name, text,
       p->state != PLANE_LIVE ? "is it up there, and is 'url' right?"
       : p->insecure          ? "its certificate is not checked"
                              : p->error.msg,
       arg);
}

static const struct source_impl impl = {
    .name = "graph",
    .start = start,
    .refresh = refresh,
    .close = close_source,
    .doctor = doctor,
};

struct source *graph_source_create(uv_loop_t *loop, struct store *store,
                                   const struct graph_options *options)
{
    struct graph_source *g = xcalloc(1, sizeof *g);
    struct plane *p;

    source_init(&g->base, &impl, loop, store);
    p = g->base.plane;
    snprintf(p->name, sizeof p->name, "%s",
             options->name != NULL ? options->name : impl.name);
    p->rank = RANK_COPY;
    p->latency_ms = -1;
    g->handles = 1;
    uv_timer_init(loop, &g->timer);
    g->timer.data = g;
    buf_init(&g->query, RESP_COMMAND_MAX);
    g->view = xcalloc(1, sizeof *g->view);
    g->before = xcalloc(1, sizeof *g->before);
    g->step = STEP_REST;
    g->socket = xstrdup_or_null(options->socket);
    g->graph = xstrdup(options->graph != NULL ? options->graph
                                              : "fracta_knowledge");
    g->ns = xstrdup(options->ns != NULL ? options->ns : "");
    graph_copy(g->view->ns, sizeof g->view->ns, span_of(g->ns));
    g->ca_pem = xstrdup_or_null(options->ca_pem);
    g->tls_name = xstrdup_or_null(options->tls_name);
    g->insecure = options->insecure;
    if (graph_url_read(options->url, options->tls, &g->url, &g->refused) != 0) {
        p->error = g->refused;
        p->answered = true;
        p->state = PLANE_REFUSED;
        return &g->base;
    }
    p->insecure = g->url.tls && g->insecure;
    g->user = xstrdup_or_null(options->user != NULL ? options->user
                                                    : g->url.user);
    g->password = xstrdup_or_null(options->password != NULL ? options->password
                                                    : g->url.password);
    return &g->base;
}

const struct graph_view *graph_source_view(const struct source *s)
{
    return graph_of(s)->view;
}

static void set_text(char **to, const char *text)
{
    free(*to);
    *to = xstrdup_or_null(text);
}

static void look(struct graph_source *g, int depth)
{
    struct graph_view *v = g->view;

    g->look.depth = depth > GRAPH_DEPTH_MAX ? GRAPH_DEPTH_MAX : depth;
    v->look = (struct graph_look){.state = GRAPH_LOOK_ASKED};
    g->look.waits = g->look.stale = true;
    if (!g->ready && g->base.plane->error.code != 0)
        give_up_asked(g, &g->base.plane->error);
    moved(g);
    turn(g);
}

void graph_source_look(struct source *s, const char *label, const char *key,
                       const char *value, int depth)
{
    struct graph_source *g = graph_of(s);

    set_text(&g->look.label, label);
    set_text(&g->look.key, key);
    set_text(&g->look.value, value);
    look(g, depth);
}

void graph_source_look_id(struct source *s, int64_t id, int depth)
{
    struct graph_source *g = graph_of(s);

    set_text(&g->look.label, NULL);
    set_text(&g->look.key, NULL);
    set_text(&g->look.value, NULL);
    g->look.id = id;
    look(g, depth);
}

void graph_source_depth(struct source *s, int depth)
{
    struct graph_source *g = graph_of(s);

    g->look.depth = depth > GRAPH_DEPTH_MAX ? GRAPH_DEPTH_MAX : depth;
    if (g->view->look.state == GRAPH_LOOK_NONE)
        return;
    g->look.waits = g->look.stale = true;
    turn(g);
}

void graph_source_topic(struct source *s, enum graph_topic topic,
                        const char *about)
{
    struct graph_source *g = graph_of(s);
    struct graph_answer *a = &g->view->answer;

    if (topic == g->topic.topic &&
        (topic == GRAPH_TOPIC_NONE || strcmp(about, g->topic.about) == 0))
        return;
    g->topic.topic = topic;
    set_text(&g->topic.about, about);
    *a = (struct graph_answer){.topic = topic};
    g->topic.waits = topic != GRAPH_TOPIC_NONE;
    g->topic.stale = true;
    g->topic.next_ms = 0;
    g->topic.behind = false;
    if (topic != GRAPH_TOPIC_NONE) {
        a->state = GRAPH_LOOK_ASKED;
        graph_copy(a->about, sizeof a->about, span_of(about));
    }
    if (!g->ready && g->base.plane->error.code != 0)
        give_up_asked(g, &g->base.plane->error);
    moved(g);
    turn(g);
}
