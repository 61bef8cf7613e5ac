#include "config.h"

#include <locale.h>

#include "tests/support/cm.h"
#include "tui/render.h"

#define SUN "\xe6\x97\xa5"

static struct theme moss;

static void draw(struct canvas *c)
{
    canvas_init(c, 8, 2, GLYPHS_FULL);
    canvas_str(c, 0, 0, "a<&" SUN, ROLE_GOOD, CELL_BOLD);
    canvas_fill(c, (struct rect){0, 1, 3, 1}, ROLE_RAMP_9);
    canvas_str(c, 0, 1, ".9", ROLE_INK, CELL_REVERSE);
}

static void check(void (*render)(const struct canvas *c, struct buf *out),
                  const char *want)
{
    struct canvas c;
    struct buf out;

    buf_init(&out, 1 << 20);
    draw(&c);
    render(&c, &out);
    assert_string_equal(buf_text(&out), want);
    buf_finish(&out);
    canvas_finish(&c);
}

static void text(void **state)
{
    (void)state;
    check(render_text, "a<&" SUN "\n.9\n");
}

static void roles(void **state)
{
    (void)state;
    check(render_roles, "== roles\nggggg\nnn\n"
                        "== backgrounds\n\n999\n"
                        "== attributes\nbbbbb\nrr\n");
}

static void ansi_true(const struct canvas *c, struct buf *out)
{
    render_ansi(c, &moss, TERM_TRUE, out);
}

static void ansi_256(const struct canvas *c, struct buf *out)
{
    render_ansi(c, &moss, TERM_256, out);
}

static void ansi_16(const struct canvas *c, struct buf *out)
{
    render_ansi(c, &moss, TERM_16, out);
}

static void ansi_mono(const struct canvas *c, struct buf *out)
{
    render_ansi(c, &moss, TERM_MONO, out);
}

static void ansi(void **state)
{
    (void)state;
    check(ansi_true, "\033[0;1;38;2;127;209;139;48;2;15;21;18ma<&" SUN
                     "\033[0;38;2;201;212;197;48;2;15;21;18m   \033[0m\n"
                     "\033[0;7;38;2;15;21;18;48;2;244;73;63m.9"
                     "\033[0;38;2;201;212;197;48;2;244;73;63m "
                     "\033[0;38;2;201;212;197;48;2;15;21;18m     \033[0m\n");
    check(ansi_256, "\033[0;1;38;5;114;48;5;233ma<&" SUN
                    "\033[0;38;5;252;48;5;233m   \033[0m\n"
                    "\033[0;7;38;5;233;48;5;203m.9"
                    "\033[0;38;5;252;48;5;203m "
                    "\033[0;38;5;252;48;5;233m     \033[0m\n");
    check(ansi_mono, "\033[0;1ma<&" SUN "\033[0m   \033[0m\n"
                     "\033[0;1m.9\033[0;1;7m \033[0m     \033[0m\n");
    check(ansi_16, "\033[0;1;32;40ma<&" SUN "\033[0;37;40m   \033[0m\n"
                   "\033[0;7;30;101m.9\033[0;37;101m \033[0;37;40m     "
                   "\033[0m\n");
}

static void svg(void **state)
{
    struct canvas c;
    struct buf a, b;

    (void)state;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    draw(&c);
    render_svg(&c, &moss, &a);
    setlocale(LC_ALL, "de_DE.UTF-8"); /* numbers must not follow it */
    render_svg(&c, &moss, &b);
    setlocale(LC_ALL, "C");
    assert_string_equal(buf_text(&a), buf_text(&b));
    assert_non_null(strstr(buf_text(&a), ">a&lt;&amp;</text>"));
    assert_non_null(strstr(buf_text(&a), ">" SUN "</text>"));
    assert_non_null(strstr(buf_text(&a), "fill=\"#f4493f\""));
    assert_non_null(strstr(buf_text(&a), "</svg>\n"));
    buf_finish(&a);
    buf_finish(&b);
    canvas_finish(&c);
}

static void largest_frames_fit(void **state)
{
    struct canvas c;
    struct buf a, s, t;

    (void)state;
    canvas_init(&c, CANVAS_W_MAX, CANVAS_H_MAX, GLYPHS_FULL);
    buf_init(&t, 1 << 20);
    buf_init(&a, 8 << 20);
    buf_init(&s, 32 << 20);
    for (int y = 0; y < c.h; y++)
        for (int x = 0; x < c.w; x++)
            canvas_str(&c, x, y, "\xe2\x97\x8f\xcc\x81\xcc\x82",
                       (enum role)(x % 10 + ROLE_HUE_0), x % 4);
    render_text(&c, &t);
    render_ansi(&c, &moss, TERM_TRUE, &a);
    render_svg(&c, &moss, &s);
    assert_false(t.over || a.over || s.over);
    buf_finish(&t);
    buf_finish(&a);
    buf_finish(&s);
    canvas_finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),
        cmocka_unit_test(roles),
        cmocka_unit_test(ansi),
        cmocka_unit_test(svg),
        cmocka_unit_test(largest_frames_fit),
    };

    if (theme_load("moss", &moss, NULL) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
