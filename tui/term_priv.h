/*
 * The parts of the terminal, for tui/term*.c only.
 *
 *   term.c         the object: loop handles, suspend, close
 *   term_frame.c   frames: changed rows, title, bytes on their way
 *   term_type.c    which terminfo entry and how many colours
 *   term_curses.c  the painter: cells → bytes by ncurses (its only user)
 *   term_keys.c    bytes → keys
 *   term_tty.c     the tty: modes, size, bytes out, fatal signals
 */
#ifndef TUI_TERM_PRIV_H
#define TUI_TERM_PRIV_H

#include <termios.h>

#include "base/buf.h"
#include "tui/paint.h"
#include "tui/term.h"

/* --- tty --- */

struct tty {
    int fd;                /* own, non-blocking */
    struct termios before; /* as it was found */
    int shared_flags;      /* -1, or flags to give back: see tty_open */
};

/*
 * path: NULL = the program's own terminal. The terminal is opened anew so
 * that O_NONBLOCK does not reach the shell's open file description; only
 * where it cannot be, the one at hand is used and its flags are given back
 * by tty_close.
 */
int tty_open(struct tty *tty, const char *path, struct error *err);
void tty_raw(const struct tty *tty);
void tty_cooked(const struct tty *tty);
void tty_close(struct tty *tty); /* does not change modes */
/* Clamped to 1…CANVAS_*_MAX; 80×24 if the terminal does not say. */
void tty_size(const struct tty *tty, int *w, int *h);
/*
 * Writes from *sent on until all is gone or the terminal takes no more.
 * False if the terminal is gone.
 */
bool tty_write(const struct tty *tty, const struct buf *b, size_t *sent);
/* Waits at most ms until it can be written to. */
bool tty_wait(const struct tty *tty, int ms);

/*
 * From now on a fatal signal restores modes and writes `leave` (copied, at
 * most TTY_LEAVE_MAX bytes) before it takes its course. One tty at a time.
 */
#define TTY_LEAVE_MAX 256
void tty_guard(const struct tty *tty, const char *leave, size_t len);
void tty_unguard(void);

/* --- type --- */

enum term_family {
    FAMILY_OTHER, /* no private modes, no title */
    FAMILY_XTERM,
    FAMILY_TMUX,
    FAMILY_SCREEN,
    FAMILY_RXVT,
    FAMILY_LINUX,
};

struct term_kind {
    char type[64]; /* terminfo name */
    enum term_family family;
    enum term_colours colours;
    char dirs[4096]; /* TERMINFO_DIRS to use, "" = as it is */
    char note[160];  /* "" = nothing to say */
};

int term_kind_choose(const struct term_want *want, struct term_kind *ret,
                     struct error *err);

/* What terminfo says; false if there is no such entry. */
struct term_facts {
    int colours;
    bool rgb, cup;
};

bool term_facts_of(const char *type, struct term_facts *ret);

/* --- painter --- */

struct painter;

/* NULL and *err if curses refuses. Only one at a time. */
struct painter *painter_create(const struct term_kind *kind, int fd, int w,
                               int h, struct error *err);
void painter_destroy(struct painter *p);
void painter_theme(struct painter *p, const struct theme *theme);
void painter_resize(struct painter *p, int w, int h);
/* One row, n cells; what is right of them becomes blank. */
void painter_row(struct painter *p, int y, const struct cell *cells, int n);
/* Everything anew with the next flush. */
void painter_again(struct painter *p);
/* Appends what changed to out; false if it did not fit or was lost. */
bool painter_flush(struct painter *p, struct buf *out);
/* Takes out colours that are set already; returns the bytes left. */
size_t painter_thin(char *s, size_t n);
/* Appends what leaves the screen; the next flush enters it again. */
void painter_leave(struct painter *p, struct buf *out);
/* The same made from terminfo alone, for a signal handler. */
size_t painter_leave_bytes(char *ret, size_t size);

/* What a key sequence means: */
enum {
    SEQ_NONE = 0,
    SEQ_PREFIX = -1, /* the beginning of one */
    SEQ_OTHER = -2,  /* known, but no key of ours */
    SEQ_PASTE = 0x300000,
    SEQ_PASTE_END,
};

int painter_key(const char *seq); /* or TERM_KEY_… */

/* --- keys --- */

#define KEYS_HELD 64

struct keys {
    void (*key)(uint32_t key, bool pasted, void *arg);
    void *arg;
    char held[KEYS_HELD]; /* an unfinished sequence */
    size_t len;
    bool paste;
};

#define KEYS_ESC_MS  25  /* Esc alone is the key Esc after this */
#define KEYS_REST_MS 250 /* for the rest of a sequence that has begun */

/*
 * Decodes; calls key for each. A sequence that is not complete is kept:
 * keys_wait_ms says how long (0 = nothing is kept), then keys_flush makes a
 * lone Esc a key and drops anything longer.
 */
void keys_feed(struct keys *k, const char *s, size_t len);
unsigned keys_wait_ms(const struct keys *k);
void keys_flush(struct keys *k);

/* --- the object --- */

enum {
    TERM_SIG_WINCH,
    TERM_SIG_TSTP,
    TERM_SIG_CONT,
    TERM_SIG_HUP,
    TERM_SIGNALS,
};

struct term {
    uv_loop_t *loop;
    struct term_calls calls;
    bool no_keys;
    struct tty tty;
    struct term_kind kind;
    struct painter *painter;
    struct keys keys;

    uv_poll_t poll;
    uv_signal_t signals[TERM_SIGNALS];
    uv_timer_t escape; /* an unfinished key sequence */
    uv_timer_t later;  /* gone, or the end of patience when closing */
    int open_handles;

    int w, h;
    uint64_t *rows; /* a hash of each as drawn last */
    int cells_w, cells_h;
    bool fresh;   /* nothing of that is on the screen */
    bool entered; /* private modes are on */
    char *title;  /* as sent last */
    struct buf out;
    size_t sent;
    uint64_t bytes, frames, skipped;

    bool lent; /* another program has it */
    bool lost; /* cannot be written to */
    bool gone; /* and the app knows */
    bool closing, finished;
    void (*closed_cb)(void *arg);
    void *closed_arg;
};

/* term_frame.c */
void frame_watch(struct term *t); /* keys, and room if bytes are pending */
void frame_send(struct term *t);
void frame_drop(struct term *t); /* the bytes that are not sent yet */
/* Leaves the screen: the frame that is not sent yet is given up. */
void frame_leave(struct term *t);
void frame_guard(const struct term *t);
/* term.c */
void term_on_poll(uv_poll_t *handle, int status, int events);
/* Cannot be written to or read: the app is told from the loop. */
void term_lose(struct term *t);

#endif
