/*
 * The stream of thoughts: a bounded store ordered by time.
 *
 * Holds at most THOUGHTS_MAX entries and THOUGHTS_BYTES of text; the oldest
 * go first and are counted. A late one is put in its place by time and
 * marked; one older than all when the store is full is only counted.
 * Entries are addressed by rank (0 = oldest) or by slot; a slot is stable
 * while its entry lives. seq counts up for ever in order of arrival.
 *
 * An event that is told again - of the same object, to the same agent, in the
 * same words - is one entry with how often it was told, which goes to its
 * latest time: a crash loop does not push out what agents say.
 *
 * text  owned here, any bytes (tui/text shows them), at most THOUGHT_MAX
 */
#ifndef DATA_THOUGHTS_H
#define DATA_THOUGHTS_H

#include "base/index.h"
#include "base/intern.h"
#include "base/ranked.h"
#include "base/span.h"
#include "data/kinds.h"

#include <stdint.h>

#define THOUGHTS_MAX 2048
#define THOUGHTS_BYTES (512u << 10)
#define THOUGHT_MAX 2048

struct thought {
    int64_t at_ms; /* the server's clock */
    uint64_t seq;
    const char *ns, *agent; /* interned; agent NULL: of nobody */
    const char *about; /* interned; the object it is told of, NULL none */
    char *text;
    uint32_t len;
    uint32_t tokens;
    uint32_t times; /* it was told; 1 for all but events */
    uint32_t teller, told; /* an event's object that told it last (a hash), and
                              how often that one had */
    uint8_t kind; /* enum thought_kind */
    uint8_t about_kind;
    bool late, picture;
};

struct thoughts {
    struct intern *pool;
    struct thought *at;
    uint32_t room; /* slots allocated */
    uint32_t *spare;
    uint32_t spares;
    struct ranked order;
    struct index events; /* those that know what they are told of */
    size_t bytes;
    uint64_t seq, dropped;
};

void thoughts_init(struct thoughts *t, struct intern *pool);
void thoughts_finish(struct thoughts *t);
/* Copies. Returns the entry, valid until the next add; NULL if too old. */
const struct thought *thoughts_add(struct thoughts *t, int64_t at_ms,
                                   struct span ns, struct span agent,
                                   enum thought_kind kind, struct span text,
                                   uint32_t tokens);
/* An event: what it is told of (in its namespace), and by whom. */
struct thought_event {
    enum kind kind;
    struct span about;
    struct span teller; /* name of the event's object; empty: not known */
    uint32_t times;     /* that one has told it */
};
/* It is this event, told for the first time. */
void thoughts_about(struct thoughts *t, const struct thought *e,
                    const struct thought_event *of);
/* The same event as it was told before; NULL: it was not. */
const struct thought *thoughts_told(const struct thoughts *t, struct span ns,
                                    struct span agent, enum thought_kind kind,
                                    struct span text,
                                    const struct thought_event *of);
/*
 * Told once more, then: counts it, and puts it where it is latest. False: it
 * is the same telling as before (a list was read again), and nothing changes.
 */
bool thoughts_again(struct thoughts *t, const struct thought *e,
                    int64_t at_ms, const struct thought_event *of);
void thoughts_set_times(struct thoughts *t, const struct thought *e,
                        uint32_t times);
/* It came after others that it stands before. */
void thoughts_mark_late(struct thoughts *t, const struct thought *e);
/* Marks all that are there as from the saved picture. */
void thoughts_mark_picture(struct thoughts *t);
/* Drops those from the saved picture. */
void thoughts_drop_picture(struct thoughts *t);
uint32_t thoughts_count(const struct thoughts *t);
/* By rank, 0 = oldest; NULL beyond the end. */
const struct thought *thoughts_at(const struct thoughts *t, uint32_t rank);

#endif
