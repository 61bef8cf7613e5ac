#include "config.h"

#include "data/kube/compose.h"

#include "base/hash.h"
#include "data/json/write.h"
#include "data/kube/smallfile.h"
#include "data/kube/yaml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH 200

void compose_init(struct compose *c)
{
    *c = (struct compose){.count = 0};
}

void compose_finish(struct compose *c)
{
    kube_yaml_destroy(c->file);
    c->file = NULL;
}

static int check_word(struct compose *c, const char *key, const char *want,
                      struct error *err)
{
    struct kube_yaml_at root = kube_yaml_root(c->file), at = root;
    char *text = NULL;
    int code = kube_yaml_field(&root, key, &at, err);

    if (code == 0 && at.node != 0)
        code = kube_yaml_scalar(&at, &text, err);
    if (code == 0 && text != NULL && strcmp(text, want) != 0)
        code = kube_yaml_fail(&at, err, "is \"%.60s\", expected \"%s\"", text,
                              want);
    free(text);
    return code;
}

int compose_read(struct compose *c, const char *path, const char *kind,
                 struct error *err)
{
    const char *home = getenv("HOME");
    char full[1024];
    struct error why;
    char *text;
    size_t len;

    snprintf(full, sizeof full, "%s%s",
             strncmp(path, "~/", 2) == 0 && home ? home : "",
             strncmp(path, "~/", 2) == 0 && home ? path + 1 : path);
    if (kube_smallfile_read(full, COMPOSE_FILE, &text, &len, &why) != 0)
        return error_set(err, why.code, "%.100s: %.120s", path, why.msg);
    c->file = kube_yaml_parse(text, len, full, err);
    c->file_hash = hash_more(0, text, len);
    free(text);
    if (c->file == NULL)
        return ERR_CONFIG;
    if (kube_yaml_root(c->file).node == 0)
        return error_set(err, ERR_CONFIG, "%.100s: it is empty", path);
    if (kube_yaml_has_more(c->file))
        return error_set(err, ERR_CONFIG,
                         "%.100s: more than one document, expected one %s",
                         path, kind);
    if (check_word(c, "kind", kind, err) != 0)
        return err->code;
    return check_word(c, "apiVersion", "kgents.io/v1", err);
}

static bool is_yes(const char *s)
{
    return strcmp(s, "yes") == 0 || strcmp(s, "true") == 0;
}

/* Digits alone, a sign, a point: what strtod takes beside is no JSON. */
static bool is_number(const char *s, bool whole, double *ret)
{
    char *end;

    if (s[strspn(s, whole ? "-0123456789" : "-.0123456789")] != '\0')
        return false;
    *ret = strtod(s, &end);
    return end != s && *end == '\0' && isfinite(*ret) && fabs(*ret) < 1e12;
}

int compose_set(struct compose *c, const char *path, enum compose_type type,
                const char *text, struct error *err)
{
    double d;

    if (type == COMPOSE_INT && !is_number(text, true, &d))
        return error_set(err, ERR_SYNTAX, "a whole number is expected");
    if (type == COMPOSE_NUMBER && !is_number(text, false, &d))
        return error_set(err, ERR_SYNTAX, "a number is expected");
    if (type == COMPOSE_YES && !is_yes(text) && strcmp(text, "no") != 0 &&
        strcmp(text, "false") != 0)
        return error_set(err, ERR_SYNTAX, "yes or no is expected");
    if (c->count == COMPOSE_SETS)
        return error_set(err, ERR_LIMIT, "too many fields");
    c->sets[c->count].path = path;
    c->sets[c->count].type = type;
    c->sets[c->count++].text = text;
    return 0;
}

static int exact(const struct compose *c, const char *path)
{
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->sets[i].path, path) == 0)
            return i;
    return -1;
}

/* Where the file speaks of it; false: it does not. */
static bool filed_at(const struct compose *c, const char *path,
                     struct kube_yaml_at *ret)
{
    struct error ignored;
    char key[64];

    if (c->file == NULL)
        return false;
    *ret = kube_yaml_root(c->file);
    while (*path != '\0') {
        size_t n = strcspn(path, ".");

        snprintf(key, sizeof key, "%.*s", (int)n, path);
        if (kube_yaml_field(ret, key, ret, &ignored) != 0 || ret->node == 0)
            return false;
        path += n + (path[n] == '.');
    }
    return true;
}

bool compose_filed(const struct compose *c, const char *path)
{
    struct kube_yaml_at at;

    return filed_at(c, path, &at);
}

const char *compose_get(const struct compose *c, const char *path, char *ret,
                        size_t size)
{
    int i = exact(c, path);
    struct kube_yaml_at at;
    struct error ignored;
    char *text = NULL;

    ret[0] = '\0';
    if (i >= 0) {
        snprintf(ret, size, "%s", c->sets[i].text);
    } else if (filed_at(c, path, &at) &&
               kube_yaml_scalar(&at, &text, &ignored) == 0 && text != NULL) {
        snprintf(ret, size, "%s", text);
        free(text);
    }
    return ret;
}

unsigned compose_line(const struct compose *c, const char *path)
{
    struct kube_yaml_at at;

    return exact(c, path) < 0 && filed_at(c, path, &at) ? at.line : 0;
}

static void put_value(struct json *j, const char *key, enum compose_type type,
                      const char *text)
{
    switch (type) {
    case COMPOSE_INT:
        json_int(j, key, strtoll(text, NULL, 10));
        break;
    case COMPOSE_NUMBER:
        json_double(j, key, strtod(text, NULL));
        break;
    case COMPOSE_YES:
        json_bool(j, key, is_yes(text));
        break;
    default:
        json_text(j, key, text);
    }
}

/* What only the server says. */
static bool servers_own(const char *path)
{
    static const char *const paths[] = {
        "status", "metadata.uid", "metadata.resourceVersion",
        "metadata.generation", "metadata.creationTimestamp",
        "metadata.managedFields", "metadata.selfLink",
        "metadata.deletionTimestamp", "metadata.deletionGracePeriodSeconds"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcmp(paths[i], path) == 0)
            return true;
    return false;
}

static bool below(const char *path, const char *prefix, size_t n)
{
    return n == 0 || (strncmp(path, prefix, n) == 0 && path[n] == '.');
}

static bool leads(const struct compose *c, const char *path)
{
    for (int i = 0; i < c->count; i++)
        if (below(c->sets[i].path, path, strlen(path)))
            return true;
    return false;
}

struct making {
    struct compose *c;
    struct json j;
    struct error *err;
    int code;
};

static void raw(struct making *m, const char *key,
                const struct kube_yaml_at *at)
{
    struct buf b;

    buf_init(&b, COMPOSE_BODY);
    if (kube_yaml_json(at, &b))
        json_raw(&m->j, key, buf_text(&b), b.len);
    else
        m->code = error_set(m->err, ERR_LIMIT, "it is too large");
    buf_finish(&b);
}

static void put_map(struct making *m, const char *key, const char *path,
                    const struct kube_yaml_at *at);

static void put_filed(struct making *m, const char *path,
                      const struct kube_yaml_at *at)
{
    size_t count = at != NULL ? kube_yaml_count(at) : 0;
    char inner[PATH];

    for (size_t i = 0; i < count && m->code == 0; i++) {
        struct kube_yaml_at value;
        const char *key;

        m->code = kube_yaml_pair(at, i, &key, &value, m->err);
        if (m->code != 0)
            return;
        snprintf(inner, sizeof inner, "%s%s%s", path, path[0] ? "." : "", key);
        if (strcmp(key, "<<") == 0)
            m->code = kube_yaml_fail(&value, m->err,
                                     "merge keys are not followed here");
        else if (strchr(key, '.') != NULL) /* "a.b" is not b in a */
            raw(m, key, &value);
        else if (servers_own(inner))
            m->c->dropped = true;
        else if (exact(m->c, inner) >= 0)
            continue; /* a field says otherwise */
        else if (leads(m->c, inner))
            put_map(m, key, inner, &value);
        else
            raw(m, key, &value);
    }
}

/* Was this mapping written, by the file or for a set before? */
static bool written(const struct making *m, const char *path,
                    const struct kube_yaml_at *at, const char *key, int set)
{
    size_t n = strlen(path);
    struct kube_yaml_at value;
    const char *k;
    struct error ignored;

    for (int i = 0; i < set; i++)
        if (below(m->c->sets[i].path, path, n) &&
            below(m->c->sets[i].path + n + (n > 0), key, strlen(key)))
            return true;
    for (size_t i = 0; at != NULL && i < kube_yaml_count(at); i++)
        if (kube_yaml_pair(at, i, &k, &value, &ignored) == 0 &&
            strcmp(k, key) == 0)
            return true;
    return false;
}

static void put_map(struct making *m, const char *key, const char *path,
                    const struct kube_yaml_at *at)
{
    size_t n = strlen(path);
    struct kube_yaml_at none;
    char inner[PATH], step[64];

    /* that it is a mapping, or nothing */
    if (at != NULL && (m->code = kube_yaml_field(at, "", &none, m->err)) != 0)
        return;
    json_map(&m->j, key);
    for (int i = 0; i < m->c->count; i++) {
        const char *rest = m->c->sets[i].path + n + (n > 0);

        if (below(m->c->sets[i].path, path, n) && strchr(rest, '.') == NULL)
            put_value(&m->j, rest, m->c->sets[i].type, m->c->sets[i].text);
    }
    put_filed(m, path, at);
    for (int i = 0; i < m->c->count && m->code == 0; i++) {
        const char *rest = m->c->sets[i].path + n + (n > 0);

        if (!below(m->c->sets[i].path, path, n) || strchr(rest, '.') == NULL)
            continue;
        snprintf(step, sizeof step, "%.*s", (int)strcspn(rest, "."), rest);
        if (!written(m, path, at, step, i)) {
            snprintf(inner, sizeof inner, "%s%s%s", path, n > 0 ? "." : "",
                     step);
            put_map(m, step, inner, NULL);
        }
    }
    json_map_end(&m->j);
}

/* As people read an object: what it is, its names, then the rest. */
static int place_of(const char *path)
{
    return strchr(path, '.') == NULL               ? 0
           : strncmp(path, "metadata.", 9) == 0 ? 1
                                                  : 2;
}

static void order(struct compose *c)
{
    for (int i = 1; i < c->count; i++)
        for (int k = i; k > 0 && place_of(c->sets[k].path) <
                                     place_of(c->sets[k - 1].path); k--) {
            struct compose_entry had = c->sets[k];

            c->sets[k] = c->sets[k - 1];
            c->sets[k - 1] = had;
        }
}

int compose_json(struct compose *c, struct buf *ret, struct error *err)
{
    struct making m = {.c = c, .err = err};
    struct kube_yaml_at root;

    if (c->file != NULL)
        root = kube_yaml_root(c->file);
    order(c);
    json_begin(&m.j, ret);
    put_map(&m, NULL, "", c->file != NULL ? &root : NULL);
    if (!json_end(&m.j) && m.code == 0)
        m.code = error_set(err, ERR_LIMIT, "it is too large");
    return m.code;
}
