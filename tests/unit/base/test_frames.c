#include "config.h"

#include "base/frames.h"

#include "base/wire.h"
#include "tests/support/cm.h"

#include <stdio.h>

static struct buf in, stream;
static char got[400];
static int left; /* frames that are wanted yet; -1: all */

static bool keep(uint8_t type, const char *p, size_t n, void *arg)
{
    size_t len = strlen(got);

    assert_ptr_equal(arg, got);
    snprintf(got + len, sizeof got - len, "%d<%.*s>", type, (int)n, p);
    return left < 0 || --left > 0;
}

static void frame(uint8_t type, const char *text)
{
    struct wire_head head = {.type = type, .len = (uint32_t)strlen(text)};

    buf_add(&stream, (const char *)&head, sizeof head);
    buf_add(&stream, text, head.len);
}

static int setup(void **state)
{
    (void)state;
    buf_init(&in, 1u << 20);
    buf_init(&stream, 1u << 20);
    got[0] = '\0';
    left = -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_finish(&in);
    buf_finish(&stream);
    return 0;
}

static void in_any_pieces_the_same_frames(void **state)
{
    (void)state;
    frame(WIRE_HELLO, "a");
    frame(WIRE_OUTPUT, "");
    frame(WIRE_EXIT, "some more");
    for (size_t piece = 1; piece <= stream.len; piece++) {
        got[0] = '\0';
        for (size_t at = 0; at < stream.len; at += piece)
            assert_true(frames_add(
                &in, stream.ptr + at,
                stream.len - at < piece ? stream.len - at : piece, keep, got));
        assert_string_equal(got, "64<a>65<>67<some more>");
        assert_int_equal(in.len, 0);
    }
}

static void no_more_than_is_wanted(void **state)
{
    (void)state;
    frame(1, "a");
    frame(2, "b");
    frame(3, "c");
    left = 2;
    assert_true(frames_add(&in, stream.ptr, stream.len, keep, got));
    assert_string_equal(got, "1<a>2<b>");
}

static void what_is_no_frame_is_told(void **state)
{
    struct wire_head head = {.type = WIRE_OUTPUT, .len = WIRE_FRAME_MAX + 65};

    (void)state;
    frame(1, "a");
    buf_add(&stream, (const char *)&head, sizeof head);
    assert_false(frames_add(&in, stream.ptr, stream.len, keep, got));
    assert_string_equal(got, "1<a>"); /* what came before was one */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(in_any_pieces_the_same_frames),
        T(no_more_than_is_wanted),
        T(what_is_no_frame_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
