/*
 * The menu of ways into an agent of a cluster or a control plane: its logs,
 * what its control plane keeps of its output, a shell, its own terminal,
 * port-forwards; and the forwards that run. Logs are a pod's, and where it has
 * none its control plane's.
 *
 * What a way wants is found when it is drawn: a pod that runs, or one that
 * has a log. A way that is off says why. While a field is open letters only
 * type.
 */
#ifndef WIDGETS_REACH_H
#define WIDGETS_REACH_H

#include "data/act/plan.h"
#include "data/store.h"

#define REACH_FORWARDS 8 /* that run at once */
#define REACH_FIELD 12   /* "65535:65535" */

enum reach_way {
    REACH_LOGS,
    REACH_PREVIOUS,
    REACH_OUTPUT,
    REACH_SHELL,
    REACH_ATTACH,
    REACH_FORWARD,
    REACH_WAYS,
};

/* One that runs, as the one who runs it tells. */
struct reach_forward {
    uint32_t id;
    char name[ACT_NAME]; /* of the agent */
    uint16_t local, remote;
    bool listens; /* else it is being opened */
    int connections;
    uint64_t total, up, down;
    char note[240]; /* its latest trouble */
};

struct reach {
    char ns[ACT_NAME], name[ACT_NAME];
    int at; /* a way, or REACH_WAYS and more: a forward */
    bool typing;
    char field[REACH_FIELD + 1];
    char error[240]; /* of the last try */
    bool read_only;
    struct reach_forward forwards[REACH_FORWARDS];
    int forward_count;
};

enum reach_answer {
    REACH_STAY,
    REACH_GO,    /* open the way at `at` */
    REACH_END,   /* end the forward at `at` */
    REACH_LEAVE, /* close the menu */
};

void reach_open(struct reach *r, const char *ns, const char *name,
                bool read_only);
/* A pod of it has a log. */
bool reach_pod(const struct reach *r, const struct store *st);
/* Why a way is off, into ret; "" it is on. */
void reach_why(const struct reach *r, const struct store *st,
               enum reach_way way, char ret[200]);
enum reach_answer reach_key(struct reach *r, const struct store *st,
                            uint32_t key, bool pasted);

#endif
