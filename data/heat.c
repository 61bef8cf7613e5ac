#include "config.h"

#include "data/heat.h"

#include "base/xalloc.h"
#include "data/decay.h"

#include <stdlib.h>
#include <string.h>

/* Rows are found by the interned name's address: no text is compared. */
struct finder {
    struct heat_row *rows;
    uint32_t *slots; /* row + 1 by hash of the address */
    uint32_t mask, count, room;
};

static const char *row_name(const struct pheromone *p, enum heat_by by)
{
    const char *name = by == HEAT_BY_NAMESPACE ? p->ns
                       : by == HEAT_BY_TARGET  ? p->target
                                               : p->source;

    return name != NULL ? name : "";
}

static uint32_t hash_of(const char *name, uint32_t mask)
{
    uintptr_t a = (uintptr_t)name;

    return (uint32_t)((a >> 4) * 0x9e3779b1u) >> 3 & mask;
}

static void grow(struct finder *f)
{
    f->mask = f->mask ? f->mask * 2 + 1 : 255;
    f->room = (f->mask + 1) / 2;
    f->rows = xrealloc(f->rows, f->room, sizeof *f->rows);
    free(f->slots);
    f->slots = xcalloc(f->mask + 1, sizeof *f->slots);
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t at = hash_of(f->rows[i].name, f->mask);

        while (f->slots[at] != 0)
            at = (at + 1) & f->mask;
        f->slots[at] = i + 1;
    }
}

static struct heat_row *row_for(struct finder *f, const char *name,
                                const char *ns)
{
    uint32_t at;

    if (f->count == f->room)
        grow(f);
    for (at = hash_of(name, f->mask); f->slots[at] != 0;
         at = (at + 1) & f->mask)
        if (f->rows[f->slots[at] - 1].name == name)
            return &f->rows[f->slots[at] - 1];
    f->slots[at] = ++f->count;
    f->rows[f->count - 1] = (struct heat_row){.name = name, .ns = ns};
    return &f->rows[f->count - 1];
}

static int stronger(const void *a, const void *b)
{
    const struct heat_row *x = a, *y = b;

    if (x->sum != y->sum)
        return x->sum > y->sum ? -1 : 1;
    return strcmp(x->name, y->name);
}

void heat_clear(const struct store *st, struct heat *h)
{
    for (int i = 0; i < h->count; i++) {
        intern_put(st->pool, h->rows[i].name);
        intern_put(st->pool, h->rows[i].ns);
    }
    memset(h, 0, sizeof *h);
}

/* Names live on when their last signal goes. */
static void hold(const struct store *st, struct heat_row *row)
{
    row->name = intern_get(st->pool, row->name, strlen(row->name));
    intern_ref(st->pool, row->ns);
}

void heat_compute(const struct store *st, enum heat_by by, int64_t now_ms,
                  struct heat *ret)
{
    struct finder f = {0};

    heat_clear(st, ret);
    for (uint32_t i = 0; i < st->pheromones.used; i++) {
        const struct pheromone *p = store_pheromone(st, i);
        struct heat_cell *cell;
        float v;

        if (p == NULL)
            continue;
        v = (float)decay_now(p, now_ms);
        if (v < (float)DECAY_FLOOR) {
            ret->ended++;
            continue;
        }
        ret->live++;
        ret->sum += (double)v;
        ret->present[p->type] = true;
        cell = &row_for(&f, row_name(p, by), p->ns)->cells[p->type];
        cell->count += cell->count < UINT16_MAX;
        if (v > cell->value) {
            cell->value = v;
            cell->constant = p->half_life_min <= 0;
        }
    }
    for (uint32_t i = 0; i < f.count; i++)
        for (int s = 0; s < SIGNAL_COUNT; s++)
            f.rows[i].sum += f.rows[i].cells[s].value;
    if (f.count > 0)
        qsort(f.rows, f.count, sizeof *f.rows, stronger);
    ret->count = f.count < HEAT_ROWS ? (int)f.count : HEAT_ROWS;
    ret->hidden = f.count - (uint32_t)ret->count;
    if (ret->count > 0)
        memcpy(ret->rows, f.rows, (size_t)ret->count * sizeof *ret->rows);
    for (int i = 0; i < ret->count; i++)
        hold(st, &ret->rows[i]);
    free(f.rows);
    free(f.slots);
}

int heat_signals(const struct store *st, enum heat_by by, const char *name,
                 enum signal type, int64_t now_ms, uint32_t *slots, int max)
{
    int n = 0;

    for (uint32_t i = 0; i < st->pheromones.used; i++) {
        const struct pheromone *p = store_pheromone(st, i);
        double v;
        int at;

        if (p == NULL || (type != SIGNAL_COUNT && p->type != type) ||
            strcmp(row_name(p, by), name) != 0)
            continue;
        v = decay_now(p, now_ms);
        for (at = n; at > 0 &&
                     decay_now(store_pheromone(st, slots[at - 1]), now_ms) < v;
             at--)
            if (at < max)
                slots[at] = slots[at - 1];
        if (at < max)
            slots[at] = i;
        n += n < max;
    }
    return n;
}

const char *heat_by_name(enum heat_by by)
{
    return by == HEAT_BY_AGENT    ? "by who laid it"
           : by == HEAT_BY_TARGET ? "by target"
                                  : "by namespace";
}
