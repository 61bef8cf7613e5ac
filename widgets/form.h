/*
 * The forms: which fields an act asks for, here or on a cluster.
 *
 * A field's key is where what it says goes (want_put, data/act/plan.h);
 * `choices` are cycled with Left and Right, and anything else can be typed.
 * Where a form has a `file` and one is named there, fields that nobody
 * touched say nothing: the file's object does.
 */
#ifndef WIDGETS_FORM_H
#define WIDGETS_FORM_H

#include "data/act/plan.h"

struct form_field {
    const char *key, *label;
    const char *hint; /* dim, while it is empty */
    bool optional;
    const char *const *choices; /* NULL-terminated; NULL: none */
};

struct form {
    const struct form_field *at;
    int count;
    const char *file; /* key of the field that names a file; NULL none */
    bool edits;       /* ^E opens the object in an editor */
    const char *head; /* comment above the text there; NULL none */
};

/* Where the act is done: here, in a cluster, at a control plane. */
enum form_at { FORM_HERE, FORM_CLUSTER, FORM_PLANE };

/* NULL: the act has none. */
const struct form *form_of(enum act a, enum form_at at);
/* What confirms high friction, and the reason of the critical. */
extern const struct form_field form_confirm, form_reason;

#endif
