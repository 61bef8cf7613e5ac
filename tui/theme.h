/*
 * A theme: what each role looks like.
 *
 * Read from a file, one role a line:
 *     name = moss
 *     text = #c9d4c5
 *     title = #eef4ea bold
 *     bar = #17201b            (a background)
 *     wait = #e8b45a bold|underline|reverse|dim …
 *     good = default           (the terminal's own colour)
 * Comments begin with '#' at the line's start or after two spaces. Unknown
 * roles, bad colours and repeated roles are errors with file:line; a role
 * that is missing is an error that names it.
 *
 * A ramp's or background's `reverse` counts only where the role is the
 * background: as text it would be a bar of its own.
 *
 * Built in: moss (the default) and mono (attributes only, no colour).
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "tui/roles.h"

#define THEME_DEFAULT   0xffffffffu /* the terminal's own colour */
#define THEME_BYTES_MAX 65536       /* of a theme file */

enum {
    STYLE_BOLD = 1 << 0, /* the first two as in a cell's attrs */
    STYLE_REVERSE = 1 << 1,
    STYLE_UNDERLINE = 1 << 2,
    STYLE_DIM = 1 << 3,
};

struct style {
    uint32_t rgb; /* 0xRRGGBB or THEME_DEFAULT */
    uint8_t attrs;
};

struct theme {
    char name[32];
    struct style styles[ROLE_COUNT];
};

/*
 * text: the file's bytes; file: its name for errors. 0, or ERR_CONFIG with
 * *ret as it was.
 */
int theme_parse(const char *file, const char *text, size_t len,
                struct theme *ret, struct error *err);

/*
 * By name: a built-in one, or NAME.theme in the folders of
 * $XDG_CONFIG_HOME/terrarium/themes and the data folder; a name with a slash
 * is a path. ERR_ABSENT lists what there is, ERR_LIMIT: larger than
 * THEME_BYTES_MAX. Reads the disk: for the start and for a command.
 */
int theme_load(const char *name, struct theme *ret, struct error *err);

/* The built-in mono, for where there are no colours. */
const struct theme *theme_mono(void);

/* A cell's style: its role on its background, with its own attributes. */
struct look {
    uint32_t fg, bg; /* 0xRRGGBB or THEME_DEFAULT */
    uint8_t attrs;   /* STYLE_* */
};

struct look theme_look(const struct theme *theme, enum role role,
                       enum role back, unsigned attrs);

/*
 * Nearest (by OKLab distance) of xterm's 256 colours, of the 16, for an RGB
 * value. Of the 256 only 16…255 are used: users repaint the first 16.
 */
int theme_256(uint32_t rgb);
int theme_16(uint32_t rgb);

#endif
