/*
 * A fracta control plane as a source, over HTTP.
 *
 * Polled (poll.h): agents 1–5 s, objectives 3–15 s. The stream of events of
 * each agent that is looked at (watch.h), at most CONTROL_WATCHES of them;
 * the mission of the first (mission.h). What an agent put out while a page
 * shows it (output.h). A spawn is tried first (dry_run.h).
 * What it says of an agent is a run of the agent of that name in `ns`; what
 * is told of a terminal there is none of this machine.
 *
 * It answers everybody, over plain HTTP: another machine than this one is
 * spoken to so only when that is allowed, and the plane is marked insecure,
 * as it is when certificates are not checked.
 *
 * Errors are mostly 500 with a text; what is refused or unreachable is tried
 * again with jitter, at most 3 s apart, what costs the server at most 30 s.
 * Proof of life is a list that came whole.
 */
#ifndef DATA_FRACTA_CONTROL_H
#define DATA_FRACTA_CONTROL_H

#include "data/source.h"

#define CONTROL_WATCHES 8
#define CONTROL_AGENTS_MS 1000, 5000
#define CONTROL_OBJECTIVES_MS 3000, 15000
#define CONTROL_FETCH_MAX (2u << 20)

struct control_options {
    const char *name;   /* of its plane */
    const char *url;    /* http[s]://host[:port] */
    const char *socket; /* a Unix socket instead; NULL */
    const char *ca_pem; /* NULL: the system's */
    const char *ns;     /* where its agents run */
    const char *user_agent;
    bool insecure;   /* its certificate is not checked */
    bool plain_http; /* to another machine, too */
    bool writes;     /* actions may be built */
};

/* Copies. Never fails: what is wrong is in the plane. */
struct source *control_source_create(uv_loop_t *loop, struct store *store,
                                     const struct control_options *options);

#endif
