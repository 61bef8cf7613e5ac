/*
 * The state of the screen: what is looked at, where, and how.
 *
 * Everything a frame depends on beside the store and the clock; a frame is
 * drawn from it without changing it, except for scroll offsets, which are
 * fitted to the size while drawing.
 */
#ifndef WIDGETS_UI_H
#define WIDGETS_UI_H

#include "base/buf.h"
#include "data/heat.h"
#include "data/view.h"
#include "tui/rect.h"
#include "widgets/dialog.h"
#include "widgets/lines.h"
#include "widgets/reach.h"
#include "widgets/graph.h"
#include "widgets/roster.h"

enum pane {
    PANE_NONE,
    PANE_AGENTS,
    PANE_HEAT,
    PANE_PROPOSALS,
    PANE_THOUGHTS,
    PANES,
    PANE_OBJECTS = PANES, /* the page of objects: it has a filter too */
    FILTERS
};

enum page {
    PAGE_NONE,
    PAGE_DECISION,
    PAGE_DETAIL,  /* of the target, whatever its kind */
    PAGE_SIGNALS, /* behind a cell of the heatmap */
    PAGE_OBJECTS,
    PAGE_HELP,
    PAGE_EXPLAIN,
    PAGE_RECEIPTS,
    PAGE_TETHER,
    PAGE_HALT,
    PAGE_REACH, /* ways into an agent of a cluster */
    PAGE_LOGS,
    PAGE_BUDGETS,
    PAGE_GRAPH,
};

/* A page that was left for another, to come back to. */
struct crumb {
    enum page page;
    struct target target, link;
    int top, link_at;
};
#define TRAIL_MAX 8

struct list_state {
    uint32_t slot; /* the selected row, SLOT_NONE none */
    uint32_t rank; /* where it was, if it goes */
    uint32_t top;
    bool moved; /* by the user: before that the first row is selected */
};

struct gate;
struct halt;
struct grid;
struct log_view;

/* A command one starts often. */
#define PRESETS_MAX 32
struct preset {
    char name[80], command[ACT_TEXT];
};

/* The agent's terminal that is looked at; grid NULL: none. */
struct tether_view {
    struct grid *grid;
    char name[ACT_NAME];
    bool you;    /* keys go there */
    int typist;  /* pid of who types; 0 nobody */
    bool ended;
    bool leaves; /* to detach ends what runs there */
    char note[200];
    uint32_t key; /* the last one for it */
    struct rect room; /* where its grid was drawn */
};
#define TETHER_CHORD (']' & 0x1f) /* Ctrl-] */

struct ui {
    struct store *st;
    struct view *agents, *proposals;
    struct heat heat;
    enum heat_by heat_by;
    int64_t heat_ms; /* when heat was computed */
    uint64_t heat_gen;

    enum pane focus;
    bool zoom;
    struct list_state agent_list, proposal_list;
    int agents_shown; /* rows of the agents pane in the last frame; 0: none */
    int heat_row, heat_col, heat_top;
    bool heat_moved; /* the cursor was, by the user */
    bool heat_gap;   /* no colours keep neighbouring cells apart */
    uint32_t thoughts_back; /* lines scrolled back from the end */
    bool thoughts_follow;
    uint64_t thoughts_seen; /* seq at the time it was paused */
    struct filter *thought_filter;
    char filter_text[FILTERS][FILTER_MAX + 1];

    const struct graph_view *graph; /* borrowed; NULL: no such source */
    int graph_depth; /* steps around a node */
    struct graph_cursor graph_at;
    int64_t graph_node; /* to be looked at instead of its selected; -1 */
    bool commanding; /* a command is being typed */
    char command[FILTER_MAX + 1], command_offers[600];
    char command_arg[FILTER_MAX + 1]; /* of the effect it had */
    struct error command_error;
    const char *const *contexts; /* of the kubeconfig, borrowed */
    int context_count;
    bool prompt; /* a filter is being typed for `focus` */
    char prompt_text[FILTER_MAX + 1];
    struct error prompt_error;

    enum page page;
    struct target target;
    int page_top;   /* first line shown */
    int page_lines; /* lines it has, found while drawing */
    int page_room;
    struct crumb trail[TRAIL_MAX];
    int trail_count;
    struct line_link *links; /* of the page, as it was drawn */
    int link_count;
    int link_at; /* the selected one; -1 none */
    struct target link;
    struct roster roster;
    bool yaml_wanted, yaml_waits;
    struct buf yaml;
    struct error yaml_error;
    int explain_pane;

    struct halt *halt; /* NULL likewise; keys do not change it */
    int halt_choice;   /* enum halt_scope */
    const struct gate *gate; /* NULL: nothing can be done from here */
    bool local;              /* agents are processes of this machine */
    bool acts;               /* the source takes actions */
    struct dialog dialog;
    struct target *marks; /* DIALOG_MANY rows marked for a bulk plan */
    int mark_count;
    struct preset *presets; /* PRESETS_MAX, from the user's file */
    int preset_count;
    char here[ACT_TEXT]; /* this console's folder, where agents begin */

    struct tether_view tether;
    bool cluster;          /* agents run in a cluster */
    struct reach reach;    /* ways into the one it was opened for */
    struct log_view *logs; /* NULL: none */

    bool frozen;
    int64_t frozen_ms; /* the server's clock when frozen */
    bool no_clock, wall, read_only;
    bool insecure;
    char context[128], ns[128];
    char notice[200]; /* one line in the footer */
    int64_t notice_until_ms;
    const char *terminal_note; /* e.g. an unknown TERM; NULL none */

    /* derived for the header, at most once a second */
    int64_t oldest_open_ms;
    uint64_t oldest_gen;
    int64_t oldest_at_ms;
    int64_t picture_ms; /* the saved picture still shown was taken then */
};

void ui_init(struct ui *u, struct store *st);
void ui_finish(struct ui *u);

/*
 * Before a frame: settles store and views. hold keeps the order of rows.
 * Returns the next moment at which something on screen changes by itself.
 */
/* When signals that came or went are to be on the map; INT64_MAX: none. */
int64_t ui_heat_due(const struct ui *u);
void ui_settle(struct ui *u, int64_t now_ms, bool hold);

/* Moves the selection of the focused pane by rows; ±INT32_MAX = ends. */
void ui_move(struct ui *u, int by);
/* Sets the filter of ui_filtered from prompt_text; false: error set. */
bool ui_filter(struct ui *u);
/* The row and the type under the heatmap's cursor; NULL and SIGNAL_COUNT. */
const struct heat_row *ui_heat_at(const struct ui *u, enum signal *type);
/* Open proposals of the view come first: how many. */
uint32_t ui_open_count(const struct ui *u);

/* The row a page is about; SLOT_NONE or NULL when it has gone. */
uint32_t ui_target_slot(const struct ui *u);
/*
 * The object behind the open page: the row's own, or that of what runs an
 * agent which is known by its workload alone.
 */
void ui_object(const struct ui *u, struct target *ret);
/*
 * What the open page wants to know of the knowledge graph, and of whom: valid
 * while the page is. GRAPH_TOPIC_NONE: nothing. The graph's own page keeps
 * that of the one from which it was opened.
 */
enum graph_topic ui_graph_topic(const struct ui *u, const char **ret_about);
const struct agent *ui_target_agent(const struct ui *u);
const struct proposal *ui_target_proposal(const struct ui *u);
/*
 * Opens the page of a row; the page that is open is come back to. Proposals
 * open as a decision card, and from there as a page like all others.
 */
void ui_open(struct ui *u, enum kind kind, uint32_t slot);
/* Opens a page that is about no row. */
void ui_open_page(struct ui *u, enum page page);
/* Back to the page before, or to the panes. */
void ui_close_page(struct ui *u);

/* Marks or unmarks a row; false if no more can be marked. */
bool ui_mark(struct ui *u, enum kind kind, uint32_t slot);
/* Marks what the list shows, or nothing if all of it was; of proposals those
   that wait. False: not all fit. */
bool ui_mark_all(struct ui *u, enum kind kind);
bool ui_marked(const struct ui *u, enum kind kind, uint32_t slot);

/* While drawing: takes the links from l, keeps the selection on its row. */
void ui_take_links(struct ui *u, struct lines *l);
/* Selects another link; at the ends it stays, or goes round. */
void ui_step_link(struct ui *u, int by, bool round);
bool ui_link_seen(const struct ui *u);

/* What a filter is typed for: the focused pane, or the page of objects. */
enum pane ui_filtered(const struct ui *u);

/* Agents on screen, selected first; for source_focus. */
int ui_visible_agents(const struct ui *u, uint32_t *slots, int max);

#endif
