#include "config.h"

#include "data/graph/view.h"

void graph_copy(char *to, size_t size, struct span s)
{
    size_t n = s.p == NULL ? 0 : s.n < size ? s.n : size - 1;

    /* not into a character: back to where one begins */
    if (n > 0 && n < s.n)
        while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
            n--;
    if (n > 0)
        memcpy(to, s.p, n);
    to[n] = '\0';
}

int graph_look_dot(struct graph_look *l, int64_t id, struct span label,
                   struct span title, int depth)
{
    struct graph_dot *d;

    for (int i = 0; i < l->dot_count; i++)
        if (l->dots[i].id == id)
            return i;
    if (l->dot_count == GRAPH_DOTS_MAX) {
        l->more = true;
        return -1;
    }
    d = &l->dots[l->dot_count];
    *d = (struct graph_dot){.id = id, .depth = (uint8_t)depth, .degree = -1};
    graph_copy(d->label, sizeof d->label, label);
    graph_copy(d->title, sizeof d->title, title);
    return l->dot_count++;
}

void graph_look_line(struct graph_look *l, int from, int to,
                     struct span type)
{
    struct graph_line line = {(uint8_t)from, (uint8_t)to, ""};

    if (from < 0 || to < 0)
        return;
    graph_copy(line.type, sizeof line.type, type);
    for (int i = 0; i < l->line_count; i++)
        if (l->lines[i].from == from && l->lines[i].to == to &&
            strcmp(l->lines[i].type, line.type) == 0)
            return;
    if (l->line_count == GRAPH_LINES_MAX) {
        l->more = true;
        return;
    }
    l->lines[l->line_count++] = line;
}
