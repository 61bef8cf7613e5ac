/*
 * What may stand in the path of a request.
 */
#ifndef DATA_KUBE_PATH_H
#define DATA_KUBE_PATH_H

#include "base/buf.h"

/* The characters that names have beside letters and digits. */
#define KUBE_PATH_NAME "-."   /* of what is acted on */
#define KUBE_PATH_POD "-._"   /* of pods and their containers */
#define KUBE_PATH_ANY "-._:"  /* of any kind that is read */

/*
 * May it stand there as it is? Not NULL, not empty, nothing but letters,
 * digits and the characters of `more`.
 */
bool kube_path_safe(const char *s, const char *more);

/* Percent-encoded, as a part of a query. */
void kube_path_query(struct buf *b, const char *s);

#endif
