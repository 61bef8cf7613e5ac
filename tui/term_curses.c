/*
 * Cells to bytes, by ncurses. The one file that knows it.
 *
 * ncurses writes to the descriptor of the FILE it is given (not through
 * stdio), and waits if that is full: so it gets a memory file, which takes a
 * frame of any size, and whose content is moved to the caller after each.
 *
 * It is not given the tty, so that it neither sets modes nor reads keys. The
 * terminal's palette is never changed: init_color is not used, and the
 * sequence that resets it (terminfo's oc, sent by endwin) is taken out.
 *
 * Rows are put into newscr, curses' picture of what shall be on the terminal,
 * not into stdscr to be copied there: stdscr is one cell.
 */
#include "config.h"

#include "base/xalloc.h"
#include "tui/term_priv.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
/* It has a struct term of its own, for TERMINAL. */
#define term curses_terminal
#include <term.h>
#undef term

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

/* What curses.h and term.h take away. */
#undef tab
#undef lines
#undef columns

struct look_cache {
    bool set;
    int pair;
    attr_t attrs;
};

struct painter {
    SCREEN *screen;
    int fd; /* memory file */
    FILE *out, *in;
    const struct term_kind *kind;
    struct palette palette;
    /* by role, background, attributes of the cell */
    struct look_cache looks[ROLE_COUNT][ROLE_COUNT][4];
    cchar_t row[CANVAS_W_MAX];
    bool again, left;
};

bool term_facts_of(const char *type, struct term_facts *ret)
{
    char name[64];
    char cup[] = "cup", rgb[] = "RGB", colours[] = "colors";
    int status;

    if (type[0] == '\0' || strlen(type) >= sizeof name)
        return false;
    memcpy(name, type, strlen(type) + 1);
    if (setupterm(name, STDOUT_FILENO, &status) != OK) {
        if (cur_term != NULL)
            del_curterm(cur_term);
        return false;
    }
    ret->colours = tigetnum(colours);
    ret->rgb = tigetflag(rgb) > 0 || tigetnum(rgb) > 0;
    ret->cup = tigetstr(cup) != NULL && tigetstr(cup) != (char *)-1;
    del_curterm(cur_term);
    return true;
}

/* --- keys --- */

static const struct {
    const char *seq;
    int code;
} more_keys[] = {
    {"\033[A", KEY_UP},      {"\033OA", KEY_UP},      {"\033[B", KEY_DOWN},
    {"\033OB", KEY_DOWN},    {"\033[C", KEY_RIGHT},   {"\033OC", KEY_RIGHT},
    {"\033[D", KEY_LEFT},    {"\033OD", KEY_LEFT},    {"\033[H", KEY_HOME},
    {"\033OH", KEY_HOME},    {"\033[1~", KEY_HOME},   {"\033[7~", KEY_HOME},
    {"\033[F", KEY_END},     {"\033OF", KEY_END},     {"\033[4~", KEY_END},
    {"\033[8~", KEY_END},    {"\033[5~", KEY_PPAGE},  {"\033[6~", KEY_NPAGE},
    {"\033[3~", KEY_DC},     {"\033[Z", KEY_BTAB},    {"\033OM", KEY_ENTER},
    {"\033OP", KEY_F(1)},    {"\033OQ", KEY_F(2)},    {"\033OR", KEY_F(3)},
    {"\033OS", KEY_F(4)},    {"\033[11~", KEY_F(1)},  {"\033[12~", KEY_F(2)},
    {"\033[13~", KEY_F(3)},  {"\033[14~", KEY_F(4)},  {"\033[15~", KEY_F(5)},
    {"\033[17~", KEY_F(6)},  {"\033[18~", KEY_F(7)},  {"\033[19~", KEY_F(8)},
    {"\033[20~", KEY_F(9)},  {"\033[21~", KEY_F(10)}, {"\033[23~", KEY_F(11)},
    {"\033[24~", KEY_F(12)},
};

#define KEY_PASTE     (KEY_MAX + 1000)
#define KEY_PASTE_END (KEY_MAX + 1001)

static void define_keys(void)
{
    for (size_t i = 0; i < sizeof more_keys / sizeof more_keys[0]; i++)
        if (key_defined(more_keys[i].seq) <= 0)
            define_key(more_keys[i].seq, more_keys[i].code);
    define_key("\033[200~", KEY_PASTE);
    define_key("\033[201~", KEY_PASTE_END);
}

int painter_key(const char *seq)
{
    static const struct {
        int code, key;
    } map[] = {
        {KEY_UP, TERM_KEY_UP},         {KEY_DOWN, TERM_KEY_DOWN},
        {KEY_LEFT, TERM_KEY_LEFT},     {KEY_RIGHT, TERM_KEY_RIGHT},
        {KEY_HOME, TERM_KEY_HOME},     {KEY_FIND, TERM_KEY_HOME},
        {KEY_END, TERM_KEY_END},       {KEY_SELECT, TERM_KEY_END},
        {KEY_PPAGE, TERM_KEY_PAGE_UP}, {KEY_NPAGE, TERM_KEY_PAGE_DOWN},
        {KEY_ENTER, TERM_KEY_ENTER},   {KEY_BTAB, TERM_KEY_BACKTAB},
        {KEY_DC, TERM_KEY_DELETE},     {KEY_BACKSPACE, TERM_KEY_BACKSPACE},
        {KEY_PASTE, SEQ_PASTE},        {KEY_PASTE_END, SEQ_PASTE_END},
    };
    int code = key_defined(seq);

    if (code <= 0)
        return code < 0 ? SEQ_PREFIX : SEQ_NONE;
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return TERM_KEY_F1 + code - KEY_F(1);
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (map[i].code == code)
            return map[i].key;
    return SEQ_OTHER;
}

/* --- start and end --- */

/* A variable for newterm to see, put back by restore_env. */
static char *set_env(const char *name, const char *value)
{
    const char *old = getenv(name);
    char *copy = old != NULL ? xstrdup(old) : NULL;

    if (value[0] != '\0')
        setenv(name, value, 1);
    return copy;
}

static void restore_env(const char *name, char *old)
{
    if (old != NULL)
        setenv(name, old, 1);
    else
        unsetenv(name);
    free(old);
}

static const int caught[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
#define CAUGHT (sizeof caught / sizeof caught[0])

/*
 * newterm, with the signals it would catch for itself held back: it leaves
 * those alone that are not at their default.
 */
static SCREEN *new_quietly(struct painter *p)
{
    struct sigaction old[CAUGHT], ignore = {.sa_handler = SIG_IGN};
    sigset_t block, before;
    SCREEN *screen;

    sigemptyset(&block);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(&block, caught[i]);
    pthread_sigmask(SIG_BLOCK, &block, &before);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &ignore, &old[i]);
    screen = newterm(p->kind->type, p->out, p->in);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &old[i], NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return screen;
}

/*
 * With the size in the environment, or curses begins with terminfo's 24
 * lines and sets a scroll region of them.
 */
static SCREEN *new_screen(struct painter *p, int w, int h)
{
    char *cols = xasprintf("%d", w), *rows = xasprintf("%d", h);
    char *old_cols = set_env("COLUMNS", cols);
    char *old_rows = set_env("LINES", rows);
    char *old_dirs = set_env("TERMINFO_DIRS", p->kind->dirs);
    SCREEN *screen = new_quietly(p);

    restore_env("TERMINFO_DIRS", old_dirs);
    restore_env("LINES", old_rows);
    restore_env("COLUMNS", old_cols);
    free(cols);
    free(rows);
    return screen;
}

static bool open_files(struct painter *p, int fd)
{
    int in = dup(fd);

    p->fd = memfd_create("terrarium frame", MFD_CLOEXEC);
    p->out = p->fd >= 0 ? fdopen(p->fd, "w") : NULL;
    p->in = in >= 0 ? fdopen(in, "r") : NULL;
    if (p->in == NULL && in >= 0)
        close(in);
    if (p->out == NULL && p->fd >= 0)
        close(p->fd);
    return p->out != NULL && p->in != NULL;
}

struct painter *painter_create(const struct term_kind *kind, int fd, int w,
                               int h, struct error *err)
{
    struct painter *p = xcalloc(1, sizeof *p);

    p->kind = kind;
    if (!open_files(p, fd)) {
        error_set(err, -errno, "cannot make a file for frames: %s",
                  strerror(errno));
        painter_destroy(p);
        return NULL;
    }
    p->screen = new_screen(p, w, h);
    if (p->screen == NULL) {
        error_set(err, ERR_OTHER, "curses does not take the terminal '%s'",
                  kind->type);
        painter_destroy(p);
        return NULL;
    }
    if (kind->colours != TERM_MONO) {
        start_color();
        use_default_colors();
    }
    nonl();
    wresize(stdscr, 1, 1);
    leaveok(newscr, TRUE);
    keypad(stdscr, TRUE);
    curs_set(0);
    define_keys();
    painter_resize(p, w, h);
    return p;
}

void painter_destroy(struct painter *p)
{
    if (p == NULL)
        return;
    if (p->screen != NULL)
        delscreen(p->screen);
    if (p->out != NULL)
        fclose(p->out);
    if (p->in != NULL)
        fclose(p->in);
    free(p);
}

/* --- frames --- */

void painter_theme(struct painter *p, const struct theme *theme)
{
    palette_init(&p->palette, theme, p->kind->colours);
    memset(p->looks, 0, sizeof p->looks);
    if (p->kind->colours != TERM_MONO)
        reset_color_pairs();
    p->again = true;
}

void painter_resize(struct painter *p, int w, int h)
{
    if (w != COLS || h != LINES)
        resizeterm(h, w);
    flushinp(); /* it leaves a KEY_RESIZE */
    wresize(stdscr, 1, 1);
    werase(newscr);
    p->again = true;
}

void painter_again(struct painter *p)
{
    p->again = true;
}

static int colour_for(const struct painter *p, int32_t c, attr_t *attrs,
                      bool text)
{
    if (c == PAINT_DEFAULT)
        return -1;
    if (p->kind->colours == TERM_TRUE)
        return c < 8 ? 8 : c; /* 0 to 7 are the terminal's own */
    if (p->kind->colours == TERM_16 && c >= 8 && COLORS < 16) {
        if (text)
            *attrs |= c > 8 ? A_BOLD : A_DIM;
        return c == 8 ? (text ? COLOR_WHITE : COLOR_BLUE) : c - 8;
    }
    return c;
}

static const struct look_cache *look_of(struct painter *p,
                                        const struct cell *cell)
{
    struct look_cache *l = &p->looks[cell->role][cell->back][cell->attrs & 3];
    struct paint paint;

    if (l->set)
        return l;
    paint = palette_paint(&p->palette, (enum role)cell->role,
                          (enum role)cell->back, cell->attrs);
    l->set = true;
    l->attrs = (paint.attrs & STYLE_BOLD ? A_BOLD : 0) |
               (paint.attrs & STYLE_REVERSE ? A_REVERSE : 0) |
               (paint.attrs & STYLE_UNDERLINE ? A_UNDERLINE : 0) |
               (paint.attrs & STYLE_DIM ? A_DIM : 0);
    if (p->kind->colours != TERM_MONO) {
        int fg = colour_for(p, paint.fg, &l->attrs, true);
        int bg = colour_for(p, paint.bg, &l->attrs, false);

        l->pair = alloc_pair(fg, bg);
        if (l->pair < 0)
            l->pair = 0;
    }
    return l;
}

/* The cell's glyph as curses takes it; what libc sees otherwise is '?'. */
static void glyph_of_cell(const struct cell *cell, wchar_t ret[4])
{
    int n = 0;

    if (wcwidth((wchar_t)cell->cp) != cell->width) {
        ret[0] = '?';
        ret[1] = 0;
        return;
    }
    ret[n++] = (wchar_t)cell->cp;
    for (int i = 0; i < TEXT_COMBINING && cell->combining[i] != 0; i++)
        if (wcwidth((wchar_t)cell->combining[i]) == 0)
            ret[n++] = (wchar_t)cell->combining[i];
    ret[n] = 0;
}

void painter_row(struct painter *p, int y, const struct cell *cells, int n)
{
    static const struct cell blank = {
        .cp = ' ', .width = 1, .role = ROLE_TEXT, .back = ROLE_BACK};
    int count = 0, x = 0;

    while (x < COLS && count < CANVAS_W_MAX) {
        const struct cell *cell = x < n ? &cells[x] : &blank;
        const struct look_cache *l = look_of(p, cell);
        wchar_t text[4];
        int pair = l->pair;
        int width = cell->width == 2 && x + 1 < COLS && x + 1 < n ? 2 : 1;

        glyph_of_cell(cell, text);
        if (width == 1 && cell->width != 1)
            text[0] = ' ', text[1] = 0; /* half of a glyph */
        setcchar(&p->row[count++], text, l->attrs, (short)0, &pair);
        if (width == 2 && text[0] == '?') {
            text[0] = ' ';
            setcchar(&p->row[count++], text, l->attrs, (short)0, &pair);
        }
        x += width;
    }
    mvwadd_wchnstr(newscr, y, 0, p->row, count);
}

/* Moves what curses wrote to the end of out. */
static bool move_bytes(struct painter *p, struct buf *out)
{
    off_t len = lseek(p->fd, 0, SEEK_CUR);
    char chunk[16384];
    bool ok = len >= 0;

    for (off_t at = 0; ok && at < len;) {
        ssize_t n = pread(p->fd, chunk, sizeof chunk, at);

        ok = n > 0 && buf_add(out, chunk, (size_t)n);
        at += n > 0 ? n : 0;
    }
    if (lseek(p->fd, 0, SEEK_SET) != 0 || ftruncate(p->fd, 0) != 0)
        ok = false;
    return ok;
}

static const char *capability(const char *name)
{
    char copy[8];
    char *s;

    memcpy(copy, name, strlen(name) + 1);
    s = tigetstr(copy);
    return s == NULL || s == (char *)-1 ? "" : s;
}

/* Without the sequence that resets the palette, from byte `from` on. */
static void spare_palette(struct buf *out, size_t from)
{
    const char *oc = capability("oc");
    size_t len = strlen(oc);
    char *at;

    while (len > 0 && from < out->len &&
           (at = memmem(out->ptr + from, out->len - from, oc, len)) != NULL) {
        from = (size_t)(at - out->ptr);
        memmove(at, at + len, out->len - from - len + 1);
        out->len -= len;
    }
}

/*
 * curses sends both colours of a pair though mostly one differs. A colour
 * that is set already is taken out; what else could have set one forgets it.
 */
struct colours {
    const char *at[2]; /* the sequences that set text and back, NULL unknown */
    size_t len[2];
};

/* The length of the control sequence at s, 0 if it is none or not whole. */
static size_t sequence(const char *s, size_t n)
{
    size_t len = 2;

    if (n < 3 || s[0] != '\033' || s[1] != '[')
        return 0;
    while (len < n && s[len] >= 0x20 && s[len] < 0x40)
        len++;
    return len < n ? len + 1 : 0;
}

/* 0 if it sets the colour of text and no more, 1 of the back, -1 else. */
static int sets(const char *s, size_t len)
{
    int which = s[2] == '3' ? 0 : s[2] == '4' ? 1 : -1, parts = 0;

    for (size_t i = 2; i < len; i++)
        parts += s[i] == ';' || s[i] == ':';
    if (len == 5 && s[3] >= '0' && s[3] <= '7')
        return which;
    if (len > 6 && s[3] == '8' && ((s[5] == '5' && parts == 2) ||
                                   (s[5] == '2' && (parts == 4 || parts == 5))))
        return which;
    return -1;
}

static bool set_already(struct colours *c, const char *s, size_t len)
{
    int which = sets(s, len);

    if (which < 0) {
        *c = (struct colours){0};
        return false;
    }
    if (c->len[which] == len && memcmp(c->at[which], s, len) == 0)
        return true;
    c->at[which] = s;
    c->len[which] = len;
    return false;
}

size_t painter_thin(char *s, size_t n)
{
    struct colours c = {0};
    size_t to = 0;

    for (size_t i = 0; i < n;) {
        size_t len = sequence(s + i, n - i);

        if (len > 0 && s[i + len - 1] == 'm') {
            memmove(s + to, s + i, len);
            to += set_already(&c, s + to, len) ? 0 : len;
            i += len;
            continue;
        }
        if (s[i] == '\033' && (len == 0 || s[i + 2] == '?'))
            c = (struct colours){0};
        s[to++] = s[i++];
    }
    return to;
}

/* Not putp: that is for stdout. */
static void write_capability(struct painter *p, const char *s)
{
    if (write(p->fd, s, strlen(s)) < 0)
        p->again = true;
}

static void send_all(struct painter *p)
{
    const char *csr = capability("csr");

    clearok(curscr, TRUE);
    touchwin(newscr);
    if (csr[0] != '\0' && LINES > 1) /* a region of the old size */
        write_capability(p, tiparm(csr, 0, LINES - 1));
}

bool painter_flush(struct painter *p, struct buf *out)
{
    size_t from = out->len;
    bool again = p->again, left = p->left;

    p->again = p->left = false;
    if (left)
        keypad(stdscr, TRUE); /* curses sends all the rest by itself */
    else if (again)
        send_all(p);
    doupdate();
    if (!move_bytes(p, out))
        return false;
    if (again)
        spare_palette(out, from);
    if (out->len > from) {
        out->len = from + painter_thin(out->ptr + from, out->len - from);
        out->ptr[out->len] = '\0';
    }
    return true;
}

void painter_leave(struct painter *p, struct buf *out)
{
    size_t from = out->len;

    endwin();
    move_bytes(p, out);
    spare_palette(out, from);
    p->again = p->left = true;
}

size_t painter_leave_bytes(char *ret, size_t size)
{
    static const char *const names[] = {"sgr0",  "op",    "rmkx",
                                        "cnorm", "rmcup", NULL};
    size_t used = 0;

    for (int i = 0; names[i] != NULL; i++) {
        const char *s = capability(names[i]);

        while (*s != '\0' && used < size) {
            if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL)
                s = strchr(s, '>') + 1; /* padding */
            else
                ret[used++] = *s++;
        }
    }
    return used;
}
