/*
 * What one line of an agent's log says.
 *
 * Plain lines pass, without a date and a harmless level at their head (the
 * screen has its own column for the time). A line that is one JSON object
 * gives its message, level, tokens and cost by the customary names (msg,
 * message, text, event; level, severity; usage.*, tokens; cost_usd), and the
 * stream formats of coding agents give typed thoughts (assistant text, tool calls
 * and results, thinking). JSON without any of these passes as a plain line.
 *
 * Never fails: what cannot be read is a plain line.
 */
#ifndef DATA_LOGLINE_H
#define DATA_LOGLINE_H

#include "base/span.h"
#include "data/kinds.h"

#include <stdint.h>

struct logline {
    enum thought_kind kind;
    struct span text; /* into the line, or into the reader's memory */
    uint32_t tokens;
    double cost; /* NAN: not said */
    bool json;
};

struct logline_reader;

struct logline_reader *logline_create(void);
void logline_destroy(struct logline_reader *r);
/* ret->text is valid until the next read and while `line` lives. */
void logline_read(struct logline_reader *r, const char *line, size_t len,
                  struct logline *ret);

#endif
