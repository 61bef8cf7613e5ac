#include "config.h"

#include "data/fracta/mission.h"

#include "base/xalloc.h"
#include "data/fracta/document.h"
#include "data/json/pick.h"
#include "data/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct known {
    int64_t id; /* FACT_NONE: not known, or none */
    char status[24], objective[72];
};

struct fracta_mission {
    struct document *document;
    char name[72];
    struct known is;
    void (*changed)(void *arg);
    void *arg;
    void (*closed)(void *arg);
    void *closed_arg;
};

enum { ID, STATUS, OBJECTIVE };

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct known *k = arg;
    char *to = field == STATUS ? k->status : k->objective;
    size_t size = field == STATUS ? sizeof k->status : sizeof k->objective;

    if (field == ID)
        pick_int(v, 1, INT64_MAX / 2, &k->id);
    else if (v->type == PICK_STRING)
        snprintf(to, size, "%.*s", (int)(v->text.n < size ? v->text.n : size),
                 v->text.p);
}

static bool on_told(struct span body, const struct http_answer *answer,
                    const struct error *err, void *arg)
{
    static const struct pick_rule rules[] = {{"mission.mission_id", ID},
                                             {"mission.status", STATUS},
                                             {"mission.objective_id",
                                              OBJECTIVE},
                                             {NULL, 0}};
    struct fracta_mission *m = arg;
    struct known k = {.id = FACT_NONE}, was = m->is;
    struct error bad;
    struct pick *p;

    if (err->code == 0) {
        p = pick_create(rules);
        if (pick_run(p, body.p, body.n, on_value, &k, &bad) != 0)
            k = (struct known){.id = FACT_NONE};
        pick_destroy(p);
    } else if (answer->status == 404) {
        snprintf(k.status, sizeof k.status, MISSION_NONE);
    } else if (err->code != ERR_SERVER && err->code != ERR_LIMIT) {
        return false; /* what was told stands until something else is */
    }
    m->is = k;
    if (k.id == was.id && strcmp(k.status, was.status) == 0 &&
        strcmp(k.objective, was.objective) == 0)
        return false;
    m->changed(m->arg);
    return true;
}

struct fracta_mission *fracta_mission_create(struct http *http,
                                             const struct http_target *target,
                                             void (*changed)(void *arg),
                                             void *arg)
{
    struct fracta_mission *m = xcalloc(1, sizeof *m);
    const struct document_want want = {MISSION_MS, MISSION_BODY_MAX, on_told,
                                       m};

    m->is.id = FACT_NONE;
    m->changed = changed;
    m->arg = arg;
    m->document = document_create(http, target, &want);
    return m;
}

void fracta_mission_look(struct fracta_mission *m, const char *name)
{
    char path[200] = "";

    if (strcmp(m->name, name) == 0)
        return;
    snprintf(m->name, sizeof m->name, "%s", name);
    m->is = (struct known){.id = FACT_NONE};
    if (name[0] != '\0')
        snprintf(path, sizeof path, "/api/v1/agents/%s/mission", name);
    document_path(m->document, path);
    document_kick(m->document);
}

void fracta_mission_kick(struct fracta_mission *m)
{
    document_kick(m->document);
}

void fracta_mission_put(const struct fracta_mission *m, struct run_facts *ret)
{
    if (!span_is(ret->name, m->name))
        return;
    if (m->is.id != FACT_NONE)
        ret->mission = m->is.id;
    if (m->is.status[0] != '\0')
        ret->mission_status = span_of(m->is.status);
    if (ret->objective.n == 0 && m->is.objective[0] != '\0')
        ret->objective = span_of(m->is.objective);
}

static void on_closed(void *arg)
{
    struct fracta_mission *m = arg;
    void (*closed)(void *) = m->closed;
    void *closed_arg = m->closed_arg;

    free(m);
    closed(closed_arg);
}

void fracta_mission_close(struct fracta_mission *m, void (*closed)(void *arg),
                          void *arg)
{
    m->closed = closed;
    m->closed_arg = arg;
    document_close(m->document, on_closed, m);
}
