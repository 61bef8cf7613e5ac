#include "config.h"

#include "data/decay.h"
#include "data/store_priv.h"

#include <math.h>
#include <string.h>

#define NEWS_MS (15 * 60000) /* signals this young are thoughts at start too */

/*
 * Adds what the signal gave to each past minute of the hour: I(t) falls by
 * the same factor from minute to minute.
 */
static void add_history(struct store *st, const struct pheromone *p)
{
    int64_t from = p->emitted_ms ? p->emitted_ms : p->created_ms;
    double half = decay_half_life_ms(p), now, factor;

    if (from == 0 || st->hour_minute == 0)
        return;
    now = decay_now(p, st->hour_minute * 60000);
    factor = half > 0 ? exp2(60000 / half) : 1;
    if (isinf(factor))
        return; /* gone within a minute: it left nothing in any */
    for (int i = STORE_HOUR - 2; i >= 0; i--) {
        int64_t at = (st->hour_minute - (STORE_HOUR - 1 - i)) * 60000;

        now *= factor;
        if (at < from)
            break;
        st->hour[i] += (float)(now > 1 ? 1 : now);
    }
}

static bool read_row(struct store *st, struct pheromone *p,
                     const struct pheromone_facts *f, const struct origin *o)
{
    struct pheromone was = *p;
    bool changed = set_text(st, &p->source, f->source);

    changed |= set_text(st, &p->target, f->target);
    changed |= set_text(st, &p->payload, f->payload);
    p->type = (uint8_t)signal_of(f->type);
    changed |= set_text(st, &p->other_type,
                        p->type == SIGNAL_OTHER ? f->type
                                                : (struct span){NULL, 0});
    uid_read(f->meta.uid, p->uid);
    p->created_ms = f->meta.created_ms;
    p->deleted_ms = f->meta.deleted_ms;
    decay_read(f, p);
    p->epoch = o->epoch;
    p->stream = o->stream;
    return changed || was.initial != p->initial ||
           was.half_life_min != p->half_life_min ||
           was.emitted_ms != p->emitted_ms || was.ttl_s != p->ttl_s ||
           was.type != p->type || was.deleted_ms != p->deleted_ms;
}

static void note_laid(struct store *st, const struct pheromone *p,
                      const struct origin *o)
{
    int64_t at = p->emitted_ms ? p->emitted_ms : p->created_ms;

    if (at == 0 || o->now_ms - at > NEWS_MS)
        return;
    if (at > o->now_ms)
        at = o->now_ms;
    store_note(st, p->ns, p->source, at,
               p->type == SIGNAL_DREAM ? THOUGHT_DREAM : THOUGHT_SIGNAL, 1,
               "%s %.2f%s%s%s%s",
               p->other_type ? p->other_type
                             : signal_name((enum signal)p->type),
               (double)p->initial, p->target ? " → " : "",
               p->target ? p->target : "", p->payload ? ": " : "",
               p->payload ? p->payload : "");
}

void store_put_pheromone(struct store *st, const struct pheromone_facts *f,
                         const struct origin *o)
{
    uint32_t slot = store_find(st, KIND_PHEROMONE, f->meta.ns, f->meta.name);
    struct key k = {f->meta.ns, f->meta.name, KIND_PHEROMONE};
    struct pheromone *p;
    bool fresh = slot == SLOT_NONE;

    st->now_ms = o->now_ms;
    store_roll(st, o->now_ms);
    if (fresh) {
        slot = table_take(&st->pheromones);
        if (slot == SLOT_NONE)
            return;
        p = table_row(&st->pheromones, slot);
        p->ns = intern_get(st->pool, k.ns.p ? k.ns.p : "", k.ns.n);
        p->name = intern_get(st->pool, k.name.p, k.name.n);
        p->live = true;
        index_add(&st->pheromones.names, key_hash(&k), slot);
    }
    p = table_row(&st->pheromones, slot);
    fresh |= p->stream == STREAM_PICTURE;
    if (!read_row(st, p, f, o) && !fresh)
        return;
    if (fresh && o->stream != STREAM_PICTURE) {
        add_history(st, p);
        note_laid(st, p, o);
    }
    store_mark(st, KIND_PHEROMONE, slot);
}

void pheromone_remove(struct store *st, uint32_t slot)
{
    struct pheromone *p = table_row(&st->pheromones, slot);
    struct key k = {span_of(p->ns), span_of(p->name), KIND_PHEROMONE};

    index_remove(&st->pheromones.names, key_hash(&k), slot);
    set_text(st, &p->source, (struct span){0});
    set_text(st, &p->target, (struct span){0});
    set_text(st, &p->payload, (struct span){0});
    set_text(st, &p->other_type, (struct span){0});
    intern_put(st->pool, p->ns);
    intern_put(st->pool, p->name);
    memset(p, 0, sizeof *p);
    table_give(&st->pheromones, slot);
    store_mark(st, KIND_PHEROMONE, slot);
}
