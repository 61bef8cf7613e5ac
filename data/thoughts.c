#include "config.h"

#include "data/thoughts.h"

#include "base/hash.h"
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
    index_init(&t->events);
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

/* ---- events, by what they are ------------------------------------------- */

static uint32_t folded(uint64_t h)
{
    return (uint32_t)(h ^ (h >> 32));
}

struct event_key {
    struct span ns, agent, text;
    enum thought_kind kind;
    const struct thought_event *of;
};

static uint32_t key_hash(const struct event_key *k)
{
    uint64_t h = hash_more((uint64_t)k->kind * 64 + (uint64_t)k->of->kind + 1,
                           k->ns.p, k->ns.n);

    h = hash_more(h, k->agent.p, k->agent.n);
    h = hash_more(h, k->of->about.p, k->of->about.n);
    return folded(hash_more(h, k->text.p, k->text.n));
}

static bool same_event(const void *ctx, uint32_t slot, const void *key)
{
    const struct thought *e = &((const struct thoughts *)ctx)->at[slot];
    const struct event_key *k = key;

    return e->kind == (uint8_t)k->kind &&
           e->about_kind == (uint8_t)k->of->kind &&
           span_same(span_of(e->ns), k->ns) &&
           span_same(span_of(e->agent), k->agent) &&
           span_same(span_of(e->about), k->of->about) &&
           span_same((struct span){e->text, e->len}, k->text);
}

static struct span held(struct span s)
{
    return (struct span){s.p != NULL ? s.p : "", s.n};
}

static struct span text_of(const char *s)
{
    return span_of(s != NULL ? s : "");
}

static uint32_t hash_of(const struct thought *e)
{
    const struct thought_event of = {(enum kind)e->about_kind,
                                     text_of(e->about), {"", 0}, 0};
    const struct event_key k = {text_of(e->ns), text_of(e->agent),
                                {e->text, e->len},
                                (enum thought_kind)e->kind, &of};

    return key_hash(&k);
}

void thoughts_finish(struct thoughts *t)
{
    for (uint32_t i = 0; i < t->room; i++)
        empty(t, &t->at[i]);
    index_finish(&t->events);
    free(t->at);
    free(t->spare);
    ranked_finish(&t->order);
}

static void drop(struct thoughts *t, uint32_t slot)
{
    ranked_remove(&t->order, slot);
    if (t->at[slot].about != NULL)
        index_remove(&t->events, hash_of(&t->at[slot]), slot);
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
        .times = 1,
        .kind = (uint8_t)kind,
        .late = late,
    };
    t->bytes += text.n;
    ranked_insert(&t->order, slot);
    return e;
}

void thoughts_about(struct thoughts *t, const struct thought *e,
                    const struct thought_event *of)
{
    struct thought *to = &t->at[e - t->at];

    intern_set(t->pool, &to->about, of->about.p, of->about.n);
    to->about_kind = (uint8_t)of->kind;
    to->teller = folded(hash_more(1, of->teller.p, of->teller.n));
    to->times = to->told = of->times > 0 ? of->times : 1;
    if (to->about != NULL)
        index_add(&t->events, hash_of(to), (uint32_t)(to - t->at));
}

const struct thought *thoughts_told(const struct thoughts *t, struct span ns,
                                    struct span agent, enum thought_kind kind,
                                    struct span text,
                                    const struct thought_event *of)
{
    struct thought_event is = *of;
    const struct event_key k = {held(ns), held(agent), held(trimmed(text)),
                                kind, &is};
    uint32_t slot;

    is.about = held(of->about);
    slot = index_find(&t->events, key_hash(&k), &k, same_event, t);
    return slot != SLOT_NONE ? &t->at[slot] : NULL;
}

bool thoughts_again(struct thoughts *t, const struct thought *e,
                    int64_t at_ms, const struct thought_event *of)
{
    uint32_t slot = (uint32_t)(e - t->at), more = 1;
    struct thought *to = &t->at[slot];
    uint32_t teller = folded(hash_more(1, of->teller.p, of->teller.n));

    if (teller == to->teller) {
        if (of->times <= to->told && at_ms <= to->at_ms)
            return false;
        if (of->times > to->told)
            more = of->times - to->told;
    } else if (at_ms <= to->at_ms) {
        return false; /* of two that tell it, the one that did before */
    }
    ranked_remove(&t->order, slot); /* what it is ordered by changes */
    to->teller = teller;
    to->told = of->times > 0 ? of->times : 1;
    to->times = to->times < UINT32_MAX - more ? to->times + more : UINT32_MAX;
    to->seq = ++t->seq;
    if (at_ms > to->at_ms) {
        const struct thought *newest = thoughts_at(t, thoughts_count(t) - 1);

        to->late = newest != NULL && newest->at_ms > at_ms;
        to->at_ms = at_ms;
    }
    ranked_insert(&t->order, slot);
    return true;
}

void thoughts_set_times(struct thoughts *t, const struct thought *e,
                        uint32_t times)
{
    t->at[e - t->at].times = times > 0 ? times : 1;
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
