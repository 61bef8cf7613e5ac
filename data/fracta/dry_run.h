/*
 * Asks a control plane what a spawn would run: POST /api/v1/agents/dry-run,
 * which creates nothing. It is a POST all the same: where nothing may be
 * written it does not leave, either.
 *
 * What comes back is told in words: runtime, model, mode, backend, the
 * command's words, tools. It holds secrets, too: of the environment and of
 * what somebody staged only names are read, words of the command behind an
 * option that is called like a secret are masked, and the answer is wiped.
 *
 * A server that has no such endpoint, or fails at it, is no refusal: it is
 * told as a warning, and the spawn may be sent.
 *
 * One at a time: a new one ends the one before.
 */
#ifndef DATA_FRACTA_DRY_RUN_H
#define DATA_FRACTA_DRY_RUN_H

#include "data/net/http.h"
#include "data/source.h"

#define DRY_RUN_BODY_MAX (2u << 20)

struct fracta_dry_run;

/* http and target are borrowed until the close. */
struct fracta_dry_run *fracta_dry_run_create(struct http *http,
                                             const struct http_target *target);
/* As source_try. */
int fracta_dry_run_start(struct fracta_dry_run *d, const struct plan *p,
                         source_tried_cb cb, void *arg, struct error *err);
void fracta_dry_run_cancel(struct fracta_dry_run *d);
/* Frees; its callback is not called any more. */
void fracta_dry_run_close(struct fracta_dry_run *d);

/* What the answer says, body: of a 200; the reader of it, for tests. */
void fracta_dry_run_read(const struct http_answer *answer, struct span body,
                         const struct error *err, struct tried *ret);

#endif
