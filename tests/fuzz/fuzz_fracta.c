/*
 * Objects of a control plane, of any bytes: read, put into a store, judged.
 *
 * Each line is one object; each is read as every kind.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/fracta/read.h"
#include "data/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(struct span s)
{
    volatile char last;

    for (size_t i = 0; i < s.n; i++)
        last = s.p[i];
    (void)last;
}

static void one(struct fracta_reader *r, struct store *st, struct span json)
{
    static const struct plane plane = {.name = "test"};
    const struct origin o = {.plane = &plane, .stream = 1,
                             .epoch = 1,
                             .now_ms = 1795271527000};
    struct run_facts run;
    struct proposal_facts p;
    struct asked_facts asked;
    struct pheromone_facts ph;
    struct fracta_event e;
    struct thought_facts t;
    struct error err;

    if (fracta_read_agent(r, json, &run, &err) == 0)
        store_put_run(st, &run, &o);
    if (fracta_read_proposal(r, json, &p, &asked, &err) == 0) {
        touch(asked.diff);
        store_put_proposal(st, &p, &o);
    }
    if (fracta_read_pheromone(r, json, &ph, &err) == 0)
        store_put_pheromone(st, &ph, &o);
    if (fracta_read_event(r, json, &e, &err) == 0 && fracta_thought(&e, &t)) {
        if (t.kind >= THOUGHT_COUNT || t.text.n == 0)
            abort();
        touch(t.text);
        store_thought(st, &t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fracta_reader *r = fracta_reader_create();
    struct store *st = store_create();

    while (size > 0) {
        const uint8_t *nl = memchr(data, '\n', size);
        size_t n = nl != NULL ? (size_t)(nl - data) : size;
        char *copy = malloc(n + 1);

        if (copy == NULL)
            abort();
        memcpy(copy, data, n);
        one(r, st, (struct span){copy, n});
        free(copy);
        data += nl != NULL ? n + 1 : n;
        size -= nl != NULL ? n + 1 : n;
    }
    store_settle(st, 1795271528000);
    store_destroy(st);
    fracta_reader_destroy(r);
    return 0;
}
