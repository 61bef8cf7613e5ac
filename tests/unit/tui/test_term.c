/*
 * The terminal over a pseudo-terminal: this side is a fake emulator that
 * reads what is drawn and types keys.
 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/cm.h"
#include "tui/term.h"
#include "tui/term_priv.h"

#ifndef TERMINFO_BUILT
#define TERMINFO_BUILT "/tmp/ti"
#endif

/* libtinfo forgets a string whenever it looks at its folders anew. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:_nc_first_db\n";
}

struct rig {
    uv_loop_t loop;
    struct theme theme;
    struct term *term;
    struct canvas canvas;
    int master, slave;
    char tty[64];
    struct termios before;
    struct buf screen; /* all bytes that came */
    char keys[4096];   /* as text, one after another */
    int resizes, drained, gone, resumed, closed;
    bool close_on_key;
};

static void on_closed(void *arg)
{
    ((struct rig *)arg)->closed++;
}

static void on_key(uint32_t key, bool pasted, void *arg)
{
    static const char *const names[] = {
        "up",   "down",  "left", "right",   "home",      "end",    "pgup",
        "pgdn", "enter", "tab",  "backtab", "backspace", "delete", "esc"};
    struct rig *r = arg;
    size_t used = strlen(r->keys), room = sizeof r->keys - used;
    const char *p = pasted ? "'" : "";

    if (key > TERM_KEY_BASE && key < TERM_KEY_F1)
        snprintf(r->keys + used, room, "%s%s ", p,
                 names[key - TERM_KEY_BASE - 1]);
    else if (key >= TERM_KEY_F1)
        snprintf(r->keys + used, room, "%sf%u ", p, key - TERM_KEY_F1 + 1);
    else if (key > 0x20 && key < 0x7f)
        snprintf(r->keys + used, room, "%s%c ", p, (int)key);
    else
        snprintf(r->keys + used, room, "%s%x ", p, key);
    if (r->close_on_key) {
        term_close(r->term, on_closed, r);
        r->term = NULL;
    }
}

static void on_resize(int w, int h, void *arg)
{
    struct rig *r = arg;

    r->resizes++;
    canvas_resize(&r->canvas, w, h);
}

static void on_drained(void *arg)
{
    ((struct rig *)arg)->drained++;
}

static void on_gone(void *arg)
{
    ((struct rig *)arg)->gone++;
}

static void on_resumed(void *arg)
{
    ((struct rig *)arg)->resumed++;
}

/* What the emulator has to read, if it reads. */
static void emulate(struct rig *r)
{
    char bytes[65536];
    ssize_t n;

    while ((n = read(r->master, bytes, sizeof bytes)) > 0)
        buf_add(&r->screen, bytes, (size_t)n);
}

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

/* Turns the loop for ms; reading: the emulator reads all the while. */
static void turn(struct rig *r, unsigned ms, bool reading)
{
    uint64_t end = uv_hrtime() + ms * 1000000ull;
    uv_timer_t tick;

    uv_timer_init(&r->loop, &tick);
    uv_timer_start(&tick, on_tick, 1, 1);
    do {
        uv_run(&r->loop, UV_RUN_ONCE);
        if (reading)
            emulate(r);
    } while (uv_hrtime() < end);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&r->loop, UV_RUN_NOWAIT);
}

static void clear_env(void)
{
    static const char *const names[] = {"COLORTERM", "NO_COLOR", "TMUX",
                                        "TERM",      "LINES",    "COLUMNS"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    setenv("TERRARIUM_TERMINFO", TERMINFO_BUILT, 1);
}

static int set_up(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    struct winsize size = {.ws_col = 40, .ws_row = 10};

    clear_env();
    setlocale(LC_CTYPE, "C.UTF-8");
    uv_loop_init(&r->loop);
    buf_init(&r->screen, 64 << 20);
    if (openpty(&r->master, &r->slave, r->tty, NULL, &size) != 0 ||
        theme_load("moss", &r->theme, NULL) != 0)
        return -1;
    fcntl(r->master, F_SETFL, O_NONBLOCK);
    tcgetattr(r->slave, &r->before);
    *state = r;
    return 0;
}

static struct term *open_term(struct rig *r, const char *type, int colours)
{
    struct term_calls calls = {on_key,  on_resize,  on_drained,
                               on_gone, on_resumed, r};
    struct term_want want = {.type = type, .colours = colours, .tty = r->tty};
    struct error err = {0};
    int w, h;

    r->term = term_create(&r->loop, &r->theme, &want, &calls, &err);
    if (r->term == NULL)
        fail_msg("%s", err.msg);
    term_size(r->term, &w, &h);
    canvas_init(&r->canvas, w, h, term_glyphs(r->term));
    return r->term;
}

static void expect_modes_restored(struct rig *r)
{
    struct termios now;

    assert_int_equal(tcgetattr(r->slave, &now), 0);
    assert_int_equal(now.c_lflag, r->before.c_lflag);
    assert_int_equal(now.c_iflag, r->before.c_iflag);
    assert_int_equal(now.c_oflag, r->before.c_oflag);
    assert_int_equal(fcntl(r->slave, F_GETFL) & O_NONBLOCK, 0);
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    int rc;

    if (r->term != NULL) {
        term_close(r->term, on_closed, r);
        r->term = NULL;
    }
    for (int i = 0; i < 3000 && uv_run(&r->loop, UV_RUN_NOWAIT) != 0; i++) {
        emulate(r);
        usleep(1000);
    }
    rc = uv_loop_close(&r->loop);
    canvas_finish(&r->canvas);
    buf_finish(&r->screen);
    close(r->slave);
    if (r->master >= 0)
        close(r->master);
    free(r);
    return rc;
}

static bool seen(struct rig *r, const char *bytes)
{
    return r->screen.len > 0 &&
           memmem(r->screen.ptr, r->screen.len, bytes, strlen(bytes)) != NULL;
}

/* The same, on a machine that is busy with other things. */
static bool comes(struct rig *r, const char *bytes)
{
    for (int i = 0; i < 200 && !seen(r, bytes); i++)
        turn(r, 10, true);
    return seen(r, bytes);
}

static void draw(struct rig *r, const char *text)
{
    canvas_clear(&r->canvas);
    canvas_str(&r->canvas, 0, 0, text, ROLE_GOOD, 0);
    assert_true(term_draw(r->term, &r->canvas, NULL));
    turn(r, 20, true);
}

static void type_bytes(struct rig *r, const char *s)
{
    assert_int_equal(write(r->master, s, strlen(s)), strlen(s));
}

static void expect_keys(struct rig *r, const char *bytes, const char *keys)
{
    if (bytes[0] != '\0')
        r->keys[0] = '\0';
    type_bytes(r, bytes);
    turn(r, 40, true);
    for (int i = 0; i < 200 && strcmp(r->keys, keys) != 0; i++)
        turn(r, 10, true);
    assert_string_equal(r->keys, keys);
}

/* --- */

static void enters_and_leaves(void **state)
{
    struct rig *r = *state;
    struct termios now;

    open_term(r, "xterm-256color", -1);
    tcgetattr(r->slave, &now);
    assert_int_equal(now.c_lflag & (ICANON | ECHO | ISIG), 0);
    assert_int_equal(now.c_iflag & IXON, 0);
    assert_int_equal(fcntl(r->slave, F_GETFL) & O_NONBLOCK, 0);
    draw(r, "hello");
    assert_true(comes(r, "hello"));
    assert_true(comes(r, "\033[?1049h"));
    assert_true(comes(r, "\033[?2004h"));
    assert_true(comes(r, "\033[?25l"));
    buf_clear(&r->screen);
    term_close(r->term, on_closed, r);
    r->term = NULL;
    turn(r, 20, true);
    assert_int_equal(r->closed, 1);
    assert_true(comes(r, "\033[?1049l"));
    assert_true(comes(r, "\033[?2004l"));
    assert_true(comes(r, "\033[?25h"));
    expect_modes_restored(r);
}

static void only_changed_rows_are_sent(void **state)
{
    struct rig *r = *state;
    uint64_t bytes, frames, skipped, more;

    open_term(r, "xterm-256color", -1);
    draw(r, "one");
    term_counts(r->term, &bytes, &frames, &skipped);
    assert_int_equal(frames, 1);
    draw(r, "one");
    term_counts(r->term, &more, &frames, &skipped);
    assert_int_equal(more, bytes);
    assert_int_equal(frames, 1);
    draw(r, "two");
    term_counts(r->term, &more, &frames, &skipped);
    assert_in_range(more - bytes, 1, 100);
    buf_clear(&r->screen);
    term_redraw(r->term);
    draw(r, "two");
    assert_true(comes(r, "two"));
    assert_true(comes(r, "\033[2J"));
}

static void keys_decode(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    expect_keys(r, "aZ~", "a Z ~ ");
    expect_keys(r, "\033[A\033[B\033[C\033[D", "up down right left ");
    expect_keys(r, "\033OA\033OB\033OC\033OD", "up down right left ");
    expect_keys(r, "\033[H\033[F\033OH\033OF\033[1~\033[4~",
                "home end home end home end ");
    expect_keys(r, "\033[5~\033[6~\033[3~\033[Z", "pgup pgdn delete backtab ");
    expect_keys(r, "\r\n\t\x7f\b", "enter enter tab backspace backspace ");
    expect_keys(r, "\033OP\033[15~\033[24~", "f1 f5 f12 ");
    expect_keys(r, "\033[1;5A\033[1;2B\033[5;5~\033[1;2P", "up down pgup f1 ");
    expect_keys(r, "\x03\x0c\x1a", "3 c 1a ");
    expect_keys(r, "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80", "e9 65e5 1f600 ");
}

static void a_lone_escape_is_a_key(void **state)
{
    struct rig *r = *state;
    uint64_t start;

    open_term(r, "xterm-256color", -1);
    start = uv_hrtime();
    type_bytes(r, "\033");
    turn(r, 10, true);
    if (uv_hrtime() - start < 20000000) /* it may be a sequence yet */
        assert_string_equal(r->keys, "");
    expect_keys(r, "", "esc ");
    expect_keys(r, "\033\033", "esc esc ");
    expect_keys(r, "\033x", "esc x "); /* Alt */
}

static void split_sequences_are_whole(void **state)
{
    static const char seq[] = "\033[1;5A\xe6\x97\xa5";
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    r->keys[0] = '\0';
    for (size_t i = 0; i < sizeof seq - 1; i++) {
        char one[2] = {seq[i], 0};

        type_bytes(r, one);
        turn(r, 3, true);
    }
    turn(r, 20, true);
    assert_string_equal(r->keys, "up 65e5 ");
}

static void unknown_sequences_are_dropped(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    expect_keys(r, "\033[I\033[99~\033[?62;4c\033[97;5ux", "x ");
    expect_keys(r, "\xff\xc0\xaf\xed\xa0\x80\xc2\x9by", "y ");
    r->keys[0] = '\0';
    type_bytes(r, "\033[12;"); /* never ends */
    turn(r, 300, true);
    assert_string_equal(r->keys, "");
    expect_keys(r, "z", "z ");
}

static void the_linux_console_has_its_own(void **state)
{
    struct rig *r = *state;

    open_term(r, "linux", -1);
    expect_keys(r, "\033[[A\033[[E\033[1~\033[A", "f1 f5 home up ");
    assert_int_equal(term_glyphs(r->term), GLYPHS_PLAIN);
    assert_int_equal(term_colours(r->term), TERM_16);
    draw(r, "x");
    assert_false(seen(r, "\033[?2004h"));
}

static void pastes_are_marked(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    expect_keys(r, "\033[200~a\rb\033[A\x03q\033[201~c", "'a 'enter 'b 'q c ");
    /* the end in two pieces, long apart */
    expect_keys(r, "\033[200~a\033[20", "'a ");
    turn(r, 300, true);
    expect_keys(r, "1~b", "b ");
}

static void resizes(void **state)
{
    struct rig *r = *state;
    struct winsize size = {.ws_col = 1000, .ws_row = 1};
    int w, h;

    open_term(r, "xterm-256color", -1);
    draw(r, "x");
    ioctl(r->master, TIOCSWINSZ, &size);
    raise(SIGWINCH);
    turn(r, 20, true);
    assert_int_equal(r->resizes, 1);
    term_size(r->term, &w, &h);
    assert_int_equal(w, CANVAS_W_MAX);
    assert_int_equal(h, 1);
    draw(r, "tiny");
    assert_true(comes(r, "tiny"));
    size = (struct winsize){.ws_col = 60, .ws_row = 20};
    ioctl(r->master, TIOCSWINSZ, &size);
    for (int i = 0; i < 50; i++)
        raise(SIGWINCH);
    turn(r, 20, true);
    assert_int_equal(r->resizes, 2);
    canvas_resize(&r->canvas, 3, 2); /* smaller than the screen */
    draw(r, "abc");
    assert_true(comes(r, "abc"));
    assert_string_equal(r->keys, ""); /* no KEY_RESIZE */
}

/* Every cell another colour and other text each time. */
static void noise(struct rig *r, uint32_t seed)
{
    for (int y = 0; y < r->canvas.h; y++)
        for (int x = 0; x < r->canvas.w; x++) {
            char c[2] = {(char)('a' + cm_random(&seed) % 26), 0};

            canvas_str(&r->canvas, x, y, c,
                       (enum role)(cm_random(&seed) % ROLE_COUNT), 0);
        }
}

static void a_stalled_terminal_stalls_nothing(void **state)
{
    struct rig *r = *state;
    struct winsize size = {.ws_col = 300, .ws_row = 100};
    uint64_t bytes, frames, skipped, start;
    int drawn = 0;

    ioctl(r->master, TIOCSWINSZ, &size);
    setenv("COLORTERM", "truecolor", 1);
    open_term(r, "xterm-256color", -1);
    start = uv_hrtime();
    for (uint32_t i = 0; i < 200; i++) {
        noise(r, i + 1);
        drawn += term_draw(r->term, &r->canvas, NULL);
        turn(r, 1, false);
    }
    assert_true(uv_hrtime() - start < 20000000000ull);
    assert_int_equal(drawn, 1);
    assert_true(term_busy(r->term));
    term_counts(r->term, &bytes, &frames, &skipped);
    assert_int_equal(frames, 1);
    assert_int_equal(skipped, 199);
    assert_true(bytes < 200000);
    assert_int_equal(r->drained, 0);
    turn(r, 300, true); /* it reads again */
    assert_false(term_busy(r->term));
    assert_int_equal(r->drained, 1);
    assert_true(term_draw(r->term, &r->canvas, NULL));
}

static void a_stalled_terminal_is_left(void **state)
{
    struct rig *r = *state;
    struct winsize size = {.ws_col = 300, .ws_row = 100};

    ioctl(r->master, TIOCSWINSZ, &size);
    open_term(r, "xterm-256color", -1);
    noise(r, 3);
    term_draw(r->term, &r->canvas, NULL);
    assert_true(term_busy(r->term));
    term_close(r->term, on_closed, r);
    r->term = NULL;
    turn(r, 1200, false);
    assert_int_equal(r->closed, 1);
    expect_modes_restored(r);
}

static void a_slow_terminal_is_left_clean(void **state)
{
    struct rig *r = *state;
    struct winsize size = {.ws_col = 300, .ws_row = 100};

    ioctl(r->master, TIOCSWINSZ, &size);
    open_term(r, "xterm-256color", -1);
    noise(r, 3);
    term_draw(r->term, &r->canvas, NULL);
    term_close(r->term, on_closed, r);
    r->term = NULL;
    turn(r, 100, false);
    turn(r, 100, true);
    assert_int_equal(r->closed, 1);
    assert_true(comes(r, "\033\\\033[?2026l\033[?2004l"));
    assert_true(comes(r, "\033[?1049l"));
}

static void end_of_file_is_gone_once(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    draw(r, "x");
    close(r->master);
    r->master = -1;
    turn(r, 50, false);
    assert_int_equal(r->gone, 1);
    canvas_str(&r->canvas, 0, 1, "y", ROLE_TEXT, 0);
    assert_false(term_draw(r->term, &r->canvas, NULL));
    assert_false(term_busy(r->term));
    turn(r, 50, false);
    assert_int_equal(r->gone, 1);
}

static void hang_up_is_gone_once(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    raise(SIGHUP);
    raise(SIGHUP);
    turn(r, 30, true);
    raise(SIGHUP);
    turn(r, 30, true);
    assert_int_equal(r->gone, 1);
}

static void a_key_may_close(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    draw(r, "x");
    r->close_on_key = true;
    type_bytes(r, "abc\033[A\033");
    turn(r, 60, true);
    assert_string_equal(r->keys, "a ");
    assert_int_equal(r->closed, 1);
    expect_modes_restored(r);
}

static void the_wall_hears_only_quit(void **state)
{
    struct rig *r = *state;
    struct term_calls calls = {on_key,  on_resize,  on_drained,
                               on_gone, on_resumed, r};
    struct term_want want = {
        .type = "xterm", .colours = -1, .no_keys = true, .tty = r->tty};

    r->term = term_create(&r->loop, &r->theme, &want, &calls, NULL);
    assert_non_null(r->term);
    expect_keys(r, "ab\033[A\rq\x03", "q 3 ");
}

static void colours_follow_the_terminal(void **state)
{
    static const struct {
        const char *type, *colorterm, *no_color, *tmux;
        enum term_colours colours;
        const char *used, *bytes, *never;
    } cases[] = {
        {"xterm-256color", "truecolor", NULL, NULL, TERM_TRUE,
         "terrarium-xterm", "38;2;127;209;139", "38;5;"},
        {"xterm", "24bit", NULL, NULL, TERM_TRUE, "terrarium-xterm",
         "48;2;15;21;18", "38;5;"},
        {"tmux-256color", "truecolor", NULL, NULL, TERM_TRUE, "terrarium-tmux",
         "38;2;127;209;139", "38;5;"},
        {"screen-256color", "truecolor", NULL, "/tmp/tmux", TERM_TRUE,
         "terrarium-screen", "38;2;127;209;139", "38;5;"},
        {"screen-256color", "truecolor", NULL, NULL, TERM_256,
         "screen-256color", "38;5;114", "38;2;"},
        {"xterm-256color", NULL, NULL, NULL, TERM_256, "xterm-256color",
         "38;5;114", "38;2;"},
        {"xterm-256color", "truecolor", "", NULL, TERM_TRUE, "terrarium-xterm",
         "38;2;", "38;5;"},
        {"xterm-256color", "truecolor", "1", NULL, TERM_MONO, "xterm-256color",
         "hue", "38;"},
        {"xterm", NULL, NULL, NULL, TERM_16, "xterm", "\033[32m", "38;"},
        {"vt100", NULL, NULL, NULL, TERM_MONO, "vt100", "hue", "\033[3"},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clear_env();
        if (cases[i].colorterm != NULL)
            setenv("COLORTERM", cases[i].colorterm, 1);
        if (cases[i].no_color != NULL)
            setenv("NO_COLOR", cases[i].no_color, 1);
        if (cases[i].tmux != NULL)
            setenv("TMUX", cases[i].tmux, 1);
        buf_clear(&r->screen);
        open_term(r, cases[i].type, -1);
        assert_null(term_note(r->term));
        assert_string_equal(term_type(r->term), cases[i].used);
        assert_int_equal(term_colours(r->term), cases[i].colours);
        draw(r, "hue");
        term_set_theme(r->term, &r->theme);
        draw(r, "hue again");
        r->closed = 0;
        term_close(r->term, on_closed, r);
        r->term = NULL;
        turn(r, 20, true);
        assert_int_equal(r->closed, 1);
        canvas_finish(&r->canvas);
        if (!comes(r, cases[i].bytes))
            fail_msg("%s: no %s", cases[i].type, cases[i].bytes);
        assert_false(seen(r, cases[i].never));
        assert_false(seen(r, "\033]4;")); /* nobody's palette */
        assert_false(seen(r, "\033]104"));
        assert_null(getenv("LINES"));
    }
}

static void fewer_colours_may_be_wanted(void **state)
{
    struct rig *r = *state;

    setenv("COLORTERM", "truecolor", 1);
    open_term(r, "xterm-256color", TERM_16);
    assert_int_equal(term_colours(r->term), TERM_16);
    draw(r, "x");
    assert_false(seen(r, "38;"));
    assert_true(comes(r, "\033[32m"));
}

static void unknown_terminals_get_a_note(void **state)
{
    static const struct {
        const char *type, *colorterm, *used;
    } cases[] = {
        {"no-such-thing", NULL, "vt100"},
        {"dumb", NULL, "vt100"},
        {"dumb", "truecolor", "vt100"},
        {"", NULL, "vt100"},
        {NULL, NULL, "vt100"},
        {"../../etc/passwd", NULL, "vt100"},
        {"xterm-ghostty", NULL, "xterm-256color"},
        {"foot", "truecolor", "terrarium-xterm"},
        {"no-such-thing", "truecolor", "terrarium-xterm"},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clear_env();
        if (cases[i].colorterm != NULL)
            setenv("COLORTERM", cases[i].colorterm, 1);
        open_term(r, cases[i].type, -1);
        assert_non_null(term_note(r->term));
        assert_string_equal(term_type(r->term), cases[i].used);
        draw(r, "note");
        assert_true(comes(r, "note"));
        r->closed = 0;
        term_close(r->term, on_closed, r);
        r->term = NULL;
        turn(r, 20, true);
        assert_int_equal(r->closed, 1);
        canvas_finish(&r->canvas);
        buf_clear(&r->screen);
    }
}

static void no_terminal_is_an_error(void **state)
{
    struct rig *r = *state;
    struct term_calls calls = {0};
    struct term_want want = {.colours = -1, .tty = "/dev/null"};
    struct error err = {0};

    assert_null(term_create(&r->loop, &r->theme, &want, &calls, &err));
    assert_int_not_equal(err.code, 0);
    want.tty = "/no/such";
    assert_null(term_create(&r->loop, &r->theme, &want, &calls, &err));
    assert_int_equal(err.code, UV_ENOENT);
}

static void titles_are_clean(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    canvas_str(&r->canvas, 0, 0, "x", ROLE_TEXT, 0);
    term_draw(r->term, &r->canvas, "a\033]0;b\a\xc2\x9c z");
    turn(r, 20, true);
    assert_true(comes(r, "\033]2;a?]0;b?? z\033\\"));
    assert_true(comes(r, "\033[22;2t"));
    buf_clear(&r->screen);
    term_draw(r->term, &r->canvas, "a\033]0;b\a\xc2\x9c z");
    turn(r, 20, true);
    assert_int_equal(r->screen.len, 0);
}

static void wide_and_combining_are_drawn(void **state)
{
    struct rig *r = *state;

    open_term(r, "xterm-256color", -1);
    draw(r, "\xe6\x97\xa5\xe6\x9c\xac"
            "e\xcc\x81|");
    assert_true(comes(r, "\xe6\x97\xa5\xe6\x9c\xac"
                         "e\xcc\x81|"));
}

static void other_locales_get_ascii(void **state)
{
    struct rig *r = *state;

    setlocale(LC_CTYPE, "C");
    open_term(r, "xterm-256color", -1);
    assert_int_equal(term_glyphs(r->term), GLYPHS_ASCII);
    canvas_box(&r->canvas, (struct rect){0, 0, 20, 5}, 1, "\xe6\x97\xa5", "n",
               true);
    draw(r, "\xe6\x97\xa5|\xc3\xa9|");
    for (size_t i = 0; i < r->screen.len; i++)
        assert_true((unsigned char)r->screen.ptr[i] < 0x80);
    assert_true(comes(r, "|"));
}

/* curses has functions that write there, whatever screen there is. */
static void standard_output_is_left_alone(void **state)
{
    struct rig *r = *state;
    int old = dup(STDOUT_FILENO), file = memfd_create("stdout", 0);
    off_t len;

    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    open_term(r, "xterm-256color", -1);
    draw(r, "x");
    term_redraw(r->term);
    draw(r, "y");
    fflush(stdout);
    len = lseek(file, 0, SEEK_END);
    dup2(old, STDOUT_FILENO);
    close(old);
    close(file);
    assert_int_equal(len, 0);
}

/* In a process of its own, which is stopped, and dies. */
static pid_t child_of(struct rig *r, bool crash)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    setpgid(0, 0);
    uv_loop_fork(&r->loop);
    freopen("/dev/null", "w", stderr);
    signal(SIGABRT, SIG_DFL);
    open_term(r, "xterm-256color", -1);
    canvas_str(&r->canvas, 0, 0, "child", ROLE_TEXT, 0);
    term_draw(r->term, &r->canvas, NULL);
    if (crash)
        abort();
    term_suspend(r->term);
    term_draw(r->term, &r->canvas, NULL);
    if (r->resumed != 1)
        _exit(1);
    term_close(r->term, on_closed, r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    _exit(r->closed == 1 ? 0 : 1);
}

static int wait_reading(struct rig *r, pid_t pid)
{
    int status = -1;

    for (int i = 0; i < 5000; i++) {
        emulate(r);
        if (waitpid(pid, &status, WNOHANG | WUNTRACED) == pid)
            break;
        usleep(1000);
    }
    emulate(r);
    return status;
}

static void stops_and_comes_back(void **state)
{
    struct rig *r = *state;
    pid_t pid = child_of(r, false);
    int status = wait_reading(r, pid);

    assert_true(WIFSTOPPED(status));
    assert_true(comes(r, "child"));
    assert_true(comes(r, "\033[?1049l"));
    expect_modes_restored(r);
    buf_clear(&r->screen);
    kill(pid, SIGCONT);
    status = wait_reading(r, pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(comes(r, "\033[?1049h"));
    assert_true(comes(r, "\033[?2004h"));
    assert_true(comes(r, "\033[?1h\033="));
    assert_true(comes(r, "child"));
    assert_false(seen(r, "\033]104"));
    expect_modes_restored(r);
}

static void a_crash_restores(void **state)
{
    struct rig *r = *state;
    int status = wait_reading(r, child_of(r, true));

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_true(comes(r, "child"));
    assert_true(comes(r, "\033[?1049l"));
    assert_true(comes(r, "\033[?25h"));
    assert_true(comes(r, "\033[?2004l"));
    expect_modes_restored(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void colours_are_sent_once(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"\033[38;5;1m\033[48;5;2ma\033[38;5;3m\033[48;5;2mb",
         "\033[38;5;1m\033[48;5;2ma\033[38;5;3mb"},
        {"\033[31m\033[42ma\033[31m\033[42mb", "\033[31m\033[42mab"},
        {"\033[38:2::1:2:3ma\033[38:2::1:2:3mb", "\033[38:2::1:2:3mab"},
        {"\033[38;2;1;2;3ma\033[4;5H\033[38;2;1;2;3mb",
         "\033[38;2;1;2;3ma\033[4;5Hb"},
        /* what resets colours, or may */
        {"\033[31ma\033[m\033[31mb", "\033[31ma\033[m\033[31mb"},
        {"\033[31ma\033[39;49m\033[31mb", "\033[31ma\033[39;49m\033[31mb"},
        {"\033[31ma\033[0;1m\033[31mb", "\033[31ma\033[0;1m\033[31mb"},
        {"\033[31ma\033[?1049h\033[31mb", "\033[31ma\033[?1049h\033[31mb"},
        {"\033[31ma\0338\033[31mb", "\033[31ma\0338\033[31mb"},
        /* no colour, more than one, cut off */
        {"\033[3m\033[3m\033[4m\033[4m", "\033[3m\033[3m\033[4m\033[4m"},
        {"\033[38;5;1;1ma\033[38;5;1;1mb", "\033[38;5;1;1ma\033[38;5;1;1mb"},
        {"\033[31ma\033[31", "\033[31ma\033[31"},
        {"\033", "\033"},
        {"\033[", "\033["},
    };
    char text[100];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i][0]);

        memcpy(text, cases[i][0], n);
        n = painter_thin(text, n);
        text[n] = '\0';
        assert_string_equal(text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(enters_and_leaves),
        TEST(only_changed_rows_are_sent),
        TEST(keys_decode),
        TEST(a_lone_escape_is_a_key),
        TEST(split_sequences_are_whole),
        TEST(unknown_sequences_are_dropped),
        TEST(the_linux_console_has_its_own),
        TEST(pastes_are_marked),
        TEST(resizes),
        TEST(a_stalled_terminal_stalls_nothing),
        TEST(a_stalled_terminal_is_left),
        TEST(a_slow_terminal_is_left_clean),
        TEST(end_of_file_is_gone_once),
        TEST(hang_up_is_gone_once),
        TEST(a_key_may_close),
        TEST(the_wall_hears_only_quit),
        TEST(colours_follow_the_terminal),
        TEST(fewer_colours_may_be_wanted),
        TEST(unknown_terminals_get_a_note),
        TEST(no_terminal_is_an_error),
        TEST(titles_are_clean),
        TEST(wide_and_combining_are_drawn),
        TEST(other_locales_get_ascii),
        TEST(standard_output_is_left_alone),
        TEST(stops_and_comes_back),
        TEST(a_crash_restores),
        TEST(colours_are_sent_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
