#include "config.h"

#include "data/json/pick.h"

#include "base/buf.h"
#include "base/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/*
 * Rules become a tree of keys. While reading, `at` holds one tree node per
 * open container: NONE below a path nobody asked for. An array element uses
 * the child named "[]".
 */

#define NONE (-1)
#define SCRATCH_MAX (16u << 20)
#define KEYS_MAX (64u << 10)

struct node {
    uint32_t key; /* where in `keys`; "*" any, "[]" element */
    uint16_t len;
    int16_t field; /* NONE: only a step on the way */
    int16_t child, next;
};

struct frame {
    int node;
    bool array;
    int field; /* reported at its end */
};

struct pick {
    struct node *nodes;
    int count;
    int prefix, root; /* where the first rules begin; where this run does */
    struct buf keys;  /* of all nodes, end to end */
    yajl_handle yajl;
    struct buf *scratch; /* decoded strings of this document, in blocks */
    int blocks;
    struct frame stack[PICK_DEPTH_MAX + 1];
    int depth;
    int next_node; /* for the value that follows the last key */
    struct span key;
    const char *text;
    size_t text_len;
    pick_cb cb;
    void *arg;
    size_t closed_at; /* byte after the document's end; 0: not closed */
    bool too_deep;
};

static bool is_key(const struct pick *p, const struct node *n,
                   const char *key, size_t len)
{
    const char *own = p->keys.ptr + n->key;

    return n->len == len && own[0] == key[0] && memcmp(own, key, len) == 0;
}

static int new_node(struct pick *p, const char *key, size_t len)
{
    p->nodes = xrealloc(p->nodes, (size_t)p->count + 1, sizeof *p->nodes);
    p->nodes[p->count] = (struct node){(uint32_t)p->keys.len, (uint16_t)len,
                                       NONE, NONE, NONE};
    buf_add(&p->keys, key, len);
    return p->count++;
}

static int add_node(struct pick *p, int parent, const char *key, size_t len)
{
    int last = NONE, at = p->nodes[parent].child;

    for (; at != NONE; last = at, at = p->nodes[at].next)
        if (is_key(p, &p->nodes[at], key, len))
            return at;
    at = new_node(p, key, len);
    if (last == NONE)
        p->nodes[parent].child = (int16_t)at;
    else
        p->nodes[last].next = (int16_t)at;
    return at;
}

/* Walks the path from `parent`, making nodes; returns the last. */
static int add_path(struct pick *p, int parent, const char *path)
{
    char key[160];
    size_t len = 0;

    for (;; path++) {
        if (*path == '\\' && path[1] != '\0') {
            key[len++] = *++path;
        } else if (*path == '.' || *path == '[' || *path == '\0') {
            if (len > 0)
                parent = add_node(p, parent, key, len);
            len = 0;
            if (*path == '[') {
                parent = add_node(p, parent, "[]", 2);
                path++;
            }
            if (*path == '\0')
                return parent;
        } else if (len < sizeof key - 1) {
            key[len++] = *path;
        }
    }
}

static void add_rules(struct pick *p, int root, const struct pick_rule *rules)
{
    for (; rules != NULL && rules->path != NULL; rules++) {
        int n = add_path(p, root, rules->path);

        p->nodes[n].field = (int16_t)rules->field;
    }
}

struct pick *pick_create_under(const struct pick_rule *rules,
                               const char *prefix,
                               const struct pick_rule *more)
{
    struct pick *p = xcalloc(1, sizeof *p);

    buf_init(&p->keys, KEYS_MAX);
    new_node(p, "", 0);
    p->prefix = prefix != NULL ? add_path(p, 0, prefix) : 0;
    add_rules(p, p->prefix, rules);
    add_rules(p, 0, more);
    return p;
}

struct pick *pick_create(const struct pick_rule *rules)
{
    return pick_create_under(rules, NULL, NULL);
}

static void drop_scratch(struct pick *p)
{
    for (int i = 0; i < p->blocks; i++)
        buf_finish(&p->scratch[i]);
    p->blocks = 0;
}

void pick_destroy(struct pick *p)
{
    if (p == NULL)
        return;
    buf_finish(&p->keys);
    free(p->nodes);
    drop_scratch(p);
    free(p->scratch);
    if (p->yajl != NULL)
        yajl_free(p->yajl);
    free(p);
}

static bool is_any(const struct pick *p, const struct node *n)
{
    return n->len == 1 && p->keys.ptr[n->key] == '*';
}

static int child_for(const struct pick *p, int node, const char *key,
                     size_t len)
{
    int any = NONE;

    if (node == NONE)
        return NONE;
    for (int i = p->nodes[node].child; i != NONE; i = p->nodes[i].next) {
        const struct node *n = &p->nodes[i];

        if (is_key(p, n, key, len))
            return i;
        if (is_any(p, n))
            any = i;
    }
    return any;
}

/* The tree node of the value that comes now. */
static int value_node(struct pick *p)
{
    struct frame *f = &p->stack[p->depth];

    return f->array ? child_for(p, f->node, "[]", 2) : p->next_node;
}

/*
 * The tokenizer's own buffer is used again for each string with escapes;
 * such a string is kept in a block of its own for the document's life.
 */
static struct span keep(struct pick *p, const unsigned char *s, size_t len)
{
    const char *c = (const char *)s;
    struct buf *b;

    if (c >= p->text && c + len <= p->text + p->text_len)
        return (struct span){c, len};
    p->scratch =
        xrealloc(p->scratch, (size_t)p->blocks + 1, sizeof *p->scratch);
    b = &p->scratch[p->blocks++];
    buf_init(b, SCRATCH_MAX);
    buf_add(b, c, len);
    return (struct span){buf_text(b), b->len};
}

static void report(struct pick *p, int node, enum pick_type type,
                   struct span text)
{
    struct pick_value v = {type, text, p->key};

    if (node != NONE && p->nodes[node].field != NONE)
        p->cb(p->arg, p->nodes[node].field, &v);
}

static int on_null(void *arg)
{
    struct pick *p = arg;

    report(p, value_node(p), PICK_NULL, (struct span){NULL, 0});
    return 1;
}

static int on_bool(void *arg, int value)
{
    struct pick *p = arg;

    report(p, value_node(p), PICK_BOOL, span_of(value ? "true" : "false"));
    return 1;
}

static int on_number(void *arg, const char *s, size_t len)
{
    struct pick *p = arg;
    int node = value_node(p);

    if (node != NONE && p->nodes[node].field != NONE)
        report(p, node, PICK_NUMBER, keep(p, (const unsigned char *)s, len));
    return 1;
}

static int on_string(void *arg, const unsigned char *s, size_t len)
{
    struct pick *p = arg;
    int node = value_node(p);

    if (node != NONE && p->nodes[node].field != NONE)
        report(p, node, PICK_STRING, keep(p, s, len));
    return 1;
}

static int on_key(void *arg, const unsigned char *s, size_t len)
{
    struct pick *p = arg;
    int node = p->stack[p->depth].node;

    p->next_node = child_for(p, node, (const char *)s, len);
    if (p->next_node != NONE && is_any(p, &p->nodes[p->next_node]))
        p->key = keep(p, s, len);
    return 1;
}

static int begin(struct pick *p, bool array)
{
    int node = p->depth == 0 ? p->root : value_node(p);
    int field = node != NONE ? p->nodes[node].field : NONE;

    if (p->depth == PICK_DEPTH_MAX) {
        p->too_deep = true;
        return 0;
    }
    report(p, node, PICK_BEGIN, (struct span){NULL, 0});
    p->stack[++p->depth] = (struct frame){node, array, field};
    return 1;
}

static int end(struct pick *p)
{
    int field = p->stack[p->depth].field;
    struct pick_value v = {PICK_END, {NULL, 0}, {NULL, 0}};

    p->depth--;
    if (field != NONE)
        p->cb(p->arg, field, &v);
    if (p->depth == 0 && p->closed_at == 0)
        p->closed_at = yajl_get_bytes_consumed(p->yajl);
    return 1;
}

static int on_map(void *arg)
{
    return begin(arg, false);
}

static int on_array(void *arg)
{
    return begin(arg, true);
}

static int on_end(void *arg)
{
    return end(arg);
}

static const yajl_callbacks callbacks = {
    on_null, on_bool,   NULL,   NULL,   on_number, on_string,
    on_map,  on_key,    on_end, on_array, on_end,
};

static bool prepare(struct pick *p)
{
    if (p->yajl == NULL) {
        p->yajl = yajl_alloc(&callbacks, NULL, p);
        if (p->yajl == NULL)
            return false;
        yajl_config(p->yajl, yajl_dont_validate_strings, 1);
        yajl_config(p->yajl, yajl_allow_multiple_values, 1);
    }
    drop_scratch(p);
    p->depth = 0;
    p->stack[0] = (struct frame){NONE, false, NONE};
    p->next_node = NONE;
    p->key = (struct span){NULL, 0};
    p->closed_at = 0;
    p->too_deep = false;
    return true;
}

/*
 * One container and nothing but space behind it: only then does the
 * tokenizer hold no half-read token that would spoil the next document.
 */
static bool one_document(const struct pick *p)
{
    if (p->depth != 0 || p->closed_at == 0)
        return false;
    for (size_t i = p->closed_at; i < p->text_len; i++)
        if (strchr(" \t\r\n", p->text[i]) == NULL || p->text[i] == '\0')
            return false;
    return true;
}

static int run(struct pick *p, const char *text, size_t len, pick_cb cb,
               void *arg, struct error *err)
{
    yajl_status st;
    size_t used;

    if (!prepare(p))
        return error_set(err, ERR_LIMIT, "out of memory");
    p->text = text;
    p->text_len = len;
    p->cb = cb;
    p->arg = arg;
    st = yajl_parse(p->yajl, (const unsigned char *)text, len);
    if (st == yajl_status_ok && one_document(p))
        return 0;
    used = yajl_get_bytes_consumed(p->yajl);
    yajl_free(p->yajl);
    p->yajl = NULL;
    if (p->too_deep)
        return error_set(err, ERR_LIMIT, "nested too deep at byte %zu", used);
    return error_set(err, ERR_SYNTAX, "bad JSON at byte %zu", used);
}

int pick_run(struct pick *p, const char *text, size_t len, pick_cb cb,
             void *arg, struct error *err)
{
    p->root = 0;
    return run(p, text, len, cb, arg, err);
}

int pick_run_inner(struct pick *p, const char *text, size_t len, pick_cb cb,
                   void *arg, struct error *err)
{
    p->root = p->prefix;
    return run(p, text, len, cb, arg, err);
}

bool pick_int(const struct pick_value *v, int64_t min, int64_t max,
              int64_t *ret)
{
    double d;

    if (!pick_double(v, -9e18, 9e18, &d))
        return false;
    if (d < (double)min || d > (double)max)
        return false;
    *ret = (int64_t)d;
    return true;
}

bool pick_double(const struct pick_value *v, double min, double max,
                 double *ret)
{
    char num[64];
    char *stop;
    double d;

    if (v->type != PICK_NUMBER || v->text.n == 0 || v->text.n >= sizeof num)
        return false;
    memcpy(num, v->text.p, v->text.n);
    num[v->text.n] = '\0';
    d = strtod(num, &stop);
    if (*stop != '\0' || !(d >= min && d <= max))
        return false;
    *ret = d;
    return true;
}

bool pick_true(const struct pick_value *v)
{
    return v->type == PICK_BOOL && v->text.n == 4;
}
