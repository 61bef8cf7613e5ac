/*
 * What the parts of the gate share: gate.c keeps the receipts, gate_send.c
 * brings them from begun to over, gate_record.c writes down each step.
 */
#ifndef DATA_ACT_GATE_PRIV_H
#define DATA_ACT_GATE_PRIV_H

#include "data/act/gate.h"

struct gate {
    uv_loop_t *loop;
    struct store *st;
    struct gate_source {
        struct source *source;
        int64_t live_since_ms; /* 0: it is not */
    } sources[GATE_SOURCES];
    int source_count;
    struct journal *journal;
    struct before *before;
    uv_timer_t timer; /* the next hold that ends, or a look */
    struct action_receipt *at[GATE_ACTIONS]; /* NULL: not used yet */
    uint32_t next_id;
    void (*changed)(void *arg);
    void *arg;
    int handles;
    struct gate_ticket *tickets;
    bool hurried; /* the source was told to */
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

/* What the journal's thread and the source give back. */
struct gate_ticket {
    struct gate *gate; /* NULL: it is gone */
    struct gate_ticket *next;
    uint32_t id;
    bool sent; /* the source has it, else the journal */
};

bool action_over(enum action_state s);
/* The receipt of that id; NULL: it gave way to another. */
struct action_receipt *gate_at(const struct gate *g, uint32_t id);

struct gate_ticket *gate_ticket(struct gate *g, uint32_t id);
void gate_ticket_free(struct gate_ticket *t);

/* gate_record.c: a line in the journal; cb: when it is durable, and then the
   line tells all. */
void gate_write_step(struct gate *g, const struct action_receipt *a,
                     const char *step, journal_cb cb, void *arg);
void gate_set_state(struct gate *g, struct action_receipt *a,
                    enum action_state s);
/* Somebody is told that a receipt is another now. */
void gate_tell(const struct gate *g);

/* gate_send.c: its intent is written, and then it leaves. */
void gate_begin(struct gate *g, struct action_receipt *a);
/* The next moment at which something is to be done. */
void gate_plan_timer(struct gate *g);
void gate_on_timer(uv_timer_t *timer);
/* The source hears whether anybody waits. */
void gate_tell_hurry(struct gate *g);

#endif
