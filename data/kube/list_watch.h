/*
 * Follows one collection: list, then watch, for ever.
 *
 *   listing   GET the collection in one body, objects cut out while they
 *             arrive; the first time from the server's cache (version 0);
 *             whole when its document is, if the stream's end is late
 *   watching  from the list's version on, bookmarks on; a clean end or a cut
 *             connection goes on from the last version seen
 *   410       as status or as ERROR event: a new list, as a diff: rows that
 *             are not in it go when it is complete, not before
 *   429, 5xx  again after Retry-After, else doubling to 30 s
 *   refused, unreachable, silent: again after doubling to 3 s
 *   401       after the client's own repeat: as 429
 *   403       denied: told; asked again every 30 s; what was read before, as
 *             5xx: a server that starts refuses all until it knows its rules
 *   404       the kind is not served: told, then waits for list_watch_kick
 *
 * All delays have jitter (× 0.8…1.2). Objects that cannot be read are
 * skipped and counted. After close nothing is called but its callback.
 */
#ifndef DATA_KUBE_LIST_WATCH_H
#define DATA_KUBE_LIST_WATCH_H

#include "data/kube/client.h"
#include "data/kube/reader.h"

enum list_watch_state {
    LIST_WATCH_IDLE,
    LIST_WATCH_LISTING,
    LIST_WATCH_WATCHING, /* asked for; live once it was answered */
    LIST_WATCH_LIVE,
    LIST_WATCH_WAITING, /* before the next try */
    LIST_WATCH_DENIED,
    LIST_WATCH_ABSENT,
};

struct list_watch;

struct list_watch_want {
    enum kind kind;
    const char *collection; /* "/apis/kgents.io/v1/namespaces/x/agents" */
    const char *selector;   /* labelSelector, unescaped; NULL = none */
    uint8_t stream;         /* unique per list_watch in the store */
};

/* The state changed, or an error was met. May be called within a write. */
typedef void (*list_watch_cb)(struct list_watch *lw, void *arg);

struct list_watch *list_watch_create(uv_loop_t *loop, struct kube_client *c,
                                     struct store *store,
                                     const struct list_watch_want *want,
                                     list_watch_cb cb, void *arg);
void list_watch_start(struct list_watch *lw);
/* Tries at once if it waits; `fresh`: gives up what runs and connects new. */
void list_watch_kick(struct list_watch *lw, bool fresh);
/* One object that was read on its own: taken, unless the watch is further. */
void list_watch_put(struct list_watch *lw, const char *text, size_t len);
void list_watch_close(struct list_watch *lw, void (*cb)(void *arg), void *arg);

enum list_watch_state list_watch_state(const struct list_watch *lw);
/* NULL when nothing is wrong now. */
const struct error *list_watch_error(const struct list_watch *lw);
enum kind list_watch_kind(const struct list_watch *lw);
uint8_t list_watch_stream(const struct list_watch *lw);
/* Has been complete at least once since its start. */
bool list_watch_synced(const struct list_watch *lw);
/* Milliseconds until the next try; -1 when none is planned. */
int64_t list_watch_retry_in(const struct list_watch *lw);

struct list_watch_counts {
    uint64_t objects, events, lists, watches, bad;
};
struct list_watch_counts list_watch_counts(const struct list_watch *lw);

#endif
