/* Base64, standard alphabet with padding (RFC 4648 §4). */
#ifndef DATA_KUBE_BASE64_H
#define DATA_KUBE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* A copy the caller frees. */
char *kube_base64_encode(const char *s, size_t len);

/*
 * A NUL-terminated copy the caller frees; line ends inside are skipped, as
 * Go does. NULL on anything else, *ret_bad is then the offset of the byte
 * that does not fit (len: the text ends too early).
 */
char *kube_base64_decode(const char *s, size_t len, size_t *ret_len,
                         size_t *ret_bad);

#endif
