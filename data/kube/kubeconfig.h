/*
 * A kubeconfig, resolved: one context with all that a client needs.
 *
 * Files      the explicit path only, else each of $KUBECONFIG (colon list,
 *            missing ones skipped), else $HOME/.kube/config, else the pod's
 *            service account; merge rules as in client-go: the first file
 *            that defines a name supplies the whole entry
 * Strings    owned by the struct, NUL-terminated, NULL = not given;
 *            raw bytes from the file (they pass tui/text before a screen)
 * PEM        decoded contents, whether given as data or as file
 * Secrets    token, password, key_pem, proxy and the plugin's arguments:
 *            wiped by kube_config_finish
 * Headers    token, username, password, as…: no control bytes
 * http       over plain http no credentials are given (a note says so);
 *            impersonation stays
 * Errors     ERR_CONFIG with "FILE:LINE: FIELD: what, expected what";
 *            ERR_ABSENT when there is no configuration at all
 * Thread     loop thread; reads files synchronously, at start only
 */
#ifndef DATA_KUBE_KUBECONFIG_H
#define DATA_KUBE_KUBECONFIG_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

enum kube_exec_mode {
    KUBE_EXEC_NEVER,
    KUBE_EXEC_IF_AVAILABLE,
    KUBE_EXEC_ALWAYS,
};

struct kube_exec {
    char *command; /* resolved against the file's folder if it has a slash */
    char **args;   /* NULL-terminated; NULL = none */
    char **env;    /* "NAME=value", NULL-terminated; NULL = none */
    char *api_version;
    char *install_hint;
    enum kube_exec_mode mode;
    bool provide_cluster;
    char *cluster_config; /* JSON text of the cluster's exec extension */
};

/* The file a PEM came from, and what it was when last looked at. */
struct kube_pem_file {
    char *path; /* NULL: given in the kubeconfig itself */
    int64_t changed_ns, size;
    uint64_t inode;
};

struct kube_config {
    char *file;    /* where the context came from; "in-cluster" in a pod */
    char *context; /* "in-cluster" in a pod */
    char *cluster;
    char *user;
    char *ns;     /* never NULL: "default" if nothing says otherwise */
    bool ns_given; /* by the context or the pod, not by default */
    char *server; /* scheme://host[:port][/prefix], no trailing slash */
    char *tls_name;
    bool insecure;
    char *ca_pem; /* NULL = system roots */
    struct kube_pem_file ca_file;
    char *proxy; /* http, https or socks5 (names resolved by the proxy); may
                    carry a password; given = ignore the environment's */
    bool no_compression;

    char *cert_pem;
    char *key_pem;
    struct kube_pem_file cert_file, key_file;
    char *token;
    char *token_file; /* beats token; re-read by kube_auth */
    char *username;
    char *password;
    char *as;
    char **as_groups; /* NULL-terminated; NULL = none */
    char *as_uid;
    char **as_extra; /* key, value, key, value, …, NULL; NULL = none */
    struct kube_exec *exec; /* NULL = none, or another kind comes first */

    char *notes; /* lines worth telling the user, e.g. a user that does not
                    exist (anonymous); NULL = none */
};

struct kube_config_want {
    const char *path;    /* --kubeconfig; NULL = environment rules */
    const char *context; /* --context; NULL = current-context */
    const char *cluster_root; /* "" in the program; a folder in tests, put
                                 before /var/run/secrets/… */
    /* Looks a variable up; NULL = getenv. */
    const char *(*env)(const char *name);
};

/*
 * 0, ERR_CONFIG, ERR_LIMIT (a file too large, a YAML bomb) or ERR_ABSENT;
 * *ret is untouched on failure. The pod's account is used only when neither
 * a path nor a context was asked for and no file names a current context.
 */
int kube_config_load(const struct kube_config_want *want,
                     struct kube_config *ret, struct error *err);
/* Wipes, frees and zeroes; a zeroed struct passes. */
void kube_config_finish(struct kube_config *config);

/*
 * Names of all contexts, sorted, NULL-terminated; the caller frees each and
 * the array. Runs no plugin and reads no file a user entry names. NULL and
 * *err on failure; ERR_ABSENT without any configuration.
 */
char **kube_config_contexts(const struct kube_config_want *want,
                            struct error *err);

#endif
