#include "config.h"

#include "tui/render.h"

/* One letter per role; ' ' is a blank cell. */
static const char letters[ROLE_COUNT] = {
    [ROLE_TEXT] = '.',   [ROLE_DIM] = 'd',    [ROLE_FAINT] = 'f',
    [ROLE_TITLE] = 't',  [ROLE_FOCUS] = 'o',  [ROLE_GOOD] = 'g',
    [ROLE_WAIT] = 'w',   [ROLE_BAD] = 'b',    [ROLE_INFO] = 'i',
    [ROLE_DREAM] = 'm',  [ROLE_KEY] = 'k',    [ROLE_MARK] = '!',
    [ROLE_TRACK] = '_',  [ROLE_INK] = 'n',    [ROLE_BAR] = '-',
    [ROLE_SELECT] = '>', [ROLE_BACK] = ',',   [ROLE_RAMP_0] = '0',
    [ROLE_RAMP_1] = '1', [ROLE_RAMP_2] = '2', [ROLE_RAMP_3] = '3',
    [ROLE_RAMP_4] = '4', [ROLE_RAMP_5] = '5', [ROLE_RAMP_6] = '6',
    [ROLE_RAMP_7] = '7', [ROLE_RAMP_8] = '8', [ROLE_RAMP_9] = '9',
    [ROLE_HUE_0] = 'A',  [ROLE_HUE_1] = 'B',  [ROLE_HUE_2] = 'C',
    [ROLE_HUE_3] = 'D',  [ROLE_HUE_4] = 'E',  [ROLE_HUE_5] = 'F',
    [ROLE_HUE_6] = 'G',  [ROLE_HUE_7] = 'H',  [ROLE_HUE_8] = 'I',
    [ROLE_HUE_9] = 'J',
};

static bool is_blank(const struct cell *cell)
{
    return cell->cp == ' ' && cell->combining[0] == 0;
}

static void trim_row(struct buf *out, size_t start)
{
    while (out->len > start && out->ptr[out->len - 1] == ' ')
        out->ptr[--out->len] = '\0';
    buf_char(out, '\n');
}

void render_cell_text(const struct cell *cell, struct buf *out)
{
    char utf8[4];

    buf_add(out, utf8, (size_t)text_encode(cell->cp, utf8));
    for (int i = 0; i < TEXT_COMBINING && cell->combining[i] != 0; i++)
        buf_add(out, utf8, (size_t)text_encode(cell->combining[i], utf8));
}

void render_text(const struct canvas *c, struct buf *out)
{
    for (int y = 0; y < c->h; y++) {
        size_t start = out->len;

        for (int x = 0; x < c->w; x++)
            if (canvas_at(c, x, y)->width > 0)
                render_cell_text(canvas_at(c, x, y), out);
        trim_row(out, start);
    }
}

static char role_letter(const struct cell *cell)
{
    return is_blank(cell) && cell->width > 0 ? ' ' : letters[cell->role];
}

static char back_letter(const struct cell *cell)
{
    return cell->back == ROLE_BACK ? ' ' : letters[cell->back];
}

static char attr_letter(const struct cell *cell)
{
    return " br*"[cell->attrs & (CELL_BOLD | CELL_REVERSE)];
}

static void render_letters(const struct canvas *c,
                           char (*letter)(const struct cell *cell),
                           struct buf *out)
{
    for (int y = 0; y < c->h; y++) {
        size_t start = out->len;

        for (int x = 0; x < c->w; x++)
            buf_char(out, letter(canvas_at(c, x, y)));
        trim_row(out, start);
    }
}

void render_roles(const struct canvas *c, struct buf *out)
{
    buf_str(out, "== roles\n");
    render_letters(c, role_letter, out);
    buf_str(out, "== backgrounds\n");
    render_letters(c, back_letter, out);
    buf_str(out, "== attributes\n");
    render_letters(c, attr_letter, out);
}
