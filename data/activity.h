/*
 * What an agent's stream of events says about it: how busy, its habit, its
 * step, its loops.
 *
 * score    forward-decayed: log2 of Σ weight·2^(tᵢ/h), h = 60 s, t in ms
 *          since 1970; it changes only when an event comes, and the order of
 *          two agents never changes by waiting. The present activity is
 *          2^(score − now/h).
 * gap      mean time between events, exponentially weighted (1/8 each)
 * spark    events per minute of the last ACTIVITY_SPARK minutes, weighted
 * step     what it does, in its own words, at most ACTIVITY_STEP bytes
 * repeats  how often the same step (digits aside) came in a row, alone or
 *          alternating with one other
 */
#ifndef DATA_ACTIVITY_H
#define DATA_ACTIVITY_H

#include "data/kinds.h"

#include <stddef.h>
#include <stdint.h>

#define ACTIVITY_HALF_LIFE_MS 60000
#define ACTIVITY_SPARK 12
#define ACTIVITY_STEP 160
#define ACTIVITY_LOOP_MIN 5     /* repeats that make a loop */
#define ACTIVITY_HABIT_MIN 8    /* events before there is a habit */
#define ACTIVITY_QUIET_FACTOR 6 /* silence against the habit */
#define ACTIVITY_QUIET_MIN_MS 60000
#define ACTIVITY_QUIET_MAX_MS (3600 * 1000) /* then it is plainly idle */
#define ACTIVITY_WORK_MS 120000 /* an event within this is work */

struct activity {
    double score; /* -INFINITY: no event yet */
    int64_t last_ms;
    float gap_ms;
    uint32_t events;
    int64_t spark_minute; /* minute (ms/60000) of spark[last] */
    uint16_t spark[ACTIVITY_SPARK]; /* tenths of an event, oldest first */
    char *step;           /* owned; NULL none */
    uint8_t step_kind;    /* enum thought_kind */
    uint32_t hashes[2];   /* of the last two different steps */
    uint32_t repeats;
    int64_t repeat_ms;    /* when the row of repeats began */
    uint64_t tokens;      /* as far as its lines said; 0 = not said */
    double cost;          /* dollars; NAN = not said */
};

void activity_init(struct activity *a);
void activity_finish(struct activity *a);

/* One event of this weight (a thought 1, a change of state 0.5). */
void activity_event(struct activity *a, int64_t at_ms, double weight);

/* A step in the agent's own words; counts loops. */
void activity_step(struct activity *a, int64_t at_ms, enum thought_kind kind,
                   const char *text, size_t len);

/* Present activity, 0…; 1 ≈ one event just now. */
double activity_now(const struct activity *a, int64_t now_ms);

/* The same squeezed into 0…1 for a meter: 1 − 1/(1 + x/4). */
double activity_meter(const struct activity *a, int64_t now_ms);

/* Events in the minute `back` minutes before now (0 = this one). */
double activity_spark(const struct activity *a, int64_t now_ms, int back);

/* Silence as a multiple of the habit; 0 if there is no habit. */
double activity_silence(const struct activity *a, int64_t now_ms);

/* When activity_silence next crosses ACTIVITY_QUIET_FACTOR or work ends. */
int64_t activity_flips(const struct activity *a, int64_t now_ms);

#endif
