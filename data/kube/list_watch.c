#include "config.h"

#include "data/kube/list_watch.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/cut.h"
#include "data/json/pick.h"
#include "data/kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MIN_MS 200
#define RETRY_NEAR_MS 3000  /* refused, unreachable, cut */
#define RETRY_FAR_MS 30000  /* what costs the server */
#define LIST_FIRST_BYTE_MS 30000
#define LIST_SILENCE_MS 15000
#define LIST_END_MS 200 /* from the last byte to the end of the stream */
#define WATCH_MIN_S 300

struct list_watch {
    uv_loop_t *loop;
    struct kube_client *client;
    struct store *store;
    enum kind kind;
    uint8_t stream;
    char *collection, *selector;
    list_watch_cb cb;
    void *arg;

    enum list_watch_state state;
    struct error error;
    struct reader *reader;
    struct cut cut;
    struct kube_call *call;
    uv_timer_t timer;
    char version[64]; /* go on from here; "" = list */
    char list_version[64];
    struct origin origin;
    int64_t delay_ms, retry_at_ms;
    int64_t watch_from_ms; /* uv_now when the watch was asked */
    uint64_t watch_events;
    bool synced, relist, closing, far, fresh;
    struct list_watch_counts counts;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void begin(struct list_watch *lw);

static void tell(struct list_watch *lw)
{
    if (!lw->closing)
        lw->cb(lw, lw->arg);
}

static void set_state(struct list_watch *lw, enum list_watch_state state)
{
    lw->state = state;
    tell(lw);
}

static void on_timer(uv_timer_t *timer)
{
    begin(timer->data);
}

static void wait_and_retry(struct list_watch *lw, int64_t least_ms)
{
    int64_t cap = lw->far ? RETRY_FAR_MS : RETRY_NEAR_MS, delay;

    lw->delay_ms = lw->delay_ms ? lw->delay_ms * 2 : RETRY_MIN_MS;
    if (lw->delay_ms > cap)
        lw->delay_ms = cap;
    delay = lw->delay_ms * (80 + rand() % 41) / 100;
    if (delay < least_ms)
        delay = least_ms;
    lw->retry_at_ms = (int64_t)uv_now(lw->loop) + delay;
    uv_timer_start(&lw->timer, on_timer, (uint64_t)delay, 0);
}

/* A request ended badly: what now? */
static void failed(struct list_watch *lw, const struct http_answer *answer)
{
    int code = lw->error.code;
    int64_t least =
        answer->retry_after_ms > 0 ? answer->retry_after_ms : 0;
    bool far = code == ERR_AUTH || code == ERR_BUSY || code == ERR_SERVER ||
               code == ERR_OTHER || code == ERR_CONFIG || code == ERR_RIGHT;

    if (least > 60000)
        least = 60000;
    if (lw->far != far) /* it is back, or gone: not where the other stopped */
        lw->delay_ms = 0;
    lw->far = far;
    switch (code) {
    case ERR_EXPIRED:
        lw->version[0] = '\0';
        lw->relist = true;
        lw->delay_ms = 0;
        lw->state = LIST_WATCH_WAITING;
        wait_and_retry(lw, 0);
        break;
    case ERR_RIGHT:
        if (!lw->synced)
            lw->delay_ms = RETRY_FAR_MS;
        lw->state = LIST_WATCH_DENIED;
        wait_and_retry(lw, 0);
        break;
    case ERR_ABSENT:
        lw->state = LIST_WATCH_ABSENT;
        lw->version[0] = '\0';
        lw->retry_at_ms = 0;
        break;
    default:
        if (code == ERR_BUSY && least > 0)
            lw->delay_ms = 0; /* the server itself says how long */
        lw->state = LIST_WATCH_WAITING;
        wait_and_retry(lw, least);
        break;
    }
    tell(lw);
}

static bool on_object(enum cut_what what, const char *text, size_t len,
                      void *arg);

/* "metadata":{…} of the list itself. */
enum { L_VERSION, L_CONTINUE };
static const struct pick_rule list_rules[] = {
    {"resourceVersion", L_VERSION}, {NULL, 0}};

static void on_list_meta(void *arg, int field, const struct pick_value *v)
{
    struct list_watch *lw = arg;

    (void)field;
    if (v->type == PICK_STRING && v->text.n < sizeof lw->list_version)
        snprintf(lw->list_version, sizeof lw->list_version, "%.*s",
                 (int)v->text.n, v->text.p);
}

static void count_bad(struct list_watch *lw, const struct error *err)
{
    lw->counts.bad++;
    if (lw->store != NULL) {
        struct stream *s = &lw->store->streams[lw->kind];

        s->bad++;
        snprintf(s->note, sizeof s->note, "%u not readable, last: %.120s",
                 s->bad, err->msg);
    }
}

static void list_object(struct list_watch *lw, enum cut_what what,
                        const char *text, size_t len)
{
    struct error err;

    if (what == CUT_METADATA) {
        struct pick *p = pick_create(list_rules);

        pick_run(p, text, len, on_list_meta, lw, NULL);
        pick_destroy(p);
        return;
    }
    lw->counts.objects++;
    if (reader_item(lw->reader, text, len, &lw->origin, &err) != 0)
        count_bad(lw, &err);
}

static void watch_status(struct list_watch *lw, const struct read_event *e)
{
    int code = e->code == 410 || span_is(e->reason, "Expired") ||
                       span_is(e->reason, "Gone")
                   ? ERR_EXPIRED
               : e->code == 429 ? ERR_BUSY
               : e->code == 403 ? ERR_RIGHT
                                : ERR_SERVER;

    error_set(&lw->error, code, "%d: %.*s", e->code, (int)e->message.n,
              e->message.p ? e->message.p : "");
    if (code == ERR_SERVER)
        lw->version[0] = '\0'; /* as client-go: start over with a list */
}

static bool watch_event(struct list_watch *lw, const char *text, size_t len)
{
    struct read_event e;
    struct error err;

    lw->counts.events++;
    lw->watch_events++;
    lw->origin.now_ms = kube_now_ms(lw->client);
    if (reader_event(lw->reader, text, len, &lw->origin, &e, &err) != 0) {
        count_bad(lw, &err);
        return true;
    }
    if (e.what == READ_ERROR) {
        watch_status(lw, &e);
        return false;
    }
    if (e.version[0] != '\0')
        memcpy(lw->version, e.version, sizeof lw->version);
    return true;
}

static void on_version(void *arg, int field, const struct pick_value *v)
{
    (void)field;
    if (v->type == PICK_STRING && v->text.n < 20)
        snprintf(arg, 20, "%.*s", (int)v->text.n, v->text.p);
}

void list_watch_put(struct list_watch *lw, const char *text, size_t len)
{
    static const struct pick_rule rules[] = {{"metadata.resourceVersion", 0},
                                             {NULL, 0}};
    char version[20] = "";
    struct error err;
    struct pick *p;

    if (lw->state != LIST_WATCH_LIVE && lw->state != LIST_WATCH_WATCHING)
        return; /* a list is under way: it brings it */
    p = pick_create(rules);
    pick_run(p, text, len, on_version, version, NULL);
    pick_destroy(p);
    if (strtoull(version, NULL, 10) <= strtoull(lw->version, NULL, 10))
        return;
    lw->origin.now_ms = kube_now_ms(lw->client);
    if (reader_item(lw->reader, text, len, &lw->origin, &err) != 0)
        count_bad(lw, &err);
}

static bool on_object(enum cut_what what, const char *text, size_t len,
                      void *arg)
{
    struct list_watch *lw = arg;

    if (lw->state == LIST_WATCH_LISTING) {
        list_object(lw, what, text, len);
        return true;
    }
    return watch_event(lw, text, len);
}

static void on_whole(uv_timer_t *timer);

static bool on_data(const char *p, size_t n, void *arg)
{
    struct list_watch *lw = arg;
    struct error err;

    error_clear(&err);
    if (cut_feed(&lw->cut, p, n, &err) == 0) {
        if (lw->state == LIST_WATCH_LISTING && lw->cut.done)
            uv_timer_start(&lw->timer, on_whole, LIST_END_MS, 0);
        return true;
    }
    if (lw->error.code == 0)
        lw->error = err;
    return false;
}

static void on_watch_headers(const struct http_answer *answer, void *arg)
{
    struct list_watch *lw = arg;

    if (answer->status != 200)
        return;
    error_clear(&lw->error);
    lw->origin.initial = false;
    set_state(lw, LIST_WATCH_LIVE);
}

static char *escaped(const char *s)
{
    struct buf b;

    buf_init(&b, 4096);
    kube_path_query(&b, s);
    return b.ptr != NULL ? b.ptr : xstrdup("");
}

static void ask(struct list_watch *lw, const char *query,
                const struct http_want *base, const struct http_calls *calls)
{
    struct http_want want = *base;
    char *selector = lw->selector ? escaped(lw->selector) : NULL;
    char *path =
        xasprintf("%s?%s%s%s", lw->collection, query,
                  selector ? "&labelSelector=" : "", selector ? selector : "");

    want.path = path;
    want.fresh = lw->fresh;
    lw->fresh = false;
    lw->call = kube_get(lw->client, NULL, NULL, &want, calls);
    free(path);
    free(selector);
}

static void on_watch_done(const struct http_answer *answer,
                          const struct error *err, void *arg)
{
    struct list_watch *lw = arg;
    int64_t lasted = (int64_t)uv_now(lw->loop) - lw->watch_from_ms;

    lw->call = NULL;
    if (lw->error.code == 0)
        kube_explain(answer, err, &lw->error);
    if (lw->error.code == 0) {
        /* a clean end is normal; one at once and empty is not */
        if (lasted >= 1000 || lw->watch_events > 0) {
            lw->delay_ms = 0;
            begin(lw);
            return;
        }
        error_set(&lw->error, ERR_CUT, "watch ended at once");
    }
    if (lasted > 120000)
        lw->delay_ms = 0;
    if (lw->error.code == ERR_CUT || lw->error.code == ERR_SYNTAX)
        lw->delay_ms = lw->watch_events > 0 ? 0 : lw->delay_ms;
    failed(lw, answer);
}

static void start_watch(struct list_watch *lw)
{
    const struct http_calls calls = {on_watch_headers, on_data, on_watch_done,
                                     lw};
    int timeout_s = WATCH_MIN_S + rand() % WATCH_MIN_S;
    const struct http_want want = {
        .first_byte_ms = 15000,
        .silence_ms = (timeout_s + 30) * 1000,
        .trickle = true,
    };
    char query[160];

    snprintf(query, sizeof query,
             "watch=1&resourceVersion=%s&allowWatchBookmarks=true"
             "&timeoutSeconds=%d",
             lw->version, timeout_s);
    cut_reset(&lw->cut, CUT_DOCS);
    lw->counts.watches++;
    lw->watch_from_ms = (int64_t)uv_now(lw->loop);
    lw->watch_events = 0;
    lw->state = LIST_WATCH_WATCHING;
    ask(lw, query, &want, &calls);
}

static void list_ended(struct list_watch *lw, const struct http_answer *answer)
{
    lw->call = NULL;
    uv_timer_stop(&lw->timer);
    if (lw->error.code == 0)
        cut_end(&lw->cut, &lw->error);
    if (lw->error.code == 0 && lw->list_version[0] == '\0')
        error_set(&lw->error, ERR_SYNTAX, "list without a resourceVersion");
    if (lw->error.code != 0) {
        failed(lw, answer);
        return;
    }
    memcpy(lw->version, lw->list_version, sizeof lw->version);
    if (lw->store != NULL)
        store_sweep(lw->store, lw->kind, lw->stream, lw->origin.epoch);
    lw->synced = true;
    lw->relist = false;
    lw->delay_ms = 0;
    start_watch(lw);
    tell(lw);
}

static void on_list_done(const struct http_answer *answer,
                         const struct error *err, void *arg)
{
    struct list_watch *lw = arg;

    if (lw->error.code == 0)
        kube_explain(answer, err, &lw->error);
    list_ended(lw, answer);
}

/* All of it is there, yet curl 7.88 may miss the end of an HTTP/2 stream. */
static void on_whole(uv_timer_t *timer)
{
    static const struct http_answer none = {.retry_after_ms = -1};
    struct list_watch *lw = timer->data;

    if (lw->call == NULL || lw->state != LIST_WATCH_LISTING)
        return;
    kube_cancel(lw->call);
    list_ended(lw, &none);
}

static void start_list(struct list_watch *lw)
{
    const struct http_calls calls = {NULL, on_data, on_list_done, lw};
    const struct http_want want = {
        .first_byte_ms = LIST_FIRST_BYTE_MS,
        .silence_ms = LIST_SILENCE_MS,
    };

    cut_reset(&lw->cut, CUT_LIST);
    lw->list_version[0] = '\0';
    lw->counts.lists++;
    lw->origin.epoch++;
    lw->origin.now_ms = kube_now_ms(lw->client);
    lw->origin.initial = !lw->synced; /* later lists bring news */
    error_clear(&lw->error);
    if (lw->store != NULL && lw->synced)
        lw->store->streams[lw->kind].relists++;
    lw->state = LIST_WATCH_LISTING;
    ask(lw, lw->synced || lw->relist ? "limit=0" : "resourceVersion=0", &want,
        &calls);
    tell(lw);
}

static void begin(struct list_watch *lw)
{
    lw->retry_at_ms = 0;
    error_clear(&lw->error);
    if (lw->version[0] == '\0')
        start_list(lw);
    else
        start_watch(lw);
}

struct list_watch *list_watch_create(uv_loop_t *loop, struct kube_client *c,
                                     struct store *store,
                                     const struct list_watch_want *want,
                                     list_watch_cb cb, void *arg)
{
    struct list_watch *lw = xcalloc(1, sizeof *lw);

    lw->loop = loop;
    lw->client = c;
    lw->store = store;
    lw->kind = want->kind;
    lw->stream = want->stream;
    lw->collection = xstrdup(want->collection);
    lw->selector = want->selector ? xstrdup(want->selector) : NULL;
    lw->cb = cb;
    lw->arg = arg;
    lw->origin.stream = want->stream;
    lw->reader = reader_create(want->kind, store);
    cut_init(&lw->cut, CUT_LIST, on_object, lw);
    uv_timer_init(loop, &lw->timer);
    lw->timer.data = lw;
    return lw;
}

void list_watch_start(struct list_watch *lw)
{
    if (lw->state == LIST_WATCH_IDLE)
        begin(lw);
}

void list_watch_kick(struct list_watch *lw, bool fresh)
{
    bool waits = lw->state == LIST_WATCH_WAITING ||
                 lw->state == LIST_WATCH_DENIED ||
                 lw->state == LIST_WATCH_ABSENT;

    if (lw->closing || lw->state == LIST_WATCH_IDLE || (!waits && !fresh))
        return;
    if (lw->call != NULL) {
        kube_cancel(lw->call);
        lw->call = NULL;
    }
    uv_timer_stop(&lw->timer);
    lw->fresh = fresh;
    begin(lw);
}

static void on_closed(uv_handle_t *handle)
{
    struct list_watch *lw = handle->data;
    void (*closed)(void *) = lw->closed;
    void *arg = lw->closed_arg;

    reader_destroy(lw->reader);
    cut_finish(&lw->cut);
    free(lw->collection);
    free(lw->selector);
    free(lw);
    closed(arg);
}

void list_watch_close(struct list_watch *lw, void (*cb)(void *arg), void *arg)
{
    lw->closing = true;
    lw->closed = cb;
    lw->closed_arg = arg;
    kube_cancel(lw->call);
    lw->call = NULL;
    uv_close((uv_handle_t *)&lw->timer, on_closed);
}

enum list_watch_state list_watch_state(const struct list_watch *lw)
{
    return lw->state;
}

const struct error *list_watch_error(const struct list_watch *lw)
{
    return lw->error.code != 0 ? &lw->error : NULL;
}

enum kind list_watch_kind(const struct list_watch *lw)
{
    return lw->kind;
}

uint8_t list_watch_stream(const struct list_watch *lw)
{
    return lw->stream;
}

bool list_watch_synced(const struct list_watch *lw)
{
    return lw->synced;
}

int64_t list_watch_retry_in(const struct list_watch *lw)
{
    int64_t left;

    if (lw->retry_at_ms == 0)
        return -1;
    left = lw->retry_at_ms - (int64_t)uv_now(lw->loop);
    return left > 0 ? left : 0;
}

struct list_watch_counts list_watch_counts(const struct list_watch *lw)
{
    return lw->counts;
}
