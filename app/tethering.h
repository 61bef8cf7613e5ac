/*
 * The tether of a console: an agent's terminal behind the page that shows it.
 *
 * Bytes of the agent end in the page's grid; keys become bytes by it; who
 * types gives the terminal the page's size. One at a time; `changed` is
 * called when the page is to be drawn anew.
 */
#ifndef APP_TETHERING_H
#define APP_TETHERING_H

#include "data/kube/reach.h"
#include "data/tether/tether.h"
#include "widgets/ui.h"

struct tethering {
    uv_loop_t *loop;
    struct ui *ui;
    struct kube_reach *reach; /* the cluster's; NULL none */
    struct tether *tether; /* NULL: none, or it has ended */
    void (*changed)(void *arg);
    void *arg;
};

void tethering_init(struct tethering *t, uv_loop_t *loop, struct ui *ui,
                    void (*changed)(void *arg), void *arg);
/* Opens the page; does nothing without a terminal, or while one is open. */
void tethering_attach(struct tethering *t, const struct agent *a);
/* The same for an agent of the cluster: a shell in it, or its own terminal. */
void tethering_reach(struct tethering *t, const char *ns, const char *name,
                     bool attach);
/* Closes it, and the page. The agent goes on. */
void tethering_detach(struct tethering *t);
/* Types here instead of where somebody does now. */
void tethering_take(struct tethering *t);
/* After a frame: the terminal gets the page's size, if we type. */
void tethering_fit(struct tethering *t);

#endif
