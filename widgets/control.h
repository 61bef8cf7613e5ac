/*
 * What keys do to the screen's state. Pure: what needs the world outside
 * (asking sources, quitting) comes back as an effect.
 */
#ifndef WIDGETS_CONTROL_H
#define WIDGETS_CONTROL_H

#include "widgets/keymap.h"

enum effect {
    EFFECT_NONE,
    EFFECT_RETRY,
    EFFECT_FETCH, /* the target's object as YAML */
    EFFECT_REDRAW,
    EFFECT_SUSPEND,
    EFFECT_QUIT,
    EFFECT_TETHER, /* open the terminal of the agent keys act on */
    EFFECT_REACH,  /* the way that is chosen in u->reach */
    EFFECT_UNREACH, /* end the forward that is chosen there */
    EFFECT_TYPED,  /* u->tether.key is for it */
    EFFECT_TAKE,   /* take typing over */
    EFFECT_DETACH,
    EFFECT_PLAN,    /* u->dialog wants its plan */
    EFFECT_HALT,    /* gather what u->halt_choice says, and plan it */
    EFFECT_HALT_STOP,
    EFFECT_CONFIRM, /* it was confirmed: commit its wants */
    EFFECT_EDIT,    /* its object is to be opened in an editor */
    EFFECT_UNTRY,   /* the question whether it would be taken is dropped */
    EFFECT_CANCEL,  /* what is held is not to be sent */
    EFFECT_RELEASE, /* … is to be sent at once */
    EFFECT_CTX,     /* look at the context u->command_arg */
    EFFECT_NS,      /* at the namespace there */
    EFFECT_LOOK,    /* at the node that is selected in the graph */
    EFFECT_DEPTH,   /* u->graph_depth steps around the one that is drawn */
    EFFECT_RELOAD,  /* read the configuration again */
};

/* One key. pasted ones only type: they never act. */
enum effect control_key(struct ui *u, uint32_t key, bool pasted,
                        int64_t now_ms);

#endif
