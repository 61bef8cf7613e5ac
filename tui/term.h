/*
 * The terminal: cells out, keys in. The only part that knows curses.
 *
 * ncurses draws into a memory file; the loop forwards its bytes to the tty,
 * which is non-blocking: while bytes are pending (term_busy) no new frame is
 * drawn, so a terminal that does not read stalls nothing else. Keys come by
 * the loop too. Modes (raw, alternate screen, bracketed paste, cursor) are
 * set and restored here; also on SIGTSTP / SIGCONT and, from the handlers
 * that term_create installs, on fatal signals. SIGHUP is `gone`; SIGTERM and
 * SIGINT are the app's.
 *
 * The tty is stdin/stdout when both are one, else /dev/tty; opened anew, so
 * that the shell's file description stays as it is. One at a time.
 *
 * Colours: COLORTERM=truecolor|24bit with an own terminfo entry (RGB), else
 * what terminfo says: 256, 16, 8 or none; NO_COLOR (non-empty) → none. An
 * unknown TERM is drawn as xterm if it is one by name or has true colour,
 * else as vt100; term_note says so. init_color is never called. The own
 * entries are looked for in $TERRARIUM_TERMINFO, beside the program, in the
 * data folder.
 *
 * The caller has called setlocale (LC_CTYPE): it decides widths and glyphs.
 *
 * Memory  the last frame's cells (16 bytes each) and its bytes (at most
 *         TERM_FRAME_MAX, a larger frame is given up) until they are sent
 * Thread  loop thread only
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <uv.h>

#include "base/error.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/theme.h"

#define TERM_FRAME_MAX (8 * 1024 * 1024)

enum term_colours {
    TERM_MONO,
    TERM_16,
    TERM_256,
    TERM_TRUE,
};

struct term_calls {
    /*
     * One key: a code point (control keys as their byte, 3 is ^C) or one of
     * tui/keys.h; pasted: it came within a bracketed paste, whose control
     * bytes are dropped but Enter and Tab. Alt with a character is Escape,
     * then the character; Shift, Alt or Ctrl with a cursor or function key
     * is that key.
     */
    void (*key)(uint32_t key, bool pasted, void *arg);
    void (*resize)(int w, int h, void *arg);
    /* All pending bytes have left: a frame may be drawn. Only after
       term_busy was true. */
    void (*drained)(void *arg);
    /* EOF, EIO or SIGHUP: the terminal is gone. Called once. */
    void (*gone)(void *arg);
    /* Came back after SIGTSTP: draw everything. */
    void (*resumed)(void *arg);
    void *arg;
    /* SIGHUP while the terminal is still there; NULL: as if it were gone. */
    void (*hup)(void *arg);
};

struct term;

struct term_want {
    const char *type; /* TERM to use; NULL = environment */
    int colours;      /* at most this many enum term_colours; -1 = any */
    bool no_keys;     /* the wall: keys are read and dropped, but q, ^C */
    const char *tty;  /* path of the terminal; NULL = the program's own */
};

/*
 * NULL and *err if there is no terminal to speak to. Theme, want and calls
 * are copied; want NULL = any colours. Writes nothing before the first frame.
 */
struct term *term_create(uv_loop_t *loop, const struct theme *theme,
                         const struct term_want *want,
                         const struct term_calls *calls, struct error *err);
void term_size(const struct term *t, int *w, int *h);
enum term_colours term_colours(const struct term *t);
/* Which glyphs the locale and the terminal can show. */
enum glyph_set term_glyphs(const struct term *t);
const char *term_note(const struct term *t); /* NULL: nothing to say */
const char *term_type(const struct term *t);
void term_set_theme(struct term *t, const struct theme *theme);

/*
 * Draws the canvas: only rows that differ from what was drawn before are
 * handed to curses; nothing changed, nothing is sent. title: the terminal's
 * title, NULL = leave it. Does nothing while busy, gone or closing (returns
 * false). No callback runs before it returns.
 */
bool term_draw(struct term *t, const struct canvas *c, const char *title);
bool term_busy(const struct term *t);
/* Rings once, when the bytes before have left. */
void term_bell(struct term *t);
/* Everything is drawn anew with the next frame (^L). */
void term_redraw(struct term *t);
/* Bytes sent to the tty, frames drawn, frames skipped while busy. */
void term_counts(const struct term *t, uint64_t *bytes, uint64_t *frames,
                 uint64_t *skipped);

/*
 * Suspends the process group as ^Z does elsewhere; returns after SIGCONT,
 * then calls.resumed has run.
 */
void term_suspend(struct term *t);
/*
 * Lends the terminal to another program in this process group: leaves the
 * screen, gives the modes back as they were, reads no keys and draws nothing
 * (term_busy is true) until term_take. False: it is gone. ^Z stops us with
 * that program, and the shell's fg lets both go on.
 */
bool term_lend(struct term *t);
/* Has it back; then calls.resumed has run. */
void term_take(struct term *t);
/*
 * Restores the terminal and frees; cb last, from the loop. A terminal that
 * does not read is waited for at most a second. No other callback after this.
 */
void term_close(struct term *t, void (*cb)(void *arg), void *arg);

#endif
