/*
 * Commands one types behind ":": views by name, and what changes where one
 * looks. A name may be cut to what is unique; Tab completes, and completes an
 * argument from what is known (namespaces in the store, contexts).
 */
#ifndef WIDGETS_COMMAND_H
#define WIDGETS_COMMAND_H

#include "widgets/control.h"

#define COMMAND_MAP(X)                                                         \
    X(AGENTS, "agents", NULL, "the list of agents")                            \
    X(PHEROMONES, "pheromones", NULL, "the heatmap")                           \
    X(PROPOSALS, "proposals", NULL, "what waits to be decided")                \
    X(THOUGHTS, "thoughts", NULL, "what agents say and do")                    \
    X(MISSIONS, "missions", NULL, "queued work, in the order it is taken")     \
    X(OBJECTIVES, "objectives", NULL, "what missions are for")                 \
    X(OBJECTIVE, "objective", "ID", "the page of an objective")                \
    X(BUDGETS, "budgets", NULL, "what may be spent, and what was")             \
    X(GRAPH, "graph", NULL, "what the knowledge graph knows")                  \
    X(OBJECTS, "objects", NULL, "all other objects")                           \
    X(RECEIPTS, "receipts", NULL, "what was done from here")                   \
    X(CTX, "ctx", "CONTEXT", "look at another cluster of the kubeconfig")      \
    X(NS, "ns", "NAMESPACE", "look at another namespace; * at all")            \
    X(RELOAD, "reload", NULL, "read the configuration again")                  \
    X(HELP, "help", NULL, "keys and commands")                                 \
    X(QUIT, "quit", NULL, "quit")

#define COMMAND_ENUM(id, name, arg, help) COMMAND_##id,
enum command { COMMAND_MAP(COMMAND_ENUM) COMMAND_COUNT };

struct command_row {
    const char *name, *arg, *help;
};
const struct command_row *command_row(enum command c);

/*
 * Reads a line. COMMAND_COUNT with err: there is none such, several begin so,
 * or an argument is missing or too much. *ret_arg points into the line.
 */
enum command command_read(const char *line, const char **ret_arg,
                          struct error *err);
/*
 * Completes the line in place as far as it is unique; candidates go to ret,
 * blanks between. False: nothing begins so.
 */
bool command_complete(const struct ui *u, char *line, size_t size, char *ret,
                      size_t ret_size);

/* One key while a command is typed. */
enum effect command_key(struct ui *u, uint32_t key, bool pasted,
                        int64_t now_ms);

#endif
