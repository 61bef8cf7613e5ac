/*
 * A fracta gateway as a source: the door between agents and their tools.
 *
 * Read only: GET /readyz every GATEWAY_READY_MS (503: its first look at the
 * tool servers is not over; 404: a build without it, /healthz stands in) and,
 * while it is ready, GET /debug/policy every GATEWAY_POLICY_MS: how many tools
 * there are, how many agents see, how many are denied or switched off. 404
 * there: it serves no tool servers.
 *
 * It brings no rows. Its plane says how it stands; doctor, what each tool
 * server may do. Proof of life is any answer. Plain HTTP to another machine
 * only where that is allowed, as for a control plane. What fails is asked again
 * after fracta_backoff.
 */
#ifndef DATA_FRACTA_GATEWAY_H
#define DATA_FRACTA_GATEWAY_H

#include "data/source.h"

#define GATEWAY_READY_MS 5000
#define GATEWAY_POLICY_MS 30000
#define GATEWAY_BODY_MAX (1u << 20)
#define GATEWAY_WORD_MAX (64u << 10) /* of what has no words, ready or not */
#define GATEWAY_SERVERS 16 /* tool servers that doctor tells of */

struct gateway_options {
    const char *name;   /* of its plane */
    const char *url;    /* http[s]://host[:port] */
    const char *socket; /* a Unix socket instead, of a tunnel; NULL */
    const char *ca_pem; /* NULL: the system's */
    const char *user_agent;
    bool plain_http; /* to another machine, too */
    bool insecure;   /* certificates are not checked */
};

/* Copies. Never fails: what is wrong is in the plane. */
struct source *gateway_source_create(uv_loop_t *loop, struct store *store,
                                     const struct gateway_options *options);

#endif
