/* What the files of the store share; nobody else includes this. */
#ifndef DATA_STORE_PRIV_H
#define DATA_STORE_PRIV_H

#include "data/store.h"

struct key {
    struct span ns, name;
    enum kind kind;
};

uint32_t key_hash(const struct key *k);

/* A new empty row, or SLOT_NONE when the table is full. */
uint32_t table_take(struct table *t);
void table_give(struct table *t, uint32_t slot);
static inline void *table_row(const struct table *t, uint32_t slot)
{
    return (char *)t->rows + (size_t)slot * t->row_size;
}

void slots_add(struct slots *s, uint32_t slot);
/* Takes one out; SLOT_NONE when empty. */
uint32_t slots_take(struct slots *s);

/* A row changed: generation and watchers. */
void store_mark(struct store *st, enum kind kind, uint32_t slot);
/* An agent must be judged again. */
void store_judge_later(struct store *st, uint32_t slot);

bool set_text(struct store *st, const char **slot, struct span s);
bool set_condition(struct store *st, struct condition *c,
                   const struct condition_facts *f);
void drop_condition(struct store *st, struct condition *c);
struct span span_text(const char *s);
/* "0f8fad5b-d9cb-…" to 16 bytes; zeros if it is no such text. */
void uid_read(struct span s, uint8_t ret[16]);
/* A resourceVersion that is a number, as all from etcd are; else 0. */
uint64_t version_read(struct span s);

uint32_t agent_find(const struct store *st, struct span ns, struct span name);
uint32_t agent_make(struct store *st, struct span ns, struct span name);
void agent_remove(struct store *st, uint32_t slot);
void agent_attach(struct store *st, uint32_t slot, uint32_t root);
/* A cluster shows it no more: it goes, unless a source tells of its run. */
void agent_leave_cluster(struct store *st, uint32_t slot);
void agent_read_load(struct store *st, uint32_t slot);
void runs_drop(struct store *st, struct agent *a);
void runs_sweep(struct store *st, uint8_t stream, uint32_t epoch);
/* No cluster shows this agent. */
bool run_alone(const struct agent *a);
void run_read_load(struct store *st, struct agent *a);

/* The row, made if it is not there; SLOT_NONE when full. */
uint32_t object_get(struct store *st, enum kind kind, struct span ns,
                    struct span name);
/* What a mission or objective has more than other objects. */
void work_drop(struct store *st, struct object *b);

uint32_t workload_find(const struct store *st, enum kind kind, struct span ns,
                       struct span name);
/* The row, made without an object if it is not there. */
uint32_t workload_get(struct store *st, enum kind kind, struct span ns,
                      struct span name);
void workload_remove(struct store *st, uint32_t slot);
void workload_drop_empty(struct store *st, uint32_t root);

void proposal_drop_asked(struct proposal *p);
void proposal_remove(struct store *st, uint32_t slot);
void proposal_settle(struct store *st, uint32_t slot, int64_t now_ms);
/* Open proposals of one proposer, whether its agent is known or not. */
struct wait {
    const char *ns, *name;
    uint32_t count;
    int64_t since_ms; /* creation of the oldest */
    bool live;
};
struct wait *wait_get(struct store *st, struct span ns, struct span name);
void wait_drop(struct store *st, struct wait *w);
const struct wait *wait_find(const struct store *st, struct span ns,
                             struct span name);

/* Puts the row's next flip into the heap, once. *noted is in the row. */
void store_flip_at(struct store *st, enum kind kind, uint32_t slot,
                   int64_t at_ms, int64_t *noted);
void pheromone_remove(struct store *st, uint32_t slot);
void object_remove(struct store *st, uint32_t slot);

/* A change worth a line in the thoughts. */
void store_note(struct store *st, const char *ns, const char *agent,
                int64_t at_ms, enum thought_kind kind, double weight,
                const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* The operator's pods as a plane (store_operator.c). */
void operator_settle(struct store *st);
/* Rolls the hour's rings to this minute. */
void store_roll(struct store *st, int64_t now_ms);

#endif
