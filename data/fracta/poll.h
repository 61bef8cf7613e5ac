/*
 * One list of a control plane, read again and again.
 *
 * Never more than one request is under way. The interval begins at least_ms
 * and grows by half with each answer that is the same, byte by byte, up to
 * most_ms; a change, a kick or somebody who waits (hurry) brings it back. A
 * list that is not served (404, 500 "… not configured") is asked for rarely.
 *
 * Objects are handed out while they arrive (cut.h); nothing is gathered.
 */
#ifndef DATA_FRACTA_POLL_H
#define DATA_FRACTA_POLL_H

#include "base/span.h"
#include "data/net/http.h"

#define POLL_ABSENT_MS 30000
#define POLL_BODY_MAX (64u << 20) /* bytes of one answer */

struct poll;

enum poll_result {
    POLL_WHOLE,  /* all objects were handed out */
    POLL_ABSENT, /* the server has no such list; err says so */
    POLL_FAILED, /* no answer, or none that is of use; err */
};

struct poll_want {
    const char *path; /* borrowed for ever */
    const char *list; /* the array's name; borrowed for ever */
    int64_t least_ms, most_ms;
    void (*begin)(void *arg); /* before the first object of an answer */
    /* False ends the answer: POLL_FAILED. */
    bool (*object)(struct span json, void *arg);
    void (*done)(enum poll_result result, const struct http_answer *answer,
                 const struct error *err, void *arg);
    void *arg;
};

/* http and target are borrowed until the close. Nothing is asked yet. */
struct poll *poll_create(struct http *http, const struct http_target *target,
                         const struct poll_want *want);
/* Asks now, or at once after what is under way. */
void poll_kick(struct poll *p);
/* Not before so many milliseconds. */
void poll_wait(struct poll *p, int64_t ms);
void poll_hurry(struct poll *p, bool on);
void poll_close(struct poll *p, void (*closed)(void *arg), void *arg);

#endif
