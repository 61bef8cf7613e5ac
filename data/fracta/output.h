/*
 * What an agent put out, as its control plane keeps it, for the page of logs.
 *
 * Asked for as long as it is open, every OUTPUT_MS: its log; where that is
 * refused the end of its log file, then what was said last, then its last
 * events. What was refused is told once, in words, and tried again after
 * OUTPUT_CLIMB_MS. New lines are handed out, none twice (overlap.h); a time
 * in front ("[RFC 3339] text") is taken off.
 *
 * Bounds  an answer OUTPUT_BODY_MAX, a line OUTPUT_LINE_MAX, longer ones are
 *         cut
 */
#ifndef DATA_FRACTA_OUTPUT_H
#define DATA_FRACTA_OUTPUT_H

#include "data/fracta/read.h"
#include "data/net/http.h"
#include "data/source.h"

#define OUTPUT_MS 1000, 10000
#define OUTPUT_LINES 1000 /* asked for */
#define OUTPUT_CLIMB_MS 30000
#define OUTPUT_BODY_MAX (4u << 20)
#define OUTPUT_LINE_MAX (16u << 10)

struct fracta_output;

/* http, target and reader are borrowed until `closed`; name is copied, of the
   letters of fracta_name_ok. No call before it returns. */
struct fracta_output *fracta_output_open(struct http *http,
                                         const struct http_target *target,
                                         struct fracta_reader *reader,
                                         const char *name,
                                         const struct source_lines *calls);
const char *fracta_output_name(const struct fracta_output *o);
void fracta_output_kick(struct fracta_output *o);
/* Nothing more is handed out. */
void fracta_output_close(struct fracta_output *o, void (*closed)(void *arg),
                         void *arg);

#endif
