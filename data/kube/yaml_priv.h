/* The document's body, for yaml*.c only. */
#ifndef DATA_KUBE_YAML_PRIV_H
#define DATA_KUBE_YAML_PRIV_H

#include "data/kube/yaml.h"

#include <yaml.h>

struct kube_yaml {
    yaml_document_t doc;
    char *name;
    bool more;
};

/* NULL for 0. Borrowed from the document. */
static inline const yaml_node_t *kube_yaml_node(const struct kube_yaml *yaml,
                                                int node)
{
    return node > 0 ? yaml->doc.nodes.start + (node - 1) : NULL;
}

/* True for ~, null, and nothing at all, not quoted. */
bool kube_yaml_is_null(const yaml_node_t *node);
/* 1 true, 0 false, -1 neither; quoted texts are neither. */
int kube_yaml_truth(const yaml_node_t *node);

#endif
