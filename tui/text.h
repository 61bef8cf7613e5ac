/*
 * The one gate for bytes that come from outside, and the only place where
 * width is computed.
 *
 * text_next takes one grapheme after another: control bytes, escape
 * sequences' bytes, bidi controls, invisible characters and invalid UTF-8
 * become one visible mark each; a cluster on which terminals disagree
 * (joined emoji, several bases) is its first code point; combining marks
 * beyond TEXT_COMBINING are dropped. Tabs are one space. Newlines are marks
 * (callers that want lines split before).
 *
 * Width is 0 (nothing to draw), 1 or 2 columns.
 */
#ifndef TUI_TEXT_H
#define TUI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_COMBINING 2

struct glyph {
    uint32_t base;
    uint32_t combining[TEXT_COMBINING]; /* 0 = none */
    uint8_t width;
    bool mark; /* stands for something that is not shown as it is */
};

/* The next grapheme; returns the bytes consumed, 0 at the end. */
size_t text_next(const char *s, size_t len, struct glyph *ret);

/* Columns of the whole text. */
int text_width(const char *s, size_t len);

/* How many bytes fit into `columns` (whole graphemes). */
size_t text_fit(const char *s, size_t len, int columns, int *ret_width);

/* UTF-8 of one code point; ret holds 4 bytes; returns the count. */
int text_encode(uint32_t cp, char ret[4]);

/* True if the bytes are valid UTF-8 with nothing that would become a mark. */
bool text_clean(const char *s, size_t len);

/* Onto a stream that may be a terminal; combining marks are left out. */
void text_print(FILE *out, const char *s);

/*
 * A key typed behind a line of text, in `size` bytes with the NUL: false if
 * it is no character, or has no room. And its last code point erased.
 */
bool text_type(char *line, size_t size, uint32_t key);
void text_erase(char *line);

#endif
