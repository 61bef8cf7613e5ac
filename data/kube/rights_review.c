#include "config.h"

#include "data/kube/rights_review.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/json/write.h"
#include "data/rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (1u << 20)
#define REVIEWS "/apis/authorization.k8s.io/v1/"

enum { RULE, VERB, GROUP, RESOURCE, NAME, INCOMPLETE, ALLOWED };

static const struct pick_rule rules[] = {
    {"status.resourceRules[]", RULE},
    {"status.resourceRules[].verbs[]", VERB},
    {"status.resourceRules[].apiGroups[]", GROUP},
    {"status.resourceRules[].resources[]", RESOURCE},
    {"status.resourceRules[].resourceNames[]", NAME},
    {"status.incomplete", INCOMPLETE},
    {"status.allowed", ALLOWED},
    {NULL, 0}};

/* Sets of acts, as bits. */
struct answer {
    uint32_t verbs, groups, resources; /* of the rule that is read */
    bool named; /* it is for some objects only */
    uint32_t allowed;
    bool incomplete;
    int single; /* of one question: -1 not told */
};

struct kube_rights {
    uv_loop_t *loop;
    struct kube_client *client;
    struct store *store;
    struct kube_call *call;
    struct buf text;
    char ns[ACT_NAME]; /* that is asked about */
    uint32_t open;     /* acts that are asked one by one */
    char queue[RIGHTS_QUEUE][ACT_NAME];
    int waiting;
};

struct kube_rights *kube_rights_create(uv_loop_t *loop,
                                       struct kube_client *client,
                                       struct store *store)
{
    struct kube_rights *r = xcalloc(1, sizeof *r);

    r->loop = loop;
    r->client = client;
    r->store = store;
    buf_init(&r->text, ANSWER_MAX);
    return r;
}

void kube_rights_close(struct kube_rights *r)
{
    kube_cancel(r->call);
    buf_finish(&r->text);
    free(r);
}

/* A star stands for all of them, or for any with that subresource. */
static bool resource_is(struct span said, const char *resource)
{
    const char *slash = strchr(resource, '/');

    if (span_is(said, "*") || span_is(said, resource))
        return true;
    return slash != NULL && said.n == strlen(slash) + 1 && said.p[0] == '*' &&
           memcmp(said.p + 1, slash, said.n - 1) == 0;
}

static uint32_t matches(int field, struct span said)
{
    uint32_t set = 0;

    for (int a = 0; a < ACT_COUNT; a++) {
        const struct right *need = right_of((enum act)a);
        bool fits = false;

        if (need == NULL)
            continue;
        if (field == RESOURCE)
            fits = resource_is(said, need->resource);
        else
            fits = span_is(said, "*") ||
                   span_is(said, field == VERB ? need->verb : need->group);
        set |= fits ? 1u << a : 0;
    }
    return set;
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct answer *a = arg;

    if (field == RULE && v->type == PICK_BEGIN) {
        a->verbs = a->groups = a->resources = 0;
        a->named = false;
    } else if (field == RULE && v->type == PICK_END) {
        if (!a->named)
            a->allowed |= a->verbs & a->groups & a->resources;
    } else if (field == INCOMPLETE) {
        a->incomplete = pick_true(v);
    } else if (field == ALLOWED) {
        a->single = pick_true(v);
    } else if (v->type == PICK_STRING) {
        uint32_t set = field != NAME ? matches(field, v->text) : 0;

        a->verbs |= field == VERB ? set : 0;
        a->groups |= field == GROUP ? set : 0;
        a->resources |= field == RESOURCE ? set : 0;
        a->named |= field == NAME;
    }
}

static bool read_answer(struct kube_rights *r, struct answer *ret)
{
    struct pick *p = pick_create(rules);
    struct error err;
    bool ok;

    *ret = (struct answer){.single = -1};
    ok = pick_run(p, buf_text(&r->text), r->text.len, on_value, ret, &err) == 0;
    pick_destroy(p);
    buf_shrink(&r->text, 0);
    return ok;
}

static void next(struct kube_rights *r);

static void set(struct kube_rights *r, uint32_t acts, uint32_t allowed)
{
    for (int a = 0; a < ACT_COUNT; a++)
        if ((acts & 1u << a) != 0 && right_of((enum act)a) != NULL)
            rights_set(store_rights(r->store), r->ns, (enum act)a,
                       (allowed & 1u << a) != 0);
    store_plane_changed(r->store);
}

static void on_single(const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    struct kube_rights *r = arg;
    int act = __builtin_ctz(r->open);
    struct answer said;

    r->call = NULL;
    r->open &= r->open - 1;
    if (err->code == 0 && answer->status >= 200 && answer->status < 300 &&
        read_answer(r, &said) && said.single >= 0)
        set(r, 1u << act, said.single ? 1u << act : 0);
    next(r);
}

static void on_rules(const struct http_answer *answer, const struct error *err,
                     void *arg)
{
    struct kube_rights *r = arg;
    struct answer said;

    r->call = NULL;
    r->open = 0;
    if (err->code == 0 && answer->status >= 200 && answer->status < 300 &&
        read_answer(r, &said)) {
        set(r, said.incomplete ? said.allowed : ~0u, said.allowed);
        for (int a = 0; said.incomplete && a < ACT_COUNT; a++)
            if (right_of((enum act)a) != NULL &&
                (said.allowed & 1u << a) == 0)
                r->open |= 1u << a;
    }
    next(r);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_rights *)arg)->text, p, n);
}

static void put_right(struct json *j, const struct right *need)
{
    const char *slash = strchr(need->resource, '/');
    char resource[64];

    snprintf(resource, sizeof resource, "%.*s",
             (int)strcspn(need->resource, "/"), need->resource);
    json_text(j, "verb", need->verb);
    json_text(j, "group", need->group);
    json_text(j, "resource", resource);
    if (slash != NULL)
        json_text(j, "subresource", slash + 1);
}

/* need NULL: all of the namespace. */
static void ask(struct kube_rights *r, const struct right *need)
{
    const struct http_calls calls = {NULL, on_data,
                                     need ? on_single : on_rules, r};
    struct http_want want = {
        .method = "POST",
        .path = need ? REVIEWS "selfsubjectaccessreviews"
                     : REVIEWS "selfsubjectrulesreviews",
        .first_byte_ms = 10000,
        .silence_ms = 10000};
    struct buf body;
    struct json j;

    buf_init(&body, 4096);
    json_begin(&j, &body);
    json_map(&j, NULL);
    json_text(&j, "apiVersion", "authorization.k8s.io/v1");
    json_text(&j, "kind", need ? "SelfSubjectAccessReview"
                               : "SelfSubjectRulesReview");
    json_map(&j, "spec");
    if (need != NULL) {
        json_map(&j, "resourceAttributes");
        put_right(&j, need);
    }
    json_text(&j, "namespace", r->ns);
    for (int i = need != NULL ? 3 : 2; i > 0; i--)
        json_map_end(&j);
    json_end(&j);
    want.body = buf_text(&body);
    buf_clear(&r->text);
    r->call = kube_send(r->client, "application/json", &want, &calls);
    buf_finish(&body);
}

static void next(struct kube_rights *r)
{
    if (r->call != NULL)
        return;
    if (r->open != 0) {
        ask(r, right_of((enum act)__builtin_ctz(r->open)));
        return;
    }
    if (r->waiting == 0)
        return;
    memcpy(r->ns, r->queue[0], sizeof r->ns);
    memmove(r->queue[0], r->queue[1],
            (size_t)--r->waiting * sizeof r->queue[0]);
    rights_ask(store_rights(r->store), r->ns, (int64_t)uv_now(r->loop) + 1);
    ask(r, NULL);
}

void kube_rights_want(struct kube_rights *r, const char *ns)
{
    int64_t asked = rights_asked(store_rights(r->store), ns);
    int64_t now = (int64_t)uv_now(r->loop);

    if (ns[0] == '\0' || strlen(ns) >= ACT_NAME ||
        (asked > 0 && now - asked < RIGHTS_AGE_MS) ||
        (asked == 0 && store_rights(r->store)->count == RIGHTS_MAX))
        return;
    for (int i = 0; i < r->waiting; i++)
        if (strcmp(r->queue[i], ns) == 0)
            return;
    if (r->waiting == RIGHTS_QUEUE)
        return;
    snprintf(r->queue[r->waiting++], ACT_NAME, "%s", ns);
    next(r);
}

void kube_rights_doubt(struct kube_rights *r, const char *ns)
{
    rights_ask(store_rights(r->store), ns, 0);
    kube_rights_want(r, ns);
}
