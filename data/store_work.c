/* Missions and objectives: rows of the objects' table with more to say. */
#include "config.h"

#include "base/xalloc.h"
#include "data/store_priv.h"

#include <stdlib.h>

/* Said by nobody yet. */
static const struct mission no_mission = {
    .parent = FACT_NONE, .depth = FACT_NONE, .priority = FACT_NONE};
static const struct objective no_objective = {
    .missions = FACT_NONE,  .max_missions = FACT_NONE,
    .findings = FACT_NONE,  .max_depth = FACT_NONE,
    .max_branching = FACT_NONE, .max_runtime_ms = FACT_NONE,
    .tokens = FACT_NONE,    .max_tokens = FACT_NONE,
    .writes = FACT_NONE,    .max_writes = FACT_NONE};

struct text_fact {
    const char **to;
    struct span said;
};
struct number_fact {
    int64_t *to, said, none;
};

static bool take(struct store *st, const struct text_fact *texts, size_t count,
                 const struct number_fact *numbers, size_t n)
{
    bool changed = false;

    for (size_t i = 0; i < count; i++)
        if (texts[i].said.p != NULL)
            changed |= set_text(st, texts[i].to, texts[i].said);
    for (size_t i = 0; i < n; i++) {
        if (numbers[i].said == numbers[i].none ||
            numbers[i].said == *numbers[i].to)
            continue;
        *numbers[i].to = numbers[i].said;
        changed = true;
    }
    return changed;
}
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The row, made if it is not there; what all objects have is taken. */
static struct object *row_of(struct store *st, enum kind kind,
                             const struct meta_facts *meta,
                             const struct origin *o, bool *changed)
{
    uint32_t slot = object_get(st, kind, meta->ns, meta->name);
    struct object *b;

    st->now_ms = o->now_ms;
    if (slot == SLOT_NONE)
        return NULL;
    b = table_row(&st->objects, slot);
    if (meta->created_ms > 0) {
        *changed |= b->created_ms != meta->created_ms;
        b->created_ms = meta->created_ms;
    }
    b->number = FACT_NONE;
    b->stream = o->stream;
    b->epoch = o->epoch;
    return b;
}

void store_put_mission(struct store *st, const struct mission_facts *f,
                       const struct origin *o)
{
    bool changed = false;
    struct object *b = row_of(st, KIND_MISSION, &f->meta, o, &changed);
    struct mission *m;

    if (b == NULL)
        return;
    if (b->mission == NULL) {
        b->mission = xcalloc(1, sizeof *b->mission);
        *b->mission = no_mission;
        changed = true;
    }
    m = b->mission;
    {
        const struct text_fact texts[] = {
            {&b->phase, f->status},         {&b->owner, f->task},
            {&m->objective, f->objective},  {&m->claimed_by, f->claimed_by},
            {&m->error, f->error},          {&m->proposed_by, f->proposed_by},
            {&m->dedupe_key, f->dedupe_key}, {&m->runtime, f->runtime},
            {&m->model, f->model}};
        const struct number_fact numbers[] = {
            {&m->parent, f->parent, FACT_NONE},
            {&m->depth, f->depth, FACT_NONE},
            {&m->priority, f->priority, FACT_NONE},
            {&m->completed_ms, f->completed_ms, 0}};

        changed |= take(st, texts, COUNT(texts), numbers, COUNT(numbers));
    }
    /* one that went back to pending has no claim any more */
    changed |= m->claimed_ms != f->claimed_ms || m->lease_ms != f->lease_ms;
    m->claimed_ms = f->claimed_ms;
    m->lease_ms = f->lease_ms;
    if (changed)
        st->gen[KIND_MISSION]++;
}

void store_put_objective(struct store *st, const struct objective_facts *f,
                         const struct origin *o)
{
    bool changed = false;
    struct object *b = row_of(st, KIND_OBJECTIVE, &f->meta, o, &changed);
    struct objective *v;

    if (b == NULL)
        return;
    if (b->objective == NULL) {
        b->objective = xcalloc(1, sizeof *b->objective);
        *b->objective = no_objective;
        changed = true;
    }
    v = b->objective;
    {
        const struct text_fact texts[] = {{&b->phase, f->status},
                                          {&b->note, f->description},
                                          {&v->description, f->description},
                                          {&v->outcome, f->outcome},
                                          {&v->created_by, f->created_by}};
        const struct number_fact numbers[] = {
            {&v->missions, f->missions, FACT_NONE},
            {&v->max_missions, f->max_missions, FACT_NONE},
            {&v->findings, f->findings, FACT_NONE},
            {&v->max_depth, f->max_depth, FACT_NONE},
            {&v->max_branching, f->max_branching, FACT_NONE},
            {&v->max_runtime_ms, f->max_runtime_ms, FACT_NONE},
            {&v->tokens, f->tokens, FACT_NONE},
            {&v->max_tokens, f->max_tokens, FACT_NONE},
            {&v->writes, f->writes, FACT_NONE},
            {&v->max_writes, f->max_writes, FACT_NONE},
            {&v->updated_ms, f->updated_ms, 0}};

        changed |= take(st, texts, COUNT(texts), numbers, COUNT(numbers));
    }
    if (changed)
        st->gen[KIND_OBJECTIVE]++;
}

void work_drop(struct store *st, struct object *b)
{
    if (b->kind == KIND_MISSION && b->mission != NULL) {
        struct mission *m = b->mission;
        const char **texts[] = {&m->objective, &m->claimed_by, &m->error,
                                &m->proposed_by, &m->dedupe_key, &m->runtime,
                                &m->model};

        for (size_t i = 0; i < COUNT(texts); i++)
            set_text(st, texts[i], (struct span){0});
        free(m);
        b->mission = NULL;
    } else if (b->kind == KIND_OBJECTIVE && b->objective != NULL) {
        struct objective *v = b->objective;
        const char **texts[] = {&v->description, &v->outcome, &v->created_by};

        for (size_t i = 0; i < COUNT(texts); i++)
            set_text(st, texts[i], (struct span){0});
        free(v);
        b->objective = NULL;
    }
}
