/*
 * Objects of any bytes through the readers into a real store: its counters
 * hold, it can be emptied, nothing is left.
 *
 * Each line is one object: its first byte picks the kind (a, b, c, … in the
 * order of KIND_MAP) and the way: a small letter is a list's item, a large
 * one a watch's event.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "data/kube/reader.h"

#define T0 1795257094000
#define STEP_MS 7000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct store *st)
{
    uint32_t states[AGENT_STATE_COUNT] = {0}, open = 0, trouble = 0;

    for (uint32_t i = 0; i < st->agents.used; i++) {
        const struct agent *a = store_agent(st, i);

        if (a != NULL) {
            states[a->state]++;
            trouble += a->trouble;
        }
    }
    for (uint32_t i = 0; i < st->proposals.used; i++)
        open += store_proposal(st, i) != NULL &&
                proposal_open(store_proposal(st, i));
    if (memcmp(states, st->states, sizeof states) != 0 ||
        trouble != st->trouble || open != st->open_proposals)
        abort();
    for (int i = 0; i < STORE_HOUR; i++)
        if (!(st->hour[i] >= 0))
            abort();
}

static void read_line(struct reader **readers, struct store *st, uint8_t pick,
                      const char *s, size_t n, const struct origin *o)
{
    enum kind kind = (enum kind)(((pick & 31u) + 31) % 32 % KIND_CLUSTER);
    struct error err = {.code = 0};
    struct read_event ev;
    int r;

    if (readers[kind] == NULL)
        readers[kind] = reader_create(kind, st);
    if (pick & 0x20)
        r = reader_item(readers[kind], s, n, o, &err);
    else
        r = reader_event(readers[kind], s, n, o, &ev, &err);
    if (r != err.code || (r != 0 && err.msg[0] == '\0'))
        abort();
}

static void empty(struct store *st)
{
    for (int k = 0; k < KIND_CLUSTER; k++)
        store_drop_stream(st, (enum kind)k, 1);
    thoughts_mark_picture(&st->thoughts);
    store_drop_picture(st, KIND_EVENT);
    if (st->agents.live + st->proposals.live + st->pheromones.live +
                st->workloads.live + st->objects.live + st->waits.live !=
            0 ||
        intern_count(st->pool) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store *st = store_create();
    struct reader *readers[KIND_COUNT] = {NULL};
    struct origin o = {.stream = 1, .epoch = 1, .now_ms = T0};

    store_stream(st, NULL, KIND_DEPLOYMENT, STREAM_LIVE, NULL);
    while (size > 1) {
        const uint8_t *nl = memchr(data + 1, '\n', size - 1);
        size_t n = nl != NULL ? (size_t)(nl - data) - 1 : size - 1;
        char *exact = xrealloc(NULL, n, 1);

        memcpy(exact, data + 1, n);
        read_line(readers, st, data[0], exact, n, &o);
        free(exact);
        o.now_ms += STEP_MS;
        if (data[0] & 0x40)
            store_settle(st, o.now_ms);
        check(st);
        n += 1 + (nl != NULL);
        data += n;
        size -= n;
    }
    store_settle(st, o.now_ms);
    check(st);
    empty(st);
    store_settle(st, o.now_ms);
    check(st);
    for (int k = 0; k < KIND_CLUSTER; k++)
        reader_destroy(readers[k]);
    store_destroy(st);
    return 0;
}
