/*
 * What a terminal program printed, as lines of text.
 *
 * Carriage return and backspace overwrite, colours are dropped, UTF-8 is
 * kept; titles and reports come out beside the lines. A program that
 * addresses the cursor, clears the screen or asks the terminal something is
 * no stream of lines: `screen` is called once, with the bytes from there on,
 * and everything after belongs to a terminal emulator; titles, reports and
 * bells still come out here.
 *
 * line    at most LINES_MAX bytes, longer ones are given in pieces; one that
 *         begins as a JSON object LINES_JSON_MAX, since a piece says nothing
 */
#ifndef HABITAT_LINES_H
#define HABITAT_LINES_H

#include "base/buf.h"
#include "base/span.h"

#include <stdint.h>

#define LINES_MAX 16384
#define LINES_JSON_MAX (1u << 20)
#define LINES_OSC_MAX 4096

struct lines_calls {
    void (*line)(struct span text, void *arg);
    void (*osc)(int number, struct span text, void *arg); /* titles, reports */
    void (*bell)(void *arg);
    void (*screen)(void *arg);
    void *arg;
};

struct lines {
    struct lines_calls calls;
    struct buf text; /* the line so far */
    size_t at;       /* where the next byte goes */
    struct buf osc;
    uint8_t state;
    bool screen; /* no lines any more: an emulator draws */
    char csi[32]; /* parameters of the sequence being read */
    uint8_t csi_len;
};

void lines_init(struct lines *l, const struct lines_calls *calls);
void lines_finish(struct lines *l);
/* Bytes taken: fewer than n if the program turned to the screen with the next
   one, the end of the sequence whose parameters are in csi. */
size_t lines_feed(struct lines *l, const char *p, size_t n);
/* The unfinished line, borrowed until the next feed. */
struct span lines_rest(const struct lines *l);
/* The unfinished line, as one. */
void lines_flush(struct lines *l);

#endif
