#include "config.h"

#include "base/moments.h"

#include "base/xalloc.h"

#include <stdlib.h>

void moments_init(struct moments *m)
{
    *m = (struct moments){0};
}

void moments_finish(struct moments *m)
{
    free(m->heap);
    *m = (struct moments){0};
}

void moments_add(struct moments *m, int64_t at_ms, uint32_t kind, uint32_t slot)
{
    uint32_t i;

    if (at_ms == MOMENT_NEVER)
        return;
    if (m->count == m->room) {
        m->room = m->room ? m->room * 2 : 64;
        m->heap = xrealloc(m->heap, m->room, sizeof *m->heap);
    }
    for (i = m->count++; i > 0; i = (i - 1) / 2) {
        if (m->heap[(i - 1) / 2].at_ms <= at_ms)
            break;
        m->heap[i] = m->heap[(i - 1) / 2];
    }
    m->heap[i] = (struct moment){at_ms, slot, kind};
}

bool moments_due(struct moments *m, int64_t now_ms, struct moment *ret)
{
    struct moment last;
    uint32_t i = 0;

    if (m->count == 0 || m->heap[0].at_ms > now_ms)
        return false;
    *ret = m->heap[0];
    last = m->heap[--m->count];
    for (;;) {
        uint32_t child = i * 2 + 1;

        if (child >= m->count)
            break;
        if (child + 1 < m->count &&
            m->heap[child + 1].at_ms < m->heap[child].at_ms)
            child++;
        if (m->heap[child].at_ms >= last.at_ms)
            break;
        m->heap[i] = m->heap[child];
        i = child;
    }
    if (m->count > 0)
        m->heap[i] = last;
    return true;
}

int64_t moments_next(const struct moments *m)
{
    return m->count ? m->heap[0].at_ms : MOMENT_NEVER;
}
