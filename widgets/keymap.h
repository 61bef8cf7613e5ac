/*
 * Which key does what: one table for the keys themselves, the footer, the
 * help page and the manual.
 */
#ifndef WIDGETS_KEYMAP_H
#define WIDGETS_KEYMAP_H

#include "widgets/ui.h"

/* action, keys as shown, footer word ("" none), help */
#define ACTION_MAP(X)                                                          \
    X(OPEN, "Enter", "open", "open what is selected: an agent's page, a "      \
                             "proposal's card, a cell's signals, an object")   \
    X(BACK, "Esc", "", "back: close the page, then the zoom, then the filter") \
    X(NEXT, "Tab", "", "focus the next pane; on a page select the next "       \
                       "object it names")                                      \
    X(PREVIOUS, "Shift-Tab", "", "focus the pane before; on a page select "    \
                                 "the object before")                          \
    X(PANE_1, "1", "", "focus the agents")                                     \
    X(PANE_2, "2", "", "focus the pheromones")                                 \
    X(PANE_3, "3", "", "focus the proposals")                                  \
    X(PANE_4, "4", "", "focus the thoughts")                                   \
    X(ZOOM, "+", "zoom", "let the focused pane fill the screen, and back")     \
    X(FURTHER, "+", "further", "in the graph: one step more around the node")  \
    X(NEARER, "-", "nearer", "in the graph: one step less")                    \
    X(UP, "k, Up", "", "up")                                                   \
    X(DOWN, "j, Down", "", "down")                                             \
    X(LEFT, "h, Left", "", "left, in the heatmap")                             \
    X(RIGHT, "l, Right", "", "right, in the heatmap")                          \
    X(PAGE_UP, "PgUp, ^B", "", "a page up")                                    \
    X(PAGE_DOWN, "PgDn, ^F", "", "a page down")                                \
    X(FIRST, "g, Home", "", "to the first")                                    \
    X(LAST, "G, End", "", "to the last; follow the thoughts again")            \
    X(FILTER, "/", "filter", "filter the focused pane as you type: words, "    \
                             "!not, field:value, field>10m, ~regex")           \
    X(COMMAND, ":", "", "a command: missions, budgets, ctx, ns, reload, …; "   \
                        "Tab completes")                                    \
    X(SORT, "o", "sort", "the next order of the focused list")                 \
    X(GROUP, "b", "", "heatmap rows by who laid it, by target, by namespace")  \
    X(EXPLAIN, "e", "explain", "explain the selected cell: who said what, "    \
                               "when, and by which rule it follows")           \
    X(OBJECTS, "i", "objects", "all other objects: memories, umwelts, "        \
                               "servers, quotas, what runs the agents")        \
    X(YAML, "y", "yaml", "on a page: fetch the object as YAML")           \
    X(APPROVE, "a", "approve", "approve the proposal, or the marked ones")     \
    X(REJECT, "r", "reject", "reject it, with a reason if you like")           \
    X(OVERRIDE, "A", "force", "approve although the T-gent did not pass, "  \
                                 "with a reason")                              \
    X(PROPOSE, "P", "propose", "write a proposal")                             \
    X(SPAWN, "s", "spawn", "start an agent")                                   \
    X(DEPOSIT, "d", "deposit", "lay a pheromone")                              \
    X(SCALE, "c", "scale", "how many pods the agent has")                      \
    X(RESTART, "x", "restart", "replace the agent's pods by new ones")         \
    X(HALT, "H", "halt", "stop the marked agents, a namespace, or the fleet, " \
                         "step by step; resume what was halted")               \
    X(PAUSE, "p", "pause", "pause the agent and all it started, or let it "    \
                           "go on")                                            \
    X(TETHER, "t", "tether", "look at its terminal, and type there; "          \
                             "elsewhere: logs, output, shell, port-forward")   \
    X(SAY, "m", "say", "type a message at the agent's terminal")               \
    X(KILL, "K", "kill", "end the agent and all it started; forget one that "  \
                         "has ended; wipe the pheromone")                      \
    X(MERGE, "M", "merge", "merge the agent's branch, where its control plane " \
                           "can")                                              \
    X(OBJECTIVE, "O", "aim", "open an objective at a control plane")     \
    X(UNFREEZE, "U", "thaw", "let a frozen objective go on")               \
    X(MARK, "Space", "", "mark the row: keys act on all marked ones, with "    \
                         "one plan")                                           \
    X(MARK_ALL, "*", "", "mark all that the filter leaves, or none")           \
    X(UNDO, "u", "", "cancel what is held")                                    \
    X(RECEIPTS, "J", "", "what was done from here, and what became of it")     \
    X(FREEZE, "z", "freeze", "freeze the picture, and let it go again")        \
    X(RETRY, "R", "retry", "ask all sources again, now")                       \
    X(REDRAW, "^L", "", "draw the screen anew")                                \
    X(SUSPEND, "^Z", "", "suspend")                                            \
    X(HELP, "?", "help", "this page")                                          \
    X(QUIT, "q, ^C", "quit", "quit")

#define ACTION_ENUM(id, keys, word, help) ACTION_##id,
enum action { ACTION_NONE, ACTION_MAP(ACTION_ENUM) ACTION_COUNT };

struct action_row {
    const char *keys, *word, *help;
};

const struct action_row *action_row(enum action a);
/* The action of a key (a code point or TERM_KEY_*); ACTION_NONE if none. */
enum action keymap_find(uint32_t key);
/* The same where one is: a key may do another thing on a page of its own. */
enum action keymap_on(const struct ui *u, uint32_t key);
/* The row of that kind a key would act on; SLOT_NONE: none. */
uint32_t keymap_subject(const struct ui *u, enum kind kind);
/* What a key would do to the row it is about; ACT_COUNT: nothing. */
enum act keymap_act(const struct ui *u, enum action a);
/* One may not do it there: which right is missing, in words. */
bool keymap_denied(const struct ui *u, enum action a, char *why, size_t size);
/* Would it do something now? */
bool action_live(const struct ui *u, enum action a);

#endif
