/*
 * Sends plans to a control plane, and tells what it answered.
 *
 * Several may be under way. A refusal's words come from {"error": "…"}, or,
 * as its router writes plain text, from the body's first line; never more of
 * it: an answer may hold what somebody staged.
 */
#ifndef DATA_FRACTA_SENDER_H
#define DATA_FRACTA_SENDER_H

#include "data/net/http.h"
#include "data/source.h"

struct fracta_sender;

/* http and target are borrowed until the close. patience_ms: how long an
   answer may take to begin; 0 as http.h. */
struct fracta_sender *fracta_sender_create(struct http *http,
                                           const struct http_target *target,
                                           int64_t patience_ms);
/*
 * This server says 500 for everything that it refuses: one with {"error": …}
 * was said by who looked at the request, and is told as a 400.
 */
void fracta_sender_blunt(struct fracta_sender *s);
/* What is under way is answered with "lost"; frees. */
void fracta_sender_close(struct fracta_sender *s);
/* As source_send. */
int fracta_sender_send(struct fracta_sender *s, const struct plan *p,
                       const char *key, source_sent_cb cb, void *arg,
                       struct error *err);
/* What a refused answer says, as an error. */
void fracta_refusal(const struct http_answer *answer, struct error *ret);

#endif
