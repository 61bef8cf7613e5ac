#include "config.h"

#include "habitat/holder/ring.h"

#include "config.h"

#include "base/wire.h"

#include <stdlib.h>
#include <string.h>

#define RING_MIN 4096

void ring_finish(struct ring *r)
{
    free(r->at);
    *r = (struct ring){0};
}

static void copy_in(char *at, size_t room, uint64_t offset, const char *p,
                    size_t n)
{
    size_t place = (size_t)(offset & (room - 1)), head = room - place;

    if (head > n)
        head = n;
    memcpy(at + place, p, head);
    memcpy(at, p + head, n - head);
}

static bool grow(struct ring *r, size_t want)
{
    size_t room = r->room ? r->room : RING_MIN;
    uint64_t at = r->first;
    const char *p;
    char *more;
    size_t n;

    while (room < want && room < WIRE_RING)
        room *= 2;
    if (room == r->room)
        return true;
    more = malloc(room);
    if (more == NULL)
        return r->room > 0;
    while ((n = ring_peek(r, at, &p)) > 0) {
        copy_in(more, room, at, p, n);
        at += n;
    }
    free(r->at);
    r->at = more;
    r->room = room;
    return true;
}

bool ring_add(struct ring *r, const char *p, size_t n)
{
    if (!grow(r, (size_t)(r->next - r->first) + n))
        return false;
    if (n > r->room) {
        r->next += n - r->room;
        p += n - r->room;
        n = r->room;
    }
    copy_in(r->at, r->room, r->next, p, n);
    r->next += n;
    if (r->next - r->first > r->room)
        r->first = r->next - r->room;
    return true;
}

size_t ring_peek(const struct ring *r, uint64_t from, const char **ret)
{
    size_t place, n;

    if (r->at == NULL || from >= r->next || from < r->first)
        return 0;
    place = (size_t)(from & (r->room - 1));
    n = (size_t)(r->next - from);
    if (n > r->room - place)
        n = r->room - place;
    *ret = r->at + place;
    return n;
}
