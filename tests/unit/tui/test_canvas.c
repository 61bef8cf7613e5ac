#include "config.h"

#include "tests/support/cm.h"
#include "tui/canvas.h"
#include "tui/render.h"

#define SUN "\xe6\x97\xa5" /* a wide glyph */

static void expect(const struct canvas *c, const char *text)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    render_text(c, &out);
    assert_string_equal(buf_text(&out), text);
    buf_finish(&out);
}

static void begins_blank(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 3, 2, GLYPHS_FULL);
    expect(&c, "\n\n");
    assert_int_equal(canvas_at(&c, 2, 1)->back, ROLE_BACK);
    canvas_finish(&c);
}

static void sizes_are_cut(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 100000, -4, GLYPHS_FULL);
    assert_int_equal(c.w, CANVAS_W_MAX);
    assert_int_equal(c.h, 1);
    canvas_finish(&c);
}

static void clips_at_all_sides(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 4, 3, GLYPHS_FULL);
    canvas_str(&c, -2, 0, "abcdefgh", ROLE_TEXT, 0);
    canvas_str(&c, 0, -1, "x", ROLE_TEXT, 0);
    canvas_str(&c, 0, 3, "x", ROLE_TEXT, 0);
    canvas_str(&c, 900, 1, "x", ROLE_TEXT, 0);
    expect(&c, "cdef\n\n\n");
    canvas_clip(&c, (struct rect){1, 1, 2, 900});
    canvas_str(&c, 0, 1, "abcd", ROLE_TEXT, 0);
    canvas_fill(&c, (struct rect){-5, -5, 50, 50}, ROLE_BAR);
    canvas_str(&c, 0, 2, "abcd", ROLE_TEXT, 0);
    canvas_unclip(&c);
    expect(&c, "cdef\n\n bc\n");
    assert_int_equal(canvas_at(&c, 1, 1)->back, ROLE_BAR);
    assert_int_equal(canvas_at(&c, 3, 1)->back, ROLE_BACK);
    canvas_clip(&c, (struct rect){2, 2, -3, -3});
    canvas_str(&c, 0, 0, "zzzz", ROLE_TEXT, 0);
    expect(&c, "cdef\n\n bc\n");
    canvas_finish(&c);
}

static void wide_glyphs_are_cut_at_borders(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 3, 1, GLYPHS_FULL);
    canvas_str(&c, 0, 0, "a" SUN SUN, ROLE_TEXT, 0);
    expect(&c, "a" SUN "\n");
    canvas_str(&c, 2, 0, SUN, ROLE_TEXT, 0); /* over the right half */
    expect(&c, "a\n");
    canvas_finish(&c);
}

static void what_is_cut_says_so(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 6, 1, GLYPHS_FULL);
    assert_int_equal(canvas_text(&c, 0, 0, 4, "abcd", 4, ROLE_TEXT, 0), 4);
    expect(&c, "abcd\n");
    assert_int_equal(canvas_text(&c, 0, 0, 4, "abcde", 5, ROLE_TEXT, 0), 4);
    expect(&c, "abc…\n");
    canvas_clear(&c); /* half of a wide glyph would be left: none is */
    canvas_text(&c, 0, 0, 4, "a" SUN SUN, 7, ROLE_TEXT, 0);
    expect(&c, "a" SUN "…\n");
    canvas_clear(&c);
    canvas_text(&c, 0, 0, 4, SUN SUN "b", 7, ROLE_TEXT, 0);
    expect(&c, SUN " …\n");
    canvas_clear(&c);
    canvas_text(&c, 0, 0, 1, "ab", 2, ROLE_TEXT, 0);
    canvas_text(&c, 2, 0, 0, "ab", 2, ROLE_TEXT, 0);
    canvas_text(&c, 3, 0, -1, "ab", 2, ROLE_TEXT, 0);
    expect(&c, "…\n");
    canvas_finish(&c);
    canvas_init(&c, 3, 1, GLYPHS_ASCII);
    canvas_text(&c, 0, 0, 3, "abcd", 4, ROLE_TEXT, 0);
    expect(&c, "ab~\n");
    canvas_finish(&c);
}

static void name(struct canvas *c, int columns, const char *s,
                 const char *wanted)
{
    canvas_clear(c);
    canvas_str(c, columns, 0, "|", ROLE_TEXT, 0);
    canvas_name(c, 0, 0, columns, s, strlen(s), ROLE_TEXT, 0);
    expect(c, wanted);
}

static void a_name_keeps_its_end(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 14, 1, GLYPHS_FULL);
    name(&c, 13, "weaver-000012", "weaver-000012|\n");
    name(&c, 13, "weaver-of-things-12", "weaver-…gs-12|\n");
    name(&c, 6, "weaver-12", "wea…12|\n");
    name(&c, 5, "weaver-12", "weav…|\n"); /* too little to tell both */
    name(&c, 0, "weaver-12", "|\n");
    /* no half of a wide glyph, neither before the mark nor behind it */
    name(&c, 10, "aaaaaaaa" SUN SUN, "aaaaa…" SUN SUN "|\n");
    name(&c, 10, "aaaaaaaa" SUN SUN "b", "aaaaa…" SUN "b |\n");
    name(&c, 10, SUN SUN SUN SUN SUN SUN, SUN SUN " …" SUN SUN "|\n");
    canvas_finish(&c);
    /* where each of them is one column, they all fit */
    canvas_init(&c, 14, 1, GLYPHS_ASCII);
    name(&c, 10, SUN SUN SUN SUN SUN SUN, "??????    |\n");
    name(&c, 10, "weaver-of-things-12", "weave~s-12|\n");
    canvas_finish(&c);
}

static void halves_are_not_left_behind(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 4, 1, GLYPHS_FULL);
    canvas_str(&c, 0, 0, SUN SUN, ROLE_TEXT, 0);
    assert_int_equal(canvas_at(&c, 1, 0)->width, 0);
    canvas_str(&c, 1, 0, "x", ROLE_TEXT, 0);
    expect(&c, " x" SUN "\n");
    canvas_str(&c, 2, 0, "y", ROLE_TEXT, 0);
    expect(&c, " xy\n");
    canvas_str(&c, 0, 0, SUN SUN, ROLE_TEXT, 0);
    canvas_str(&c, 1, 0, SUN, ROLE_TEXT, 0); /* over two halves */
    expect(&c, " " SUN "\n");
    canvas_str(&c, 0, 0, SUN SUN, ROLE_TEXT, 0);
    canvas_fill(&c, (struct rect){1, 0, 2, 1}, ROLE_BAR);
    expect(&c, "\n");
    for (int x = 0; x < 4; x++)
        assert_int_equal(canvas_at(&c, x, 0)->width, 1);
    canvas_finish(&c);
}

static void a_combining_mark_goes_with_its_half(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 3, 1, GLYPHS_FULL);
    canvas_str(&c, 0, 0, SUN "\xcc\x81", ROLE_TEXT, 0);
    canvas_str(&c, 1, 0, "x", ROLE_TEXT, 0);
    expect(&c, " x\n");
    canvas_finish(&c);
}

static void marks_have_their_role(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 4, 1, GLYPHS_FULL);
    canvas_str(&c, 0, 0, "a\033b", ROLE_GOOD, CELL_BOLD);
    assert_int_equal(canvas_at(&c, 0, 0)->role, ROLE_GOOD);
    assert_int_equal(canvas_at(&c, 1, 0)->role, ROLE_MARK);
    assert_int_equal(canvas_at(&c, 2, 0)->attrs, CELL_BOLD);
    canvas_finish(&c);
}

static void ascii_has_nothing_else(void **state)
{
    struct canvas c;

    (void)state;
    canvas_init(&c, 40, 5, GLYPHS_ASCII);
    canvas_box(&c, (struct rect){0, 0, 40, 5}, 1, "t\xc3\xaft", "\xce\xa3",
               true);
    canvas_str(&c, 1, 1, "\033\xe6\x97\xa5\xff\xe2\x80\xae \xe2\x86\x92",
               ROLE_TEXT, 0);
    canvas_meter(&c, 1, 2, 9, 0.55, ROLE_GOOD);
    canvas_bar(&c, 12, 2, 9, 0.55, ROLE_GOOD);
    for (int i = 0; i < 9; i++)
        canvas_spark(&c, 22 + i, 2, i / 8.0, ROLE_GOOD);
    for (int y = 0; y < c.h; y++)
        for (int x = 0; x < c.w; x++) {
            assert_in_range(canvas_at(&c, x, y)->cp, 0x20, 0x7e);
            assert_int_equal(canvas_at(&c, x, y)->width, 1);
        }
    canvas_finish(&c);
}

static void meters_bear_any_value(void **state)
{
    static const double values[] = {-1, 0, 0.5, 1, 7, 1e6};
    struct canvas c;

    (void)state;
    canvas_init(&c, 8, 1, GLYPHS_FULL);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        canvas_meter(&c, 0, 0, 8, values[i], ROLE_GOOD);
        canvas_bar(&c, 0, 0, 8, values[i], ROLE_GOOD);
        canvas_spark(&c, 0, 0, values[i], ROLE_GOOD);
    }
    canvas_finish(&c);
}

static void random_drawing_keeps_halves_together(void **state)
{
    uint32_t seed = 7;
    struct canvas c;

    (void)state;
    canvas_init(&c, 13, 5, GLYPHS_FULL);
    for (int i = 0; i < 20000; i++) {
        struct rect r = {
            (int)(cm_random(&seed) % 20) - 3, (int)(cm_random(&seed) % 9) - 2,
            (int)(cm_random(&seed) % 9), (int)(cm_random(&seed) % 4)};

        switch (cm_random(&seed) % 6) {
        case 0:
            canvas_clip(&c, r);
            break;
        case 1:
            canvas_fill(&c, r, ROLE_BAR);
            break;
        case 2:
            canvas_box(&c, r, 1, SUN SUN "x", "n", false);
            break;
        case 3:
            canvas_unclip(&c);
            break;
        default:
            canvas_str(&c, r.x, r.y, i % 2 ? SUN "a" SUN : "ab" SUN, ROLE_TEXT,
                       0);
        }
        for (int y = 0; y < c.h; y++) {
            for (int x = 0; x < c.w; x++) {
                int w = canvas_at(&c, x, y)->width;

                if (w == 2)
                    assert_true(x + 1 < c.w &&
                                canvas_at(&c, x + 1, y)->width == 0);
                if (w == 0)
                    assert_true(x > 0 && canvas_at(&c, x - 1, y)->width == 2);
            }
        }
    }
    canvas_finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_blank),
        cmocka_unit_test(sizes_are_cut),
        cmocka_unit_test(clips_at_all_sides),
        cmocka_unit_test(wide_glyphs_are_cut_at_borders),
        cmocka_unit_test(what_is_cut_says_so),
        cmocka_unit_test(a_name_keeps_its_end),
        cmocka_unit_test(halves_are_not_left_behind),
        cmocka_unit_test(a_combining_mark_goes_with_its_half),
        cmocka_unit_test(marks_have_their_role),
        cmocka_unit_test(ascii_has_nothing_else),
        cmocka_unit_test(meters_bear_any_value),
        cmocka_unit_test(random_drawing_keeps_halves_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
