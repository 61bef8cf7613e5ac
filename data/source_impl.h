/*
 * For those who write a source: embed `struct source` first, call
 * source_init, and bring the table of functions.
 */
#ifndef DATA_SOURCE_IMPL_H
#define DATA_SOURCE_IMPL_H

#include "data/source.h"

struct source_impl {
    const char *name; /* as the sources line says it */
    bool many;        /* it has streams 0 to 63, not one of its own */
    void (*start)(struct source *s);    /* required */
    void (*refresh)(struct source *s);  /* optional */
    void (*focus)(struct source *s, const struct focus *agents, int count);
    bool (*fetch)(struct source *s, enum kind kind, const char *ns,
                  const char *name, source_fetch_cb cb, void *arg);
    bool (*follow)(struct source *s, const char *ns, const char *name,
                   const struct source_lines *calls);
    void (*unfollow)(struct source *s);
    int (*plan)(struct source *s, struct plan *p, struct error *err);
    int (*send)(struct source *s, const struct plan *p, const char *key,
                source_sent_cb cb, void *arg, struct error *err);
    bool (*reread)(struct source *s, const struct plan *p,
                   source_reread_cb cb, void *arg);
    void (*hurry)(struct source *s, bool on);
    int (*try_plan)(struct source *s, const struct plan *p,
                    source_tried_cb cb, void *arg, struct error *err);
    void (*untry)(struct source *s);
    void (*close)(struct source *s); /* required; ends in source_finish */
    void (*doctor)(const struct source *s, source_doctor_fn fn, void *arg);
};

struct source {
    const struct source_impl *impl;
    uv_loop_t *loop;
    struct store *store;
    struct plane *plane;
    struct plane last; /* what plane is once it was forgotten */
    void (*closed)(void *arg);
    void *closed_arg;
};

void source_init(struct source *s, const struct source_impl *impl,
                 uv_loop_t *loop, struct store *store);
/* How its plane stands, since when; who is believed of its agents follows. */
void source_set_state(struct source *s, enum plane_state state);
/* The last call of close: tells the owner. The implementer frees after. */
void source_finish(struct source *s);

#endif
