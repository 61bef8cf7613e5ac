#include "config.h"

#include "front/diff.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AROUND 3

struct text {
    struct span *line; /* without their newlines */
    size_t count;
    bool open; /* the last has none */
};

struct step {
    char what; /* ' ', '-', '+' */
    size_t a, b;
};

struct steps {
    struct step *at;
    size_t count, room;
};

static void split(struct span s, struct text *ret)
{
    size_t room = 1;

    *ret = (struct text){NULL, 0, s.n > 0 && s.p[s.n - 1] != '\n'};
    for (size_t i = 0; i < s.n; i++)
        room += s.p[i] == '\n';
    ret->line = xrealloc(NULL, room, sizeof *ret->line);
    while (s.n > 0) {
        const char *nl = memchr(s.p, '\n', s.n);
        size_t n = nl != NULL ? (size_t)(nl - s.p) : s.n;

        ret->line[ret->count++] = (struct span){s.p, n};
        s.p += n + (nl != NULL);
        s.n -= n + (nl != NULL);
    }
}

/* The last lines of two texts are not the same if only one has an end. */
static bool alike(const struct text *a, size_t i, const struct text *b,
                  size_t k)
{
    bool open_a = a->open && i + 1 == a->count;
    bool open_b = b->open && k + 1 == b->count;

    return open_a == open_b && span_same(a->line[i], b->line[k]);
}

static void add(struct steps *s, char what, size_t a, size_t b)
{
    if (s->count == s->room) {
        s->room = s->room * 2 + 64;
        s->at = xrealloc(s->at, s->room, sizeof *s->at);
    }
    s->at[s->count++] = (struct step){what, a, b};
}

/* Lines a0…a1 became b0…b1: by their longest common lines. */
static void middle(struct steps *s, const struct text *a, size_t a0, size_t a1,
                   const struct text *b, size_t b0, size_t b1)
{
    size_t n = a1 - a0, m = b1 - b0, i = 0, k = 0, w = m + 1;
    uint16_t *most = NULL; /* common lines of what is left */

    if (n > 0 && m > 0 && n <= DIFF_CELLS / m) {
        most = xcalloc((n + 1) * w, sizeof *most);
        for (i = n; i-- > 0;)
            for (k = m; k-- > 0;) {
                uint16_t down = most[(i + 1) * w + k],
                         right = most[i * w + k + 1];

                most[i * w + k] =
                    alike(a, a0 + i, b, b0 + k)
                        ? (uint16_t)(most[(i + 1) * w + k + 1] + 1)
                    : down > right ? down
                                   : right;
            }
        i = k = 0;
        while (i < n && k < m) {
            if (alike(a, a0 + i, b, b0 + k))
                add(s, ' ', a0 + i++, b0 + k++);
            else if (most[(i + 1) * w + k] >= most[i * w + k + 1])
                add(s, '-', a0 + i++, b0 + k);
            else
                add(s, '+', a0 + i, b0 + k++);
        }
        free(most);
    }
    for (; i < n; i++)
        add(s, '-', a0 + i, b0 + k);
    for (; k < m; k++)
        add(s, '+', a0 + i, b0 + k);
}

static void put_line(struct buf *out, char what, const struct text *t,
                     size_t i)
{
    buf_char(out, what);
    buf_add(out, t->line[i].p, t->line[i].n);
    buf_char(out, '\n');
    if (t->open && i + 1 == t->count)
        buf_str(out, "\\ No newline at end of file\n");
}

static void put_hunk(struct buf *out, const struct text *a,
                     const struct text *b, const struct step *s, size_t n)
{
    size_t in_a = 0, in_b = 0;

    for (size_t i = 0; i < n; i++) {
        in_a += s[i].what != '+';
        in_b += s[i].what != '-';
    }
    buf_fmt(out, "@@ -%zu,%zu +%zu,%zu @@\n", s[0].a + (in_a > 0), in_a,
            s[0].b + (in_b > 0), in_b);
    for (size_t i = 0; i < n; i++)
        if (s[i].what == '+')
            put_line(out, '+', b, s[i].b);
        else
            put_line(out, s[i].what, a, s[i].a);
}

static void put_hunks(struct buf *out, const struct text *a,
                      const struct text *b, const struct steps *s)
{
    size_t at = 0;

    while (at < s->count) {
        size_t first = at, last, begin, end;

        while (first < s->count && s->at[first].what == ' ')
            first++;
        if (first == s->count)
            return;
        last = first;
        for (size_t i = first; i < s->count && i <= last + 2 * AROUND + 1; i++)
            if (s->at[i].what != ' ')
                last = i;
        begin = first < at + AROUND ? at : first - AROUND;
        end = last + AROUND < s->count ? last + AROUND : s->count - 1;
        put_hunk(out, a, b, s->at + begin, end - begin + 1);
        at = end + 1;
    }
}

bool diff_unified(struct buf *out, struct span name, struct span before,
                  struct span after)
{
    size_t head = 0, tail = 0, least;
    struct steps s = {NULL, 0, 0};
    struct text a, b;

    split(before, &a);
    split(after, &b);
    least = a.count < b.count ? a.count : b.count;
    while (head < least && alike(&a, head, &b, head))
        head++;
    while (tail < least - head &&
           alike(&a, a.count - tail - 1, &b, b.count - tail - 1))
        tail++;
    for (size_t i = head > AROUND ? head - AROUND : 0; i < head; i++)
        add(&s, ' ', i, i);
    middle(&s, &a, head, a.count - tail, &b, head, b.count - tail);
    for (size_t i = 0; i < tail && i < AROUND; i++)
        add(&s, ' ', a.count - tail + i, b.count - tail + i);
    buf_fmt(out, "--- %.*s\n", before.p != NULL ? (int)name.n : 9,
            before.p != NULL ? name.p : "/dev/null");
    buf_fmt(out, "+++ %.*s\n", (int)name.n, name.p);
    put_hunks(out, &a, &b, &s);
    free(s.at);
    free(a.line);
    free(b.line);
    return !out->over;
}
