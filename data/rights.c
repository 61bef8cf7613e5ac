#include "config.h"

#include "data/rights.h"

#include <stdio.h>
#include <string.h>

static int find(const struct rights *r, const char *ns)
{
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->at[i].ns, ns) == 0)
            return i;
    return -1;
}

bool rights_set(struct rights *r, const char *ns, enum act a, bool allowed)
{
    int i = find(r, ns);

    if (i < 0) {
        if (r->count == RIGHTS_MAX)
            return false;
        i = r->count++;
        memset(&r->at[i], 0, sizeof r->at[i]);
        snprintf(r->at[i].ns, sizeof r->at[i].ns, "%s", ns);
    }
    r->at[i].known |= 1u << a;
    r->at[i].denied &= ~(1u << a);
    r->at[i].denied |= allowed ? 0 : 1u << a;
    return true;
}

bool rights_known(const struct rights *r, const char *ns, enum act a)
{
    int i = find(r, ns);

    return i >= 0 && (r->at[i].known & 1u << a) != 0;
}

bool rights_denied(const struct rights *r, const char *ns, enum act a)
{
    int i = r != NULL ? find(r, ns) : -1;

    return i >= 0 && (r->at[i].denied & 1u << a) != 0;
}

void rights_forget(struct rights *r)
{
    r->count = 0;
}
