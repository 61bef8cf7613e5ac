/*
 * Reading goes over the bytes twice. The first pass takes libyaml's events
 * and only counts: nesting, nodes, anchors. libyaml's document loader is
 * quadratic in anchors and keeps whatever it is given, so nothing reaches it
 * that the first pass did not accept. After loading, one walk follows the
 * aliases and counts again: bombs and loops end there.
 */
#include "config.h"

#include "data/kube/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/secret.h"
#include "data/kube/yaml_priv.h"

#define SHORT_MAX 80

const char *kube_yaml_short(const char *path)
{
    size_t len = strlen(path);
    const char *cut;

    if (len <= SHORT_MAX)
        return path;
    cut = strchr(path + len - SHORT_MAX, '/');
    return cut != NULL ? cut + 1 : path + len - SHORT_MAX;
}

static unsigned line_of_offset(const char *s, size_t len, size_t offset)
{
    unsigned line = 1;

    for (size_t i = 0; i < len && i < offset; i++)
        line += s[i] == '\n';
    return line;
}

static void parser_open(yaml_parser_t *p, const char *s, size_t len)
{
    if (!yaml_parser_initialize(p))
        abort();
    yaml_parser_set_input_string(p, (const unsigned char *)s, len);
}

/* The parser's buffers hold parts of the text, secrets among them. */
static void parser_close(yaml_parser_t *p)
{
    if (p->raw_buffer.start != NULL) {
        explicit_bzero(p->raw_buffer.start,
                       (size_t)(p->raw_buffer.end - p->raw_buffer.start));
    }
    if (p->buffer.start != NULL) {
        explicit_bzero(p->buffer.start,
                       (size_t)(p->buffer.end - p->buffer.start));
    }
    yaml_parser_delete(p);
}

static int parser_fail(const yaml_parser_t *p, const char *s, size_t len,
                       const char *name, struct error *err)
{
    unsigned line = (unsigned)p->problem_mark.line + 1;

    if (p->error == YAML_READER_ERROR)
        line = line_of_offset(s, len, p->problem_offset);
    return error_set(err, ERR_CONFIG, "%s:%u: %s%s%s, expected YAML or JSON",
                     kube_yaml_short(name), line,
                     p->problem != NULL ? p->problem : "bad text",
                     p->context != NULL ? " " : "",
                     p->context != NULL ? p->context : "");
}

/*
 * Lines that may be directives, in whatever encoding: libyaml compares each
 * with all before it, inside one event. Too many rather than too few.
 */
static bool has_many_directives(const char *s, size_t len)
{
    size_t count = 0;

    for (size_t i = 1; i < len; i++) {
        unsigned char before = (unsigned char)s[i - 1];

        count += s[i] == '%' && (before < 0x20 || before >= 0x80);
    }
    return count > KUBE_YAML_DIRECTIVES_MAX;
}

/* What the first pass counts. */
struct gate {
    size_t nodes;
    size_t anchors;
    size_t depth;
    size_t documents;
};

static void wipe_event(yaml_event_t *e)
{
    if (e->type == YAML_SCALAR_EVENT)
        explicit_bzero(e->data.scalar.value, e->data.scalar.length);
    yaml_event_delete(e);
}

static const char *gate_pass(struct gate *g, const yaml_event_t *e)
{
    const yaml_char_t *anchor = NULL;

    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        g->documents++;
        return NULL;
    case YAML_SCALAR_EVENT:
        anchor = e->data.scalar.anchor;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = e->data.sequence_start.anchor;
        g->depth++;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = e->data.mapping_start.anchor;
        g->depth++;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        g->depth--;
        return NULL;
    case YAML_ALIAS_EVENT:
        break;
    default:
        return NULL;
    }
    g->nodes++;
    g->anchors += anchor != NULL;
    if (g->depth > KUBE_YAML_DEPTH_MAX)
        return "nested too deep";
    if (g->anchors > KUBE_YAML_ANCHORS_MAX)
        return "too many anchors";
    return g->nodes > KUBE_YAML_NODES_MAX ? "too many nodes" : NULL;
}

/* Ends at the end of the first document, or at the start of the second. */
static int gate_run(const char *s, size_t len, const char *name, bool *ret_more,
                    struct error *err)
{
    struct gate g = {.documents = 0};
    yaml_parser_t p;
    bool end = false;
    int code = 0;

    parser_open(&p, s, len);
    while (code == 0 && !end) {
        yaml_event_t e;
        const char *why;

        if (!yaml_parser_parse(&p, &e)) {
            code = parser_fail(&p, s, len, name, err);
            break;
        }
        why = gate_pass(&g, &e);
        if (why != NULL) {
            code = error_set(err, ERR_LIMIT, "%s:%zu: %s",
                             kube_yaml_short(name), e.start_mark.line + 1, why);
        }
        end = e.type == YAML_STREAM_END_EVENT || g.documents > 1;
        wipe_event(&e);
    }
    parser_close(&p);
    *ret_more = g.documents > 1;
    return code;
}

/* False if the expanded tree is larger or deeper than allowed. */
static bool walk(const struct kube_yaml *y, int at, size_t depth, size_t *count)
{
    const yaml_node_t *n = kube_yaml_node(y, at);

    if (n == NULL)
        return true;
    if (++*count > KUBE_YAML_NODES_MAX || depth > KUBE_YAML_DEPTH_MAX)
        return false;
    if (n->type == YAML_SEQUENCE_NODE) {
        for (const yaml_node_item_t *i = n->data.sequence.items.start;
             i < n->data.sequence.items.top; i++) {
            if (!walk(y, *i, depth + 1, count))
                return false;
        }
    } else if (n->type == YAML_MAPPING_NODE) {
        for (const yaml_node_pair_t *i = n->data.mapping.pairs.start;
             i < n->data.mapping.pairs.top; i++) {
            if (!walk(y, i->key, depth + 1, count) ||
                !walk(y, i->value, depth + 1, count))
                return false;
        }
    }
    return true;
}

struct kube_yaml *kube_yaml_parse(const char *s, size_t len, const char *name,
                                  struct error *err)
{
    struct kube_yaml *y;
    yaml_parser_t p;
    size_t count = 0;
    bool more;

    if (has_many_directives(s, len)) {
        error_set(err, ERR_LIMIT, "%s: too many directives",
                  kube_yaml_short(name));
        return NULL;
    }
    if (gate_run(s, len, name, &more, err) != 0)
        return NULL;
    y = xcalloc(1, sizeof *y);
    y->name = xstrdup(name);
    y->more = more;
    parser_open(&p, s, len);
    if (!yaml_parser_load(&p, &y->doc)) {
        parser_fail(&p, s, len, name, err);
        y->doc = (yaml_document_t){.nodes = {NULL, NULL, NULL}};
        parser_close(&p);
        kube_yaml_destroy(y);
        return NULL;
    }
    parser_close(&p);
    if (!walk(y, kube_yaml_root(y).node, 0, &count)) {
        error_set(err, ERR_LIMIT,
                  "%s: too many aliases, expected at most "
                  "%d nodes",
                  kube_yaml_short(name), KUBE_YAML_NODES_MAX);
        kube_yaml_destroy(y);
        return NULL;
    }
    return y;
}

void kube_yaml_destroy(struct kube_yaml *y)
{
    if (y == NULL)
        return;
    if (y->doc.nodes.start != NULL) {
        for (yaml_node_t *n = y->doc.nodes.start; n < y->doc.nodes.top; n++) {
            if (n->type == YAML_SCALAR_NODE)
                explicit_bzero(n->data.scalar.value, n->data.scalar.length);
        }
        yaml_document_delete(&y->doc);
    }
    free(y->name);
    free(y);
}

bool kube_yaml_has_more(const struct kube_yaml *y)
{
    return y->more;
}
