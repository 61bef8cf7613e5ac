/*
 * The mission of the one agent that is looked at, asked for as long as it is.
 *
 * A 404 is a word: it has none. Any other refusal says nothing of it, and is
 * no trouble of the plane's.
 */
#ifndef DATA_FRACTA_MISSION_H
#define DATA_FRACTA_MISSION_H

#include "data/facts.h"
#include "data/net/http.h"

#define MISSION_MS 3000, 30000
#define MISSION_BODY_MAX (64u << 10)
#define MISSION_NONE "none" /* its status, where there is none */

struct fracta_mission;
struct run_facts;

/* changed: what fracta_mission_* say did. http and target are borrowed until
   `closed`. */
struct fracta_mission *fracta_mission_create(struct http *http,
                                             const struct http_target *target,
                                             void (*changed)(void *arg),
                                             void *arg);
/* Of letters of fracta_name_ok; "" nobody is looked at. */
void fracta_mission_look(struct fracta_mission *m, const char *name);
void fracta_mission_kick(struct fracta_mission *m);
/* Puts what is known of this agent's into ret; nothing if it is another. */
void fracta_mission_put(const struct fracta_mission *m, struct run_facts *ret);
void fracta_mission_close(struct fracta_mission *m, void (*closed)(void *arg),
                          void *arg);

#endif
