#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/secret.h"
#include "data/kube/yaml_priv.h"

int kube_yaml_fail(const struct kube_yaml_at *at, struct error *err,
                   const char *fmt, ...)
{
    char what[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return error_set(err, ERR_CONFIG, "%s:%u: %s%s%s",
                     kube_yaml_short(at->yaml->name), at->line, at->path,
                     at->path[0] != '\0' ? ": " : "", what);
}

static bool is_one_of(const yaml_node_t *n, const char *const *words)
{
    if (n->type != YAML_SCALAR_NODE ||
        n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (; *words != NULL; words++) {
        if (strlen(*words) == n->data.scalar.length &&
            memcmp(*words, n->data.scalar.value, n->data.scalar.length) == 0)
            return true;
    }
    return false;
}

bool kube_yaml_is_null(const yaml_node_t *n)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

    return is_one_of(n, words);
}

int kube_yaml_truth(const yaml_node_t *n)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON",  NULL};
    static const char *const no[] = {"false", "False", "FALSE", "no",  "No",
                                     "NO",    "off",   "Off",   "OFF", NULL};

    if (is_one_of(n, yes))
        return 1;
    return is_one_of(n, no) ? 0 : -1;
}

struct kube_yaml_at kube_yaml_root(const struct kube_yaml *y)
{
    struct kube_yaml_at at = {.yaml = y, .line = 1, .column = 1};
    const yaml_node_t *n = y->doc.nodes.start;

    if (n != NULL && n < y->doc.nodes.top && !kube_yaml_is_null(n)) {
        at.node = 1;
        at.line = (unsigned)n->start_mark.line + 1;
        at.column = (unsigned)n->start_mark.column + 1;
    }
    return at;
}

static struct kube_yaml_at child(const struct kube_yaml_at *parent, int node,
                                 const char *key, size_t index)
{
    struct kube_yaml_at at = {.yaml = parent->yaml,
                              .line = parent->line,
                              .column = parent->column};
    const yaml_node_t *n = kube_yaml_node(parent->yaml, node);
    int written;

    if (n != NULL) {
        at.line = (unsigned)n->start_mark.line + 1;
        at.column = (unsigned)n->start_mark.column + 1;
        at.node = kube_yaml_is_null(n) ? 0 : node;
    }
    if (key != NULL) {
        written = snprintf(at.path, sizeof at.path, "%s%s%s", parent->path,
                           parent->path[0] != '\0' ? "." : "", key);
    } else {
        written =
            snprintf(at.path, sizeof at.path, "%s[%zu]", parent->path, index);
    }
    if (written < 0)
        at.path[0] = '\0';
    return at;
}

static bool key_is(const struct kube_yaml *y, int key, const char *want)
{
    const yaml_node_t *n = kube_yaml_node(y, key);

    return n != NULL && n->type == YAML_SCALAR_NODE &&
           n->data.scalar.length == strlen(want) &&
           memcmp(n->data.scalar.value, want, n->data.scalar.length) == 0;
}

/* The value's node, 0 = absent; *ret_again is a second one, 0 = none. */
static int find(const struct kube_yaml *y, int map, const char *key,
                int *ret_again)
{
    const yaml_node_t *n = kube_yaml_node(y, map);
    int found = 0;

    *ret_again = 0;
    if (n == NULL || n->type != YAML_MAPPING_NODE)
        return 0;
    for (const yaml_node_pair_t *p = n->data.mapping.pairs.start;
         p < n->data.mapping.pairs.top; p++) {
        if (!key_is(y, p->key, key))
            continue;
        if (found != 0) {
            *ret_again = p->value;
            return found;
        }
        found = p->value;
    }
    return found;
}

static int find_merged(const struct kube_yaml *y, int map, const char *key);

/* Through "<<", whose value is a mapping or a list of mappings. */
static int find_outside(const struct kube_yaml *y, int map, const char *key)
{
    int again, found = 0, from = find(y, map, "<<", &again);
    const yaml_node_t *n = kube_yaml_node(y, from);

    if (n == NULL)
        return 0;
    if (n->type != YAML_SEQUENCE_NODE)
        return find_merged(y, from, key);
    for (const yaml_node_item_t *i = n->data.sequence.items.start;
         i < n->data.sequence.items.top && found == 0; i++)
        found = find_merged(y, *i, key);
    return found;
}

static int find_merged(const struct kube_yaml *y, int map, const char *key)
{
    int again, found = find(y, map, key, &again);

    return found != 0 ? found : find_outside(y, map, key);
}

int kube_yaml_field(const struct kube_yaml_at *map, const char *key,
                    struct kube_yaml_at *ret, struct error *err)
{
    const yaml_node_t *n = kube_yaml_node(map->yaml, map->node);
    struct kube_yaml_at at;
    int again = 0, found = 0;

    if (n != NULL && n->type != YAML_MAPPING_NODE)
        return kube_yaml_fail(map, err, "wrong type, expected a mapping");
    if (n != NULL)
        found = find(map->yaml, map->node, key, &again);
    if (found == 0 && n != NULL)
        found = find_outside(map->yaml, map->node, key);
    at = child(map, found, key, 0);
    if (again != 0) {
        unsigned first = at.line;

        at = child(map, again, key, 0);
        return kube_yaml_fail(&at, err, "given twice, first on line %u", first);
    }
    *ret = at;
    return 0;
}

static int typed_field(const struct kube_yaml_at *map, const char *key,
                       yaml_node_type_t type, struct kube_yaml_at *ret,
                       struct error *err)
{
    struct kube_yaml_at at;
    const yaml_node_t *n;
    int code = kube_yaml_field(map, key, &at, err);

    if (code != 0)
        return code;
    n = kube_yaml_node(at.yaml, at.node);
    if (n != NULL && n->type != type) {
        return kube_yaml_fail(&at, err, "wrong type, expected a %s",
                              type == YAML_MAPPING_NODE ? "mapping" : "list");
    }
    *ret = at;
    return 0;
}

int kube_yaml_map(const struct kube_yaml_at *map, const char *key,
                  struct kube_yaml_at *ret, struct error *err)
{
    return typed_field(map, key, YAML_MAPPING_NODE, ret, err);
}

int kube_yaml_list(const struct kube_yaml_at *map, const char *key,
                   struct kube_yaml_at *ret, struct error *err)
{
    return typed_field(map, key, YAML_SEQUENCE_NODE, ret, err);
}

int kube_yaml_scalar(const struct kube_yaml_at *at, char **ret,
                     struct error *err)
{
    const yaml_node_t *n = kube_yaml_node(at->yaml, at->node);
    const char *s;

    if (n == NULL)
        return 0;
    if (n->type != YAML_SCALAR_NODE)
        return kube_yaml_fail(at, err, "wrong type, expected a text");
    s = (const char *)n->data.scalar.value;
    if (memchr(s, '\0', n->data.scalar.length) != NULL)
        return kube_yaml_fail(at, err, "has a NUL byte, expected a text");
    if (n->data.scalar.length > 0)
        *ret = xstrndup(s, n->data.scalar.length);
    return 0;
}

int kube_yaml_text(const struct kube_yaml_at *map, const char *key, char **ret,
                   struct error *err)
{
    struct kube_yaml_at at;
    int code = kube_yaml_field(map, key, &at, err);

    return code != 0 ? code : kube_yaml_scalar(&at, ret, err);
}

int kube_yaml_bool(const struct kube_yaml_at *map, const char *key, bool *ret,
                   struct error *err)
{
    struct kube_yaml_at at;
    int truth, code = kube_yaml_field(map, key, &at, err);

    if (code != 0 || at.node == 0)
        return code;
    truth = kube_yaml_truth(kube_yaml_node(at.yaml, at.node));
    if (truth < 0)
        return kube_yaml_fail(&at, err, "bad value, expected true or false");
    *ret = truth == 1;
    return 0;
}

int kube_yaml_texts(const struct kube_yaml_at *map, const char *key,
                    char ***ret, struct error *err)
{
    struct kube_yaml_at list;
    size_t count;
    char **texts;
    int code = kube_yaml_list(map, key, &list, err);

    if (code != 0)
        return code;
    count = kube_yaml_count(&list);
    if (count == 0)
        return 0;
    texts = xcalloc(count + 1, sizeof *texts);
    for (size_t i = 0; i < count && code == 0; i++) {
        struct kube_yaml_at item = kube_yaml_item(&list, i);

        code = kube_yaml_scalar(&item, &texts[i], err);
        if (code == 0 && texts[i] == NULL)
            texts[i] = xstrdup("");
    }
    if (code != 0) {
        kube_secret_free_list(texts);
        return code;
    }
    *ret = texts;
    return 0;
}

size_t kube_yaml_count(const struct kube_yaml_at *at)
{
    const yaml_node_t *n = kube_yaml_node(at->yaml, at->node);

    if (n == NULL || n->type == YAML_SCALAR_NODE)
        return 0;
    if (n->type == YAML_SEQUENCE_NODE) {
        return (size_t)(n->data.sequence.items.top -
                        n->data.sequence.items.start);
    }
    return (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
}

struct kube_yaml_at kube_yaml_item(const struct kube_yaml_at *list, size_t i)
{
    const yaml_node_t *n = kube_yaml_node(list->yaml, list->node);

    assert(n != NULL && n->type == YAML_SEQUENCE_NODE);
    return child(list, n->data.sequence.items.start[i], NULL, i);
}

void kube_yaml_at_key(const struct kube_yaml_at *map, size_t i,
                      struct kube_yaml_at *at)
{
    const yaml_node_t *n = kube_yaml_node(map->yaml, map->node);
    const yaml_node_t *key;

    assert(n != NULL && n->type == YAML_MAPPING_NODE);
    key = kube_yaml_node(map->yaml, n->data.mapping.pairs.start[i].key);
    assert(key != NULL);
    at->line = (unsigned)key->start_mark.line + 1;
    at->column = (unsigned)key->start_mark.column + 1;
}

int kube_yaml_pair(const struct kube_yaml_at *map, size_t i,
                   const char **ret_key, struct kube_yaml_at *ret,
                   struct error *err)
{
    const yaml_node_t *n = kube_yaml_node(map->yaml, map->node);
    const yaml_node_pair_t *pair;
    const yaml_node_t *key;

    assert(n != NULL && n->type == YAML_MAPPING_NODE);
    pair = n->data.mapping.pairs.start + i;
    key = kube_yaml_node(map->yaml, pair->key);
    if (key == NULL || key->type != YAML_SCALAR_NODE ||
        memchr(key->data.scalar.value, '\0', key->data.scalar.length) != NULL)
        return kube_yaml_fail(map, err, "bad key, expected a text");
    *ret_key = (const char *)key->data.scalar.value;
    *ret = child(map, pair->value, *ret_key, 0);
    return 0;
}
