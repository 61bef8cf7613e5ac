/*
 * Texts that must not stay in freed memory.
 */
#ifndef DATA_KUBE_SECRET_H
#define DATA_KUBE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Wipes and frees; NULL passes. */
void kube_secret_free(char *s);
void kube_secret_free_len(char *s, size_t len);
/* Wipes and frees each and the NULL-terminated array; NULL passes. */
void kube_secret_free_list(char **list);
/* True if s may stand in an HTTP header: no control bytes. */
bool kube_secret_is_line(const char *s);

#endif
