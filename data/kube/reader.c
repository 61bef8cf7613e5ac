#include "config.h"

#include "data/kube/reader.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/kube/reader_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    enum kind id;
    const struct kind_reader *kind;
    struct store *store;
    struct pick *pick; /* of an event; an item is what stands in one */
    struct reader_facts facts;
    struct scratch scratch;
    struct meta_facts *meta;
    /* of a watch event */
    struct span type;
    struct read_event event;
};

/* The common fields: an object's metadata, a Status, an event's type. */
enum {
    M_NS,
    M_NAME,
    M_UID,
    M_VERSION,
    M_CREATED,
    M_DELETED,
    M_FINALIZER,
    M_OWNER,
    M_OWNER_KIND,
    M_OWNER_NAME,
    M_OWNER_CONTROLS,
    M_GENUS,
    M_APP,
    M_PART_OF,
    M_FRACTA,
    M_STREAM_POD,
    M_KGENTS_AGENT,
    M_KGENTS_OWNER,
    M_KGENTS_MODE,
    M_COMPONENT,
    M_JOB,
    M_JOB_OLD,
    M_APP_OLD,
    M_INITIAL_END,
    E_TYPE,
    S_CODE,
    S_REASON,
    S_MESSAGE,
    S_RETRY,
};

static const struct pick_rule meta_rules[] = {
    {"metadata.namespace", M_NS},
    {"metadata.name", M_NAME},
    {"metadata.uid", M_UID},
    {"metadata.resourceVersion", M_VERSION},
    {"metadata.creationTimestamp", M_CREATED},
    {"metadata.deletionTimestamp", M_DELETED},
    {"metadata.finalizers[]", M_FINALIZER},
    {"metadata.ownerReferences[]", M_OWNER},
    {"metadata.ownerReferences[].kind", M_OWNER_KIND},
    {"metadata.ownerReferences[].name", M_OWNER_NAME},
    {"metadata.ownerReferences[].controller", M_OWNER_CONTROLS},
    {"metadata.labels.kgents\\.io/genus", M_GENUS},
    {"metadata.labels.app\\.kubernetes\\.io/name", M_APP},
    {"metadata.labels.app\\.kubernetes\\.io/part-of", M_PART_OF},
    {"metadata.labels.app\\.kubernetes\\.io/component", M_COMPONENT},
    {"metadata.labels.fracta-agent-id", M_FRACTA},
    {"metadata.labels.fracta-stream-pod", M_STREAM_POD},
    {"metadata.labels.kgents\\.io/agent", M_KGENTS_AGENT},
    {"metadata.labels.kgents\\.io/owner", M_KGENTS_OWNER},
    {"metadata.labels.kgents\\.io/mode", M_KGENTS_MODE},
    {"metadata.labels.batch\\.kubernetes\\.io/job-name", M_JOB},
    {"metadata.labels.job-name", M_JOB_OLD},
    {"metadata.labels.app", M_APP_OLD},
    {"metadata.annotations.k8s\\.io/initial-events-end", M_INITIAL_END},
    {NULL, 0},
};

static const struct pick_rule event_rules[] = {
    {"type", E_TYPE},
    {"object.code", S_CODE},
    {"object.reason", S_REASON},
    {"object.message", S_MESSAGE},
    {"object.details.retryAfterSeconds", S_RETRY},
    {NULL, 0},
};

static const struct kind_reader *const kind_readers[KIND_COUNT] = {
    [KIND_AGENT] = &agent_reader,
    [KIND_PHEROMONE] = &pheromone_reader,
    [KIND_PROPOSAL] = &proposal_reader,
    [KIND_MEMORY] = &memory_reader,
    [KIND_UMWELT] = &umwelt_reader,
    [KIND_AGENTSERVER] = &agentserver_reader,
    [KIND_MORPHEUS] = &morpheus_reader,
    [KIND_DEPLOYMENT] = &deployment_reader,
    [KIND_POD] = &pod_reader,
    [KIND_JOB] = &job_reader,
    [KIND_EVENT] = &event_reader,
    [KIND_QUOTA] = &quota_reader,
};

struct span read_text(const struct pick_value *v)
{
    return v->type == PICK_STRING ? v->text : (struct span){NULL, 0};
}

int64_t read_time(const struct pick_value *v)
{
    int64_t ms = 0;

    if (v->type == PICK_STRING)
        when_parse(v->text.p, v->text.n, &ms);
    return ms;
}

int64_t read_int(const struct pick_value *v, int64_t min, int64_t max,
                 int64_t other)
{
    pick_int(v, min, max, &other);
    return other;
}

double read_double(const struct pick_value *v, double min, double max)
{
    double d = NAN;

    pick_double(v, min, max, &d);
    return d;
}

bool read_condition(struct scratch *s, int field, const struct pick_value *v,
                    bool *done)
{
    *done = false;
    switch (field) {
    case COND:
        if (v->type == PICK_BEGIN)
            s->cond = (struct condition_facts){0};
        else
            *done = v->type == PICK_END;
        return true;
    case COND_TYPE:
        s->cond.type = read_text(v);
        return true;
    case COND_STATUS:
        s->cond.status = read_text(v);
        return true;
    case COND_REASON:
        s->cond.reason = read_text(v);
        return true;
    case COND_MESSAGE:
        s->cond.message = read_text(v);
        return true;
    case COND_AT:
        s->cond.at_ms = read_time(v);
        return true;
    default:
        return false;
    }
}

static void read_owner(struct reader *r, int field, const struct pick_value *v)
{
    struct scratch *s = &r->scratch;

    if (field == M_OWNER_KIND) {
        s->owner_kind = read_text(v);
    } else if (field == M_OWNER_NAME) {
        s->owner_name = read_text(v);
    } else if (field == M_OWNER_CONTROLS) {
        s->owner_controls = pick_true(v);
    } else if (v->type == PICK_BEGIN) {
        s->owner_kind = s->owner_name = (struct span){NULL, 0};
        s->owner_controls = false;
    } else if (v->type == PICK_END &&
               (s->owner_controls || r->meta->owner_kind.p == NULL)) {
        r->meta->owner_kind = s->owner_kind;
        r->meta->owner_name = s->owner_name;
    }
}

static void read_meta(struct reader *r, int field, const struct pick_value *v)
{
    struct meta_facts *m = r->meta;

    switch (field) {
    case M_NS:
        m->ns = read_text(v);
        break;
    case M_NAME:
        m->name = read_text(v);
        break;
    case M_UID:
        m->uid = read_text(v);
        break;
    case M_VERSION:
        m->version = read_text(v);
        break;
    case M_CREATED:
        m->created_ms = read_time(v);
        break;
    case M_DELETED:
        m->deleted_ms = read_time(v);
        break;
    case M_FINALIZER:
        if (m->finalizer.p == NULL)
            m->finalizer = read_text(v);
        break;
    case M_OWNER:
    case M_OWNER_KIND:
    case M_OWNER_NAME:
    case M_OWNER_CONTROLS:
        read_owner(r, field, v);
        break;
    case M_GENUS:
        m->genus = read_text(v);
        break;
    case M_APP:
        m->app_name = read_text(v);
        break;
    case M_PART_OF:
        m->part_of = read_text(v);
        break;
    case M_FRACTA:
        m->fracta_id = read_text(v);
        break;
    case M_STREAM_POD:
        m->stream_pod = read_text(v);
        break;
    case M_KGENTS_AGENT:
        m->kgents_agent = read_text(v);
        break;
    case M_KGENTS_OWNER:
        m->kgents_owner = read_text(v);
        break;
    case M_KGENTS_MODE:
        m->kgents_mode = read_text(v);
        break;
    case M_COMPONENT:
        m->component = read_text(v);
        break;
    case M_JOB:
        m->job_name = read_text(v);
        break;
    case M_JOB_OLD:
        if (m->job_name.p == NULL)
            m->job_name = read_text(v);
        break;
    case M_APP_OLD:
        m->app = read_text(v);
        break;
    case M_INITIAL_END:
        r->event.initial_end = span_is(read_text(v), "true");
        break;
    default:
        break;
    }
}

static void read_status(struct reader *r, int field,
                        const struct pick_value *v)
{
    switch (field) {
    case E_TYPE:
        r->type = read_text(v);
        break;
    case S_CODE:
        r->event.code = (int)read_int(v, 0, 999, 0);
        break;
    case S_REASON: /* an Event's own field has the same path */
        r->event.reason = read_text(v);
        if (r->id == KIND_EVENT)
            r->facts.event.reason = r->event.reason;
        break;
    case S_MESSAGE:
        r->event.message = read_text(v);
        if (r->id == KIND_EVENT)
            r->facts.event.message = r->event.message;
        break;
    case S_RETRY:
        r->event.retry_after_s = read_int(v, 0, 3600, FACT_NONE);
        break;
    default:
        break;
    }
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reader *r = arg;

    if (field >= READER_OWN)
        r->kind->value(&r->facts, &r->scratch, field, v);
    else if (field >= E_TYPE)
        read_status(r, field, v);
    else
        read_meta(r, field, v);
}

static struct pick_rule *all_rules(const struct pick_rule *own)
{
    size_t n = 0, m = sizeof meta_rules / sizeof *meta_rules - 1;
    struct pick_rule *rules;

    while (own[n].path != NULL)
        n++;
    rules = xcalloc(n + m + 1, sizeof *rules);
    memcpy(rules, meta_rules, m * sizeof *rules);
    memcpy(rules + m, own, n * sizeof *rules);
    return rules;
}

struct reader *reader_create(enum kind kind, struct store *store)
{
    struct reader *r = xcalloc(1, sizeof *r);
    struct pick_rule *rules;

    r->id = kind;
    r->kind = kind_readers[kind];
    r->store = store;
    r->meta = r->kind->meta(&r->facts);
    rules = all_rules(r->kind->rules);
    r->pick = pick_create_under(rules, "object.", event_rules);
    free(rules);
    return r;
}

void reader_destroy(struct reader *r)
{
    if (r == NULL)
        return;
    pick_destroy(r->pick);
    free(r);
}

static int run(struct reader *r, bool item, const char *text, size_t len,
               struct error *err)
{
    int code;

    memset(&r->facts, 0, sizeof r->facts);
    memset(&r->scratch, 0, sizeof r->scratch);
    memset(&r->event, 0, sizeof r->event);
    r->event.retry_after_s = FACT_NONE;
    r->type = (struct span){NULL, 0};
    r->kind->begin(&r->facts);
    code = (item ? pick_run_inner : pick_run)(r->pick, text, len, on_value, r,
                                              err);
    if (code == 0 && r->kind->end != NULL)
        r->kind->end(&r->facts, &r->scratch);
    return code;
}

int reader_item(struct reader *r, const char *text, size_t len,
                const struct origin *o, struct error *err)
{
    int code = run(r, true, text, len, err);

    if (code != 0)
        return code;
    if (r->meta->name.n == 0)
        return error_set(err, ERR_SYNTAX, "object without a name");
    if (r->store != NULL)
        r->kind->put(r->store, &r->facts, o);
    return 0;
}

int reader_event(struct reader *r, const char *text, size_t len,
                 const struct origin *o, struct read_event *ret,
                 struct error *err)
{
    int code = run(r, false, text, len, err);
    struct span v = r->meta->version;

    if (code != 0)
        return code;
    if (v.n < sizeof r->event.version && v.n > 0)
        memcpy(r->event.version, v.p, v.n);
    if (span_is(r->type, "ERROR"))
        r->event.what = READ_ERROR;
    else if (span_is(r->type, "BOOKMARK"))
        r->event.what = READ_BOOKMARK;
    else if (span_is(r->type, "DELETED"))
        r->event.what = READ_DELETED;
    else if (span_is(r->type, "ADDED") || span_is(r->type, "MODIFIED"))
        r->event.what = READ_PUT;
    else
        return error_set(err, ERR_SYNTAX, "event of an unknown type");
    if (r->event.what == READ_PUT || r->event.what == READ_DELETED) {
        if (r->meta->name.n == 0)
            return error_set(err, ERR_SYNTAX, "object without a name");
        if (r->store != NULL && r->event.what == READ_PUT)
            r->kind->put(r->store, &r->facts, o);
        else if (r->store != NULL)
            store_gone(r->store, r->id, r->meta->ns, r->meta->name);
    }
    *ret = r->event;
    return 0;
}

const struct reader_facts *reader_facts(const struct reader *r)
{
    return &r->facts;
}
