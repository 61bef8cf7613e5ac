/* What an exec plugin says to people, made harmless. */
#ifndef DATA_KUBE_EXEC_TEXT_H
#define DATA_KUBE_EXEC_TEXT_H

#include <stddef.h>

/*
 * A copy without control bytes and escape sequences; line ends and tabs
 * become blanks. At most max bytes. The caller frees.
 */
char *kube_exec_clean(const char *s, size_t len, size_t max);

/* The last line that is not blank, cleaned; "" if there is none. */
char *kube_exec_last_line(const char *s, size_t len, size_t max);

#endif
