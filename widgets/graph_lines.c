#include "config.h"

#include "widgets/graph.h"

#include "widgets/look.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the graph says of an objective or an agent, on their pages. */

/* From the left; 0: left out. */
struct columns {
    int label, sure, title, status, who;
};

static int widest(int w, const char *s, int most)
{
    int n = text_width(s, strlen(s));

    return n <= w ? w : n < most ? n : most;
}

/* As wide as what stands there; the title has at most what they leave. */
static struct columns columns_for(const struct graph_answer *a, int width,
                                  bool who)
{
    bool wide = width >= 100;
    struct columns k = {0};
    int room;

    for (int i = 0; i < a->count; i++) {
        const struct graph_entry *e = &a->at[i];

        k.label = widest(k.label, e->label, wide ? 16 : 10);
        k.status = widest(k.status, e->status, wide ? 16 : 11);
        k.sure = isnan(e->confidence) ? k.sure : 4;
        k.title = widest(k.title, e->title, width);
        if (who)
            k.who = widest(k.who, graph_who(e), wide ? 24 : 14);
    }
    k.label = k.label > 0 ? k.label : 1;
    room = width - 8 - (k.label + 1) - (k.sure > 0 ? k.sure + 1 : 0) -
           (k.status > 0 ? k.status + 1 : 0) - (k.who > 0 ? k.who + 1 : 0);
    if (k.title > room)
        k.title = room;
    if (k.title < 1)
        k.title = room > 0 ? 1 : 0;
    return k;
}

static void draw_entry(struct lines *l, const struct graph_entry *e,
                       const struct columns *k, int64_t now_ms)
{
    const char *who = graph_who(e);
    char age[12], sure[8];
    int x = 8;

    lines_next(l);
    lines_link_node(l, e->id);
    lines_fmt(l, 2, 5, ROLE_DIM, 0, "%5s", look_age(e->at_ms, now_ms, age));
    lines_fmt(l, x, k->label, look_hue(e->label), 0, "%s",
              e->label[0] != '\0' ? e->label : "–");
    x += k->label + 1;
    if (k->sure > 0) {
        if (!isnan(e->confidence))
            lines_fmt(l, x, k->sure, look_sure(e->confidence), 0, "%s",
                      look_fraction(e->confidence, sure));
        x += k->sure + 1;
    }
    if (k->title > 0)
        lines_fmt(l, x, k->title, e->title[0] != '\0' ? ROLE_TEXT : ROLE_DIM,
                  0, "%s", e->title[0] != '\0' ? e->title : "–");
    x += k->title + 1;
    if (k->status > 0) {
        lines_fmt(l, x, k->status, ROLE_DIM, 0, "%s",
                  e->status[0] != '\0' ? e->status : "–");
        x += k->status + 1;
    }
    if (k->who > 0)
        lines_name(l, x, k->who, *who != '\0' ? look_hue(who) : ROLE_DIM,
                   *who != '\0' ? who : "–");
}

void graph_answer_lines(struct lines *l, const struct graph_view *v,
                        enum graph_topic topic, const char *about, int width,
                        int64_t now_ms)
{
    bool evidence = topic == GRAPH_TOPIC_EVIDENCE;
    const struct graph_answer *a = v != NULL ? &v->answer : NULL;
    enum role role = ROLE_DIM;
    const char *words = NULL;
    struct columns k;

    if (v == NULL) {
        words = "no source is a knowledge graph";
    } else if (a->topic != topic || strcmp(a->about, about) != 0 ||
               a->state == GRAPH_LOOK_ASKED || a->state == GRAPH_LOOK_NONE) {
        words = "asking…";
    } else if (a->state == GRAPH_LOOK_ABSENT) {
        words = v->empty   ? "graph empty: nothing was ever written to it"
                : evidence ? "no evidence yet"
                           : "nothing yet";
    } else if (a->state == GRAPH_LOOK_FAILED) {
        words = a->error.msg;
        role = ROLE_BAD;
    }
    if (words != NULL) {
        lines_next(l);
        lines_fmt(l, 2, 0, role, 0, "%s", words);
        return;
    }
    k = columns_for(a, width, evidence);
    for (int i = 0; i < a->count; i++)
        draw_entry(l, &a->at[i], &k, now_ms);
    if (a->more) {
        lines_next(l);
        lines_fmt(l, 2, 0, ROLE_WAIT, 0, "+ more, older than these %d",
                  a->count);
    }
}
