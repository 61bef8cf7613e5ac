/*
 * What one may do where, as far as a source has asked: an act per namespace.
 * What was not asked is not denied; the server decides in the end.
 */
#ifndef DATA_RIGHTS_H
#define DATA_RIGHTS_H

#include "data/act/plan.h"

#define RIGHTS_MAX 64 /* namespaces; more are not asked about */

/* What an act needs on a Kubernetes API server. */
struct right {
    const char *verb, *group;
    const char *resource; /* with its subresource: "proposals/status" */
};
/* NULL: nothing that could be asked. */
const struct right *right_of(enum act a);
/* "patch proposals/status" */
void right_name(enum act a, char *ret, size_t size);

struct rights {
    struct {
        char ns[ACT_NAME];
        uint32_t known, denied; /* bits by enum act */
        int64_t asked_ms;       /* the asker's clock */
    } at[RIGHTS_MAX];
    int count;
};

/* False when there is no room for another namespace. */
bool rights_set(struct rights *r, const char *ns, enum act a, bool allowed);
bool rights_known(const struct rights *r, const char *ns, enum act a);
bool rights_denied(const struct rights *r, const char *ns, enum act a);
/* When they were asked, 0 never; and that they were. */
int64_t rights_asked(const struct rights *r, const char *ns);
void rights_ask(struct rights *r, const char *ns, int64_t now_ms);
/* All is to be asked again. */
void rights_forget(struct rights *r);

#endif
