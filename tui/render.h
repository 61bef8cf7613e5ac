/*
 * The frame for other places than a terminal: text, ANSI, SVG.
 *
 * The same canvas gives the same bytes. Trailing blanks of a row are cut in
 * text; ANSI uses true colour, 256, 16 or attributes only, ends each row
 * with a reset, and needs no terminal to be read back (cat shows it).
 *
 * A buffer that is full is left `over`: 1 MiB holds any text, 8 MiB any ANSI
 * frame, 32 MiB any SVG.
 */
#ifndef TUI_RENDER_H
#define TUI_RENDER_H

#include "base/buf.h"
#include "tui/canvas.h"
#include "tui/term.h"
#include "tui/theme.h"

void render_text(const struct canvas *c, struct buf *out);
void render_ansi(const struct canvas *c, const struct theme *theme,
                 enum term_colours colours, struct buf *out);
/* A standalone image; monospaced text, cells as rectangles, UTF-8. */
void render_svg(const struct canvas *c, const struct theme *theme,
                struct buf *out);
/*
 * For tests: one letter per cell for its role (see the table in the file),
 * then the same for backgrounds (blank: the plain one) and for attributes
 * (b bold, r reverse, * both), each after a line "== what".
 */
void render_roles(const struct canvas *c, struct buf *out);

/* One cell's glyph with what combines with it. */
void render_cell_text(const struct cell *cell, struct buf *out);

#endif
