/*
 * The store: current rows of all kinds, joined, bounded, counted.
 *
 * Sources write facts in (store_put_*, store_gone); nobody else writes.
 * Readers hold a const pointer, walk slots and ask for ranks through views
 * (data/view.h). Rows live in slots: arrays that move when they grow, so a
 * row pointer is valid until the next write; a slot number is valid while
 * its row lives.
 *
 * A write changes rows at once and remembers what else must be looked at;
 * store_settle does that: judges changed agents, prices changed proposals
 * and re-evaluates rows whose moment has come. Call it once per turn before
 * reading.
 *
 * Generations: gen[kind] moves with every change of a row of that kind;
 * gen_thoughts, gen_planes likewise.
 *
 * Bounds  STORE_ROWS_MAX rows of a kind; more are counted, not kept
 * Time    all wall times are the server's (now + offset of the source)
 * Thread  loop thread only
 */
#ifndef DATA_STORE_H
#define DATA_STORE_H

#include "base/intern.h"
#include "base/index.h"
#include "base/moments.h"
#include "data/agent.h"
#include "data/facts.h"
#include "data/object.h"
#include "data/pheromone.h"
#include "data/plane.h"
#include "data/proposal.h"
#include "data/rights.h"
#include "data/event_ids.h"
#include "data/thoughts.h"
#include "data/workload.h"

#define STORE_ROWS_MAX 400000
#define STORE_PLANES_MAX 16
#define STORE_WATCHERS_MAX 12
#define STORE_HOUR 60

/* A row of agents, pheromones or proposals was added, changed or removed. */
typedef void (*store_watch_fn)(void *arg, enum kind kind, uint32_t slot);

struct table {
    void *rows;
    size_t row_size;
    uint32_t room, used, live;
    uint32_t *spare;
    uint32_t spares, spare_room;
    struct index names;
    uint64_t refused; /* beyond STORE_ROWS_MAX */
};

struct slots { /* rows to be looked at again, each once */
    uint32_t *at;
    uint32_t count, room;
    uint8_t *in; /* by slot */
    uint32_t in_room;
};

struct ns_velocity {
    const char *ns;
    struct velocity v;
};

struct store {
    struct intern *pool;
    struct table agents, pheromones, proposals, workloads, objects;
    struct table waits; /* open proposals by proposer */
    struct thoughts thoughts;
    struct moments moments;
    struct slots dirty_agents, dirty_proposals, dirty_roots;
    struct ns_velocity *velocities;
    uint32_t velocity_count;
    struct rights *rights; /* NULL: no source asked */
    struct plane planes[STORE_PLANES_MAX];
    uint32_t plane_count;
    struct stream streams[KIND_COUNT];
    uint64_t gen[KIND_COUNT];
    uint64_t gen_thoughts, gen_planes;
    struct {
        store_watch_fn fn;
        void *arg;
    } watchers[STORE_WATCHERS_MAX];
    int64_t now_ms; /* of the last settle or write, the server's clock */
    uint32_t states[AGENT_STATE_COUNT]; /* agents by state */
    uint32_t trouble, degraded;
    uint32_t open_proposals;
    /* token burn: a ring of minutes */
    uint64_t minute_tokens[STORE_HOUR];
    double minute_cost[STORE_HOUR];
    int64_t burn_minute;
    bool tokens_seen, cost_seen;
    /* Σ intensity by minute of the last hour, oldest first */
    float hour[STORE_HOUR];
    int64_t hour_minute;
    uint8_t trouble_hour[STORE_HOUR]; /* most in trouble, by minute */
    int64_t picture_ms; /* when the saved picture was taken; 0 = none shown */
    struct event_ids event_ids; /* ids of events that were taken */
    struct plane *operator_plane; /* NULL: no pod of it is known */
    bool operator_dirty;
    bool events_complete; /* kgents operator noise has been filtered */
};

struct store *store_create(void);
void store_destroy(struct store *st);

bool store_watch(struct store *st, store_watch_fn fn, void *arg);
void store_unwatch(struct store *st, store_watch_fn fn, void *arg);

/*
 * Facts in. `stream` and `epoch` tell which list they came by: when a list
 * is complete, store_sweep removes the rows of that stream that were not in
 * it. now_ms is the server's clock.
 */
struct origin {
    const struct plane *plane; /* of the source; needed for runs */
    uint8_t stream;
    uint32_t epoch;
    int64_t now_ms;
    bool initial; /* part of a first list: old news, no thoughts of change */
};
#define STREAM_PICTURE 255
#define STREAM_RUNS 254 /* agents that only runs tell of */
#define STREAM_SOURCES 200 /* and on: of sources with one stream */

void store_put_agent(struct store *st, const struct agent_facts *f,
                     const struct origin *o);
/*
 * What a control plane or its tables say of a run. It joins the agent of that
 * name in that namespace (the identity rules are in identity.h); an agent
 * that nobody else knows begins with it, and ends with its last run.
 */
void store_put_run(struct store *st, const struct run_facts *f,
                   const struct origin *o);
/* This source knows of no such run any more. */
void store_run_gone(struct store *st, const struct plane *plane,
                    struct span ns, struct span name);
/*
 * Only what is said is taken: of two sources that speak of one objective each
 * may know fields of its own.
 */
void store_put_mission(struct store *st, const struct mission_facts *f,
                       const struct origin *o);
void store_put_objective(struct store *st, const struct objective_facts *f,
                         const struct origin *o);
void store_put_pheromone(struct store *st, const struct pheromone_facts *f,
                         const struct origin *o);
void store_put_proposal(struct store *st, const struct proposal_facts *f,
                        const struct origin *o);
void store_put_workload(struct store *st, const struct workload_facts *f,
                        const struct origin *o);
void store_put_object(struct store *st, const struct object_facts *f,
                      const struct origin *o);
void store_put_quota(struct store *st, const struct quota_facts *f,
                     const struct origin *o);
void store_put_event(struct store *st, const struct event_facts *f,
                     const struct origin *o);
void store_gone(struct store *st, enum kind kind, struct span ns,
                struct span name);
/* Removes what the stream held and this epoch's list did not. */
void store_sweep(struct store *st, enum kind kind, uint8_t stream,
                 uint32_t epoch);
/* A stream ends for good (namespace left, kind vanished): its rows go. */
void store_drop_stream(struct store *st, enum kind kind, uint8_t stream);
/* Rows that came only from the saved picture go, once no source of the kind
   is still to answer. */
void store_drop_picture(struct store *st, enum kind kind);

/*
 * One thought. Counts towards the agent's activity when the agent is known;
 * `own` thoughts (its own words) become its step.
 */
struct thought_facts {
    struct span ns, agent, text;
    int64_t at_ms;
    enum thought_kind kind;
    uint32_t tokens;
    double cost; /* NAN */
    double weight;
    bool own;
    enum kind about_kind;
    struct span about; /* an event's object, of the same namespace */
    struct span teller; /* the event's own name, and how often it was told: */
    int64_t times;      /* told again it is the same thought; 0: not known */
    struct span id; /* an event's own, the same in every source that tells it;
                       it is taken once. Empty: it has none */
    bool late; /* something that came after it is here already */
};
void store_thought(struct store *st, const struct thought_facts *f);

/* Judges what changed and what is due. Returns the next due moment. */
int64_t store_settle(struct store *st, int64_t now_ms);

/* What a source learned about rights; made when first asked for. */
struct rights *store_rights(struct store *st);
/* A new source line, borrowed for the store's life; NULL when full. */
struct plane *store_plane(struct store *st, const char *name);
/* It is off, and shown no more; the next one made takes its place. */
void store_drop_plane(struct store *st, struct plane *p);
/* All rows that came by these streams go, and what the plane said of kinds. */
void store_forget(struct store *st, struct plane *p, uint8_t first,
                  uint8_t last);
/* All thoughts go: they were another cluster's. */
void store_drop_thoughts(struct store *st);
void store_plane_changed(struct store *st);
/*
 * How a source stands with a kind. The kind is as the best of its sources
 * (live, then stale, loading, failed, denied, absent), with that one's note.
 */
void store_stream(struct store *st, struct plane *plane /* NULL: all */, enum kind kind,
                  enum stream_state state, const char *note);
/* A moment of this source's clock on the store's; 0 stays 0. */
int64_t store_time(const struct store *st, const struct plane *plane,
                   int64_t at_ms);
/* Which stream number a source with one stream has. */
uint8_t store_stream_of(const struct store *st, const struct plane *plane);
/*
 * A source's word counts more or less than before (it came or went): runs it
 * told are joined anew.
 */
void store_plane_turned(struct store *st, const struct plane *plane);

/* Reading. Slots that are not live give NULL. */
const struct agent *store_agent(const struct store *st, uint32_t slot);
const struct pheromone *store_pheromone(const struct store *st, uint32_t slot);
const struct proposal *store_proposal(const struct store *st, uint32_t slot);
const struct workload *store_workload(const struct store *st, uint32_t slot);
const struct object *store_object(const struct store *st, uint32_t slot);
uint32_t store_find(const struct store *st, enum kind kind, struct span ns,
                    struct span name);
/* Its names, interned, valid until the next write; false: no such row. */
bool store_names(const struct store *st, enum kind kind, uint32_t slot,
                 const char **ns, const char **name);
/* Root workload of an agent; SLOT_NONE if none. */
uint32_t store_root(const struct store *st, uint32_t agent_slot);
/* Any agent of that name, whatever its namespace; SLOT_NONE if none. */
uint32_t store_agent_named(const struct store *st, struct span ns,
                           struct span name);
uint32_t store_count(const struct store *st, enum kind kind);
/* Tokens of the last hour; cost NAN when nobody said any. */
uint64_t store_burn(const struct store *st, double *cost);
/* Bytes held, for doctor. */
size_t store_bytes(const struct store *st);

#endif
