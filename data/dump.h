/*
 * The store as JSON, and back as the last saved picture.
 *
 * dump_json writes schema "terrarium.snapshot/1" (docs/snapshot-schema.json):
 * every row, agents and proposals and pheromones by namespace and name,
 * thoughts by time. The same store at the same moment gives the same bytes.
 *
 * picture_read puts such a document into an empty store as rows that are
 * only pictured: they go when a source has told the same kind. It takes any
 * bytes: what cannot be read is left out.
 */
#ifndef DATA_DUMP_H
#define DATA_DUMP_H

#include "base/buf.h"
#include "data/store.h"

struct dump_want {
    const char *context, *ns;
    int64_t now_ms;
    uint32_t most; /* rows of a kind; 0 = all */
    bool pretty;
};

/* False if out's cap was reached. */
bool dump_json(const struct store *st, const struct dump_want *want,
               struct buf *out);

struct picture {
    int64_t taken_ms; /* 0: nothing could be read */
    char context[128], ns[128];
};
void picture_read(struct store *st, const char *text, size_t len,
                  struct picture *ret);

/*
 * One agent as it once was, told by something that is no live source: drawn
 * like those of the saved picture, and gone like them. False: a source tells
 * of it, which is believed instead; or there is no room.
 */
struct pictured {
    struct span ns, name, genus, phase, why;
    enum agent_state state;
    bool trouble;
    int64_t seen_ms; /* when it was so */
};
bool picture_agent(struct store *st, const struct pictured *p, int64_t now_ms);
/* Nobody pictures it any more. */
void picture_agent_gone(struct store *st, struct span ns, struct span name);

#endif
