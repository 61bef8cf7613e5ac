/*
 * The fleet-wide stream, and one agent's: what happens, as it happens.
 *
 * An event:  `id: <seq>`, `event: <action>`, `data: <event>` (fleet) or, for
 * one agent as fracta does it, `id: <uuid>`. Rows come without an id, since
 * they are not history: `event: agent`, `proposal`, `pheromone` with the row,
 * `agent.gone`, `pheromone.gone` with its name or id.
 *
 * A reader starts with `hello`, all rows, the events after its cursor (at most
 * LIMIT_CATCH_UP; without a cursor the last few), `ready`; then what happens. Comments keep it alive. One that does not read is ended and
 * may come back with the last id it saw.
 */
#ifndef HABITAT_STREAM_H
#define HABITAT_STREAM_H

#include "habitat/habitat.h"
#include "habitat/server.h"

struct agent;

struct streams *streams_open(struct habitat *hb);
void streams_close(struct streams *ss);
/* Answers the request with a stream; agent NULL: of all. */
void stream_open(struct request *r, const char *agent);
bool streams_any(const struct habitat *hb);

/* Rows that are true since the last commit. */
void stream_tell_agent(struct habitat *hb, const struct agent *a);
void stream_tell(struct habitat *hb, const char *event, const struct buf *row);
/* The same with the next commit; forgotten if that fails. */
void stream_tell_later(struct habitat *hb, const char *event,
                       const struct buf *row);
void streams_forget(struct habitat *hb);
/* A row as a frame. */
void stream_row(struct buf *out, const char *event, const struct buf *row);
/* After a commit: events that readers have not seen. */
void streams_committed(struct habitat *hb);

#endif
