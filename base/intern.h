/*
 * One copy of each string, counted.
 *
 * Rows repeat namespaces, reasons, phases and names of others; each text is
 * kept once. Two interned strings of one pool are equal iff their pointers
 * are. The pool never holds a text longer than INTERN_MAX bytes: longer ones
 * are cut there, on a UTF-8 border.
 *
 * Thread  loop thread only
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdbool.h>
#include <stddef.h>

#define INTERN_MAX 1024

struct intern;

struct intern *intern_create(void);
void intern_destroy(struct intern *pool);

/* A counted reference to the text; NULL for s == NULL. NUL ends it early. */
const char *intern_get(struct intern *pool, const char *s, size_t len);
/* One more reference to a string of this pool; NULL passes. */
const char *intern_ref(struct intern *pool, const char *s);
/* Gives one reference back; NULL passes. */
void intern_put(struct intern *pool, const char *s);
/* *slot = the new text, the old one given back. True if it changed. */
bool intern_set(struct intern *pool, const char **slot, const char *s,
                 size_t len);

/* How much of the text the pool would hold. */
size_t intern_length(const char *s, size_t len);

size_t intern_count(const struct intern *pool);
size_t intern_bytes(const struct intern *pool);

#endif
