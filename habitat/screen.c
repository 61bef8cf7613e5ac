#include "config.h"

#include "habitat/screen.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "habitat/asks.h"
#include "habitat/report.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#define SIDE_MAX 500
#define BY_SCREEN "its screen"
#define TOLD 128 /* hashes of lines told lately */
#define LINE_MAX_BYTES 2048

struct row {
    uint32_t hash; /* 0: blank */
    int64_t since_ms;
    bool told;
};

struct screen {
    struct agent *agent; /* NULL: closing */
    VTerm *vt;
    VTermScreen *grid;
    void (*line)(struct span text, void *arg);
    void *arg;
    struct row *rows;
    int height, width;
    uint32_t told[TOLD];
    unsigned told_next;
    uv_timer_t stand;
};

static bool told_lately(const struct screen *s, uint32_t hash)
{
    for (int i = 0; i < TOLD; i++)
        if (s->told[i] == hash)
            return true;
    return false;
}

static void tell(struct screen *s, struct span text, uint32_t hash)
{
    if (told_lately(s, hash))
        return;
    s->told[s->told_next++ % TOLD] = hash;
    s->line(text, s->arg);
}

/* Letters or digits: a rule of box characters says nothing. */
static bool says_something(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] >= '0' && text.p[i] <= '9') ||
            (text.p[i] >= 'a' && text.p[i] <= 'z') ||
            (text.p[i] >= 'A' && text.p[i] <= 'Z'))
            return true;
    return false;
}

static uint32_t hash_of(struct span text)
{
    uint32_t h = hash_bytes(text.p, text.n);

    return h ? h : 1;
}

static struct span trimmed(char *text, size_t n)
{
    while (n > 0 && text[n - 1] == ' ')
        n--;
    return (struct span){text, n};
}

static struct span row_text(struct screen *s, int row, char *buf)
{
    const VTermRect rect = {row, row + 1, 0, s->width};
    size_t n = vterm_screen_get_text(s->grid, buf, LINE_MAX_BYTES, rect);

    return trimmed(buf, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES - 1);
}

/* A dialog of an agent that does not say itself that it waits. */
static void look_for_dialog(struct screen *s)
{
    const struct span none = {NULL, 0};
    struct agent *a = s->agent;
    bool ours = a->report_by != NULL && strcmp(a->report_by, BY_SCREEN) == 0;
    char text[LINE_MAX_BYTES];

    if (a->report != NULL && !ours)
        return; /* something better spoke */
    for (int r = 0; r < s->height; r++) {
        struct span t = s->rows[r].hash ? row_text(s, r, text) : none;

        if (t.n > 0 && asks_dialog(t)) {
            report_set(a, "blocked", span_of("permission"), t, BY_SCREEN);
            return;
        }
    }
    if (ours)
        report_set(a, NULL, none, none, NULL);
}

static void on_stand(uv_timer_t *t)
{
    struct screen *s = t->data;
    int64_t now = clock_wall_ms(), next = 0;
    char text[LINE_MAX_BYTES];

    if (s->agent == NULL)
        return;
    for (int r = 0; r < s->height; r++) {
        struct row *row = &s->rows[r];
        int64_t left = row->since_ms + SCREEN_STAND_MS - now;

        if (row->hash == 0 || row->told)
            continue;
        if (left > 0) {
            next = next == 0 || left < next ? left : next;
            continue;
        }
        row->told = true;
        tell(s, row_text(s, r, text), row->hash);
    }
    if (next > 0)
        uv_timer_start(&s->stand, on_stand, (uint64_t)next, 0);
}

/* Rows that differ from when they were last looked at. */
static void look(struct screen *s)
{
    int64_t now = clock_wall_ms();
    char text[LINE_MAX_BYTES];
    bool fresh = false;

    for (int r = 0; r < s->height; r++) {
        struct span t = row_text(s, r, text);
        uint32_t hash = says_something(t) ? hash_of(t) : 0;

        if (hash == s->rows[r].hash)
            continue;
        s->rows[r] = (struct row){hash, now, told_lately(s, hash)};
        fresh |= hash != 0 && !s->rows[r].told;
    }
    look_for_dialog(s);
    if (fresh && !uv_is_active((uv_handle_t *)&s->stand))
        uv_timer_start(&s->stand, on_stand, SCREEN_STAND_MS, 0);
}

static int on_push(int columns, const VTermScreenCell *cells, void *user)
{
    struct screen *s = user;
    char text[LINE_MAX_BYTES];
    struct span t;
    size_t n = 0;

    for (int c = 0; c < columns && n + 24 < sizeof text; c++) {
        uint32_t ch = cells[c].chars[0];

        if (ch == (uint32_t)-1)
            continue; /* second half of a wide one */
        if (ch < 0x80) {
            text[n++] = ch >= 0x20 ? (char)ch : ' ';
        } else if (ch < 0x800) {
            text[n++] = (char)(0xc0 | ch >> 6);
            text[n++] = (char)(0x80 | (ch & 0x3f));
        } else if (ch < 0x10000) {
            text[n++] = (char)(0xe0 | ch >> 12);
            text[n++] = (char)(0x80 | (ch >> 6 & 0x3f));
            text[n++] = (char)(0x80 | (ch & 0x3f));
        } else {
            text[n++] = (char)(0xf0 | (ch >> 18 & 7));
            text[n++] = (char)(0x80 | (ch >> 12 & 0x3f));
            text[n++] = (char)(0x80 | (ch >> 6 & 0x3f));
            text[n++] = (char)(0x80 | (ch & 0x3f));
        }
    }
    t = trimmed(text, n);
    if (says_something(t))
        tell(s, t, hash_of(t));
    return 1;
}

static void on_output(const char *p, size_t n, void *user)
{
    struct screen *s = user;

    if (s->agent != NULL)
        agent_type(s->agent, (struct span){p, n});
}

static const VTermScreenCallbacks callbacks = {.sb_pushline = on_push};

static struct wire_size sane(struct wire_size size)
{
    size.rows = size.rows < 1 ? 1 : size.rows > SIDE_MAX ? SIDE_MAX : size.rows;
    size.columns = size.columns < 1          ? 1
                   : size.columns > SIDE_MAX ? SIDE_MAX
                                             : size.columns;
    return size;
}

struct screen *screen_create(struct agent *a, struct wire_size size,
                             void (*line)(struct span text, void *arg),
                             void *arg)
{
    struct screen *s = xcalloc(1, sizeof *s);

    size = sane(size);
    s->agent = a;
    s->line = line;
    s->arg = arg;
    s->height = size.rows;
    s->width = size.columns;
    s->rows = xcalloc(size.rows, sizeof *s->rows);
    s->vt = vterm_new(size.rows, size.columns);
    vterm_set_utf8(s->vt, 1);
    vterm_output_set_callback(s->vt, on_output, s);
    s->grid = vterm_obtain_screen(s->vt);
    vterm_screen_enable_altscreen(s->grid, 1);
    vterm_screen_set_callbacks(s->grid, &callbacks, s);
    vterm_screen_reset(s->grid, 1);
    uv_timer_init(&a->hb->loop, &s->stand);
    s->stand.data = s;
    return s;
}

void screen_resize(struct screen *s, struct wire_size size)
{
    size = sane(size);
    s->rows = xrealloc(s->rows, size.rows, sizeof *s->rows);
    for (int r = s->height; r < size.rows; r++)
        s->rows[r] = (struct row){0};
    s->height = size.rows;
    s->width = size.columns;
    vterm_set_size(s->vt, size.rows, size.columns);
}

static void free_screen(uv_handle_t *h)
{
    struct screen *s = h->data;

    free(s->rows);
    free(s);
}

void screen_destroy(struct screen *s)
{
    if (s == NULL)
        return;
    s->agent = NULL;
    vterm_free(s->vt);
    uv_close((uv_handle_t *)&s->stand, free_screen);
}

void screen_start(struct screen *s, const char *params, char final)
{
    vterm_input_write(s->vt, "\033[", 2);
    vterm_input_write(s->vt, params, strlen(params));
    vterm_input_write(s->vt, &final, 1);
}

void screen_feed(struct screen *s, const char *p, size_t n)
{
    vterm_input_write(s->vt, p, n);
    vterm_screen_flush_damage(s->grid);
    look(s);
}

void screen_flush(struct screen *s)
{
    char text[LINE_MAX_BYTES];

    for (int r = 0; r < s->height; r++) {
        struct span t = row_text(s, r, text);

        if (says_something(t))
            tell(s, t, hash_of(t));
    }
}
