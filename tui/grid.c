#include "config.h"

#include "tui/grid.h"

#include "base/xalloc.h"
#include "tui/keys.h"
#include "tui/text.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

struct grid {
    VTerm *vt;
    VTermScreen *screen;
    int w, h;
    bool typing; /* what libvterm says now is a key of ours */
    bool cursor_hidden;
    void (*typed)(const char *p, size_t n, void *arg);
    void *arg;
};

static void on_output(const char *p, size_t n, void *user)
{
    struct grid *g = user;

    if (g->typing)
        g->typed(p, n, g->arg);
}

static int on_property(VTermProp prop, VTermValue *v, void *user)
{
    struct grid *g = user;

    if (prop == VTERM_PROP_CURSORVISIBLE)
        g->cursor_hidden = !v->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

static int side(int n)
{
    return n < 1 ? 1 : n > GRID_SIDE_MAX ? GRID_SIDE_MAX : n;
}

struct grid *grid_create(int w, int h,
                         void (*typed)(const char *p, size_t n, void *arg),
                         void *arg)
{
    struct grid *g = xcalloc(1, sizeof *g);

    g->w = side(w);
    g->h = side(h);
    g->typed = typed;
    g->arg = arg;
    g->vt = vterm_new(g->h, g->w);
    vterm_set_utf8(g->vt, 1);
    vterm_output_set_callback(g->vt, on_output, g);
    g->screen = vterm_obtain_screen(g->vt);
    vterm_screen_enable_altscreen(g->screen, 1);
    vterm_screen_set_callbacks(g->screen, &callbacks, g);
    vterm_screen_reset(g->screen, 1);
    return g;
}

void grid_destroy(struct grid *g)
{
    if (g == NULL)
        return;
    vterm_free(g->vt);
    free(g);
}

void grid_feed(struct grid *g, const char *p, size_t n)
{
    vterm_input_write(g->vt, p, n);
}

void grid_resize(struct grid *g, int w, int h)
{
    w = side(w);
    h = side(h);
    if (w == g->w && h == g->h)
        return;
    g->w = w;
    g->h = h;
    vterm_set_size(g->vt, h, w);
}

void grid_size(const struct grid *g, int *w, int *h)
{
    *w = g->w;
    *h = g->h;
}

static VTermKey key_of(uint32_t key)
{
    static const struct {
        uint32_t key;
        VTermKey vterm;
    } keys[] = {{TERM_KEY_UP, VTERM_KEY_UP},
                {TERM_KEY_DOWN, VTERM_KEY_DOWN},
                {TERM_KEY_LEFT, VTERM_KEY_LEFT},
                {TERM_KEY_RIGHT, VTERM_KEY_RIGHT},
                {TERM_KEY_HOME, VTERM_KEY_HOME},
                {TERM_KEY_END, VTERM_KEY_END},
                {TERM_KEY_PAGE_UP, VTERM_KEY_PAGEUP},
                {TERM_KEY_PAGE_DOWN, VTERM_KEY_PAGEDOWN},
                {TERM_KEY_ENTER, VTERM_KEY_ENTER},
                {TERM_KEY_TAB, VTERM_KEY_TAB},
                {TERM_KEY_BACKSPACE, VTERM_KEY_BACKSPACE},
                {TERM_KEY_DELETE, VTERM_KEY_DEL},
                {TERM_KEY_ESCAPE, VTERM_KEY_ESCAPE}};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].key == key)
            return keys[i].vterm;
    if (key >= TERM_KEY_F1 && key <= TERM_KEY_F12)
        return (VTermKey)VTERM_KEY_FUNCTION(key - TERM_KEY_F1 + 1);
    return VTERM_KEY_NONE;
}

void grid_key(struct grid *g, uint32_t key)
{
    g->typing = true;
    if (key == TERM_KEY_BACKTAB)
        vterm_keyboard_key(g->vt, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
    else if (key_of(key) != VTERM_KEY_NONE)
        vterm_keyboard_key(g->vt, key_of(key), VTERM_MOD_NONE);
    else if (key < ' ') /* control keys are their byte */
        vterm_keyboard_unichar(g->vt, key + '`', VTERM_MOD_CTRL);
    else if (key < TERM_KEY_BASE)
        vterm_keyboard_unichar(g->vt, key, VTERM_MOD_NONE);
    g->typing = false;
}

/* The sixteen colours, and how the theme says what they usually mean. */
static const struct {
    uint8_t r, g, b;
    enum role role;
} colours[] = {
    {0, 0, 0, ROLE_FAINT},        {224, 0, 0, ROLE_BAD},
    {0, 224, 0, ROLE_GOOD},       {224, 224, 0, ROLE_WAIT},
    {0, 0, 224, ROLE_INFO},       {224, 0, 224, ROLE_DREAM},
    {0, 224, 224, ROLE_INFO},     {224, 224, 224, ROLE_TEXT},
    {128, 128, 128, ROLE_DIM},    {255, 64, 64, ROLE_BAD},
    {64, 255, 64, ROLE_GOOD},     {255, 255, 64, ROLE_WAIT},
    {64, 64, 255, ROLE_INFO},     {255, 64, 255, ROLE_DREAM},
    {64, 255, 255, ROLE_INFO},    {255, 255, 255, ROLE_TITLE},
};

static enum role role_of_colour(struct grid *g, VTermColor c)
{
    int best = INT32_MAX;
    enum role role = ROLE_TEXT;

    if (VTERM_COLOR_IS_DEFAULT_FG(&c))
        return ROLE_TEXT;
    if (VTERM_COLOR_IS_INDEXED(&c) && c.indexed.idx < 16)
        return colours[c.indexed.idx].role;
    vterm_screen_convert_color_to_rgb(g->screen, &c);
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
        int r = c.rgb.red - colours[i].r, gr = c.rgb.green - colours[i].g,
            b = c.rgb.blue - colours[i].b, d = r * r + gr * gr + b * b;

        if (d < best) {
            best = d;
            role = colours[i].role;
        }
    }
    return role;
}

static void cell_draw(struct canvas *c, int x, int y, int room, struct grid *g,
                      const VTermScreenCell *cell)
{
    unsigned attrs = (cell->attrs.bold ? CELL_BOLD : 0u) |
                     (cell->attrs.reverse ? CELL_REVERSE : 0u);
    char text[VTERM_MAX_CHARS_PER_CELL * 4];
    size_t n = 0;

    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
        n += (size_t)text_encode(cell->chars[i], text + n);
    if (n == 0) {
        text[0] = ' ';
        n = 1;
    }
    /* a background of its own is told from none by reversing */
    if (!VTERM_COLOR_IS_DEFAULT_BG(&cell->bg) && !cell->attrs.reverse)
        attrs |= CELL_REVERSE;
    if (cell->width <= room)
        canvas_text(c, x, y, cell->width ? cell->width : 1, text, n,
                    role_of_colour(g, cell->fg), attrs);
}

void grid_draw(struct canvas *c, struct rect r, struct grid *g, bool cursor)
{
    int h = r.h < g->h ? r.h : g->h, w = r.w < g->w ? r.w : g->w;
    VTermScreenCell cell;
    VTermPos at;

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x += cell.width > 1 ? cell.width : 1) {
            const VTermPos pos = {y, x};

            if (!vterm_screen_get_cell(g->screen, pos, &cell)) {
                cell.width = 1;
                continue;
            }
            if (cell.chars[0] == (uint32_t)-1)
                cell.chars[0] = 0;
            cell_draw(c, r.x + x, r.y + y, w - x, g, &cell);
        }
    vterm_state_get_cursorpos(vterm_obtain_state(g->vt), &at);
    if (!cursor || g->cursor_hidden || at.row >= h || at.col >= w)
        return;
    if (vterm_screen_get_cell(g->screen, at, &cell)) {
        cell.attrs.reverse = !cell.attrs.reverse;
        if (cell.width < 1)
            cell.width = 1;
        cell_draw(c, r.x + at.col, r.y + at.row, w - at.col, g, &cell);
    }
}
