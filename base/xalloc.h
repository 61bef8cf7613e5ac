/*
 * Allocation that cannot fail for small sizes the program itself chose.
 *
 * Sizes that a peer chooses are checked against a limit by the caller first.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xcalloc(size_t n, size_t size) __attribute__((returns_nonnull, malloc));
void *xrealloc(void *p, size_t n, size_t size)
    __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((returns_nonnull, malloc));
/* NULL of NULL. */
char *xstrdup_or_null(const char *s) __attribute__((malloc));
char *xstrndup(const char *s, size_t len)
    __attribute__((returns_nonnull, malloc));
char *xasprintf(const char *fmt, ...)
    __attribute__((returns_nonnull, malloc, format(printf, 1, 2)));

/* Gives what is free back to the system; costs a millisecond or so. */
void xtrim(void);

#endif
