/*
 * Cuts a text/event-stream into its events while it arrives.
 *
 * Lines end in LF, CR LF or CR; comments are counted as proof of life, data
 * lines of one event are joined by LF; an event without data is dropped, as
 * the standard says. At most SSE_DATA_MAX bytes of data: a larger event is
 * passed over and counted.
 */
#ifndef DATA_NET_SSE_H
#define DATA_NET_SSE_H

#include "base/buf.h"
#include "base/span.h"

#include <stdint.h>

#define SSE_DATA_MAX (1u << 20)
#define SSE_LINE_MAX (SSE_DATA_MAX + 64)

struct sse_event {
    struct span id;    /* the last that was given; empty: none yet */
    struct span event; /* empty: "message" */
    struct span data;
};

/* Borrowed for the call. */
typedef void (*sse_cb)(const struct sse_event *e, void *arg);

struct sse {
    sse_cb cb;
    void *arg;
    struct buf line, id, event, data;
    bool has_data, broken; /* this event is too large */
    bool after_cr;
    uint64_t events, dropped, comments;
};

void sse_init(struct sse *s, sse_cb cb, void *arg);
void sse_finish(struct sse *s);
/* A new connection: keeps the last id. */
void sse_reset(struct sse *s);
void sse_feed(struct sse *s, const char *p, size_t n);

#endif
