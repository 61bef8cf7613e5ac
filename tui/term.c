#include "tui/term.h"

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "tui/term_priv.h"

#define CLOSE_MS   1000 /* for a terminal that does not read */
#define SUSPEND_MS 200  /* the same before stopping */

static const int signums[TERM_SIGNALS] = {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP};

static void on_later(uv_timer_t *handle);

void term_lose(struct term *t)
{
    t->lost = true;
    frame_drop(t);
    frame_watch(t);
    if (!t->gone)
        uv_timer_start(&t->later, on_later, 0, 0);
}

/* --- keys in --- */

static void on_key(uint32_t key, bool pasted, void *arg)
{
    struct term *t = arg;

    if (t->closing || (t->no_keys && key != 'q' && key != 3))
        return;
    t->calls.key(key, pasted, t->calls.arg);
}

static void on_escape(uv_timer_t *handle)
{
    struct term *t = handle->data;

    keys_flush(&t->keys);
}

static void read_keys(struct term *t)
{
    char bytes[4096];
    ssize_t n = read(t->tty.fd, bytes, sizeof bytes);
    unsigned wait;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        term_lose(t);
        return;
    }
    uv_timer_stop(&t->escape);
    keys_feed(&t->keys, bytes, (size_t)n);
    wait = keys_wait_ms(&t->keys);
    if (wait > 0 && !t->closing)
        uv_timer_start(&t->escape, on_escape, wait, 0);
}

static void finish(struct term *t);

void term_on_poll(uv_poll_t *handle, int status, int events)
{
    struct term *t = handle->data;
    bool busy = term_busy(t);

    if (status < 0) {
        term_lose(t);
    } else {
        if (events & UV_READABLE)
            read_keys(t);
        if (busy && !t->lost && (events & UV_WRITABLE))
            frame_send(t);
    }
    if (t->finished)
        return;
    if (t->closing && !term_busy(t))
        finish(t);
    else if (!t->closing && !t->lost && busy && !term_busy(t))
        t->calls.drained(t->calls.arg);
}

/* --- size, suspend, end --- */

static void update_size(struct term *t)
{
    int w, h;

    tty_size(&t->tty, &w, &h);
    if (w == t->w && h == t->h)
        return;
    t->w = w;
    t->h = h;
    painter_resize(t->painter, w, h);
    t->fresh = true;
    t->calls.resize(w, h, t->calls.arg);
}

/* A terminal that hung up answers EIO. */
static bool is_there(const struct term *t)
{
    struct termios modes;

    return !t->lost && tcgetattr(t->tty.fd, &modes) == 0;
}

static void on_signal(uv_signal_t *handle, int signum);

static void watch_signals(struct term *t, bool on)
{
    for (int i = TERM_SIG_TSTP; i <= TERM_SIG_CONT; i++) {
        if (on)
            uv_signal_start(&t->signals[i], on_signal, signums[i]);
        else
            uv_signal_stop(&t->signals[i]);
    }
}

static void come_back(struct term *t)
{
    tty_raw(&t->tty);
    frame_guard(t);
    t->entered = false;
    t->keys.paste = false;
    term_redraw(t);
    update_size(t);
    if (!t->closing)
        t->calls.resumed(t->calls.arg);
}

static void leave(struct term *t)
{
    uint64_t end = uv_hrtime() / 1000000 + SUSPEND_MS, now;

    frame_leave(t);
    while (term_busy(t) && (now = uv_hrtime() / 1000000) < end &&
           tty_wait(&t->tty, (int)(end - now)))
        frame_send(t);
    frame_drop(t);
    tty_unguard();
    tty_cooked(&t->tty);
}

/* group: stop all of the job, as ^Z does; else only this process. */
static void stop(struct term *t, bool group)
{
    if (t->lost || t->closing)
        return;
    if (!t->lent)
        leave(t);
    watch_signals(t, false);
    if (group)
        kill(0, SIGTSTP);
    else
        raise(SIGTSTP);
    watch_signals(t, true);
    if (t->lost || t->lent)
        return;
    frame_watch(t);
    come_back(t);
}

void term_suspend(struct term *t)
{
    stop(t, true);
}

bool term_lend(struct term *t)
{
    if (t->lost || t->closing || t->lent)
        return false;
    uv_timer_stop(&t->escape);
    leave(t);
    t->lent = true;
    frame_watch(t);
    return true;
}

void term_take(struct term *t)
{
    if (!t->lent)
        return;
    t->lent = false;
    if (t->lost || t->closing)
        return;
    frame_watch(t);
    come_back(t);
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct term *t = handle->data;

    if (t->closing)
        return;
    if (t->lent && (signum == SIGWINCH || signum == SIGCONT))
        return; /* looked at when it comes back */
    if (signum == SIGWINCH)
        update_size(t);
    else if (signum == SIGTSTP)
        stop(t, false);
    else if (signum == SIGCONT && !t->lost)
        come_back(t); /* after SIGSTOP, which nobody sees coming */
    else if (signum == SIGHUP && t->calls.hup != NULL && is_there(t))
        t->calls.hup(t->calls.arg);
    else if (signum == SIGHUP)
        term_lose(t);
}

static void on_later(uv_timer_t *handle)
{
    struct term *t = handle->data;

    if (t->closing) {
        finish(t);
    } else if (!t->gone) {
        t->gone = true;
        t->calls.gone(t->calls.arg);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct term *t = handle->data;
    void (*cb)(void *arg) = t->closed_cb;
    void *arg = t->closed_arg;

    if (--t->open_handles > 0)
        return;
    tty_close(&t->tty);
    buf_finish(&t->out);
    free(t->rows);
    free(t->title);
    free(t);
    if (cb != NULL)
        cb(arg);
}

/* All bytes are out, or never will be. */
static void finish(struct term *t)
{
    if (t->finished)
        return;
    t->finished = true;
    tty_unguard();
    tty_cooked(&t->tty);
    painter_destroy(t->painter);
    t->painter = NULL;
    uv_close((uv_handle_t *)&t->poll, on_closed);
    uv_close((uv_handle_t *)&t->escape, on_closed);
    uv_close((uv_handle_t *)&t->later, on_closed);
    for (int i = 0; i < TERM_SIGNALS; i++)
        uv_close((uv_handle_t *)&t->signals[i], on_closed);
}

void term_close(struct term *t, void (*cb)(void *arg), void *arg)
{
    t->closing = true;
    t->closed_cb = cb;
    t->closed_arg = arg;
    uv_timer_stop(&t->escape);
    if (t->lent) /* its screen is another's */
        t->lent = false;
    else
        frame_leave(t);
    if (term_busy(t))
        uv_timer_start(&t->later, on_later, CLOSE_MS, 0);
    else
        finish(t);
}

/* --- start --- */

static int start_handles(struct term *t)
{
    int rc = uv_poll_init(t->loop, &t->poll, t->tty.fd);

    if (rc != 0)
        return rc;
    uv_timer_init(t->loop, &t->escape);
    uv_timer_init(t->loop, &t->later);
    t->poll.data = t->escape.data = t->later.data = t;
    t->open_handles = 3 + TERM_SIGNALS;
    for (int i = 0; i < TERM_SIGNALS; i++) {
        uv_signal_init(t->loop, &t->signals[i]);
        t->signals[i].data = t;
        uv_signal_start(&t->signals[i], on_signal, signums[i]);
    }
    return 0;
}

static void discard(struct term *t)
{
    painter_destroy(t->painter);
    tty_close(&t->tty);
    free(t);
}

struct term *term_create(uv_loop_t *loop, const struct theme *theme,
                         const struct term_want *want,
                         const struct term_calls *calls, struct error *err)
{
    static const struct term_want any = {.colours = -1};
    struct term *t = xcalloc(1, sizeof *t);
    int rc;

    want = want != NULL ? want : &any;
    t->loop = loop;
    t->calls = *calls;
    t->no_keys = want->no_keys;
    t->keys.key = on_key;
    t->keys.arg = t;
    t->fresh = true;
    t->tty.fd = -1;
    buf_init(&t->out, TERM_FRAME_MAX);
    if (tty_open(&t->tty, want->tty, err) != 0 ||
        term_kind_choose(want, &t->kind, err) != 0)
        goto fail;
    tty_size(&t->tty, &t->w, &t->h);
    t->painter = painter_create(&t->kind, t->tty.fd, t->w, t->h, err);
    if (t->painter == NULL)
        goto fail;
    painter_theme(t->painter, theme);
    rc = start_handles(t);
    if (rc != 0) {
        error_set(err, rc, "cannot watch the terminal: %s", uv_strerror(rc));
        goto fail;
    }
    tty_raw(&t->tty);
    frame_guard(t);
    frame_watch(t);
    return t;
fail:
    discard(t);
    return NULL;
}

void term_size(const struct term *t, int *w, int *h)
{
    *w = t->w;
    *h = t->h;
}

enum term_colours term_colours(const struct term *t)
{
    return t->kind.colours;
}

const char *term_note(const struct term *t)
{
    return t->kind.note[0] != '\0' ? t->kind.note : NULL;
}

const char *term_type(const struct term *t)
{
    return t->kind.type;
}

void term_counts(const struct term *t, uint64_t *bytes, uint64_t *frames,
                 uint64_t *skipped)
{
    *bytes = t->bytes;
    *frames = t->frames;
    *skipped = t->skipped;
}
