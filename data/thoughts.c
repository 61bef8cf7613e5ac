#include "config.h"

#include "data/thoughts.h"

#include "base/index.h"
#include "base/xalloc.h"

#include <stdlib.h>

static int by_time(const void *ctx, uint32_t a, uint32_t b)
{
    const struct thoughts *t = ctx;
    const struct thought *x = &t->at[a], *y = &t->at[b];

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void thoughts_init(struct thoughts *t, struct intern *pool)
{
    *t = (struct thoughts){.pool = pool};
    ranked_init(&t->order, by_time, t);
}

static void empty(struct thoughts *t, struct thought *e)
{
    intern_put(t->pool, e->ns);
    intern_put(t->pool, e->agent);
    intern_put(t->pool, e->about);
    free(e->text);
    t->bytes -= e->len;
    *e = (struct thought){0};
}

void thoughts_finish(struct thoughts *t)
{
    for (uint32_t i = 0; i < t->room; i++)
        empty(t, &t->at[i]);
    free(t->at);
    free(t->spare);
    ranked_finish(&t->order);
}

static void drop(struct thoughts *t, uint32_t slot)
{
    ranked_remove(&t->order, slot);
    empty(t, &t->at[slot]);
    t->spare[t->spares++] = slot;
}

static uint32_t slot_for_new(struct thoughts *t)
{
    if (t->spares == 0) {
        uint32_t room = t->room ? t->room + t->room / 2 : 256;

        if (room > THOUGHTS_MAX)
            room = THOUGHTS_MAX;
        t->at = xrealloc(t->at, room, sizeof *t->at);
        t->spare = xrealloc(t->spare, room, sizeof *t->spare);
        for (uint32_t i = room; i-- > t->room;) {
            t->at[i] = (struct thought){0};
            t->spare[t->spares++] = i;
        }
        t->room = room;
    }
    return t->spare[--t->spares];
}

static struct span trimmed(struct span s)
{
    size_t n = s.n;

    while (n > 0 && (s.p[n - 1] == '\n' || s.p[n - 1] == '\r' ||
                     s.p[n - 1] == ' '))
        n--;
    if (n > THOUGHT_MAX) {
        n = THOUGHT_MAX;
        while (n > THOUGHT_MAX - 4 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
            n--;
    }
    return (struct span){s.p, n};
}

const struct thought *thoughts_add(struct thoughts *t, int64_t at_ms,
                                   struct span ns, struct span agent,
                                   enum thought_kind kind, struct span text,
                                   uint32_t tokens)
{
    uint32_t count = ranked_count(&t->order), slot;
    struct thought *e;
    const struct thought *oldest = thoughts_at(t, 0);
    const struct thought *newest = thoughts_at(t, count - 1);
    bool late = newest != NULL && at_ms < newest->at_ms;

    text = trimmed(text);
    if ((count == THOUGHTS_MAX || t->bytes + text.n > THOUGHTS_BYTES) &&
        oldest != NULL && at_ms < oldest->at_ms) {
        t->dropped++;
        return NULL;
    }
    while (ranked_count(&t->order) > 0 &&
           (ranked_count(&t->order) >= THOUGHTS_MAX ||
            t->bytes + text.n > THOUGHTS_BYTES)) {
        drop(t, ranked_at(&t->order, 0));
        t->dropped++;
    }
    slot = slot_for_new(t);
    e = &t->at[slot];
    *e = (struct thought){
        .at_ms = at_ms,
        .seq = ++t->seq,
        .ns = intern_get(t->pool, ns.p, ns.n),
        .agent = intern_get(t->pool, agent.p, agent.n),
        .text = xstrndup(text.p != NULL ? text.p : "", text.n),
        .len = (uint32_t)text.n,
        .tokens = tokens,
        .kind = (uint8_t)kind,
        .late = late,
    };
    t->bytes += text.n;
    ranked_insert(&t->order, slot);
    return e;
}

void thoughts_about(struct thoughts *t, const struct thought *e,
                    enum kind kind, struct span name)
{
    struct thought *to = &t->at[e - t->at];

    intern_set(t->pool, &to->about, name.p, name.n);
    to->about_kind = (uint8_t)kind;
}

void thoughts_mark_late(struct thoughts *t, const struct thought *e)
{
    t->at[e - t->at].late = true;
}

void thoughts_mark_picture(struct thoughts *t)
{
    for (uint32_t i = 0; i < t->room; i++)
        t->at[i].picture = t->at[i].text != NULL;
}

void thoughts_drop_picture(struct thoughts *t)
{
    for (uint32_t i = 0; i < t->room; i++)
        if (t->at[i].picture)
            drop(t, i);
}

uint32_t thoughts_count(const struct thoughts *t)
{
    return ranked_count(&t->order);
}

const struct thought *thoughts_at(const struct thoughts *t, uint32_t rank)
{
    uint32_t slot = ranked_at(&t->order, rank);

    return slot == SLOT_NONE ? NULL : &t->at[slot];
}
