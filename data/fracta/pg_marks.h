/*
 * What events have told of agents, kept until their rows are read again:
 * last heartbeat, last event, phase; and how many messages they have not
 * read.
 *
 * Bounds  PG_MARKS_MAX names; when full, those that no table has gone on
 *         naming go, then all
 */
#ifndef DATA_FRACTA_PG_MARKS_H
#define DATA_FRACTA_PG_MARKS_H

#include "base/index.h"
#include "base/span.h"

#include <stdint.h>

#define PG_MARKS_MAX 131072

struct pg_mark {
    char *name;
    uint32_t len;
    uint32_t epoch;      /* of the list of agents that named it last */
    uint32_t mail_epoch; /* of the list of mailboxes */
    int64_t beat_ms, event_ms;
    int64_t unread;
    char phase[24];
};

struct pg_marks {
    struct pg_mark *at;
    uint32_t count, room;
    struct index names;
};

void pg_marks_init(struct pg_marks *m);
void pg_marks_finish(struct pg_marks *m);
/* NULL: not known. Valid until the next make or sweep. */
struct pg_mark *pg_marks_find(const struct pg_marks *m, struct span name);
struct pg_mark *pg_marks_make(struct pg_marks *m, struct span name);
/* Those not named in this epoch, and silent since, go. */
void pg_marks_sweep(struct pg_marks *m, uint32_t epoch, int64_t before_ms);

#endif
