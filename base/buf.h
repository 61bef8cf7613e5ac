/*
 * Growable bytes with a cap.
 *
 * ptr   always NUL-terminated after the first append, NULL before
 * len   bytes in use, without the NUL
 * cap   most bytes it may hold; an append beyond it changes nothing, sets
 *       `over` and returns false
 * Owner the struct is the caller's; buf_finish frees the bytes
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *ptr;
    size_t len;
    size_t room;
    size_t cap;
    bool over;
};

void buf_init(struct buf *b, size_t cap);
void buf_finish(struct buf *b);
/* Empties; keeps the memory. */
void buf_clear(struct buf *b);
/* Empties and gives memory beyond `keep` bytes back. */
void buf_shrink(struct buf *b, size_t keep);
bool buf_add(struct buf *b, const char *s, size_t len);
bool buf_str(struct buf *b, const char *s);
bool buf_char(struct buf *b, char c);
bool buf_fmt(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops the first n bytes. */
void buf_drop(struct buf *b, size_t n);
/* The text, never NULL. Valid until the next change. */
const char *buf_text(const struct buf *b);

#endif
