#include "config.h"

#include "habitat/body.h"

#include "base/xalloc.h"
#include "data/json/pick.h"

#include <string.h>

#define WANTS_MAX 40

struct reading {
    struct request *request;
    const struct body_want *wants;
    struct error *err;
};

static struct span keep(struct request *r, struct span a, struct span b)
{
    char *p = request_keep(r, a.n + b.n + 2);

    memcpy(p, a.p, a.n);
    if (b.p != NULL) {
        p[a.n] = '=';
        memcpy(p + a.n + 1, b.p, b.n);
    }
    return (struct span){p, a.n + (b.p != NULL ? b.n + 1 : 0)};
}

static void add_text(struct reading *g, const struct body_want *w,
                     struct span text)
{
    struct body_texts *t = w->at;

    if (t->at == NULL)
        t->at = request_keep(g->request, BODY_TEXTS_MAX * sizeof *t->at);
    if (t->count == BODY_TEXTS_MAX)
        error_set(g->err, ERR_LIMIT, "%s: more than %d", w->path,
                  BODY_TEXTS_MAX);
    else
        t->at[t->count++] = text;
}

static void wrong(struct reading *g, const struct body_want *w,
                  const char *expected)
{
    if (g->err->code == 0)
        error_set(g->err, ERR_SYNTAX, "%s: %s was expected", w->path,
                  expected);
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reading *g = arg;
    const struct body_want *w = &g->wants[field];
    const struct span none = {NULL, 0};

    if (v->type == PICK_NULL)
        return;
    switch (w->type) {
    case BODY_TEXT:
        if (v->type != PICK_STRING)
            wrong(g, w, "text");
        else
            *(struct span *)w->at = keep(g->request, v->text, none);
        break;
    case BODY_INT:
        if (v->type != PICK_NUMBER ||
            !pick_int(v, -INT64_MAX, INT64_MAX, w->at))
            wrong(g, w, "a whole number");
        break;
    case BODY_DOUBLE:
        if (v->type != PICK_NUMBER || !pick_double(v, -1e18, 1e18, w->at))
            wrong(g, w, "a number");
        break;
    case BODY_BOOL:
        if (v->type != PICK_BOOL)
            wrong(g, w, "true or false");
        else
            *(bool *)w->at = pick_true(v);
        break;
    case BODY_TEXTS:
        if (v->type == PICK_STRING)
            add_text(g, w, keep(g->request, v->text, none));
        else if (v->type != PICK_BEGIN && v->type != PICK_END)
            wrong(g, w, "a list of texts");
        break;
    case BODY_PAIRS:
        if (v->type == PICK_STRING)
            add_text(g, w, keep(g->request, v->key, v->text));
        else
            wrong(g, w, "texts by name");
        break;
    }
}

int body_read_text(struct request *r, struct span text,
                   const struct body_want *wants, int count,
                   struct error *err)
{
    struct pick_rule rules[WANTS_MAX + 1];
    struct reading g = {r, wants, err};
    struct error syntax;
    struct pick *pick;

    error_clear(err);
    if (text.n == 0)
        return 0;
    for (int i = 0; i < count; i++)
        rules[i] = (struct pick_rule){wants[i].path, i};
    rules[count] = (struct pick_rule){NULL, 0};
    pick = pick_create(rules);
    if (pick_run(pick, text.p, text.n, on_value, &g, &syntax) != 0)
        *err = syntax;
    pick_destroy(pick);
    return err->code;
}

int body_read(struct request *r, const struct body_want *wants, int count,
              struct error *err)
{
    return body_read_text(r, request_body(r), wants, count, err);
}
