/*
 * One YAML (or JSON) document, read-only, with places for error messages.
 *
 * A tree from libyaml's document API behind cursors: a cursor is a node with
 * its line and its path ("users[3].user.token"), so every error says
 * "FILE:LINE: PATH: what, expected what".
 *
 * Bounds  KUBE_YAML_NODES_MAX nodes after aliases are expanded,
 *         KUBE_YAML_DEPTH_MAX levels, KUBE_YAML_ANCHORS_MAX anchors,
 *         KUBE_YAML_DIRECTIVES_MAX directives; beyond one of them the
 *         document is refused (ERR_LIMIT). Walks over an accepted document
 *         end, so aliases cannot loop
 * Null    a null value and an empty text count as absent
 * Merge   "<<" is followed when a key is not there itself
 * Secrets scalars are wiped when the document is destroyed
 */
#ifndef DATA_KUBE_YAML_H
#define DATA_KUBE_YAML_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define KUBE_YAML_NODES_MAX      200000
#define KUBE_YAML_DEPTH_MAX      64
#define KUBE_YAML_ANCHORS_MAX    256
#define KUBE_YAML_DIRECTIVES_MAX 1000 /* lines starting with % */
#define KUBE_YAML_PATH_MAX       72

struct kube_yaml;

/*
 * yaml  borrowed: the document outlives its cursors
 * node  0 = absent; fields of an absent node are absent
 * line, column  from 1; of the nearest node outside when absent
 * path  "" at the root, cut when too long
 */
struct kube_yaml_at {
    const struct kube_yaml *yaml;
    int node;
    unsigned line, column;
    char path[KUBE_YAML_PATH_MAX];
};

/*
 * Parses the first document in the bytes; `name` (copied) stands in errors.
 * An empty text is a document with an absent root. NULL on failure, with
 * ERR_CONFIG or ERR_LIMIT.
 */
struct kube_yaml *kube_yaml_parse(const char *s, size_t len, const char *name,
                                  struct error *err);
void kube_yaml_destroy(struct kube_yaml *yaml);
/* More documents followed the first; they are not read. */
bool kube_yaml_has_more(const struct kube_yaml *yaml);

struct kube_yaml_at kube_yaml_root(const struct kube_yaml *yaml);

/*
 * All below: 0, or ERR_CONFIG with *ret untouched. An absent key is no
 * error: the cursor is absent, or *ret is untouched.
 */
int kube_yaml_field(const struct kube_yaml_at *map, const char *key,
                    struct kube_yaml_at *ret, struct error *err);
/* As above, and the value must be a mapping or a list. */
int kube_yaml_map(const struct kube_yaml_at *map, const char *key,
                  struct kube_yaml_at *ret, struct error *err);
int kube_yaml_list(const struct kube_yaml_at *map, const char *key,
                   struct kube_yaml_at *ret, struct error *err);
/* A copy the caller frees. Numbers and booleans are taken as written. */
int kube_yaml_text(const struct kube_yaml_at *map, const char *key, char **ret,
                   struct error *err);
int kube_yaml_bool(const struct kube_yaml_at *map, const char *key, bool *ret,
                   struct error *err);
/* A NULL-terminated array of copies; untouched if the list is empty. */
int kube_yaml_texts(const struct kube_yaml_at *map, const char *key,
                    char ***ret, struct error *err);

/* Items of a list, pairs of a mapping; 0 for anything else. */
size_t kube_yaml_count(const struct kube_yaml_at *at);
/* i < count of a list; a null item is absent. */
struct kube_yaml_at kube_yaml_item(const struct kube_yaml_at *list, size_t i);
/* i < count of a mapping; *ret_key is borrowed from the document. */
int kube_yaml_pair(const struct kube_yaml_at *map, size_t i,
                   const char **ret_key, struct kube_yaml_at *ret,
                   struct error *err);
/* Errors about `at` name the place of the pair's key, not of its value. */
void kube_yaml_at_key(const struct kube_yaml_at *map, size_t i,
                      struct kube_yaml_at *at);
/* The node itself as text; absent leaves *ret untouched. */
int kube_yaml_scalar(const struct kube_yaml_at *at, char **ret,
                     struct error *err);

/*
 * Appends the node as JSON. Plain scalars become null, booleans or numbers
 * where JSON has such a form, else strings. False if the buffer's cap is
 * reached.
 */
bool kube_yaml_json(const struct kube_yaml_at *at, struct buf *ret);

/* Sets ERR_CONFIG "FILE:LINE: PATH: …" and returns it. */
int kube_yaml_fail(const struct kube_yaml_at *at, struct error *err,
                   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The end of a path, short enough for a message; valid while path is. */
const char *kube_yaml_short(const char *path);

#endif
