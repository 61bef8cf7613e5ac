/*
 * What the configuration may say: one table, from which files are read,
 * checked, shown and explained in the manual.
 *
 * A key is valid in one section; a source's key only for some types. Values
 * are kept as text, of the form the type says:
 *
 *   TEXT     as written            BOOL    "true" or "false"
 *   CHOICE   one of `choices`      PATH    "~/" is the home folder; absolute,
 *   URL      scheme://… , one of           or from the file's folder
 *            the schemes in        SERVICE NAMESPACE/NAME:PORT of a cluster
 *            `choices`             WORDS   a command as one would type it,
 *   SECRET   a mapping, secret.h           no shell; a list of words, too
 */
#ifndef SETTINGS_SCHEMA_H
#define SETTINGS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#define SOURCE_TYPE_MAP(X)                                                     \
    X(KUBERNETES, "kubernetes", "a cluster's objects")                         \
    X(HABITAT, "habitat", "this machine's own agents")                         \
    X(CONTROL_PLANE, "control-plane", "a fracta control plane")                \
    X(POSTGRES, "postgres", "its tables")                                      \
    X(GRAPH, "graph", "its knowledge graph, FalkorDB")                         \
    X(GATEWAY, "gateway", "its gateway: the tools that agents reach")          \
    X(GHOST, "ghost", "what kgents last wrote down of a fleet")
#define SOURCE_TYPE_ENUM(id, name, help) SOURCE_##id,
enum source_type { SOURCE_TYPE_MAP(SOURCE_TYPE_ENUM) SOURCE_TYPES };
const char *source_type_name(enum source_type t);

#define SECTION_MAP(X)                                                         \
    X(TOP, "")                                                                 \
    X(CONTEXT, "contexts.NAME")                                                \
    X(SOURCE, "sources.NAME")
#define SECTION_ENUM(id, name) SECTION_##id,
enum section { SECTION_MAP(SECTION_ENUM) SECTIONS };

#define BY(t) (1u << SOURCE_##t)
#define BY_TEAM (BY(CONTROL_PLANE) | BY(POSTGRES) | BY(GRAPH)) /* of agents */
#define BY_SERVER (BY_TEAM | BY(GATEWAY))

/* id, section, key, type, choices, types of sources, help */
#define SCHEMA_MAP(X)                                                          \
    X(THEME, TOP, "theme", TEXT, NULL, 0, "as --theme")                        \
    X(GLYPHS, TOP, "glyphs", CHOICE, "full plain ascii", 0, "as --glyphs")     \
    X(COLOURS, TOP, "colours", CHOICE, "true 256 16 mono", 0, "as --colours")  \
    X(BELL, TOP, "bell", BOOL, NULL, 0, "as --bell")                           \
    X(NOTIFY, TOP, "notify", WORDS, NULL, 0, "as --notify")                    \
    X(NO_CLOCK, TOP, "no-clock", BOOL, NULL, 0, "as --no-clock")               \
    X(NO_PICTURE, TOP, "no-picture", BOOL, NULL, 0, "as --no-picture")         \
    X(READ_ONLY, TOP, "read-only", BOOL, NULL, 0,                              \
      "as --read-only, for every source")                                      \
    X(CONTEXT_READ_ONLY, CONTEXT, "read-only", BOOL, NULL, 0,                  \
      "nothing that writes is built for this context of the kubeconfig")       \
    X(TYPE, SOURCE, "type", CHOICE,                                            \
      "kubernetes habitat control-plane postgres graph gateway ghost", ~0u,    \
      "what it is; wanted")                                                    \
    X(OFF, SOURCE, "off", BOOL, NULL, ~0u, "kept here, and not used")          \
    X(SOURCE_READ_ONLY, SOURCE, "read-only", BOOL, NULL,                       \
      BY(KUBERNETES) | BY(HABITAT) | BY(CONTROL_PLANE),                        \
      "nothing that writes is built for it")                                   \
    X(KUBECONFIG, SOURCE, "kubeconfig", PATH, NULL, BY(KUBERNETES),            \
      "this file only; default: $KUBECONFIG, ~/.kube/config")                  \
    X(CONTEXT, SOURCE, "context", TEXT, NULL, BY(KUBERNETES),                  \
      "default: the current one")                                              \
    X(NAMESPACE, SOURCE, "namespace", TEXT, NULL,                              \
      BY(KUBERNETES) | BY_TEAM | BY(GHOST),                                    \
      "kubernetes: the one to look at, \"*\" all. Others: where their agents " \
      "run, so that they are joined with its pods; default: fracta, ghost: "   \
      "kgents-agents")                                                         \
    X(URL, SOURCE, "url", URL, "http https postgres postgresql redis rediss",  \
      BY_SERVER, "where it is")                                                \
    X(SERVICE, SOURCE, "service", SERVICE, NULL, BY_SERVER,                    \
      "NAMESPACE/NAME:PORT in the cluster, reached through its API server")    \
    X(SOCKET, SOURCE, "socket", PATH, NULL, BY(CONTROL_PLANE),                 \
      "a Unix socket that it listens at, instead of a URL")                    \
    X(PLAIN_HTTP, SOURCE, "plain-http", BOOL, NULL,                            \
      BY(CONTROL_PLANE) | BY(GATEWAY),                                         \
      "allow http:// to another machine; the screen warns")                    \
    X(PROJECT, SOURCE, "project", PATH, NULL, BY_SERVER,                       \
      "folder with a fracta.yaml that says the rest")                          \
    X(USER, SOURCE, "user", TEXT, NULL, BY(POSTGRES) | BY(GRAPH), "as whom")   \
    X(PASSWORD, SOURCE, "password", SECRET, NULL, BY(POSTGRES) | BY(GRAPH),    \
      "{file: …}, {env: …} or {command: …}; postgres: default ~/.pgpass")      \
    X(PG_SERVICE, SOURCE, "pg-service", TEXT, NULL, BY(POSTGRES),              \
      "a name of ~/.pg_service.conf")                                          \
    X(SCHEMA, SOURCE, "schema", TEXT, NULL, BY(POSTGRES), "default: public")   \
    X(TLS, SOURCE, "tls", CHOICE,                                              \
      "disable prefer require verify-ca verify-full",                          \
      BY(POSTGRES), "as libpq's sslmode; a graph has rediss://")               \
    X(CA, SOURCE, "ca", PATH, NULL, BY_SERVER,                                 \
      "certificates it is checked with; default: the system's")                \
    X(INSECURE, SOURCE, "insecure", BOOL, NULL,                                \
      BY(CONTROL_PLANE) | BY(GRAPH) | BY(GATEWAY),                             \
      "its certificate is not checked; the screen warns")                      \
    X(TLS_NAME, SOURCE, "tls-name", TEXT, NULL, BY(GRAPH),                     \
      "whom its certificate names; default: the host of the url")              \
    X(GRAPH, SOURCE, "graph", TEXT, NULL, BY(GRAPH),                           \
      "default: fracta_knowledge")                                             \
    X(PATH, SOURCE, "path", PATH, NULL, BY(GHOST), "default: ~/.kgents/ghost")

enum setting_type {
    SETTING_TEXT,
    SETTING_BOOL,
    SETTING_CHOICE,
    SETTING_PATH,
    SETTING_URL,
    SETTING_SERVICE,
    SETTING_WORDS,
    SETTING_SECRET,
};

#define SCHEMA_ENUM(id, section, key, type, choices, types, help) KEY_##id,
enum schema_key { SCHEMA_MAP(SCHEMA_ENUM) KEYS };

struct schema_row {
    enum section section;
    const char *key;
    enum setting_type type;
    const char *choices; /* blanks between */
    unsigned sources;    /* bits of source types; 0: no source's */
    const char *help;
};

const struct schema_row *schema_row(enum schema_key k);
/* KEYS: none of that name in the section. */
enum schema_key schema_find(enum section s, const char *key);
/*
 * The nearest of the names (words with blanks between) by edits, letters
 * that changed places counting once; copied to ret. False: none is near.
 */
bool schema_nearest(const char *word, const char *names, char *ret,
                    size_t size);
/* All keys of a section that a source of this type (SOURCE_TYPES: any) may
   have, blanks between. */
void schema_names(enum section s, enum source_type t, char *ret, size_t size);

#endif
