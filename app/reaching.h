/*
 * The ways into agents, behind the menu and the page of logs: log tails of a
 * cluster, what a control plane keeps of an agent's output, shells and
 * terminals (by tethering), and port-forwards, which go on when the menu is
 * closed, until they are ended or the console ends.
 */
#ifndef APP_REACHING_H
#define APP_REACHING_H

#include "app/fleet.h"
#include "app/tethering.h"
#include "data/kube/forward.h"
#include "data/kube/tail.h"

struct reaching;

struct reaching_forward {
    struct reaching *r;
    struct kube_forward *f; /* NULL: free */
    char name[ACT_NAME];
    uint32_t id;
};

struct reaching {
    struct ui *ui;
    struct fleet *fleet;
    struct tethering *tether;
    struct kube_tail *tail; /* NULL: none, or a control plane's */
    struct reaching_forward forwards[REACH_FORWARDS];
    uint32_t last_id;
    void (*changed)(void *arg);
    void *arg;
};

/* changed: the screen is to be drawn anew, at the rate of data. */
void reaching_init(struct reaching *r, struct ui *ui, struct fleet *fleet,
                   struct tethering *tether, void (*changed)(void *arg),
                   void *arg);
/* Opens the way that is chosen in the menu. */
void reaching_go(struct reaching *r);
/* Ends the forward that is chosen. */
void reaching_end(struct reaching *r);
/* After a key: what no page shows any more is closed. */
void reaching_look(struct reaching *r);
/* Closes all; forwards are gone when the source is. */
void reaching_finish(struct reaching *r);

#endif
