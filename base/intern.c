#include "config.h"

#include "base/intern.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct text {
    uint32_t refs;
    uint32_t hash;
    uint32_t len;
    char s[];
};

#define TOMB ((struct text *)1)

struct intern {
    struct text **slots;
    size_t mask;   /* slots - 1, a power of two minus one */
    size_t used;   /* live texts */
    size_t filled; /* live texts and tombs */
    size_t bytes;
};

static struct text *text_of(const char *s)
{
    return (struct text *)((uintptr_t)s - offsetof(struct text, s));
}

struct intern *intern_create(void)
{
    struct intern *pool = xcalloc(1, sizeof *pool);

    pool->mask = 255;
    pool->slots = xcalloc(pool->mask + 1, sizeof *pool->slots);
    return pool;
}

void intern_destroy(struct intern *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i <= pool->mask; i++)
        if (pool->slots[i] != TOMB)
            free(pool->slots[i]);
    free(pool->slots);
    free(pool);
}

static void resize(struct intern *pool, size_t mask)
{
    struct text **old = pool->slots;
    size_t old_mask = pool->mask;

    pool->slots = xcalloc(mask + 1, sizeof *pool->slots);
    pool->mask = mask;
    for (size_t i = 0; i <= old_mask; i++) {
        size_t at;

        if (old[i] == NULL || old[i] == TOMB)
            continue;
        at = old[i]->hash & mask;
        while (pool->slots[at] != NULL)
            at = (at + 1) & mask;
        pool->slots[at] = old[i];
    }
    pool->filled = pool->used;
    free(old);
}

size_t intern_length(const char *s, size_t len)
{
    const char *nul = len > 0 ? memchr(s, '\0', len) : NULL;

    if (nul != NULL)
        len = (size_t)(nul - s);
    if (len > INTERN_MAX) {
        len = INTERN_MAX;
        while (len > INTERN_MAX - 4 && ((unsigned char)s[len] & 0xc0) == 0x80)
            len--;
    }
    return len;
}

const char *intern_get(struct intern *pool, const char *s, size_t len)
{
    struct text *t;
    size_t at, tomb = SIZE_MAX;
    uint32_t hash;

    if (s == NULL)
        return NULL;
    len = intern_length(s, len);
    hash = hash_bytes(s, len);
    for (at = hash & pool->mask; (t = pool->slots[at]) != NULL;
         at = (at + 1) & pool->mask) {
        if (t == TOMB) {
            if (tomb == SIZE_MAX)
                tomb = at;
        } else if (t->hash == hash && t->len == len &&
                   memcmp(t->s, s, len) == 0) {
            t->refs++;
            return t->s;
        }
    }
    if (tomb != SIZE_MAX)
        at = tomb;
    else
        pool->filled++;
    t = xrealloc(NULL, sizeof *t + len + 1, 1);
    t->refs = 1;
    t->hash = hash;
    t->len = (uint32_t)len;
    memcpy(t->s, s, len);
    t->s[len] = '\0';
    pool->slots[at] = t;
    pool->used++;
    pool->bytes += sizeof *t + len + 1;
    if (pool->filled * 10 > (pool->mask + 1) * 7)
        resize(pool, pool->used * 2 > pool->mask ? pool->mask * 2 + 1
                                                 : pool->mask);
    return t->s;
}

const char *intern_ref(struct intern *pool, const char *s)
{
    (void)pool;
    if (s != NULL)
        text_of(s)->refs++;
    return s;
}

void intern_put(struct intern *pool, const char *s)
{
    struct text *t;
    size_t at;

    if (s == NULL)
        return;
    t = text_of(s);
    if (--t->refs > 0)
        return;
    at = t->hash & pool->mask;
    while (pool->slots[at] != t)
        at = (at + 1) & pool->mask;
    pool->slots[at] = TOMB;
    pool->used--;
    pool->bytes -= sizeof *t + t->len + 1;
    free(t);
}

bool intern_set(struct intern *pool, const char **slot, const char *s,
                size_t len)
{
    const char *old = *slot;

    *slot = intern_get(pool, s, len);
    intern_put(pool, old);
    return *slot != old;
}

size_t intern_count(const struct intern *pool)
{
    return pool->used;
}

size_t intern_bytes(const struct intern *pool)
{
    return pool->bytes + (pool->mask + 1) * sizeof *pool->slots;
}
