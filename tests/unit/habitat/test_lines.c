#include "config.h"

#include "habitat/lines.h"

#include "tests/support/cm.h"

static struct buf told;
static struct lines l;

static void on_line(struct span s, void *arg)
{
    (void)arg;
    buf_str(&told, "[");
    buf_add(&told, s.p, s.n);
    buf_str(&told, "]");
}

static void on_osc(int number, struct span s, void *arg)
{
    (void)arg;
    buf_fmt(&told, "<%d:", number);
    buf_add(&told, s.p, s.n);
    buf_str(&told, ">");
}

static void on_bell(void *arg)
{
    (void)arg;
    buf_str(&told, "!");
}

static void on_screen(void *arg)
{
    (void)arg;
    buf_str(&told, "{screen}");
}

static const struct lines_calls calls = {on_line, on_osc, on_bell, on_screen,
                                         NULL};

static int setup(void **state)
{
    (void)state;
    buf_init(&told, 1u << 20);
    lines_init(&l, &calls);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lines_finish(&l);
    buf_finish(&told);
    return 0;
}

/* As its owner does: what is left after a turn to the screen comes again. */
static void feed(const char *p, size_t n)
{
    while (n > 0) {
        size_t took = lines_feed(&l, p, n);

        if (took < n && l.screen) /* the byte that turned is the emulator's */
            took++;
        p += took;
        n -= took;
    }
}

static void same(const char *text, const char *want)
{
    lines_finish(&l);
    lines_init(&l, &calls);
    buf_clear(&told);
    feed(text, strlen(text));
    lines_flush(&l);
    assert_string_equal(buf_text(&told), want);
}

static void test_lines(void **state)
{
    (void)state;
    same("a\nb\r\n\nc", "[a][b][][c]");
    same("10%\r50%\r100%\n", "[100%]");
    same("abc\rX\n", "[Xbc]");
    same("ab\bc\n", "[ac]");
    same("a\xc3\xa9\bx\n", "[ax]");
    same("\b\b\bx\n", "[x]");
    same("abcd\r\xe2\x94\x80\xc3\xa9\n", "[\xe2\x94\x80\xc3\xa9" "cd]");
    same("\xe2\x94\x80\xc3\xa9z\rab\n", "[abz]");
    same("a\tb\x01\x02\x7f\n", "[a\tb]");
    same("x\a", "![x]");
}

static void test_sequences(void **state)
{
    (void)state;
    same("\x1b[31mred\x1b[0m \x1b[1;38;2;1;2;3mx\n", "[red x]");
    same("long\r\x1b[Kab\n", "[ab]");
    same("long\x1b[2Kab\n", "[ab]");
    same("\x1b[?25lx\x1b[?25h\n", "[x]");
    same("\x1b(Bx\x1b)0\n", "[x]");
    same("\x1bP1;2|junk\x1b\\x\n", "[x]");
    same("\x1b[1;2\nmx\n", "[][x]"); /* controls work inside */
}

static void test_osc(void **state)
{
    (void)state;
    same("\x1b]0;title\ax\n", "<0:title>[x]");
    same("\x1b]633;a;b\x1b\\x\n", "<633:a;b>[x]");
    same("\x1b]junk\ax\n", "[x]");
    same("\x1b];\ax\n", "[x]");
    same("\x1b]0;half\x1b[31mx\n", "<0:half>[x]");
    same("\x1b]99999999999;x\ay\n", "[y]");
}

static void test_screen(void **state)
{
    (void)state;
    same("a\nb\x1b[?1049hc\nd\n", "[a][b]{screen}");
    same("\x1b[2Jx\n\x1b]2;t\a\a", "{screen}<2:t>!");
    same("\x1b[6n", "{screen}");
    same("\x1b[>4q", "{screen}");
    assert_true(l.screen);
}

/* However long a line is, it comes in pieces that fit. */
static void test_long(void **state)
{
    char many[1000];

    (void)state;
    memset(many, 'x', sizeof many);
    for (int i = 0; i < 40; i++)
        feed(many, sizeof many);
    lines_flush(&l);
    assert_int_equal(told.len, 40000 + 2 * 3);
    buf_clear(&told);
    feed("\x1b]0;", 4);
    for (int i = 0; i < 40; i++)
        feed(many, sizeof many);
    feed("\aok\n", 4);
    assert_string_equal(buf_text(&told), "[ok]"); /* too long for a title */
}

static void test_property_cuts(void **state)
{
    static const char *const pieces[] = {
        "abc", "\r", "\n", "\b", "\x1b[31m", "\x1b[K", "\x1b[2K", "\x1b]0;t",
        "\a", "\x1b\\", "\x1b", "[", "]", "\xc3\xa9", "\x1bP", "\x1b[?25l",
        "\x1b[?1049h", "\x1b(B", "12;", "m"};
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct buf text, first;

        buf_init(&text, 4096);
        buf_init(&first, 65536);
        for (int i = 0; i < 40; i++)
            buf_str(&text, pieces[cm_random(&seed) % 20]);
        for (int way = 0; way < 2; way++) {
            lines_finish(&l);
            lines_init(&l, &calls);
            buf_clear(&told);
            for (size_t i = 0; i < text.len;) {
                size_t n = way ? 1 + cm_random(&seed) % 4 : text.len;

                n = n > text.len - i ? text.len - i : n;
                feed(text.ptr + i, n);
                i += n;
            }
            lines_flush(&l);
            if (way == 0)
                buf_add(&first, buf_text(&told), told.len);
        }
        assert_string_equal(buf_text(&told), buf_text(&first));
        buf_finish(&text);
        buf_finish(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_lines), T(test_sequences), T(test_osc), T(test_screen),
        T(test_long),  T(test_property_cuts),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
