/* What every text from outside passes before a cell shows it. */
#include "config.h"

#include "tests/support/cm.h"
#include "tui/text.h"

static struct glyph first(const char *s, size_t len, size_t *used)
{
    struct glyph g = {0};

    *used = text_next(s, len, &g);
    return g;
}

static void check(const char *s, size_t used, uint32_t base, int width,
                  bool mark)
{
    size_t n;
    struct glyph g = first(s, strlen(s), &n);

    assert_int_equal(n, used);
    assert_int_equal(g.base, base);
    assert_int_equal(g.width, width);
    assert_int_equal(g.mark, mark);
}

static void plain_text_is_itself(void **state)
{
    (void)state;
    check("a", 1, 'a', 1, false);
    check("\xc3\xa4z", 2, 0xe4, 1, false);
    assert_int_equal(text_width("", 0), 0);
    assert_int_equal(text_width("abc", 3), 3);
    assert_true(text_clean("abc \xc3\xa4", 6));
}

static void control_bytes_become_marks(void **state)
{
    struct glyph g;
    size_t n;

    (void)state;
    for (int c = 0; c < 0x20; c++) {
        char s[1] = {(char)c};

        g = first(s, 1, &n);
        assert_int_equal(n, 1);
        assert_int_equal(g.base, c == '\t' ? ' ' : 0x2400 + c);
        assert_int_equal(g.mark, c != '\t');
    }
    check("\x7f", 1, 0x2421, 1, true);
    check("\033[31m", 1, 0x241b, 1, true);
    assert_false(text_clean("a\nb", 3));
}

static void c1_controls_become_marks(void **state)
{
    (void)state;
    for (int c = 0x80; c < 0xa0; c++) {
        char s[3] = {(char)0xc2, (char)c, 0};

        check(s, 2, 0xb7, 1, true);
    }
    check("\x9b\x33\x31m", 1, 0xfffd, 1, true); /* a bare CSI byte */
}

static void bidi_and_invisible_become_marks(void **state)
{
    static const char *const texts[] = {
        "\xe2\x80\xae", "\xe2\x80\x8f", "\xe2\x81\xa6",    "\xd8\x9c",
        "\xe2\x80\x8b", "\xe2\x81\xa0", "\xef\xbb\xbf",    "\xc2\xad",
        "\xe2\x80\xa8", "\xe2\x80\x8d", "\xf3\xa0\x81\x81"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check(texts[i], strlen(texts[i]), 0xb7, 1, true);
    /* also after a letter: it must not hide in its cluster */
    assert_int_equal(text_width("a\xe2\x80\xae"
                                "b",
                                5),
                     3);
    assert_false(text_clean("a\xe2\x80\xae"
                            "b",
                            5));
}

static void invalid_utf8_becomes_marks(void **state)
{
    (void)state;
    check("\xff", 1, 0xfffd, 1, true);
    check("\xc0\xaf", 1, 0xfffd, 1, true);         /* overlong */
    check("\xed\xa0\x80", 1, 0xfffd, 1, true);     /* surrogate */
    check("\xe2\x82", 1, 0xfffd, 1, true);         /* cut */
    check("\xf4\x90\x80\x80", 1, 0xfffd, 1, true); /* beyond the end */
    assert_int_equal(text_width("a\xff\xfe"
                                "b",
                                4),
                     4);
}

static void combining_marks_are_bounded(void **state)
{
    static const char zalgo[] = "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84"
                                "x";
    struct glyph g;
    size_t n;

    (void)state;
    g = first(zalgo, strlen(zalgo), &n);
    assert_int_equal(n, 9);
    assert_int_equal(g.base, 'e');
    assert_int_equal(g.width, 1);
    assert_int_equal(g.combining[0], 0x301);
    assert_int_equal(g.combining[TEXT_COMBINING - 1], 0x302);
    check("\xcc\x81x", 2, 0xb7, 1, true); /* nothing to stand on */
}

static void clusters_are_their_first_code_point(void **state)
{
    struct glyph g;
    size_t n;
    /* woman, joiner, laptop */
    static const char joined[] = "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb";
    /* thumb, skin */
    static const char skin[] = "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd";

    (void)state;
    g = first(joined, strlen(joined), &n);
    assert_int_equal(n, strlen(joined));
    assert_int_equal(g.base, 0x1f469);
    assert_int_equal(g.width, 2);
    assert_int_equal(g.combining[0], 0);
    g = first(skin, strlen(skin), &n);
    assert_int_equal(n, strlen(skin));
    assert_int_equal(g.base, 0x1f44d);
}

static void wide_glyphs_take_two(void **state)
{
    int w;

    (void)state;
    check("\xe6\x97\xa5", 3, 0x65e5, 2, false);
    assert_int_equal(text_fit("\xe6\x97\xa5\xe6\x9c\xac", 6, 3, &w), 3);
    assert_int_equal(w, 2);
    assert_int_equal(text_fit("abc", 3, 0, &w), 0);
    assert_int_equal(text_fit("abc", 3, 9, NULL), 3);
}

static void what_is_encoded_is_read_back(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char s[4];
        struct glyph g;
        int n;

        if (cp >= 0xd800 && cp < 0xe000)
            continue;
        n = text_encode(cp, s);
        assert_int_equal(text_next(s, (size_t)n, &g), n);
        assert_true(g.width == 1 || g.width == 2);
        if (!g.mark && cp != '\t')
            assert_int_equal(g.base, cp);
        if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
            assert_true(g.mark || cp == '\t');
    }
}

static void what_is_printed_has_no_control_bytes(void **state)
{
    FILE *f = tmpfile();
    char got[64] = "";

    (void)state;
    assert_non_null(f);
    text_print(f, "a\x1b[2J\nb\xff e\xcc\x81");
    text_print(f, "");
    rewind(f);
    assert_non_null(fgets(got, sizeof got, f));
    fclose(f);
    assert_string_equal(got, "a␛[2J␊b\xef\xbf\xbd e");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_itself),
        cmocka_unit_test(control_bytes_become_marks),
        cmocka_unit_test(c1_controls_become_marks),
        cmocka_unit_test(bidi_and_invisible_become_marks),
        cmocka_unit_test(invalid_utf8_becomes_marks),
        cmocka_unit_test(combining_marks_are_bounded),
        cmocka_unit_test(clusters_are_their_first_code_point),
        cmocka_unit_test(wide_glyphs_take_two),
        cmocka_unit_test(what_is_encoded_is_read_back),
        cmocka_unit_test(what_is_printed_has_no_control_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
