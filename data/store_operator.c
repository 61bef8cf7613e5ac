#include "config.h"

#include "data/store_priv.h"

#include <stdio.h>
#include <string.h>

/*
 * The kgents operator's own health. When it does not work, all that it
 * writes (phases, conditions, risks) stands still without saying so; hence a
 * plane of its own, made from its pods. Without pods there is none: a cluster
 * may have no operator, or its pods may not be read.
 */

struct tally {
    int pods, ready, restarts;
    const char *image;
    const struct workload *bad; /* what is wrong with one that is not ready */
};

static struct tally count_pods(const struct store *st)
{
    struct tally t = {0};

    for (uint32_t i = 0; i < st->workloads.used; i++) {
        const struct workload *w = store_workload(st, i);

        if (w == NULL || !w->operator || w->deleted_ms > 0 ||
            (w->phase != NULL && strcmp(w->phase, "Succeeded") == 0))
            continue;
        t.pods++;
        t.ready += w->main_ready;
        t.restarts += w->restarts;
        if (t.image == NULL || w->main_ready)
            t.image = w->image;
        if (!w->main_ready && (t.bad == NULL || t.bad->reason == NULL))
            t.bad = w;
    }
    return t;
}

/* "1.4" of "host:5000/kgents/operator:1.4@sha256:…"; "" if it has no tag. */
static void tag_of(const char *image, char *ret, size_t size)
{
    const char *base = image ? strrchr(image, '/') : NULL, *tag;

    base = base != NULL ? base + 1 : image ? image : "";
    tag = base + strcspn(base, ":@");
    tag += *tag == ':';
    snprintf(ret, size, "%.*s", *tag == '@' ? 0 : (int)strcspn(tag, "@"), tag);
}

static void say(struct plane *p, const struct tally *t)
{
    const struct workload *bad = t->bad;
    char restarts[32];

    p->state = t->ready == t->pods ? PLANE_LIVE
               : t->ready > 0      ? PLANE_STALE
                                   : PLANE_DOWN;
    tag_of(t->image, p->version, sizeof p->version);
    snprintf(restarts, sizeof restarts, " · %d restart%s", t->restarts,
             t->restarts == 1 ? "" : "s");
    snprintf(p->detail, sizeof p->detail, "%d of %d ready%s%s%.24s", t->ready,
             t->pods, t->restarts > 0 ? restarts : "",
             p->version[0] ? " · " : "", p->version);
    error_clear(&p->error);
    if (bad != NULL)
        error_set(&p->error, ERR_ABSENT, "%s%s%s",
                  bad->reason ? bad->reason : bad->phase ? bad->phase
                                                         : "not ready",
                  bad->message ? ": " : "", bad->message ? bad->message : "");
}

void operator_settle(struct store *st)
{
    struct tally t = count_pods(st);
    struct plane *p = st->operator_plane;

    st->operator_dirty = false;
    if (t.pods == 0) {
        if (p != NULL)
            store_drop_plane(st, p);
        st->operator_plane = NULL;
        return;
    }
    if (p == NULL)
        p = st->operator_plane = store_plane(st, "operator");
    if (p == NULL)
        return; /* no room */
    p->part = p->answered = true;
    say(p, &t);
    store_plane_changed(st);
}
