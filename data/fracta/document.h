/*
 * One document of a control plane, read again and again: as poll.h, for what
 * is no list.
 *
 * Never more than one request is under way. The interval begins at least_ms
 * and grows by half with each answer that brought nothing new, up to most_ms.
 * The body is gathered, at most body_max bytes, and lent for the call.
 */
#ifndef DATA_FRACTA_DOCUMENT_H
#define DATA_FRACTA_DOCUMENT_H

#include "base/span.h"
#include "data/net/http.h"

struct document;

struct document_want {
    int64_t least_ms, most_ms;
    size_t body_max;
    /*
     * err->code 0: a 200, whole. ERR_SERVER: another status, and its words.
     * ERR_LIMIT: larger than body_max. Else no whole answer came. True: it
     * brought something new. May set another path, and wait.
     */
    bool (*told)(struct span body, const struct http_answer *answer,
                 const struct error *err, void *arg);
    void *arg;
};

/* http and target are borrowed until `closed`. Nothing is asked yet. */
struct document *document_create(struct http *http,
                                 const struct http_target *target,
                                 const struct document_want *want);
/* Copied. What is under way is given up. "": asks for nothing. */
void document_path(struct document *d, const char *path);
/* Asks now; what is under way is waited for. */
void document_kick(struct document *d);
/* Not before so many milliseconds. In `told`: instead of the interval. */
void document_wait(struct document *d, int64_t ms);
void document_close(struct document *d, void (*closed)(void *arg), void *arg);

#endif
