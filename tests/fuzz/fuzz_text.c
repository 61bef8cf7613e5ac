/*
 * Any bytes through the text gate and onto a canvas: what comes out is valid
 * UTF-8 of the canvas's size, without control bytes but newlines, in text,
 * ANSI (where Esc begins only colours) and SVG.
 *
 * Byte 0  bits 0-1 glyph set, the rest where the text begins (from -4)
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tui/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define W 40
#define H 3

static void check(bool ok)
{
    if (!ok)
        abort();
}

/* Width by the gate itself: marks must be stable, so nothing is one now. */
static void check_clean(const char *s, size_t len)
{
    int rows = 0;

    while (len > 0) {
        const char *end = memchr(s, '\n', len);
        size_t n;

        check(end != NULL);
        n = (size_t)(end - s);
        for (size_t i = 0; i < n; i++)
            check((unsigned char)s[i] >= 0x20 && s[i] != 0x7f);
        check(text_width(s, n) <= W);
        rows++;
        s += n + 1;
        len -= n + 1;
    }
    check(rows == H);
}

static void check_gate(const char *s, size_t len)
{
    struct glyph g;
    size_t n, all = 0;
    int w;

    for (const char *at = s; (n = text_next(at, len - all, &g)) > 0; at += n) {
        all += n;
        check(all <= len);
        check(g.width == 1 || g.width == 2);
        check(g.base >= 0x20 && !(g.base >= 0x7f && g.base < 0xa0));
        check(!(g.base >= 0x202a && g.base <= 0x202e));
    }
    check(all == len);
    check(text_fit(s, len, 10, &w) <= len && w <= 10);
}

static void check_escapes(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] != '\033')
            continue;
        check(i + 1 < len && s[i + 1] == '[');
        for (i += 2; i < len && s[i] != 'm'; i++)
            check((s[i] >= '0' && s[i] <= '9') || s[i] == ';');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = (const char *)data + 1;
    struct canvas c;
    struct buf out;
    int x;

    if (size < 1)
        return 0;
    size--;
    check_gate(s, size);
    canvas_init(&c, W, H, (enum glyph_set)(data[0] % 3));
    x = (int)(data[0] >> 2) - 4;
    canvas_text(&c, x, 0, W, s, size, ROLE_TEXT, 0);
    canvas_fmt(&c, x, 1, W, ROLE_DIM, CELL_BOLD, "%.*s", (int)(size % 2000), s);
    canvas_clip(&c, (struct rect){x, 2, 5, 1});
    canvas_text(&c, x - 1, 2, W, s, size, ROLE_INFO, 0);
    canvas_text(&c, x, 2, 3, s, size, ROLE_INFO, 0);
    buf_init(&out, 1 << 20);
    render_text(&c, &out);
    check_clean(buf_text(&out), out.len);
    buf_clear(&out);
    render_ansi(&c, theme_mono(), TERM_TRUE, &out);
    check_escapes(buf_text(&out), out.len);
    buf_clear(&out);
    render_svg(&c, theme_mono(), &out);
    check(!out.over);
    buf_finish(&out);
    canvas_finish(&c);
    return 0;
}
