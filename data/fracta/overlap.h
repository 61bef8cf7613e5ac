/*
 * Which lines of a text are new that is told again and again as a whole: the
 * end of a log, of so many lines or bytes.
 *
 * What was handed out before is found again at the beginning of the next
 * text, as far as it reaches; only what stands behind it is handed out. The
 * text's first line may be the end of one. Its last line, without an end, is
 * handed out when the next text still has it so; if it grows later, the rest
 * follows. Lines that are all the same cannot be told apart: as few as may be
 * are taken for new.
 *
 * Bounds  the last OVERLAP_LINES lines of a text
 */
#ifndef DATA_FRACTA_OVERLAP_H
#define DATA_FRACTA_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OVERLAP_LINES 5000

struct overlap {
    uint64_t *shown; /* hashes of the last text's lines, those with an end */
    uint32_t count;
    uint64_t sum;    /* of the last text */
    uint64_t open;   /* hash of the line without an end that was handed out */
    size_t open_len; /* 0: none was */
};

/* p NULL: what came between may be missing here. */
typedef void (*overlap_line_fn)(const char *p, size_t n, void *arg);

void overlap_init(struct overlap *o);
void overlap_finish(struct overlap *o);
/* The next text is another one, from its beginning. */
void overlap_clear(struct overlap *o);
/* True: something was handed out. */
bool overlap_take(struct overlap *o, const char *text, size_t n,
                  overlap_line_fn fn, void *arg);

#endif
