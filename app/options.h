/*
 * The command line: one table for the parser, --help, the manual and tests.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "base/error.h"

#include <stdint.h>
#include <stdio.h>

struct settings;

enum verb {
    VERB_CONSOLE,
    VERB_WALL,
    VERB_SNAPSHOT,
    VERB_DOCTOR,
    VERB_TETHER,
    VERB_FORWARD,
    VERB_CONFIG,
    VERB_HELP,
    VERB_VERSION,
    VERB_COUNT,
};

/* bits of `verbs` below */
#define FOR(v) (1u << VERB_##v)
#define FOR_SCREEN (FOR(CONSOLE) | FOR(WALL) | FOR(TETHER))
#define FOR_ALL (FOR_SCREEN | FOR(SNAPSHOT) | FOR(DOCTOR) | FOR(FORWARD))

/* id, long, short ('\0' none), argument (NULL none), verbs, help */
#define OPTION_MAP(X)                                                          \
    X(KUBECONFIG, "kubeconfig", '\0', "FILE", FOR_ALL,                         \
      "read this kubeconfig only, instead of $KUBECONFIG or ~/.kube/config")   \
    X(CONTEXT, "context", '\0', "NAME", FOR_ALL,                               \
      "the context to use, instead of the current one")                        \
    X(NAMESPACE, "namespace", 'n', "NAME", FOR_ALL,                            \
      "look at one namespace; default: the context's, else all")               \
    X(ALL, "all-namespaces", 'A', NULL, FOR_ALL,                               \
      "look at all namespaces; where that is refused, at the context's")       \
    X(HABITAT, "habitat", '\0', NULL, FOR_ALL,                                 \
      "look at this machine's own agents, even if a kubeconfig is there")      \
    X(READ_ONLY, "read-only", '\0', NULL, FOR_ALL,                             \
      "build no request that writes; start nothing")                  \
    X(NO_CLOCK, "no-clock", '\0', NULL, FOR_SCREEN,                            \
      "draw only when something changed: at rest no byte is sent")             \
    X(THEME, "theme", '\0', "NAME", FOR_SCREEN | FOR(SNAPSHOT),                \
      "moss (default), mono, or a theme file")                                 \
    X(GLYPHS, "glyphs", '\0', "SET", FOR_SCREEN | FOR(SNAPSHOT),               \
      "full, plain or ascii; default: by locale and terminal")                 \
    X(COLOURS, "colours", '\0', "N", FOR_SCREEN | FOR(SNAPSHOT),               \
      "true, 256, 16 or mono at most; default: what the terminal can")         \
    X(BELL, "bell", '\0', NULL, FOR(CONSOLE),                                  \
      "ring once when a new proposal waits")                                   \
    X(NOTIFY, "notify", '\0', "COMMAND", FOR(CONSOLE) | FOR(WALL),             \
      "run this, no shell, when a new proposal waits; its title and who asks " \
      "are the last arguments")                                                \
    X(NO_PICTURE, "no-picture", '\0', NULL, FOR_SCREEN,                        \
      "neither show nor save the last picture")                                \
    X(FORMAT, "format", 'f', "FORMAT", FOR(SNAPSHOT),                          \
      "text (default), ansi, svg or json")                                     \
    X(SIZE, "size", '\0', "WxH", FOR(SNAPSHOT),                                \
      "columns and rows of the frame; default 140x40")                         \
    X(VIEW, "view", '\0', "NAME", FOR(SNAPSHOT),                               \
      "all (default), agents, pheromones, proposals, thoughts or wall")        \
    X(WAIT, "wait", '\0', "TIME", FOR(SNAPSHOT) | FOR(DOCTOR) | FOR(FORWARD),  \
      "how long sources may take to answer; default 10s")                      \
    X(CHECK, "check", '\0', "EXPR", FOR(SNAPSHOT),                             \
      "exit 0 if this holds, 1 if not: 'waiting<3 && oldest<10m'")             \
    X(HELP, "help", 'h', NULL, ~0u, "this text")                           \
    X(VERSION, "version", '\0', NULL, ~0u, "print the version")

#define OPTION_ENUM(id, name, letter, arg, verbs, help) OPTION_##id,
enum option { OPTION_MAP(OPTION_ENUM) OPTION_COUNT };

struct option_row {
    const char *name;
    char letter;
    const char *arg;
    unsigned verbs;
    const char *help;
};

struct verb_row {
    const char *name; /* "" = no word */
    const char *help;
};

#define FORWARDS_MAX 16 /* ports of one command */

struct options {
    enum verb verb;
    const char *name; /* tether, port-forward: the agent; config: what */
    const char *file; /* config: instead of the usual one; NULL */
    const char *ports[FORWARDS_MAX]; /* port-forward: LOCAL:REMOTE */
    int port_count;
    const char *values[OPTION_COUNT]; /* "" for a flag that is set */
    const struct settings *settings;  /* of the configuration; NULL: none */
    /* read */
    int w, h;
    int64_t wait_ms;
    int glyphs;  /* enum glyph_set or -1 */
    int colours; /* enum term_colours or -1 */
    enum { FORMAT_TEXT, FORMAT_ANSI, FORMAT_SVG, FORMAT_JSON } format;
    int view; /* enum pane; 0 all; -1 wall */
};

const struct option_row *option_row(enum option o);
const struct verb_row *verb_row(enum verb v);

/* 0, or an error in one line (exit status 2). argv is borrowed. */
int options_read(int argc, char *const *argv, struct options *ret,
                 struct error *err);
/* A value that the configuration gives: the command line's stands. */
int options_default(struct options *o, enum option option, const char *value,
                    struct error *err);
void options_help(FILE *out);

#endif
