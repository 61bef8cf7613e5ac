/*
 * What one may do where, as far as a source has asked: an act per namespace.
 * What was not asked is not denied; the server decides in the end.
 */
#ifndef DATA_RIGHTS_H
#define DATA_RIGHTS_H

#include "data/act/plan.h"

#define RIGHTS_MAX 64 /* namespaces; more are not asked about */

struct rights {
    struct {
        char ns[ACT_NAME];
        uint32_t known, denied; /* bits by enum act */
    } at[RIGHTS_MAX];
    int count;
};

/* False when there is no room for another namespace. */
bool rights_set(struct rights *r, const char *ns, enum act a, bool allowed);
bool rights_known(const struct rights *r, const char *ns, enum act a);
bool rights_denied(const struct rights *r, const char *ns, enum act a);
/* All is to be asked again. */
void rights_forget(struct rights *r);

#endif
