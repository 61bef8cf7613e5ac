/*
 * Cuts the bytes of a log into lines, in whatever pieces they come.
 *
 * cap     of a line that is longer the first `cap` bytes are handed out
 * end     neither \n nor a \r before it is part of a line
 * Memory  grows with the longest line, at most cap bytes
 */
#ifndef DATA_KUBE_LINES_H
#define DATA_KUBE_LINES_H

#include "base/buf.h"

#include <stdint.h>

struct kube_lines {
    struct buf line; /* what has come of the present one */
    bool cutting;    /* it is full: the rest is dropped */
};

/* A line, valid during the call. False: no more of these bytes. */
typedef bool (*kube_line_cb)(const char *s, size_t n, void *arg);

void kube_lines_init(struct kube_lines *l, size_t cap);
void kube_lines_finish(struct kube_lines *l);
/* Forgets the line that has begun. */
void kube_lines_clear(struct kube_lines *l);
/* cb for each line that is whole; false where cb said so. */
bool kube_lines_add(struct kube_lines *l, const char *p, size_t n,
                    kube_line_cb cb, void *arg);
/* No more comes: what has begun is the last line, if it has anything. */
void kube_lines_end(struct kube_lines *l, kube_line_cb cb, void *arg);

/*
 * The moment that the kubelet puts before each line. Returns where the text
 * behind it begins; 0, and *ret_ns is not set: there is none, these are the
 * kubelet's own words.
 */
size_t kube_line_time(const char *s, size_t n, int64_t *ret_ns);

#endif
