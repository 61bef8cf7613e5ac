#include "config.h"

#include "data/rights.h"

#include <stdio.h>
#include <string.h>

const struct right *right_of(enum act a)
{
    static const struct right rights[ACT_COUNT] = {
        [ACT_APPROVE] = {"patch", "kgents.io", "proposals/status"},
        [ACT_REJECT] = {"patch", "kgents.io", "proposals/status"},
        [ACT_OVERRIDE] = {"patch", "kgents.io", "proposals/status"},
        [ACT_PROPOSE] = {"create", "kgents.io", "proposals"},
        [ACT_SPAWN] = {"create", "kgents.io", "agents"},
        [ACT_SCALE] = {"patch", "kgents.io", "agents"},
        [ACT_KILL] = {"delete", "kgents.io", "agents"},
        [ACT_PAUSE] = {"patch", "apps", "deployments/scale"},
        [ACT_RESUME] = {"patch", "apps", "deployments/scale"},
        [ACT_RESTART] = {"patch", "apps", "deployments"},
        [ACT_DEPOSIT] = {"create", "kgents.io", "pheromones"},
        [ACT_WIPE] = {"delete", "kgents.io", "pheromones"},
        /* over a WebSocket, which every server takes for a get; those from
           1.35 on want create besides, and say so when it is missing */
        [ACT_EXEC] = {"get", "", "pods/exec"},
        [ACT_ATTACH] = {"get", "", "pods/attach"},
        [ACT_FORWARD] = {"get", "", "pods/portforward"},
        [ACT_SAY] = {"get", "", "pods/portforward"},
    };

    return rights[a].verb != NULL ? &rights[a] : NULL;
}

void right_name(enum act a, char *ret, size_t size)
{
    const struct right *r = right_of(a);

    snprintf(ret, size, "%s %s", r ? r->verb : act_name(a),
             r ? r->resource : "");
}

static int find(const struct rights *r, const char *ns)
{
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->at[i].ns, ns) == 0)
            return i;
    return -1;
}

static int make(struct rights *r, const char *ns)
{
    int i = find(r, ns);

    if (i >= 0 || r->count == RIGHTS_MAX)
        return i;
    i = r->count++;
    memset(&r->at[i], 0, sizeof r->at[i]);
    snprintf(r->at[i].ns, sizeof r->at[i].ns, "%s", ns);
    return i;
}

bool rights_set(struct rights *r, const char *ns, enum act a, bool allowed)
{
    int i = make(r, ns);

    if (i < 0)
        return false;
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

int64_t rights_asked(const struct rights *r, const char *ns)
{
    int i = find(r, ns);

    return i >= 0 ? r->at[i].asked_ms : 0;
}

void rights_ask(struct rights *r, const char *ns, int64_t now_ms)
{
    int i = make(r, ns);

    if (i >= 0)
        r->at[i].asked_ms = now_ms;
}

void rights_forget(struct rights *r)
{
    r->count = 0;
}
