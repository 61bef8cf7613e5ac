/*
 * One source as the sources line shows it, or a part of the system that is
 * no source and can be well or not.
 *
 * proof_ms   local wall time of the last proof of life; 0 = never
 * retry_ms   local wall time of the next try; 0 = none planned
 * offset_ms  the server's clock minus ours; a skew over 2 s is shown
 */
#ifndef DATA_PLANE_H
#define DATA_PLANE_H

#include "base/error.h"
#include "data/kinds.h"

#include <stddef.h>
#include <stdint.h>

#define PLANE_SKEW_MS 2000

/* How near a source is to what it speaks of. */
enum { RANK_COPY, RANK_TABLES, RANK_CONTROL };

/* What is known of one kind in one source. */
#define STREAM_STATE_MAP(X)                                                    \
    X(NONE, "none")     /* not asked yet */                                    \
    X(ABSENT, "absent") /* the server does not serve this kind */              \
    X(LOADING, "loading")                                                      \
    X(LIVE, "live")                                                            \
    X(STALE, "stale") /* was live, is being asked again */                     \
    X(DENIED, "denied")                                                        \
    X(FAILED, "failed")

#define STREAM_STATE_ENUM(id, name) STREAM_##id,
enum stream_state { STREAM_STATE_MAP(STREAM_STATE_ENUM) STREAM_STATE_COUNT };

struct plane {
    char name[24];
    enum plane_state state;
    struct error error; /* code 0 = none */
    char version[32];
    char detail[96]; /* one figure that matters, or what it waits for */
    char way[120];   /* what failed last on the way to it, a tunnel */
    int64_t way_ms;  /* when */
    int64_t proof_ms, retry_ms, since_ms;
    int64_t offset_ms;
    int32_t latency_ms; /* of the last cheap request; -1 unknown */
    uint8_t rank;       /* of two that speak of one run, the higher is
                           believed (run.h): RANK_… */
    bool part;          /* of the system, brings no rows: the operator */
    bool insecure;      /* certificates are not checked */
    bool practice;      /* its agents are made up: the header says so */
    bool answered;      /* has answered or failed for good once */
    bool dropped;       /* its source has ended; another may take its place */
    /* what it says of each kind */
    uint8_t streams[KIND_COUNT]; /* enum stream_state */
};

/* What is wrong, or NULL: what failed on the way says more than what its
   source sees of it, unless it was reached since. */
static inline const char *plane_why(const struct plane *p)
{
    if (p->way_ms > 0 && p->way_ms >= p->proof_ms)
        return p->way;
    return p->error.code != 0 ? p->error.msg : NULL;
}

/* What is known of one kind, by all sources together: see store_stream. */
struct stream {
    enum stream_state state;
    char note[200]; /* why, in words; "" = nothing to say */
    uint32_t bad;   /* objects that could not be read, counted */
    uint32_t relists;
    int64_t live_ms; /* its rows were current then; 0: never, or they are */
};

#endif
