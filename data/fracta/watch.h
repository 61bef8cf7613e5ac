/*
 * The events of one agent, followed by its stream.
 *
 * First its last events are asked for, WATCH_LAST of them, then the stream
 * from the last of them on. The server says nothing of its own accord, drops
 * events for readers who are slow, and never ends a stream: so it is asked
 * for anew after a silence of WATCH_SILENCE_MS, with the last id. After a
 * stream that broke those since the last id are asked for first, as often as
 * an answer is full; none at all may mean that the server does not know the
 * id any more, so that its last ones are asked for again. What comes twice is
 * for the store to see (thought_facts.id). Frames that cannot be read are
 * counted, and the next one is read again.
 */
#ifndef DATA_FRACTA_WATCH_H
#define DATA_FRACTA_WATCH_H

#include "data/fracta/read.h"
#include "data/net/http.h"

#define WATCH_LAST 100 /* a server keeps so many in memory */
#define WATCH_SILENCE_MS 120000
#define WATCH_RETRY_MAX_MS 30000
#define WATCH_BODY_MAX (4u << 20) /* of the answer with its last events */

struct watch;

struct watch_calls {
    /* One event, oldest first; its agent is set. */
    void (*event)(const struct fracta_event *e, void *arg);
    void (*closed)(void *arg); /* it is freed */
    void *arg;
};

/* http, target and reader are borrowed until `closed`. name is copied; it
   must be of the letters of fracta_name_ok. */
struct watch *watch_open(struct http *http, const struct http_target *target,
                         struct fracta_reader *reader, const char *name,
                         const struct watch_calls *calls);
const char *watch_name(const struct watch *w);
uint64_t watch_bad(const struct watch *w); /* frames that could not be read */
/* Tries at once what waits for a retry. */
void watch_kick(struct watch *w);
void watch_close(struct watch *w);

/* As fracta names agents: may stand in a path. */
bool fracta_name_ok(const char *name);

#endif
