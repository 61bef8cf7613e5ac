#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "data/kube/yaml_priv.h"

/* The grammar of RFC 8259 §6. */
static bool is_number(const char *s, size_t len)
{
    const char *end = s + len;
    const char *digits;

    if (s < end && *s == '-')
        s++;
    digits = s;
    while (s < end && *s >= '0' && *s <= '9')
        s++;
    if (s == digits || (*digits == '0' && s - digits > 1))
        return false;
    if (s < end && *s == '.') {
        digits = ++s;
        while (s < end && *s >= '0' && *s <= '9')
            s++;
        if (s == digits)
            return false;
    }
    if (s < end && (*s == 'e' || *s == 'E')) {
        s++;
        if (s < end && (*s == '-' || *s == '+'))
            s++;
        digits = s;
        while (s < end && *s >= '0' && *s <= '9')
            s++;
        if (s == digits)
            return false;
    }
    return s == end;
}

static void put_scalar(yajl_gen g, const yaml_node_t *n)
{
    const char *s = (const char *)n->data.scalar.value;
    size_t len = n->data.scalar.length;
    int truth = kube_yaml_truth(n);

    if (kube_yaml_is_null(n))
        yajl_gen_null(g);
    else if (truth >= 0)
        yajl_gen_bool(g, truth);
    else if (n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
             is_number(s, len))
        yajl_gen_number(g, s, len);
    else
        yajl_gen_string(g, n->data.scalar.value, len);
}

static void put_key(yajl_gen g, const yaml_node_t *n)
{
    if (n != NULL && n->type == YAML_SCALAR_NODE)
        yajl_gen_string(g, n->data.scalar.value, n->data.scalar.length);
    else
        yajl_gen_string(g, (const unsigned char *)"?", 1);
}

static void put(yajl_gen g, const struct kube_yaml *y, int at)
{
    const yaml_node_t *n = kube_yaml_node(y, at);

    switch (n != NULL ? n->type : YAML_NO_NODE) {
    case YAML_SCALAR_NODE:
        put_scalar(g, n);
        break;
    case YAML_SEQUENCE_NODE:
        yajl_gen_array_open(g);
        for (const yaml_node_item_t *i = n->data.sequence.items.start;
             i < n->data.sequence.items.top; i++)
            put(g, y, *i);
        yajl_gen_array_close(g);
        break;
    case YAML_MAPPING_NODE:
        yajl_gen_map_open(g);
        for (const yaml_node_pair_t *i = n->data.mapping.pairs.start;
             i < n->data.mapping.pairs.top; i++) {
            put_key(g, kube_yaml_node(y, i->key));
            put(g, y, i->value);
        }
        yajl_gen_map_close(g);
        break;
    default:
        yajl_gen_null(g);
    }
}

static void put_bytes(void *arg, const char *s, size_t len)
{
    struct buf *b = arg;

    /* Once over the cap, later and smaller pieces must not fit again. */
    if (!b->over)
        buf_add(b, s, len);
}

bool kube_yaml_json(const struct kube_yaml_at *at, struct buf *ret)
{
    yajl_gen g = yajl_gen_alloc(NULL);

    if (g == NULL)
        abort();
    yajl_gen_config(g, yajl_gen_print_callback, put_bytes, ret);
    put(g, at->yaml, at->node);
    yajl_gen_free(g);
    return !ret->over;
}
