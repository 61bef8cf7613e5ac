/*
 * Insides of the kubeconfig reader: files, their merge, one resolved context.
 *
 * config_merge.c   reads the files and finds named entries across them
 * config_cluster.c fills the cluster's fields of a struct kube_config
 * config_user.c    fills the user's, config_exec.c its plugin
 * config.c         chooses the context, and the pod's account
 */
#ifndef DATA_KUBE_CONFIG_PRIV_H
#define DATA_KUBE_CONFIG_PRIV_H

#include "base/buf.h"
#include "data/kube/kubeconfig.h"
#include "data/kube/yaml.h"

#define KUBE_CONFIG_FILE_MAX  (4u << 20)
#define KUBE_CONFIG_FILES_MAX 64
#define KUBE_CONFIG_PEM_MAX   (1u << 20)
#define KUBE_CONFIG_NOTES_MAX 4096
#define KUBE_CONFIG_JSON_MAX  (64u << 10) /* exec extension, as JSON */

/* How to read a certificate or key file; as kube_smallfile_read. */
typedef int (*kube_read_fn)(const char *path, size_t max, char **ret,
                            size_t *ret_len, struct error *err);

enum kube_list {
    KUBE_LIST_CLUSTERS,
    KUBE_LIST_USERS,
    KUBE_LIST_CONTEXTS,
    KUBE_LISTS,
};

/*
 * item  "users[3]"
 * body  "users[3].user", may be absent
 */
struct kube_entry {
    char *name;
    struct kube_yaml_at item, body;
};

struct kube_file {
    char *path;
    struct kube_yaml *yaml;
    struct kube_entry *entries[KUBE_LISTS]; /* sorted by name */
    size_t counts[KUBE_LISTS];
};

/* Files in order of strength; no name twice inside one file. */
struct kube_merge {
    struct kube_file *files;
    size_t count;
    struct buf notes;
};

void kube_merge_init(struct kube_merge *m);
void kube_merge_finish(struct kube_merge *m);
/* Reads what `want` names. 0 with count 0: there is no file at all. */
int kube_merge_load(struct kube_merge *m, const struct kube_config_want *want,
                    struct error *err);
/* Adds one file's bytes. */
int kube_merge_add(struct kube_merge *m, const char *path, const char *s,
                   size_t len, struct error *err);
/* The strongest entry of that name; NULL if there is none. */
const struct kube_entry *kube_merge_find(const struct kube_merge *m,
                                         enum kube_list list, const char *name,
                                         const struct kube_file **ret_file);
/* All names, sorted, each once; the caller frees each and the array. */
char **kube_merge_names(const struct kube_merge *m, enum kube_list list);
/* "a, b, c and 12 more" in at most `max` bytes; "none". The caller frees. */
char *kube_merge_known(const struct kube_merge *m, enum kube_list list,
                       size_t max);

/* One context on its way into a struct kube_config. */
struct kube_resolve {
    const struct kube_merge *merge;
    const struct kube_entry *cluster;
    kube_read_fn read;
    struct kube_config *out;
    struct buf *notes;
};

/* Both 0 or ERR_CONFIG. The server's scheme decides what the user may use. */
int kube_resolve_cluster(struct kube_resolve *r, const struct kube_file *file,
                         struct error *err);
int kube_resolve_user(struct kube_resolve *r, const struct kube_file *file,
                      const struct kube_entry *user, struct error *err);
int kube_resolve_exec(struct kube_resolve *r, const struct kube_file *file,
                      const struct kube_yaml_at *user, struct error *err);
/*
 * The PEM given as `key` (a path) or `key`-data; *ret_at is the field that
 * gave it, absent if neither did; *ret_file the path. Both is an error.
 */
int kube_resolve_pem(struct kube_resolve *r, const struct kube_file *file,
                     const struct kube_yaml_at *body, const char *key,
                     char **ret, char **ret_file, struct kube_yaml_at *ret_at,
                     struct error *err);
/* A path as the file means it: relative ones start at the file's folder. */
char *kube_resolve_path(const struct kube_file *file, const char *path);
/* kube_yaml_text for what ends up in an HTTP header: no control bytes. */
int kube_resolve_line(const struct kube_yaml_at *map, const char *key,
                      char **ret, struct error *err);
/* One more line for the user. */
void kube_resolve_note(struct buf *notes, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * For tests and fuzzing: one file's bytes as kube_config_load sees them.
 * path     absolute; stands in errors and is where relative paths start
 * context  NULL = current-context
 */
int kube_config_parse(const char *s, size_t len, const char *path,
                      const char *context, kube_read_fn read,
                      struct kube_config *ret, struct error *err);
void kube_exec_config_destroy(struct kube_exec *exec);
/* Fills the service account; false if this is no pod. */
bool kube_config_in_pod(const struct kube_config_want *want,
                        struct kube_config *ret);
/* A variable through want->env. NULL if unset or empty. */
const char *kube_config_env(const struct kube_config_want *want,
                            const char *name);

#endif
