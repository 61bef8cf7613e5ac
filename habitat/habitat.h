/*
 * The habitat: the control plane of one machine, as one loop.
 *
 * Requests and holders write rows into the one open transaction; at the end
 * of the turn (requests) or a moment later (output) it is committed, and only
 * then are answers given, events handed to streams and output acknowledged to
 * holders. A failed commit answers 507 or 500 to all that shared it, and
 * holders are read again from the last durable byte.
 */
#ifndef HABITAT_HABITAT_H
#define HABITAT_HABITAT_H

#include "base/buf.h"
#include "base/error.h"
#include "habitat/db.h"
#include "habitat/paths.h"
#include "habitat/protocol.h"

#include <uv.h>

#define COMMIT_LATER_MS 25 /* what only came from output waits so long */
#define PULSE_MS 10000     /* keep-alive and samples, while a stream is read */

struct agents;
struct proposals;
struct server;
struct speech_reader;
struct streams;

struct habitat {
    uv_loop_t loop;
    struct habitat_paths paths;
    const char *holder; /* path of terrarium-holder */
    char boot[40];      /* this boot's id: pids of another mean nothing */
    struct db db;
    struct server *server;
    struct agents *agents;
    struct streams *streams;
    struct proposals *proposals;
    struct speech_reader *speech;
    uv_prepare_t prepare;  /* both: commit at the end of a turn */
    uv_check_t check;
    uv_timer_t later;      /* commits what came from output */
    uv_signal_t term, intr, hup;
    bool practice; /* $TERRARIUM_PRACTICE: nothing of it is real, and it says so */
    bool commit_now;
    bool over;
    int64_t started_ms;
    uint64_t commits, failures, events, since_prune;
    double events_room; /* tokens of the rate limit, all agents */
    int64_t events_room_ms;
};

/* Opens, finds live agents again, serves until told to stop. Exit status. */
int habitat_run(const struct habitat_paths *paths, const char *holder,
                int ready_fd);

/* The open transaction is committed at the end of this turn. */
void habitat_commit_now(struct habitat *hb);
/* … within COMMIT_LATER_MS. */
void habitat_commit_later(struct habitat *hb);
/* Ends the loop after this turn; agents go on. */
void habitat_stop(struct habitat *hb);

#endif
